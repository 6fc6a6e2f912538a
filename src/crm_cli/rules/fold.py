"""Which rules fold which events: the one table from event types to the documents they change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm_cli.past import NEWER
from crm_cli.rules import correct, due, register, staff
from crm_cli.rules.customer import day
from crm_cli.rules.customer import evolve as on_file
from crm_cli.rules.customer import verbs as on_customers
from crm_cli.rules.rotate import evolve as rotate
from crm_cli.rules.rotate import verbs

if TYPE_CHECKING:
    from collections.abc import Callable

    from crm_cli.past import Event, Past

VERSION = 1  # the newest shape of an event that is known here

FOLDS: dict[str, tuple[Callable[[Past, Event], None], ...]] = {
    "office.founded": (),
    "office.refused": (),
    "office.fell_due": (due.evolve,),
    "office.corrected": (correct.evolve,),
    "ledger.tail_quarantined": (),
    "segment.closed": (),
    "segment.opened": (),
    "staff.added": (staff.evolve,),
    "staff.deputised": (staff.evolve,),
    "staff.departed": (staff.evolve, rotate.evolve),
    "staff.roles_set": (staff.evolve, rotate.evolve),
    "staff.deputy_changed": (staff.evolve,),
    **dict.fromkeys((name for name in rotate.CHANGES if name.startswith("rotation.")), (rotate.evolve,)),
    **dict.fromkeys(on_file.EVOLVES, (on_file.evolve,)),
    "customer.exported": (),
    "customer.entry_corrected": (on_file.evolve, rotate.evolve),
    "customer.day_closed": (day.evolve,),
}

RULES = {
    "staff": staff.decide,
    "rotate": verbs.decide,
    "register": register.decide,
    "customer": on_customers.decide,
    "correct": correct.decide,
    "due": due.decide,
}


def fold(past: Past, event: Event) -> None:
    """Bring the past up to an event; of one that this program does not know, only that it was met is remembered."""
    folds = FOLDS.get(event["type"])
    if folds is None or event["v"] > VERSION:
        _note(past, event)
    else:
        for evolve in folds:
            evolve(past, event)
    cites = event.get("cites", ())
    if not past.cited.issuperset(cites):
        for cite in cites:
            _remember(past, cite)


def _note(past: Past, event: Event) -> None:
    """Note the first event that only a newer program knows, so that no writer builds on it."""
    if past.get(*NEWER) is None:
        past.put(*NEWER, {"seq": event["seq"]})


def _remember(past: Past, cite: str) -> None:
    """Keep one citation of each meaning that decisions rest on: the policies must go on saying it for some day."""
    name, meaning = cite.rsplit(":", 1)
    _house, edition, rule = name.split("#", 1)[0].split("/")
    asked = f"{edition.partition('@')[0]}/{rule}"
    meanings = past.get("cited", asked) or {}
    if meaning not in meanings:
        past.put("cited", asked, {**meanings, meaning: cite})
    past.cited.add(cite)
