"""Reading the segments as one chain: committed transactions in order, each line verified against the one before."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from orjson import loads

from crm_cli.errors import DataError
from crm_cli.language import _
from crm_cli.ledger.line import CLOSING, GENESIS, LINE_LIMIT, BadLine, chained, claimed, decode, torn

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

    from crm_cli.past import Event

SEGMENT, SEAL = ".jsonl", ".seal"  # how the names end of what was written in a month, and of what seals it

_BUFFER = 1 << 20
_NEWLINE = ord("\n")
_CLAIM = len(GENESIS) + len(CLOSING)


class Position(NamedTuple):
    """A line that ends a committed transaction: its place, its hash and the one before, and whose ledger it is."""

    segment: str
    start: int
    end: int
    seq: int
    hash: str
    previous: str
    logged: str
    office: str


class Tail(NamedTuple):
    """Bytes behind the last committed transaction of the newest segment that never were acknowledged."""

    segment: str
    start: int
    size: int


class Damage(Exception):  # noqa: N818 - it says what it is
    """A place in the ledger that is not as it was written."""

    def __init__(self, segment: str, offset: int, reason: str) -> None:
        super().__init__(segment, offset, reason)
        self.segment, self.offset, self.reason = segment, offset, reason

    def error(self, folder: Path) -> DataError:
        """Answer what the user is told, with file and line."""
        where = place(folder, self.segment, self.offset)
        return DataError(
            _("the ledger is damaged: {reason}").format(reason=self.reason),
            where=where,
            fix=_("crm ledger verify lists all damage; crm ledger repair --from COPY restores it"),
        )


def segments(folder: Path) -> list[str]:
    """Answer the names of the segment files in the order in which they were written."""
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries]
    except FileNotFoundError:
        return []
    return sorted(name for name in names if name.endswith(SEGMENT) and not name.startswith("."))


def place(folder: Path, segment: str, offset: int) -> str:
    """Answer FILE:LINE of a byte of a segment, relative to the office."""
    return f"{folder.name}/{segment}:{line_number(folder / segment, 0, offset)}"


def line_number(path: Path, begin: int, offset: int) -> int:
    """Answer which line an offset is in, when the line that begins at `begin` is counted as the first."""
    line, left = 1, offset - begin
    with path.open("rb") as file:
        file.seek(begin)
        while left > 0 and (block := file.read(min(left, _BUFFER))):
            line += block.count(b"\n")
            left -= len(block)
    return line


class Walk:
    """One pass over the committed transactions after a position; `tip` and `tail` are right once it is over."""

    def __init__(self, folder: Path, after: Position | None) -> None:
        self.tip = after
        self.tail: Tail | None = None
        self._folder = folder
        self._reached = (0, GENESIS)  # end and hash of the last verified line of the segment

    def __iter__(self) -> Iterator[tuple[list[Event], Position]]:
        """Answer transactions with the position of their last lines; Damage where they do not verify."""
        names = segments(self._folder)
        first = self.tip.segment if self.tip else ""
        for name in names:
            if name >= first:
                yield from self._segment(name)
            if self.tail and name != names[-1]:
                raise Damage(name, self.tail.start, _("a later segment follows a transaction that is not whole"))
        if names:
            self._must_be_open(names[-1])

    def _must_be_open(self, name: str) -> None:
        """Raise Damage when the newest segment is sealed: only one that is followed by another is."""
        sealed = (self._folder / name).with_suffix(SEAL).exists()
        if sealed and segments(self._folder)[-1:] == [
            name
        ]:  # another look: a writer may have turned the month just now
            end = self.tip.end if self.tip and self.tip.segment == name else 0
            raise Damage(name, end, _("the segment is sealed, and the one that follows it is missing"))

    def _segment(self, name: str) -> Iterator[tuple[list[Event], Position]]:
        begin = self.tip.end if self.tip and self.tip.segment == name else 0
        with (self._folder / name).open("rb", buffering=_BUFFER) as file:
            file.seek(begin)
            try:
                for found in self._transactions(file, name, begin):
                    self.tip = found[1]
                    yield found
                self._look_behind(file, name)
            except Damage as damage:
                raise self._explained(damage) from None

    def _explained(self, damage: Damage) -> Damage:
        """Answer a damage, at the first line of a segment with the segment that it follows when that is gone."""
        if damage.offset == 0 and (gone := _missing(self._folder, damage.segment)):
            return Damage(damage.segment, 0, _("the segment {name} before it is missing").format(name=gone))
        return damage

    def _transactions(self, file: BinaryIO, name: str, end: int) -> Iterator[tuple[list[Event], Position]]:
        # One loop with everything in local names: a rebuild goes through it once a line.
        tip = self.tip
        seq, previous, office = (tip.seq + 1, tip.hash, tip.office) if tip else (0, GENESIS, "")
        events: list[Event] = []
        more = 0
        for line in iter(partial(file.readline, LINE_LIMIT + 1), b""):
            if line[-1] != _NEWLINE:
                break
            try:
                event = chained(line, previous)
                left = event["more"]
                if event["seq"] != seq or type(left) is not int or left < 0 or (events and left != more - 1):
                    _misfit(event["seq"], seq)
            except BadLine as bad:
                raise Damage(name, end, bad.reason) from None
            events.append(event)
            start, end, more, digest = end, end + len(line), left, event["hash"]
            if not more:
                office = office or digest
                yield events, Position(name, start, end, seq, digest, previous, event["logged"], office)
                events = []
            office = office or digest
            seq, previous = seq + 1, digest
        self._reached = (end, previous)

    def _look_behind(self, file: BinaryIO, name: str) -> None:
        """Set the tail to what lies behind the last transaction; Damage when that may have been acknowledged."""
        here = self.tip if self.tip and self.tip.segment == name else None
        start = here.end if here else 0
        file.seek(start)
        rest = file.read()
        if not here:
            # A segment gets its name only after its first transaction is on the disk.
            raise Damage(name, 0, _("the first transaction is not whole") if rest else _("the file is empty"))
        if rest:
            self._judge(name, rest[self._reached[0] - start :])
            self.tail = Tail(name, start, len(rest))

    def _judge(self, name: str, loose: bytes) -> None:
        """Raise Damage unless the bytes behind the last verified line can be a write that never finished."""
        end, previous = self._reached
        if b"\n" in loose[LINE_LIMIT:]:
            raise Damage(name, end, _("the line is longer than {limit} bytes").format(limit=LINE_LIMIT))
        if b"\n" not in loose and not torn(loose, previous):
            raise Damage(name, end, _("something was written over the end of a line"))


def _missing(folder: Path, name: str) -> str:
    """Answer the segment that a segment says it follows when it is not there, else nothing."""
    before = follows(folder / name)
    return "" if before in segments(folder) else before


def follows(path: Path) -> str:
    """Answer which segment a segment says it follows, nothing when it says none."""
    with path.open("rb") as file:
        line = file.readline(LINE_LIMIT + 1)
    try:
        return str(loads(line)["data"]["previous"])
    except (ValueError, TypeError, KeyError):
        return ""


def _misfit(found: int, wanted: int) -> NoReturn:
    if found != wanted:
        raise BadLine(_("the line has number {found}, {wanted} belongs here").format(found=found, wanted=wanted))
    raise BadLine(_("the line does not continue its transaction"))


def proven(folder: Path, position: Position) -> bool:
    """Answer whether the line at a position is still the same and still follows the same line."""
    try:
        with (folder / position.segment).open("rb") as file:
            before = min(position.start, _CLAIM)
            file.seek(position.start - before)
            found = file.read(before + position.end - position.start)
    except OSError:
        return False
    if before and found[:before] != position.previous.encode() + CLOSING:
        return False
    try:
        event = decode(found[before:], position.previous)
    except BadLine:
        return False
    return bool(event["hash"] == position.hash and event["seq"] == position.seq)


def lost(folder: Path, position: Position) -> bool:
    """Answer whether the ledger no longer reaches a position that it once had: the same office, but shorter."""
    names = segments(folder)
    if names and office_of(folder / names[0]) != position.office:
        return False
    if not names or names[-1] < position.segment:
        return True
    return names[-1] == position.segment and (folder / position.segment).stat().st_size < position.end


def office_of(path: Path) -> str:
    """Answer the hash of the first line of the first segment, which names the office."""
    with path.open("rb") as file:
        return claimed(file.readline(LINE_LIMIT + 1))
