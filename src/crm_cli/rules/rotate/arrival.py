"""Who receives a customer: the facts of an arrival, the row that fits them, the receiver it names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm_cli.rules.customer import book
from crm_cli.rules.customer.ownership import visit_owner, visited
from crm_cli.rules.directory import members
from crm_cli.rules.rotate.board import Board, current, ring_of
from crm_cli.rules.rotate.walk import Walk, Walker, walk

if TYPE_CHECKING:
    from collections.abc import Collection

    from crm_cli.past import Past
    from crm_cli.policy.book import Cite, Hit
    from crm_cli.rules.decision import Case

Visit = dict[str, Any]  # client, kind visit|phone, asks, told, recognised, state, errand: what the desk said
Assignment = dict[str, Any]  # client, kind, ring, to, how, and what follows for the receiver and those passed


class Desk:
    """One look at the board for one customer, with everybody's standing as it is at this moment."""

    def __init__(self, case: Case, visit: Visit, without: str | None = None, also: Collection[str] = ()) -> None:
        self.case, self.visit, self.rules = case, visit, case.rules
        self.board: Board = current(case.past)
        self.ring = ring_of(case.rules, visit["kind"])
        self.walker = Walker(self.board, case.rules, self.ring, without, also)
        self.entries = [entry["number"] for entry in entries_of_visit(case.past, visit["client"])]
        self.owner = self._owner()
        known = visit["recognised"] or visit.get("asks") == self.owner
        self.recognised = self.owner if known else None
        self.cites: list[Cite] = []
        self.tested: list[dict[str, Any]] = []

    def _owner(self) -> str | None:
        found = visit_owner(self.case.past, self.rules, self.visit["client"], self.case.moment, self.entries)
        return found.owner if found and found.owner in members(self.case.past) else None

    def standing(self, person: str | None) -> str:
        """Answer how somebody asked for, or an owner, stands: nobody, free, busy, or out for the day."""
        if person is None:
            return "nobody"
        off = self.board["off"].get(person)
        if off:
            hit = self.rules.table("rotation", "absence", {"absence": off})
            self.cites.append(hit.cite)
            if hit.then["standing"] != "keeps":
                return str(hit.then["standing"])
        elif person not in self.board["rings"][self.ring]:
            return "out"
        return "free" if self.walker.can_serve(person) else "busy"

    def facts(self) -> dict[str, str | int | bool]:
        """Answer what the classification of a visit looks at."""
        visit = self.visit
        state = visit.get("state") or ("later" if self._known_visitor() else "first")
        return {
            "visitor": "errand" if self._no_client() else "client",
            "told": "not_told" if self._taken_from_the_one_asked_for() else "told",
            "asked": self.standing(visit.get("asks")),
            "visit": "first" if state == "first" else "later",
            "owner": self.standing(self.recognised),
            "clerk": "on_duty" if self.board["clerk"] else "none",
        }

    def _known_visitor(self) -> bool:
        return self.visit["recognised"] and visited(self.case.past, self.visit["client"], self.entries)

    def _taken_from_the_one_asked_for(self) -> bool:
        """Answer whether nobody told the one asked for, and it is somebody else's turn who can receive."""
        asks = self.visit.get("asks")
        return asks is not None and not self.visit["told"] and walk(self.walker).person not in (None, asks)

    def _no_client(self) -> bool:
        values, cite = self.rules.values("rotation", "desk")
        stays_out = self.visit.get("errand") in values["non_clients"]
        if stays_out:
            self.cites.append(cite)
        return stays_out

    def row(self) -> Hit:
        """Answer the row that says who receives."""
        name, facts = (
            ("receive", self.facts())
            if self.visit["kind"] == "visit"
            else ("call", {"asked": self.standing(self.visit.get("asks"))})
        )
        hit = self.rules.table("rotation", name, facts)
        self.cites.insert(0, hit.cite)
        self.tested.append({"rule": f"rotation/{name}", "row": hit.cite.row, "facts": facts})
        return hit


def place(desk: Desk) -> Assignment:
    """Answer the assignment of a customer: to a person, the office, or nobody yet (`waiting`, a call: `missed`)."""
    hit = desk.row()
    receiver, count = str(hit.then["receiver"]), str(hit.then["count"])
    if receiver == "nobody":
        return _assignment(desk, None, None, count="none")
    if receiver == "turn":
        return by_turn(desk)
    if receiver in ("asked", "owner"):
        return principal(desk, desk.visit["asks"] if receiver == "asked" else desk.owner, count)
    whom = desk.recognised or desk.visit.get("asks")
    if receiver == "office":
        return _assignment(desk, "office", "office", count="none", whom=whom)
    return _stand_in(desk, receiver, count, whom)


def by_turn(desk: Desk) -> Assignment:
    """Answer the assignment of a rotation client."""
    found = walk(desk.walker)
    if found.person is None:
        return _nobody(desk, None)
    desk.cites += found.cites
    desk.tested += found.tested
    taken = _assignment(desk, found.person, "makeup" if found.makeup else "turn", count="turn")
    return {
        **taken,
        "status": _status(desk, "new"),
        "passed": found.passed,
        "forfeited": found.forfeited,
        **_grab(desk, found),
    }


def principal(desk: Desk, person: str | None, count: str = "extra") -> Assignment:
    """Answer the assignment to the one asked for or the owner: an own client's state, a colleague's, or designated."""
    visit = desk.visit
    if desk.owner == person:
        how, word = "own", "closed" if visit.get("state") == "closed" else "open"
    else:
        how, word = "designated", "assist" if desk.owner else "designated"
    return {**_assignment(desk, person, how, count=count, whom=person), "status": _status(desk, word)}


def stand_in(desk: Desk, person: str, whom: str | None, count: str = "extra") -> Assignment:
    """Answer the assignment to somebody who receives on another's behalf."""
    return {**_assignment(desk, person, "stand-in", count=count, whom=whom), "status": _status(desk, "assist")}


def _stand_in(desk: Desk, end: str, count: str, whom: str | None) -> Assignment:
    queue: list[str] = desk.board["rings"][desk.ring]
    order = queue if end == "head" else list(reversed(queue))
    person = next((one for one in order if one != whom and desk.walker.can_serve(one)), None)
    if person is not None:
        return stand_in(desk, person, whom, count)
    if desk.board["clerk"]:
        return _assignment(desk, "office", "office", count="none", whom=whom)
    return _nobody(desk, whom)


def _nobody(desk: Desk, whom: str | None) -> Assignment:
    desk.cites.append(desk.rules.values("rotation", "waiting")[1])
    return _assignment(desk, "missed" if desk.visit["kind"] == "phone" else "waiting", None, count="none", whom=whom)


def _assignment(desk: Desk, to: str | None, how: str | None, *, count: str, whom: str | None = None) -> Assignment:
    found = {
        "client": desk.visit["client"],
        "kind": desk.visit["kind"],
        "ring": desk.ring,
        "to": to,
        "how": how,
        "count": count,
        "for": whom,
    }
    return {name: value for name, value in found.items() if value is not None or name in ("to", "how")}


def _status(desk: Desk, word: str) -> str:
    return "phone" if desk.visit["kind"] == "phone" else word


def _grab(desk: Desk, found: Walk) -> dict[str, str]:
    """Answer from whom the receiver took a customer who had asked for somebody, if nobody told that one."""
    asks = desk.visit.get("asks")
    if asks and not desk.visit["told"] and asks != found.person:
        return {"grabbed_from": asks}
    return {}


def visit_of(case: Case, asked: dict[str, Any], client: str, kind: str) -> Visit:
    """Answer what the desk said of an arrival or call; somebody asked for who is not in the rotation is nobody."""
    visit: Visit = {
        "client": client,
        "kind": kind,
        "told": not asked.get("not_told"),
        "recognised": not asked.get("unrecognised"),
    }
    if asked.get("asks") and in_rotation(case, asked["asks"]):
        visit["asks"] = asked["asks"]
    for name in ("state", "errand", "party"):
        if asked.get(name):
            visit[name] = asked[name]
    return visit


def entries_of_visit(past: Past, client: str) -> list[dict[str, Any]]:
    """Answer the book entries made for the visit or call going on; they make nobody a returning customer."""
    board = current(past)
    reception = board["here"].get(client)
    if reception is None or not reception.get("entered"):
        return []
    return [
        entry
        for entry in book.valid_entries(past, client)
        if entry["person"] == reception["entered"]
        and entry["number"] > reception["book"]
        and entry["at"][:10] == board["day"]
    ]


def in_rotation(case: Case, person: str) -> bool:
    """Answer whether a person has a role that takes turns."""
    roles = members(case.past).get(person, {"roles": []})["roles"]
    return bool(set(roles) & set(case.rules.values("rotation", "desk")[0]["ring"]))


def rotation_staff(case: Case) -> list[str]:
    """Answer everybody whose role takes turns, in the order they came."""
    return [person for person in members(case.past) if in_rotation(case, person)]
