"""crm why for an event of a case: the rows it rests on in their wording, what it set, what of duties it changed."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from crm_cli.commands.answers import by_articles, files_of
from crm_cli.commands.case import said, show
from crm_cli.commands.case.declared import minute
from crm_cli.commands.case.front import kind_of
from crm_cli.language import _
from crm_cli.render import Answer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crm_cli.commands.case.declared import Kind, Labels
    from crm_cli.commands.session import Session
    from crm_cli.past import Event
    from crm_cli.policy.book import Cite

Row = dict[str, Any]


def explained(session: Session, event: Event, heading: Sequence[str]) -> Answer:
    """Answer why an event of a case came out so."""
    book = session.office.book
    cites = [book.cited(text) for text in event.get("cites", ())]
    asked = event.get("asked", {})
    name = event["data"].get("kind") or asked["kind"]
    kind = kind_of(session, name, event.get("subject") or asked.get("case", ""))
    reasons = [_reason(kind, cite) for cite in cites]
    data = {
        "verdict": "explained", "event": event, "reasons": reasons, "attached": files_of(event),
        "cites": [cite.public() for cite in cites], "events": [str(event["seq"])],
    }  # fmt: skip
    lines = [*heading, *(_told(session, kind, event) if kind else ()), *_rows(reasons, kind.labels if kind else None)]
    basis = by_articles(session, cites)
    return Answer(data, [*lines, *(["", basis] if basis else [])])


def _reason(kind: Kind | None, cite: Cite) -> Row:
    """Answer a row that an event rests on, in its wording."""
    told: Row = {}
    with suppress(KeyError):  # another edition may have had other rows
        told = kind.rule.told(cite.row) if kind and cite.row else {}
    return {
        "rule": f"{cite.policy}/{cite.rule}", "row": cite.row, "article": cite.told, "ref": cite.ref,
        "says": told.get("says"), "reading": told.get("reading"),
    }  # fmt: skip


def _rows(reasons: Sequence[Row], labels: Labels | None) -> list[str]:
    lines = [""] if reasons else []
    for one in reasons:
        says, reading = (labels.spoken(one[part]) if labels else "" for part in ("says", "reading"))
        lines.append("  * " + "  ".join(filter(None, [one["row"], one["article"], says])))
        if reading:
            lines.append("    " + _("reading: {text}").format(text=reading))
    return lines


def _told(session: Session, kind: Kind, event: Event) -> list[str]:
    """Answer what an event says: the step, the values, what it did to duties."""
    data = event["data"]
    if "kind" not in data:
        return [said.attempt(session, event["asked"])]
    values = {**data.get("set", {}), **event.get("personal", {}).get("set", {})}
    fields = [[kind.said_field(name), show.value(session, kind, name, one)] for name, one in values.items()]
    begun = [_begun(kind, one) for one in data.get("begun", ())]
    changed = [
        [kind.said_duty(one["name"], one["item"]), show.standing(one["state"])]
        for one in data.get("duties", ())
        if "state" in one
    ]
    void = [kind.said_step(one) for one in data.get("void", ())]
    lines = [said.sentence(kind, event), *said.stated(kind, event), *said.older(data)]
    lines += [line for rows in (fields, begun, changed) for line in show.aligned(rows)]
    return [*lines, *([_("void by it: {steps}").format(steps=kind.labels.listed(void))] if void else [])]


def _begun(kind: Kind, one: Row) -> list[str]:
    due = _("due {time}").format(time=minute(one["due"])) if one["due"] else _("to be done")
    return [kind.said_duty(one["name"], one["item"]), due]
