"""Groups of commands: made when they are called, listed without being made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from typer.core import TyperCommand, TyperGroup
from typer.main import get_command_from_info
from typer.models import CommandInfo

from crm_cli.commands.options import Command, Recording, Speaking
from crm_cli.commands.usage import no_command
from crm_cli.language import _

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from crm_cli.render import Answer

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


def made(name: str, function: Callable[..., Answer], records: Collection[Callable[..., Answer]] = ()) -> Any:
    """Answer the command of a function; one that records an event takes files with it."""
    text, kind = (function.__doc__ or "").strip(), Recording if function in records else Command
    info = CommandInfo(name=name, cls=kind, callback=function, help=text, context_settings=CONTEXT)
    return get_command_from_info(info, pretty_exceptions_short=False, rich_markup_mode=None)


class Lazy(Speaking, TyperGroup):
    """A group whose commands are made when they are called; the names alone serve did-you-mean and completion."""

    def __init__(
        self, name: str, makers: Mapping[str, Callable[[], Any]], sentences: Mapping[str, str], **more: Any
    ) -> None:
        super().__init__(name=name, rich_markup_mode=None, no_args_is_help=False, context_settings=CONTEXT, **more)
        self._makers, self._sentences = makers, sentences
        self.commands: dict[str, Any] = dict.fromkeys(makers)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 - the shape of a group
        """Answer the command of a name, made at its first call."""
        if self.commands.get(cmd_name) is None and cmd_name in self._makers:
            self.commands[cmd_name] = self._makers[cmd_name]()
        return self.commands.get(cmd_name)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Answer the command that the first word names; a word that names none is refused in our own words."""
        if args[0] not in self._makers and not args[0].startswith("-"):
            raise no_command(ctx.command_path, args[0], self._makers)
        return super().resolve_command(ctx, args)

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        """Answer the names of the commands in the order of the table."""
        return list(self._makers)

    def shell_complete(self, ctx: Any, incomplete: str) -> list[Any]:
        """Answer the commands and options that begin so, without making any."""
        from crm_cli.commands.completion import CompletionItem  # noqa: PLC0415 - only who completes

        begun = [name for name in self._sentences if name.startswith(incomplete)]
        items = [CompletionItem(name, help=self._sentences[name]) for name in begun]
        return [*items, *TyperCommand.shell_complete(self, ctx, incomplete)]

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002
        """Write the list of commands without making them."""
        with formatter.section(_("Commands")):
            formatter.write_dl([(name, _(sentence)) for name, sentence in self._sentences.items()])


class Front(Lazy):
    """The front door: the commands that are built in, and behind them the kinds of case that an office declares."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Answer the command that the first word names; only for a word that is not built in the office is asked."""
        if args[0] in self._makers or args[0].startswith("-"):
            return super().resolve_command(ctx, args)
        from crm_cli.commands.case import front  # noqa: PLC0415 - only who types a kind of case

        found = front.groups(ctx, args)
        if args[0] not in found:
            raise no_command(ctx.command_path, args[0], [*self._makers, *found])
        return args[0], found[args[0]], args[1:]

    def shell_complete(self, ctx: Any, incomplete: str) -> list[Any]:
        """Answer the commands, kinds of case and options that begin so."""
        from crm_cli.commands.case import front  # noqa: PLC0415 - only who completes
        from crm_cli.commands.completion import CompletionItem  # noqa: PLC0415

        found = front.groups(ctx, ()) if not incomplete.startswith("-") else {}
        kinds = [CompletionItem(word, help=one.help) for word, one in found.items() if word.startswith(incomplete)]
        known = super().shell_complete(ctx, incomplete)
        return [*known, *kinds]

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the commands, then the kinds of case of the office that this is asked in."""
        super().format_commands(ctx, formatter)
        from crm_cli.commands.case import front  # noqa: PLC0415 - only for who asks for help

        kinds = front.listed(ctx)
        if kinds:
            with formatter.section(_("Kinds of case in this office")):
                formatter.write_dl(kinds)
