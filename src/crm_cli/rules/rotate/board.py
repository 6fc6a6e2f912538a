"""The board of a reception desk: who is in which ring, owed, away, with whom. One document; functions that read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crm_cli.past import Past
    from crm_cli.policy.book import Rulebook

Board = dict[str, Any]
RINGS = ("visit", "phone")
FREE = "free"


def empty_board() -> Board:
    """Answer the board of an office that has never opened a day."""
    return {
        "day": None,  # the day that is or was open, and whether it still is
        "open": False,
        "week": None,  # the week whose order the ring follows
        "opened_with": None,  # what the day was opened with, to know the same request again
        "clerk": True,
        "rings": {"visit": [], "phone": []},  # on duty, the first is on turn
        "makeup": {"visit": [], "phone": []},  # owed turns, oldest first, a name once for each
        "counts": {"visit": {}, "phone": {}},  # person -> served, charged, extra
        "off": {},  # person -> kind of absence for the whole day
        "away": {},  # person -> status set by hand
        "with": {},  # person -> engagements in the order they began
        "here": {},  # customer -> reception; in order of arrival
        "received": {},  # customers received today, in order: customer -> True
        "suspensions": {},  # person -> duty days still to be missed
    }


def current(past: Past) -> Board:
    """Answer the board as it stands; it must not be changed."""
    return past.get("rotation", "board") or empty_board()


def engagements(board: Board, person: str) -> list[dict[str, Any]]:
    """Answer what a person is busy with, first begun first: [{"client": id or None, "status": word}]."""
    found: list[dict[str, Any]] = board["with"].get(person, [])
    return found


def status(board: Board, person: str) -> str:
    """Answer the one status of a person: set by hand, else that of the reception begun first, else free."""
    busy = engagements(board, person)
    word: str = board["away"].get(person) or (busy[0]["status"] if busy else FREE)
    return word


def statuses(board: Board, person: str) -> list[str]:
    """Answer every status a person has at once."""
    words = [board["away"].get(person), *(one["status"] for one in engagements(board, person))]
    return [word for word in words if word] or [FREE]


def owed(board: Board, ring: str, person: str) -> int:
    """Answer how many turns a person is owed."""
    makeup: list[str] = board["makeup"][ring]
    return makeup.count(person)


def counts(board: Board, ring: str, person: str) -> dict[str, int]:
    """Answer the counts of a person in one ring."""
    known = board["counts"][ring].get(person, {})
    figures = {name: known.get(name, 0) for name in ("served", "charged", "extra")}
    return {
        "served": figures["served"],
        "charged": figures["charged"],
        "owed": owed(board, ring, person),
        "extra": figures["extra"],
    }


def turns(board: Board, ring: str, person: str) -> int:
    """Answer the fairness measure of a person: served, charged and owed together."""
    figures = counts(board, ring, person)
    return figures["served"] + figures["charged"] + figures["owed"]


def waiting(board: Board) -> list[str]:
    """Answer the customers nobody could take yet, longest waiting first."""
    return [customer for customer, reception in board["here"].items() if reception["to"] == "waiting"]


def present(board: Board) -> dict[str, str]:
    """Answer the customers who are here or were received on the day of the board, with who has them if they are."""
    here = {customer: str(reception["to"]) for customer, reception in board["here"].items()}
    return here | {customer: "" for customer in reversed(board["received"]) if customer not in here}


def ring_of(rules: Rulebook, kind: str) -> str:
    """Answer which ring a visit or a call moves: calls have their own unless the policy shares one."""
    values, _cite = rules.values("rotation", "phone")
    return "visit" if values["ring"] == "shared" else kind
