"""Limits as values of `params`: read when the policy is loaded, hashed in one text."""

from __future__ import annotations

import dataclasses
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from crm_cli.policy.book import Book
from crm_cli.policy.finding import PolicyError
from crm_cli.policy.vocabulary import Params

from .house import RULES, TOPIC, write

if TYPE_CHECKING:
    from pathlib import Path

CLOCKS = Params({"answer": "limit", "appeal": "limit or none"})
TOPICS = {"rotation": dataclasses.replace(TOPIC, asks={**TOPIC.asks, "clocks": CLOCKS})}


def compiled(folder: Path, answer: str, appeal: str = "none") -> dict[str, Any]:
    rule = f"  clocks:\n    kind: params\n    values: {{answer: {answer}, appeal: {appeal}}}\n    article: 第3条\n"
    write(folder, rules=RULES + rule)
    book = Book.open(folder, "desk", [], TOPICS, None)
    clocks: dict[str, Any] = book.compiled("rotation")["segments"][0]["rules"]["clocks"]
    return clocks


def test_a_limit_is_kept_and_hashed_in_its_one_text(folder: Path) -> None:
    one, other = compiled(folder, "24 hours"), compiled(folder, "24h")
    assert one["values"] == {"answer": "24h", "appeal": None}
    assert one == other
    assert one["hash"] != compiled(folder, "24h", "3 days")["hash"]
    assert compiled(folder, "unset")["unset"] == ["answer"]


@pytest.mark.parametrize(
    ("typed", "what", "fix"),
    [
        ("3 workdays", "'3 workdays' is not a limit", "did you mean '3 working days'?"),
        ("3", "answer is a limit", "write a limit, or unset when the source leaves it blank"),
        ("none", "'none' is not a limit", "write one like: 24h, 10 minutes"),
        (
            "3 days after received",
            "'3 days after received' runs from a field, which only a case has",
            "leave out: after received",
        ),
    ],
)
def test_what_is_no_limit_is_found_where_it_stands(folder: Path, typed: str, what: str, fix: str) -> None:
    with pytest.raises(PolicyError) as found:
        compiled(folder, typed)
    first = found.value.findings[0]
    assert (first.what.startswith(what), first.fix.startswith(fix)) == (True, True)
    assert first.where == "policies/desk/rotation@2025-01-01.yaml:39:22"


def test_rules_see_a_calendar_without_an_office(folder: Path) -> None:
    write(folder)
    calendar = Book.open(folder, "desk", [], TOPICS, None).at(date(2025, 3, 3)).calendar()
    assert not calendar.works(date(2025, 10, 1))
    assert calendar.works(date(2025, 10, 11))
