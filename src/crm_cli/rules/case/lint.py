"""Words that a reply may not contain: the longest that fits counts, so an allowed phrase shields its parts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_PAUSE = r"\s,.;:!?、,。;:!?…()()「」“”\"'"


def hits(text: str, forbidden: Iterable[str], allowed: Iterable[str]) -> list[str]:
    """Answer the forbidden words in a text, in their order; one of a single sign counts only as a clause of its own."""
    banned = set(forbidden)
    words = sorted({*banned, *allowed}, key=lambda word: (-len(word), word))
    if not words:
        return []
    pattern = re.compile("|".join(_pattern(word) for word in words), re.IGNORECASE)
    found = [match[0] for match in pattern.finditer(text)]
    return [word for word in found if word in banned or word.lower() in {one.lower() for one in banned}]


def _pattern(word: str) -> str:
    if len(word) > 1:
        return re.escape(word)
    return rf"(?:(?<=^)|(?<=[{_PAUSE}])){re.escape(word)}(?=$|[{_PAUSE}])"
