"""A copy of a ledger elsewhere, made new or brought up to a line: nothing it has is written again, all is flushed."""

from __future__ import annotations

import errno
import os
import shutil
from collections import deque
from contextlib import contextmanager
from filecmp import cmp
from typing import TYPE_CHECKING

from crm_cli.errors import DataError
from crm_cli.language import _
from crm_cli.ledger import disk, segment, texts, turn
from crm_cli.ledger.chain import Damage, Position, Walk, lost, office_of, proven, segments
from crm_cli.ledger.find import first_number, last_hash

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_BLOCK = 1 << 20


class Copying:
    """Files brought into a folder with a ledger, each whole and durable; with `dry_run` they are only counted."""

    def __init__(self, ledger: Path, *, dry_run: bool) -> None:
        self.files = self.bytes = 0
        self._ledger, self._dry_run = ledger, dry_run

    def tree(self, source: Path, target: Path) -> None:
        """Bring over the files of a folder that never change; what is half written has a dot before its name."""
        for path in _files(source):
            copy = target / path.relative_to(source)
            if not copy.exists() or copy.stat().st_size != path.stat().st_size:
                self._file(path, copy)

    def mirror(self, source: Path, target: Path) -> None:
        """Bring over the files of a folder that may change, and take away those that are not in it any more."""
        for path in _files(source):
            self.file(path, target / path.relative_to(source))
        gone = [path for path in _files(target) if not (source / path.relative_to(target)).exists()]
        for path in gone if not self._dry_run else ():
            disk.unlink(path)
            segment.settle_names(self._ledger, path.parent)

    def file(self, source: Path, target: Path) -> None:
        """Bring over a file unless it is there with the same bytes."""
        if not (target.exists() and cmp(source, target, shallow=False)):
            self._file(source, target)

    def ledger(self, source: Path, begin: Position | None, tip: Position) -> None:
        """Bring over the lines between two positions of a ledger, with the texts and seals that belong to them."""
        target = self._ledger
        for name in (texts.FOLDER, segment.QUARANTINE):
            self.tree(source / name, target / name)
        names = [name for name in segments(source) if name <= tip.segment]
        for name in names:
            if begin is None or name >= begin.segment:
                start = begin.end if begin and begin.segment == name else 0
                end = tip.end if name == tip.segment else (source / name).stat().st_size
                self._bytes(source / name, target / name, start, end)
        for name in names[:-1]:
            self._seal(source, target, name)

    def _seal(self, source: Path, target: Path, name: str) -> None:
        seal = turn.seal_of(name)
        if (source / seal).exists():
            self.file(source / seal, target / seal)
        if not self._dry_run:
            disk.protect(target / name)

    def _file(self, source: Path, target: Path) -> None:
        self._bytes(source, target, 0, source.stat().st_size)
        if not self._dry_run:
            shutil.copymode(source, target)

    def _bytes(self, source: Path, target: Path, start: int, end: int) -> None:
        """Bring over a part of a file; behind what the copy has of it, or as a new file."""
        if start == end > 0:
            return
        self.files += 1
        self.bytes += end - start
        if self._dry_run:
            return
        self._make_folder(target.parent)
        with self._grown(target, start) if start else self._named(target) as file, source.open("rb") as read:
            read.seek(start)
            while start < end and (block := read.read(min(end - start, _BLOCK))):
                _write(file, block)
                start += len(block)

    def _make_folder(self, folder: Path) -> None:
        new = [one for one in (folder, *folder.parents) if not one.exists()]
        disk.make_folder(folder)
        for one in new:
            segment.settle_names(self._ledger, one.parent)

    @contextmanager
    def _named(self, path: Path) -> Iterator[int]:
        """Open a new file that has its name only once it is whole and on the disk."""
        half = path.with_name(f".{path.name}.half")
        file = disk.create(half)
        try:
            yield file
            segment.settle_bytes(self._ledger, file)
            disk.rename(half, path)
            segment.settle_names(self._ledger, path.parent)
        except BaseException:
            disk.unlink(half)
            raise
        finally:
            os.close(file)

    @contextmanager
    def _grown(self, path: Path, size: int) -> Iterator[int]:
        """Open a segment of a copy behind its last transaction; what an earlier backup left there is written again."""
        file = disk.open_append(path)
        try:
            if os.fstat(file).st_size != size:
                disk.truncate(file, size)
            yield file
            segment.settle_bytes(self._ledger, file)
        finally:
            os.close(file)


def _files(folder: Path) -> list[Path]:
    """Answer the files of a folder and of those in it; what is half written has a dot before its name."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))


def reached(source: Path, target: Path) -> Position | None:
    """Answer the last line of a copy of this ledger, None when it has none; DataError when it is no part of it."""
    tip = _last(target)
    if tip is None:
        return None
    where = f"{target.name}/{tip.segment}"
    names = segments(source)
    if names and office_of(source / names[0]) != tip.office:
        raise DataError(_("that is a copy of another office"), where=where, fix=_("choose another folder"))
    if lost(source, tip):
        what = _("the copy goes further than this ledger: it has line {seq}").format(seq=tip.seq)
        raise DataError(what, where=where, fix=_("this may be an old copy that was put back; compare before you go on"))
    if not proven(source, tip):
        what = _("line {seq} of the copy is another one than here").format(seq=tip.seq)
        raise DataError(what, where=where, fix=_("choose another folder, and find out which of the two is true"))
    return tip


def _last(folder: Path) -> Position | None:
    """Answer the last committed line of a ledger, of which only the newest segment is read."""
    names = segments(folder)
    if not names:
        return None
    walk = Walk(folder, _end(folder, names[-2:], office_of(folder / names[0])) if len(names) > 1 else None)
    try:
        deque(walk, maxlen=0)
    except Damage as damage:
        raise damage.error(folder) from None
    return walk.tip


def _end(folder: Path, names: list[str], office: str) -> Position:
    """Answer the end of the segment before the newest, as far as those who go on from it look at it."""
    size, seq = (folder / names[0]).stat().st_size, first_number(folder, names[1]) - 1
    return Position(names[0], size, size, seq, last_hash(folder / names[0]), "", "", office)


def _write(file: int, data: bytes) -> None:
    if disk.write(file, data) != len(data):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
