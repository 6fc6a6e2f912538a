"""Every touch of the disk that changes something: one small function each, so that tests can fail any one of them."""

from __future__ import annotations

import errno
import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from crm_cli.errors import MachineError
from crm_cli.language import _

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_FILE_MODE = 0o640
_FOLDER_MODE = 0o750
_READ_MODE = 0o440
_UNKNOWN = (errno.EINVAL, errno.ENOTSUP, errno.ENOTTY)  # the file system has no such call


def make_folder(path: Path) -> None:
    """Make a folder, its parents too, unless it is there."""
    path.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)


def create(path: Path) -> int:
    """Make an empty file for appending, in place of one that is there; answer its descriptor."""
    return os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, _FILE_MODE)


def open_lock(path: Path) -> int:
    """Open a side file for locking, made when it is not there; answer its descriptor."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _FILE_MODE)


def open_append(path: Path) -> int:
    """Open a file that exists for reading and appending; answer its descriptor."""
    return os.open(path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC)


def write(file: int, data: bytes) -> int:
    """Write in one call and answer how many bytes it took."""
    return os.write(file, data)


def write_new(path: Path, data: bytes) -> None:
    """Make a file with these bytes, and return when they are on the disk; its name may not be yet."""
    file = create(path)
    try:
        if write(file, data) != len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        sync(file)
    finally:
        os.close(file)


def sync(file: int) -> None:
    """Return when all bytes of a file are on the disk."""
    if not _through(file):
        getattr(os, "fdatasync", os.fsync)(file)


def _through(file: int) -> bool:
    """Answer whether a flush of macOS did it, where `fsync` stops at the memory of the drive."""
    call = getattr(fcntl, "F_FULLFSYNC", None)
    if call is None:
        return False
    try:
        fcntl.fcntl(file, call)
    except OSError as error:
        if error.errno in _UNKNOWN:
            return False
        raise  # a failed flush is final: another kind of flush could say "done"
    return True


def sync_folder(path: Path) -> None:
    """Return when the names in a folder are on the disk."""
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        if not _through(folder):
            os.fsync(folder)
    finally:
        os.close(folder)


def forget(file: int) -> None:
    """Make the system read a file from the disk again, where it can be told so."""
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)


def truncate(file: int, size: int) -> None:
    """Cut a file to a size."""
    os.ftruncate(file, size)


def rename(old: Path, new: Path) -> None:
    """Give a file another name, in place of a file that has it."""
    old.rename(new)


def protect(path: Path) -> None:
    """Take away the right to write to a file: against slips, no more."""
    path.chmod(_READ_MODE)


def link(target: str, path: Path) -> None:
    """Make a symbolic link to a neighbour."""
    path.symlink_to(target)


def unlink(path: Path) -> None:
    """Take a name away if it is there."""
    path.unlink(missing_ok=True)


@contextmanager
def trouble(path: Path) -> Iterator[None]:
    """Turn what the operating system refuses into a MachineError that names the folder."""
    try:
        yield
    except OSError as error:
        raise MachineError(
            _("the machine refused: {reason}").format(reason=error.strerror or error),
            where=f"{path.name}/{os.path.basename(error.filename or '')}".rstrip("/"),  # noqa: PTH119 - may be bytes
            fix=_("look at permissions and at free space, then run it again"),
        ) from error
