"""Errors as people and programs read them: where, what, an excerpt, the fix."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm_cli.language import _

if TYPE_CHECKING:
    from crm_cli.errors import CrmError
    from crm_cli.render.streams import Screen

NAME = "crm:"  # how every error begins


def text_of(error: CrmError, before: str = "") -> str:
    """Answer the lines of an error; the first is `crm: FILE:LINE:COL: what`, the last the fix."""
    where = f"{error.where}: " if error.where else ""
    lines = [f"{NAME} {before}{where}{error.what}", *error.excerpt.splitlines()]
    return "\n".join([*lines, _("  fix: {fix}").format(fix=error.fix)])


def painted(error: CrmError, screen: Screen) -> str:
    """Answer the lines of an error as they stand on a screen."""
    text = screen.fitted(text_of(error))
    return screen.painted(NAME, "alarm") + text.removeprefix(NAME)


def data_of(error: CrmError) -> dict[str, Any]:
    """Answer the fields of an error."""
    return {"error": error.what, "where": error.where or None, "fix": error.fix, "exit": error.exit}
