"""The working days of mainland China, holidays and made-up days among them, from a package that is kept for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm_cli.worktime import Calendar, MissingYearError

if TYPE_CHECKING:
    from datetime import date


def calendar() -> Calendar:
    """Answer the calendar; a year that is not published yet is missing."""
    return Calendar(_works)


def _works(day: date) -> bool:
    import chinese_calendar  # noqa: PLC0415 - its tables are large

    try:
        works: bool = chinese_calendar.is_workday(day)
    except NotImplementedError:
        raise MissingYearError(day.year) from None
    return works
