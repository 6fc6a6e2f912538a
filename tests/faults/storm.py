"""One writer of the kill storm: appends transactions and says each key once it is durable, until it is killed."""

from __future__ import annotations

import sys
from pathlib import Path

from harness import Desk


def main(office: Path, name: str, first: int) -> None:
    desk = Desk(office)
    for number in range(first, first + 10_000):
        lines = number % 3 + 1
        key = f"{name}-{number}/{lines}"
        desk.request(key, lines, wait=60)
        sys.stdout.write(f"{key}\n")
        sys.stdout.flush()


main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
