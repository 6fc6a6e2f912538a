"""How wide a text stands on a terminal, and how it is broken into lines: the one place that counts columns."""

from __future__ import annotations

import re
import unicodedata

LONGEST_WORD = 60  # a longer one is for a machine, a hash or a line of JSON: it is copied whole, not broken
NEVER_FIRST = "，。；：！？、）」』》〉】”’,.;:!?)]}…"  # signs that no line begins with
WORD = re.compile(r"( *)([^ ]+)")
PIECE = re.compile(rf"[{re.escape('（「『《〈【“‘')}]*(?:[ -~]+|.)[{re.escape(NEVER_FIRST)}]*")


def width(text: str) -> int:
    """Answer how many columns a text takes: a Chinese character two, a sign that is put on another none."""
    if text.isascii():
        return len(text)
    return sum(_width(sign) for sign in text)


def _width(sign: str) -> int:
    if unicodedata.east_asian_width(sign) in "WF":
        return 2
    return 0 if unicodedata.category(sign) in ("Mn", "Me", "Cf") else 1


def fitted(text: str, room: int, hang: int = 0) -> list[str]:
    """Answer a line in lines that fit, broken at blanks, else between Chinese characters; `hang` indents the rest.

    A line that holds what only machines read stays whole.
    """
    if width(text) <= room:
        return [text]
    words = WORD.findall(text)
    if any(len(word) > LONGEST_WORD and word.isascii() for _blank, word in words):
        return [text]
    rest = " " * (len(text) - len(text.lstrip(" ")) + hang)
    lines = [""]
    for blank, word in words:
        _put(blank, word, lines, rest, room)
    return lines


def _put(blank: str, word: str, lines: list[str], rest: str, room: int) -> None:
    """Put a word behind the last line, on a new one, or in parts where it is too long for most of one."""
    if width(lines[-1]) + len(blank) + width(word) <= room:
        lines[-1] += blank + word
    elif width(word) * 2 <= room - len(rest) or word.isascii():
        lines.append(rest + word)
    else:
        lines[-1] += blank
        for piece in PIECE.findall(word):
            if width(lines[-1]) + width(piece) > room:
                lines[-1] = lines[-1].rstrip()
                lines.append(rest)
            lines[-1] += piece
