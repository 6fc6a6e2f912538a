"""What falls due in cases acts as a step does; what stands on a closed case closes nothing again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from case_desk import CaseDesk, moment

from crm_cli.rules.case import counts
from crm_cli.rules.case.spans import period_of

if TYPE_CHECKING:
    from pathlib import Path

BOOK = """\
  job:
    kind: case
    number: JOB
    article: "1"
    by: clerk
    closed: [closed]
    fields:
      text: text
      hurt: {type: flag, start: false}
      slow: flag
      told: {type: text, many: true, personal: true}
      grade: [low, high]
    then: [{when: {answer: late}, set: {told: late}, article: "5"}]
    steps:
      new: {opens: true, takes: [hurt], state: received, then: [{use: graded}]}
      answer: {state: answered, asks: [text]}
      report: {asks: [text]}
      close: {after: [answer], state: closed}
      note: {after_close: true, asks: [text]}
      reopen: {after_close: true, after: [close], back_to: new}
    duties:
      answer: {from: new, until: answer, within: 2 days, late: [{set: {slow: true, told: slow}, article: "4"}]}
      report: {when: {answer: late}, until: report, within: 24h}
      excuse: {when: {slow: true}, until: report}
  graded:
    kind: table
    article: "2"
    inputs: [hurt]
    outputs: [grade]
    rows:
      - {id: high, when: {hurt: true}, then: {grade: high}}
      - {id: low, when: {hurt: false}, then: {grade: low}}
  job.monthly:
    kind: case
    article: "3"
    every: month
    about: job
    closed: [filed]
    counts: {open: {state: open}, closed: {state: closed}, answered: {state: answered, when: {grade: low}}}
    steps: {file: {by: head, state: filed}}
"""


@pytest.fixture
def desk(tmp_path: Path) -> CaseDesk:
    return CaseDesk(tmp_path, BOOK)


def test_the_first_value_of_a_field_counts_in_the_step_that_opens_the_case(desk: CaseDesk) -> None:
    assert desk.step("3 09:00", "new") == "done"
    assert desk.step("3 09:00", "new", hurt=True) == "done"
    assert [desk.case(one)["fields"]["grade"] for one in ("JOB-1", "JOB-2")] == ["low", "high"]


def test_a_breach_sets_values_and_begins_the_duties_whose_condition_it_makes_true(desk: CaseDesk) -> None:
    desk.step("3 09:00", "new")
    assert desk.tick("5 23:59") == []
    assert desk.tick("6 08:00") == ["case.late 03-06T00:00"]
    assert desk.case()["fields"]["slow"] is True
    assert desk.case()["fields"]["told"] == ["slow", "late"]
    assert desk.events[-1]["personal"] == {"set": {"told": ["slow", "late"]}}
    assert "told" not in desk.events[-1]["data"]["set"]
    assert desk.clocks("6 09:00")["report"] == ("running", "03-07T00:00")
    assert desk.step("6 09:00", "answer", "JOB-1", text="x") == "done"
    assert desk.step("6 10:00", "close", "JOB-1") == "blocked"
    assert desk.step("6 11:00", "report", "JOB-1", text="x") == "done"
    assert desk.step("6 12:00", "close", "JOB-1") == "done"
    assert [one["name"] for one in desk.case()["duties"]] == ["answer", "report", "excuse"]


def figures_of(desk: CaseDesk, day: str) -> dict[str, int]:
    rules = desk.book.at(moment(day).date())
    declared = rules.rule("desk", "job.monthly").compiled["counts"]
    period = period_of("month", moment(day).date())
    return counts.counted(desk.past, rules, "job", declared, period, moment("2025-07-02T09:00"))


def test_a_case_is_counted_as_open_while_it_was_whatever_was_done_since(desk: CaseDesk) -> None:
    desk.step("2025-03-03T09:00", "new")
    desk.step("2025-03-03T10:00", "answer", "JOB-1", text="x")
    desk.step("2025-03-03T11:00", "close", "JOB-1")
    desk.step("2025-04-03T11:00", "note", "JOB-1", text="x")
    desk.step("2025-05-03T11:00", "reopen", "JOB-1")
    desk.step("2025-06-03T10:00", "answer", "JOB-1", text="x")
    desk.step("2025-06-03T11:00", "close", "JOB-1")
    desk.step("2025-04-05T09:00", "new")
    desk.step("2025-04-06T09:00", "answer", "JOB-2", text="x")
    months = [figures_of(desk, f"2025-{month:02d}-28T09:00") for month in range(2, 7)]
    assert [one["open"] for one in months] == [0, 0, 1, 2, 1]
    assert [one["closed"] for one in months] == [0, 1, 1, 0, 1]
    assert [one["answered"] for one in months] == [0, 0, 1, 1, 1]
