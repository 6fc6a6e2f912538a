"""The ledger that the benchmarks measure is one that the program could have written."""

from __future__ import annotations

import json
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "bench"), str(ROOT / "tests" / "cli")]

import desk  # noqa: E402
import generate  # noqa: E402


def test_a_generated_ledger_holds_and_every_decision_comes_out_the_same(tmp_path: Path) -> None:
    made = generate.generate(4000, tmp_path / "office")  # more than one day
    answer = json.loads(desk.crm("ledger", "verify", "--replay", "--json", office=tmp_path / "office").out)
    assert (answer["verdict"], answer["lines"]) == ("whole", made)
