"""What fell due in another case holds whether or not a night recorded it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from case_desk import CaseDesk, moment

from crm_cli.rules.case.upto import standing_at

if TYPE_CHECKING:
    from pathlib import Path

BOOK = """\
  permit:
    kind: case
    number: P
    article: "1"
    by: clerk
    closed: [used, lapsed]
    fields: {house: text}
    steps:
      new: {opens: true, asks: [house], state: valid}
      use: {state: used}
      lapse: {by: office, state: lapsed, drops: true}
    duties:
      last: {from: new, until: use, within: 2 days, warn: 1 day before due, late: [{do: lapse, article: "1.2"}]}
  look:
    kind: case
    number: L
    article: "2"
    by: clerk
    closed: [entered]
    fields: {permit: {link: permit}, house: text, day: date}
    others:
      live: {kind: permit, same: [house], when: {state: valid}}
      of_day: {kind: permit, same: [house], when: {state: valid}, as_of: day}
    steps:
      new: {opens: true, takes: [permit, house, day], state: wanted}
      linked: {after: [new], needs: [{must: {permit.state: valid}}]}
      found: {after: [new], needs: [{must: {live: some}}]}
      once: {after: [new], needs: [{must: {of_day: some}}]}
      enter: {after: [new], state: entered, then: [{do: use, in: live}]}
"""


@pytest.fixture(params=[True, False], ids=["after a night", "without a night"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> CaseDesk:
    one = CaseDesk(tmp_path, BOOK)
    assert one.step("3 09:00", "new", kind="permit", house="A") == "done"
    if request.param:
        one.tick("5 12:00")
    return one


def looked(desk: CaseDesk, at: str, **fields: Any) -> dict[str, str]:
    assert desk.step(at, "new", kind="look", permit="P-1", house="A", **fields) == "done"
    steps = ("linked", "found", *(("once",) if fields else ()))
    return {step: desk.step(at, step, "L-1", kind="look") for step in steps}


def test_a_permit_whose_time_is_not_over_is_seen(desk: CaseDesk) -> None:
    assert looked(desk, "5 12:00") == {"linked": "done", "found": "done"}


def test_a_permit_whose_time_is_over_is_not_seen(tmp_path: Path) -> None:
    for night in (True, False):
        (tmp_path / str(night)).mkdir()
        desk = CaseDesk(tmp_path / str(night), BOOK)
        desk.step("3 09:00", "new", kind="permit", house="A")
        if night:
            fallen = ["case.warned 03-04T23:59", "case.late 03-06T00:00", "case.stepped 03-06T00:00"]
            assert desk.tick("9 09:00") == fallen
        assert looked(desk, "9 09:00", day="2025-03-05") == {"linked": "missing", "found": "missing", "once": "done"}
        desk.step("9 10:00", "new", kind="look", permit="P-1", house="A", day="2025-03-06")
        assert desk.step("9 10:00", "once", "L-2", kind="look") == "missing"
        assert desk.step("9 11:00", "enter", "L-1", kind="look") == "done"
        assert desk.case("P-1")["state"] == ("lapsed" if night else "valid"), "what is only looked at is not written"
        assert desk.step("9 12:00", "use", "P-1", kind="permit") == "closed"


def test_what_follows_from_a_breach_happened_at_its_instant(tmp_path: Path) -> None:
    desk = CaseDesk(tmp_path, BOOK)
    desk.step("3 09:00", "new", kind="permit", house="A")
    seen = standing_at(desk.past, desk.book.at(moment("9 09:00").date()), "P-1", moment("9 09:00")) or {}
    desk.tick("9 09:00")
    assert seen["state"] == "lapsed"
    assert seen == {**desk.case("P-1"), "log": seen["log"]}
    assert [(one["step"], one["at"]) for one in seen["log"]] == [
        (one["step"], one["at"]) for one in desk.case("P-1")["log"]
    ]


def test_a_case_that_is_not_there_is_none(desk: CaseDesk) -> None:
    at = moment("9 09:00")
    assert standing_at(desk.past, desk.book.at(at.date()), "P-9", at) is None
