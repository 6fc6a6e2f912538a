"""crm correct: a slip is put right by a new event; the wrong one stays, and both can be seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_cli import clock, names
from crm_cli.commands.answers import answer_of
from crm_cli.commands.asking import Yes, agreed, declined, is_to_ask
from crm_cli.commands.rotate import assignments, given, received
from crm_cli.commands.said import sentence, with_id
from crm_cli.errors import UsageError
from crm_cli.language import _
from crm_cli.render import Answer  # noqa: TC001 - typer reads what a command answers
from crm_cli.rules.correct import CORRECTABLE, instead, people_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from crm_cli.commands.session import Session
    from crm_cli.office import Outcome

NOUN = "correct"
ARRIVALS = ("rotation.arrived", "rotation.called")
IMPLIED = ("customer.added", "customer.registered")  # what goes without saying where a customer was given to somebody


def command(
    context: typer.Context,
    event: Annotated[int, typer.Argument(metavar="EVENT", min=1, help="The number of an event, as crm log shows it.")],
    reason: Annotated[str, typer.Option("--reason", metavar="REASON", help="Why.")],
    void: Annotated[bool, typer.Option("--void", help="It never happened.")] = False,
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="FIELD=VALUE", help="What it should have said; may be repeated."),
    ] = None,
    yes: Yes = False,
) -> Answer:
    """Correct what was typed wrong: shows what follows, then records it beside the old."""
    session: Session = context.obj
    if session.shared.at:
        raise UsageError(_("a correction happens when it is made, not earlier"), fix=_("leave out --at"))
    if void == bool(changes):
        raise UsageError(_("say what is wrong with it: one of --void and --set"), fix="--void | --set FIELD=VALUE")
    asked = {"event": event, "void": void, "reason": names.reason(reason), **_changes(session, event, changes or [])}
    shown = None
    if is_to_ask(session, yes=yes):
        shown = session.tried(NOUN, "correct", **asked)
        if shown.allowed and shown.verdict != "already" and not agreed(session, told(session, shown)):
            return declined()
    before = _given_back(session, event)
    outcome = session.decide(NOUN, "correct", **asked)
    answer = answer_of(session, outcome, told(session, outcome), assignments=assignments(outcome))
    answer.notes += [line for line in _given_back(session, event) if line not in before]
    if shown is not None and _facts(shown) != _facts(outcome):
        answer.notes.append(_("somebody wrote meanwhile: what followed is not what was shown"))
    return answer


def _given_back(session: Session, event: int) -> list[str]:
    """Answer what is given back to those of whom an event states anything; nothing where it states nothing."""
    people = people_of(session.event(event))
    if not people or session.format != "text":
        return []
    from crm_cli.commands.payslip import given_back  # noqa: PLC0415 - few corrections are of what is fined

    return [line for person in people for line in given_back(session, person)]


def _facts(outcome: Outcome) -> list[tuple[str, Any]]:
    return [(event["type"], event["data"]) for event in outcome.events]


def told(session: Session, outcome: Outcome) -> list[str]:
    """Answer what was corrected, and below it what follows, a line each."""
    if not outcome.events or outcome.verdict == "already":
        return [_("already so, nothing recorded")]
    first, *rest = outcome.events
    placed = {event["subject"] for event in rest if "assignment" in event["data"]}
    lines = [
        received(session, given(event)) if "assignment" in event["data"] else sentence(session, event)
        for event in rest
        if not (event["type"] in IMPLIED and event["subject"] in placed)
    ]
    if first["data"].get("void") and first["data"]["type"] in ARRIVALS:
        lines.append(_("what was counted for it stays counted"))
    if "booked" in first["data"]:
        lines.append(_("it is given back in {month}").format(month=first["data"]["booked"]))
    elif first["data"].get("people"):
        lines.append(_("nobody is charged for what it stated; the step itself stands"))
    return [with_id(outcome, sentence(session, first)), *(f"  {line}" for line in lines)]


def _changes(session: Session, number: int, typed: list[str]) -> dict[str, Any]:
    """Answer the words to be set; a customer's name stays apart from them."""
    kind = session.event(number)["type"]
    if kind not in CORRECTABLE:
        return {"void": True}  # whatever was to be set, the refusal says what to type instead
    allowed = CORRECTABLE[kind].fields
    found: dict[str, Any] = {}
    for one in typed:
        field, sign, value = one.partition("=")
        name = field.strip().replace("-", "_")
        if not sign:
            raise UsageError(
                _("--set wants FIELD=VALUE"), fix=", ".join(f"{word.replace('_', '-')}=…" for word in allowed)
            )
        if name not in allowed:
            what = _("'{text}' sets nothing of this event").format(text=names.shown(field))
            fix = ", ".join(f"{word.replace('_', '-')}=…" for word in allowed)
            fix = fix or (instead(kind) if kind.startswith("case.") else "--void")
            raise UsageError(what, fix=fix)
        found[name] = READ[name](session, value)
    handle = found.pop("client", None)
    return {"set": found, "handle": handle}


def _flag(_session: Session, typed: str) -> bool:
    words = {"yes": True, "no": False}
    if typed not in words:
        raise UsageError(_("'{word}' is neither yes nor no").format(word=names.shown(typed)), fix="yes | no")
    return words[typed]


def _answer(session: Session, typed: str) -> str:
    return "yes" if _flag(session, typed) else "no"


def _number(_session: Session, typed: str) -> int:
    if not (typed.isascii() and typed.isdigit() and 1 <= int(typed) <= 1000):  # noqa: PLR2004 - as arrive has it
        raise UsageError(_("'{text}' is no number of people").format(text=names.shown(typed)), fix="party=2")
    return int(typed)


def _person(_session: Session, typed: str) -> str:
    return names.name(typed)


def _nobody_or(_session: Session, typed: str) -> str | None:
    return names.name(typed) if typed.strip() else None


def _client(_session: Session, typed: str) -> str:
    return names.name(typed, _("customer's name"))


def _roles(session: Session, typed: str) -> list[str]:
    return [session.word("role", one) for one in names.listed(typed)]


def _time(session: Session, typed: str) -> str:
    return clock.typed(typed, session.office.zone).isoformat()


def _word(vocabulary: str) -> Callable[[Session, str], str]:
    return lambda session, typed: session.word(vocabulary, typed)


READ: dict[str, Callable[[Session, str], Any]] = {
    "client": _client,
    "asks": _nobody_or,
    "state": _word("state"),
    "party": _number,
    "not_told": _flag,
    "unrecognised": _flag,
    "reason": _word("reason"),
    "to": _person,
    "kind": _word("kind"),
    "been_before": _answer,
    "received_by": _person,
    "relation": _word("relation"),
    "role": _roles,
    "until": _time,
}

RECORDS = (command,)
