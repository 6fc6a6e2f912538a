"""A correction at a terminal is shown and asked about first; in a script it is made, also of a line of the same run."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from typing import TYPE_CHECKING

import desk
import pytest

if TYPE_CHECKING:
    from pathlib import Path

SLIP = ("correct", "8", "--void", "--reason", "登了两次")


@pytest.fixture
def office(staffed: Path, tmp_path: Path) -> Path:
    folder = desk.copied(staffed, tmp_path / "office")
    assert desk.crm("rotate", "arrive", "客一", office=folder).code == 0
    return folder


def typed(office: Path, answer: bytes, *words: str, **more: str) -> tuple[int, str]:
    """Answer the exit code of a command line typed at a terminal, and all that the terminal shows."""
    ours, theirs = pty.openpty()
    env = {"PATH": desk.PATH, "CRM_NOW": desk.NOW, "CRM_LANG": "en", "CRM_OFFICE": str(office), "TERM": "dumb", **more}
    with subprocess.Popen([desk.CRM, *words], env=env, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        os.write(ours, answer)
        shown = b""
        try:
            while block := os.read(ours, 4096):
                shown += block
        except OSError:
            pass  # the terminal is gone with the process
        process.wait()
    os.close(ours)
    return process.returncode, shown.decode()


def test_who_says_no_at_the_terminal_has_seen_what_would_follow_and_records_nothing(office: Path) -> None:
    before = desk.digest(office)
    code, shown = typed(office, b"n\n", *SLIP)
    assert code == 1
    assert "李娜 keeps the turn that was taken" in shown
    assert "nothing was recorded" in shown
    assert desk.digest(office) == before


def test_who_says_yes_records_it(office: Path) -> None:
    code, shown = typed(office, b"y\n", *SLIP)
    assert (code, "event 8 is void  #10" in shown) == (0, True)
    assert "void by event 10" in desk.crm("why", "8", office=office).out


@pytest.mark.parametrize("word", ["-y", "--yes", "-n"])
def test_nothing_is_asked_where_it_was_said_or_is_only_tried(office: Path, word: str) -> None:
    code, shown = typed(office, b"", *SLIP, word)
    assert (code, "record this?" in shown) == (0, False)


def test_a_script_is_asked_nothing_at_a_terminal_either(office: Path) -> None:
    code, shown = typed(office, b"", *SLIP, CRM_PLAIN="1")
    assert (code, "record this?" in shown) == (0, False)


def test_a_line_of_the_same_run_is_corrected_before_it_is_flushed(office: Path) -> None:
    lines = "rotate arrive 客二\ncorrect 10 --set client=客三 --reason 听错\ncorrect 10 --void --reason 没来\n"
    done = desk.crm("run", "-", "--json", "--flush-every", "100", office=office, stdin=lines.encode())
    assert done.code == 0, done.err
    verdicts = [json.loads(line)["answer"]["verdict"] for line in done.out.splitlines()]
    assert verdicts == ["assigned", "corrected", "corrected"]
    assert desk.crm("ledger", "verify", "--replay", office=office).code == 0
    assert json.loads(desk.crm("register", "owner", "客三", "--json", office=office).out)["owner"] is None


def test_the_same_key_corrects_once(office: Path) -> None:
    first = desk.crm(*SLIP, "--id", "slip-1", "--json", office=office)
    again = desk.crm(*SLIP, "--id", "slip-1", "--json", office=office)
    assert (first.code, again.code) == (0, 0)
    assert json.loads(first.out)["events"] == json.loads(again.out)["events"]
    other = desk.crm("correct", "8", "--void", "--reason", "另一个原因", "--id", "slip-1", office=office)
    assert other.code == 3
