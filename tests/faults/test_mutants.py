"""A fault test that no mutant fails proves nothing: each check passes on the ledger and fails on its mutant."""

from __future__ import annotations

import errno
import os
import shutil
import sys
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import TYPE_CHECKING, Any

import pytest
from harness import Desk, Killed, check, ledger_keys, quick
from test_failing_disk import prepare_turn
from test_power import cut_off, found, go_on

from crm_cli.errors import BusyError, CrmError, DataError, MachineError
from crm_cli.ledger import disk, journal, repair, segment, turn
from crm_cli.ledger.chain import Damage, Tail, Walk
from crm_cli.ledger.index import Index
from crm_cli.ledger.journal import Journal
from crm_cli.ledger.line import encode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from crm_cli.ledger.journal import Position
    from crm_cli.past import Event, Past

    Check = Callable[[Path, pytest.MonkeyPatch], None]
    Mutate = Callable[[pytest.MonkeyPatch], None]


__all__ = ["quick"]


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


def a_turn_cut_anywhere_goes_on(office: Path, patch: pytest.MonkeyPatch) -> None:
    """Whoever is killed while the month turns, the next one finishes it; the power may go with it."""
    for number in range(1, 40):
        place = office / str(number)
        prepare_turn(place)
        power, done = cut_off(place, {"two/2": 2}, number)
        for count, (how, files) in enumerate(power.wrecks()):
            again = found(place, office / f"{number}-{count}", files, index=True)
            went_on = go_on(again, {"two/2": 2}, {"two/2"} if done else set())
            assert went_on or how.startswith("first half zeros")
        if done:
            return
    pytest.fail("a turn has no end")


def a_complete_wrong_line_stays(office: Path, patch: pytest.MonkeyPatch) -> None:
    """It may have been acknowledged: nobody writes, and nothing is cut off."""
    desk = new_desk(office)
    desk.request("first")
    desk.request("second")
    desk.close()
    path = next((office / "ledger").glob("*.jsonl"))
    lines = path.read_bytes().splitlines(keepends=True)
    damaged = b"".join([*lines[:-1], lines[-1].replace(b'"turn":0', b'"turn":7')])
    path.write_bytes(damaged)
    (office / ".cache" / "index.db").unlink()
    with pytest.raises(DataError):
        new_desk(office).request("third")
    assert path.read_bytes() == damaged


def a_copy_that_went_another_way_mends_nothing(office: Path, patch: pytest.MonkeyPatch) -> None:
    """A copy that agrees before the damage and not behind it would put other facts in the place of ours."""
    desk = new_desk(office)
    desk.request("first")
    desk.close()
    shutil.copytree(office, office / "copy")
    for place, name in ((office, "ours"), (office / "copy", "theirs")):
        desk = new_desk(place)
        for number in range(4):
            desk.request(f"{name} {number}")
        desk.close()
    path = next((office / "ledger").glob("*.jsonl"))
    damaged = path.read_bytes().replace(b'"key":"ours 0"', b'"key":"ours 7"')
    path.write_bytes(damaged)
    with pytest.raises(DataError, match="does not fit"):
        repair.repair(office / "ledger", office / "copy", dry_run=False)
    assert path.read_bytes() == damaged


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


def sealed_too_early(patch: pytest.MonkeyPatch) -> None:
    real = turn.measured

    def measured(folder: Path, name: str, closing: bytes = b"") -> turn.Sealed:
        sealed = real(folder, name, closing)
        os.close(segment.begin(folder, turn.seal_of(name), sealed.text))
        return sealed

    patch.setattr(turn, "measured", measured)


def without_flush_of_names(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(segment, "_sync_folder", lambda *_: None)


class Forgiving(Walk):
    """Takes a complete line that does not verify for one that was never finished."""

    def __iter__(self) -> Iterator[tuple[list[Event], Position]]:
        try:
            yield from super().__iter__()
        except Damage as damage:
            assert self.tip
            size = (self._folder / damage.segment).stat().st_size
            self.tail = Tail(damage.segment, self.tip.end, size - self.tip.end)


def with_wrong_lines_cut_off(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(journal, "Walk", Forgiving)


def without_the_second_side(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(repair, "must_fit", lambda *_: None)


PAIRS: list[tuple[Check, Mutate]] = [
    (nothing_half_counts, without_more),
    (acknowledged_survives_power_loss, without_flush),
    (found_again_is_flushed_first, without_flush_after_finding),
    (a_failed_flush_is_final, with_flush_again),
    (the_same_request_records_once, without_key_check),
    (one_writer_at_a_time, without_lock),
    (the_index_never_knows_more, index_first),
    (a_turn_cut_anywhere_goes_on, sealed_too_early),
    (a_turn_cut_anywhere_goes_on, without_flush_of_names),
    (a_complete_wrong_line_stays, with_wrong_lines_cut_off),
    (a_copy_that_went_another_way_mends_nothing, without_the_second_side),
]


@pytest.mark.parametrize("check_", dict.fromkeys(pair[0] for pair in PAIRS))
def test_the_ledger_passes(quick: Path, monkeypatch: pytest.MonkeyPatch, check_: Check) -> None:
    check_(quick, monkeypatch)


@pytest.mark.parametrize(("check_", "mutate"), PAIRS)
def test_the_mutant_fails(quick: Path, monkeypatch: pytest.MonkeyPatch, check_: Check, mutate: Mutate) -> None:
    mutate(monkeypatch)
    with pytest.raises((AssertionError, CrmError, pytest.fail.Exception)):
        check_(quick, monkeypatch)


def test_processes_with_one_journal_each_take_turns(tmp_path: Path) -> None:
    desks = [Desk(tmp_path) for _ in range(3)]
    for number in range(12):
        desks[number % 3].request(f"key {number}/2", 2)
    for desk in desks:
        desk.close()
    check(tmp_path, *(f"key {number}/2" for number in range(12)))
    assert Journal(tmp_path / "ledger").read(23)
