from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_cli.policy.check import check
from crm_cli.policy.vocabulary import Params

from .house import HOUSE_WORDS, RULES, TOPIC, TOPICS, WORDS, write

if TYPE_CHECKING:
    from pathlib import Path

AT = "desk/rotation@2025-01-01.yaml"


def texts(folder: Path, house: str = "desk", *, warnings: bool = False) -> list[str]:
    found = check(folder, house, [], TOPICS)
    return [one.text.removeprefix("policies/") for one in found if warnings or one.level == "error"]


def test_a_good_folder_lacks_only_labels(folder: Path) -> None:
    write(folder)
    assert texts(folder) == []
    assert texts(folder, warnings=True)[0] == "words.yaml:1:1: warning: the asked 'busy' has no label"


def test_words_of_topics_that_no_house_has_are_not_missed(folder: Path) -> None:
    path = write(folder)
    path.rename(path.with_name("other@2025-01-01.yaml"))
    assert not [one for one in texts(folder, warnings=True) if "has no label" in one]
    path.with_name("other@2025-01-01.yaml").rename(path)
    (folder / "words.yaml").unlink()
    assert not [one for one in texts(folder, warnings=True) if "has no label" in one]


def test_files_that_nothing_reads(folder: Path) -> None:
    path = write(folder)
    for name in ("rotation@2025-1-1.yaml", "rotation.yml", "rotatoin@2025-01-01.yaml", "rotation.tests.yaml"):
        (path.parent / name).write_text("tests: 1\n")
    found = texts(folder, warnings=True)
    nobody = {name: text for name, _, text in (one.partition(": error: ") for one in found)}
    assert nobody["desk/rotation.yml:1:1"] == nobody["desk/rotation@2025-1-1.yaml:1:1"] == "nothing reads this file"
    assert nobody["desk/rotation.tests.yaml:1:8"] == "a list that is not empty is wanted here"
    near = "'rotatoin' is a topic of cases of its own; did you mean 'rotation'?"
    assert f"desk/rotatoin@2025-01-01.yaml:1:1: warning: {near}" in found


def test_a_limit_of_time_is_one_that_can_be_reckoned_with(folder: Path) -> None:
    timed = replace(TOPIC, asks={**TOPIC.asks, "makeup": Params({"within": "limit"})})
    for written, found in (
        ("5 working days", []),
        ("five days", [f"{AT}:28:22: error: 'five days' is not a limit"]),
        ("end of period", [f"{AT}:28:22: error: 'end of period' ends with a period, which only a report has"]),
    ):
        rules = RULES.replace("cap: none, expires: never, shared: false, who: [manager, clerk]", f"within: {written}")
        write(folder, rules=rules)
        said = [one.text.removeprefix("policies/") for one in check(folder, "desk", [], {"rotation": timed})]
        assert [text for text in said if "error" in text] == found


def test_a_number_of_days_is_within_its_range(folder: Path) -> None:
    timed = replace(TOPIC, asks={**TOPIC.asks, "makeup": Params({"within": "waiting"})})
    for written, found in ((20, []), (21, ["rotation@2025-01-01.yaml:28:22: error: within goes from 0 to 20"])):
        write(
            folder,
            rules=RULES.replace(
                "cap: none, expires: never, shared: false, who: [manager, clerk]", f"within: {written}"
            ),
        )
        said = [one.text.removeprefix("policies/desk/") for one in check(folder, "desk", [], {"rotation": timed})]
        assert [text for text in said if "error" in text] == found


def test_every_house_is_checked(folder: Path) -> None:
    write(folder)
    write(folder, "other", rules=RULES.replace("kind: may", "kind: mai"))
    assert texts(folder) == [
        "other/rotation@2025-01-01.yaml:3:1: error: the may 'may' is missing",
        (
            "other/rotation@2025-01-01.yaml:31:11: error: "
            "'mai' is not a kind of rule (table, params, may, case, checklist, penalty); did you mean 'may'?"
        ),
    ]


def test_no_such_house(folder: Path) -> None:
    write(folder)
    assert texts(folder, "desc") == ["policies:1:1: error: there is no house 'desc' (desk); did you mean 'desk'?"]


PIECES = st.sampled_from(
    ["{", "}", "]", ":", ",", "- ", "\n", '"', "null", "true", "[]", "{}", "[[x]]", "#", "none", "1"]
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.integers(0, len(RULES)), st.integers(0, 8), PIECES)
def test_a_damaged_policy_brings_findings_and_never_a_traceback(folder: Path, at: int, gone: int, piece: str) -> None:
    write(folder, rules=RULES[:at] + piece + RULES[at + gone :])
    texts(folder)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "  makeup:\n",
            "  makeups:\n",
            "26:3: error: nothing asks for the rule 'makeups' (turn, receive, makeup, may); did you mean 'makeup'?",
        ),
        ("  makeup:\n", "  makeups:\n", "3:1: error: the params 'makeup' is missing"),
        ("kind: params", "kind: may", "26:3: error: 'makeup' is asked as a params, not as a may"),
        (
            "cap: none",
            "cop: none",
            "28:14: error: nothing asks for 'cop' (cap, expires, shared, who); did you mean 'cap'?",
        ),
        ("cap: none", "cop: none", "28:13: error: 'cap' is missing"),
        ("cap: none", "cap: true", "28:19: error: cap is a number or none"),
        (
            "expires: never",
            "expires: nevr",
            "28:34: error: 'nevr' is not a expires (never, day); did you mean 'never'?",
        ),
        ("shared: false", "shared: 0", "28:49: error: shared is a flag"),
        (
            "who: [manager, clerk]",
            "who: [manger]",
            "28:62: error: 'manger' is not a role (manager, clerk, seller); did you mean 'manager'?",
        ),
        ("who: [manager, clerk]", "who: manager", "28:61: error: who is a list of roles"),
        ("    values: {", "    valeus: {", "28:5: error: 'valeus' is not a key here"),
        ("{act: order, by: manager}", "{act: order}", "34:9: error: 'by' is missing"),
        (
            "{act: order, by: manager}",
            "{act: ordr, by: manager}",
            "34:15: error: 'ordr' is not a act (order, open, status)",
        ),
        ("{act: order, by: manager}", "{act: ordr, by: manager}", "30:3: error: no row of may says who may 'order'"),
        (
            "{act: order, by: manager}",
            "{id: x, act: [order, open], by: manager}",
            "35:9: error: rows 'x' and 'open' both say who may 'open'",
        ),
        ("{act: order, by: manager}", "{act: order, by: boss}", "34:26: error: 'boss' is not a role"),
        ("    article: 第2条\n", "", "33:9: error: row 'order' names no article"),
        ("    article: 第1条\n", "", "26:3: error: rule 'makeup' names no article"),
        ("  makeup:", "  Make Up:", "26:3: error: 'Make Up' is no name of a rule"),
        ("title:", "titel:", "4:1: error: 'titel' is not a key here (policy, house, title,"),
        ("reading: 计一次", "reading: 5", "14:110: error: a text is wanted here"),
    ],
)
def test_rules(folder: Path, old: str, new: str, expected: str) -> None:
    path = write(folder)
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))
    assert [text for text in texts(folder) if text.startswith(f"desk/rotation@2025-01-01.yaml:{expected}")], texts(
        folder
    )


@pytest.mark.parametrize(
    ("common", "own", "expected"),
    [
        (
            WORDS.replace("private:", "privat:"),
            HOUSE_WORDS,
            "words.yaml:6:5: error: nothing fills the status 'privat' (free, new, open, private); did you mean",
        ),
        (WORDS.replace("status:", "state:"), HOUSE_WORDS, "words.yaml:2:3: error: 'state' is not a vocabulary"),
        (
            WORDS + "manager: manager\n",
            HOUSE_WORDS,
            "words.yaml:9:1: error: 'manager' is not a key here (labels, roles)",
        ),
        (WORDS.replace(", en: free", ""), HOUSE_WORDS, "words.yaml:3:11: error: 'en' is missing"),
        (
            WORDS.replace("en: private", "en: free"),
            HOUSE_WORDS,
            "words.yaml:6:5: error: the status 'private' and the status 'free' are both called 'free'",
        ),
        (WORDS.replace("manager:", "Manager:"), HOUSE_WORDS, "words.yaml:8:3: error: 'Manager' is no word"),
        (
            WORDS,
            HOUSE_WORDS + "labels: {turn: {skip: {zh: 跳, en: skip}}}\n",
            "desk/words.yaml:5:17: error: nothing fills the turn 'skip'",
        ),
        (
            WORDS,
            HOUSE_WORDS.replace("manager: manager", "manager: boss"),
            "desk/words.yaml:4:10: error: 'boss' is not a role (manager, clerk, seller)",
        ),
        (
            WORDS,
            HOUSE_WORDS + "labels: {status: {gone: {zh: 走, en: gone}}}\n",
            "desk/rotation@2025-01-01.yaml:6:3: error: no row of turn takes {status: gone}",
        ),
    ],
)
def test_words(folder: Path, common: str, own: str, expected: str) -> None:
    write(folder)
    (folder / "words.yaml").write_text(common)
    (folder / "desk" / "words.yaml").write_text(own)
    assert [text for text in texts(folder) if text.startswith(expected)], texts(folder)
