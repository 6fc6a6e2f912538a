"""crm tick: records what has fallen due, once."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

import typer  # noqa: TC002 - Typer reads the annotations

from crm_cli.commands.due import items_until, told_of
from crm_cli.office import Hand
from crm_cli.render import Answer
from crm_cli.rules.due import cites_of

if TYPE_CHECKING:
    from crm_cli.commands.session import Session
    from crm_cli.past import Event
    from crm_cli.rules.due import Item

HAND = "office"  # whose hand records what nobody did


def command(context: typer.Context) -> Answer:
    """Record everything that has fallen due up to now; a second run adds nothing."""
    session: Session = context.obj
    now = session.now()
    fresh = _recorded(session, items_until(session, now))
    told = [told_of(session, item, now) for item, _events in fresh]
    data = {
        "verdict": "recorded" if fresh else "nothing",
        "due": told,
        "cites": [cite.public() for cite in cites_of([item for item, _events in fresh])],
        "events": [str(event["seq"]) for _item, events in fresh for event in events],
    }
    lines = [f"{one['due'][:16].replace('T', ' ')}  {one['says']}  {one['article']}".rstrip() for one in told]
    return Answer(data, lines, rows=told if session.format in ("jsonl", "csv", "md") else None)


def _recorded(session: Session, items: list[Item]) -> list[tuple[Item, list[Event]]]:
    """Answer what had not been recorded before, each with its events; all become durable at once."""
    office, dry = session.office, session.shared.dry_run
    head = office.head()
    found = []
    with nullcontext() if dry or not items else office.batch():
        for item in items:
            names = {"what": item.what, "subject": item.subject, "person": item.person, "owes": item.owes}
            asked = {"verb": "fall", **{name: value for name, value in names.items() if value}}
            events = office.decide("due", asked, Hand(HAND, item.due, item.key, dry)).events
            if events and (head is None or events[0]["seq"] > head.seq):
                found.append((item, events))
    return found
