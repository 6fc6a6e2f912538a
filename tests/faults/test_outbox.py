"""Whatever fails while items are handed on, and whenever: each is handed on, and only what was not taken waits."""

from __future__ import annotations

import json
import shutil
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from harness import WAYS, Fault, Killed

from crm_cli import cli, outbox
from crm_cli.commands import notify
from crm_cli.errors import CrmError
from crm_cli.ledger import disk
from crm_cli.ledger.journal import Journal
from crm_cli.ledger.verify import verify
from crm_cli.outbox import Outbox, State

sys.path.append(str(Path(__file__).parents[1] / "cli"))

import desk

if TYPE_CHECKING:
    from collections.abc import Callable

LATER = "2025-03-10T08:00+08:00"
ITEMS = {"8", "9"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    office = desk.staffed(tmp_path_factory.mktemp("made") / "office")
    assert desk.crm("tick", office=office, env={"CRM_NOW": LATER}).code == 0
    return office


def run(office: Path, program: Callable[[str], str], *, retry: bool = False) -> int | None:
    """Answer the exit code of a run that hands each item to a function; None where it was killed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CRM_NOW", LATER)
        patch.setattr(notify, "handed", lambda _words, item, _office, _timeout: program(item["event"]))
        try:
            return cli.run(["-C", str(office), "notify", "--exec", "it", "-q", *(["--retry"] if retry else [])])
        except Killed:
            return None


def attempt(office: Path, fault: Fault, refused: str = "") -> list[str]:
    """Answer which items were taken, in order, by a run that meets a fault and by two that do not."""
    taken: list[str] = []

    def program(event: str) -> str:
        if event == refused:
            return "exit 1"
        taken.append(event)
        return ""

    with pytest.MonkeyPatch.context() as patch:
        fault.arm(patch)
        code = run(office, program)
    told = set(taken)
    state = Outbox(office).read()
    if code == 0:
        assert told == ITEMS
    if state:
        assert told | {str(one.event) for one in state.waiting} == ITEMS, "what was not taken waits"
    verify(office / "ledger", from_disk=True)  # a flush that failed left it suspect
    assert run(office, program, retry=True) == int(bool(refused))
    assert run(office, program) == 0
    return taken


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("refused", ["", "8"])
def test_each_call_to_the_disk_fails_once(made: Path, tmp_path: Path, way: str, refused: str) -> None:
    for number in range(1, 200):
        office = desk.copied(made, tmp_path / str(number))
        fault = Fault(number, way)
        taken = attempt(office, fault, refused)
        assert set(taken) == ITEMS - {refused}
        left = Outbox(office).read()
        assert left is not None
        assert [str(one.event) for one in left.waiting] == ([refused] if refused else [])
        shutil.rmtree(office)
        if not fault.fired:
            assert {"make_folder", "open_lock", "create", "write", "sync", "rename", "sync_folder"} <= set(fault.calls)
            assert len(taken) == len(set(taken)), "where nothing fails nothing is handed on twice"
            return
    pytest.fail("the disk is called without end")


def killed_between(office: Path) -> None:
    """A run that dies while the program holds an item hands that item on again."""

    def die(_event: str) -> str:
        raise Killed

    taken: list[str] = []
    assert run(office, die) is None
    assert run(office, lambda event: taken.append(event) or "") == 0  # type: ignore[func-returns-value]
    assert set(taken) == ITEMS


def replaced_whole(office: Path) -> None:
    """A state that is cut off while it is written leaves the one before."""
    assert run(office, lambda _event: "exit 1") == 1
    before = Outbox(office).read()
    assert before is not None
    for number in range(1, 20):
        fault = Fault(number, "torn")
        with pytest.MonkeyPatch.context() as patch:
            fault.arm(patch)
            with suppress(Killed):
                Outbox(office).write(State())
        assert Outbox(office).read() in (before, State())
        Outbox(office).write(before)
        if not fault.fired:
            return
    pytest.fail("the disk is called without end")


def safe_before(office: Path) -> None:
    """The ledger and the state are on the disk before anything is handed on."""
    fault = Fault(0, "never")
    seen: list[list[str]] = []
    with pytest.MonkeyPatch.context() as patch:
        fault.arm(patch)
        assert run(office, lambda _event: seen.append(list(fault.calls)) or "") == 0  # type: ignore[func-returns-value]
    calls = [call for call in seen[0] if call in ("create", "write", "sync", "rename", "sync_folder")]
    assert calls[-7:] == ["sync", "sync_folder", "create", "write", "sync", "rename", "sync_folder"]


CHECKS = (killed_between, replaced_whole, safe_before)


@pytest.mark.parametrize("check", CHECKS)
def test_the_program_passes(made: Path, tmp_path: Path, check: Callable[[Path], None]) -> None:
    check(desk.copied(made, tmp_path / "office"))


def cursor_only(patch: pytest.MonkeyPatch) -> None:
    real = Outbox.write
    patch.setattr(Outbox, "write", lambda self, state: real(self, State(state.cursor)))


def in_place(patch: pytest.MonkeyPatch) -> None:
    def write(self: Outbox, state: State) -> None:
        file = disk.create(self.folder / outbox.FILE)
        disk.write(file, json.dumps({"v": 1, "cursor": None}).encode())

    patch.setattr(Outbox, "write", write)


def unflushed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Journal, "flush", lambda _self: None)


@pytest.mark.parametrize(
    ("mutate", "check"), [(cursor_only, killed_between), (in_place, replaced_whole), (unflushed, safe_before)]
)
def test_a_mutant_is_caught(
    made: Path, tmp_path: Path, mutate: Callable[[pytest.MonkeyPatch], None], check: Callable[[Path], None]
) -> None:
    office = desk.copied(made, tmp_path / "office")
    with pytest.MonkeyPatch.context() as patch:
        mutate(patch)
        with pytest.raises((AssertionError, CrmError)):
            check(office)
