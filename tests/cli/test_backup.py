"""crm backup: a copy as it stood when it was begun, brought up to now again and again; and what an old one does."""

from __future__ import annotations

import json
import shutil
import stat
import subprocess
from hashlib import sha256
from typing import TYPE_CHECKING

import desk
import pytest
from desk import CRM, crm
from test_months import NOVEMBER, at, made

if TYPE_CHECKING:
    from pathlib import Path


def held(office: Path) -> dict[str, bytes]:
    """Answer all files of an office that belong into a copy."""
    return {
        str(path.relative_to(office)): path.read_bytes()
        for path in sorted(office.rglob("*"))
        if path.is_file() and ".cache" not in path.parts and path.name != ".lock"
    }


def arrive(office: Path, *names: str) -> None:
    for name in names:
        assert crm("register", "add", name, "--to", "李娜", "--kind", "visit", office=office).code == 0


def backup(office: Path, to: Path, *more: str) -> desk.Done:
    return crm("backup", str(to), *more, office=office)


def test_a_backup_is_an_office_of_its_own(office: Path, tmp_path: Path) -> None:
    done = backup(office, tmp_path / "copy")
    assert done.code == 0, done.err
    assert done.out == crm("ledger", "head", office=office).out
    assert held(tmp_path / "copy") == held(office)
    assert not (tmp_path / "copy" / ".cache").exists()
    assert not (tmp_path / "copy" / "ledger" / ".lock").exists()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    assert crm("ledger", "verify", "--against", done.out, office=tmp_path / "copy").code == 0
    show = crm("rotate", "show", "--json", office=office).out
    assert crm("rotate", "show", "--json", office=tmp_path / "copy").out == show


def test_an_earlier_backup_gets_only_what_is_new(office: Path, tmp_path: Path) -> None:
    backup(office, tmp_path / "copy")
    kept = {path: path.stat().st_ino for path in (tmp_path / "copy").rglob("*") if path.is_file()}
    size = sum(len(data) for data in held(office).values())
    arrive(office, "客一", "客二")
    done = backup(office, tmp_path / "copy", "--json")
    grown = sum(len(data) for data in held(office).values()) - size
    assert json.loads(done.out)["bytes"] == grown
    assert {path: path.stat().st_ino for path in kept} == kept
    assert held(tmp_path / "copy") == held(office)
    again = json.loads(backup(office, tmp_path / "copy", "--json").out)
    assert (again["files"], again["bytes"]) == (0, 0)


def test_policies_are_as_they_are_here_and_files_stay(office: Path, tmp_path: Path) -> None:
    (office / "files").mkdir()
    (office / "files" / sha256(b"photo").hexdigest()).write_bytes(b"photo")
    (office / "policies" / "other").mkdir()
    (office / "policies" / "other" / "words.yaml").write_text("labels: {}\n")
    backup(office, tmp_path / "copy")
    assert held(tmp_path / "copy") == held(office)
    shutil.rmtree(office / "policies" / "other")
    (office / "crm.yaml").write_text((office / "crm.yaml").read_text() + "# a remark\n")
    backup(office, tmp_path / "copy")
    assert held(tmp_path / "copy") == held(office)


def test_what_is_only_tried_copies_nothing(office: Path, tmp_path: Path) -> None:
    done = backup(office, tmp_path / "copy", "-n", "--json")
    assert json.loads(done.out)["bytes"] == sum(len(data) for data in held(office).values())
    assert not (tmp_path / "copy").exists()
    backup(office, tmp_path / "copy")
    before = held(tmp_path / "copy")
    arrive(office, "客一")
    assert (
        json.loads(backup(office, tmp_path / "copy", "-n", "--json").out)["files"] == 2
    )  # lines, and the text of a rulebook
    assert held(tmp_path / "copy") == before


def test_an_empty_folder_will_do(office: Path, tmp_path: Path) -> None:
    (tmp_path / "copy").mkdir()
    assert backup(office, tmp_path / "copy").code == 0
    assert held(tmp_path / "copy") == held(office)


@pytest.mark.parametrize("to", ["office", "office/inside", "full", "full/file"])
def test_a_place_that_will_not_do_is_refused(office: Path, tmp_path: Path, to: str) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").write_text("mine")
    before = held(office)
    done = backup(office, tmp_path / to)
    assert (done.code, done.out) == (2, "")
    assert "\n  fix: " in done.err
    assert held(office) == before
    assert held(tmp_path / "full") == {"file": b"mine"}


def refused(office: Path, copy: Path) -> str:
    before = held(copy)
    done = backup(office, copy)
    assert done.code == 3
    assert held(copy) == before
    assert backup(office, copy, "-n").code == 3
    return done.err


def test_a_copy_of_another_office_is_refused(office: Path, tmp_path: Path) -> None:
    assert "that is a copy of another office" in refused(office, desk.made(tmp_path / "another"))


def test_a_copy_that_went_another_way_is_refused(office: Path, tmp_path: Path) -> None:
    backup(office, tmp_path / "copy")
    arrive(tmp_path / "copy", "客一")
    assert "the copy goes further than this ledger: it has line 8" in refused(office, tmp_path / "copy")
    arrive(office, "客二", "客三")
    assert "line 8 of the copy is another one than here" in refused(office, tmp_path / "copy")


def test_a_damaged_copy_is_refused(office: Path, tmp_path: Path) -> None:
    backup(office, tmp_path / "copy")
    path = next((tmp_path / "copy" / "ledger").glob("*.jsonl"))
    path.write_bytes(path.read_bytes().replace("张伟".encode(), "张维".encode()))
    assert "the ledger is damaged" in refused(office, tmp_path / "copy")


def test_damage_is_not_copied(office: Path, tmp_path: Path) -> None:
    path = next((office / "ledger").glob("*.jsonl"))
    path.write_bytes(path.read_bytes().replace("张伟".encode(), "张维".encode()))
    assert backup(office, tmp_path / "copy").code == 3
    assert list(tmp_path.iterdir()) == [office]


def test_a_backup_goes_over_the_turn_of_the_month(tmp_path: Path) -> None:
    office, copy = made(tmp_path / "office"), tmp_path / "copy"
    assert at(NOVEMBER, office, "backup", str(copy)).code == 0
    assert at(NOVEMBER, office, "staff", "add", "周敏", "--role", "clerk").code == 0
    assert at(NOVEMBER, office, "backup", str(copy)).code == 0
    assert held(copy) == held(office)
    assert stat.S_IMODE((copy / "ledger" / "2026-10.jsonl").stat().st_mode) == 0o440
    assert at(NOVEMBER, copy, "ledger", "verify", "--replay").code == 0


def test_a_writer_at_the_same_time_fools_nobody(office: Path, tmp_path: Path) -> None:
    """Each copy that is taken meanwhile is whole, and is what the ledger was at some moment."""
    (tmp_path / "day.crm").write_text("".join(f"register add 客{n} --to 李娜 --kind visit\n" for n in range(400)))
    env = {"PATH": desk.PATH, "CRM_NOW": desk.NOW, "CRM_LANG": "en", "CRM_OFFICE": str(office)}
    copies: list[tuple[desk.Done, Path]] = []
    with subprocess.Popen([CRM, "run", str(tmp_path / "day.crm"), "-q"], env=env, stdout=-1, stderr=-1) as writer:
        while writer.poll() is None:
            copies.append((backup(office, tmp_path / f"copy {len(copies)}"), tmp_path / f"copy {len(copies)}"))
            assert backup(office, tmp_path / "copy 0").code == 0
        assert writer.returncode == 0
    lines = desk.lines(office)
    assert copies
    for done, copy in copies:
        assert done.code == 0, done.err
        assert crm("ledger", "verify", office=copy).code == 0
        assert desk.lines(copy) == lines[: len(desk.lines(copy))]
        assert crm("ledger", "verify", "--against", done.out, office=office).code == 0


def test_an_old_copy_over_a_used_office_is_noticed_by_what_the_index_knows(office: Path, tmp_path: Path) -> None:
    backup(office, tmp_path / "copy")
    arrive(office, "客一")
    shutil.rmtree(office / "ledger")
    shutil.copytree(tmp_path / "copy" / "ledger", office / "ledger")
    for words in (["rotate", "show"], ["staff", "list"], ["rotate", "open"], ["backup", str(tmp_path / "third")]):
        done = crm(*words, office=office)
        assert done.code == 3
        assert "the ledger is shorter than it was: line 8 is gone" in done.err
    assert not (tmp_path / "third").exists()


def test_a_backup_says_what_a_writer_left_behind_and_leaves_it(office: Path, tmp_path: Path) -> None:
    before = desk.lines(office)
    with next((office / "ledger").glob("*.jsonl")).open("ab") as file:
        file.write(b'{"seq":8,')
    done = backup(office, tmp_path / "copy")
    assert done.code == 0
    assert "9 bytes at the end of the ledger were never acknowledged" in done.err
    assert desk.lines(tmp_path / "copy") == before


def test_an_old_copy_without_the_index_is_noticed_by_a_head_kept_elsewhere(office: Path, tmp_path: Path) -> None:
    backup(office, tmp_path / "copy")
    arrive(office, "客一")
    head = backup(office, tmp_path / "newer").out
    old = tmp_path / "copy"
    assert crm("rotate", "show", office=old).code == 0, "a copy is an office; nothing in it says that it is old"
    behind = crm("ledger", "verify", "--against", head, office=old)
    assert behind.code == 3
    assert "an old copy was put back" in behind.out
    arrive(old, "客二")
    other = crm("ledger", "verify", "--against", head, office=old)
    assert other.code == 3
    assert "the ledger was written anew" in other.out
    assert "is another one than here" in backup(old, tmp_path / "newer").err


def test_an_old_copy_of_an_earlier_month_over_a_later_one_is_damage(tmp_path: Path) -> None:
    office, copy = made(tmp_path / "office"), tmp_path / "copy"
    assert at(NOVEMBER, office, "backup", str(copy)).code == 0
    assert at(NOVEMBER, office, "staff", "add", "周敏", "--role", "clerk").code == 0
    shutil.rmtree(office / ".cache")
    shutil.copy(copy / "ledger" / "2026-10.jsonl", office / "ledger" / "2026-10.jsonl")
    done = at(NOVEMBER, office, "staff", "list")
    assert done.code == 3
    assert "ledger/2026-11.jsonl:1" in done.err


def test_where_nothing_is_left_nothing_is_copied(office: Path, tmp_path: Path) -> None:
    shutil.rmtree(office / ".cache")
    for path in (office / "ledger").glob("*.jsonl"):
        path.unlink()
    done = backup(office, tmp_path / "copy")
    assert (done.code, "the ledger is empty" in done.err) == (3, True)
    assert not (tmp_path / "copy").exists()
