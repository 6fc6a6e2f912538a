"""Papers of a case: items nobody asks for, numbers of vehicles, and cases that stand in the way of a step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from case_desk import CaseDesk

from crm_cli.identity.numbers import is_vin

if TYPE_CHECKING:
    from pathlib import Path

FILE = """\
  papers:
    kind: checklist
    items:
      - {id: licence, zh: 执照, en: licence, article: "2"}
      - {id: seal, zh: 印模, en: seal, when: {whose: company}, article: "2"}
  job:
    kind: case
    number: given
    article: "1"
    by: clerk
    closed: [closed]
    fields:
      car: vin
      whose: [person, company]
      lacks: {of: papers, many: true}
      back: {of: papers, many: true}
      blank: flag
    others:
      same: {kind: job, same: [car], when: {state: open}}
    steps:
      new:
        opens: true
        takes: [car, whose]
        state: received
        needs: [{must: {same: none}, article: "3"}]
        then: [{when: {whose: company}, start: job.slip, with: {job: self, lacks: lacks}, article: "4"}]
      look: {takes: [lacks, blank], then: [{when: {blank: true}, set: {lacks: licence}, article: "5"}]}
      bring: {asks: [back], again: true, state: [{when: {owed: open}, is: waiting}, {is: closed}]}
    duties:
      owed: {from: look, each: lacks, until: bring, item: back, within: 3 days, article: "6"}
  job.slip:
    kind: case
    article: "7"
    by: clerk
    closed: [there]
    fields: {job: {link: job}, lacks: {of: papers, many: true}, whose: [person, company]}
    steps: {enter: {opens: true, by: office, takes: [job, lacks], state: there}}
"""


@pytest.fixture
def desk(tmp_path: Path) -> CaseDesk:
    return CaseDesk(tmp_path, FILE)


def test_an_item_is_refused_where_nobody_asks_for_it(desk: CaseDesk) -> None:
    desk.step("3 09:00", "new", "A", whose="person")
    refused = desk.tried("3 10:00", "look", "A", lacks=["licence", "seal"])
    assert refused.verdict == "not_asked_for"
    assert [(one["what"], one["article"]) for one in refused.answer["missing"]] == [("seal", "1")]
    assert desk.step("3 11:00", "new", "B", whose="company") == "done"
    assert desk.step("3 12:00", "look", "B", lacks=["licence", "seal"]) == "done"


def test_what_an_effect_adds_to_a_list_leaves_there_what_the_step_says(desk: CaseDesk) -> None:
    desk.step("3 09:00", "new", "B", whose="company")
    desk.step("3 10:00", "look", "B", lacks=["seal"], blank=True)
    assert desk.case("B")["fields"]["lacks"] == ["seal", "licence"]


def test_the_step_that_meets_the_last_item_leads_on(desk: CaseDesk) -> None:
    desk.step("3 09:00", "new", "B", whose="company")
    desk.step("3 10:00", "look", "B", lacks=["seal", "licence"])
    desk.step("3 11:00", "bring", "B", back=["seal"])
    assert desk.case("B")["state"] == "waiting"
    desk.step("3 12:00", "bring", "B", back=["licence"])
    assert desk.case("B")["state"] == "closed"


def test_a_case_that_stands_in_the_way_is_named_with_what_is_due_in_it(desk: CaseDesk) -> None:
    desk.step("3 09:00", "new", "A", car="1M8GDM9AXKP042788", whose="person")
    missing = desk.tried("3 10:00", "new", "B", car="1M8GDM9AXKP042788").answer["missing"]
    assert missing[0]["cases"] == [{"id": "A", "due": None}]
    desk.step("3 11:00", "look", "A", lacks=["licence"])
    missing = desk.tried("4 10:00", "new", "B", car="1M8GDM9AXKP042788").answer["missing"]
    assert missing[0]["cases"] == [{"id": "A", "due": "2025-03-06T23:59:59+08:00"}]


def test_a_number_that_no_vehicle_has_is_taken_with_a_warning(desk: CaseDesk) -> None:
    taken = desk.tried("3 09:00", "new", "A", car="1M8GDM9AXKP042789")
    assert taken.verdict == "done"
    told = [(one["sort"], one["what"], one["article"]) for one in taken.answer["warnings"]]
    assert told == [("doubtful", "1M8GDM9AXKP042789", "1")]
    assert "warnings" not in desk.tried("3 10:00", "new", "B", car="1M8GDM9AXKP042788").answer


@pytest.mark.parametrize("number", ["1M8GDM9AXKP042788", "LSVAA4182E2184847", "11111111111111111", "5GZCZ43D13S812715"])
def test_the_ninth_sign_checks_the_others(number: str) -> None:
    assert is_vin(number)
    assert not any(is_vin(number[:8] + sign + number[9:]) for sign in "0123456789X" if sign != number[8])


@pytest.mark.parametrize("number", ["", "VIN1", "1M8GDM9AXKP04278", "1M8GDM9AXKP0427880", "1M8GDM9AXKPO42788"])
def test_what_has_another_length_or_a_letter_that_none_has_is_no_number_of_a_vehicle(number: str) -> None:
    assert not is_vin(number)
