"""crm tick: records what has fallen due, once."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import typer  # noqa: TC002 - Typer reads the annotations

from crm_cli.bulk import without_collector
from crm_cli.commands.due import items_until, told_of
from crm_cli.office import Hand
from crm_cli.render import Answer
from crm_cli.rules.decision import unique
from crm_cli.rules.due import OWED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from crm_cli.commands.session import Session
    from crm_cli.past import Event
    from crm_cli.policy.book import Cite
    from crm_cli.rules.due import Item

HAND = "office"  # whose hand records what nobody did
AT_ONCE = 100  # requests that become durable together


def command(context: typer.Context) -> Answer:
    """Record everything that has fallen due up to now; a second run adds nothing."""
    session: Session = context.obj
    now = session.now()
    items = [item for item in items_until(session, now) if item.what != OWED]
    done = _Done(session)
    with without_collector(), nullcontext() if session.shared.dry_run else session.office.batch():
        _record(session, now, items, done)
    told = [told_of(session, item, now) for item in done.items]
    told = sorted([*told, *done.told], key=lambda one: one["due"])
    data = {
        "verdict": "recorded" if told else "nothing",
        "due": told,
        "cites": [cite.public() for cite in unique(done.cites)],
        "events": [str(event["seq"]) for event in done.events],
    }
    lines = [f"{one['due'][:16].replace('T', ' ')}  {one['says']}  {one['article']}".rstrip() for one in told]
    return Answer(data, lines, rows=told if session.format in ("jsonl", "csv", "md") else None)


class _Done:
    """What a run has recorded that was not recorded before, flushed to the disk by the hundred."""

    def __init__(self, session: Session) -> None:
        self.items: list[Item] = []
        self.told: list[dict[str, Any]] = []
        self.events: list[Event] = []
        self.cites: list[Cite] = []
        self._session, self._asked = session, 0
        self._head = session.office.head()

    def ask(self, noun: str, asked: dict[str, Any], at: datetime, key: str) -> list[Event]:
        """Record a request under its natural key; answer its events, none where they were there before."""
        office, dry = self._session.office, self._session.shared.dry_run
        outcome = office.decide(noun, asked, Hand(HAND, at, key, dry))
        events = outcome.events
        if not events or (self._head is not None and events[0]["seq"] <= self._head.seq):
            return []
        self.events += events
        self.cites += outcome.cites
        self._asked += 1
        if self._asked % AT_ONCE == 0 and not dry:
            office.commit()
        return events


def _record(session: Session, now: datetime, items: list[Item], done: _Done) -> None:
    """Record in the order of the instants: what the office owes, and what falls in cases, until nothing more does."""
    waiting = sorted(items, key=lambda item: item.due)
    for at, request in _falling(session, now):
        while waiting and waiting[0].due <= at:
            _fell(done, waiting.pop(0))
        _case_fell(session, done, at, request)
    for item in waiting:
        _fell(done, item)


def _fell(done: _Done, item: Item) -> None:
    names = {"what": item.what, "subject": item.subject, "person": item.person, "owes": item.owes}
    asked = {"verb": "fall", **{name: value for name, value in names.items() if value}}
    if done.ask("due", asked, item.due, item.key):
        done.items.append(item)


def _falling(session: Session, now: datetime) -> Iterator[tuple[datetime, dict[str, Any]]]:
    """Answer what is to be recorded of cases, soonest first: each round what the one before has led to."""
    office = session.office
    if not office.book.topics.invented:
        return
    from crm_cli.rules.case import falling, periods  # noqa: PLC0415 - an office without cases loads nothing of them
    from crm_cli.rules.case.owing import untimed  # noqa: PLC0415

    for key in untimed(office.past()):
        yield now, {"verb": "retime", "case": key, "key": f"{key}/timed/{now.date().isoformat()}"}
    seen: set[str] = set()
    fresh = True
    while fresh:
        fresh = False
        opened = [
            (at, {"verb": "period", "kind": kind, "period": name, "key": f"{kind}/{name}"})
            for at, kind, name in periods.ended(office.past(), office.rulebook(now), now)
        ]
        falls = [
            (one.at, {"verb": "fall", "case": one.case, "key": one.key}) for one in falling.due(office.past(), now)
        ]
        for at, request in sorted([*opened, *falls], key=lambda one: one[0]):
            if request["key"] not in seen:
                seen.add(request["key"])
                fresh = True
                yield at, request


def _case_fell(session: Session, done: _Done, at: datetime, request: dict[str, Any]) -> None:
    from crm_cli.commands.fallen import told_of_event  # noqa: PLC0415 - an office without cases says nothing of them

    key = request.pop("key")
    for event in done.ask("case", request, at, key):
        told = told_of_event(session, event)
        done.told += [told] if told else []
