"""What well-kept packages know of a country's years; none of them is imported before a year is asked about."""

from __future__ import annotations

from datetime import date
from functools import cache, partial
from zoneinfo import ZoneInfo

from crm_cli.worktime.calendar import Calendar, Year

MAINLAND = "CN"
NONE = "none"  # of an office that works on every holiday
MADE_ANEW = frozenset({"VN", "RU"})  # where working days are moved anew each year, so that laws alone do not tell them


@cache
def year(country: str, number: int) -> Year | None:
    """Answer the public holidays and made-up working days of a country's year; None where its package ends."""
    if country == NONE:
        return Year()
    return _mainland(number) if country == MAINLAND else _elsewhere(country, number)


def _mainland(number: int) -> Year | None:
    """Answer a year as the State Council arranged it: this package refuses what has not been announced."""
    from chinese_calendar import constants  # noqa: PLC0415 - who asks for no working day needs none

    holidays, worked = (
        frozenset(day for day in days if day.year == number) for days in (constants.holidays, constants.workdays)
    )
    return Year(holidays, worked) if holidays else None


def _elsewhere(country: str, number: int) -> Year | None:
    import holidays  # noqa: PLC0415

    try:
        found = holidays.country_holidays(country, years=number)
    except NotImplementedError:
        return None
    last = max(found.special_public_holidays) if country in MADE_ANEW else found.end_year
    if not found.start_year <= number <= last:
        return None
    days = frozenset(day for day in found if isinstance(day, date) and day.year == number)
    return Year(days, frozenset(day for day in found.weekend_workdays if day.year == number))


@cache
def usual() -> Calendar:
    """Answer the calendar of an office that says nothing of its own: mainland China, Monday to Friday 09:00-18:00."""
    return Calendar(ZoneInfo("Asia/Shanghai"), partial(year, MAINLAND))
