"""The policy texts that decisions rest on, each kept once beside the ledger under its sha256."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from crm_cli.ledger import disk

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = "policies"


def keep(ledger: Path, digest: str, source: Path) -> None:
    """Keep a text, durably, unless it is kept already."""
    folder = ledger / FOLDER
    kept = folder / f"{digest}.yaml"
    if kept.exists():
        return
    with disk.trouble(folder):
        disk.make_folder(folder)
        half = folder / f".{digest}.half"
        file = disk.create(half)
        try:
            disk.write(file, source.read_bytes())
            disk.sync(file)
        finally:
            os.close(file)
        disk.rename(half, kept)
        disk.sync_folder(folder)
