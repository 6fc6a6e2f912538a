"""Random walks as part of the tests of a rulebook: a walk that breaks a case is told with what was done."""

from __future__ import annotations

from pathlib import Path

import pytest

from crm_cli.commands import walks
from crm_cli.commands.case.walker import Walk, Walker
from crm_cli.policy.book import Book
from crm_cli.rules.topics import TOPICS

POLICIES = Path(__file__).parents[2] / "policies"


def book() -> Book:
    return Book.open(POLICIES, "stores", (), TOPICS, None)


def test_every_kind_that_a_hand_opens_is_walked() -> None:
    [found] = walks.walks(book(), "complaint")
    assert (found.passed, found.where) == (True, "policies/stores/complaint@2025-01-01.yaml")
    assert "complain" in found.name


@pytest.mark.parametrize(
    ("walk", "says"),
    [
        (Walk(["new by store_1"], closed=True, broken="closed while reply is open"), "new by store_1; closed while"),
        (Walk([], closed=False), "nothing could be done"),
    ],
)
def test_a_walk_that_breaks_a_case_is_told(monkeypatch: pytest.MonkeyPatch, walk: Walk, says: str) -> None:
    monkeypatch.setattr(Walker, "walk", lambda _self: walk)
    [found] = walks.walks(book(), "complaint")
    assert not found.passed
    assert says in found.what
