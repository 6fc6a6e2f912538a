"""A small ledger cut at every byte, with every bit flipped, with lines lost, doubled and exchanged."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from harness import LAST_MONTH, Desk, check, check_index, event, fold, ledger_keys

from crm_cli.errors import DataError
from crm_cli.ledger import disk
from crm_cli.ledger.index import build_index, open_index
from crm_cli.ledger.journal import Journal
from crm_cli.ledger.verify import verify

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from crm_cli.ledger.journal import Position


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("sync", "sync_folder"):  # thousands of ledgers, and no power is lost here
        monkeypatch.setattr(disk, name, lambda _: None)
    office = tmp_path / "office"
    desk = Desk(office)
    for key in ("a", "b/2", "c", "d/3"):
        desk.request(key) if "/" not in key else desk.request(key, int(key[-1]))
    desk.close()
    return office


def segment(office: Path) -> Path:
    return next((office / "ledger").glob("*.jsonl"))


def commits(office: Path) -> list[Position]:
    return [position for _, position in Journal(office / "ledger").transactions(None)]


def recover(office: Path, position: Position | None = None) -> None:
    journal = Journal(office / "ledger")
    with journal.locked(0, "test recover", print):
        try:
            journal.recover(position)
        finally:
            journal.close()


def open_as_writer(office: Path) -> None:
    desk = Desk(office)
    try:
        desk.request("later")
    finally:
        desk.close()


def forget_index(office: Path) -> None:
    shutil.rmtree(office / ".cache", ignore_errors=True)


def test_cut_at_every_byte(office: Path) -> None:
    """What was cut off within the last transactions was never acknowledged as far as the ledger alone can tell."""
    whole = segment(office).read_bytes()
    ends = [0, *(position.end for position in commits(office))]
    forget_index(office)
    for size in range(ends[1], len(whole) + 1):
        shutil.rmtree(office / "ledger" / "quarantine", ignore_errors=True)
        segment(office).write_bytes(whole[:size])
        kept = max(end for end in ends if end <= size)
        recover(office)
        assert segment(office).read_bytes()[:kept] == whole[:kept]
        put_away = [path.read_bytes() for path in (office / "ledger").glob("quarantine/*")]
        assert put_away == ([whole[kept:size]] if size > kept else [])
        assert verify(office / "ledger").findings == []
        last = commits(office)[-1]
        assert last.end == segment(office).stat().st_size
        assert last.seq == len(whole[:kept].splitlines()) - (size == kept)


def test_a_first_transaction_that_is_not_whole_is_damage(office: Path) -> None:
    """A segment gets its name only with its first transaction on the disk."""
    whole = segment(office).read_bytes()
    forget_index(office)
    for size in range(commits(office)[0].end):
        segment(office).write_bytes(whole[:size])
        with pytest.raises(DataError, match=r"first transaction|empty"):
            recover(office)
        assert segment(office).read_bytes() == whole[:size]
        assert verify(office / "ledger").findings


def test_cut_below_what_the_index_knows(office: Path) -> None:
    whole = segment(office).read_bytes()
    for size in range(0, len(whole), 7):
        segment(office).write_bytes(whole[:size])
        with pytest.raises(DataError):
            open_as_writer(office)
        assert segment(office).read_bytes() == whole[:size]


@pytest.mark.parametrize("bit", range(8))
def test_every_bit_flip_is_found(office: Path, bit: int) -> None:
    forget_index(office)
    segment(office).write_bytes(b"".join(lines_of(office)[:4]))
    whole = segment(office).read_bytes()
    positions = commits(office)
    for place in range(len(whole)):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << bit
        segment(office).write_bytes(damaged)
        for known in (None, positions[1]) if place >= positions[1].start else (None,):
            with pytest.raises(DataError) as caught:
                recover(office, known)
            assert caught.value.where.startswith(f"ledger/{segment(office).name}")
        assert segment(office).read_bytes() == damaged
        findings = verify(office / "ledger").findings
        line = whole.count(b"\n", 0, place) + 1
        assert f"ledger/{segment(office).name}:{line}" in [finding.where for finding in findings]
        if place % 5:  # opening it as a command does takes the same way, only longer
            continue
        with pytest.raises(DataError):
            open_as_writer(office)
    assert not (office / "ledger" / "quarantine").exists()


def test_every_bit_flip_behind_the_index_is_found(office: Path) -> None:
    whole = segment(office).read_bytes()
    last = commits(office)[-1]
    for place in range(last.start, len(whole)):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << (place % 8)
        segment(office).write_bytes(damaged)
        with pytest.raises(DataError):
            open_as_writer(office)
        assert segment(office).read_bytes() == damaged


def lines_of(office: Path) -> list[bytes]:
    return segment(office).read_bytes().splitlines(keepends=True)


DAMAGES: dict[str, Callable[[list[bytes]], list[bytes]]] = {
    "deleted": lambda lines: lines[:3] + lines[4:],
    "first deleted": lambda lines: lines[1:],
    "duplicated": lambda lines: lines[:3] + lines[2:],
    "last duplicated": lambda lines: lines + lines[-1:],
    "swapped": lambda lines: [*lines[:2], lines[3], lines[2], *lines[4:]],
    "carriage returns": lambda lines: [line[:-1] + b"\r\n" for line in lines],
    "last carriage return": lambda lines: [*lines[:-1], lines[-1][:-1] + b"\r\n"],
    "byte order mark": lambda lines: [b"\xef\xbb\xbf" + lines[0], *lines[1:]],
    "invalid text": lambda lines: [*lines[:2], lines[2][:90] + b"\xff" + lines[2][90:], *lines[3:]],
    "zeros": lambda lines: [*lines[:2], bytes(len(lines[2])), *lines[3:]],
    "zeros with newline": lambda lines: [*lines, bytes(50) + b"\n"],
    "blank line": lambda lines: [*lines, b"\n"],
    "two on one line": lambda lines: [*lines[:2], lines[2][:-1], *lines[3:]],
    "note at the end": lambda lines: [*lines, b"somebody's note\n"],
    "word behind the last line": lambda lines: [*lines[:-1], lines[-1][:-1] + b" x"],
    "torn, then written on": lambda lines: [*lines[:-1], lines[-1][:40], lines[-1]],
    "endless line": lambda lines: [*lines, b"x" * 70_000, b"\n"],
    "empty": lambda _: [],
}


@pytest.mark.parametrize("name", DAMAGES)
def test_damage_stops_writers_and_is_listed(office: Path, name: str) -> None:
    damaged = b"".join(DAMAGES[name](lines_of(office)))
    forget_index(office)
    segment(office).write_bytes(damaged)
    with pytest.raises(DataError) as caught:
        recover(office)
    assert caught.value.fix
    assert segment(office).read_bytes() == damaged
    assert caught.value.where in [finding.where for finding in verify(office / "ledger").findings]


@pytest.mark.parametrize("tail", [bytes(1), bytes(4096), b"{", b"\xff\xfe", b"x" * 200_000], ids=len)
def test_what_no_line_ends_is_put_away(office: Path, tail: bytes) -> None:
    with segment(office).open("ab") as file:
        file.write(tail)
    open_as_writer(office)
    check(office, "a", "b/2", "c", "d/3", "later")
    assert [path.read_bytes() for path in (office / "ledger").glob("quarantine/*")] == [tail]


def test_zeros_behind_a_line_without_its_newline_are_torn(office: Path) -> None:
    forget_index(office)
    whole = segment(office).read_bytes()
    segment(office).write_bytes(whole[:-1] + bytes(300))
    recover(office)
    assert verify(office / "ledger").findings == []
    assert "d/3" not in ledger_keys(office)


def test_each_of_several_damages_is_listed(office: Path) -> None:
    lines = lines_of(office)
    lines[1] = lines[1].replace(b"arrived", b"arriveD")
    lines[4] = lines[4].replace(b"arrived", b"arriveD")
    segment(office).write_bytes(b"".join(lines))
    name = segment(office).name
    assert [finding.where for finding in verify(office / "ledger").findings] == [f"ledger/{name}:2", f"ledger/{name}:5"]


@pytest.mark.parametrize("text", [b"", b"garbage", b"SQLite format 3\0" + bytes(5000)], ids=len)
def test_a_garbage_index_is_made_again(office: Path, text: bytes) -> None:
    (office / ".cache" / "index.db").resolve().write_bytes(text)
    open_as_writer(office)
    check(office, "a", "b/2", "c", "d/3", "later")


def test_a_deleted_index_is_made_again(office: Path) -> None:
    forget_index(office)
    open_as_writer(office)
    check(office, "a", "b/2", "c", "d/3", "later")


def test_an_index_of_another_office_is_made_again(office: Path, tmp_path: Path) -> None:
    other = Desk(tmp_path / "other office")
    for number in range(20):
        other.request(f"other {number}")
    other.close()
    shutil.rmtree(office / ".cache")
    shutil.copytree(tmp_path / "other office" / ".cache", office / ".cache", symlinks=True)
    open_as_writer(office)
    check(office, "a", "b/2", "c", "d/3", "later")


def test_an_index_that_is_behind_catches_up(office: Path, tmp_path: Path) -> None:
    shutil.copytree(office / ".cache", tmp_path / "old")
    desk = Desk(office)
    desk.request("e")
    desk.request("f/2", 2)
    desk.close()
    shutil.rmtree(office / ".cache")
    shutil.copytree(tmp_path / "old", office / ".cache")
    desk = Desk(office)
    desk.request("f/2", 2)
    desk.close()
    check(office, "a", "b/2", "c", "d/3", "e", "f/2")


def test_an_index_of_another_schema_is_made_again(office: Path) -> None:
    journal = Journal(office / "ledger")
    path = office / ".cache" / "index.db"
    assert open_index(path, "2", journal, writing=False) is None
    build_index(path, "2", journal, fold).close()
    again = open_index(path, "2", journal, writing=False)
    assert again is not None
    again.close()
    open_as_writer(office)
    check_index(office)


def test_an_older_process_does_not_disturb_a_new_index(office: Path) -> None:
    old = Desk(office)
    old.request("e")
    forget_index(office)
    new = Desk(office)
    new.request("f")
    old.request("g")
    old.close()
    new.request("h")
    new.close()
    check(office, "e", "f", "g", "h")


def test_segments_are_one_chain(tmp_path: Path) -> None:
    """Appends go to the newest segment, and a transaction that is not whole in an older one is damage."""
    office = tmp_path / "two months"
    desk = Desk(office, LAST_MONTH)
    desk.request("a")
    desk.request("b/2", 2)
    desk.close()
    old = segment(office)
    open_as_writer(office)
    (newer,) = (path for path in (office / "ledger").glob("*.jsonl") if path != old)
    check(office, "a", "b/2", "later")
    assert newer.read_bytes().count(b"\n") == 2
    journal = Journal(office / "ledger")
    assert [(journal.read(seq) or {})["seq"] for seq in range(6)] == list(range(6))
    old.chmod(0o640)
    old.write_bytes(b"".join(old.read_bytes().splitlines(keepends=True)[:2]))
    forget_index(office)
    with pytest.raises(DataError, match="later segment") as caught:
        recover(office)
    assert caught.value.where == f"ledger/{old.name}:2"


def test_an_empty_segment_is_damage(office: Path) -> None:
    segment(office).with_name("2999-01.jsonl").touch()
    with pytest.raises(DataError, match="empty"):
        recover(office)
    assert [finding.where for finding in verify(office / "ledger").findings] == ["ledger/2999-01.jsonl:1"]


def test_a_line_with_a_wrong_countdown_is_damage(tmp_path: Path) -> None:
    from crm_cli.ledger.line import GENESIS, encode

    first, digest = encode(event(seq=0, logged="2026-11-21T00:00:00Z", more=2), GENESIS)
    second, _ = encode(event(seq=1, logged="2026-11-21T00:00:00Z", more=0), digest)
    (tmp_path / "ledger").mkdir()
    (tmp_path / "ledger" / "2026-11.jsonl").write_bytes(first + second)
    with pytest.raises(DataError, match="continue its transaction"):
        recover(tmp_path)
