"""crm ledger: is the file as it was written, how far does it go, what does a line say."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_cli.commands import cards
from crm_cli.commands.answers import attachments, files_of
from crm_cli.errors import DataError, UsageError
from crm_cli.language import _
from crm_cli.ledger.chain import SEAL
from crm_cli.ledger.journal import Journal
from crm_cli.ledger.segment import SUSPECT, torn
from crm_cli.ledger.verify import verify as verified
from crm_cli.render import Answer, json_text
from crm_cli.settings import find_folder, place

if TYPE_CHECKING:
    from crm_cli.commands.session import Session
    from crm_cli.ledger.verify import Report

HELP = "Verify, read and repair the ledger."


def verify(
    context: typer.Context,
    from_disk: Annotated[
        bool, typer.Option("--from-disk", help="Read past the system's memory; clears a suspect ledger.")
    ] = False,
    replay: Annotated[bool, typer.Option("--replay", help="Also take every decision again.")] = False,
    against: Annotated[
        str | None,
        typer.Option(
            "--against", metavar="HEAD", help="A head kept elsewhere: a file, or what crm ledger head printed."
        ),
    ] = None,
) -> Answer:
    """Check every line against the one before, and list all damage."""
    session: Session = context.obj
    folder = find_folder(session.shared.office, Path.cwd()) / "ledger"
    kept = _head(against) if against is not None else None
    if from_disk:
        with session.office.journal.locked(session.office.wait, session.command, session.say):
            report = verified(folder, from_disk=True)
    else:
        report = verified(folder)
    findings = [{"where": finding.where, "what": finding.what} for finding in report.findings]
    if not findings:
        findings = _shorter(folder)
    if replay and not findings:
        findings = list(session.office.replay())
    if kept and not findings:
        findings = _compared(session, report, kept)
    return _verdict(folder, report, findings)


def _shorter(folder: Path) -> list[dict[str, str]]:
    """Answer what the index knows of the ledger's end: nothing where the ledger still reaches it."""
    from crm_cli.ledger.index import open_index  # noqa: PLC0415 - the files alone are verified without it

    try:
        index = open_index(folder.parent / ".cache" / "index.db", "", Journal(folder), writing=False)
    except DataError as error:
        return [{"where": error.where, "what": error.what}]
    if index is not None:
        index.close()
    return []


def _head(typed: str) -> tuple[str, int, str]:
    """Answer the head that somebody kept: office, number and hash of the last line."""
    path = Path(typed)
    text = path.read_text("utf-8", errors="replace") if " " not in typed and path.is_file() else typed
    match = re.fullmatch(r"\s*([0-9a-f]{8,64}) ([0-9]{1,15}) ([0-9a-f]{64})\s*", text)
    if match is None:
        raise UsageError(_("this is no head of a ledger"), fix=_("keep what crm ledger head prints, as it is"))
    return match[1], int(match[2]), match[3]


def _compared(session: Session, report: Report, kept: tuple[str, int, str]) -> list[dict[str, str]]:
    """Answer what a kept head shows: nothing where the ledger goes on from it."""
    identity, number, digest = kept
    if report.head is None or report.head.office != identity:
        return [{"where": "ledger", "what": _("this is the ledger of another office")}]
    if report.head.seq < number:
        what = _("the ledger ends at {seq}, before the kept head {number}: an old copy was put back")
        return [{"where": "ledger", "what": what.format(seq=report.head.seq, number=number)}]
    if session.event(number)["hash"] != digest:
        what = _("line {number} is another one than when the head was kept: the ledger was written anew")
        return [{"where": "ledger", "what": what.format(number=number)}]
    return []


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
    notes = [torn(report.uncommitted)] if report.uncommitted and not findings else []
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
    """Show one line of the ledger; what the policy masks is masked."""
    session: Session = context.obj
    found = cards.seen(session, session.event(event))
    data = {"verdict": "shown", "event": found, "attached": files_of(found), "cites": [], "events": [str(event)]}
    quiet = session.shared.quiet or session.format != "text"
    return Answer(data, [json_text(found)], notes=[] if quiet else attachments(found))


def repair(
    context: typer.Context,
    copy: Annotated[
        str | None,
        typer.Option("--from", metavar="COPY", help="Another office, a ledger, or one segment: where lines are whole."),
    ] = None,
) -> Answer:
    """Put damaged lines back from a copy; what stood there is kept in ledger/quarantine."""
    from crm_cli.ledger import repair as work  # noqa: PLC0415 - seldom needed, and it needs a lot

    session: Session = context.obj
    folder, dry_run = session.office.folder / "ledger", session.shared.dry_run
    source = place(copy) if copy else None
    if dry_run:
        mended, kept = work.repair(folder, source, dry_run=True)
    else:
        with session.office.journal.locked(session.office.wait, session.command, session.say):
            mended, kept = work.repair(folder, source, dry_run=False)
    told = [
        {"file": one.file, "line": one.line, "damaged": len(one.damaged), "lines": len(one.restored), "kept": place_}
        for one, place_ in zip(mended, kept or [""] * len(mended), strict=True)
    ]
    for one in [] if told else _shorter(folder):
        fix = _("put the newest copy of the folder ledger in its place; crm ledger verify --against HEAD tells which")
        raise DataError(one["what"], where=one["where"], fix=fix)
    data = {"verdict": "repaired" if told else "whole", "repaired": told, "cites": [], "events": []}
    return Answer(data, [_mended(one) for one in told] or [_("nothing is damaged")])


def _mended(one: dict[str, Any]) -> str:
    if one["file"].endswith(SEAL):
        return _("{file}: the seal is made again").format(**one)
    says = _("{file}:{line}: {damaged} bytes were damaged, {lines} lines put back").format(**one)
    return f"{says}; {one['kept']}" if one["kept"] else says


VERBS = {"verify": verify, "head": head, "show": show, "repair": repair}
