"""Which commands take files with them: those that record an event, and no others."""

from __future__ import annotations

import importlib
import inspect
import os
import re
import subprocess
from typing import TYPE_CHECKING, Any

import desk
from desk import crm
from test_machine import as_nobody, opened_to_all, root

from crm_cli.nouns import NOUNS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def functions() -> Iterator[tuple[str, Any, bool]]:
    """Answer each command with its function, and whether it takes files."""
    for noun, (name, _sentence) in NOUNS.items():
        module = importlib.import_module(f"crm_cli.commands.{name}")
        found = {noun: module.command} if hasattr(module, "command") else module.VERBS
        for verb, function in found.items():
            yield f"{noun} {verb}", function, function in getattr(module, "RECORDS", ())


def test_what_decides_a_request_takes_files_and_nothing_else_does() -> None:
    for name, function, takes in functions():
        source = inspect.getsource(function)
        decides = re.search(r"session\.decide\(|\b_on_line\(|\b_act\(|\b_done\(|\bImport\(", source) is not None
        assert takes == decides, name


def test_help_tells_which(tmp_path: Path) -> None:
    assert "--attach\xa0FILE" in crm("rotate", "arrive", "--help").out
    assert "--attach" not in crm("rotate", "next", "--help").out


@root
def test_a_file_that_may_not_be_read_is_the_machine_failing(staffed: Path, tmp_path: Path) -> None:
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        office = desk.copied(staffed, Path(folder) / "office")
        opened_to_all(office, writable=True)
        settings = office / "crm.yaml"
        settings.write_text(settings.read_text().replace(f'"{desk.USER}"', '"nobody"'))
        secret = Path(folder) / "secret"
        secret.write_text("nobody may read this")
        secret.chmod(0o600)
        before = desk.digest(office)
        done = as_nobody(office, "staff", "add", "周敏", "--role", "clerk", "--attach", str(secret))
        assert (done.code, done.err.splitlines()[0]) == (5, "crm: attachment 1 cannot be read: Permission denied")
        assert desk.digest(office) == before
        assert not (office / "files").exists()


def test_a_name_that_is_no_text_is_written_down_readably(office: Path, tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/caf\xe9\n\x1b[31m.txt"
    with open(path, "wb") as file:  # noqa: PTH123 - a name in bytes
        file.write(b"paper")
    assert crm("rotate", "finish", "李娜", office=office).code == 1
    done = crm("staff", "add", "周敏", "--role", "clerk", "--attach", path, "--json", office=office)
    assert done.code == 0, done.err
    shown = crm("why", "8", office=office)
    assert shown.out.splitlines()[1].startswith("attached: caf\\udce9\\n\\x1b[31m.txt  files/")
    assert crm("ledger", "verify", "--replay", office=office).code == 0


def test_a_file_is_found_from_the_folder_one_is_in(office: Path, tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "paper").write_bytes(b"paper")
    line = "crm run - -q <<< 'staff add 周敏 --role clerk --attach paper' && crm ledger verify --replay"
    env = {"PATH": desk.PATH, "CRM_OFFICE": str(office), "CRM_LANG": "en", "CRM_NOW": desk.NOW}
    done = subprocess.run(["/bin/bash", "-c", line], cwd=tmp_path / "here", env=env, capture_output=True, text=True)  # noqa: PLW1510
    assert (done.returncode, done.stderr) == (0, "")
    assert [path.read_bytes() for path in (office / "files").iterdir()] == [b"paper"]
