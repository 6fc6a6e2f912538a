"""crm register export: all customers in one table, as whose hand it is may see them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_cli import names
from crm_cli.commands import cards
from crm_cli.commands.answers import answer_of
from crm_cli.render import Answer
from crm_cli.rules import register as rule
from crm_cli.rules.customer import book
from crm_cli.rules.customer import card as card_rule
from crm_cli.rules.directory import handle_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crm_cli.commands.session import Session


def export(
    context: typer.Context,
    recipient: Annotated[
        str | None, typer.Option("--for", metavar="RECIPIENT", help="Who gets it, where that is somebody else.")
    ] = None,
) -> Answer:
    """Write all customers with their cards as a table for Excel (-o csv for programs); it is recorded."""
    session: Session = context.obj
    outcome = session.decide("customer", "export", recipient=names.reason(recipient) if recipient else None)
    if not outcome.allowed or session.shared.dry_run:
        return answer_of(session, outcome)
    rows = customers(session)
    data: dict[str, Any] = {
        "verdict": "exported",
        "customers": rows,
        "cites": [cite.public() for cite in outcome.cites],
        "events": [str(event["seq"]) for event in outcome.events],
    }
    text = ""
    if session.format in ("text", "csv"):
        plain = session.format == "csv" and not session.shared.excel
        text = written(rows, excel=not plain)
    return Answer(data, rows=rows, text=text)


def customers(session: Session) -> list[dict[str, str]]:
    """Answer every customer with card, owner, first entry and number of visits, under the same columns."""
    past, at = session.office.past(), session.at()
    rules, mine = session.office.rulebook(at), cards.roles(session)
    found = []
    for customer in book.customers(past):
        entries = book.valid_entries(past, customer)
        found.append({
            "client": handle_of(past, customer),
            "id": customer,
            **card_rule.shown(card_rule.card_of(past, customer), rules, mine),
            "owner": rule.owner_of(past, rules, customer, at) or "",
            "first_entry": entries[0]["at"] if entries else "",
            "visits": str(sum(entry["kind"] == "visit" for entry in entries)),
        })  # fmt: skip
    known = {name for row in found for name in row}
    columns = ["client", "id", *(name for name in session.office.book.words("field") if name in known)]
    columns += ["owner", "first_entry", "visits"]
    return [{name: row.get(name, "") for name in columns} for row in found]


def written(rows: Sequence[dict[str, str]], *, excel: bool) -> str:
    """Answer rows as CSV; for Excel so that it knows UTF-8, keeps long numbers and takes nothing for a formula."""
    from crm_cli.render.tables import csv_text  # noqa: PLC0415 - one command in many
    from crm_cli.sheets.cells import for_excel  # noqa: PLC0415

    if not excel:
        return csv_text(rows)
    return "\ufeff" + csv_text([{name: for_excel(text) for name, text in row.items()} for row in rows])
