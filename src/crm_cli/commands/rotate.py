"""crm rotate: whose turn it is to receive a walk-in or to take a call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_cli import clock, names
from crm_cli.commands.answers import answer_of
from crm_cli.commands.board import fairness, next_in_turn, show
from crm_cli.commands.said import confirmed, hows, with_id
from crm_cli.errors import UsageError
from crm_cli.language import _
from crm_cli.render import Answer  # noqa: TC001 - Typer reads the annotations
from crm_cli.rules.directory import handle_of

if TYPE_CHECKING:
    from crm_cli.commands.session import Session
    from crm_cli.office import Outcome
    from crm_cli.past import Event

NOUN = "rotate"
HELP = "Whose turn it is to receive a walk-in or to take a call."

Client = Annotated[str, typer.Argument(metavar="CLIENT", help="What the desk calls the customer.")]
Person = Annotated[str, typer.Argument(metavar="PERSON", help="A name on the staff.")]
People = Annotated[list[str], typer.Argument(metavar="PERSON...", help="Names on the staff, first on turn first.")]
Asks = Annotated[str | None, typer.Option("--asks", metavar="PERSON", help="Whom the customer asks for.")]
State = Annotated[
    str | None, typer.Option("--state", metavar="STATE", help="first, open (no deal yet) or closed (deal done).")
]
Reason = Annotated[str | None, typer.Option("--reason", metavar="REASON", help="Why.")]
To = Annotated[str, typer.Option("--to", metavar="PERSON", help="To whom.")]


def order(
    context: typer.Context,
    people: People,
    week: Annotated[
        str | None, typer.Option("--week", metavar="WEEK", help="Like 2025-W10 (default: this week).")
    ] = None,
    reason: Reason = None,
) -> Answer:
    """Set the order of a week; a second one for the same week needs a reason."""
    wanted = clock.week(week) if week else None
    return _act(context.obj, "order", order=_people(people), week=wanted, reason=_text(reason))


def open_day(
    context: typer.Context,
    order: Annotated[
        str | None, typer.Option("--order", metavar="A,B,C", help="Today's order instead of the week's.")
    ] = None,
    off: Annotated[list[str] | None, typer.Option("--off", metavar="PERSON=KIND", help="Out for the day.")] = None,
    no_clerk: Annotated[bool, typer.Option("--no-clerk", help="No office clerk today.")] = False,
) -> Answer:
    """Open the day, and close the one before."""
    today = names.listed(order) if order else None
    return _act(context.obj, "open", order=today, off=_absences(context.obj, off or []), no_clerk=no_clerk)


def close(context: typer.Context) -> Answer:
    """Close the day."""
    return _act(context.obj, "close")


def status(
    context: typer.Context,
    person: Person,
    status: Annotated[str, typer.Argument(metavar="STATUS", help="free, phone, official, private …")],
) -> Answer:
    """Say that somebody is away, back, or busy with a customer the desk did not assign."""
    word = context.obj.word("status", status)
    return _act(context.obj, "status", person=names.name(person), status=word)


def arrive(
    context: typer.Context,
    client: Client,
    asks: Asks = None,
    not_told: Annotated[bool, typer.Option("--not-told", help="Nobody told the one asked for.")] = False,
    unrecognised: Annotated[bool, typer.Option("--unrecognised", help="Nobody knows a returning customer.")] = False,
    state: State = None,
    same_as: Annotated[
        str | None, typer.Option("--same-as", metavar="CLIENT", help="Related to this customer.")
    ] = None,
    relation: Annotated[str | None, typer.Option("--relation", metavar="WORD", help="family, company …")] = None,
    party: Annotated[
        int | None, typer.Option("--party", metavar="N", min=1, max=1000, help="How many came together.")
    ] = None,
    errand: Annotated[
        str | None, typer.Option("--errand", metavar="WORD", help="Not a customer: courier, applicant …")
    ] = None,
) -> Answer:
    """Receive somebody who came to the door: answers who takes them, and why."""
    if errand and (same_as or asks or party):
        raise UsageError(_("an errand is no customer"), fix=_("leave out --errand, or the options about a customer"))
    if bool(same_as) and not relation:
        raise UsageError(
            _("--same-as needs --relation"), fix="--relation " + "|".join(context.obj.office.book.words("relation"))
        )
    return _act(
        context.obj,
        "arrive",
        handle=_client(client),
        asks=_person(asks),
        not_told=not_told,
        unrecognised=unrecognised,
        state=context.obj.office.book.word("state", state) if state else None,
        same_as=_client(same_as) if same_as else None,
        relation=context.obj.word("relation", relation) if relation else None,
        party=party,
        errand=context.obj.word("errand", errand) if errand else None,
    )


def call(context: typer.Context, client: Client, asks: Asks = None) -> Answer:
    """Take a phone call: answers who does."""
    return _act(context.obj, "call", handle=_client(client), asks=_person(asks))


def finish(context: typer.Context, person: Person) -> Answer:
    """Somebody has seen the customer to the door; a waiting one is let through."""
    return _act(context.obj, "finish", person=names.name(person))


def miss(
    context: typer.Context,
    client: Client,
    reason: Annotated[str, typer.Option("--reason", metavar="WORD", help="private, official …")],
) -> Answer:
    """The one assigned did not come: somebody else receives."""
    return _act(context.obj, "miss", handle=_client(client), reason=context.obj.word("reason", reason))


def refuse(context: typer.Context, client: Client) -> Answer:
    """The one assigned turned the customer down: somebody else receives."""
    return _act(context.obj, "refuse", handle=_client(client))


def redirect(context: typer.Context, client: Client, to: To, state: State = None) -> Answer:
    """The customer turns out to be somebody's: the turn is given back."""
    return _act(
        context.obj,
        "redirect",
        handle=_client(client),
        to=names.name(to),
        state=context.obj.office.book.word("state", state) if state else None,
    )


def hand_over(context: typer.Context, client: Client, to: To) -> Answer:
    """Hand a customer who was looked after for somebody to that one."""
    return _act(context.obj, "hand_over", handle=_client(client), to=names.name(to))


def look_after_both(
    context: typer.Context,
    client: Client,
    to: Annotated[
        str | None, typer.Option("--to", metavar="PERSON", help="Who, where the policy lets the manager choose.")
    ] = None,
) -> Answer:
    """Order that somebody takes a waiting customer beside the one they have."""
    return _act(context.obj, "look_after_both", handle=_client(client), to=_person(to))


def off(
    context: typer.Context,
    person: Person,
    absence: Annotated[str, typer.Argument(metavar="KIND", help="leave, rest, suspended …")],
) -> Answer:
    """Take somebody out of the rings for the rest of the day."""
    return _act(context.obj, "off", person=names.name(person), off=context.obj.word("absence", absence))


def on(context: typer.Context, person: Person) -> Answer:
    """Bring somebody back, or in late: at the tail of the rings."""
    return _act(context.obj, "on", person=names.name(person))


def adjust(
    context: typer.Context,
    people: People,
    reason: Annotated[str, typer.Option("--reason", metavar="REASON", help="Why.")],
) -> Answer:
    """Reorder the ring for the rest of the day."""
    return _act(context.obj, "adjust", order=_people(people), reason=_text(reason))


def owe(
    context: typer.Context,
    person: Person,
    reason: Annotated[str, typer.Option("--reason", metavar="REASON", help="Why.")],
) -> Answer:
    """Owe somebody a turn."""
    return _act(context.obj, "owe", person=names.name(person), reason=_text(reason))


def confirm_grab(
    context: typer.Context,
    client: Client,
    offender: Annotated[
        str | None,
        typer.Option(
            "--offender", metavar="PERSON", help="Who took the customer out of turn, where nobody was asked for."
        ),
    ] = None,
) -> Answer:
    """Confirm that a customer was taken from a colleague."""
    return _act(context.obj, "confirm_grab", handle=_client(client), offender=_person(offender))


def _act(session: Session, verb: str, **asked: Any) -> Answer:
    outcome = session.decide(NOUN, verb, **asked)
    assigned = assignments(outcome)
    lines = [received(session, one) for one in assigned]
    if lines:
        lines[0] = with_id(outcome, lines[0])
    talk = not lines
    more = _more(session, outcome)
    answer = answer_of(
        session, outcome, lines or [confirmed(session, outcome)], talk=talk, assignments=assigned, **more
    )
    if "not_in_rotation" in more and session.format == "text":
        said = _("{name} is not in the rotation: taken as if nobody was asked for")
        answer.notes.append(said.format(name=more["not_in_rotation"]))
    return answer


def assignments(outcome: Outcome) -> list[dict[str, Any]]:
    """Answer who received whom in an outcome, in order: [{"client", "to", "how", "passed": [{"person", "turn"}]}]."""
    return [given(event) for event in outcome.events if "assignment" in event["data"]]


def received(session: Session, one: dict[str, Any]) -> str:
    """Answer in words who received a customer, and what became of those who were passed."""
    return _("; ").join([_assigned(one), *_passed(session, one["passed"])])


def given(event: Event) -> dict[str, Any]:
    """Answer who received a customer by an event."""
    one = event["data"]["assignment"]
    passed = [{"person": person, "turn": turn} for person, turn in one.get("passed", ())]
    return {"client": event.get("personal", {}).get("handle"), "to": one["to"], "how": one["how"], "passed": passed}


def _passed(session: Session, passed: list[dict[str, str]]) -> list[str]:
    """Answer who was passed, together where the same became of them."""
    found: dict[str, list[str]] = {}
    for one in passed:
        found.setdefault(one["turn"], []).append(one["person"])
    return [f"{'、'.join(people)} {session.label('turn', turn)}" for turn, people in found.items()]


def _assigned(one: dict[str, Any]) -> str:
    if one["to"] is None:
        return _("{client}: not a customer").format(client=one["client"])
    if one["to"] in ("waiting", "missed"):
        sentence = (
            _("{client}: nobody is free; waits")
            if one["to"] == "waiting"
            else _("{client}: nobody is free; the call is missed")
        )
        return sentence.format(client=one["client"])
    to = _("the office") if one["to"] == "office" else one["to"]
    return _("{client} -> {to} ({how})").format(client=one["client"], to=to, how=hows()[one["how"]])


def _unknown(outcome: Outcome) -> str | None:
    """Answer the name that a customer asked for and nobody in the rotation has: it counts as nobody asked."""
    if not outcome.events or "visit" not in outcome.events[0]["data"]:
        return None
    asked: str | None = outcome.events[0]["asked"].get("asks")
    return asked if "asks" not in outcome.events[0]["data"]["visit"] else None


def _more(session: Session, outcome: Outcome) -> dict[str, Any]:
    """Answer what the closing of a day lists besides, or whom a customer asked for in vain."""
    unknown = _unknown(outcome)
    if unknown:
        return {"not_in_rotation": unknown}
    if outcome.events and outcome.events[0]["type"] == "rotation.closed":
        past = session.office.past()
        return {"unanswered": [handle_of(past, client) for client in outcome.events[0]["data"]["unanswered"]]}
    return {}


def _client(typed: str) -> str:
    return names.name(typed, _("customer's name"))


def _person(typed: str | None) -> str | None:
    return names.name(typed) if typed else None


def _people(typed: list[str]) -> list[str]:
    return [names.name(name) for name in typed]


def _text(typed: str | None) -> str | None:
    return names.reason(typed) if typed is not None else None


def _absences(session: Session, typed: list[str]) -> dict[str, str]:
    found = {}
    for one in typed:
        person, equals, kind = one.partition("=")
        if not equals:
            raise UsageError(
                _("'{text}' does not say who is out and how").format(text=names.shown(one)), fix="--off NAME=leave"
            )
        found[names.name(person)] = session.word("absence", kind)
    return found


VERBS = {
    "arrive": arrive,
    "call": call,
    "finish": finish,
    "next": next_in_turn,
    "show": show,
    "fairness": fairness,
    "status": status,
    "miss": miss,
    "refuse": refuse,
    "redirect": redirect,
    "hand-over": hand_over,
    "order": order,
    "open": open_day,
    "close": close,
    "off": off,
    "on": on,
    "adjust": adjust,
    "owe": owe,
    "look-after-both": look_after_both,
    "confirm-grab": confirm_grab,
}
RECORDS = [verb for verb in VERBS.values() if verb not in (next_in_turn, show, fairness)]
