"""The ledger of one office: what was committed, in order, and the only way to commit more."""

from __future__ import annotations

import os
from collections import deque
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson

from crm_cli.errors import CrmError, DataError
from crm_cli.language import _
from crm_cli.ledger import disk, segment, turn
from crm_cli.ledger.chain import SEGMENT, Damage, Position, Walk, lost, proven, segments
from crm_cli.ledger.find import find, place_of
from crm_cli.ledger.line import GENESIS, encode
from crm_cli.ledger.lock import LOCK, locked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from crm_cli.ledger.chain import Tail
    from crm_cli.past import Event

__all__ = ["Journal", "Position"]

TRANSACTION_LIMIT = 1024 * 1024


def utc_now() -> datetime:
    """Answer the machine's time."""
    return datetime.now(UTC)


class Journal:
    """The segments in a folder; one object serves a whole process, however many commands it runs."""

    def __init__(self, folder: Path, clock: Callable[[], datetime] = utc_now) -> None:
        self.folder = folder
        self.held = False  # whether this journal holds the lock
        self.uncommitted = 0  # bytes behind the last committed transaction, as the last whole reading met them
        self._clock = clock
        self._file = -1
        self._ready = False
        self._failed: CrmError | None = None  # why nothing can be added before the next recovery
        self._tip: Position | None = None
        self._next: Position | None = None
        self._pending: list[bytes] = []

    @contextmanager
    def locked(self, wait: float, command: str, say: Callable[[str], None]) -> Iterator[None]:
        """Hold the only right to write; what is pending at the end is forgotten.

        `command` is shown to others who wait: it names the noun and the verb, never a customer.
        """
        if not self.folder.is_dir():
            with disk.trouble(self.folder):
                disk.make_folder(self.folder)
        with locked(self.folder / LOCK, wait, command, say):
            self.held = True
            try:
                yield
            finally:
                self.held = self._ready = False
                self.discard()

    def transactions(self, after: Position | None) -> Iterator[tuple[list[Event], Position]]:
        """Answer the committed transactions after a position, each with the position of its last line.

        Stops before what is not committed; DataError where the chain does not hold.
        """
        doubt = ("", -1)
        while True:
            walk = Walk(self.folder, after)
            try:
                with disk.trouble(self.folder):
                    yield from walk
            except Damage as damage:
                # A writer may have put away a torn tail between two reads of ours: look again from the last good line.
                if doubt == (damage.segment, damage.offset):
                    raise damage.error(self.folder) from None
                doubt, after = (damage.segment, damage.offset), walk.tip
            else:
                self.uncommitted = walk.tail.size if walk.tail else 0
                return

    def read(self, seq: int) -> Event | None:
        """Answer one committed event, verified against its neighbour, or None when there is none of that number."""
        try:
            with disk.trouble(self.folder):
                return find(self.folder, seq)
        except Damage as damage:
            raise damage.error(self.folder) from None

    def place_of(self, seq: int) -> str:
        """Answer FILE:LINE of a committed event."""
        return place_of(self.folder, seq)

    def upcoming(self, tip: Position | None) -> int:
        """Answer the number that an event added behind a line now would get: a turn of the month takes some, too."""
        if tip is None:
            return 0
        return tip.seq + 1 + turn.lines(self.folder, tip, max(tip.logged, _stamp(self._clock())))

    def stands(self, position: Position) -> bool:
        """Answer whether a position is still true; DataError when this office's ledger no longer reaches it."""
        with disk.trouble(self.folder):
            if lost(self.folder, position):
                raise DataError(
                    _("the ledger is shorter than it was: line {seq} is gone").format(seq=position.seq),
                    where=f"{self.folder.name}/{position.segment}",
                    fix=_("put the newest copy back; if the ledger was cut on purpose, delete .cache"),
                )
            return proven(self.folder, position)

    def recover(self, position: Position | None) -> Position | None:
        """Make the ledger ready to add to, and answer its last committed line, or None while there is none.

        Reads only what is after `position`; a tail that was never acknowledged is put into quarantine.
        """
        if not self.held:
            raise RuntimeError("the ledger is recovered only under its lock")
        with disk.trouble(self.folder):
            segment.refuse_suspect(self.folder)
            self._failed = None
            if not self._unchanged():
                self._catch_up(position)
        self._ready = True
        return self._next

    def add(self, events: list[Event]) -> list[Event]:
        """Hold one transaction pending, and answer its events as they will be read.

        When the month has turned, what is pending is made durable first, and the next segment begun.
        """
        self._must_be_ready()
        logged = self._stamped()
        if self._next and turn.due(self._next.segment, logged):
            self._turn(self.commit(), logged)
        lines, last = _encoded(events, self._next, logged)
        if sum(map(len, lines)) > TRANSACTION_LIMIT:
            raise DataError(
                _("a transaction takes more than {limit} bytes").format(limit=TRANSACTION_LIMIT),
                fix=_("split it into several"),
            )
        self._pending += lines
        self._next = last
        return [orjson.loads(line) for line in lines]

    def commit(self) -> Position:
        """Put all pending transactions on the disk in one write, and answer the last line once it is durable."""
        self._must_be_ready()
        if not self._next:
            raise RuntimeError("an empty ledger has no position")
        if self._pending:
            self._append(self._next.segment, b"".join(self._pending))
        self._tip, self._pending = self._next, []
        return self._next

    def discard(self) -> None:
        """Forget what is pending."""
        self._next, self._pending = self._tip, []

    def flush(self) -> None:
        """Return when all that can be read is on the disk, so that an index may stand on it."""
        for name in segments(self.folder)[-1:]:
            with disk.trouble(self.folder):
                file = os.open(self.folder / name, os.O_RDONLY | os.O_CLOEXEC)
                try:
                    segment.settle(self.folder, file)
                finally:
                    os.close(file)

    def close(self) -> None:
        """Let go of the file; the next recovery opens it again."""
        if self._file >= 0:
            os.close(self._file)
        self._file, self._ready, self._tip = -1, False, None
        self.discard()

    def _must_be_ready(self) -> None:
        if self.held and self._failed:
            raise self._failed
        if not (self.held and self._ready):
            raise RuntimeError("the ledger is written only under its lock and after recovery")

    def _stamped(self) -> str:
        """Answer when what is added now is logged: a clock that steps back does not take the ledger with it."""
        now = _stamp(self._clock())
        return max(now, self._next.logged) if self._next else now

    def _append(self, name: str, data: bytes) -> None:
        with self._writing():
            if self._tip:
                segment.append(self.folder, self._file, self._tip.end, data)
            else:
                self._file = segment.begin(self.folder, name, data)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            with disk.trouble(self.folder):
                yield
        except Damage as damage:
            self._give_up(error := damage.error(self.folder))
            raise error from None
        except BaseException as error:
            self._give_up(error)
            raise

    def _give_up(self, error: BaseException) -> None:
        # Whatever is in the files now is read again before anything is added to them.
        self.close()
        self._failed = error if isinstance(error, CrmError) else None

    def _turn(self, tip: Position, logged: str) -> None:
        """Close the newest segment, begin the next one, and seal the old: each step durable before the one after it."""
        with self._writing():
            closing: list[bytes] = []
            last: Position | None = tip
            if not turn.closed(self._file, tip):
                closing, last = _encoded([_noted(turn.CLOSED, logged, {})], tip, logged)
            told = turn.measured(self.folder, tip.segment, *closing).told
            for line in closing:
                segment.append(self.folder, self._file, tip.end, line)
            lines, first = _encoded([_noted(turn.OPENED, logged, told)], last, logged, begins=True)
            old, self._file = self._file, segment.begin(self.folder, f"{logged[:7]}{SEGMENT}", lines[0])
            os.close(old)
            self._tip = self._next = first
            turn.finish(self.folder)

    def _unchanged(self) -> bool:
        if not self._tip:
            return False
        try:
            named, ours = (self.folder / self._tip.segment).stat(), os.fstat(self._file)
        except FileNotFoundError:
            return False
        return named.st_ino == ours.st_ino and ours.st_size == self._tip.end

    def _catch_up(self, position: Position | None) -> None:
        self.close()
        known = position if position and self.stands(position) else None
        walk = Walk(self.folder, known)
        try:
            deque(walk, maxlen=0)
        except Damage as damage:
            raise damage.error(self.folder) from None
        if walk.tip:
            self._open(walk.tip, walk.tail, durable=walk.tip == known)

    def _open(self, tip: Position, tail: Tail | None, *, durable: bool) -> None:
        self._file = disk.open_append(self.folder / tip.segment)
        try:
            if tail:
                self._put_away(tip, tail)
            elif not durable:
                segment.settle(self.folder, self._file)
            turn.finish(self.folder)
        except BaseException:
            self.close()
            raise
        self._tip = self._next = self._tip if tail else tip

    def _put_away(self, tip: Position, tail: Tail) -> None:
        data = segment.put_away(self.folder, self._file, tail)
        self._tip = self._next = tip
        self._ready = True
        self.add([_noted("ledger.tail_quarantined", _stamp(self._clock()), data)])
        self.commit()


def _noted(kind: str, happened: str, data: dict[str, Any]) -> Event:
    """Answer an event of the ledger's own."""
    return {"happened": happened, "type": kind, "v": 1, "actor": "office", "data": data}


def _encoded(
    events: list[Event], last: Position | None, logged: str, *, begins: bool = False
) -> tuple[list[bytes], Position | None]:
    """Answer the lines of a transaction and the position of the last; it may begin a segment."""
    lines = []
    for more, event in zip(range(len(events) - 1, -1, -1), events, strict=True):
        seq, previous = (last.seq + 1, last.hash) if last else (0, GENESIS)
        line, digest = encode({**event, "seq": seq, "logged": logged, "more": more}, previous)
        last = _after(last, len(line), logged, digest, begins=begins)
        lines.append(line)
    return lines, last


def _stamp(moment: datetime) -> str:
    return f"{moment.astimezone(UTC).isoformat()[:19]}Z"


def _after(last: Position | None, size: int, logged: str, digest: str, *, begins: bool) -> Position:
    if last is None:
        return Position(logged[:7] + SEGMENT, 0, size, 0, digest, GENESIS, logged, digest)
    name, start = (logged[:7] + SEGMENT, 0) if begins else (last.segment, last.end)
    return Position(name, start, start + size, last.seq + 1, digest, last.hash, logged, last.office)
