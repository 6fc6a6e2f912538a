"""What conditions look at: one case at one time, with the values of the step that is being done laid over it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from crm_cli.identity.scripts import folded

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from crm_cli.past import Document, Past
    from crm_cli.policy.ask import CaseRule
    from crm_cli.policy.book import Rulebook

OPEN = ("running", "paused", "breached")  # how a duty stands that is owed
RESULTS = {"met": ("met",), "late": ("breached", "late"), "open": OPEN}


@dataclass(eq=False, repr=False)
class Sight:
    """A case as conditions see it; `own` are fields that mean what this step says of them, and nothing else."""

    past: Past
    rules: Rulebook
    rule: CaseRule
    document: Document
    now: datetime
    hand: str
    given: Mapping[str, Any] = field(default_factory=dict)
    own: Collection[str] = ()

    def but(self, **changes: Any) -> Sight:
        """Answer the same with some of it changed: what dataclasses.replace answers, at a fraction of its cost."""
        other = object.__new__(Sight)
        other.__dict__.update(self.__dict__, **changes)
        return other

    def during(self, step: Mapping[str, Any]) -> Sight:
        """Answer the same case with the fields of a step of its kind meaning what this doing of it says."""
        if not self.document["log"]:  # a case that is being opened has of its fields their first values, and no others
            return self
        own = self.rule.derived.get(id(step))
        if own is None:
            own = self.rule.derived[id(step)] = frozenset(named(step))
        return self.but(own=own)

    def value(self, name: str) -> Any:
        """Answer the value of a field, None where it has none; of a collecting field the list."""
        kind = self.rule.compiled["fields"].get(name, {})
        if kind.get("product") or kind.get("sum"):
            return self._computed(kind)
        if name in self.own:
            return self.given.get(name)
        stored = self.document["fields"].get(name)
        if name not in self.given:
            return stored
        if kind.get("many"):
            return list(dict.fromkeys([*(stored or ()), *self.given[name]]))
        return self.given[name]

    def values(self, name: str) -> list[Any]:
        """Answer the values of a field or a link as a list, none where it has none."""
        value = self.linked(name) if "." in name else self.value(name)
        if value is None:
            return []
        return value if isinstance(value, list) else [value]

    def _computed(self, kind: Mapping[str, Any]) -> int | None:
        if kind.get("sum"):
            step, name = kind["sum"]
            before = [one["set"].get(name) or 0 for one in self.document["log"] if one["step"] == step]
            return sum(before) + (self.given.get(name) or 0)
        numbers = [self.value(name) for name in kind["product"]]
        if None in numbers:
            return None
        product = 1
        for number in numbers:
            product *= number
        return product

    def other(self, key: str) -> Document | None:
        """Answer another case as it stands now, with what fell due in it; None where there is none."""
        from crm_cli.rules.case.upto import standing_at  # noqa: PLC0415 - what falls due is seen by conditions, too

        return standing_at(self.past, self.rules, key, self.now)

    def linked(self, name: str) -> Any:
        """Answer a field, or the state, of the case or customer that a field names."""
        link, _dot, wanted = name.partition(".")
        for key in self.values(link):
            if self.past.get("customer", key) is not None:
                return self._of_customer(key, wanted)
            other = self.other(key)
            if other is not None:
                return other["state"] if wanted == "state" else other["fields"].get(wanted)
        return None

    def standing(self, name: str) -> list[str]:
        """Answer the state of the case that `link.state` names, and whether it is open or closed; nothing of none."""
        others = [self.other(key) for key in self.values(name.removesuffix(".state"))]
        return next(([one["state"], "closed" if one["closed"] else "open"] for one in others if one is not None), [])

    def _of_customer(self, key: str, wanted: str) -> Any:
        """Answer what the card of a customer says; the grade is that of the house's table, where it has one."""
        from crm_cli.rules.customer import card, grading  # noqa: PLC0415 - few kinds look at customers

        hit = grading.grade(self.past, self.rules, key) if wanted == "grade" else None
        if hit is not None:
            return hit.then[wanted]
        known = card.card_of(self.past, key)
        return {**known["typed"], **known["fields"]}.get(wanted)

    def done(self, step: str) -> bool:
        """Answer whether a step has been done and stands."""
        return step in self.document["done"]

    def duties(self, name: str) -> list[dict[str, Any]]:
        """Answer the duties of a name, oldest first."""
        return [one for one in self.document["duties"] if one["name"] == name]


def named(step: Mapping[str, Any]) -> list[str]:
    """Answer the fields that a step asks or takes, those that only some of its rows ask among them."""
    rows = [one for need in step["needs"] for one in need["asks"]]
    found = [
        name for one in (*step["asks"], *step["takes"], *rows) for name in (one if isinstance(one, list) else [one])
    ]
    return list(dict.fromkeys(found))


def alike(value: Any) -> str:
    """Answer the text under which values are the same: scripts, width, case and spacing do not tell them apart."""
    return _alike(value) if isinstance(value, str) else str(value)


@lru_cache(10_000)
def _alike(text: str) -> str:
    return folded(text).replace(" ", "")
