"""A disk that is full, one that is read-only: a small one of its own, where the machine lets us have it."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest
from harness import LAST_MONTH, Desk, check

from crm_cli.errors import MachineError
from crm_cli.ledger.backup import Copying
from crm_cli.ledger.journal import Journal
from crm_cli.ledger.verify import verify

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def mount(*words: str | Path) -> int:
    return subprocess.run(["mount", *words], check=False, capture_output=True).returncode


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """Answer a file system of 256 KiB."""
    folder = tmp_path / "small"
    folder.mkdir()
    if os.getuid() != 0 or mount("-t", "tmpfs", "-o", "size=256k", "tmpfs", folder):
        pytest.skip("only root may mount a small disk, and not everywhere")
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def filled(folder: Path) -> Path:
    """Answer a file that takes all the room there is left."""
    path = folder / "filler"
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(512))
        except OSError:
            return path


@pytest.mark.parametrize("now", [None, LAST_MONTH], ids=["", "and the month turns"])
def test_a_full_disk_takes_nothing_and_loses_nothing(small: Path, now: object) -> None:
    office = small / "office"
    desk = Desk(office, LAST_MONTH if now else None)
    desk.request("first")
    desk.close()
    filler = filled(small)
    desk = Desk(office)
    told = ["first"]
    for number in range(50):
        try:
            desk.request(f"{number}/3", 3)
        except MachineError:
            break
        told.append(f"{number}/3")
    else:
        pytest.fail("the disk is never full")
    with pytest.raises(MachineError, match=r"recorded|refused"):
        desk.request("other")
    assert verify(office / "ledger").findings == []
    filler.unlink()
    desk.request("other")
    desk.close()
    check(office, *told, "other")


def test_a_backup_to_a_full_disk_can_go_on_when_there_is_room(small: Path, tmp_path: Path) -> None:
    source, copy = tmp_path / "office" / "ledger", small / "copy" / "ledger"
    desk = Desk(tmp_path / "office")
    for number in range(40):
        desk.request(f"{number}/3", 3)
    desk.close()
    tip = list(Journal(source).transactions(None))[-1][1]
    copy.mkdir(parents=True)
    filler = filled(small)
    with pytest.raises(OSError, match="space"):
        Copying(copy, dry_run=False).ledger(source, None, tip)
    filler.unlink()
    Copying(copy, dry_run=False).ledger(source, None, tip)
    assert verify(copy).head == tip


def test_a_read_only_disk_can_be_read(small: Path) -> None:
    desk = Desk(small / "office")
    desk.request("first/2", 2)
    desk.close()
    assert mount("-o", "remount,ro", small) == 0
    desk = Desk(small / "office")
    with pytest.raises(MachineError):
        desk.request("second")
    desk.close()
    journal = Journal(small / "office" / "ledger")
    assert len(list(journal.transactions(None))) == 1
    assert (journal.read(1) or {})["seq"] == 1
    assert verify(small / "office" / "ledger").findings == []
