"""A case, and lists of cases, as they are told to people and programs; nothing here decides."""

from __future__ import annotations

from datetime import datetime
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from crm_cli.rules.case import checks, duties, hands
from crm_cli.rules.case.conditions import holds
from crm_cli.rules.case.evolve import blank, utc
from crm_cli.rules.case.falling import living
from crm_cli.rules.case.kinds import kinds
from crm_cli.rules.case.lookups import by_value, keyed
from crm_cli.rules.case.sight import OPEN, Sight

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crm_cli.past import Document, Past
    from crm_cli.policy.book import Rulebook

NEWEST = 10  # closed cases beside one that its card tells
WAITS = {"missing": "wants", "blocked": "after", "too_early": "not_before"}  # what a step that is next may lack


def shown(past: Past, rules: Rulebook, key: str, now: datetime) -> dict[str, Any]:
    """Answer a case as its card tells it; its fields in the order of the declaration, money in the hundredth.

    `clocks` are the duties with a limit, each running, paused, met, breached or late; `next` the steps that can be done
    now, by whom, and what they want.
    """
    document = past.get("case", key) or {}
    _then, rule = living(rules, document)
    order = [*rule.compiled["fields"]]
    fields = sorted(document["fields"].items(), key=lambda one: order.index(one[0]) if one[0] in order else len(order))
    return {
        "id": key,
        "kind": document["kind"],
        "state": document["state"],
        "closed": document["closed"],
        "round": document["round"],
        "level": document["fields"].get("level"),
        "opened": document["opened"],
        "by": document["by"],
        **({"source": document["source"]} if document["source"] else {}),
        **({"first_edition": document["first_edition"]} if "first_edition" in document else {}),
        "fields": dict(fields),
        "clocks": clocks(document, now),
        "steps": [
            {"step": one["step"], "at": one["at"], "by": one["by"], "set": one["set"], "event": one["seq"]}
            for one in document["log"]
            if one["step"]
        ],
        "open_duties": owed(document),
        "beside": beside(past, rules, document, now),
        "next": [] if document["closed"] else possible(past, rules, key, now),
    }


def clocks(document: Document, now: datetime) -> list[dict[str, Any]]:
    """Answer the duties of a case that have a limit, each with its start, due and done instants, and how it stands."""
    return [_clock(one, now) for one in document["duties"] if one["limit"] and one["state"] != "restarted"]


def _clock(entry: dict[str, Any], now: datetime) -> dict[str, Any]:
    state = entry["state"]
    if state == "running" and entry["due"] and datetime.fromisoformat(entry["due"]) < now:
        state = "breached"
    found = {"name": entry["name"], "start": entry["start"], "due": entry["due"], "done": entry.get("done")}
    found |= {"item": entry["item"]} if entry["item"] else {}
    found |= {"missing": entry["missing"]} if "missing" in entry else {}
    return {**found, "state": state}


def owed(document: Document) -> list[dict[str, Any]]:
    """Answer the open duties of a case, those with a due instant first, soonest first."""
    found = sorted(duties.open_ones(document), key=lambda one: (one["due"] is None, one["due"] or ""))
    return [{"name": one["name"], **({"item": one["item"]} if one["item"] else {}), "due": one["due"]} for one in found]


def beside(past: Past, rules: Rulebook, document: Document, now: datetime) -> list[dict[str, Any]]:
    """Answer the cases that name this one in a field: those that are open, then the newest that are closed."""
    found: dict[str, Document] = {}
    for name, rule in kinds(rules).items():
        for field, one in rule.compiled["fields"].items():
            for key in by_value(past, name, field, document["id"]) if document["kind"] in one["link"] else ():
                found[key] = past.get("case", key) or {}
    newest = sorted(found.values(), key=lambda one: utc(one["opened"]), reverse=True)
    closed = [one for one in newest if one["closed"]]
    told = [one for one in newest if not one["closed"]] + closed[:NEWEST]
    return [_related(rules, one, now) for one in told]


def _related(rules: Rulebook, document: Document, now: datetime) -> dict[str, Any]:
    """Answer a case as another's card tells it: whom it is about, and of its fields nothing else."""
    fields = kinds(rules)[document["kind"]].compiled["fields"]
    people = [name for name, one in fields.items() if one["type"] == "person" and not one["personal"]]
    named = [document["fields"][name] for name in people if name in document["fields"]]
    who = (named[0] if not isinstance(named[0], list) else ", ".join(named[0])) if named else document["by"]
    told = {name: one for name, one in row(document, now).items() if name != "fields"}
    return {**told, "kind": document["kind"], "who": who}


def possible(past: Past, rules: Rulebook, key: str, now: datetime) -> list[dict[str, Any]]:
    """Answer the steps whose turn it is: by whom, what they want, `after` which open duties, `not_before` when."""
    document = past.get("case", key) or {}
    then, rule = living(rules, document)
    sight = Sight(past, then, rule, document, now, "")
    found = []
    for step, declared in rule.compiled["steps"].items():
        if declared["opens"] is True or step == "merge" or declared["by"] == [hands.OFFICE]:
            continue
        lacking = checks.wants(sight, step, program=True).refuse
        if {want.sort for want in lacking} <= set(WAITS):
            by = checks.called(sight, hands.needed(declared["by"], rule.compiled["by"]))
            told = {key: [want.what for want in lacking if want.sort == sort] for sort, key in WAITS.items()}
            found.append(
                {"step": step, "by": by, **{key: what for key, what in told.items() if what or key == "wants"}}
            )
    return found


def waits(past: Past, rules: Rulebook, key: str, verb: str, now: datetime) -> list[checks.Want]:
    """Answer what a step of a case waits for that nobody can give now: time that is not over, what is still owed."""
    document = past.get("case", key) or {}
    then, rule = living(rules, document)
    sight = Sight(past, then, rule, document, now, "")
    steps = [step for step, one in rule.compiled["steps"].items() if verb in (step, one["verb"])]
    lacking = [want for step in steps for want in checks.wants(sight, step, program=True).refuse]
    return [want for want in lacking if want.sort in ("blocked", "too_early")]


def listed(
    past: Past, rules: Rulebook, kind: str, now: datetime, *, closed: bool = False, overdue: bool = False,
    owing: bool = False, since: str | None = None, where: dict[str, str] | None = None,
) -> list[dict[str, Any]]:  # fmt: skip
    """Answer the cases of a kind in the order of its queue: the open ones, or all, or those in which something is owed.

    `where` wants values of fields.

    The overdue ones are found by what has fallen due, the others by the marks of their kind: closed cases cost nothing
    unless they are asked for.
    """
    rule = kinds(rules)[kind]
    found = []
    state = "owes" if owing else "all" if closed else "open"
    for key in _keys(past, rules, kind, now, state=state, overdue=overdue, since=since, where=where or {}):
        document = past.get("case", key) or {}
        if document["kind"] == kind and _fits(document, where or {}) and not (owing and not duties.open_ones(document)):
            found.append(row(document, now))
    return _queued(past, rules, rule.compiled["queue"], found)


def _keys(
    past: Past, rules: Rulebook, kind: str, now: datetime, *, state: str, overdue: bool, since: str | None,
    where: dict[str, str],
) -> Iterator[str]:  # fmt: skip
    if overdue:
        marks = past.marks(f"late:{kind}", high=f"{utc(now.isoformat())}|")
        yield from dict.fromkeys(mark.rpartition("|")[2] for mark in marks)
        return
    by_field = [name for name in where if name in keyed(rules, kind)]
    if by_field:
        yield from by_value(past, kind, by_field[0], where[by_field[0]])
        return
    marks = past.marks(f"{state}:{kind}", low=utc(since) if since else "")
    yield from (mark.rpartition("|")[2] for mark in marks)


def _fits(document: Document, where: dict[str, str]) -> bool:
    for name, wanted in where.items():
        value = document["state"] if name == "state" else document["fields"].get(name)
        if wanted not in (value if isinstance(value, list) else [value]):
            return False
    return True


def row(document: Document, now: datetime) -> dict[str, Any]:
    """Answer one line of a list: id, state, level, when it was opened, what is due next, and whether that is over."""
    running = [one for one in clocks(document, now) if one["state"] in OPEN and one["due"]]
    soonest = min(running, key=lambda one: datetime.fromisoformat(one["due"]), default=None)
    return {
        "id": document["id"],
        "state": document["state"],
        "level": document["fields"].get("level"),
        "opened": document["opened"],
        "duty": soonest["name"] if soonest else None,
        "due": soonest["due"] if soonest else None,
        "overdue": bool(soonest and soonest["state"] == "breached"),
        "fields": document["fields"],
    }


def _queued(
    past: Past, rules: Rulebook, queue: list[dict[str, Any]], rows: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Answer the lines in the order of the queue: with a value first, by rank, or by time; equal ones by opening."""
    found = sorted(rows, key=lambda one: (utc(one["opened"]), len(one["id"]), one["id"]))  # 9 before 10
    for one in reversed(queue):
        ranked = [(_rank(past, rules, one, each["id"]), each) for each in found]
        found = [each for _rank_of, each in sorted(ranked, key=itemgetter(0), reverse=one["is"] == "down")]
    return found


def _rank(past: Past, rules: Rulebook, one: dict[str, Any], key: str) -> Any:
    document = past.get("case", key) or {}
    if one["name"] == "opened":
        return utc(document["opened"])
    then, rule = living(rules, document)
    sight = Sight(past, then, rule, document, datetime.fromisoformat(document["opened"]), "")
    values = sight.values(one["name"])
    if one["is"] not in ("up", "down"):
        return one["is"] not in values
    of = rule.compiled["fields"].get(one["name"], {}).get("of")
    if not of:  # a number, a day, a text: by itself, and what has none is the last that comes up
        return (0, values[0]) if values else (1, 0)
    return of.index(values[0]) if values and values[0] in of else -1


def overdue(past: Past, names: tuple[str, ...], now: datetime) -> list[dict[str, Any]]:
    """Answer what is overdue in the cases of some kinds, the oldest first: one line for each duty and item."""
    marks = {mark for name in names for mark in past.marks(f"late:{name}", high=f"{utc(now.isoformat())}|")}
    found = []
    for key in {mark.rpartition("|")[2] for mark in marks}:
        document = past.get("case", key) or {}
        told = {"id": key, "kind": document["kind"], "state": document["state"]}
        late = (one for one in clocks(document, now) if one["state"] == "breached")
        found += [{**told, "duty": one["name"], "item": one.get("item"), "due": one["due"]} for one in late]
    return sorted(found, key=lambda one: (utc(one["due"]), one["id"], one["item"] or ""))


def asked(
    past: Past, rules: Rulebook, kind: str, items: list[dict[str, Any]], document: Document | None,
    given: dict[str, Any], now: datetime,
) -> list[tuple[dict[str, Any], list[dict[str, Any]], list[str]]]:  # fmt: skip
    """Answer the items of a checklist that are asked for: [(item, tests that are still open, duties that owe it)].

    In a case all tests must hold; without one those that speak of `given` must, and the others are still open.
    """
    sight = Sight(past, rules, kinds(rules)[kind], document or blank("", kind, now.isoformat(), ""), now, "", given)
    found = []
    for item in items:
        tests = item.get("when") or []
        tried = tests if document else [test for test in tests if test["name"] in given]
        if holds(sight, tried):
            owed = [one["name"] for one in duties.open_ones(sight.document) if one["item"] == item["id"]]
            found.append((item, [test for test in tests if test not in tried], owed))
    return found


def sight_of(past: Past, rules: Rulebook, document: Document, now: datetime, **given: Any) -> Sight:
    """Answer a case as its conditions see it now, with some values laid over."""
    then, rule = living(rules, document)
    return Sight(past, then, rule, document, now, "").but(given=given)
