"""A question before what is not taken back; only somebody at a terminal is asked, and --yes answers it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from crm_cli.language import _
from crm_cli.render import Answer, streams

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crm_cli.commands.session import Session

Yes = Annotated[bool, typer.Option("-y", "--yes", help="Do not ask on a terminal.")]


def is_to_ask(session: Session, *, yes: bool) -> bool:
    """Answer whether somebody is there to be asked, and has not answered yet."""
    there = sys.stdin.isatty() and sys.stderr.isatty() and not streams.plain()
    return there and not (yes or session.in_run or session.shared.dry_run)


def agreed(session: Session, lines: Iterable[str]) -> bool:
    """Answer whether somebody agrees to what was shown to them."""
    for line in lines:
        session.say(line)
    return typer.confirm(_("record this?"), err=True)


def declined() -> Answer:
    """Answer that somebody did not agree."""
    return Answer({"verdict": "declined", "cites": [], "events": []}, [_("nothing was recorded")], exit=1)
