"""A cold command against the emptiest Typer program started the same way: python bench/cold.py."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from measure import CRM, NOW, day, office, paired, run

EMPTIEST = """
import typer
app = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False, add_completion=False)
@app.command()
def one(): print("one")
@app.command()
def two(): print("two")
app()
"""


def main() -> None:
    """Print the ratio of the medians of paired runs."""
    with office() as folder, tempfile.TemporaryDirectory() as place:
        run(folder, day(100))
        emptiest = Path(place) / "emptiest.py"
        emptiest.write_text(EMPTIEST, "utf-8")
        crm = [CRM, "-C", str(folder), "rotate", "next", "--now", NOW]
        paired([crm], 3)
        bare, cold = paired([[sys.executable, str(emptiest), "one"], crm])
    times = f"{cold * 1000:.0f} ms / {bare * 1000:.0f} ms"
    print(f"crm rotate next: {cold / bare:.2f}x of the emptiest Typer program ({times})")


if __name__ == "__main__":
    main()
