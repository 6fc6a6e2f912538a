"""The options that every command shares, defined once."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer.core
from typer.core import TyperCommand, TyperOption

from crm_cli import names
from crm_cli.errors import MachineError, UsageError
from crm_cli.language import _

if TYPE_CHECKING:
    from collections.abc import Callable


FORMATS = ("text", "json", "jsonl", "csv", "md")
FLAGS = ("json", "dry_run", "quiet", "excel", "no_pager")
LANGUAGES = ("zh_CN", "zh_TW", "en")
COLOURS = ("auto", "always", "never")


# name -> (declarations, metavar, help, environment variable)
OPTIONS: dict[str, tuple[tuple[str, ...], str | None, str, str | None]] = {
    "json": (("--json",), None, "Answer in JSON (the same as -o json).", "CRM_JSON"),
    "format": (("-o", "--format"), "FORMAT", "text, json, jsonl, csv or md.", "CRM_FORMAT"),
    "output": (("--output",), "FILE", "Write the answer to a file.", "CRM_OUTPUT"),
    "by": (("--by",), "NAME", "Whose hand it is.", "CRM_BY"),
    "at": (("--at",), "TIME", "When it happened (default: now).", None),
    "now": (("--now",), "TIME", "Move the clock of this run.", "CRM_NOW"),
    "id": (("--id",), "KEY", "The same key records once.", None),
    "dry_run": (("-n", "--dry-run"), None, "Decide and show, record nothing.", None),
    "quiet": (("-q", "--quiet"), None, "No confirmations.", "CRM_QUIET"),
    "wait": (("--wait",), "SECONDS", "How long to wait for others (default 10).", "CRM_WAIT"),
    "lang": (("--lang",), "LANG", "zh_CN, zh_TW or en.", "CRM_LANG"),
    "excel": (("--excel",), None, "CSV that Excel opens as it is: -o csv with a mark for UTF-8.", "CRM_EXCEL"),
    "color": (("--color",), "WHEN", "auto, always or never.", "CRM_COLOR"),
    "no_pager": (("--no-pager",), None, "Never hold a long answer in a pager.", "CRM_NO_PAGER"),
}


class Speaking:
    """A command whose help is in the language of the run; nothing is translated before it is asked for."""

    _parser: Any = None

    def make_parser(self, ctx: Any) -> Any:
        """Answer what takes the words apart, made once: a run needs it line after line."""
        self._parser = self._parser or super().make_parser(ctx)  # type: ignore[misc]
        self._parser.ctx = ctx
        return self._parser

    def get_help(self, ctx: Any) -> str:
        """Answer the help of the command."""
        ctx.obj.speak()
        typer.core._ = _  # type: ignore[attr-defined, assignment]  # it would ask the environment alone
        command: Any = self
        for one in (command, *command.get_params(ctx)):
            one.help = _(one.help) if getattr(one, "help", None) else None
        command.options_metavar = _("[OPTIONS]")
        command.subcommand_metavar = _("COMMAND [ARGS]...")
        from crm_cli.commands.manual import Page  # noqa: PLC0415 - only for who asks for help

        page = Page(max_width=ctx.max_content_width)
        command.format_help(ctx, page)
        return page.getvalue().rstrip("\n")

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        """Write the line of usage."""
        pieces = " ".join(piece.strip("{}") for piece in self.collect_usage_pieces(ctx))  # type: ignore[attr-defined]
        formatter.write_usage(ctx.command_path, pieces, prefix=_("Usage: "))


class Command(Speaking, TyperCommand):
    """A command with the shared options behind its own; they are left in `ctx.obj`, not passed as arguments."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params = [*self.params, *_shared_options()]

    def make_context(self, info_name: Any, args: Any, parent: Any = None, **extra: Any) -> Any:
        """Read the words of the command; whoever waits for it is told its noun and verb, never what they are about."""
        parent.obj.command = f"{parent.command_path} {info_name}".partition(" ")[2]
        return super().make_context(info_name, args, parent=parent, **extra)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write what the command takes, its own first."""
        from crm_cli.commands import manual  # noqa: PLC0415 - only for who asks for help

        manual.options(self, [one for one in self.params if str(one.name).startswith("shared_")], ctx, formatter)


class Recording(Command):
    """A command that records an event, which files may come with."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params = [*self.params, _attach_option()]


def _attach_option() -> TyperOption:
    return TyperOption(
        param_decls=["shared_attach", "--attach"],
        type=str,
        multiple=True,
        metavar="FILE",
        help="Keep a file with the event; may be repeated.",
        expose_value=False,
        callback=_keeper("attach"),
    )


class SharedOption(TyperOption):
    """An option that every command has; where a line of a run does not say it, the run itself has read it already."""

    def handle_parse_result(self, ctx: Any, opts: Any, args: list[str]) -> tuple[Any, list[str]]:
        """Answer the value of the option; in a run, nothing is looked up a second time."""
        if ctx.obj.in_run and self.name not in opts:
            return None, args
        return super().handle_parse_result(ctx, opts, args)


def _shared_options() -> list[TyperOption]:
    if not _SHARED:
        _SHARED.extend(_option(name) for name in OPTIONS)
    return _SHARED


_SHARED: list[TyperOption] = []


def _option(name: str) -> TyperOption:
    declarations, metavar, text, variable = OPTIONS[name]
    flag = name in FLAGS
    return SharedOption(
        param_decls=[f"shared_{name}", *declarations],
        type=None if flag else str,
        is_flag=flag or None,
        default=False if flag else None,
        metavar=metavar,
        help=text,
        envvar=variable,
        expose_value=False,
        callback=_keeper(name),
    )


def _keeper(name: str) -> Callable[[Any, Any, Any], Any]:
    def keep(context: Any, parameter: Any, value: Any) -> Any:
        if value == "" or (name == "attach" and value and "" in value):
            what = _("the option {name} wants a value").format(name=parameter.opts[0])
            raise UsageError(what, fix=_("give it one, or leave the option out"))
        if value:
            context.obj.said[name] = CHECKS.get(name, str)(value) if isinstance(value, str) else value
        return value

    return keep


def _language(typed: str) -> str:
    """Answer a language that was typed, under the name of its catalogue."""
    name = typed.partition(".")[0].replace("-", "_")
    known = {"zh": LANGUAGES[0], **{one: one for one in LANGUAGES}}
    if name not in known:
        raise UsageError(
            _("'{name}' is not a language").format(name=names.shown(typed)), fix="--lang " + "|".join(LANGUAGES)
        )
    return known[name]


def _known_format(typed: str) -> str:
    if typed not in FORMATS:
        what = _("'{name}' is not a format").format(name=names.shown(typed))
        raise UsageError(what, fix="-o " + "|".join(FORMATS))
    return typed


def _known_colour(typed: str) -> str:
    if typed not in COLOURS:
        what = _("'{word}' does not say when to colour").format(word=names.shown(typed))
        raise UsageError(what, fix="--color " + "|".join(COLOURS))
    return typed


def _writable(typed: str) -> str:
    """Answer the file for the answer, seen to be one that can be written before anything is decided."""
    path = Path(typed).resolve()
    if typed != "-" and path.is_dir():
        raise UsageError(_("{file} is a folder").format(file=names.path(typed)), fix=_("--output wants a file"))
    if typed != "-" and not path.parent.is_dir():
        raise UsageError(_("there is no folder for {file}").format(file=names.path(typed)), fix=_("make it first"))
    if typed != "-" and not os.access(path.parent, os.W_OK):
        raise MachineError(
            _("{file} cannot be written: permission denied").format(file=names.path(typed)),
            fix=_("name a file in a folder that can be written"),
        )
    return typed


CHECKS: dict[str, Callable[[str], str]] = {
    "format": _known_format,
    "lang": _language,
    "output": _writable,
    "color": _known_colour,
}
