"""Everything that is wrong with a ledger, not only the first of it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from crm_cli.language import _
from crm_cli.ledger import disk
from crm_cli.ledger.chain import Damage, Position, Walk, line_number, segments
from crm_cli.ledger.line import GENESIS, LINE_LIMIT, BadLine, claimed, computed, decode, number
from crm_cli.ledger.segment import SUSPECT, settle

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crm_cli.past import Event


class Finding(NamedTuple):
    """One damage: FILE:LINE and what is wrong there."""

    where: str
    what: str


class Report(NamedTuple):
    """What a verification saw; the ledger is whole when there are no findings."""

    findings: list[Finding]
    lines: int  # of the transactions that are whole
    transactions: int
    uncommitted: int  # bytes at the end that were never acknowledged; the next writer puts them away
    head: Position | None  # the last committed line, None when there is none


def verify(folder: Path, *, from_disk: bool = False) -> Report:
    """Answer all damage of all segments; `from_disk` reads past the system's memory, then may end a suspicion.

    Who asks for `from_disk` holds the lock.
    """
    with disk.trouble(folder):
        if from_disk:
            _forget(folder)
        report = _Verification(folder).report()
        if from_disk and not report.findings:
            disk.unlink(folder / SUSPECT)
            disk.sync_folder(folder)
    return report


class _Verification:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._findings: list[Finding] = []
        self._keys: set[str] = set()
        self._counted = ("", 0, 1)  # a segment, an offset, and the number of the line that begins there

    def report(self) -> Report:
        lines = transactions = 0
        head: Position | None = None
        for events, position in self._all():
            head = position
            lines += len(events)
            transactions += 1
            key = events[0].get("key")
            if key is not None:
                self._check_key(key, position)
        return Report(self._findings, lines, transactions, self._tail, head)

    def _all(self) -> Iterator[tuple[list[Event], Position]]:
        """Answer the transactions that verify, going on behind each damage."""
        after: Position | None = None
        while True:
            walk = Walk(self._folder, after)
            try:
                yield from walk
            except Damage as damage:
                self._note(damage.segment, damage.offset, damage.reason)
                after = _behind(self._folder, damage, walk.tip)
            else:
                self._tail = walk.tail.size if walk.tail else 0
                return

    def _check_key(self, key: str, position: Position) -> None:
        if key in self._keys:
            self._note(position.segment, position.start, _("the key of this transaction was used before"))
        self._keys.add(key)

    def _note(self, segment: str, offset: int, what: str) -> None:
        known, begin, line = self._counted
        if known != segment or begin > offset:
            begin, line = 0, 1
        line += line_number(self._folder / segment, begin, offset) - 1
        self._counted = (segment, offset, line)
        self._findings.append(Finding(f"{self._folder.name}/{segment}:{line}", what))


def _behind(folder: Path, damage: Damage, tip: Position | None) -> Position:
    """Answer where to go on: behind the damaged line, as if the line that fits best to the next one stood there."""
    with (folder / damage.segment).open("rb") as file:
        file.seek(damage.offset)
        bad = file.readline()
        end = file.tell()
        following = file.readline(LINE_LIMIT + 1)
    following = following or _first_line(folder, damage.segment)
    before = tip.hash if tip else GENESIS
    hashes = (claimed(bad) or before, computed(bad, before), before)
    previous = next((each for each in hashes if _follows(following, each)), hashes[0])
    seq = number(following)
    logged, office = (tip.logged, tip.office) if tip else ("", GENESIS)
    return Position(damage.segment, damage.offset, end, seq - 1, previous, before, logged, office)


def _first_line(folder: Path, segment: str) -> bytes:
    later = [name for name in segments(folder) if name > segment]
    if not later:
        return b""
    with (folder / later[0]).open("rb") as file:
        return file.readline(LINE_LIMIT + 1)


def _follows(line: bytes, previous: str) -> bool:
    try:
        decode(line, previous)
    except BadLine:
        return False
    return True


def _forget(folder: Path) -> None:
    """Make the system read the segments from the disk again."""
    for name in segments(folder):
        file = os.open(folder / name, os.O_RDONLY | os.O_CLOEXEC)
        try:
            settle(folder, file)
            os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(file)
