"""Limits of time: as they are written, and when they are over."""

from __future__ import annotations

import csv
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from crm_cli.workdays import calendar
from crm_cli.worktime import Calendar, Limit, Missing, due, limit, working_days

ZONE, CHINA = ZoneInfo("Asia/Shanghai"), calendar()
VECTORS = Path(__file__).parents[2] / "shared" / "data" / "cn-calendar" / "due_vectors_2019_2024.csv"
SCENARIOS = Path(__file__).parents[2] / "shared" / "rulebook" / "scenarios" / "deadline-scenarios.yaml"
LUNCH = Calendar(lambda day: day.weekday() < 5, ((time(9), time(12)), (time(13), time(18))))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("24h", "2025-03-07T17:00", "2025-03-08T17:00"),
        ("10 minutes", "2025-03-07T23:55", "2025-03-08T00:05"),
        ("3 days", "2025-03-03T11:00", "2025-03-06T23:59:59"),
        ("5 working days", "2025-03-03T10:00", "2025-03-10T23:59:59"),
        ("1 working day", "2025-09-30T11:00", "2025-10-09T23:59:59"),  # over the autumn holidays
        ("1 working day", "2025-01-24T11:00", "2025-01-26T23:59:59"),  # a Sunday that is worked
        ("1 month", "2025-01-31T11:00", "2025-02-28T23:59:59"),
        ("1 year", "2024-02-29T11:00", "2025-02-28T23:59:59"),
        ("day 10 of next month", "2025-12-31T11:00", "2026-01-10T23:59:59"),
        ("end of work", "2025-03-03T15:00", "2025-03-03T18:00"),
        ("end of work", "2025-03-03T18:01", "2025-03-04T18:00"),
        ("end of work", "2025-03-08T10:00", "2025-03-10T18:00"),
        ("10:00 next working day", "2025-03-07T18:30", "2025-03-10T10:00"),
        ("10:00 next day", "2025-03-07T18:30", "2025-03-08T10:00"),
        ("9 working hours", "2025-03-03T09:00", "2025-03-03T18:00"),
        ("10 working hours", "2025-03-03T09:00", "2025-03-04T10:00"),
        ("1 working hour", "2025-03-08T09:00", "2025-03-10T10:00"),
    ],
)
def test_a_limit_is_over_when_the_rulebook_says(text: str, start: str, end: str) -> None:
    assert due(limit(text), at(start), CHINA) == at(end)


def test_closed_hours_do_not_count() -> None:
    assert due(limit("4 working hours"), at("2025-03-03T10:00"), LUNCH) == at("2025-03-03T15:00")
    assert due(limit("2 working hours"), at("2025-03-03T10:00"), LUNCH) == at("2025-03-03T12:00")


def test_a_year_that_is_not_known_is_said_and_never_guessed() -> None:
    assert due(limit("5 working days"), at("2098-12-30T10:00"), CHINA) == Missing(2098)
    assert due(limit("3 days"), at("2098-12-30T10:00"), CHINA) == at("2099-01-02T23:59:59")


def test_what_is_unset_is_never_late() -> None:
    assert due(limit("unset"), at("2025-03-03T10:00"), CHINA) is None


@pytest.mark.parametrize("text", ["", "5", "5 workdays", "0 days", "25:00 next day", "day 32 of next month", "soon"])
def test_a_text_that_is_no_limit_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=".*"):
        limit(text)


@given(some.datetimes(datetime(2019, 1, 1), datetime(2024, 6, 1)), some.integers(1, 60))
def test_working_days_added_are_working_days_counted(start: datetime, number: int) -> None:
    end = due(Limit(number, "working day"), start.replace(tzinfo=ZONE), CHINA)
    assert isinstance(end, datetime)
    assert CHINA.works(end.date())
    assert working_days(start.date(), end.date(), CHINA) == number
    later = due(Limit(number + 1, "working day"), start.replace(tzinfo=ZONE), CHINA)
    assert isinstance(later, datetime)
    assert later > end


@given(some.datetimes(datetime(2025, 1, 1), datetime(2025, 12, 1)), some.integers(1, 99))
def test_working_hours_end_within_opening_hours(start: datetime, number: int) -> None:
    end = due(Limit(number, "working hour"), start.replace(tzinfo=ZONE), LUNCH)
    assert isinstance(end, datetime)
    assert any(opens < end.time() <= closes for opens, closes in LUNCH.periods)
    assert end - start.replace(tzinfo=ZONE) >= timedelta(hours=number)


@pytest.mark.skipif(not VECTORS.exists(), reason="the published due dates are not here")
def test_published_due_dates() -> None:
    with VECTORS.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) > 300
    for row in rows:
        end = due(Limit(int(row["working_days"]), "working day"), at(f"{row['start']}T10:00"), CHINA)
        assert end == at(f"{row['due']}T23:59:59"), row


@pytest.mark.skipif(not SCENARIOS.exists(), reason="the worked deadlines are not here")
def test_worked_deadlines() -> None:
    import yaml

    units = {"hours": "hour", "days": "day", "working_days": "working day", "months": "month", "years": "year"}
    units["day_of_next_month"] = "day of next month"
    scenarios = yaml.safe_load(SCENARIOS.read_text("utf-8"))["scenarios"]
    for one in scenarios:
        end = due(Limit(one["n"], units[one["clock"]]), at(str(one["start"]).replace(" ", "T")), CHINA)
        assert end == at(one["due"]), one["id"]
