"""What a file system must be able to do before an office is put on it, tried out in the folder to be."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from crm_cli.errors import MachineError
from crm_cli.language import _
from crm_cli.ledger import disk
from crm_cli.ledger.lock import taken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MOUNTS = Path("/proc/self/mountinfo")

# kinds of file system on which other machines write, too, or where a program stands between us and the disk
_FAR = ("nfs", "cifs", "smb", "9p", "fuse", "afs", "ceph", "glusterfs", "lustre", "vboxsf")


def probe(folder: Path) -> None:
    """Return when an office may live in a folder; MachineError says what is wanting there, and where to go instead."""
    probes: dict[str, Callable[[Path], bool]] = {
        _("what is appended to a file there does not stay at its end"): _appends,
        _("a lock that is held there is not seen by others"): _locks,
        _("a file that was renamed there is not found under its new name"): _renames,
    }
    for wanting, works in probes.items():
        with _trouble(folder):
            if not works(folder):
                raise _refused(folder, wanting)


def far(folder: Path) -> str:
    """Answer which kind of file system it is when locks and flushes may promise nothing there, else nothing."""
    kind = _kind(folder.resolve())
    return kind if kind.startswith(_FAR) else ""


def _kind(folder: Path) -> str:
    """Answer which kind of file system a folder is on, as Linux tells it; other systems do not."""
    try:
        lines = MOUNTS.read_text("utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    found = ("", "")
    for line in lines:
        before, _dash, after = line.partition(" - ")
        point = before.split(" ")[4].replace("\\040", " ")
        if folder.is_relative_to(point) and len(point) >= len(found[0]):
            found = (point, after.split(" ")[0])
    return found[1]


def _appends(folder: Path) -> bool:
    path = folder / ".probe"
    with _opened(path, disk.create) as one, _opened(path, disk.open_append) as other:
        for file, data in ((one, b"1"), (other, b"2"), (one, b"3")):
            os.lseek(file, 0, os.SEEK_SET)
            disk.write(file, data)
        disk.sync(one)
        found = path.read_bytes()
    disk.unlink(path)
    return found == b"123"


def _locks(folder: Path) -> bool:
    path = folder / ".probe"
    with _opened(path, disk.open_lock) as one, _opened(path, disk.open_lock) as other:
        held = taken(one) and not taken(other)
    disk.unlink(path)
    return held


def _renames(folder: Path) -> bool:
    old, new = folder / ".probe", folder / ".probed"
    for path, data in ((new, b"old"), (old, b"new")):
        with _opened(path, disk.create) as file:
            disk.write(file, data)
    disk.rename(old, new)
    disk.sync_folder(folder)
    found = new.read_bytes() == b"new" and not old.exists()
    disk.unlink(new)
    return found


@contextmanager
def _opened(path: Path, how: Callable[[Path], int]) -> Iterator[int]:
    file = how(path)
    try:
        yield file
    finally:
        os.close(file)


@contextmanager
def _trouble(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _refused(folder, error.strerror or str(error)) from error


def _refused(folder: Path, wanting: str) -> MachineError:
    return MachineError(
        _("an office cannot live here: {wanting}").format(wanting=wanting),
        fix=_("make it on a disk of this machine, for example: crm init {folder}").format(folder=_elsewhere(folder)),
    )


def _elsewhere(folder: Path) -> str:
    """Answer a folder of that name on another file system of this machine."""
    here = folder.stat().st_dev
    homes = (Path(os.environ.get("HOME", "/")), Path("/srv"), Path("/var/lib"))
    usable = (home for home in homes if home.is_dir() and home.stat().st_dev != here and not far(home))
    return str(next(usable, homes[1]) / folder.name.strip(".").partition(".")[0])
