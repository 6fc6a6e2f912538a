"""crm staff: who works here, and in which roles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from crm_cli import clock, names
from crm_cli.commands.answers import answer_of
from crm_cli.commands.said import confirmed, sentence
from crm_cli.language import _
from crm_cli.render import Answer
from crm_cli.rules.directory import members, stood_for

if TYPE_CHECKING:
    from crm_cli.commands.session import Session

NOUN = "staff"
HELP = "Who works here, and in which roles."
Name = Annotated[str, typer.Argument(metavar="NAME", help="A name as everybody knows it.")]


def add(
    context: typer.Context,
    name: Name,
    role: Annotated[
        list[str], typer.Option("--role", metavar="ROLE", help="salesperson, clerk, manager …; may be repeated.")
    ],
) -> Answer:
    """Add somebody to the staff."""
    session: Session = context.obj
    roles = [session.word("role", one) for one in dict.fromkeys(role)]
    outcome = session.decide(NOUN, "add", name=names.person(name), roles=roles)
    return answer_of(session, outcome, [confirmed(session, outcome)], talk=True)


def depart(
    context: typer.Context,
    name: Name,
    to: Annotated[
        str | None, typer.Option("--to", metavar="PERSON", help="Who takes over the customers, where the rule asks.")
    ] = None,
) -> Answer:
    """Take somebody who leaves off the staff; their customers go to somebody else by rule."""
    session: Session = context.obj
    outcome = session.decide(NOUN, "depart", name=names.name(name), to=names.name(to) if to else None)
    lines = [confirmed(session, outcome)] if outcome.events else []
    lines += [sentence(session, event) for event in outcome.events if event["type"] == "customer.handed_over"]
    return answer_of(session, outcome, lines, talk=True)


def deputy(
    context: typer.Context,
    name: Name,
    principal: Annotated[str, typer.Option("--for", metavar="NAME", help="For whom.")],
    begin: Annotated[str, typer.Option("--from", metavar="TIME", help="From then on.")],
    until: Annotated[str, typer.Option("--until", metavar="TIME", help="Up to then.")],
) -> Answer:
    """Let somebody stand in for another: in that one's roles, never in matters of their own."""
    session: Session = context.obj
    zone = session.office.zone
    when = {"from": clock.typed(begin, zone).isoformat(), "until": clock.typed(until, zone).isoformat()}
    outcome = session.decide(NOUN, "deputy", name=names.name(name), **{"for": names.name(principal)}, **when)
    return answer_of(session, outcome, [confirmed(session, outcome)], talk=True)


def list_staff(context: typer.Context) -> Answer:
    """List the staff with their roles."""
    session: Session = context.obj
    past, at = session.office.past(), session.at()
    rows = [
        {"name": name, "roles": member["roles"], "stands_in_for": stood_for(past, name, at)}
        for name, member in members(past).items()
    ]
    shown = [{**row, "roles": [session.label("role", role) for role in row["roles"]]} for row in rows]
    return Answer(
        {"verdict": "listed", "staff": rows, "cites": [], "events": []},
        rows=shown if session.format == "text" else rows,
        headings=[_("name"), _("roles"), _("stands in for")],
    )


VERBS = {"add": add, "depart": depart, "deputy": deputy, "list": list_staff}
RECORDS = (add, depart, deputy)
