"""Cases of a real log: import, tick and the overdue list: python bench/cases.py FOLDER-OF-BOSTON311."""

from __future__ import annotations

import csv
import gzip
import json
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from measure import CRM, Row, against, in_turns, shown, taken

if TYPE_CHECKING:
    from collections.abc import Iterator

SAMPLE = Path(__file__).parents[1] / "samples" / "boston"
RUNS, COLD, OPEN, SOME, OVERDUE = 3, 15, 100_000, 1000, 20
LOG, NOW, SOON = "boston311_2011-07_08.csv.gz", "2016-01-04T09:00-05:00", "2011-07-01T10:00-04:00"
HEAD = "case_enquiry_id,open_dt,closed_dt,target_dt,closure_reason,type,source,neighborhood"
LONG, SHORT = "Tree Maintenance Requests", "Pick up Dead Animal"  # a limit of 545 days, and one of a day
LOAD = """
import csv, sqlite3, sys
base = sqlite3.connect(sys.argv[2])
with open(sys.argv[1], encoding="utf-8", newline="") as file:
    rows = csv.reader(file)
    columns = next(rows)
    base.execute("create table rows (" + ", ".join(f"c{number}" for number, _name in enumerate(columns)) + ")")
    base.executemany("insert into rows values (" + ", ".join("?" * len(columns)) + ")", rows)
base.commit()
"""


@contextmanager
def office() -> Iterator[Path]:
    """Answer a new office of the sample house that carries the city's service requests."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "office"
        house = ["--profile", str(SAMPLE / "policies" / "boston"), "--manager", "Ann"]
        taken([CRM, "init", str(folder), *house, "--timezone", "America/New_York", "--now", SOON, "-q"])
        said = (SAMPLE / "crm.yaml").read_text("utf-8").partition("\nusers:")[0]
        users = next(line for line in (folder / "crm.yaml").read_text("utf-8").splitlines() if line.startswith("  "))
        (folder / "crm.yaml").write_text(f"{said}\nusers:\n{users}\n", "utf-8")
        taken([CRM, "-C", str(folder), "request", "list"])
        yield folder


def imported(folder: Path, table: Path, *more: str) -> list[str]:
    """Answer the command that takes over a table."""
    return [CRM, "-C", str(folder), "request", "import", str(table), "--map", str(SAMPLE / "map.yaml"), *more]


def made(path: Path, open_ones: int, closed: int, kind: str) -> Path:
    """Write a log of so many open cases, with a limit that is far, and closed ones; twenty open ones are overdue."""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(f"{HEAD}\n")
        rows = csv.writer(file)
        for number in range(open_ones + closed):
            done = "2011-07-01 09:00:00" if number >= open_ones else ""
            rows.writerow([f"N{number}", f"2011-07-01 08:{number % 60:02d}:00", done, "", "", kind, "", ""])
    return path


def log(data: Path) -> Iterator[Row]:
    """Answer how long a real log takes to come in, against loading its columns, and that it comes in once."""
    mine, theirs = [], []
    with tempfile.TemporaryDirectory() as place:
        table = Path(place) / "rows.csv"
        with gzip.open(data / LOG) as packed:
            table.write_bytes(packed.read())
        for number in range(RUNS):
            with office() as folder:
                theirs.append(taken([sys.executable, "-c", LOAD, str(table), str(Path(place) / f"{number}.db")]))
                mine.append(taken(imported(folder, table, "-q")))
                again = json.loads(subprocess.check_output(imported(folder, table, "--json")))
    yield Row("`crm request import` of 21,401 rows, against csv and SQLite", "12x", *against(mine, theirs))
    yield Row("a second import adds", "0", str(again["added"]), "")


def ticking() -> Iterator[Row]:
    """Answer what a tick costs over many open cases with nothing due, against one over none."""
    with tempfile.TemporaryDirectory() as place, office() as none, office() as many:
        taken(imported(many, made(Path(place) / "open.csv", OPEN, 0, LONG), "-q"))
        ticks = [[CRM, "-C", str(folder), "tick", "--now", SOON] for folder in (none, many)]
        cold, warm = in_turns(ticks, COLD)
        yield Row(f"`crm tick` over {OPEN:,} open cases with nothing due, against none", "1.15x", *against(warm, cold))


def overdue() -> Iterator[Row]:
    """Answer what the overdue list costs with many closed cases, against few."""
    with tempfile.TemporaryDirectory() as place, office() as few, office() as many:
        for folder, closed in ((few, SOME), (many, OPEN)):
            taken(imported(folder, made(Path(place) / "closed.csv", OVERDUE, closed, SHORT), "-q"))
        lists = [[CRM, "-C", str(folder), "request", "list", "--overdue", "--now", NOW] for folder in (few, many)]
        small, large = in_turns(lists, COLD)
        yield Row(f"`crm request list --overdue`, {OPEN:,} closed against {SOME:,}", "1.15x", *against(large, small))


def rows(data: Path) -> Iterator[Row]:
    """Answer all figures of cases."""
    yield from log(data)
    yield from ticking()
    yield from overdue()


if __name__ == "__main__":
    shown(lambda: rows(Path(sys.argv[1])))
