"""What a writer confirms: one sentence for the event that was recorded, with the number to ask for it again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm_cli.language import _
from crm_cli.rules.directory import handle_of
from crm_cli.rules.fold import PENALTIES

if TYPE_CHECKING:
    from collections.abc import Callable

    from crm_cli.commands.session import Session
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


def _met(_session: Session, event: Event) -> str:
    return _("{client} is known now").format(client=event["personal"]["handle"])


def _described(_session: Session, event: Event) -> str:
    return _("noted on the card of {client}").format(client=event["personal"]["handle"])


def _recognised(session: Session, event: Event) -> str:
    return _("{client} is {known}, by the same {field}").format(
        client=event["personal"]["handle"],
        known=handle_of(session.office.past(), event["subject"]),
        field=session.label("field", event["data"]["field"]),
    )


def _handed_over(_session: Session, event: Event) -> str:
    return _("{client} is a customer of {name} now").format(
        client=event["personal"]["handle"], name=event["data"]["to"]
    )


def _noted(session: Session, event: Event) -> str:
    return _("noted of {client}: {what}").format(
        client=event["personal"]["handle"], what=session.label("note", event["data"]["note"])
    )


def _permitted(_session: Session, event: Event) -> str:
    return _("{name} may look at the card of {client}").format(
        name=event["data"]["person"], client=event["personal"]["handle"]
    )


def _day_closed(_session: Session, event: Event) -> str:
    data = event["data"]
    says = _("{name} has handed in {day}, late") if data["late"] else _("{name} has handed in {day}")
    return says.format(name=data["person"], day=data["day"])


def _evidence_noted(session: Session, event: Event) -> str:
    return _("noted as evidence: {what}").format(what=session.label("evidence", event["data"]["evidence"]))


def _filed(_session: Session, event: Event) -> str:
    return _("the card of {client} is filed").format(client=event["personal"]["handle"])


def _retired(_session: Session, event: Event) -> str:
    return _("{client} is off the lists").format(client=event["personal"]["handle"])


def _fine(session: Session, event: Event) -> str:
    from crm_cli.commands.fines import said_event  # noqa: PLC0415 - only in an office with fines

    return said_event(session, event)


def _reinstated(_session: Session, event: Event) -> str:
    return _("{client} is on the lists again").format(client=event["personal"]["handle"])


def _linked(_session: Session, _event: Event) -> str:
    return _("linked")


def _exported(_session: Session, event: Event) -> str:
    return _("{count} customers were written out").format(count=event["data"]["count"])


def _corrected(session: Session, event: Event) -> str:
    data = event["data"]
    if data.get("void"):
        return _("event {number} is void").format(number=data["event"])
    words = [f"{name.replace('_', '-')}={_value(session, name, value)}" for name, value in data["set"].items()]
    client = event.get("personal", {}).get("handle")
    changes = ", ".join(words) or f"client={client}"
    return _("event {number} is corrected: {changes}").format(number=data["event"], changes=changes)


def _value(session: Session, name: str, value: Any) -> str:
    values = value if isinstance(value, list) else [value]
    said = {None: "", True: "yes", False: "no"}
    return ",".join(said[one] if one in said else session.label(name, str(one)) for one in values)


def _left(_session: Session, event: Event) -> str:
    client, person = event["personal"]["handle"], event["data"]["person"]
    if person in ("office", "waiting"):
        return _("{client} is not here").format(client=client)
    return _("{client} is not here; {name} keeps the turn that was taken").format(client=client, name=person)


def _renamed(_session: Session, event: Event) -> str:
    says = _("it is {client} who is here") if event["data"]["here"] else _("it was {client} who came")
    return says.format(client=event["personal"]["handle"])


def _visit_corrected(_session: Session, event: Event) -> str:
    return _("the visit of {client} is noted as it is; who has received them stays").format(
        client=event["personal"]["handle"]
    )


def _resumed(session: Session, event: Event) -> str:
    data = event["data"]
    words = [*(one["status"] for one in data["receptions"]), *filter(None, [data["away"]])]
    statuses = ", ".join(session.label("status", word) for word in words)
    return _("{name} is not free yet: {statuses}").format(name=data["person"], statuses=statuses)


def _recounted(_session: Session, event: Event) -> str:
    data = event["data"]
    figures = [
        text.format(change=f"{data[name]:+d}")
        for name, text in (
            ("served", _("served {change}")),
            ("charged", _("charged {change}")),
            ("owed", _("owed {change}")),
        )
        if data.get(name)
    ]
    return f"{data['person']}: {', '.join(figures)}"


def _grab_withdrawn(_session: Session, event: Event) -> str:
    return _("nothing stands against {name}; what was not served of the suspension is dropped").format(
        name=event["data"]["person"]
    )


def _credit_withdrawn(_session: Session, event: Event) -> str:
    return _("the credit of {name} is taken back").format(name=event["data"]["to"])


def _entry_voided(_session: Session, event: Event) -> str:
    return _("entry {number} of {name} counts no more").format(
        number=event["data"]["number"], name=event["data"]["person"]
    )


def _entry_corrected(_session: Session, event: Event) -> str:
    return _("entry {number} is written as it should be").format(number=event["data"]["number"])


def _unlinked(_session: Session, _event: Event) -> str:
    return _("no longer linked")


def _roles_set(session: Session, event: Event) -> str:
    roles = ", ".join(session.label("role", role) for role in event["data"]["roles"])
    return f"{event['data']['name']}: {roles}"


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
        "customer.recognised": _("known already"),
        "customer.filed": _("card filed"),
        "customer.described": _("card"),
        "customer.revealed": _("card looked at"),
        "customer.noted": _("note"),
        "customer.permitted": _("look permitted"),
        "customer.day_closed": _("day handed in"),
        "customer.evidence_noted": _("evidence"),
        "customer.handed_over": _("handed over"),
        "customer.turn_given_back": _("turn given back"),
        "customer.turn_taken_back": _("turn taken back"),
        "customer.retired": _("off the lists"),
        "customer.reinstated": _("on the lists again"),
        "customer.entry_voided": _("entry voided"),
        "customer.entry_corrected": _("entry corrected"),
        "customer.unlinked": _("unlinked"),
        "customer.credited": _("credit"),
        "customer.credit_withdrawn": _("credit taken back"),
        "customer.exported": _("export"),
        "office.corrected": _("correction"),
        "rotation.left": _("not here"),
        "rotation.renamed": _("renamed"),
        "rotation.visit_corrected": _("visit corrected"),
        "rotation.resumed": _("with a customer again"),
        "rotation.recounted": _("recounted"),
        "rotation.grab_withdrawn": _("grab withdrawn"),
        "staff.roles_set": _("roles"),
        **dict.fromkeys((f"penalty.{done}" for done in PENALTIES), _("fine")),
        "case.opened": _("case opened"),
        "case.stepped": _("case"),
        "case.merged": _("case joined"),
        "case.warned": _("soon due"),
        "case.late": _("overdue"),
        "case.escalated": _("passed up"),
        "case.withdrawn": _("in time after all"),
        "case.timed": _("limit known"),
    }.get(event_type, event_type)


SENTENCES: dict[str, Callable[[Session, Event], str]] = {
    "staff.added": _added,
    "staff.deputised": _deputised,
    "staff.deputy_changed": _deputised,
    "staff.departed": _departed,
    "staff.roles_set": _roles_set,
    "office.corrected": _corrected,
    "rotation.left": _left,
    "rotation.renamed": _renamed,
    "rotation.visit_corrected": _visit_corrected,
    "rotation.resumed": _resumed,
    "rotation.recounted": _recounted,
    "rotation.grab_withdrawn": _grab_withdrawn,
    "customer.credit_withdrawn": _credit_withdrawn,
    "customer.entry_voided": _entry_voided,
    "customer.entry_corrected": _entry_corrected,
    "customer.unlinked": _unlinked,
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
    "customer.added": _met,
    "customer.registered": _registered,
    "customer.described": _described,
    "customer.linked": _linked,
    "customer.recognised": _recognised,
    "customer.filed": _filed,
    "customer.handed_over": _handed_over,
    "customer.noted": _noted,
    "customer.permitted": _permitted,
    "customer.day_closed": _day_closed,
    "customer.evidence_noted": _evidence_noted,
    "customer.retired": _retired,
    "customer.reinstated": _reinstated,
    "customer.exported": _exported,
    **dict.fromkeys((f"penalty.{done}" for done in PENALTIES), _fine),
}
