"""When limits are due: by the worked examples of the rulebook, and by what must hold for all of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from crm_cli.worktime import Calendar, Missing, WorkingDays, Year, between, due, limit, paused

from .days import CALENDAR, SHANGHAI, at

LUNCH = replace(CALENDAR, week=(((540, 720), (810, 1080)),) * 5 + (((540, 720),), ()))
NIGHT = replace(CALENDAR, week=(((1200, 1560),),) * 7, holiday=((1200, 1560),))


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("24h", "2025-03-07T17:00", "2025-03-08T17:00:00"),
        ("10 minutes", "2025-12-31T23:55", "2026-01-01T00:05:00"),
        ("7 days", "2025-03-03T10:00", "2025-03-10T23:59:59"),
        ("0 days", "2025-03-03T10:00", "2025-03-03T23:59:59"),
        ("1 working day", "2025-03-07T16:00", "2025-03-10T23:59:59"),
        ("1 working day", "2025-09-30T11:00", "2025-10-09T23:59:59"),
        ("3 working days", "2025-03-01T10:00", "2025-03-05T23:59:59"),
        ("2 working days", "2025-01-24T10:00", "2025-01-27T23:59:59"),
        ("1 month", "2025-01-31T20:00", "2025-02-28T23:59:59"),
        ("1 month", "2024-01-31T20:00", "2024-02-29T23:59:59"),
        ("13 months", "2024-12-31T20:00", "2026-01-31T23:59:59"),
        ("10 years", "2024-02-29T08:00", "2034-02-28T23:59:59"),
        ("day 10 of next month", "2025-03-31T00:00", "2025-04-10T23:59:59"),
        ("day 31 of next month", "2025-12-01T00:00", "2026-01-31T23:59:59"),
        ("day 31 of next month", "2026-01-30T00:00", "2026-02-28T23:59:59"),
        ("end of work", "2025-03-03T15:00", "2025-03-03T18:00:00"),
        ("end of work", "2025-03-03T18:00", "2025-03-03T18:00:00"),
        ("end of work", "2025-03-07T18:01", "2025-03-10T18:00:00"),
        ("10:00 next working day", "2025-03-07T08:00", "2025-03-10T10:00:00"),
        ("5 working hours", "2025-03-07T16:00", "2025-03-10T12:00:00"),
        ("2 working hours", "2025-03-07T16:00", "2025-03-07T18:00:00"),
        ("9 working hours", "2025-03-08T16:00", "2025-03-10T18:00:00"),
        ("1 working hour", "2025-02-07T17:30", "2025-02-08T09:30:00"),
    ],
)
def test_worked_examples(text: str, start: str, end: str) -> None:
    assert due(limit(text), at(start), CALENDAR) == at(end)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("3 working hours", "2025-03-03T11:00", "2025-03-03T15:30:00"),
        ("1 working hour", "2025-03-03T11:00", "2025-03-03T12:00:00"),
        ("4 working hours", "2025-03-07T17:00", "2025-03-08T12:00:00"),
        ("end of work", "2025-03-03T12:30", "2025-03-03T18:00:00"),
        ("end of work", "2025-03-08T10:00", "2025-03-08T12:00:00"),
    ],
)
def test_lunch_and_a_half_day(text: str, start: str, end: str) -> None:
    assert due(limit(text), at(start), LUNCH) == at(end)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("5 working hours", "2025-03-03T22:00", "2025-03-04T21:00:00"),
        ("1 working hour", "2025-03-04T01:00", "2025-03-04T02:00:00"),
        ("end of work", "2025-03-04T01:00", "2025-03-04T02:00:00"),
        ("end of work", "2025-03-04T02:30", "2025-03-05T02:00:00"),
    ],
)
def test_hours_over_midnight(text: str, start: str, end: str) -> None:
    assert due(limit(text), at(start), NIGHT) == at(end)


def test_a_year_that_no_calendar_covers_is_missing_and_only_where_it_is_needed() -> None:
    late = at("2026-12-30T10:00")
    assert due(limit("3 working days"), late, CALENDAR) == Missing(2027)
    assert due(limit("20 working hours"), late, CALENDAR) == Missing(2027)
    assert due(limit("10:00 next working day"), at("2026-12-31T10:00"), CALENDAR) == Missing(2027)
    assert due(limit("end of work"), at("2027-01-04T10:00"), CALENDAR) == Missing(2027)
    assert due(limit("1 working day"), late, CALENDAR) == at("2026-12-31T23:59:59")
    assert due(limit("24h"), at("2031-01-01T10:00"), CALENDAR) == at("2031-01-02T10:00")
    assert due(limit("1 month"), late, CALENDAR) == at("2027-01-30T23:59:59")
    assert between(late, at("2027-01-05T10:00"), CALENDAR).missing == 2027
    assert between(late, at("2027-01-05T10:00"), CALENDAR).days == 6


def test_unset_is_never_late_and_a_period_says_when_it_ends() -> None:
    assert due(limit("unset"), at("2025-03-03T10:00"), CALENDAR) is None
    assert due(limit("end of period"), at("2025-03-03T10:00"), CALENDAR, ends=date(2025, 3, 31)) == at(
        "2025-03-31T23:59:59"
    )
    with pytest.raises(ValueError, match="end of period"):
        due(limit("end of period"), at("2025-03-03T10:00"), CALENDAR)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2025-03-03T10:30", "2025-03-05T10:30:00"),
        ("2025-03-03T06:30", "2025-03-05T08:00:00"),
        ("2025-03-03T16:30", "2025-03-06T08:00:00"),
        ("2025-03-08T10:30", "2025-03-12T08:00:00"),
    ],
)
def test_working_days_that_keep_the_time_of_day(start: str, end: str) -> None:
    kept = replace(CALENDAR, working_days=WorkingDays(keeps_time=True, cut_off=16 * 60, restart=8 * 60))
    assert due(limit("2 working days"), at(start), kept) == at(end)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2025-03-03T10:30", "2025-03-05T10:30:00"),
        ("2025-03-03T02:10", "2025-03-05T02:10:00"),
        ("2025-03-03T16:59:59", "2025-03-05T16:59:59"),
        ("2025-03-03T17:00", "2025-03-06T08:30:00"),
        ("2025-03-08T10:30", "2025-03-12T10:30:00"),
        ("2025-03-08T18:00", "2025-03-13T08:30:00"),
    ],
)
def test_where_only_what_comes_late_begins_anew_all_else_keeps_its_time(start: str, end: str) -> None:
    rule = WorkingDays(keeps_time=True, cut_off=17 * 60, restart=8 * 60 + 30, only_late=True)
    assert due(limit("2 working days"), at(start), replace(CALENDAR, working_days=rule)) == at(end)


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("120 days", "2011-11-06T10:00-05:00"),
        ("1 month", "2011-08-09T10:00-04:00"),
        ("1 year", "2012-07-09T10:00-04:00"),
    ],
)
def test_days_may_keep_the_time_of_day_across_a_change_of_the_clock(text: str, end: str) -> None:
    here = replace(CALENDAR, zone=ZoneInfo("America/New_York"), days_keep_time=True)
    assert due(limit(text), datetime.fromisoformat("2011-07-09T10:00-04:00"), here) == datetime.fromisoformat(end)


def test_a_cut_off_alone_moves_the_start_to_the_next_working_day() -> None:
    cut = replace(CALENDAR, working_days=WorkingDays(cut_off=16 * 60))
    assert due(limit("1 working day"), at("2025-03-03T15:59"), cut) == at("2025-03-04T23:59:59")
    assert due(limit("1 working day"), at("2025-03-03T16:00"), cut) == at("2025-03-05T23:59:59")
    assert due(limit("1 working day"), at("2025-03-08T16:00"), cut) == at("2025-03-10T23:59:59")


@pytest.mark.parametrize(
    ("text", "start", "stopped", "resumed", "end"),
    [
        ("24h", "2025-03-03T10:00", "2025-03-03T11:00", "2025-03-05T12:30", "2025-03-06T11:30:00"),
        ("5 working hours", "2025-03-03T10:00", "2025-03-03T17:00", "2025-03-04T11:00", "2025-03-03T18:00:00"),
        ("7 days", "2025-03-03T10:00", "2025-03-04T11:00", "2025-03-06T09:00", "2025-03-12T23:59:59"),
        ("3 working days", "2025-03-03T10:00", "2025-03-04T11:00", "2025-03-10T09:00", "2025-03-12T23:59:59"),
        ("7 days", "2025-03-03T10:00", "2025-03-11T00:00", "2025-03-15T09:00", "2025-03-10T23:59:59"),
    ],
)
def test_a_clock_moves_on_by_what_it_stood_in_its_own_unit(
    text: str, start: str, stopped: str, resumed: str, end: str
) -> None:
    first = due(limit(text), at(start), CALENDAR)
    assert isinstance(first, datetime)
    moved = paused(limit(text), first, at(stopped), at(resumed), CALENDAR)
    if text == "5 working hours":  # due at 15:00, so that it was over when it stopped
        assert moved == first
    else:
        assert moved == at(end)


def test_working_hours_stand_while_it_is_open_only() -> None:
    first = at("2025-03-03T15:00")
    assert paused(limit("5 working hours"), first, at("2025-03-03T14:00"), at("2025-03-04T10:00"), CALENDAR) == at(
        "2025-03-04T11:00"
    )
    assert paused(limit("5 working hours"), first, at("2025-03-03T14:00"), at("2027-03-04T10:00"), CALENDAR) == Missing(
        2027
    )


instants = st.integers(1167580800, 1788192000).map(lambda one: datetime.fromtimestamp(one, SHANGHAI))  # 2007 to 2026
amounts = st.integers(1, 40)
calendars = st.sampled_from([CALENDAR, LUNCH, NIGHT])


def answered(text: str, start: datetime, calendar: Calendar) -> datetime:
    found = due(limit(text), start, calendar)
    assume(isinstance(found, datetime))
    assert isinstance(found, datetime)
    return found


@given(instants, amounts, calendars)
def test_working_hours_added_are_working_hours_measured(start: datetime, amount: int, calendar: Calendar) -> None:
    end = answered(f"{amount} working hours", start, calendar)
    assert between(start, end, calendar).working_seconds == amount * 3600
    assert between(start, end - timedelta(seconds=1), calendar).working_seconds == amount * 3600 - 1


@given(instants, amounts)
def test_working_days_added_are_working_days_measured(start: datetime, amount: int) -> None:
    end = answered(f"{amount} working days", start, CALENDAR)
    assert between(start, end, CALENDAR).working_days == amount
    assert CALENDAR.works(end.date())


@given(instants, amounts)
def test_days_and_hours_added_are_measured(start: datetime, amount: int) -> None:
    assert between(start, answered(f"{amount} days", start, CALENDAR), CALENDAR).days == amount
    assert between(start, answered(f"{amount}h", start, CALENDAR), CALENDAR).seconds == amount * 3600


texts = st.sampled_from(
    ["24h", "10 minutes", "3 days", "0 days", "1 working day", "5 working hours", "1 month", "2 years",
     "day 10 of next month", "end of work", "10:00 next working day"]
)  # fmt: skip


@given(texts, instants, st.integers(0, 30 * 86400), calendars)
def test_nothing_is_due_before_it_starts_and_what_starts_later_is_due_no_sooner(
    text: str, start: datetime, seconds: int, calendar: Calendar
) -> None:
    first, second = (answered(text, one, calendar) for one in (start, start + timedelta(seconds=seconds)))
    assert start <= first <= second


@given(texts, instants, st.integers(0, 5 * 86400), st.integers(0, 20 * 86400), calendars)
def test_a_pause_never_moves_a_clock_back(
    text: str, start: datetime, before: int, stood: int, calendar: Calendar
) -> None:
    end = answered(text, start, calendar)
    stopped = start + timedelta(seconds=before)
    moved = paused(limit(text), end, stopped, stopped + timedelta(seconds=stood), calendar)
    assert isinstance(moved, Missing) or moved >= end


@given(instants, instants)
def test_what_lies_between_is_the_same_backwards_with_its_sign_turned(one: datetime, other: datetime) -> None:
    there, back = between(one, other, CALENDAR), between(other, one, CALENDAR)
    assert (there.seconds, there.days, there.working_seconds, there.working_days) == (
        -back.seconds, -back.days, -(back.working_seconds or 0), -(back.working_days or 0),
    )  # fmt: skip


@given(instants, st.lists(st.integers(0, 40 * 86400), min_size=1, max_size=4))
def test_what_lies_between_adds_up(start: datetime, steps: list[int]) -> None:
    marks = [start]
    for step in steps:
        marks.append(marks[-1] + timedelta(seconds=step))
    assume(marks[-1].year < 2027)
    parts = [between(one, other, CALENDAR) for one, other in pairwise(marks)]
    whole = between(marks[0], marks[-1], CALENDAR)
    assert sum(part.working_seconds or 0 for part in parts) == whole.working_seconds
    assert sum(part.working_days or 0 for part in parts) == whole.working_days


@pytest.mark.parametrize("year", range(2007, 2027))
def test_every_working_day_is_counted_once_over_the_holidays(year: int) -> None:
    start, first = at(f"{year}-01-01T10:00"), date(year, 1, 1)
    days = [first + timedelta(days=number) for number in range(1, 365)]
    working = [day for day in days if CALENDAR.works(day)]
    assert {5, 6} & {day.weekday() for day in working}, "made-up days work"
    assert [due(limit(f"{number} working days"), start, CALENDAR) for number in range(1, len(working) + 1)] == [
        at(f"{day}T23:59:59") for day in working
    ]


def test_summer_time_neither_lengthens_nor_shortens_what_is_open() -> None:
    from zoneinfo import ZoneInfo

    zone = ZoneInfo("America/New_York")
    nights = Calendar(zone, lambda _year: Year(), week=(((0, 1440),),) * 7, days=frozenset(range(7)))
    start = datetime(2025, 3, 8, 22, tzinfo=zone)
    assert due(limit("24h"), start, nights) == datetime(2025, 3, 9, 23, tzinfo=zone)
    assert due(limit("24 working hours"), start, nights) == datetime(2025, 3, 9, 23, tzinfo=zone)
    assert due(limit("1 day"), start, nights) == datetime(2025, 3, 9, 23, 59, 59, tzinfo=zone)
