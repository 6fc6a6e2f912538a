"""What a writer confirms: one sentence for the event that was recorded, with the number to ask for it again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm_cli.language import _

if TYPE_CHECKING:
    from collections.abc import Callable

    from crm_cli.commands.options import Session
    from crm_cli.office import Outcome
    from crm_cli.past import Event


def confirmed(session: Session, outcome: Outcome) -> str:
    """Answer in one line what a request changed."""
    if outcome.verdict == "already" or not outcome.events:
        return _("already so, nothing recorded")
    return with_id(outcome, sentence(session, outcome.events[0]))


def with_id(outcome: Outcome, text: str) -> str:
    """Answer a line with the number of the first event, unless nothing was recorded."""
    return text if outcome.answer.get("dry_run") or not outcome.events else f"{text}  #{outcome.events[0]['seq']}"


def sentence(session: Session, event: Event) -> str:
    """Answer in one sentence what an event changed."""
    said = SENTENCES.get(event["type"])
    return said(session, event) if said else _("done")


def _names(names: list[str]) -> str:
    return " ".join(names) or "-"


def _added(session: Session, event: Event) -> str:
    roles = ", ".join(session.label("role", role) for role in event["data"]["roles"])
    return _("{name} is on the staff: {roles}").format(name=event["data"]["name"], roles=roles)


def _deputised(_session: Session, event: Event) -> str:
    data = event["data"]
    until = data["until"][:16].replace("T", " ")
    return _("{name} stands in for {principal} until {until}").format(
        name=data["name"], principal=data["for"], until=until
    )


def _departed(_session: Session, event: Event) -> str:
    return _("{name} has left the staff").format(name=event["data"]["name"])


def _ordered(_session: Session, event: Event) -> str:
    return _("order of {week}: {names}").format(week=event["data"]["week"], names=_names(event["data"]["order"]))


def _opened(_session: Session, event: Event) -> str:
    names = _names(event["data"]["rings"]["visit"])
    return _("{day} is open: {names}").format(day=event["happened"][:10], names=names)


def _closed(_session: Session, event: Event) -> str:
    return _("{day} is closed").format(day=event["happened"][:10])


def _status_set(session: Session, event: Event) -> str:
    return f"{event['data']['person']}: {session.label('status', event['data']['status'])}"


def _finished(session: Session, event: Event) -> str:
    return f"{event['data']['person']}: {session.label('status', 'free')}"


def _put_off(session: Session, event: Event) -> str:
    return f"{event['data']['person']}: {session.label('absence', event['data']['off'])}"


def _put_on(_session: Session, event: Event) -> str:
    return _("{name} is back, last in turn").format(name=event["data"]["person"])


def _adjusted(_session: Session, event: Event) -> str:
    return _("order for the rest of the day: {names}").format(names=_names(event["data"]["order"]))


def _owed(_session: Session, event: Event) -> str:
    return _("{name} is owed a turn").format(name=event["data"]["person"])


def _grab_confirmed(session: Session, event: Event) -> str:
    violation = session.label("violation", event["data"]["violation"])
    return _("confirmed against {name}: {violation}").format(name=event["data"]["person"], violation=violation)


def _registered(session: Session, event: Event) -> str:
    data: dict[str, Any] = event["data"]
    kind = session.label("kind", data["kind"])
    return _("entered in the book: {kind}, received by {name}").format(kind=kind, name=data["person"])


def _linked(_session: Session, _event: Event) -> str:
    return _("linked")


def hows() -> dict[str, str]:
    """Answer in words how somebody came by a customer."""
    return {
        "turn": _("in turn"),
        "makeup": _("a turn made up"),
        "designated": _("asked for"),
        "own": _("own customer"),
        "stand-in": _("stands in"),
        "office": _("until the one asked for is free"),
    }


def assigned(to: str, how: str) -> str:
    """Answer in words who received somebody, and how it came to that."""
    word = {"waiting": _("waits"), "missed": _("missed"), "office": _("the office")}.get(to, to)
    return f"{word} ({hows()[how]})" if how in hows() else word


def kind(event_type: str) -> str:
    """Answer what people call an event of a type."""
    return {
        "office.founded": _("office founded"),
        "office.refused": _("refused"),
        "office.fell_due": _("fell due"),
        "ledger.tail_quarantined": _("torn tail put away"),
        "staff.added": _("joined the staff"),
        "staff.deputised": _("deputy"),
        "staff.departed": _("left the staff"),
        "rotation.ordered": _("order of the week"),
        "rotation.opened": _("day opened"),
        "rotation.closed": _("day closed"),
        "rotation.status_set": _("status"),
        "rotation.arrived": _("visit"),
        "rotation.called": _("call"),
        "rotation.assigned": _("let through"),
        "rotation.finished": _("finished"),
        "rotation.missed": _("did not receive"),
        "rotation.redirected": _("handed back"),
        "rotation.handed_over": _("handed over"),
        "rotation.put_off": _("out"),
        "rotation.put_on": _("back"),
        "rotation.adjusted": _("order changed"),
        "rotation.owed": _("turn owed"),
        "rotation.grab_confirmed": _("grab confirmed"),
        "customer.added": _("book entry"),
        "customer.registered": _("book entry"),
        "customer.linked": _("linked"),
        "customer.entry_voided": _("entry voided"),
    }.get(event_type, event_type)


SENTENCES: dict[str, Callable[[Session, Event], str]] = {
    "staff.added": _added,
    "staff.deputised": _deputised,
    "staff.departed": _departed,
    "rotation.ordered": _ordered,
    "rotation.opened": _opened,
    "rotation.closed": _closed,
    "rotation.status_set": _status_set,
    "rotation.finished": _finished,
    "rotation.put_off": _put_off,
    "rotation.put_on": _put_on,
    "rotation.adjusted": _adjusted,
    "rotation.owed": _owed,
    "rotation.grab_confirmed": _grab_confirmed,
    "customer.added": _registered,
    "customer.registered": _registered,
    "customer.linked": _linked,
}
