from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from crm_cli.errors import DataError
from crm_cli.policy.book import Book
from crm_cli.policy.check import check
from crm_cli.policy.finding import PolicyError

from .house import HEAD, RULES, TOPICS, write

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

DAY = dt.date(2025, 6, 1)


def book(folder: Path, house: str = "desk", overlays: Sequence[str] = ()) -> Book:
    return Book.open(folder, house, overlays, TOPICS, None)


def whats(folder: Path, house: str = "desk", overlays: Sequence[str] = ()) -> list[str]:
    with pytest.raises(PolicyError) as caught:
        book(folder, house, overlays).compiled("rotation")
    return [found.text.partition("policies/")[2] for found in caught.value.findings]


def turn(of: Book, status: str, day: dt.date = DAY) -> tuple[str, str]:
    hit = of.at(day).table("rotation", "turn", {"status": status})
    return hit.then["turn"], hit.cite.text.rpartition(":")[0]


AMENDS = "amends: 2025-01-01\n"
EXTENDS = "extends: {policy: rotation, house: desk}\n"
SET = "set:\n  turn#private.turn: {was: charge, is: owe}\n"


def test_an_amendment_changes_one_cell_and_leaves_the_rest(folder: Path) -> None:
    write(folder)
    write(folder, edition="2025-03-01", rules=AMENDS + SET)
    ours = book(folder)
    assert turn(ours, "private") == ("owe", "desk/rotation@2025-03-01/turn#private")
    assert turn(ours, "new") == ("owe", "desk/rotation@2025-01-01/turn#new")
    assert turn(ours, "private", dt.date(2025, 2, 28)) == ("charge", "desk/rotation@2025-01-01/turn#private")


def test_a_house_extends_another_on_the_same_day(folder: Path) -> None:
    write(folder)
    write(folder, "branch", rules=EXTENDS + SET)
    assert turn(book(folder, "branch"), "private") == ("owe", "branch/rotation@2025-01-01/turn#private")
    assert turn(book(folder, "branch"), "free") == ("serve", "desk/rotation@2025-01-01/turn#free")
    assert book(folder, "branch").word("role", "内勤") == "clerk"


def test_overlays_are_laid_in_their_order(folder: Path) -> None:
    write(folder)
    write(folder, "one", rules=EXTENDS + SET)
    write(folder, "two", "2025-02-01", EXTENDS + "set:\n  turn#private.turn: {was: owe, is: serve}\n")
    ours = book(folder, overlays=["one", "two"])
    assert turn(ours, "private") == ("serve", "two/rotation@2025-02-01/turn#private")
    assert turn(ours, "private", dt.date(2025, 1, 5)) == ("owe", "one/rotation@2025-01-01/turn#private")
    assert whats(folder, overlays=["two", "one"]) == [
        "one/rotation@2025-01-01.yaml:7:28: error: was: says charge, but the base has serve",
        "two/rotation@2025-02-01.yaml:7:28: error: was: says owe, but the base has charge",
    ]


def test_an_edition_that_ends_gives_way_to_the_one_before(folder: Path) -> None:
    write(folder)
    write(folder, edition="2025-03-01", rules="until: 2025-03-31\n" + AMENDS + SET)
    ours = book(folder)
    days = [dt.date(2025, 2, 28), dt.date(2025, 3, 1), dt.date(2025, 3, 31), dt.date(2025, 4, 1)]
    assert [turn(ours, "private", day)[0] for day in days] == ["charge", "owe", "owe", "charge"]


def test_none_in_force(folder: Path) -> None:
    write(folder, rules="until: 2025-05-31\n" + RULES)
    for day in (DAY, dt.date(2024, 12, 31)):
        with pytest.raises(DataError) as caught:
            turn(book(folder), "new", day)
        assert caught.value.what == f"no edition of desk/rotation is in force on {day}"
        assert caught.value.fix == "write an edition for that day; there are: 2025-01-01"
    assert book(folder).first_day("rotation") == book(folder).last_day("rotation") == dt.date(2025, 1, 1)


def test_no_policy_at_all(folder: Path) -> None:
    with pytest.raises(DataError) as caught:
        turn(book(folder, "nobody"), "new")
    assert caught.value.what == "the rulebook of nobody says nothing on rotation"
    assert caught.value.fix == "write policies/nobody/rotation@DAY.yaml, or take another house"


def test_a_row_is_added_with_a_word_that_begins_on_that_day(folder: Path) -> None:
    write(folder)
    words = folder / "desk" / "words.yaml"
    label = "labels: {status: {training: {zh: 培训, en: training, since: 2025-03-01}}}\n"
    words.write_text(words.read_text() + label)
    row = "  turn#training: {when: {status: training}, then: {turn: owe}, before: private, article: 第8条}\n"
    write(folder, edition="2025-03-01", rules=AMENDS + "add:\n" + row)
    ours = book(folder)
    assert turn(ours, "training") == ("owe", "desk/rotation@2025-03-01/turn#training")
    assert [row["id"] for row in ours.at(DAY).rule("rotation", "turn").compiled["rows"]][-2:] == ["training", "private"]
    with pytest.raises(DataError, match="'training' is no status"):
        turn(ours, "training", dt.date(2025, 2, 28))


def test_every_kind_of_change(folder: Path) -> None:
    write(folder)
    changes = """\
set:
  makeup.cap: {was: none, is: 3, article: 第21条}
  receive#asked_busy.when.waiting: {was: at most 3, is: at most 5}
  receive#crowd.when.waiting: {was: over 3, is: over 5}
  receive#tail.article: {was: 第9条, is: 第10条}
  receive#nobody.when.clerk: {was: any, is: any}
  may#order.by: {was: [manager], is: [clerk, manager]}
  may#status.not: {was: clerk, is: none}
repeal: [turn#open]
add:
  turn#open: {when: {status: open}, then: {turn: owe}, ref: x}
"""
    write(folder, edition="2025-03-01", rules=AMENDS + changes)
    rules = book(folder).at(DAY)
    values, cite = rules.values("rotation", "makeup")
    assert (values["cap"], cite.edition, cite.article) == (3, "2025-03-01", "第21条")
    hit = rules.table("rotation", "receive", {"asked": "busy", "clerk": True, "waiting": 5})
    assert hit.then == {"receive": "clerk"}
    assert rules.may("rotation", "order", ["clerk"])[0]
    assert rules.may("rotation", "status", ["clerk"])[0]
    assert turn(rules.book, "open")[0] == "owe"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            "set:\n  turn#private.turn: {was: owe, is: serve}\n",
            "7:28: error: was: says owe, but the base has charge",
        ),
        ("set:\n  turn#privat.turn: {was: owe, is: serve}\n", "7:3: error: there is no row 'privat' in turn"),
        ("set:\n  tur#private.turn: {was: owe, is: serve}\n", "7:3: error: there is no rule 'tur'"),
        ("set:\n  turn#private.turm: {was: owe, is: serve}\n", "7:3: error: there is no 'turm' (turn)"),
        ("set:\n  makeup.cup: {was: none, is: 1}\n", "7:3: error: there is no 'cup' (cap,"),
        ("set:\n  turn#private: {was: owe, is: serve}\n", "7:3: error: 'turn#private' names no single value"),
        ("set:\n  turn private: {was: owe, is: serve}\n", "7:3: error: 'turn private' is no address"),
        ("set:\n  turn#private.turn: {is: serve}\n", "7:22: error: 'was' is missing"),
        ("set:\n  turn#private.turn: {was: charge, is: serv}\n", "7:40: error: 'serv' is not a turn"),
        ("set:\n  turn#private.turn: {was: charge, is: owe, why: x}\n", "7:45: error: 'why' is not a key here"),
        ("repeal: [turn#private.turn]\n", "6:10: error: only a rule or a row is repealed"),
        ("repeal: [turn#open]\n", "6:10: error: no row of turn takes {status: open}"),
        ("repeal: [turn]\n", "3:1: error: the table 'turn' is missing"),
        ("add:\n  turn#open: {then: {turn: owe}}\n", "7:3: error: there is a row 'open' already"),
        ("add:\n  turn: {kind: table}\n", "7:3: error: there is a rule 'turn' already"),
        ("add:\n  turn.hit: first\n", "7:3: error: only a rule or a row is added"),
        (
            "add:\n  turn#new2: {when: {status: new}, then: {turn: owe}, before: nobody, ref: x}\n",
            "7:3: error: there is no row 'nobody' (free",
        ),
        (
            "add:\n  turn#new2: {when: {status: new}, then: {turn: owe}, ref: x}\n",
            "7:21: error: rows 'new' and 'new2' both take {status: new}",
        ),
        ("rules: {}\n", "6:1: error: an edition that amends or extends holds no rules"),
        (EXTENDS, "6:1: error: an edition amends or extends, not both"),
    ],
)
def test_changes_that_do_not_fit(folder: Path, changes: str, expected: str) -> None:
    write(folder)
    write(folder, edition="2025-03-01", rules=AMENDS + changes)
    expected = f"desk/rotation@2025-03-01.yaml:{expected}"
    assert [what for what in whats(folder) if what.startswith(expected)], whats(folder)


def test_whatever_rests_on_itself(folder: Path) -> None:
    write(folder, "one", rules="extends: {policy: rotation, house: two}\n")
    write(folder, "two", rules="extends: {policy: rotation, house: one}\n")
    assert "one/rotation@2025-01-01.yaml:3:1: error: 'one' rests on itself: one -> two -> one" in whats(folder, "one")


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("amends: 2024-01-01\n", "3:1: error: there is no earlier edition 2024-01-01 to amend (2025-01-01)"),
        ("amends: 2025-03-01\n", "3:1: error: there is no earlier edition 2025-03-01 to amend (2025-01-01)"),
        (
            "extends: {policy: rotation, house: nobody}\n",
            "3:1: error: no edition of nobody/rotation is in force on 2025-03-01 (none)",
        ),
        ("extends: {policy: other, house: desk}\n", "5:10: error: a policy extends one of the same name"),
        (
            "extends: {policy: rotation, house: ../desk}\n",
            "5:36: error: '../desk' is no name of a house",
        ),
        ("extends: {house: desk}\n", "5:10: error: 'policy' is missing"),
        ("until: 2025-02-01\n" + RULES, "5:8: error: the edition ends before it begins"),
        ("until: '2026-02-01'\n" + RULES, "5:8: error: a day is wanted here"),
        ("", "1:1: error: 'rules' is missing"),
        (RULES + SET, "37:1: error: 'set' stands only in an edition that amends or extends"),
    ],
)
def test_heads(folder: Path, head: str, expected: str) -> None:
    write(folder)
    write(folder, edition="2025-03-01", rules=head)
    assert f"desk/rotation@2025-03-01.yaml:{expected}" in whats(folder)


@pytest.mark.parametrize(("day", "warned"), [("2025-03-01", False), ("2025-03-02", True)])
def test_an_edition_that_was_adopted_after_it_counts_is_told(folder: Path, day: str, warned: bool) -> None:
    write(folder)
    write(folder, edition="2025-03-01", rules=f"approved: {{by: H, on: {day}}}\n{RULES}")
    told = [one.text.partition("policies/")[2] for one in check(folder, "desk", [], TOPICS)]
    late = "desk/rotation@2025-03-01.yaml:5:23: warning: the edition was adopted after the day from which it counts"
    assert any(one.startswith(late) for one in told) == warned


def test_the_file_agrees_with_its_head(folder: Path) -> None:
    write(folder)
    (folder / "desk" / "rotation@2025-04-01.yaml").write_text(HEAD.format(house="disk", edition="2025-04-02") + RULES)
    assert whats(folder)[:2] == [
        "desk/rotation@2025-04-01.yaml:2:8: error: 'disk' does not agree with the folder, which says 'desk'",
        (
            "desk/rotation@2025-04-01.yaml:3:10: error: "
            "'2025-04-02' does not agree with the file name, which says '2025-04-01'"
        ),
    ]


def test_overlays_that_do_not_fit(folder: Path) -> None:
    write(folder)
    write(folder, "other")
    write(folder, "strange", rules="extends: {policy: rotation, house: other}\n")
    assert whats(folder, overlays=["other"]) == [
        "other/rotation@2025-01-01.yaml:3:1: error: an overlay extends the house it is laid over"
    ]
    assert whats(folder, overlays=["strange"])[-1:] == [
        "strange/rotation@2025-01-01.yaml:3:1: error: the overlay extends 'other', but is laid over desk"
    ]
