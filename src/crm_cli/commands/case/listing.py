"""crm KIND list: the cases in the order of their queue, with what is due next in each."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_cli import names
from crm_cli.commands.case import show
from crm_cli.commands.case.declared import Kind, dashless, minute
from crm_cli.commands.case.step import read
from crm_cli.errors import UsageError
from crm_cli.language import _
from crm_cli.render import Answer

if TYPE_CHECKING:
    from crm_cli.commands.session import Session

Row = dict[str, Any]
OPEN, CLOSED, ALL = "open", "closed", "all"  # what every kind has for a state, besides its own


def command(
    context: typer.Context,
    state: Annotated[
        str | None,
        typer.Option("--state", metavar="STATE", help="In this state, or open, closed, all (default: open)."),
    ] = None,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only those in which something is overdue.")] = False,
    owing: Annotated[
        bool, typer.Option("--owing", help="Only those in which something is owed, closed ones, too.")
    ] = False,
    customer: Annotated[str | None, typer.Option("--customer", metavar="CLIENT", help="Only of this customer.")] = None,
    handler: Annotated[str | None, typer.Option("--handler", metavar="PERSON", help="Only those they handle.")] = None,
    level: Annotated[str | None, typer.Option("--level", metavar="WORD", help="Only of this level.")] = None,
    where: Annotated[
        list[str] | None, typer.Option("--where", metavar="FIELD=VALUE", help="Only those in which a field says so.")
    ] = None,
    since: Annotated[str | None, typer.Option("--since", metavar="DAY", help="Only those opened from then on.")] = None,
    ready: Annotated[
        str | None, typer.Option("--ready", metavar="STEP", help="Only those in which this step can be done now.")
    ] = None,
) -> Answer:
    """List the cases, those first whose turn is first."""
    session: Session = context.obj
    kind: Kind = context.parent.command.kind  # type: ignore[union-attr]
    named = {"customer": customer, "handler": handler, "level": level}
    found = _List(session, kind, {**dict(map(_pair, where or ())), **named}, state)
    rows = found.rows(overdue=overdue, owing=owing, since=since, ready=ready)
    told = [show.public(kind, row) for row in rows]
    data: dict[str, Any] = {"verdict": "listed", "cases": told, "cites": [], "events": []}
    data |= {"waits": found.waits} if found.waits else {}
    if session.format != "text":
        flat = [{**{name: value for name, value in row.items() if name != "fields"}, **row["fields"]} for row in told]
        return Answer(data, rows=told if session.format == "jsonl" else flat)
    lines = [] if rows else [found.none(), *found.why()]
    said = [found.said(row) for row in rows]
    styles = ["alarm" if row["overdue"] else "" for row in rows]
    gives = dict.fromkeys(found.telling, "cut")
    return Answer(data, lines, rows=said or None, headings=found.headings(), styles=styles, gives=gives)


def _pair(typed: str) -> tuple[str, str]:
    """Answer the field and the value of a condition that was typed."""
    name, equals, wanted = typed.partition("=")
    if not (name and equals and wanted):
        what = _("'{text}' is no condition").format(text=names.shown(typed))
        raise UsageError(what, fix=_("write it like FIELD=VALUE"))
    return dashless(name), wanted


class _List:
    """The cases of a kind that somebody asks for."""

    def __init__(self, session: Session, kind: Kind, wanted: dict[str, str | None], state: str | None) -> None:
        self.session, self.kind, self.at = session, kind, session.at()
        self.past = session.office.past()
        given = {self._field(name): typed for name, typed in wanted.items() if typed is not None}
        self.where = {name: self._value(name, typed) for name, typed in given.items()}
        self.closed = False
        self.waits: list[Row] = []
        if state is not None:
            self._in_state(state)
        self.columns = [name for name in ("level", "handler") if kind.field(name)]
        self.telling: list[str] = []

    def _field(self, typed: str) -> str:
        """Answer the field that is meant: by its name, or by what people call it."""
        called = {self.kind.said_field(one): one for one in self.kind.made["fields"]}
        return typed if self.kind.field(typed) else called.get(typed, typed)

    def _value(self, name: str, typed: str) -> str:
        if not self.kind.field(name):
            what = _("no {kind} has the field {field}").format(kind=self.kind.title, field=name)
            raise UsageError(what, fix=_("leave the option out"))
        many = bool(self.kind.field(name).get("many"))
        found = read(self.session, self.kind, name, (typed,) if many else typed)
        value: str = found[0] if many else found
        return value

    def _in_state(self, typed: str) -> None:
        """Note which state is asked for: a word of the kind, what people call it, or open, closed, all."""
        states = states_of(self.kind)
        labels = self.kind.labels.known("case_state")
        known = {label: one for one in states for label in labels.get(one, {}).values()}
        known |= {one: one for one in (OPEN, CLOSED, ALL, *states)}
        if typed not in known:
            words = dict.fromkeys([*states, OPEN, CLOSED, ALL])
            said = ((one, self.kind.said_state(one)) for one in words)
            told = ", ".join(one if label == one else f"{one} {label}" for one, label in said)
            what = _("there is no state '{word}'").format(word=names.shown(typed))
            raise UsageError(what, fix=_("write one of: {words}").format(words=told))
        self.closed = known[typed] in (CLOSED, ALL, *self.kind.made["closed"])
        self.only_closed = known[typed] == CLOSED and CLOSED not in states
        if known[typed] in states:
            self.where["state"] = known[typed]

    only_closed = False

    def rows(self, *, overdue: bool, owing: bool, since: str | None, ready: str | None) -> list[Row]:
        """Answer the cases in the order of the queue, as whoever asks may see them."""
        from crm_cli.rules.case.view import listed  # noqa: PLC0415 - only who asks

        rules = self.session.office.rulebook(self.at)
        found = listed(
            self.past, rules, self.kind.name, self.at, closed=self.closed, overdue=overdue, owing=owing,
            since=self._begin(since), where=self.where,
        )  # fmt: skip
        if self.only_closed:
            found = [row for row in found if self._document(row)["closed"]]
        if ready is not None:
            all_of_them, step = found, self._step(ready)
            found = [row for row in found if self._is_ready(row["id"], step)]
            self.waits = [] if found else self._waits([row["id"] for row in all_of_them], step)
        telling = [name for name in self.kind.telling if name not in self.columns]
        self.telling = [name for name in telling if any(name in row["fields"] for row in found)]
        return [show.seen(self.session, self.kind, row) for row in found]

    def _waits(self, keys: list[str], step: str) -> list[Row]:
        """Answer what the step waits for in the cases where nobody can do it now, each once."""
        from crm_cli.rules.case.view import waits  # noqa: PLC0415 - only who asks

        rules = self.session.office.rulebook(self.at)
        wants = {want.cite.row: want for key in keys for want in waits(self.past, rules, key, step, self.at)}
        return [{**want.told(), "cited": row} for row, want in wants.items()]

    def none(self) -> str:
        """Answer that there is none, and where the closed ones are where none is open."""
        there, still = (any(self.past.marks(f"{what}:{self.kind.name}")) for what in ("all", "open"))
        hidden = there and not still and not self.closed and "state" not in self.where
        return _("no open case; the closed ones, too: --state all") if hidden else _("no case")

    def why(self) -> list[str]:
        """Answer why no case is ready, in the wording of the rows that say so."""
        rows = [(one["article"], self.kind.rule.told(one["cited"])) for one in self.waits]
        return [f"  {article}: {self.kind.labels.spoken(row.get('says'))}" for article, row in rows if row.get("says")]

    def _document(self, row: Row) -> Row:
        return self.past.get("case", row["id"]) or {}

    def _begin(self, typed: str | None) -> str | None:
        if typed is None:
            return None
        try:
            day = date.fromisoformat(typed)
        except ValueError:
            what = _("'{text}' is not a day").format(text=names.shown(typed))
            raise UsageError(what, fix=_("write it like 2025-03-31")) from None
        return datetime.combine(day, time(), self.session.office.zone).isoformat()

    def _step(self, typed: str) -> str:
        steps, labels = self.kind.made["steps"], self.kind.labels.known("case_step")
        names_of = {one: labels.get(one, {}) for one in [*steps, *map(dashless, self.kind.verbs)]}
        names_of |= {one: made["title"] for one, made in steps.items() if made.get("title")}
        called = {label: one for one, said in names_of.items() for label in said.values()}
        verb = dashless(called.get(typed, typed))
        if verb not in map(dashless, self.kind.verbs) and verb not in self.kind.made["steps"]:
            what = _("there is no step '{word}'").format(word=names.shown(typed))
            raise UsageError(what, fix=_("write one of: {words}").format(words=", ".join(self.kind.verbs)))
        return verb

    def _is_ready(self, key: str, step: str) -> bool:
        from crm_cli.rules.case.view import possible  # noqa: PLC0415 - only who asks

        nexts = possible(self.past, self.session.office.rulebook(self.at), key, self.at)
        now = [one["step"] for one in nexts if "after" not in one and "not_before" not in one]
        return step in now or step in (one.partition(".")[0] for one in now)

    def said(self, row: Row) -> Row:
        """Answer a case as it stands in the table."""
        kind, fields = self.kind, row["fields"]
        told = {"id": kind.short(row["id"]), "state": kind.said_state(row["state"])}
        told |= {name: kind.said_value(name, fields[name]) if name in fields else "" for name in self.columns}
        for name in self.telling:
            told[name] = show.value(self.session, kind, name, fields[name]) if name in fields else ""
        duty = kind.said_duty(row["duty"]) if row["duty"] else self._owed(row)
        late = _("overdue") if row["overdue"] else ""
        return {
            **told,
            "opened": row["opened"][:10],
            "due": minute(row["due"] or ""),
            "duty": " ".join(filter(None, [duty, late])),
        }

    def _owed(self, row: Row) -> str:
        """Answer what is owed without a limit in a case that has none that runs."""
        from crm_cli.rules.case.duties import open_ones  # noqa: PLC0415 - only cases in which no limit runs

        return self.kind.labels.listed(
            f"{self.kind.said_duty(one['name'], one['item'])} ({show.lasting(one['start'], None, self.at)})"
            for one in open_ones(self._document(row))
        )

    def headings(self) -> list[str]:
        """Answer the headings of the table."""
        own = [self.kind.said_field(name) for name in (*self.columns, *self.telling)]
        return [_("id"), _("where it stands"), *own, _("opened"), _("due"), _("what")]


def states_of(kind: Kind) -> list[str]:
    """Answer the states of a kind in the order in which its steps lead to them."""
    steps = kind.made["steps"].values()
    return list(dict.fromkeys(one["is"] for step in steps for one in step.get("state") or ()))
