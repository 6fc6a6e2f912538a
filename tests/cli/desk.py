"""The program as a desk sees it: a real process, an office of its own, an environment with next to nothing in it."""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import yaml

BIN = Path(sys.executable).parent
CRM = BIN / "crm"
PATH = f"{BIN}:/usr/local/bin:/usr/bin:/bin"
HOUSE, MANAGER, FOUNDED = "sales-office", "王芳", "2025-03-03T08:00+08:00"
NOW = "2025-03-03T09:00+08:00"
STAFF = {"李娜": "salesperson", "张伟": "salesperson", "赵磊": "salesperson", "陈静": "clerk"}
USER = pwd.getpwuid(os.getuid()).pw_name


@dataclass
class Done:
    """What a command line came to."""

    code: int
    out: str
    err: str


def crm(
    *words: str | bytes,
    office: Path | None = None,
    cwd: Path | None = None,
    stdin: bytes = b"",
    env: dict[str, str] | None = None,
) -> Done:
    """Carry out one command line of the program."""
    named = {"CRM_OFFICE": str(office)} if office else {}
    done = subprocess.run(
        [CRM, *words],
        check=False,
        env={"PATH": PATH, "CRM_NOW": NOW, "CRM_LANG": "en", **named, **(env or {})},
        cwd=cwd,
        input=stdin,
        capture_output=True,
    )
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


def made(folder: Path) -> Path:
    """Make a bare office with its manager only."""
    done = crm("init", str(folder), "--profile", HOUSE, "--manager", MANAGER, env={"CRM_NOW": FOUNDED})
    assert done.code == 0, done.err
    return folder


def staffed(folder: Path) -> Path:
    """Make an office with its staff, and the day open."""
    made(folder)
    lines = [f"staff add {name} --role {role}" for name, role in STAFF.items()]
    lines += ["rotate order 李娜 张伟 赵磊", "rotate open"]
    done = crm("run", "-", office=folder, stdin="\n".join(lines).encode())
    assert done.code == 0, done.err
    return folder


def declaring(office: Path) -> Path:
    """Declare a kind of case in an office of its own: the house of tests/cli/house, and two more clerks for it."""
    folder, house = office / "policies" / HOUSE, Path(__file__).parent / "house"
    for path in house.glob("*@*.yaml"):
        shutil.copy(path, folder)
    words, more = (yaml.safe_load((one / "words.yaml").read_text("utf-8")) for one in (folder, house))
    for vocabulary, labels in more.items():
        words["labels"][vocabulary] = labels | words["labels"].get(vocabulary, {})
    (folder / "words.yaml").write_text(yaml.safe_dump(words, allow_unicode=True, sort_keys=False), "utf-8")
    done = crm("run", "-", office=office, stdin="staff add 何勇 --role clerk\nrefund list".encode())
    assert done.code == 0, done.err
    return office


def copied(office: Path, folder: Path) -> Path:
    """Answer a copy of an office, its index too."""
    shutil.copytree(office, folder, symlinks=True)
    return folder


def digest(office: Path) -> str:
    """Answer one hash over every file of the ledger, its name and its bytes; who holds the lock does not count."""
    found = hashlib.sha256()
    for path in sorted((office / "ledger").rglob("*")):
        if path.is_file() and path.name != ".lock":
            found.update(f"{path.relative_to(office)} {path.stat().st_mode}\n".encode() + path.read_bytes())
    return found.hexdigest()


def lines(office: Path) -> list[bytes]:
    """Answer the lines of the ledger."""
    return [line for path in sorted((office / "ledger").glob("*.jsonl")) for line in path.read_bytes().splitlines()]
