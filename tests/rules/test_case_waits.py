"""Waits of cases: what a step may not do before a time is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from case_desk import CaseDesk

if TYPE_CHECKING:
    from pathlib import Path

WAITS = """\
  thing:
    kind: case
    article: "1"
    by: clerk
    closed: [gone]
    fields: {kept_from: time}
    steps:
      new: {opens: true, asks: [kept_from], state: kept}
      drop: {state: gone, needs: [{not_before: LIMIT after kept_from}]}
"""


@pytest.mark.parametrize(
    ("limit", "too_early", "over"),
    [("48h", "5 09:59", "5 10:00"), ("2 days", "5 23:59", "6 00:00"), ("0 days", "3 23:59", "4 00:00")],
)
def test_a_wait_by_the_clock_is_over_at_its_instant_and_one_of_days_with_the_day(
    tmp_path: Path, limit: str, too_early: str, over: str
) -> None:
    desk = CaseDesk(tmp_path, WAITS.replace("LIMIT", limit))
    desk.step("3 10:00", "new", kind="thing", kept_from="2025-03-03T10:00:00+08:00")
    assert desk.step(too_early, "drop", "thing-1", kind="thing") == "too_early"
    assert desk.step(over, "drop", "thing-1", kind="thing") == "done"
