from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import stat
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from crm_cli.errors import DataError, UsageError
from crm_cli.policy.book import Book, Cite
from crm_cli.policy.finding import PolicyError

from .house import HOUSE_WORDS, RULES, TOPIC, TOPICS, WORDS, write

if TYPE_CHECKING:
    from pathlib import Path

DAY = dt.date(2025, 6, 1)


def opened(folder: Path, cache: Path | None = None) -> Book:
    return Book.open(folder, "desk", [], TOPICS, cache)


def cite_of(folder: Path) -> Cite:
    return opened(folder).at(DAY).table("rotation", "turn", {"status": "private"}).cite


def test_a_table_answers_with_its_row(folder: Path) -> None:
    write(folder)
    hit = opened(folder).at(DAY).table("rotation", "turn", {"status": "private", "else": 1})
    assert hit.then == {"turn": "charge"}
    assert hit.facts == {"status": "private"}
    assert hit.cite.public() == {
        "policy": "rotation",
        "house": "desk",
        "edition": "2025-01-01",
        "rule": "turn",
        "row": "private",
        "article": "第1条",
        "ref": "000.3.1e",
    }
    assert hit.cite.text == f"desk/rotation@2025-01-01/turn#private:{hit.cite.hash[:8]}"


def test_numbers_flags_and_the_article_of_the_rule(folder: Path) -> None:
    write(folder)
    rules = opened(folder).at(DAY)
    hits = [rules.table("rotation", "receive", {"asked": "busy", "clerk": True, "waiting": n}) for n in (3, 4)]
    assert [hit.then["receive"] for hit in hits] == ["clerk", "tail"]
    assert [hit.cite.article for hit in hits] == ["第11条", "第11条"]


def test_what_was_answered_may_be_changed_by_who_asked(folder: Path) -> None:
    write(folder)
    rules = opened(folder).at(DAY)
    for _ in range(3):
        hit = rules.table("rotation", "turn", {"status": "private"})
        assert hit.then == {"turn": "charge"}
        hit.then["turn"] = "x"


@pytest.mark.parametrize(
    ("facts", "what"),
    [
        ({}, "the table turn was asked without the fact 'status'"),
        ({"status": "x"}, "'x' is no status that the table turn knows"),
        ({"status": 1}, "'1' is no status that the table turn knows"),
        ({"status": ["free"]}, "'['free']' is no status that the table turn knows"),
    ],
)
def test_facts_that_no_table_knows(folder: Path, facts: dict[str, Any], what: str) -> None:
    write(folder)
    with pytest.raises(DataError) as caught:
        opened(folder).at(DAY).table("rotation", "turn", facts)
    assert caught.value.what == what


def test_impossible_facts_are_no_answer(folder: Path) -> None:
    rules = RULES.replace(
        "    rows:\n      - {id: nobody", "    impossible: [{asked: none}]\n    rows:\n      - {id: nobody"
    )
    rules = "\n".join(line for line in rules.split("\n") if "id: nobody" not in line)
    write(folder, rules=rules)
    with pytest.raises(DataError, match="which it calls impossible"):
        opened(folder).at(DAY).table("rotation", "receive", {"asked": "none", "clerk": True, "waiting": 0})


def test_hit_all_answers_every_row(folder: Path) -> None:
    rules = RULES.replace(
        "    outputs: [turn]\n", "    outputs: [turn]\n    hit: all\n    otherwise: {then: {turn: serve}, ref: z}\n"
    )
    rules = rules.replace("{status: open}", "{status: [open, private]}").replace(
        "when: {status: free}", "when: {status: new}"
    )
    write(folder, rules=rules)
    ask = opened(folder).at(DAY)
    assert [hit.cite.row for hit in ask.hits("rotation", "turn", {"status": "private"})] == ["open", "private"]
    assert [hit.cite.row for hit in ask.hits("rotation", "turn", {"status": "free"})] == ["otherwise"]


def test_values(folder: Path) -> None:
    write(folder, rules=RULES.replace("shared: false", "shared: unset"))
    values, cite = opened(folder).at(DAY).values("rotation", "makeup")
    assert dict(values) == {"cap": None, "expires": "never", "who": ["manager", "clerk"]}
    assert cite.short == "makeup"
    with pytest.raises(DataError) as caught:
        assert values["shared"]
    assert caught.value.what == "makeup.shared is unset: the rulebook leaves it blank"
    assert caught.value.fix == "set makeup.shared in a policy of the office"
    with pytest.raises(KeyError):
        assert values["nothing"]


def test_may(folder: Path) -> None:
    write(folder, rules=RULES.replace("{act: open, by: [manager, clerk]}", "{act: open, by: nobody}"))
    rules = opened(folder).at(DAY)
    assert rules.may("rotation", "order", ["seller", "manager"])[0]
    assert not rules.may("rotation", "order", ["seller"])[0]
    assert not rules.may("rotation", "order", [])[0]
    assert rules.may("rotation", "status", [])[0]
    assert not rules.may("rotation", "status", ["manager", "clerk"])[0]
    assert not rules.may("rotation", "open", ["manager"])[0]
    assert rules.may("rotation", "order", [])[1].short == "may#order"


def test_words_and_labels(folder: Path) -> None:
    write(folder)
    book = opened(folder)
    assert list(book.words("status")) == ["free", "new", "open", "private"]
    assert book.words("status")["free"] == {"zh": "空闲", "en": "free"}
    assert book.words("turn") == {"serve": {}, "owe": {}, "charge": {}}
    assert list(book.words("role")) == ["manager", "clerk", "seller"]
    assert [book.word("status", typed) for typed in ("new", "因私", "receiving a new client")] == [
        "new",
        "private",
        "new",
    ]
    assert book.manager == "manager"
    assert book.title(cite_of(folder)) == {"zh": "轮值", "en": "Rotation"}
    with pytest.raises(UsageError) as caught:
        book.word("status", "privat")
    assert caught.value.what == "there is no status 'privat'"
    assert caught.value.fix == (
        "did you mean 'private'? The words are: free 空闲, new 接待新客户, open 接待未成交老客户, private 因私"
    )


def test_sources_are_the_texts_behind_a_topic(folder: Path) -> None:
    path = write(folder)
    assert opened(folder).sources("rotation") == {hashlib.sha256(path.read_bytes()).hexdigest(): path.read_bytes()}


def test_an_old_citation_is_found_only_while_it_means_the_same(folder: Path) -> None:
    path = write(folder)
    old = cite_of(folder)
    write(folder, edition="2025-03-01", rules=RULES.replace("{turn: owe}", "{turn: serve}"))
    assert opened(folder).resolve(old.text) == old
    path.write_text(path.read_text().replace("{turn: owe}", "{turn: serve}"))
    assert opened(folder).resolve(old.text) is None
    for text in ("", "x", "desk/other@2025-01-01/turn#a:00000000"):
        assert opened(folder).resolve(text) is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('says: "因公,以后补"', 'says: "别的"'),
        ("reading: 计一次", "reading: 别的"),
        ("title: {zh: 轮值, en: Rotation}", "title: {zh: 别的, en: Else}"),
        ("{id: free, when: {status: free}", "{id: free, when: {status: [free]}"),
    ],
)
def test_what_does_not_change_the_hash(folder: Path, old: str, new: str) -> None:
    path = write(folder)
    before = cite_of(folder).hash
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    assert cite_of(folder).hash == before
    (folder / "words.yaml").write_text(WORDS.replace("因私", "私事"))
    assert cite_of(folder).hash == before


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("{turn: owe}", "{turn: serve}"),
        ("article: 第7条", "article: 第8条"),
        ("000.3.1b", "000.3.1c"),
        ('["000.3.7a", "000.3.7b"]', '["000.3.7a"]'),
        ("{id: free,", "{id: idle,"),
        ("{status: free}", "{status: {not: [new, open, private]}}"),
        ("outputs: [turn]\n", "outputs: [turn]\n    article: 第9条\n"),
        ("outputs: [turn]\n", "outputs: [turn]\n    hit: first\n"),
    ],
)
def test_what_changes_the_hash(folder: Path, old: str, new: str) -> None:
    path = write(folder)
    before = cite_of(folder).hash
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))
    assert cite_of(folder).hash != before


def test_the_cache_answers_the_same_and_is_named_by_what_it_was_made_from(folder: Path, tmp_path: Path) -> None:
    path, cache = write(folder), tmp_path / "cache"
    first = opened(folder, cache).compiled("rotation")
    assert opened(folder, cache).compiled("rotation") == first == opened(folder).compiled("rotation")
    assert len(list(cache.iterdir())) == 1
    path.write_text(path.read_text().replace("计一次", "算一次"))
    opened(folder, cache).compiled("rotation")
    (folder / "desk" / "words.yaml").write_text(HOUSE_WORDS.replace("内勤", "文员"))
    assert opened(folder, cache).word("role", "文员") == "clerk"
    other = dataclasses.replace(TOPIC, asks={**TOPIC.asks, "more": TOPIC.asks["makeup"]})
    with pytest.raises(PolicyError, match="the params 'more' is missing"):
        Book.open(folder, "desk", [], {"rotation": other}, cache).compiled("rotation")
    assert len(list(cache.iterdir())) == 3


@pytest.mark.parametrize("garbage", [b"", b"\x00\xff", b"[]", b'{"format": 0}', b'{"format": 1, "topic": {}}'])
def test_a_broken_cache_is_made_again(folder: Path, tmp_path: Path, garbage: bytes) -> None:
    write(folder)
    first = opened(folder, tmp_path / "cache").compiled("rotation")
    (path,) = (tmp_path / "cache").iterdir()
    path.write_bytes(garbage)
    assert opened(folder, tmp_path / "cache").compiled("rotation") == first
    assert opened(folder, tmp_path / "cache").compiled("rotation") == first
    assert path.read_bytes() != garbage


def test_a_cache_that_cannot_be_written_is_no_reason_to_stop(folder: Path, tmp_path: Path) -> None:
    write(folder)
    (tmp_path / "file").write_text("")
    assert opened(folder, tmp_path / "file").compiled("rotation")["segments"]
    closed = tmp_path / "closed"
    closed.mkdir()
    closed.chmod(stat.S_IRUSR | stat.S_IXUSR)
    assert opened(folder, closed).compiled("rotation")["segments"]


def test_an_error_carries_all_findings(folder: Path) -> None:
    write(folder, rules=RULES.replace("{status: private}", "{status: privat}").replace("cap: none", "cap: many"))
    with pytest.raises(PolicyError) as caught:
        opened(folder).compiled("rotation")
    error = caught.value
    assert error.exit == 3
    assert error.where == "policies/desk/rotation@2025-01-01.yaml:14:38"
    assert error.what == "'privat' is not a status (free, new, open, private); did you mean 'private'?"
    assert error.excerpt.endswith("^^^^^^")
    assert [found.text.partition("yaml:")[2] for found in error.findings] == [
        "14:38: error: 'privat' is not a status (free, new, open, private); did you mean 'private'?",
        "28:19: error: cap is a number or none",
    ]


def test_a_compiled_policy_is_read_without_yaml(folder: Path, tmp_path: Path) -> None:
    write(folder)
    opened(folder, tmp_path / "cache").compiled("rotation")
    program = f"""
import sys
sys.path.insert(0, {str(folder.parent)!r})
from pathlib import Path
import datetime
from crm_cli.policy.book import Book
from policy.house import TOPICS
book = Book.open(Path({str(folder)!r}), "desk", [], TOPICS, Path({str(tmp_path / "cache")!r}))
book.at(datetime.date(2025, 6, 1)).table("rotation", "turn", {{"status": "free"}})
print(sorted({{"yaml", "difflib", "crm_cli.policy.compiler", "crm_cli.rules"}} & set(sys.modules)))
"""
    tests = str(__file__).rpartition("/policy/")[0]
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env={"PYTHONPATH": tests}
    )
    assert done.stdout == "[]\n"
