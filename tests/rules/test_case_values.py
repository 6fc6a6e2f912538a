"""Values of fields as they are typed, and what is told of those that are none."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from case_desk import ZONE, CaseDesk

from crm_cli.errors import UsageError
from crm_cli.rules.case.values import Place, read

if TYPE_CHECKING:
    from pathlib import Path

TYPES = """\
  job:
    kind: case
    number: JOB
    article: "1"
    by: clerk
    closed: [closed]
    fields:
      flag: flag
      number: number
      money: money
      day: date
      time: time
      phone: phone
      plate: plate
      words: {of: [left, right], many: true}
      team: department
    steps:
      new: {opens: true, takes: [flag, number, money, day, time, phone, plate, words, team], state: received}
      close: {state: closed}
"""


def value(folder: Path, name: str, typed: Any) -> Any:
    desk = CaseDesk(folder, TYPES)
    rule = desk.book.at(dt.date(2025, 3, 3)).rule("desk", "job")
    return read(rule, name, typed, Place(desk.past, desk.book, ZONE, "CN", "0755"))


@pytest.mark.parametrize(
    ("name", "typed", "kept"),
    [
        ("flag", "是", True),
        ("flag", "no", False),
        ("flag", "Y", True),
        ("flag", "０", False),
        ("number", "１２", 12),
        ("money", "1,200.5", 120050),
        ("day", "2025-03-31", "2025-03-31"),
        ("time", "2025-03-31T10:00", "2025-03-31T10:00:00+08:00"),
        ("phone", "138 0013 8000", "+8613800138000"),
        ("plate", "粤b·12345", "粤B12345"),
        ("words", ["left", "right", "left"], ["left", "right"]),
        ("team", "科长", "head"),
    ],
)
def test_a_value_is_kept_in_one_form(tmp_path: Path, name: str, typed: Any, kept: Any) -> None:
    assert value(tmp_path, name, typed) == kept


@pytest.mark.parametrize(
    ("name", "typed", "what"),
    [
        ("flag", "maybe", "flag wants yes or no"),
        ("number", "1.5", "number wants a whole number"),
        ("money", "1.005", "money wants an amount of money"),
        ("money", "1.2.3", "money wants an amount of money"),
        ("day", "2025-02-30", "day wants a day"),
        ("phone", "call me", "phone is no telephone number of CN"),
        ("phone", "12", "phone is no telephone number of CN"),
        ("phone", "23800138000", "phone is no telephone number of CN"),
        ("words", ["up"], "'up' is not a words"),
    ],
)
def test_what_is_no_value_is_told(tmp_path: Path, name: str, typed: Any, what: str) -> None:
    with pytest.raises(UsageError) as told:
        value(tmp_path, name, typed)
    assert told.value.what == what or what in told.value.what
