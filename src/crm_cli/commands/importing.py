"""What every import shares: a table read, its rows decided all or none, what is wrong told by its cell."""

from __future__ import annotations

import sys
import time
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_cli import names
from crm_cli.bulk import without_collector
from crm_cli.errors import CrmError, DataError, UsageError
from crm_cli.language import _
from crm_cli.render import Answer, failure, json_text, streams
from crm_cli.rules.directory import must_be_on_the_staff

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from crm_cli.commands.session import Session
    from crm_cli.sheets.tables import Row, Table

    Take = Callable[[Row, list[CrmError]], str]

File = Annotated[str, typer.Argument(metavar="FILE|-", help="CSV or JSON Lines.")]
MappingFile = Annotated[str, typer.Option("--map", metavar="MAPPING.yaml", help="Which column is which.")]
Encoding = Annotated[
    str | None, typer.Option("--encoding", metavar="NAME", help="utf-8, gb18030, big5 … (default: found out).")
]
KeepGoing = Annotated[bool, typer.Option("--keep-going", help="Record the good rows, pass over the others; exit 1.")]
MOST = 100  # errors that are told
CHUNK = 500  # rows that are made durable at once, where bad ones are passed over
PATIENCE, BETWEEN = 1.0, 0.2  # seconds before a terminal is told how far it is, and between two tellings
ADDED, ALREADY, REFUSED = "added", "already", "refused"  # what becomes of a row
UNREAD = "unread"  # refused, since a cell says what cannot be


class Discarded(Exception):  # noqa: N818 - no error: what was decided is let go of
    """Nothing of a batch is kept."""


def must_stand_alone(session: Session, word: str) -> None:
    """Refuse an import as a line of a run: it is all or none by itself."""
    if session.in_run:
        raise UsageError(_("'{word}' has no place in a run").format(word=word), fix=_("call it by itself"))


def table_of(file: str, encoding: str | None, wanted: Collection[str]) -> Table:
    """Answer the table of a file, or of standard input; `wanted` are the columns that it should have."""
    from crm_cli.sheets import encodings, tables  # noqa: PLC0415 - for imports alone

    text = encodings.decoded(_bytes(file), names.path(file), encoding, wanted)
    return tables.read(text, names.path(file), wanted)


class Intake:
    """The rows of a table on their way in: what became of each, and everything that is wrong."""

    def __init__(self, session: Session, table: Table, *, keep_going: bool) -> None:
        self._session, self._office, self._table = session, session.office, table
        self._keep_going, self._tried = keep_going, session.shared.dry_run
        self._listed = session.format in ("jsonl", "csv", "md")
        self.counts = {ADDED: 0, ALREADY: 0, REFUSED: 0}
        self.stopped = False  # whether the hand may enter nothing at all
        self._wrong: list[CrmError] = []  # the first of them
        self._amiss, self._bad_cells = 0, False
        self._told: list[dict[str, Any]] = []

    def carry_out(self, take: Take, by: str) -> None:
        """Decide every row; keep what was decided unless one of them fails or it is only tried."""
        try:
            with without_collector(), nullcontext() if self._tried else self._office.batch():
                must_be_on_the_staff(self._office.past(), by)
                for number, row in enumerate(_watched(self._table), 1):
                    self._take(row, take)
                    if self.stopped or (self._keep_going and not self._tried and number % CHUNK == 0):
                        self._pause()
                self._must_be_whole()
        except Discarded:
            self.counts[ADDED] = 0
            self._told = [{**one, "verdict": "discarded"} if one["verdict"] == ADDED else one for one in self._told]

    def _must_be_whole(self) -> None:
        """Let go of what was decided where a row failed, unless the good rows are wanted alone."""
        if self._amiss and not self._keep_going:
            raise Discarded

    def _pause(self) -> None:
        """Make durable what was decided, or let go of it where the hand may enter nothing."""
        if self.stopped:
            raise Discarded
        self._office.commit()

    def _take(self, row: Row, take: Take) -> None:
        """Decide one row and note what became of it."""
        wrong: list[CrmError] = []
        verdict = take(row, wrong)
        self._bad_cells = self._bad_cells or verdict == UNREAD
        verdict = REFUSED if verdict == UNREAD else verdict
        self.counts[verdict] += 1
        self._amiss += len(wrong)
        self._wrong += wrong[: MOST - len(self._wrong)]
        if self._listed:
            errors = [{"where": one.where, "error": one.what, "fix": one.fix} for one in wrong]
            self._told.append({"line": row.line, "verdict": verdict, "errors": errors})

    def answer(self, more: dict[str, Any], notes: Callable[[], list[str]]) -> Answer:
        """Answer what became of the rows, in numbers, and all that is wrong; `notes` are told where it is kept."""
        failed = bool(self._amiss) and not self._keep_going
        data: dict[str, Any] = {
            "verdict": "discarded" if failed else "imported", **self.counts, **more,
            "errors": [{"where": one.where, "error": one.what, "fix": one.fix} for one in self._wrong],
            "more": self._amiss - len(self._wrong), **({"dry_run": True} if self._tried else {}),
            "cites": [], "events": [],
        }  # fmt: skip
        code = (3 if self._bad_cells else 1) if failed else int(self._amiss > 0)
        said = self._errors(code, failed=failed)
        if self._session.format == "text" and not failed and not self._session.shared.quiet:
            said = [*said, self._summary(), *notes()]
        elif failed and self._session.format == "text":
            said = [*said, _("nothing was recorded")]
        return Answer(data, rows=self._told if self._listed else None, exit=code, notes=said)

    def _errors(self, code: int, *, failed: bool) -> list[str]:
        if self._session.format == "json":
            return [json_text({**failure.data_of(one), "exit": code}) for one in self._wrong[:1] if failed]
        more = self._amiss - len(self._wrong)
        return [
            *(failure.text_of(one) for one in self._wrong),
            *([_("and {count} more").format(count=more)] if more else []),
        ]

    def _summary(self) -> str:
        says = _("{added} added, {already} already there, {refused} refused")
        return says.format(**self.counts)


def _bytes(file: str) -> bytes:
    """Answer the bytes of a file, or of standard input."""
    try:
        raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise DataError(
            _("the file cannot be read: {why}").format(why=error.strerror),
            where=names.path(file),
            fix=_("name a file that can be read, or - for standard input"),
        ) from error
    if not raw.strip():
        raise DataError(_("the file is empty"), where=names.path(file), fix=_("name a file with a line of columns"))
    return raw


def _watched(table: Table) -> Iterator[Row]:
    """Answer the rows, telling a terminal how far it is once it takes longer."""
    seen = sys.stderr.isatty() and not streams.plain()
    told = time.monotonic() + PATIENCE - BETWEEN
    for row in table.rows():
        yield row
        if seen and time.monotonic() - told > BETWEEN:
            told = time.monotonic()
            sys.stderr.write("\r" + _("line {line} of {lines}").format(line=row.line, lines=len(table.lines)))
            sys.stderr.flush()
    if seen:
        sys.stderr.write("\r\x1b[K")
