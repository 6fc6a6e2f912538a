"""When a limit is due, what lies between two instants, and where a clock stands that was stopped for a while."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from crm_cli.worktime.calendar import DAY, Missing, MissingError

if TYPE_CHECKING:
    from collections.abc import Callable

    from crm_cli.worktime.calendar import Calendar
    from crm_cli.worktime.limits import Limit

LAST_SECOND = time(23, 59, 59)
MONTHS = 12


@dataclass(frozen=True, slots=True)
class Stretch:
    """What lies between two instants, negative where the second comes first; the first day is day 0, as for a limit.

    What counts working time is None where the calendar of the year `missing` is wanted.
    """

    seconds: int
    days: int
    working_seconds: int | None
    working_days: int | None
    missing: int | None = None


def due(limit: Limit, start: datetime, calendar: Calendar, *, ends: date | None = None) -> datetime | Missing | None:
    """Answer the due instant of a limit that starts, in the calendar's zone and to the second: equal to it is in time.

    Missing when the calendar of a year is wanted that nobody has; None for `unset`, which is never late. `ends` is the
    last day of the period, for a limit that ends with it.
    """
    start = start.astimezone(calendar.zone).replace(microsecond=0)
    if limit.unit == "unset":
        return None
    if limit.unit == "end of period":
        if ends is None:
            raise ValueError(limit.unit)
        return _end(ends, calendar)
    try:
        return _DUE[limit.unit](limit.amount, start, calendar)
    except MissingError as error:
        return Missing(error.year)


def _elapsed(start: datetime, span: timedelta, calendar: Calendar) -> datetime:
    return (start.astimezone(UTC) + span).astimezone(calendar.zone)


def _end(day: date, calendar: Calendar) -> datetime:
    return datetime.combine(day, LAST_SECOND, calendar.zone)


def _month(day: date, count: int) -> date:
    """Answer the same day so many months on, the last of the month where it has no such day."""
    years, month = divmod(day.month - 1 + count, MONTHS)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _day_of_next_month(day: int, start: datetime, calendar: Calendar) -> datetime:
    first = _month(start.date().replace(day=1), 1)
    return _end(first.replace(day=min(day, monthrange(first.year, first.month)[1])), calendar)


def _working_hours(amount: int, start: datetime, calendar: Calendar) -> datetime:
    return _worked(timedelta(hours=amount), start, calendar)


def _worked(left: timedelta, start: datetime, calendar: Calendar) -> datetime:
    """Answer the first instant by which so much open time has passed: a closing time, not the opening after it."""
    for opens, closes in calendar.spans(start):
        if closes - opens >= left:
            return (opens + left).astimezone(calendar.zone)
        left -= closes - opens
    raise AssertionError  # pragma: no cover - spans have no end


def _on(day: date, start: datetime, calendar: Calendar) -> datetime:
    """Answer when a limit in days, months or years ends that ends on a day."""
    return datetime.combine(day, start.time(), calendar.zone) if calendar.days_keep_time else _end(day, calendar)


def _working_days(amount: int, start: datetime, calendar: Calendar) -> datetime:
    if calendar.working_days.keeps_time and calendar.working_days.only_late:
        return _kept(amount, start, calendar)
    rule, day, minutes = calendar.working_days, start.date(), start.hour * 60 + start.minute
    late = rule.cut_off is not None and minutes >= rule.cut_off
    rolls = (late or not calendar.works(day)) if rule.keeps_time else (late and calendar.works(day))
    if rolls:
        day = calendar.next_working(day)
    last = calendar.next_working(day, amount)
    if not rule.keeps_time:
        return _end(last, calendar)
    restart = calendar.opening(day) if rule.restart is None else rule.restart
    if rolls or minutes < restart:
        return calendar.instant(last, restart)
    return datetime.combine(last, start.time(), calendar.zone)


def _kept(amount: int, start: datetime, calendar: Calendar) -> datetime:
    """Answer when working days end that keep the time of day, even of a day off; what comes late begins anew."""
    rule = calendar.working_days
    day = start.date() if calendar.works(start.date()) else calendar.next_working(start.date())
    if rule.cut_off is None or start.hour * 60 + start.minute < rule.cut_off:
        return datetime.combine(calendar.next_working(day, amount), start.time(), calendar.zone)
    day = calendar.next_working(day)
    minutes = calendar.opening(day) if rule.restart is None else rule.restart
    return calendar.instant(calendar.next_working(day, amount), minutes)


def _end_of_work(_amount: int, start: datetime, calendar: Calendar) -> datetime:
    """Answer the last closing time of the day or of the night's shift; after it, that of the next day with hours."""
    day = start.date() - DAY
    while True:
        closing = calendar.closing(day)
        if closing is not None and closing.astimezone(UTC) >= start and _reaches(day, start, calendar):
            return closing
        day += DAY


def _reaches(day: date, start: datetime, calendar: Calendar) -> bool:
    """Answer whether the hours that begin on a day are those of an instant: the night before, only while it is open."""
    if day >= start.date():
        return True
    periods = calendar.periods(day)
    return any(calendar.instant(day, one) <= start <= calendar.instant(day, other) for one, other in periods)


def _next_working_day(minutes: int, start: datetime, calendar: Calendar) -> datetime:
    return calendar.instant(calendar.next_working(start.date()), minutes)


_DUE: dict[str, Callable[[int, datetime, Calendar], datetime]] = {
    "minutes": lambda amount, start, calendar: _elapsed(start, timedelta(minutes=amount), calendar),
    "hours": lambda amount, start, calendar: _elapsed(start, timedelta(hours=amount), calendar),
    "days": lambda amount, start, calendar: _on(start.date() + amount * DAY, start, calendar),
    "months": lambda amount, start, calendar: _on(_month(start.date(), amount), start, calendar),
    "years": lambda amount, start, calendar: _on(_month(start.date(), MONTHS * amount), start, calendar),
    "working hours": _working_hours,
    "working days": _working_days,
    "day of next month": _day_of_next_month,
    "end of work": _end_of_work,
    "next working day": _next_working_day,
}


def between(start: datetime, end: datetime, calendar: Calendar) -> Stretch:
    """Answer what lies between two instants."""
    if end < start:
        back = between(end, start, calendar)
        return Stretch(-back.seconds, -back.days, _minus(back.working_seconds), _minus(back.working_days), back.missing)
    start, end = (one.astimezone(calendar.zone).replace(microsecond=0) for one in (start, end))
    seconds = int((end.astimezone(UTC) - start.astimezone(UTC)).total_seconds())
    days = (end.date() - start.date()).days
    try:
        return Stretch(seconds, days, _open_seconds(start, end, calendar), _working(start, days, calendar))
    except MissingError as error:
        return Stretch(seconds, days, None, None, error.year)


def _minus(amount: int | None) -> int | None:
    return None if amount is None else -amount


def _working(start: datetime, days: int, calendar: Calendar) -> int:
    return sum(calendar.works(start.date() + number * DAY) for number in range(1, days + 1))


def _open_seconds(start: datetime, end: datetime, calendar: Calendar) -> int:
    spans = [closes - opens for opens, closes in calendar.spans(start, end) if opens < closes]
    return int(sum(spans, timedelta()).total_seconds())


def paused(limit: Limit, due: datetime, stopped: datetime, resumed: datetime, calendar: Calendar) -> datetime | Missing:
    """Answer where a due instant moves that stood still from one instant to another: by what stood, in its own unit.

    Hours move by the time elapsed, working hours by the open time, working days by working days, all others by days. A
    clock that was over when it stopped stays over.
    """
    if stopped >= due or resumed <= stopped:
        return due
    stood = between(stopped, resumed, calendar)
    try:
        return _moved(limit, due, stood, calendar)
    except MissingError as error:
        return Missing(error.year)


def _moved(limit: Limit, due: datetime, stood: Stretch, calendar: Calendar) -> datetime:
    if limit.unit in ("minutes", "hours"):
        return _elapsed(due, timedelta(seconds=stood.seconds), calendar)
    local = due.astimezone(calendar.zone)
    if limit.unit in ("working hours", "working days") and stood.missing is not None:
        raise MissingError(stood.missing)
    if limit.unit == "working hours":
        return _worked(timedelta(seconds=stood.working_seconds or 0), local, calendar) if stood.working_seconds else due
    if limit.unit == "working days":
        day = calendar.next_working(local.date(), stood.working_days or 0)
    else:
        day = local.date() + stood.days * DAY
    return datetime.combine(day, local.time(), calendar.zone)
