from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crm_cli.policy.book import Book

from .case_house import DAY, PARKING, declared, errors, write
from .house import TOPICS

if TYPE_CHECKING:
    from pathlib import Path


def test_a_house_invents_a_kind(folder: Path) -> None:
    assert errors(folder) == []
    assert list(declared(folder)) == ["parking", "parking.month"]


def test_a_kind_is_compiled_into_plain_data(folder: Path) -> None:
    kind = declared(folder)["parking"].compiled
    assert kind["ranks"] == ["gate", "head"]
    assert kind["closed"] == ["given", "refused"]
    assert kind["by"] == [{"role": "gate"}]
    assert kind["fields"]["size"] == {
        "type": "word", "of": ["small", "large"], "checklist": None, "link": [], "many": False, "personal": False,
        "start": "small", "product": None, "sum": None,
    }  # fmt: skip
    assert kind["fields"]["same_car"]["link"] == ["parking"]
    approve = kind["steps"]["approve"]
    assert approve["by"] == [{"role": "head"}]
    assert approve["state"][0] == {
        "when": [{"on": "field", "name": "rent", "op": "range", "low": 50001, "high": None, "not": False}],
        "is": "refused",
    }
    assert kind["steps"]["ask"]["needs"][0]["asks"] == [["signed", "adviser"]]
    assert kind["steps"]["price"]["needs"][0]["must"] == [
        {"on": "field", "name": "rent", "op": "range", "low": None, "high": {"field": "most", "plus": 0}, "not": False}
    ]
    assert kind["others"]["earlier"] == {
        "kinds": ["parking"],
        "same": [[["plate", "plate"]]],
        "when": [
            {"on": "state", "name": "state", "op": "in", "of": ["open"], "not": False},
            {"on": "step", "name": "decide", "op": "done", "not": True},
        ],
        "within": None,
        "as_of": None,
    }
    answer = kind["duties"]["answer"]
    assert [row["limit"] for row in answer["within"]] == ["3 days", "24h"]
    assert (answer["warn"], [row["at"] for row in answer["escalate"]]) == ("4h", ["due", "2h"])


def test_a_kind_of_the_calendar_has_a_period(folder: Path) -> None:
    month = declared(folder)["parking.month"].compiled
    assert list(month["fields"]) == ["starts", "ends"]
    assert month["steps"]["period"]["by"] == ["office"]
    assert month["counts"]["share"] == {"count": "rate", "when": [], "rate": "large", "of": "asked"}


def test_every_row_of_a_kind_can_be_cited(folder: Path) -> None:
    rule = declared(folder)["parking"]
    assert rule.cite("approve").short == "parking#approve"
    assert rule.cite("ask.needs.1").article == "2"
    assert rule.cite("ask.then.1").ref == "A.1"
    assert rule.cite("duty.answer.late.1").ref == "A.3"
    assert rule.told("approve")["says"] == "主任定"
    short = [cite.short for cite in rule.cites()]
    assert short[:3] == ["parking", "parking#needs.1", "parking#then.1"]
    assert len(short) == len(set(short))
    book = Book.open(folder, "yard", [], TOPICS, None)
    cite = book.at(DAY).rule("parking", "parking").cite("approve")
    assert book.resolve(cite.text) == cite


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        ("says: 主任定", "says: 由主任定", False),
        ("zh: 车位申请", "zh: 停车申请", False),
        ('ref: "A.2"', 'ref: "A.3"', True),
        ("rent: over 500", "rent: over 501", True),
        ("limit: 24h", "limit: 25h", True),
        ("reason: text\n", "reason: {type: text, title: why}\n", False),
        ("reason: text\n", "reason: {type: text, personal: true}\n", True),
    ],
)
def test_the_hash_is_of_the_meaning(folder: Path, old: str, new: str, changes: bool) -> None:
    before = declared(folder)["parking"].compiled["hash"]
    after = declared(folder, PARKING.replace(old, new, 1))["parking"].compiled["hash"]
    assert (before != after) is changes


def test_a_compiled_topic_of_cases_is_kept(folder: Path, tmp_path: Path) -> None:
    write(folder)
    first = Book.open(folder, "yard", [], TOPICS, tmp_path / "cache").compiled("parking")
    again = Book.open(folder, "yard", [], TOPICS, tmp_path / "cache")
    assert again.compiled("parking") == first
    assert again.topics.invented == ("parking",)
    assert again.words("case_fact") == {"slow": {"zh": "处理太慢", "en": "too slow"}}
