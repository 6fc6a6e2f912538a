"""crm KIND overdue: what is overdue in the cases of a kind and of those that belong to it, with the days it is late."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import typer  # noqa: TC002 - Typer reads the annotations

from crm_cli.commands.case import show
from crm_cli.commands.case.declared import minute
from crm_cli.language import _
from crm_cli.render import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crm_cli.commands.case.declared import Kind
    from crm_cli.commands.session import Session

Row = dict[str, Any]


def command(context: typer.Context) -> Answer:
    """List what is overdue, the oldest first, and how many days it is late."""
    session: Session = context.obj
    group: Any = context.parent.command  # type: ignore[union-attr]
    root = group.kind.name
    kinds = {name: one for name, one in group.kinds.items() if name == root or name.startswith(f"{root}.")}
    from crm_cli.rules.case.view import overdue  # noqa: PLC0415 - only who asks

    found = overdue(session.office.past(), tuple(kinds), session.at())
    told = [{**row, "days": _days(session, row)} for row in found]
    data = {"verdict": "listed", "overdue": told, "cites": [], "events": []}
    if session.format != "text":
        return Answer(data, rows=told)
    said = [_said(session, kinds, row) for row in told]
    headings = [_("id"), _("what"), _("due"), _("days late"), _("where it stands")]
    return Answer(
        data, [] if told else [_("nothing is overdue")], rows=said or None, headings=headings,
        styles=["alarm"] * len(said), gives={"what": "wrap"},
    )  # fmt: skip


def _days(session: Session, row: Row) -> int:
    """Answer how many days of the calendar have gone by since the day on which something was due."""
    due = datetime.fromisoformat(row["due"]).astimezone(session.office.zone).date()
    return (session.at().astimezone(session.office.zone).date() - due).days


def _said(session: Session, kinds: Mapping[str, Kind], row: Row) -> Row:
    kind = kinds[row["kind"]]
    case = session.office.past().get("case", row["id"]) or {"fields": {}}
    return {
        "id": kind.called(row["id"]) + show.about(session, kind, case["fields"]),
        "what": kind.said_duty(row["duty"], row["item"]),
        "due": minute(row["due"]),
        "days": _("{number} d late").format(number=row["days"]),
        "state": kind.said_state(row["state"]),
    }
