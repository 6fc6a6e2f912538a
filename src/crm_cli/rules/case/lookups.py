"""Look-ups: other cases found by equal values and a condition."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from crm_cli.rules.case.kinds import kinds
from crm_cli.rules.case.sight import OPEN, Sight, alike

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from crm_cli.past import Document, Past
    from crm_cli.policy.book import Rulebook

SELF = "self"


def found(sight: Sight, name: str) -> list[str]:
    """Answer the ids of the other cases that a look-up finds, oldest first."""
    from crm_cli.rules.case.conditions import holds  # noqa: PLC0415 - conditions look others up, too

    one = sight.rule.compiled["others"][name]
    ids = []
    for document in _candidates(sight, one):
        other: Sight | None = _seen(sight, document)
        if other and one["as_of"] and sight.values(one["as_of"]):
            other = _then(other, str(sight.values(one["as_of"])[0]))
        if other and _agrees(sight, other, one["same"]) and holds(other, one["when"]) and _recent(sight, document, one):
            ids.append(document["id"])
    return ids


def _seen(sight: Sight, document: Document) -> Sight:
    """Answer another case as conditions of a look-up see it."""
    rule = kinds(sight.rules).get(document["kind"], sight.rule)
    return sight.but(rule=rule, document=document, given={}, own=())


def _then(other: Sight, moment: str) -> Sight | None:
    """Answer another case as it stood at an instant, or at the end of a day, by its state and steps; None before it."""
    last = datetime.fromisoformat(moment if "T" in moment else f"{moment}T23:59:59").replace(tzinfo=other.now.tzinfo)
    log = [one for one in other.document["log"] if one["step"] and datetime.fromisoformat(one["at"]) <= last]
    if not log:
        return None
    state = log[-1]["state"]
    done = {one["step"]: {"at": one["at"], "by": one["by"]} for one in log}
    closed = state in other.rule.compiled["closed"]
    return other.but(document={**other.document, "state": state, "closed": closed, "done": done})


def _candidates(sight: Sight, one: Mapping[str, Any]) -> Iterator[Document]:
    """Answer the documents that the first group of keys leaves, each once, but for the case itself."""
    seen = {sight.document["id"]}
    for kind in one["kinds"]:
        for key in _keys(sight, kind, one["same"]):
            if key not in seen:
                seen.add(key)
                document = sight.other(key)
                if document is not None and document["kind"] == kind:
                    yield document


def _keys(sight: Sight, kind: str, same: list[list[list[str]]]) -> Iterator[str]:
    groups = [group for group in same if all(theirs in _keyed_names(sight, kind) for theirs, _ours in group)]
    for theirs, ours in groups[0] if groups else ():
        for value in _ours(sight, ours):
            if theirs == SELF:
                yield value
            else:
                yield from (mark.rpartition("|")[2] for mark in sight.past.marks(same_mark(kind, theirs, value)))
    if not groups:
        yield from (mark.rpartition("|")[2] for mark in sight.past.marks(f"all:{kind}"))


def _keyed_names(sight: Sight, kind: str) -> set[str]:
    return {SELF, *keyed(sight.rules, kind)}


def _ours(sight: Sight, name: str) -> list[str]:
    if name == SELF:
        return [sight.document["id"]]
    if name in sight.rule.compiled["duties"] and name not in sight.rule.compiled["fields"]:
        return [one["item"] for one in sight.duties(name) if one["state"] in OPEN]
    return [str(value) for value in sight.values(name)]


def _theirs(other: Sight, name: str) -> list[str]:
    if name == SELF:
        return [other.document["id"]]
    if name in other.rule.compiled["duties"]:
        return [one["item"] for one in other.duties(name) if one["state"] in OPEN]
    return [str(value) for value in other.values(name)]


def _agrees(sight: Sight, other: Sight, same: list[list[list[str]]]) -> bool:
    """Answer whether of every group of keys one agrees."""
    return all(any(_equal(_theirs(other, theirs), _ours(sight, ours)) for theirs, ours in group) for group in same)


def _equal(theirs: list[str], ours: list[str]) -> bool:
    return not {alike(one) for one in theirs}.isdisjoint(alike(one) for one in ours)


def _recent(sight: Sight, document: Document, one: Mapping[str, Any]) -> bool:
    """Answer whether two cases were opened within the limit of a look-up, whenever it is asked."""
    if not one.get("within"):
        return True
    from crm_cli.worktime import due, limit  # noqa: PLC0415 - few look-ups have a limit

    first, second = sorted(datetime.fromisoformat(one["opened"]) for one in (document, sight.document))
    end = due(limit(one["within"]), first, sight.rules.calendar())
    return isinstance(end, datetime) and second <= end


def same_mark(kind: str, name: str, value: Any) -> str:
    """Answer the kind of marks under which cases with a value stand."""
    return f"same:{kind}:{name}={alike(value)}"


def keyed(rules: Rulebook, kind: str) -> list[str]:
    """Answer the fields by which cases of a kind are found: its links, and those that a look-up of any kind names."""
    return list(_keyed(rules, kind))


@lru_cache(1000)
def _keyed(rules: Rulebook, kind: str) -> tuple[str, ...]:
    fields = kinds(rules)[kind].compiled["fields"]
    names = dict.fromkeys(name for name, one in fields.items() if one["link"])
    for rule in kinds(rules).values():
        for one in rule.compiled["others"].values():
            if kind in one["kinds"]:
                stored = set(fields) - set(
                    kinds(rules)[kind].compiled["duties"]
                )  # the name of both is that of the open items
                names |= dict.fromkeys(theirs for group in one["same"] for theirs, _ours in group if theirs in stored)
    return tuple(names)


def by_value(past: Past, kind: str, name: str, value: Any) -> list[str]:
    """Answer the ids of the cases of a kind that have a value, oldest first."""
    return [mark.rpartition("|")[2] for mark in past.marks(same_mark(kind, name, value))]
