from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from crm_cli.policy.book import Book
from crm_cli.policy.check import check
from crm_cli.rules.case.kinds import kinds

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
        "start": "small", "product": None, "sum": None, "forbids": [], "allows": [],
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


WRONG = [
    ("must: {rent: at most most}", "must: {rent: {}}", "the cell says nothing"),
    ("must: {rent: at most most}", "must: {rent: {not: {not: 5}}}", "the cell says nothing"),
    ("{kind: parking, same: [plate],", "{kind: customer, same: [plate],", "'customer' is not a kind of case (parking,"),
    ("{kind: parking, same: [plate],", "{kind: [parking, staff], same: [plate],", "'staff' is not a kind of case"),
    (
        "when: {state: open, decide: not done}",
        "when: {same_car.decide: done}",
        "'done' is said of steps and duties; of a case behind a link its fields and its state can be tested",
    ),
    (
        "when: {state: open, decide: not done}",
        "when: {same_car.state: met}",
        "'met' is said of steps and duties; of a case behind a link its fields and its state can be tested",
    ),
    (
        "when: {state: open, decide: not done}",
        "when: {same_car.state: pried}",
        "'pried' is not a state (asked, priced, refused, given, open, closed); did you mean 'priced'?",
    ),
    ("when: {state: open, decide: not done}", "when: {state: met}", "'met' is not a state (asked, priced, refused,"),
    ("when: {state: open, decide: not done}", "when: {answer: [open, late]}", "'answer' is tested for one word"),
    ("takes: [size, signed,", "taks: [size, signed,", "'taks' is not a key here (opens, by, not_by, after, asks,"),
    ("asks: [plate, how]", "asks: [plat, how]", "'plat' is not a field (plate, how, size, rent,"),
    ("after: [price]", "after: [prize]", "'prize' is not a step (ask, say, price,"),
    (
        "by: owner,",
        "by: ownr,",
        "'ownr' is no hand (anyone, office, adviser, approver, gate, head, owner); did you mean 'owner'?",
    ),
    ("by: at least head", "by: at least owner", "'owner' is not in ranks (gate, head)"),
    ("ranks: [gate, head]", "ranks: [gate, hed]", "'hed' is not a role (gate, head, owner); did you mean 'head'?"),
    ("fact: slow", "fact: sloww", "'sloww' is not a fact (slow); did you mean 'slow'?"),
    (
        "about: parking",
        "about: parkin",
        "'parkin' is not a kind of case (parking, parking.month); did you mean 'parking'?",
    ),
    (
        "{link: parking,",
        "{link: parkng,",
        "'parkng' is not a kind of case (parking, parking.month); did you mean 'parking'?",
    ),
    ("how: [desk, phone]", "how: documents_", "'documents_' is not a type of field (text, reply, flag,"),
    ("how: [desk, phone]", "how: {of: papers}", "'papers' is not a checklist ()"),
    ("how: phone", "how: fone", "'fone' is not a how (desk, phone); did you mean 'phone'?"),
    ("start: small", "start: smal", "'smal' is not a word (small, large); did you mean 'small'?"),
    ("limit: 3 days", "limit: 3 dys", "'3 dys' is not a limit"),
    ("limit: 24h", "limit: end of period", "'end of period' ends with a period, and this kind has none"),
    ("limit: 24h", "limit: 24h after plate", "'plate' is not a field of the type date/time (signed)"),
    ("limit: 24h", "limit: until rent", "'rent' is not a field of the type date/time (signed)"),
    ("how: [desk, phone]", "how: [desk, phone, late]", "'late' is a word of conditions, and no value of a field"),
    ("state: asked", "state: open", "'open' is a word of conditions, and no state"),
    ("reason: text", "state: text", "'state' is no name of a field"),
    ("{earlier: some}", "{earlyer: some}", "'earlyer' is no field, step, duty or look-up (plate,"),
    ("{earlier: some}", "{earlier: several}", "a number or a range is wanted here"),
    ("rent: over 500}, is", "rent: more than 500}, is", "a number or a range is wanted here"),
    ("decide: not done", "decid: not done", "'decid' is not a step (ask, say, price, approve,"),
    ("from: ask\n", "from: asks\n", "'asks' is not a step (ask, say, price,"),
    ("warn: 4h before due", "warn: 4h", "a time before due is wanted here"),
    ("{at: due, to: head}", "{at: 2h, to: head}", "a time after due is wanted here"),
    ("copy: earlier", "copy: erlier", "'erlier' is not a field or look-up (self, hand, plate, how,"),
    (
        "set: {adviser: head}",
        "set: {adviser: hed}",
        "'hed' is no hand (adviser, approver, gate, head, owner); did you mean 'head'?",
    ),
    ("set: {adviser: head}", "set: {adviser: head}, in: earlier", "'in' does not go with 'set' (when, set, article,"),
    ("{when: {how: phone}, set: {adviser: head}}", "{when: {how: phone}}", "the row does nothing"),
    ("{not_by: adviser, except: [say]}", "{except: [say]}", "the row wants nothing"),
    (
        "{rate: large, of: asked}",
        "{rate: large, of: askd}",
        "'askd' is not a figure (asked, large, share, late, open);",
    ),
    (
        "is: late, dated: due",
        "is: lat, dated: due",
        "'lat' is not a state of a duty (open, met, late); did you mean 'late'?",
    ),
    ("every: month", "every: monthly", "'monthly' is not a period (day, week, month, quarter,"),
    ("{state: open}", "{state: opn}", "'opn' is not a state (asked, priced,"),
    (
        "kind: case\n    title: {zh: 车位月报",
        "kind: params\n    title: {zh: 车位月报",
        "a topic of cases holds case, checklist and table",
    ),
    ("{not_by: adviser, except: [say]}", "{not_by: adviser, except: [say], says: 主任,不算}", "'不算' has no value"),
    ("    duties:\n      answer:", "    queue: [{}]\n    duties:\n      answer:", "the row says nothing"),
    ("say: {by: anyone,", "Say: {by: anyone,", "'Say' is no name of a step"),
    ("again: afresh", "again: often", "'often' is not a way to do a step again (afresh)"),
    ("opens: true", "opens: registered", "what opens a case is true, or an event"),
    (
        "takes: [size, signed, adviser]\n",
        "takes: [size, signed, adviser]\n        args: [reason]\n",
        "'reason' stands in args,",
    ),
]


@pytest.mark.parametrize(("old", "new", "what"), WRONG)
def test_what_is_wrong_is_said_where_it_stands(folder: Path, old: str, new: str, what: str) -> None:
    assert old in PARKING
    text = PARKING.replace(old, new, 1)
    found = errors(folder, text)
    assert any(one.partition(": error: ")[2].startswith(what) for one in found), found
    first = next(one for one in found if one.partition(": error: ")[2].startswith(what))
    assert abs(int(first.partition(":")[0]) - PARKING[: PARKING.index(old)].count("\n") - 1) <= new.count("\n") + 1


def test_a_kind_says_what_ends_it(folder: Path) -> None:
    assert errors(folder, PARKING.replace("    closed: [given, refused]\n", "")) == ["7:3: error: 'closed' is missing"]


def test_a_comma_that_ended_a_text_is_explained(folder: Path) -> None:
    old = "{not_by: adviser, except: [say]}"
    write(folder, PARKING.replace(old, "{not_by: adviser, except: [say], says: 主任,不算}"))
    found = [one for one in check(folder, "yard", [], TOPICS) if one.level == "error"]
    assert [one.fix for one in found] == ["quote the whole text, or use the full-width comma \uff0c"]


AMENDED = """\
policy: parking
house: corner
edition: 2025-02-01
extends: {policy: parking, house: yard}
set:
  parking#duties.answer.warn: {was: 4h before due, is: 2h before due}
  parking#duties.answer.within.2.limit: {was: 24h, is: 48h}
  parking#steps.decide.asks: {was: none, is: [reason]}
  parking#steps.decide.takes: {was: [reason], is: none}
add:
  parking.week: {kind: case, every: week, closed: [filed], steps: {file: {by: gate, state: filed}}}
repeal: [parking.month]
"""


def test_an_office_changes_one_value_of_a_kind(folder: Path) -> None:
    write(folder)
    (folder / "corner").mkdir()
    path = folder / "corner" / "parking@2025-02-01.yaml"
    path.write_text(AMENDED)
    book = Book.open(folder, "yard", ["corner"], TOPICS, None)
    before, after = (kinds(book.at(dt.date(2025, month, 1))) for month in (1, 3))
    assert list(after) == ["parking", "parking.week"]
    answer = after["parking"].compiled["duties"]["answer"]
    assert (answer["warn"], [row["limit"] for row in answer["within"]]) == ("2h", ["3 days", "48h"])
    decide = after["parking"].compiled["steps"]["decide"]
    assert (decide["asks"], decide["takes"]) == (["reason"], [])
    assert before["parking"].compiled["duties"]["answer"]["warn"] == "4h"
    assert after["parking"].cite("decide").text.startswith("corner/parking@2025-02-01/parking#decide:")


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("was: 4h before", "was: 3h before", "was: says 3h before due, but the base has 4h before due"),
        ("duties.answer.warn", "duties.anser.warn", "there is no 'duties.anser.warn'"),
        ("duties.answer.within.2.limit", "duties.answer.within.3.limit", "there is no 'duties.answer.within.3.limit'"),
        ("parking#steps.decide.asks", "parking.dcide#asks", "'parking.dcide#asks' is no address"),
    ],
)
def test_a_change_that_does_not_fit_a_kind_is_refused(folder: Path, old: str, new: str, what: str) -> None:
    write(folder)
    (folder / "corner").mkdir()
    (folder / "corner" / "parking@2025-02-01.yaml").write_text(AMENDED.replace(old, new, 1))
    found = [one.what for one in check(folder, "yard", ["corner"], TOPICS) if one.level == "error"]
    assert any(one.startswith(what.split("'parking'", maxsplit=1)[0]) for one in found), found
