"""Random days at a desk: the rules against the model, against what must always hold, and against themselves.

`CRM_RANDOM_STORIES` says how many stories each test plays (see STORIES); a story is an office with two to five
salespeople and up to sixty requests, legal or not, over several days and weeks.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from days import BOSS, MONDAY, STEADY, Program, Story, assigned, lines_of
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from crm_cli.past import Past
from crm_cli.rules import rotate
from crm_cli.rules.fold import fold
from crm_cli.rules.rotate import verbs

if TYPE_CHECKING:
    from days import Event, Request

STORIES = int(os.environ.get("CRM_RANDOM_STORIES", "250"))
CALM = settings(
    max_examples=STORIES,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)
NUMBERS = st.integers(0, 60).flatmap(lambda size: st.lists(st.integers(0, 2**60), min_size=size, max_size=size))
RINGS = (("ring", "makeup", "counts"), ("phone_ring", "phone_makeup", "phone_counts"))
WITH_CLIENT = ("new", "designated", "open", "closed", "assist")


class Watched(Story):
    """A story in which the invariants of section 12 are looked at after every request."""

    def __init__(self, people: int, *, clerk: bool) -> None:
        self.received = 0
        super().__init__(people, clerk=clerk)

    def check(self, request: Request, events: list[Event], board: dict[str, Any]) -> None:
        for invariant in (
            one_who_was_free,
            nothing_for_nobody,
            owed_is_listed,
            ring_is_on_duty,
            turn_kept,
            served_is_received,
        ):
            found = invariant(self, request, events, board)
            self.must(not found, f"{invariant.__name__}: {found}", request)
        newcomer = {"verb": "arrive", "handle": "newcomer"}
        decision = (
            self.program.decide("rotate", newcomer, self.now)
            if board["open"] and request[2] == self.model.day
            else None
        )
        to = [to for _client, to, _how in assigned(lines_of(decision))]
        self.must(
            not decision or to == [board["next"] or "waiting"], f"next is {board['next']}, received by {to}", request
        )


def one_who_was_free(story: Watched, request: Request, events: list[Event], board: dict[str, Any]) -> Any:
    """1: one person at most for each client, who was free or, looking after both, on the floor with a client."""
    asked, before = request[1], story.board["status"]
    given = [one for one in assigned(events) if one[1] in before]
    allowed = {person for person in before if before[person] == "free"}
    if asked["verb"] in ("finish", "status", "on"):
        allowed |= {asked["person"]}
    elif asked["verb"] in ("redirect", "hand_over"):
        allowed |= {to for client, to, _how in story.board["with"] if client == asked["handle"]}
    elif asked["verb"] == "look_after_both":
        allowed |= {person for person in before if before[person] in WITH_CLIENT}
    twice = len(given) - len({client for client, _to, _how in given})
    return [one for one in given if one[1] not in allowed] or twice


def nothing_for_nobody(story: Watched, request: Request, events: list[Event], board: dict[str, Any]) -> Any:
    """2: where nobody is assigned by an arrival or a call, rings, make-ups and counts stay."""
    if request[1]["verb"] in ("arrive", "call") and not any(to in board["status"] for _k, to, _h in assigned(events)):
        return [name for names in RINGS for name in names if board[name] != story.board[name]]
    return None


def owed_is_listed(story: Watched, request: Request, events: list[Event], board: dict[str, Any]) -> Any:
    """3: who is owed is in the make-ups as often; no count is below zero."""
    return [
        (counts, person)
        for _ring, makeup, counts in RINGS
        for person, figures in board[counts].items()
        if figures["owed"] != board[makeup].count(person) or min(figures.values()) < 0
    ]


def ring_is_on_duty(story: Watched, request: Request, events: list[Event], board: dict[str, Any]) -> Any:
    """4: each ring holds the people on duty, each once."""
    on_duty = sorted(set(board["status"]) - set(board["off"])) if board["day"] else []
    return [ring for ring, _makeup, _counts in RINGS if sorted(board[ring]) != on_duty]


def turn_kept(story: Watched, request: Request, events: list[Event], board: dict[str, Any]) -> Any:
    """6: who is asked for, own clients, stand-ins and calls move no ring of visits and nobody's sum."""
    verb, hows = request[1]["verb"], [how for _client, _to, how in assigned(events)]
    counted = verb == "arrive" and any(how in ("turn", "makeup") for how in hows)
    if verb in ("arrive", "call", "hand_over") and not counted and len(hows) == 1:
        return board["ring"] != story.board["ring"] or sums(board, "counts") != sums(story.board, "counts")
    return None


def served_is_received(story: Watched, request: Request, events: list[Event], board: dict[str, Any]) -> Any:
    """8: as many rotation clients were received as turns are served, those who were lost again left out."""
    was = {client: how for client, _to, how in story.board["with"]}
    lost = [e for e in events if e["type"] in ("rotation.missed", "rotation.redirected")]
    story.received -= sum(was[event["personal"]["handle"]] in ("turn", "makeup") for event in lost)
    story.received += sum(how in ("turn", "makeup") for _client, _to, how in assigned(events))
    served = sum(figures["served"] for *_, counts in RINGS for figures in board[counts].values())
    return None if served == story.received else (served, story.received)


def sums(board: dict[str, Any], counts: str) -> dict[str, int]:
    """Answer the fairness measure of everybody."""
    return {who: one["served"] + one["charged"] + one["owed"] for who, one in board[counts].items()}


@pytest.mark.parametrize("people", [2, 3, 4, 5])
@CALM
@given(clerk=st.booleans(), numbers=NUMBERS)
def test_any_day_is_as_the_description_tells_it(people: int, clerk: bool, numbers: list[int]) -> None:
    Watched(people, clerk=clerk).tell(numbers)


class Steady(Story):
    """A story without absences, late comers, orders and gifts, in which nobody falls behind."""

    missed = False

    def check(self, request: Request, events: list[Event], board: dict[str, Any]) -> None:
        self.missed = self.missed or any(event["type"] == "rotation.missed" for event in events)
        for _ring, _makeup, counts in RINGS:
            measures = sums(board, counts).values()
            self.must(max(measures) - min(measures) <= 1 + self.missed, f"unfair: {sums(board, counts)}", request)


TWO_GRABS_IN_A_FAMILY = [
    *[0] * 7, 14, 14, 45_310_312_827_185_697, 23157090, 13164554, *[0] * 5, 321, 29025, 482475040, 53,
]  # fmt: skip


@CALM
@given(people=st.integers(2, 5), clerk=st.booleans(), numbers=NUMBERS)
def test_chances_are_equal(people: int, clerk: bool, numbers: list[int]) -> None:
    """5: sums differ by one at most, by two where somebody assigned did not come."""
    Steady(people, clerk=clerk).tell(numbers, STEADY)


@CALM
@given(people=st.integers(2, 5), clerk=st.booleans(), numbers=NUMBERS)
@example(people=5, clerk=False, numbers=TWO_GRABS_IN_A_FAMILY)
def test_events_alone_give_the_same_board_and_every_decision_again(
    people: int, clerk: bool, numbers: list[int]
) -> None:
    """7: what is remembered is a fold of the events, and a decision needs nothing else."""
    story = Story(people, clerk=clerk)
    story.tell(numbers)
    again = Program(story.program.people)
    for (noun, asked, day), now, events in story.requests:
        taken = lines_of(again.decide(noun, asked, now))
        story.must(taken == events, f"decided again: {taken}, before: {events}", (noun, asked, day))
        again.record(again.decide(noun, asked, now))
    rebuilt = Past()
    for event in story.program.events:
        fold(rebuilt, event)
    assert again.dump() == story.program.dump()
    assert rotate.show(rebuilt, story.program.rules) == rotate.show(story.program.past, story.program.rules)


def test_only_the_manager_orders() -> None:
    program = Program(["A", "B"])
    asked: dict[str, Any] = {"verb": "order", "order": ["B", "A"]}
    refused = verbs.decide(program.past, program.rules, {**asked, "by": "A"}, MONDAY)
    assert (refused.allowed, [event["type"] for event in refused.events]) == (False, ["office.refused"])
    assert verbs.decide(program.past, program.rules, {**asked, "by": BOSS}, MONDAY).allowed
