"""Faults planted one by one into a declaration that is shipped: the check finds each, where it stands."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from crm_cli.policy.check import check
from crm_cli.rules.topics import TOPICS

POLICIES = Path(__file__).parents[2] / "policies"
STORES = "stores/complaint@2025-01-01.yaml"
LEASING = "leasing/archive@2025-01-01.yaml"
FAULTS = [
    (
        "a role that nobody has",
        STORES,
        "by: line_supervisor\n        after: [check]",
        "by: line_supervisr\n        after: [check]",
        "line_supervisr",
    ),
    ("a field that is none", STORES, "asks: [reason_holds]", "asks: [reason_hold]", "reason_hold"),
    ("a step that is none", STORES, "after: [check]", "after: [chek]", "chek"),
    (
        "a word that is none",
        STORES,
        "{when: {ruling: not_accepted}, is: not_upheld}",
        "{when: {ruling: refused}, is: not_upheld}",
        "refused",
    ),
    ("a fact that is none", STORES, "fact: closed_late", "fact: closed_lat", "closed_lat"),
    ("a limit that is none", STORES, "within: 7 days", "within: 7 dayz", "7 dayz"),
    ("a key that is none", STORES, "warn: 24h before due", "warns: 24h before due", "warns"),
    (
        "closing that cannot be reached",
        STORES,
        "after: [reply]\n        takes: [handling_opinion]",
        "after: [close]\n        takes: [handling_opinion]",
        "wait for each other: close",
    ),
    (
        "steps that wait for each other",
        STORES,
        "check: {by: store,",
        "check: {by: store, after: [judge],",
        "wait for each other",
    ),
    (
        "a closed state that no step leads to",
        STORES,
        "is: not_upheld}, {is: closed}]",
        "is: not_upheld}, {is: ended}]",
        "closed",
    ),
    (
        "an approval that does not bar who proposed",
        STORES,
        "not_by: [propose]\n        after: [propose]",
        "after: [propose]",
        "does not bar whoever proposed",
    ),
    (
        "a clock that never stops",
        STORES,
        "until: close\n        within: 7 days",
        "until: chase\n        within: 7 days",
        "chase",
    ),
    ("a warning without a limit", STORES, "        within: 7 days\n", "", "no limit"),
    (
        "an escalation before the warning",
        LEASING,
        "escalate: [{at: due, to: general_services_keeper}]",
        "escalate: [{at: 2h after due, to: general_services_keeper}, {at: due, to: general_services_keeper}]",
        "order",
    ),
    (
        "a duty that blocks what meets it",
        STORES,
        "until: close\n        within: 7 days",
        "until: close\n        before: [close]\n        within: 7 days",
        "blocks",
    ),
    (
        "a conditional row that can never be met",
        STORES,
        '{must: {ruling: accepted}, ref: "001.01.9"',
        '{must: {complained_about: missing, ruling: missing, grade: owed}, ref: "001.01.9"',
        "can never be done",
    ),
    (
        "a step that only the program may do and never does",
        STORES,
        "check: {by: store,",
        "check: {by: office,",
        "check",
    ),
    (
        "a comma that ended a text",
        STORES,
        "says: 门店先查理由站不站得住}",
        "says: 门店先查, 理由站不站得住}",
        "an ASCII comma ended",
    ),
]


@pytest.mark.parametrize(("file", "old", "new", "says"), [one[1:] for one in FAULTS], ids=[one[0] for one in FAULTS])
def test_a_fault_in_what_is_shipped_is_found(tmp_path: Path, file: str, old: str, new: str, says: str) -> None:
    house, folder = file.partition("/")[0], tmp_path / "policies"
    shutil.copytree(POLICIES / house, folder / house)
    shutil.copyfile(POLICIES / "words.yaml", folder / "words.yaml")
    text = (folder / file).read_text("utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), "utf-8")
    found = [one.text for one in check(folder, house, [], TOPICS) if one.level == "error"]
    assert any(says in one for one in found), found
    assert all(one.startswith(f"policies/{house}/") for one in found)


@pytest.mark.parametrize("house", ["stores", "leasing"])
def test_without_a_fault_nothing_is_found(tmp_path: Path, house: str) -> None:
    shutil.copytree(POLICIES / house, tmp_path / "policies" / house)
    shutil.copyfile(POLICIES / "words.yaml", tmp_path / "policies" / "words.yaml")
    assert [one.text for one in check(tmp_path / "policies", house, [], TOPICS) if one.level == "error"] == []
