"""What fell due in cases, in words: for `crm tick`, `crm log` and who is handed warnings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm_cli.commands.case.front import kind_of
from crm_cli.commands.case.said import sentence, stated
from crm_cli.language import _

if TYPE_CHECKING:
    from crm_cli.commands.session import Session
    from crm_cli.past import Event


def told_of_event(session: Session, event: Event) -> dict[str, Any] | None:
    """Answer a warning, a breach or an escalation as people and programs are told of it; None for any other event."""
    what = event["type"].partition(".")[2]
    data = event["data"]
    if what not in ("warned", "late", "escalated", "opened"):
        return None
    article = session.office.book.cited(event["cites"][0]).told if event["cites"] else ""
    told = {"due": event["happened"], "fallen": True, "what": f"case_{what}", "subject": event["subject"]}
    told |= {"about": event["subject"], **{name: data[name] for name in ("duty", "item", "to") if name in data}}
    return {**told, "says": says(session, event), "article": article}


def says(session: Session, event: Event) -> str:
    """Answer in one sentence what fell due in a case, and what was stated by it of whom."""
    kind = kind_of(session, event["data"]["kind"], event["subject"])
    return _("; ").join([sentence(kind, event), *stated(kind, event)]) if kind else event["subject"]
