from __future__ import annotations

import os
import stat
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from crm_cli.errors import BusyError, DataError, MachineError
from crm_cli.ledger.journal import TRANSACTION_LIMIT, Journal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crm_cli.past import Event

NOON = datetime(2026, 11, 21, 12, 0, 0, 999999, tzinfo=UTC)


def event(number: int = 0, **fields: Any) -> Event:
    happened = "2026-11-21T17:15:00+08:00"
    return {
        "happened": happened,
        "type": "customer.arrived",
        "v": 1,
        "actor": "王芳",
        "data": {"turn": number},
    } | fields


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "ledger"


@pytest.fixture
def journal(folder: Path) -> Iterator[Journal]:
    journal = Journal(folder, lambda: NOON)
    yield journal
    journal.close()


def write(journal: Journal, *transactions: list[Event]) -> None:
    with journal.locked(1, "test write", print):
        journal.recover(None)
        for events in transactions:
            journal.add(events)
        journal.commit()


def test_an_empty_ledger(journal: Journal) -> None:
    assert list(journal.transactions(None)) == []
    assert journal.read(0) is None
    with journal.locked(0, "test", print):
        assert journal.recover(None) is None


def test_what_is_added_is_what_is_read(journal: Journal, folder: Path) -> None:
    with journal.locked(0, "test", print):
        journal.recover(None)
        first = journal.add([event(1, key="k"), event(2, cites=("a", "b"))])
        second = journal.add([event(3)])
        position = journal.commit()
    found = list(Journal(folder).transactions(None))
    assert [events for events, _ in found] == [first, second]
    assert found[-1][1] == position
    assert [each["seq"] for each in first + second] == [0, 1, 2]
    assert [each["more"] for each in first + second] == [1, 0, 0]
    assert first[1]["cites"] == ["a", "b"]
    assert first[0]["logged"] == "2026-11-21T12:00:00Z"
    assert position.office == first[0]["hash"]
    assert position.previous == first[1]["hash"]


def test_nothing_counts_before_it_is_committed(journal: Journal, folder: Path) -> None:
    write(journal, [event(1)])
    with journal.locked(0, "test", print):
        tip = journal.recover(None)
        journal.add([event(2)])
        journal.discard()
        journal.add([event(3)])
        assert [events[0]["data"]["turn"] for events, _ in Journal(folder).transactions(None)] == [1]
    with journal.locked(0, "test", print):
        assert journal.recover(tip) == tip
        assert journal.commit() == tip


def test_transactions_after_a_position(journal: Journal) -> None:
    write(journal, [event(1)], [event(2), event(3)], [event(4)])
    positions = [position for _, position in journal.transactions(None)]
    for index, position in enumerate(positions):
        assert [later for _, later in journal.transactions(position)] == positions[index + 1 :]


def test_a_reader_stops_before_what_is_not_whole(journal: Journal, folder: Path) -> None:
    write(journal, [event(1)], [event(2), event(3)])
    path = folder / "2026-11.jsonl"
    path.write_bytes(path.read_bytes()[:-10])
    reader = Journal(folder)
    assert len(list(reader.transactions(None))) == 1
    assert reader.uncommitted > 0
    assert reader.read(0)
    assert reader.read(1) is None


def test_read_finds_every_line(journal: Journal) -> None:
    sizes = [1, 3, 2, 5, 1, 1, 4]
    write(journal, *([event(number, data={"a": "x" * number * 300})] * size for number, size in enumerate(sizes)))
    for seq in range(sum(sizes)):
        found = journal.read(seq)
        assert found
        assert found["seq"] == seq
    assert journal.read(sum(sizes)) is None
    assert journal.read(-1) is None


def test_read_refuses_a_damaged_line(journal: Journal, folder: Path) -> None:
    write(journal, *([event(number)] for number in range(5)))
    path = folder / "2026-11.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"turn":3', b'"turn":7'))
    with pytest.raises(DataError) as caught:
        journal.read(3)
    assert caught.value.where == "ledger/2026-11.jsonl:4"


def test_logged_never_goes_back(folder: Path) -> None:
    times = iter([NOON, NOON - timedelta(days=40), NOON + timedelta(days=9)])
    journal = Journal(folder, lambda: next(times))
    write(journal, [event(1)], [event(2)], [event(3)])
    journal.close()
    logged = [events[0]["logged"] for events, _ in journal.transactions(None)]
    assert logged == ["2026-11-21T12:00:00Z", "2026-11-21T12:00:00Z", "2026-11-30T12:00:00Z"]
    assert [path.name for path in folder.glob("*.jsonl")] == ["2026-11.jsonl"]


def test_a_transaction_has_an_end(journal: Journal) -> None:
    write(journal, [event(1)])
    with journal.locked(0, "test", print):
        journal.recover(None)
        with pytest.raises(DataError, match=str(TRANSACTION_LIMIT)):
            journal.add([event(1, data={"a": "x" * 60_000})] * 20)
        journal.add([event(2)])
        assert journal.commit().seq == 1


def test_a_refused_event_leaves_nothing_pending(journal: Journal) -> None:
    with journal.locked(0, "test", print):
        journal.recover(None)
        with pytest.raises(DataError):
            journal.add([event(1), event(2, data={"a": 0.5})])
        assert journal.add([event(3)])[0]["seq"] == 0


def test_files_are_not_for_everybody(journal: Journal, folder: Path) -> None:
    write(journal, [event(1)])
    assert stat.S_IMODE((folder / "2026-11.jsonl").stat().st_mode) & 0o137 == 0
    assert sorted(path.name for path in folder.iterdir()) == [".lock", "2026-11.jsonl"]


def test_writing_needs_the_lock_and_recovery(journal: Journal) -> None:
    with pytest.raises(RuntimeError):
        journal.recover(None)
    with journal.locked(0, "test", print), pytest.raises(RuntimeError):
        journal.add([event(1)])


def test_a_torn_tail_is_put_away_and_told(journal: Journal, folder: Path) -> None:
    write(journal, [event(1)])
    path = folder / "2026-11.jsonl"
    with path.open("ab") as file:
        file.write(b'{"seq":1,"log')
    with journal.locked(0, "test", print):
        position = journal.recover(None)
    assert position
    told = journal.read(position.seq)
    assert told
    assert (told["type"], told["actor"], told["data"]["bytes"]) == ("ledger.tail_quarantined", "office", 13)
    assert (folder.parent / told["data"]["file"]).read_bytes() == b'{"seq":1,"log'


def test_another_process_wrote_in_between(journal: Journal, folder: Path) -> None:
    write(journal, [event(1)])
    other = Journal(folder, lambda: NOON)
    write(other, [event(2)])
    other.close()
    with journal.locked(0, "test", print):
        tip = journal.recover(None)
        assert tip
        assert tip.seq == 1
        journal.add([event(3)])
        assert journal.commit().seq == 2


def test_a_writer_without_the_lock_is_noticed(journal: Journal, folder: Path) -> None:
    write(journal, [event(1)])
    with journal.locked(0, "test", print):
        journal.recover(None)
        journal.add([event(2)])
        with (folder / "2026-11.jsonl").open("ab") as file:
            file.write(b"x")
        with pytest.raises(MachineError, match="without its lock"):
            journal.commit()


def test_a_file_that_was_replaced_is_read_again(journal: Journal, folder: Path) -> None:
    write(journal, [event(1)])
    path = folder / "2026-11.jsonl"
    copy = path.with_name("copy")
    copy.write_bytes(path.read_bytes())
    copy.rename(path)
    write(journal, [event(2)])
    assert len(list(journal.transactions(None))) == 2


def test_waiting_is_said_once_and_ends(journal: Journal, folder: Path) -> None:
    said: list[str] = []
    other = Journal(folder)
    with journal.locked(0, "rotate arrive", print):
        with (
            pytest.raises(BusyError, match=f"process {os.getpid()} .rotate arrive."),
            other.locked(0.05, "x", said.append),
        ):
            pass
        assert len(said) == 1
        timer = threading.Event()
        thread = threading.Thread(target=lambda: _take(other, timer))
        thread.start()
        assert not timer.wait(0.02)
    thread.join()
    assert timer.is_set()


def _take(journal: Journal, taken: threading.Event) -> None:
    with journal.locked(10, "second", lambda _: None):
        taken.set()


def test_the_lock_is_free_after_an_interruption(journal: Journal) -> None:
    with pytest.raises(KeyboardInterrupt), journal.locked(0, "test", print):
        raise KeyboardInterrupt
    write(journal, [event(1)])


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(MachineError), Journal(tmp_path / "file" / "ledger").locked(0, "test", print):
        pass
