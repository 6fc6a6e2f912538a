"""crm due: what is due, soonest first."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_cli import names
from crm_cli.commands.answers import told_once
from crm_cli.errors import UsageError
from crm_cli.language import _
from crm_cli.render import Answer
from crm_cli.rules import due as rule
from crm_cli.rules.directory import handle_of

if TYPE_CHECKING:
    from datetime import datetime

    from crm_cli.commands.session import Session
    from crm_cli.rules.due import Item

UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def command(
    context: typer.Context,
    check: Annotated[bool, typer.Option("--check", help="Exit 1 when something has fallen due.")] = False,
    within: Annotated[
        str, typer.Option("--within", metavar="TIME", help="How far to look ahead: 30m, 24h, 7d.")
    ] = "24h",
) -> Answer:
    """Show what is due, soonest first; changes nothing."""
    session: Session = context.obj
    now = session.now()
    items = items_until(session, now + _ahead(within))
    told = [told_of(session, item, now) for item in items]
    fallen = sum(one["fallen"] for one in told)
    data = {
        "verdict": "due" if fallen else "coming" if items else "nothing",
        "due": told,
        "cites": [cite.public() for cite in rule.cites_of(items)],
        "events": [],
    }
    if session.format != "text":
        return Answer(data, rows=told, exit=int(check and fallen > 0))
    lines = [] if items else [_("nothing needs attention")]
    rows = [_row(one) for one in told]
    headings = [_("due"), "", _("what"), _("article")]
    styles = ["alarm" if one["fallen"] else "" for one in told]
    return Answer(
        data, lines, rows=rows or None, headings=headings, styles=styles, gives={"says": "wrap"},
        exit=int(check and fallen > 0),
    )  # fmt: skip


def items_until(session: Session, until: datetime) -> list[Item]:
    """Answer what has fallen due by an instant, by the rules of the run's day."""
    return rule.due(session.office.past(), session.office.rulebook(session.now()), until)


def _ahead(typed: str) -> timedelta:
    match = re.fullmatch(r"([0-9]{1,4})([mhd])", typed)
    if match is None:
        what = _("'{text}' is not a stretch of time").format(text=names.shown(typed))
        raise UsageError(what, fix=_("write it like 30m, 24h or 7d"))
    return timedelta(**{UNITS[match[2]]: int(match[1])})


def told_of(session: Session, item: Item, now: datetime) -> dict[str, Any]:
    """Answer an item as people and programs are told of it."""
    past = session.office.past()
    if item.what == rule.OWED:
        return _of_case(session, item, now)
    about = handle_of(past, item.subject) if past.get("customer", item.subject) else item.subject
    return {
        "due": item.due.isoformat(),
        "fallen": item.due <= now,
        "what": item.what,
        "subject": item.subject,
        "about": about,
        **{name: value for name, value in (("person", item.person), ("owes", item.owes)) if value},
        "says": _sentence(item.what).format(about=about, person=item.person, owes=session.label("owes", item.owes)),
        "article": item.cite.told if item.cite else "",
    }


def _of_case(session: Session, item: Item, now: datetime) -> dict[str, Any]:
    """Answer what is owed in a case as people and programs are told of it."""
    from crm_cli.commands.case import front, said, show  # noqa: PLC0415 - only in an office with cases
    from crm_cli.rules.case.owing import unheld  # noqa: PLC0415

    case = session.office.past().get("case", item.subject) or {}
    kind = front.kind_of(session, case.get("kind", ""), item.subject)
    roles = unheld(session.office.past(), session.office.rulebook(now), item.subject, item.owes, now)
    says = [item.owes]
    if kind:
        about = show.about(session, kind, case["fields"])
        says = [said.owed(kind, case, about, item.owes, item.person), *said.unheld(kind, roles)]
    return {
        "due": item.due.isoformat(),
        "fallen": item.due < now,
        "what": item.what,
        "subject": item.subject,
        "about": item.subject,
        "duty": item.owes,
        **({"item": item.person} if item.person else {}),
        **({"unheld": roles} if roles else {}),
        "says": _("; ").join(says),
        "article": item.cite.told if item.cite else "",
    }


def _sentence(what: str) -> str:
    return {
        "day_not_closed": _("{about} is to be closed: crm rotate close"),
        "day_not_handed_in": _("{person} has not handed in {about}: crm register close-day"),
        "answers_missing": _("{about}: first visits without the two answers; crm rotate close lists them"),
        "week_without_order": _("{about} has no order: crm rotate order"),
        "owed": _("{person} owes for {about}: {owes}; crm register note … ends it"),
        "waiting_too_long": _("{about} waits longer than the house allows"),
        "claim_ending": _("{about} ceases to be a customer of {person} soon, unless it is renewed"),
        "filing_due": _("the card of {about} is to be filed: crm register card … --file"),
        "calendar_missing": _(
            "calendar {about} is missing: no limit in working days reaches into it; crm help calendar"
        ),
    }[what]


def _row(one: dict[str, Any]) -> dict[str, Any]:
    state = _("overdue") if one["fallen"] else ""
    article = told_once([one["article"]])
    return {"due": one["due"][:16].replace("T", " "), "state": state, "says": one["says"], "article": article}
