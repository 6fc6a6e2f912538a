"""crm KIND import: the log of somebody else, each row the steps of a case as they were done, decided like any other."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer  # noqa: TC002 - Typer reads the annotations

from crm_cli import names
from crm_cli.commands.case import said
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
from crm_cli.rules.case.evolve import natural, taken

if TYPE_CHECKING:
    from crm_cli.commands.case.declared import Kind
    from crm_cli.commands.case.rows import Rows, Step
    from crm_cli.commands.session import Session
    from crm_cli.office import Outcome
    from crm_cli.past import Past
    from crm_cli.sheets.tables import Row, Table


def command(
    context: typer.Context,
    file: File,
    mapping: MappingFile,
    encoding: Encoding = None,
    keep_going: KeepGoing = False,
) -> Answer:
    """Take over the cases of a table, all rows or none; what is there already stays."""
    session: Session = context.obj
    kind: Kind = context.parent.command.kind  # type: ignore[union-attr]
    must_stand_alone(session, f"{kind.typed} import")
    from crm_cli.commands.case import mapping as mappings  # noqa: PLC0415 - heavy, and for this command alone
    from crm_cli.commands.case.rows import Rows  # noqa: PLC0415

    made = mappings.read(kind, Path(mapping), names.path(mapping), session.office.zone)
    table = table_of(file, encoding, made.wanted)
    made.must_fit(table.columns)
    by = session.by()
    return Import(session, kind, table, Rows(session, kind, table, made, by), keep_going=keep_going).answer(by)


class Import:
    """One import: what became of its rows."""

    def __init__(self, session: Session, kind: Kind, table: Table, rows: Rows, *, keep_going: bool) -> None:
        self._session, self._office, self._kind, self._rows = session, session.office, kind, rows
        self._intake, self._keep_going = Intake(session, table, keep_going=keep_going), keep_going
        self._differs: list[int] = []  # lines that say otherwise than what was recorded of them
        self._older: dict[int, str] = {}  # lines of cases older than the first edition, with its day

    def answer(self, by: str) -> Answer:
        """Answer what became of the rows, in numbers, and everything that is wrong."""
        self._intake.carry_out(self._take, by)
        more = {"differs": self._differs, "twice": self._rows.twice, "older": len(self._older)}
        return self._intake.answer(more, self._notes)

    def _notes(self) -> list[str]:
        says = _("line {line}: recorded before, and otherwise; nothing was changed")
        both = _("{where}: this time is there twice that night, the first was taken")
        old = _("{count} cases are older than the rulebook, and judged by its first edition of {day}")
        days = Counter(self._older.values())
        return [
            *(old.format(count=count, day=day) for day, count in sorted(days.items())),
            *(says.format(line=line) for line in self._differs[:MOST]),
            *(both.format(where=where) for where in self._rows.twice[:MOST]),
        ]

    def _take(self, row: Row, wrong: list[CrmError]) -> str:
        """Answer what became of one row: its steps are decided in their order, each under its natural key.

        All of them are recorded or none: where the other rows are, they are tried before.
        """
        told = self._rows.told(row, wrong)
        if told is None:
            return UNREAD
        key, steps = told
        if self._keep_going and len(steps) > 1:
            with self._office.rehearsing():
                if self._steps(row, key, steps, wrong) == REFUSED:
                    self._older.pop(row.line, None)
                    return REFUSED
        return self._steps(row, key, steps, wrong)

    def _steps(self, row: Row, key: str, steps: list[Step], wrong: list[CrmError]) -> str:
        past, verdict = self._office.past(), ALREADY
        case = key if self._kind.made["number"] == "given" else taken(past, self._kind.name, key)
        for step in steps:
            name = natural(self._kind.name, key, step.name)
            if self._office.knows(name) is not None:
                self._compare(past, row, case, step)
                continue
            outcome = self._decided(row, case, step, name, wrong)
            if outcome is None:
                return REFUSED
            case, verdict = case or outcome.answer["id"], ADDED
        return verdict

    def _decided(self, row: Row, case: str, step: Step, key: str, wrong: list[CrmError]) -> Outcome | None:
        """Answer what a step came to, None after why it is refused was added to a list."""
        asked: dict[str, Any] = {"verb": "step", "kind": self._kind.name, "step": step.name, "case": case}
        asked |= {"fields": step.values, "card": step.card, "taken_over": self._rows.older(step)}
        hand = Hand(step.by, step.at, key, self._office.rehearsal)
        try:
            outcome = self._office.decide("case", {name: one for name, one in asked.items() if one}, hand)
        except (UsageError, DataError) as error:
            wrong.append(DataError(error.what, where=self._rows.place(row, step.column), fix=error.fix))
            return None
        if outcome.allowed:
            opened = outcome.events[0]["data"].get("first_edition") if outcome.events else None
            self._older |= {row.line: opened} if opened else {}
            return outcome
        document = self._office.past().get("case", case)
        told = outcome.answer
        what = outcome.says
        if told.get("missing"):
            why = said.lacking(self._kind, told["missing"], document)
            what = _("{step}: {why}").format(step=self._kind.said_step(told["step"]), why=why)
        articles = ", ".join(dict.fromkeys(cite.told for cite in outcome.cites))
        fix = _("look at this row; it rests on {articles}").format(articles=articles)
        wrong.append(DataError(what, where=self._rows.place(row, step.column), fix=fix))
        return None

    def _compare(self, past: Past, row: Row, case: str, step: Step) -> None:
        """Note a row that says of a step otherwise than what was recorded."""
        values: dict[str, Any] = {**step.values, **step.card}
        document = past.get("case", case) or {"log": ()}
        same = any(
            one["step"] == step.name and one["at"] == step.at.isoformat() and _within(values, one["set"])
            for one in document["log"]
        )
        if not same and self._differs[-1:] != [row.line]:
            self._differs.append(row.line)


def _within(values: dict[str, Any], found: dict[str, Any]) -> bool:
    return all(found.get(name) == value for name, value in values.items())
