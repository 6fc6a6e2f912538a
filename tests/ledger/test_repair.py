"""Damaged lines put back from a copy: every damage of one file, every place, and copies that do not fit."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import TYPE_CHECKING

import pytest
from test_journal import event

from crm_cli.errors import DataError, UsageError
from crm_cli.ledger.journal import Journal
from crm_cli.ledger.repair import repair
from crm_cli.ledger.verify import verify

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Lines = list[bytes]

OCTOBER = datetime(2026, 10, 20, 12, tzinfo=UTC)
NAMES = ("2026-10.jsonl", "2026-11.jsonl", "2026-12.jsonl")


def write(folder: Path, now: datetime, *sizes: int, start: int = 0) -> None:
    journal = Journal(folder, lambda: now)
    with journal.locked(1, "test write", print):
        journal.recover(None)
        for number, size in enumerate(sizes, start):
            journal.add([event(number)] * size)
        journal.commit()
    journal.close()


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    """Answer a ledger of three months; each has lines of its own between those that open and close it."""
    folder = tmp_path / "office" / "ledger"
    for month in range(3):
        write(folder, OCTOBER + timedelta(days=31 * month), 1, 2, 1, 3, 1, start=month * 10)
    return folder


@pytest.fixture
def copy(ledger: Path, tmp_path: Path) -> Path:
    shutil.copytree(ledger, tmp_path / "copy")
    return tmp_path / "copy"


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix in (".jsonl", ".seal")}


def ruined(path: Path, damage: Callable[[Lines], Lines]) -> bytes:
    path.chmod(0o640)
    path.write_bytes(b"".join(damage(path.read_bytes().splitlines(keepends=True))))
    return path.read_bytes()


def kept(ledger: Path) -> list[bytes]:
    return sorted(path.read_bytes() for path in ledger.glob("quarantine/*"))


DAMAGES: dict[str, Callable[[Lines], Lines]] = {
    "a changed line": lambda lines: [*lines[:3], lines[3].replace(b"arrived", b"arriveD"), *lines[4:]],
    "a changed hash": lambda lines: [*lines[:3], lines[3][:-10] + b'0123456"}\n', *lines[4:]],
    "the first line": lambda lines: [
        lines[0].replace(b"office", b"oFfice").replace(b"arrived", b"arriveD"),
        *lines[1:],
    ],
    "the last line": lambda lines: [*lines[:-1], lines[-1].replace(b'"v":1', b'"v":2')],
    "two places": lambda lines: [lines[0], b"x" + lines[1], *lines[2:5], lines[5].replace(b"v", b"w"), *lines[6:]],
    "neighbours": lambda lines: [*lines[:2], b"\0" * len(lines[2]), b"\xff\n", *lines[4:]],
    "a deleted line": lambda lines: lines[:3] + lines[4:],
    "the first deleted": lambda lines: lines[1:],
    "a doubled line": lambda lines: lines[:3] + lines[2:],
    "the last doubled": lambda lines: lines + lines[-1:],
    "swapped lines": lambda lines: [*lines[:2], lines[3], lines[2], *lines[4:]],
    "carriage returns": lambda lines: [line[:-1] + b"\r\n" for line in lines],
    "a byte order mark": lambda lines: [b"\xef\xbb\xbf" + lines[0], *lines[1:]],
    "two on one line": lambda lines: [*lines[:2], lines[2][:-1], *lines[3:]],
    "a note between": lambda lines: [*lines[:4], b"somebody's note\n", *lines[4:]],
    "a note at the end": lambda lines: [*lines, b"somebody's note\n"],
    "a word behind the end": lambda lines: [*lines[:-1], lines[-1][:-1] + b" x"],
    "everything": lambda lines: [b"?\n" for _ in lines],
    "an empty file": lambda _: [],
    "cut in the middle": lambda lines: [*lines[:4], lines[4][:30]],
    "the first half gone": lambda lines: lines[5:],
}


@pytest.mark.parametrize(
    ("damage", "name"),
    # a tail that is cut off in the newest segment is no damage: no line says that it was there
    [pair for pair in product(DAMAGES, NAMES) if pair != ("cut in the middle", NAMES[-1])],
)
def test_damage_is_put_right_from_a_copy(ledger: Path, copy: Path, name: str, damage: str) -> None:
    whole = files(ledger)
    ruined(ledger / name, DAMAGES[damage])
    before = files(ledger)
    mended, _ = repair(ledger, copy, dry_run=True)
    assert mended
    assert files(ledger) == before
    assert kept(ledger) == []
    mended, places = repair(ledger, copy, dry_run=False)
    assert files(ledger) == whole
    assert verify(ledger).findings == []
    assert kept(ledger) == sorted(one.damaged for one in mended if one.damaged)
    for one, place in zip(mended, places, strict=True):
        assert before[one.file.removeprefix("ledger/")][one.offset :].startswith(one.damaged)
        assert bool(place) == bool(one.damaged)
    assert repair(ledger, copy, dry_run=False) == ([], [])


MENDED_ALONE = ("a doubled line", "the last doubled", "a note between", "a note at the end")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("damage", MENDED_ALONE)
def test_what_was_never_a_line_of_its_own_is_taken_out_without_a_copy(ledger: Path, name: str, damage: str) -> None:
    whole = files(ledger)
    ruined(ledger / name, DAMAGES[damage])
    (mended,), _ = repair(ledger, None, dry_run=False)
    assert mended.restored == []
    assert files(ledger) == whole
    assert kept(ledger) == [mended.damaged]


@pytest.mark.parametrize(
    ("damage", "name"),
    [
        pair
        for pair in product(DAMAGES, NAMES)
        if pair[0] not in MENDED_ALONE and pair != ("cut in the middle", NAMES[-1])
    ],
)
def test_without_a_copy_nothing_else_is_changed(ledger: Path, name: str, damage: str) -> None:
    ruined(ledger / name, DAMAGES[damage])
    before = files(ledger)
    with pytest.raises(DataError) as caught:
        repair(ledger, None, dry_run=False)
    assert caught.value.where.startswith("ledger/")
    assert files(ledger) == before
    assert kept(ledger) == []


@pytest.mark.parametrize("what", ["an office", "a ledger", "a segment"])
def test_a_copy_is_an_office_a_ledger_or_a_segment(ledger: Path, copy: Path, tmp_path: Path, what: str) -> None:
    whole = files(ledger)
    (tmp_path / "another").mkdir()
    (tmp_path / "put aside.txt").write_bytes(whole[NAMES[1]])
    shutil.copytree(copy, tmp_path / "another" / "ledger")
    named = {"an office": tmp_path / "another", "a ledger": copy, "a segment": tmp_path / "put aside.txt"}
    ruined(ledger / NAMES[1], DAMAGES["neighbours"])
    repair(ledger, named[what], dry_run=False)
    assert files(ledger) == whole


@pytest.mark.parametrize("named", ["nothing", "an empty folder", "a picture"])
def test_what_is_no_copy_is_refused(ledger: Path, tmp_path: Path, named: str) -> None:
    (tmp_path / "an empty folder").mkdir()
    (tmp_path / "a picture").write_bytes(b"\x89PNG\r\n")
    before = ruined(ledger / NAMES[1], DAMAGES["neighbours"])
    with pytest.raises((UsageError, DataError)):
        repair(ledger, tmp_path / named, dry_run=False)
    assert (ledger / NAMES[1]).read_bytes() == before


@pytest.mark.parametrize("gone", [NAMES[:1], NAMES[1:2], NAMES[2:], NAMES[:2], NAMES[1:], NAMES])
def test_missing_segments_come_back(ledger: Path, copy: Path, gone: tuple[str, ...]) -> None:
    whole = files(ledger)
    for name in gone:
        (ledger / name).unlink()
    repair(ledger, copy, dry_run=False)
    assert files(ledger) == whole
    assert kept(ledger) == []


@pytest.mark.parametrize("says", [None, b"", b"wrong\n"])
@pytest.mark.parametrize("name", ["2026-10.seal", "2026-11.seal"])
def test_a_seal_is_made_again_without_a_copy(ledger: Path, name: str, says: bytes | None) -> None:
    whole = files(ledger)
    (ledger / name).unlink() if says is None else (ledger / name).write_bytes(says)
    (mended,), _ = repair(ledger, None, dry_run=False)
    assert mended.file == f"ledger/{name}"
    assert files(ledger) == whole
    assert kept(ledger) == ([says] if says else [])


def test_an_older_copy_mends_what_it_has(ledger: Path, tmp_path: Path) -> None:
    """The copy ends before the ledger does; what it lacks must be good here."""
    whole = files(ledger)
    copy = tmp_path / "copy"
    copy.mkdir()
    for name in NAMES[:2]:
        (copy / name).write_bytes(whole[name])
    lines = whole[NAMES[2]].splitlines(keepends=True)
    (copy / NAMES[2]).write_bytes(b"".join(lines[:5]))
    ruined(ledger / NAMES[2], lambda all_: [*all_[:3], b"x" + all_[3], *all_[4:]])
    repair(ledger, copy, dry_run=False)
    assert files(ledger) == whole
    before = ruined(ledger / NAMES[2], lambda all_: [*all_[:6], b"x" + all_[6], *all_[7:]])
    with pytest.raises(DataError, match="the copy does not have it") as caught:
        repair(ledger, copy, dry_run=False)
    assert caught.value.where == f"ledger/{NAMES[2]}:7"
    assert (ledger / NAMES[2]).read_bytes() == before


def test_a_last_line_that_the_copy_does_not_have_is_not_given_up(ledger: Path, tmp_path: Path) -> None:
    shutil.copytree(ledger, tmp_path / "copy")
    write(ledger, OCTOBER + timedelta(days=70), 1, start=40)
    before = ruined(ledger / NAMES[2], lambda lines: [*lines[:-1], lines[-1].replace(b"arrived", b"arriveD")])
    with pytest.raises(DataError, match="the copy does not have it"):
        repair(ledger, tmp_path / "copy", dry_run=False)
    assert (ledger / NAMES[2]).read_bytes() == before


def test_a_tail_that_was_never_acknowledged_stays_for_the_next_writer(ledger: Path, copy: Path) -> None:
    ruined(ledger / NAMES[2], lambda lines: [lines[0], b"x" + lines[1], *lines[2:], b'{"seq":'])
    repair(ledger, copy, dry_run=False)
    assert (ledger / NAMES[2]).read_bytes() == (copy / NAMES[2]).read_bytes() + b'{"seq":'
    assert verify(ledger).uncommitted == 7


def forked(copy: Path, month: int, lines: int) -> None:
    """Let a copy go another way than the ledger: from a line of a month on."""
    for name in NAMES[month + 1 :]:
        (copy / name).unlink()
    for name in NAMES[month:]:
        (copy / name).with_suffix(".seal").unlink(missing_ok=True)
    ruined(copy / NAMES[month], lambda all_: all_[:lines])
    write(copy, OCTOBER + timedelta(days=31 * month), *([1] * 12), start=70)


@pytest.mark.parametrize("month", range(3))
@pytest.mark.parametrize("agreed", [1, 4, 5])
def test_a_copy_that_went_another_way_is_refused(ledger: Path, copy: Path, month: int, agreed: int) -> None:
    """It fits before the damage (or not even there), and not behind it: nothing is changed."""
    forked(copy, month, agreed)
    ruined(ledger / NAMES[month], lambda lines: [*lines[:5], lines[5].replace(b"arrived", b"arriveD"), *lines[6:]])
    before = files(ledger)
    with pytest.raises(DataError, match="does not fit") as caught:
        repair(ledger, copy, dry_run=False)
    assert caught.value.where.startswith(f"ledger/{NAMES[month]}:")
    assert files(ledger) == before
    assert kept(ledger) == []


def test_a_copy_of_another_office_is_refused(ledger: Path, tmp_path: Path) -> None:
    other = tmp_path / "other" / "ledger"
    for month in range(3):
        write(other, OCTOBER + timedelta(days=31 * month, seconds=5), 1, 2, 1, 3, 1, start=month * 10)
    ruined(ledger / NAMES[1], DAMAGES["a changed line"])
    before = files(ledger)
    with pytest.raises(DataError):
        repair(ledger, other, dry_run=False)
    assert files(ledger) == before


def test_the_ledger_goes_on_after_a_repair(ledger: Path, copy: Path) -> None:
    ruined(ledger / NAMES[2], DAMAGES["the last line"])
    with pytest.raises(DataError):
        write(ledger, OCTOBER + timedelta(days=70), 1)
    repair(ledger, copy, dry_run=False)
    write(ledger, OCTOBER + timedelta(days=100), 1)
    assert verify(ledger).findings == []
    assert (ledger / "2026-12.seal").exists()
