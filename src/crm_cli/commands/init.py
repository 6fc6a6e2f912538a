"""crm init: a working office from one command."""

from __future__ import annotations

import os
import secrets
import shlex
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crm_cli import clock, names, settings, shipped
from crm_cli.commands.options import LANGUAGES
from crm_cli.commands.session import user_of_machine
from crm_cli.errors import DataError, MachineError, UsageError
from crm_cli.language import _
from crm_cli.ledger import disk
from crm_cli.ledger.probe import far, probe
from crm_cli.office import Office
from crm_cli.policy.book import Book
from crm_cli.render import Answer
from crm_cli.rules.topics import TOPICS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from crm_cli.commands.session import Session

MEMORY = "/dev/shm"  # noqa: S108 - where Linux keeps files in memory


def command(
    context: typer.Context,
    office: Annotated[str, typer.Argument(metavar="OFFICE", help="A folder that does not exist yet, or is empty.")],
    profile: Annotated[str, typer.Option("--profile", metavar="HOUSE", help="Whose rulebook the office works by.")],
    manager: Annotated[str, typer.Option("--manager", metavar="NAME", help="Who manages the office.")],
    timezone: Annotated[str, typer.Option("--timezone", metavar="ZONE", help="Where the office is.")] = "Asia/Shanghai",
) -> Answer:
    """Make a working office with a copy of a house's rulebook."""
    session: Session = context.obj
    language = session.shared.lang or LANGUAGES[0]
    zone, name, house = clock.zone(timezone), names.person(manager), shipped.house(profile)
    machine = clock.machine()
    now = clock.moment(session.shared.now, zone, machine) if session.shared.now else machine.astimezone(zone)
    folder = settings.place(office)
    _must_be_new(folder, office)
    chosen = settings.Settings(house.name, timezone, language)
    made = prepare(folder, house.parent, chosen, name)
    try:
        probe(made)
        found(Office(made), name, now)
        _settle(made)
        put(made, folder)
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise
    lines = [
        _("{folder} is ready; next: crm -C {folder} staff add NAME --role ROLE").format(folder=shlex.quote(office))
    ]
    data = {"verdict": "made", "office": str(folder.resolve()), "cites": [], "events": ["0", "1"]}
    return Answer(data, lines, talk=True, notes=_warnings(folder))


def _warnings(folder: Path) -> list[str]:
    kind = far(folder)
    says = _("crm: the file system here is {kind}: locks and flushes may promise nothing there; a local disk is safer")
    return [says.format(kind=kind)] if kind else []


def _must_be_new(folder: Path, typed: str) -> None:
    shown = names.path(typed)
    if (folder / settings.FILE).exists():
        raise UsageError(_("{folder} is an office already").format(folder=shown), fix=_("choose another folder"))
    if folder.is_file():
        raise UsageError(_("{folder} is a file").format(folder=shown), fix=_("choose a folder that does not exist yet"))
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(
            _("{folder} is not empty").format(folder=shown), fix=_("choose a folder that does not exist yet")
        )


def put(made: Path, folder: Path) -> None:
    """Put a finished office in its place; into an empty folder `crm.yaml` comes last: it makes the folder an office."""
    if folder.exists():
        for child in sorted(made.iterdir(), key=lambda child: child.name == settings.FILE):
            child.rename(folder / child.name)
        made.rmdir()
        disk.sync_folder(folder)
    else:
        made.rename(folder)
    disk.sync_folder(folder.parent)


def _settle(made: Path) -> None:
    """Return when all files and folders of a finished office are on the disk."""
    for path in [*made.rglob("*"), made]:
        if path.is_dir():
            disk.sync_folder(path)
        else:
            with path.open("rb") as file:
                disk.sync(file.fileno())


@contextmanager
def passing() -> Iterator[Path]:
    """Answer a folder of which nothing is left behind: in memory where the machine can, so that no flush waits."""
    with tempfile.TemporaryDirectory(prefix="crm-", dir=MEMORY if os.access(MEMORY, os.W_OK) else None) as place:
        yield Path(place)


@contextmanager
def for_a_while(policies: Path, chosen: settings.Settings, manager: str, now: datetime) -> Iterator[Office]:
    """Answer a new office of which nothing is left behind."""
    with passing() as place:
        made = prepare(place / "office", policies, chosen, manager)
        found(Office(made), manager, now)
        office = Office(made.rename(place / "office"))
        try:
            yield office
        finally:
            office.close()


def prepare(folder: Path, policies: Path, chosen: settings.Settings, manager: str) -> Path:
    """Answer a half-made office beside its place, with a copy of the policies that its house is made of."""
    text = settings.text_of(chosen, user_of_machine(), manager)
    made = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        (made / "policies").mkdir(parents=True)
        (made / settings.FILE).write_text(text, "utf-8")
        common = next(place for place in (policies, shipped.root() / "policies") if (place / "words.yaml").is_file())
        shutil.copyfile(common / "words.yaml", made / "policies" / "words.yaml")
        for house in Book.open(policies, chosen.house, chosen.overlays, TOPICS, None).houses():
            shutil.copytree(policies / house, made / "policies" / house)
    except OSError as error:
        shutil.rmtree(made, ignore_errors=True)
        raise MachineError(
            _("the office cannot be made: {why}").format(why=error.strerror),
            where=names.path(folder),
            fix=_("choose a folder that can be written"),
        ) from error
    return made


def found(office: Office, manager: str, now: datetime) -> None:
    """Write the first lines of a half-made office: its random identity, and its manager."""
    role = office.book.manager
    if role is None:
        raise DataError(
            _("the rulebook does not say which role founds an office"),
            where="policies",
            fix=_("write manager: ROLE in words.yaml"),
        )
    office.found(secrets.token_hex(16), manager, [role], now)
    office.close()
