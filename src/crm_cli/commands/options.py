"""The options that every command shares, defined once, and the run they set up."""

from __future__ import annotations

import math
import os
import pwd
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer.core
from typer.core import TyperCommand, TyperOption

from crm_cli import clock, names
from crm_cli.errors import CrmError, MachineError, UsageError
from crm_cli.language import _, choose
from crm_cli.office import Hand, Office, Outcome
from crm_cli.settings import find_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from crm_cli.ledger.attached import Attachment
    from crm_cli.past import Event
    from crm_cli.policy.book import Cite

FORMATS = ("text", "json", "jsonl", "csv", "md")
FLAGS = ("json", "dry_run", "quiet", "excel", "no_pager")
LANGUAGES = ("zh_CN", "zh_TW", "en")
COLOURS = ("auto", "always", "never")


@dataclass(eq=False, repr=False)  # half the time it takes to make the class, at every start
class Shared:
    """What the shared options of one command line say; None where nothing was said."""

    office: str | None = None
    json: bool = False
    format: str | None = None
    output: str | None = None
    by: str | None = None
    at: str | None = None
    now: str | None = None
    id: str | None = None
    dry_run: bool = False
    quiet: bool = False
    wait: str | None = None
    lang: str | None = None
    attach: list[str] | None = None
    excel: bool = False
    color: str | None = None
    no_pager: bool = False

    def under(self, outer: Shared) -> Shared:
        """Answer these options with those of an enclosing `crm run` where nothing is said here."""
        taken = {name: getattr(self, name) or getattr(outer, name) for name in ("by", "at", "now", "wait", "lang")}
        return replace(
            self,
            office=outer.office,
            dry_run=self.dry_run or outer.dry_run,
            quiet=self.quiet or outer.quiet,
            json=outer.json,
            format=outer.format,
            **taken,
        )


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


@dataclass(eq=False, repr=False)
class Session:
    """One command line being carried out: its shared options, and the office, which lines of a `crm run` share."""

    say: Callable[[str], None]
    perform: Callable[[Sequence[str], Session], Any]
    outer: Shared = field(default_factory=Shared)
    said: dict[str, Any] = field(default_factory=dict)
    opened: list[Office] = field(default_factory=list)
    command: str = "crm"

    in_run: bool = False
    read: dict[int, Shared] = field(default_factory=dict)  # by how many options had been said

    @property
    def shared(self) -> Shared:
        """Answer the shared options of this command line, as far as they have been read."""
        if len(self.said) not in self.read:
            self.read[len(self.said)] = self._shared()
        return self.read[len(self.said)]

    def _shared(self) -> Shared:
        mine = Shared(**self.said)
        if self.in_run:
            return mine.under(self.outer)
        return replace(mine, office=mine.office or os.environ.get("CRM_OFFICE") or None)

    def anew(self, **changes: Any) -> Session:
        """Answer a session for another command line, of which nothing has been said yet."""
        return replace(self, **{"said": {}, "read": {}, **changes})

    @property
    def format(self) -> str:
        """Answer the format of the answer."""
        asked = "csv" if self.shared.excel else self.shared.format
        return "json" if self.shared.json else asked or "text"

    @property
    def office(self) -> Office:
        """Answer the office of this run, opened once."""
        if not self.opened:
            office = Office(find_folder(self.shared.office, Path.cwd()), self.say)
            choose(self.shared.lang, office.settings.language)
            self.opened.append(office)
        office = self.opened[0]
        office.wait, office.command = self._wait(), self.command
        office.quiet = self.shared.quiet or self.format != "text"
        office.rehearsal = self.outer.dry_run if self.in_run else self.shared.dry_run
        return office

    def speak(self) -> None:
        """Speak the language of this run where its office is not needed: for help, for what is typed wrong."""
        wish = self.shared.lang or os.environ.get("CRM_LANG")  # its option may not have been read yet
        choose(wish)
        with suppress(CrmError):
            choose(wish, self.office.settings.language)

    def _wait(self) -> float:
        text = self.shared.wait or "10"
        try:
            seconds = float(text)
        except ValueError:
            seconds = math.nan
        if not 0 <= seconds < math.inf:
            what = _("'{text}' is not a number of seconds").format(text=names.shown(text))
            raise UsageError(what, fix="--wait 10")
        return seconds

    def now(self) -> datetime:
        """Answer the clock of this run, in the office's zone."""
        machine, zone = clock.machine(), self.office.zone
        return clock.moment(self.shared.now, zone, machine) if self.shared.now else machine.astimezone(zone)

    def at(self) -> datetime:
        """Answer when it happened: --at, else the clock of this run."""
        return clock.moment(self.shared.at, self.office.zone, clock.machine()) if self.shared.at else self.now()

    def by(self) -> str:
        """Answer whose hand it is: --by where this user may speak for that person, else who the user is."""
        user = user_of_machine()
        mapped = self.office.settings.users.get(user, {})
        named = self.shared.by
        if named is None and "staff" in mapped:
            return names.name(mapped["staff"])
        if named is None:
            raise UsageError(
                _("nobody knows who {user} is here").format(user=user),
                fix=_("--by NAME, or map the user in crm.yaml under users:"),
            )
        person = names.name(named)
        if person != mapped.get("staff") and not mapped.get("speaks_for_others"):
            raise NotYourHandError(user, person)
        return person

    @property
    def tongue(self) -> str:
        """Answer which labels are shown: zh or en."""
        office = self.office
        return "en" if choose(self.shared.lang, office.settings.language).startswith("en") else "zh"

    def word(self, vocabulary: str, typed: str) -> str:
        """Answer the word of the house's vocabulary that somebody typed, itself or one of its labels."""
        return self.office.book.word(vocabulary, names.name(typed, _("word")))

    def label(self, vocabulary: str, word: str) -> str:
        """Answer what people call a word; the word itself where it has no label."""
        return self.office.book.words(vocabulary).get(word, {}).get(self.tongue, word)

    def title(self, cite: Cite) -> str:
        """Answer the title of the rulebook that a citation names."""
        titles = self.office.book.title(cite)
        return titles.get(self.tongue) or cite.policy

    def event(self, number: int) -> Event:
        """Answer the event of a number; UsageError when there is none."""
        found = self.office.event(number)
        if found is None:
            raise UsageError(_("there is no event {number}").format(number=number), fix="crm log")
        return found

    def decide(self, noun: str, verb: str, **asked: Any) -> Outcome:
        """Answer a request of this run; what is empty was not asked."""
        return self._decided(noun, verb, asked, dry_run=self.shared.dry_run)

    def tried(self, noun: str, verb: str, **asked: Any) -> Outcome:
        """Answer what a request of this run would come to, recording nothing: to be shown before it is made."""
        return self._decided(noun, verb, asked, dry_run=True)

    def _decided(self, noun: str, verb: str, asked: dict[str, Any], *, dry_run: bool) -> Outcome:
        request = {"verb": verb, **{name: value for name, value in asked.items() if value}}
        if self.shared.at:
            request["at"] = self.at().isoformat()
        hand = Hand(self.by(), self.at(), self._key(), dry_run, self._attached())
        return self.office.decide(noun, request, hand)

    def _attached(self) -> Sequence[Attachment]:
        """Answer the files that come with the request, read before anything is decided."""
        if not self.shared.attach:
            return ()
        from crm_cli.ledger import attached  # noqa: PLC0415 - few requests come with something

        return attached.read(self.shared.attach)

    def _key(self) -> str | None:
        return names.name(self.shared.id, _("key")) if self.shared.id else None


@cache
def user_of_machine() -> str:
    """Answer the name of who runs this process; the number where the machine has no name for it."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


class NotYourHandError(Exception):
    """A user of the machine speaks for somebody without being allowed to."""

    def __init__(self, user: str, person: str) -> None:
        super().__init__(user)
        self.user, self.person = user, person
