"""Lines follow from facts and decisions alone: not from the order of entry, nor from when they are asked for."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_cli.commands.fines import sums_of
from crm_cli.past import Past
from crm_cli.policy.book import Book
from crm_cli.rules.fold import fold
from crm_cli.rules.penalty.assess import Line, assess, totals
from crm_cli.rules.penalty.evolve import LINE
from crm_cli.rules.topics import TOPICS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from crm_cli.policy.book import Rulebook

Row = dict[str, Any]
POLICY = """\
policy: penalty
house: house
edition: 2025-01-01
rules:
  fines:
    kind: penalty
    article: 一
    items:
      late: {amount: 50, role: clerk}
      wrong: {amount: "20.50", role: clerk, unless: [absent]}
      absent: {amount: 20, role: clerk}
      lost: {amount: 7, own_time: true}
      open: {amount: unset, role: clerk}
      slow: {points: 3, role: clerk}
    repeat: {steps: {clerk: [{from: 2, times: 2}, {from: 4, times: 3}]}}
    again: {order: order}
  may:
    kind: may
    article: 一
    rows: [{id: all, act: [see, execute, waive, decide_appeal, deduct, close_month], by: head}]
"""
WORDS = "roles:\n  clerk: {zh: 文员, en: clerk}\n  head: {zh: 科长, en: head}\n"
END = "2025-05-31"
FACT = st.fixed_dictionaries(
    {
        "day": st.dates(date(2025, 3, 1), date(2025, 4, 30)).map(date.isoformat),
        "case": st.sampled_from(["V1", "V2", "V3"]),
        "fact": st.sampled_from(["late", "wrong", "absent", "lost", "open", "slow"]),
        "item": st.sampled_from(["sheet", "photo"]),
    }
)


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Rulebook:
    folder: Path = tmp_path_factory.mktemp("policies")
    (folder / "house").mkdir()
    (folder / "house" / "penalty@2025-01-01.yaml").write_text(POLICY, "utf-8")
    (folder / "house" / "words.yaml").write_text(WORDS, "utf-8")
    return Book.open(folder, "house", (), TOPICS, None).at(date(2025, 5, 31))


def office() -> Past:
    past = Past()
    past.put("staff", "roster", {"members": {"Li": {"roles": ["clerk"]}}})
    return past


def enter(past: Past, facts: Iterable[Row], first: int = 1) -> None:
    """Fold facts as cases state them."""
    for seq, one in enumerate(facts, first):
        late = one["fact"] == "late"
        stated = {"fact": one["fact"], "who": ["Li"], "row": "x", "cured": "mend"}
        stated |= {} if late or one["fact"] == "lost" else {"item": one["item"]}
        data: Row = {"kind": "file", "duty": "mend", "facts": [stated]}
        past.put("case", one["case"], case(one["case"]))
        event = {"type": "case.late", "v": 1, "seq": seq, "happened": f"{one['day']}T10:00:00+08:00", "data": data}
        facts_of(past, {**event, "type": "case.late" if late else "case.stepped", "subject": one["case"]})


def facts_of(past: Past, event: Row) -> None:
    from crm_cli.rules.penalty import facts

    facts.evolve(past, event)


def case(name: str) -> Row:
    """Answer a case that was ordered to be corrected on 10 March and was, for its sheet, on the 13th."""
    done = {"V1": "2025-03-13T10:00:00+08:00", "V2": "2025-04-02T10:00:00+08:00"}.get(name)
    duty = {"name": "mend", "item": "", "start": "2025-03-01T00:00:00+08:00", "due": None, "state": "met"}
    log = [{"step": "order", "at": "2025-03-10T10:00:00+08:00"}] if name != "V3" else []
    return {"id": name, "duties": [{**duty, "done": done}], "log": log}


def seen(lines: Iterable[Line]) -> list[tuple[Any, ...]]:
    """Answer what lines say, without what only the order of entry tells: ids and the numbers of events."""
    names = ("date", "role", "subject", "ref", "repeats", "quantity", "multiplier", "amount", "state", "time", "fact")
    return sorted((tuple(line.told[name] for name in names) for line in lines), key=str)


def decide(past: Past, line: Line, state: str, seq: int) -> None:
    data = {name: line.told.get(name) for name in ("id", "date", "person", *LINE)} | {"covers": line.covers}
    event = {"type": f"penalty.{state}", "v": 1, "seq": seq, "happened": "2025-05-01T10:00:00+08:00", "actor": "H"}
    fold(past, {**event, "subject": line.told["subject"], "data": data})


SLOW = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)


@SLOW
@given(facts=st.lists(FACT, max_size=12), data=st.data())
def test_the_order_of_entry_changes_nothing(rules: Rulebook, facts: list[Row], data: st.DataObject) -> None:
    one, other = office(), office()
    enter(one, facts)
    enter(other, data.draw(st.permutations(facts)))
    assert seen(assess(one, rules, "Li", END).lines) == seen(assess(other, rules, "Li", END).lines)


@SLOW
@given(facts=st.lists(FACT, max_size=12))
def test_asking_again_or_in_between_changes_nothing_and_ids_are_unlike(rules: Rulebook, facts: list[Row]) -> None:
    past = office()
    for at, one in enumerate(facts):
        enter(past, [one], at + 1)
        assess(past, rules, "Li", one["day"])
    once = assess(past, rules, "Li", END).lines
    assert [line.told for line in once] == [line.told for line in assess(past, rules, "Li", END).lines]
    assert len({line.id for line in once}) == len(once)


@SLOW
@given(facts=st.lists(FACT, min_size=1, max_size=10), later=st.lists(FACT, max_size=6), data=st.data())
def test_nothing_executed_ever_changes_and_nothing_waived_ever_counts(
    rules: Rulebook, facts: list[Row], later: list[Row], data: st.DataObject
) -> None:
    past = office()
    enter(past, facts)
    lines = [line for line in assess(past, rules, "Li", END).lines if line.told["amount"] is not None]
    chosen = data.draw(st.lists(st.sampled_from(lines), unique_by=lambda line: line.id, max_size=4)) if lines else []
    states = {line.id: data.draw(st.sampled_from(["executed", "waived"])) for line in chosen}
    for seq, line in enumerate(chosen, 100):
        decide(past, line, states[line.id], seq)
    before = {line.id: line.told for line in assess(past, rules, "Li", END).lines if line.id in states}
    enter(past, later, 200)
    after = assess(past, rules, "Li", END)
    now = {line.id: line.told for line in after.lines if line.id in states}
    assert now == before
    kept = ("date", "quantity", "unit", "multiplier", "amount")
    assert all(now[line.id][name] == line.told[name] for line in chosen for name in kept)
    waived = [line for line in after.lines if line.state == "waived"]
    assert all(line.told["time"] is None for line in waived)
    sums = totals(after.lines)
    live = [line.told for line in after.lines if line.state != "waived" and line.told["amount"] is not None]
    assert sums["amount"] == sum(told["amount"] for told in live if told["measure"] == "amount")
    assert sums.get("points", 0) == sum(told["amount"] for told in live if told["measure"] == "points")


@SLOW
@given(facts=st.lists(FACT, max_size=12))
def test_times_are_numbered_without_a_gap_and_cost_what_their_number_says(rules: Rulebook, facts: list[Row]) -> None:
    past = office()
    enter(past, facts)
    assessed = assess(past, rules, "Li", END)
    for month in ("2025-03", "2025-04", "2025-05"):
        mine = [time for time in assessed.times if time.first.date[:7] == month]
        assert sorted(time.number or 0 for time in mine) == list(range(1, len(mine) + 1))
        assert assessed.reached("clerk", month) == len(mine)
    steps = [(line.told["time"], line.told["multiplier"]) for line in assessed.lines if not line.told["repeats"]]
    assert all(times == (1 if number < 2 else 2 if number < 4 else 3) for number, times in steps)


def test_a_breach_that_was_taken_back_leaves_no_line_and_gives_back_what_was_executed(rules: Rulebook) -> None:
    past = office()
    enter(past, [{"day": "2025-04-07", "case": "V3", "fact": "late", "item": ""}])
    [line] = assess(past, rules, "Li", END).lines
    decide(past, line, "executed", 50)
    data = {"kind": "file", "duty": "mend", "item": ""}
    event = {"type": "case.withdrawn", "v": 1, "seq": 51, "happened": "2025-04-08T10:00:00+08:00", "subject": "V3"}
    facts_of(past, {**event, "data": data})
    fold(past, {"type": "penalty.month_closed", "v": 1, "seq": 52, "happened": END, "data": {"month": "2025-04"}})
    lines = assess(past, rules, "Li", END).lines
    assert [(one.id, one.told["amount"], one.month) for one in lines] == [
        (line.id, 5000, "2025-04"),
        (f"{line.id}:back", -5000, "2025-05"),
    ]
    assert totals(lines) == {"amount": 0}


def test_what_is_corrected_after_some_was_given_back_in_a_closed_month_is_given_back_later(rules: Rulebook) -> None:
    from crm_cli.rules.penalty.facts import strike

    past = office()
    enter(past, [{"day": "2025-04-07", "case": "V3", "fact": "wrong", "item": item} for item in ("sheet", "photo")])
    [line] = assess(past, rules, "Li", END).lines
    decide(past, line, "executed", 50)
    strike(past, {"people": ["Li"], "event": 1})
    back = {"id": f"{line.id}:back", "of": line.id, "quantity": 1}
    data = {"month": "2025-04", "given_back": [back]}
    fold(past, {"type": "penalty.month_closed", "v": 1, "seq": 52, "happened": END, "data": data})
    settled = [(line.id, 4100, "2025-04"), (f"{line.id}:back", -2050, "2025-04")]
    told = [(one.id, one.told["amount"], one.month) for one in assess(past, rules, "Li", END).lines]
    assert told == settled
    strike(past, {"people": ["Li"], "event": 2})
    told = [(one.id, one.told["amount"], one.month) for one in assess(past, rules, "Li", END).lines]
    assert told == [*settled, (f"{line.id}:back#2", -2050, "2025-05")]


def test_points_are_executed_and_undecided_apart_from_money(rules: Rulebook) -> None:
    past = office()
    enter(past, [{"day": "2025-04-07", "case": "V3", "fact": fact, "item": "sheet"} for fact in ("slow", "absent")])
    points = next(line for line in assess(past, rules, "Li", END).lines if line.told["measure"] == "points")
    decide(past, points, "executed", 50)
    sums = sums_of(assess(past, rules, "Li", END).lines)
    assert sums == {
        "total": "20.00", "executed": "0.00", "undecided": "20.00",
        "total_points": "3", "executed_points": "3", "undecided_points": "0",
    }  # fmt: skip
