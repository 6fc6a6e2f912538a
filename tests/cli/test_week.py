"""The sample week: it meets the articles that a front desk meets, and the turns come out even."""

from __future__ import annotations

import json
import re
from pathlib import Path

import desk
import pytest
from desk import crm

WEEK = Path(__file__).parents[2] / "samples" / "sales-office" / "week.crm"
ARTICLES = (1, 2, 3, 6, 7, 8, 9, 11, 12, 13, 16, 20, 22, 26)


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict[str, object]]]:
    """Answer the office after the week, and what each line was answered."""
    folder = tmp_path_factory.mktemp("week") / "office"
    begun = {"CRM_NOW": "2025-03-10T08:00+08:00"}
    made = crm("init", str(folder), "--profile", desk.HOUSE, "--manager", "何静", env=begun)
    assert made.code == 0, made.err
    done = crm("run", str(WEEK), "--flush-every", "100", "--json", office=folder)
    assert done.code == 0, done.out.splitlines()[-1]
    return folder, [json.loads(line)["answer"] for line in done.out.splitlines()]


def test_about_150_customers_come_or_call(week: tuple[Path, list[dict[str, object]]]) -> None:
    lines = WEEK.read_text("utf-8").splitlines()
    assert sum(line.startswith(("rotate arrive", "rotate call")) for line in lines) == 150


def test_the_week_meets_every_article_it_promises(week: tuple[Path, list[dict[str, object]]]) -> None:
    cites = json.dumps([answer["cites"] for answer in week[1]])
    assert [article for article in ARTICLES if not re.search(rf'"000\.3\.{article}(?!\d)', cites)] == []


def test_the_week_has_a_suspension_a_leave_a_late_shift_and_an_adjustment(
    week: tuple[Path, list[dict[str, object]]],
) -> None:
    office, _answers = week
    events = [json.loads(line) for line in desk.lines(office)]
    opened = [event["data"] for event in events if event["type"] == "rotation.opened"]
    assert sum("suspended" in data["off"].values() for data in opened) == 1
    assert sum("rest" in data["off"].values() for data in opened) == 5
    kinds = {event["type"] for event in events}
    assert {"rotation.put_off", "rotation.put_on", "rotation.adjusted", "rotation.grab_confirmed"} <= kinds


def test_after_the_week_the_turns_are_even_and_every_decision_comes_out_again(
    week: tuple[Path, list[dict[str, object]]],
) -> None:
    office, _answers = week
    assert json.loads(crm("rotate", "fairness", "--json", office=office).out)["spread"] <= 2
    assert crm("ledger", "verify", "--replay", office=office).code == 0
