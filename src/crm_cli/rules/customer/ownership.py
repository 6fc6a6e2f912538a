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


def claim(past: Past, rules: Rulebook, customer: str, now: datetime, *, without: str | None = None) -> Claim | None:
    """Answer who has the credit for a customer at a time, None when nobody has a claim, or no rule gives one.

    Nothing of whoever is called `without` counts.
    """
    if not rules.has("register", "claims"):
        return None
    documents = [past.get("customer", member) for member in group(past, customer)]
    entries = [entry for entry in _valid_entries(past, rules, customer, now) if entry["person"] != without]
    for mark, rule in (("handed", "handover"), ("credited", "grab")):
        marks = [document[mark] for document in documents if document and document.get(mark)]
        marks = [one for one in marks if one["to"] != without]
        if marks and rules.has("register", rule):
            newest = max(marks, key=lambda one: datetime.fromisoformat(one["since"])) if mark == "handed" else marks[0]
            return Claim(newest["to"], newest["since"], entries, [rules.values("register", rule)[1]])
    return _by_entries(past, rules, entries)


def visit_owner(
    past: Past, rules: Rulebook, customer: str, now: datetime, besides: Collection[int] = ()
) -> Claim | None:
    """Answer to whom the book gives a customer at the door: a call alone gives no claim unless the policy says so.

    A confirmed grab moves the credit, not the customer. `besides` are the entries of the visit that is going on.
    """
    if not rules.has("register", "claims"):
        return None
    entries = [entry for entry in _valid_entries(past, rules, customer, now) if entry["number"] not in besides]
    handed = [(past.get("customer", one) or {}).get("handed") for one in group(past, customer)]
    if any(handed):
        return claim(past, rules, customer, now)
    values, _cite = rules.values("register", "claims")
    if not values["phone_entry_claims"] and all(entry["kind"] == "phone" for entry in entries):
        return None
    return _by_entries(past, rules, entries)


def visited(past: Past, customer: str, besides: Collection[int] = ()) -> bool:
    """Answer whether the book has a visit of the customer or of somebody linked, `besides` the one going on."""
    return any(entry["kind"] == "visit" and entry["number"] not in besides for entry in _entries(past, customer))


def all_entries(past: Past, customer: str) -> list[Entry]:
    """Answer the entries of a customer and of everybody linked, void ones too, in the order of their times."""
    documents = [past.get("customer", member) for member in group(past, customer)]
    entries = [entry for document in documents if document for entry in document["entries"]]
    return sorted(entries, key=lambda entry: (datetime.fromisoformat(entry["at"]), entry["number"]))


def counts_not(past: Past, rules: Rulebook, customer: str, entry: Entry, now: datetime) -> str | None:
    """Answer why an entry gives no claim: void, expired, a call beside a visit; None where it counts."""
    if entry.get("void"):
        return "void"
    valid = _valid_entries(past, rules, customer, now)
    if entry["number"] not in {one["number"] for one in valid}:
        return "expired"
    ranked = _ranked(rules, valid)
    return None if entry["number"] in {one["number"] for one in ranked} else "call"


def valid_until(past: Past, rules: Rulebook, customer: str, entry: Entry) -> datetime | None:
    """Answer when an entry ceases to count; None where entries do not expire."""
    values, _cite = rules.values("register", "claims")
    if values["valid_days"] is None:
        return None
    renewing = [
        one for one in _entries(past, customer)
        if one["person"] == entry["person"] and one["kind"] in values["renewed_by"]
    ]  # fmt: skip
    times = sorted(datetime.fromisoformat(one["at"]) for one in renewing)
    end = datetime.fromisoformat(entry["at"]) + timedelta(days=values["valid_days"])
    for time in times:
        if time <= end:
            end = max(end, time + timedelta(days=values["valid_days"]))
    return end


def _entries(past: Past, customer: str) -> list[Entry]:
    return [entry for entry in all_entries(past, customer) if not entry.get("void")]


def _valid_entries(past: Past, rules: Rulebook, customer: str, now: datetime) -> list[Entry]:
    entries = _entries(past, customer)
    if rules.values("register", "claims")[0]["valid_days"] is None:
        return entries
    return [entry for entry in entries if now <= (valid_until(past, rules, customer, entry) or now)]


def _ranked(rules: Rulebook, entries: list[Entry]) -> list[Entry]:
    values, _cite = rules.values("register", "claims")
    return [entry for entry in entries if entry["kind"] != "phone" or values["phone_entry_claims"]] or entries


def _by_entries(past: Past, rules: Rulebook, entries: list[Entry]) -> Claim | None:
    values, cite = rules.values("register", "claims")
    ranked = _ranked(rules, entries)
    if not ranked:
        return None
    if values["late_entry"] == "handed_in":
        ranked = sorted(ranked, key=lambda entry: (_handed_in(past, entry), entry["number"]))
    first = _deciding(values, ranked)
    evidence = [first, *(entry for entry in entries if entry is not first)]
    return Claim(first["person"], first["at"], evidence, [cite])


def _handed_in(past: Past, entry: Entry) -> datetime:
    """Answer from when an entry counts: its own time, or when its day was handed in, if that was late."""
    own = datetime.fromisoformat(entry["at"])
    day = past.get("customer", f"day/{entry['at'][:10]}") or {"by": {}}
    handed = day["by"].get(entry["person"])
    return datetime.fromisoformat(handed["at"]) if handed and handed["late"] else own


def _deciding(values: dict[str, Any], ranked: list[Entry]) -> Entry:
    """Answer the entry that decides: the earliest, unless the policy lets a later kind of entry win."""
    winning = []
    if values["lapsed_recognition"] == "receiver_wins":
        winning += [entry for entry in ranked if entry.get("unrecognised")]
    if values["redesignation_credit"] == "designated":
        winning += [entry for entry in ranked if entry.get("redesignated")]
    return max(winning, key=lambda entry: int(entry["number"])) if winning else ranked[0]
