"""An import of many rows against csv and SQLite taking the same columns: python bench/imports.py."""

from __future__ import annotations

import csv
import random
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from measure import CRM, NOW, PEOPLE, Row, against, office, shown, taken

if TYPE_CHECKING:
    from collections.abc import Iterator

ROWS, RUNS = 100_000, 3
SURNAMES, GIVEN = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许", "明芳伟强磊静丽军洋勇艳杰娟涛超秀霞平刚桂英"
COLUMNS = ("client", "to", "kind", "at", "name", "phone", "budget")
LOAD = """
import csv, sqlite3, sys
base = sqlite3.connect(sys.argv[2])
base.execute("create table rows (a, b, c, d, e, f, g)")
with open(sys.argv[1], encoding="utf-8", newline="") as file:
    rows = csv.reader(file)
    next(rows)
    base.executemany("insert into rows values (?, ?, ?, ?, ?, ?, ?)", rows)
base.commit()
"""


def table(path: Path, count: int) -> None:
    """Write a table of visits and calls with mobile numbers, as a spreadsheet saves it."""
    chance = random.Random(1)
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(COLUMNS)
        for number in range(count):
            name = chance.choice(SURNAMES) + chance.choice(GIVEN) + chance.choice(GIVEN)
            phone = f"1{chance.choice(('38', '39', '50', '86'))} {chance.randrange(10**4):04d} {number % 10**4:04d}"
            kind, at = chance.choice(("来访", "来电")), f"2025/{1 + number % 2}/{1 + number % 28} 9:{number % 60:02d}"
            rows.writerow([f"{name}{number}", chance.choice(PEOPLE), kind, at, name, phone, f"{number % 900}万"])


def rows() -> Iterator[Row]:
    """Answer how long an import takes against loading the same columns, and its memory."""
    mine, theirs = [], []
    with tempfile.TemporaryDirectory() as place:
        path, mapping = Path(place) / "rows.csv", Path(place) / "map.yaml"
        table(path, ROWS)
        mapping.write_text(f"columns: {{{', '.join(f'{name}: {name}' for name in COLUMNS)}}}\n", "utf-8")
        for number in range(RUNS):
            with office() as folder:
                words = [CRM, "-C", str(folder), "register", "import", str(path), "--map", str(mapping)]
                theirs.append(taken([sys.executable, "-c", LOAD, str(path), str(Path(place) / f"{number}.db")]))
                mine.append(taken([*words, "--by", "M", "--now", NOW, "-q"]))
    yield Row(f"`crm register import` of {ROWS:,} rows, against csv and SQLite", "40x", *against(mine, theirs))
    yield Row("its memory", "", f"{max(one.memory for one in mine) / 1e6:.0f} MB", "")


if __name__ == "__main__":
    shown(rows)
