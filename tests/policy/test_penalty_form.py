"""The form penalty: everything that is wrong with it is said at its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crm_cli.policy.book import Book
from crm_cli.policy.check import check
from crm_cli.rules.topics import TOPICS

if TYPE_CHECKING:
    from pathlib import Path

LEAST = "the least and the most in percent are wanted here"
HEAD = "policy: penalty\nhouse: house\nedition: 2025-01-01\n"
ACTS = "see, execute, waive, decide_appeal, deduct, close_month"
MAY = f"  may: {{kind: may, article: 一, rows: [{{id: all, act: [{ACTS}], by: head}}]}}\n"
WORDS = """\
roles: {clerk: {zh: 文员, en: clerk}, head: {zh: 科长, en: head}}
labels: {case_fact: {slow: {zh: 慢, en: slow}}}
"""
CASES = """\
policy: desk
house: house
edition: 2025-01-01
rules:
  desk:
    kind: case
    number: D
    by: clerk
    closed: [done]
    article: 一
    fields: {who: person}
    steps:
      new: {opens: true, asks: [who], state: begun, then: [{fact: slow, who: [who]}]}
      order: {}
      close: {state: done}
    duties: {answer: {from: new, until: close, within: 1 working day}}
"""


def wrong(folder: Path, fines: str, article: str = "article: 二, ") -> list[str]:
    """Answer what the checker finds in a rule on fines."""
    house = folder / "house"
    house.mkdir(exist_ok=True)
    rules = f"rules:\n  fines: {{kind: penalty, {article}{fines}}}\n{MAY}"
    (house / "penalty@2025-01-01.yaml").write_text(HEAD + rules, "utf-8")
    (house / "desk@2025-01-01.yaml").write_text(CASES, "utf-8")
    (house / "words.yaml").write_text(WORDS, "utf-8")
    found = [one for one in check(folder, "house", [], TOPICS) if one.level == "error"]
    assert [one.text for one in found if not one.file.endswith("penalty@2025-01-01.yaml")] == []
    return [one.what for one in found]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "policies").mkdir()
    return tmp_path / "policies"


@pytest.mark.parametrize(
    ("fines", "said"),
    [
        ("items: {slwo: {amount: 5}}", "no case states the fact 'slwo'"),
        ("items: {grab_order: {suspension: 1}}", "no case states the fact 'grab_order'"),  # nobody takes turns here
        ("items: {slow: {amount: 5, role: clark}}", "'clark' is not a role (clerk, head); did you mean 'clerk'?"),
        ("items: {slow: {amount: 5, unless: [late]}}", "'late' is not a fact (slow)"),
        ("items: {slow: {amount: 5, in_time: reply}}", "'reply' is not a duty (answer)"),
        ("items: {slow: {amount: 5, of: paper}}", "'paper' is not a listed item"),
        ("items: {slow: {amount: 5}}, again: {order: mend}", "'mend' is not a step (close, new, order)"),
        ("items: {slow: {amount: 5}}, rates: {of: desk.month, heads: {}}", "'desk.month' is not a kind of case (desk)"),
        ("items: {slow: {amount: 5, points: 2}}", "an item costs one of: amount, points, suspension, pay, reward"),
        ("items: {slow: {}}", "an item costs one of: amount, points, suspension, pay, reward"),
        ('items: {slow: {amount: "5.005"}}', "an amount of money is wanted here"),
        ("items: {slow: {amount: -5}}", "an amount of money is wanted here"),
        ("items: {slow: {points: 0}}", "a number from 1 is wanted here"),
        ("items: {slow: {amount: 5, counts: 1}}", "true or false is wanted here"),
        ("items: {slow: {amount: 5, per: day}}", "'day' is not a per (item, case)"),
        ("items: {slow: {amount: 5, prize: 2}}", "'prize' is not a key here"),
        (
            "items: {slow: {amount: 5}}, repeat: {steps: {clerk: [{from: 3, times: 2}, {from: 2, times: 4}]}}",
            "the steps are out of order: from 3, 2",
        ),
        ("items: {slow: {amount: 5}}, repeat: {steps: {clark: {from: 2, times: 2}}}", "'clark' is not a role"),
        ("items: {slow: {amount: 5}}, deduct: {roles: clerk, from: 3, rate: 30 to 10}", LEAST),
        ("items: {slow: {amount: 5}}, appeal: {within: soon}", "'soon' is not a limit"),
        ("cap: 100", "'items' is missing"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_once(fines: str, said: str, folder: Path) -> None:
    [found] = wrong(folder, fines)
    assert found.startswith(said)


def test_an_item_names_its_article_where_the_rule_has_none(folder: Path) -> None:
    assert wrong(folder, "items: {slow: {amount: 5}}", "") == ["row 'slow' names no article"]
    assert wrong(folder, "items: {slow: {amount: 5, article: 三}}", "") == []


def test_amounts_are_kept_in_hundredths_and_what_is_left_out_has_its_default(folder: Path) -> None:
    items = 'items: {slow: {amount: "12.5"}}, repeat: {steps: {clerk: {from: 2, times: 2}}}, cap: none'
    assert wrong(folder, items) == []
    made = Book.open(folder, "house", (), TOPICS, None).compiled("penalty")["segments"][0]["rules"]["fines"]
    assert made["items"]["slow"] == {
        "role": None, "of": None, "unless": None, "per": "item", "own_time": False, "counts": True, "in_time": None,
        "measure": "amount", "unit": 1250,
    }  # fmt: skip
    assert made["repeat"]["steps"] == {"clerk": [{"from": 2, "times": 2}]}
    assert [made["repeat"][name] for name in ("count_by", "window", "doubling")] == ["case", "calendar month", "flat"]
    assert (made["cap"], made["again"], made["deduct"]) == (None, None, None)


def test_the_wording_changes_no_hash_and_a_figure_does(folder: Path) -> None:
    hashes = []
    for item in ("{amount: 5}", "{amount: 5, says: so}", "{amount: 6}", "{amount: 5, article: 三}"):
        assert wrong(folder, f"items: {{slow: {item}}}") == []
        rules = Book.open(folder, "house", (), TOPICS, None).compiled("penalty")["segments"][0]["rules"]
        hashes.append(rules["fines"]["hash"])
    assert hashes[0] == hashes[1]
    assert len(set(hashes)) == 3
