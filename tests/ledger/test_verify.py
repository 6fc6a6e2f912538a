from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from test_journal import event, folder, write

from crm_cli.ledger.journal import Journal
from crm_cli.ledger.verify import verify

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["folder"]


@pytest.fixture(autouse=True)
def segment(folder: Path) -> Path:
    journal = Journal(folder)
    write(journal, [event(1, key="a")], [event(2, key="b"), event(3)], [event(4)])
    journal.close()
    return next(folder.glob("*.jsonl"))


def test_a_whole_ledger(folder: Path) -> None:
    report = verify(folder)
    assert (report.findings, report.lines, report.transactions, report.uncommitted) == ([], 4, 3, 0)
    assert report.head
    assert report.head.seq == 3


def test_no_ledger(tmp_path: Path) -> None:
    report = verify(tmp_path / "nothing")
    assert (report.findings, report.lines, report.head) == ([], 0, None)


def test_a_torn_tail_is_no_damage(folder: Path, segment: Path) -> None:
    with segment.open("ab") as file:
        file.write(b'{"seq":')
    report = verify(folder)
    assert (report.findings, report.lines, report.uncommitted) == ([], 4, 7)


def test_a_key_that_stands_twice(folder: Path) -> None:
    journal = Journal(folder)
    write(journal, [event(5, key="a")])
    journal.close()
    assert [finding.where for finding in verify(folder).findings] == [f"ledger/{next(folder.glob('*.jsonl')).name}:5"]


def test_suspicion_is_lifted_only_from_the_disk_and_only_when_all_is_well(folder: Path, segment: Path) -> None:
    (folder / "SUSPECT").touch()
    verify(folder)
    assert (folder / "SUSPECT").exists()
    whole = segment.read_bytes()
    segment.write_bytes(whole.replace(b'"turn":2', b'"turn":5'))
    assert verify(folder, from_disk=True).findings
    assert (folder / "SUSPECT").exists()
    segment.write_bytes(whole + b"torn")
    assert verify(folder, from_disk=True).findings == []
    assert not (folder / "SUSPECT").exists()


@pytest.mark.parametrize("line", range(4))
def test_one_damage_is_one_finding(folder: Path, segment: Path, line: int) -> None:
    lines = segment.read_bytes().splitlines(keepends=True)
    lines[line] = lines[line].replace(b"customer", b"costumer")
    segment.write_bytes(b"".join(lines))
    assert [finding.where for finding in verify(folder).findings] == [f"ledger/{segment.name}:{line + 1}"]


def attached(folder: Path, *digests: object, lines: int = 2) -> str:
    """Record a transaction with files attached to it, and answer FILE:LINE of its first line."""
    journal = Journal(folder)
    first = event(6, asked={"verb": "arrive", "attach": list(digests)})
    write(journal, [first, *[event(7)] * (lines - 1)])
    journal.close()
    return f"ledger/{next(folder.glob('*.jsonl')).name}:5"


def test_what_is_attached_must_be_there_as_it_was(folder: Path) -> None:
    kept = {sha256(data).hexdigest(): data for data in (b"", b"a photograph")}
    for digest, data in kept.items():
        (folder.parent / "files").mkdir(exist_ok=True)
        (folder.parent / "files" / digest).write_bytes(data)
    where = attached(folder, *kept)
    assert verify(folder).findings == []
    for digest, data in kept.items():
        path = folder.parent / "files" / digest
        path.write_bytes(data + b"x")
        assert [(one.where, "changed" in one.what) for one in verify(folder).findings] == [(where, True)]
        path.unlink()
        assert [(one.where, "missing" in one.what) for one in verify(folder).findings] == [(where, True)]
        path.write_bytes(data)
    assert verify(folder).findings == []


@pytest.mark.parametrize("digest", ["../ledger/.lock", "A" * 64, "", 7, None, "0" * 63])
def test_what_is_attached_has_a_name_that_is_a_hash(folder: Path, digest: object) -> None:
    where = attached(folder, digest)
    assert [finding.where for finding in verify(folder).findings] == [where]


def test_each_event_that_misses_a_file_is_listed(folder: Path) -> None:
    attached(folder, "0" * 64)
    attached(folder, "0" * 64, lines=1)
    assert [finding.where.rpartition(":")[2] for finding in verify(folder).findings] == ["5", "7"]


def test_the_head_is_the_last_line_that_verifies(folder: Path, segment: Path) -> None:
    lines = segment.read_bytes().splitlines(keepends=True)
    segment.write_bytes(b"".join([*lines[:3], lines[3].replace(b"customer", b"costumer")]))
    report = verify(folder)
    assert report.head
    assert (report.lines, report.head.seq) == (3, 2)
