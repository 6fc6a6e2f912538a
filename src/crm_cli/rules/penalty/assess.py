"""The lines of a person: computed from facts, rulebook and decisions alone, the same whenever and however often."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crm_cli.rules.penalty import evolve
from crm_cli.rules.penalty.findings import RULE, TOPIC, findings, repeated, rule_on
from crm_cli.rules.penalty.times import number, times
from crm_cli.rules.penalty.vocabulary import APPEALED, EXECUTED, PROPOSED, REVERSED, UPHELD, WAIVED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crm_cli.past import Past
    from crm_cli.policy.book import Cite, Rulebook
    from crm_cli.rules.penalty.findings import Finding
    from crm_cli.rules.penalty.times import Time

DEAD = (WAIVED, REVERSED)  # what is neither summed nor counted
CHARGED = (EXECUTED, UPHELD)
UNTOLD = ("covers", "given_back")  # what is kept of a decision and is no part of its line
Told = dict[str, Any]


@dataclass(eq=False, repr=False)
class Line:
    """One line of a statement: what it says, which findings it rests on, by which articles."""

    told: Told
    findings: list[Finding]
    cites: list[Cite] = field(default_factory=list)
    charged: bool = False  # it is executed, not only proposed or under appeal

    @property
    def id(self) -> str:
        """Answer what it is called by."""
        return str(self.told["id"])

    @property
    def state(self) -> str:
        """Answer how it stands."""
        return str(self.told["state"])

    @property
    def month(self) -> str:
        """Answer the month in which it is settled."""
        return str(self.told["booked"] or self.told["date"][:7])

    @property
    def key(self) -> str:
        """Answer the key of the rulebook under which its figure stands."""
        return f"{TOPIC}.{RULE}.items.{self.told['fact']}.{self.told['measure']}"

    @property
    def covers(self) -> list[str]:
        """Answer the keys of the findings that it rests on."""
        return sorted(one.key for one in self.findings)


@dataclass(eq=False, repr=False)
class Assessed:
    """What a person is charged with up to a day: the lines by date, and the times that they make."""

    lines: list[Line]
    times: list[Time]

    def reached(self, role: str, month: str) -> int:
        """Answer how many times somebody has reached in a role and month."""
        mine = [time.first for time in self.times if time.number is not None]
        return sum(first.role == role and first.date[:7] == month for first in mine)


@dataclass(eq=False, repr=False)
class _Book:
    """What was decided of the lines of a person: the records by their ids, and which of them a finding is in."""

    person: str
    records: dict[str, Told]
    settled: dict[str, list[Told]]  # what was given back of them in months that are closed
    times: dict[str, Time] = field(default_factory=dict)  # by the key of a finding

    def __post_init__(self) -> None:
        self.taken = {key: identity for identity, record in self.records.items() for key in record["covers"]}

    def record(self, key: str) -> Told | None:
        """Answer what was decided of a finding."""
        return self.records.get(self.taken.get(key, ""))

    def live(self, one: Finding) -> bool:
        """Answer whether a finding counts: not when it is waived or reversed, nor when what it repeats is."""
        record = self.record(one.key)
        if record is not None and (record["state"] in DEAD or record.get("given_back")):
            return False
        return one.again is None or self.live(one.again)


def assess(past: Past, rules: Rulebook, person: str, until: str) -> Assessed:
    """Answer what a person is charged with up to a day."""
    first = findings(past, rules, person, until)
    found = [*first, *repeated(past, rules, first, until)]
    months = [evolve.decided(past, person, month) for month in past.marks(f"penalties:{person}")]
    records = {name: one for month in months for name, one in month["lines"].items()}
    made, book = times(found), _Book(person, records, evolve.given_back(past))
    for time in made.values():
        time.live = any(book.live(one) for one in time.findings)
        book.times |= {one.key: time for one in time.findings}
    number(made.values())
    lines = [line for time in made.values() for line in _of_time(time, book)]
    _name(lines, records)
    present = {line.id: line for line in lines}
    for identity in records:
        lines += _gone(rules, identity, book, present.get(identity))
    until = evolve.closed_until(past)
    notices = {name: one for month in months for name, one in month["notices"].items()}
    for line in lines:
        _settle(until, line)
        line.told["notified"] = _notice(line, notices)
    return Assessed(sorted(lines, key=_order), list(made.values()))


def _notice(line: Line, notices: dict[str, Told]) -> str | None:
    """Answer when the person was told of a line as it stands: a notice of another amount tells of another line."""
    notice = notices.get(line.id)
    return notice["at"] if notice and notice["amount"] == line.told["amount"] else None


def _order(line: Line) -> tuple[Any, ...]:
    told = line.told
    return told["date"], "counters" in told, told["time"] or 0, bool(told.get("repeats")), told["ref"], told["id"]


# ── lines ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _of_time(time: Time, book: _Book) -> Iterator[Line]:
    """Answer the lines of a time: one for each day, article, price and decision."""
    groups: dict[tuple[Any, ...], list[Finding]] = {}
    for one in time.findings:
        groups.setdefault(_group(one, book), []).append(one)
    for found in groups.values():
        identity = book.taken.get(found[0].key)
        yield _proposed(found, time, book) if identity is None else _recorded(found, identity, book.records[identity])


def _group(one: Finding, book: _Book) -> tuple[Any, ...]:
    """Answer what findings of a time have in common that stand in one line."""
    decided = book.taken.get(one.key)
    if decided is not None:
        return (decided,)
    own = (one.date, one.ref, one.item["measure"], one.fact["fact"] if one.unit is None else one.unit)
    return own if one.again is None else (*own, one.again.ref, *_group(one.again, book), book.times[one.again.key].name)


def _proposed(found: list[Finding], time: Time, book: _Book) -> Line:
    """Answer a line that nobody has decided on."""
    one, live, quantity = found[0], book.live(found[0]), sum(each.quantity for each in found)
    times_as_much = time.multiplier if one.again is None else _again(one, one.again, time, book)
    told = {
        "id": "", "date": one.date, "person": one.person, "role": one.role, "subject": one.case, "ref": one.ref,
        "repeats": one.again.ref if one.again else None, "fact": one.fact["fact"], "quantity": quantity,
        "unit": one.unit, "measure": one.item["measure"], "multiplier": times_as_much,
        "amount": None if one.unit is None else one.unit * quantity * times_as_much,
        "state": PROPOSED if live else WAIVED, "time": time.number if live else None, "booked": None, "decided": [],
    }  # fmt: skip
    return Line(told, found, _cites(found, times_as_much))


def _again(one: Finding, source: Finding, time: Time, book: _Book) -> int:
    """Answer the multiplier of a repetition: that of what it repeats, or its own where the house doubles it."""
    record = book.record(source.key)
    before = int(record["multiplier"]) if record else book.times[source.key].multiplier
    return max(before, time.multiplier) if one.rule.compiled["again"]["doubled"] else before


def _cites(found: list[Finding], multiplier: int) -> list[Cite]:
    """Answer the articles of a line: what was broken, what it repeats, by what it costs several times as much."""
    cites = [cite for one in found for cite in ([one.cite, one.again.cite] if one.again else [one.cite])]
    cites += [found[0].rule.cite("repeat")] if multiplier != 1 else []
    return list({cite.text: cite for cite in cites}.values())


def _recorded(found: list[Finding], identity: str, record: Told) -> Line:
    """Answer a line as it was decided; nothing that comes later changes what it says."""
    return Line(_kept(found[0].person, identity, record), found, _cites(found, record["multiplier"]))


def _kept(person: str, identity: str, record: Told) -> Told:
    told = {"id": identity, "person": person, **{name: one for name, one in record.items() if name not in UNTOLD}}
    return {**told, "time": None} if record["state"] in DEAD else told


def _gone(rules: Rulebook, identity: str, book: _Book, line: Line | None) -> Iterator[Line]:
    """Answer what stands of a decided line that rests on nothing any more: itself, and what is given back for it.

    Its facts may have been corrected away, or what it repeats was waived or reversed.
    """
    record, settled = book.records[identity], book.settled.get(identity, [])
    told, rule = _kept(book.person, identity, record), rule_on(rules, record["date"])
    cites = [rule.cite(record["fact"])] if rule else []
    if line is None:
        yield Line(told, [], cites)
    if record["state"] in DEAD or record["amount"] is None:
        return
    left = sum(one.quantity for one in (line.findings if line else ()) if book.live(one))
    number_ = f"#{len(settled) + 1}" if settled else ""
    owed = record["quantity"] - left - sum(one["quantity"] for one in settled)
    new = [{"id": f"{identity}:back{number_}", "quantity": owed, "month": None}] if owed else []
    for one in [*settled, *new]:
        yield Line({**told, **_back(record, one), "counters": identity}, [], cites)


def _back(record: Told, one: Told) -> Told:
    """Answer what a line says that gives back some of another: as undecided as that is while an appeal is open."""
    state = APPEALED if record["state"] == APPEALED and not one["month"] else EXECUTED
    return {
        "id": one["id"], "quantity": -one["quantity"],
        "amount": -one["quantity"] * record["unit"] * record["multiplier"],
        "state": state, "decided": [], "time": None, "booked": one["month"],
    }  # fmt: skip


def _name(lines: Iterable[Line], taken: Iterable[str]) -> None:
    """Give every undecided line its id; of several that would share one, the later ones a number."""
    used = set(taken)
    for line in sorted((line for line in lines if not line.told["id"]), key=_entered):
        base, number_ = _base(line), 1
        name = base
        while name in used:
            number_ += 1
            name = f"{base}#{number_}"
        used.add(name)
        line.told["id"] = name


def _entered(line: Line) -> tuple[Any, ...]:
    return _base(line), min((one.fact["seq"] or 0, one.key) for one in line.findings)


def _base(line: Line) -> str:
    told = line.told
    again = f":{told['repeats']}" if told["repeats"] else ""
    return f"{told['date']}/{told['person']}/{told['subject']}/{told['ref']}{again}"


def _settle(until: str, line: Line) -> None:
    """Book what was not decided when its month was closed in the first month that is open; say what is charged."""
    month = line.told["date"][:7]
    if not (line.told["booked"] or line.told["decided"]) and month <= until:
        line.told["booked"] = evolve.open_month(until, month)
    settled = line.state == APPEALED and line.month <= until  # the month closed with it executed
    line.charged = line.state in CHARGED or settled


# ── sums ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def payable(lines: Iterable[Line], cap: int | str | None) -> tuple[int, int]:
    """Answer what the executed amounts of a month come to over the cap, and what is left to pay, in hundredths."""
    total = totals(line for line in lines if line.charged)["amount"]
    over = max(total - cap, 0) if isinstance(cap, int) else 0
    return over, total - over


def totals(lines: Iterable[Line]) -> dict[str, int]:
    """Answer the sums by what is charged: amounts, points, days, rewards; what is waived is in none."""
    sums: dict[str, int] = {"amount": 0}
    for line in lines:
        if line.state not in DEAD and line.told["amount"] is not None:
            measure = line.told["measure"]
            sums[measure] = sums.get(measure, 0) + line.told["amount"]
    return sums
