"""When something is due: limits as rulebooks say them, counted on a calendar of working days and hours. Pure."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

END_OF_DAY = time(23, 59, 59)
PERIODS = ((time(9), time(18)),)  # of a working day, where nobody says otherwise


class Missing(NamedTuple):
    """What is answered where the days of a year that is needed are not known."""

    year: int


class MissingYearError(Exception):
    """The days of a year are not known."""

    def __init__(self, year: int) -> None:
        super().__init__(year)
        self.year = year


class Limit(NamedTuple):
    """A limit: so many of a unit, at a time of day where it names one."""

    number: int
    unit: str
    at: time | None = None


@dataclass(frozen=True)
class Calendar:
    """Which days are worked, and from when to when.

    `works` answers whether a day is a working day; it raises MissingYearError for a year that it does not know.
    `periods` are the opening hours of every working day, in their order; none reaches over midnight.
    """

    works: Callable[[date], bool]
    periods: tuple[tuple[time, time], ...] = field(default=PERIODS)

    def after(self, day: date) -> Iterator[date]:
        """Answer the working days after a day, one after the other."""
        while True:
            day += timedelta(days=1)
            if self.works(day):
                yield day

    def end_of_work(self, start: datetime) -> datetime:
        """Answer the close of the day, or of the next working day for what begins after it or on a day off."""
        close = self.periods[-1][1]
        if self.works(start.date()) and start.time() <= close:
            return _at(start, start.date(), close)
        return _at(start, next(self.after(start.date())), close)


_FORMS = (
    (re.compile(r"([1-9]\d{0,4})h"), "hour"),
    (re.compile(r"([1-9]\d{0,4}) (minute|hour|day|month|year|working day|working hour)s?"), ""),
    (re.compile(r"day ([1-9]|[12]\d|3[01]) of next month"), "day of next month"),
)
_NEXT = re.compile(r"([01]\d|2[0-3]):([0-5]\d) next (working day|day)")
WORDS = {"end of work": Limit(0, "end of work"), "unset": Limit(0, "unset")}


def limit(text: str) -> Limit:
    """Answer what a limit says; ValueError for a text that is none."""
    if text in WORDS:
        return WORDS[text]
    for form, unit in _FORMS:
        match = form.fullmatch(text)
        if match:
            return Limit(int(match[1]), unit or match[2])
    match = _NEXT.fullmatch(text)
    if match is None:
        raise ValueError(text)
    return Limit(1, f"next {match[3]}", time(int(match[1]), int(match[2])))


def due(wanted: Limit, start: datetime, calendar: Calendar) -> datetime | Missing | None:
    """Answer the last instant that is in time; Missing where a year is not known, None where the limit is unset.

    Days, working days, months and years end at 23:59:59 of their last day, and the day they start is day 0; hours and
    minutes run through nights and holidays; an amount of working hours that is used up at a close is due at that close.
    """
    try:
        return _DUE[wanted.unit](wanted, start, calendar)
    except MissingYearError as missing:
        return Missing(missing.year)


def working_days(start: date, end: date, calendar: Calendar) -> int:
    """Answer how many working days there are after a day, up to and with another one."""
    days = ((start + timedelta(days=number)) for number in range(1, (end - start).days + 1))
    return sum(calendar.works(day) for day in days)


def _at(like: datetime, day: date, clock: time = END_OF_DAY) -> datetime:
    return datetime.combine(day, clock, like.tzinfo)


def _minutes(wanted: Limit, start: datetime, _calendar: Calendar) -> datetime:
    return start + timedelta(minutes=wanted.number)


def _hours(wanted: Limit, start: datetime, _calendar: Calendar) -> datetime:
    return start + timedelta(hours=wanted.number)


def _days(wanted: Limit, start: datetime, _calendar: Calendar) -> datetime:
    return _at(start, start.date() + timedelta(days=wanted.number))


def _working_days(wanted: Limit, start: datetime, calendar: Calendar) -> datetime:
    days = calendar.after(start.date())
    return _at(start, [next(days) for _number in range(wanted.number)][-1])


def _working_hours(wanted: Limit, start: datetime, calendar: Calendar) -> datetime:
    left, day = timedelta(hours=wanted.number), start.date()
    if not calendar.works(day):
        day = next(calendar.after(day))
    while True:
        for opens, closes in calendar.periods:
            begin, end = max(start, _at(start, day, opens)), _at(start, day, closes)
            if begin < end:
                if left <= end - begin:
                    return begin + left
                left -= end - begin
        day = next(calendar.after(day))


def _month_later(start: datetime, months: int) -> date:
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def _months(wanted: Limit, start: datetime, _calendar: Calendar) -> datetime:
    return _at(start, _month_later(start, wanted.number))


def _years(wanted: Limit, start: datetime, _calendar: Calendar) -> datetime:
    return _at(start, _month_later(start, 12 * wanted.number))


def _day_of_next_month(wanted: Limit, start: datetime, _calendar: Calendar) -> datetime:
    first = _month_later(start.replace(day=1), 1)
    return _at(start, first.replace(day=min(wanted.number, monthrange(first.year, first.month)[1])))


def _end_of_work(_wanted: Limit, start: datetime, calendar: Calendar) -> datetime:
    return calendar.end_of_work(start)


def _next_day(wanted: Limit, start: datetime, _calendar: Calendar) -> datetime:
    return _at(start, start.date() + timedelta(days=1), wanted.at or END_OF_DAY)


def _next_working_day(wanted: Limit, start: datetime, calendar: Calendar) -> datetime:
    return _at(start, next(calendar.after(start.date())), wanted.at or END_OF_DAY)


def _unset(_wanted: Limit, _start: datetime, _calendar: Calendar) -> None:
    return None


_DUE: dict[str, Callable[[Limit, datetime, Calendar], datetime | None]] = {
    "minute": _minutes,
    "hour": _hours,
    "day": _days,
    "working day": _working_days,
    "working hour": _working_hours,
    "month": _months,
    "year": _years,
    "day of next month": _day_of_next_month,
    "end of work": _end_of_work,
    "next day": _next_day,
    "next working day": _next_working_day,
    "unset": _unset,
}
