"""What the desk looks at: who is next, the board, how fairly the turns fell."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_cli import clock
from crm_cli.commands.answers import by_articles, told_once
from crm_cli.language import _
from crm_cli.render import Answer
from crm_cli.rules import rotate as rule

if TYPE_CHECKING:
    from crm_cli.commands.session import Session

Board = dict[str, Any]
FIGURES = ("served", "charged", "owed", "extra")


def next_in_turn(context: typer.Context) -> Answer:
    """Show who would receive a new customer now; changes nothing."""
    session: Session = context.obj
    past, at = session.office.past(), session.at()
    if not rule.open_on(past, at.date().isoformat()):
        says = _("{day} is not open").format(day=at.date())
        return Answer({"verdict": "day_not_open", "next": None, "how": None, "cites": [], "events": []}, [says])
    found = rule.next_in_turn(past, session.office.rulebook(at))
    cites = found.pop("cites")
    verdict = "next" if found["next"] else "nobody"
    says = found["next"] or _("nobody is free")
    lines = [says, *filter(None, [by_articles(session, cites)])]
    return Answer({"verdict": verdict, **found, "cites": [cite.public() for cite in cites], "events": []}, lines)


def show(
    context: typer.Context,
    watch: Annotated[
        int | None,
        typer.Option("--watch", metavar="SECONDS", min=1, help="Show it again every so often, on a terminal."),
    ] = None,
) -> Answer:
    """Show the board: who is next, owed, away, with whom, out, waiting."""
    session: Session = context.obj
    past, rules, at = session.office.past(), session.office.rulebook(session.at()), session.at()
    board = {**rule.show(past, rules), "overdue": rule.overdue(past, rules, at)}
    data = {"verdict": "shown", **board, "cites": [], "events": []}
    if session.format != "text":
        return Answer(data, rows=_machine_rows(board))
    people = _in_order(board)
    rows = [_row(session, board, person) for person in people]
    headings = ["", _("person"), _("status"), _("with"), _("since"), *_figure_names()]
    styles = [_style(board, person) for person in people]
    lines = [*_lines(board, at), *([_("as of {time}").format(time=at.strftime("%H:%M:%S")), ""] if watch else [])]
    return Answer(
        data, lines, rows=rows, headings=headings, styles=styles, stressed=1, again=watch,
        gives={"status": "wrap", "with": "wrap"},
    )  # fmt: skip


def _lines(board: Board, at: datetime) -> list[str]:
    state = _("open") if board["open"] else _("closed")
    lines = [
        _("day {day} ({state})").format(day=board["day"] or "-", state=state),
        _("next: {name}").format(name=board["next"] or _("nobody is free")),
        _("ring: {names}").format(names=" ".join(board["ring"]) or "-"),
        _("owed: {names}").format(names=" ".join(board["makeup"]) or "-"),
        _("phone: {names}").format(names=" ".join(board["phone_ring"]) or "-"),
    ]
    for title, those in ((_("waiting: {names}"), "waiting"), (_("waiting too long: {names}"), "overdue")):
        if board[those]:
            lines.append(title.format(names=", ".join(_waits(board, client, at) for client in board[those])))
    office = [one["client"] for one in board["with"] if one["to"] == "office"]
    if office:
        lines.append(_("with the office: {names}").format(names=", ".join(office)))
    return [*lines, ""]


def _waits(board: Board, client: str, at: datetime) -> str:
    """Answer a waiting customer, since when, and for how many minutes."""
    since = next(one["since"] for one in board["with"] if one["client"] == client)
    minutes = int((at - datetime.fromisoformat(since)).total_seconds() // 60)
    return _("{client} since {since} ({minutes} min)").format(client=client, since=since[11:16], minutes=minutes)


def _in_order(board: Board) -> list[str]:
    """Answer everybody who takes turns: those in the ring as it stands, then those who are out."""
    return list(dict.fromkeys([*(one for one in board["ring"] if one in board["counts"]), *board["counts"]]))


def _row(session: Session, board: Board, person: str) -> dict[str, Any]:
    off = board["off"].get(person)
    word = session.label("absence", off) if off else session.label("status", board["status"][person])
    mine = [one for one in board["with"] if one["to"] == person]
    place = board["ring"].index(person) + 1 if person in board["ring"] else "-"
    return {
        "place": str(place),
        "person": person,
        "status": word,
        "with": ", ".join(one["client"] for one in mine),
        "since": min((one["since"][11:16] for one in mine), default=""),
        **{name: str(figure) for name, figure in board["counts"][person].items()},
    }


def _style(board: Board, person: str) -> str:
    """Answer how a person stands out on a terminal; the words say the same."""
    return "next" if person == board["next"] else ""


def _machine_rows(board: Board) -> list[dict[str, Any]]:
    """Answer the board person by person in machine words, for csv, jsonl and md."""
    status, off = board["status"], board["off"]
    return [
        {"person": person, "status": status[person], "off": off.get(person), **counts}
        for person, counts in board["counts"].items()
    ]


def _figure_names() -> list[str]:
    return [_("served"), _("charged"), _("owed"), _("extra")]


def fairness(
    context: typer.Context,
    since: Annotated[
        str | None, typer.Option("--since", metavar="TIME", help="Only what happened from then on.")
    ] = None,
) -> Answer:
    """Show who got how many turns and why, the spread, and every exception with its article."""
    from crm_cli.rules.rotate.fairness import fairness as counted  # noqa: PLC0415 - a cold look does not need it
    from crm_cli.rules.rotate.fairness import spread  # noqa: PLC0415

    session: Session = context.obj
    begin = clock.moment(since, session.office.zone, clock.machine()) if since else None
    found = counted(session.office.events(), begin)
    exceptions = [_exception(session, one) for one in found["exceptions"]]
    data = {
        "verdict": "shown",
        "people": found["visit"],
        "spread": spread(found["visit"]),
        "phone_people": found["phone"],
        "phone_spread": spread(found["phone"]),
        "exceptions": exceptions,
        "cites": [],
        "events": [],
    }
    rows = [{"person": person, **figures} for person, figures in found["visit"].items()]
    if session.format != "text":
        return Answer(data, rows=rows)
    return Answer(data, _told(session, data), rows=rows, headings=[_("person"), *_figure_names(), _("sum")])


def _told(session: Session, data: dict[str, Any]) -> list[str]:
    """Answer the exceptions, oldest first, and the spread; the table of the people follows."""
    from crm_cli.render.tables import aligned  # noqa: PLC0415

    cells = [
        [
            f"#{one['event']}",
            one["happened"][:16].replace("T", " "),
            one["person"] or "-",
            _what(session, one["what"]),
            told_once(one["articles"]),
        ]
        for one in data["exceptions"]
    ]
    lines = aligned(cells) if cells else []
    spread = _("spread of turns: {visits} (calls: {calls})")
    calls = [f"{person} {figures['sum']}" for person, figures in data["phone_people"].items() if figures["sum"]]
    taken = [_("calls: {figures}").format(figures=", ".join(calls))] if calls else []
    last = [spread.format(visits=data["spread"], calls=data["phone_spread"]), *taken]
    return [*lines, "", *last] if lines else last


def _exception(session: Session, one: dict[str, Any]) -> dict[str, Any]:
    cites = [session.office.book.cited(text) for text in one.pop("cites")]
    return {**one, "event": str(one["event"]), "articles": [cite.told for cite in cites]}


def _what(session: Session, word: str) -> str:
    """Answer in words what made an exception; what becomes of a passed turn is called as the house calls it."""
    said = {
        "designated": _("asked for"),
        "own": _("own customer"),
        "stand-in": _("stands in"),
        "forfeited": _("a turn owed is forfeited"),
        "missed": _("did not receive"),
        "given_back": _("turn given back"),
        "owed": _("owed by the manager"),
        "off": _("out"),
        "on": _("back"),
        "grab": _("took a colleague's customer"),
        "adjusted": _("order changed"),
    }
    return said.get(word) or _("passed: {turn}").format(turn=session.label("turn", word))
