"""Words as they are compared: one form for simplified and traditional script, for full and half width, for spacing."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path

VARIANTS = Path(__file__).with_name("variants.txt")
_TOKEN = re.compile(r"[^\W_]+")


@cache
def _variants() -> dict[int, str]:
    """Answer each character that is another one in simplified script, with that one."""
    lines = VARIANTS.read_text("utf-8").split()
    return {ord(other): line[0] for line in lines for other in line[1:]}


def folded(text: str) -> str:
    """Answer a text as it is compared: without width, case, accents and script."""
    plain = unicodedata.normalize("NFKC", text).translate(_variants()).casefold()
    if plain.isascii():
        return plain
    apart = unicodedata.normalize("NFD", plain)
    return unicodedata.normalize("NFC", "".join(sign for sign in apart if not unicodedata.combining(sign)))


def tokens(text: str) -> list[str]:
    """Answer the words of a text as they are compared, in their order."""
    return _TOKEN.findall(folded(text))


def name_keys(text: str) -> frozenset[str]:
    """Answer what a name is found by: two names with a key in common are written alike but for order and spacing."""
    words = tokens(text)
    return frozenset({"".join(words), "".join(reversed(words)), "".join(sorted(words))} - {""})
