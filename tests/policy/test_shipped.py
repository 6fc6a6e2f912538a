"""What is shipped: proved, tested row by row, played in stories, and every single change of its meaning noticed."""

from __future__ import annotations

import atexit
import itertools
import shutil
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from crm_cli.cli import perform
from crm_cli.commands.session import Session
from crm_cli.commands.stories import Player
from crm_cli.errors import DataError
from crm_cli.policy.ask import CaseRule, TableRule
from crm_cli.policy.book import Book
from crm_cli.policy.check import check
from crm_cli.policy.finding import Findings, Place
from crm_cli.policy.suite import failures, run
from crm_cli.policy.testfile import Step, Story, Suite, load
from crm_cli.policy.vocabulary import May, Params, Table
from crm_cli.rules.topics import TOPICS

from .mutants import dumped, loaded, mutants

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .mutants import Loaded, Mutant

POLICIES = Path(__file__).parents[2] / "policies"
FILES = sorted(POLICIES.glob("*/*@*.yaml"))
EDITIONS = [path for path in FILES if path.name.partition("@")[0] in TOPICS]  # of topics that Python asks
OF_CASES = [path for path in FILES if path not in EDITIONS]  # of topics that houses invent
SUITES = sorted(POLICIES.glob("*/*.tests.yaml"))
HOUSES = sorted({path.parent.name for path in FILES})
HITS = ("unique", "first", "all")


def topic_of(path: Path) -> str:
    return path.name.partition("@")[0].removesuffix(".tests.yaml")


@cache
def plain(edition: Path) -> Loaded:
    return loaded(edition)


@cache
def suite_of(path: Path) -> Suite:
    found = Findings()
    suite = load(path, path.name, found)
    found.stop()
    return suite


def short_tests(edition: Path) -> Suite:
    return suite_of(edition.with_name(f"{topic_of(edition)}.tests.yaml"))


def stories() -> Iterator[Any]:
    """Answer the stories of topics that Python asks; those of cases are played where their rows are met."""
    for path in SUITES:
        for story in suite_of(path).stories if topic_of(path) in TOPICS else ():
            yield pytest.param(path.parent.name, story, id=f"{topic_of(path)}:{story.name}")


def rules() -> Iterator[Any]:
    for path in EDITIONS:
        asked = [name for name, rule in plain(path).get("rules", {}).items() if rule["kind"] != "penalty"]
        for name in asked:  # what facts cost is played in stories
            yield pytest.param(path, name, id=f"{path.parent.name}/{path.stem}/{name}")


def test_the_checker_finds_nothing_in_what_is_shipped() -> None:
    assert [finding.text for finding in check(POLICIES, HOUSES[0], [], TOPICS)] == []  # it looks at every house


@pytest.mark.parametrize("edition", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_short_test_passes_and_every_row_is_reached_by_one(edition: Path) -> None:
    report = run(opened(edition.parent.name), topic_of(edition), TOPICS)
    assert [result for result in report.results if not result.passed] == []
    assert report.unexercised == []
    assert report.results or (edition in OF_CASES and report.stories)


@pytest.mark.parametrize("edition", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_short_test_says_what_is_answered_and_on_which_article(edition: Path) -> None:
    bare = [test.name for test in short_tests(edition).tests if not test.then or set(test.told) < {"cites", "article"}]
    assert bare == []
    assert all("ref" in test.told for test in short_tests(edition).tests)


@pytest.mark.parametrize("path", SUITES, ids=lambda path: f"{path.parent.name}/{topic_of(path)}")
def test_no_two_tests_of_a_file_share_a_name(path: Path) -> None:
    names = [test.name for test in suite_of(path).tests] + [story.name for story in suite_of(path).stories]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize(("house", "story"), list(stories()))
def test_a_story_played_through_the_program_ends_as_told(house: str, story: Story) -> None:
    assert watcher(house).play(story) == []


class Watcher(Player):
    """Plays stories, and notes every row that an answer cites and every duty that one shows."""

    rows: set[tuple[str, str | None]]

    def _line(self, office: Any, line: str, now: str, *, must: bool) -> tuple[Any, int]:
        answer, code = super()._line(office, line, now, must=must)
        self.rows |= {(cite["rule"], cite["row"]) for cite in answer.data.get("cites", ())}
        owed = [*answer.data.get("clocks", ()), *answer.data.get("open_duties", ())]
        self.rows |= {("", f"duty.{duty['name']}") for duty in owed if isinstance(duty, dict) and "name" in duty}
        return answer, code


def watcher(house: str) -> Watcher:
    """Answer who plays the stories of a house, and has noted nothing yet."""
    player = of_house(house)
    player.rows = set()
    return player


@cache
def of_house(house: str) -> Watcher:
    folder = Path(tempfile.mkdtemp(prefix="crm-"))
    atexit.register(shutil.rmtree, folder)
    return Watcher(Session(say=lambda _text: None, perform=perform), POLICIES, house, [], folder)


def noticed(book: Book, topic: str, rule: str, edition: Path) -> bool:
    """Answer whether the checker or a short test sees the difference; a cell that alters no answer is redundant."""
    meant = shipped(edition)[rule]
    try:
        now = book.rules(topic, book.last_day(topic))[rule]
    except (DataError, KeyError):
        return True
    assert now.compiled["hash"] != meant.compiled["hash"], "the change is none of meaning"
    own = [test for test in short_tests(edition).tests if test.rule == rule]
    return any(failures(test, topic, book, set()) for test in own) or alike(now, meant)


@cache
def opened(house: str) -> Book:
    return Book.open(POLICIES, house, (), TOPICS, None)


@cache
def shipped(edition: Path) -> dict[str, Any]:
    book = opened(edition.parent.name)
    return book.rules(topic_of(edition), book.last_day(topic_of(edition)))


def alone(folder: Path, edition: Path, rule: str, changed: Loaded) -> Book:
    """Answer a rulebook of one rule, which the checker and the short tests look at by itself."""
    (folder / edition.parent.name / edition.name).write_text(dumped({**plain(edition), "rules": {rule: changed}}))
    topics = {name: replace(topic, asks={}) for name, topic in TOPICS.items()}
    whole = TOPICS[topic_of(edition)]
    topics[whole.name] = replace(whole, asks={rule: whole.asks[rule]})
    return Book.open(folder, edition.parent.name, (), topics, None)


def alike(one: Any, other: Any) -> bool:
    """Answer whether two tables give every question the same rows and answers: then a cell was redundant."""
    return isinstance(one, TableRule) and isinstance(other, TableRule) and answers(one) == answers(other)


def answers(table: TableRule) -> list[Any]:
    inputs = table.compiled["inputs"]
    facts = (dict(zip(inputs, words, strict=True)) for words in itertools.product(*inputs.values()))
    return [[(hit.then, hit.cite.row) for hit in table.ask_all(one)[:1]] for one in facts]


def changes(edition: Path, rule: str) -> Iterator[Mutant]:
    """Answer a rule with one thing changed, in every way: its cells and values, and what stands around them."""
    whole, topic = plain(edition)["rules"][rule], TOPICS[topic_of(edition)]
    for what, mutated in mutants({"rules": {rule: whole}}, topic):
        yield what, mutated["rules"][rule]
    yield from more(whole, topic.asks[rule], edition.parent.name)


def more(rule: Loaded, ask: Any, house: str) -> Iterator[Mutant]:
    """Answer the hit, an exception dropped, rows in another order, acts in other rows, roles and words added."""
    words = opened(house).words
    if isinstance(ask, Table):
        yield from of_a_table(rule)
    elif isinstance(ask, May):
        yield from of_a_may(rule, list(words("role")))
    elif isinstance(ask, Params):
        for key, kind in ask.values.items():
            for word in words(kind.removeprefix("list of ")) if kind.startswith("list of ") else ():
                if word not in rule["values"][key]:
                    value = [*rule["values"][key], word]
                    yield f".{key} with {word}", {**rule, "values": {**rule["values"], key: value}}


def of_a_table(rule: Loaded) -> Iterator[Mutant]:
    hit = rule.get("hit", HITS[0])
    for other in HITS:
        if other != hit:
            yield f" hit: {other}", {**rule, "hit": other}
    if "impossible" in rule:
        yield " without impossible", {key: value for key, value in rule.items() if key != "impossible"}
    rows = rule["rows"]
    for at in range(len(rows) - 1) if hit == "first" else ():
        swapped = [*rows[:at], rows[at + 1], rows[at], *rows[at + 2 :]]
        yield f"#{rows[at]['id']} after {rows[at + 1]['id']}", {**rule, "rows": swapped}
    for at, row in enumerate(rows):
        yield f"#{row['id']} renamed", {**rule, "rows": [*rows[:at], {**row, "id": f"{row['id']}x"}, *rows[at + 1 :]]}


def of_a_may(rule: Loaded, roles: list[str]) -> Iterator[Mutant]:
    rows = rule["rows"]
    for at, row in enumerate(rows):
        for role in roles:
            if row["by"] != "anyone" and role not in row["by"]:
                wider = {**row, "by": [*row["by"], role]}
                yield f"#{row['id']}.by with {role}", {**rule, "rows": [*rows[:at], wider, *rows[at + 1 :]]}
            barred = {**row, "not": [role]}
            yield f"#{row['id']}.not: {role}", {**rule, "rows": [*rows[:at], barred, *rows[at + 1 :]]}
        for act in row["act"]:
            yield from (moved(rule, act, row["id"], other["id"]) for other in rows if other is not row)
            yield moved(rule, act, row["id"], "")


def moved(rule: Loaded, act: str, source: str, target: str) -> Mutant:
    rows = []
    for row in rule["rows"]:
        acts = [one for one in row["act"] if one != act] if row["id"] == source else list(row["act"])
        rows.append({**row, "act": [*acts, act] if row["id"] == target else acts})
    return f"#{source}.act {act} to {target or 'nowhere'}", {**rule, "rows": [row for row in rows if row["act"]]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Answer a folder with the words that every house adds, but for those of cases, and no rules."""
    for path in POLICIES.glob("*/words.yaml"):
        target = tmp_path / "policies" / path.relative_to(POLICIES)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(without_cases(path), "utf-8")
    return tmp_path / "policies"


@cache
def without_cases(path: Path) -> str:
    """Answer the words of a house without what it calls its cases, which rules that Python asks say nothing of."""
    words = loaded(path)
    labels = {name: one for name, one in words.get("labels", {}).items() if not name.startswith("case_")}
    return dumped({**words, "labels": labels} if labels else {name: words[name] for name in words if name != "labels"})


@pytest.mark.parametrize(("edition", "rule"), list(rules()))
def test_any_single_change_of_meaning_fails_the_checker_or_a_short_test(edition: Path, rule: str, folder: Path) -> None:
    topic = topic_of(edition)
    tried = {
        what: noticed(alone(folder, edition, rule, changed), topic, rule, edition)
        for what, changed in changes(edition, rule)
    }
    assert [what for what, seen in tried.items() if not seen] == []
    assert tried


@pytest.mark.parametrize(("edition", "rule"), list(rules()))
def test_a_rule_without_a_change_passes_its_short_tests(edition: Path, rule: str, folder: Path) -> None:
    book = alone(folder, edition, rule, plain(edition)["rules"][rule])
    own = [test for test in short_tests(edition).tests if test.rule == rule]
    assert own
    assert not any(failures(test, topic_of(edition), book, set()) for test in own)


def told_otherwise(rule: CaseRule) -> set[str]:
    """Answer the rows that no answer cites: of who merges speaks the step `merge`, of a period the calendar."""
    effects = [effect for step in rule.compiled["steps"].values() for effect in step["then"]]
    return {"period", *(effect["row"] for effect in effects if effect["do"] == "merge")}


@pytest.mark.parametrize("edition", OF_CASES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_story_of_cases_ends_as_told_and_every_row_is_met_in_one(edition: Path) -> None:
    player = watcher(edition.parent.name)
    wrong = {story.name: player.play(story) for story in short_tests(edition).stories}
    assert {name: what for name, what in wrong.items() if what} == {}
    missed = [
        cite.short
        for name, rule in shipped(edition).items()
        if isinstance(rule, CaseRule)
        for cite in rule.cites()
        if cite.row is not None and cite.row not in told_otherwise(rule)
        if player.rows.isdisjoint({(name, cite.row), ("", ".".join(cite.row.split(".")[:2]))})
    ]
    assert missed == []


@pytest.mark.parametrize("edition", EDITIONS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_removed_rule_fails_the_checker(edition: Path, tmp_path: Path) -> None:
    copy, whole = tmp_path / "policies", plain(edition)
    shutil.copytree(POLICIES, copy)
    for rule in set(whole["rules"]) - TOPICS[topic_of(edition)].optional:
        rest = {name: one for name, one in whole["rules"].items() if name != rule}
        (copy / edition.parent.name / edition.name).write_text(dumped({**whole, "rules": rest}))
        with pytest.raises(DataError):
            Book.open(copy, edition.parent.name, (), TOPICS, None).compiled(topic_of(edition))


def told(when: list[str]) -> Story:
    added = "staff add 甲 --role salesperson"
    return Story("x", [added], [Step(when, None)], {"staff": [{}, {"name": "甲"}]}, Place("x"))


def test_a_story_with_a_mistake_in_a_line_before_the_last_fails() -> None:
    player = watcher("sales-office")
    assert player.play(told(["staff list"])) == []
    assert player.play(told(["staff ad 乙", "staff list"])) != []


def test_a_story_goes_on_after_a_line_that_the_rulebook_refuses() -> None:
    player = watcher("sales-office")
    assert player.play(told(["staff add 乙 --role salesperson --by 甲", "staff list"])) == []
