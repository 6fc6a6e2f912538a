"""What conditions of cases ask: what a link leads to, waits, what was changed, what is owed now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from case_desk import CaseDesk

if TYPE_CHECKING:
    from pathlib import Path

# ── links ──────────────────────────────────────────────────────────────────────────────────────────────────────────

LINKED = """\
  file:
    kind: case
    number: given
    article: "1"
    by: clerk
    closed: [shut]
    steps:
      new: {opens: true, state: kept}
      lend: {state: lent, again: true}
      shut: {state: shut}
  wish:
    kind: case
    number: W
    article: "2"
    by: clerk
    closed: [done]
    fields: {file: {link: file}, note: text}
    steps:
      new: {opens: true, takes: [file], state: asked}
      opened: {after: [new], needs: [{must: {file.state: open}}]}
      lent: {after: [new], needs: [{must: {file.state: lent}}]}
      ended: {after: [new], needs: [{must: {file.state: closed}}]}
      other: {after: [new], needs: [{must: {file.state: {not: [lent, closed]}}}]}
      named: {after: [new], needs: [{must: {file.state: given}}]}
      close: {state: done}
"""


@pytest.mark.parametrize(
    ("steps", "holds"),
    [
        ([], {"opened", "other", "named"}),
        (["lend"], {"opened", "lent", "named"}),
        (["lend", "shut"], {"ended", "named"}),
        (None, {"other"}),
    ],
)
def test_the_state_behind_a_link_is_its_word_and_whether_it_is_open(
    tmp_path: Path, steps: list[str] | None, holds: set[str]
) -> None:
    desk = CaseDesk(tmp_path, LINKED)
    desk.step("3 09:00", "new", "F1", kind="file")
    for step in steps or ():
        assert desk.step("3 09:00", step, "F1", kind="file") == "done"
    desk.step("3 09:00", "new", kind="wish", **({} if steps is None else {"file": "F1"}))
    asked = ("opened", "lent", "ended", "other", "named")
    verdicts = {one: desk.step("3 10:00", one, "W-1", kind="wish") for one in asked}
    assert {one for one, verdict in verdicts.items() if verdict == "done"} == holds


# ── waits ──────────────────────────────────────────────────────────────────────────────────────────────────────────

WAITS = """\
  job:
    kind: case
    number: JOB
    article: "1"
    by: clerk
    closed: [closed]
    fields: {found_on: date, found_at: time}
    steps:
      new: {opens: true, takes: [found_on, found_at], state: received}
      days: {state: one, needs: [{not_before: 30 days after found_on, article: "2"}]}
      years: {state: two, needs: [{not_before: 10 years after found_on, article: "3"}]}
      hours: {state: three, needs: [{not_before: 24h after found_at, article: "4"}]}
      unset: {state: four, needs: [{not_before: unset after found_on, article: "5"}]}
      close: {state: closed}
"""


@pytest.mark.parametrize(
    ("step", "last", "first"),
    [
        ("days", "2025-03-31T23:59:59", "2025-04-01T00:00:00"),
        ("years", "2035-03-01T23:59:59", "2035-03-02T00:00:00"),
        ("hours", "2025-03-02T10:29:59", "2025-03-02T10:30:00"),
    ],
)
def test_a_wait_by_the_clock_is_over_at_its_instant_and_one_of_days_with_the_day(
    tmp_path: Path, step: str, last: str, first: str
) -> None:
    desk = CaseDesk(tmp_path, WAITS)
    desk.step("1 11:00", "new", found_on="2025-03-01", found_at="2025-03-01T10:30:00+08:00")
    early = desk.tried(last, step, "JOB-1")
    assert (early.verdict, early.answer["missing"][0]["what"]) == ("too_early", f"{first}+08:00")
    assert desk.step(first, step, "JOB-1") == "done"


def test_a_wait_that_the_rulebook_leaves_open_is_never_over(tmp_path: Path) -> None:
    desk = CaseDesk(tmp_path, WAITS)
    desk.step("1 11:00", "new", found_on="2025-03-01")
    assert desk.step("2099-01-01T00:00:00", "unset", "JOB-1") == "too_early"


TEXTS = """\
  job:
    kind: case
    number: JOB
    article: "1"
    by: clerk
    closed: [closed]
    fields: {text: text, opened_at: time, soon: flag}
    steps:
      new: {opens: true, state: received, then: [{set: {opened_at: now}}]}
      note: {asks: [text]}
      plan: {asks: [text], again: afresh, state: planned}
      approve: {by: head, not_by: [plan], after: [plan], state: approved}
      reply: {takes: [text], after: [approve], state: replied, needs: [{must: {text: {not: changed}}}]}
      call: {then: [{when: {opened_at: within 3 days}, set: {soon: true}}]}
      close: {state: closed}
"""


def test_what_was_approved_may_not_be_changed_on_the_way_out(tmp_path: Path) -> None:
    desk = CaseDesk(tmp_path, TEXTS)
    desk.step("3 09:00", "new")
    desk.step("3 09:30", "plan", "JOB-1", text="we are sorry")
    desk.step("3 10:00", "approve", "JOB-1", "H")
    desk.step("3 10:10", "note", "JOB-1", text="called back")
    refused = desk.tried("3 11:00", "reply", "JOB-1", text="we are not sorry")
    assert (refused.verdict, refused.answer["missing"][0]["what"]) == ("missing", "text")
    assert desk.step("3 11:00", "reply", "JOB-1", text="We are sorry") == "done"


@pytest.mark.parametrize(("at", "soon"), [("6 23:59", True), ("7 00:00", None)])
def test_a_condition_tells_whether_a_limit_from_a_time_is_over(tmp_path: Path, at: str, soon: bool | None) -> None:
    desk = CaseDesk(tmp_path, TEXTS)
    desk.step("3 09:00", "new")
    desk.step(at, "call", "JOB-1")
    assert desk.case()["fields"].get("soon") is soon


DAYS = """\
  job:
    kind: case
    number: JOB
    article: "1"
    by: clerk
    closed: [closed]
    fields: {day: date, gone: flag, ahead: flag}
    steps:
      new:
        opens: true
        asks: [day]
        state: received
        then: [{when: {day: past}, set: {gone: true}}, {when: {day: to come}, set: {ahead: true}}]
      close: {state: closed}
"""


@pytest.mark.parametrize(
    ("day", "says"),
    [("2025-03-02", {"gone": True}), ("2025-03-03", {}), ("2025-03-04", {"ahead": True})],
    ids=["yesterday", "today", "tomorrow"],
)
def test_today_is_neither_past_nor_to_come(tmp_path: Path, day: str, says: dict[str, bool]) -> None:
    desk = CaseDesk(tmp_path, DAYS)
    desk.step("3 09:00", "new", day=day)
    assert desk.case()["fields"] == {"day": day, **says}


# ── what a step sets, and what began anew ──────────────────────────────────────────────────────────────────────────

ANEW = """\
  job:
    kind: case
    number: JOB
    article: "1"
    by: clerk
    closed: [closed]
    fields: {day: date, at: time}
    steps:
      new: {opens: true, state: received, then: [{set: {day: now, at: now}}]}
      appoint: {again: true, state: appointed}
      arrive: {after: [appoint], state: there}
      close: {state: closed, needs: [{must: {arrival: met}}]}
    duties: {arrival: {from: appoint, until: arrive, within: 1 hour, restart: true}}
"""


def test_now_is_a_day_for_a_date_and_an_instant_for_a_time(tmp_path: Path) -> None:
    desk = CaseDesk(tmp_path, ANEW)
    desk.step("3 09:00", "new")
    assert desk.case()["fields"] == {"day": "2025-03-03", "at": "2025-03-03T09:00:00+08:00"}


def test_a_duty_that_began_anew_is_met_where_the_newest_is(tmp_path: Path) -> None:
    desk = CaseDesk(tmp_path, ANEW)
    for at, step in (("3 09:00", "new"), ("3 09:00", "appoint"), ("3 12:00", "appoint"), ("3 12:30", "arrive")):
        desk.step(at, step, *([] if step == "new" else ["JOB-1"]))
    assert desk.step("3 13:00", "close", "JOB-1") == "done"


# ── items that are owed ────────────────────────────────────────────────────────────────────────────────────────────

LENT = """\
  job:
    kind: case
    number: JOB
    article: "1"
    by: clerk
    closed: [back]
    fields: {copies: {type: text, many: true}, back: {type: text, many: true}}
    steps:
      new: {opens: true, asks: [copies], state: lent}
      return:
        asks: [back]
        again: true
        state: [{when: {back: open}, is: lent}, {is: back}]
        needs: [{must: {back: owed}}]
    duties: {back: {from: new, each: copies, until: return, item: back, within: 3 days}}
"""


def test_only_what_is_owed_comes_back(tmp_path: Path) -> None:
    desk = CaseDesk(tmp_path, LENT)
    desk.step("3 09:00", "new", copies=["1", "2"])
    tried = [desk.step("3 10:00", "return", "JOB-1", back=back) for back in (["3"], ["1"], ["1"], ["1", "2"], ["2"])]
    assert tried == ["missing", "done", "missing", "missing", "done"]
    assert desk.case()["state"] == "back"


TWICE = """\
  job:
    kind: case
    number: JOB
    article: "1"
    by: clerk
    closed: [closed]
    fields: {guest: person}
    needs: [{not_by: [close, guest], except: [new, permit.first, permit.second, close], article: "2"}]
    steps:
      new: {opens: true, takes: [guest], state: received}
      permit.first: {by: head, not_by: [permit.second], state: permitted}
      permit.second: {by: head, not_by: [permit.first], state: permitted}
      note: {by: anyone, takes: [guest]}
      close: {state: closed}
"""


def test_two_steps_of_one_verb_want_two_people(tmp_path: Path) -> None:
    desk = CaseDesk(tmp_path, TWICE)
    desk.step("3 09:00", "new")
    assert desk.step("3 09:30", "permit.first", "JOB-1", "H") == "done"
    assert desk.step("3 09:40", "permit.second", "JOB-1", "H") == "recused"


def test_a_step_that_says_who_is_barred_is_no_doing_of_theirs(tmp_path: Path) -> None:
    desk = CaseDesk(tmp_path, TWICE)
    desk.step("3 09:00", "new")
    assert desk.step("3 09:30", "note", "JOB-1", guest="H") == "done"
    assert desk.step("3 09:40", "note", "JOB-1", "H") == "recused"


SHELF = """\
  shelf:
    kind: case
    number: S
    article: "1"
    by: clerk
    closed: [cleared]
    fields: {copies: {type: text, many: true}}
    steps:
      put: {opens: true, takes: [copies], state: kept}
      clear: {state: cleared}
  job:
    kind: case
    number: JOB
    article: "2"
    by: clerk
    closed: [closed]
    fields: {shelf: {link: shelf}, copies: {type: text, many: true}}
    steps:
      lend: {opens: true, asks: [shelf], takes: [copies], state: lent, needs: [{must: {copies: {among: shelf.copies}}}]}
      close: {state: closed}
"""


@pytest.mark.parametrize(
    ("kept", "lent", "verdict"),
    [
        ({"copies": ["1", "2"]}, {"copies": ["2", "1"]}, "done"),
        ({"copies": ["1", "2"]}, {"copies": ["2", "9"]}, "missing"),
        ({}, {"copies": ["1"]}, "missing"),
        ({"copies": ["1"]}, {}, "missing"),
    ],
)
def test_only_what_the_other_case_holds_may_be_named(
    tmp_path: Path, kept: dict[str, Any], lent: dict[str, Any], verdict: str
) -> None:
    desk = CaseDesk(tmp_path, SHELF)
    desk.step("3 09:00", "put", kind="shelf", **kept)
    assert desk.step("3 09:30", "lend", shelf="S-1", **lent) == verdict
