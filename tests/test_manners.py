"""Every manner stands once in docs/manners.md, held by tests that exist or struck with a reason; some are held here."""

from __future__ import annotations

import ast
import re
import sys
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

ROOT = Path(__file__).parents[1]
SRC = ROOT / "src" / "crm_cli"
sys.path.insert(0, str(ROOT / "tools"))

import messages  # noqa: E402

from crm_cli.nouns import NOUNS  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

LETTERS = {"A": 9, "B": 11, "C": 10, "D": 14, "E": 10, "F": 6, "G": 6, "H": 6, "I": 9, "J": 7}
TABLE = re.findall(
    r"^\| ([A-J]\d+) \| (.+) \| (.+) \|$", (ROOT / "docs" / "manners.md").read_text("utf-8"), re.MULTILINE
)
DECISIONS = (ROOT / "docs" / "decisions.md").read_text("utf-8")
ERRORS = {"CrmError", "UsageError", "DataError", "BusyError", "MachineError"}


def test_every_manner_stands_in_the_table_once() -> None:
    assert [one for one, _says, _held in TABLE] == [
        f"{letter}{number}" for letter, last in LETTERS.items() for number in range(1, last + 1)
    ]


@pytest.mark.parametrize(("manner", "says", "held"), TABLE, ids=[one for one, *_rest in TABLE])
def test_a_manner_is_held_by_tests_that_exist_or_struck_with_a_reason(manner: str, says: str, held: str) -> None:
    assert len(says) > 5
    if held == "struck":
        assert re.search(rf"^- \*\*{manner}\*\*, .{{30,}}", DECISIONS, re.MULTILINE), "the reason is missing"
        return
    named = re.findall(r"`([^`]+)`", held)
    assert ", ".join(f"`{one}`" for one in named) == held
    for one in named:
        file, _colons, test = one.partition("::")
        assert (ROOT / file).is_file(), one
        assert test in names_in(ROOT / file) if test else file.endswith(".test"), one


def names_in(path: Path) -> set[str]:
    """Answer the names of the tests in a file."""
    found = ast.walk(ast.parse(path.read_text("utf-8")))
    return {node.name for node in found if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


# ── the errors ─────────────────────────────────────────────────────────────────────────────────────────────────────

MET_OTHERWISE = {  # sentences that no test repeats, and the test that meets them
    "the copy does not fit: {what}": "tests/ledger/test_repair.py::test_a_copy_that_went_another_way_is_refused",
    "the copy does not fit: this line follows another one than the copy has": (
        "tests/ledger/test_repair.py::test_a_copy_that_went_another_way_is_refused"
    ),
    "the ledger is damaged: {reason}": "tests/cli/test_records.py::test_a_damaged_line_stops_everybody_who_reads_it",
    "event {seq} is of a type or shape that this program does not know": (
        "tests/cli/test_records.py::test_a_newer_ledger_stops_writers_and_warns_readers"
    ),
    "{rule} no longer says what decisions of this office rest on": (
        "tests/cli/test_records.py::test_an_edition_that_decisions_rest_on_keeps_its_meaning"
    ),
    "the table {table} has no row for {{{facts}}}, which it calls impossible": (
        "tests/policy/test_book.py::test_impossible_facts_are_no_answer"
    ),
    "who looks after both goes by the order here": (
        "tests/rules/test_switches.py::"
        "test_r13_the_manager_names_who_looks_after_both_where_the_house_goes_by_the_order"
    ),
    "the manager names who looks after both": (
        "tests/rules/test_switches.py::"
        "test_r13_the_manager_names_who_looks_after_both_where_the_house_goes_by_the_order"
    ),
    "the ledger is shorter than it was: line {seq} is gone": (
        "tests/ledger/test_index.py::test_a_ledger_that_is_shorter_than_the_index"
    ),
    "the index cannot be read: {reason}": "tests/ledger/test_index.py::test_a_broken_page",
    "somebody writes the ledger without its lock": (
        "tests/ledger/test_journal.py::test_a_writer_without_the_lock_is_noticed"
    ),
    "a transaction takes more than {limit} bytes": "tests/ledger/test_journal.py::test_a_transaction_has_an_end",
    "an event takes more than {limit} bytes": "tests/ledger/test_line.py::test_the_longest_line",
    "an event has no field {name}": "tests/ledger/test_line.py::test_a_field_that_is_missing",
    "an event cannot be written: {reason}": "tests/ledger/test_line.py::test_what_cannot_be_a_line",
    "nothing was recorded, the disk took only a part: {reason}": (
        "tests/faults/test_storm.py::test_a_file_that_may_not_grow"
    ),
    "the disk failed to keep what was written, and the ledger is suspect": (
        "tests/faults/test_failing_disk.py::test_each_call_fails_once"
    ),
    "the machine refused: {reason}": "tests/ledger/test_journal.py::test_a_folder_that_cannot_be_made",
}


def said(node: ast.AST) -> Iterator[str]:
    """Answer the sentences for people in a piece of the program."""
    for one in ast.walk(node):
        if isinstance(one, ast.Call) and getattr(one.func, "id", "") == "_" and isinstance(one.args[0], ast.Constant):
            sentence = str(one.args[0].value)
            yield from [sentence] if re.search("[a-z]", sentence) else []


def error_sentences() -> dict[str, str]:
    """Answer what errors and findings say failed, each with the file where it is raised."""
    found: dict[str, str] = {}
    for path in sorted(SRC.rglob("*.py")):
        for function in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(function, ast.FunctionDef):
                found.update(dict.fromkeys(raised(function), path.name))
    return found


def raised(function: ast.FunctionDef) -> Iterator[str]:
    names: dict[str, list[str]] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            names.setdefault(node.targets[0].id, []).extend(said(node.value))
    for node in ast.walk(function):
        if not isinstance(node, ast.Call) or len(node.args) == 0:
            continue
        what = node.args[0] if getattr(node.func, "id", "") in ERRORS else None
        if getattr(node.func, "attr", "") == "error" and len(node.args) > 1:
            what = node.args[1]
        if what is not None:
            used = [one.id for one in ast.walk(what) if isinstance(one, ast.Name)]
            yield from (*said(what), *(text for name in used for text in names.get(name, ())))


def test_every_error_is_met_by_a_test() -> None:
    mine = Path(__file__)
    texts = [path.read_text("utf-8") for ext in ("test", "py", "yaml") for path in ROOT.glob(f"tests/**/*.{ext}")]
    spoken = "\n".join(text for text in texts if text != mine.read_text("utf-8"))
    sentences = error_sentences()
    assert len(sentences) > 100
    unmet = [one for one in sentences if one not in MET_OTHERWISE and longest_part(one) not in spoken]
    assert unmet == []
    assert set(MET_OTHERWISE) <= set(sentences), "what is no longer said needs no test"
    for one in MET_OTHERWISE.values():
        file, _colons, test = one.partition("::")
        assert test in names_in(ROOT / file), one


def longest_part(sentence: str) -> str:
    """Answer what of a sentence is the same whenever it is said."""
    return max(re.split(r"\{+[^}]*\}+", sentence), key=len).strip()


def test_errors_are_worded_alike() -> None:
    wrong = [one for one in error_sentences() if not re.fullmatch(r"[a-z{'\"-].*[^.。!\s]", one, re.DOTALL)]
    assert [one for one in wrong if not one.startswith(("YAML", "UTF", "JSON"))] == []


# ── what is never done ─────────────────────────────────────────────────────────────────────────────────────────────


def imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(str(node.module).split(".")[0])
    return found


def called(path: Path) -> set[str]:
    calls = [node.func for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
    return {getattr(func, "attr", getattr(func, "id", "")) for func in calls}


def test_one_place_asks_and_nothing_calls_home() -> None:
    for path in SRC.rglob("*.py"):
        assert not imported(path) & {"socket", "ssl", "http", "urllib", "requests", "httpx", "getpass"}, path.name
        asks = called(path) & {"input", "prompt", "confirm", "getpass"}
        assert asks <= ({"confirm"} if path.name == "asking.py" else set()), path.name


def test_only_what_the_user_names_is_run() -> None:
    runs = {path.name for path in SRC.rglob("*.py") if "subprocess" in imported(path)}
    assert runs <= {"streams.py", "notify.py"}, "the pager ($PAGER); what crm notify is told on its command line"
    for path in SRC.rglob("*.py"):
        assert not called(path) & {"system", "popen", "execv", "execvp", "spawnv", "eval", "exec"}, path.name


# ── what is shown ──────────────────────────────────────────────────────────────────────────────────────────────────


def headings() -> set[str]:
    """Answer every heading of a table."""
    found: set[str] = set()
    for path in SRC.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            passed = isinstance(node, ast.keyword) and node.arg == "headings"
            named = isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "headings"
            if passed or named or (isinstance(node, ast.FunctionDef) and node.name == "_figure_names"):
                found.update(said(node))
    return found


def test_headings_have_no_sign_of_doubtful_width() -> None:
    assert len(headings()) > 20
    for sentence in headings():
        for text in (sentence, *(messages.read(name)[sentence] for name in messages.LANGUAGES)):
            assert all(unicodedata.east_asian_width(sign) != "A" for sign in text), text


def test_every_command_has_its_line_among_the_changes() -> None:
    changes = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert [noun for noun in NOUNS if not re.search(rf"[`|]({noun}|crm {noun})\b", changes)] == []
