"""To whom a customer belongs, whatever was entered, linked, unlinked and handed over."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from days import MONDAY, rulebook
from hypothesis import given
from hypothesis import strategies as some

from crm_cli.past import Past
from crm_cli.rules.customer.dispute import dispute
from crm_cli.rules.customer.ownership import Supposed, claim, group, holder
from crm_cli.rules.fold import RULES, fold

PEOPLE = ("A", "B", "C", "D")
CLIENTS = ("c00001", "c00002", "c00003", "c00004")
NOW = MONDAY + timedelta(days=9)

Entries = some.lists(
    some.tuples(
        some.sampled_from(CLIENTS),
        some.sampled_from(PEOPLE),
        some.sampled_from(("visit", "phone")),
        some.integers(0, 30),
        some.booleans(),
    ),
    max_size=12,
)
Links = some.lists(
    some.tuples(some.sampled_from(CLIENTS), some.sampled_from(CLIENTS)).filter(lambda two: two[0] != two[1])
)


def book(entries: list[Any], links: list[tuple[str, str]] = []) -> Past:  # noqa: B006 - never changed
    """Answer a past with these entries: (customer, person, kind, minutes after the first, void)."""
    past = Past()
    past.put("staff", "roster", {"members": {name: {"roles": ["salesperson"]} for name in PEOPLE}})
    past.get("staff", "roster")["members"]["M"] = {"roles": ["manager"]}  # type: ignore[index]
    past.put("customer", "book", {"customers": len(CLIENTS), "entries": len(entries)})
    for client in CLIENTS:
        past.put("customer", client, {"handle": client, "entries": [], "links": {}}, (client,))
    for number, (client, person, kind, minutes, void) in enumerate(entries, 1):
        at = (MONDAY + timedelta(minutes=minutes)).isoformat()
        entry = {"number": number, "person": person, "kind": kind, "at": at, "customer": client, "void": void}
        (past.get("customer", client) or {})["entries"].append(entry)
    for one, other in links:
        related(past, one, other)
    return past


def related(past: Past, one: str, other: str, *, no_more: bool = False) -> None:
    data = {"other": other, "relation": "family", "client": "same"}
    kind = "customer.unlinked" if no_more else "customer.linked"
    fold(past, {"type": kind, "v": 1, "seq": 1, "happened": MONDAY.isoformat(), "subject": one, "data": data})


def owner(past: Past, client: str, supposed: Supposed | None = None) -> str | None:
    found = claim(past, rulebook(), client, NOW, *([supposed] if supposed else []))
    return found.owner if found else None


def mine(past: Past, client: str) -> list[dict[str, Any]]:
    members = [past.get("customer", one) or {} for one in group(past, client)]
    return [entry for member in members for entry in member["entries"] if not entry["void"]]


@given(Entries, Links)
def test_the_owner_is_who_has_the_earliest_visit_of_everybody_linked_and_a_call_only_where_nobody_visited(
    entries: list[Any], links: list[tuple[str, str]]
) -> None:
    past = book(entries, links)
    for client in CLIENTS:
        counting = mine(past, client)
        visits = [entry for entry in counting if entry["kind"] == "visit"] or counting
        first = min(visits, key=lambda entry: (datetime.fromisoformat(entry["at"]), entry["number"]), default=None)
        assert owner(past, client) == (first["person"] if first else None)


@given(Entries, Links, some.randoms(use_true_random=False))
def test_the_order_in_which_entries_and_links_were_made_plays_no_part(
    entries: list[Any], links: list[tuple[str, str]], chance: Any
) -> None:
    past, other = book(entries, links), book(entries, chance.sample(links, len(links)))
    for client in CLIENTS:
        chance.shuffle((other.get("customer", client) or {})["entries"])
    assert [owner(past, client) for client in CLIENTS] == [owner(other, client) for client in CLIENTS]


@given(Entries, Links)
def test_whoever_is_linked_by_chains_and_circles_belongs_to_one_person(
    entries: list[Any], links: list[tuple[str, str]]
) -> None:
    past = book(entries, links)
    for client in CLIENTS:
        assert {owner(past, one) for one in group(past, client)} == {owner(past, client)}
        assert all(sorted(group(past, one)) == sorted(group(past, client)) for one in group(past, client))


@given(Entries, some.permutations(CLIENTS))
def test_what_is_linked_and_unlinked_again_is_as_it_was(entries: list[Any], clients: list[str]) -> None:
    past = book(entries)
    before = [owner(past, client) for client in CLIENTS]
    related(past, *clients[:2])
    related(past, *clients[:2], no_more=True)
    assert [owner(past, client) for client in CLIENTS] == before


@given(Entries, Links)
def test_a_claim_that_lost_may_go_and_the_ruling_stays(entries: list[Any], links: list[tuple[str, str]]) -> None:
    past = book(entries, links)
    for client in CLIENTS:
        whose = owner(past, client)
        for entry in mine(past, client):
            if entry["person"] != whose:
                without = Supposed(entries={entry["number"]: {**entry, "void": True}})
                assert owner(past, client, without) == whose


@given(Entries, Links)
def test_what_a_dispute_says_would_have_changed_it_changes_it(entries: list[Any], links: list[tuple[str, str]]) -> None:
    past = book(entries, links)
    for client in CLIENTS:
        found = dispute(past, rulebook(), client, NOW)
        assert found["owner"] == owner(past, client)
        assert all(change["owner"] != found["owner"] for change in found["changed_by"])
        assert (found["runner_up"] is None) == ({holder(entry) for entry in mine(past, client)} <= {found["owner"]})


@given(Entries, Links, some.sampled_from(PEOPLE), Links)
def test_who_leaves_owns_nobody_whatever_is_linked_or_unlinked_afterwards(
    entries: list[Any], links: list[tuple[str, str]], gone: str, later: list[tuple[str, str]]
) -> None:
    past = book(entries, links)
    heir = next(name for name in PEOPLE if name != gone)
    before = {client: owner(past, client) for client in CLIENTS}
    asked = {"verb": "depart", "name": gone, "to": heir, "by": "M"}
    for number, event in enumerate(RULES["staff"](past, rulebook(), asked, NOW).events, 1):
        fold(past, {**event, "v": 1, "seq": number, "happened": NOW.isoformat(), "cites": []})
    assert {client: owner(past, client) for client in CLIENTS} == {
        client: heir if whose == gone else whose for client, whose in before.items()
    }
    for one, other in later:
        related(past, one, other, no_more=(one, other) in links or (other, one) in links)
    assert gone not in [owner(past, client) for client in CLIENTS]
    assert all(owner(past, client) in (None, *(holder(entry) for entry in mine(past, client))) for client in CLIENTS)
