"""Cases that follow from cases: how they are called, and what a refusal says of conditions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import desk
import pytest
from desk import crm

if TYPE_CHECKING:
    from pathlib import Path

GRIPE = """\
policy: gripe
house: sales-office
edition: 2025-01-01
title: {zh: 意见, en: Gripes}
rules:
  gripe:
    kind: case
    title: {zh: 意见, en: gripe}
    number: GR
    by: salesperson
    article: "1"
    closed: [closed]
    fields: {offered: money, paid: money}
    steps:
      new: {opens: true, asks: [offered], state: received}
      pay: {asks: [paid], needs: [{must: {paid: at most offered}, article: "2"}]}
      close: {after: [new], state: closed, then: [{start: ring, with: {case: self}}]}
  ring:
    kind: case
    title: {zh: 回访, en: ring}
    number: HF
    by: salesperson
    article: "3"
    closed: [rung]
    fields: {case: {link: gripe}, note: text}
    steps:
      new: {opens: true, by: office, asks: [case], state: planned}
      call: {asks: [note], state: rung}
    duties: {ringing: {from: new, until: call, within: 1 day, warn: 4h before due, escalate: [{at: due, to: manager}, {at: 2h after due, to: manager}]}}
"""  # noqa: E501 - a policy as it is written


@pytest.fixture
def office(staffed: Path, tmp_path: Path) -> Path:
    office = desk.copied(staffed, tmp_path / "office")
    (office / "policies" / "sales-office" / "gripe@2025-01-01.yaml").write_text(GRIPE, "utf-8")
    return office


def done(office: Path, words: str, code: int = 0) -> str:
    found = crm(*words.split(), office=office)
    assert found.code == code, found.out + found.err
    return found.out


def test_a_case_that_another_started_is_called_like_it(office: Path) -> None:
    done(office, "gripe new --offered 5 --by 李娜")
    done(office, "gripe close GR-1 --by 李娜")
    assert done(office, "ring list").startswith("GR-1  ")
    assert "crm ring call GR-1" in done(office, "due --within 48h")
    assert done(office, "ring show GR-1").startswith("ring GR-1  planned")
    done(office, "ring call GR-1 --note 满意 --by 李娜")
    assert json.loads(done(office, "ring show GR-1 --json"))["id"] == "ring/GR-1"
    assert done(office, "gripe show 1").startswith("gripe GR-1  closed")
    done(office, "ring call HF-1 --note 满意 --by 李娜", code=2)


def test_a_condition_that_does_not_hold_is_said(office: Path) -> None:
    done(office, "gripe new --offered 5 --by 李娜")
    said = done(office, "gripe pay 1 --paid 6 --by 李娜", code=1)
    assert said.startswith("GR-1 pay: this must hold: paid: at most offered (2)")
    told = json.loads(done(office, "gripe pay 1 --paid 6 --by 李娜 --json", code=1))
    assert told["missing"] == [{"what": "paid", "sort": "missing", "ref": None, "article": "2", "row": "pay.needs.1"}]


def test_a_clock_is_read_aloud_with_who_hears_of_it(office: Path) -> None:
    said = done(office, "policy explain gripe ring")
    assert "1 day; a warning 4h before; to sales manager when late; to sales manager 2h after" in said


STAFF = """\
policy: staff
house: tea
edition: 2025-01-01
title: {zh: 人手, en: Staff}
rules:
  may: {kind: may, article: "1", rows: [{act: [add, depart, deputy, correct], by: owner}]}
  correction: {kind: params, values: {days: none}, article: "1"}
"""
STORY = """\
stories:
  - {name: a, when: {run: "staff add A --role owner", now: "2025-03-03T09:00+08:00"}, then: {exit: 1}}
"""


def test_tests_are_told_in_the_language_of_who_runs_them(tmp_path: Path) -> None:
    house = tmp_path / "policies" / "tea"
    house.mkdir(parents=True)
    (house / "words.yaml").write_text("roles: {owner: {zh: 掌柜, en: owner}}\nmanager: owner\n", "utf-8")
    (house / "staff@2025-01-01.yaml").write_text(STAFF, "utf-8")
    (house / "staff.tests.yaml").write_text(STORY, "utf-8")
    told = {one: crm("policy", "test", str(house.parent), env={"CRM_LANG": one}).out for one in ("en", "zh")}
    assert told["en"].rstrip().endswith(" failed")
    assert told["zh"].rstrip().endswith("不通过")
