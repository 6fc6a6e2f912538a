"""crm register import: the rows of a stranger's table entered in the book, all of them or none."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer  # noqa: TC002 - Typer reads the annotations

from crm_cli import names
from crm_cli.commands.importing import (
    ADDED,
    ALREADY,
    MOST,
    REFUSED,
    UNREAD,
    Encoding,
    File,
    Intake,
    KeepGoing,
    MappingFile,
    must_stand_alone,
    table_of,
)
from crm_cli.errors import CrmError, DataError, UsageError
from crm_cli.language import _
from crm_cli.office import Hand
from crm_cli.render import Answer  # noqa: TC001 - the command is made from it
from crm_cli.rules.customer import card
from crm_cli.rules.customer.ownership import group

if TYPE_CHECKING:
    from crm_cli.commands.rows import Asked, Rows
    from crm_cli.commands.session import Session
    from crm_cli.office import Outcome
    from crm_cli.sheets.tables import Row, Table

MOST_LIKE = 3  # customers of the book who are told for a row
COMPARED = 2000  # lines of a table up to which each row is compared with the whole book, and not by its numbers alone
MADE_ONE = ("customer.linked", "customer.recognised")  # what a key that decides is recorded as


def import_rows(
    context: typer.Context,
    file: File,
    mapping: MappingFile,
    encoding: Encoding = None,
    keep_going: KeepGoing = False,
) -> Answer:
    """Enter the rows of a table in the book, all or none; what is there already stays."""
    session: Session = context.obj
    must_stand_alone(session, "register import")
    from crm_cli.commands import mapping as mappings  # noqa: PLC0415 - heavy, and for this command alone
    from crm_cli.commands.rows import Rows  # noqa: PLC0415

    made = mappings.read(session, Path(mapping), names.path(mapping))
    table = table_of(file, encoding, made.columns.values())
    made.must_fit(table.columns)
    run = Import(session, table, Rows(session, table, made), keep_going=keep_going)
    return run.answer()


class Import:
    """One import: what became of its rows."""

    def __init__(self, session: Session, table: Table, rows: Rows, *, keep_going: bool) -> None:
        self._session, self._office, self._table, self._rows = session, session.office, table, rows
        self._intake, self._tried = Intake(session, table, keep_going=keep_going), session.shared.dry_run
        self._by, self._attached = session.by(), session.attached()
        self._first: dict[str, tuple[int, str]] = {}  # where a number was met first: the line and the handle
        self._candidates: list[dict[str, Any]] = []  # rows that may be one customer
        self._met: list[dict[str, Any]] = []  # rows that may be somebody who was in the book before
        self._differs: list[dict[str, Any]] = []  # rows that say another name or number of who is known by the handle
        self._mine: set[str] = set()  # the customers of the rows
        self._barred: Asked | None = None  # what the hand may not do at all

    def _take(self, row: Row, wrong: list[CrmError]) -> str:
        """Answer what became of one row."""
        asked = self._rows.asked(row, wrong)
        return self._recorded(row, asked, wrong) if asked else UNREAD

    def _recorded(self, row: Row, asked: Asked, wrong: list[CrmError]) -> str:
        if self._office.knows(asked.key) is not None:
            self._same(row, asked, ALREADY, linked=False)
            return ALREADY
        try:
            outcome = self._decided(asked)
        except (UsageError, DataError) as error:
            wrong.append(DataError(error.what, where=self._rows.place(row, "at"), fix=error.fix))
            return REFUSED
        if outcome.verdict == "not_allowed":
            self._barred, self._intake.stopped = asked, True
        if not outcome.allowed:
            missing = outcome.answer.get("missing", ["client"])
            place = self._rows.place(row, missing[0] if missing[0] in self._rows.columns else "client")
            articles = ", ".join(dict.fromkeys(cite.told for cite in outcome.cites))
            wrong.append(
                DataError(outcome.says, where=place, fix=_("fill it in: {articles}").format(articles=articles))
            )
            return REFUSED
        self._meets(row, asked, outcome.events[0].get("subject", ""), outcome.answer.get("differs", []))
        self._same(row, asked, ADDED, linked=any(one["type"] in MADE_ONE for one in outcome.events))
        return ADDED

    def _decided(self, asked: Asked) -> Outcome:
        hand = Hand(self._by, asked.at, asked.key, self._tried, self._attached)
        return self._office.decide("register", asked.request, hand)

    def _same(self, row: Row, asked: Asked, verdict: str, *, linked: bool) -> None:
        """Note two rows that have a number in common and are called otherwise."""
        handle = asked.request["handle"]
        for field, key in asked.request.get("keys", {}).items():
            line, other = self._first.setdefault(f"{field}:{key}", (row.line, handle))
            if other != handle and verdict == ADDED:
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

        self._intake.carry_out(self._take, self._by)
        if self._barred:
            return answer_of(self._session, self._decided(self._barred))
        found = {"candidates": self._candidates, "met": self._met, "differs": self._differs}
        return self._intake.answer(found, lambda: [*self._same_rows(), *self._met_before(), *self._other_people()])

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
