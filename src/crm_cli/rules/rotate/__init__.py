"""Whose turn it is: the reception rotation, for visits and for calls."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from crm_cli.rules import register
from crm_cli.rules.decision import Asked, Case, Decision, answered, members
from crm_cli.rules.rotate import desk, manager
from crm_cli.rules.rotate.board import RINGS, counts, current, ring_of, status, waiting
from crm_cli.rules.rotate.evolve import CHANGES, evolve
from crm_cli.rules.rotate.walk import Walker, walk

if TYPE_CHECKING:
    from crm_cli.past import Event, Past
    from crm_cli.policy.book import Rulebook

__all__ = ["CHANGES", "decide", "evolve", "next_in_turn", "overdue", "show"]

VERBS = {
    "order": manager.order,
    "open": manager.open_day,
    "close": manager.close,
    "adjust": manager.adjust,
    "owe": manager.owe,
    "off": manager.off,
    "on": manager.on,
    "confirm_grab": manager.confirm_grab,
    "status": desk.set_status,
    "arrive": desk.arrive,
    "call": desk.call,
    "finish": desk.finish,
    "miss": desk.miss,
    "refuse": desk.refuse,
    "redirect": desk.redirect,
    "hand_over": desk.hand_over,
    "look_after_both": desk.look_after_both,
}


def decide(past: Past, policy: Rulebook, asked: Asked, now: datetime) -> Decision:
    """Answer what becomes of a request to the desk; `asked["verb"]` is one of `VERBS`."""
    return answered(VERBS[asked["verb"]], Case(past.fork(), policy, asked, now, _fold))


def _fold(past: Past, event: Event) -> None:
    evolve(past, event)
    register.evolve(past, event)


def next_in_turn(past: Past, policy: Rulebook, kind: str = "visit") -> dict[str, Any]:
    """Answer who would receive a new customer now: {"next": name or None, "how": turn or makeup, "cites"}."""
    board = current(past)
    if not board["open"]:
        return {"next": None, "how": None, "cites": []}
    found = walk(Walker(board, policy, ring_of(policy, kind)))
    how = None if found.person is None else "makeup" if found.makeup else "turn"
    return {"next": found.person, "how": how, "cites": found.cites}


def show(past: Past, policy: Rulebook) -> dict[str, Any]:
    """Answer the whole board as the desk needs it."""
    board = current(past)
    staff = [person for person, member in members(past).items() if set(member["roles"]) & _takes_turns(policy)]
    visit, phone = (ring_of(policy, kind) for kind in RINGS)
    return {
        "day": board["day"],
        "open": board["open"],
        "next": next_in_turn(past, policy)["next"],
        "ring": board["rings"][visit],
        "makeup": board["makeup"][visit],
        "phone_ring": board["rings"][phone],
        "phone_makeup": board["makeup"][phone],
        "counts": {person: counts(board, visit, person) for person in staff},
        "phone_counts": {person: counts(board, phone, person) for person in staff},
        "waiting": [register.handle_of(past, client) for client in waiting(board)],
        "status": {person: status(board, person) for person in staff},
        "off": board["off"],
        "clerk": board["clerk"],
        "with": _receptions(past, board),
    }


def overdue(past: Past, policy: Rulebook, now: datetime) -> list[str]:
    """Answer who has waited longer than the house allows; nobody where it sets no limit."""
    board = current(past)
    longest = policy.values("rotation", "waiting")[0].get("max_minutes")
    if longest is None:
        return []
    since = {client: datetime.fromisoformat(board["here"][client]["since"]) for client in waiting(board)}
    limit = timedelta(minutes=longest)
    return [register.handle_of(past, client) for client, began in since.items() if now - began > limit]


def _takes_turns(policy: Rulebook) -> set[str]:
    return set(policy.values("rotation", "desk")[0]["ring"])


def _receptions(past: Past, board: dict[str, Any]) -> list[dict[str, Any]]:
    """Answer who is here and with whom: [{"client", "to", "how", "for", "since"}], in order of arrival."""
    return [
        {"client": register.handle_of(past, client), **{name: one[name] for name in ("to", "how", "for", "since")}}
        for client, one in board["here"].items()
    ]
