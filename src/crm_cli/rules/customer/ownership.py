"""To whom a customer belongs: the earliest valid entry of everybody linked; a confirmed grab before all."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection

    from crm_cli.past import Past
    from crm_cli.policy.book import Cite, Rulebook

Entry = dict[str, Any]


class Claim(NamedTuple):
    """The salesperson with the credit, since when, the entries it rests on (deciding one first), the articles."""

    owner: str
    since: str
    evidence: list[Entry]
    cites: list[Cite]


def group(past: Past, customer: str) -> list[str]:
    """Answer the ids of everybody who counts as this customer, itself first; chains and cycles of links are safe."""
    found = [customer]
    for member in found:
        document = past.get("customer", member) or {"links": {}}
        found += [other for other, link in document["links"].items() if link["client"] == "same" and other not in found]
    return found


def claim(past: Past, rules: Rulebook, customer: str, now: datetime) -> Claim | None:
    """Answer who has the credit for a customer at a time, None when nobody has a claim, or no rule gives one."""
    if not rules.has("register", "claims"):
        return None
    documents = [past.get("customer", member) for member in group(past, customer)]
    grabs = [document["credited"] for document in documents if document and document.get("credited")]
    entries = _valid_entries(past, rules, customer, now)
    if grabs:
        grab = grabs[0]
        return Claim(grab["to"], grab["since"], entries, [rules.values("register", "grab")[1]])
    return _by_entries(rules, entries)


def visit_owner(
    past: Past, rules: Rulebook, customer: str, now: datetime, besides: Collection[int] = ()
) -> Claim | None:
    """Answer to whom the book gives a customer at the door: a call alone gives no claim unless the policy says so.

    A confirmed grab moves the credit, not the customer. `besides` are the entries of the visit that is going on.
    """
    if not rules.has("register", "claims"):
        return None
    entries = [entry for entry in _valid_entries(past, rules, customer, now) if entry["number"] not in besides]
    values, _cite = rules.values("register", "claims")
    if not values["phone_entry_claims"] and all(entry["kind"] == "phone" for entry in entries):
        return None
    return _by_entries(rules, entries)


def visited(past: Past, customer: str, besides: Collection[int] = ()) -> bool:
    """Answer whether the book has a visit of the customer or of somebody linked, `besides` the one going on."""
    return any(entry["kind"] == "visit" and entry["number"] not in besides for entry in _entries(past, customer))


def _entries(past: Past, customer: str) -> list[Entry]:
    documents = [past.get("customer", member) for member in group(past, customer)]
    entries = [entry for document in documents if document for entry in document["entries"] if not entry.get("void")]
    return sorted(entries, key=lambda entry: (datetime.fromisoformat(entry["at"]), entry["number"]))


def _valid_entries(past: Past, rules: Rulebook, customer: str, now: datetime) -> list[Entry]:
    values, _cite = rules.values("register", "claims")
    days = values["valid_days"]
    entries = _entries(past, customer)
    if days is None:
        return entries
    return [entry for entry in entries if now - datetime.fromisoformat(entry["at"]) <= timedelta(days=days)]


def _by_entries(rules: Rulebook, entries: list[Entry]) -> Claim | None:
    values, cite = rules.values("register", "claims")
    visits = [entry for entry in entries if entry["kind"] == "visit" or values["phone_entry_claims"]]
    ranked = visits or entries
    if not ranked:
        return None
    first = _deciding(values, ranked)
    evidence = [first, *(entry for entry in entries if entry is not first)]
    return Claim(first["person"], first["at"], evidence, [cite])


def _deciding(values: dict[str, Any], ranked: list[Entry]) -> Entry:
    """Answer the entry that decides: the earliest, unless the policy lets a later kind of entry win."""
    winning = []
    if values["lapsed_recognition"] == "receiver_wins":
        winning += [entry for entry in ranked if entry.get("unrecognised")]
    if values["redesignation_credit"] == "designated":
        winning += [entry for entry in ranked if entry.get("redesignated")]
    return max(winning, key=lambda entry: int(entry["number"])) if winning else ranked[0]
