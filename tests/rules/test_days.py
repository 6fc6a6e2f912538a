"""Notes, the day's end and who may look: what is owed is told apart, whose a day is, what is lacking in it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from crm_cli.cli import perform
from crm_cli.commands import init
from crm_cli.commands.batch import words_of
from crm_cli.commands.session import Session, Shared
from crm_cli.settings import Settings

POLICIES = Path(__file__).parents[2] / "policies"
MORNING, EVENING, NEXT = "2025-03-03T09:00+08:00", "2025-03-03T17:00+08:00", "2025-03-04T09:00+08:00"


class Desk:
    """An office of a house with two salespeople, and the lines that are typed in it; `now` is its clock."""

    def __init__(self, office: Any) -> None:
        self.office, self.now = office, MORNING
        self.says("staff add A --role salesperson", "staff add B --role salesperson")

    def says(self, *lines: str, code: int = 0) -> dict[str, Any]:
        """Answer what the last of some lines answers."""
        found: dict[str, Any] = {}
        for line in lines:
            outer = Shared(office=str(self.office.folder), now=self.now, by="M")
            session = Session(lambda _text: None, perform, outer, opened=[self.office], in_run=True)
            answer = perform(words_of(line), session)
            assert answer.exit == code, (line, answer.data)
            found = answer.data
        return found

    def events(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.office.events() if event["type"] == kind]


@pytest.fixture
def desk() -> Any:
    with init.for_a_while(POLICIES, Settings("sales-office"), "M", datetime.fromisoformat(MORNING)) as office:
        yield Desk(office)


def test_two_debts_of_one_hour_are_two_things_that_fall_due(desk: Desk) -> None:
    # 000.3.23a and 000.3.23b: the form and the referral are owed by the same evening
    desk.says("register add k1 --to A --kind visit", "register note k1 other_project --about with_office --by A")
    due = desk.says("due")["due"]
    owed = [(one["person"], one["owes"]) for one in due if one["what"] == "owed"]
    assert owed == [("A", "information_form"), ("A", "referral")]
    assert all(one["says"].startswith("A ") for one in due if one["what"] == "owed")
    desk.now = NEXT
    desk.says("tick", "tick")
    fallen = [event["data"] for event in desk.events("office.fell_due")]
    assert sorted(one["owes"] for one in fallen if one["what"] == "owed") == ["information_form", "referral"]


def test_what_is_owed_by_the_same_hour_is_owed_once(desk: Desk) -> None:
    desk.says("register add k1 --to A --kind visit", *["register note k1 suggestion --by A"] * 2)
    assert len(desk.says("register show k1 --by A")["owed"]) == 1


def test_a_card_is_offered_to_a_colleagues_customer_only_where_the_colleague_agreed(desk: Desk) -> None:
    # 000.3.19a: the colleague is whose customer it is; anybody else's consent is none
    desk.says("staff add C --role salesperson", "register add k1 --to A --kind visit")
    assert desk.says("register note k1 card_offered --by B")["fault"] == "card_offered"
    assert desk.says("register note k1 card_offered --agreed-by A --by B")["fault"] is None
    assert desk.says("register note k1 card_offered --by A")["fault"] is None
    assert desk.says("register note k1 card_offered --agreed-by C --by B", code=1)["verdict"] == "not_the_owner"


def test_why_explains_a_note_and_a_look(desk: Desk) -> None:
    desk.says("register add k1 --to A --kind visit", "register note k1 card_offered --by B")
    desk.says("register permit k1 --person B --reason r", "register show k1 --reason r --by B")
    for kind, rule, row in (
        ("customer.noted", "customer/notes", "card_offered"),
        ("customer.revealed", "customer/view", "permitted"),
    ):
        event = desk.events(kind)[0]
        assert [(one["rule"], one["row"]) for one in event["data"]["tested"]] == [(rule, row)]
        assert desk.says(f"why {event['seq']}")["verdict"]


def test_a_permit_that_has_ended_already_is_refused(desk: Desk) -> None:
    desk.says("register add k1 --to A --kind visit")
    line = "register permit k1 --person B --reason r --until"
    assert desk.says(f"{line} {MORNING}", code=1)["verdict"] == "over_already"
    assert desk.says(f"{line} {EVENING}")["verdict"] == "permitted"
