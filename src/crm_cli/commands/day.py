"""crm register dispute, note, permit, close-day: who claims a customer, what is owed, who may look, the day's end."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_cli import clock, names
from crm_cli.commands import cards
from crm_cli.commands.answers import answer_of, by_articles
from crm_cli.commands.said import confirmed
from crm_cli.errors import UsageError
from crm_cli.language import _
from crm_cli.render import Answer
from crm_cli.rules.customer import access
from crm_cli.rules.customer import dispute as rule
from crm_cli.rules.directory import find

if TYPE_CHECKING:
    from collections.abc import Callable

    from crm_cli.commands.session import Session

NOUN = "customer"
Client = Annotated[str, typer.Argument(metavar="CLIENT", help="What the desk calls the customer.")]


def dispute(
    context: typer.Context,
    client: Client,
    evidence: Annotated[str | None, typer.Option("--evidence", metavar="WORD", help="What somebody brings.")] = None,
    obtained: Annotated[str | None, typer.Option("--obtained", metavar="TIME", help="When it was got.")] = None,
) -> Answer:
    """Show the claims side by side, the ruling, who comes next; or note evidence."""
    session: Session = context.obj
    handle = names.name(client, _("customer's name"))
    if evidence is not None:
        when = clock.typed(obtained, session.office.zone).isoformat() if obtained else None
        asked = {"handle": handle, "evidence": session.word("evidence", evidence), "obtained": when}
        outcome = session.decide(NOUN, "evidence", **asked)
        return answer_of(session, outcome, [confirmed(session, outcome)], talk=True)
    past, at = session.office.past(), session.at()
    found = rule.dispute(past, session.office.rulebook(at), find(past, handle), at)
    cites = found.pop("cites")
    verdict = "owned" if found["owner"] else "nobody"
    data = {"verdict": verdict, **found, "cites": [cite.public() for cite in cites], "events": []}
    lines = [_ruled(found), *filter(None, [by_articles(session, cites)]), *_otherwise(session, found), ""]
    rows = [_row(session, row) for row in found["claims"]]
    headings = [_("received by"), _("time"), _("kind"), _("entry"), ""]
    return Answer(data, lines, rows=rows or None, headings=headings)


def _ruled(found: dict[str, Any]) -> str:
    if found["owner"] is None:
        return _("nobody has a claim")
    return _("{owner}, since {since}").format(owner=found["owner"], since=found["since"][:16].replace("T", " "))


def _otherwise(session: Session, found: dict[str, Any]) -> list[str]:
    """Answer who comes next, what would have made the customer somebody else's, and what was brought as evidence."""
    says = {
        "void": _("if entry {entry} were void: {owner}"),
        "not_void": _("if entry {entry} were not void: {owner}"),
        "visit": _("if entry {entry} were a visit: {owner}"),
        "earlier": _("if entry {entry} were the earliest: {owner}"),
        "no_grab": _("if the grab were not confirmed: {owner}"),
    }
    lines = [_("after that: {name}").format(name=found["runner_up"])] if found["runner_up"] else []
    changes = [{"entry": "", **one, "owner": one["owner"] or _("nobody")} for one in found["changed_by"]]
    lines += [says[one["what"]].format(**one) for one in changes]
    brought = [{**one, "what": session.label("evidence", one["evidence"])} for one in found["evidence"]]
    return lines + [_("{by} brought: {what}  #{event}").format(**one) for one in brought]


def _row(session: Session, row: dict[str, Any]) -> dict[str, Any]:
    counts = _("counts") if row["person"] == row["received_by"] else _("counts for {name}").format(name=row["person"])
    why = {
        None: counts,
        "void": _("void"),
        "left": _("has left"),
        "expired": _("expired"),
        "call": _("a call beside a visit"),
    }
    return {
        "person": row["received_by"],
        "at": row["at"][:16].replace("T", " "),
        "kind": session.label("kind", row["kind"]),
        "number": row["number"],
        "why": why[row["counts_not"]],
    }


def note(
    context: typer.Context,
    client: Client,
    word: Annotated[str, typer.Argument(metavar="WORD", help="What happened, a word of the house.")],
    about: Annotated[str | None, typer.Option("--about", metavar="WORD", help="Concerning what.")] = None,
    person: Annotated[
        str | None, typer.Option("--for", metavar="PERSON", help="Whose matter (default: yours).")
    ] = None,
    agreed_by: Annotated[str | None, typer.Option("--agreed-by", metavar="PERSON", help="Who agreed to it.")] = None,
) -> Answer:
    """Note what happened with a customer; what is owed for it stands in crm due until it is noted, too."""
    session: Session = context.obj
    asked = {
        "handle": names.name(client, _("customer's name")),
        "note": session.word("note", word),
        "about": session.word("about", about) if about else None,
        "for": names.name(person) if person else None,
        "agreed_by": names.name(agreed_by) if agreed_by else None,
    }
    outcome = session.decide(NOUN, "note", **asked)
    lines = [confirmed(session, outcome)]
    lines += [
        _("owed by {name}: {what}").format(name=one["by"], what=session.label("owes", one["what"]))
        for one in outcome.answer.get("owes", ())
    ]
    if outcome.answer.get("fault"):
        lines.append(_("a breach: {fault}").format(fault=session.label("fault", outcome.answer["fault"])))
    return answer_of(session, outcome, lines, talk=True)


def permit(
    context: typer.Context,
    client: Client,
    person: Annotated[str, typer.Option("--person", metavar="PERSON", help="Who may look.")],
    reason: Annotated[str, typer.Option("--reason", metavar="REASON", help="Why.")],
    until: Annotated[
        str | None, typer.Option("--until", metavar="TIME", help="Until then (default: one look).")
    ] = None,
) -> Answer:
    """Let somebody look at the card of a colleague's customer."""
    session: Session = context.obj
    end = clock.typed(until, session.office.zone).isoformat() if until else None
    asked = {"handle": names.name(client, _("customer's name")), "person": names.name(person), "until": end}
    outcome = session.decide(NOUN, "permit", reason=names.reason(reason), **asked)
    return answer_of(session, outcome, [confirmed(session, outcome)], talk=True)


def close_day(
    context: typer.Context,
    day: Annotated[str | None, typer.Option("--day", metavar="DAY", help="Which day (default: today).")] = None,
    person: Annotated[str | None, typer.Option("--for", metavar="PERSON", help="Whose day (default: yours).")] = None,
    reason: Annotated[str | None, typer.Option("--reason", metavar="REASON", help="Why it is handed in later.")] = None,
) -> Answer:
    """Hand in the day's entries, and show what is lacking."""
    session: Session = context.obj
    asked = {
        "day": _day(day) if day else None,
        "for": names.name(person) if person else None,
        "reason": names.reason(reason) if reason else None,
    }
    outcome = session.decide(NOUN, "close_day", **asked)
    if not outcome.allowed:
        return answer_of(session, outcome)
    lacking = outcome.answer.get("lacking", [])
    rows = [
        {
            "client": one["client"],
            "lacks": _lacks(session, one),
            "owed": "、".join(session.label("owes", what) for what in one["owed"]),
        }
        for one in lacking
    ]
    answer = answer_of(session, outcome, [confirmed(session, outcome)])
    if session.format == "text":
        answer.rows, answer.headings = rows or None, [_("customer"), _("lacks"), _("owed")]
    return answer


def _lacks(session: Session, one: dict[str, Any]) -> str:
    none = [] if one["registered"] else [_("received, and not in the book")]
    return "、".join([*none, *(session.label("field", field) for field in one["lacks"])])


def _day(typed: str) -> str:
    try:
        return date.fromisoformat(typed).isoformat()
    except ValueError:
        what = _("'{text}' is no day").format(text=names.shown(typed))
        raise UsageError(what, fix=_("write it like 2025-03-01")) from None


def looked(session: Session, handle: str, reason: str | None, card: Callable[..., Answer]) -> Answer:
    """Answer a card as the house lets the hand see it; a look that rests on a permit or a purpose is recorded."""
    past, at = session.office.past(), session.at()
    customer, rules = find(past, handle), session.office.rulebook(at)
    roles = cards.roles(session)
    hand = session.by() if roles else ""
    found = access.look(past, rules, customer, at, hand=hand, roles=roles, reason=reason or "")
    if found is None or found.view == "masked":
        return card(session, handle)
    if found.view == "whole" and not found.recorded:
        return card(session, handle, whole=True)
    outcome = session.decide(NOUN, "look", handle=handle, reason=names.reason(reason) if reason else None)
    if not outcome.allowed or session.shared.dry_run:  # a look that is not recorded is none
        return answer_of(session, outcome)
    return card(session, handle, [str(event["seq"]) for event in outcome.events])


VERBS = {"dispute": dispute, "note": note, "permit": permit, "close-day": close_day}
RECORDS = (dispute, note, permit, close_day)
