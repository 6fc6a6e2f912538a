"""Archives by the hundred thousand: a night over open hand-overs and loans; what a million files on the shelf cost."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from measure import CRM, Row, against, in_turns, shown, taken

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

HOUSE = min(path.parent.name for path in Path(__file__).parents[1].glob("policies/*/archive@*.yaml"))
FOUNDED, DELIVERED, LENT, NIGHT = (
    f"{day}+08:00" for day in ("2025-01-02T09:00", "2025-03-03T10:00", "2025-03-06T10:00", "2025-03-10T23:00")
)
OPEN, COLD, OVERDUE, SOME, CHUNK = 50_000, 15, 20, 1000, 100_000
DELIVERIES = {"open": {"columns": {"at": "at", "kind": "kind", "adviser": "adviser"}}}
ON_FILE = {  # in its cabinet and in the computer: nothing of it is due
    "open": {"constants": {"cabinet": "a"}, "columns": {"at": "at", "kind": "kind"}},
    "electronic": {"constants": {"by": "Sun"}, "columns": {"at": "at"}},
}
LOANS = {
    "request": {
        "constants": {"purpose": "a", "reason": "a", "profile": "a", "unit_seal": "yes"},
        "columns": {"at": "at", "archive": "archive", "borrower": "borrower", "head_signature": "adviser"},
    },
    "approve": {"constants": {"by": "Sun"}, "columns": {"at": "at"}},
    "out": {
        "constants": {"by": "Sun", "material": "a", "lend_reason": "a", "signature": "yes"},
        "columns": {"at": "at", "copies": "borrower"},
    },
}
Steps = dict[str, dict[str, dict[str, str]]]


@contextmanager
def office() -> Iterator[Path]:
    """Answer a new office of the house, with an adviser and an archivist."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "office"
        taken([CRM, "init", str(folder), "--profile", HOUSE, "--manager", "Boss", "--now", FOUNDED, "-q"])
        for name, role in (("Li", "sales_adviser"), ("Sun", "archivist")):
            taken(
                [CRM, "-C", str(folder), "staff", "add", name, "--role", role, "--by", "Boss", "--now", FOUNDED, "-q"]
            )
        yield folder


def brought(folder: Path, kind: str, steps: Steps, head: Sequence[str], rows: Iterator[Sequence[str]]) -> None:
    """Take over cases of a kind, by the hand of the manager, who speaks for others."""
    with tempfile.TemporaryDirectory() as place:
        table, mapping = Path(place) / "rows.csv", Path(place) / "map.yaml"
        with table.open("w", encoding="utf-8", newline="") as file:
            written = csv.writer(file)
            written.writerow(head)
            written.writerows(rows)
        mapping.write_text(json.dumps({"key": head[0], "steps": steps}), "utf-8")
        words = [*kind.split(), "import", str(table), "--map", str(mapping), "--by", "Boss", "--now", NIGHT, "-q"]
        subprocess.run([CRM, "-C", str(folder), *words], check=True)


def deliveries(folder: Path, count: int) -> None:
    """Take over cars that were delivered and whose archives are still to be handed over."""
    rows = ((f"N{number}", DELIVERED, "new-car", "Li") for number in range(count))
    brought(folder, "archive", DELIVERIES, ("nr", "at", "kind", "adviser"), rows)


def on_file(folder: Path, first: int, after: int) -> None:
    """Take over archives that are on the shelf."""
    rows = ((f"K{number}", DELIVERED, "on-file") for number in range(first, after))
    brought(folder, "archive", ON_FILE, ("nr", "at", "kind"), rows)


def lines(folder: Path) -> int:
    """Answer how many events an office has."""
    return sum(path.read_bytes().count(b"\n") for path in (folder / "ledger").glob("*.jsonl"))


def night() -> Iterator[Row]:
    """Answer how many events a night records in the time of one cold command."""
    with office() as folder:
        deliveries(folder, OPEN)
        on_file(folder, 0, OPEN)
        lent = ((f"L{number}", LENT, f"K{number}", f"B{number}", "Li") for number in range(OPEN))
        brought(folder, "archive lend", LOANS, ("nr", "at", "archive", "borrower", "adviser"), lent)
        cold = [CRM, "-C", str(folder), "staff", "add", "--role", "sales_adviser", "--by", "Boss", "--now", NIGHT]
        singles = [taken([*cold, f"P{number}"]) for number in range(COLD)]
        before = lines(folder)
        tick = taken([CRM, "-C", str(folder), "tick", "--by", "Boss", "--now", NIGHT, "-q"])
        made = lines(folder) - before
    single = sum(one.wall for one in singles) / COLD
    what = f"a night's `crm tick` over {2 * OPEN:,} open hand-overs and loans, {made:,} events, each against a command"
    yield Row(what, "150x", f"{made / tick.wall * single:.0f}x", f"{made / tick.processor * single:.0f}x")


def shelf(many: int) -> Iterator[Row]:
    """Answer what the overdue list and a card cost with many files on the shelf, against few; as many are overdue."""
    with office() as few, office() as full:
        for folder, count in ((few, SOME), (full, many)):
            deliveries(folder, OVERDUE)
            for start in range(0, count, CHUNK):
                on_file(folder, start, min(start + CHUNK, count))
        for words in (["archive", "overdue"], ["archive", "show", "K7"]):
            asked = [[CRM, "-C", str(folder), *words, "--now", NIGHT] for folder in (few, full)]
            small, large = in_turns(asked, COLD)
            what = f"`crm {' '.join(words)}`, {many:,} archives against {SOME:,}"
            yield Row(what, "1.15x", *against(large, small))


def rows() -> Iterator[Row]:
    """Answer all figures of archives."""
    yield from night()
    yield from shelf(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)


if __name__ == "__main__":
    shown(rows)
