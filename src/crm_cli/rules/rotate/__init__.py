"""Whose turn it is: the reception rotation, for visits and for calls.

Who only looks at the board loads nothing that decides: a cold look is what the desk does most.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from crm_cli.rules.directory import handle_of, members
from crm_cli.rules.rotate.board import RINGS, counts, current, ring_of, status, waiting
from crm_cli.rules.rotate.walk import Walker, walk

if TYPE_CHECKING:
    from crm_cli.past import Past
    from crm_cli.policy.book import Rulebook


def open_on(past: Past, day: str) -> bool:
    """Answer whether the desk is open on a day."""
    board = current(past)
    return bool(board["open"] and board["day"] == day)


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
        "waiting": [handle_of(past, client) for client in waiting(board)],
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
    return [handle_of(past, client) for client, began in since.items() if now - began > limit]


def _takes_turns(policy: Rulebook) -> set[str]:
    return set(policy.values("rotation", "desk")[0]["ring"])


def _receptions(past: Past, board: dict[str, Any]) -> list[dict[str, Any]]:
    """Answer who is here and with whom: [{"client", "to", "how", "for", "since"}], in order of arrival."""
    return [
        {"client": handle_of(past, client), **{name: one[name] for name in ("to", "how", "for", "since")}}
        for client, one in board["here"].items()
    ]
