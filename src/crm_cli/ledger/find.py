"""One line by its number, without reading the others: bisection over the bytes of its segment."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from crm_cli.language import _
from crm_cli.ledger.chain import Damage, segments
from crm_cli.ledger.line import GENESIS, LINE_LIMIT, BadLine, claimed, decode, number

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

    from crm_cli.past import Event


def find(folder: Path, seq: int) -> Event | None:
    """Answer a committed event, verified with the lines of its transaction that follow; Damage when it is not whole."""
    names = segments(folder)
    place = _among(folder, names, seq)
    if place < 0:
        return None
    name, previous = names[place], last_hash(folder / names[place - 1]) if place else GENESIS
    with (folder / name).open("rb") as file:
        start, before = _search(file, name, seq)
        return _committed(file, name, start, before or previous, seq)


def place_of(folder: Path, seq: int) -> str:
    """Answer FILE:LINE of a line by its number, relative to the office."""
    names = segments(folder)
    name = names[_among(folder, names, seq)]
    return f"{folder.name}/{name}:{seq - first_number(folder, name) + 1}"


def _among(folder: Path, names: list[str], seq: int) -> int:
    """Answer which of the segments holds a line, -1 when none can."""
    return bisect_right(names, seq, key=lambda name: first_number(folder, name)) - 1


def first_number(folder: Path, name: str) -> int:
    """Answer the number of the first line of a segment."""
    with (folder / name).open("rb") as file:
        return _number(file.readline(LINE_LIMIT + 1), name, 0)


def _number(line: bytes, name: str, offset: int) -> int:
    found = number(line)
    if found < 0:
        raise Damage(name, offset, _("the line does not begin with its number"))
    return found


def last_hash(path: Path) -> str:
    """Answer the hash that the last line of a segment claims."""
    return claimed(last_line(path))


def last_line(path: Path) -> bytes:
    """Answer the last line of a segment."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - LINE_LIMIT))
        return ([b"", *file.readlines()])[-1]


def _search(file: BinaryIO, name: str, seq: int) -> tuple[int, str]:
    """Answer where the line of a number begins, and the hash that the line before it claims."""
    low, high = 0, file.seek(0, 2)  # the line begins at `low` or behind it, and before `high`
    while low < high:
        middle = (low + high) // 2
        start = _line_start(file, middle)
        line = file.readline(LINE_LIMIT + 1)
        if line.endswith(b"\n") and start < high and _number(line, name, start) < seq:
            low = start + len(line)
        else:
            high = middle
    start = _line_start(file, low)
    file.seek(max(0, start - LINE_LIMIT))
    return start, claimed(file.read(min(start, LINE_LIMIT)))


def _line_start(file: BinaryIO, offset: int) -> int:
    """Answer the first place at or behind an offset where a line begins, and leave the file there."""
    file.seek(max(0, offset - 1))
    if offset > 0:
        file.readline()
    return file.tell()


def _committed(file: BinaryIO, name: str, start: int, previous: str, seq: int) -> Event | None:
    file.seek(start)
    found: Event | None = None
    for line in iter(lambda: file.readline(LINE_LIMIT + 1), b""):
        if not line.endswith(b"\n"):
            return None
        try:
            event = decode(line, previous)
        except BadLine as bad:
            raise Damage(name, start, bad.reason) from None
        if found is None and event["seq"] != seq:
            raise Damage(name, start, _("the numbers of the lines do not follow one another"))
        found = found or event
        if not event["more"]:
            return found
        start, previous = start + len(line), event["hash"]
    return None
