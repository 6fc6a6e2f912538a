"""Random walks over every kind of case that we ship: what must hold of a case holds, whatever is tried."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_cli.commands.case.walker import Walker, is_opened_by_hand, names_another
from crm_cli.policy.book import Book, Rulebook
from crm_cli.rules.case.kinds import kinds
from crm_cli.rules.topics import TOPICS

if TYPE_CHECKING:
    from crm_cli.policy.ask import CaseRule

START = datetime(2025, 3, 3, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
POLICIES = Path(__file__).parents[2] / "policies"
HOUSES = sorted({path.parent.name for path in POLICIES.glob("*/*@*.yaml")})


@cache
def rulebook(house: str) -> Rulebook:
    return Book.open(POLICIES, house, (), TOPICS, None).at(START.date())


def walked() -> list[tuple[str, str]]:
    """Answer the kinds whose cases a hand opens with what it can type by itself."""
    return [
        (house, name) for house in HOUSES for name, rule in kinds(rulebook(house)).items() if is_opened_by_hand(rule)
    ]


@pytest.mark.parametrize(("house", "kind"), walked())
@settings(max_examples=15, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32))
def test_nothing_breaks_a_case(house: str, kind: str, seed: int) -> None:
    """No case is closed with an open duty, no barred hand acts, no clock runs backwards, the events tell all."""
    rules = rulebook(house)
    rule = kinds(rules)[kind]
    walk = Walker(rules, rule, Random(seed), START).walk()
    assert walk.lines or names_another(rule), "nothing could be done at all"
    assert not walk.broken, "\n".join([*walk.lines, walk.broken])


def is_closed_by_hand(rule: CaseRule) -> bool:
    """Answer whether a hand can end a case alone: without another case, by figures that the house has set."""
    for step in rule.compiled["steps"].values():
        ends = [one for one in step["state"] if one["is"] in rule.compiled["closed"]]
        alone = any(all(test["on"] != "other" for test in one["when"]) for one in ends)
        waits = any((row["not_before"] or {}).get("limit") == "unset" for row in step["needs"])
        if alone and not waits and step["by"] != ["office"] and not names_another(rule):
            return True
    return False


@pytest.mark.parametrize(
    ("house", "kind"), [one for one in walked() if is_closed_by_hand(kinds(rulebook(one[0]))[one[1]])]
)
def test_some_walk_closes_its_case(house: str, kind: str) -> None:
    rules = rulebook(house)
    walks = (Walker(rules, kinds(rules)[kind], Random(seed), START, steps=120).walk() for seed in range(200))
    assert any(walk.closed for walk in walks)
