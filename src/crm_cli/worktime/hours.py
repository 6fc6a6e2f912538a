"""Opening hours as an office writes them: `09:00-12:00`, several a day, over midnight, by days of the week."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from crm_cli.errors import UsageError
from crm_cli.language import _
from crm_cli.names import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from crm_cli.worktime.calendar import Periods

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOLIDAY, MADE_UP, CLOSED = "holiday", "made_up", "closed"
DAY = 1440
_PERIOD = re.compile(r"([0-9]{1,2}:[0-9]{2}) ?- ?([0-9]{1,2}:[0-9]{2})")
_CLOCK = re.compile(r"([0-9]{1,2}):([0-5][0-9])")


def clock(text: str) -> int:
    """Answer the minutes after midnight of a time of day, 24:00 being the end of it; UsageError for another text."""
    match = _CLOCK.fullmatch(text)
    minutes = int(match[1]) * 60 + int(match[2]) if match else DAY + 1
    if minutes > DAY:
        what = _("'{text}' is not a time of day").format(text=shown(text))
        raise UsageError(what, fix=_("write it like 09:00, in quotes"))
    return minutes


def periods(texts: Any) -> Periods:
    """Answer the hours that a text or a list of texts says; an end before its beginning is on the next day."""
    listed = [texts] if isinstance(texts, str) else texts
    if listed == [CLOSED]:
        return ()
    found = tuple(_period(text) for text in listed)
    for (_begins, ends), (begins, _ends) in pairwise(found):
        if begins < ends:
            what = _("the hours {texts} overlap").format(texts=", ".join(listed))
            raise UsageError(what, fix=_("write them in their order, the one after midnight last"))
    return found


def _period(text: str) -> tuple[int, int]:
    match = _PERIOD.fullmatch(text)
    if match is None:
        what = _("'{text}' are no hours").format(text=shown(text))
        raise UsageError(what, fix=_('write them like "09:00-18:00", or closed'))
    begins, ends = clock(match[1]), clock(match[2])
    return (begins, ends) if begins < ends else (begins, ends + DAY)


def days(text: str) -> tuple[int, ...]:
    """Answer the days of the week that `mon` or `mon-fri` names, Monday being 0; UsageError for another text."""
    first, dash, last = text.partition("-")
    if first not in WEEK or (dash and last not in WEEK) or (dash and WEEK.index(first) >= WEEK.index(last)):
        what = _("'{text}' is no day of the week").format(text=shown(text))
        raise UsageError(what, fix=_("write mon to sun, days in a row like mon-fri; holiday and made_up for those"))
    return tuple(range(WEEK.index(first), WEEK.index(last if dash else first) + 1))


def week(told: Mapping[str, Any]) -> tuple[Periods, ...]:
    """Answer the hours of Monday to Sunday; a day that is not named is closed, one named twice has the later hours."""
    found: list[Periods] = [()] * len(WEEK)
    for name, hours in told.items():
        if name not in (HOLIDAY, MADE_UP):
            for day in days(name):
                found[day] = periods(hours)
    return tuple(found)


def text(hours: Iterable[tuple[int, int]]) -> str:
    """Answer hours as they are written; empty where it is closed."""
    return ", ".join(f"{_told(begins)}-{_told(ends if ends <= DAY else ends - DAY)}" for begins, ends in hours)


def _told(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
