"""Which rules fold which events: the one table from event types to the documents they change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm_cli.rules import due, register, staff
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
    "ledger.tail_quarantined": (),
    "segment.closed": (),
    "segment.opened": (),
    "staff.added": (staff.evolve,),
    "staff.deputised": (staff.evolve,),
    "staff.departed": (staff.evolve, rotate.evolve),
    **dict.fromkeys((name for name in rotate.CHANGES if name.startswith("rotation.")), (rotate.evolve,)),
    **dict.fromkeys(register.EVOLVES, (register.evolve,)),
}

RULES = {"staff": staff.decide, "rotate": verbs.decide, "register": register.decide, "due": due.decide}


def known(event: Event) -> bool:
    """Answer whether this program knows an event of that type and shape."""
    return event["type"] in FOLDS and event["v"] <= VERSION


def fold(past: Past, event: Event) -> None:
    """Bring the past up to an event; an event this program does not know changes nothing."""
    if known(event):
        for evolve in FOLDS[event["type"]]:
            evolve(past, event)
    for cite in event.get("cites", ()):
        _remember(past, cite)


def _remember(past: Past, cite: str) -> None:
    """Keep one citation of each meaning that decisions rest on: the policies must go on saying it for some day."""
    name, meaning = cite.rsplit(":", 1)
    _house, edition, rule = name.split("#", 1)[0].split("/")
    asked = f"{edition.partition('@')[0]}/{rule}"
    meanings = past.get("cited", asked) or {}
    if meaning not in meanings:
        past.put("cited", asked, {**meanings, meaning: cite})
