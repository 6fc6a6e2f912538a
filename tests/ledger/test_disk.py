"""The calls to the disk that differ from system to system, and what is tried out before an office is made."""

from __future__ import annotations

import errno
import fcntl
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from crm_cli.errors import MachineError
from crm_cli.ledger import disk, probe

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FULL = 51  # what macOS calls F_FULLFSYNC


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Answer which flushes were made, on a machine that is a Mac."""
    made: list[str] = []
    monkeypatch.setattr(fcntl, "F_FULLFSYNC", FULL, raising=False)
    monkeypatch.delattr(os, "fdatasync", raising=False)
    monkeypatch.delattr(os, "posix_fadvise", raising=False)
    monkeypatch.setattr(fcntl, "fcntl", lambda _file, call: made.append("full" if call == FULL else "?"))
    monkeypatch.setattr(os, "fsync", lambda _file: made.append("fsync"))
    return made


def flushed(path: Path) -> None:
    with path.open("wb") as file:
        disk.sync(file.fileno())
        disk.forget(file.fileno())
    disk.sync_folder(path.parent)


def refusing(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def refuse(*_: Any) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "fcntl", refuse)


def test_a_mac_flushes_to_the_platter(tmp_path: Path, calls: list[str]) -> None:
    flushed(tmp_path / "file")
    assert calls == ["full", "full"]


def test_a_mac_flushes_as_far_as_its_file_system_can(
    tmp_path: Path, calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    refusing(monkeypatch, errno.ENOTSUP)
    flushed(tmp_path / "file")
    assert calls == ["fsync", "fsync"]


def test_a_failed_flush_of_a_mac_is_not_tried_in_another_way(
    tmp_path: Path, calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    refusing(monkeypatch, errno.EIO)
    with pytest.raises(OSError, match=os.strerror(errno.EIO)):
        flushed(tmp_path / "file")
    assert calls == []


def test_a_folder_of_this_machine_is_good_enough(tmp_path: Path) -> None:
    probe.probe(tmp_path)
    assert list(tmp_path.iterdir()) == []


def without_append(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "open_append", lambda path: os.open(path, os.O_RDWR))


def without_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fcntl, "flock", lambda *_: None)


def with_locks_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", refuse)


def without_rename(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "rename", lambda *_: None)


def without_folders(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Path) -> None:
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))

    monkeypatch.setattr(disk, "sync_folder", refuse)


@pytest.mark.parametrize(
    "wanting", [without_append, without_locks, with_locks_refused, without_rename, without_folders]
)
def test_a_file_system_that_cannot_do_it_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wanting: Callable[[pytest.MonkeyPatch], None]
) -> None:
    wanting(monkeypatch)
    with pytest.raises(MachineError, match="an office cannot live here") as caught:
        probe.probe(tmp_path)
    assert caught.value.exit == 5
    assert "crm init /" in caught.value.fix


MOUNTED = """\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 0:40 / /mnt/share rw - nfs4 server:/share rw
31 22 0:41 / /mnt/my\\040disk rw - fuse.sshfs me@host: rw
32 30 8:2 / /mnt/share/local rw master:2 - xfs /dev/sdb1 rw
"""


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        *(("/srv/office", ""), ("/mnt/share", "nfs4"), ("/mnt/share/office", "nfs4"), ("/mnt/shared", "")),
        *(("/mnt/my disk/office", "fuse.sshfs"), ("/mnt/share/local/office", "")),
    ],
)
def test_a_far_file_system_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str, kind: str) -> None:
    (tmp_path / "mountinfo").write_text(MOUNTED)
    monkeypatch.setattr(probe, "MOUNTS", tmp_path / "mountinfo")
    assert probe.far(type(tmp_path)(folder)) == kind


def test_where_nobody_tells_what_is_mounted_nothing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "MOUNTS", tmp_path / "nothing")
    assert probe.far(tmp_path) == ""


def test_a_new_office_on_a_bad_file_system_is_not_made(tmp_path: Path) -> None:
    """The whole program, on a machine whose locks hold nobody off."""
    script = (
        "import fcntl, sys; fcntl.flock = lambda *_: None\n"
        "from crm_cli.cli import run; sys.exit(run(sys.argv[1:]))"
    )  # fmt: skip
    words = ["init", str(tmp_path / "office"), "--profile", "sales-office", "--manager", "王芳"]
    done = subprocess.run(
        [sys.executable, "-c", script, *words], capture_output=True, text=True, check=False, env={"CRM_LANG": "en"}
    )
    assert done.returncode == 5
    assert done.stderr.startswith("crm: an office cannot live here: a lock that is held there is not seen by others\n")
    assert list(tmp_path.iterdir()) == []
