"""A step of a case as somebody types it: its values read, decided, and what it came to in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm_cli import names
from crm_cli.commands.answers import answer_of
from crm_cli.commands.case import said
from crm_cli.commands.case.declared import dashless, minute
from crm_cli.commands.case.front import kind_of
from crm_cli.commands.case.show import found, id_of, no_case
from crm_cli.errors import UsageError
from crm_cli.language import _
from crm_cli.rules.directory import members

if TYPE_CHECKING:
    from crm_cli.commands.case.declared import Kind
    from crm_cli.commands.session import Session
    from crm_cli.office import Outcome
    from crm_cli.render import Answer


def taken(session: Session, kind: Kind, verb: str, identity: str | None, typed: dict[str, Any]) -> Answer:
    """Carry out a step and answer what it came to."""
    if session.at() > session.now():
        what = _("{day} is still to come").format(day=minute(session.at().isoformat()))
        raise UsageError(what, fix=_("correct the time: --at says when it happened"))
    values = {name: read(session, kind, name, value) for name, value in typed.items()}
    personal = [name for name in values if kind.field(name).get("personal")]
    case = id_of(session, kind, identity) if identity is not None else None
    if case and not _opens(kind, verb) and (session.office.past().get("case", case) or {}).get("kind") != kind.name:
        raise no_case(kind, case)
    asked = {
        "kind": kind.name, "step": dashless(verb), "case": case,
        "fields": {name: value for name, value in values.items() if name not in personal},
        "card": {name: values[name] for name in personal},
    }  # fmt: skip
    answer = _answer(session, kind, session.decide("case", "step", **asked))
    if session.format == "text" and not session.shared.quiet:
        answer.notes += _strangers(session, kind, values)
    return answer


def _opens(kind: Kind, verb: str) -> bool:
    return any(one["opens"] for one in kind.steps(verb))


def read(session: Session, kind: Kind, name: str, typed: Any) -> Any:
    """Answer the value of a field as a case keeps it; UsageError where what was typed can be none."""
    from crm_cli.rules.case import values  # noqa: PLC0415 - its tables of telephones are large

    office = session.office
    if kind.field(name).get("type") == "link":
        several = isinstance(typed, (list, tuple))
        typed = [_linked(session, kind, name, one) for one in typed] if several else _linked(session, kind, name, typed)
    place = values.Place(office.past(), office.book, office.zone, office.settings.country, office.settings.area)
    return values.read(kind.rule, name, typed, place, kind.said_field(name))


def _strangers(session: Session, kind: Kind, values: dict[str, Any]) -> list[str]:
    """Answer a warning of each who is named and neither on the staff nor a role: nobody would be barred, or do it."""
    known = {*members(session.office.past()), *session.office.book.words("role")}
    named = [
        one
        for name, value in values.items()
        if kind.field(name).get("type") == "person"
        for one in (value if isinstance(value, list) else [value])
    ]
    says = _("nobody on the staff is called {name}")
    return [_("warning: {what}").format(what=says.format(name=one)) for one in dict.fromkeys(named) if one not in known]


def _linked(session: Session, kind: Kind, name: str, typed: str) -> str:
    """Answer the id of the other case that a field names: it may be typed as short as where its own kind stands."""
    from crm_cli.rules.case.kinds import kinds  # noqa: PLC0415 - only fields that name cases ask

    declared = kinds(session.office.rulebook(session.at()))
    for one in kind.field(name)["link"]:
        key = found(session, one, declared[one].compiled["number"] if one in declared else None, str(typed))
        if key is not None:
            return key
    titles = [one.title for one in (kind_of(session, name_) for name_ in kind.field(name)["link"]) if one]
    what = _("there is no {kind} {id}").format(kind=" / ".join(titles), id=names.shown(str(typed)))
    raise UsageError(what, fix=_("write the id of one that is there for {field}").format(field=kind.said_field(name)))


def _answer(session: Session, kind: Kind, outcome: Outcome) -> Answer:
    told = outcome.answer
    if not outcome.allowed:
        case = session.office.past().get("case", told.get("id", ""))
        if told.get("missing"):
            outcome.says = said.refusal(kind, told, case)
        answer = answer_of(session, outcome)
        answer.lines = [*answer.lines[:1], *said.wording(kind, outcome), *answer.lines[1:]]
        return answer
    steps = [event for event in outcome.events if event["type"] in said.STEPS]
    known = {"id": steps[0]["subject"], "state": steps[0]["data"]["state"]} if steps else {}
    case = session.office.past().get("case", known.get("id", ""))
    if case and "clocks" not in told:
        from crm_cli.rules.case.view import clocks  # noqa: PLC0415 - only after a step

        known["clocks"] = clocks(case, session.at())
    answer = answer_of(session, outcome, said.confirmed(session, kind, outcome), talk=True, **known)
    if session.format == "text" and not session.shared.quiet:
        answer.notes += said.warned(kind, told.get("warnings", []))
    return answer
