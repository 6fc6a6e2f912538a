"""The shape of the program: which folder may import which, what rules may touch, what a hot command loads."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
SRC = ROOT / "src" / "crm_cli"
HEAVY = {
    "chinese_calendar",
    "holidays",
    "yaml",
    "rich",
    "tabulate",
    "pydantic",
    "wcwidth",
    "_hashlib",
}  # _hashlib brings OpenSSL
LEAVES = {"digest", "errors", "language", "past", "names", "columns", "clock", "shipped", "nouns", "bulk", "__init__"}
ARROWS = {
    "cli": {"commands", "render", "settings"},
    "__main__": {"cli"},
    "commands": {
        "commands",
        "rules",
        "identity",
        "office",
        "glance",
        "render",
        "policy",
        "ledger",
        "settings",
        "outbox",
        "calendars",
        "worktime",
        "sheets",
    },
    "outbox": {"ledger"},
    "office": {"calendars", "memory", "policy", "ledger", "rulebooks", "rules", "settings", "worktime"},
    "rulebooks": {"calendars", "ledger", "memory", "policy", "rules", "settings"},
    "memory": {"ledger", "rules"},
    "glance": {"memory", "policy", "ledger", "rules", "settings"},
    "settings": {"policy", "calendars"},
    "calendars": {"calendars", "policy", "settings", "worktime"},
    "rules": {"rules", "policy", "identity", "worktime"},
    "worktime": {"worktime"},
    "identity": {"identity"},
    "sheets": {"sheets"},
    "policy": {"policy", "worktime"},
    "ledger": {"ledger"},
    "render": {"render"},
}
FILES = sorted(SRC.rglob("*.py"))
RULES = sorted((SRC / "rules").rglob("*.py"))


def room(path: Path) -> str:
    """Answer the folder or module of the program that a file belongs to."""
    return path.relative_to(SRC).parts[0].removesuffix(".py")


def imports(path: Path) -> set[str]:
    """Answer the modules of the program, and others by their full names, that a file imports anywhere."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module == "crm_cli":
            found |= {f"crm_cli.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(str(node.module))
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SRC)))
def test_arrows_point_one_way(path: Path) -> None:
    mine = {module.split(".")[1] for module in imports(path) if module.startswith("crm_cli.")}
    allowed = ARROWS.get(room(path), set()) | LEAVES | {"__version__"}
    assert mine <= allowed, f"{path.name} imports {mine - allowed}"


@pytest.mark.parametrize("path", RULES, ids=lambda path: str(path.relative_to(SRC)))
def test_rules_touch_no_file_clock_chance_terminal_or_database(path: Path) -> None:
    assert not {module.split(".")[0] for module in imports(path)} & {
        "os", "io", "pathlib", "random", "secrets", "time", "sqlite3", "sys", "typer", "rich", "subprocess", "shutil",
    }  # fmt: skip
    called = [node.func for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
    names = {func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "") for func in called}
    assert not names & {"open", "print", "input", "now", "utcnow", "today", "machine"}


def literals() -> dict[str, str]:
    """Answer every string of the program, with the file it stands in."""
    found = {}
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found[node.value] = str(path.relative_to(SRC))
    return found


def test_no_string_is_the_name_of_a_house() -> None:
    houses = {path.name for path in (ROOT / "policies").iterdir() if path.is_dir()}
    assert houses
    assert not {literals()[house] for house in houses & set(literals())}


def test_no_word_that_only_a_house_knows_stands_in_the_program() -> None:
    from crm_cli.rules.topics import TOPICS

    own = {word for topic in TOPICS.values() for name, words in topic.words.items() for word in (name, *_words(words))}
    strings = set(literals()) - {"statement"}  # a command, too
    for house in _words_of_houses():
        plain = [words for name, words in house["labels"].items() if not name.startswith("case_")]
        added = {word for words in plain for word in words} | set(house["roles"])
        labels = {text for words in (*plain, house["roles"]) for texts in words.values() for text in texts.values()}
        assert not (added - own - {house.get("manager")}) & strings
        assert not labels & strings


def test_no_word_of_a_houses_cases_stands_in_what_runs_them() -> None:
    from crm_cli.nouns import VERBS
    from crm_cli.policy.case.keys import PLACES, RESERVED
    from crm_cli.policy.case.world import TYPES
    from crm_cli.rules.fold import CASES

    rooms = ("rules/case", "policy/case", "policy/case_check", "commands/case")
    strings = {text for text, where in literals().items() if where.startswith(rooms)}
    form = {key for keys in PLACES.values() for key in keys} | {*RESERVED, *CASES, *VERBS}
    form |= {"case", "cases", "recorded", "level", *TYPES, "copy", "over", "source"}
    form |= {"approve", "permit"}  # verbs that the form asks not_by of
    for house in _words_of_houses():
        cases = [words for name, words in house["labels"].items() if name.startswith("case_")]
        assert not ({word for words in cases for word in words} - form) & strings
        assert not {texts["zh"] for words in cases for texts in words.values()} & strings


def _words_of_houses() -> list[dict[str, Any]]:
    import yaml

    houses = [yaml.safe_load(path.read_text("utf-8")) for path in (ROOT / "policies").glob("*/words.yaml")]
    assert houses
    return houses


def _words(words: object) -> tuple[str, ...]:
    return words if isinstance(words, tuple) else ()


def test_the_program_ends_in_one_place_only() -> None:
    ends = {
        path.name
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if (
            isinstance(node, ast.Attribute)
            and node.attr in ("exit", "_exit")
            and getattr(node.value, "id", "") in ("sys", "os")
        )
        or (isinstance(node, ast.Raise) and "SystemExit" in ast.dump(node))
    }
    assert ends == {"cli.py"}


def test_a_hot_command_loads_nothing_heavy(tmp_path: Path) -> None:
    office = tmp_path / "office"
    crm = [sys.executable, "-m", "crm_cli"]
    subprocess.run(
        [*crm, "init", str(office), "--profile", _a_house(), "--manager", "M"], check=True, capture_output=True
    )
    hot = [*crm, "-C", str(office), "rotate", "next"]
    subprocess.run(hot, check=True, capture_output=True)
    done = subprocess.run(
        hot, check=True, capture_output=True, text=True, env={**os.environ, "PYTHONPROFILEIMPORTTIME": "1"}
    )
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}
    assert "crm_cli.rules.rotate" in loaded
    assert not {module.split(".")[0] for module in loaded} & HEAVY
    assert "crm_cli.worktime" not in loaded


def _a_house() -> str:
    return min(path.parent.name for path in ROOT.glob("policies/*/rotation@*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SRC)))
def test_files_are_one_room(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= 420
