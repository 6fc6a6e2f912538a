"""The board after an event. Reads the line and the past alone: no policy, no clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm_cli.rules.rotate.board import RINGS, Board, empty_board

if TYPE_CHECKING:
    from crm_cli.past import Event, Past

Data = dict[str, Any]


def evolve(past: Past, event: Event) -> None:
    """Fold an event of the rotation, or a departure, into the board."""
    change = CHANGES.get(event["type"])
    if change is None:
        return
    board = past.get("rotation", "board") or empty_board()
    change(past, board, event)
    past.put("rotation", "board", board)


def _ordered(past: Past, board: Board, event: Event) -> None:
    data = event["data"]
    past.put("rotation", f"week/{data['week']}", {"order": data["order"]})


def _opened(past: Past, board: Board, event: Event) -> None:
    data = event["data"]
    for ring in RINGS:
        board["rings"][ring] = list(data["rings"][ring])
        for person in data["makeup_expired"][ring]:
            board["makeup"][ring].remove(person)
    for person in data["suspended"]:
        _serve_suspension(board, person)
    board.update(
        day=event["happened"][:10], open=True, week=data["week"], opened_with=data["opened_with"], clerk=data["clerk"]
    )
    board.update(off=dict(data["off"]), away={}, here={}, received={})
    board["with"] = {}


def _serve_suspension(board: Board, person: str) -> None:
    board["suspensions"][person] -= 1
    if not board["suspensions"][person]:
        del board["suspensions"][person]


def _closed(past: Past, board: Board, event: Event) -> None:
    board["open"] = False


def _status_set(past: Past, board: Board, event: Event) -> None:
    person, word, kept = event["data"]["person"], event["data"]["status"], event["data"]["engaged"]
    board["away"].pop(person, None)
    if word == "free":
        _keep_engagements(board, person, lambda one: one["client"] is not None)
    elif kept:
        _keep_engagements(board, person, lambda one: one["client"] is not None)
        board["with"].setdefault(person, []).append({"client": None, "status": word})
    else:
        board["away"][person] = word


def _keep_engagements(board: Board, person: str, keeps: Any) -> None:
    kept = [one for one in board["with"].get(person, []) if keeps(one)]
    if kept:
        board["with"][person] = kept
    else:
        board["with"].pop(person, None)


def _arrived(past: Past, board: Board, event: Event) -> None:
    data = event["data"]
    assignment = data["assignment"]
    client = assignment["client"]
    if assignment["to"] in (None, "missed"):
        return
    board["here"].pop(client, None)
    book = past.get("customer", "book") or {"entries": 0}
    board["here"][client] = {
        "visit": data["visit"],
        "since": event["happened"],
        "book": book["entries"],
        "event": event.get("seq"),
    }
    board["received"][client] = True
    _assign(board, assignment)


def _assigned(past: Past, board: Board, event: Event) -> None:
    data = event["data"]
    assignment = data["assignment"]
    client = assignment["client"]
    if assignment["to"] == "missed":
        board["here"].pop(client, None)
        return
    reception = board["here"].pop(client)
    since = event["happened"] if assignment["to"] == "waiting" else reception["since"]
    visit = data.get("visit", reception["visit"])
    kept = {name: reception[name] for name in ("book", "event")}
    board["here"][client] = {"visit": visit, "since": since, **kept}
    _assign(board, assignment)


def _assign(board: Board, assignment: Data) -> None:
    """Give a customer to somebody: turns that came up get their outcome, the ring moves if one was used."""
    ring, person, count = assignment["ring"], assignment["to"], assignment["count"]
    reception = board["here"][assignment["client"]]
    for name in ("to", "how", "kind", "ring", "count", "for", "entered"):
        reception[name] = assignment.get(name)
    if person in ("office", "waiting"):
        return
    for passed, turn in assignment.get("passed", ()):
        _pass(board, ring, passed, turn)
    for holder in assignment.get("forfeited", ()):
        board["makeup"][ring].remove(holder)
        _count(board, ring, holder, "charged", 1)
    if assignment["how"] == "makeup":
        board["makeup"][ring].remove(person)
    elif count == "turn":
        _to_tail(board, ring, person)
    _count(board, ring, person, "served" if count == "turn" else "extra", 1)
    board["with"].setdefault(person, []).append({"client": assignment["client"], "status": assignment["status"]})


def _pass(board: Board, ring: str, person: str, turn: str) -> None:
    if turn == "owe":
        board["makeup"][ring].append(person)
    elif turn == "charge":
        _count(board, ring, person, "charged", 1)
    _to_tail(board, ring, person)


def _to_tail(board: Board, ring: str, person: str) -> None:
    if person in board["rings"][ring]:
        board["rings"][ring].remove(person)
        board["rings"][ring].append(person)


def _count(board: Board, ring: str, person: str, name: str, by: int) -> None:
    figures = board["counts"][ring].setdefault(person, {"served": 0, "charged": 0, "extra": 0})
    figures[name] += by


def _released(board: Board, client: str, person: str) -> None:
    """Take a customer from a person, who may still be with others."""
    _keep_engagements(board, person, lambda one: one["client"] != client)


def _uncount(board: Board, client: str) -> None:
    """Take back what receiving a customer counted."""
    reception = board["here"][client]
    name = "served" if reception["count"] == "turn" else "extra"
    _count(board, reception["ring"], reception["to"], name, -1)


def _finished(past: Past, board: Board, event: Event) -> None:
    person = event["data"]["person"]
    for one in board["with"].pop(person, []):
        board["here"].pop(one["client"], None)
    board["away"].pop(person, None)


def _missed(past: Past, board: Board, event: Event) -> None:
    data = event["data"]
    client, person, turn = event["subject"], data["person"], data["missed"]
    ring = board["here"][client]["ring"]
    _uncount(board, client)
    _released(board, client, person)
    if board["here"][client]["count"] == "turn" and turn == "owe":
        board["makeup"][ring].append(person)
    elif board["here"][client]["count"] == "turn" and turn == "charge":
        _count(board, ring, person, "charged", 1)
    board["here"][client]["entered"] = data.get("entered")
    if data["status"] != "free":
        board["away"][person] = data["status"]


def _redirected(past: Past, board: Board, event: Event) -> None:
    data = event["data"]
    client, person = event["subject"], data["person"]
    reception = board["here"][client]
    _uncount(board, client)
    _released(board, client, person)
    board["away"].pop(person, None)
    if reception["count"] == "turn":
        makeup = board["makeup"][reception["ring"]]
        makeup.insert(0 if data["place"] == "front" else len(makeup), person)
    reception["entered"] = data.get("entered")


def _handed_over(past: Past, board: Board, event: Event) -> None:
    giver = event["data"]["from"]
    if giver != "office":
        _released(board, event["subject"], giver)
    _assigned(past, board, event)


def _put_off(past: Past, board: Board, event: Event) -> None:
    person = event["data"]["person"]
    board["off"][person] = event["data"]["off"]
    for ring in RINGS:
        _drop(board["rings"][ring], person)


def _put_on(past: Past, board: Board, event: Event) -> None:
    person = event["data"]["person"]
    board["off"].pop(person, None)
    board["away"].pop(person, None)
    for ring in RINGS:
        if person not in board["rings"][ring]:
            board["rings"][ring].append(person)


def _adjusted(past: Past, board: Board, event: Event) -> None:
    board["rings"]["visit"] = list(event["data"]["order"])


def _owed(past: Past, board: Board, event: Event) -> None:
    board["makeup"]["visit"].append(event["data"]["person"])


def _grab_confirmed(past: Past, board: Board, event: Event) -> None:
    data = event["data"]
    person = data["person"]
    if event.get("subject") and data.get("from"):
        grab = past.get("grab", event["subject"]) or {}
        past.put("grab", event["subject"], {**grab, "by": person, "from": data["from"], "confirmed": True})
    if data["days"]:
        board["suspensions"][person] = board["suspensions"].get(person, 0) + data["days"]
    if data["at_once"]:
        _serve_suspension(board, person)
        _put_off(past, board, {"data": {"person": person, "off": "suspended"}})


def _grabbed(past: Past, board: Board, event: Event) -> None:
    """Remember who took a customer that had asked for somebody else, until the manager confirms it."""
    assignment = event["data"]["assignment"]
    if assignment and assignment.get("grabbed_from"):
        past.put(
            "grab",
            assignment["client"],
            {
                "by": assignment["to"],
                "from": assignment["grabbed_from"],
                "confirmed": False,
                "arrival": board["here"][assignment["client"]]["event"],
            },
        )


def _departed(past: Past, board: Board, event: Event) -> None:
    person = event["data"]["name"]
    for ring in RINGS:
        _drop(board["rings"][ring], person)
        board["makeup"][ring] = [holder for holder in board["makeup"][ring] if holder != person]
    board["off"].pop(person, None)
    board["away"].pop(person, None)
    board["suspensions"].pop(person, None)


def _drop(people: list[str], person: str) -> None:
    if person in people:
        people.remove(person)


def _received(past: Past, board: Board, event: Event) -> None:
    _arrived(past, board, event)
    _grabbed(past, board, event)


def _given(past: Past, board: Board, event: Event) -> None:
    _assigned(past, board, event)
    _grabbed(past, board, event)


def _left(past: Past, board: Board, event: Event) -> None:
    """Take away a customer who never came; what was counted stays counted."""
    person = event["data"]["person"]
    board["here"].pop(event["subject"], None)
    board["received"].pop(event["subject"], None)
    _released(board, event["subject"], person)


def _renamed(past: Past, board: Board, event: Event) -> None:
    """Let an arrival be another customer's: the reception, if it goes on, and a grab that was noted."""
    was, now = event["data"]["was"], event["subject"]
    grab = past.get("grab", was)
    if grab is not None and grab.get("arrival") == event["data"]["arrival"]:
        past.put("grab", now, grab)
        past.put("grab", was, {**grab, "moved": True})
    if event["data"]["here"]:
        _rename(board, was, now)


def _rename(board: Board, was: str, now: str) -> None:
    board["here"] = {now if client == was else client: one for client, one in board["here"].items()}
    board["received"] = dict.fromkeys(now if client == was else client for client in board["received"])
    for engaged in board["with"].values():
        for one in engaged:
            one["client"] = now if one["client"] == was else one["client"]
    board["here"][now]["visit"]["client"] = now


def _visit_corrected(past: Past, board: Board, event: Event) -> None:
    board["here"][event["subject"]]["visit"] = event["data"]["visit"]


def _resumed(past: Past, board: Board, event: Event) -> None:
    """Let somebody be with those again whose reception was not over."""
    person = event["data"]["person"]
    for one in event["data"]["receptions"]:
        board["with"].setdefault(person, []).append({"client": one["client"], "status": one["status"]})
        if one["client"]:
            board["here"][one["client"]] = one["reception"]
    if event["data"]["away"]:
        board["away"][person] = event["data"]["away"]


def _recounted(past: Past, board: Board, event: Event) -> None:
    data = event["data"]
    person, makeup = data["person"], board["makeup"][data["ring"]]
    _count(board, data["ring"], person, "charged", data["charged"])
    _count(board, data["ring"], person, "served", data.get("served", 0))
    if data["owed"] > 0:
        makeup.append(person)
    elif data["owed"] < 0:
        del makeup[len(makeup) - 1 - makeup[::-1].index(person)]  # the turn owed last


def _grab_withdrawn(past: Past, board: Board, event: Event) -> None:
    """Drop what was not served of a suspension; what was served stays served."""
    data = event["data"]
    left = board["suspensions"].get(data["person"], 0) - data["days"]
    board["suspensions"].pop(data["person"], None)
    if left > 0:
        board["suspensions"][data["person"]] = left
    grab = past.get("grab", event["subject"])
    if grab is not None:
        past.put("grab", event["subject"], {**grab, "confirmed": False})


def _entry_corrected(past: Past, board: Board, event: Event) -> None:
    """Let the reception that an entry belongs to know in whose name it stands now."""
    reception, data = board["here"].get(event["subject"]), event["data"]
    if reception and "person" in data and reception.get("entered") == data["was"]:
        reception["entered"] = data["person"]


def _roles_set(past: Past, board: Board, event: Event) -> None:
    if not event["data"]["in_turn"]:
        _departed(past, board, event)


CHANGES = {
    "rotation.ordered": _ordered,
    "rotation.opened": _opened,
    "rotation.closed": _closed,
    "rotation.status_set": _status_set,
    "rotation.arrived": _received,
    "rotation.called": _received,
    "rotation.assigned": _given,
    "rotation.finished": _finished,
    "rotation.missed": _missed,
    "rotation.redirected": _redirected,
    "rotation.handed_over": _handed_over,
    "rotation.put_off": _put_off,
    "rotation.put_on": _put_on,
    "rotation.adjusted": _adjusted,
    "rotation.owed": _owed,
    "rotation.grab_confirmed": _grab_confirmed,
    "rotation.left": _left,
    "rotation.renamed": _renamed,
    "rotation.visit_corrected": _visit_corrected,
    "rotation.resumed": _resumed,
    "rotation.recounted": _recounted,
    "rotation.grab_withdrawn": _grab_withdrawn,
    "customer.entry_corrected": _entry_corrected,
    "staff.departed": _departed,
    "staff.roles_set": _roles_set,
}
