"""The board that is shown again and again: it follows the desk, and ends when somebody ends it."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
from typing import TYPE_CHECKING

import desk
from desk import crm

if TYPE_CHECKING:
    from pathlib import Path


def watched(office: Path, term: str) -> tuple[str, str]:
    """Answer a board and the one after it, as a terminal is written them; then Ctrl-C."""
    env = {"PATH": desk.PATH, "CRM_LANG": "en", "TERM": term, "CRM_OFFICE": str(office)}
    env["CRM_NOW"] = "2025-03-12T11:40+08:00"
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background would be born ignoring it
    ours, theirs = pty.openpty()
    with subprocess.Popen([desk.CRM, "rotate", "show", "--watch", "1"], stdout=theirs, stderr=theirs, env=env) as board:
        os.close(theirs)
        said = ""
        while said.count("person") < 2 or not said.endswith(("\n", "\x1b[J")):
            said += os.read(ours, 65536).decode()
        board.send_signal(signal.SIGINT)
        assert board.wait(10) in (0, 130), "between two looks it is the way out"
    os.close(ours)
    cut = said.rindex("day ") - (len("\x1b[H") if term != "dumb" else 0)
    return said[:cut], said[cut:]


def test_the_board_follows_the_desk(office: Path) -> None:
    env = {"PATH": desk.PATH, "CRM_LANG": "en", "CRM_NOW": desk.NOW, "CRM_OFFICE": str(office), "TERM": "dumb"}
    ours, theirs = pty.openpty()
    with subprocess.Popen([desk.CRM, "rotate", "show", "--watch", "1"], stdout=theirs, stderr=theirs, env=env) as board:
        os.close(theirs)
        said = ""
        while "next: 李娜" not in said:
            said += os.read(ours, 65536).decode()
        assert crm("rotate", "arrive", "客一", office=office).code == 0
        while "next: 张伟" not in said:
            said += os.read(ours, 65536).decode()
        board.terminate()
    os.close(ours)


def test_in_a_pipe_it_is_shown_once(office: Path) -> None:
    done = crm("rotate", "show", "--watch", "1", office=office)
    assert (done.code, done.out.count("next:")) == (0, 1)
