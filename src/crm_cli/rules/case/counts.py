"""Figures of a period: steps, duties and states counted, shares rounded up, rates to one decimal, half up."""

from __future__ import annotations

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from crm_cli.rules.case.conditions import holds, past_due
from crm_cli.rules.case.evolve import SECOND, utc
from crm_cli.rules.case.falling import living
from crm_cli.rules.case.sight import RESULTS, Sight, alike

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from crm_cli.past import Document, Past
    from crm_cli.policy.ask import CaseRule
    from crm_cli.policy.book import Rulebook
    from crm_cli.rules.case.spans import Period

WHOLE = 100


def counted(
    past: Past, rules: Rulebook, about: str, counts: Mapping[str, Any], period: Period, now: datetime
) -> dict[str, Any]:
    """Answer the figures of a period, by the names of the rows.

    Each is a whole number, money in the hundredth of its unit, a mapping of words to numbers where it is counted by a
    field, or a rate in percent with one decimal, null where there is nothing to divide by.
    """
    begins, ends = period.bounds(now)
    cases = [_Seen(past, rules, key, begins, ends, now) for key in _touched(past, about, begins, ends)]
    figures: dict[str, Any] = {}
    for name, one in counts.items():
        figures[name] = _figure(past, rules, about, one, cases, figures, ends)
    return figures


def _touched(past: Past, kind: str, begins: datetime, ends: datetime) -> Iterator[str]:
    """Answer the ids of the cases in which something was done or due in a period, each once.

    What was due in its last second is late in the first one after it.
    """
    low, high = utc(begins.isoformat()), utc((ends + 2 * SECOND).isoformat())
    marks = (mark for name in ("did", "late") for mark in past.marks(f"{name}:{kind}", low, high))
    yield from dict.fromkeys(mark.rpartition("|")[2] for mark in marks)


class _Seen:
    """A case as the figures of a period see it: its steps and duties that lie in the period."""

    def __init__(self, past: Past, rules: Rulebook, key: str, begins: datetime, ends: datetime, now: datetime) -> None:
        self.document: Document = past.get("case", key) or {}
        then, rule = living(rules, self.document)
        self.sight = Sight(past, then, rule, self.document, now, "")
        self._begins, self._ends = begins, ends

    def inside(self, text: str | None) -> bool:
        """Answer whether an instant lies in the period."""
        return text is not None and self._begins <= datetime.fromisoformat(text) < self._ends

    def steps(self, one: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Answer the doings of a step in the period whose case, with their values laid over it, fits."""
        doings = [entry for entry in self.document["log"] if entry["step"] == one["step"] and self.inside(entry["at"])]
        return [entry for entry in doings if self._fits(one, entry["set"])]

    def duties(self, one: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Answer the duties of a name in the period that stand as is wanted: dated by their start unless it is said."""
        dated = {"start": "start", "due": "due", "done": "done"}[one.get("dated") or "start"]
        wanted = RESULTS.get(one.get("is") or "")
        return [
            entry
            for entry in self.sight.duties(one["duty"])
            if entry["state"] != "restarted" and self.inside(entry.get(dated))
            if wanted is None or entry["state"] in wanted or (wanted == RESULTS["late"] and past_due(self.sight, entry))
            if self._fits(one, {})
        ]

    def _fits(self, one: Mapping[str, Any], values: dict[str, Any]) -> bool:
        return holds(self.sight.but(given=values), one["when"])

    def value(self, name: str, entry: Mapping[str, Any]) -> list[Any]:
        """Answer what a field was by a doing of a step, or is."""
        value = entry["set"].get(name, self.document["fields"].get(name))
        return value if isinstance(value, list) else [] if value is None else [value]

    def amount(self, name: str, entry: Mapping[str, Any]) -> int:
        """Answer the amount that stood when a step was done: what is said of it afterwards is of other doings."""
        value = 0
        for one in self.document["log"]:
            value = one["set"].get(name) or value
            if one is entry:
                break
        return value


def _figure(
    past: Past, rules: Rulebook, about: str, one: Mapping[str, Any], cases: list[_Seen], figures: dict[str, Any],
    ends: datetime,
) -> Any:  # fmt: skip
    if one["count"] == "share":
        return -(-one["share"] * figures[one["of"]] // WHOLE)
    if one["count"] == "rate":
        return rate(figures[one["rate"]], figures[one["of"]])
    if one["count"] == "state":
        return _stood(past, rules, about, one, ends)
    if one["count"] == "duty":
        return sum(len(case.duties(one)) for case in cases)
    found = [(case, entry) for case in cases for entry in case.steps(one)]
    if one.get("sum"):
        return sum(case.amount(one["sum"], entry) for case, entry in found)
    if one.get("by"):
        return _by(found, one["by"])
    return len(found)


def _by(found: list[tuple[_Seen, dict[str, Any]]], name: str) -> dict[str, int]:
    counts: dict[str, int] = {}
    spelt: dict[str, str] = {}  # as it was first written; what look-ups find alike is counted together
    for case, entry in found:
        for value in case.value(name, entry):
            word = spelt.setdefault(alike(value), str(value))
            counts[word] = counts.get(word, 0) + 1
    return dict(sorted(counts.items()))


def rate(part: int, whole: int) -> str | None:
    """Answer a part of a whole in percent with one decimal, half up; None where the whole is nothing."""
    if not whole:
        return None
    return str((Decimal(part) * WHOLE / Decimal(whole)).quantize(Decimal("0.1"), ROUND_HALF_UP))


def _stood(past: Past, rules: Rulebook, kind: str, one: Mapping[str, Any], ends: datetime) -> int:
    """Answer how many cases that fit stood in a state, or open, when a period ended."""
    last = utc(ends.isoformat())
    found = _open_at(past, kind, last) if one["state"] == "open" else _stood_in(past, kind, one["state"], last)
    return sum(1 for key in found if not one["when"] or _fits(past, rules, key, one["when"], ends))


def _open_at(past: Past, kind: str, last: str) -> Iterator[str]:
    """Answer the cases that were open at an instant: those that are, and those in which something was done since."""
    later = {mark.rpartition("|")[2] for mark in past.marks(f"did:{kind}", low=last)}
    yield from {mark.rpartition("|")[2] for mark in past.marks(f"open:{kind}", high=last)} - later
    for key in later:
        then = _before(past, key, last)
        if then and not then["closed"]:
            yield key


def _stood_in(past: Past, kind: str, state: str, last: str) -> Iterator[str]:
    for mark in past.marks(f"all:{kind}", high=last):
        key = mark.rpartition("|")[2]
        then = _before(past, key, last)
        if then and then["state"] == state:
            yield key


def _before(past: Past, key: str, last: str) -> dict[str, Any] | None:
    """Answer the last step that was done in a case before an instant; None where none was."""
    log = (past.get("case", key) or {"log": ()})["log"]
    return next((one for one in reversed(log) if one["step"] and utc(one["at"]) < last), None)


def _fits(past: Past, rules: Rulebook, key: str, when: list[dict[str, Any]], ends: datetime) -> bool:
    document = past.get("case", key) or {}
    then, rule = living(rules, document)
    return holds(Sight(past, then, rule, document, ends, ""), when)


def kind_about(rule: CaseRule) -> str:
    """Answer the kind that the counts of a kind count: the one it names, else itself."""
    return str(rule.compiled["about"] or rule.name)
