"""The book: every visit and call entered, who counts as one customer, whose customer it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm_cli.errors import UsageError
from crm_cli.language import _
from crm_cli.rules.decision import Asked, Case, Decision, RefusalError, answered, permitted
from crm_cli.rules.directory import find, known, must_be_on_the_staff, roles_of
from crm_cli.rules.register import card as cards
from crm_cli.rules.register.card import card_of, deciders, describe, missing
from crm_cli.rules.register.ownership import claim, group

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from crm_cli.past import Document, Event, Past
    from crm_cli.policy.book import Rulebook

ANSWERS = ("been_before", "received_by")
MARKS = ("turn", "unrecognised", "redesignated", "arrival", *ANSWERS)  # what an entry says beside who, whom and when


def decide(past: Past, policy: Rulebook, asked: Asked, now: datetime) -> Decision:
    """Answer what becomes of a request about the book; `asked["verb"]` is one of `VERBS`."""
    return answered(VERBS[asked["verb"]], Case(past.fork(), policy, asked, now, evolve))


def evolve(past: Past, event: Event) -> None:
    """Fold an event about a customer into the customer's document, and the book's numbers."""
    if event["type"] not in EVOLVES:
        return
    subject, data = event["subject"], event["data"]
    document = past.get("customer", subject)
    words: tuple[str, ...] = ()
    if document is None:
        document, words = _opened(past, event), (event["personal"]["handle"],)
    EVOLVES[event["type"]](past, document, data, event)
    past.put("customer", subject, document, words)


def next_id(past: Past) -> str:
    """Answer the id that the next new customer gets."""
    return _id(_numbers(past)["customers"] + 1)


def enter(case: Case, customer: str, handle: str, person: str, kind: str, **more: Any) -> None:
    """Record a book entry, if the house books this kind: the customer was received by, or for, that salesperson."""
    values, cite = case.rules.values("register", "book")
    if kind not in values["kinds"]:
        meet(case, customer, handle)
        return
    number = entries_made(case.past) + 1
    data = {"number": number, "person": person, "kind": kind, **{key: value for key, value in more.items() if value}}
    case.record("customer.registered", data, cite, subject=customer, personal={"handle": handle})


def move(case: Case, entries: list[dict[str, Any]], customer: str, handle: str, **marks: Any) -> None:
    """Record entries as another customer's, as they stood and when they were made; `marks` are said of them besides."""
    for entry in entries:
        void(case, entry["customer"], [entry], moved=customer)
        kept = {**{name: value for name, value in entry.items() if name in MARKS}, **marks}
        first = not valid_entries(case.past, customer)
        enter(case, customer, handle, entry["person"], entry["kind"], at=entry["at"], first=first, **kept)


def void(case: Case, customer: str, entries: list[dict[str, Any]], **more: Any) -> None:
    """Record that entries of a customer do not count."""
    for entry in entries:
        data = {"number": entry["number"], "person": entry["person"], **more}
        case.record("customer.entry_voided", data, subject=customer)


def valid_entries(past: Past, customer: str) -> list[dict[str, Any]]:
    """Answer the entries of a customer alone that count."""
    document = past.get("customer", customer) or {"entries": []}
    return [entry for entry in document["entries"] if not entry.get("void")]


def entries_of_arrival(past: Past, customer: str, arrival: int) -> list[dict[str, Any]]:
    """Answer the entries that count and were made for an arrival, by whatever customer they stand now."""
    customers, found = [customer], []
    for one in customers:
        for entry in (past.get("customer", one) or {"entries": []})["entries"]:
            if entry.get("arrival") == arrival and not entry.get("void"):
                found.append(entry)
            elif entry.get("arrival") == arrival and entry.get("moved") not in (None, *customers):
                customers.append(entry["moved"])
    return found


def entries_made(past: Past) -> int:
    """Answer how many entries the book has."""
    made: int = _numbers(past)["entries"]
    return made


def meet(case: Case, customer: str, handle: str) -> None:
    """Record a customer nobody has received yet, so that the handle is known."""
    if case.past.get("customer", customer) is None:
        case.record("customer.added", {}, subject=customer, personal={"handle": handle})


def link(case: Case, customer: str, other: str, relation: str) -> None:
    """Record that two customers are related; the policy says whether that makes them one."""
    if customer == other:
        raise UsageError(_("a customer cannot be linked to itself"), fix=_("name two customers"))
    hit = case.rules.table("register", "relation", {"relation": relation})
    tested = [{"rule": "register/relation", "row": hit.cite.row, "facts": {"relation": relation}}]
    data = {"other": other, "relation": relation, "client": hit.then["client"]}
    case.record("customer.linked", data, hit.cite, subject=customer, tested=tested)


def unanswered(past: Past, customers: Iterable[str]) -> list[str]:
    """Answer those customers whose first visit was entered without the two answers."""
    documents = [(customer, past.get("customer", customer)) for customer in customers]
    return [customer for customer, document in documents if document and _lacks_answers(document)]


def _lacks_answers(document: Document) -> bool:
    entries = [entry for entry in document["entries"] if not entry.get("void")]
    return bool(entries) and not any(set(ANSWERS) & set(entry) for entry in entries) and bool(entries[0].get("first"))


def _add(case: Case) -> Decision:
    asked = case.asked
    permitted(case, "register", "add")
    must_be_on_the_staff(case.past, asked["to"])
    _two_answers(case)
    customer = known(case.past, asked["handle"]) or next_id(case.past)
    _wanted_fields(case, customer)
    describe(case, customer, asked["handle"])
    answers = {name: asked.get(name) for name in ANSWERS}
    enter(case, customer, asked["handle"], asked["to"], asked["kind"], **answers)
    _same_by_key(case, customer)
    return case.decided("done")


def _wanted_fields(case: Case, customer: str) -> None:
    """Refuse a first entry that leaves out what the house wants to know of a customer."""
    if valid_entries(case.past, customer):
        return
    known_now = {*card_of(case.past, customer)["typed"], *case.asked.get("card", {}), *case.asked.get("fields", {})}
    lacking = missing(case.rules, case.asked["kind"], known_now)
    if lacking:
        cite = case.rules.values("register", "card")[1]
        says = _("a first entry wants: {missing}").format(missing=", ".join(lacking))
        raise RefusalError("fields_missing", says, cite, missing=lacking)


def _same_by_key(case: Case, customer: str) -> None:
    """Record that a customer is one with whoever has a key that decides by the policy."""
    _values, cite = case.rules.values("register", "card")
    for other, field in deciders(case, customer):
        if other not in group(case.past, customer):
            data = {"other": other, "relation": field, "client": "same"}
            case.record("customer.linked", data, cite, subject=customer)


def _update(case: Case) -> Decision:
    permitted(case, "register", "update")
    asked, customer = case.asked, find(case.past, case.asked["handle"])
    card = card_of(case.past, customer)
    said = {**asked.get("card", {}), **asked.get("fields", {})}
    if all({**card["typed"], **card["fields"]}.get(field) == value for field, value in said.items()):
        return Decision("already", [case.rules.values("register", "card")[1]])
    describe(case, customer, asked["handle"])
    _same_by_key(case, customer)
    return case.decided("done")


def _unlink(case: Case) -> Decision:
    """Answer that two customers who were linked are not related; what was decided meanwhile stays."""
    cite = permitted(case, "register", "unlink")
    customer, other = find(case.past, case.asked["handle"]), find(case.past, case.asked["same_as"])
    document = case.past.get("customer", customer) or {"links": {}}
    if other not in document["links"]:
        raise RefusalError("not_linked", _("these two are not linked"), cite)
    case.record("customer.unlinked", {"other": other, "reason": case.asked["reason"]}, cite, subject=customer)
    return case.decided("done")


def _reveal(case: Case) -> Decision:
    """Answer the record that somebody looked at what is masked."""
    cite = permitted(case, "register", "reveal")
    customer = find(case.past, case.asked["handle"])
    case.record("customer.revealed", {"reason": case.asked["reason"]}, cite, subject=customer)
    return case.decided("done")


def _two_answers(case: Case) -> None:
    """Refuse an entry by the receiving salesperson that leaves the two questions of a first meeting open."""
    asked = case.asked
    values, cite = case.rules.values("register", "answers")
    missing = [name for name in ANSWERS if not asked.get(name)]
    asks = asked["by"] == asked["to"] and set(values["required_of"]) & set(roles_of(case.past, asked["by"]))
    if asks and missing and asked["kind"] in values["kinds"] and known(case.past, asked["handle"]) is None:
        says = _("a first meeting is entered with two answers: {missing}").format(missing=", ".join(missing))
        raise RefusalError("answers_missing", says, cite, missing=missing)


def _link(case: Case) -> Decision:
    permitted(case, "register", "link")
    customer, other = find(case.past, case.asked["handle"]), find(case.past, case.asked["same_as"])
    document = case.past.get("customer", customer) or {"links": {}}
    if document["links"].get(other, {}).get("relation") == case.asked["relation"]:
        return Decision("already")
    link(case, customer, other, case.asked["relation"])
    give_back(case, customer)
    return case.decided("done")


def give_back(case: Case, customer: str) -> None:
    """Owe a turn, where the policy says so, to whoever used one on a customer who turns out to be somebody else's."""
    values, cite = case.rules.values("register", "link")
    found = claim(case.past, case.rules, customer, case.moment)
    if not values["refund"] or found is None:
        return
    for entry in found.evidence:
        if entry.get("turn") and not entry.get("given_back") and entry["person"] != found.owner:
            given_back = {"number": entry["number"], "person": entry["person"]}
            case.record("customer.turn_given_back", given_back, cite, subject=entry["customer"])
            case.record("rotation.owed", {"person": entry["person"], "reason": "linked"}, cite)


def owner(past: Past, policy: Rulebook, handle: str, now: datetime) -> dict[str, Any]:
    """Answer who has the credit for a customer: owner (null when nobody has a claim), since, evidence, cites."""
    found = claim(past, policy, find(past, handle), now)
    if found is None:
        return {"owner": None, "since": None, "evidence": [], "cites": []}
    return {"owner": found.owner, "since": found.since, "evidence": found.evidence, "cites": found.cites}


def owner_of(past: Past, policy: Rulebook, customer: str, now: datetime) -> str | None:
    """Answer who has the credit for a customer, None when nobody has a claim."""
    found = claim(past, policy, customer, now)
    return found.owner if found else None


def customers(past: Past) -> list[str]:
    """Answer the ids of all customers, in the order they came."""
    return [_id(number) for number in range(1, _numbers(past)["customers"] + 1)]


def _id(number: int) -> str:
    return f"c{number:05d}"


def _numbers(past: Past) -> Document:
    return past.get("customer", "book") or {"customers": 0, "entries": 0}


def _opened(past: Past, event: Event) -> Document:
    numbers = _numbers(past)
    numbers["customers"] += 1
    past.put("customer", "book", numbers)
    return {"handle": event["personal"]["handle"], "entries": [], "links": {}}


def _registered(past: Past, document: Document, data: dict[str, Any], event: Event) -> None:
    numbers = _numbers(past)
    numbers["entries"] = data["number"]
    past.put("customer", "book", numbers)
    entry = {**data, "at": data.get("at", event["happened"]), "customer": event["subject"]}
    entry.pop("tested", None)
    entry.pop("verdict", None)
    if "asked" not in event and "arrival" not in entry:
        board = past.get("rotation", "board") or {"here": {}}
        arrival = board["here"].get(event["subject"], {}).get("event")
        entry |= {"arrival": arrival} if arrival else {}
    document["entries"].append(entry)


def _voided(past: Past, document: Document, data: dict[str, Any], event: Event) -> None:
    for entry in document["entries"]:
        if entry["number"] == data["number"]:
            entry.update(void=True, **({"moved": data["moved"]} if "moved" in data else {}))


def _marked(mark: str, *, now: bool = True) -> Callable[[Past, Document, dict[str, Any], Event], None]:
    """Answer what marks the entry that an event names, or takes its mark away."""

    def change(past: Past, document: Document, data: dict[str, Any], event: Event) -> None:
        for entry in document["entries"]:
            if entry["number"] == data["number"]:
                entry[mark] = now

    return change


def _entry_corrected(past: Past, document: Document, data: dict[str, Any], event: Event) -> None:
    words = {name: value for name, value in data.items() if name not in ("was", "verdict")}
    for entry in document["entries"]:
        if entry["number"] == data["number"]:
            entry.update(words)


def _unlinked(past: Past, document: Document, data: dict[str, Any], event: Event) -> None:
    document["links"].pop(data["other"], None)
    other = past.get("customer", data["other"])
    if other is not None:
        other["links"].pop(event["subject"], None)
        past.put("customer", data["other"], other)


def _credit_withdrawn(past: Past, document: Document, data: dict[str, Any], event: Event) -> None:
    if document.get("credited", {}).get("to") == data["to"]:
        del document["credited"]


def _linked(past: Past, document: Document, data: dict[str, Any], event: Event) -> None:
    bond = {"relation": data["relation"], "client": data["client"]}
    other = past.get("customer", data["other"])
    document["links"][data["other"]] = bond
    if other is not None:
        other["links"][event["subject"]] = bond
        past.put("customer", data["other"], other)


def _credited(past: Past, document: Document, data: dict[str, Any], event: Event) -> None:
    document["credited"] = {"to": data["to"], "since": event["happened"]}


def _described(past: Past, document: Document, data: dict[str, Any], event: Event) -> None:
    cards.evolve(past, event)


def _added(past: Past, document: Document, data: dict[str, Any], event: Event) -> None:
    """Keep nothing more than the document, which was opened with its handle."""


EVOLVES = {
    "customer.added": _added,
    "customer.described": _described,
    "customer.revealed": _added,
    "customer.registered": _registered,
    "customer.entry_voided": _voided,
    "customer.turn_given_back": _marked("given_back"),
    "customer.turn_taken_back": _marked("given_back", now=False),
    "customer.linked": _linked,
    "customer.credited": _credited,
    "customer.entry_corrected": _entry_corrected,
    "customer.unlinked": _unlinked,
    "customer.credit_withdrawn": _credit_withdrawn,
}
VERBS = {"add": _add, "link": _link, "update": _update, "unlink": _unlink, "reveal": _reveal}
