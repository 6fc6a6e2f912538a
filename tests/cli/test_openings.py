"""Cases that other nouns open: a house whose every new customer wants a file, and who is told of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import desk
import pytest
from desk import crm

if TYPE_CHECKING:
    from pathlib import Path

INTAKE = """\
policy: intake
house: sales-office
edition: 2025-01-01
title: {zh: 建档, en: Intake}
rules:
  intake:
    kind: case
    title: {zh: 建档, en: intake}
    by: salesperson
    article: "1"
    closed: [filed]
    fields: {customer: customer, sheet: document}
    steps:
      met: {opens: customer.registered, takes: [customer], state: wanted}
      file: {asks: [sheet], state: filed}
    duties:
      sheet: {from: met, until: file, within: 24h, article: "2"}
"""


@pytest.fixture
def office(staffed: Path, tmp_path: Path) -> Path:
    """Answer an office whose house opens a case for whoever is entered in the book."""
    office = desk.copied(staffed, tmp_path / "office")
    (office / "policies" / "sales-office" / "intake@2025-01-01.yaml").write_text(INTAKE, "utf-8")
    return office


def told(office: Path, *words: str, **env: str) -> dict[str, Any]:
    done = crm(*words, "--json", office=office, env=env)
    assert done.code == 0, done.err
    answer: dict[str, Any] = json.loads(done.out)
    return answer


def test_an_event_opens_a_case_in_the_same_transaction_and_once(office: Path) -> None:
    entered = told(office, "register", "add", "白车", "--to", "李娜", "--kind", "phone")
    assert len(entered["events"]) > 1
    again = told(office, "register", "add", "白车", "--to", "张伟", "--kind", "phone")
    assert again["verdict"]
    cases = told(office, "intake", "list")["cases"]
    assert [(one["id"], one["state"]) for one in cases] == [("intake/c00001", "wanted")]
    shown = told(office, "intake", "show", "intake/c00001")
    assert shown["clocks"][0]["due"] == "2025-03-04T09:00:00+08:00"
    assert crm("ledger", "verify", "--replay", office=office).code == 0


def test_a_step_that_asks_for_what_the_event_does_not_say_is_a_fault_of_the_rulebook(office: Path) -> None:
    file = office / "policies" / "sales-office" / "intake@2025-01-01.yaml"
    file.write_text(INTAKE.replace("takes: [customer]", "asks: [customer, sheet]"), "utf-8")
    done = crm("register", "add", "白车", "--to", "李娜", "--kind", "phone", office=office)
    assert done.code == 3
    assert "customer.registered cannot open intake: it does not say sheet" in done.err
    assert "let the step take it instead of asking for it" in done.err
    assert crm("register", "find", "白车", "--json", office=office).out.count("白车") == 0


def test_a_night_cites_what_fell_due_in_cases(office: Path) -> None:
    told(office, "register", "add", "白车", "--to", "李娜", "--kind", "phone")
    night = told(office, "tick", CRM_NOW="2025-03-05T09:00+08:00")
    assert ("intake", "duty.sheet", "2") in {(one["rule"], one["row"], one["article"]) for one in night["cites"]}


def test_a_rehearsal_opens_nothing(office: Path) -> None:
    tried = told(office, "register", "add", "白车", "--to", "李娜", "--kind", "phone", "-n")
    assert [line["type"] for line in tried["lines"]][-1] == "case.opened"
    assert told(office, "intake", "list")["cases"] == []
