"""An office with a ledger of any length, as the program would have written it: python bench/generate.py EVENTS FOLDER.

The program itself records a week, a day and a round of customers; those lines are then written again and again with
other numbers, days and customers, each chained to the one before, in one segment: nobody turned the month.
"""

from __future__ import annotations

import math
import re
import shutil
import sys
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
from measure import NOW, PEOPLE, office, run

if TYPE_CHECKING:
    from collections.abc import Iterator

DAYS, ROUNDS = 6, 60  # how many days a week the office is open, and how many rounds of visits a day has
LAST = date(2026, 10, 5)  # the Monday of the last week
MORNING, WORKDAY, OFFSET = timedelta(hours=9), timedelta(hours=9), timedelta(hours=8)
LONGEST = 64 * 1024  # bytes of a line
ENDING = len(b',"hash":""}\n') + 64  # bytes of a line that its hash does not cover
GAPS = {
    rb'^\{"seq":\d+,"logged":"[^"]+"': b'"logged":"%(logged)sZ"',
    rb'"(happened|since)":"[^"]+"': rb'"\1":"%(happened)s+08:00"',
    rb"\d{4}-W\d\d": b"%(week)s",
}
COUNTED = re.compile(
    rb'(?P<entry>(?<="number":)\d+)|(?P<customer>(?<="c)\d{5,}(?="))|(?P<handle>(?<="k)\d+(?="))'
    rb'|(?P<book>(?<="book":)\d+)|(?P<event>(?<="event":)\d+)'
)


class Piece:
    """Lines that the program wrote in a row, to be written again with other days, customers and numbers."""

    def __init__(self, lines: list[bytes]) -> None:
        found = [match for line in lines for match in COUNTED.finditer(line)]
        numbers = {kind: {int(match[0]) for match in found if match[kind]} for kind in ("entry", "customer", "handle")}
        self._first = {kind: min(known, default=0) for kind, known in numbers.items()}
        self._first |= {"book": self._first["entry"] - 1, "event": int(lines[0][7 : lines[0].index(b",")])}
        self.entries, self.customers = len(numbers["entry"]), len(numbers["customer"])
        self._lines = [self._gapped(line[:-ENDING].replace(b"%", b"%%")) for line in lines]

    def __len__(self) -> int:
        return len(self._lines)

    def again(self, event: int, entry: int, customer: int, when: dict[bytes, bytes]) -> list[bytes]:
        """Answer the lines without their hashes; lines, entries and customers are counted from these on."""
        names = dict(when)
        names.update((b"event%d" % place, b"%d" % (event + place)) for place in range(len(self)))
        names.update((b"book%d" % place, b"%d" % (entry - 1 + place)) for place in range(self.entries + 1))
        names.update((b"entry%d" % place, b"%d" % (entry + place)) for place in range(self.entries))
        for place in range(self.customers):
            names[b"customer%d" % place] = b"%05d" % (customer + place)
            names[b"handle%d" % place] = b"%d" % (customer + place)
        return [line % names for line in self._lines]

    def _gapped(self, line: bytes) -> bytes:
        for pattern, gap in GAPS.items():
            line = re.sub(pattern, gap, line)
        return COUNTED.sub(self._gap, line)

    def _gap(self, found: re.Match[bytes]) -> bytes:
        kind = str(found.lastgroup)
        return b"%%(%b%d)s" % (kind.encode(), int(found[0]) - self._first[kind])


class Chain:
    """The only segment of a folder, as it grows."""

    def __init__(self, folder: Path) -> None:
        self.events, self._folder, self._name, self._previous = 0, folder, "", b"0" * 64

    def add(self, lines: list[bytes], month: str) -> None:
        """Number lines, chain them to those before, and write them down."""
        whole = []
        for seq, line in enumerate(lines, self.events):
            body = b'{"seq":%d,%b' % (seq, line)
            self._previous = sha256(self._previous + body).hexdigest().encode()
            whole.append(b'%b,"hash":"%b"}\n' % (body, self._previous))
        self._name = self._name or f"{month}.jsonl"
        with (self._folder / self._name).open("ab") as file:
            file.writelines(whole)
        self.events += len(lines)


def last_moment(folder: Path) -> str:
    """Answer when the last event of an office happened."""
    with max((folder / "ledger").glob("*.jsonl")).open("rb") as file:
        file.seek(-min(file.seek(0, 2), LONGEST), 2)
        happened: str = orjson.loads(file.readlines()[-1])["happened"]
    return happened


def week() -> list[str]:
    """Answer a script that begins a week."""
    return [f"rotate order {' '.join(PEOPLE)}", "rotate open"]


def visits(first: int = 1) -> list[str]:
    """Answer a script in which everybody receives somebody new, and every fourth of those comes again."""
    lines = []
    for place, person in enumerate(PEOPLE):
        visit = [f"rotate arrive k{first + place}", f"rotate finish {person}"]
        lines += visit if place % 4 else visit * 2
    return lines


def recorded(folder: Path) -> tuple[Piece, ...]:
    """Answer what the program records in a new office: its founding, a week's beginning, a round of visits, a day's."""
    pieces, known = [Piece(lines_of(folder))], len(lines_of(folder))
    for script, day in ((week(), 7), (visits(), 7), (["rotate open"], 8)):
        run(folder, [f"{line} --now {date.fromisoformat(NOW[:10]) + timedelta(day)}T09:00:00+08:00" for line in script])
        pieces.append(Piece(lines_of(folder)[known:]))
        known += len(pieces[-1])
    return tuple(pieces)


def lines_of(folder: Path) -> list[bytes]:
    """Answer every line of an office's ledger."""
    segments = sorted((folder / "ledger").glob("*.jsonl"))
    return [line for segment in segments for line in segment.read_bytes().splitlines(keepends=True)]


def moment(day: date, part: float) -> dict[bytes, bytes]:
    """Answer what stands in the gaps for the time, when a part of the day is over."""
    happened = datetime(day.year, day.month, day.day) + MORNING + timedelta(seconds=int(WORKDAY.seconds * part))  # noqa: DTZ001 - the offset is added
    year, number, _day = day.isocalendar()
    return {
        b"happened": happened.isoformat().encode(),
        b"logged": (happened - OFFSET).isoformat().encode(),
        b"week": b"%d-W%02d" % (year, number),
    }


def calendar(events: int, size: int) -> Iterator[tuple[date, int]]:
    """Answer the days on which an office records so many events, each with its rounds of visits."""
    rounds = math.ceil(events / size)
    days = math.ceil(rounds / ROUNDS)
    first = LAST - timedelta(7 * (days // DAYS))
    for day in range(days):
        yield first + timedelta(day // DAYS * 7 + day % DAYS), min(ROUNDS, rounds - day * ROUNDS)


def generate(events: int, folder: Path) -> int:
    """Make an office whose ledger has at least so many events, and answer how many it has."""
    with office() as founded:
        founding, begin_week, visit, begin_day = recorded(founded)
        shutil.copytree(founded, folder, ignore=shutil.ignore_patterns(".cache", "*.jsonl", "*.seal"))
    chain, entry, customer = Chain(folder / "ledger"), 1, 1
    for day, rounds in calendar(events, len(visit)):
        begin = begin_day if day.weekday() else begin_week
        lines = (begin if chain.events else founding).again(chain.events, 0, 0, moment(day, 0))
        for number in range(rounds):
            lines += visit.again(chain.events + len(lines), entry, customer, moment(day, number / rounds))
            entry, customer = entry + visit.entries, customer + visit.customers
        chain.add(lines, f"{day:%Y-%m}")
    return chain.events


def main() -> None:
    """Make the office that the command line names."""
    print(generate(int(sys.argv[1]), Path(sys.argv[2])), "events")


if __name__ == "__main__":
    main()
