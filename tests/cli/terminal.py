"""A terminal for the tests: a pseudo-terminal of some columns and lines, and what the program wrote on it."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

import desk

if TYPE_CHECKING:
    from pathlib import Path

PAINT = re.compile(r"\x1b\[([0-9;]*)m")
PATIENCE = 60  # seconds without a word before a test gives up


@dataclass
class Shown:
    """What a terminal was written, paints and all, and the exit code."""

    raw: str
    code: int

    @property
    def text(self) -> str:
        return PAINT.sub("", self.raw)

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @property
    def paints(self) -> set[str]:
        return {part for found in PAINT.findall(self.raw) for part in found.split(";")}


def shown(
    *words: str,
    office: Path | None = None,
    size: tuple[int, int] = (80, 24),
    types: bytes = b"",
    env: dict[str, str] | None = None,
) -> Shown:
    """Answer what the program shows on a terminal, where somebody types something."""
    named = {"CRM_OFFICE": str(office)} if office else {}
    environment = {"PATH": desk.PATH, "CRM_NOW": desk.NOW, "CRM_LANG": "en", "TERM": "xterm-256color"}
    environment |= {**named, **(env or {})}
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
    with subprocess.Popen(
        [desk.CRM, *words], stdin=theirs, stdout=theirs, stderr=theirs, env=environment, start_new_session=True
    ) as process:
        os.close(theirs)
        os.write(ours, types)
        said = b"".join(_heard(ours))
        code = process.wait(PATIENCE)
    os.close(ours)
    return Shown(said.decode().replace("\r\n", "\n"), code)


def _heard(ours: int) -> list[bytes]:
    found = []
    while select.select([ours], [], [], PATIENCE)[0]:
        try:
            found.append(os.read(ours, 65536))
        except OSError:  # the other end is closed
            break
        if not found[-1]:
            break
    return found


def columns(text: str) -> int:
    """Answer how wide a text is, counted apart from the program: wide and full-width characters are two."""
    return sum(
        0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in ("W", "F") else 1
        for sign in text
    )
