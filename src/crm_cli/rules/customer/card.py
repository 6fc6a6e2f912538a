"""The card of a customer: what is known of them, who may see it, and whom it may make one with somebody else."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from crm_cli.identity.companies import company_key
from crm_cli.identity.likeness import LIKE, blocks, likeness
from crm_cli.identity.scripts import name_keys

if TYPE_CHECKING:
    from collections.abc import Collection

    from crm_cli.past import Document, Event, Past
    from crm_cli.policy.book import Cite, Rulebook
    from crm_cli.rules.decision import Case

FIELDS = ("name", "phone", "identity", "company", "birthday", "address")  # those that customers are compared by
OF_A_CHANGE = "change"  # what kind of change is reported: said of the report, not kept on the card
KEYED = ("phone", "identity")  # those that have one form, and can decide
SHOWN_HEAD, SHOWN_TAIL = 3, 4  # signs of a masked value that stay to be seen


class Candidate(NamedTuple):
    """A customer who may be meant: how like, of 100, and by which fields; 100 where a key is the same."""

    customer: str
    score: int
    fields: tuple[str, ...]


def empty_card() -> Document:
    """Answer the card of somebody of whom nothing is known."""
    return {"typed": {}, "keys": {}, "fields": {}, "was": [], "since": {}}


def card_of(past: Past, customer: str) -> Document:
    """Answer what is known of a customer; it must not be changed.

    {"typed": {field: as typed}, "keys": {field: in one form}, "fields": {field: what is not personal},
    "was": [{"field", "value", "until"}]}
    """
    return past.get("card", customer) or empty_card()


def describe(case: Case, customer: str, handle: str, *cites: Cite, **more: Any) -> None:
    """Record what the hand says of a customer, if anything; `more` is said of the report itself."""
    asked = case.asked
    told = {name: asked[name] for name in ("card", "keys") if asked.get(name)}
    if not (told or asked.get("fields")):
        return
    _values, cite = case.rules.values("register", "card")
    data = {"fields": asked.get("fields", {}), **more}
    case.record("customer.described", data, cite, *cites, subject=customer, personal={"handle": handle, **told})


def differing(case: Case, customer: str) -> list[str]:
    """Answer in what somebody who is known by the handle differs from what the hand says: perhaps another person."""
    known, said = card_of(case.past, customer), case.asked
    differs = [field for field, key in said.get("keys", {}).items() if known["keys"].get(field, key) != key]
    name = said.get("card", {}).get("name")
    if name and "name" in known["typed"] and not name_keys(name) & name_keys(known["typed"]["name"]):
        differs.append("name")
    return differs


def deciders(case: Case, customer: str) -> list[tuple[str, str]]:
    """Answer who has a key of this customer that decides by the policy, and which: [(customer, field)]."""
    values, _cite = case.rules.values("register", "card")
    keys = card_of(case.past, customer)["keys"]
    return [
        (other, field)
        for field in values["decides"]
        if field in keys
        for other in decided_by(case.past, field, keys[field])
        if other != customer
    ]


def decided_by(past: Past, field: str, key: str) -> list[str]:
    """Answer the customers whose cards have a key now, oldest first."""
    return [one for one in past.find("card", f"{field}:{key}") if card_of(past, one)["keys"].get(field) == key]


def candidates(past: Past, wanted: dict[str, str], besides: Collection[str] = ()) -> list[Candidate]:
    """Answer who may be meant by some fields (`phone` and `identity` in one form), the likest first."""
    found = dict.fromkeys(other for word in sorted(_words(wanted)) for other in past.find("card", word))
    scored = [_scored(past, wanted, other) for other in found if other not in besides]
    return sorted((one for one in scored if one.score >= LIKE), key=lambda one: (-one.score, one.customer))


def _scored(past: Past, wanted: dict[str, str], other: str) -> Candidate:
    theirs = compared(card_of(past, other))
    same = tuple(field for field in wanted if _agree(field, wanted[field], theirs.get(field, "")))
    if same:
        return Candidate(other, 100, same)
    found = likeness(wanted, theirs)
    return Candidate(other, found.score, found.fields)


def _agree(field: str, one: str, other: str) -> bool:
    if field == "name":
        return bool(name_keys(one) & name_keys(other))
    if field == "company":
        return bool(other) and company_key(one) == company_key(other)
    return field in KEYED and one == other


def compared(card: Document) -> dict[str, str]:
    """Answer the fields of a card as customers are compared by them."""
    return {field: value for field, value in {**card["typed"], **card["keys"]}.items() if field in FIELDS}


def _words(fields: dict[str, str]) -> frozenset[str]:
    """Answer the words that a card is found by; what was asked last is known, as it is folded twice."""
    return _found_by(tuple(fields.items()))


@lru_cache(maxsize=16)
def _found_by(named: tuple[tuple[str, str], ...]) -> frozenset[str]:
    fields = dict(named)
    names = {f"={key}" for key in name_keys(fields.get("name", ""))}
    company = {f"company:{company_key(fields['company'])}"} if fields.get("company") else set()
    return frozenset(blocks(fields) | names | company)


def evolve(past: Past, event: Event) -> None:
    """Fold what was said of a customer into their card; what it said before is kept with the day it ended."""
    personal, fields = event.get("personal", {}), dict(event["data"].get("fields", {}))
    fields.pop(OF_A_CHANGE, None)
    card = past.get("card", event["subject"]) or empty_card()
    said, happened = {**personal.get("card", {}), **fields}, event["happened"]
    before, found_by = {**card["typed"], **card["fields"]}, _words(compared(card))
    past_by = {field for field in said if _later(card["since"].get(field), happened)}  # known better since
    card["was"] += [
        {"field": field, "value": value, "until": card["since"][field], "by": event.get("actor")}
        if field in past_by
        else {"field": field, "value": before[field], "until": happened, "by": event.get("actor")}
        for field, value in said.items()
        if before.get(field) not in (None, value)
    ]
    new = {field: value for field, value in personal.get("card", {}).items() if field not in past_by}
    card["typed"].update(new)
    card["keys"] = {field: key for field, key in card["keys"].items() if field not in new}
    card["keys"].update({field: key for field, key in personal.get("keys", {}).items() if field not in past_by})
    card["fields"].update({field: value for field, value in fields.items() if field not in past_by})
    card["since"].update(dict.fromkeys(said.keys() - past_by, happened))
    past.put("card", event["subject"], card, tuple(sorted(_words(compared(card)) - found_by)))


def _later(since: str | None, happened: str) -> bool:
    return since is not None and since != happened and datetime.fromisoformat(since) > datetime.fromisoformat(happened)


def masked(text: str) -> str:
    """Answer a value of which only the ends are seen; a short one is hidden whole."""
    if len(text) <= SHOWN_HEAD + SHOWN_TAIL:
        return "*" * len(text)
    return text[:SHOWN_HEAD] + "*" * (len(text) - SHOWN_HEAD - SHOWN_TAIL) + text[-SHOWN_TAIL:]


def hidden(personal: dict[str, Any], rules: Rulebook, roles: Collection[str]) -> dict[str, Any]:
    """Answer the personal part of an event as somebody with these roles sees it."""
    values, _cite = rules.values("register", "card")
    if set(values["seen_by"]) & set(roles):
        return personal
    return {
        name: _hidden(part, values["masked"]) if name in ("card", "keys") else part for name, part in personal.items()
    }


def history(card: Document, rules: Rulebook, roles: Collection[str]) -> list[Document]:
    """Answer what a card said before, the newest last, as somebody with these roles sees it."""
    values, _cite = rules.values("register", "card")
    mask = [] if set(values["seen_by"]) & set(roles) else values["masked"]
    return [{**one, "value": masked(one["value"]) if one["field"] in mask else one["value"]} for one in card["was"]]


def _hidden(fields: dict[str, str], mask: Collection[str]) -> dict[str, str]:
    return {field: masked(value) if field in mask else value for field, value in fields.items()}


def shown(card: Document, rules: Rulebook, roles: Collection[str]) -> dict[str, Any]:
    """Answer the fields of a card as somebody with these roles sees them."""
    values, _cite = rules.values("register", "card")
    every = {**card["typed"], **card["fields"]}
    return every if set(values["seen_by"]) & set(roles) else _hidden(every, values["masked"])
