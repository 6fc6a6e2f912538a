"""Slips at the desk. A turn that was taken stays taken; who still waits is decided anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm_cli.language import _
from crm_cli.rules import register
from crm_cli.rules.customer import book
from crm_cli.rules.decision import Case, RefusalError
from crm_cli.rules.directory import handle_of
from crm_cli.rules.rotate.arrival import Desk, in_rotation, place, visit_of
from crm_cli.rules.rotate.board import FREE, current, owed, status
from crm_cli.rules.rotate.desk import give, let_through

if TYPE_CHECKING:
    from crm_cli.rules.slip import Slip

NOBODY = ("office", "waiting")  # who is with a customer without being engaged


def arrival(case: Case, slip: Slip) -> None:
    """Record what follows when an arrival or a call was another one, or none at all."""
    if slip.change is None:
        if slip.subject:  # nothing followed from an errand
            _never_came(case, slip)
        return
    if not slip.subject:
        says = _("an errand is no customer; void it, then enter the customer: crm rotate arrive")
        raise RefusalError("not_correctable", says, *slip.cites)
    reception = _still_here(case, slip)
    if slip.client != slip.subject:
        _was_somebody_else(case, slip, here=reception is not None)
    if reception is not None:
        _visits_otherwise(case, slip)


def _still_here(case: Case, slip: Slip) -> dict[str, Any] | None:
    """Answer the reception that goes on from this very arrival, on a desk that is open."""
    reception: dict[str, Any] | None = current(case.past)["here"].get(slip.subject)
    mine = reception is not None and reception["event"] == slip.event["seq"]
    return reception if mine and _is_open(case) else None


def _never_came(case: Case, slip: Slip) -> None:
    reception = _still_here(case, slip)
    entries = book.entries_of_arrival(case.past, slip.subject, slip.event["seq"])
    person = reception["to"] if reception else None
    if person is not None:
        personal = {"handle": handle_of(case.past, slip.subject)}
        case.record("rotation.left", {"person": person}, *slip.cites, subject=slip.subject, personal=personal)
    for entry in entries:
        register.void(case, entry["customer"], [entry])
    if person is not None and person not in NOBODY:
        let_through(case, person)


def _was_somebody_else(case: Case, slip: Slip, *, here: bool) -> None:
    handle = str((slip.change or {})["client"])
    entries = book.entries_of_arrival(case.past, slip.subject, slip.event["seq"])
    if here and slip.client in current(case.past)["here"]:
        says = _("this customer is still here or waiting; crm rotate show shows with whom")
        raise RefusalError("already_here", says, client=slip.client)
    register.meet(case, slip.client, handle)
    data = {"was": slip.subject, "arrival": slip.event["seq"], "here": here}
    case.record("rotation.renamed", data, *slip.cites, subject=slip.client, personal={"handle": handle})
    register.move(case, entries, slip.client, handle, arrival=slip.event["seq"])


def _visits_otherwise(case: Case, slip: Slip) -> None:
    """Record the visit as it is; who has not been given to anybody yet is placed by it."""
    reception = current(case.past)["here"][slip.client]
    visit = visit_of(case, {**slip.words, **(slip.change or {})}, slip.client, reception["kind"])
    if visit != reception["visit"]:
        personal = {"handle": handle_of(case.past, slip.client)}
        case.record("rotation.visit_corrected", {"visit": visit}, *slip.cites, subject=slip.client, personal=personal)
    if reception["to"] != "waiting":
        return
    desk = Desk(case, visit)
    assignment = place(desk)
    if assignment["to"] != "waiting":
        give(case, desk, assignment, "rotation.assigned", visit=visit)


def finish(case: Case, slip: Slip) -> None:
    """Record that somebody is still with those whose reception was ended; a customer they got meanwhile stays too."""
    data, board = slip.event["data"], current(case.past)
    if not _is_open(case) or board["day"] != slip.event["happened"][:10] or not in_rotation(case, data["person"]):
        return
    ended = [_by_now(case, one) for one in data["ended"]]
    back = [one for one in ended if one is not None and one["client"] not in board["here"]]
    away = data["away"] if status(board, data["person"]) == FREE else None
    if back or away:
        case.record("rotation.resumed", {"person": data["person"], "receptions": back, "away": away}, *slip.cites)


def _by_now(case: Case, one: dict[str, Any]) -> dict[str, Any] | None:
    """Answer an engagement with the customer it is known to be with by now; None where they never came."""
    reception = one["reception"]
    known = case.past.get("correction", str(reception["event"])) if reception else None
    if known is None:
        return one
    visit = {**reception["visit"], "client": known["client"]}
    return None if known["void"] else {**one, "client": known["client"], "reception": {**reception, "visit": visit}}


def miss(case: Case, slip: Slip) -> None:
    """Record what somebody gets, and where they are, by the right reason."""
    data, reason = slip.event["data"], (slip.change or {}).get("reason")
    if reason is None:
        says = _("somebody else has received meanwhile; set the right reason: --set reason=WORD")
        raise RefusalError("not_correctable", says, *slip.cites)
    was = case.rules.table("rotation", "miss", {"reason": slip.words["reason"]})
    now = case.rules.table("rotation", "miss", {"reason": reason})
    tested = [{"rule": "rotation/miss", "row": now.cite.row, "facts": {"reason": reason}, "about": data["person"]}]
    if data.get("turn") and was.then["missed"] != now.then["missed"]:
        figures = {name: _weight(now, name) - _weight(was, name) for name in ("charge", "owe")}
        _recount(case, data["person"], data["ring"], figures["charge"], figures["owe"], now.cite, tested=tested)
    if _is_open(case) and current(case.past)["away"].get(data["person"]) == was.then["status"]:
        _stands(case, data["person"], str(now.then["status"]), now.cite)


def _weight(hit: Any, word: str) -> int:
    return int(hit.then["missed"] == word)


def _recount(case: Case, person: str, ring: str, charged: int, due: int, *cites: Any, **more: Any) -> bool:
    """Record other figures of somebody, if any: a turn that was taken is owed no more, and is not taken back."""
    if due < 0 and not owed(current(case.past), ring, person):
        due = 0
    if charged or due:
        data = {"person": person, "ring": ring, "charged": charged, "owed": due}
        case.record("rotation.recounted", data, *cites, **more)
    return bool(charged or due)


def _stands(case: Case, person: str, word: str, *cites: Any) -> None:
    if word != status(current(case.past), person):
        case.record("rotation.status_set", {"person": person, "status": word, "engaged": False}, *cites)
        let_through(case, person)


def redirect(case: Case, slip: Slip) -> None:
    """Record that a turn that was given back was taken; the customer stays with whoever has them now."""
    data = slip.event["data"]
    if data["turn"] and _recount(case, data["person"], data["ring"], 0, -1, *slip.cites):
        counted = {"person": data["person"], "ring": data["ring"], "charged": 0, "owed": 0, "served": 1}
        case.record("rotation.recounted", counted, *slip.cites)


def owe(case: Case, slip: Slip) -> None:
    """Record that turns are not owed, unless they were taken; an entry that one was owed for may owe it again."""
    given = slip.all("customer.turn_given_back")
    for number, owed_turn in enumerate(slip.all("rotation.owed")):
        if _recount(case, owed_turn["data"]["person"], "visit", 0, -1, *slip.cites) and given:
            entry = given[number]
            case.record("customer.turn_taken_back", entry["data"], *slip.cites, subject=entry["subject"])


def grab(case: Case, slip: Slip) -> None:
    """Record that nobody took a customer from a colleague: the rest of the suspension and the credit are dropped."""
    data, client = slip.event["data"], slip.subject
    withdrawn = {"person": data["person"], "days": data["days"], "event": slip.event["seq"]}
    case.record("rotation.grab_withdrawn", withdrawn, *slip.cites, subject=client)
    for credited in slip.all("customer.credited"):
        case.record("customer.credit_withdrawn", {"to": credited["data"]["to"]}, *slip.cites, subject=client)
    if data["at_once"] and _is_open(case) and current(case.past)["off"].get(data["person"]) == "suspended":
        case.record("rotation.put_on", {"person": data["person"]}, *slip.cites)
        let_through(case, data["person"])


def _is_open(case: Case) -> bool:
    board = current(case.past)
    return bool(board["open"] and board["day"] == case.day)
