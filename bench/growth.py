"""A cold command as the ledger grows, then the whole ledger verified and indexed: python bench/growth.py [EVENTS]."""

from __future__ import annotations

import shutil
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from generate import generate, last_moment
from measure import CRM, Row, Taken, against, in_turns, shown, taken

if TYPE_CHECKING:
    from collections.abc import Iterator

SMALLEST, USUAL = 1000, 1_000_000
RUNS, PASSES = 31, 5
PARSE = """
import sys, {library}
loads = {library}.loads
for name in sys.argv[1:]:
    with open(name, "rb") as file:
        for line in file: loads(line)
"""


def sizes(most: int) -> list[int]:
    """Answer a thousand, ten thousand, and so on."""
    return [SMALLEST * 10**power for power in range(8) if SMALLEST * 10**power <= most]


def rows(most: int = USUAL) -> Iterator[Row]:
    """Answer every figure that depends on how long the ledger is."""
    with ExitStack() as stack:
        places = {size: Path(stack.enter_context(tempfile.TemporaryDirectory())) / "office" for size in sizes(most)}
        for size, folder in places.items():
            generate(size, folder)
        yield from _whole(places[min(USUAL, max(places))], min(USUAL, max(places)))
        yield from _cold(places)


def _whole(folder: Path, size: int) -> Iterator[Row]:
    """Answer how long it takes to verify a ledger and to build its index, against reading the same lines."""
    names = sorted(str(path) for path in (folder / "ledger").glob("*.jsonl"))
    fast, usual = ([sys.executable, "-c", PARSE.format(library=name), *names] for name in ("orjson", "json"))
    verify = [CRM, "-C", str(folder), "ledger", "verify"]
    sums, parsed, verified = in_turns([["sha256sum", *names], fast, verify], PASSES)
    both = [Taken(s.wall + p.wall, s.processor + p.processor, 0) for s, p in zip(sums, parsed, strict=True)]
    yield Row(f"verify {size:,} lines, against `sha256sum` and one parse by orjson", "1.5x", *against(verified, both))
    pairs = [(taken(usual), _built(folder)) for _ in range(PASSES)]
    built = against([pair[1] for pair in pairs], [pair[0] for pair in pairs])
    yield Row(f"index of {size:,} events, against `json` parsing the lines", "1.5x", *built)


def _built(folder: Path) -> Taken:
    shutil.rmtree(folder / ".cache", ignore_errors=True)
    return taken(_next(folder))


def _next(folder: Path) -> list[str]:
    return [CRM, "-C", str(folder), "rotate", "next", "--now", last_moment(folder)]


def _cold(places: dict[int, Path]) -> Iterator[Row]:
    """Answer how long a cold command takes as the ledger grows, and how much memory."""
    found = in_turns([_next(folder) for folder in places.values()], RUNS)
    for size, cold in list(zip(places, found, strict=True))[1:]:
        yield Row(f"`crm rotate next`, {size:,} events against {SMALLEST:,}", "1.15x", *against(cold, found[0]))
    memory = [f"{max(one.memory for one in cold) / 2**20:.0f}" for cold in found]
    yield Row(
        f"its memory, {' / '.join(f'{size:,}' for size in places)} events", "60 MB", " / ".join(memory) + " MB", ""
    )


if __name__ == "__main__":
    most = int(sys.argv[1]) if sys.argv[1:] else USUAL
    shown(lambda: rows(most))
