"""Limits as a rulebook writes them: read strictly, told in one canonical text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from crm_cli.errors import UsageError
from crm_cli.language import _
from crm_cli.names import shown

MOST = {"minutes": 9999, "hours": 9999, "days": 3660, "working days": 2500, "working hours": 9999, "months": 1200}
MOST |= {"years": 100}  # what is longer is a slip; and the years of a clock end some day
WORDS = ("end of work", "end of period", "unset")
EXAMPLES = (
    "24h", "10 minutes", "3 days", "1 working day", "5 working hours", "1 month", "10 years", "day 10 of next month",
    "end of work", "10:00 next working day", "end of period", "unset",
)  # fmt: skip
_AMOUNT = re.compile(r"([0-9]{1,4}) ?(h|hours?|minutes?|days?|working days?|working hours?|months?|years?)")
_NEXT_MONTH = re.compile(r"day ([0-9]{1,2}) of next month")
_NEXT_DAY = re.compile(r"([0-9]{1,2}):([0-9]{2}) next working day")
_AFTER = re.compile(r"(.+) after ([a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)?)")
LAST_DAY, LAST_HOUR, LAST_MINUTE = 31, 23, 59


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit: its unit, how many of it (a day of the month, minutes after midnight), and from which field it runs."""

    unit: str
    amount: int = 0
    after: str | None = None

    @property
    def text(self) -> str:
        """Answer the one text that a policy's meaning is hashed from."""
        return _told(self) + (f" after {self.after}" if self.after else "")


@lru_cache(1000)
def limit(text: str) -> Limit:
    """Answer the limit that a text says; UsageError, with the nearest that there is, for any other text."""
    whole, _after, field = text, "", None
    if match := _AFTER.fullmatch(text):
        whole, field = match[1], match[2]
    found = _read(whole)
    if found is None:
        raise UsageError(_("'{text}' is not a limit").format(text=shown(text)), fix=_fix(whole))
    return Limit(*found, field)


def _read(text: str) -> tuple[str, int] | None:
    if text in WORDS:
        return text, 0
    if match := _NEXT_MONTH.fullmatch(text):
        day = int(match[1])
        return ("day of next month", day) if 1 <= day <= LAST_DAY else None
    if match := _NEXT_DAY.fullmatch(text):
        hour, minute = int(match[1]), int(match[2])
        return ("next working day", hour * 60 + minute) if hour <= LAST_HOUR and minute <= LAST_MINUTE else None
    return _amount(text)


def _amount(text: str) -> tuple[str, int] | None:
    """Answer a number of units: at least one, but `0 days` is the end of the day itself; None for what is no such."""
    match = _AMOUNT.fullmatch(text)
    if match is None or (" " not in text and match[2] != "h"):
        return None
    unit = "hours" if match[2] == "h" else match[2].removesuffix("s") + "s"
    amount = int(match[1])
    return (unit, amount) if (0 if unit == "days" else 1) <= amount <= MOST[unit] else None


def _told(one: Limit) -> str:
    if one.unit == "hours":
        return f"{one.amount}h"
    if one.unit == "day of next month":
        return f"day {one.amount} of next month"
    if one.unit == "next working day":
        return f"{one.amount // 60:02d}:{one.amount % 60:02d} next working day"
    if one.unit in WORDS:
        return one.unit
    return f"{one.amount} {one.unit.removesuffix('s') if one.amount == 1 else one.unit}"


def _fix(text: str) -> str:
    """Answer the nearest limit that there is, with the number that was typed; else examples of all."""
    from difflib import get_close_matches  # noqa: PLC0415 - only a mistake needs it

    number = re.search(r"[0-9]+", text)
    shapes = {re.sub("[0-9:]+", "N", example): example for example in EXAMPLES}
    shapes |= {"Nmin": "10 minutes", "Nd": "3 days", "N hours": "24h", "N business days": "2 working days"}
    near = get_close_matches(re.sub("[0-9:]+", "N", text.lower()), shapes, n=1)
    if near:
        with_number = re.sub("[0-9]+", number[0].lstrip("0") or "1", shapes[near[0]], count=1) if number else ""
        told = with_number if with_number and _read(with_number) else shapes[near[0]]
        found = _read(told)
        if found:
            return _("did you mean '{near}'?").format(near=Limit(*found).text)
    return _("write one like: {words}").format(words=", ".join(EXAMPLES))
