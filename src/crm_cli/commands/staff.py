"""crm staff: who works here, and in which roles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from crm_cli import names
from crm_cli.commands.answers import answer_of
from crm_cli.commands.said import confirmed
from crm_cli.language import _
from crm_cli.render import Answer
from crm_cli.rules.directory import members

if TYPE_CHECKING:
    from crm_cli.commands.options import Session

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


def depart(context: typer.Context, name: Name) -> Answer:
    """Take somebody who leaves off the staff."""
    session: Session = context.obj
    outcome = session.decide(NOUN, "depart", name=names.name(name))
    return answer_of(session, outcome, [confirmed(session, outcome)], talk=True)


def list_staff(context: typer.Context) -> Answer:
    """List the staff with their roles."""
    session: Session = context.obj
    rows = [{"name": name, "roles": member["roles"]} for name, member in members(session.office.past()).items()]
    shown = [{"name": row["name"], "roles": [session.label("role", role) for role in row["roles"]]} for row in rows]
    return Answer(
        {"verdict": "listed", "staff": rows, "cites": [], "events": []},
        rows=shown if session.format == "text" else rows,
        headings=[_("name"), _("roles")],
    )


VERBS = {"add": add, "depart": depart, "list": list_staff}
