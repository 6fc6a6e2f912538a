"""A cold command against the emptiest Typer program started the same way: python bench/cold.py."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from generate import visits
from measure import CRM, NOW, Row, against, in_turns, office, run, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

RUNS = 41
EMPTIEST = """
import typer
app = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False, add_completion=False)
@app.command()
def one(): print("one")
@app.command()
def two(): print("two")
app()
"""


def rows() -> Iterator[Row]:
    """Answer the ratio of paired runs."""
    with office() as folder, tempfile.TemporaryDirectory() as place:
        run(folder, visits())
        emptiest = Path(place) / "emptiest.py"
        emptiest.write_text(EMPTIEST, "utf-8")
        crm = [CRM, "-C", str(folder), "rotate", "next", "--now", NOW]
        bare, cold = in_turns([[sys.executable, str(emptiest), "one"], crm], RUNS)
    yield Row("`crm rotate next`, cold, against the emptiest Typer program", "1.25x", *against(cold, bare))


if __name__ == "__main__":
    shown(rows)
