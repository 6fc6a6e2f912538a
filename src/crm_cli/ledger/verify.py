"""Everything that is wrong with a ledger, not only the first of it."""

from __future__ import annotations

import os
import re
from collections import Counter
from hashlib import file_digest
from typing import TYPE_CHECKING, NamedTuple

from crm_cli.language import _
from crm_cli.ledger import disk
from crm_cli.ledger.attached import FOLDER
from crm_cli.ledger.chain import Damage, Position, Walk, line_number, segments
from crm_cli.ledger.line import GENESIS, LINE_LIMIT, BadLine, claimed, computed, decode, number
from crm_cli.ledger.seals import amiss
from crm_cli.ledger.segment import SUSPECT, settle

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crm_cli.past import Event


class Finding(NamedTuple):
    """One damage: FILE:LINE and what is wrong there, and which file is damaged."""

    where: str
    what: str
    file: str


class Report(NamedTuple):
    """What a verification saw; the ledger is whole when there are no findings."""

    findings: list[Finding]
    lines: int  # of the transactions that are whole
    transactions: int
    uncommitted: int  # bytes at the end that were never acknowledged; the next writer puts them away
    head: Position | None  # the last committed line, None when there is none


def verify(folder: Path, *, from_disk: bool = False, attached: bool = True) -> Report:
    """Answer all damage of all segments, and of what is `attached` to their events.

    `from_disk` reads past the system's memory, then may end a suspicion.
    Who asks for `from_disk` holds the lock.
    """
    with disk.trouble(folder):
        if from_disk:
            _forget(folder)
        report = _Verification(folder).report(attached=attached)
        if from_disk and not report.findings:
            disk.unlink(folder / SUSPECT)
            disk.sync_folder(folder)
    return report


class _Verification:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._findings: list[Finding] = []
        self._keys: set[str] = set()
        self._attached: dict[str, str] = {}  # what is wrong with a file that was attached, nothing when it is well
        self._lines: Counter[str] = Counter()  # that are whole, of each segment
        self._counted = ("", 0, 1)  # a segment, an offset, and the number of the line that begins there

    def report(self, *, attached: bool) -> Report:
        transactions = 0
        head: Position | None = None
        for before, events, position in self._all():
            head = position
            self._lines[position.segment] += len(events)
            transactions += 1
            key = events[0].get("key")
            if key is not None:
                self._check_key(key, position)
            digests = events[0].get("asked", {}).get("attach") if attached else None
            if digests:
                begin = before.end if before and before.segment == position.segment else 0
                self._check_attached(digests, position.segment, begin)
        self._check_seals(head)
        return Report(self._findings, self._lines.total(), transactions, self._tail, head)

    def _all(self) -> Iterator[tuple[Position | None, list[Event], Position]]:
        """Answer the transactions that verify, each behind a position, going on behind each damage."""
        after: Position | None = None
        self._tail = 0
        while True:
            walk = Walk(self._folder, after)
            try:
                for events, position in walk:
                    yield after, events, position
                    after = position
            except Damage as damage:
                self._note(damage.segment, damage.offset, damage.reason)
                if (damage.segment, damage.offset) == _end_of(self._folder):
                    return  # nothing stands behind it
                after = _behind(self._folder, damage, walk.tip)
            else:
                self._tail = walk.tail.size if walk.tail else 0
                return

    def _check_key(self, key: str, position: Position) -> None:
        if key in self._keys:
            self._note(position.segment, position.start, _("the key of this transaction was used before"))
        self._keys.add(key)

    def _check_attached(self, digests: object, segment: str, begin: int) -> None:
        for digest in map(str, digests if isinstance(digests, list) else [digests]):
            if digest not in self._attached:
                self._attached[digest] = _attachment(self._folder.parent / FOLDER, digest)
            if self._attached[digest]:
                self._note(segment, begin, self._attached[digest], f"{FOLDER}/{digest}")

    def _check_seals(self, head: Position | None) -> None:
        turning = head is not None and self._lines[head.segment] == 1
        damaged = {finding.file for finding in self._findings}
        found = list(amiss(self._folder, damaged, turning=turning))
        # Another look: a writer may have turned the month just now.
        again = list(amiss(self._folder, damaged, turning=turning)) if found else []
        for one in (one for one in found if one in again):
            self._findings.append(Finding(f"{self._folder.name}/{one.file}:{one.line}", one.what, one.file))

    def _note(self, segment: str, offset: int, what: str, file: str = "") -> None:
        known, begin, line = self._counted
        if known != segment or begin > offset:
            begin, line = 0, 1
        line += line_number(self._folder / segment, begin, offset) - 1
        self._counted = (segment, offset, line)
        self._findings.append(Finding(f"{self._folder.name}/{segment}:{line}", what, file or segment))


def _attachment(folder: Path, digest: str) -> str:
    """Answer what is wrong with a file that was attached, nothing when it is as it was."""
    if not re.fullmatch(r"[0-9a-f]{64}", digest):
        return _("the name of an attached file is no sha256")
    try:
        with (folder / digest).open("rb") as file:
            found = file_digest(file, "sha256").hexdigest()
    except OSError:
        return _("the attached file {name} is missing").format(name=f"{folder.name}/{digest}")
    if found != digest:
        return _("the attached file {name} was changed").format(name=f"{folder.name}/{digest}")
    return ""


def _end_of(folder: Path) -> tuple[str, int]:
    """Answer where the ledger ends."""
    name = segments(folder)[-1]
    return name, (folder / name).stat().st_size


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
            disk.forget(file)
        finally:
            os.close(file)
