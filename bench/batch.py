"""A batch of decisions against cold commands: python bench/batch.py."""

from __future__ import annotations

import itertools
import os
import tempfile
import time
from datetime import date, timedelta
from statistics import median
from typing import TYPE_CHECKING

from generate import visits, week
from measure import CRM, NOW, PEOPLE, Row, office, run, shown, taken

if TYPE_CHECKING:
    from collections.abc import Iterator

DECISIONS, A_DAY = 10_000, 500
COLD = 15  # cold commands before the batch, and as many after it


def flushes_a_second() -> float:
    """Answer how often this disk confirms a small write in a second."""
    with tempfile.TemporaryFile() as file:
        began, done = time.perf_counter(), 0
        while time.perf_counter() - began < 1:
            os.write(file.fileno(), b"x" * 600)
            os.fdatasync(file.fileno())
            done += 1
    return float(done)


def days() -> Iterator[str]:
    """Answer the lines of one day after the other, weekends left out."""
    for number in itertools.count():
        day = date.fromisoformat(NOW[:10]) + timedelta(7 + number // 5 * 7 + number % 5)
        lines = ["rotate open"] if number % 5 else week()
        while len(lines) < A_DAY:
            lines += visits(number * A_DAY + len(lines))
        yield from (f"{line} --now {day}T09:00:00+08:00" for line in lines)


def rows() -> Iterator[Row]:
    """Answer the rates of a batch, with a flush a line and a flush a hundred lines, against cold commands."""
    disk = flushes_a_second()
    for every, wanted in ((1, "50x"), (100, "150x")):
        with office() as folder, office() as other:
            words = ["rotate", "owe", PEOPLE[0], "--reason", "r", "--by", "M", "--now", NOW, "--json"]
            before = [taken([CRM, "-C", str(other), *words]) for _ in range(COLD)]
            batch = run(folder, list(itertools.islice(days(), DECISIONS)), "--flush-every", str(every))
            cold = before + [taken([CRM, "-C", str(other), *words]) for _ in range(COLD)]
        wall = (
            f"{median(one.wall for one in cold) * DECISIONS / batch.wall:.0f}x ({DECISIONS / batch.wall:.0f} a second)"
        )
        processor = f"{median(one.processor for one in cold) * DECISIONS / batch.processor:.0f}x"
        what = "a flush a line" if every == 1 else f"a flush every {every} lines"
        yield Row(
            f"{DECISIONS} decisions in `crm run`, {what}, against cold ones", f"at least {wanted}", wall, processor
        )
    yield Row("flushes of this disk", "", f"{disk:.0f} a second", "")


if __name__ == "__main__":
    shown(rows)
