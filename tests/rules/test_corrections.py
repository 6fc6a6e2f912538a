"""Random days at a desk, then random corrections: what was taken stays taken, and nothing ever contradicts itself."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from days import CLIENTS, PEOPLE, STEADY, Digits, Program, Story, lines_of
from hypothesis import given
from hypothesis import strategies as st
from test_rotate_properties import CALM, NUMBERS

from crm_cli.errors import UsageError
from crm_cli.office import PERSONAL
from crm_cli.past import Past
from crm_cli.rules.correct import CORRECTABLE
from crm_cli.rules.fold import RULES, fold

if TYPE_CHECKING:
    from days import Event

CHANGES = st.lists(st.integers(0, 2**60), min_size=1, max_size=12)
VALUES: dict[str, tuple[Any, ...]] = {
    "asks": (*PEOPLE, "Z", None),
    "state": ("first", "open", "closed"),
    "party": (1, 2),
    "not_told": (True, False),
    "unrecognised": (True, False),
    "reason": ("private", "official", "refused"),
    "to": tuple(PEOPLE),
    "kind": ("visit", "phone"),
    "been_before": ("yes", "no"),
    "received_by": ("unknown",),
    "relation": ("family", "company"),
    "role": (["clerk"], ["salesperson"], ["manager"]),
    "until": ("2025-03-09T00:00:00+08:00",),
}


class Kept(Program):
    """The program's rules on a past whose lines bear numbers, as the ledger gives them back."""

    def __init__(self, people: str) -> None:
        self.groups: dict[int, list[Event]] = {}
        super().__init__(people)

    def record(self, decision: Any) -> list[Event]:
        return self.keep(lines_of(decision))

    def keep(self, lines: list[Event], **asked: Any) -> list[Event]:
        if lines and asked:
            lines[0]["asked"] = {name: value for name, value in asked.items() if name not in PERSONAL}
        events = [{**event, "seq": len(self.events) + place} for place, event in enumerate(lines)]
        for place, event in enumerate(events):
            fold(self.past, event)
            self.groups[event["seq"]] = events[place:]
        self.events += events
        return events

    def correct(self, digits: Digits, now: Any) -> tuple[dict[str, Any], list[Event]]:
        """Answer a random correction and what was recorded for it."""
        event = digits.of([one for one in self.events if one["type"] in CORRECTABLE])
        asked: dict[str, Any] = {"verb": "correct", "event": event["seq"], "reason": "so"}
        fields = CORRECTABLE[event["type"]].fields
        if not fields or digits.below(2):
            asked["void"] = True
        elif (field := digits.of(fields)) == "client":
            asked["handle"] = digits.of(CLIENTS)
        else:
            asked["set"] = {field: digits.of(VALUES[field])}
        before = self.dump()
        decision = self.decide("correct", {**asked, "events": self.groups[event["seq"]]}, now)
        assert self.dump() == before, "to decide changed the past"
        return asked, self.record(decision) if decision and decision.allowed else []


def told(people: int, numbers: list[int]) -> tuple[Kept, Any]:
    """Answer the program after random days, and the time it is."""
    story = Story(people)
    story.tell(numbers, STEADY)
    program = Kept(PEOPLE[:people])
    for (noun, asked, _day), _now, events in story.requests:
        program.keep(events, noun=noun, **asked)
    return program, story.now


def must_agree(program: Kept) -> None:
    """The board is at one with itself: who is here is with somebody, what is owed is listed, nothing is below zero."""
    board = program.board((), program_time(program))
    document = program.past.get("rotation", "board")
    assert document
    engaged = [(one["client"], person) for person, busy in document["with"].items() for one in busy if one["client"]]
    received = [(name, one["to"]) for name, one in document["here"].items() if one["to"] not in ("office", "waiting")]
    assert sorted(engaged) == sorted(received)
    for makeup, counts in (("makeup", "counts"), ("phone_makeup", "phone_counts")):
        for person, figures in board[counts].items():
            assert figures["owed"] == board[makeup].count(person)
            assert min(figures.values()) >= 0
    assert all(len(set(ring)) == len(ring) for ring in document["rings"].values())


def program_time(program: Kept) -> Any:
    from crm_cli.clock import told as time_of

    return time_of(program.events[-1]["happened"])


def served(program: Kept) -> dict[str, int]:
    """Answer how many turns everybody took."""
    document = program.past.get("rotation", "board")
    assert document
    return {person: figures["served"] for person, figures in document["counts"]["visit"].items()}


@CALM
@given(people=st.integers(2, 5), numbers=NUMBERS, changes=CHANGES)
def test_a_turn_that_was_taken_stays_taken_whatever_is_corrected(
    people: int, numbers: list[int], changes: list[int]
) -> None:
    program, now = told(people, numbers)
    for number in changes:
        before = served(program)
        asked, events = program.correct(Digits(number), now)
        new = sum(one["data"]["assignment"]["count"] == "turn" for one in events if "assignment" in one["data"])
        new += sum(one["data"].get("served", 0) for one in events if one["type"] == "rotation.recounted")
        assert all(count >= before[person] for person, count in served(program).items() if person in before), asked
        assert sum(served(program).values()) <= sum(before.values()) + new, asked
        must_agree(program)


@CALM
@given(people=st.integers(2, 4), numbers=NUMBERS, changes=CHANGES, after=NUMBERS)
def test_after_corrections_the_desk_goes_on_and_the_lines_give_the_same_past(
    people: int, numbers: list[int], changes: list[int], after: list[int]
) -> None:
    program, now = told(people, numbers)
    for number in changes:
        program.correct(Digits(number), now)
    for number in after[:10]:
        now += timedelta(minutes=1)
        digits = Digits(number)
        verb = digits.of(("arrive", "finish", "miss", "redirect", "call"))
        asked = {"verb": verb, "handle": digits.of(CLIENTS), "person": digits.of(PEOPLE[:people]), "reason": "private"}
        decision = program.decide("rotate", {**asked, "to": digits.of(PEOPLE[:people])}, now)
        program.record(decision if decision and decision.allowed else None)
        must_agree(program)
    rebuilt = Past()
    for event in program.events:
        fold(rebuilt, event)
    assert rebuilt._documents.keys() >= {name for name, document in program.past._documents.items() if document}
    assert all(program.past.get(*name) == document for name, document in rebuilt._documents.items())


def test_what_was_voided_has_no_say_any_more() -> None:
    """Whose customer somebody is goes by the entries that are left; the same correction again changes nothing."""
    program, now = told(2, [])
    program.record(program.decide("register", {"verb": "add", "handle": "k1", "to": "A", "kind": "visit"}, now))
    entry = program.events[-1]
    program.record(program.decide("register", {"verb": "add", "handle": "k1", "to": "B", "kind": "visit"}, now))
    assert program.board(["k1"], now)["credit"] == {"k1": "A"}
    asked = {"verb": "correct", "event": entry["seq"], "void": True, "reason": "so", "events": [entry]}
    program.record(program.decide("correct", asked, now))
    assert program.board(["k1"], now)["credit"] == {"k1": "B"}
    again = RULES["correct"](program.past, program.rules, {**asked, "by": "Boss"}, now)
    assert (again.verdict, again.allowed, again.events) == ("already_void", False, [])


def test_an_event_that_is_not_there_is_named_as_such() -> None:
    program, now = told(2, [])
    with pytest.raises(UsageError, match="999"):
        RULES["correct"](program.past, program.rules, {"event": 999, "events": [], "by": "Boss"}, now)
