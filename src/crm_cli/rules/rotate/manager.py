"""What the manager does: the week's order, the day, who is out, adjustments, confirmed grabs."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from crm_cli.clock import week_of
from crm_cli.errors import UsageError
from crm_cli.language import _
from crm_cli.rules.customer import book
from crm_cli.rules.decision import Case, Decision, RefusalError, not_own, permitted
from crm_cli.rules.directory import find, handle_of, members
from crm_cli.rules.rotate.arrival import rotation_staff
from crm_cli.rules.rotate.board import RINGS, Board, current
from crm_cli.rules.rotate.desk import let_through, open_board, somebody

if TYPE_CHECKING:
    from collections.abc import Sequence


def order(case: Case) -> Decision:
    """Answer the order of a week; a second one for the same week needs a reason."""
    cite = permitted(case, "rotation", "order")
    names, week = case.asked["order"], case.asked.get("week") or week_of(date.fromisoformat(case.day))
    _permutation(names, rotation_staff(case), _("everybody in the rotation"))
    known = case.past.get("rotation", f"week/{week}")
    if known and known["order"] == names:
        return Decision("already", [cite])
    if known and not case.asked.get("reason"):
        says = _("{week} has an order; another one needs a reason").format(week=week)
        raise RefusalError("reason_missing", says, cite, week=week)
    case.record("rotation.ordered", {"week": week, "order": names, "reason": case.asked.get("reason")}, cite)
    return case.decided("done")


def _permutation(names: Sequence[str], wanted: Sequence[str], whom: str) -> None:
    """Refuse an order that does not name each of those wanted exactly once."""
    missing = [name for name in wanted if name not in names]
    strange = [name for name in names if name not in wanted]
    twice = sorted({name for name in names if names.count(name) > 1})
    parts = [(_("missing: {names}"), missing), (_("not among them: {names}"), strange), (_("twice: {names}"), twice)]
    wrong = _("; ").join(text.format(names=", ".join(found)) for text, found in parts if found)
    if wrong:
        raise UsageError(
            _("the order must name {whom} once ({wrong})").format(whom=whom, wrong=wrong),
            fix=_("name each of: {names}").format(names=" ".join(wanted)),
        )


def open_day(case: Case) -> Decision:
    """Answer the opening of a day; it closes the one before and continues where that stopped."""
    cite = permitted(case, "rotation", "open")
    board = current(case.past)
    asked = {name: case.asked[name] for name in ("order", "off", "no_clerk") if case.asked.get(name)}
    if board["day"] == case.day and board["open"]:
        if board["opened_with"] == asked:
            return Decision("already", [cite])
        says = _("{day} is open; off, on and adjust change it").format(day=case.day)
        raise RefusalError("day_is_open", says, cite, day=case.day)
    if board["day"] and case.day <= board["day"]:
        raise RefusalError("before_closed_day", _("{day} is closed").format(day=case.day), cite, day=case.day)
    case.record("rotation.opened", _opening(case, board, asked), *_opening_cites(case, cite))
    return case.decided("done")


def _opening_cites(case: Case, cite: Any) -> list[Any]:
    return [case.rules.values("rotation", "day")[1], cite]


def _opening(case: Case, board: Board, asked: dict[str, Any]) -> dict[str, Any]:
    week = week_of(date.fromisoformat(case.day))
    base = _base_order(case, board, week)
    off = {somebody(case, person): word for person, word in asked.get("off", {}).items()}
    suspended = [person for person in base if board["suspensions"].get(person) and person not in off]
    off.update(dict.fromkeys(suspended, "suspended"))
    on_duty = [person for person in base if person not in off]
    if asked.get("order"):
        _permutation(asked["order"], on_duty, _("everybody on duty"))
    rings = {
        ring: list(asked["order"]) if asked.get("order") else _continued(case, board, ring, base, off, week)
        for ring in RINGS
    }
    return {
        "week": week,
        "rings": rings,
        "off": off,
        "suspended": suspended,
        "clerk": not asked.get("no_clerk") and _has_clerk(case),
        "makeup_expired": {ring: _expired(case, board, ring, week) for ring in RINGS},
        "opened_with": asked,
    }


def _has_clerk(case: Case) -> bool:
    """Answer whether anybody on the staff has the role that looks after customers in the office."""
    wanted = set(case.rules.values("rotation", "desk")[0]["clerk"])
    return any(wanted & set(member["roles"]) for member in members(case.past).values())


def _base_order(case: Case, board: Board, week: str) -> list[str]:
    """Answer the week's order, those who came since at its tail; a week without one is refused."""
    known = case.past.get("rotation", f"week/{week}")
    values, cite = case.rules.values("rotation", "week")
    if known is None and values["missing_order"] == "refuse":
        says = _("{week} has no order; the manager sets it with: crm rotate order").format(week=week)
        raise RefusalError("week_without_order", says, cite, week=week)
    staff = rotation_staff(case)
    named = [person for person in (known["order"] if known else board["rings"]["visit"]) if person in staff]
    return named + [person for person in staff if person not in named]


def _continued(case: Case, board: Board, ring: str, base: list[str], off: dict[str, str], week: str) -> list[str]:
    """Answer today's ring: the base order from whoever was on turn last; a new week begins at its head."""
    values, _cite = case.rules.values("rotation", "day")
    yesterday = board["rings"][ring]
    start = 0
    if values["start"] == "continue" and board["week"] == week and yesterday and yesterday[0] in base:
        start = base.index(yesterday[0])
    return [person for person in base[start:] + base[:start] if person not in off]


def _expired(case: Case, board: Board, ring: str, week: str) -> list[str]:
    values, _cite = case.rules.values("rotation", "makeup")
    ends = values["expires"]
    over = ends == "day" or (ends == "week" and board["week"] != week)
    return list(board["makeup"][ring]) if over else []


def close(case: Case) -> Decision:
    """Answer the closing of the day, and whose first visit was entered without the two answers."""
    cite = permitted(case, "rotation", "close")
    board = current(case.past)
    if board["day"] == case.day and not board["open"]:
        return Decision("already", [cite])
    open_board(case)
    open_entries = book.unanswered(case.past, board["received"])
    case.record("rotation.closed", {"unanswered": open_entries}, cite)
    return case.decided("done")


def adjust(case: Case) -> Decision:
    """Answer a new order of the ring for the rest of the day; counts and make-ups stay."""
    cite = permitted(case, "rotation", "adjust")
    board = open_board(case)
    _permutation(case.asked["order"], board["rings"]["visit"], _("everybody on duty"))
    case.record("rotation.adjusted", {"order": case.asked["order"], "reason": case.asked["reason"]}, cite)
    return case.decided("done")


def owe(case: Case) -> Decision:
    """Answer a turn owed by the manager's word."""
    cite = permitted(case, "rotation", "owe")
    person = somebody(case, case.asked["person"])
    case.record("rotation.owed", {"person": person, "reason": case.asked["reason"]}, cite)
    return case.decided("done")


def off(case: Case) -> Decision:
    """Answer an absence for the rest of the day: out of both rings, nothing charged, nothing owed."""
    permitted(case, "rotation", "off")
    board = open_board(case)
    person, word = somebody(case, case.asked["person"]), case.asked["off"]
    hit = case.rules.table("rotation", "absence", {"absence": word})
    if board["off"].get(person) == word:
        return Decision("already", [hit.cite])
    tested = [{"rule": "rotation/absence", "row": hit.cite.row, "facts": {"absence": word}, "about": person}]
    case.record("rotation.put_off", {"person": person, "off": word}, hit.cite, tested=tested)
    return case.decided("done")


def on(case: Case) -> Decision:
    """Answer somebody's return to, or late start of, the day: at the tail of both rings."""
    cite = permitted(case, "rotation", "on")
    board = open_board(case)
    person = somebody(case, case.asked["person"])
    if person in board["rings"]["visit"]:
        return Decision("already", [cite])
    case.record("rotation.put_on", {"person": person}, cite)
    let_through(case, person)
    return case.decided("done")


def confirm_grab(case: Case) -> Decision:
    """Answer a confirmed grab: credit to the one who was asked for, a suspension for the one who took."""
    right = permitted(case, "rotation", "confirm_grab")
    client = find(case.past, case.asked["handle"])
    grab = case.past.get("grab", client)
    values, cite = case.rules.values("rotation", "grab")
    personal = {"handle": handle_of(case.past, client)}
    if case.asked.get("offender"):
        person = somebody(case, case.asked["offender"])
        data = _suspension(case, person, values["other_days"])
        case.record(
            "rotation.grab_confirmed",
            {"person": person, "violation": "grab_client", **data},
            cite,
            subject=client,
            personal=personal,
        )
        return case.decided("confirmed")
    if grab is None or grab.get("moved") or _void(case, grab.get("arrival")):
        says = _("nobody is noted as having taken this customer from a colleague who was asked for")
        raise RefusalError("no_grab", says, cite, client=client)
    not_own(case, right, grab["by"], grab["from"])
    if grab["confirmed"]:
        return Decision("already", [cite])
    data = {
        "person": grab["by"],
        "from": grab["from"],
        "violation": "grab_order",
        **_suspension(case, grab["by"], values["days"]),
    }
    case.record("rotation.grab_confirmed", data, cite, subject=client, personal=personal)
    if not case.rules.has("register", "grab"):
        return case.decided("confirmed")
    credit, article = case.rules.values("register", "grab")
    if credit["credit"] == "asked":
        case.record("customer.credited", {"to": grab["from"]}, article, subject=client, personal=personal)
    return case.decided("confirmed")


def _void(case: Case, arrival: int | None) -> bool:
    """Answer whether an arrival was corrected to nothing."""
    found = case.past.get("correction", str(arrival))
    return found is not None and bool(found["void"])


def _suspension(case: Case, person: str, days: int) -> dict[str, Any]:
    """Answer how many duty days are lost, and whether the first of them is today."""
    board = current(case.past)
    values, _cite = case.rules.values("rotation", "grab")
    today = board["open"] and board["day"] == case.day and person in board["rings"]["visit"]
    return {"days": days, "at_once": bool(days) and values["day"] == "same" and bool(today)}
