"""CSV and JSON Lines as rows of cells that know where they stand."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from crm_cli.errors import DataError
from crm_cli.language import _
from crm_cli.sheets.cells import cleaned

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

SEPARATORS = ",;\t"
JSON = (".jsonl", ".ndjson", ".json")


class Row(NamedTuple):
    """A row: the line it begins on, and what its cells say, by the columns of the table."""

    line: int
    cells: list[str]


@dataclass(eq=False, repr=False)
class Table:
    """A table that somebody made; what its cells say is cleaned of what spreadsheets put around it."""

    file: str
    lines: list[str]
    separator: str = ""  # none in JSON Lines
    columns: list[str] = field(default_factory=list)
    objects: list[tuple[int, dict[str, Any]]] = field(default_factory=list)

    def rows(self) -> Iterator[Row]:
        """Answer the rows that say something; DataError where the table is broken."""
        if not self.separator:
            for line, found in self.objects:
                yield Row(line, [_told(found.get(column)) for column in self.columns])
            return
        cells = _cells(self.file, self.lines, self.separator)
        next(cells, None)
        width = len(self.columns)
        for line, raw in cells:
            row = [cleaned(cell) for cell in raw]
            if any(row):
                if len(row) > width and any(row[width:]):
                    yield Row(line, row)
                else:
                    yield Row(line, (row + [""] * (width - len(row)))[:width])

    def too_wide(self, row: Row) -> DataError:
        """Answer what is wrong with a row that has more cells than the table has columns."""
        what = _("the row has {count} cells, the table {most} columns")
        fix = _("look for a separator inside a cell, and put the cell in quotation marks")
        error = what.format(count=len(row.cells), most=len(self.columns))
        return DataError(error, where=self.place(row.line, len(self.columns)), fix=fix)

    def place(self, line: int, column: int = 0) -> str:
        """Answer FILE:LINE:COL of a cell, columns counted from nothing."""
        if not self.separator:
            name = orjson.dumps(self.columns[column]).decode() if column < len(self.columns) else ""
            return f"{self.file}:{line}:{max(self.lines[line - 1].find(name), 0) + 1}"
        down, across = _walked("".join(self.lines[line - 1 :][:1000]), self.separator, column)
        return f"{self.file}:{line + down}:{across + 1}"


def read(text: str, file: str, wanted: Collection[str]) -> Table:
    """Answer the table of a text: JSON Lines by its name or its first sign, else CSV with whatever separates cells."""
    lines = list(io.StringIO(text, newline=""))
    if file.endswith(JSON) or text.lstrip().startswith("{"):
        return _of_objects(file, lines)
    tried = {separator: _head(file, lines, separator) for separator in SEPARATORS}
    heads = {separator: head for separator, head in tried.items() if head is not None}
    if not heads:
        next(_cells(file, lines, SEPARATORS[0]), None)  # tells why it is none
    separator = max(heads, key=lambda one: (len(set(wanted) & set(heads[one])), len(heads[one])))
    return Table(file, lines, separator, heads[separator])


def _head(file: str, lines: list[str], separator: str) -> list[str] | None:
    """Answer the columns that the first line names, without the empty ones behind them; None if it is none with it."""
    try:
        _line, raw = next(_cells(file, lines, separator), (1, []))
    except DataError:
        return None
    names = [cleaned(cell) for cell in raw]
    while names and not names[-1]:
        names.pop()
    return names


def _cells(file: str, lines: list[str], separator: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(lines, delimiter=separator, strict=True)
    line = 1
    try:
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise DataError(
            _("this is not CSV: {why}").format(why=error),
            where=f"{file}:{line}:1",
            fix=_("look for a quotation mark that is not closed, or not doubled"),
        ) from None


def _walked(text: str, separator: str, column: int) -> tuple[int, int]:
    """Answer how many lines down and how many signs across a cell of a record begins."""
    down = across = 0
    quoted = False
    for sign in text:
        if not column:
            break
        quoted ^= sign == '"'
        column -= sign == separator and not quoted
        down, across = (down + 1, 0) if sign == "\n" else (down, across + 1)
    return down, across


def _of_objects(file: str, lines: list[str]) -> Table:
    objects = [(number, _object(file, number, line)) for number, line in enumerate(lines, 1) if line.strip()]
    columns = list(dict.fromkeys(name for _line, found in objects for name in found))
    return Table(file, lines, columns=columns, objects=objects)


def _object(file: str, number: int, line: str) -> dict[str, Any]:
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise DataError(
            _("this is not JSON: {why}").format(why=error.msg),
            where=f"{file}:{number}:{error.colno}",
            fix=_("write one object a line"),
        ) from None
    if not isinstance(found, dict) or any(isinstance(value, dict | list) for value in found.values()):
        raise DataError(
            _("a line of texts and numbers is wanted here"),
            where=f"{file}:{number}:1",
            fix=_("write one object a line"),
        )
    return found


def _told(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else cleaned(str(value))
