"""Tables: on a terminal, in a pipe, as CSV and as Markdown. A Chinese character is two columns wide."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, Any

from crm_cli import columns

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console, ConsoleOptions
    from rich.measure import Measurement
    from rich.text import Text

    from crm_cli.render import Answer, Row
    from crm_cli.render.streams import Screen

FORMULA = re.compile(r"[=+@\t\r]|-(?![0-9.]+$)")  # what a spreadsheet would reckon out; a number below nothing is one
GAP = 2  # columns between two cells
NARROWEST = 4  # columns of a cell that gives way
PAINTED = {"head": "bold", "next": "bold green", "alarm": "bold red"}  # as in streams.PAINTS


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


def excel_text(rows: Sequence[Row]) -> str:
    """Answer rows as CSV that Excel reads as UTF-8 and as text: no cell is taken for a formula."""
    safe = [{name: _no_formula(cell(value)) for name, value in row.items()} for row in rows]
    return "\ufeff" + csv_text(safe)


def _no_formula(text: str) -> str:
    return f"'{text}" if FORMULA.match(text) else text


def markdown(rows: Sequence[Row]) -> str:
    """Answer rows as a Markdown table."""
    from tabulate import tabulate  # noqa: PLC0415 - slow to import

    names = list(dict.fromkeys(name for row in rows for name in row))
    body = [[cell(row.get(name)).replace("|", "\\|") for name in names] for row in rows]
    return tabulate(body, headers=names, tablefmt="github", disable_numparse=True) + "\n"


def drawn(answer: Answer, screen: Screen) -> str:
    """Answer the rows of an answer for people: headed and fitted on a terminal, plain columns in a pipe."""
    body = [[cell(value) for value in row.values()] for row in answer.rows or ()]
    styles = list(answer.styles) or [""] * len(body)
    if screen.terminal:
        return _fitted(body, answer, styles, screen)
    lines = aligned(body)
    if screen.colour and len(lines) == len(styles):
        lines = [screen.painted(line, style) for line, style in zip(lines, styles, strict=True)]
    return "".join(f"{line}\n" for line in lines)


def aligned(body: Sequence[Sequence[str]]) -> list[str]:
    """Answer cells as lines of plain columns."""
    from tabulate import tabulate  # noqa: PLC0415

    return tabulate(body, tablefmt="plain", disable_numparse=True).split("\n")


class Wrapped:
    """A cell that is broken into lines as every text is, by the width that its column comes to."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __rich_measure__(self, _console: Console, _options: ConsoleOptions) -> Measurement:
        """Answer how narrow and how wide the cell may be."""
        from rich.measure import Measurement  # noqa: PLC0415

        wide = columns.width(self._text)
        return Measurement(min(wide, NARROWEST), wide)

    def __rich_console__(self, _console: Console, options: ConsoleOptions) -> Iterator[Text]:
        """Answer the lines of the cell; a word that is too long for its column is folded."""
        from rich.text import Text  # noqa: PLC0415

        return (Text(line, overflow="fold") for line in columns.fitted(self._text, options.max_width))


def _fitted(body: list[list[str]], answer: Answer, styles: Sequence[str], screen: Screen) -> str:
    """Answer cells under their headings within the columns of a terminal; what does not fit gives way as it may."""
    from rich.console import Console  # noqa: PLC0415 - terminals only
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    names = list((answer.rows or [{}])[0])
    headings = list(answer.headings) or [""] * len(names)
    if "apart" in answer.gives.values() and sum(_widths([headings, *body])) + GAP * (len(names) - 1) > screen.columns:
        return _apart([headings, *body], [answer.gives.get(name, "") for name in names], ["head", *styles], screen)
    table = Table(box=None, header_style=PAINTED["head"], pad_edge=False, show_header=any(headings))
    for name, heading in zip(names, headings, strict=True):
        stays = bool(answer.gives) and answer.gives.get(name) not in ("wrap", "cut")
        table.add_column(Text(heading, no_wrap=True), overflow="fold", no_wrap=stays)
    for row, style in zip(body, styles, strict=True):
        cells = [
            Text(text, no_wrap=True, overflow="ellipsis") if answer.gives.get(name) == "cut" else Wrapped(text)
            for name, text in zip(names, row, strict=True)
        ]
        table.add_row(*cells, style=PAINTED.get(style, ""))
    console = Console(
        file=io.StringIO(),
        width=screen.columns,
        color_system="standard" if screen.colour else None,
        force_terminal=screen.colour,
        highlight=False,
    )
    with console.capture() as caught:
        console.print(table)
    return "".join(f"{line.rstrip()}\n" for line in caught.get().splitlines())


def _apart(body: list[list[str]], gives: Sequence[str], styles: Sequence[str], screen: Screen) -> str:
    """Answer rows of which what must not be broken stands in a line of its own, and the rest below it."""
    widths = [0 if way else width for way, width in zip(gives, _widths(body), strict=True)]
    room = max(screen.columns - sum(widths) - GAP * len(gives), NARROWEST)
    cells = [
        ["\n".join(columns.fitted(text, room)) if way == "wrap" else text for way, text in zip(gives, row, strict=True)]
        for row in body
    ]
    rests = [[text for way, text in zip(gives, row, strict=True) if way != "apart"] for row in cells]
    lines, shown = iter(aligned(rests)), ""
    for row, rest, style in zip(body, rests, styles, strict=True):
        alone = [text for way, text in zip(gives, row, strict=True) if way == "apart"]
        below = [" " * GAP + next(lines).rstrip() for _line in range(max(text.count("\n") for text in rest) + 1)]
        shown += "".join(f"{screen.painted(line, style)}\n" for line in [*alone, *below])
    return shown


def _widths(body: Sequence[Sequence[str]]) -> list[int]:
    return [max(map(columns.width, column)) for column in zip(*body, strict=True)]
