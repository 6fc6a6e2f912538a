"""The front door: the table of commands, and the one place where errors become exit codes."""

from __future__ import annotations

import importlib
import os
import sys
import time
from contextlib import suppress
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from typer import Exit
from typer._click.exceptions import ClickException, NoArgsIsHelpError  # where Typer keeps it since 0.26
from typer.core import TyperOption

from crm_cli import __version__
from crm_cli.commands.groups import Front, Lazy, made
from crm_cli.commands.session import NotYourHandError, Session, Shared
from crm_cli.commands.usage import worded
from crm_cli.errors import CrmError, MachineError, UsageError
from crm_cli.language import _, choose
from crm_cli.nouns import NOUNS
from crm_cli.render import PIPE, Answer, failure, json_text, streams, text_of
from crm_cli.settings import find_folder

if TYPE_CHECKING:
    from collections.abc import Sequence

INTERRUPTED, BUG = 130, 70


def _noun(name: str) -> Any:
    module = importlib.import_module(f"crm_cli.commands.{NOUNS[name][0]}")
    records = getattr(module, "RECORDS", ())
    if hasattr(module, "command"):
        return made(name, module.command, records)
    makers = {verb: partial(made, verb, function, records) for verb, function in module.VERBS.items()}
    sentences = {verb: (function.__doc__ or "").strip() for verb, function in module.VERBS.items()}
    return Lazy(name, makers, sentences, help=module.HELP)


def _front() -> Front:
    makers = {name: partial(_noun, name) for name in NOUNS}
    office = TyperOption(
        param_decls=["office", "-C", "--office"], type=str, multiple=True, is_eager=True, metavar="OFFICE",
        expose_value=False, help="The folder of the office (default: the nearest above here).", callback=_office,
    )  # fmt: skip
    version = TyperOption(
        param_decls=["version", "--version"], is_flag=True, default=False, is_eager=True, expose_value=False,
        help="Show the version.", callback=_version,
    )  # fmt: skip
    sentences = {name: sentence for name, (_module, sentence) in NOUNS.items()}
    return Front("crm", makers, sentences, help="House rules as code, for the front desk.", params=[office, version])


def _office(context: Any, _parameter: Any, values: Sequence[str]) -> None:
    if len(values) > 1:
        raise UsageError(_("-C is given twice"), fix=_("name one office"))
    if values and not values[0]:
        raise UsageError(_("-C names no office"), fix=_("name its folder"))
    if values:
        context.obj.said["office"] = values[0]


def _version(context: Any, _parameter: Any, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:
        sys.stdout.write(f"crm {__version__}\n")
        raise Exit


FRONT: list[Front] = []


def perform(words: Sequence[str], session: Session) -> Answer:
    """Answer one command line; what cannot be answered is raised as a CrmError."""
    if not FRONT:
        FRONT.append(_front())
    try:
        with FRONT[0].make_context("crm", list(words), obj=session) as context:
            answer: Answer = FRONT[0].invoke(context)
            return answer
    except NoArgsIsHelpError as error:
        raise UsageError(_("a verb is missing"), fix=f"{error.ctx.command_path} --help") from error
    except ClickException as error:
        session.speak()
        raise worded(error, session.command) from error
    except Exit as done:
        if session.in_run:
            raise UsageError(_("help has no place in a run"), fix=_("leave it out")) from done
        raise
    except NotYourHandError as error:
        says = _("{name} is not the hand of '{user}' on this machine; crm.yaml says under users: who speaks for whom")
        says = says.format(user=error.user, name=error.person)
        return Answer({"verdict": "not_your_hand", "says": says, "cites": [], "events": []}, [says], exit=1)


def run(words: Sequence[str]) -> int:
    """Carry out one command line of the terminal and answer its exit code."""
    session = Session(say=_say, perform=perform)
    choose(os.environ.get("CRM_LANG"))
    try:
        words = [*words, *_nothing_said(words)]
        answer = perform(words, session)
        code = _tell(session, answer)
        while answer.again and sys.stdout.isatty():
            if not _slept(answer.again):
                break
            session = session.anew()
            answer = perform(words, session)
            code = _tell(session, answer)
        return code  # noqa: TRY300
    except Exit as done:
        return int(done.exit_code)
    except CrmError as error:
        return _fail(error, session, words)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        return _closed_pipe()
    except OSError as error:
        what = _("the machine failed: {why}").format(why=error.strerror or error)
        return _fail(MachineError(what, fix=_("mend what it names, then run again")), session, words)
    except Exception as error:  # noqa: BLE001 - the last door: a bug is told as one
        return _bug(error)
    finally:
        for office in session.opened:
            office.close()


def _slept(seconds: int) -> bool:
    """Answer whether nobody ended the watching meanwhile: Ctrl-C is the way out of it, and no failure."""
    try:
        time.sleep(seconds)
    except KeyboardInterrupt:
        sys.stdout.write("\n")
        return False
    return True


def _nothing_said(words: Sequence[str]) -> list[str]:
    """Answer what is meant where no command is named: what needs attention in the office here, else the help."""
    if words and not (words[0] in ("-C", "--office") and len(words) == 2):  # noqa: PLR2004 - the option and its value
        return []
    if words:
        return ["due"]
    try:
        find_folder(os.environ.get("CRM_OFFICE") or None, Path.cwd())
    except CrmError:
        return ["--help"]
    return ["due"]


def _tell(session: Session, answer: Answer) -> int:
    """Write an answer to stdout or to --output, its talk to stderr; what cannot be written is the machine's failure."""
    style = session.format
    to_file = session.shared.output not in (None, "-") and not answer.refused and not session.shared.dry_run
    screen = PIPE if to_file else streams.screen(sys.stdout, session.shared.color)
    text = text_of(answer, "excel" if style == "csv" and session.shared.excel else style, screen)
    try:
        if to_file:
            _to_file(Path(str(session.shared.output)), text)
        elif answer.again:
            streams.renew(text, screen)
        else:
            streams.write(text, screen, paged=style == "text" and not session.shared.no_pager)
    except BrokenPipeError:
        raise
    except OSError as error:
        what = _("the answer cannot be written: {why}").format(why=error.strerror)
        streams.silence()
        raise MachineError(what, fix=_("what was recorded stays; crm log shows it")) from error
    if answer.talk and style == "text" and not session.shared.quiet:
        _say("\n".join(answer.lines))
    for note in answer.notes:
        _say(note)
    if session.shared.dry_run and style == "text" and not session.shared.quiet:
        _say(_("dry run: nothing was recorded"))
    return answer.exit


def _to_file(named: Path, text: str) -> None:
    """Write an answer to a file, whole or not at all; what is no regular file, a pipe or a device, is written to."""
    path = named.resolve()
    if path.exists() and not path.is_file():
        path.write_text(text, "utf-8")
        return
    half = path.with_name(f".{path.name}.half")
    half.write_text(text, "utf-8")
    half.replace(path)


def _say(text: str) -> None:
    sys.stderr.write(streams.screen(sys.stderr).fitted(text) + "\n")


def _fail(error: CrmError, session: Session, words: Sequence[str]) -> int:
    if _wants_json(session, words):
        sys.stderr.write(json_text(failure.data_of(error)) + "\n")
    else:
        screen = streams.screen(sys.stderr, session.shared.color)
        sys.stderr.write(failure.painted(error, screen) + "\n")
    return error.exit


def _wants_json(session: Session, words: Sequence[str]) -> bool:
    said = Shared(**session.said)
    typed = {"--json", "-ojson", "--format=json"} & set(words) or ("-o", "json") in pairwise(words)
    asked = os.environ.get("CRM_JSON", "0") not in ("", "0") or os.environ.get("CRM_FORMAT") == "json"
    return bool(said.json or said.format == "json" or typed or ("--format", "json") in pairwise(words) or asked)


def _closed_pipe() -> int:
    """Answer 0: whoever read the answer had enough of it."""
    streams.silence()
    return 0


def _bug(error: BaseException) -> int:
    import traceback  # noqa: PLC0415 - only a bug needs it

    places = [
        f"{Path(frame.filename).name}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
    ]
    _say(_("crm: this is a bug in crm: {kind}").format(kind=type(error).__name__))
    _say("\n".join(f"  {place}" for place in places[-8:]))
    _say(_("  fix: send these lines and the command; they hold nothing personal"))
    return BUG


def _complete(instruction: str) -> int:
    """Tell a shell what may come next on a line that is still being typed; whatever goes wrong is passed over."""
    from crm_cli.commands.completion import completed  # noqa: PLC0415 - only who completes

    with suppress(Exception, KeyboardInterrupt):
        sys.stdout.write(completed(instruction, _front(), Session(say=_say, perform=perform)))
        sys.stdout.flush()
    return 0


def main() -> None:
    """Carry out the command line of this process, or complete the one that a shell asks about."""
    streams.ready()
    asked = os.environ.get("_CRM_COMPLETE")
    code = _complete(asked) if asked else run(sys.argv[1:])
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):
            stream.flush()
    # Nothing is left to be done, and taking the interpreter apart would be a tenth of a cold command.
    os._exit(code)
