"""What an office decides by: its policies as they are now, and the calendars that a decision found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm_cli.errors import DataError
from crm_cli.language import _
from crm_cli.ledger import texts
from crm_cli.memory import code_digest
from crm_cli.policy.book import Book
from crm_cli.settings import FILE

if TYPE_CHECKING:
    from pathlib import Path

    from crm_cli.calendars import Calendars
    from crm_cli.settings import Settings


def open_book(folder: Path, settings: Settings, cache: Path | None) -> Book:
    """Answer the policies of an office folder as its settings choose them."""
    from crm_cli.rules.topics import TOPICS  # noqa: PLC0415

    for house in (settings.house, *settings.overlays):
        if not (folder / "policies" / house).is_dir():
            raise DataError(
                _("there is no folder policies/{house}").format(house=house),
                where=FILE,
                fix=_("correct the name of the house, or put its policies back"),
            )
    return Book.open(folder / "policies", settings.house, settings.overlays, TOPICS, cache, code_digest())


def calendars_kept(ledger: Path, digest: str) -> Calendars:
    """Answer the calendars that a decision rests on, as they are kept beside the ledger."""
    from crm_cli.calendars import kept  # noqa: PLC0415 - few decisions ask for a calendar

    try:
        return kept(texts.read(ledger, digest))
    except OSError as error:
        what = _("the calendar that a decision rests on cannot be read: {why}").format(why=error.strerror)
        where = f"ledger/{texts.FOLDER}/{digest}.yaml"
        raise DataError(what, where=where, fix=_("put it back from a copy: crm backup keeps it")) from error
