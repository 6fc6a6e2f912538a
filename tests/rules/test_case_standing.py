"""Cases as they stand: once their duties are met, at the beginning and at the end of a period, in order of a number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from case_desk import CaseDesk, moment

from crm_cli.rules.case import counts, view
from crm_cli.rules.case.spans import period_of

if TYPE_CHECKING:
    from pathlib import Path

FILES = """\
  loan:
    kind: case
    number: L
    article: "1"
    by: clerk
    closed: [returned]
    fields: {copies: {type: text, many: true}, back: {type: text, many: true}}
    steps:
      lend: {opens: true, asks: [copies], state: lent}
      return: {asks: [back], again: true, state: [{when: {back: open}, is: lent}, {is: returned}]}
    duties: {back: {from: lend, each: copies, until: return, item: back, within: 3 days}}
  file:
    kind: case
    number: F
    article: "2"
    by: clerk
    closed: [gone]
    fields: {shelf: number, kept_at: time, index: text}
    steps:
      keep: {opens: true, takes: [shelf, index], state: kept, then: [{set: {kept_at: now}}]}
      number: {asks: [index]}
      go: {state: gone, needs: [{not_before: unset after kept_at, article: "3"}]}
      lose: {state: gone}
    queue: [{shelf: up}]
  file.inspection:
    kind: case
    article: "4"
    every: half year
    about: file
    by: clerk
    closed: [done]
    counts: {all: {state: open}, bare: {state: open, when: {index: missing}}, kept: {state: kept, when: {index: given}}}
    steps: {record: {state: done, again: true, after_close: true}}
    duties: {inspect: {from: period, until: record, within: end of period, late: [{fact: slow, who: [clerk]}]}}
"""


def _given(name: str, value: Any) -> dict[str, Any]:
    return {} if value is None else {name: value}


def test_a_state_is_that_of_a_case_whose_duties_the_step_has_met(tmp_path: Path) -> None:
    desk = CaseDesk(tmp_path, FILES)
    desk.step("3 09:00", "lend", kind="loan", copies=["1", "2"])
    desk.step("4 09:00", "return", "L-1", kind="loan", back=["1"])
    assert (desk.case("L-1")["state"], desk.case("L-1")["closed"]) == ("lent", False)
    desk.step("5 09:00", "return", "L-1", kind="loan", back=["2"])
    assert (desk.case("L-1")["state"], desk.case("L-1")["closed"]) == ("returned", True)
    assert desk.step("5 10:00", "return", "L-1", kind="loan", back=["2"]) == "closed"


def test_a_wait_without_a_figure_is_never_over(tmp_path: Path) -> None:
    desk = CaseDesk(tmp_path, FILES)
    desk.step("3 09:00", "keep", kind="file")
    refused = desk.tried("2035-03-03T09:00", "go", "F-1", kind="file")
    assert (refused.verdict, refused.answer["missing"][0]["what"]) == ("too_early", "unset")


def test_a_case_that_owes_something_by_the_end_of_its_period_is_opened_when_that_begins(tmp_path: Path) -> None:
    desk = CaseDesk(tmp_path, FILES)
    desk.step("3 09:00", "keep", kind="file")
    assert desk.tick("3 10:00") == ["case.opened 03-03T00:00"]
    first = desk.case("file.inspection/2025-H1")
    assert (first["fields"]["starts"], first["fields"]["ends"]) == ("2025-01-01", "2025-06-30")
    desk.step("10 09:00", "record", first["id"], kind="file.inspection")
    assert desk.clocks("10 09:00", first["id"])["inspect"] == ("met", "06-30T23:59")
    assert desk.tick("2025-12-31T23:59") == ["case.opened 07-01T00:00"]
    assert desk.tick("2026-01-01T00:00") == ["case.late 01-01T00:00", "case.opened 01-01T00:00"]


def test_open_cases_are_counted_by_a_condition(tmp_path: Path) -> None:
    desk = CaseDesk(tmp_path, FILES)
    for index in (None, None, "7"):
        desk.step("3 09:00", "keep", kind="file", **_given("index", index))
    desk.step("2025-07-02T09:00", "lose", "F-1", kind="file")
    rules = desk.book.at(moment("3 09:00").date())
    declared = rules.rule("desk", "file.inspection").compiled["counts"]
    half = period_of("half year", moment("3 09:00").date())
    figures = counts.counted(desk.past, rules, "file", declared, half, moment("2025-07-03T09:00"))
    assert figures == {"all": 3, "bare": 2, "kept": 1}


def test_a_queue_goes_by_numbers_and_what_has_none_comes_last(tmp_path: Path) -> None:
    desk = CaseDesk(tmp_path, FILES)
    for shelf in (10, None, 9):
        desk.step("3 09:00", "keep", kind="file", **_given("shelf", shelf))
    rules = desk.book.at(moment("3 09:00").date())
    rows = view.listed(desk.past, rules, "file", moment("3 10:00"))
    assert [row["id"] for row in rows] == ["F-3", "F-1", "F-2"]


def test_a_refusal_names_the_cases_in_the_way_and_what_is_due_in_them(tmp_path: Path) -> None:
    rules = FILES.replace(
        "    steps:\n      lend: {opens: true, asks: [copies], state: lent}\n",
        "    others: {out: {kind: loan, same: {back: copies}}}\n"
        "    steps:\n      lend: {opens: true, asks: [copies], state: lent, needs: [{must: {out: none}}]}\n",
    )
    desk = CaseDesk(tmp_path, rules)
    desk.step("3 09:00", "lend", kind="loan", copies=["1", "2"])
    refused = desk.tried("4 09:00", "lend", kind="loan", copies=["2"])
    (lacking,) = refused.answer["missing"]
    assert (lacking["what"], lacking["cases"]) == ("out", [{"id": "L-1", "due": "2025-03-06T23:59:59+08:00"}])
    desk.step("4 10:00", "return", "L-1", kind="loan", back=["2"])
    assert desk.step("4 11:00", "lend", kind="loan", copies=["2"]) == "done"
