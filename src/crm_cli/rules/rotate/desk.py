"""What the desk does: a customer arrives, calls, is missed, handed on; somebody is free again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm_cli.errors import UsageError
from crm_cli.language import _
from crm_cli.rules import register
from crm_cli.rules.customer import book
from crm_cli.rules.decision import Case, Decision, RefusalError, permitted
from crm_cli.rules.directory import find, handle_of, known
from crm_cli.rules.rotate.arrival import (
    Assignment,
    Desk,
    Visit,
    by_turn,
    entries_of_visit,
    in_rotation,
    place,
    principal,
    stand_in,
    visit_of,
)
from crm_cli.rules.rotate.board import Board, current, engagements, status, waiting

if TYPE_CHECKING:
    from crm_cli.policy.book import Cite

BUSY_STATUSES = ("new", "designated", "open", "closed", "assist")  # those that mean: with a customer


def open_board(case: Case) -> Board:
    """Answer the board of the open day; on a day that is not open nothing can be decided."""
    board = current(case.past)
    cite = case.rules.values("rotation", "day")[1]
    if board["day"] and case.day < board["day"]:
        says = _("{day} is closed; the desk stands at {now}").format(day=case.day, now=board["day"])
        raise RefusalError("before_closed_day", says, cite, day=case.day)
    if board["day"] == case.day and not board["open"]:
        says = _("{day} is closed and stays so; the next day is opened with: crm rotate open").format(day=case.day)
        raise RefusalError("before_closed_day", says, cite, day=case.day)
    if board["day"] != case.day:
        says = _("{day} is not open; the manager opens it with: crm rotate open").format(day=case.day)
        raise RefusalError("day_not_open", says, cite, day=case.day)
    return board


def somebody(case: Case, person: str) -> str:
    """Answer the person, who must have a role that takes turns."""
    if not in_rotation(case, person):
        raise UsageError(
            _("{name} is not in the rotation").format(name=person),
            fix=_("crm staff list shows who is, and in which role"),
        )
    return person


def arrive(case: Case) -> Decision:
    """Answer who receives somebody who came to the door."""
    permitted(case, "rotation", "arrive")
    open_board(case)
    return _received(case, "visit")


def call(case: Case) -> Decision:
    """Answer who takes a phone call; a call nobody can take is missed and does not wait."""
    permitted(case, "rotation", "call")
    open_board(case)
    return _received(case, "phone")


def _received(case: Case, kind: str) -> Decision:
    handle = case.asked["handle"]
    client = known(case.past, handle) or book.next_id(case.past)
    if client in current(case.past)["here"]:
        says = _("this customer is still here or waiting; crm rotate show shows with whom")
        raise RefusalError("already_here", says, client=client)
    visit = visit_of(case, case.asked, client, kind)
    if case.asked.get("same_as"):
        register.meet(case, client, handle)
        register.link(case, client, find(case.past, case.asked["same_as"]), case.asked["relation"])
    desk = Desk(case, visit)
    assignment = place(desk)
    if assignment["to"] is None:
        return _no_client(case, desk, assignment)
    give(case, desk, assignment, "rotation.arrived" if kind == "visit" else "rotation.called", visit=visit)
    return case.decided(_verdict(assignment))


def _no_client(case: Case, desk: Desk, assignment: Assignment) -> Decision:
    """Answer an errand: nobody is entered in the book, so nothing personal is kept."""
    data = {"assignment": {**assignment, "client": None}, "visit": {**desk.visit, "client": None}}
    case.record("rotation.arrived", data, *desk.cites, tested=desk.tested)
    return case.decided("kept")


def _verdict(assignment: Assignment) -> str:
    return assignment["to"] if assignment["to"] in ("waiting", "missed") else "assigned"


def give(case: Case, desk: Desk, assignment: Assignment, kind: str, **more: Any) -> None:
    """Record an assignment, and the book entry in the name of the one it speaks for."""
    client = assignment["client"]
    handle = case.asked["handle"] if kind in ("rotation.arrived", "rotation.called") else handle_of(case.past, client)
    entry = _entry(case, assignment)
    if entry:
        assignment = {**assignment, "entered": entry}
    cites = [*more.pop("cites", ()), *desk.cites]
    entered_before = current(case.past)["here"].get(client, {}).get("entered")
    first = not book.valid_entries(case.past, client)
    case.record(
        kind,
        {"assignment": assignment, **more},
        *cites,
        subject=client,
        personal={"handle": handle},
        tested=desk.tested,
    )
    if entry and entry != entered_before:
        marks = {**_marks(desk, assignment), "arrival": current(case.past)["here"].get(client, {}).get("event")}
        register.enter(case, client, handle, entry, desk.visit["kind"], first=first, **marks)
    else:
        register.meet(case, client, handle)


def _entry(case: Case, assignment: Assignment) -> str | None:
    """Answer in whose name the book entry is made: the receiver of a turn, else the one it speaks for."""
    if assignment["to"] in ("waiting", "missed"):
        entered: str | None = current(case.past)["here"].get(assignment["client"], {}).get("entered")
        return entered
    if assignment["how"] in ("turn", "makeup"):
        person: str = assignment["to"]
        return person
    whom: str | None = assignment.get("for")
    return whom


def _marks(desk: Desk, assignment: Assignment) -> dict[str, bool]:
    mine = assignment["how"] in ("turn", "makeup")
    asked = desk.visit.get("asks")
    return {
        "turn": mine,
        "unrecognised": mine and not desk.visit["recognised"] and desk.owner is not None,
        "redesignated": bool(asked) and assignment.get("for") == asked and desk.owner not in (None, asked),
    }


def let_through(case: Case, person: str) -> None:
    """Give the customer who has waited longest, and whom somebody can take now, to the one who became free."""
    board = current(case.past)
    if status(board, person) != "free":
        return
    for client in waiting(board):
        desk = Desk(case, board["here"][client]["visit"])
        assignment = place(desk)
        if assignment["to"] != "waiting":
            give(case, desk, assignment, "rotation.assigned")
            return


def set_status(case: Case) -> Decision:
    """Answer a status set by hand: away, back, or with a customer the desk did not assign."""
    cite = permitted(case, "rotation", "status")
    board = open_board(case)
    person, word = somebody(case, case.asked["person"]), case.asked["status"]
    if word == status(board, person) and word in board["away"].get(person, "free") and not engagements(board, person):
        return Decision("already", [cite])
    if (
        word == "free"
        and person not in board["away"]
        and not any(one["client"] is None for one in engagements(board, person))
    ):
        says = _("{name} is still with a customer; crm rotate finish {name} ends it").format(name=person)
        raise RefusalError("still_receiving", says, cite, person=person)
    case.record("rotation.status_set", {"person": person, "status": word, "engaged": word in BUSY_STATUSES}, cite)
    let_through(case, person)
    return case.decided("done")


def finish(case: Case) -> Decision:
    """Answer the end of all that a person was busy with; one waiting customer is let through."""
    cite = permitted(case, "rotation", "finish")
    board = open_board(case)
    person = somebody(case, case.asked["person"])
    busy = engagements(board, person)
    if not busy and board["away"].get(person) != "phone":
        raise RefusalError("nothing_to_finish", _("{name} is with nobody").format(name=person), cite, person=person)
    clients = [one["client"] for one in busy if one["client"]]
    ended = [{**one, "reception": board["here"].get(one["client"])} for one in busy]
    data = {"person": person, "clients": clients, "ended": ended, "away": board["away"].get(person)}
    case.record("rotation.finished", data, cite)
    let_through(case, person)
    return case.decided("done")


def _reception(case: Case) -> tuple[str, dict[str, Any]]:
    """Answer the customer who was named and how they are received; one who is not here is refused."""
    client = find(case.past, case.asked["handle"])
    reception = current(case.past)["here"].get(client)
    if reception is None:
        raise RefusalError("not_here", _("this customer is not here; crm rotate show shows who is"), client=client)
    return client, reception


def _held(case: Case) -> tuple[str, dict[str, Any]]:
    """Answer a reception by a person, not one that waits or is with the office."""
    client, reception = _reception(case)
    if reception["to"] in ("office", "waiting"):
        raise RefusalError("not_received", _("nobody has been given this customer yet"), client=client)
    return client, reception


def miss(case: Case) -> Decision:
    """Answer who receives instead of somebody who was assigned and did not come."""
    permitted(case, "rotation", "miss")
    open_board(case)
    return _failed(case, case.asked["reason"])


def refuse(case: Case) -> Decision:
    """Answer who receives instead of somebody who turned the customer down."""
    permitted(case, "rotation", "refuse")
    open_board(case)
    return _failed(case, "refused")


def _failed(case: Case, reason: str) -> Decision:
    client, reception = _held(case)
    person = reception["to"]
    hit = case.rules.table("rotation", "miss", {"reason": reason})
    turn = reception["how"] in ("turn", "makeup")
    tested = [{"rule": "rotation/miss", "row": hit.cite.row, "facts": {"reason": reason}, "about": person}]
    data = {"person": person, "reason": reason, **hit.then, "kind": reception["kind"], "ring": reception["ring"]}
    data["turn"] = turn
    if not turn:
        data["entered"] = reception.get("entered")
    personal, entries = {"handle": handle_of(case.past, client)}, entries_of_visit(case.past, client)
    case.record("rotation.missed", data, hit.cite, subject=client, personal=personal, tested=tested)
    if turn:
        register.void(case, client, entries)
    desk = Desk(case, reception["visit"], without=person)
    assignment = by_turn(desk) if turn else place(desk)
    give(case, desk, assignment, "rotation.assigned")
    return case.decided(_verdict(assignment))


def redirect(case: Case) -> Decision:
    """Answer who receives a customer who turns out to be, or to ask for, somebody's; the asker's turn is given back."""
    permitted(case, "rotation", "redirect")
    open_board(case)
    client, reception = _reception(case)
    whom, person = somebody(case, case.asked["to"]), reception["to"]
    visit: Visit = {**reception["visit"], "asks": whom, "told": True, "recognised": True}
    if case.asked.get("state"):
        visit["state"] = case.asked["state"]
    cites = [] if person in ("office", "waiting") else [_take_back(case, client, reception)]
    desk = Desk(case, visit)
    assignment = place(desk)
    give(case, desk, assignment, "rotation.assigned", visit=visit, cites=cites)
    if person not in ("office", "waiting"):
        let_through(case, person)
    return case.decided(_verdict(assignment))


def _take_back(case: Case, client: str, reception: dict[str, Any]) -> Cite:
    values, cite = case.rules.values("rotation", "redirect")
    entries = entries_of_visit(case.past, client)
    data = {"person": reception["to"], "place": values["place"], "ring": reception["ring"]}
    data["turn"] = reception["count"] == "turn"
    personal = {"handle": handle_of(case.past, client)}
    case.record("rotation.redirected", data, cite, subject=client, personal=personal)
    register.void(case, client, entries)
    return cite


def hand_over(case: Case) -> Decision:
    """Answer the handing of a customer, by the office or whoever looks after them, to the one they are for."""
    cite = permitted(case, "rotation", "hand_over")
    open_board(case)
    client, reception = _reception(case)
    person, giver = somebody(case, case.asked["to"]), reception["to"]
    if giver == "waiting" or reception["how"] in ("turn", "makeup"):
        says = _("a customer received in turn is not handed over; crm rotate redirect gives the turn back")
        raise RefusalError("not_handed_over", says, cite, client=client)
    mine = person == reception["for"]
    desk = Desk(case, {**reception["visit"], "asks": person, "told": True} if mine else reception["visit"])
    if person == giver or desk.standing(person) != "free":
        raise RefusalError("not_free", _("{name} is not free").format(name=person), cite, person=person)
    if mine:
        assignment = principal(desk, person, str(desk.row().then["count"]))
    else:
        assignment = stand_in(desk, person, reception["for"])
    case.record(
        "rotation.handed_over",
        {"from": giver, "assignment": {**assignment, "entered": reception.get("entered")}},
        *desk.cites,
        cite,
        subject=client,
        personal={"handle": handle_of(case.past, client)},
        tested=desk.tested,
    )
    if giver != "office":
        let_through(case, giver)
    return case.decided("assigned")


def look_after_both(case: Case) -> Decision:
    """Answer who takes a waiting customer beside the one they have, on the manager's order."""
    cite = permitted(case, "rotation", "look_after_both")
    board = open_board(case)
    client, reception = _reception(case)
    if reception["to"] != "waiting":
        raise RefusalError("not_waiting", _("this customer is not waiting"), cite, client=client)
    values, both = case.rules.values("rotation", "both")
    chosen = case.asked.get("to")
    if values["chosen_by"] == "manager" and not chosen:
        raise UsageError(_("the manager names who looks after both"), fix="--to NAME")
    if values["chosen_by"] == "order" and chosen:
        raise UsageError(_("who looks after both goes by the order here"), fix=_("leave out --to"))
    desk = Desk(case, reception["visit"], also=values["among"])
    assignment = _chosen(case, desk, board, chosen) if chosen else place(desk)
    if assignment["to"] == "waiting":
        raise RefusalError("nobody_on_the_floor", _("nobody is on the floor with a customer"), both, client=client)
    give(case, desk, assignment, "rotation.assigned", cites=[both, cite])
    return case.decided("assigned")


def _chosen(case: Case, desk: Desk, board: Board, chosen: str) -> Assignment:
    """Answer the assignment to the one the manager named: an ordinary turn."""
    person = somebody(case, chosen)
    if not desk.walker.can_serve(person):
        raise RefusalError(
            "not_on_the_floor", _("{name} is not on the floor with a customer").format(name=person), person=person
        )
    desk.walker.board = {**board, "rings": {desk.ring: [person]}, "makeup": {desk.ring: []}}
    return by_turn(desk)
