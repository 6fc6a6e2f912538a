"""What a cell says behind the habits of spreadsheets, and how a cell is written so that they leave it alone."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta

BLANKS = dict.fromkeys(map(ord, "\u00a0\u3000\u2007\u202f\t\r\n"), " ") | dict.fromkeys(map(ord, "\u200b\ufeff"), "")
AS_TEXT = re.compile(r'="((?:[^"]|"")*)"')
SHORTENED = re.compile(r"[0-9]+(?:[.,][0-9]+)?E\+?[0-9]+", re.IGNORECASE)
EATEN = re.compile(r"[+-]?[0-9][0-9 .,/:()Ee+-]*%?")  # what a spreadsheet takes for a number, a day or a time
PLAIN = re.compile(r"0|[1-9][0-9]{0,10}")  # a number that it shows as it is
FORMULA = re.compile(r"['=+@\t\r-]")
DAY = re.compile(r"(\d{4})([-/.年])(\d{1,2})[-/.月](\d{1,2})日?")
HOUR = re.compile(
    r"(上午|下午|AM|PM)?\s*(\d{1,2})[:时時点點](\d{1,2})?(?:[:分](\d{1,2})?)?秒?\s*(AM|PM)?", re.IGNORECASE
)
SERIAL = re.compile(r"\d{5}(?:\.\d+)?")
FIRST = datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet knows no zone
NOON = 12


def cleaned(text: str) -> str:
    """Answer what a cell says: on one line, without odd blanks, without what only tells that it is a text."""
    if text.isalnum():
        return text
    plain = text.replace("\r\n", "\n").translate(BLANKS).strip()
    if found := AS_TEXT.fullmatch(plain):
        return found[1].replace('""', '"').strip()
    return plain[1:].strip() if plain.startswith("'") else plain


def shortened(text: str) -> bool:
    """Answer whether a spreadsheet wrote a long number short, so that its last digits are lost."""
    return bool(SHORTENED.fullmatch(text))


def for_excel(text: str) -> str:
    """Answer a cell that stays what it is: no formula, no lost digits, no day in place of a number."""
    if EATEN.fullmatch(text) and not PLAIN.fullmatch(text):
        return f'="{text}"'
    return f"'{text}" if FORMULA.match(text) or AS_TEXT.fullmatch(text) else text


def day(text: str) -> str | None:
    """Answer a day as 2025-03-01, None where this is none of the calendar."""
    found = moment(text)
    return found.date().isoformat() if found and found.time() == time() else None


def moment(text: str) -> datetime | None:
    """Answer the time that a cell tells, with its zone where it names one; None where it tells none."""
    if SERIAL.fullmatch(text):
        return FIRST + timedelta(seconds=round(float(text) * 86_400))
    found = DAY.match(text)
    try:
        if found:
            year, _sign, month, number = found.groups()
            whole = datetime(int(year), int(month), int(number))  # noqa: DTZ001 - it has the office's zone
            rest = text[found.end() :].strip()
            if not rest:
                return whole
            if hour := HOUR.fullmatch(rest):
                return datetime.combine(whole, _hour(*hour.groups()))
        return datetime.fromisoformat(text) if found else None
    except ValueError:
        return None


def _hour(before: str | None, hour: str, minute: str | None, second: str | None, after: str | None) -> time:
    half, number = (before or after or "").upper(), int(hour)
    if half in ("下午", "PM") and number < NOON:
        number += NOON
    elif half in ("上午", "AM") and number == NOON:
        number = 0
    return time(number, int(minute or 0), int(second or 0))
