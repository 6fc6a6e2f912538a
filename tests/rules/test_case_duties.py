"""Duties that come and go: those of a level, and those that a closing step would leave behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from case_desk import CaseDesk

if TYPE_CHECKING:
    from pathlib import Path

# ── closing ────────────────────────────────────────────────────────────────────────────────────────────────────────

LAST = """\
  job:
    kind: case
    number: JOB
    article: "1"
    by: clerk
    closed: [closed, dropped]
    fields: {leaker: text}
    steps:
      new: {opens: true, state: received}
      name: {asks: [leaker]}
      tell: {}
      close: {takes: [leaker], state: closed}
      drop: {takes: [leaker], state: dropped, drops: true}
    duties: {told: {when: {leaker: given}, until: tell, article: "2"}}
"""


def test_a_step_that_closes_begins_nothing_that_must_be_done_before(tmp_path: Path) -> None:
    desk = CaseDesk(tmp_path, LAST)
    desk.step("3 09:00", "new")
    refused = desk.tried("3 10:00", "close", "JOB-1", leaker="a")
    assert (refused.verdict, refused.answer["missing"][0]["what"]) == ("blocked", "told")
    for step, says in (("name", {"leaker": "a"}), ("tell", {}), ("close", {})):
        assert desk.step("3 10:00", step, "JOB-1", **says) == "done"


def test_what_a_dropping_step_begins_falls_with_the_rest(tmp_path: Path) -> None:
    desk = CaseDesk(tmp_path, LAST)
    desk.step("3 09:00", "new")
    assert desk.step("3 10:00", "drop", "JOB-1", leaker="a") == "done"
    assert not [one for one in desk.case()["duties"] if one["state"] == "running"]


STANDING = """\
  job:
    kind: case
    number: JOB
    article: "1"
    by: clerk
    closed: [closed]
    fields: {level: {of: [low, high], start: low}, told: [left, right], why: text, jobs: {link: job, many: true}}
    others:
      recent: {kind: job, same: [why], within: 3 days}
      first: {kind: job, same: [why], when: {state: open}}
    steps:
      new: {opens: true, takes: [level, why], state: received}
      rank: {asks: [level]}
      tell: {asks: [told]}
      add: {takes: [jobs], by: office}
      note: {asks: [why], then: [{when: {first: some}, do: add, in: first, set: {jobs: {copy: self}}}]}
      count: {needs: [{must: {recent: at least 2}}]}
      plan: {state: planned}
      close: {state: closed}
    duties:
      tell: {when: {level: high}, each: [left, right], until: tell, item: told, within: 24h, before: [plan]}
"""


def test_what_is_owed_for_a_level_falls_with_it_and_comes_back_with_it(tmp_path: Path) -> None:
    desk = CaseDesk(tmp_path, STANDING)
    desk.step("3 09:00", "new", level="high")
    desk.step("3 10:00", "tell", "JOB-1", told="left")
    assert desk.step("3 11:00", "plan", "JOB-1") == "blocked"
    desk.step("3 12:00", "rank", "JOB-1", level="low")
    assert [one["state"] for one in desk.case()["duties"]] == ["met", "dropped"]
    assert desk.tick("9 09:00") == []
    desk.step("9 09:00", "rank", "JOB-1", level="high")
    assert [(one["item"], one["state"]) for one in desk.case()["duties"][2:]] == [("right", "running")]
    desk.tick("11 09:00")
    desk.step("11 09:00", "rank", "JOB-1", level="low")
    assert [one["state"] for one in desk.case()["duties"]] == ["met", "dropped", "late"]
    assert desk.step("11 10:00", "plan", "JOB-1") == "done"


def test_a_look_up_within_a_time_asks_when_both_were_opened_not_when_it_is_asked(tmp_path: Path) -> None:
    desk = CaseDesk(tmp_path, STANDING)
    for day in (3, 4, 6, 7):
        desk.step(f"{day} 09:00", "new", why="leak")
    assert desk.step("19 09:00", "count", "JOB-3") == "done"
    desk.step("10 09:00", "new", why="rust")
    desk.step("19 09:00", "note", "JOB-5", why="leak")
    assert desk.step("19 09:00", "count", "JOB-5") == "missing"


def test_a_step_done_in_another_case_adds_to_what_that_collects(tmp_path: Path) -> None:
    desk = CaseDesk(tmp_path, STANDING)
    desk.step("3 09:00", "new", why="leak")
    desk.step("4 09:00", "new")
    desk.step("4 10:00", "note", "JOB-2", why="leak")
    assert desk.case()["fields"]["jobs"] == ["JOB-2"]
