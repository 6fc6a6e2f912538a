"""The rotation of seed 000 part 3, told a second time from its description alone, every switch at its default.

A desk takes the requests that the program takes, as (noun, asked, day), and answers who received whom, or raises
`RefusedError`. Where the description is silent the reading is marked "silent:".
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

OWED = frozenset({"new", "designated", "closed", "assist", "phone", "official"})
CHARGED = frozenset({"open", "private"})
WITH_CLIENT = frozenset({"new", "designated", "open", "closed", "assist"})
FREE = frozenset({"free"})
TURNS = ("turn", "makeup")
ANY_TIME = ("order", "open", "owe", "confirm_grab")

Assignment = tuple[str | None, str | None, str | None]  # client, to, how
Asked = dict[str, Any]


class RefusedError(Exception):
    """What the description forbids."""


@dataclass
class Queue:
    """A ring with its make-ups and counts: one for visits, one for calls."""

    ring: list[str] = field(default_factory=list)
    makeup: list[str] = field(default_factory=list)
    counts: dict[str, dict[str, int]] = field(default_factory=dict)

    def count(self, person: str, what: str, by: int = 1) -> None:
        self.counts.setdefault(person, {"served": 0, "charged": 0, "owed": 0, "extra": 0})[what] += by

    def owe(self, person: str, *, first: bool = False) -> None:
        self.makeup.insert(0 if first else len(self.makeup), person)
        self.count(person, "owed")


@dataclass(frozen=True)
class Client:
    """What the desk knows of somebody at the door or on the line."""

    name: str
    call: bool = False
    asks: str | None = None
    told: bool = True
    recognised: bool = True
    state: str | None = None


@dataclass
class Reception:
    """A client who is here: with a salesperson, with the clerk ("office"), or "waiting"."""

    client: Client
    to: str
    how: str | None = None
    owner: str | None = None  # on whose behalf
    before: int = 0  # entries in the book when the client came: the later ones are of this visit
    entered: str | None = None  # in whose name this visit is entered


@dataclass
class Entry:
    client: str
    person: str
    kind: str
    void: bool = False


class Model:
    """The desk: people, two queues, the book, and who is with whom."""

    def __init__(self, people: list[str]) -> None:
        self.people = list(people)
        self.orders: dict[int, list[str]] = {}
        self.today = 0  # days from a Monday
        self.day, self.week, self.is_open, self.clerk = -1, -1, False, True
        self.opened_with: tuple[Any, ...] = ()
        self.visits, self.calls = Queue(), Queue()
        self.away: dict[str, str] = {}  # person -> status set by hand
        self.busy: dict[str, list[tuple[str | None, str]]] = {p: [] for p in people}  # client, status; in order begun
        self.off: dict[str, str] = {}
        self.here: dict[str, Reception] = {}  # in the order they arrived, or began to wait
        self.known: set[str] = set()
        self.book: list[Entry] = []
        self.kin: dict[str, list[str]] = {}
        self.grabs: dict[str, tuple[str, str, bool]] = {}  # client -> asked for, taken by, confirmed
        self.credited: dict[str, str] = {}
        self.suspensions: dict[str, int] = {}
        self.done: list[Assignment] = []

    def play(self, noun: str, asked: Asked, day: int) -> list[Assignment]:
        self.today, self.done = day, []
        verb = asked["verb"]
        closed = self.day != day or (not self.is_open and verb != "close")
        if noun == "rotate" and verb not in ANY_TIME and closed:
            raise RefusedError("the day is not open")
        unsaid = ("verb", "relation", "party", *(("reason",) if verb in ("adjust", "owe") else ()))
        words = {name: value for name, value in asked.items() if name not in unsaid}
        getattr(self, f"{noun}_{verb}")(**words)
        return self.done

    # ---- the book: sections 9 and 10

    def family(self, client: str) -> list[str]:
        found = [client]
        for one in found:
            found += [other for other in self.kin.get(one, []) if other not in found]
        return found

    def owner(self, client: str, *, calls_count: bool = False) -> str | None:
        now = [] if calls_count else self.of_visit(client)  # a visit does not make itself a later one
        family = self.family(client)
        mine = [e for e in self.book if e.client in family and not e.void and not any(e is one for one in now)]
        first = [e for e in mine if e.kind == "visit"] or [e for e in mine if calls_count]
        return first[0].person if first else None

    def credit(self, client: str) -> str | None:
        # silent: of several grabs in a family the client's own counts, then the newest
        grabbed = [self.credited[one] for one in self.credited if one in self.family(client)]
        return self.credited.get(client) or (grabbed[-1] if grabbed else self.owner(client, calls_count=True))

    def of_visit(self, client: str) -> list[Entry]:
        """The entries of the visit that is going on, whoever wrote them."""
        one = self.here.get(client)
        mine = self.book[one.before :] if one and one.entered else []
        return [e for e in mine if one and e.client == client and e.person == one.entered and not e.void]

    def register_add(self, handle: str, to: str, kind: str) -> None:
        self.known.add(handle)
        self.book.append(Entry(handle, to, kind))

    def register_link(self, handle: str, same_as: str) -> None:
        if not {handle, same_as} <= self.known or handle == same_as:
            raise RefusedError("two known clients")
        for one, other in ((handle, same_as), (same_as, handle)):
            if other not in self.kin.setdefault(one, []):
                self.kin[one].append(other)

    # ---- week and day: section 3

    def rotate_order(self, order: list[str], reason: str | None = None) -> None:
        if sorted(order) != sorted(self.people) or (self.orders.get(self.today // 7, order) != order and not reason):
            raise RefusedError("everybody once; a second order has a reason")
        self.orders[self.today // 7] = list(order)

    def rotate_open(
        self, off: dict[str, str] | None = None, order: list[str] | None = None, *, no_clerk: bool = False
    ) -> None:
        week = self.orders.get(self.today // 7)
        if self.is_open and self.day == self.today and self.opened_with == (off, order, no_clerk):
            return
        if week is None or self.today <= self.day:
            raise RefusedError("no order for the week, or a day that has been")
        out = dict(off or {})
        due = [p for p in week if self.suspensions.get(p) and p not in out]
        on_duty = [p for p in week if p not in [*out, *due]]
        if order and sorted(order) != sorted(on_duty):
            raise RefusedError("not the people on duty")
        for person in due:
            self.suspensions[person] -= 1
        self.off = {**out, **dict.fromkeys(due, "suspended")}
        for queue in (self.visits, self.calls):
            go_on = self.week == self.today // 7 and queue.ring
            at = week.index(queue.ring[0]) if go_on else 0
            queue.ring = order or [p for p in week[at:] + week[:at] if p in on_duty]  # silent: an order is for both
            queue.ring = list(queue.ring)
        self.opened_with = (off, order, no_clerk)
        self.day, self.week, self.is_open, self.clerk = self.today, self.today // 7, True, not no_clerk
        self.away, self.busy, self.here = {}, {p: [] for p in self.people}, {}

    def rotate_close(self) -> None:
        self.is_open = False

    def rotate_adjust(self, order: list[str]) -> None:
        if sorted(order) != sorted(self.visits.ring):
            raise RefusedError("not the people of the ring")
        self.visits.ring = list(order)

    def rotate_owe(self, person: str) -> None:
        self.visits.owe(person)

    def rotate_off(self, person: str, off: str) -> None:
        self.off[person] = off
        for queue in (self.visits, self.calls):
            queue.ring = [p for p in queue.ring if p != person]

    def rotate_on(self, person: str) -> None:
        if person not in self.visits.ring:
            self.off.pop(person, None)
            self.away.pop(person, None)
            for queue in (self.visits, self.calls):
                queue.ring.append(person)
            self.freed(person)

    def rotate_confirm_grab(self, handle: str) -> None:
        if handle not in self.grabs:
            raise RefusedError("no grab is noted")
        asked_for, taker, confirmed = self.grabs[handle]
        if not confirmed:
            self.grabs[handle] = (asked_for, taker, True)
            self.credited[handle] = asked_for
            self.suspensions[taker] = self.suspensions.get(taker, 0) + 1

    # ---- who is what

    def status(self, person: str) -> str:
        busy = self.busy[person]
        return self.away.get(person) or (busy[0][1] if busy else "free")

    def stands(self, person: str, without: str | None = None, wanted: frozenset[str] = FREE) -> str:
        """Free, busy or out, as section 4 asks it of somebody named and of an owner."""
        if person not in self.visits.ring and self.off.get(person) != "suspended":
            return "out"
        return "free" if person != without and self.status(person) in wanted else "busy"

    def next(self) -> str | None:
        ring = self.visits.ring if self.is_open else []
        return next((p for p in [*self.visits.makeup, *ring] if p in ring and self.status(p) == "free"), None)

    def freed(self, person: str) -> None:
        """Section 7: the longest-waiting client whom somebody can take now; one for each who becomes free."""
        if self.status(person) == "free":
            for one in [one for one in self.here.values() if one.to == "waiting"]:
                if self.place(one.client, silent=True)[1] != "waiting":
                    return

    # ---- the walk: section 5

    def walk(self, queue: Queue, without: str | None, wanted: frozenset[str]) -> tuple[str, str] | None:
        able = [p for p in queue.ring if p != without and self.status(p) in wanted]
        for person in queue.makeup:
            if person in able:
                queue.makeup.remove(person)
                queue.count(person, "owed", -1)
                queue.count(person, "served")
                return person, "makeup"
        if not able:
            return None
        passed = [p for p in queue.ring[: queue.ring.index(able[0])] if p != without]
        for person in passed:
            if self.status(person) in OWED:
                queue.owe(person)
            if self.status(person) in CHARGED:
                queue.count(person, "charged")
        moved = [*passed, able[0]]
        queue.ring = [p for p in queue.ring if p not in moved] + moved
        queue.count(able[0], "served")
        return able[0], "turn"

    # ---- who receives: section 4, and for calls section 11

    def place(
        self, client: Client, without: str | None = None, wanted: frozenset[str] = FREE, *, silent: bool = False
    ) -> Assignment:
        asks, owner = client.asks, self.owner(client.name)
        if asks and not client.told and self.next_but(without, wanted) not in {None, asks}:
            return self.turn(client, without, wanted, silent=silent)  # section 8
        if asks and self.stands(asks, without, wanted) == "free":  # row 2
            return self.receive(client, asks, "own" if asks == owner else "designated", asks)
        if client.call:
            return self.turn(client, without, wanted, silent=silent)
        if owner and (client.recognised or asks == owner):  # rows 4 to 6
            if self.stands(owner, without, wanted) == "free":
                return self.receive(client, owner, "own", owner)
            return self.stand_in(client, owner, without, wanted, silent=silent)
        if asks:  # rows 3 and 6
            first = (client.state or "first") == "first"
            if self.stands(asks) != "out" and first and self.clerk:
                return self.settle(client, "office", "office", asks)
            return self.stand_in(client, asks, without, wanted, silent=silent)
        return self.turn(client, without, wanted, silent=silent)  # row 7

    def next_but(self, without: str | None, wanted: frozenset[str]) -> str | None:
        ring = [p for p in self.visits.ring if p != without and self.status(p) in wanted]
        return next((p for p in [*self.visits.makeup, *ring] if p in ring), None)

    def stand_in(
        self, client: Client, owner: str, without: str | None, wanted: frozenset[str], *, silent: bool
    ) -> Assignment:
        ring = [p for p in self.visits.ring if p not in (without, owner) and self.status(p) in wanted]
        if ring:
            return self.receive(client, ring[0] if self.stands(owner) == "out" else ring[-1], "stand-in", owner)
        if self.clerk:
            return self.settle(client, "office", "office", owner)
        return self.wait(client, silent=silent)

    def turn(self, client: Client, without: str | None, wanted: frozenset[str], *, silent: bool) -> Assignment:
        found = self.walk(self.calls if client.call else self.visits, without, wanted)
        if not found:
            return self.wait(client, silent=silent)
        person, how = found
        if client.asks and not client.told and client.asks != person:
            self.grabs[client.name] = (client.asks, person, False)
        return self.receive(client, person, how, person)

    def receive(self, client: Client, person: str, how: str, owner: str) -> Assignment:
        if how not in TURNS:
            (self.calls if client.call else self.visits).count(person, "extra")
        status = {"own": "closed" if client.state == "closed" else "open", "stand-in": "assist"}.get(how, "new")
        if how == "designated":
            status = "assist" if self.owner(client.name) else "designated"
        self.busy[person].append((client.name, "phone" if client.call else status))
        return self.settle(client, person, how, owner)

    def settle(self, client: Client, to: str, how: str, owner: str) -> Assignment:
        """Enter the visit in the owner's name, unless that is done already."""
        was = self.here.pop(client.name, None) or Reception(client, to, before=len(self.book))
        if was.entered != owner:
            self.book.append(Entry(client.name, owner, "phone" if client.call else "visit"))
        self.here[client.name] = Reception(client, to, how, owner, was.before, owner)
        return self.say(client, to, how)

    def wait(self, client: Client, *, silent: bool) -> Assignment:
        if silent:  # waits already, and keeps the place
            return client.name, "waiting", None
        was = self.here.pop(client.name, None) or Reception(client, "", before=len(self.book))
        if client.call:
            return self.say(client, "missed", None)
        self.here[client.name] = Reception(client, "waiting", before=was.before, entered=was.entered)
        return self.say(client, "waiting", None)

    def say(self, client: Client, to: str, how: str | None) -> Assignment:
        self.done.append((client.name, to, how))
        return self.done[-1]

    # ---- what the desk reports

    def rotate_arrive(
        self, handle: str, asks: str | None = None, same_as: str | None = None, errand: str | None = None,
        state: str | None = None, *, not_told: bool = False, unrecognised: bool = False,
    ) -> None:  # fmt: skip
        if handle in self.here or (same_as and (same_as == handle or same_as not in self.known)):
            raise RefusedError("still here, or related to nobody known")
        if errand:  # row 1
            self.done.append((None, None, None))
            return
        self.known.add(handle)
        if same_as:
            self.register_link(handle, same_as)
        asks = asks if asks in self.people else None
        self.place(Client(handle, asks=asks, told=not not_told, recognised=not unrecognised, state=state))

    def rotate_call(self, handle: str, asks: str | None = None) -> None:
        if handle in self.here:
            raise RefusedError("still here")
        self.known.add(handle)
        self.place(Client(handle, call=True, asks=asks if asks in self.people else None))

    def rotate_status(self, person: str, status: str) -> None:
        by_desk = [one for one in self.busy[person] if one[0]]
        if status == self.status(person) == "free":
            return
        if status == "free" and person not in self.away and by_desk == self.busy[person]:
            raise RefusedError("still with a client")
        self.away.pop(person, None)
        if status in {"free", *WITH_CLIENT}:
            self.busy[person] = by_desk + [(None, status)] * (status != "free")
        else:
            self.away[person] = status
        self.freed(person)

    def rotate_finish(self, person: str) -> None:
        if not self.busy[person] and self.away.get(person) != "phone":  # silent: hanging up is a finish
            raise RefusedError("with nobody")
        for client, _status in self.busy[person]:
            self.here.pop(client or "", None)
        self.busy[person] = []
        self.away.pop(person, None)
        self.freed(person)

    def held(self, handle: str) -> Reception:
        one = self.here.get(handle)
        if one is None or one.to in ("office", "waiting"):
            raise RefusedError("nobody receives this client")
        return one

    def let_go(self, one: Reception) -> Queue:
        self.busy[one.to] = [(client, status) for client, status in self.busy[one.to] if client != one.client.name]
        queue = self.calls if one.client.call else self.visits
        queue.count(one.to, "served" if one.how in TURNS else "extra", -1)
        return queue

    def strike(self, one: Reception) -> None:
        for entry in self.of_visit(one.client.name):
            entry.void = True
        one.entered = None

    def rotate_miss(self, handle: str, reason: str) -> None:
        one = self.held(handle)
        queue = self.let_go(one)
        self.away[one.to] = reason
        if one.how not in TURNS:
            self.place(one.client, one.to)
            return
        self.strike(one)
        if reason == "official":
            queue.owe(one.to)
        else:
            queue.count(one.to, "charged")
        self.turn(one.client, one.to, FREE, silent=False)

    def rotate_refuse(self, handle: str) -> None:
        self.rotate_miss(handle, "private")

    def rotate_redirect(self, handle: str, to: str, state: str | None = None) -> None:
        one = self.here.get(handle)
        if one is None:
            raise RefusedError("not here")
        client = replace(one.client, asks=to, told=True, recognised=True, state=state or one.client.state)
        one.client = client
        if one.to in ("office", "waiting"):  # silent: the clerk asks the two questions; nothing to take back
            self.place(client)
            return
        queue = self.let_go(one)
        self.away.pop(one.to, None)
        self.strike(one)
        if one.how in TURNS:
            queue.owe(one.to, first=True)
        self.place(client)
        self.freed(one.to)

    def rotate_hand_over(self, handle: str, to: str) -> None:
        one = self.here.get(handle)
        if one is None or one.to == "waiting" or one.how in TURNS or to == one.to or self.stands(to) != "free":
            raise RefusedError("not handed over, or not to somebody free")
        if one.to != "office":  # silent: a stand-in hands over as the clerk does, and keeps the extra
            self.busy[one.to] = [(client, status) for client, status in self.busy[one.to] if client != handle]
        mine = "own" if self.owner(handle) == to else "designated"
        owner = one.owner or to
        self.receive(one.client, to, mine if owner == to else "stand-in", owner)
        if one.to != "office":
            self.freed(one.to)

    def rotate_look_after_both(self, handle: str) -> None:
        one = self.here.get(handle)
        if one is None or one.to != "waiting":
            raise RefusedError("not waiting")
        if self.place(one.client, wanted=FREE | WITH_CLIENT, silent=True)[1] == "waiting":
            raise RefusedError("nobody is on the floor with a client")

    def board(self) -> dict[str, Any]:
        """What the desk sees, as `crm rotate show` puts it, and whose every client is."""
        nothing = {"served": 0, "charged": 0, "owed": 0, "extra": 0}
        return {
            "next": self.next(),
            "ring": self.visits.ring,
            "makeup": self.visits.makeup,
            "phone_ring": self.calls.ring,
            "phone_makeup": self.calls.makeup,
            "counts": {person: self.visits.counts.get(person, nothing) for person in self.people},
            "phone_counts": {person: self.calls.counts.get(person, nothing) for person in self.people},
            "waiting": [name for name, one in self.here.items() if one.to == "waiting"],
            "status": {person: self.status(person) for person in self.people},
            "off": self.off,
            "with": sorted((one.client.name, one.to, one.how) for one in self.here.values()),
            "credit": {client: self.credit(client) for client in sorted(self.known)},
        }
