"""Who got how many turns, and every reason why somebody got another number than their neighbour."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from crm_cli.past import Past
from crm_cli.rules.rotate.board import RINGS, Board, counts, current
from crm_cli.rules.rotate.evolve import evolve

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crm_cli.past import Event

Figures = dict[str, dict[str, int]]
BY_TURN = ("turn", "makeup", "office")  # how a customer is received without being an exception
WORDS = {  # events that make an exception of the person they name
    "rotation.missed": "missed",
    "rotation.redirected": "given_back",
    "rotation.owed": "owed",
    "rotation.put_off": "off",
    "rotation.put_on": "on",
    "rotation.grab_confirmed": "grab",
    "rotation.adjusted": "adjusted",
}


def fairness(events: Iterable[Event], since: datetime | None = None) -> dict[str, Any]:
    """Answer, for what happened from a time on, the figures of each ring and the exceptions, oldest first.

    {"visit": {person: {"served", "charged", "owed", "extra", "sum"}}, "phone": …, "exceptions": [{"event",
    "happened", "person", "what", "cites"}]}; `sum` is served, charged and owed together: the measure of fairness.
    """
    past, before = Past(), _no_figures()
    found: list[dict[str, Any]] = []
    for event in events:
        if since is not None and datetime.fromisoformat(event["happened"]) < since:
            evolve(past, event)
            before = _figures(current(past))
            continue
        evolve(past, event)
        found += _exceptions(event)
    after = _figures(current(past))
    return {**{ring: _since(after[ring], before[ring]) for ring in RINGS}, "exceptions": found}


def spread(figures: Figures) -> int:
    """Answer how far apart the one with most turns and the one with fewest are."""
    sums = [one["sum"] for one in figures.values()]
    return max(sums) - min(sums) if sums else 0


def _no_figures() -> dict[str, Figures]:
    return {ring: {} for ring in RINGS}


def _figures(board: Board) -> dict[str, Figures]:
    return {
        ring: {person: counts(board, ring, person) for person in {**board["counts"][ring], **_known(board, ring)}}
        for ring in RINGS
    }


def _known(board: Board, ring: str) -> dict[str, None]:
    """Answer who has a place in a ring, or a turn to make up, in that order."""
    return dict.fromkeys([*board["rings"][ring], *board["makeup"][ring], *board["off"]])


def _since(after: Figures, before: Figures) -> Figures:
    none = dict.fromkeys(("served", "charged", "owed", "extra"), 0)
    answer = {}
    for person, figures in after.items():
        earlier = before.get(person, none)
        mine = {name: figure - earlier[name] for name, figure in figures.items()}
        answer[person] = {**mine, "sum": mine["served"] + mine["charged"] + mine["owed"]}
    return answer


def _exceptions(event: Event) -> Iterator[dict[str, Any]]:
    """Answer whom an event made an exception of, and by which citations."""
    data = event["data"]
    assignment = data.get("assignment") or {}
    for person, turn in assignment.get("passed", ()):
        yield _exception(event, person, turn, ("turn",), _row(data, person))
    for person in assignment.get("forfeited", ()):
        yield _exception(event, person, "forfeited", ("makeup",))
    if assignment.get("how") not in (None, *BY_TURN) and assignment["to"] not in ("waiting", "missed"):
        yield _exception(event, assignment["to"], assignment["how"], ("receive", "call", "both"))
    if event["type"] in WORDS:
        yield _exception(event, data.get("person"), WORDS[event["type"]], ())


def _row(data: dict[str, Any], person: str) -> str | None:
    """Answer the row that decided what became of the turn of somebody who was passed."""
    tested = (one for one in data.get("tested", ()) if one.get("about") == person and one["rule"].endswith("/turn"))
    return next((one["row"] for one in tested), None)


def _exception(
    event: Event, person: str | None, what: str, rules: tuple[str, ...], row: str | None = None
) -> dict[str, Any]:
    cites = [cite for cite in event.get("cites", ()) if not rules or _rule_of(cite, row) in rules]
    return {"event": event["seq"], "happened": event["happened"], "person": person, "what": what, "cites": cites}


def _rule_of(cite: str, row: str | None) -> str | None:
    """Answer the rule of a citation; nothing where another row than the one that is meant was cited."""
    rule, _sign, cited = cite.rsplit("/", 1)[1].partition(":")[0].partition("#")
    return rule if row is None or row == cited else None
