"""Which rules an office lives by: a folder of policies, a house in it, and the overlays laid over that house."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path


class Shelf(NamedTuple):
    """The folder, the house, and the overlays in their order."""

    folder: Path
    house: str
    overlays: tuple[str, ...] = ()
