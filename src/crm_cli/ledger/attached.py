"""Files that come with an event: kept under the hash of their bytes, once, and on the disk before the event is."""

from __future__ import annotations

import errno
import os
import stat
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from crm_cli import names
from crm_cli.errors import DataError, MachineError, UsageError
from crm_cli.language import _
from crm_cli.ledger import disk

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from crm_cli.past import Event

FOLDER = "files"  # in the folder of the office
MOST = 20  # with one event
LARGEST = 64  # MiB
LONGEST_NAME = 255

_BLOCK = 1 << 20


class Attachment(NamedTuple):
    """A file that comes with an event: the hash of its bytes, its name, and where they are read while it is new."""

    digest: str
    name: str
    path: Path | None = None

    @property
    def file(self) -> str:
        """Answer where it is kept, relative to the office."""
        return f"{FOLDER}/{self.digest}"


def read(typed: Sequence[str]) -> tuple[Attachment, ...]:
    """Answer the files that were named, each content once; one that cannot be kept is refused."""
    if len(typed) > MOST:
        what = _("{count} files are attached").format(count=len(typed))
        raise UsageError(what, fix=_("attach at most {count} to one event").format(count=MOST))
    found: dict[str, Attachment] = {}
    for number, one in enumerate(typed, 1):
        path = Path(one)
        digest = _digest(path, number)
        found.setdefault(digest, Attachment(digest, names.shown(path.name, LONGEST_NAME), path))
    return tuple(found.values())


def of(event: Event) -> tuple[Attachment, ...]:
    """Answer the files that a recorded event came with."""
    digests, called = event.get("asked", {}).get("attach", ()), event.get("personal", {}).get("attach", ())
    return tuple(Attachment(digest, name) for digest, name in zip(digests, called, strict=True))


def keep(office: Path, attachment: Attachment) -> None:
    """Keep a file, durably and whole, unless its bytes are kept already."""
    folder = office / FOLDER
    with disk.trouble(office):
        disk.make_folder(folder)
        disk.sync_folder(office)
    with disk.trouble(folder):
        if not (office / attachment.file).exists():
            _copy(folder, attachment)
        disk.sync_folder(folder)  # who kept it before may have died before this


def _copy(folder: Path, attachment: Attachment) -> None:
    half = folder / f".{attachment.digest}.half"
    try:
        _write(half, attachment)
        disk.rename(half, folder / attachment.digest)
    except BaseException:
        disk.unlink(half)
        raise


def _write(half: Path, attachment: Attachment) -> None:
    """Return when the bytes that were promised are on the disk."""
    if attachment.path is None:
        raise RuntimeError("what is kept is not kept again")
    found, file = sha256(), disk.create(half)
    try:
        for block in _blocks(attachment.path):
            found.update(block)
            if disk.write(file, block) != len(block):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(half))
        disk.sync(file)
    finally:
        os.close(file)
    if found.hexdigest() != attachment.digest:
        raise DataError(_("an attached file was changed while it was read"), fix=_("run it again"))


def _digest(path: Path, number: int) -> str:
    """Answer the hash of a file; errors name it by its number, because its name may be a customer's."""
    found, size = sha256(), 0
    try:
        for block in _blocks(path):
            found.update(block)
            size += len(block)
            if size > LARGEST * _BLOCK:
                raise _too_large(number)
    except IsADirectoryError as error:
        what = _("attachment {number} is no file").format(number=number)
        raise UsageError(what, fix=_("attach the files one by one; a folder as an archive")) from error
    except ValueError as error:  # a name that no file can have
        raise _not_there(number) from error
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG):
            raise _not_there(number) from error
        what = _("attachment {number} cannot be read: {why}").format(number=number, why=error.strerror)
        raise MachineError(what, fix=_("ask whoever owns the file for the right to read it")) from error
    return found.hexdigest()


def _not_there(number: int) -> UsageError:
    what = _("attachment {number} is not there").format(number=number)
    return UsageError(what, fix=_("name a file, from the folder you are in: --attach FILE"))


def _too_large(number: int) -> DataError:
    what = _("attachment {number} is larger than {limit} MiB").format(number=number, limit=LARGEST)
    return DataError(what, fix=_("attach a smaller one, or write down where the file lies"))


def _blocks(path: Path) -> Iterator[bytes]:
    """Answer the bytes of a regular file piece by piece; a pipe or a device is as wrong as a folder."""
    file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # a pipe that nobody writes to must not hold us
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        while block := os.read(file, _BLOCK):
            yield block
    finally:
        os.close(file)
