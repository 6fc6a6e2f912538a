from __future__ import annotations

import os
import sqlite3
from typing import TYPE_CHECKING
from unittest import mock

import pytest
from test_journal import event, folder, write

from crm_cli.errors import DataError
from crm_cli.ledger import disk
from crm_cli.ledger import index as index_module
from crm_cli.ledger.index import Index, build_index, open_index
from crm_cli.ledger.journal import Journal
from crm_cli.past import Past

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crm_cli.past import Event

__all__ = ["folder"]


def fold(past: Past, event: Event) -> None:
    turn = event["data"]["turn"]
    words = () if past.get("customer", f"c{turn}") else ("even" if turn % 2 == 0 else "odd",)
    past.put("customer", f"c{turn}", {"turn": turn}, words)


@pytest.fixture
def journal(folder: Path) -> Iterator[Journal]:
    journal = Journal(folder)
    write(journal, *([event(number, key=f"k{number}")] for number in (9, 4, 2, 7)))
    yield journal
    journal.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / ".cache" / "index.db"


def contents(index: Index) -> object:
    return (
        [index.get("customer", f"c{number}") for number in range(12)],
        index.find("customer", "even"),
        index.find("customer", "odd"),
        [index.seq_of(f"k{number}") for number in range(12)],
        index.tip,
    )


def test_build_and_open(journal: Journal, path: Path) -> None:
    built = build_index(path, "s", journal, fold)
    assert built.get("customer", "c9") == {"turn": 9}
    assert built.get("customer", "c0") is None
    assert built.find("customer", "even") == ["c4", "c2"]
    assert built.find("staff", "even") == []
    assert built.seq_of("k7") == 3
    assert built.seq_of("k0") is None
    for writing in (False, True):
        opened = open_index(path, "s", journal, writing=writing)
        assert opened
        assert contents(opened) == contents(built)
        opened.close()
    built.close()


def test_an_index_that_is_settled_on_the_way_is_the_same(
    journal: Journal, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with journal.locked(0, "test", print):
        journal.recover(None)
        for number in (9, 0, 2, 4):  # some of them are written in one part and met again in another
            journal.add([event(number, key=f"again{number}")])
        journal.commit()
    whole = build_index(path, "s", journal, fold)
    monkeypatch.setattr(index_module, "_AT_ONCE", 1)
    with mock.patch.object(index_module, "_settle", wraps=index_module._settle) as settle:
        parts = build_index(tmp_path / "parts" / "index.db", "s", journal, fold)
    assert settle.call_count > 2
    assert contents(parts) == contents(whole)
    assert parts.find("customer", "even") == ["c4", "c2", "c0"]
    parts.close()
    whole.close()


def test_write_is_what_a_rebuild_gives(journal: Journal, path: Path, tmp_path: Path) -> None:
    with journal.locked(0, "test", print):
        index = build_index(path, "s", journal, fold)
        journal.recover(index.tip)
        past, keys = Past(index), {}
        for number in (6, 9, 11):
            for each in journal.add([event(number, key=f"n{number}")]):
                fold(past, each)
                keys[each["key"]] = each["seq"]
        assert index.write(past, keys, journal.commit())
    rebuilt = build_index(tmp_path / "again" / "index.db", "s", journal, fold)
    assert contents(index) == contents(rebuilt)
    assert rebuilt.find("customer", "even") == ["c4", "c2", "c6"]
    index.close()
    rebuilt.close()


def test_a_write_that_fails_changes_nothing(journal: Journal, path: Path) -> None:
    with journal.locked(0, "test", print):
        index = build_index(path, "s", journal, fold)
        tip = index.tip
        past = Past(index)
        past.put("customer", "c0", {"turn": 0})
        index._base.execute("PRAGMA query_only = ON")
        assert tip
        assert not index.write(past, {"x": 1}, tip._replace(seq=99))
        index._base.execute("PRAGMA query_only = OFF")
        assert index.tip == tip
        assert index.write(past, {"x": 1}, tip)
    index.close()


def test_absent_and_foreign(journal: Journal, path: Path, tmp_path: Path) -> None:
    assert open_index(path, "s", journal, writing=False) is None
    build_index(path, "s", journal, fold).close()
    assert open_index(path, "t", journal, writing=False) is None
    other = Journal(tmp_path / "other" / "ledger")
    write(other, *([event(number)] for number in range(20)))
    assert open_index(path, "s", other, writing=False) is None
    other.close()


def test_a_tip_that_does_not_prove_itself(journal: Journal, path: Path, folder: Path) -> None:
    with journal.locked(0, "test", print):
        index = build_index(path, "s", journal, fold)
    tip = index.tip
    assert tip
    for wrong in (
        tip._replace(hash="0" * 64),
        tip._replace(previous="0" * 64),
        tip._replace(seq=2),
        tip._replace(start=1),
    ):
        with journal.locked(0, "test", print):
            assert index.write(Past(index), {}, wrong)
        assert open_index(path, "s", journal, writing=False) is None
    index.close()


def test_a_ledger_that_is_shorter_than_the_index(journal: Journal, path: Path, folder: Path) -> None:
    build_index(path, "s", journal, fold).close()
    segment = folder / "2026-11.jsonl" if (folder / "2026-11.jsonl").exists() else next(folder.glob("*.jsonl"))
    lines = segment.read_bytes().splitlines(keepends=True)
    segment.write_bytes(b"".join(lines[:-1]))
    for schema in "st":
        with pytest.raises(DataError, match="shorter"):
            open_index(path, schema, journal, writing=True)
    segment.unlink()
    with pytest.raises(DataError, match="shorter"):
        open_index(path, "s", journal, writing=False)


def test_a_reader_sees_one_state(journal: Journal, path: Path) -> None:
    build_index(path, "s", journal, fold).close()
    reader = open_index(path, "s", journal, writing=False)
    writer = open_index(path, "s", journal, writing=True)
    assert reader
    assert writer
    past = Past(writer)
    past.put("customer", "c0", {"turn": 0})
    tip = writer.tip
    assert tip
    assert writer.write(past, {}, tip)
    assert writer.get("customer", "c0")
    assert reader.get("customer", "c0") is None
    reader.close()
    writer.close()


def test_a_folder_that_cannot_be_written(journal: Journal, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Path) -> None:
        raise PermissionError

    with monkeypatch.context() as patch:
        patch.setattr(disk, "make_folder", refuse)
        index = build_index(path, "s", journal, fold)
    assert index.find("customer", "even") == ["c4", "c2"]
    index.close()
    assert not path.parent.exists()


def test_read_only_media(journal: Journal, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build_index(path, "s", journal, fold).close()
    monkeypatch.setattr(os, "access", lambda *_: False)
    index = open_index(path, "s", journal, writing=False)
    assert index
    assert index.find("customer", "even") == ["c4", "c2"]
    index.close()
    path.resolve().with_name(f"{path.resolve().name}-wal").write_bytes(b"waiting")
    assert open_index(path, "s", journal, writing=False) is None


def test_a_reader_does_not_install_while_a_writer_works(journal: Journal, path: Path, folder: Path) -> None:
    reader = Journal(folder)
    with journal.locked(0, "test", print):
        index = build_index(path, "s", reader, fold)
        assert index.find("customer", "even") == ["c4", "c2"]
        index.close()
        assert list(path.parent.iterdir()) == []


def test_nothing_is_left_beside_a_new_index(journal: Journal, path: Path) -> None:
    for schema in "abc":
        build_index(path, schema, journal, fold).close()
    assert len(list(path.parent.iterdir())) == 2


def test_a_broken_page(journal: Journal, path: Path) -> None:
    build_index(path, "s", journal, fold).close()
    base = sqlite3.connect(path.resolve(), isolation_level=None)
    base.execute("DROP TABLE tip")
    base.close()
    assert open_index(path, "s", journal, writing=True) is None


def test_an_index_of_an_empty_ledger(tmp_path: Path, path: Path) -> None:
    journal = Journal(tmp_path / "empty")
    with journal.locked(0, "test", print):
        index = build_index(path, "s", journal, fold)
        assert index.tip is None
        assert journal.recover(index.tip) is None
        journal.add([event(1)])
        assert index.write(Past(index), {}, journal.commit())
    opened = open_index(path, "s", journal, writing=True)
    assert opened
    assert opened.tip
    opened.close()
    index.close()
    journal.close()
