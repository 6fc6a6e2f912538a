"""What is to be handed to a program: how far the ledger was read for it, and which events were not delivered yet.

Both stand in one file, so that no crash can part them. It names events by number and hash and holds nothing personal.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import orjson

from crm_cli.errors import DataError
from crm_cli.language import _
from crm_cli.ledger import disk
from crm_cli.ledger.journal import Position
from crm_cli.ledger.lock import LOCK, locked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

FOLDER, FILE = "notify", "state.jsonl"
FORMAT = 1
NUMBERS = ("start", "end", "seq", "event", "tries")
Made = TypeVar("Made")
Line = TypeVar("Line", Position, "Waiting")
BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (5, 15, 30, 60, 120, 360, 840))  # eight tries in a day


class Waiting(NamedTuple):
    """An event that was not delivered yet: its line, how often it was tried, after which time again, what failed."""

    event: int
    hash: str
    tries: int = 0
    again: str = ""
    failed: str = ""

    @property
    def given_up(self) -> bool:
        """Answer whether it was tried as often as it is going to be."""
        return self.tries > len(BACK_OFF)

    def due(self, now: datetime) -> bool:
        """Answer whether it is to be tried now; a time that no back-off can have meant comes of a wrong clock."""
        if self.given_up or not self.again:
            return not self.given_up
        again = datetime.fromisoformat(self.again)
        return not now < again <= now + BACK_OFF[-1]

    def taken(self) -> Waiting:
        """Answer it as it stands after the program took it."""
        return self._replace(tries=self.tries + 1, again="", failed="")

    def missed(self, now: datetime, why: str) -> Waiting:
        """Answer it as it stands after a try that failed."""
        again = (now + BACK_OFF[self.tries]).isoformat() if self.tries < len(BACK_OFF) else ""
        return self._replace(tries=self.tries + 1, again=again, failed=why)


@dataclass
class State:
    """How far the ledger was read, and what waits."""

    cursor: Position | None = None
    waiting: list[Waiting] = field(default_factory=list)


class Outbox:
    """The state in the folder of an office; whoever changes it holds its lock, which is not the ledger's."""

    def __init__(self, office: Path) -> None:
        self.folder = office / FOLDER

    @contextmanager
    def alone(self, wait: float, command: str, say: Callable[[str], None]) -> Iterator[None]:
        """Hold the only right to hand on; BusyError where somebody else has it for longer than `wait` seconds."""
        if not self.folder.is_dir():
            with disk.trouble(self.folder.parent):
                disk.make_folder(self.folder)
                disk.sync_folder(self.folder.parent)
        with locked(self.folder / LOCK, wait, command, say):
            yield

    def read(self) -> State | None:
        """Answer the state, None where nothing was ever handed on."""
        with disk.trouble(self.folder):
            try:
                lines = (self.folder / FILE).read_bytes().splitlines()
            except FileNotFoundError:
                return None
        cursor = _read(1, lines[0] if lines else b"", _cursor)
        return State(cursor, [_read(number, line, _waiting) for number, line in enumerate(lines[1:], 2)])

    def write(self, state: State) -> None:
        """Keep a state, durably and whole, in place of the one before."""
        half = self.folder / f".{FILE}.half"
        cursor = {"v": FORMAT, "cursor": state.cursor and state.cursor._asdict()}
        lines = [cursor, *(one._asdict() for one in state.waiting)]
        with disk.trouble(self.folder):
            try:
                disk.write_new(half, b"".join(orjson.dumps(line) + b"\n" for line in lines))
                disk.rename(half, self.folder / FILE)
            except BaseException:
                disk.unlink(half)
                raise
            disk.sync_folder(self.folder)


def _read(number: int, line: bytes, made: Callable[[dict[str, Any]], Made]) -> Made:
    """Answer what a line of the state says; DataError where it is not as it was written."""
    try:
        return made(orjson.loads(line))
    except (ValueError, TypeError, KeyError) as error:
        again = _("delete the file: what was recorded in the last day is handed on again")
        raise DataError(
            _("this line is not as crm notify wrote it"),
            where=f"{FOLDER}/{FILE}:{number}",
            fix=again if number == 1 else _("delete the line: crm log shows what it may have been about"),
        ) from error


def _cursor(line: dict[str, Any]) -> Position | None:
    if line["v"] != FORMAT:
        raise ValueError(line["v"])
    return None if line["cursor"] is None else _typed(Position(**line["cursor"]))


def _waiting(line: dict[str, Any]) -> Waiting:
    found = _typed(Waiting(**line))
    if found.again and datetime.fromisoformat(found.again).tzinfo is None:
        raise ValueError(found.again)
    return found


def _typed(line: Line) -> Line:
    """Answer a line whose numbers are numbers and whose texts are texts; ValueError for any other."""
    for name, value in line._asdict().items():
        if type(value) is not (int if name in NUMBERS else str):
            raise ValueError(name)
    return line
