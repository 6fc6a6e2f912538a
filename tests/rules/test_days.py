"""Notes, the day's end and who may look: what is owed is told apart, whose a day is, what is lacking in it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from crm_cli.cli import perform
from crm_cli.commands import init
from crm_cli.commands.batch import words_of
from crm_cli.commands.session import Session, Shared
from crm_cli.past import Past
from crm_cli.rules.customer import day
from crm_cli.settings import Settings

POLICIES = Path(__file__).parents[2] / "policies"
MORNING, EVENING, NEXT = "2025-03-03T09:00+08:00", "2025-03-03T17:00+08:00", "2025-03-04T09:00+08:00"


class Desk:
    """An office of a house with two salespeople, and the lines that are typed in it; `now` is its clock."""

    def __init__(self, office: Any, *roles: str) -> None:
        self.office, self.now = office, MORNING
        one, other = roles or ("salesperson", "salesperson")
        self.says(f"staff add A --role {one}", f"staff add B --role {other}")

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


def handed_in(desk: Desk) -> list[tuple[str, str, str]]:
    due = desk.says("due")["due"]
    return [(one["person"], one["subject"], one["due"][:16]) for one in due if one["what"] == "day_not_handed_in"]


def test_a_day_that_is_not_handed_in_falls_due_once_for_each_person(desk: Desk) -> None:
    # 003.2.2.1: the day's customers are put in order before the end of work
    desk.says("register add k1 --to A --kind visit", "register add k2 --to B --kind phone")
    assert handed_in(desk) == [("A", "2025-03-03", "2025-03-03T18:00"), ("B", "2025-03-03", "2025-03-03T18:00")]
    desk.now = EVENING
    desk.says("register close-day --by A")
    assert handed_in(desk) == [("B", "2025-03-03", "2025-03-03T18:00")]
    desk.now = NEXT
    desk.says("tick", "tick")
    fallen = [event["data"] for event in desk.events("office.fell_due")]
    assert [one["person"] for one in fallen if one["what"] == "day_not_handed_in"] == ["B"]


def test_a_day_whose_entries_are_all_void_is_not_asked_for(desk: Desk) -> None:
    desk.says("register add k1 --to A --kind visit")
    entry = desk.events("customer.registered")[0]
    desk.says(f"correct {entry['seq']} --void --reason slip")
    assert handed_in(desk) == []
    desk.now = EVENING
    assert desk.says("register close-day --by A")["entries"] == []


def test_an_entry_that_turns_out_to_be_a_colleagues_is_in_the_colleagues_day(desk: Desk) -> None:
    desk.says("register add k1 --to A --kind visit")
    entry = desk.events("customer.registered")[0]
    desk.says(f"correct {entry['seq']} --set to=B --reason slip")
    assert [person for person, _subject, _due in handed_in(desk)] == ["B"]


def test_a_day_to_come_is_not_handed_in(desk: Desk) -> None:
    assert desk.says("register close-day --day 2025-03-04 --by A", code=1)["verdict"] == "not_yet"
    assert desk.events("customer.day_closed") == []


def test_who_was_received_and_is_not_in_the_book_is_told_at_the_days_end(desk: Desk) -> None:
    # 000.3.3b: whoever was received is registered the same day
    desk.says("rotate order A B", "rotate open", "rotate arrive k1", "rotate arrive k2")
    entry = next(event for event in desk.events("customer.registered") if event["data"]["person"] == "A")
    desk.says(f"correct {entry['seq']} --void --reason slip")
    assert ("A", "2025-03-03", "2025-03-03T18:00") in handed_in(desk), "003.2.2.1: overdue for whoever received"
    told = {person: desk.says(f"register close-day --by {person}")["lacking"] for person in ("A", "B")}
    assert [(one["registered"], one["client"]) for one in told["A"]] == [(False, "k1")]
    assert all(one["registered"] for one in told["B"])


@given(some.lists(some.sampled_from("AB"), max_size=250))
def test_the_documents_of_a_day_stay_small_and_lose_no_entry(people: list[str]) -> None:
    past = Past()
    for number, person in enumerate(people, 1):
        customer = f"c{number:05d}"
        entry = {"number": number, "customer": customer, "person": person, "at": MORNING}
        past.put("customer", customer, {"entries": [entry]})
        day.entered(past, entry)
    for person in "AB":
        found = [entry["number"] for entry in day.entries(past, MORNING[:10], person)]
        assert found == [number for number, one in enumerate(people, 1) if one == person]
    assert max((len(one.get("entries", ())) for one in past.changed.values()), default=0) <= day.BLOCK


def test_whoever_may_not_see_a_card_sees_it_in_no_other_answer_either(desk: Desk) -> None:
    # 003.2.4.3: a colleague's customer is seen on a permit and for a purpose
    phone = "13800138000"
    desk.says(f"register add k1 --to A --kind visit --name N --phone {phone}")
    desk.says("register update k1 --phone 13900139000 --by A")
    looks = ("register card k1", "register show k1 --history", "register show k1 --expenses-allowed")
    for line in looks:
        assert desk.says(f"{line} --by B", code=1)["verdict"] == "not_shown"
    assert [one["name"] for one in desk.says("register list --by B")["customers"]] == [""]
    assert [one["name"] for one in desk.says("register list --by A")["customers"]] == ["N"]
    assert desk.says("register show k1 --history --by A")["history"][0]["value"] == phone
    desk.says("register permit k1 --person B --reason r")
    assert desk.says("register card k1 --reason r --by B")["fields"]["phone"] == "13900139000"
    assert desk.says("register card k1 --reason r --by B", code=1)["verdict"] == "not_shown"


def test_the_right_to_reveal_does_not_open_a_card_that_the_house_shows_to_nobody() -> None:
    # 001.10.3.1.7: without the general manager's permit nobody looks
    with init.for_a_while(POLICIES, Settings("leasing"), "M", datetime.fromisoformat(MORNING)) as office:
        desk = Desk(office, "leasing_manager", "leasing_head")
        desk.says("register add k1 --to A --kind visit --phone 13800138000")
        line = "register show k1 --reveal --reason r --by B"
        assert desk.says(line, code=1)["verdict"] == "not_shown"
        desk.says("register permit k1 --person B --reason r")
        assert desk.says(line)["fields"]["phone"] == "13800138000"


def test_at_the_days_end_each_is_told_what_they_owe_themselves(desk: Desk) -> None:
    desk.says("register add k1 --to A --kind visit", "register note k1 card_given --by B")
    told = {person: desk.says(f"register close-day --by {person}")["lacking"] for person in ("A", "B")}
    assert [one["owed"] for one in told["A"]] == [[]]
    assert [(one["owed"], one["lacks"]) for one in told["B"]] == [(["card_notice"], [])]
