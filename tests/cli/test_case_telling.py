"""What lists, cards, refusals and reminders tell of cases, in words of the house: at a car dealer."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

import pytest
from desk import crm

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def dealer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    office = tmp_path_factory.mktemp("dealer") / "o"
    assert crm("init", str(office), "--profile", "car-dealer", "--manager", "A").code == 0
    for line in (
        "staff add S --role sales_adviser",
        "staff add K --role archivist",
        "archive open A1 --kind new-car --adviser S --vin LSVAU033462123456 --by S",
        "archive hand-over A1 --signed-by S --missing 保单复印件 --missing invoice_copy --by K",
        "archive fix A1 invoice_copy --by K",
    ):
        assert crm(*line.split(), office=office).code == 0, line
    return office


def test_a_card_tells_what_of_a_list_is_settled(dealer: Path) -> None:
    card = crm("archive", "show", "A1", office=dealer, env={"CRM_LANG": "en"}).out.splitlines()
    [line] = [line for line in card if line.strip().startswith("missing ")]
    assert "(settled)" in line
    assert line.count("(settled)") == 1


def test_a_field_is_asked_for_by_its_name_or_by_what_people_call_it(dealer: Path) -> None:
    by_name = crm("archive", "list", "--where", "vin=LSVAU033462123456", office=dealer).out
    assert by_name.startswith("A1 ")
    assert crm("archive", "list", "--where", "VIN=LSVAU033462123456", office=dealer).out == by_name
    assert crm("archive", "list", "--where", "VIN=L", office=dealer).out == "no case\n"


def test_a_list_without_open_cases_tells_where_the_closed_ones_are(dealer: Path) -> None:
    assert crm("archive", "register", "list", office=dealer).out == "no open case; the closed ones, too: --state all\n"
    assert crm("archive", "view", "list", office=dealer).out == "no case\n"


def test_whoever_is_unknown_is_told_so_and_not_that_the_case_is(dealer: Path) -> None:
    opened = crm("archive", "open", "A2", "--kind", "new-car", "--adviser", "S", "--by", "Z", office=dealer)
    assert opened.err.startswith("crm: nobody on the staff is called Z\n")
    assert crm("archive", "scan", "A2", "--by", "K", office=dealer).err.startswith("crm: there is no archive of")


def test_a_link_to_nothing_is_told_by_what_people_call_it(dealer: Path) -> None:
    asked = ("archive", "view", "request", "--archive", "A9", "--viewer", "S", "--purpose", "x", "--reason", "x")
    refused = crm(*asked, "--profile", "x", "--by", "S", office=dealer, env={"CRM_LANG": "zh_CN"})
    assert refused.err == "crm: 没有车次档案 A9\n  办法：“档案”要写一个已有的编号\n"


def test_what_was_not_opened_is_told_without_an_id(dealer: Path) -> None:
    asked = ("archive", "view", "request", "--archive", "A1", "--viewer", "S", "--purpose", "x", "--by", "S")
    refused = crm(*asked, office=dealer)
    assert refused.code == 1
    assert "archive.view-" not in refused.out + refused.err
    assert "signature of the head: filled in" in refused.out


def test_what_belongs_to_a_case_is_listed_with_it_and_with_whose_it_is(dealer: Path) -> None:
    said = partial(crm, env={"CRM_LANG": "en"}, office=dealer)
    asked = ("archive", "view", "request", "--archive", "A1", "--viewer", "S", "--purpose", "x", "--reason", "x")
    assert said(*asked, "--profile", "x", "--unit-seal", "--head-signature", "A", "--by", "S").code == 0
    assert "  A1  S  2025-03-03" in said("archive", "view", "list").out
    assert said("archive", "view", "approve", "1", "--by", "K").code == 0
    again = said("archive", "view", "approve", "1", "--by", "K")
    assert "archive.view-1 approval: this is done already: approval" in again.out
    later = ("--now", "2026-01-05T09:00+08:00")
    late = said("archive", "overdue", *later).out
    assert "archive.view-1 (A1, S)" in late
    assert " d late " in late
    assert "archive.view-1 (A1, S) using the approval: crm archive view record" in said("due", *later).out
    assert said("tick", *later).code == 0
    used = said("archive", "view", "record", "1", "--by", "S", *later)
    assert "it is over: expired (" in used.out


def test_what_the_rulebook_would_have_liked_is_said_as_people_say_it(dealer: Path) -> None:
    said = partial(crm, env={"CRM_LANG": "zh_CN"}, office=dealer)
    assert "\n提醒：按规章应当：资料：还欠着 (" in said("archive", "fix", "A1", "合同原件", "--by", "K", "-n").err
    inspected = said("archive", "inspect", "record", "2025-H1", "--by", "K", "-n")
    assert "\n提醒：按规章应当：逐项检查：办过 (" in inspected.err


def test_the_state_behind_a_link_is_said_as_people_say_it(dealer: Path) -> None:
    said = partial(crm, env={"CRM_LANG": "zh_CN"}, office=dealer)
    assert said("archive", "open", "B1", "--kind", "service-visit", "--adviser", "S", "--by", "S").code == 0
    asked = ("archive", "view", "request", "--archive", "B1", "--viewer", "S", "--purpose", "x", "--reason", "x")
    refused = said(*asked, "--profile", "x", "--unit-seal", "--head-signature", "A", "--by", "S")
    assert "须符合：档案 · 状态：不是待移交" in refused.out
    due = said("due", "--now", "2026-01-05T09:00+08:00").out
    assert "B1（S） 移交售后档案: crm archive hand-over B1" in due


def test_what_is_still_owed_is_listed_in_closed_cases_too(dealer: Path) -> None:
    said = partial(crm, env={"CRM_LANG": "en"}, office=dealer)
    for line in ("place A1 --cabinet 1", "electronic A1", "scan A1", "check A1", "shelve A1"):
        assert said("archive", *line.split(), "--by", "K").code == 0, line
    assert "A1 " not in said("archive", "list").out
    [line] = [line for line in said("archive", "list", "--owing").out.splitlines() if line.startswith("A1 ")]
    assert line.endswith("bringing what is missing (copy of the insurance policy) (for 0 min)")
    assert said("archive", "fix", "A1", "保单复印件", "--by", "K").code == 0
    assert "A1 " not in said("archive", "list", "--owing").out


def test_a_day_where_a_time_is_wanted(tmp_path: Path) -> None:
    office = tmp_path / "o"
    assert crm("init", str(office), "--profile", "leasing", "--manager", "A").code == 0
    assert crm("register", "add", "K", "--to", "A", "--kind", "visit", office=office).code == 0
    told = crm(
        "archive", "file", "--customer", "K", "--form", "archive_form", "--filed-at", "2015-01-02", office=office
    )
    assert told.code == 2
    assert told.err == "crm: '2015-01-02' is a day, and a time is wanted\n  fix: write it like 2015-01-02T09:30\n"


def test_whoever_sees_only_their_own_fines_is_told_whose_there_are_none(dealer: Path) -> None:
    assert crm("penalty", "list", "--by", "K", office=dealer).out == "nothing is charged to K\n"
    assert crm("penalty", "list", "--person", "S", "--by", "K", office=dealer).code == 1


def test_how_long_something_took_for_which_there_is_no_limit(dealer: Path) -> None:
    said = partial(crm, env={"CRM_LANG": "en"}, office=dealer)
    steps = (
        ("09:00", "found --severity leaked --content x"),
        ("09:20", "remedied 1 --measure x"),
        ("13:00", "reported 1 --told general_manager"),
    )
    for at, line in steps:
        assert said("archive", "leak", *line.split(), "--by", "S", "--now", f"2025-03-03T{at}+08:00").code == 0
    last = ("archive", "leak", "reported", "1", "--told", "customer_director", "--by", "S")
    assert said(*last, "--now", "2025-03-06T09:00+08:00").code == 0
    card = said("archive", "leak", "show", "1").out
    assert [part for part in ("took 20 min", "took 4 h", "took 3 d") if part in card] == [
        "took 20 min", "took 4 h", "took 3 d",
    ]  # fmt: skip


def test_a_wish_that_something_should_hold_says_what(dealer: Path) -> None:
    said = partial(crm, env={"CRM_LANG": "en"}, office=dealer)
    opened = said("archive", "open", "B2", "--kind", "service-visit", "--adviser", "S", "--by", "S")
    assert "warning: the rulebook wants this: adviser: service adviser (001.03.C2.1)" in opened.err
    assert "warning: the rulebook wants VIN (001.03.A3)" in opened.err


def test_a_breach_tells_what_it_stated_of_whom(dealer: Path) -> None:
    said = partial(crm, env={"CRM_LANG": "en"}, office=dealer)
    later = ("--now", "2025-04-01T09:00+08:00")
    assert said("archive", "open", "B3", "--kind", "service-visit", "--adviser", "S", "--by", "S").code == 0
    told = [line for line in said("tick", *later).out.splitlines() if "B3: " in line and "stated: " in line]
    assert len(told) == 1
    assert told[0].endswith("is overdue; stated: service archive late or not complete in time (S)  001.03.C2.1")
    late = json.loads(said("log", "-o", "json", *later).out)["log"]
    number = next(one["seq"] for one in late if one["type"] == "case.late" and one["subject"] == "B3")
    assert "\nstated: service archive late or not complete in time (S)\n" in said("why", str(number), *later).out


def test_the_example_of_a_help_says_what_its_choices_ask_for(dealer: Path) -> None:
    told = crm("archive", "open", "--help", office=dealer).out.splitlines()
    [line] = [line.strip() for line in told if line.startswith("  crm archive open ")]
    assert line == "crm archive open A-1 --kind new-car --adviser Anna"


def test_who_is_barred_is_told_by_what(dealer: Path) -> None:
    said = partial(crm, env={"CRM_LANG": "en"}, office=dealer)
    asked = ("archive", "view", "request", "--archive", "A1", "--viewer", "S", "--purpose", "x", "--reason", "x")
    opened = said(*asked, "--profile", "x", "--unit-seal", "--head-signature", "A", "--by", "K", "--json")
    refused = said("archive", "view", "approve", json.loads(opened.out)["id"], "--by", "K")
    assert "who may not take part: K (request)" in refused.out
    assert (
        '"barred_by":["request"]'
        in said("archive", "view", "approve", json.loads(opened.out)["id"], "--by", "K", "--json").out
    )
