"""To whom a customer belongs: the earliest valid entry of everybody linked; a confirmed grab before all."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from crm_cli.rules.customer.handin import counted_from
from crm_cli.rules.directory import has_left

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from crm_cli.past import Past
    from crm_cli.policy.book import Cite, Rulebook

Entry = dict[str, Any]


class Claim(NamedTuple):
    """The salesperson with the credit, since when, the entries it rests on (deciding one first), the articles.

    `until` is when the deciding entry ceases to count, None where it does not.
    """

    owner: str
    since: str
    evidence: list[Entry]
    cites: list[Cite]
    until: datetime | None = None


class Supposed(NamedTuple):
    """What is taken to be otherwise, to see whose the customer were then."""

    without: str | None = None  # nothing of this person counts
    entries: Mapping[int, Entry] = {}  # entries that say something else, by their numbers
    grabs: bool = True  # whether confirmed grabs count


AS_IT_IS = Supposed()


def group(past: Past, customer: str) -> list[str]:
    """Answer the ids of everybody who counts as this customer, itself first; chains and cycles of links are safe."""
    found = [customer]
    for member in found:
        document = past.get("customer", member) or {"links": {}}
        found += [other for other, link in document["links"].items() if link["client"] == "same" and other not in found]
    return found


def claim(past: Past, rules: Rulebook, customer: str, now: datetime, supposed: Supposed = AS_IT_IS) -> Claim | None:
    """Answer who has the credit for a customer at a time, None when nobody has a claim, or no rule gives one."""
    if not rules.has("register", "claims"):
        return None
    entries = [
        entry for entry in _valid_entries(past, rules, customer, now, supposed) if holder(entry) != supposed.without
    ]
    grabs = _grabs(past, rules, customer, supposed)
    if grabs:
        mark = max(grabs, key=lambda one: (one["own"], datetime.fromisoformat(one["since"]), one["to"]))
        return _claimed(mark, mark["since"], entries, [rules.values("register", "grab")[1]], rules)
    return _by_entries(past, rules, entries, now)


def holder(mark: Mapping[str, Any]) -> str:
    """Answer who has an entry or a credit now: who got it, or who took it over from somebody who left."""
    person: str = mark["handed"]["to"] if "handed" in mark else mark.get("person") or mark["to"]
    return person


def _grabs(past: Past, rules: Rulebook, customer: str, supposed: Supposed) -> list[dict[str, Any]]:
    """Answer the credits of confirmed grabs that stand; the customer's `own` goes before those of others linked."""
    if not supposed.grabs or not rules.has("register", "grab"):
        return []
    documents = {member: past.get("customer", member) or {} for member in group(past, customer)}
    marks = [
        {**document["credited"], "own": member == customer}
        for member, document in documents.items()
        if "credited" in document
    ]
    return [one for one in marks if holder(one) != supposed.without and not _gone(past, rules, holder(one))]


def _claimed(mark: Entry, since: str, evidence: list[Entry], cites: list[Cite], rules: Rulebook) -> Claim:
    """Answer the claim that an entry or a credit gives; who took it over has it since then, on that article, too."""
    if "handed" in mark:
        since, cites = mark["handed"]["since"], [*cites, rules.values("register", "handover")[1]]
    return Claim(holder(mark), since, evidence, cites)


def _gone(past: Past, rules: Rulebook, person: str) -> bool:
    """Answer whether somebody has left, in a house whose customers then go to others."""
    return rules.has("register", "handover") and has_left(past, person)


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
    return _by_entries(past, rules, entries, now)


def visited(past: Past, customer: str, besides: Collection[int] = ()) -> bool:
    """Answer whether the book has a visit of the customer or of somebody linked, `besides` the one going on."""
    return any(entry["kind"] == "visit" and entry["number"] not in besides for entry in _entries(past, customer))


def all_entries(past: Past, customer: str, supposed: Supposed = AS_IT_IS) -> list[Entry]:
    """Answer the entries of a customer and of everybody linked, void ones too, in the order of their times."""
    documents = [past.get("customer", member) for member in group(past, customer)]
    entries = [
        supposed.entries.get(entry["number"], entry)
        for document in documents
        if document
        for entry in document["entries"]
    ]
    return sorted(entries, key=lambda entry: (datetime.fromisoformat(entry["at"]), entry["number"]))


def counts_not(past: Past, rules: Rulebook, customer: str, entry: Entry, now: datetime) -> str | None:
    """Answer why an entry gives no claim: void, its holder left, expired, a call beside a visit; None if it does."""
    if entry.get("void"):
        return "void"
    if _gone(past, rules, holder(entry)):
        return "left"
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
        if holder(one) == holder(entry) and one["kind"] in values["renewed_by"]
    ]  # fmt: skip
    times = sorted(datetime.fromisoformat(one["at"]) for one in renewing)
    end = datetime.fromisoformat(entry["at"]) + timedelta(days=values["valid_days"])
    for time in times:
        if time <= end:
            end = max(end, time + timedelta(days=values["valid_days"]))
    return end


def _entries(past: Past, customer: str, supposed: Supposed = AS_IT_IS) -> list[Entry]:
    return [entry for entry in all_entries(past, customer, supposed) if not entry.get("void")]


def _valid_entries(
    past: Past, rules: Rulebook, customer: str, now: datetime, supposed: Supposed = AS_IT_IS
) -> list[Entry]:
    entries = [entry for entry in _entries(past, customer, supposed) if not _gone(past, rules, holder(entry))]
    if rules.values("register", "claims")[0]["valid_days"] is None:
        return entries
    return [entry for entry in entries if now <= (valid_until(past, rules, customer, entry) or now)]


def _ranked(rules: Rulebook, entries: list[Entry]) -> list[Entry]:
    values, _cite = rules.values("register", "claims")
    return [entry for entry in entries if entry["kind"] != "phone" or values["phone_entry_claims"]] or entries


def _by_entries(past: Past, rules: Rulebook, entries: list[Entry], now: datetime) -> Claim | None:
    values, cite = rules.values("register", "claims")
    ranked = _ranked(rules, entries)
    if not ranked:
        return None
    if values["late_entry"] == "handed_in":
        ranked = sorted(ranked, key=lambda entry: (counted_from(past, rules, entry, now), entry["number"]))
    first = _deciding(values, ranked)
    evidence = [first, *(entry for entry in entries if entry is not first)]
    until = valid_until(past, rules, first["customer"], first)
    return _claimed(first, first["at"], evidence, [cite], rules)._replace(until=until)


def _deciding(values: dict[str, Any], ranked: list[Entry]) -> Entry:
    """Answer the entry that decides: the earliest, unless the policy lets a later kind of entry win."""
    winning = []
    if values["lapsed_recognition"] == "receiver_wins":
        winning += [entry for entry in ranked if entry.get("unrecognised")]
    if values["redesignation_credit"] == "designated":
        winning += [entry for entry in ranked if entry.get("redesignated")]
    return max(winning, key=lambda entry: int(entry["number"])) if winning else ranked[0]
