"""Shared by the benchmarks: an office to measure in, and paired runs told as ratios of their medians."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CRM = str(Path(sys.executable).with_name("crm"))
HOUSE = min(path.parent.name for path in Path(__file__).parents[1].glob("policies/*/rotation@*.yaml"))
NOW = "2025-03-03T09:00:00+08:00"
PEOPLE = "甲乙丙丁戊己庚辛"


@contextmanager
def office() -> Iterator[Path]:
    """Answer a new office with an open day and eight people on duty."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "office"
        subprocess.run([CRM, "init", str(folder), "--profile", HOUSE, "--manager", "M", "--now", NOW, "-q"], check=True)
        lines = [f"staff add {person} --role salesperson" for person in PEOPLE]
        lines += [f"rotate order {' '.join(PEOPLE)}", "rotate open"]
        run(folder, lines)
        yield folder


def run(folder: Path, lines: Sequence[str], *options: str) -> float:
    """Carry out lines in one process and answer the seconds it took."""
    began = time.perf_counter()
    script = "\n".join(lines) + "\n"
    command = [CRM, "-C", str(folder), "run", "-", "--json", "--by", "M", "--now", NOW, *options]
    subprocess.run(command, input=script, text=True, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def day(arrivals: int, begin: int = 0) -> list[str]:
    """Answer a script in which customers arrive one by one and whoever received them finishes."""
    lines = []
    for number in range(begin, begin + arrivals):
        lines += [f"rotate arrive k{number}", f"rotate finish {PEOPLE[number % len(PEOPLE)]}"]
    return lines


def paired(commands: Sequence[Sequence[str]], runs: int = 31) -> list[float]:
    """Answer the median seconds of commands that are run in turns, so that a busy machine slows them alike."""
    times: list[list[float]] = [[] for _ in commands]
    for _ in range(runs):
        for command, taken in zip(commands, times, strict=True):
            began = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            taken.append(time.perf_counter() - began)
    return [statistics.median(taken) for taken in times]
