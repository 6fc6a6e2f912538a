"""What falls due is a fact of the events: whenever and however often somebody looks, the ledger comes out the same."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from test_switches import MONDAY, Day, Rules, rotation

from crm_cli.rules import due as rule

if TYPE_CHECKING:
    from pathlib import Path

LIMIT = rotation("waiting.max_minutes", "unset", "3")
OPENED = datetime.fromisoformat(MONDAY)


def busy(folder: Path, rules: Rules | None) -> Day:
    """Answer a day on which one customer is received and two have to wait."""
    day = Day(folder, rules, order="A")
    day.opens()
    day.does("rotate arrive k1", "rotate arrive k2")
    day.now = (OPENED + timedelta(minutes=1)).isoformat()
    day.does("rotate arrive k3")
    return day


def fallen(day: Day) -> list[tuple[str, str]]:
    events = [event for event in day.office.events() if event["type"] == "office.fell_due"]
    return [(event["data"]["what"], event["happened"]) for event in events]


def test_a_customer_waits_too_long_one_second_after_the_limit(tmp_path: Path) -> None:
    day = busy(tmp_path / "office", LIMIT)
    for seconds, found in ((180, 0), (181, 1), (240, 1), (241, 2)):
        items = rule.due(day.office.past(), day.office.rulebook(OPENED), OPENED + timedelta(seconds=seconds))
        assert len(items) == found, seconds


def test_without_a_limit_nobody_waits_too_long(tmp_path: Path) -> None:
    day = busy(tmp_path / "office", None)
    items = rule.due(day.office.past(), day.office.rulebook(OPENED), OPENED + timedelta(hours=9))
    assert [item.what for item in items] == ["day_not_handed_in"]


def test_the_end_of_a_claim_is_said_before_it_comes_and_again_after_it_was_renewed(tmp_path: Path) -> None:
    rules = Rules(
        register="set:\n"
        "  claims.valid_days: {was: none, is: 30}\n"
        "  claims.remind_days: {was: none, is: 7}\n"
        "  claims.renewed_by: {was: [], is: [visit]}"
    )
    day = Day(tmp_path / "office", rules)
    day.does("register add k1 --to A --kind visit", "register add k1 --to B --kind visit")
    day.does("register add k2 --to B --kind phone")

    def said(days: float, seconds: int = 0) -> list[tuple[str, str | None]]:
        at = OPENED + timedelta(days=days, seconds=seconds)
        items = rule.due(day.office.past(), day.office.rulebook(at), at)
        return [(item.subject, item.person) for item in items if item.what == "claim_ending"]

    assert said(23, -1) == []
    assert said(23) == [("c00001", "A"), ("c00002", "B")]
    day.now = (OPENED + timedelta(days=24)).isoformat()
    day.does("register add k1 --to A --kind visit", "tick")
    assert said(30) == [("c00002", "B")]
    assert said(24 + 23) == [("c00002", "B"), ("c00001", "A")]
    day.now = (OPENED + timedelta(days=60)).isoformat()
    day.does("tick")
    told = [event["data"] for event in day.office.events() if event["type"] == "office.fell_due"]
    ended = [(one["about"], one["due"][:10]) for one in told if one["what"] == "claim_ending"]
    assert ended == [("c00002", "2025-03-26"), ("c00001", "2025-04-19")]


@pytest.mark.parametrize("seed", range(4))
def test_ticking_once_or_often_gives_the_same_facts(tmp_path: Path, seed: int) -> None:
    once, often = busy(tmp_path / "once", LIMIT), busy(tmp_path / "often", LIMIT)
    end = OPENED + timedelta(days=8)
    chance = random.Random(seed)
    for minutes in sorted(chance.randrange(8 * 24 * 60) for _time in range(12)):
        often.now = (OPENED + timedelta(minutes=minutes)).isoformat()
        often.does("tick", "tick")
    for day in (once, often):
        day.now = end.isoformat()
        day.does("tick")
    assert fallen(once) == fallen(often)
    assert {what for what, _when in fallen(once)} == {
        "waiting_too_long",
        "day_not_handed_in",
        "answers_missing",
        "day_not_closed",
        "week_without_order",
    }
    assert list(often.office.replay()) == []


def test_every_week_without_an_order_is_told_until_the_desk_stands_in_a_later_one(tmp_path: Path) -> None:
    day = busy(tmp_path / "office", None)
    for days, weeks in (
        (7, ["2025-W11"]),
        (13, ["2025-W11"]),
        (14, ["2025-W11", "2025-W12"]),
        (21, ["2025-W11", "2025-W12", "2025-W13"]),
    ):
        items = rule.due(day.office.past(), day.office.rulebook(OPENED), OPENED + timedelta(days=days))
        assert [item.subject for item in items if item.what == "week_without_order"] == weeks, days
