"""The same matter: who comes to a case by a merge, and what the figures of a month count."""

from __future__ import annotations

from typing import TYPE_CHECKING

from case_desk import CaseDesk, moment

from crm_cli.rules.case import counts
from crm_cli.rules.case.spans import period_of

if TYPE_CHECKING:
    from pathlib import Path

BARRED = """\
  job:
    kind: case
    number: JOB
    article: "1"
    by: clerk
    closed: [closed]
    fields: {who: text, about: {type: person, many: true}, cost: money}
    others: {same: {kind: job, same: [who], when: {state: open}}}
    needs: [{not_by: about, except: [statement], article: "2"}]
    steps:
      new:
        opens: true
        asks: [who]
        takes: [about]
        state: received
        then: [{when: {same: some}, merge: same, article: "3"}]
      merge: {by: anyone, article: "3"}
      statement: {by: anyone}
      ask: {asks: [cost]}
      allow: {by: head}
      close: {state: closed}
    duties: {answer: {from: new, until: close, within: 24h, article: "4"}}
  job.monthly:
    kind: case
    article: "20"
    every: month
    about: job
    closed: [filed]
    fields: {}
    counts:
      allowed: {step: allow, sum: cost}
      late: {duty: answer, is: late, dated: due}
      by_who: {step: new, by: who}
    steps: {file: {by: clerk, state: filed, article: "21"}}
"""


def figures(desk: CaseDesk, at: str) -> dict[str, object]:
    rules = desk.book.at(moment(at).date())
    declared = rules.rule("desk", "job.monthly").compiled["counts"]
    return counts.counted(desk.past, rules, "job", declared, period_of("month", moment("3 09:00").date()), moment(at))


def test_who_is_barred_from_a_case_does_not_come_to_it_by_opening_another(tmp_path: Path) -> None:
    desk = CaseDesk(tmp_path, BARRED)
    desk.step("3 09:00", "new", who="a", about=["D"])
    assert desk.step("3 10:00", "new", by="D", who="a") == "recused"
    assert desk.step("3 10:00", "statement", "JOB-1", "D") == "done"
    assert desk.step("3 10:00", "new", by="C", who="a") == "merged"


def test_what_an_opening_wants_it_wants_of_what_turns_out_to_be_the_same_matter(tmp_path: Path) -> None:
    desk = CaseDesk(tmp_path, BARRED.replace("takes: [about]", "takes: [about, cost]\n        needs: [{asks: [cost]}]"))
    assert desk.step("3 09:00", "new", who="a", cost=1) == "done"
    assert desk.step("3 10:00", "new", who="a") == "missing"
    assert desk.step("3 10:00", "new", by="H", who="a", cost=1) == "not_allowed"


def test_a_sum_takes_what_the_field_was_at_each_doing(tmp_path: Path) -> None:
    desk = CaseDesk(tmp_path, BARRED)
    desk.step("3 09:00", "new", who="a")
    for cost in (100, 200):
        desk.step("3 10:00", "ask", "JOB-1", cost=cost)
        desk.step("3 11:00", "allow", "JOB-1", "H")
    desk.step("3 12:00", "ask", "JOB-1", cost=900)
    assert figures(desk, "3 13:00")["allowed"] == 300


def test_what_is_overdue_counts_before_it_is_recorded_and_in_the_month_in_which_it_was_due(tmp_path: Path) -> None:
    desk = CaseDesk(tmp_path, BARRED.replace("within: 24h", "within: 31 days"))
    desk.step("2025-02-28T09:00", "new", who="a")
    assert figures(desk, "31 09:00")["late"] == 0
    assert figures(desk, "2025-04-01T00:00")["late"] == 1
    desk.tick("2025-04-02T00:00")
    assert figures(desk, "2025-04-03T09:00")["late"] == 1
    desk.step("2025-04-03T09:00", "close", "JOB-1")
    assert figures(desk, "2025-04-03T09:00")["late"] == 1


def test_what_look_ups_find_alike_is_counted_together(tmp_path: Path) -> None:
    desk = CaseDesk(tmp_path, BARRED.replace("merge: same", "do: statement"))
    for who in ("Leak", "leak ", "漏水", "漏 水"):
        desk.step("3 09:00", "new", who=who)
    assert figures(desk, "3 13:00")["by_who"] == {"Leak": 2, "漏水": 2}
