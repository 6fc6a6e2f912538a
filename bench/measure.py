"""Shared by the benchmarks: an office to measure in, runs in turns, and what is told of them."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

CRM = str(Path(sys.executable).with_name("crm"))
HOUSE = min(path.parent.name for path in Path(__file__).parents[1].glob("policies/*/rotation@*.yaml"))
NOW = "2025-03-03T09:00:00+08:00"
PEOPLE = "甲乙丙丁戊己庚辛"
# What is measured is a program that was started before: its bytecode is there.
SURROUNDINGS = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


class Taken(NamedTuple):
    """What a process took: seconds by the wall, seconds of processors, bytes of memory at most."""

    wall: float
    processor: float
    memory: int


class Row(NamedTuple):
    """A figure: what is measured, what is wanted, what was found."""

    what: str
    wanted: str
    wall: str
    processor: str


@contextmanager
def office() -> Iterator[Path]:
    """Answer a new office with an open day and eight people on duty."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "office"
        taken([CRM, "init", str(folder), "--profile", HOUSE, "--manager", "M", "--now", NOW, "-q"])
        lines = [f"staff add {person} --role salesperson" for person in PEOPLE]
        lines += [f"rotate order {' '.join(PEOPLE)}", "rotate open"]
        run(folder, lines)
        yield folder


def run(folder: Path, lines: Sequence[str], *options: str) -> Taken:
    """Carry out lines in one process and answer what it took."""
    with tempfile.TemporaryFile("w+") as script:
        script.write("\n".join(lines) + "\n")
        script.seek(0)
        command = [CRM, "-C", str(folder), "run", "-", "--json", "--by", "M", "--now", NOW, *options]
        return taken(command, script.fileno())


def taken(command: Sequence[str], stdin: int = subprocess.DEVNULL) -> Taken:
    """Carry out a command and answer what it took."""
    began = time.perf_counter()
    with subprocess.Popen(command, stdin=stdin, stdout=subprocess.DEVNULL, env=SURROUNDINGS) as process:
        _pid, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Taken(wall, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024)


def in_turns(commands: Sequence[Sequence[str]], runs: int) -> list[list[Taken]]:
    """Answer what commands take that are run in turns, so that a busy machine slows them alike."""
    for command in commands:
        taken(command)
    rounds = [[taken(command) for command in commands] for _ in range(runs)]
    return [list(each) for each in zip(*rounds, strict=True)]


def against(mine: Sequence[Taken], theirs: Sequence[Taken]) -> tuple[str, str]:
    """Answer how many times as long mine take, by the wall and by processors: the median and the middle half."""
    return told([m.wall / t.wall for m, t in zip(mine, theirs, strict=True)]), told(
        [m.processor / t.processor for m, t in zip(mine, theirs, strict=True)]
    )


def told(ratios: Sequence[float]) -> str:
    """Answer a median and the middle half of what was found."""
    low, _middle, high = quantiles(ratios, n=4) if len(ratios) > 1 else (ratios[0],) * 3
    return f"{median(ratios):.2f}x ({low:.2f}–{high:.2f})"


def shown(rows: Callable[[], Iterator[Row]]) -> None:
    """Print rows as lines of a Markdown table, each when it is known."""
    print("| figure | wanted | wall clock | processor time |")
    print("|---|---|---|---|")
    for row in rows():
        print(f"| {' | '.join(row)} |", flush=True)
