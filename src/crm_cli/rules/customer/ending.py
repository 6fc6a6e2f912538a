"""Whose claim to a customer ends soon, in a house where an entry counts for so many days."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from crm_cli.rules.customer.day import ASKED_FOR, entries
from crm_cli.rules.customer.handin import day_document
from crm_cli.rules.customer.ownership import claim, valid_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crm_cli.past import Past
    from crm_cli.policy.book import Cite, Rulebook


def ending(past: Past, rules: Rulebook, until: datetime) -> Iterator[tuple[datetime, str, str, Cite]]:
    """Answer whose claims are to be renewed: [(from when that is said, customer, owner, article)].

    A claim ends so many days after an entry, so it is found by the day of that entry; none where no reminder is set.
    """
    values, cite = rules.values("register", "claims") if rules.has("register", "claims") else ({}, None)
    if cite is None or values["valid_days"] is None or values["remind_days"] is None:
        return
    before = timedelta(days=values["remind_days"])
    told: set[str] = set()
    for back in range(ASKED_FOR + 1):
        entered = until - timedelta(days=values["valid_days"] + back) + before
        for customer, end in _ends(past, rules, entered.date().isoformat()):
            said = end - before
            found = claim(past, rules, customer, said) if said <= until and customer not in told else None
            if found and found.until == end:
                told.add(customer)
                yield said, customer, found.owner, cite


def _ends(past: Past, rules: Rulebook, day: str) -> Iterator[tuple[str, datetime]]:
    """Answer when the entries of a day cease to count."""
    for person in day_document(past, day)["people"]:
        for entry in entries(past, day, person):
            end = valid_until(past, rules, entry["customer"], entry)
            if end:
                yield entry["customer"], end
