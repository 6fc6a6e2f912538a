"""What a house may choose about the cards of its customers, each switch tried both ways."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_switches import Day, register

from crm_cli.ledger.index import FOUND
from crm_cli.past import Past
from crm_cli.rules.customer.card import card_of, evolve, masked

if TYPE_CHECKING:
    from pathlib import Path

ALICE = "register add k1 --to A --kind visit --name 王小明 --phone 13800138000"
AGAIN = "register add k2 --to B --kind visit --phone 0086-138-0013-8000"


@pytest.fixture
def day(tmp_path: Path) -> Day:
    return Day(tmp_path / "office", None)


def with_card(tmp_path: Path, field: str, was: str, now: str) -> Day:
    return Day(tmp_path / "other", register(f"card.{field}", was, now))


def test_the_same_telephone_is_the_same_customer_only_where_the_house_says_so(day: Day, tmp_path: Path) -> None:
    day.does(ALICE)
    assert [one["client"] for one in day.does(AGAIN)["candidates"]] == ["k1"]
    assert day.owner("k2") == "B"
    other = with_card(tmp_path, "decides", "[]", "[phone]")
    other.does(ALICE)
    assert other.does(AGAIN)["candidates"] == [], "who is one with the customer is not proposed"
    assert other.owner("k2") == "A"
    assert [one["client"] for one in other.does("register list")["customers"]] == ["k1"], "updated, not added"
    other.does("register update k2 --phone 13900139000")
    assert other.owner("k2") == "A", "a handle that was given to somebody stays theirs"


def test_a_key_that_is_told_of_a_known_customer_links_the_two(tmp_path: Path) -> None:
    other = with_card(tmp_path, "decides", "[]", "[phone]")
    other.does(ALICE, "register add k2 --to B --kind visit", "register update k2 --phone 13800138000")
    assert other.owner("k2") == "A"
    other.does("register update k2 --phone 13900139000")
    assert other.owner("k2") == "A", "a link is an event of its own and stays"
    other.does("register unlink k2 --from k1 --reason so")
    assert other.owner("k2") == "B"


def test_a_number_that_was_given_up_decides_no_more(tmp_path: Path) -> None:
    other = with_card(tmp_path, "decides", "[]", "[phone]")
    other.does(ALICE, "register update k1 --phone 13900139000", AGAIN)
    assert other.owner("k2") == "B"
    found = other.does("register find 13900139000")["candidates"]
    assert [(one["client"], one["score"]) for one in found if one["fields"] == ["phone"]] == [("k1", 100)]


def test_an_entry_and_an_update_want_what_the_house_wants(day: Day) -> None:
    day.does("register add k1 --to A --kind visit")
    for line in ("register add k2 --to A --kind visit", "register add k1 --to A --kind visit", "register update k1"):
        with pytest.raises(AssertionError, match=r"fields_missing.*'missing': \['agent'\]"):
            day.does(f"{line} --field channel=agent")
    day.does("register update k1 --field channel=agent --field agent=链家", "register update k1 --name 王小明")


def test_what_is_not_personal_stands_outside_the_personal_part(day: Day) -> None:
    day.does("register add k1 --to A --kind visit --name 王小明 --field 预算=200万")
    described = next(event for event in day.office.events() if event["type"] == "customer.described")
    assert described["data"]["fields"] == {"budget": "200万"}
    assert described["personal"] == {"handle": "k1", "card": {"name": "王小明"}}
    assert "王小明" not in str({**described, "personal": {}})


def test_the_same_key_with_another_telephone_is_another_request(day: Day) -> None:
    day.does(f"{ALICE} --id one", f"{ALICE} --id one")
    assert len([event for event in day.office.events() if event["type"] == "customer.described"]) == 1


def test_a_word_that_finds_many_finds_the_first_of_them(day: Day) -> None:
    with day.office.batch():
        day.does(*(f"register add n{number} --to A --kind visit --name 王伟" for number in range(FOUND + 20)))
    assert len(day.does("register find 王伟")["candidates"]) == 5


@pytest.mark.parametrize(
    ("text", "seen"), [("13800138000", "138****8000"), ("1234567", "*******"), ("", ""), ("12345678", "123*5678")]
)
def test_of_what_is_masked_only_the_ends_are_seen(text: str, seen: str) -> None:
    assert masked(text) == seen


@given(st.permutations(range(4)))
def test_a_card_says_what_was_known_last_in_whatever_order_it_was_entered(order: list[int]) -> None:
    past = Past()
    for day in order:
        at = f"2025-03-0{day + 1}T09:00:00+08:00"
        phone = f"+8613800138{day:03d}"
        personal = {"card": {"name": f"n{day}", "phone": phone[3:]}, "keys": {"phone": phone}}
        event = {"type": "customer.described", "subject": "c00001", "happened": at, "personal": personal}
        evolve(past, {**event, "data": {"fields": {"budget": str(day)}}})
    found = card_of(past, "c00001")
    assert (found["typed"]["name"], found["fields"]["budget"]) == ("n3", "3")
    assert found["keys"]["phone"].endswith("003")
