"""How events about a customer change what is known: the entries, the links, the card."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm_cli.rules.customer import access, day, notes, unfiled
from crm_cli.rules.customer import card as cards
from crm_cli.rules.customer.book import numbers
from crm_cli.rules.customer.ownership import holder

if TYPE_CHECKING:
    from collections.abc import Callable

    from crm_cli.past import Document, Event, Past


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
    for debt in data.get("owes", ()):
        document.setdefault("owed", []).append({**debt, "since": event["happened"]})
    if "owed" in document:
        notes.remember(past, subject, document)
    past.put("customer", subject, document, words)


def _opened(past: Past, event: Event) -> Document:
    book = numbers(past)
    book["customers"] += 1
    past.put("customer", "book", book)
    return {"handle": event["personal"]["handle"], "entries": [], "links": {}, "known": event["happened"]}


def _registered(past: Past, document: Document, data: dict[str, Any], event: Event) -> None:
    book = numbers(past)
    book["entries"] = data["number"]
    past.put("customer", "book", book)
    entry = {**data, "at": data.get("at", event["happened"]), "customer": event["subject"]}
    entry.pop("tested", None)
    entry.pop("verdict", None)
    if "asked" not in event and "arrival" not in entry:
        board = past.get("rotation", "board") or {"here": {}}
        arrival = board["here"].get(event["subject"], {}).get("event")
        entry |= {"arrival": arrival} if arrival else {}
    document["entries"].append(entry)
    day.entered(past, entry)
    document.pop("retired", None)
    if "file_by" in entry:
        unfiled.expect(past, event["subject"], document, entry.pop("file_by"))


def _voided(past: Past, document: Document, data: dict[str, Any], event: Event) -> None:
    for entry in document["entries"]:
        if entry["number"] == data["number"]:
            entry.update(void=True, **({"moved": data["moved"]} if "moved" in data else {}))
    if all(entry.get("void") for entry in document["entries"]):
        unfiled.settle(past, document)


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
            before = entry["person"]
            entry.update(words)
            if entry["person"] != before:
                day.entered(past, entry)


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


def _evidence_noted(past: Past, document: Document, data: dict[str, Any], event: Event) -> None:
    noted = {name: data[name] for name in ("evidence", "obtained", "by")}
    document.setdefault("evidence", []).append({**noted, "event": event.get("seq")})


def _credited(past: Past, document: Document, data: dict[str, Any], event: Event) -> None:
    document["credited"] = {"to": data["to"], "since": event["happened"]}


def _handed_over(past: Past, document: Document, data: dict[str, Any], event: Event) -> None:
    handed = {"to": data["to"], "since": event["happened"]}
    for mark in (*document["entries"], *([document["credited"]] if "credited" in document else ())):
        if holder(mark) == data["from"]:
            mark["handed"] = handed


def _described(past: Past, document: Document, data: dict[str, Any], event: Event) -> None:
    cards.evolve(past, event)
    document["described"] = event["happened"]


def _filed(past: Past, document: Document, data: dict[str, Any], event: Event) -> None:
    unfiled.settle(past, document)
    document["filed"] = {"at": event["happened"], "due": data["due"], "late": data["late"]}


def _retired(past: Past, document: Document, data: dict[str, Any], event: Event) -> None:
    document["retired"] = {"at": event["happened"], "reason": data["reason"]}


def _reinstated(past: Past, document: Document, data: dict[str, Any], event: Event) -> None:
    document.pop("retired", None)


def _recognised(past: Past, document: Document, data: dict[str, Any], event: Event) -> None:
    past.put("customer", event["subject"], document, (event["personal"]["handle"],))


def _added(past: Past, document: Document, data: dict[str, Any], event: Event) -> None:
    """Keep nothing more than the document, which was opened with its handle."""


EVOLVES = {
    "customer.added": _added,
    "customer.described": _described,
    "customer.revealed": access.evolve_look,
    "customer.permitted": access.evolve_permit,
    "customer.noted": notes.evolve,
    "customer.evidence_noted": _evidence_noted,
    "customer.handed_over": _handed_over,
    "customer.registered": _registered,
    "customer.entry_voided": _voided,
    "customer.turn_given_back": _marked("given_back"),
    "customer.turn_taken_back": _marked("given_back", now=False),
    "customer.linked": _linked,
    "customer.recognised": _recognised,
    "customer.filed": _filed,
    "customer.retired": _retired,
    "customer.reinstated": _reinstated,
    "customer.credited": _credited,
    "customer.entry_corrected": _entry_corrected,
    "customer.unlinked": _unlinked,
    "customer.credit_withdrawn": _credit_withdrawn,
}
