"""A mistyped fact is corrected by a new event; what followed from it and is still open is decided anew."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from crm_cli.errors import UsageError
from crm_cli.language import _
from crm_cli.rules import staff
from crm_cli.rules.customer import book
from crm_cli.rules.customer import evolve as on_file
from crm_cli.rules.decision import Asked, Case, Decision, RefusalError, answered, not_own, permitted
from crm_cli.rules.directory import handle_of, known
from crm_cli.rules.register import correct as in_the_book
from crm_cli.rules.rotate import correct as at_the_desk
from crm_cli.rules.rotate import evolve as rotate
from crm_cli.rules.slip import Slip
from crm_cli.rules.staff import correct as on_the_staff

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from crm_cli.past import Event, Past
    from crm_cli.policy.book import Cite, Rulebook


class Correctable(NamedTuple):
    """Which of its words an event lets be set, beside being voided, and what follows when it is corrected."""

    fields: tuple[str, ...]
    follow: Callable[[Case, Slip], None]


def _link(case: Case, slip: Slip) -> None:
    at_the_desk.owe(case, slip)
    in_the_book.link(case, slip)


def _nothing(_case: Case, _slip: Slip) -> None:
    """Fines are computed: with its facts gone, or its deduction taken back, nothing more has to be recorded of them."""


VISIT = ("client", "asks", "state", "party", "not_told", "unrecognised")
CORRECTABLE = {
    "rotation.arrived": Correctable(VISIT, at_the_desk.arrival),
    "rotation.called": Correctable(("client", "asks"), at_the_desk.arrival),
    "rotation.finished": Correctable((), at_the_desk.finish),
    "rotation.missed": Correctable(("reason",), at_the_desk.miss),
    "rotation.redirected": Correctable((), at_the_desk.redirect),
    "rotation.owed": Correctable((), at_the_desk.owe),
    "rotation.grab_confirmed": Correctable((), at_the_desk.grab),
    "customer.registered": Correctable(("client", "to", "kind", "been_before", "received_by"), in_the_book.entry),
    "customer.linked": Correctable(("relation",), _link),
    "staff.added": Correctable(("role",), on_the_staff.roles),
    "staff.deputised": Correctable(("until",), on_the_staff.deputy),
    **dict.fromkeys(("case.opened", "case.stepped"), Correctable((), _nothing)),  # what they state of people
    "penalty.deducted": Correctable((), _nothing),
}
FINES = {"case": "waive", "penalty": "deduct"}  # who may do this may take back what is charged of others by an event
TOPICS = {"rotation": "rotation", "customer": "register", "staff": "staff"}  # whose policy says who and until when


def decide(past: Past, policy: Rulebook, asked: Asked, now: datetime) -> Decision:
    """Answer what becomes of a correction; `asked["events"]` is the wrong line and those recorded together with it."""
    return answered(_correct, Case(past.fork(), policy, asked, now, _fold))


def evolve(past: Past, event: Event) -> None:
    """Remember of an event that it was corrected: by which line, to what, and whose it is by now."""
    data = event["data"]
    before = past.get("correction", str(data["event"])) or {"set": {}, "by": []}
    words = {**before["set"], **data.get("set", {})}
    by = [*before["by"], event.get("seq")]
    known = {"by": by, "void": bool(data.get("void")), "set": words, "client": event.get("subject", "")}
    past.put("correction", str(data["event"]), known)
    if data["type"].startswith("case."):
        from crm_cli.rules.penalty.facts import strike  # noqa: PLC0415 - few corrections are of cases

        strike(past, data)
    if data["type"] == "penalty.deducted":
        from crm_cli.rules.penalty.evolve import take_back  # noqa: PLC0415 - fewer are of pay

        take_back(past, event)


def _fold(past: Past, event: Event) -> None:
    rotate.evolve(past, event)
    on_file.evolve(past, event)
    if event["type"].startswith("staff."):
        staff.evolve(past, event)
    if event["type"] == "office.corrected":
        evolve(past, event)


def _correct(case: Case) -> Decision:
    if not case.asked["events"]:
        raise UsageError(_("there is no event {number}").format(number=case.asked["event"]), fix="crm log")
    kind = case.asked["events"][0]["type"]
    if kind not in CORRECTABLE or (kind.startswith("case.") and not _priced(case)):
        raise RefusalError("not_correctable", instead(kind))
    topic = kind.partition(".")[0]
    cites = _entitled(case, FINES[topic]) if topic in FINES else _allowed(case, TOPICS[topic])
    slip = _slip(case, cites)
    if slip.change is not None and all(slip.words.get(name) == value for name, value in slip.change.items()):
        return Decision("already", slip.cites)
    _record(case, slip)
    CORRECTABLE[kind].follow(case, slip)
    return case.decided("corrected")


def _priced(case: Case) -> bool:
    """Answer whether an event of a case states anything of people that the house may charge for."""
    return bool(people_of(case.asked["events"][0])) and case.rules.has("penalty", "fines")


def _entitled(case: Case, act: str) -> list[Cite]:
    """Answer the articles by which the hand may take back what is charged of people: as they may waive or deduct it."""
    from crm_cli.rules.penalty.verbs import entitled  # noqa: PLC0415 - few corrections are of cases

    return [entitled(case, act, person) for person in people_of(case.asked["events"][0])]


def people_of(event: Event) -> list[str]:
    """Answer whose pay an event keeps back, or of whom an event of a case states something; nobody of others."""
    if event["type"].partition(".")[0] not in FINES:
        return []
    if event["type"] == "penalty.deducted":
        return [event["data"]["person"]]
    return list(dict.fromkeys(person for fact in event["data"].get("facts", ()) for person in fact["who"]))


def _allowed(case: Case, topic: str) -> list[Cite]:
    """Answer the articles by which the hand may correct this event now: who, and until when."""
    event = case.asked["events"][0]
    right = permitted(case, topic, "correct")
    not_own(case, right, *(event["data"].get(name) for name in ("person", "name", "from")))
    values, limit = case.rules.values(topic, "correction")
    late = (date.fromisoformat(case.day) - date.fromisoformat(event["happened"][:10])).days
    if values["days"] is not None and late > values["days"]:
        says = _("event {number} is of {day}; by the rulebook it could be corrected until {last}")
        last = date.fromisoformat(event["happened"][:10]) + timedelta(days=values["days"])
        raise RefusalError(
            "too_late", says.format(number=event["seq"], day=event["happened"][:10], last=last.isoformat()), limit
        )
    return [right, limit]


def _slip(case: Case, cites: list[Cite]) -> Slip:
    """Answer what is corrected; what was voided before stays void."""
    asked, event = case.asked, case.asked["events"][0]
    before = case.past.get("correction", str(event["seq"])) or {"void": False, "set": {}}
    if before["void"]:
        says = _("event {number} is void already, by event {by}").format(number=event["seq"], by=before["by"][-1])
        raise RefusalError("already_void", says, *cites)
    subject: str = before.get("client") or event.get("subject", "")
    change = None if asked.get("void") else dict(asked.get("set", {}))
    if change is not None and asked.get("handle"):
        change["client"] = asked["handle"]
    client = subject
    if change is not None and "client" in change:
        client = known(case.past, change["client"]) or book.next_id(case.past)
    words = {**_words(case, event, subject), **before["set"]}
    return Slip(asked["events"], subject, words, change, client, cites)


def _words(case: Case, event: Event, subject: str) -> dict[str, Any]:
    """Answer what an event said, under the names that its words are set by."""
    data, asked = event["data"], event.get("asked", {})
    client = handle_of(case.past, subject) if subject else None
    return {
        "role": data.get("gained"),
        "to": data.get("person"),
        **data,
        **asked,
        "client": client,
    }


def _record(case: Case, slip: Slip) -> None:
    """Record the correction itself: what was wrong, what it should say, why; a customer's name is no part of it."""
    data: dict[str, Any] = {"event": slip.event["seq"], "type": slip.event["type"], "reason": case.asked["reason"]}
    if slip.change is None:
        data["void"] = True
        people = people_of(slip.event)
        data |= {"people": people} if people else {}
        data |= _booked(case, slip.event)
    else:
        data["set"] = {name: value for name, value in slip.change.items() if name != "client"}
        data["were"] = {name: slip.words.get(name) for name in data["set"]}
    case.record("office.corrected", data, *slip.cites, subject=slip.client)


def _booked(case: Case, event: Event) -> dict[str, str]:
    """Answer of a deduction whose month it was, and in which month it is given back: in the first open one."""
    if event["type"] != "penalty.deducted":
        return {}
    from crm_cli.rules.penalty.evolve import closed_until, open_month  # noqa: PLC0415 - few corrections are of pay

    month = event["data"]["month"]
    return {"month": month, "booked": open_month(closed_until(case.past), month)}


def instead(kind: str) -> str:
    """Answer what to type where an event is not corrected but followed by another one."""
    acts = {
        "rotation.ordered": _("an order is replaced by another one: crm rotate order … --reason"),
        "rotation.opened": _("an open day is changed with: crm rotate off, on, adjust"),
        "rotation.closed": _("a closed day stays closed; the next one is opened with: crm rotate open"),
        "rotation.adjusted": _("an order is replaced by another one: crm rotate adjust"),
        "rotation.put_off": _("somebody comes back with crm rotate on; crm rotate adjust puts the order right"),
        "rotation.put_on": _("somebody is out again with: crm rotate off"),
        "rotation.status_set": _("a status is replaced by the right one: crm rotate status"),
        "rotation.assigned": _("a customer is moved on with: crm rotate redirect, hand-over"),
        "rotation.handed_over": _("a customer is moved on with: crm rotate redirect, hand-over"),
        "customer.described": _("a card is put right with: crm register update"),
        "customer.unlinked": _("two customers are linked again with: crm register link"),
        "staff.departed": _("somebody who is back is added again: crm staff add"),
        "office.corrected": _("a correction is followed by another one of the same event"),
        "penalty.executed": _("a fine is taken back on appeal, or with the event that states its fact"),
        "penalty.month_closed": _("a closed month stays closed; what turns up later is booked in a later one"),
    }
    if kind in ("case.opened", "case.stepped", "case.merged"):
        return _("a step of a case stands; another one follows it, such as a corrected entry, a return, a reopening")
    return acts.get(kind, _("nobody typed this event; correct the one that it follows from"))
