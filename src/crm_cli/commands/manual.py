"""The help of a command: the sentence, an example, then one line an option; a Chinese character is two columns wide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from typer._click.formatting import HelpFormatter

from crm_cli.columns import fitted, width
from crm_cli.commands.examples import examples
from crm_cli.language import _

if TYPE_CHECKING:
    from collections.abc import Sequence

LEAST = 10  # columns that a sentence is given beside the words it is about


class Page(HelpFormatter):
    """What writes the help of one command, counting columns where the library counts characters."""

    def write_text(self, text: str) -> None:
        """Write a paragraph."""
        indent = " " * self.current_indent
        for line in text.splitlines():
            self.write("".join(f"{part}\n" for part in fitted(indent + line, self.width)))

    def write_dl(self, rows: Sequence[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Write words and what is said of each, in two columns."""
        rows = list(rows)
        indent = " " * self.current_indent
        left = min(max(width(first) for first, _second in rows), col_max) + col_spacing
        for first, second in rows:
            said = fitted(second, max(self.width - left - len(indent), LEAST))
            head = (
                [first + " " * (left - width(first)) + said.pop(0)] if width(first) + col_spacing <= left else [first]
            )
            self.write(
                "".join(f"{indent}{line}".rstrip() + "\n" for line in (*head, *(" " * left + one for one in said)))
            )


def options(command: Any, shared: Sequence[Any], context: Any, page: Page) -> None:
    """Write an example, the arguments and the command's own options, then only the names of those that all share."""
    example = getattr(command, "example", None) or examples().get(context.command_path.removeprefix("crm "))
    if example:
        with page.section(_("Example")):
            page.write_text(example)
    own = [one for one in command.get_params(context) if one not in shared]
    own.sort(key=lambda one: one.param_type_name)  # arguments first
    with page.section(_("Arguments and options") if own[0].param_type_name == "argument" else _("Options")):
        page.write_dl([record for record in (one.get_help_record(context) for one in own) if record])
    page.write_paragraph()
    if getattr(command, "brief", False):
        page.write_text(_("Every command takes more: crm help environment"))
        return
    names = " ".join(_shortest(one) for one in shared)
    page.write_text(_("Every command takes, too (crm help environment): {names}").format(names=names))


def _shortest(option: Any) -> str:
    word = min(option.opts, key=len)
    return word if option.is_flag else f"{word}\xa0{option.metavar}"
