"""crm log: what happened, oldest first."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_cli import clock, names
from crm_cli.commands import cards, said
from crm_cli.commands.answers import files_of, told_once
from crm_cli.language import _
from crm_cli.render import Answer, streams
from crm_cli.rules.directory import find, handle_of

if TYPE_CHECKING:
    from crm_cli.commands.session import Session
    from crm_cli.past import Event, Past


def command(
    context: typer.Context,
    subject: Annotated[
        str | None, typer.Option("--subject", metavar="CLIENT", help="Only this customer: id or handle.")
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="TIME", help="Only what happened from then on.")
    ] = None,
) -> Answer:
    """Show what happened: time, hand, event, customer, outcome, articles."""
    session: Session = context.obj
    wanted = _customer(session, subject) if subject else None
    begin = clock.moment(since, session.office.zone, clock.machine()) if since else None
    past = session.office.past()
    events = [
        cards.seen(session, event)
        for event in session.office.events()
        if (wanted is None or event.get("subject") == wanted)
        and (begin is None or clock.told(event["happened"]) >= begin)
    ]
    people = session.format == "text" and not session.shared.output and streams.screen(sys.stdout).terminal
    rows = [_row(session, past, event, people=people) for event in events]
    data = {"verdict": "listed", "log": events, "cites": [], "events": []}
    headings = [_("event"), _("happened"), _("hand"), _("what"), _("customer"), _("outcome"), _("articles")]
    headings.append(_("attached"))
    if session.format != "csv" and not any(row["attached"] for row in rows):
        rows, headings = [_without(row, "attached") for row in rows], headings[:-1]
    shown = rows if session.format in ("text", "md", "csv") else events
    return Answer(
        data, rows=shown, headings=headings, gives=dict.fromkeys(("type", "subject", "outcome", "articles"), "cut")
    )


def _without(row: dict[str, Any], name: str) -> dict[str, Any]:
    return {column: value for column, value in row.items() if column != name}


def _customer(session: Session, typed: str) -> str:
    handle, past = names.name(typed, _("customer's name")), session.office.past()
    if past.get("case", handle):
        return handle
    return handle if past.get("customer", handle) else find(past, handle)


def _row(session: Session, past: Past, event: Event, *, people: bool) -> dict[str, Any]:
    """Answer an event in a row: in machine words, which a script looks for, or in those of people at a terminal."""
    cites = [session.office.book.cited(text) for text in event.get("cites", ())]
    corrected = past.get("correction", str(event["seq"]))
    row = {
        "id": str(event["seq"]),
        "happened": event["happened"] if session.format == "csv" else event["happened"][:16].replace("T", " "),
        "actor": event["actor"],
        "type": said.kind(event["type"]) if people else event["type"],
        "subject": _client(past, event),
        "outcome": _outcome(session, event, people=people),
        "articles": told_once(cite.told for cite in cites),
        "attached": [one["file" if session.format == "csv" else "name"] for one in files_of(event)],
    }
    if session.format == "csv":
        return {**row, "corrected_by": " ".join(map(str, corrected["by"])) if corrected else ""}
    outcome = [row["outcome"], _mark(corrected)]
    return {**row, "outcome": "  ".join(filter(None, reversed(outcome) if people else outcome))}  # the mark is not cut


def _client(past: Past, event: Event) -> str:
    """Answer the customer as they were called then, or are called now where the event does not say."""
    handle: str | None = event.get("personal", {}).get("handle")
    return handle or handle_of(past, event.get("subject", ""))


def _mark(corrected: dict[str, Any] | None) -> str:
    """Answer by which later event one was corrected."""
    if corrected is None:
        return ""
    says = _("void, see {number}") if corrected["void"] else _("corrected, see {number}")
    return says.format(number=" ".join(f"#{number}" for number in corrected["by"]))


WORDS = ("person", "name", "status", "off", "missed", "kind", "week", "for", "until", "what", "about")


def _outcome(session: Session, event: Event, *, people: bool) -> str:
    """Answer in a few words what an event says: the receiver, or the person and the word."""
    data: dict[str, Any] = event["data"]
    if event["type"].startswith("case.") or event.get("asked", {}).get("noun") == "case":
        from crm_cli.commands.case import said as of_case  # noqa: PLC0415 - only in an office with cases

        return of_case.outcome(session, event, people=people)
    if "event" in data and "reason" in data:
        changes = [f"{name}={'' if value is None else value}" for name, value in data.get("set", {}).items()]
        return " ".join(
            [f"#{data['event']}", *(["void"] if data.get("void") else changes or ["client"]), data["reason"]]
        )
    assignment = data.get("assignment") or {}
    if assignment:
        to, how = assignment["to"] or "-", assignment["how"] or "-"
        return said.assigned(to, how) if people else f"{to} ({how})"
    words = [(name, data.get(name)) for name in WORDS]
    words += [("", name) for name in data.get("order", []) or data.get("rings", {}).get("visit", [])]
    return " ".join(_word(session, name, str(word)) if people else str(word) for name, word in words if word)


def _word(session: Session, name: str, word: str) -> str:
    return session.label("absence" if name == "off" else name, word) if name else word
