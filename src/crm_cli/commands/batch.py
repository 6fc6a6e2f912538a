"""crm run: many command lines in one process, each durable before its answer."""

from __future__ import annotations

import contextlib
import re
import shlex
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from crm_cli import names
from crm_cli.errors import CrmError, DataError, UsageError
from crm_cli.language import _
from crm_cli.render import Answer, failure, json_text, streams, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crm_cli.commands.session import Session

NOT_IN_A_RUN = ("run", "init", "demo")
ALONE = ("-h", "--help", "--version", "--output")
PLAIN = re.compile(r"[^ \t\r\n]+")
CODE = re.compile(r"""(?:\\.|'[^']*'|"(?:\\.|[^"\\])*"|(?<=[^ \t])#|[^'"\\#])*""")  # up to a comment


def command(
    context: typer.Context,
    file: Annotated[
        str, typer.Argument(metavar="FILE|-", help="One command line a line, without crm; # begins a comment.")
    ],
    keep_going: Annotated[
        bool, typer.Option("--keep-going", help="Go on after a line that fails; exit 1 at the end.")
    ] = False,
    flush_every: Annotated[
        int,
        typer.Option(
            "--flush-every", metavar="N", min=1, max=10_000, help="Make N lines durable at once; others wait."
        ),
    ] = 1,
) -> Answer:
    """Carry out a file of command lines; each result is printed when it is durable."""
    session: Session = context.obj
    run = Run(session, flush_every)
    code = 0
    for number, line in _lines(file):
        exit_code = run.line(number, line)
        if exit_code and not keep_going:
            code = exit_code
            break
        code = code or int(exit_code != 0)
    run.flush()
    return Answer({}, exit=code, text="".join(run.kept))


class Run:
    """A run of command lines; what was answered waits for `flush`, so that nothing is told before it is durable."""

    def __init__(self, session: Session, flush_every: int) -> None:
        self._session, self._flush_every = session, flush_every
        self._style = session.format
        self._key = session.shared.id
        self._told: list[tuple[str, list[str]]] = []  # what each line answers, and what is said beside it
        self._keeps = session.shared.output not in (None, "-")
        self.kept: list[str] = []  # what goes to a file, once all lines are answered
        self._held = contextlib.ExitStack()

    def line(self, number: int, line: str) -> int:
        """Carry out one line and answer its exit code; its result is printed once it is durable."""
        if self._flush_every > 1 and not self._told and not self._session.shared.dry_run:
            self._held.enter_context(self._session.office.batch())
        session = self._of_line(number)
        try:
            answer = session.perform(_allowed(words_of(line)), session)
            self._told.append(self._result(number, answer))
            code = int(answer.exit)
        except CrmError as error:
            self._told.append(self._failed(number, error))
            code = error.exit
        if len(self._told) >= self._flush_every:
            self.flush()
        return code

    def flush(self) -> None:
        """Make durable what is pending, then print it."""
        told, self._told = self._told, []
        self._held.close()
        for text, beside in told:
            if self._keeps:
                self.kept.append(text)
            else:
                _print(text)
            for one in beside:
                self._session.say(one)

    def _of_line(self, number: int) -> Session:
        key = {"id": f"{self._key}/{number}"} if self._key else {}
        return self._session.anew(outer=self._session.shared, said=key, in_run=True)

    @property
    def _by_line(self) -> bool:
        """Answer whether each input line is answered with one line of JSON."""
        return self._style in ("json", "jsonl")

    def _result(self, number: int, answer: Answer) -> tuple[str, list[str]]:
        if self._by_line:
            return json_text({"line": number, "exit": answer.exit, "answer": answer.data}) + "\n", []
        confirms = answer.talk and not self._session.shared.quiet
        beside = [*(["\n".join(answer.lines)] if confirms else []), *answer.notes]
        return text_of(answer, self._style), beside

    def _failed(self, number: int, error: CrmError) -> tuple[str, list[str]]:
        if self._by_line:
            return json_text({"line": number, **failure.data_of(error)}) + "\n", []
        return "", [failure.text_of(error, _("line {number}: ").format(number=number))]


def _print(text: str) -> None:
    """Print a result; a reader who has had enough does not end the run."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        streams.silence()


def _lines(file: str) -> Iterator[tuple[int, str]]:
    """Answer the lines that hold something, with their numbers."""
    try:
        with contextlib.nullcontext(sys.stdin.buffer) if file == "-" else open(file, "rb") as source:  # noqa: PTH123
            for number, raw in enumerate(source, 1):
                text = _text(file, number, raw).strip()
                if text and not text.startswith("#"):
                    yield number, text
    except OSError as error:
        raise DataError(
            _("the file cannot be read: {why}").format(why=error.strerror),
            where=file,
            fix=_("name a file that can be read, or - for standard input"),
        ) from error


def _text(file: str, number: int, raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError as error:
        raise DataError(
            _("the line is not UTF-8"), where=f"{file}:{number}:{error.start + 1}", fix=_("save the file as UTF-8")
        ) from error


def words_of(line: str) -> list[str]:
    """Answer the shell words of a line; plain ones need not the shell's slow grammar."""
    if not any(sign in line for sign in "'\"\\#"):
        return PLAIN.findall(line)
    code = CODE.match(line)
    end = code.end() if code else 0
    try:
        return shlex.split(line[:end] if line[end : end + 1] == "#" else line)
    except ValueError as error:
        raise UsageError(_("the quotes of the line do not match"), fix=_("close the quote")) from error


def _allowed(words: list[str]) -> list[str]:
    """Answer the words of a line; another office, another run, a file and a new office have no place in a run."""
    if words[:1] == [] or words[0] in NOT_IN_A_RUN:
        what = _("'{word}' has no place in a run").format(word=names.shown(" ".join(words[:1])))
        raise UsageError(what, fix=_("call it by itself"))
    if words[0].startswith(("-C", "--office")):
        raise UsageError(_("a line of a run cannot name another office"), fix=_("name it once: crm -C OFFICE run FILE"))
    options = words[: words.index("--")] if "--" in words else words
    for word in options:
        if word in ALONE or word.startswith("--output="):
            raise UsageError(
                _("the option {name} has no place in a run").format(name=names.shown(word)), fix=_("leave it out")
            )
    return words
