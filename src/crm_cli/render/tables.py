"""Tables: on a terminal, in a pipe, as CSV and as Markdown. A Chinese character is two columns wide."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crm_cli.render import Row


def cell(value: Any) -> str:
    """Answer a value as it stands in a cell: lists by commas, nothing for None."""
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return ", ".join(cell(item) for item in value)
    if isinstance(value, dict):
        return ", ".join(f"{name} {cell(item)}" for name, item in value.items())
    return str(value).lower() if isinstance(value, bool) else str(value)


def csv_text(rows: Sequence[Row]) -> str:
    """Answer rows as CSV with a line of machine names."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    names = list(dict.fromkeys(name for row in rows for name in row))
    if names:
        writer.writerow(names)
    writer.writerows([cell(row.get(name)) for name in names] for row in rows)
    return text.getvalue()


def markdown(rows: Sequence[Row]) -> str:
    """Answer rows as a Markdown table."""
    from tabulate import tabulate  # noqa: PLC0415 - slow to import

    names = list(dict.fromkeys(name for row in rows for name in row))
    body = [[cell(row.get(name)).replace("|", "\\|") for name in names] for row in rows]
    return tabulate(body, headers=names, tablefmt="github", disable_numparse=True) + "\n"


def drawn(rows: Sequence[Row], headings: Sequence[str], styles: Sequence[str], *, terminal: bool) -> str:
    """Answer rows for people: ruled and coloured on a terminal, plain columns in a pipe."""
    body = [[cell(value) for value in row.values()] for row in rows]
    if terminal:
        return _ruled(body, headings, styles or [""] * len(body))
    from tabulate import tabulate  # noqa: PLC0415

    return tabulate(body, tablefmt="plain", disable_numparse=True) + "\n"


def _ruled(body: list[list[str]], headings: Sequence[str], styles: Sequence[str]) -> str:
    from rich.console import Console  # noqa: PLC0415 - terminals only
    from rich.table import Table  # noqa: PLC0415

    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in headings or [""] * len(body[0]):
        table.add_column(heading, overflow="fold")
    for row, style in zip(body, styles, strict=True):
        table.add_row(*row, style=style)
    console = Console(highlight=False)
    with console.capture() as caught:
        console.print(table)
    return caught.get()
