"""The calendars of an office: what its files say, what a country's package says, and what a decision found."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import pytest

from crm_cli.calendars import Calendars, file_of, kept, year_of
from crm_cli.calendars.written import check_settings
from crm_cli.policy import source
from crm_cli.policy.finding import Findings, PolicyError
from crm_cli.worktime import Calendar, Missing, Year, countries, due, limit

if TYPE_CHECKING:
    from pathlib import Path

HOLIDAY, WORKED, PLAIN = date(2025, 10, 1), date(2025, 10, 11), date(2025, 10, 9)


def known(folder: Path, text: str | None, country: str = "CN", year: int = 2025) -> Year | None:
    (folder / "calendars").mkdir(exist_ok=True)
    if text is not None:
        (folder / "calendars" / f"{year}.yaml").write_text(f"year: {year}\n{text}", "utf-8")
    return year_of(folder, folder / ".cache", country, year)


def test_a_country_says_what_the_office_does_not(tmp_path: Path) -> None:
    mainland = known(tmp_path, None)
    assert mainland is not None
    assert (HOLIDAY in mainland.holidays, WORKED in mainland.worked) == (True, True)
    assert known(tmp_path, None, "HK") != mainland


@pytest.mark.parametrize(("country", "last"), [("CN", 2026), ("HK", 2100), ("VN", 2026), ("XX", 0)])
def test_a_year_that_is_not_announced_is_missing(tmp_path: Path, country: str, last: int) -> None:
    found = [year for year in range(2020, 2102) if countries.year(country, year)]
    assert found == [*range(2020, last + 1)]


def test_an_office_may_work_on_all_holidays(tmp_path: Path) -> None:
    assert known(tmp_path, None, "none") == Year()
    assert known(tmp_path, "holidays: [2025-10-09]\n", "none") == Year(frozenset({PLAIN}))


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("holidays: some", 11),
        ("limits: {ends: time, restarts: never}", 32),
        ("limits: {restarts: late}", 20),
        ("limits: {days: hour}", 16),
    ],
)
def test_a_setting_that_is_none_is_told_by_its_place(text: str, column: int) -> None:
    found = Findings()
    node = source.parse(text.encode(), "crm.yaml", found)
    assert node is not None
    check_settings(node, found)
    with pytest.raises(PolicyError) as failed:
        found.stop()
    assert failed.value.where == f"crm.yaml:1:{column}"


def test_a_file_with_holidays_stands_alone(tmp_path: Path) -> None:
    text = 'holidays: [2025-10-09, 2025-12-01 to 2025-12-03]\nworking: [2025-10-12]\nhours: {"2025-12-31": closed}\n'
    days = {PLAIN, *(date(2025, 12, day) for day in (1, 2, 3))}
    expected = Year(frozenset(days), frozenset({date(2025, 10, 12)}), {date(2025, 12, 31): ()})
    assert known(tmp_path, text) == expected
    assert known(tmp_path, text) == expected, "read a second time, from the cache"
    assert known(tmp_path, "holidays: []\n") == Year()


def test_a_file_without_holidays_adds_to_the_country(tmp_path: Path) -> None:
    mainland = countries.year("CN", 2025)
    assert mainland is not None
    found = known(tmp_path, 'working: [2025-10-01]\nhours: {"2025-12-31": "09:00-12:00"}\n')
    assert found == Year(
        mainland.holidays - {HOLIDAY}, mainland.worked | {HOLIDAY}, {date(2025, 12, 31): ((540, 720),)}
    )
    assert known(tmp_path, 'hours: {"2027-12-31": closed}\n', year=2027) is None


def test_what_cannot_be_kept_is_read_each_time(tmp_path: Path) -> None:
    known(tmp_path, "holidays: []\n")
    (tmp_path / "file").write_text("")
    assert file_of(tmp_path, tmp_path / "file", 2025) == {"holidays": []}


@pytest.mark.parametrize(
    ("text", "place", "what"),
    [
        ("holidays: none\n", "2:11", "a list that is not empty is wanted here"),
        ("holidays: [3]\n", "2:12", "a day is wanted here"),
        ("working: [2025-02-01, 2025-02-01]\n", "2:23", "2025-02-01 stands under working already"),
        ('hours: {"2025-02-01": 9am}\n', "2:23", "'9am' are no hours"),
        ('hours: {"2025-02-01": [3]}\n', "2:24", "a text is wanted here"),
        ('hours: {"2025-02-01": "09:00-24:30"}\n', "2:23", "'24:30' is not a time of day"),
        ("hours: 3\n", "2:8", "keys and values are wanted here"),
    ],
)
def test_what_is_wrong_in_a_file_is_found_where_it_stands(tmp_path: Path, text: str, place: str, what: str) -> None:
    with pytest.raises(PolicyError) as found:
        known(tmp_path, text)
    assert (found.value.where, found.value.what) == (f"calendars/2025.yaml:{place}", what)


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ('hours: {mon-fri: ["09:00-12:00", "13:30-18:00"], sat: "20:00-02:00", holiday: closed}', {}),
        (
            "hours: {sun-mon: closed, mon: closed}",
            {"1:9": "'sun-mon' is no day of the week", "1:8": "it is never open"},
        ),
        ('hours: {monday: "9-18"}', {"1:9": "'monday' is no day of the week", "1:17": "'9-18' are no hours"}),
        ("working_days: [mo]", {"1:16": "'mo' is not a day (mon, tue, wed, thu, fri, sat, sun); did you mean 'mon'?"}),
        ("limits: {ends: hour}", {"1:16": "'hour' is not a end (day, time)"}),
        ("departments: {night: {hour: 3}}", {"1:23": "'hour' is not a key here (hours, working_days, limits)"}),
        ("limits: 3", {"1:9": "keys and values are wanted here"}),
        ("3", {"1:1": "keys and values are wanted here"}),
    ],
)
def test_what_is_wrong_in_the_settings_is_found_where_it_stands(text: str, places: dict[str, str]) -> None:
    found = Findings()
    node = source.parse(text.encode(), "crm.yaml", found)
    assert node is not None
    check_settings(node, found)
    told = {one.where.removeprefix("crm.yaml:"): one.what for one in found.all()}
    assert {place: what[: len(places.get(place, what))] for place, what in told.items()} == places


SETTINGS: dict[str, Any] = {
    "hours": {"mon-fri": ["09:00-12:00", "13:30-18:00"], "sat": "09:00-12:00", "made_up": "10:00-16:00"},
    "working_days": ["mon", "tue", "wed", "thu", "fri", "sat"],
    "limits": {"ends": "time", "cut_off": "16:00", "restart": "08:00"},
    "departments": {"night": {"hours": {"mon-sun": "20:00-02:00", "holiday": "00:00-24:00"}}},
}


def calendars(told: dict[str, Any]) -> Calendars:
    return Calendars("Asia/Shanghai", told, lambda number: countries.year("CN", number))


def test_an_office_that_says_nothing_is_open_from_nine_to_six() -> None:
    assert calendars({})().week == (((540, 1080),),) * 5 + ((), ())
    both = calendars({})
    assert both("night") == Calendar(both().zone, both.year)


def test_hours_of_the_office_and_of_a_department() -> None:
    both = calendars(SETTINGS)
    office, night = both(), both("night")
    assert both("day").week == office.week, "a department without hours of its own has those of the office"
    assert office.periods(date(2025, 3, 3)) == ((540, 720), (810, 1080))
    assert office.periods(date(2025, 2, 8)) == ((540, 720),), "a Saturday that works anyway is not made up"
    assert office.periods(date(2025, 9, 28)) == ((600, 960),)
    assert office.periods(HOLIDAY) == ()
    assert (night.periods(date(2025, 3, 9)), night.periods(HOLIDAY)) == (((1200, 1560),), ((0, 1440),))
    assert night.days == office.days == frozenset(range(6))
    assert night.working_days == office.working_days
    assert (office.working_days.keeps_time, office.working_days.cut_off, office.working_days.restart) == (
        True,
        960,
        480,
    )


def test_what_a_decision_asked_is_kept_and_answers_it_again() -> None:
    now = calendars(SETTINGS)
    start = datetime.fromisoformat("2026-12-28T10:00+08:00")
    assert now.text() is None, "nothing was asked"
    first = due(limit("9 working days"), start, now())
    text = now.text()
    assert first == Missing(2027)
    assert text is not None
    then = kept(text)
    assert due(limit("9 working days"), start, then()) == first
    assert then.text() == text
    now.begin()
    assert now.text() is None
    assert due(limit("24h"), start, now()) == datetime.fromisoformat("2026-12-29T10:00+08:00")
    assert now.text() is None, "no year is needed for it"
