"""What the book says: the customers there are, their entries, who was not asked the two questions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crm_cli.past import Document, Past

ANSWERS = ("been_before", "received_by")


def next_id(past: Past) -> str:
    """Answer the id that the next new customer gets."""
    return _id(numbers(past)["customers"] + 1)


def customers(past: Past) -> list[str]:
    """Answer the ids of all customers, in the order they came."""
    return [_id(number) for number in range(1, numbers(past)["customers"] + 1)]


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
    made: int = numbers(past)["entries"]
    return made


def unanswered(past: Past, customers: Iterable[str]) -> list[str]:
    """Answer those customers whose first visit was entered without the two answers."""
    documents = [(customer, past.get("customer", customer)) for customer in customers]
    return [customer for customer, document in documents if document and _lacks_answers(document)]


def _lacks_answers(document: Document) -> bool:
    entries = [entry for entry in document["entries"] if not entry.get("void")]
    return bool(entries) and not any(set(ANSWERS) & set(entry) for entry in entries) and bool(entries[0].get("first"))


def _id(number: int) -> str:
    return f"c{number:05d}"


def numbers(past: Past) -> Document:
    """Answer how many customers and entries there are; who changes it puts it back."""
    return past.get("customer", "book") or {"customers": 0, "entries": 0}
