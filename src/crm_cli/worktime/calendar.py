"""A calendar as data: the hours of a week, the days that work, and what each year makes of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

Periods = tuple[tuple[int, int], ...]  # minutes after midnight, in their order; an end over 1440 is on the next day
DAY = timedelta(days=1)
NINE_TO_SIX: Periods = ((9 * 60, 18 * 60),)
MONDAY_TO_FRIDAY = frozenset(range(5))


@dataclass(frozen=True, slots=True)
class Missing:
    """No calendar covers a year that a limit needs: its clock stands until there is one."""

    year: int


class MissingError(Exception):
    """A day was asked about of a year that no calendar covers; `reckon` answers it as Missing."""

    def __init__(self, year: int) -> None:
        super().__init__(year)
        self.year = year


@dataclass(frozen=True, slots=True)
class Year:
    """What a year makes of its weeks: holidays, made-up working days (调休), and days with hours of their own."""

    holidays: frozenset[date] = frozenset()
    worked: frozenset[date] = frozenset()
    hours: Mapping[date, Periods] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """How limits in working days end: with the day (`keeps_time` false), or at the time of day they started at.

    What comes in after `cut_off`, or on a day that does not work, counts as come in on the next working day: there at
    `restart`, without it at the opening, where the time of day is kept; what comes in before it waits for it. Where
    `only_late` starts anew, all but what comes in after `cut_off` keeps its time of day, whatever day it counts from.
    """

    keeps_time: bool = False
    cut_off: int | None = None
    restart: int | None = None
    only_late: bool = False


@dataclass(frozen=True, slots=True)
class Calendar:
    """When an office or a department of it is open, and which days work.

    `week` holds the hours of Monday to Sunday, `holiday` those of a public holiday. A made-up working day has the hours
    `made_up`, without them those of the first day of the week that works. `years` answers None for a year not covered.
    Limits in days, months and years end with the day, or at the time of day they started at (`days_keep_time`).
    """

    zone: tzinfo
    years: Callable[[int], Year | None]
    week: tuple[Periods, ...] = (NINE_TO_SIX,) * 5 + ((), ())
    days: frozenset[int] = MONDAY_TO_FRIDAY
    holiday: Periods = ()
    made_up: Periods | None = None
    working_days: WorkingDays = WorkingDays()
    days_keep_time: bool = False

    def year(self, number: int) -> Year:
        """Answer what is known of a year; MissingError when no calendar covers it."""
        found = self.years(number)
        if found is None:
            raise MissingError(number)
        return found

    def works(self, day: date) -> bool:
        """Answer whether a day is a working day."""
        year = self.year(day.year)
        return day in year.worked or (day.weekday() in self.days and day not in year.holidays)

    def next_working(self, day: date, number: int = 1) -> date:
        """Answer the working day that comes so many working days after a day."""
        while number:
            day += DAY
            number -= self.works(day)
        return day

    def periods(self, day: date) -> Periods:
        """Answer the hours that begin on a day."""
        year = self.year(day.year)
        if day in year.hours:
            return year.hours[day]
        if day in year.worked and day.weekday() not in self.days:
            return self.week[min(self.days)] if self.made_up is None else self.made_up
        return self.holiday if day in year.holidays else self.week[day.weekday()]

    def instant(self, day: date, minutes: int) -> datetime:
        """Answer the instant so many minutes on the clock after the midnight of a day."""
        days, rest = divmod(minutes, 1440)
        return datetime.combine(day + timedelta(days=days), time(*divmod(rest, 60)), self.zone)

    def closing(self, day: date) -> datetime | None:
        """Answer when the hours that begin on a day end, None on a day without hours."""
        periods = self.periods(day)
        return self.instant(day, periods[-1][1]) if periods else None

    def opening(self, day: date) -> int:
        """Answer the minute at which the hours of a day begin, 0 on a day without hours."""
        periods = self.periods(day)
        return periods[0][0] if periods else 0

    def spans(self, start: datetime, until: datetime | None = None) -> Iterator[tuple[datetime, datetime]]:
        """Answer the open time after an instant in UTC, oldest first, up to another or without end; none overlap."""
        first, over = start.astimezone(self.zone).date(), start.astimezone(UTC)
        for number in count(-2):  # a period reaches over two midnights at most
            day = first + number * DAY
            if until is not None and self._at(day, 0) >= until:
                return
            for begins, ends in self._hours(day, asked=number >= 0):
                if ends > over:
                    yield max(begins, over), ends if until is None else min(ends, until.astimezone(UTC))
                    over = ends

    def _hours(self, day: date, *, asked: bool) -> list[tuple[datetime, datetime]]:
        """Answer the hours that begin on a day, in UTC; a day before the one that is asked about may be unknown."""
        if not asked and self.years(day.year) is None:
            return []
        hours = [(self._at(day, begins), self._at(day, ends)) for begins, ends in self.periods(day)]
        return [(begins, ends) for begins, ends in hours if begins < ends]  # a clock put forward may leave nothing

    def _at(self, day: date, minutes: int) -> datetime:
        return self.instant(day, minutes).astimezone(UTC)

    def is_open(self, moment: datetime) -> bool:
        """Answer whether it is open at an instant; a closing time is closed."""
        day = moment.astimezone(self.zone).date()
        hours = [span for number in (-2, -1, 0) for span in self._hours(day + number * DAY, asked=number == 0)]
        return any(begins <= moment < ends for begins, ends in hours)
