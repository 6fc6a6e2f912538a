"""Archives whatever is tried: a copy is in one place at a time, no view without its approval, nothing lent or held is
destroyed, and the events alone tell the same.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_cli.past import Past
from crm_cli.policy.book import Book
from crm_cli.rules.case import decide, falling
from crm_cli.rules.case.evolve import evolve
from crm_cli.rules.topics import TOPICS

if TYPE_CHECKING:
    from collections.abc import Callable

    from crm_cli.past import Document, Event

POLICIES = Path(__file__).parents[2] / "policies"
ZONE = ZoneInfo("Asia/Shanghai")
STAFF = {
    "infosec": {
        "I": "information_specialist", "J": "information_specialist", "C": "customer_service",
        "M": "customer_service_manager", "S": "information_supervisor", "G": "general_manager",
        "D": "designated_carrier", "F": "finance",
    },
    "leasing": {"L": "leasing_head", "K": "general_services_keeper", "N": "leasing_manager", "G": "general_manager"},
}  # fmt: skip
PAPERS: dict[str, Any] = {"purpose": "a", "reason": "a", "profile": "a", "unit_seal": True, "head_signature": "H"}
SAFE = {"remark": "a", "place": "separate", "keeper": "I", "reason": "a"}
STEPS = 60
CURIOUS = 0.8  # how often somebody turns to a case that is still open


@cache
def book(house: str) -> Book:
    return Book.open(POLICIES, house, (), TOPICS, None)


class Shelf:
    """A house's archives, at which somebody tries things at random."""

    def __init__(self, house: str, seed: int, begins: datetime) -> None:
        self.house, self.chance, self.now = house, Random(seed), begins
        self.past = Past()
        self.events: list[Event] = []
        members = {name: {"roles": [role]} for name, role in STAFF[house].items()}
        self.past.put("staff", "roster", {"members": members})
        self.ids: dict[str, list[str]] = {}

    def person(self) -> str:
        return self.chance.choice([*STAFF[self.house]])

    def one_of(self, kind: str) -> str | None:
        known = self.ids.get(kind, [])
        going = [key for key in known if not self.case(key)["closed"]]
        known = going if going and self.chance.random() < CURIOUS else known
        return self.chance.choice(known) if known else None

    def step(self, kind: str, step: str, case: str | None = None, **fields: Any) -> None:
        """Try a step by somebody, now; what fell due before it is recorded first."""
        self.now += timedelta(minutes=self.chance.choice((1, 60, 60 * 24, 60 * 24 * 4)))
        rules = book(self.house).at(self.now.date())
        for fall in [*falling.due(self.past, self.now)]:
            self._taken(decide(self.past, rules, {"verb": "fall", "case": fall.case, "by": "office"}, self.now))
        asked = {"verb": "step", "kind": kind, "step": step, "by": self.person(), "fields": fields}
        decision = decide(self.past, rules, {**asked, **({"case": case} if case else {})}, self.now)
        self._taken(decision)
        if decision.allowed and case is None:
            self.ids.setdefault(kind, []).append(decision.answer["id"])

    def go_on(self, kind: str, step: str, **fields: Any) -> None:
        """Try a step in some case of a kind, where there is one."""
        case = self.one_of(kind)
        if case is not None:
            self.step(kind, step, case, **fields)

    def _taken(self, decision: Any) -> None:
        for event in decision.events:
            cites = [cite.text for cite in event["cites"]]
            line = {**event, "actor": "x", "seq": len(self.events), "cites": cites}
            if line["type"].startswith("case."):
                self.events.append(line)
                evolve(self.past, line)

    def case(self, key: str) -> Document:
        return self.past.get("case", key) or {}

    def cases(self, kind: str) -> list[Document]:
        return [self.case(key) for key in self.ids.get(kind, ())]


def infosec(shelf: Shelf) -> None:
    """Do one thing that people do with customer information."""
    archive, pick = shelf.one_of("archive"), shelf.chance.choice
    copies = shelf.chance.sample(["1", "2", "3"], 2)
    acts: list[Callable[[], None]] = [
        lambda: shelf.step("archive", "open", customer="W", copies=["1", "2", "3"], index="1"),
        lambda: shelf.step("archive", "classify", archive, level=pick(["normal", "confidential"]), **SAFE),
        lambda: shelf.step("archive.view", "request", archive=archive, viewer=shelf.person(), **PAPERS),
        lambda: shelf.go_on(
            "archive.view", "approve"),
        lambda: shelf.go_on(
            "archive.view", "record"),
        lambda: shelf.step("archive.lend", "request", archive=archive, borrower=shelf.person(), **PAPERS),
        lambda: shelf.go_on(
            "archive.lend", "approve"),
        lambda: shelf.go_on(
            "archive.lend", "out", material="a", copies=copies, lend_reason="a",
            signature=True, carrier="D", measure="a",
        ),
        lambda: brought_back(shelf),
        lambda: shelf.step("archive", "destroy", archive, method="burnt", quantity=1, witness="I"),
    ]  # fmt: skip
    pick(acts[:1] if archive is None else acts)()


def brought_back(shelf: Shelf) -> None:
    """Bring back what a loan has out, or one copy of it, or one that is in."""
    case = shelf.one_of("archive.lend")
    if case is not None:
        away = out(shelf.case(case)) or ["1"]
        shelf.step("archive.lend", "return", case, back=shelf.chance.choice([away, away[:1], ["9"]]))


def leasing(shelf: Shelf) -> None:
    """Do one thing that people do with files that are ten years old."""
    archive, pick = shelf.one_of("archive"), shelf.chance.choice
    acts: list[Callable[[], None]] = [
        lambda: shelf.step("archive", "file", customer="W", form="archive_form", filed_at="2015-03-10T09:00:00+08:00"),
        lambda: shelf.step("archive", pick(["hold", "release"]), archive, reason="a"),
        lambda: shelf.step("archive.destroy", "review", archive=archive, customer="W"),
        lambda: shelf.go_on(
            "archive.destroy", "approve"),
        lambda: shelf.go_on(
            "archive.destroy", "record", method="burnt", quantity=1, witness="N"
        ),
        lambda: shelf.step("archive.lend", "request", archive=archive, borrower=shelf.person(), **PAPERS),
        lambda: shelf.go_on(
            "archive.lend", "approve"),
        lambda: shelf.go_on(
            "archive.lend", "out", material="a", copies=["1"], lend_reason="a",
            signature=True,
        ),
        lambda: shelf.go_on(
            "archive.lend", "return", back=["1"]),
    ]  # fmt: skip
    pick(acts[:1] if archive is None else acts)()


def out(document: Document) -> list[str]:
    """Answer the copies that a loan has out."""
    return [
        one["item"] for one in document["duties"] if one["name"] == "back" and one["state"] in ("running", "breached")
    ]


def is_whole(shelf: Shelf) -> None:
    """Assert what must hold of all archives."""
    for archive in shelf.cases("archive"):
        loans = [one for one in shelf.cases("archive.lend") if archive["id"] in one["fields"]["archive"]]
        copies = [copy for loan in loans for copy in out(loan)]
        assert len(copies) == len(set(copies)), "a copy is lent twice"
        if archive["state"] == "destroyed":
            assert not copies, "it was destroyed while lent"
            assert not [one for one in archive["duties"] if one["name"] == "holding" and one["state"] == "running"]
    for view in shelf.cases("archive.view"):
        if view["state"] == "viewed" and view["fields"]["viewer"] != "G":
            before = [one["step"] for one in view["log"]]
            assert "approve.service" in before[: before.index("record")], "nobody approved this view"


@pytest.mark.parametrize(
    ("house", "act", "begins"),
    [
        ("infosec", infosec, datetime(2025, 3, 3, 9, tzinfo=ZONE)),
        ("leasing", leasing, datetime(2025, 3, 6, 9, tzinfo=ZONE)),
    ],
)
@settings(max_examples=25, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32))
def test_archives_are_whole_whatever_is_tried(
    house: str, act: Callable[[Shelf], None], begins: datetime, seed: int
) -> None:
    shelf = Shelf(house, seed, begins)
    for _number in range(STEPS):
        act(shelf)
        is_whole(shelf)
    again = Past()
    for event in shelf.events:
        evolve(again, event)
    kept = {name: one for name, one in shelf.past.changed.items() if name[0] != "staff"}
    assert (again.changed, again.marked) == (kept, shelf.past.marked)


def test_the_walks_come_to_loans_views_and_destruction() -> None:
    """What the walks hold would hold of nothing, if nothing of it were done."""
    seen: set[str] = set()
    for house, act, day in (("infosec", infosec, 3), ("leasing", leasing, 6)):
        for seed in range(200):
            shelf = Shelf(house, seed, datetime(2025, 3, day, 9, tzinfo=ZONE))
            for _number in range(STEPS):
                act(shelf)
            seen |= {f"{house} {one['kind']} {one['state']}" for kind in shelf.ids for one in shelf.cases(kind)}
    wanted = {"infosec archive.view viewed", "infosec archive.lend lent", "infosec archive.lend returned"}
    assert seen >= wanted | {"leasing archive destroyed"}
