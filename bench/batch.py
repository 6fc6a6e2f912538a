"""A batch of decisions against cold commands: python bench/batch.py."""

from __future__ import annotations

import os
import tempfile
import time

from measure import CRM, NOW, day, office, paired, run

LINES = 4000


def flushes_a_second() -> float:
    """Answer how often this disk confirms a small write in a second."""
    with tempfile.TemporaryFile() as file:
        began, done = time.perf_counter(), 0
        while time.perf_counter() - began < 1:
            os.write(file.fileno(), b"x" * 600)
            os.fdatasync(file.fileno())
            done += 1
    return float(done)


def main() -> None:
    """Print the rates of a batch, with a flush a line and a flush a hundred lines, against cold commands."""
    with office() as folder:
        crm = [CRM, "-C", str(folder), "rotate", "owe", "甲", "--reason", "r", "--by", "M", "--now", NOW]
        (cold,) = paired([crm], 11)
    for every in (1, 100):
        with office() as folder:
            rate = LINES / run(folder, day(LINES // 2), "--flush-every", str(every))
        print(
            f"crm run, a flush every {every} lines: {rate * cold:.0f}x the rate of cold commands ({rate:.0f} a second)"
        )
    print(f"this disk: {flushes_a_second():.0f} flushes a second")


if __name__ == "__main__":
    main()
