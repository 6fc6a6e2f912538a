"""Whatever fails, and whenever: a file that an event names is kept, whole, before the event is."""

from __future__ import annotations

import hashlib
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from harness import WAYS, Fault, Killed

from crm_cli import clock
from crm_cli.errors import CrmError, DataError
from crm_cli.ledger import attached, disk
from crm_cli.ledger.verify import verify
from crm_cli.office import Hand, Office

sys.path.append(str(Path(__file__).parents[1] / "cli"))

import desk

if TYPE_CHECKING:
    from collections.abc import Callable

    from crm_cli.past import Event

NOW = clock.told("2025-03-03T09:00:00+08:00")
ASKED = {"verb": "add", "name": "李娜", "roles": ["salesperson"]}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return desk.made(tmp_path_factory.mktemp("made") / "office")


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    path = tmp_path / "paper.pdf"
    path.write_bytes(b"paper" * 300_000)  # more than one block
    return path


def add(office: Path, paper: Path) -> list[Event]:
    one = Office(office)
    try:
        hand = Hand(desk.MANAGER, NOW, "key", attached=attached.read([str(paper)]))
        return one.decide("staff", ASKED, hand).events
    finally:
        one.close()


def named(office: Path) -> list[str]:
    """Answer the hashes that events name, each seen to be of the bytes that are kept under it."""
    one = Office(office)
    digests = [part.digest for event in one.events() for part in attached.of(event)]
    for digest in digests:
        assert hashlib.sha256((office / "files" / digest).read_bytes()).hexdigest() == digest
    one.close()
    return digests


@pytest.mark.parametrize("way", WAYS)
def test_each_call_to_the_disk_fails_once(made: Path, paper: Path, tmp_path: Path, way: str) -> None:
    for number in range(1, 200):
        office = desk.copied(made, tmp_path / str(number))
        fault = Fault(number, way)
        with pytest.MonkeyPatch.context() as patch:
            fault.arm(patch)
            try:
                add(office, paper)
            except (CrmError, Killed):
                named(office)
            else:
                assert len(named(office)) == 1
        verify(office / "ledger", from_disk=True)
        assert add(office, paper)[0]["key"] == "key"
        assert len(named(office)) == 1
        shutil.rmtree(office)
        if not fault.fired:
            assert {"make_folder", "create", "write", "sync", "rename", "sync_folder"} <= set(fault.calls)
            return
    pytest.fail("the disk is called without end")


def test_a_file_that_changes_while_it_is_read_is_refused(made: Path, paper: Path, tmp_path: Path) -> None:
    office = desk.copied(made, tmp_path / "office")
    one = Office(office)
    hand = Hand(desk.MANAGER, NOW, attached=attached.read([str(paper)]))
    paper.write_bytes(b"another")
    with pytest.raises(DataError, match="an attached file was changed while it was read"):
        one.decide("staff", ASKED, hand)
    assert list((office / "files").iterdir()) == []
    assert len(list(one.events())) == 2
    one.close()


def durable(office: Path, paper: Path, patch: pytest.MonkeyPatch) -> None:
    """The bytes and their name are on the disk before the line is written."""
    assert desk.crm("staff", "add", "张伟", "--role", "clerk", office=office).code == 0  # the policies are kept by now
    fault = Fault(0, "never")
    fault.arm(patch)
    add(office, paper)
    done = [call for call in fault.calls if call in ("write", "sync", "rename", "sync_folder")]
    before = done[: len(done) - 1 - done[::-1].index("write")]
    assert before[-3:] == ["sync", "rename", "sync_folder"]


def test_the_file_is_durable_before_its_event(made: Path, paper: Path, tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        durable(desk.copied(made, tmp_path / "office"), paper, patch)


class Forgetful:
    """The disk, but for one call that is forgotten."""

    def __init__(self, forgotten: str) -> None:
        self._forgotten = forgotten

    def __getattr__(self, name: str) -> Any:
        return (lambda *_: None) if name == self._forgotten else getattr(disk, name)


def _without(name: str) -> Callable[[pytest.MonkeyPatch], None]:
    return lambda patch: patch.setattr(attached, "disk", Forgetful(name))


def _late(patch: pytest.MonkeyPatch) -> None:
    real = Office.commit
    kept: list[tuple[Office, Hand]] = []
    patch.setattr(Office, "_keep_files", lambda self, hand: kept.append((self, hand)))

    def commit(self: Office) -> None:
        real(self)
        for office, hand in kept:
            for one in hand.attached:
                attached.keep(office.folder, one)

    patch.setattr(Office, "commit", commit)


@pytest.mark.parametrize("mutate", [_without("sync"), _without("sync_folder"), _late], ids=["sync", "folder", "late"])
def test_a_mutant_is_caught(
    made: Path, paper: Path, tmp_path: Path, mutate: Callable[[pytest.MonkeyPatch], None]
) -> None:
    office = desk.copied(made, tmp_path / "office")
    with pytest.MonkeyPatch.context() as patch:
        mutate(patch)
        with pytest.raises(AssertionError):
            durable(office, paper, patch)
