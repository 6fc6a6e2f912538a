"""The engine of cases, on small declarations: order, rounds, duties, clocks, look-ups, shares, periods."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

import pytest
from case_desk import CaseDesk, moment
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_cli.errors import DataError, UsageError
from crm_cli.past import Past
from crm_cli.rules.case import counts, evolve, owing, view
from crm_cli.rules.case.spans import period_of
from crm_cli.rules.fold import fold

if TYPE_CHECKING:
    from pathlib import Path

JOB = """\
  job:
    kind: case
    number: JOB
    article: "1"
    by: clerk
    closed: [closed]
    fields:
      text: text
      who: text
      parts: {of: [left, right], many: true}
      amount: money
      pieces: number
      price: money
      worth: {type: money, product: [pieces, price]}
      paid: {type: money, sum: pay.amount}
      ok: flag
      proof: document
      due_on: date
      level: {of: [low, high], start: low}
    others:
      same: {kind: job, same: [who], when: {state: open}}
      recent: {kind: job, same: [who], within: 3 days}
    then:
      - {when: {level: high}, set: {text: urgent}, article: "2"}
    steps:
      new:
        opens: true
        takes: [who, pieces, price, due_on, level, parts]
        state: received
        then: [{when: {same: some}, merge: same, article: "3"}]
      merge: {takes: [level], by: anyone}
      wait: {state: waiting, again: true}
      resume: {state: running, again: true}
      plan: {asks: [text], again: afresh, state: planned, article: "4"}
      approve: {by: head, after: [plan], not_by: [plan], state: approved, article: "5"}
      return: {by: head, after: [plan], asks: [text], back_to: new, article: "6"}
      pay: {asks: [amount], after: [approve], needs: [{when: {amount: over 100}, by: at least chief, article: "7"}]}
      hand: {takes: [parts]}
      prove: {takes: [proof]}
      close:
        state: closed
        article: "8"
        needs:
          - {must: {proof: given}, else: owe, article: "9"}
          - {must: {ok: true}, else: warn, article: "10"}
    duties:
      answer:
        from: new
        until: plan
        within: 24h
        warn: 2h before due
        escalate: [{at: due, to: head}, {at: 24h after due, to: chief}]
        late: [{fact: slow, who: [hand]}]
        pause: [waiting]
        article: "11"
      parts: {from: new, when: {parts: given}, each: parts, until: hand, item: parts, article: "12"}
      on_day: {from: new, when: {due_on: given}, until: close, within: until due_on, article: "13", outlives: true}
    queue: [{level: down}, {opened: up}]
  job.monthly:
    kind: case
    article: "20"
    every: month
    about: job
    closed: [filed]
    fields: {}
    counts:
      new: {step: new}
      late: {duty: answer, is: late, dated: due}
      open: {state: open}
      half: {share: 50 %, of: new}
      rate: {rate: late, of: new}
    steps: {file: {by: clerk, state: filed, article: "21"}}
    duties: {filing: {from: period, until: file, within: day 10 of next month, article: "22"}}
"""


@pytest.fixture
def desk(tmp_path: Path) -> CaseDesk:
    return CaseDesk(tmp_path, JOB)


def test_a_late_answer_is_warned_of_breached_and_escalated_in_the_order_of_time(desk: CaseDesk) -> None:
    desk.step("3 09:00", "new")
    assert desk.tick("3 12:00") == []
    week = desk.tick("10 09:00")
    assert week == [
        "case.warned 03-04T07:00",
        "case.late 03-04T09:00",
        "case.escalated 03-04T09:00",
        "case.escalated 03-05T09:00",
    ]
    assert desk.tick("10 09:00") == []
    late = next(one for one in desk.events if one["type"] == "case.late")
    assert late["happened"] == "2025-03-04T09:00:01+08:00"
    assert late["data"]["facts"] == [{"fact": "slow", "who": ["office"], "row": "duty.answer.late.1"}]


def test_what_a_step_finds_fallen_is_recorded_before_it(desk: CaseDesk) -> None:
    desk.step("3 09:00", "new")
    assert desk.step("4 20:00", "plan", "JOB-1", text="x") == "done"
    types = [one["type"] for one in desk.events]
    assert types == ["case.opened", "case.warned", "case.late", "case.escalated", "case.stepped"]
    assert desk.clocks("6 09:00")["answer"] == ("late", "03-04T09:00")


def test_a_step_dated_in_time_withdraws_a_breach_that_was_recorded(desk: CaseDesk) -> None:
    desk.step("3 09:00", "new")
    desk.tick("5 09:00")
    assert desk.step("4 08:59", "plan", "JOB-1", text="entered afterwards") == "done"
    assert [one["type"] for one in desk.events][-2:] == ["case.withdrawn", "case.stepped"]
    assert desk.clocks("6 09:00")["answer"] == ("met", "03-04T09:00")


def test_equal_to_the_due_instant_is_in_time(desk: CaseDesk) -> None:
    desk.step("3 09:00", "new")
    desk.step("4 09:00", "plan", "JOB-1", text="x")
    assert desk.clocks("4 09:00")["answer"] == ("met", "03-04T09:00")


def test_a_clock_stands_still_while_the_case_waits(desk: CaseDesk) -> None:
    desk.step("3 09:00", "new")
    desk.step("3 10:00", "wait", "JOB-1")
    assert desk.tick("9 09:00") == []
    assert desk.clocks("9 09:00")["answer"][0] == "paused"
    desk.step("5 12:00", "resume", "JOB-1")
    assert desk.clocks("5 12:00")["answer"] == ("running", "03-06T11:00")


def test_approvals_of_a_round_lapse_when_the_plan_changes_or_is_returned(desk: CaseDesk) -> None:
    desk.step("3 09:00", "new")
    desk.step("3 10:00", "plan", "JOB-1", text="first")
    assert desk.step("3 10:30", "approve", "JOB-1", "D") == "not_allowed"
    assert desk.step("3 11:00", "approve", "JOB-1", "H") == "done"
    assert desk.step("3 11:10", "approve", "JOB-1", "H") == "already"
    desk.step("3 12:00", "plan", "JOB-1", text="second")
    assert (desk.case()["state"], desk.case()["round"], "approve" in desk.case()["done"]) == ("planned", 2, False)
    desk.step("3 13:00", "approve", "JOB-1", "H")
    desk.step("3 14:00", "return", "JOB-1", "H", text="no")
    assert (desk.case()["state"], desk.case()["round"]) == ("received", 3)
    refused = desk.tried("3 15:00", "approve", "JOB-1", "H")
    assert (refused.verdict, refused.answer["missing"][0]["what"]) == ("out_of_order", "plan")


def test_nobody_approves_what_is_their_own(tmp_path: Path) -> None:
    desk = CaseDesk(tmp_path, JOB.replace("plan: {asks", "plan: {by: anyone, asks"))
    desk.step("3 09:00", "new")
    desk.step("3 10:00", "plan", "JOB-1", "H", text="mine")
    assert desk.step("3 11:00", "approve", "JOB-1", "H") == "recused"


def test_an_amount_asks_for_a_hand_of_its_rank(desk: CaseDesk) -> None:
    desk.step("3 09:00", "new")
    desk.step("3 10:00", "plan", "JOB-1", text="x")
    desk.step("3 11:00", "approve", "JOB-1", "H")
    assert desk.step("3 12:00", "pay", "JOB-1", "C", amount=10000) == "done"
    refused = desk.tried("3 12:00", "pay", "JOB-1", "C", amount=10001)
    assert (refused.verdict, [cite.told for cite in refused.cites]) == ("not_allowed", ["7"])
    assert desk.step("3 12:00", "pay", "JOB-1", "X", amount=10001) == "done"


def test_a_step_dated_before_the_one_it_follows_is_out_of_order(desk: CaseDesk) -> None:
    desk.step("3 09:00", "new")
    desk.step("3 10:00", "plan", "JOB-1", text="x")
    assert desk.step("3 09:30", "approve", "JOB-1", "H") == "out_of_order"


def test_a_case_closes_only_when_nothing_is_owed_that_does_not_outlive_it(desk: CaseDesk) -> None:
    desk.step("3 09:00", "new", parts=["left", "right"], due_on="2025-03-20")
    refused = desk.tried("3 10:00", "close", "JOB-1")
    assert refused.verdict == "blocked"
    assert [one["what"] for one in refused.answer["missing"]] == ["answer", "parts/left", "parts/right"]
    desk.step("3 10:00", "plan", "JOB-1", text="x")
    desk.step("3 10:10", "hand", "JOB-1", parts=["left"])
    assert [one["what"] for one in desk.tried("3 10:20", "close", "JOB-1").answer["missing"]] == ["parts/right"]
    desk.step("3 10:30", "hand", "JOB-1", parts=["right"])
    closed = desk.tried("3 11:00", "close", "JOB-1")
    assert (closed.verdict, [one["what"] for one in closed.answer["warnings"]]) == ("done", ["ok"])
    assert desk.step("3 12:00", "plan", "JOB-1", text="again") == "closed"


def test_what_is_owed_instead_of_given_is_met_by_who_brings_it(tmp_path: Path) -> None:
    desk = CaseDesk(
        tmp_path,
        JOB.replace("closed: [closed]\n    fields:\n      text", "closed: [gone]\n    fields:\n      text").replace(
            "      close:\n", "      leave: {state: gone}\n      close:\n"
        ),
    )
    desk.step("3 09:00", "new")
    desk.step("3 10:00", "plan", "JOB-1", text="x")
    closed = desk.tried("3 11:00", "close", "JOB-1")
    assert "9" in [cite.told for cite in closed.cites]
    assert [one["name"] for one in view.owed(desk.case())] == ["proof"]
    desk.step("3 12:00", "prove", "JOB-1", proof="letter")
    assert view.owed(desk.case()) == []


def test_the_same_complaint_is_merged_and_the_first_clock_goes_on(desk: CaseDesk) -> None:
    desk.step("3 09:00", "new", who="陳太太")
    merged = desk.tried("3 20:00", "new", who="陈 太太", level="high")
    assert (merged.verdict, merged.answer["id"]) == ("merged", "JOB-1")
    assert [cite.short for cite in merged.cites][:2] == ["job#merge", "job#new.then.1"]
    assert "house/desk@2025-01-01/job#new.then.1:" in " ".join(desk.events[-1]["cites"])
    assert desk.case("JOB-2") == {}
    assert desk.case()["fields"]["text"] == "urgent"
    assert desk.clocks("3 21:00")["answer"] == ("running", "03-04T09:00")


def test_who_is_not_on_the_staff_does_nothing_even_under_the_name_of_a_role(desk: CaseDesk) -> None:
    for stranger in ("nobody", "clerk"):
        with pytest.raises(UsageError):
            desk.step("3 09:00", "new", by=stranger)
    assert desk.events == []


def test_a_merge_without_a_condition_opens_a_case_where_there_is_none_to_merge_with(tmp_path: Path) -> None:
    desk = CaseDesk(tmp_path, JOB.replace("{when: {same: some}, merge: same", "{merge: same"))
    assert desk.step("3 09:00", "new", who="a") == "done"
    assert desk.step("3 10:00", "new", who="a") == "merged"


OTHER = """\
  order:
    kind: case
    number: ORD
    article: "1"
    by: clerk
    closed: [closed]
    fields: {who: text}
    steps: {new: {opens: true, asks: [who], state: received}, done: {state: closed}}
    duties: {answer: {from: new, until: done, within: 24h, late: [{fact: slow, who: [head]}], article: "2"}}
  notice:
    kind: case
    number: NT
    article: "3"
    by: clerk
    closed: [given]
    fields: {who: text}
    others: {orders: {kind: order, same: [who], when: {state: open}}}
    steps: {give: {opens: true, asks: [who], state: given, then: [{do: done, in: orders}]}}
"""


def test_what_fell_due_in_another_case_is_recorded_before_a_step_is_done_in_it(tmp_path: Path) -> None:
    desk = CaseDesk(tmp_path, OTHER)
    desk.step("3 09:00", "new", kind="order", who="a")
    desk.step("5 09:00", "give", kind="notice", who="a")
    assert [one["type"] for one in desk.events] == ["case.opened", "case.opened", "case.late", "case.stepped"]
    assert desk.events[2]["data"]["facts"][0]["fact"] == "slow"


def test_figures_of_a_case_are_products_and_sums_of_its_own(desk: CaseDesk) -> None:
    desk.step("3 09:00", "new", pieces=3, price=250)
    desk.step("3 10:00", "plan", "JOB-1", text="x")
    desk.step("3 11:00", "approve", "JOB-1", "H")
    desk.step("3 12:00", "pay", "JOB-1", amount=300)
    desk.step("3 13:00", "pay", "JOB-1", amount=400)
    sight = view.sight_of(desk.past, desk.book.at(moment("3 14:00").date()), desk.case(), moment("3 14:00"))
    assert (sight.value("worth"), sight.value("paid")) == (750, 700)


def test_a_month_that_is_over_has_its_case_and_its_figures(desk: CaseDesk) -> None:
    desk.step("3 09:00", "new")
    desk.step("5 09:00", "new", who="a")
    desk.step("5 10:00", "plan", "JOB-2", text="x")
    ticked = desk.tick("2025-04-01T08:00")
    assert ticked[-1] == "case.opened 04-01T00:00"
    case = desk.case("job.monthly/2025-03")
    assert (case["fields"]["starts"], case["fields"]["ends"]) == ("2025-03-01", "2025-03-31")
    assert desk.clocks("2025-04-02T09:00", case["id"])["filing"] == ("running", "04-10T23:59")
    assert desk.tick("2025-04-01T08:00") == []
    rules = desk.book.at(moment("31 09:00").date())
    declared = rules.rule("desk", "job.monthly").compiled["counts"]
    march = period_of("month", moment("31 09:00").date())
    figures = counts.counted(desk.past, rules, "job", declared, march, moment("2025-04-02T09:00"))
    assert figures == {"new": 2, "late": 1, "open": 2, "half": 1, "rate": "50.0"}


def test_lists_come_in_the_order_of_the_queue_and_find_by_value(desk: CaseDesk) -> None:
    desk.step("3 09:00", "new", who="a")
    desk.step("3 10:00", "new", who="b", level="high")
    rules = desk.book.at(moment("3 11:00").date())
    rows = view.listed(desk.past, rules, "job", moment("3 11:00"))
    assert [row["id"] for row in rows] == ["JOB-2", "JOB-1"]
    assert [row["id"] for row in view.listed(desk.past, rules, "job", moment("3 11:00"), where={"who": "a"})] == [
        "JOB-1"
    ]
    overdue = view.listed(desk.past, rules, "job", moment("4 09:30"), overdue=True)
    assert [row["id"] for row in overdue] == ["JOB-1"]


def test_the_events_alone_tell_every_case(desk: CaseDesk) -> None:
    desk.step("3 09:00", "new", who="a", parts=["left"])
    desk.step("3 09:30", "wait", "JOB-1")
    desk.step("3 10:00", "plan", "JOB-1", text="x")
    desk.tick("2025-04-12T08:00")
    again = Past()
    for event in desk.events:
        fold(again, event)
    assert {name: one for name, one in desk.past.changed.items() if name[0] == "case"} == {
        name: one for name, one in again.changed.items() if name[0] == "case"
    }
    assert again.marked == desk.past.marked


VISITS = """\
  file:
    kind: case
    number: F
    article: "1"
    by: clerk
    closed: [closed]
    fields: {who: text}
    steps: {new: {opens: true, asks: [who], state: open_file}, close: {state: closed}}
  expense:
    kind: case
    number: E
    article: "2"
    by: clerk
    closed: [paid]
    fields: {who: text, spent_on: date}
    others:
      filed: {kind: file, same: [who], when: {state: open}, as_of: spent_on}
    steps:
      pay: {opens: true, asks: [who, spent_on], state: paid, needs: [{must: {filed: some}, article: "3"}]}
"""


def test_a_look_up_may_ask_how_the_other_case_stood_on_a_day(tmp_path: Path) -> None:
    desk = CaseDesk(tmp_path, VISITS)
    desk.step("5 09:00", "new", kind="file", who="a")
    desk.step("7 09:00", "close", "F-1", kind="file")
    paid = {
        day: desk.step("10 09:00", "pay", kind="expense", who="a", spent_on=f"2025-03-{day:02d}")
        for day in (4, 5, 6, 7)
    }
    assert paid == {4: "missing", 5: "done", 6: "done", 7: "missing"}


SHARED = """\
  job:
    kind: case
    number: JOB
    article: "1"
    by: clerk
    closed: [closed]
    fields: {level: {of: [low, high], start: low}, planned: flag}
    steps:
      new:
        opens: true
        takes: [level]
        state: received
        then: [{set: {planned: {share: 50 %, per: month, always: {level: high}}}, article: "2"}]
      close: {state: closed}
"""


@settings(deadline=None, max_examples=40)
@given(levels=st.lists(st.sampled_from(["low", "high"]), max_size=12))
def test_a_share_is_reached_at_every_moment_and_takes_what_it_always_takes(
    tmp_path_factory: pytest.TempPathFactory, levels: list[str]
) -> None:
    desk = CaseDesk(tmp_path_factory.mktemp("share"), SHARED)
    planned = []
    for number, level in enumerate(levels, 1):
        desk.step("3 09:00", "new", level=level)
        planned.append(desk.case(f"JOB-{number}")["fields"]["planned"])
        assert planned[-1] or level == "low"
        assert sum(planned) >= ceil(number / 2)
        assert sum(planned) <= max(ceil(number / 2), levels[:number].count("high") + 1 + number // 2)


@pytest.mark.parametrize(
    ("every", "day", "name", "after"),
    [
        ("day", "2025-03-31", "2025-03-31", "2025-04-01"),
        ("week", "2025-03-09", "2025-W10", "2025-03-10"),
        ("month", "2024-12-31", "2024-12", "2025-01-01"),
        ("quarter", "2025-05-01", "2025-Q2", "2025-07-01"),
        ("half year", "2025-12-31", "2025-H2", "2026-01-01"),
        ("year", "2024-02-29", "2024", "2025-01-01"),
    ],
)
def test_periods_of_the_calendar(every: str, day: str, name: str, after: str) -> None:
    period = period_of(every, moment(f"{day}T12:00").date())
    assert (period.name, period.after.isoformat()) == (name, after)


# ── before the rulebook ────────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_taken_over_from_before_the_first_edition_lives_by_it_and_says_so(desk: CaseDesk) -> None:
    asked = {"verb": "step", "kind": "job", "by": "C", "fields": {"who": "W"}, "taken_over": True}
    assert desk.ask("2024-12-30 09:00", step="new", **asked).answer["first_edition"] == "2025-01-01"
    assert (desk.events[0]["data"]["first_edition"], desk.case()["day"]) == ("2025-01-01", "2025-01-01")
    assert desk.clocks("2024-12-30 10:00") == {"answer": ("running", "12-31T09:00")}
    assert desk.ask("2024-12-30 11:00", **asked | {"step": "plan", "case": "JOB-1", "fields": {"text": "t"}}).allowed
    assert desk.step("3 09:00", "approve", "JOB-1", by="H") == "done"  # a later step is decided as ever


def test_what_is_typed_for_a_day_before_the_first_edition_is_refused(desk: CaseDesk) -> None:
    with pytest.raises(DataError, match="no edition of the rulebook has job on this day"):
        desk.step("2024-12-30 09:00", "new")
    assert desk.step("3 09:00", "new") == "done"
    assert "first_edition" not in desk.events[0]["data"]


def test_what_fell_due_before_the_first_edition_is_recorded_by_it(desk: CaseDesk) -> None:
    desk.ask("2024-12-29 09:00", verb="step", kind="job", by="C", step="new", taken_over=True)
    assert desk.tick("2024-12-31 12:00")[:2] == ["case.warned 12-30T07:00", "case.late 12-30T09:00"]


# ── rows of a table ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("row", "other"), [("A1", "A"), ("A/1", "A"), ("x|y", "x")])
def test_the_case_of_a_row_is_found_by_the_key_of_the_row(desk: CaseDesk, row: str, other: str) -> None:
    desk.step("3 09:00", "new", who="W")
    opened, past = desk.events[0], Past()
    fold(past, {**opened, "key": evolve.natural("job", row, "new")})
    assert evolve.taken(past, "job", row) == "JOB-1"
    assert [evolve.taken(past, *one) for one in (("job", other), ("wish", row), ("job", f"{row}/new"))] == [""] * 3
    assert evolve.taken(desk.past, "job", row) == ""  # what was typed was taken over from no table


# ── roles that nobody has ──────────────────────────────────────────────────────────────────────────────────────────


GONE = [("", [], []), ("CD", ["clerk"], ["clerk"]), ("HX", [], ["head", "chief"])]


@pytest.mark.parametrize(("gone", "step", "duty"), GONE)
def test_a_role_that_nobody_has_is_told_where_it_is_wanted(
    desk: CaseDesk, gone: str, step: list[str], duty: list[str]
) -> None:
    desk.step("3 09:00", "new", who="W")
    members = (desk.past.get("staff", "roster") or {})["members"]
    kept = {name: one for name, one in members.items() if name not in gone} | {"Z": {"roles": ["other"]}}
    desk.past.put("staff", "roster", {"members": kept})
    told = desk.tried("3 10:00", "plan", "JOB-1", by="Z", text="t").answer["missing"]
    assert [one.get("unheld", []) for one in told if one["sort"] == "not_allowed"] == [step]
    now = moment("3 10:00")
    assert owing.unheld(desk.past, desk.book.at(now.date()), "JOB-1", "answer", now) == duty


def test_a_step_done_for_another_says_for_whom(desk: CaseDesk) -> None:
    term = {"for": "H", "from": "2025-03-03T00:00:00+08:00", "until": "2025-03-04T00:00:00+08:00"}
    roster = desk.past.get("staff", "roster") or {}
    roster["members"]["D"]["deputises"] = [term]
    desk.past.put("staff", "roster", roster)
    desk.step("3 09:00", "new", by="D")
    desk.step("3 10:00", "plan", "JOB-1", text="x")
    assert desk.step("3 11:00", "approve", "JOB-1", "D") == "done"
    assert [one["data"].get("instead_of") for one in desk.events] == [None, None, "H"]


def test_cases_of_one_minute_are_listed_by_their_numbers(desk: CaseDesk) -> None:
    for _number in range(11):
        desk.step("3 09:00", "new")
    rows = view.listed(desk.past, desk.book.at(moment("3 10:00").date()), "job", moment("3 10:00"))
    assert [row["id"] for row in rows] == [f"JOB-{number}" for number in range(1, 12)]


def test_nothing_is_dated_before_its_case_was_opened(desk: CaseDesk) -> None:
    desk.step("3 09:00", "new", who="a")
    refused = desk.tried("3 08:59", "hand", "JOB-1")
    assert (refused.verdict, refused.answer["missing"][0]["what"]) == ("out_of_order", "new")
    assert desk.step("3 09:00", "hand", "JOB-1") == "done"
    assert desk.step("3 08:00", "new", who="a") == "merged"
