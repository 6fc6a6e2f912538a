"""Policies and records that are wrong: the place, the words, the fix, and the office as it was."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import desk
import pytest
from desk import crm

from crm_cli.ledger.line import encode

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ARRIVE = ("rotate", "arrive", "客一")
PLACE = r"crm: (?P<file>[^:\n]+):\d+:\d+: "


def policy(office: Path, topic: str = "rotation") -> Path:
    """Answer the file of a topic of the office's house."""
    return next((office / "policies" / desk.HOUSE).glob(f"{topic}@*.yaml"))


def mended(path: Path, change: Callable[[str], str]) -> None:
    """Change the text of a file; the change must change something."""
    text = path.read_text("utf-8")
    assert change(text) != text
    path.write_text(change(text), "utf-8")


def add_line(office: Path, **fields: object) -> None:
    """Add a well-formed line to the ledger, as another program would."""
    path = next((office / "ledger").glob("*.jsonl"))
    last = json.loads(desk.lines(office)[-1])
    event = {"happened": last["happened"], "type": "staff.added", "v": 1, "actor": desk.MANAGER, "data": {}, "more": 0}
    event |= {"seq": last["seq"] + 1, "logged": last["logged"], **fields}
    with path.open("ab") as file:
        file.write(encode(event, last["hash"])[0])


MISTAKES = {
    "a key with a typo": lambda text: text.replace("    hit: first\n", "    hitt: first\n", 1),
    "a key twice": lambda text: text.replace("    kind: table\n", "    kind: table\n    kind: table\n", 1),
    "a word with a typo": lambda text: text.replace("receiver: turn,", "receiver: trun,", 1),
    "no such date": lambda text: text.replace("edition: 2025-01-01", "edition: 2025-02-30", 1),
    "a gap": lambda text: "".join(
        line for line in text.splitlines(keepends=True) if "{id: private, when: {status: private}" not in line
    ),
    "not YAML": lambda text: text.replace("rules:\n", "rules: [\n", 1),
    "a tab": lambda text: text.replace("rules:\n", "rules:\n\t- x\n", 1),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_wrong_policy_stops_who_needs_it_and_is_shown(office: Path, mistake: str) -> None:
    import re

    mended(policy(office), MISTAKES[mistake])
    before = desk.digest(office)
    done = crm(*ARRIVE, office=office)
    assert done.code == 3, done.err
    first, *_rest, fix = done.err.splitlines()
    assert re.match(PLACE, first), done.err
    assert re.match(PLACE, first)["file"].endswith(policy(office).name)  # type: ignore[index]
    assert fix.startswith("  fix: ")
    assert done.out == ""
    error = json.loads(crm(*ARRIVE, "--json", office=office).err)
    assert set(error) == {"error", "where", "fix", "exit"}
    assert error["where"].count(":") == 2
    assert "客一" not in done.err
    assert desk.digest(office) == before
    listed = crm("policy", "check", office=office)
    assert listed.code != 0
    assert policy(office).name in listed.out + listed.err


def test_no_policy_of_the_day_is_told(office: Path) -> None:
    done = crm(*ARRIVE, "--at", "2024-06-03T09:00+08:00", office=office)
    assert (done.code, "2024-06-03" in done.err) == (3, True), done.err
    policy(office).unlink()
    done = crm(*ARRIVE, office=office)
    assert (done.code, "  fix: " in done.err) == (3, True), done.err


def test_an_edition_that_decisions_rest_on_keeps_its_meaning(office: Path) -> None:
    assert crm(*ARRIVE, office=office).code == 0
    change = "receiver: turn, count: turn}, article: 第9条"
    mended(policy(office), lambda text: text.replace(change, change.replace("count: turn", "count: extra")))
    before = desk.digest(office)
    done = crm("rotate", "arrive", "客二", office=office)
    assert done.code == 3, done.err
    assert done.err.startswith(f"crm: policies/{desk.HOUSE}/{policy(office).name}: ")
    assert "no longer says what decisions of this office rest on" in done.err
    assert "  fix: put the old text back" in done.err
    assert desk.digest(office) == before
    assert crm("rotate", "show", office=office).code == 0


def test_words_that_change_no_meaning_may_be_changed(office: Path) -> None:
    assert crm(*ARRIVE, office=office).code == 0
    mended(policy(office), lambda text: text.replace("其余都按次序，轮到谁谁接", "其余按次序"))
    assert crm("rotate", "arrive", "客二", office=office).code == 0


NEWER = ({"type": "moon.landed"}, {"v": 99, "data": {"name": "甲", "roles": ["clerk"]}})


@pytest.mark.parametrize("fields", NEWER, ids=["type", "version"])
@pytest.mark.parametrize("cached", [True, False], ids=["index", "no index"])
def test_a_newer_ledger_stops_writers_and_warns_readers(
    office: Path, fields: dict[str, object], *, cached: bool
) -> None:
    add_line(office, **fields)
    if not cached:
        shutil.rmtree(office / ".cache")
    before = desk.digest(office)
    for _again in range(2):
        for words in (("staff", "list"), ("rotate", "next"), ("rotate", "show", "--json")):
            done = crm(*words, office=office)
            assert (done.code, bool(done.out)) == (0, True), done.err
            assert done.err == "crm: event 8 is of a newer program and is passed over\n"
        writers: list[tuple[str, ...]] = [
            ARRIVE,
            (*ARRIVE, "-n"),
            ("staff", "add", "甲", "--role", "clerk", "--id", "x"),
        ]
        for writer in writers:
            done = crm(*writer, office=office)
            assert done.code == 3, done.err
            assert "\n  fix: use the newer program that wrote it" in done.err
            assert (
                f"crm: ledger/{next((office / 'ledger').glob('*.jsonl')).name}:9: event 8 is of a type or shape"
                in done.err
            )
        done = crm("run", "-", office=office, stdin="staff list\nrotate arrive 客一\n".encode())
        assert done.code == 3
    assert desk.digest(office) == before


def test_a_damaged_line_stops_everybody_who_reads_it(office: Path) -> None:
    path = next((office / "ledger").glob("*.jsonl"))
    path.write_bytes(path.read_bytes().replace("张伟".encode(), "张韦".encode(), 1))
    shutil.rmtree(office / ".cache")
    before = desk.digest(office)
    for words in (("rotate", "next"), ARRIVE, ("log",), ("rotate", "next", "--json")):
        done = crm(*words, office=office)
        assert done.code == 3, (words, done)
        assert f"ledger/{path.name}:4" in done.err
    error = json.loads(crm("rotate", "next", "--json", office=office).err)
    assert set(error) == {"error", "where", "fix", "exit"}
    assert error["fix"]
    verified = crm("ledger", "verify", office=office)
    assert (verified.code, f"ledger/{path.name}:4" in verified.out) == (3, True)
    assert desk.digest(office) == before


def test_a_torn_last_line_is_put_away_by_the_next_writer(office: Path) -> None:
    path = next((office / "ledger").glob("*.jsonl"))
    with path.open("ab") as file:
        file.write(b'{"seq":8,"logged":"20')
    assert crm("rotate", "next", office=office).code == 0
    assert crm(*ARRIVE, office=office).code == 0
    assert crm("ledger", "verify", office=office).code == 0
    assert list((office / "ledger" / "quarantine").iterdir())


def test_no_customer_is_named_in_any_error(office: Path) -> None:
    secret = "欧阳锋"
    crm("rotate", "arrive", secret, "--id", "k", office=office)
    tries = [
        ("rotate", "arrive", secret, "more"),
        ("rotate", "arrive", secret, "--nonsense"),
        ("rotate", "arrive", "客二", "--same-as", secret),
        ("rotate", "arrive", f"{secret}\n"[:-1] + "\x01"),
        ("rotate", "arrive", secret * 40),
        ("rotate", "arrive", "客二", "--id", "k"),
        ("rotate", "miss", secret, "--reason", "lazy"),
        ("rotate", "hand-over", secret + "二", "--to", "李娜"),
        ("rotate", "redirect", secret, "--to", "无名"),
        ("register", "owner", secret + "二"),
        ("register", "add", secret, "--to", "无名", "--kind", "visit"),
        ("register", "link", secret, "--same-as", secret, "--relation", "family"),
        ("log", "--subject", secret + "二"),
        ("rotate", "arrive", secret, "--by", "无名"),
        ("rotate", "arrive", secret, "--now", "x"),
    ]
    for number, words in enumerate(tries):
        done = crm(*words, *(("--json",) if number % 2 else ()), office=office)
        assert done.code in (2, 3), (words, done)
        assert secret not in done.err, words
        assert done.out == ""


def test_a_bug_shows_no_customer_and_no_values(office: Path, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import crm_cli.rules.rotate as r\n"
        "import crm_cli.rules.fold as f\n"
        "def broken(past, policy, asked, now): raise ValueError(asked['handle'])\n"
        "f.RULES['rotate'] = broken\n"
    )
    done = crm("rotate", "arrive", "欧阳锋", office=office, env={"PYTHONPATH": str(tmp_path)})
    assert done.code == 70
    assert done.err.startswith("crm: this is a bug in crm: ValueError\n")
    assert "欧阳锋" not in done.err
    assert done.err.splitlines()[-1].startswith("  fix: ")
