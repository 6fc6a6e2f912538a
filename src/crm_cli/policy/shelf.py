"""Which rules an office lives by: a folder of policies, a house in it, the overlays over it, and their topics."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

    from crm_cli.policy.vocabulary import Topic

_POLICY = re.compile(r"([a-z][a-z0-9_]*)@[0-9]{4}-[0-9]{2}-[0-9]{2}\.yaml")


class Shelf(NamedTuple):
    """The folder, the house, and the overlays in their order."""

    folder: Path
    house: str
    overlays: tuple[str, ...] = ()


class Topics(Mapping[str, "Topic"]):
    """The topics that Python asks about, and those that the houses of a shelf invent."""

    def __init__(self, known: Mapping[str, Topic], invented: tuple[str, ...]) -> None:
        self._known, self.invented = known, invented

    def __getitem__(self, name: str) -> Topic:
        from crm_cli.policy.vocabulary import invented  # noqa: PLC0415 - a compiled policy is read without it

        return invented(name) if name in self.invented else self._known[name]

    def __iter__(self) -> Iterator[str]:
        yield from self._known
        yield from self.invented

    def __len__(self) -> int:
        return len(self._known) + len(self.invented)


def topics(shelf: Shelf, known: Mapping[str, Topic]) -> Topics:
    """Answer the topics of a shelf: a policy of a name that Python does not know is one of cases."""
    if isinstance(known, Topics):
        return known
    found: set[str] = set()
    for house in (shelf.house, *shelf.overlays):
        with contextlib.suppress(OSError):
            names = (_POLICY.fullmatch(file.name) for file in os.scandir(shelf.folder / house))
            found.update(match[1] for match in names if match)
    return Topics(known, tuple(sorted(found - set(known))))


def together(topic: str, known: Mapping[str, Topic]) -> tuple[str, ...]:
    """Answer the topics whose files make a compiled one: topics of cases speak of each other's kinds."""
    return known.invented if isinstance(known, Topics) and topic in known.invented else (topic,)
