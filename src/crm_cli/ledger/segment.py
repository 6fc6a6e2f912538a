"""Bytes onto the newest segment, there whole or not at all, and a mark when the disk cannot be trusted."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NoReturn

from crm_cli.digest import sha256
from crm_cli.errors import MachineError
from crm_cli.language import _
from crm_cli.ledger import disk

if TYPE_CHECKING:
    from pathlib import Path

    from crm_cli.ledger.chain import Tail

SUSPECT = "SUSPECT"
QUARANTINE = "quarantine"


def begin(folder: Path, name: str, data: bytes) -> int:
    """Make a segment or a seal that has its name only once its first bytes are on the disk; answer its descriptor."""
    new = folder / f".{name}.new"
    file = disk.create(new)
    try:
        _write(folder, file, 0, data)
        _sync(folder, file)
        disk.rename(new, folder / name)
        _sync_folder(folder, folder)
    except BaseException:
        os.close(file)
        raise
    return file


def append(folder: Path, file: int, size: int, data: bytes) -> None:
    """Add bytes at `size`, the end of the file, and return when they are on the disk; MachineError when not."""
    if os.fstat(file).st_size != size:
        raise MachineError(_("somebody writes the ledger without its lock"), where=folder.name, fix=_("run it again"))
    _write(folder, file, size, data)
    _sync(folder, file)


def put_away(folder: Path, file: int, tail: Tail) -> dict[str, Any]:
    """Copy a tail that was never acknowledged into quarantine, cut it off, and answer what it was."""
    rest = os.pread(file, tail.size, tail.start)
    kept = quarantined(folder, tail.segment, tail.start, rest)
    disk.truncate(file, tail.start)
    _sync(folder, file)
    return {"bytes": tail.size, "sha256": sha256(rest).hexdigest(), "file": kept}


def quarantined(folder: Path, name: str, start: int, data: bytes) -> str:
    """Return when bytes of a file of the ledger are kept apart, and answer where, relative to the office."""
    kept = f"{name.partition('.')[0]}-{start}-{sha256(data).hexdigest()[:8]}"
    disk.make_folder(folder / QUARANTINE)
    copy = disk.create(folder / QUARANTINE / kept)
    try:
        _write(folder, copy, 0, data)
        _sync(folder, copy)
    finally:
        os.close(copy)
    _sync_folder(folder, folder / QUARANTINE)
    _sync_folder(folder, folder)
    return f"{folder.name}/{QUARANTINE}/{kept}"


def settle(folder: Path, file: int) -> None:
    """Return when what was found in a segment is on the disk, its name too: who wrote it may have died before that."""
    _sync(folder, file)
    _sync_folder(folder, folder)


def settle_bytes(folder: Path, file: int) -> None:
    """Return when a file that belongs to a ledger is on the disk; its name may not be."""
    _sync(folder, file)


def settle_names(folder: Path, inner: Path) -> None:
    """Return when the names in a folder that belongs to a ledger are on the disk."""
    _sync_folder(folder, inner)


def refuse_suspect(folder: Path) -> None:
    """Raise MachineError when a flush failed once and nobody has looked at the disk since."""
    if (folder / SUSPECT).exists():
        raise _distrusted(folder)


def _write(folder: Path, file: int, size: int, data: bytes) -> None:
    try:
        written = disk.write(file, data)
        if written != len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))  # noqa: TRY301 - a short write is a failed one
    except OSError as error:
        # When this fails too, the next writer puts the piece into quarantine.
        with suppress(OSError):
            disk.truncate(file, size)
        raise MachineError(
            _("nothing was recorded, the disk took only a part: {reason}").format(reason=error.strerror),
            where=folder.name,
            fix=_("make room or mend the disk, then run it again"),
        ) from error
    if os.fstat(file).st_size != size + len(data):
        raise MachineError(_("somebody writes the ledger without its lock"), where=folder.name, fix=_("run it again"))


def _sync(folder: Path, file: int) -> None:
    try:
        disk.sync(file)
    except OSError as error:
        _suspect(folder, error)


def _sync_folder(folder: Path, inner: Path) -> None:
    try:
        disk.sync_folder(inner)
    except OSError as error:
        _suspect(folder, error)


def _suspect(folder: Path, error: OSError) -> NoReturn:
    # After a failed flush the system may show bytes that the disk does not have, and a second flush would say "done".
    with suppress(OSError):
        os.close(disk.create(folder / SUSPECT))
        disk.sync_folder(folder)
    raise _distrusted(folder) from error


def _distrusted(folder: Path) -> MachineError:
    return MachineError(
        _("the disk failed to keep what was written, and the ledger is suspect"),
        where=f"{folder.name}/{SUSPECT}",
        fix=_("look after the disk, then run: crm ledger verify --from-disk"),
    )


def torn(size: int) -> str:
    """Answer what is said of a tail that a writer left behind when it was cut off."""
    says = _("crm: {size} bytes at the end of the ledger were never acknowledged; the next writer puts them away")
    return says.format(size=size)
