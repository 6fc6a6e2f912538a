"""What a step wants: everything that is missing is named at once, each with its article."""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING, Any, NamedTuple

from crm_cli.identity import numbers
from crm_cli.rules.case import duties, hands, lookups
from crm_cli.rules.case.conditions import holds
from crm_cli.rules.case.lint import hits
from crm_cli.worktime import due, limit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from crm_cli.past import Document
    from crm_cli.policy.ask import CaseRule
    from crm_cli.policy.book import Cite
    from crm_cli.rules.case.sight import Sight

Need = dict[str, Any]


class Want(NamedTuple):
    """Something that a step wants and has not: of which sort, what, on which article.

    `wants` is what would bring it: a field, a step, the roles that nobody has; of who is barred, by which steps and
    fields.

    Sorts, as they outrank each other in a verdict: not_allowed recused already out_of_order blocked too_early missing
    not_asked_for forbidden_words; only warned of is doubtful. `found` are the cases that stand in the way.
    """

    sort: str
    what: str
    cite: Cite
    wants: Any = None
    found: Sequence[dict[str, Any]] = ()
    must: str | None = None  # the row whose condition does not hold, where it wants more than that something is given

    def told(self) -> dict[str, Any]:
        """Answer it as programs are told of it."""
        more: dict[str, Any] = {"cases": [*self.found]} if self.found else {}
        more |= {"row": self.must} if self.must else {}
        more |= {"unheld": self.wants} if self.sort == "not_allowed" and self.wants else {}
        more |= {"barred_by": self.wants} if self.sort == "recused" and self.wants else {}
        return {"what": self.what, "sort": self.sort, "ref": self.cite.ref, "article": self.cite.told, **more}


SORTS = (
    "recused", "not_allowed", "already", "out_of_order", "blocked", "too_early", "missing", "not_asked_for",
    "forbidden_words",
)  # fmt: skip


class Wants(NamedTuple):
    """What a step wants: what refuses it, what is only warned of, what is owed from now on."""

    refuse: list[Want]
    warn: list[Want]
    owe: list[Want]


def wants(sight: Sight, step: str, *, program: bool) -> Wants:
    """Answer everything that a step lacks as it is being done; the program's own hand is not asked who it is."""
    declared = sight.rule.compiled["steps"][step]
    rows = [row for row in _rows(sight, step) if holds(sight, row["when"])]
    found = Wants([], [], [])
    if not program:
        found.refuse.extend(_hand(sight, step, [row for row in rows if row["by"]]))
        found.warn.extend(_doubtful(sight, step))
    found.refuse.extend(_order(sight, step, declared))
    found.refuse.extend(_asked(sight, declared["asks"], sight.rule.cite(step)))
    for row in rows:
        getattr(found, row["else"]).extend(_row(sight, step, row, program=program))
    found.refuse.extend(_worded(sight))
    if not program:
        found.refuse.extend(_listed(sight, step))
    found.refuse.extend(_blocked(sight, step))
    found.refuse.extend(_closing(sight, step))
    return found


def barred(sight: Sight, step: str) -> Wants:
    """Answer only who is barred from a step, for one that the program does with the hand of another step."""
    found = Wants([], [], [])
    for row in _rows(sight, step):
        if row["not_by"] and holds(sight, row["when"]):
            getattr(found, row["else"]).extend(_recused(sight, row, sight.rule.cite(row["row"])))
    return found


def _rows(sight: Sight, step: str) -> Iterator[Need]:
    compiled = sight.rule.compiled
    yield from compiled["steps"][step]["needs"]
    yield from (row for row in compiled["needs"] if step not in row["except"])


def _hand(sight: Sight, step: str, speaking: Sequence[Need]) -> Iterator[Want]:
    """Answer whether the hand is none of those that may: a row that says who, the last of several, speaks instead."""
    allowed, cite = _allowed(sight, step, speaking)
    if not hands.fits(sight, allowed, sight.hand):
        yield Want("not_allowed", ", ".join(called(sight, allowed)), cite, wants=hands.unheld(sight, allowed))


def _allowed(sight: Sight, step: str, speaking: Sequence[Need]) -> tuple[Sequence[Any], Cite]:
    """Answer the hands that may do a step, and the article that says so."""
    if speaking:
        return speaking[-1]["by"], sight.rule.cite(speaking[-1]["row"])
    compiled = sight.rule.compiled
    return hands.needed(compiled["steps"][step]["by"], compiled["by"]), sight.rule.cite(step)


def instead_of(sight: Sight, step: str) -> str | None:
    """Answer for whom the hand stands in, where only that gives it the right to do a step."""
    speaking = [row for row in _rows(sight, step) if row["by"] and holds(sight, row["when"])]
    return hands.instead_of(sight, _allowed(sight, step, speaking)[0], sight.hand)


def called(sight: Sight, wanted: Sequence[Any]) -> list[str]:
    """Answer how hands are called: a role by its word, a field by whom it names."""
    names = []
    for hand in wanted:
        named = (
            []
            if isinstance(hand, str) or "role" in hand
            else [str(one) for one in sight.values(hand.get("field") or hand["of"])]
        )
        names += named or hands.roles_named([hand])
    return list(dict.fromkeys(names))


def _order(sight: Sight, step: str, declared: dict[str, Any]) -> Iterator[Want]:
    document, cite = sight.document, sight.rule.cite(step)
    if sight.done(step) and declared["state"] and not declared["again"] and not declared["back_to"]:
        yield Want("already", step, cite)
    for other in declared["after"]:
        if not sight.done(other):
            yield Want("out_of_order", other, cite)
    if declared["back_to"] and not sight.done(declared["back_to"]):
        yield Want("out_of_order", declared["back_to"], cite)
    yield from _dated(sight, [*declared["after"]], cite, road=bool(declared["state"]), entry=step != "merge")
    bars = [name for name in declared["not_by"] if sight.hand in _barred_by(sight, name)]
    if bars:
        yield Want("recused", sight.hand, cite, wants=bars)
    if document["closed"] and not declared["after_close"]:
        yield Want("already", "closed", cite)


def _dated(sight: Sight, after: list[str], cite: Cite, *, road: bool, entry: bool) -> Iterator[Want]:
    """Answer the newest step that this one comes before by its date: one it follows, or the last on the road.

    Nothing comes before the opening, but what somebody heard of the same matter elsewhere, and tells afterwards.
    """
    done = sight.document["done"]
    before = [(one["at"], one["step"]) for one in sight.document["log"][:1] if entry]
    before += [(done[step]["at"], step) for step in after if step in done]
    before += [(one["at"], one["step"]) for one in sight.document["road"][-1:] if road]
    late = [step for at, step in before if datetime.fromisoformat(at) > sight.now]
    if late:
        yield Want("out_of_order", late[-1], cite)


def _barred_by(sight: Sight, name: str) -> list[str]:
    """Answer who is barred by a name: who did that step, or whom that field names, also behind a link."""
    if name in sight.rule.compiled["steps"]:
        done = sight.document["done"].get(name)
        return [done["by"]] if done else []
    return [str(one) for one in sight.values(name)]


def _asked(sight: Sight, asks: Sequence[Any], cite: Cite) -> Iterator[Want]:
    for one in asks:
        names = one if isinstance(one, list) else [one]
        if all(sight.given.get(name) is None for name in names):
            yield Want("missing", "|".join(names), cite, wants=names[0])


def _worded(sight: Sight) -> Iterator[Want]:
    """Answer each word of a reply that the rulebook forbids."""
    for name, kind in sight.rule.compiled["fields"].items():
        if kind["forbids"] and name in sight.given:
            cite = sight.rule.cite(f"field.{name}")
            for word in dict.fromkeys(hits(str(sight.given[name]), kind["forbids"], kind["allows"])):
                yield Want("forbidden_words", word, cite)


def _listed(sight: Sight, step: str) -> Iterator[Want]:
    """Answer each item of a checklist that is named though nobody asks for it in this case."""
    for name, kind in sight.rule.compiled["fields"].items():
        if kind["checklist"] and name in sight.given:
            items = {one["id"]: one for one in sight.rules.rule(sight.rule.topic, kind["checklist"]).compiled["items"]}
            for word in _given(sight, name):
                if word in items and not holds(sight, items[word].get("when") or ()):
                    yield Want("not_asked_for", word, sight.rule.cite(step))


def _doubtful(sight: Sight, step: str) -> Iterator[Want]:
    """Answer each number of a vehicle that can be none: of another length, or its check digit is wrong."""
    for name, kind in sight.rule.compiled["fields"].items():
        if kind["type"] == "vin" and name in sight.given:
            for number in _given(sight, name):
                if not numbers.is_vin(number):
                    yield Want("doubtful", number, sight.rule.cite(step))


def _row(sight: Sight, step: str, row: Need, *, program: bool) -> Iterator[Want]:
    cite = sight.rule.cite(row["row"])
    yield from _asked(sight, row["asks"], cite)
    for other in row["after"]:
        if not sight.done(other) and other != step:
            yield Want("out_of_order", other, cite, wants=other)
    if row["must"] and not holds(sight, row["must"]):
        more = any(test["op"] != "given" for test in row["must"] if "op" in test)
        wanted, must = row["must"][0].get("name"), row["row"] if more else None
        yield Want("missing", _names(row["must"]), cite, wanted, _found(sight, row["must"]), must)
    if row["not_by"] and not program:
        yield from _recused(sight, row, cite)
    if row["not_before"]:
        yield from _early(sight, row["not_before"], cite)


def _names(tests: Sequence[dict[str, Any]]) -> str:
    return ", ".join(dict.fromkeys(str(test.get("name") or test["on"]) for test in tests))


def _found(sight: Sight, tests: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Answer the cases that look-ups find where there should be none, each with what is due next in it."""
    names = [test["name"] for test in tests if test["on"] == "other" and test.get("high") == 0 and not test["not"]]
    keys = dict.fromkeys(key for name in names for key in lookups.found(sight, name))
    return [{"id": key, "due": _next_due(sight.past.get("case", key) or {"duties": ()})} for key in keys]


def _next_due(document: Document) -> str | None:
    due_ones = [one["due"] for one in duties.open_ones(document) if one["due"]]
    return min(due_ones, key=datetime.fromisoformat, default=None)


def _recused(sight: Sight, row: Need, cite: Cite) -> Iterator[Want]:
    """Answer the hand, or somebody whom this step names, who is barred from the case."""
    for name in row["not_by"]:
        barred = _barred_by(sight, name)
        people = [sight.hand, *(one for field in _people(sight) if field != name for one in _given(sight, field))]
        yield from (Want("recused", one, cite, wants=[name]) for one in dict.fromkeys(people) if one in barred)


def _people(sight: Sight) -> list[str]:
    """Answer the fields that name people."""
    return [name for name, kind in sight.rule.compiled["fields"].items() if kind["type"] == "person"]


def _given(sight: Sight, name: str) -> list[str]:
    value = sight.given.get(name)
    return value if isinstance(value, list) else [] if value is None else [value]


def _early(sight: Sight, wait: dict[str, Any], cite: Cite) -> Iterator[Want]:
    """Answer a wait that is not over: so long after a field; what is told is the first instant at which it is.

    One of hours or minutes is over at its last instant, one of days after its last day, that of the field not counted;
    one that is unset has no end.
    """
    start = duties.instant(sight, wait["after"], time())
    if start is None:
        yield Want("missing", wait["after"], cite, wants=wait["after"])
        return
    read = limit(wait["limit"])
    end = due(read, start, sight.rules.calendar())
    if not isinstance(end, datetime):
        yield Want("too_early", wait["limit"], cite)
        return
    over = end if read.unit in ("hours", "minutes") else end + duties.SECOND
    if sight.now < over:
        yield Want("too_early", over.isoformat(), cite)


def _blocked(sight: Sight, step: str) -> Iterator[Want]:
    """Answer the open duties that come before a step."""
    met = {(one["name"], one["item"]) for one in duties.met_by(sight, step)}
    for entry in duties.open_ones(sight.document):
        duty = sight.rule.compiled["duties"].get(entry["name"])
        if duty and step in duty["before"] and (entry["name"], entry["item"]) not in met:
            yield blocked_by(sight.rule, entry)


def _closing(sight: Sight, step: str) -> Iterator[Want]:
    """Answer the duties that a step which closes the case would leave open; those that outlive it may stay."""
    declared = sight.rule.compiled["steps"][step]
    if declared["drops"] or state_after(sight, step) not in sight.rule.compiled["closed"] or not declared["state"]:
        return
    met = {(one["name"], one["item"]) for one in duties.met_by(sight, step) if not one["left"]}
    for entry in duties.open_ones(sight.document):
        duty = sight.rule.compiled["duties"].get(entry["name"])
        if (entry["name"], entry["item"]) not in met and not (duty and (duty["outlives"] or step in duty["before"])):
            yield blocked_by(sight.rule, entry)


def blocked_by(rule: CaseRule, entry: dict[str, Any]) -> Want:
    """Answer that an open duty is in the way of a step."""
    known = entry["name"] in rule.compiled["duties"]
    return Want("blocked", _shown(entry), rule.cite(f"duty.{entry['name']}" if known else entry.get("row")))


def _shown(entry: dict[str, Any]) -> str:
    return f"{entry['name']}/{entry['item']}" if entry["item"] else str(entry["name"])


def state_after(sight: Sight, step: str) -> str:
    """Answer the state in which a step leaves the case: the first that fits once its duties are met, else as it was."""
    states = sight.rule.compiled["steps"][step]["state"]
    if any(one["when"] for one in states):
        sight = duties.without_met(sight, step)
    for one in states:
        if holds(sight, one["when"]):
            return str(one["is"])
    return str(sight.document["state"])
