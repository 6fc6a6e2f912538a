"""The calendars of an office: what crm.yaml says of its hours, what calendars/YEAR.yaml or a package says of a year."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import orjson

from crm_cli import clock
from crm_cli.digest import sha256
from crm_cli.worktime import Calendar, WorkingDays, Year, countries, hours

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from crm_cli.settings import Settings

FOLDER = "calendars"


class Calendars:
    """The calendars of an office and of its departments, and which years were asked about since `begin`."""

    def __init__(self, zone: str, told: Mapping[str, Any], years: Callable[[int], Year | None]) -> None:
        self._zone, self._told, self._years = zone, told, years
        self._known: dict[int, Year | None] = {}
        self._asked: set[int] = set()
        self._made: dict[str | None, Calendar] = {}
        self._texts: dict[tuple[int, ...], bytes] = {}

    def __call__(self, department: str | None = None) -> Calendar:
        """Answer the calendar of a department that has hours of its own, else that of the office."""
        if department not in self._made:
            told = {**self._told, **self._told.get("departments", {}).get(department, {})}
            self._made[department] = Calendar(clock.zone(self._zone), self.year, **_hours(told), **_days(told))
        return self._made[department]

    def year(self, number: int) -> Year | None:
        """Answer what is known of a year, None when no calendar covers it; it counts as asked about."""
        self._asked.add(number)
        if number not in self._known:
            self._known[number] = self._years(number)
        return self._known[number]

    def begin(self) -> None:
        """Forget which years were asked about: another decision begins."""
        self._asked.clear()

    def text(self) -> bytes | None:
        """Answer all that was asked of the calendars since `begin`, to be kept; None when nothing was."""
        if not self._asked:
            return None
        asked = tuple(sorted(self._asked))
        if asked not in self._texts:
            years = {str(number): _plain(self._known[number]) for number in asked}
            told = {"calendar": self._told, "timezone": self._zone, "years": years}
            self._texts[asked] = orjson.dumps(told, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)
        return self._texts[asked]


def of_office(folder: Path, cache: Path, settings: Settings) -> Calendars:
    """Answer the calendars of an office as its files are now."""
    return Calendars(
        settings.timezone, settings.calendar, lambda number: year_of(folder, cache, _country(settings), number)
    )


def _country(settings: Settings) -> str:
    """Answer whose holidays the office keeps: none where it works on all of them."""
    return str(settings.calendar.get("holidays", settings.country))


def kept(text: bytes) -> Calendars:
    """Answer the calendars as a decision found them: what it did not ask about is missing."""
    told = orjson.loads(text)
    years = {int(number): None if year is None else _year(year) for number, year in told["years"].items()}
    return Calendars(told["timezone"], told["calendar"], years.get)


def year_of(folder: Path, cache: Path, country: str, number: int) -> Year | None:
    """Answer what an office knows of a year: its file, alone where it names the holidays, else over the country's."""
    told = file_of(folder, cache, number)
    if told is None:
        return countries.year(country, number)
    if "holidays" in told:
        return _year(told)
    known = countries.year(country, number)
    if known is None:
        return None
    more = _year(told)
    return Year(known.holidays - more.worked, known.worked | more.worked, more.hours)


def file_of(folder: Path, cache: Path, number: int) -> dict[str, Any] | None:
    """Answer what the office's file of a year says, None when it has none; one read before comes from the cache."""
    name = f"{FOLDER}/{number}.yaml"
    try:
        raw = (folder / name).read_bytes()
    except FileNotFoundError:
        return None
    path = cache / f"calendar.{number}.{sha256(raw).hexdigest()}"
    try:
        told: dict[str, Any] = orjson.loads(path.read_bytes())
    except (OSError, ValueError):
        from crm_cli.calendars.written import parsed  # noqa: PLC0415 - a file read before is read without YAML

        told = parsed(raw, name, number)
        _keep(path, told)
    return told


def _keep(path: Path, told: dict[str, Any]) -> None:
    """Keep what was parsed, where the office can be written; elsewhere it is parsed again each time."""
    half = path.with_suffix(".half")
    try:
        path.parent.mkdir(exist_ok=True)
        half.write_bytes(orjson.dumps(told))
        half.replace(path)
    except OSError:
        return


def _plain(year: Year | None) -> dict[str, Any] | None:
    if year is None:
        return None
    special = {day.isoformat(): hours.text(times) or hours.CLOSED for day, times in sorted(year.hours.items())}
    holidays, worked = ([day.isoformat() for day in sorted(days)] for days in (year.holidays, year.worked))
    return {"holidays": holidays, "working": worked, "hours": special}


def _year(told: Mapping[str, Any]) -> Year:
    holidays, worked = (
        frozenset(date.fromisoformat(day) for day in told.get(key, ())) for key in ("holidays", "working")
    )
    special = {date.fromisoformat(day): _periods(times) for day, times in told.get("hours", {}).items()}
    return Year(holidays, worked, special)


def _periods(told: Any) -> tuple[tuple[int, int], ...]:
    return hours.periods(told.split(", ") if isinstance(told, str) else told)


def _hours(told: Mapping[str, Any]) -> dict[str, Any]:
    """Answer the hours that are told; those that are not are what is built in: Monday to Friday, 09:00 to 18:00."""
    if "hours" not in told:
        return {}
    found: dict[str, Any] = {"week": hours.week(told["hours"])}
    for name in (hours.HOLIDAY, hours.MADE_UP):
        if name in told["hours"]:
            found[name] = hours.periods(told["hours"][name])
    return found


def _days(told: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "working_days" in told:
        found["days"] = frozenset(hours.WEEK.index(day) for day in told["working_days"])
    if "limits" in told:
        limits = told["limits"]
        times = {name: hours.clock(limits[name]) for name in ("cut_off", "restart") if name in limits}
        only_late = limits.get("restarts") == "late"
        found["working_days"] = WorkingDays(limits.get("ends") == "time", only_late=only_late, **times)
        found["days_keep_time"] = limits.get("days") == "time"
    return found
