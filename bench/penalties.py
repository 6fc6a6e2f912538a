"""Fines of many: what computing every line costs against reading the ledger; one statement, few people against many."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from measure import CRM, Row, against, in_turns, shown, taken

if TYPE_CHECKING:
    from collections.abc import Iterator

HOUSE = min(path.parent for path in Path(__file__).parents[1].glob("policies/*/penalty@*.yaml"))
EDITION, EARLIER = "2025-01-01", "2022-01-01"  # the same rules, in force for the three years
FOUNDED, FIRST, NOW = "2022-01-02T09:00+08:00", date(2022, 1, 9), "2025-01-15T09:00+08:00"
PEOPLE, FACTS, DAYS, FEW, RUNS = 1000, 200_000, 1080, 20, 15
MAP = {
    "key": "nr",
    "steps": {
        "open": {"constants": {"cabinet": "1"}, "columns": {"at": "opened", "kind": "kind", "adviser": "who"}},
        "electronic": {"columns": {"at": "opened", "by": "hand"}},
        "lost": {
            "constants": {"cause": "upkeep", "pieces": "1"},
            "columns": {"at": "lost", "person": "who", "by": "hand"},
        },
    },
}
ASSESS = """
import pathlib, sys
from crm_cli import clock
from crm_cli.office import Office
from crm_cli.rules.penalty import facts
from crm_cli.rules.penalty.assess import assess
from crm_cli.rules.penalty.upto import brought_up
office = Office(pathlib.Path(sys.argv[1]))
at = clock.told(sys.argv[2])
rules = office.rulebook(at)
past = brought_up(office.past(), rules, at)
day = at.date().isoformat()
print(sum(len(assess(past, rules, person, day).lines) for person in facts.people(past)), "lines", file=sys.stderr)
"""
DECODE = """
import sys, orjson, pathlib
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.jsonl")):
    with path.open("rb") as lines:
        for line in lines:
            orjson.loads(line)
"""


def house(place: Path) -> Path:
    """Answer a copy of the house whose editions are in force from the beginning."""
    made = place / HOUSE.name
    made.mkdir()
    for path in HOUSE.glob("*@*.yaml"):
        text = path.read_text("utf-8").replace(f"edition: {EDITION}", f"edition: {EARLIER}")
        (made / path.name.replace(EDITION, EARLIER)).write_text(text, "utf-8")
    (made / "words.yaml").write_bytes((HOUSE / "words.yaml").read_bytes())
    return made


@contextmanager
def office(people: int, facts: int) -> Iterator[Path]:
    """Answer an office whose people have lost pieces of archives on the days of three years."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "office"
        profile = str(house(Path(place)))
        taken([CRM, "init", str(folder), "--profile", profile, "--manager", "Boss", "--now", FOUNDED, "-q"])
        staff = ["staff add Sun --role archivist"]
        staff += [f"staff add P{number} --role sales_adviser" for number in range(people)]
        words = [CRM, "-C", str(folder), "run", "-", "--by", "Boss", "--now", FOUNDED, "-q"]
        subprocess.run(words, input="\n".join(staff), text=True, check=True, stdout=subprocess.DEVNULL)
        table, mapping = Path(place) / "rows.csv", Path(place) / "map.yaml"
        with table.open("w", encoding="utf-8") as file:
            file.write("nr,kind,who,hand,opened,lost\n")
            for number in range(facts):
                day = FIRST + timedelta(number * DAYS // facts)
                who = f"P{number % people}"
                file.write(f"A{number},on-file,{who},Sun,{day}T09:00+08:00,{day}T10:00+08:00\n")
        mapping.write_text(json.dumps(MAP), "utf-8")
        words = ["archive", "import", str(table), "--map", str(mapping), "--by", "Boss", "--now", NOW, "-q"]
        subprocess.run([CRM, "-C", str(folder), *words], check=True)
        yield folder


def rows() -> Iterator[Row]:
    """Answer all figures of fines."""
    facts = int(sys.argv[1]) if len(sys.argv) > 1 else FACTS
    each = facts // PEOPLE
    with office(PEOPLE, facts) as many, office(FEW, each * FEW) as few:
        computing = [sys.executable, "-c", ASSESS, str(many), NOW]
        decoding = [sys.executable, "-c", DECODE, str(many / "ledger")]
        made, read = in_turns([computing, decoding], 3)
        what = f"every line of {PEOPLE:,} people, {facts:,} facts in 36 months, against decoding the ledger"
        yield Row(what, "20x", *against(made, read))
        words = ["penalty", "statement", "P7", "--month", "2024-05", "--by", "Boss", "--now", NOW]
        small, large = in_turns([[CRM, "-C", str(one), *words] for one in (few, many)], RUNS)
        yield Row(f"`crm penalty statement`, {PEOPLE:,} people against {FEW:,}", "1.15x", *against(large, small))


if __name__ == "__main__":
    shown(rows)
