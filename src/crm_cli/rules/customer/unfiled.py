"""Whose card is to be filed by which day: found by the day, without a walk over all customers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm_cli.rules.customer.ownership import group

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crm_cli.past import Document, Past

BLOCK = 100  # customers that one word finds: fewer than an index gives for a word


def expect(past: Past, customer: str, document: Document, by: str | None) -> None:
    """Note by when the card of a customer is to be filed; null where no calendar tells the day."""
    document["file_by"] = by
    if by is None:
        return
    days = past.get("filing", "days") or {}
    made, open_now = days.get(by[:10], (0, 0))
    past.put("customer", customer, document, (_word(by[:10], made // BLOCK),))
    past.put("filing", "days", {**days, by[:10]: (made + 1, open_now + 1)})


def settle(past: Past, document: Document) -> None:
    """Note that nothing is expected of a customer any more."""
    by = document.pop("file_by", None)
    if by is not None:
        days = past.get("filing", "days") or {}
        made, open_now = days[by[:10]]
        past.put("filing", "days", {**days, by[:10]: (made, open_now - 1)})


def due_by(past: Past, last: str) -> Iterator[tuple[str, str]]:
    """Answer the customers who are to be filed up to a day, each with the instant, those of a day together."""
    for day, (made, open_now) in sorted((past.get("filing", "days") or {}).items()):
        if day <= last and open_now:
            for block in range((made - 1) // BLOCK + 1):
                yield from _expected(past, day, past.find("customer", _word(day, block)))


def filed(past: Past, customer: str) -> Document | None:
    """Answer the first filing of a customer or of somebody who is the same, None while there is none."""
    documents = [past.get("customer", member) or {} for member in group(past, customer)]
    filings: list[Document] = [document["filed"] for document in documents if "filed" in document]
    return min(filings, key=lambda one: str(one["at"]), default=None)


def _expected(past: Past, day: str, customers: list[str]) -> Iterator[tuple[str, str]]:
    for customer in dict.fromkeys(customers):
        document = past.get("customer", customer) or {}
        by = document.get("file_by")
        if by is not None and by[:10] == day and "retired" not in document and filed(past, customer) is None:
            yield customer, by


def _word(day: str, block: int) -> str:
    return f"file_by:{day}/{block}"
