"""The policy texts that decisions rest on, each kept once beside the ledger under its sha256."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm_cli.ledger import disk

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = "policies"


def keep(ledger: Path, digest: str, text: bytes) -> None:
    """Keep a text, durably and whole, unless it is kept already."""
    folder = ledger / FOLDER
    kept, half = folder / f"{digest}.yaml", folder / f".{digest}.half"
    if kept.exists():
        return
    with disk.trouble(folder):
        disk.make_folder(folder)
        try:
            disk.write_new(half, text)
            disk.rename(half, kept)
        except BaseException:
            disk.unlink(half)
            raise
        disk.sync_folder(folder)


def read(ledger: Path, digest: str) -> bytes:
    """Answer a text that is kept; OSError when it is not."""
    return (ledger / FOLDER / f"{digest}.yaml").read_bytes()
