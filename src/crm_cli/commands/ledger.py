"""crm ledger: is the file as it was written, how far does it go, what does a line say."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_cli.language import _
from crm_cli.ledger.segment import SUSPECT, torn
from crm_cli.ledger.verify import verify as verified
from crm_cli.render import Answer, json_text
from crm_cli.settings import find_folder

if TYPE_CHECKING:
    from crm_cli.commands.options import Session
    from crm_cli.ledger.verify import Report

HELP = "Verify and read the ledger."


def verify(
    context: typer.Context,
    from_disk: Annotated[
        bool, typer.Option("--from-disk", help="Read past the system's memory; clears a suspect ledger.")
    ] = False,
    replay: Annotated[bool, typer.Option("--replay", help="Also take every decision again.")] = False,
) -> Answer:
    """Check every line against the one before, and list all damage."""
    session: Session = context.obj
    folder = find_folder(session.shared.office, Path.cwd()) / "ledger"
    if from_disk:
        with session.office.journal.locked(session.office.wait, session.command, session.say):
            report = verified(folder, from_disk=True)
    else:
        report = verified(folder)
    findings = [{"where": finding.where, "what": finding.what} for finding in report.findings]
    if replay and not findings:
        findings = list(session.office.replay())
    return _verdict(folder, report, findings)


def _verdict(folder: Path, report: Report, findings: list[dict[str, str]]) -> Answer:
    suspect = (folder / SUSPECT).exists()
    verdict = "damaged" if findings else "suspect" if suspect else "whole"
    data: dict[str, Any] = {"verdict": verdict, "lines": report.lines, "transactions": report.transactions}
    data |= {"uncommitted": report.uncommitted, "findings": findings, "cites": [], "events": []}
    lines = [f"crm: {one['where']}: {one['what']}" for one in findings]
    if suspect and not findings:
        lines.append(_("a write was not confirmed by the disk; crm ledger verify --from-disk reads it again"))
    if not lines:
        lines.append(
            _("whole: {lines} lines in {transactions} transactions").format(
                lines=report.lines, transactions=report.transactions
            )
        )
    notes = [torn(report.uncommitted)] if report.uncommitted else []
    return Answer(data, lines, exit=3 if findings else 5 if suspect else 0, notes=notes)


def head(context: typer.Context) -> Answer:
    """Show office, last line and its hash, for keeping elsewhere."""
    session: Session = context.obj
    tip = session.office.head()
    if tip is None:
        return Answer({"verdict": "empty", "cites": [], "events": []}, [_("the ledger is empty")])
    data = {"verdict": "head", "office": tip.office, "seq": tip.seq, "hash": tip.hash, "cites": [], "events": []}
    return Answer(data, [f"{tip.office} {tip.seq} {tip.hash}"])


def show(
    context: typer.Context,
    event: Annotated[int, typer.Argument(metavar="EVENT", min=0, help="The number of a line.")],
) -> Answer:
    """Show one line as it stands in the ledger."""
    session: Session = context.obj
    found = session.event(event)
    return Answer({"verdict": "shown", "event": found, "cites": [], "events": [str(event)]}, [json_text(found)])


VERBS = {"verify": verify, "head": head, "show": show}
