"""The walk: make-ups first, then the ring from its head to the first who can serve."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crm_cli.rules.rotate.board import Board, owed, status, statuses, turns

if TYPE_CHECKING:
    from collections.abc import Collection

    from crm_cli.policy.book import Cite, Hit, Rulebook

STRICTEST = ("charge", "owe", "serve")


@dataclass(eq=False, repr=False)
class Walk:
    """Who takes a turn (None: nobody can), by a make-up or not, and what becomes of those it passed."""

    person: str | None = None
    makeup: bool = False
    passed: list[tuple[str, str]] = field(default_factory=list)  # (person, owe | charge | none), in ring order
    forfeited: list[str] = field(default_factory=list)  # holders of a make-up that lapsed
    cites: list[Cite] = field(default_factory=list)
    tested: list[dict[str, Any]] = field(default_factory=list)


@dataclass(eq=False, repr=False)
class Walker:
    """What a walk looks at: a ring of a board, the rules, who is left out, who may serve besides the free."""

    board: Board
    rules: Rulebook
    ring: str
    without: str | None = None
    also: Collection[str] = ()

    def turn(self, person: str) -> Hit:
        """Answer what becomes of a turn that comes up while its holder is as they are now."""
        values, _cite = self.rules.values("rotation", "day")
        words = statuses(self.board, person) if values["two_clients"] == "strictest" else [status(self.board, person)]
        hits = [self.rules.table("rotation", "turn", {"status": word}) for word in words]
        return min(hits, key=lambda hit: STRICTEST.index(str(hit.then["turn"])))

    def can_serve(self, person: str) -> bool:
        """Answer whether a person may be given a customer now."""
        if person == self.without:
            return False
        return status(self.board, person) in self.also or self.turn(person).then["turn"] == "serve"

    def queue(self) -> tuple[list[str], Cite]:
        """Answer the people on duty in the order their turns come, and the rule that orders them."""
        ring: list[str] = self.board["rings"][self.ring]
        values, cite = self.rules.values("rotation", "pick")
        if values["next"] == "fewest":
            return sorted(ring, key=lambda person: turns(self.board, self.ring, person)), cite
        return ring, cite


def walk(walker: Walker) -> Walk:
    """Answer who receives a rotation client; when nobody can, nothing else is answered."""
    found = Walk()
    if not _by_makeup(walker, found) and not _by_ring(walker, found):
        return Walk()
    return found


def _by_makeup(walker: Walker, found: Walk) -> bool:
    values, cite = walker.rules.values("rotation", "makeup")
    lapsing: list[str] = values["forfeited_while"]
    holders: list[str] = walker.board["makeup"][walker.ring]
    on_duty = set(walker.board["rings"][walker.ring])
    for person in dict.fromkeys(holders):
        if person == walker.without or person not in on_duty:
            continue
        if walker.can_serve(person):
            _note(walker, found, person, walker.turn(person))
            found.person, found.makeup = person, True
            found.cites.append(cite)
            return True
        if status(walker.board, person) in lapsing:
            found.forfeited.append(person)
            found.cites.append(cite)
    return False


def _by_ring(walker: Walker, found: Walk) -> bool:
    queue, pick = walker.queue()
    for person in queue:
        if person == walker.without or person in found.forfeited:
            continue
        hit = walker.turn(person)
        _note(walker, found, person, hit)
        if walker.can_serve(person):
            found.person = person
            found.cites.append(pick)
            return True
        found.passed.append((person, _outcome(walker, person, str(hit.then["turn"]))))
    return False


def _outcome(walker: Walker, person: str, turn: str) -> str:
    """Answer what a passed person gets: nothing where the policy caps make-ups and the cap is reached."""
    values, _cite = walker.rules.values("rotation", "makeup")
    capped = values["cap"] is not None and owed(walker.board, walker.ring, person) >= values["cap"]
    return "none" if turn == "owe" and capped else turn


def _note(walker: Walker, found: Walk, person: str, hit: Hit) -> None:
    found.cites.append(hit.cite)
    found.tested.append(
        {
            "rule": "rotation/turn",
            "row": hit.cite.row,
            "facts": {"status": status(walker.board, person)},
            "about": person,
        }
    )
