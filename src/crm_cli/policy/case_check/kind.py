"""One kind as it is compiled, with where everything stands, and what other kinds do to it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from crm_cli.policy.draft import Rule
    from crm_cli.policy.finding import Findings, Place
    from crm_cli.policy.node import Node

Row = dict[str, Any]
SETS = ("asks", "takes")


class Declared(NamedTuple):
    """A kind as it is written and as it is compiled."""

    topic: str
    rule: Rule
    compiled: dict[str, Any]
    tables: Mapping[str, Collection[str]]  # the outcomes of each table that an effect may use


class Kind:
    """What the checks ask about a kind."""

    def __init__(self, one: Declared, kinds: Mapping[str, Declared], found: Findings) -> None:
        self.rule, self.name, self.found = one.rule, one.rule.name, found
        self._kinds, self._one = kinds, one
        self.fields: dict[str, Row] = one.compiled["fields"]
        self.steps: dict[str, Row] = one.compiled["steps"]
        self.duties: dict[str, Row] = one.compiled["duties"]
        self.closed: list[str] = one.compiled["closed"]
        self.compiled = one.compiled

    # ── where it stands ────────────────────────────────────────────────────────────────────────────────────────────

    def at(self, *path: str | int) -> Place:
        """Answer the place of what stands at a path of keys and numbers, as far down as it is written."""
        node: Node | None = self.rule.keys.get(str(path[0]))
        if node is None:
            return self.rule.place
        place = node.place
        for key in path[1:]:
            if isinstance(key, int) and isinstance(node.value, list):
                node = node.value[key]
                place = node.place
            elif isinstance(node.value, dict) and key in node.value:
                place, node = node.keys[str(key)], node.value[key]
            else:
                break
        return place

    def error(self, what: str, fix: str, *path: str | int) -> None:
        """Report something wrong at a path."""
        self.found.error(self.at(*path), what, fix)

    # ── rows ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def needs(self, step: str) -> list[tuple[Row, tuple[str | int, ...]]]:
        """Answer the requirements that refuse a step, each with its path: the kind's, then its own."""
        common = [(row, ("needs", at)) for at, row in enumerate(self.compiled["needs"]) if step not in row["except"]]
        own = [(row, ("steps", step, "needs", at)) for at, row in enumerate(self.steps[step]["needs"])]
        return [(row, path) for row, path in (*common, *own) if row["else"] == "refuse"]

    def effects(self) -> Iterator[tuple[str | None, Row]]:
        """Answer every effect with the step that brings it about, or None."""
        yield from ((None, row) for row in self.compiled["then"])
        yield from ((name, row) for name, step in self.steps.items() for row in step["then"])
        yield from ((None, row) for duty in self.duties.values() for row in duty["late"])

    def closes(self, step: str) -> bool:
        """Answer whether a step always closes the case."""
        states = self.steps[step]["state"]
        return bool(states) and all(row["is"] in self.closed for row in states)

    def names(self) -> Collection[str]:
        """Answer the names of every kind of the house."""
        return self._kinds

    def about_duties(self) -> dict[str, Row]:
        """Answer the duties that the figures of this kind may count."""
        about = self._kinds.get(self.compiled["about"] or self.name, self._one)
        duties: dict[str, Row] = about.compiled["duties"]
        return duties

    # ── what sets fields ───────────────────────────────────────────────────────────────────────────────────────────

    def given(self, step: str) -> set[str]:
        """Answer the fields that a step sets or may set."""
        one = self.steps[step]
        rows = [one, *one["needs"], *(row for row in self.compiled["needs"] if step not in row["except"])]
        named = {name for row in rows for key in SETS for ask in row.get(key, ()) for name in _flat(ask)}
        sets = {name for at, row in self.effects() if at == step for name in self._set(row)}
        return named | sets

    def _set(self, row: Row) -> list[str]:
        if row["do"] == "use":
            return [name for name in self._one.tables.get(row["use"], ()) if name in self.fields]
        own = row["do"] == "set" or (row["do"] == "step" and row["in"] is None)
        return list(row["set"]) if own else []

    @cached_property
    def brought(self) -> set[str]:
        """Answer the fields that have a value without any step: first values, figures, what begins a case."""
        own = {name for name, one in self.fields.items() if one["start"] is not None or one["product"] or one["sum"]}
        ends = {"starts", "ends"} if self.compiled["every"] else set()
        late = {name for at, row in self.effects() if at is None for name in self._set(row)}
        return own | ends | late | {name for row in self._aimed() for name in (*row.get("with", ()), *row["set"])}

    def _aimed(self) -> list[Row]:
        """Answer the effects, of any kind, that start a case of this one or do a step of it."""
        return [row for row, kinds in self._abroad() if self.name in kinds and row["do"] in ("start", "step")]

    def _abroad(self) -> Iterator[tuple[Row, list[str]]]:
        for name, one in self._kinds.items():
            kind = self if name == self.name else Kind(one, {}, self.found)
            for _step, row in kind.effects():
                if row["do"] == "start":
                    yield row, [row["start"]]
                elif row["do"] in ("step", "merge"):
                    look_up = row["in"] if row["do"] == "step" else row["merge"]
                    yield row, one.compiled["others"][look_up]["kinds"] if look_up else [name]

    @cached_property
    def programmed(self) -> set[str]:
        """Answer the steps that some effect, of any kind, the calendar or an event does."""
        rows = [row for row, kinds in self._abroad() if self.name in kinds]
        steps = {"merge" if row["do"] == "merge" else row["step"] for row in rows if row["do"] != "start"}
        begun = any(row["do"] == "start" for row in rows)
        opened = {name for name, one in self.steps.items() if isinstance(one["opens"], str) or (one["opens"] and begun)}
        return steps | opened | ({"period"} if self.compiled["every"] else set())


def _flat(ask: str | list[str]) -> list[str]:
    return ask if isinstance(ask, list) else [ask]
