"""Circles in what waits for what."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def circle(start: str, edges: Mapping[str, Iterable[str]]) -> list[str]:
    """Answer the shortest way from something back to itself, beginning there; empty when there is none."""
    came: dict[str, str] = {}
    queue = [start]
    for one in queue:
        for other in edges.get(one, ()):
            if other == start:
                return _way(start, one, came)
            if other not in came:
                came[other] = one
                queue.append(other)
    return []


def _way(start: str, last: str, came: Mapping[str, str]) -> list[str]:
    way = [last]
    while way[-1] != start:
        way.append(came[way[-1]])
    return way[::-1]
