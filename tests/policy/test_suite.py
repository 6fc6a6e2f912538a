from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crm_cli.policy.book import Book
from crm_cli.policy.explain import Change, Failed, explain
from crm_cli.policy.finding import Findings, PolicyError
from crm_cli.policy.suite import Report, run, run_stories
from crm_cli.policy.testfile import Step, Story, load

from .house import RULES, TOPIC, TOPICS, write
from .mutants import dumped, loaded, mutants, survives
from .test_book import DAY, opened

if TYPE_CHECKING:
    from pathlib import Path

TESTS = """\
tests:
  - name: 空闲
    rule: turn
    given: {status: free}
    then: {turn: serve, cites: turn#free}
    article: 第1条
    ref: "000.3.1b"
  - {name: 忙, rule: turn, given: {status: new}, then: {turn: owe}, cites: turn#new, article: 第1条, ref: "000.3.1d"}
  - name: 老客户
    rule: turn
    given: {status: open}
    then: {turn: charge}
    cites: turn#open
    article: 第7条
    ref: ["000.3.7a", "000.3.7b"]
  - {name: 因私, rule: turn, given: {status: private}, then: {turn: charge}, article: 第1条, ref: "000.3.1e"}
  - {name: a, rule: receive, given: {asked: none, clerk: true, waiting: 0}, then: {receive: walk}, article: 第11条}
  - {name: b, rule: receive, given: {asked: free, clerk: true, waiting: 0}, then: {receive: asked}, article: 第11条}
  - {name: c, rule: receive, given: {asked: busy, clerk: true, waiting: 3}, then: {receive: clerk}, article: 第11条}
  - {name: d, rule: receive, given: {asked: busy, clerk: true, waiting: 4}, then: {receive: tail}, article: 第11条}
  - {name: e, rule: receive, given: {asked: busy, clerk: false, waiting: 4}, then: {receive: tail}, article: 第9条}
  - {name: f, rule: makeup, then: {cap: none, expires: never, shared: false, who: [manager, clerk]}, article: 第1条}
  - {name: g, rule: may, given: {act: order, role: manager}, then: {may: true}, cites: may#order, article: 第2条}
  - {name: h, rule: may, given: {act: order, role: seller}, then: {may: false}}
  - {name: i, rule: may, given: {act: open, role: manager}, then: {may: true}}
  - {name: j, rule: may, given: {act: open, role: clerk}, then: {may: true}}
  - {name: k, rule: may, given: {act: open, role: seller}, then: {may: false}}
  - {name: l, rule: may, given: {act: status, role: [seller]}, then: {may: true}}
  - {name: m, rule: may, given: {act: status, role: clerk}, then: {may: false}}
stories:
  - name: 因公跳过
    given: ["staff add 甲 --role seller", rotate open]
    when: {run: rotate arrive k1, now: "2026-03-02T09:30+08:00"}
    then: {exit: 0, assignments: [{client: k1, to: 乙}], left: null}
"""


def put_tests(folder: Path, tests: str = TESTS, house: str = "desk") -> None:
    (folder / house / "rotation.tests.yaml").write_text(tests)


def ran(folder: Path, house: str = "desk") -> Report:
    return run(Book.open(folder, house, [], TOPICS, None), "rotation", TOPICS)


def list_nothing(story: Story) -> list[str]:
    return []


def list_two(story: Story) -> list[str]:
    return ["exit is 1, not 0", "x"]


def test_every_row_is_exercised(folder: Path) -> None:
    write(folder)
    put_tests(folder)
    report = ran(folder)
    assert [result for result in report.results if not result.passed] == []
    assert len(report.results) == 17
    assert report.unexercised == []
    (story,) = report.stories
    assert story.given == ["staff add 甲 --role seller", "rotate open"]
    assert story.when == [Step(["rotate arrive k1"], "2026-03-02T09:30+08:00")]
    assert story.then == {"exit": 0, "assignments": [{"client": "k1", "to": "乙"}], "left": None}


def test_stories_are_played_by_the_caller(folder: Path) -> None:
    write(folder)
    put_tests(folder)
    stories = ran(folder).stories
    assert run_stories(stories, list_nothing)[0].passed
    (result,) = run_stories(stories, list_two)
    assert result.what == "exit is 1, not 0; x"
    assert result.where == "policies/desk/rotation.tests.yaml:31:5"


@pytest.mark.parametrize(
    ("test", "what"),
    [
        ("rule: turn, given: {status: free}, then: {turn: owe}", "turn is serve, not owe"),
        ("rule: turn, given: {status: free}, then: {turn: serve}, cites: turn#new", "cites is turn#free, not turn#new"),
        ("rule: turn, given: {status: free}, then: {turn: serve}, article: 第2条", "article is 第1条, not 第2条"),
        ("rule: turn, given: {status: idle}, then: {turn: serve}", "'idle' is no status that the table turn knows"),
        ("rule: turn, given: {state: free}, then: {turn: serve}", "turn is not asked with 'state'"),
        ("rule: turn, then: {turn: serve}", "the table turn was asked without the fact 'status'"),
        ("rule: turm, given: {status: free}, then: {turn: serve}", "there is no rule 'turm'"),
        ("rule: turn, given: {status: free}, then: {}", "the test expects nothing"),
        ("rule: turn, given: {status: free}, then: {tern: serve}", "tern is nothing, not serve"),
        ("rule: makeup, given: {cap: 1}, then: {cap: none}", "makeup is not asked with 'cap'"),
        ("rule: makeup, then: {cap: 3}", "cap is none, not 3"),
        ("rule: may, given: {act: order, role: sellr}, then: {may: false}", "'sellr' is not a role"),
        ("rule: may, given: {act: ordr, role: seller}, then: {may: false}", "'ordr' is not an act"),
        (
            "rule: turn, given: {status: free}, then: {turn: serve}, on: 2024-01-01",
            "no edition of desk/rotation is in force on 2024-01-01",
        ),
    ],
)
def test_a_test_that_fails(folder: Path, test: str, what: str) -> None:
    write(folder)
    put_tests(folder, f"tests:\n  - {{name: x, {test}}}\n")
    (result,) = ran(folder).results
    assert (result.what, result.where) == (what, "policies/desk/rotation.tests.yaml:2:5")


def test_rows_that_no_test_reaches(folder: Path) -> None:
    write(folder)
    put_tests(folder, "tests:\n  - {name: x, rule: turn, given: {status: free}, then: {turn: serve}}\n")
    assert ran(folder).unexercised[:3] == [f"desk/rotation@2025-01-01/turn#{row}" for row in ("new", "open", "private")]
    assert "desk/rotation@2025-01-01/makeup" in ran(folder).unexercised


def test_a_house_inherits_the_tests_of_rules_that_it_left_alone(folder: Path) -> None:
    write(folder)
    put_tests(folder)
    change = "set: {makeup.cap: {was: none, is: 3}}\n"
    write(folder, "branch", rules="extends: {policy: rotation, house: desk}\n" + change)
    report = ran(folder, "branch")
    assert len(report.results) == 16
    assert report.unexercised == ["branch/rotation@2025-01-01/makeup"]
    put_tests(folder, "tests:\n  - {name: own, rule: makeup, then: {cap: 3}}\n", "branch")
    report = ran(folder, "branch")
    assert report.unexercised == []
    assert all(result.passed for result in report.results)


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("tests: []\n", "1:8: error: a list that is not empty is wanted here"),
        ("test: [x]\n", "1:1: error: 'test' is not a key here (tests, stories); did you mean 'tests'?"),
        ("tests:\n  - {rule: turn, then: {}}\n", "2:5: error: 'name' is missing"),
        ("tests:\n  - {name: x, rule: turn, then: {}, hope: z}\n", "2:37: error: 'hope' is not a key here"),
        ("tests:\n  - {name: x, rule: turn, then: {}, on: today}\n", "2:41: error: a day is wanted here"),
        ("stories:\n  - {name: x, when: {now: z}, then: {}}\n", "2:21: error: 'run' is missing"),
        ("stories:\n  - {name: x, when: {run: [1]}, then: {}}\n", "2:28: error: a text is wanted here"),
        ("stories:\n  - {name: x, then: {}}\n", "2:5: error: 'when' is missing"),
    ],
)
def test_the_form_of_tests(folder: Path, text: str, finding: str) -> None:
    write(folder)
    put_tests(folder, text)
    found = Findings()
    load(folder / "desk" / "rotation.tests.yaml", "t", found)
    assert [one.text for one in found.all() if one.text.startswith(f"t:{finding}")], found.all()
    with pytest.raises(PolicyError):
        ran(folder)


def test_a_mutant_is_noticed(folder: Path) -> None:
    path = write(folder)
    put_tests(folder)
    plain = loaded(path)
    assert not [change for change, mutated in mutants(plain, TOPIC) if survives(path, mutated, "desk", [], TOPICS)]
    assert len(list(mutants(plain, TOPIC))) > 100
    assert survives(path, plain, "desk", [], TOPICS)
    assert loaded(path) == plain
    assert path.read_text() != dumped(plain)


def test_a_mutant_that_nobody_looks_for_survives(folder: Path) -> None:
    path = write(folder)
    put_tests(folder, TESTS.replace(", article: 第2条", ""))
    alive = [change for change, mutated in mutants(loaded(path), TOPIC) if survives(path, mutated, "desk", [], TOPICS)]
    assert alive == ["may article: 第2条x"]


def test_why_a_row_answers(folder: Path) -> None:
    write(folder)
    rule = opened(folder).at(DAY).rule("rotation", "receive")
    told = explain(rule, {"asked": "busy", "clerk": True, "waiting": 4})
    assert [(row.row, row.matched, row.failed) for row in told.tried] == [
        ("nobody", False, Failed("asked", "none", "busy")),
        ("asked_free", False, Failed("asked", "free", "busy")),
        ("asked_busy", False, Failed("waiting", "at most 3", 4)),
        ("crowd", True, None),
        ("tail", False, Failed("clerk", False, True)),
    ]
    assert [row.row for row in told.tried if row.decided] == ["crowd"]
    assert [change[:3] for change in told.changes] == [
        ("asked", "none", {"receive": "walk"}),
        ("asked", "free", {"receive": "asked"}),
        ("waiting", 3, {"receive": "clerk"}),
    ]


def test_wording_and_reading_come_with_the_rows(folder: Path) -> None:
    write(folder)
    told = explain(opened(folder).at(DAY).rule("rotation", "turn"), {"status": "free"})
    assert [(row.says, row.reading) for row in told.tried][1::2] == [("因公,以后补", None), (None, "计一次")]
    assert told.changes[0] == Change("status", "new", {"turn": "owe"}, told.tried[1].cite)


def test_why_somebody_may_not(folder: Path) -> None:
    write(folder)
    rule = opened(folder).at(DAY).rule("rotation", "may")
    told = explain(rule, {"act": "open", "roles": ["seller"]})
    assert told.tried[0].failed == Failed("roles", ["manager", "clerk"], ["seller"])
    assert [change.value for change in told.changes] == ["clerk", "manager"]
    barred = explain(rule, {"act": "status", "roles": ["clerk"]})
    assert barred.tried[0].failed == Failed("roles", {"not": ["clerk"]}, ["clerk"])
    assert explain(rule, {"act": "status", "roles": []}).tried[0].failed is None


def test_values_explain_themselves(folder: Path) -> None:
    write(folder, rules=RULES)
    told = explain(opened(folder).at(DAY).rule("rotation", "makeup"), {})
    assert told.tried[0].then["expires"] == "never"
