"""The periods of the calendar: days, weeks, months, quarters, half years, years."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

DAY = timedelta(days=1)
LENGTHS = {"month": 1, "quarter": 3, "half year": 6, "year": 12}
MONTHS = 12
PERIOD = "period"  # the step by which the calendar opens a case
END = "end of period"


class Period(NamedTuple):
    """A stretch of days: what it is called, its first day, and the day after its last."""

    name: str
    first: date
    after: date

    def bounds(self, like: datetime) -> tuple[datetime, datetime]:
        """Answer the instants at which it begins and is over, in the office's zone."""
        begins, ends = (datetime.combine(day, time(), like.tzinfo) for day in (self.first, self.after))
        return begins, ends


def period_of(every: str, day: date) -> Period:
    """Answer the period of a length (`day week month quarter half year year`) in which a day lies."""
    if every == "day":
        return Period(day.isoformat(), day, day + DAY)
    if every == "week":
        year, week, weekday = day.isocalendar()
        first = day - timedelta(days=weekday - 1)
        return Period(f"{year}-W{week:02d}", first, first + 7 * DAY)
    length = LENGTHS[every]
    number = (day.month - 1) // length
    first = date(day.year, number * length + 1, 1)
    months = number * length + length
    after = date(day.year + months // MONTHS, months % MONTHS + 1, 1)
    names = {"month": first.isoformat()[:7], "year": str(day.year)}
    mark = "Q" if every == "quarter" else "H"
    return Period(names.get(every, f"{day.year}-{mark}{number + 1}"), first, after)


def begins(kind: Mapping[str, Any]) -> bool:
    """Answer whether the case of a period is opened when that begins: something is owed in it by its end."""
    duties = (one for one in kind["duties"].values() if one["from"] and one["from"][0]["step"] == PERIOD)
    return any(row["limit"] == END for one in duties for row in one["within"] or ())


def before(every: str, period: Period) -> Period:
    """Answer the period before one."""
    return period_of(every, period.first - DAY)
