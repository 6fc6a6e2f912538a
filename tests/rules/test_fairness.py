"""The report on fairness tells the same as the board, and its parts add up."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from crm_cli import clock
from crm_cli.cli import perform
from crm_cli.commands import demo
from crm_cli.commands.session import Session, Shared
from crm_cli.rules import rotate
from crm_cli.rules.rotate.fairness import fairness, spread
from crm_cli.shipped import root

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crm_cli.office import Office

HOUSE = "sales-office"
NOON = datetime.fromisoformat("2025-03-03T12:00+08:00")


@pytest.fixture(scope="module")
def played() -> Iterator[Office]:
    """Answer an office in which the sample day was played."""
    script = demo._script(root() / "samples" / HOUSE / "day.crm")
    with demo._office(script) as office:
        session = Session(lambda _text: None, perform, Shared(), opened=[office], in_run=True)
        for line in script.lines:
            assert line.asks or not perform(line.words, session.anew()).exit
        yield office


def figures(report: dict[str, dict[str, int]]) -> dict[str, dict[str, int]]:
    """Answer the figures that the board has, too, of those who have any."""
    mine = {person: {name: one[name] for name in one if name != "sum"} for person, one in report.items()}
    return {person: one for person, one in mine.items() if any(one.values())}


def test_the_figures_are_those_of_the_board(played: Office) -> None:
    found = fairness(played.events())
    board = rotate.show(played.past(), played.rulebook(clock.told("2025-03-04T10:00+08:00")))
    for ring, name in (("visit", "counts"), ("phone", "phone_counts")):
        shown = {person: one for person, one in board[name].items() if any(one.values())}
        assert figures(found[ring]) == shown


def test_what_was_before_and_what_came_after_add_up(played: Office) -> None:
    events = list(played.events())
    whole, after = fairness(events), fairness(events, NOON)
    before = fairness(event for event in events if datetime.fromisoformat(event["happened"]) < NOON)
    for person, one in whole["visit"].items():
        parts = [part["visit"].get(person, {}) for part in (before, after)]
        assert {name: sum(part.get(name, 0) for part in parts) for name in one} == one
    assert len(before["exceptions"]) + len(after["exceptions"]) == len(whole["exceptions"])


def test_every_exception_has_its_citation(played: Office) -> None:
    found: list[dict[str, Any]] = fairness(played.events())["exceptions"]
    assert len(found) > 20
    assert [one for one in found if not one["cites"]] == []
    assert {"owe", "charge", "own", "designated", "stand-in", "missed", "given_back", "grab", "adjusted"} <= {
        one["what"] for one in found
    }


def test_the_spread_is_between_most_and_fewest() -> None:
    assert spread({}) == 0
    assert spread({"A": {"sum": 4}, "B": {"sum": 1}, "C": {"sum": 2}}) == 3
