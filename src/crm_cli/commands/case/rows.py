"""A row of a stranger's log as steps of a case, in the order of their times; what is wrong names its cell."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple

from crm_cli import clock, names
from crm_cli.commands.case.mapping import AT, BY
from crm_cli.errors import CrmError, DataError, UsageError
from crm_cli.language import _
from crm_cli.rules.case.kinds import kinds, none_in_force, standing
from crm_cli.rules.case.values import Place, read
from crm_cli.rules.directory import members
from crm_cli.sheets import cells

if TYPE_CHECKING:
    from collections.abc import Callable

    from crm_cli.commands.case.declared import Kind
    from crm_cli.commands.case.mapping import Mapping, Taken
    from crm_cli.commands.session import Session
    from crm_cli.sheets.tables import Row, Table

REMEMBERED = 10_000  # values of a field that are read once


class Step(NamedTuple):
    """A step that a row tells of: when, whose hand, its values, the personal ones apart, the column of its time."""

    name: str
    at: datetime
    by: str
    values: dict[str, Any]
    card: dict[str, Any]
    column: int


class Rows:
    """What the rows of one table tell of cases of one kind."""

    def __init__(self, session: Session, kind: Kind, table: Table, mapping: Mapping, by: str) -> None:
        self._kind, self._table, self._by = kind, table, by
        self._key, self._from = table.columns.index(mapping.key), mapping.zone
        office = session.office
        self._book, self._zone, self._staff = office.book, office.zone, set(members(office.past()))
        self._speaks = session.speaks_for_others()
        self._latest = clock.machine() + clock.AHEAD
        self._office = office
        self._steps = {name: _Cells(table, taken) for name, taken in mapping.steps.items()}
        self._moment = lru_cache(REMEMBERED)(self._moment_of)
        self._readers: dict[str, Callable[[str], Any]] = {}
        self._opens = [name for name in self._steps if kind.made["steps"][name]["opens"]]
        self._lines: dict[str, int] = {}  # by key, where it was met
        self.twice: list[str] = []  # cells whose time the zone has twice

    def told(self, row: Row, wrong: list[CrmError]) -> tuple[str, list[Step]] | None:
        """Answer the key of a row and its steps as they were done, None after all that is wrong was added to a list."""
        before = len(wrong)
        if len(row.cells) > len(self._table.columns):
            wrong.append(self._table.too_wide(row))
            return None
        key = self._tried(row, self._key, wrong, partial(self._key_of, row))
        found = [step for name in self._steps if (step := self._step(row, name, wrong))]
        if len(wrong) > before or key is None:
            return None
        ordered = sorted(found, key=lambda step: (step.at, step.name not in self._opens))
        self._must_begin(row, ordered, wrong)
        return (key, ordered) if len(wrong) == before else None

    def place(self, row: Row, column: int) -> str:
        """Answer FILE:LINE:COL of a cell."""
        return self._table.place(row.line, column)

    def _key_of(self, row: Row, text: str) -> str:
        key = names.name(text, _("id"))
        line = self._lines.setdefault(key, row.line)
        if line != row.line:
            raise UsageError(_("line {line} has this key, too").format(line=line), fix=_("keep one of the two"))
        return key

    def _must_begin(self, row: Row, steps: list[Step], wrong: list[CrmError]) -> None:
        """Refuse a row that has no step by which its case begins, or one that comes before it."""
        opening = next((step for step in steps if step.name in self._opens), None)
        if opening is None:
            column = self._steps[self._opens[0]].columns[AT]
            what = _("the step that opens the case has no time")
            wrong.append(DataError(what, where=self.place(row, column), fix=_("fill it in")))
            return
        if standing(self._book.at(opening.at.date()), self._kind.name) is None:
            error = none_in_force(self._kind.name)
            wrong.append(DataError(error.what, where=self.place(row, opening.column), fix=error.fix))
        for step in steps:
            if step.at < opening.at:
                what = _("this is before the case was opened")
                fix = _("look at both times; the one of the opening stands in column {column}")
                fix = fix.format(column=opening.column + 1)
                wrong.append(DataError(what, where=self.place(row, step.column), fix=fix))

    def older(self, step: Step) -> bool:
        """Answer whether a step was done before its kind was declared: the first edition judges it then."""
        return self._kind.name not in kinds(self._book.at(step.at.date()))

    # ── one step ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _step(self, row: Row, name: str, wrong: list[CrmError]) -> Step | None:
        """Answer a step, None where its time is empty: it was not done."""
        taken = self._steps[name]
        column = taken.columns[AT]
        if not row.cells[column]:
            return None
        at = self._tried(row, column, wrong, self._moment)
        if at is not None and at[1]:
            self.twice.append(self.place(row, column))
        hand = self._by
        values: dict[str, Any] = {}
        card: dict[str, Any] = {}
        for field, text, where in taken.said(row):
            value = self._tried(row, where, wrong, self._reader(field), text)
            if field == BY:
                hand = value or hand
            elif value is not None:
                (card if self._kind.field(field).get("personal") else values)[field] = value
        return None if at is None else Step(name, at[0], hand, values, card, column)

    def _tried(
        self, row: Row, column: int, wrong: list[CrmError], read_it: Callable[[str], Any], text: str | None = None
    ) -> Any:
        """Answer what a cell says, None after what is wrong with it was added to a list, without what it says."""
        text = row.cells[column] if text is None else text
        try:
            return read_it(text)
        except UsageError as error:
            repeats = bool(text) and names.shown(text) in error.what
            what = _("what this cell says cannot be taken") if repeats else error.what
            wrong.append(DataError(what, where=self.place(row, column), fix=error.fix))
            return None

    def _reader(self, field: str) -> Callable[[str], Any]:
        if field not in self._readers:
            known = {BY: self._hand, "time": self._time, "date": self._day}
            kind = BY if field == BY else self._kind.field(field)["type"]
            self._readers[field] = lru_cache(REMEMBERED)(known.get(kind) or self._value(field))
        return self._readers[field]

    def _value(self, field: str) -> Callable[[str], Any]:
        """Answer what reads a field as whoever types it is read; what people call it is looked up once."""
        rule, called = self._kind.rule, self._kind.said_field(field)
        return lambda text: read(rule, field, text, self._here(), called)

    def _here(self) -> Place:
        """Answer what reading depends on now: rows before this one are in the past that it looks at."""
        office = self._office
        return Place(office.past(), office.book, office.zone, office.settings.country, office.settings.area)

    def _day(self, text: str) -> str:
        found = cells.day(text)
        if found is None:
            raise UsageError(_("this is no day of the calendar"), fix=_("write it like 1980-02-29"))
        return found

    def _hand(self, text: str) -> str:
        name = names.name(text)
        if name not in self._staff:
            raise UsageError(
                _("nobody on the staff has this name"),
                fix=_("crm staff list shows the names; words: in the mapping says who is meant"),
            )
        if name != self._by and not self._speaks:
            raise UsageError(
                _("this is the hand of somebody else, for whom you may not speak"),
                fix=_("crm.yaml says under users: who speaks for others"),
            )
        return name

    def _time(self, text: str) -> str:
        return self._read(text)[0].isoformat()

    def _moment_of(self, text: str) -> tuple[datetime, bool]:
        at, twice = self._read(text)
        if at > self._latest:
            raise UsageError(_("this time is more than a day ahead"), fix=_("look at the year"))
        return at, twice

    def _read(self, text: str) -> tuple[datetime, bool]:
        """Answer the instant that a cell tells, in the office's zone, and whether the table's zone has it twice."""
        found = cells.moment(text)
        if found is None:
            raise UsageError(_("this is no time"), fix=_("write it like 2025-03-01 10:05"))
        twice = False
        try:
            if found.tzinfo is None:
                found, twice = self._placed(found)
            return found.astimezone(self._zone).replace(microsecond=0), twice
        except OverflowError:
            raise UsageError(_("this is no time"), fix=_("write it like 2025-03-01 10:05")) from None

    def _placed(self, bare: datetime) -> tuple[datetime, bool]:
        """Answer a time in the table's zone: of two that it may be the earlier one."""
        first, second = (bare.replace(tzinfo=self._from, fold=fold) for fold in (0, 1))
        if first.utcoffset() == second.utcoffset():
            return first, False
        if first.astimezone(UTC).astimezone(self._from).replace(tzinfo=None) != bare:
            zone = str(self._from)
            raise UsageError(
                _("{zone} has no such time: the clock was put forward over it").format(zone=zone),
                fix=_("write the time with its zone, like 2025-03-01T10:05+08:00"),
            )
        return first, True


class _Cells:
    """Where a table says what one step takes."""

    def __init__(self, table: Table, taken: Taken) -> None:
        self.columns = {name: table.columns.index(column) for name, column in taken.columns.items()}
        self._fields = [(name, place) for name, place in self.columns.items() if name != AT]
        self._words = taken.words
        self._constants = [(name, text) for name, text in taken.constants.items() if name not in self.columns]

    def said(self, row: Row) -> list[tuple[str, str, int]]:
        """Answer what a row says of the fields, in the mapping's words, each with its column."""
        told = [(name, row.cells[place], place) for name, place in self._fields if row.cells[place]]
        told += [(name, text, self.columns[AT]) for name, text in self._constants]
        return [(name, self._words.get(name, {}).get(text, text), place) for name, text, place in told]
