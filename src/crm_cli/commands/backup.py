"""crm backup: a copy of the office elsewhere, as it stood when the copy was begun."""

from __future__ import annotations

import secrets
import shutil
from typing import TYPE_CHECKING, Annotated

import typer

from crm_cli import names, settings
from crm_cli.calendars import FOLDER as CALENDARS
from crm_cli.commands.init import put
from crm_cli.errors import DataError, UsageError
from crm_cli.language import _
from crm_cli.ledger import attached, disk, segment
from crm_cli.ledger.backup import Copying, reached
from crm_cli.ledger.journal import Journal
from crm_cli.render import Answer

if TYPE_CHECKING:
    from pathlib import Path

    from crm_cli.commands.session import Session
    from crm_cli.ledger.journal import Position


def command(
    context: typer.Context,
    to: Annotated[str, typer.Argument(metavar="TO", help="A folder that does not exist yet, or an earlier backup.")],
) -> Answer:
    """Copy the office to another folder, or bring an earlier copy up to now."""
    session: Session = context.obj
    source, target = session.office.folder, settings.place(to)
    _must_be_elsewhere(source, target)
    copying = Copying(target / "ledger", dry_run=session.shared.dry_run)
    with disk.trouble(target):
        if (target / settings.FILE).is_file() and (target / "ledger").is_dir():
            tip = _updated(session, target, copying)
        else:
            _must_be_free(target)
            tip = _made(session, target, copying)
    data = {"verdict": "kept", "to": str(target), "office": tip.office, "seq": tip.seq, "hash": tip.hash}
    data |= {"files": copying.files, "bytes": copying.bytes, "cites": [], "events": []}
    says = _("crm: {files} files, {bytes} bytes are new there; keep the line above elsewhere: verify --against it")
    notes = [] if session.shared.quiet else [says.format(files=copying.files, bytes=copying.bytes)]
    return Answer(data, [f"{tip.office} {tip.seq} {tip.hash}"], notes=notes)


def _must_be_elsewhere(source: Path, target: Path) -> None:
    if target.resolve().is_relative_to(source.resolve()):
        what = _("{folder} is in the office itself").format(folder=names.path(target))
        raise UsageError(what, fix=_("choose a folder elsewhere, best on another disk"))


def _must_be_free(target: Path) -> None:
    if target.exists() and not (target.is_dir() and not any(target.iterdir())):
        what = _("{folder} is there already, and is no backup").format(folder=names.path(target))
        raise UsageError(what, fix=_("choose a folder that does not exist yet, or an earlier backup"))


def _made(session: Session, target: Path, copying: Copying) -> Position:
    """Make a copy beside its place, and put it there once it is whole."""
    made = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        tip = _copied(session, made, None, copying)
        if made.exists():
            put(made, target)
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise
    return tip


def _updated(session: Session, target: Path, copying: Copying) -> Position:
    """Bring a copy up to now; two who do so take turns."""
    source, copy = session.office.folder / "ledger", target / "ledger"
    if session.shared.dry_run:
        return _copied(session, target, reached(source, copy), copying)
    with Journal(copy).locked(session.office.wait, session.command, session.say):
        segment.refuse_suspect(copy)
        return _copied(session, target, reached(source, copy), copying)


def _copied(session: Session, target: Path, begin: Position | None, copying: Copying) -> Position:
    """Bring over what is there now; what the lines rest on comes before them, what makes a folder an office last."""
    source = session.office.folder
    session.office.head()  # stops where the index knows more, and says what a writer left behind
    tip = begin
    for _events, tip in session.office.journal.transactions(begin):  # noqa: B007 - the last one is wanted
        pass
    if tip is None:
        raise DataError(_("the ledger is empty"), where="ledger", fix=_("put the newest copy back"))
    copying.tree(source / attached.FOLDER, target / attached.FOLDER)
    copying.ledger(source / "ledger", begin, tip)
    copying.mirror(source / "policies", target / "policies")
    copying.mirror(source / CALENDARS, target / CALENDARS)
    copying.file(source / settings.FILE, target / settings.FILE)
    return tip
