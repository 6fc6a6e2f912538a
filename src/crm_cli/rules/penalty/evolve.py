"""Folding of penalty events: what was decided of lines, what was kept back of pay, which months are closed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm_cli.rules.penalty.facts import key_of
from crm_cli.rules.penalty.vocabulary import APPEALED, EXECUTED, REVERSED, UPHELD, WAIVED

if TYPE_CHECKING:
    from crm_cli.past import Document, Event, Past

STATES = {f"penalty.{state}": state for state in (EXECUTED, WAIVED, APPEALED, UPHELD, REVERSED)}
NOTIFIED, DEDUCTED, CLOSED = "penalty.notified", "penalty.deducted", "penalty.month_closed"
EVOLVES = (*STATES, NOTIFIED, DEDUCTED, CLOSED)
LINE = (
    "role", "subject", "ref", "repeats", "quantity", "unit", "measure", "multiplier", "amount", "time", "booked",
    "covers", "fact",
)  # fmt: skip


def evolve(past: Past, event: Event) -> None:
    """Bring what was decided up to an event."""
    data = event["data"]
    if event["type"] not in EVOLVES:
        return  # that somebody was refused changes nothing
    if event["type"] == CLOSED:
        before = _closed(past)
        kept = dict.fromkeys(data.get("given_back", ()), data["month"])
        months = sorted({*before["months"], data["month"]})
        past.put("penalty", "closed", {"months": months, "given_back": {**before["given_back"], **kept}})
        return
    month = data["month"] if event["type"] == DEDUCTED else data["date"][:7]
    document = decided(past, data["person"], month)
    if event["type"] == DEDUCTED:
        kept = {name: data[name] for name in ("role", "pay", "rate", "amount", "reason")}
        document["deducted"].append(
            {**kept, "by": event.get("actor"), "at": event["happened"], "seq": event.get("seq")}
        )
    elif event["type"] == NOTIFIED:
        document["notices"][data["id"]] = {"at": event["happened"], "amount": data["amount"]}
    else:
        _line(document["lines"], event)
    past.put("penalties", key_of(data["person"], month), document)
    past.mark(f"penalties:{data['person']}", month)


def _line(lines: dict[str, Any], event: Event) -> None:
    data, state = event["data"], STATES[event["type"]]
    kept = lines.get(data["id"]) or {"date": data["date"], **{name: data.get(name) for name in LINE}, "decided": []}
    said = {"state": state, "by": event.get("actor"), "at": event["happened"], "seq": event.get("seq")}
    decided = [*kept["decided"], {**said, "reason": data.get("reason")}]
    if data.get("given_back"):  # its month was closed: it stays as it was settled, and a later month gives it back
        lines[data["id"]] = {**kept, "state": EXECUTED, "given_back": True, "decided": decided}
    else:
        lines[data["id"]] = {**kept, "state": state, "decided": decided}


def decided(past: Past, person: str, month: str) -> Document:
    """Answer what was decided of the lines of a person in a month."""
    return past.get("penalties", key_of(person, month)) or {"lines": {}, "notices": {}, "deducted": []}


def closed(past: Past) -> list[str]:
    """Answer the months that are closed, oldest first."""
    months: list[str] = _closed(past)["months"]
    return months


def given_back(past: Past) -> dict[str, str]:
    """Answer in which month what was given back was settled, by its line; what no month has closed with is not here."""
    lines: dict[str, str] = _closed(past)["given_back"]
    return lines


def _closed(past: Past) -> Document:
    return past.get("penalty", "closed") or {"months": [], "given_back": {}}
