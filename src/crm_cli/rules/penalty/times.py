"""Times: what repetition counts, numbered by person, role and month, and the multiplier that follows."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crm_cli.rules.penalty.findings import Finding

BY_ITSELF, AGAIN, FOUND = range(3)  # on one day, what falls due by itself comes first, then repetitions
ROLLING = "30 days"
WINDOW = timedelta(days=30)
COMPOUNDING = "compounding"


@dataclass(eq=False, repr=False)
class Time:
    """One time: all findings of a person and role in a case and month, one loss, or one day that stayed uncorrected."""

    name: tuple[str, ...]
    findings: list[Finding] = field(default_factory=list)
    live: bool = False
    number: int | None = None
    multiplier: int = 1

    @property
    def first(self) -> Finding:
        """Answer the first finding, of a day that which fell due by itself."""
        return min(self.findings, key=lambda one: (one.date, not one.fact["auto"], one.key))

    @property
    def place(self) -> tuple[Any, ...]:
        """Answer where it comes in the order of times, which no order of typing enters: the dearer first."""
        first = self.first
        rank = AGAIN if first.again else BY_ITSELF if first.fact["auto"] else FOUND
        return first.date, rank, -sum((one.unit or 0) * one.quantity for one in self.findings), self.name


def times(found: Iterable[Finding]) -> dict[tuple[str, ...], Time]:
    """Answer the times that findings make."""
    made: dict[tuple[str, ...], Time] = {}
    for one in found:
        name = name_of(one)
        made.setdefault(name, Time(name)).findings.append(one)
    return made


def name_of(one: Finding) -> tuple[str, ...]:
    """Answer what tells the time of a finding from others of the same person."""
    if one.again:
        return one.role, "again", one.case, one.date
    if one.item["own_time"]:
        return one.role, "own", one.case, one.key
    count_by = (one.rule.compiled["repeat"] or {}).get("count_by", "case")
    apart = {"case": (), "article": (one.ref,), "item": (one.ref, one.key)}[count_by]
    return one.role, "case", one.case, one.date[:7], *apart


def number(made: Iterable[Time]) -> None:
    """Number the times that count, each in its role and window, and give each the multiplier of its number."""
    counted: dict[str, list[str]] = {}
    for time in sorted((time for time in made if time.live), key=lambda time: time.place):
        first = time.first
        repeat = first.rule.compiled["repeat"] or {"steps": {}, "window": None, "doubling": None}
        if not first.counts:
            continue
        before = counted.setdefault(first.role, [])
        low = _begin(first.date, repeat["window"])
        time.number = bisect_right(before, first.date) - bisect_left(before, low) + 1
        before.append(first.date)
        time.multiplier = multiplier(repeat, first.role, time.number)


def _begin(day: str, window: str | None) -> str:
    """Answer the first day that is counted together with a day."""
    if window != ROLLING:
        return day[:7]
    return (date.fromisoformat(day) - WINDOW + timedelta(days=1)).isoformat()


def multiplier(repeat: dict[str, Any], role: str, time: int) -> int:
    """Answer how many times as much a time costs, by its number."""
    made = 1
    for at in range(1, time + 1) if repeat["doubling"] == COMPOUNDING else (time,):
        steps = [step["times"] for step in repeat["steps"].get(role, ()) if step["from"] <= at]
        made *= steps[-1] if steps else 1
    return made
