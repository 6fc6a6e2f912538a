"""A fault test that no mutant fails proves nothing: each check passes on the ledger and fails on its mutant."""

from __future__ import annotations

import errno
import os
import sys
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import TYPE_CHECKING, Any

import pytest
from harness import Desk, Killed, check, ledger_keys

from crm_cli.errors import BusyError, CrmError, MachineError
from crm_cli.ledger import disk, journal, segment
from crm_cli.ledger.index import Index
from crm_cli.ledger.journal import Journal
from crm_cli.ledger.line import encode

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from crm_cli.past import Event, Past

    Check = Callable[[Path, pytest.MonkeyPatch], None]
    Mutate = Callable[[pytest.MonkeyPatch], None]


class EarlyDesk(Desk):
    """Writes the index before the ledger."""

    def record(self, index: Index, past: Past, keys: dict[str, int]) -> None:
        tip = self.journal._next
        assert tip
        index.write(past, keys, tip)
        self.journal.commit()


def new_desk(office: Path) -> Desk:
    return Desk(office)


def die(*_: object) -> None:
    raise Killed


def nothing_half_counts(office: Path, patch: pytest.MonkeyPatch) -> None:
    """Of a transaction of three lines, cut anywhere, either all or nothing counts."""
    desk = new_desk(office)
    desk.request("first")
    desk.request("three/3", 3)
    desk.close()
    path = next((office / "ledger").glob("*.jsonl"))
    whole = path.read_bytes()
    for size in range(whole.index(b"\n") + 1, len(whole)):
        path.write_bytes(whole[:size])
        assert ledger_keys(office) == {"first": 1}


def acknowledged_survives_power_loss(office: Path, patch: pytest.MonkeyPatch) -> None:
    """What was acknowledged is on the disk even when everything that was not flushed is lost."""
    kept: dict[int, int] = {}
    real = disk.sync

    def sync(file: int) -> None:
        real(file)
        kept[os.fstat(file).st_ino] = os.fstat(file).st_size

    patch.setattr(disk, "sync", sync)
    desk = new_desk(office)
    for number in range(3):
        desk.request(f"key {number}")
    desk.close()
    path = next((office / "ledger").glob("*.jsonl"))
    os.truncate(path, kept[path.stat().st_ino])
    check(office, "key 0", "key 1", "key 2")


def found_again_is_flushed_first(office: Path, patch: pytest.MonkeyPatch) -> None:
    """A line that a killed process left is on the disk before anybody relies on it."""
    desk = new_desk(office)
    desk.request("first")
    with pytest.MonkeyPatch.context() as inner, suppress(Killed):
        inner.setattr(disk, "sync", die)
        desk.request("second")
    desk.close()
    flushed = []
    real = disk.sync

    def sync(file: int) -> None:
        flushed.append(os.fstat(file).st_ino)
        real(file)

    patch.setattr(disk, "sync", sync)
    again = new_desk(office)
    again.request("second")
    again.close()
    assert next((office / "ledger").glob("*.jsonl")).stat().st_ino in flushed


def a_failed_flush_is_final(office: Path, patch: pytest.MonkeyPatch) -> None:
    """A flush that failed once is never tried again, and the ledger is suspect."""
    desk = new_desk(office)
    desk.request("first")
    left = [OSError(errno.EIO, os.strerror(errno.EIO))]
    real = disk.sync

    def sync(file: int) -> None:
        if left:
            raise left.pop()
        real(file)

    with pytest.MonkeyPatch.context() as inner:
        inner.setattr(disk, "sync", sync)
        with pytest.raises(MachineError):
            desk.request("second")
    assert (office / "ledger" / "SUSPECT").exists()
    with pytest.raises(MachineError, match="suspect"):
        desk.request("third")
    desk.close()


def the_same_request_records_once(office: Path, patch: pytest.MonkeyPatch) -> None:
    """A request whose answer was lost is recorded once when it comes again."""
    desk = new_desk(office)
    with pytest.MonkeyPatch.context() as inner, suppress(Killed):
        inner.setattr(Index, "write", die)
        desk.request("once")
    desk.close()
    desk = new_desk(office)
    desk.request("once")
    desk.close()
    check(office, "once")


def one_writer_at_a_time(office: Path, patch: pytest.MonkeyPatch) -> None:
    """A second writer is turned away while the first one holds the ledger."""
    first, second = new_desk(office), new_desk(office)
    first.request("first")
    with first.journal.locked(0, "desk request", print):
        first.ready()
        with pytest.raises(BusyError, match=f"process {os.getpid()} .desk request."):
            second.request("second", wait=0)
    first.close()
    second.close()


def the_index_never_knows_more(office: Path, patch: pytest.MonkeyPatch) -> None:
    """When the ledger could not be written the index does not know the key, and the request comes through later."""
    desk = new_desk(office)
    desk.request("first")
    with pytest.MonkeyPatch.context() as inner:

        def write(file: int, data: bytes) -> int:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        inner.setattr(disk, "write", write)
        with pytest.raises(MachineError):
            desk.request("second")
    desk.close()
    desk = new_desk(office)
    desk.request("second")
    desk.close()
    check(office, "first", "second")


def without_more(patch: pytest.MonkeyPatch) -> None:
    real = encode

    def alone(fields: Event, previous: str) -> tuple[bytes, str]:
        return real(fields | {"more": 0}, previous)

    patch.setattr(journal, "encode", alone)


def without_flush(patch: pytest.MonkeyPatch) -> None:
    real = segment._sync
    seen: list[int] = []

    def sync(folder: Path, file: int) -> None:
        seen.append(file)
        if len(seen) < 3:
            real(folder, file)

    patch.setattr(segment, "_sync", sync)


def without_flush_after_finding(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(segment, "settle", lambda *_: None)


def with_flush_again(patch: pytest.MonkeyPatch) -> None:
    real = segment._sync

    def sync(folder: Path, file: int) -> None:
        try:
            disk.sync(file)
        except OSError:
            real(folder, file)

    patch.setattr(segment, "_sync", sync)


def without_key_check(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Index, "seq_of", lambda *_: None)


def without_lock(patch: pytest.MonkeyPatch) -> None:
    def locked(*arguments: Any) -> AbstractContextManager[None]:
        return nullcontext()

    patch.setattr(journal, "locked", locked)


def index_first(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(sys.modules[__name__], "new_desk", EarlyDesk)


PAIRS: list[tuple[Check, Mutate]] = [
    (nothing_half_counts, without_more),
    (acknowledged_survives_power_loss, without_flush),
    (found_again_is_flushed_first, without_flush_after_finding),
    (a_failed_flush_is_final, with_flush_again),
    (the_same_request_records_once, without_key_check),
    (one_writer_at_a_time, without_lock),
    (the_index_never_knows_more, index_first),
]


@pytest.mark.parametrize("check_", [pair[0] for pair in PAIRS])
def test_the_ledger_passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, check_: Check) -> None:
    check_(tmp_path, monkeypatch)


@pytest.mark.parametrize(("check_", "mutate"), PAIRS)
def test_the_mutant_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, check_: Check, mutate: Mutate) -> None:
    mutate(monkeypatch)
    with pytest.raises((AssertionError, CrmError, pytest.fail.Exception)):
        check_(tmp_path, monkeypatch)


def test_processes_with_one_journal_each_take_turns(tmp_path: Path) -> None:
    desks = [Desk(tmp_path) for _ in range(3)]
    for number in range(12):
        desks[number % 3].request(f"key {number}/2", 2)
    for desk in desks:
        desk.close()
    check(tmp_path, *(f"key {number}/2" for number in range(12)))
    assert Journal(tmp_path / "ledger").read(23)
