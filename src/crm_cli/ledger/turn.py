"""The turn of the month: the old segment closed and sealed, the next one begun. Each step can be done again."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from crm_cli.language import _
from crm_cli.ledger import disk, segment
from crm_cli.ledger.chain import SEAL, SEGMENT, Damage, segments
from crm_cli.ledger.find import last_hash
from crm_cli.ledger.line import GENESIS, LINE_LIMIT, claimed, computed, decode, number

if TYPE_CHECKING:
    from pathlib import Path

    from crm_cli.ledger.chain import Position
    from crm_cli.past import Event

CLOSED, OPENED = "segment.closed", "segment.opened"

_WRITABLE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


class Sealed(NamedTuple):
    """What there is to say of a segment that is closed."""

    name: str
    size: int
    sha256: str
    first: int
    last: int
    hash: str

    @property
    def told(self) -> dict[str, Any]:
        """Answer what the first line of the next segment says of it."""
        return {"previous": self.name, "bytes": self.size, "sha256": self.sha256, "hash": self.hash}

    @property
    def text(self) -> bytes:
        """Answer the seal: a line for `sha256sum -c`, and behind it what that program passes over."""
        count = self.last - self.first + 1
        more = (f"lines {count}", f"first {self.first}", f"last {self.last}", f"hash {self.hash}")
        return f"{self.sha256}  {self.name}\n".encode() + "".join(f"# {line}\n" for line in more).encode()


def due(name: str, logged: str) -> bool:
    """Answer whether a time lies in a later month than a segment."""
    return logged[:7] > name.removesuffix(SEGMENT)


def closed(file: int, tip: Position) -> bool:
    """Answer whether a segment ends in the line that closes it: who wrote that may have died before the next step."""
    return bool(orjson.loads(os.pread(file, tip.end - tip.start, tip.start))["type"] == CLOSED)


def lines(folder: Path, tip: Position, logged: str) -> int:
    """Answer how many lines a turn of the month writes before anything is added behind a line at some time."""
    if not due(tip.segment, logged):
        return 0
    with (folder / tip.segment).open("rb") as file:
        return 1 if closed(file.fileno(), tip) else 2


def measured(folder: Path, name: str, closing: bytes = b"") -> Sealed:
    """Answer what there is to say of a segment once a line closes it; Damage where one is not as it was written.

    All of it is read once, and before it is closed: what fails here has changed nothing.
    A month that does not verify is never sealed: the seal would speak against the copy that mends it.
    """
    before = [other for other in segments(folder) if other < name]
    previous = last_hash(folder / before[-1]) if before else GENESIS
    from hashlib import sha256  # noqa: PLC0415 - once a month, and OpenSSL is slow to load

    whole, end, first, last = sha256(), 0, -1, -1
    with (folder / name).open("rb") as file:
        for line in chain(iter(lambda: file.readline(LINE_LIMIT + 1), b""), [closing] if closing else []):
            if claimed(line) != computed(line, previous):
                raise Damage(name, end, _("the hash of the line does not match"))
            whole.update(line)
            end, previous, last = end + len(line), claimed(line), number(line)
            first = last if first < 0 else first
    return Sealed(name, end, whole.hexdigest(), first, last, previous)


def opening(folder: Path, name: str, before: str) -> Event | None:
    """Answer the line that opens a segment behind another, None where it does not, or is not as it was written."""
    with (folder / name).open("rb") as file:
        line = file.readline(LINE_LIMIT + 1)
    try:
        event = orjson.loads(line)
        event = decode(line, event["data"]["hash"])
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    return event if event["type"] == OPENED and event["data"].get("previous") == before else None


def remembered(folder: Path, name: str, opened: Event) -> Sealed:
    """Answer what the line that opens the next segment says of one, of which only the first number is read."""
    with (folder / name).open("rb") as file:
        first = number(file.readline(LINE_LIMIT + 1))
    data = opened["data"]
    return Sealed(name, data.get("bytes", -1), data.get("sha256", ""), first, opened["seq"] - 1, data["hash"])


def finish(folder: Path) -> None:
    """Seal the segment before the newest, unless it is sealed: who turned the month may have died before that."""
    names = segments(folder)[-2:]
    if len(names) > 1:
        _seal(folder, *names)


def _seal(folder: Path, name: str, following: str) -> None:
    seal, path = seal_of(name), folder / name
    if not (folder / seal).exists():
        opened = opening(folder, following, name)
        if opened is None:
            return  # verification says what is wrong there
        segment.settle_names(folder, folder)
        os.close(segment.begin(folder, seal, remembered(folder, name, opened).text))
    if path.stat().st_mode & _WRITABLE:
        with suppress(OSError):
            disk.protect(path)


def seal_of(name: str) -> str:
    """Answer the name of the seal of a segment."""
    return name.removesuffix(SEGMENT) + SEAL
