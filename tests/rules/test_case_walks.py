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
from walker import Walker

from crm_cli.policy.book import Book, Rulebook
from crm_cli.rules.case.kinds import kinds
from crm_cli.rules.topics import TOPICS

if TYPE_CHECKING:
    from crm_cli.policy.ask import CaseRule

START = datetime(2025, 3, 3, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
POLICIES = Path(__file__).parents[2] / "policies"
HOUSES = sorted(path.parent.name for path in POLICIES.glob("*/complaint@*.yaml"))


@cache
def rulebook(house: str) -> Rulebook:
    return Book.open(POLICIES, house, (), TOPICS, None).at(START.date())


def walked() -> list[tuple[str, str]]:
    """Answer the kinds whose cases a hand opens with what it can type by itself."""
    return [
        (house, name) for house in HOUSES for name, rule in kinds(rulebook(house)).items() if _is_opened_by_hand(rule)
    ]


def _is_opened_by_hand(rule: CaseRule) -> bool:
    fields = rule.compiled["fields"]
    opening = [step for step in rule.compiled["steps"].values() if step["opens"] is True]
    asked = [name for step in opening for one in step["asks"] for name in (one if isinstance(one, list) else [one])]
    return rule.compiled["every"] is None and not any(fields[one]["type"] in ("link", "customer") for one in asked)


@pytest.mark.parametrize(("house", "kind"), walked())
@settings(max_examples=15, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32))
def test_nothing_breaks_a_case(house: str, kind: str, seed: int) -> None:
    """No case is closed with an open duty, no barred hand acts, no clock runs backwards, the events tell all."""
    rules = rulebook(house)
    walk = Walker(rules, kinds(rules)[kind], Random(seed), START).walk()
    assert walk.lines, "nothing could be done at all"
    assert not walk.broken, "\n".join([*walk.lines, walk.broken])


@pytest.mark.parametrize(("house", "kind"), walked())
def test_some_walk_closes_its_case(house: str, kind: str) -> None:
    rules = rulebook(house)
    walks = (Walker(rules, kinds(rules)[kind], Random(seed), START, steps=120).walk() for seed in range(200))
    assert any(walk.closed for walk in walks)
