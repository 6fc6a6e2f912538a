"""crm register import: the rows of a stranger's table entered in the book, all of them or none."""

from __future__ import annotations

import gc
import sys
import time
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_cli import names
from crm_cli.errors import CrmError, DataError, UsageError
from crm_cli.language import _
from crm_cli.office import Hand
from crm_cli.render import Answer, failure, json_text, streams
from crm_cli.rules.customer import card
from crm_cli.rules.customer.ownership import group
from crm_cli.rules.directory import must_be_on_the_staff

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crm_cli.commands.rows import Asked, Rows
    from crm_cli.commands.session import Session
    from crm_cli.office import Outcome
    from crm_cli.sheets.tables import Row, Table

MOST = 100  # errors that are told
MOST_LIKE = 3  # customers of the book who are told for a row
CHUNK = 500  # rows that are made durable at once, where bad ones are passed over
COMPARED = 2000  # lines of a table up to which each row is compared with the whole book, and not by its numbers alone
MADE_ONE = ("customer.linked", "customer.recognised")  # what a key that decides is recorded as
PATIENCE, BETWEEN = 1.0, 0.2  # seconds before a terminal is told how far it is, and between two tellings


class Discarded(Exception):  # noqa: N818 - no error: what was decided is let go of
    """Nothing of a batch is kept."""


def import_rows(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="CSV or JSON Lines.")],
    mapping: Annotated[str, typer.Option("--map", metavar="MAPPING.yaml", help="Which column is which.")],
    encoding: Annotated[
        str | None, typer.Option("--encoding", metavar="NAME", help="utf-8, gb18030, big5 … (default: found out).")
    ] = None,
    keep_going: Annotated[
        bool, typer.Option("--keep-going", help="Record the good rows, pass over the others; exit 1.")
    ] = False,
) -> Answer:
    """Enter the rows of a table in the book, all or none; what is there already stays."""
    session: Session = context.obj
    if session.in_run:
        raise UsageError(_("'{word}' has no place in a run").format(word="register import"), fix=_("call it by itself"))
    from crm_cli.commands import mapping as mappings  # noqa: PLC0415 - heavy, and for this command alone
    from crm_cli.commands.rows import Rows  # noqa: PLC0415
    from crm_cli.sheets import encodings, tables  # noqa: PLC0415

    made = mappings.read(session, Path(mapping), names.path(mapping))
    wanted = made.columns.values()
    text = encodings.decoded(_bytes(file), names.path(file), encoding, wanted)
    table = tables.read(text, names.path(file), wanted)
    made.must_fit(table.columns)
    run = Import(session, table, Rows(session, table, made), keep_going=keep_going)
    with _without_collector():
        run.carry_out()
    return run.answer()


class Import:
    """One import: what became of its rows."""

    def __init__(self, session: Session, table: Table, rows: Rows, *, keep_going: bool) -> None:
        self._session, self._office, self._table, self._rows = session, session.office, table, rows
        self._keep_going, self._tried = keep_going, session.shared.dry_run
        self._by, self._attached = session.by(), session.attached()
        self._listed = session.format in ("jsonl", "csv", "md")
        self._counts = {"added": 0, "already": 0, "refused": 0}
        self._wrong: list[CrmError] = []  # the first of them
        self._amiss, self._bad_cells = 0, False
        self._told: list[dict[str, Any]] = []
        self._first: dict[str, tuple[int, str]] = {}  # where a number was met first: the line and the handle
        self._candidates: list[dict[str, Any]] = []  # rows that may be one customer
        self._met: list[dict[str, Any]] = []  # rows that may be somebody who was in the book before
        self._differs: list[dict[str, Any]] = []  # rows that say another name or number of who is known by the handle
        self._mine: set[str] = set()  # the customers of the rows
        self._barred: Asked | None = None  # what the hand may not do at all
        self._answer: Outcome | None = None

    def carry_out(self) -> None:
        """Decide every row; keep what was decided unless one of them fails or it is only tried."""
        try:
            with nullcontext() if self._tried else self._office.batch():
                must_be_on_the_staff(self._office.past(), self._by)
                for number, row in enumerate(_watched(self._table), 1):
                    self._take(row)
                    if self._barred or (self._keep_going and not self._tried and number % CHUNK == 0):
                        self._pause()
                self._must_be_whole()
        except Discarded:
            self._counts["added"] = 0
            self._told = [{**one, "verdict": "discarded"} if one["verdict"] == "added" else one for one in self._told]
        if self._barred:
            self._answer = self._decided(self._barred)

    def _must_be_whole(self) -> None:
        """Let go of what was decided where a row failed, unless the good rows are wanted alone."""
        if self._amiss and not self._keep_going:
            raise Discarded

    def _pause(self) -> None:
        """Make durable what was decided, or let go of it where the hand may enter nothing."""
        if self._barred:
            raise Discarded
        self._office.commit()

    def _take(self, row: Row) -> None:
        """Decide one row and note what became of it."""
        wrong: list[CrmError] = []
        asked = self._rows.asked(row, wrong)
        verdict = self._recorded(row, asked, wrong) if asked else "refused"
        self._counts[verdict] += 1
        self._bad_cells = self._bad_cells or (bool(wrong) and asked is None)
        self._amiss += len(wrong)
        self._wrong += wrong[: MOST - len(self._wrong)]
        if self._listed:
            errors = [{"where": one.where, "error": one.what, "fix": one.fix} for one in wrong]
            self._told.append({"line": row.line, "verdict": verdict, "errors": errors})

    def _recorded(self, row: Row, asked: Asked, wrong: list[CrmError]) -> str:
        if self._office.knows(asked.key):
            self._same(row, asked, "already", linked=False)
            return "already"
        try:
            outcome = self._decided(asked)
        except (UsageError, DataError) as error:
            wrong.append(DataError(error.what, where=self._rows.place(row, "at"), fix=error.fix))
            return "refused"
        if outcome.verdict == "not_allowed":
            self._barred = asked
        if not outcome.allowed:
            missing = outcome.answer.get("missing", ["client"])
            place = self._rows.place(row, missing[0] if missing[0] in self._rows.columns else "client")
            articles = ", ".join(dict.fromkeys(cite.told for cite in outcome.cites))
            wrong.append(
                DataError(outcome.says, where=place, fix=_("fill it in: {articles}").format(articles=articles))
            )
            return "refused"
        self._meets(row, asked, outcome.events[0].get("subject", ""), outcome.answer.get("differs", []))
        self._same(row, asked, "added", linked=any(one["type"] in MADE_ONE for one in outcome.events))
        return "added"

    def _decided(self, asked: Asked) -> Outcome:
        hand = Hand(self._by, asked.at, asked.key, self._tried, self._attached)
        return self._office.decide("register", asked.request, hand)

    def _same(self, row: Row, asked: Asked, verdict: str, *, linked: bool) -> None:
        """Note two rows that have a number in common and are called otherwise."""
        handle = asked.request["handle"]
        for field, key in asked.request.get("keys", {}).items():
            line, other = self._first.setdefault(f"{field}:{key}", (row.line, handle))
            if other != handle and verdict == "added":
                self._candidates.append({"lines": [line, row.line], "by": field, "linked": linked})

    def _meets(self, row: Row, asked: Asked, customer: str, differs: list[str]) -> None:
        """Note who of the book a row may be besides, by what is like; nobody is linked for it."""
        self._mine.add(customer)
        if differs:
            self._differs.append({"line": row.line, "client": customer, "fields": differs})
        same = group(self._office.past(), customer)
        like = [one for one in self._like(asked.request) if one.customer not in self._mine and one.customer not in same]
        self._met += [
            {"line": row.line, "client": one.customer, "score": one.score, "fields": list(one.fields)}
            for one in like[:MOST_LIKE]
        ]

    def _like(self, request: dict[str, Any]) -> list[card.Candidate]:
        """Answer who is like a row: in a large table by its numbers alone, and by each of them once."""
        past, keys = self._office.past(), request.get("keys", {})
        if len(self._table.lines) <= COMPARED:
            return card.candidates(past, card.compared({"typed": request.get("card", {}), "keys": keys}))
        new = [(field, key) for field, key in keys.items() if f"{field}:{key}" not in self._first]
        return [card.Candidate(one, 100, (field,)) for field, key in new for one in card.decided_by(past, field, key)]

    def answer(self) -> Answer:
        """Answer what became of the rows, in numbers, and everything that is wrong."""
        from crm_cli.commands.answers import answer_of  # noqa: PLC0415

        if self._answer:
            return answer_of(self._session, self._answer)
        failed = bool(self._amiss) and not self._keep_going
        data: dict[str, Any] = {
            "verdict": "discarded" if failed else "imported", **self._counts, "candidates": self._candidates,
            "met": self._met, "differs": self._differs,
            "errors": [{"where": one.where, "error": one.what, "fix": one.fix} for one in self._wrong],
            "more": self._amiss - len(self._wrong), **({"dry_run": True} if self._tried else {}),
            "cites": [], "events": [],
        }  # fmt: skip
        code = (3 if self._bad_cells else 1) if failed else int(self._amiss > 0)
        notes = self._errors(code, failed=failed)
        if self._session.format == "text" and not failed and not self._session.shared.quiet:
            notes = [*notes, self._summary(), *self._same_rows(), *self._met_before(), *self._other_people()]
        elif failed and self._session.format == "text":
            notes = [*notes, _("nothing was recorded")]
        return Answer(data, rows=self._told if self._listed else None, exit=code, notes=notes)

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
        return says.format(**self._counts)

    def _same_rows(self) -> list[str]:
        """Answer in words which rows may be the same customer."""
        says = {
            True: _("lines {lines}: one customer, by {field}"),
            False: _("lines {lines}: maybe one customer, by {field}"),
        }
        return [
            says[one["linked"]].format(
                lines="、".join(map(str, one["lines"])), field=self._session.label("field", one["by"])
            )
            for one in self._candidates[:MOST]
        ]

    def _met_before(self) -> list[str]:
        """Answer in words which rows may be somebody of the book."""
        says, label = _("line {line}: may be {client}: {score} of 100, by {fields}"), self._session.label
        return [
            says.format(
                **{**one, "fields": "、".join(label("field", field) for field in one["fields"]) or _("likeness")}
            )
            for one in self._met[:MOST]
        ]

    def _other_people(self) -> list[str]:
        """Answer in words which rows may mean somebody else than who is known by their handle."""
        says, label = _("line {line}: {client} was known with another {fields}"), self._session.label
        return [
            says.format(**{**one, "fields": "、".join(label("field", field) for field in one["fields"])})
            for one in self._differs[:MOST]
        ]


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


@contextmanager
def _without_collector() -> Iterator[None]:
    """Look for no cycles meanwhile: nothing that is decided forms one, and walking through all of it takes long."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
