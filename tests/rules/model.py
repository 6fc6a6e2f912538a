"""The rotation of seed 000 part 3, told a second time from its description alone, with every switch at its default."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

OWED = frozenset({"new", "designated", "closed", "assist", "phone", "official"})
CHARGED = frozenset({"open", "private"})
WITH_CLIENT = frozenset({"new", "designated", "open", "closed", "assist"})
TURNS = frozenset({"turn", "makeup"})

type Assignment = tuple[str, str, str]  # client, to, how


class RefusedError(Exception):
    """What the description forbids."""


@dataclass
class Queue:
    """One ring with its make-ups and counts: one for visits, one for calls."""

    ring: list[str] = field(default_factory=list)
    makeup: list[str] = field(default_factory=list)
    counts: dict[str, dict[str, int]] = field(default_factory=dict)

    def count(self, person: str, what: str, by: int = 1) -> None:
        row = self.counts.setdefault(person, {"served": 0, "charged": 0, "owed": 0, "extra": 0})
        row[what] += by

    def owe(self, person: str, *, first: bool = False) -> None:
        self.makeup.insert(0 if first else len(self.makeup), person)
        self.count(person, "owed")


@dataclass(frozen=True)
class Arrival:
    """What the desk knows of a client at the door or on the line."""

    client: str
    asks: str | None = None
    told: bool = True
    recognised: bool = True
    state: str | None = None
    call: bool = False


@dataclass(frozen=True)
class Reception:
    """One client with one salesperson."""

    arrival: Arrival
    person: str
    how: str
    status: str
    entry: int  # number in the book


@dataclass
class Entry:
    """One line of the book."""

    client: str
    person: str
    kind: str
    void: bool = False


class Model:
    """The desk: people, two queues, the book, and who is with whom."""

    def __init__(self, people: list[str]) -> None:
        self.people = list(people)
        self.order: list[str] = []
        self.fresh_week = True
        self.clerk = True
        self.visits, self.calls = Queue(), Queue()
        self.status = dict.fromkeys(people, "free")
        self.off: dict[str, str] = {}
        self.receptions: list[Reception] = []
        self.office: dict[str, Arrival] = {}
        self.waiting: list[Arrival] = []
        self.book: list[Entry] = []
        self.links: list[set[str]] = []
        self.grabs: dict[str, tuple[str, str]] = {}  # client -> asked for, taken by; not yet confirmed
        self.confirmed: dict[str, str] = {}
        self.suspensions: dict[str, int] = {}

    # ---- section 9 and 10: the book

    def family(self, client: str) -> set[str]:
        return next((group for group in self.links if client in group), {client})

    def link(self, client: str, other: str) -> None:
        both = self.family(client) | self.family(other)
        self.links = [group for group in self.links if not group & both] + [both]

    def owner(self, client: str, *, calls_count: bool = False) -> str | None:
        mine = [e for e in self.book if e.client in self.family(client) and not e.void]
        first = [e for e in mine if e.kind == "visit"] or [e for e in mine if calls_count]
        return first[0].person if first else None

    def credit(self, client: str) -> str | None:
        return self.confirmed.get(client) or self.owner(client, calls_count=True)

    def enter(self, client: str, person: str, kind: str = "visit") -> int:
        self.book.append(Entry(client, person, kind))
        return len(self.book) - 1

    # ---- section 3: week and day

    def set_order(self, order: list[str]) -> None:
        self.order, self.fresh_week = list(order), True

    def open_day(self, off: dict[str, str] | None = None, order: list[str] | None = None, *, clerk: bool = True) -> None:
        heads = [None if self.fresh_week or not q.ring else q.ring[0] for q in (self.visits, self.calls)]
        self.fresh_week, self.clerk, self.off = False, clerk, dict(off or {})
        for person, days in self.suspensions.items():
            if days and person in self.order and person not in self.off:
                self.off[person] = "suspended"
                self.suspensions[person] -= 1
        self.receptions, self.office, self.waiting = [], {}, []
        self.status = dict.fromkeys(self.people, "free")
        for queue, head in zip((self.visits, self.calls), heads, strict=True):
            at = self.order.index(head) if head in self.order else 0
            queue.ring = [p for p in self.order[at:] + self.order[:at] if p not in self.off]
        if order:
            self.visits.ring = list(order)

    def adjust(self, order: list[str]) -> None:
        if sorted(order) != sorted(self.visits.ring):
            raise RefusedError("not the people of the ring")
        self.visits.ring = list(order)

    def take_off(self, person: str, why: str) -> None:
        self.off[person] = why
        for queue in (self.visits, self.calls):
            queue.ring = [p for p in queue.ring if p != person]

    def put_on(self, person: str) -> list[Assignment]:
        self.off.pop(person, None)
        for queue in (self.visits, self.calls):
            queue.ring.append(person)
        return self.freed(person)

    # ---- who is free

    def is_free(self, person: str, without: str | None = None) -> bool:
        here = person in self.visits.ring or self.off.get(person) == "suspended"
        return here and self.status[person] == "free" and person != without

    def next(self) -> str | None:
        ring = self.visits.ring
        return next((p for p in [*self.visits.makeup, *ring] if p in ring and self.is_free(p)), None)

    def freed(self, person: str) -> list[Assignment]:
        """Sections 5 and 7: the client who has waited longest is classified anew, if PERSON is free."""
        if not self.waiting or not self.is_free(person):
            return []
        arrival = self.waiting.pop(0)
        done = self.place(arrival)
        if self.waiting and self.waiting[-1] is arrival:  # still nobody: keeps the first place
            self.waiting.insert(0, self.waiting.pop())
            return []
        return [done]

    # ---- section 5: the walk

    def walk(self, queue: Queue, without: str | None, wanted: frozenset[str]) -> tuple[str, str] | None:
        able = [p for p in queue.ring if p != without and self.status[p] in wanted]
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
            if self.status[person] in OWED:
                queue.owe(person)
            elif self.status[person] in CHARGED:
                queue.count(person, "charged")
        moved = [*passed, able[0]]
        queue.ring = [p for p in queue.ring if p not in moved] + moved
        queue.count(able[0], "served")
        return able[0], "turn"

    # ---- section 4: who receives

    def place(self, arrival: Arrival, without: str | None = None) -> Assignment:
        client = arrival.client
        asks = arrival.asks if arrival.asks in self.people else None
        owner = self.owner(client)
        if asks and not arrival.told and self.next() not in {None, asks}:
            return self.turn(arrival, without)
        if asks and self.is_free(asks, without):  # row 2
            return self.receive(arrival, asks, "own" if asks == owner else "designated", owner or asks)
        if owner and (arrival.recognised or asks):
            if self.is_free(owner, without):  # row 4
                return self.receive(arrival, owner, "own", owner)
            return self.stand_in(arrival, owner, without)
        if asks:
            return self.stand_in(arrival, asks, without, clerk_first=True)
        return self.turn(arrival, without)

    def stand_in(
        self, arrival: Arrival, owner: str, without: str | None, *, clerk_first: bool = False
    ) -> Assignment:
        """Rows 3, 5 and 6: somebody looks after OWNER's client, uncounted."""
        on_duty = owner in self.visits.ring or self.off.get(owner) == "suspended"
        ring = [p for p in self.visits.ring if self.is_free(p, without) and p != owner]
        if self.clerk and (not ring or (clerk_first and on_duty)):
            self.office[arrival.client] = arrival
            self.enter(arrival.client, owner)
            return arrival.client, "office", "office"
        if not ring:
            return self.wait(arrival)
        return self.receive(arrival, ring[-1] if on_duty else ring[0], "stand-in", owner)

    def turn(self, arrival: Arrival, without: str | None = None) -> Assignment:
        """Row 7."""
        found = self.walk(self.visits, without, frozenset({"free"}))
        if not found:
            return self.wait(arrival)
        person, how = found
        if not arrival.told and arrival.asks in self.people and arrival.asks != person:
            self.grabs[arrival.client] = (arrival.asks or "", person)
        return self.receive(arrival, person, how, person)

    def wait(self, arrival: Arrival) -> Assignment:
        self.waiting.append(arrival)
        return arrival.client, "waiting", "waiting"

    def receive(self, arrival: Arrival, person: str, how: str, owner: str) -> Assignment:
        if how not in TURNS:
            self.visits.count(person, "extra")
        own = arrival.state if arrival.state in {"open", "closed"} else "open"
        status = {"own": own, "stand-in": "assist", "designated": "designated" if owner == person else "assist"}
        began = status.get(how, "new")
        self.receptions.append(Reception(arrival, person, how, began, self.enter(arrival.client, owner)))
        self.status[person] = began
        return arrival.client, person, how

    # ---- what the desk reports

    def arrive(self, arrival: Arrival, same_as: str | None = None) -> list[Assignment]:
        if self.is_here(arrival.client):
            raise RefusedError("still here")
        if same_as:
            self.link(arrival.client, same_as)
        return [self.place(arrival)]

    def is_here(self, client: str) -> bool:
        there = {r.arrival.client for r in self.receptions} | {a.client for a in self.waiting} | set(self.office)
        return client in there

    def call(self, client: str, asks: str | None = None) -> list[Assignment]:
        """Section 11: their own ring; nobody free means missed."""
        if self.is_here(client):
            raise RefusedError("still here")
        found: tuple[str, str] | None = None
        if asks in self.people and self.is_free(asks or ""):
            found = (asks or "", "designated")
            self.calls.count(found[0], "extra")
        else:
            found = self.walk(self.calls, None, frozenset({"free"}))
        if not found:
            return [(client, "missed", "missed")]
        person, how = found
        entry = self.enter(client, person, "phone")
        self.receptions.append(Reception(Arrival(client, asks, call=True), person, how, "phone", entry))
        self.status[person] = "phone"
        return [(client, person, how)]

    def set_status(self, person: str, status: str) -> list[Assignment]:
        self.status[person] = status
        return self.freed(person)

    def finish(self, person: str) -> list[Assignment]:
        mine = [r for r in self.receptions if r.person == person]
        if not mine and self.status[person] not in WITH_CLIENT:
            raise RefusedError("with nobody")
        self.receptions = [r for r in self.receptions if r.person != person]
        self.status[person] = "free"
        return self.freed(person)

    def end(self, client: str) -> Reception:
        """The reception of CLIENT, taken out of the room and out of the book."""
        found = next((r for r in self.receptions if r.arrival.client == client), None)
        if not found:
            raise RefusedError("nobody receives this client")
        self.receptions.remove(found)
        self.book[found.entry].void = True
        return found

    def miss(self, client: str, reason: str) -> list[Assignment]:
        """Section 5, after the assignment: the person does not come (or, as a private miss, refuses)."""
        was = self.end(client)
        queue = self.calls if was.arrival.call else self.visits
        queue.count(was.person, "served" if was.how in TURNS else "extra", -1)
        self.status[was.person] = reason
        self.grabs.pop(client, None)
        if was.how not in TURNS:
            return [self.place(was.arrival, was.person)]
        if reason == "official":
            queue.owe(was.person)
        else:
            queue.count(was.person, "charged")
        return [self.turn(was.arrival, was.person)]

    def redirect(self, client: str, to: str, state: str | None = None) -> list[Assignment]:
        was = self.end(client)
        if was.how in TURNS:
            self.visits.count(was.person, "served", -1)
            self.visits.owe(was.person, first=True)
        else:
            self.visits.count(was.person, "extra", -1)
        left = [r for r in self.receptions if r.person == was.person]
        self.status[was.person] = left[0].status if left else "free"
        self.grabs.pop(client, None)
        asked = replace(was.arrival, asks=to, told=True, recognised=True, state=state or was.arrival.state)
        return [self.place(asked), *self.freed(was.person)]

    def hand_over(self, client: str, to: str) -> list[Assignment]:
        if client not in self.office or not self.is_free(to):
            raise RefusedError("not with the clerk, or not free")
        arrival = self.office.pop(client)
        owner = self.owner(client) or to
        how = "stand-in" if owner != to else "designated" if arrival.asks == to else "own"
        return [self.receive(arrival, to, how, owner)]

    def look_after_both(self, client: str) -> list[Assignment]:
        arrival = next((a for a in self.waiting if a.client == client), None)
        found = self.walk(self.visits, None, WITH_CLIENT) if arrival else None
        if not arrival or not found:
            raise RefusedError("not waiting, or nobody on the floor")
        self.waiting.remove(arrival)
        person, how = found
        kept = self.status[person]
        done = self.receive(arrival, person, how, person)
        self.status[person] = kept
        return [done]

    def owe(self, person: str) -> None:
        self.visits.owe(person)

    def confirm_grab(self, client: str) -> None:
        if client not in self.grabs:
            raise RefusedError("no grab to confirm")
        self.confirmed[client], offender = self.grabs.pop(client)
        self.suspensions[offender] = self.suspensions.get(offender, 0) + 1
