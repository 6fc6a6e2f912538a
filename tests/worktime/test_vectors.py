"""Published vectors: China's working days, and working time as other programs' own tests have it."""

from __future__ import annotations

import csv
import json
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from crm_cli.worktime import Calendar, WorkingDays, Year, between, due, limit
from crm_cli.worktime.reckon import _worked

from .days import CALENDAR, DATA, at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from crm_cli.worktime.calendar import Periods

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
needs_calendar = pytest.mark.skipif(not (DATA / "cn-calendar").is_dir(), reason="no published vectors on this machine")
needs_hours = pytest.mark.skipif(not (DATA / "working-time").is_dir(), reason="no published vectors on this machine")


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / "cn-calendar" / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@needs_calendar
def test_statutory_working_days() -> None:
    told = rows("workdays_2007_2024.csv")
    assert len(told) == 6575
    found = {row["date"]: CALENDAR.works(date.fromisoformat(row["date"])) for row in told}
    assert found == {row["date"]: row["holiday_cn"] == "1" for row in told}


@needs_calendar
def test_due_dates_of_working_days() -> None:
    told = rows("due_vectors_2019_2024.csv")
    assert len(told) == 357
    found = {}
    for row in told:
        text = limit(f"{row['working_days']} working days")
        found[row["start"], row["working_days"]] = due(text, at(f"{row['start']}T10:00"), CALENDAR)
    assert found == {(row["start"], row["working_days"]): at(f"{row['due']}T23:59:59") for row in told}


def minutes(text: str) -> int:
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)


def periods(told: list[list[str]]) -> Periods:
    return tuple((minutes(begins), minutes(ends)) for begins, ends in told)


def without(hours: Periods, breaks: Periods) -> Periods:
    for begins, ends in breaks:
        parts = [part for one, other in hours for part in ((one, min(other, begins)), (max(one, ends), other))]
        hours = tuple((one, other) for one, other in parts if one < other)
    return hours


def calendar(case: dict[str, Any]) -> Calendar:
    """Answer the calendar of a case: its breaks and yearly holidays written out as days."""
    told, kept = case["schedule"], case["op"] == "add_days" and not dated(case)
    week = tuple(periods(told["week"].get(day, [])) for day in WEEK)
    holidays = {date.fromisoformat(day) for day in told["holidays"]}
    special = {date.fromisoformat(day): periods(hours) for day, hours in told["days"].items()}
    if told.get("special_vs_holiday") == "holiday_wins":
        special = {day: hours for day, hours in special.items() if day not in holidays}
    for text, hours in told.get("breaks", {}).items():
        day = date.fromisoformat(text)
        usual = () if day in holidays else week[day.weekday()]
        special[day] = without(special.get(day, usual), periods(hours))

    def year(number: int) -> Year:
        yearly = {date(number, *(int(part) for part in day.split("-"))) for day in told.get("yearly_holidays", [])}
        days = {day: hours for day, hours in special.items() if day.year == number}
        worked = frozenset(day for day, hours in days.items() if hours)
        free = {day for day, hours in days.items() if not hours} | holidays | yearly
        return Year(frozenset(free - worked), worked, days)

    days = frozenset(number for number, hours in enumerate(week) if hours)
    zone = UTC if told["tz"] in ("UTC", "Etc/UTC") else ZoneInfo(told["tz"])
    return Calendar(zone, year, week, days, working_days=WorkingDays(keeps_time=kept))


def joined(one: Calendar, start: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Answer the open time after an instant, hours that touch as one."""
    spans = one.spans(start)
    opens, closes = next(spans)
    for begins, ends in spans:
        if begins != closes:
            yield opens, closes
            opens = begins
        closes = ends


def opening(case: dict[str, Any], one: Calendar, *, strict: bool) -> datetime:
    moment = datetime.fromisoformat(case["at"])
    return next(begins for begins, _ends in joined(one, moment) if begins > moment or not strict)


def add(case: dict[str, Any], one: Calendar) -> datetime:
    return _worked(timedelta(seconds=case["amount_seconds"]), instant(case["start"]), one)


def add_calendar_days(case: dict[str, Any], one: Calendar) -> str:
    day = date.fromisoformat(case["start"]) + timedelta(days=case["amount_days"])
    return str(one.next_working(day - timedelta(days=1)) if case["roll"] == "next_workday" else day)


def add_days(case: dict[str, Any], one: Calendar) -> str | datetime:
    start = instant(case["start"])
    end = due(limit(f"{case['amount_days']} working days"), start, one)
    assert isinstance(end, datetime)
    return str(end.date()) if dated(case) else end


def spans(case: dict[str, Any], one: Calendar) -> list[list[datetime]]:
    end = instant(case["end"]) if "end" in case else None
    return [[begins, ends] for begins, ends in islice(one.spans(instant(case["start"]), end), case.get("limit"))]


def instant(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def dated(case: dict[str, Any]) -> bool:
    return len(str(case["expect"])) == len("2025-01-01")


def wanted(value: Any) -> Any:
    if isinstance(value, list):
        return [wanted(one) for one in value]
    return instant(value) if isinstance(value, str) and "T" in value else value


# operation -> (its convention that is ours, how we answer it, how many cases hold under it going forward)
OURS: dict[str, tuple[set[str], Callable[[dict[str, Any], Calendar], Any], int]] = {
    "add": ({"first_instant"}, add, 50),
    "between": ({"signed"}, lambda c, one: between(instant(c["start"]), instant(c["end"]), one).working_seconds, 39),
    "is_open": ({"end_exclusive"}, lambda c, one: one.is_open(instant(c["at"])), 45),
    "is_workday": ({"date"}, lambda c, one: one.works(date.fromisoformat(c["date"])), 39),
    "periods": ({"exact"}, spans, 25),
    "next_close": ({"strict"}, lambda c, one: next(joined(one, instant(c["at"])))[1], 27),
    "next_open": ({"self_if_open"}, lambda c, one: opening(c, one, strict=False), 4),
    "next_period_start": ({"strict"}, lambda c, one: opening(c, one, strict=True), 30),
    "add_calendar_days": ({"date"}, add_calendar_days, 12),
    "add_days": ({"count_next/date_only", "roll_then_count/clamp_to_opening"}, add_days, 30),
    "count_days": (
        {"exclude_start"}, lambda c, one: between(instant(c["start"]), instant(c["end"]), one).working_days, 5
    ),
}  # fmt: skip


def backwards(case: dict[str, Any]) -> bool:
    """Answer whether a case counts back in time, or rolls in a way that no limit of a rulebook does."""
    back = case.get("amount_seconds", 0) < 0 or case.get("amount_days", 0) < 0 or case.get("direction") == "back"
    return back or case.get("roll") in ("previous_workday", "same_weekday")


def cases(operation: str) -> list[dict[str, Any]]:
    texts = [path.read_text("utf-8") for path in sorted((DATA / "working-time").glob("*.json"))]
    found = [case for text in texts for case in json.loads(text)["cases"] if case["op"] == operation]
    ours = OURS[operation][0]
    return [case for case in found if not case.get("flag") and ours & set(case["holds_under"]) and not backwards(case)]


@needs_hours
@pytest.mark.parametrize("operation", OURS)
def test_working_time_as_other_programs_test_it(operation: str) -> None:
    _convention, answer, count = OURS[operation]
    told = cases(operation)
    unlike = [case["id"] for case in told if answer(case, calendar(case)) != wanted(case["expect"])]
    assert (unlike, len(told)) == ([], count)


@needs_hours
def test_most_published_cases_are_among_them() -> None:
    assert sum(len(cases(operation)) for operation in OURS) >= 300
