"""Calendars as they are written in YAML: strict, and what is wrong is said with its line and column."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any

from crm_cli.errors import UsageError
from crm_cli.language import _
from crm_cli.policy import reader, source
from crm_cli.policy.finding import Findings
from crm_cli.policy.node import BAD
from crm_cli.worktime import hours
from crm_cli.worktime.countries import NONE

if TYPE_CHECKING:
    from collections.abc import Callable

    from crm_cli.policy.node import Node

OWN = ("hours", "working_days", "limits")
LIMITS = ("ends", "cut_off", "restart", "restarts", "days")
ENDS = ("day", "time")
RESTARTS = ("all", "late")
YEAR = ("year", "holidays", "working", "hours")
_ROW = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}) to ([0-9]{4}-[0-9]{2}-[0-9]{2})")


def check_settings(node: Node, found: Findings) -> None:
    """Report what is wrong with `calendar:` of crm.yaml."""
    told = reader.mapping(node, found)
    if told is None:
        return
    reader.known_keys(node, (*OWN, "holidays", "departments"), found)
    _check_own(told, found)
    if "holidays" in told:
        reader.word(told["holidays"], (NONE,), "holiday", found)
    departments = reader.mapping(told["departments"], found) if "departments" in told else {}
    for department in (departments or {}).values():
        own = reader.mapping(department, found)
        if own is not None:
            reader.known_keys(department, OWN, found)
            _check_own(own, found)


def _check_own(told: dict[str, Node], found: Findings) -> None:
    if "hours" in told:
        _check_hours(told["hours"], found)
    days = told.get("working_days")
    if days is not None and reader.items(days, found):
        reader.words(days, hours.WEEK, "day", found)
    limits = told.get("limits")
    if limits is not None and reader.mapping(limits, found) is not None:
        reader.known_keys(limits, LIMITS, found)
        _check_limits(limits.value, found)


def _check_hours(node: Node, found: Findings) -> None:
    told = reader.mapping(node, found) or {}
    for name, times in told.items():
        if name not in (hours.HOLIDAY, hours.MADE_UP):
            _tried(hours.days, name, node.keys[name], found)
        _times(times, found)
    if told and not any(times.value not in (hours.CLOSED, [], BAD) for times in told.values()):
        found.error(node.place, _("it is never open"), _("name the hours of a day at least"))


def _times(node: Node, found: Findings) -> list[str] | None:
    """Answer the texts of hours that hold together."""
    nodes = reader.listed(node)
    texts = [reader.text(one, found) for one in nodes]
    if None in texts:
        return None
    _tried(hours.periods, texts, node.place, found)
    return [str(text) for text in texts]


def _check_limits(told: dict[str, Node], found: Findings) -> None:
    if "ends" in told:
        reader.word(told["ends"], ENDS, "end", found)
    if "days" in told:
        reader.word(told["days"], ENDS, "end", found)
    if "restarts" in told:
        reader.word(told["restarts"], RESTARTS, "restart", found)
    for name in ("cut_off", "restart"):
        if name in told and reader.text(told[name], found) is not None:
            _tried(hours.clock, told[name].value, told[name].place, found)
    for name in ("restart", "restarts"):
        if name not in told or ("ends" in told and told["ends"].value == "time"):
            continue
        found.error(
            told[name].place,
            _("a limit that ends with the day has no restart"),
            _("write ends: time, or leave it out"),
        )


def _tried(read: Callable[[Any], Any], value: Any, place: Any, found: Findings) -> None:
    try:
        read(value)
    except UsageError as error:
        found.error(place, error.what, error.fix)


def parsed(raw: bytes, name: str, number: int) -> dict[str, Any]:
    """Answer what the file of a year says, in plain data; PolicyError with everything that is wrong with it."""
    found = Findings()
    node = source.parse(raw, name, found)
    told: dict[str, Any] = {}
    if node is not None and reader.mapping(node, found) is not None:
        reader.known_keys(node, YEAR, found)
        if reader.wanted_keys(node, ("year",), found) and node.value["year"].value != number:
            what = _("this is not the year of the file's name")
            found.error(node.value["year"].place, what, _("write year: {year}").format(year=number))
        told = _year(node.value, number, found)
    found.stop()
    return told


def _year(told: dict[str, Node], number: int, found: Findings) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    met: dict[dt.date, str] = {}
    for key in ("holidays", "working"):
        if key in told:
            plain[key] = [day.isoformat() for day in _dates(told[key], number, key, met, found)]
    if "hours" in told:
        special = reader.mapping(told["hours"], found) or {}
        keys = told["hours"].keys
        days = {text: _day(text, keys[text], number, found) for text in special}
        plain["hours"] = {text: _times(times, found) for text, times in special.items() if days[text]}
    return plain


def _dates(node: Node, number: int, key: str, met: dict[dt.date, str], found: Findings) -> list[dt.date]:
    """Answer the days of a list, each once and none of another list."""
    nodes = node.value if isinstance(node.value, list) else reader.items(node, found) or []
    answer = []
    for one in nodes:
        for day in _stretch(one, number, found):
            if day in met:
                what = _("{day} stands under {key} already").format(day=day, key=met[day])
                found.error(one.place, what, _("remove one of the two"))
            met[day] = key
            answer.append(day)
    return answer


def _stretch(node: Node, number: int, found: Findings) -> list[dt.date]:
    """Answer the day of a node, or the days of `2027-02-05 to 2027-02-11`."""
    match = _ROW.fullmatch(node.value) if isinstance(node.value, str) else None
    if match is None:
        day = reader.day(node, found)
        return [day] if day and _of_year(day, node.place, number, found) else []
    first, last = (_day(text, node.place, number, found) for text in match.groups())
    if first is None or last is None:
        return []
    if first > last:
        found.error(node.place, _("the last day comes before the first"), _("write the earlier one first"))
    return [first + dt.timedelta(days=count) for count in range((last - first).days + 1)]


def _day(text: str, place: Any, number: int, found: Findings) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        found.error(place, _("'{text}' is not a day").format(text=text), _("write it as 2025-01-01, without quotes"))
        return None
    return day if _of_year(day, place, number, found) else None


def _of_year(day: dt.date, place: Any, number: int, found: Findings) -> bool:
    if day.year != number:
        what = _("{day} is not a day of {year}").format(day=day, year=number)
        found.error(place, what, _("write it into calendars/{year}.yaml").format(year=day.year))
    return day.year == number
