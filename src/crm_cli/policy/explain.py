"""Why a rule answers as it does: the rows tried, the cell that decided, and what would have changed the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from crm_cli.policy.ask import MayRule, TableRule

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from crm_cli.policy.ask import Cite, ParamsRule


class Failed(NamedTuple):
    """The first cell of a row that the facts do not satisfy."""

    fact: str
    wanted: Any
    got: Any


class Tried(NamedTuple):
    """One row against the facts."""

    row: str | None
    matched: bool
    decided: bool
    failed: Failed | None
    then: Any
    says: Any
    reading: Any
    cite: Cite


class Change(NamedTuple):
    """One fact that, had it been this instead, would have brought another outcome."""

    fact: str
    value: Any
    then: Any
    cite: Cite


class Explanation(NamedTuple):
    """How a rule came to its answer."""

    rule: str
    kind: str
    facts: dict[str, Any]
    tried: list[Tried]
    changes: list[Change]


def explain(rule: TableRule | ParamsRule | MayRule, facts: Mapping[str, Any]) -> Explanation:
    """Answer why a rule of `Rulebook.rule` answers the facts as it does; a `may` takes `act` and `roles`."""
    if isinstance(rule, TableRule):
        return _table(rule, facts)
    if isinstance(rule, MayRule):
        return _may(rule, facts["act"], facts["roles"])
    values, cite = rule.answer
    says, reading = rule.compiled.get("says"), rule.compiled.get("reading")
    only = Tried(
        None, matched=True, decided=True, failed=None, then=dict(values), says=says, reading=reading, cite=cite
    )
    return Explanation(rule.name, "params", {}, [only], [])


def _table(rule: TableRule, facts: Mapping[str, Any]) -> Explanation:
    hits = rule.ask_all(facts)
    deciding = {hit.cite.row for hit in (hits if rule.compiled["hit"] == "all" else hits[:1])}
    own = {name: facts[name] for name in rule.compiled["inputs"]}
    tried = [_tried(rule, at, own, deciding) for at in range(len(rule.rows))]
    return Explanation(rule.name, "table", own, tried, list(_changes(rule, own, [hit.then for hit in hits])))


def _tried(rule: TableRule, at: int, facts: Mapping[str, Any], deciding: Collection[str | None]) -> Tried:
    row, (tests, then, cite) = rule.compiled["rows"][at], rule.rows[at]
    wrong = next((test.fact for test in tests if not test.holds(facts[test.fact])), None)
    failed = Failed(wrong, row["wanted"][wrong], facts[wrong]) if wrong is not None else None
    says, reading = row.get("says"), row.get("reading")
    return Tried(row["id"], wrong is None, row["id"] in deciding, failed, then, says, reading, cite)


def _changes(rule: TableRule, facts: Mapping[str, Any], answered: list[dict[str, Any]]) -> Iterator[Change]:
    for fact in facts:
        for value in _others(rule, fact, facts[fact]):
            hits = rule.ask_all({**facts, fact: value})
            if rule.compiled["hit"] != "all":
                hits, answered = hits[:1], answered[:1]
            if hits and [hit.then for hit in hits] != answered:
                yield Change(fact, value, hits[0].then, hits[0].cite)


def _others(rule: TableRule, fact: str, got: Any) -> list[Any]:
    """Answer the other words of a fact; for a number, the nearest one of every other range that rows speak of."""
    domain = rule.compiled["inputs"][fact]
    if isinstance(domain, list):
        return [word for word in domain if word != got]
    ranges = [range_ for row in rule.compiled["rows"] for range_ in row["when"].get(fact, ())]
    starts = {domain["least"]} | {low for low, _ in ranges} | {high + 1 for _, high in ranges if high is not None}
    ordered = sorted(start for start in starts if domain["most"] is None or start <= domain["most"])
    below = [end - 1 for end in ordered[1:] if end <= got]
    return [*below, *(start for start in ordered if start > got)]


def _may(rule: MayRule, act: str, roles: Collection[str]) -> Explanation:
    allowed, cite = rule.ask(act, roles)
    row = next(row for row in rule.compiled["rows"] if act in row["acts"])
    failed = None if allowed else _refused(row, roles)
    tried = Tried(row["id"], allowed, True, failed, {"may": allowed}, row.get("says"), row.get("reading"), cite)
    others = sorted(
        {role for one in rule.compiled["rows"] for role in (*one["by"], *one["not"])} - {"anyone", "nobody"}
    )
    changes = [
        Change("roles", role, {"may": not allowed}, cite) for role in others if rule.ask(act, [role])[0] != allowed
    ]
    return Explanation(rule.name, "may", {"act": act, "roles": list(roles)}, [tried], changes)


def _refused(row: Mapping[str, Any], roles: Collection[str]) -> Failed:
    barred = [role for role in roles if role in row["not"]]
    if barred:
        return Failed("roles", {"not": row["not"]}, barred)
    return Failed("roles", row["by"], list(roles))
