"""Plays the transcripts *.test: what is typed, what stdout and stderr say, and the exit code.

    # words for the reader
    % NAME=VALUE            the environment of what follows; the variable is gone when VALUE is empty
    $ crm staff list        a line for bash, in a folder that holds the office; each file has a fresh one
    王芳  销售经理            what stdout says; a line that begins with one of # % $ ! ? \\ has a \\ before it
    ! dry run               what stderr says
    ? 2                     the exit code, when it is not 0

A file whose first line is `# bare` gets an office with a manager only, others get one with staff and an open day;
`# cases` gets such a one whose house declares the kinds of case of tests/cli/house.
What depends on the machine is replaced: hashes, folders, users, the time of writing. UPDATE_TRANSCRIPTS=1 writes
down what the program says now; read the difference before you keep it.
"""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import desk
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

TRANSCRIPTS = sorted(Path(__file__).parent.glob("*.test"))
SIGNS = ("#", "%", "$", "!", "?", "\\")
MACHINE = (
    (re.compile(r"\b[0-9a-f]{64}\b"), "<hash>"),
    (re.compile(r"\b[0-9a-f]{32}\b"), "<id>"),
    (re.compile(r":[0-9a-f]{8}(?=\"|\b)"), ":<rule>"),
    (re.compile(r'"logged":"[^"]*"'), '"logged":"<time>"'),
    (re.compile(r"\b2\d{3}-\d\d(?=\.jsonl|\.seal)"), "<month>"),
    (re.compile(r"(?<=quarantine/)2\d{3}-\d\d-\d+-[0-9a-f]{8}"), "<month>-<offset>-<digest>"),
    (re.compile(r"\d+ files, \d+ bytes"), "<n> files, <n> bytes"),
    (re.compile(r"\d+(?= bytes were damaged)|(?<=\"damaged\":)\d+"), "<n>"),
)
WITHOUT = (" run ", " verify", " check", "2>&-")  # what goes on after a failure, lists what is wrong, says nothing


@dataclass
class Block:
    """A line for bash and what is expected of it, or a line that is kept as it stands."""

    line: str
    said: list[str] = field(default_factory=list)


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_transcript(path: Path, bare: Path, staffed: Path, declared: Path, tmp_path: Path) -> None:
    text = path.read_text("utf-8")
    offices = {"# bare": bare, "# cases": declared}
    office = desk.copied(offices.get(text.partition("\n")[0], staffed), tmp_path / "office")
    complaints: list[str] = []
    heard = played(text, office, tmp_path, complaints)
    if os.environ.get("UPDATE_TRANSCRIPTS"):
        path.write_text(heard, "utf-8")
    assert heard.splitlines() == text.splitlines()
    assert not complaints


def played(text: str, office: Path, folder: Path, complaints: list[str]) -> str:
    """Answer the transcript as the program would have it now."""
    env = {"PATH": desk.PATH, "CRM_OFFICE": str(office), "CRM_NOW": desk.NOW, "CRM_LANG": "en"}
    heard = []
    for block in blocks(text):
        if block.line.startswith("% "):
            name, _, value = block.line[2:].partition("=")
            env[name] = value
            env = {name: value for name, value in env.items() if value}
        if block.line.startswith("$ "):
            heard += [block.line, *answered(block.line[2:], env, office, folder, complaints), ""]
        else:
            heard.append(block.line)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(heard)).strip() + "\n"


def blocks(text: str) -> list[Block]:
    """Answer the lines of a transcript, each with what is expected of it."""
    found: list[Block] = []
    for line in text.splitlines():
        if line.startswith(("# ", "% ", "$ ")) or line == "#":
            found.append(Block(line))
        elif found and found[-1].line.startswith("$ "):
            found[-1].said.append(line)
        else:
            found.append(Block(line))
    return found


def answered(line: str, env: dict[str, str], office: Path, folder: Path, complaints: list[str]) -> list[str]:
    """Answer what a line says, and hold it to the manners that every command has."""
    before = desk.digest(office)
    done = subprocess.run(
        ["/bin/bash", "-c", line], check=False, env=env, cwd=folder, capture_output=True, stdin=subprocess.DEVNULL
    )
    out, err = done.stdout.decode(), done.stderr.decode()
    complaints += ill_manners(line, done.returncode, err, unchanged=before == desk.digest(office))
    said = [f"\\{one}" if one.startswith(SIGNS) else one for one in out.splitlines()]
    said += [f"! {one}".rstrip() for one in err.splitlines()]
    said = [plain(one, folder) for one in said]
    return said + ([f"? {done.returncode}"] if done.returncode else [])


def ill_manners(line: str, code: int, err: str, *, unchanged: bool) -> Iterator[str]:
    """Answer what is amiss: unknown codes, no place or fix, something written by what failed or was only tried."""
    if code not in (0, 1, 2, 3, 4, 5):
        yield f"exit {code}: {line}: {err}"
    if not line.startswith("crm ") or any(word in line for word in WITHOUT):
        return
    if code > 1 and not unchanged:
        yield f"it failed and wrote: {line}"
    if code > 1 and not (
        re.match(r"crm: .*\n  (fix: |办法：|辦法：)\S", err, re.DOTALL) or err.startswith('{"error":')
    ):
        yield f"no error with a fix: {line}: {err}"
    if " -n" in line and not unchanged:
        yield f"it was only tried and wrote: {line}"
    if " -q" in line and code == 0 and err:
        yield f"it was to be quiet: {line}: {err}"


def plain(line: str, folder: Path) -> str:
    """Answer a line without what differs from machine to machine."""
    line = line.replace(str(folder), "<folder>").replace(f'"{desk.USER}"', '"<user>"')
    line = re.sub(rf"\b{desk.USER}\b", "<user>", line)
    for pattern, name in MACHINE:
        line = pattern.sub(name, line)
    return line
