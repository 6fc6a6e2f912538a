"""Duties: what a step begins, what meets it, when it is due, and how it stands still meanwhile."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from crm_cli.rules.case.conditions import holds
from crm_cli.rules.case.sight import OPEN
from crm_cli.rules.case.spans import PERIOD, begins
from crm_cli.worktime import Missing, due, limit, paused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crm_cli.past import Document
    from crm_cli.rules.case.sight import Sight

Duty = dict[str, Any]
Entry = dict[str, Any]  # a duty of one case, as its document keeps it
SECOND = timedelta(seconds=1)
END_OF_DAY = time(23, 59, 59)
DROPPED = "dropped"


def open_ones(document: Document) -> list[Entry]:
    """Answer the duties of a case that are owed."""
    return [one for one in document["duties"] if one["state"] in OPEN]


# ── meeting ────────────────────────────────────────────────────────────────────────────────────────────────────────


def met_by(sight: Sight, step: str) -> list[Entry]:
    """Answer the open duties that a step meets or counts down, each with what is `left` of it then."""
    met = []
    for entry in open_ones(sight.document):
        if "wants" in entry:
            brings = entry["wants"] == step or sight.given.get(entry["wants"]) is not None
            met += [{**entry, "left": 0}] if brings else []
            continue
        duty = sight.rule.compiled["duties"].get(entry["name"])
        if duty and _is_until(sight, duty["until"], step) and _is_item(sight, duty, entry):
            met.append({**entry, "left": max(entry["left"] - _amount(sight, duty), 0)})
    return met


def without_met(sight: Sight, step: str) -> Sight:
    """Answer the case as it stands once a step has met its duties: those that it meets are owed no more."""
    met = [(one["name"], one["item"]) for one in met_by(sight, step) if not one["left"]]
    if not met:
        return sight
    entries = [
        {**one, "state": how_met(one, sight.now)} if one["state"] in OPEN and (one["name"], one["item"]) in met else one
        for one in sight.document["duties"]
    ]
    return sight.but(document={**sight.document, "duties": entries})


def how_met(entry: Entry, now: datetime) -> str:
    """Answer whether a duty that is met now is met in time or late."""
    return "met" if not entry["due"] or now <= datetime.fromisoformat(entry["due"]) else "late"


def _is_until(sight: Sight, until: list[dict[str, Any]], step: str) -> bool:
    seen = sight.during(sight.rule.compiled["steps"][step])
    return any(one["step"] == step and holds(seen, one["when"]) for one in until)


def _is_item(sight: Sight, duty: Duty, entry: Entry) -> bool:
    """Answer whether a step speaks of this item: of all where it names none."""
    named = sight.given.get(duty["item"]) if duty["item"] else None
    if named is None or not entry["item"]:
        return True
    return entry["item"] in [str(one) for one in (named if isinstance(named, list) else [named])]


def _amount(sight: Sight, duty: Duty) -> int:
    named = sight.given.get(duty["item"]) if duty["item"] else None
    return named if isinstance(named, int) and duty["times"] != 1 else 1


# ── beginning ──────────────────────────────────────────────────────────────────────────────────────────────────────


def begun_by(before: Sight | None, after: Sight, step: str) -> list[Entry]:
    """Answer the duties that a step begins; `before` is the case as it stood, None where it is new."""
    begun: list[Entry] = []
    for name, duty in after.rule.compiled["duties"].items():
        if _begins(before, after, duty, step, name):
            begun += _entries(after, name, duty, step)
    return begun


def _begins(before: Sight | None, after: Sight, duty: Duty, step: str, name: str) -> bool:
    if duty["from"] is None:
        fresh = before is None or not holds(before, duty["when"])
        return fresh and holds(after, duty["when"])
    seen = after.during(after.rule.compiled["steps"][step]) if step in after.rule.compiled["steps"] else after
    started = any(one["step"] == step and holds(seen, one["when"]) for one in duty["from"])
    return started and holds(after, duty["when"])


def _entries(sight: Sight, name: str, duty: Duty, step: str) -> Iterator[Entry]:
    gone = (DROPPED, "restarted") if duty["from"] is None else ("met", "late", DROPPED, "restarted")
    running = {one["item"] for one in sight.duties(name) if one["state"] not in gone}  # one without from begins once
    if step == PERIOD and not begins(sight.rule.compiled):  # of March, day 10 of next month is in April
        sight = sight.but(now=sight.now - SECOND)
    for item in _items(sight, duty, step):
        if item not in running or duty["restart"]:
            yield begun(sight, name, duty, item)


def _items(sight: Sight, duty: Duty, step: str) -> list[str]:
    each = duty["each"]
    if each is None:
        return [""]
    if "words" in each:
        return list(each["words"])
    declared = sight.rule.compiled["steps"].get(step)
    seen = sight.during(declared) if declared else sight
    return [str(value) for value in seen.values(each["field"])]


def begun(sight: Sight, name: str, duty: Duty, item: str) -> Entry:
    """Answer a duty that begins now, with its due instant: null where it has none, or no calendar tells it."""
    times = duty["times"]
    left = sight.value(times["field"]) if isinstance(times, dict) else times
    entry: Entry = {"name": name, "item": item, "start": sight.now.isoformat(), "left": left or 0, "state": "running"}
    text = _limit_of(sight, duty)
    if text is None:
        return {**entry, "limit": None, "due": None}
    return {**entry, "limit": text, **timed(sight, duty, text, sight.now)}


def _limit_of(sight: Sight, duty: Duty) -> str | None:
    rows = duty["within"] or ()
    return next((str(row["limit"]) for row in rows if holds(sight, row["when"])), None)


def timed(sight: Sight, duty: Duty, text: str, start: datetime) -> dict[str, Any]:
    """Answer when a limit is due, and when is warned and escalated; the year that has no calendar, where it wants one.

    All are instants in the office's zone, null where there is none.
    """
    end = _due(sight, text, start)
    if isinstance(end, Missing):
        return {"due": None, "missing": end.year}
    if end is None:
        return {"due": None}
    return around(duty, end)


def around(duty: Duty, end: datetime) -> dict[str, Any]:
    """Answer a due instant with the warnings and escalations around it."""
    found: dict[str, Any] = {"due": end.isoformat()}
    if duty["warn"]:
        found["warn"] = (end - span(duty["warn"])).isoformat()
    if duty["escalate"]:
        found["escalate"] = [_escalates(one["at"], end).isoformat() for one in duty["escalate"]]
    return found


def _escalates(at: str, end: datetime) -> datetime:
    return end + (SECOND if at == "due" else span(at))


def span(text: str) -> timedelta:
    """Answer a stretch of time by the clock: hours, minutes or days."""
    read = limit(text)
    return timedelta(**{read.unit: read.amount})


def _due(sight: Sight, text: str, start: datetime) -> datetime | Missing | None:
    calendar = sight.rules.calendar()
    if text.startswith("until "):
        return instant(sight, text.removeprefix("until "), END_OF_DAY)
    read = limit(text)
    begins = instant(sight, read.after, time()) if read.after else start
    if begins is None:
        return None
    ends = sight.value("ends")
    return due(read, begins, calendar, ends=date.fromisoformat(ends[:10]) if ends else None)


def instant(sight: Sight, name: str, of_day: time) -> datetime | None:
    """Answer the instant that a field names, None where it names none; of a day, that time of it."""
    value = (sight.values(name) or [None])[0]
    if value is None:
        return None
    if "T" in value:
        return datetime.fromisoformat(value)
    return datetime.combine(date.fromisoformat(value), of_day, sight.now.tzinfo)


def standing(sight: Sight, entries: list[Entry]) -> list[Entry]:
    """Answer those duties that no step began: they are owed while their condition holds."""
    declared = sight.rule.compiled["duties"]
    return [one for one in entries if "wants" not in one and declared.get(one["name"], {"from": ()})["from"] is None]


def lapsed(after: Sight, entries: list[Entry]) -> list[Entry]:
    """Answer the duties, of those that no step began, that are owed no longer: their condition does not hold now."""
    return [one for one in entries if not holds(after, after.rule.compiled["duties"][one["name"]]["when"])]


# ── what becomes of it ─────────────────────────────────────────────────────────────────────────────────────────────


def settled(entry: Entry, now: datetime) -> dict[str, Any]:
    """Answer what becomes of a duty that is met, in time or late; counted down, it runs on."""
    if entry["left"]:
        return change(entry, left=entry["left"])
    return change(entry, left=0, state=how_met(entry, now), done=now.isoformat())


def change(entry: Entry, **changes: Any) -> dict[str, Any]:
    """Answer a change of a duty, as a step records it."""
    return {"name": entry["name"], "item": entry["item"], **changes}


def fallen(entry: Entry, now: datetime) -> dict[str, Any]:
    """Answer what becomes of a duty that is owed no longer: it falls, but what was late by then was late."""
    return change(entry, state="late" if entry["state"] == "breached" else DROPPED, done=now.isoformat())


def clock(entry: Entry) -> dict[str, Any]:
    """Answer how the clock of a duty stands that goes on."""
    names = ("state", "due", "warn", "escalate", "missing")
    return {name: entry[name] for name in names if name in entry}


# ── standing still ─────────────────────────────────────────────────────────────────────────────────────────────────


def stopped(sight: Sight, state: str) -> list[Entry]:
    """Answer the running duties that stand still in a state which the case enters."""
    return [one for one in sight.document["duties"] if one["state"] == "running" and _pauses(sight, one, state)]


def resumed(sight: Sight, state: str) -> list[Entry]:
    """Answer the duties that go on when the case leaves a state, with the time spent there added."""
    found = []
    for one in sight.document["duties"]:
        if one["state"] == "paused" and not _pauses(sight, one, state):
            duty = sight.rule.compiled["duties"][one["name"]]
            found.append({**one, "state": "running", **_moved(sight, duty, one)})
    return found


def _pauses(sight: Sight, entry: Entry, state: str) -> bool:
    return state in sight.rule.compiled["duties"].get(entry["name"], {"pause": ()})["pause"]


def _moved(sight: Sight, duty: Duty, entry: Entry) -> dict[str, Any]:
    if not entry["due"]:
        return {}
    stood = datetime.fromisoformat(entry["paused"])
    by_clock = entry["limit"].startswith("until ")  # what a field names moves by the clock
    read = limit("24h" if by_clock else entry["limit"])
    end = paused(read, datetime.fromisoformat(entry["due"]), stood, sight.now, sight.rules.calendar())
    return {"due": None, "missing": end.year} if isinstance(end, Missing) else around(duty, end)
