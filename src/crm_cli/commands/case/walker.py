"""Random walks over a kind of cases, as a test of its declaration: what must hold of every case, whatever is tried."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from crm_cli.past import Past
from crm_cli.rules.case import decide
from crm_cli.rules.case.evolve import evolve
from crm_cli.rules.case.hands import OFFICE
from crm_cli.rules.case.kinds import kinds
from crm_cli.rules.case.sight import OPEN, named

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from crm_cli.past import Document, Event
    from crm_cli.policy.ask import CaseRule
    from crm_cli.policy.book import Rulebook
    from crm_cli.rules.decision import Decision

TRIES = 3  # of one step, each with what the one before lacked
GIVING, ACCUSING = 0.6, 0.1  # how often a field is given that need not be; one that bars somebody
CURIOUS = 0.8  # how often somebody does what has not been done yet
STUBBORN = 0.1  # how often somebody does not do what is wanted
OPENINGS = 20  # tries to open a case that another one names
CLIENT = "C1"
SATISFIED = 0.7  # how often a walk ends with its case
STEPS = 60  # that one walk tries
WAIT = (1, 60, 24 * 60, 4 * 24 * 60)  # minutes that pass between two of them


class Walk(NamedTuple):
    """How a walk went: what was done as lines, whether the case was closed in the end, and what did not hold."""

    lines: list[str]
    closed: bool
    broken: str = ""


class Walker:
    """Somebody who tries the steps of a kind at random, with a hand for every role, and looks whether all holds."""

    def __init__(
        self, rulebook: Rulebook, rule: CaseRule, chance: Random, start: datetime, steps: int = STEPS,
        beside: Walker | None = None,
    ) -> None:  # fmt: skip
        """Begin with an empty past, or in that of somebody `beside` whom a case of this kind is wanted for."""
        self._steps = steps
        self._rules, self._rule, self._chance, self.now = rulebook, rule, chance, start
        self._bars = {name for row in rule.compiled["needs"] for name in row["not_by"]}
        self.past: Past = beside.past if beside else Past()
        self._lines: list[str] = []
        self._people = [f"{role}_{number}" for role in roles(rule) for number in (1, 2)]
        known = (self.past.get("staff", "roster") or {"members": {}})["members"]
        members = {name: {"roles": [name.rpartition("_")[0]]} for name in self._people}
        self.past.put("staff", "roster", {"members": known | members})
        self.past.put("customer", CLIENT, {"handle": CLIENT, "entries": [], "links": {}})
        self.events: list[Event] = beside.events if beside else []
        self.targets: dict[str, str | None] = beside.targets if beside else {}

    def walk(self) -> Walk:
        """Answer how one walk went from the opening of a case on."""
        key = ""
        for _number in range(self._steps):
            before = self.past.get("case", key) or {}
            document = self.tried(key, before)
            if document:
                key = document["id"]
                broken = self._broken(document)
                if broken:
                    return Walk(self._lines, document["closed"], broken)
                if document["closed"] and self._chance.random() < SATISFIED:
                    break
        document = self.past.get("case", key) or {"closed": False}
        return Walk(self._lines, document["closed"], self._unlike_again())

    def _target(self, kind: str) -> str | None:
        """Answer a case of another kind that this one may name, opened for it; None where nobody could open one."""
        if kind not in self.targets:
            self.targets[kind] = None  # who asks for it while it is opened gets none
            other = Walker(self._rules, kinds(self._rules)[kind], self._chance, self.now, beside=self)
            found = (other.tried("", {}) for _number in range(OPENINGS))
            self.targets[kind] = next((document["id"] for document in found if document), None)
            self.now = other.now
        return self.targets[kind]

    def tried(self, key: str, before: Document) -> Document | None:
        """Try one step by one hand, and once more with what was wanted; answer the document when it was done."""
        choices = self._choices(before)
        if not choices:
            return None
        fresh = [step for step in choices if step not in before.get("done", ())]
        step = self._chance.choice(fresh if fresh and self._chance.random() < CURIOUS else choices)
        hand = self._chance.choice(self._people)
        values = dict(self._values(step))
        self.now += timedelta(minutes=self._chance.choice(WAIT))
        for _again in range(TRIES):
            decision = self._asked(key, step, hand, values)
            if decision.allowed:
                return self._taken(decision, step, hand, values)
            lacking = [one for one in decision.answer.get("missing", ()) if one["sort"] in ("missing", "not_allowed")]
            if not lacking or self._chance.random() < STUBBORN:
                return None
            hand = self._willing(lacking, hand)
            for name in [name for one in lacking for name in one["what"].replace("|", ", ").split(", ")]:
                self._bring(values, name)
        return None

    def _willing(self, lacking: list[dict[str, Any]], hand: str) -> str:
        """Answer a hand among those that may, where the one that tried may not."""
        roles = [role for one in lacking if one["sort"] == "not_allowed" for role in one["what"].split(", ")]
        able = [one for one in self._people if one.rpartition("_")[0] in roles or one in roles]
        return self._chance.choice(able) if able else hand

    def _bring(self, values: dict[str, Any], name: str) -> None:
        field = self._rule.compiled["fields"].get(name)
        value = self._value(field) if field else None
        if value is not None:
            values[name] = value

    def _asked(self, key: str, step: str, hand: str, values: dict[str, Any]) -> Decision:
        asked: dict[str, Any] = {"verb": "step", "kind": self._rule.name, "step": step, "by": hand, "fields": values}
        if key:
            asked["case"] = key
        elif self._rule.compiled["number"] == "given":
            asked["case"] = f"X-{self._rule.name}"
        return decide(self.past, self._rules.book.at(self.now.date()), asked, self.now)

    def _taken(self, decision: Decision, step: str, hand: str, values: dict[str, Any]) -> Document | None:
        """Fold what was decided, and note it."""
        self._lines.append(f"{self.now:%m-%d %H:%M} {step} by {hand} {values}")
        for number, event in enumerate(decision.events, len(self.events)):
            whole = {**event, "actor": hand, "seq": number, "cites": [cite.text for cite in event["cites"]]}
            self.events.append(whole)
            evolve(self.past, whole)
        return self.past.get("case", decision.answer["id"])

    def _choices(self, before: Document) -> list[str]:
        steps = self._rule.compiled["steps"]
        if not before:
            return [step for step, one in steps.items() if one["opens"]]
        names = self._bars if self._chance.random() > ACCUSING else set()
        return [
            step for step, one in steps.items()
            if one["opens"] is not True and names.isdisjoint(one["asks"]) and (not one["back_to"] or not names)
        ]  # fmt: skip

    def _values(self, step: str) -> Iterator[tuple[str, Any]]:
        declared = self._rule.compiled["steps"][step]
        for name in named(declared):
            chance = ACCUSING if name in self._bars else GIVING
            if name in declared["asks"] or self._chance.random() < chance:
                value = self._value(self._rule.compiled["fields"][name], bars=name in self._bars)
                if value is not None:
                    yield name, value

    def _value(self, field: dict[str, Any], *, bars: bool = False) -> Any:
        kind = field["type"]
        one: Any = f"{kind} {self._chance.randrange(3)}"
        if kind == "word" or field.get("checklist"):
            one = self._chance.choice(field["of"] or [one])
        elif kind == "flag":
            one = self._chance.choice((True, False))
        elif kind in ("number", "money"):
            one = self._chance.choice([0, 1, 2, 30])
        elif kind in ("date", "time"):
            at = self.now + timedelta(days=self._chance.randrange(-2, 5))
            one = at.date().isoformat() if kind == "date" else at.isoformat()
        elif kind == "person":
            if field["many"] and not bars:
                return self._chance.sample(self._people, self._chance.randint(1, len(self._people)))
            one = self._chance.choice(self._people)
        elif kind == "department":
            one = self._chance.choice(roles(self._rule))
        elif kind in ("link", "customer"):
            one = CLIENT if kind == "customer" else self._target(self._chance.choice(field["link"]))
            if one is None:
                return None
        return [one] if field["many"] else one

    def _broken(self, document: Document) -> str:
        """Answer what does not hold of a case, nothing where all does."""
        duties = self._rule.compiled["duties"]
        for entry in document["duties"]:
            outlives = entry["name"] in duties and duties[entry["name"]]["outlives"]
            if document["closed"] and entry["state"] in OPEN and not outlives:
                return f"closed while {entry['name']} is open"
            if entry["due"] and entry["due"] < entry["start"] and "until" not in (entry["limit"] or ""):
                return f"{entry['name']} was due before it began"
        last = document["log"][-1]
        barred = self._barred(document)
        if last["by"] in barred and last["step"] not in self._excepted():
            return f"{last['by']} is barred and did {last['step']}"
        return ""

    def _barred(self, document: Document) -> set[str]:
        """Answer who is barred from every step of the case, but for those whom its last step has named."""
        fields = [
            name
            for row in self._rule.compiled["needs"]
            if not row["when"] and row["else"] == "refuse"
            for name in row["not_by"]
        ]
        fresh = document["log"][-1]["set"]
        return {
            one
            for name in fields
            for one in document["fields"].get(name) or ()
            if isinstance(document["fields"][name], list) and one not in (fresh.get(name) or ())
        }

    def _excepted(self) -> set[str]:
        return {step for row in self._rule.compiled["needs"] for step in row["except"]}

    def _unlike_again(self) -> str:
        """Answer whether the events alone give another past than the one they were decided on."""
        again = Past()
        for event in self.events:
            evolve(again, event)
        kept = {name: one for name, one in self.past.changed.items() if name[0] not in ("staff", "customer")}
        return "" if again.changed == kept and again.marked == self.past.marked else "its events fold to another case"


def is_opened_by_hand(rule: CaseRule) -> bool:
    """Answer whether a hand opens cases of a kind: only those can be walked."""
    opening = (step for step in rule.compiled["steps"].values() if step["opens"] is True)
    return rule.compiled["every"] is None and any(step["by"] != [OFFICE] for step in opening)


def names_another(rule: CaseRule) -> bool:
    """Answer whether a case of a kind must name another to be opened, which chance may bring into no fitting state."""
    opening = [step for step in rule.compiled["steps"].values() if step["opens"] is True]
    asked = [name for step in opening for one in step["asks"] for name in (one if isinstance(one, list) else [one])]
    return any(rule.compiled["fields"][one]["type"] in ("link", "customer") for one in asked)


def roles(rule: CaseRule) -> list[str]:
    """Answer the roles that a kind names, in the order in which it does; one where it names none."""
    found: dict[str, None] = {}
    for step in rule.compiled["steps"].values():
        rows = [step, *step["needs"], rule.compiled]
        for hand in [hand for row in rows for hand in row["by"] or ()]:
            if isinstance(hand, dict) and "role" in hand:
                found[hand["role"]] = None
    return [*found] or ["somebody"]
