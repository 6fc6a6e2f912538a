"""The streams of the process: what is looking at them, whether it sees colours, and the pager for long answers."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TextIO

HANG = 4  # how far the rest of a long line stands to the right
PAGER = "less"
PAGED = {
    "LESS": "FRX",
    "LESSCHARSET": "utf-8",
}  # ends by itself within one screen, keeps colours, leaves the text there


@dataclass(eq=False, repr=False)
class Screen:
    """What a text is made for: people at a terminal of some columns and lines, or a pipe; with colours or without."""

    terminal: bool = False
    colour: bool = False
    columns: int = 0
    lines: int = 0

    def fitted(self, text: str) -> str:
        """Answer a text whose lines fit the terminal; in a pipe it stays as it is."""
        if not self.terminal or len(text) * 2 <= self.columns:
            return text
        from crm_cli.columns import fitted  # noqa: PLC0415 - only where there is something to break

        return "\n".join(part for line in text.split("\n") for part in fitted(line, self.columns, HANG))

    def painted(self, text: str, paint: str) -> str:
        """Answer a text in bold or in a colour that can be read on dark and on light; what it says is in its words."""
        return f"\x1b[{PAINTS[paint]}m{text}\x1b[0m" if self.colour and paint else text


PAINTS = {"head": "1", "next": "1;32", "alarm": "1;31"}
HOME, TO_THE_END_OF_LINE, TO_THE_END = "\x1b[H", "\x1b[K", "\x1b[J"
PIPE = Screen()


def screen(stream: TextIO, colour: str | None = None) -> Screen:
    """Answer what a stream is seen on; `colour` is always, never, or else auto: where a terminal can show it."""
    colour = colour or os.environ.get("CRM_COLOR")  # its option may not have been read yet
    if not stream.isatty() or plain():
        return Screen(colour=colour == "always")
    coloured = colour == "always" or (colour != "never" and not _monochrome())
    columns, lines = _size(stream)
    return Screen(terminal=True, colour=coloured, columns=columns, lines=lines)


def _size(stream: TextIO) -> tuple[int, int]:
    """Answer columns and lines of a terminal: what COLUMNS says first, 80 and 24 where it does not know them."""
    try:
        size = tuple(os.get_terminal_size(stream.fileno()))
    except OSError:
        size = (0, 0)
    said = os.environ.get("COLUMNS", "")
    return int(said) if said.isdecimal() and int(said) else size[0] or 80, size[1] or 24


def plain() -> bool:
    """Answer whether CRM_PLAIN asks for what a script reads: as in a pipe, whatever the terminal and the office say."""
    return os.environ.get("CRM_PLAIN", "0") not in ("", "0")


def _monochrome() -> bool:
    return bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"


def write(text: str, seen: Screen, *, paged: bool) -> None:
    """Write an answer to stdout; one that is longer than the screen through the pager."""
    if not (paged and seen.terminal and text.count("\n") >= seen.lines and _through_pager(text)):
        sys.stdout.write(text)
    sys.stdout.flush()


def renew(text: str, seen: Screen) -> None:
    """Show an answer in place of the one before, without a moment in which the screen is empty."""
    if seen.terminal and os.environ.get("TERM") != "dumb":
        text = "".join(text.splitlines(keepends=True)[: seen.lines - 1])
        text = HOME + text.replace("\n", TO_THE_END_OF_LINE + "\n") + TO_THE_END
    sys.stdout.write(text)
    sys.stdout.flush()


def _through_pager(text: str) -> bool:
    """Answer whether a pager showed a text: $PAGER, else less; none on a terminal that only prints."""
    import shlex  # noqa: PLC0415 - only for what is long
    import subprocess  # noqa: PLC0415

    pager = shlex.split(os.environ.get("PAGER", PAGER))
    if not pager or not shutil.which(pager[0]) or os.environ.get("TERM") in (None, "dumb") or not sys.stdin.isatty():
        return False
    with subprocess.Popen(pager, stdin=subprocess.PIPE, env={**PAGED, **os.environ}) as process:  # noqa: S603
        while True:
            try:
                process.communicate(text.encode(errors="backslashreplace"))
            except KeyboardInterrupt:  # it is for the pager, which goes on
                text = ""
            else:
                return True


def ready() -> None:
    """Put nothing in place of a stream that was closed, lest a file of the office gets its number; escape odd signs."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115 - until the end
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]


def silence() -> None:
    """Let nothing more be written to stdout, not even by the interpreter at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
