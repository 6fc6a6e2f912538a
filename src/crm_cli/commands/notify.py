"""crm notify: hands each new item that needs attention to a program, at least once.

It reads the ledger behind everybody's back: without its lock, from a place of its own, and after the lines are safe.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
from contextlib import ExitStack, suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_cli import clock
from crm_cli.commands.due import told_of
from crm_cli.errors import BusyError, UsageError
from crm_cli.language import _
from crm_cli.ledger import disk
from crm_cli.ledger.chain import lost, proven
from crm_cli.ledger.segment import refuse_suspect
from crm_cli.outbox import Outbox, State, Waiting
from crm_cli.render import Answer, json_text
from crm_cli.rules.due import Item

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from crm_cli.commands.session import Session
    from crm_cli.ledger.journal import Position
    from crm_cli.past import Event

FIRST = timedelta(days=1)  # how far back the first run goes
STDERR = 2
OF_A_SHELL = {"|", "||", "&", "&&", ";", "<", ">", ">>", "2>", "2>&1", "&>"}
TOLD = ("what", "subject", "about", "says", "article")
Told = dict[str, Any]
Tried = tuple[Told, Waiting]


def command(
    context: typer.Context,
    program: Annotated[
        str | None,
        typer.Option("--exec", metavar="CMD", envvar="CRM_NOTIFY", help="The program, in shell words; no shell runs."),
    ] = None,
    timeout: Annotated[
        int, typer.Option("--timeout", metavar="SECONDS", min=1, max=3600, help="How long the program may take.")
    ] = 30,
    since: Annotated[
        str | None, typer.Option("--since", metavar="TIME", help="Where a first run begins (default: a day ago).")
    ] = None,
    listing: Annotated[bool, typer.Option("--list", help="Show what waits and what could not be delivered.")] = False,
    retry: Annotated[bool, typer.Option("--retry", help="Try all of these again, now.")] = False,
) -> Answer:
    """Hand each new item that needs attention to a program: one line of JSON to its standard input."""
    session: Session = context.obj
    if session.in_run:
        raise UsageError(_("'{word}' has no place in a run").format(word="notify"), fix=_("call it by itself"))
    if listing and retry:
        raise UsageError(_("--list and --retry do not go together"), fix=_("leave one of them out"))
    box = Outbox(session.office.folder)
    if listing:
        return _listed(session, (box.read() or State()).waiting)
    words = [] if session.shared.dry_run and program is None else _words(program)
    if session.shared.dry_run:
        state, _news = _caught_up(session, box.read(), since)
        return _listed(session, _chosen(session, state, retry=retry), dry_run=True)
    with ExitStack() as held:
        try:
            held.enter_context(box.alone(session.office.wait if retry else 0, session.command, session.say))
        except BusyError:
            if retry:
                raise
            return Answer({"verdict": "busy", "items": [], "cites": [], "events": []})  # the other one does it
        return _told(session, _handed_on(session, box, words, timeout, since, retry=retry))


def _words(program: str | None) -> list[str]:
    """Answer the program and its words, split as a shell would, without a shell."""
    fix = _("name it: crm notify --exec 'PROGRAM WORD …', or set CRM_NOTIFY")
    try:
        words = shlex.split(program or "")
    except ValueError as error:
        raise UsageError(_("the quotes of the program do not match"), fix=_("close the quote")) from error
    if not words:
        raise UsageError(_("no program is named to hand items to"), fix=fix)
    if OF_A_SHELL & set(words):  # a program that takes them for plain words may end with 0 and have told nobody
        raise UsageError(_("no shell runs the program"), fix=_("write --exec \"sh -c '…'\" for one"))
    return words


# ── what is new ────────────────────────────────────────────────────────────────────────────────────────────────────


def _caught_up(session: Session, state: State | None, since: str | None) -> tuple[State, bool]:
    """Answer the state with what was recorded since, and whether that changed it."""
    begin = clock.moment(since, session.office.zone, clock.machine()) if since else clock.machine() - FIRST
    cursor = state.cursor if state else None
    stands = cursor is not None and _stands(session, cursor)
    if cursor is not None and not stands:
        session.say(_("crm: the ledger is another one than notify last read: it begins with the last day again"))
    refuse_suspect(session.office.journal.folder)
    waiting, tip = list(state.waiting if state else ()), cursor if stands else None
    known = {one.hash for one in waiting}
    for events, end in session.office.journal.transactions(tip):
        tip = end
        items = [event for event in events if event["type"] in ITEMS and event["hash"] not in known]
        waiting += [Waiting(event["seq"], event["hash"]) for event in items if stands or _recent(event, begin)]
    return State(tip, waiting), state is None or tip != cursor


def _stands(session: Session, cursor: Position) -> bool:
    folder = session.office.journal.folder
    with disk.trouble(folder):
        return not lost(folder, cursor) and proven(folder, cursor)


def _recent(event: Event, begin: datetime) -> bool:
    return clock.told(event["logged"]) >= begin


def _chosen(session: Session, state: State, *, retry: bool) -> list[Waiting]:
    """Answer what is to be tried now, what was tried least first, so that nothing stuck holds up what is new."""
    now = session.now()
    return sorted((one for one in state.waiting if retry or one.due(now)), key=lambda one: (one.tries, one.event))


# ── what is told of it ─────────────────────────────────────────────────────────────────────────────────────────────


def _fell_due(session: Session, event: Event) -> Told:
    data, cite = event["data"], next((session.office.book.cited(text) for text in event["cites"]), None)
    whose = data.get("person", ""), data.get("owes", "")
    item = Item(clock.told(data["due"]), data["what"], data["about"], cite, *whose)
    told = told_of(session, item, session.now())
    return {name: told[name] for name in TOLD}


def _case_fell(session: Session, event: Event) -> Told:
    from crm_cli.commands.fallen import told_of_event  # noqa: PLC0415 - only in an office with cases

    told = told_of_event(session, event) or {}
    return {name: told[name] for name in (*TOLD, "duty", "item", "to") if name in told}


# type of an event that tells that something needs attention -> what is told of it
ITEMS: dict[str, Callable[[Session, Event], Told]] = {
    "office.fell_due": _fell_due,
    "case.warned": _case_fell,
    "case.late": _case_fell,
    "case.escalated": _case_fell,
}


def _item(session: Session, event: Event) -> Told:
    """Answer the fields that a program is handed; they keep their names and meanings for ever."""
    cites = [session.office.book.cited(text).public() for text in event.get("cites", ())]
    head = {"event": str(event["seq"]), "type": event["type"], "happened": event["happened"]}
    return {**head, **ITEMS[event["type"]](session, event), "cites": cites}


def _event(session: Session, one: Waiting) -> Event | None:
    """Answer the event that waits, None where the ledger does not hold it any more: an old copy was put back."""
    event = session.office.journal.read(one.event)
    return event if event and event["hash"] == one.hash else None


# ── handing on ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _handed_on(
    session: Session, box: Outbox, words: list[str], timeout: int, since: str | None, *, retry: bool
) -> list[Tried]:
    """Answer each item that was tried, and how it stands with it: what failed still waits.

    The state is safe before anything is handed on, and after each item; a crash between hands one on again.
    """
    state, news = _caught_up(session, box.read(), since)
    if news:
        session.office.journal.flush()  # who wrote the lines may not have come to that yet
        box.write(state)
    tried = []
    for one in _chosen(session, state, retry=retry):
        event, after = _event(session, one), None
        if event:
            item = _item(session, event)
            why = handed(words, item, session.office.folder, timeout)
            after = one.missed(session.now(), why) if why else one.taken()
            tried.append((item, after))
        place = state.waiting.index(one)
        state.waiting[place : place + 1] = [after] if after and after.failed else []
        box.write(state)
    return tried


def handed(words: Sequence[str], item: Told, office: os.PathLike[str], timeout: int) -> str:
    """Hand an item to a program, and answer what went wrong: nothing when it took it.

    What is known of a customer goes to its standard input only; its words and its environment are for all to see.
    """
    named = {f"CRM_{name.upper()}": item[name] for name in ("event", "type", "happened", "what", "subject")}
    env = {**os.environ, "CRM_OFFICE": os.fspath(office), **named}
    try:
        process = subprocess.Popen(  # noqa: S603 - named by whoever started this run; no file of the office can
            words, stdin=subprocess.PIPE, stdout=STDERR, env=env, start_new_session=True
        )
    except OSError as error:
        return f"not started: {error.strerror}"
    with process:
        try:
            process.communicate((json_text(item) + "\n").encode(), timeout)
        except subprocess.TimeoutExpired:
            _end(process)
            return "timeout"
        except BaseException:
            _end(process)
            raise
    code = process.returncode
    return (f"exit {code}" if code > 0 else f"signal {-code}") if code else ""


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a program with everything that it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


# ── answers ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _told(session: Session, tried: list[Tried]) -> Answer:
    """Answer what was handed on and what was not; what went well is only confirmed."""
    failed = [(item, one) for item, one in tried if one.failed]
    rows = [_row(item, one, delivered=not one.failed) for item, one in tried]
    confirms = [_("handed on: {says}  #{event}").format(**item) for item, one in tried if not one.failed]
    data = _data("undelivered" if failed else "delivered" if tried else "nothing", [item for item, _one in tried], rows)
    return Answer(
        data,
        [_sentence(item, one) for item, one in failed],
        rows=rows if session.format in ("jsonl", "csv", "md") else None,
        notes=[] if session.shared.quiet or session.format != "text" else confirms,
        exit=int(bool(failed)),
    )


def _listed(session: Session, waiting: list[Waiting], **more: bool) -> Answer:
    found = [(_item(session, event), one) for one in sorted(waiting) if (event := _event(session, one))]
    rows = [_row(*one) for one in found]
    data = {**_data("listed", [item for item, _one in found], rows), **more}
    headings = [_("event"), _("what"), "", _("tries"), _("tried again"), _("why not")]
    return Answer(data, rows=_shown(found) if session.format == "text" else rows, headings=headings)


def _shown(found: list[tuple[Told, Waiting]]) -> list[dict[str, Any]]:
    return [
        {
            "event": item["event"],
            "says": item["says"],
            "state": _("given up") if one.given_up else _("waits"),
            "tries": one.tries,
            "again": _minute(one.again),
            "failed": _why(one.failed),
        }
        for item, one in found
    ]


def _minute(text: str) -> str:
    return text[:16].replace("T", " ")


def _data(verdict: str, items: list[Told], rows: list[Told]) -> dict[str, Any]:
    cites = {json_text(cite): cite for item in items for cite in item["cites"]}
    return {"verdict": verdict, "items": rows, "cites": list(cites.values()), "events": []}


def _row(item: Told, one: Waiting, *, delivered: bool = False) -> Told:
    """Answer an item as programs list it: what it is, and how it stands with it."""
    told = {name: value for name, value in item.items() if name != "cites"}
    state = "delivered" if delivered else "undelivered" if one.given_up else "waiting"
    return {**told, "state": state, "tries": one.tries, "again": one.again or None, "failed": one.failed or None}


def _sentence(item: Told, left: Waiting) -> str:
    told = {"says": item["says"], "event": item["event"], "why": _why(left.failed), "tries": left.tries}
    if left.given_up:
        says = _("not delivered: {says}  #{event} ({why}); given up after {tries} tries: crm notify --retry")
        return says.format(**told)
    says = _("not delivered: {says}  #{event} ({why}); tried again after {time}")
    return says.format(**told, time=_minute(left.again))


def _why(failed: str) -> str:
    """Answer in words what went wrong with a program."""
    kind, _space, rest = failed.partition(" ")
    words = {
        "exit": _("the program ended with code {what}").format(what=rest),
        "signal": _("the program was ended by signal {what}").format(what=rest),
        "timeout": _("the program took too long"),
        "not": _("the program could not be started: {what}").format(what=rest.removeprefix("started: ")),
    }
    return words.get(kind, failed)
