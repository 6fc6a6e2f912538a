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
MONTHS = 12
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
        _close(past, data)
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


# ── what was kept back of pay, and is taken back ───────────────────────────────────────────────────────────────────


def take_back(past: Past, event: Event) -> None:
    """Keep that a deduction turned out to be wrong: it stays, and is given back in the month that is open."""
    data = event["data"]
    [person], month = data["people"], data["month"]
    document = decided(past, person, month)
    [wrong] = [one for one in document["deducted"] if one["seq"] == data["event"]]
    wrong["taken_back"] = event.get("seq")
    past.put("penalties", key_of(person, month), document)
    back = {name: wrong[name] for name in ("role", "pay", "rate")} | {"amount": -wrong["amount"]}
    said = {"reason": data["reason"], "by": event.get("actor"), "at": event["happened"], "seq": event.get("seq")}
    later = decided(past, person, data["booked"])
    later["deducted"].append({**back, **said, "counters": data["event"]})
    past.put("penalties", key_of(person, data["booked"]), later)
    past.mark(f"penalties:{person}", data["booked"])


# ── months ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _close(past: Past, data: Document) -> None:
    before = _closed(past)
    kept = dict(before["given_back"])
    for one in data.get("given_back", ()):
        settled = {"id": one["id"], "quantity": one["quantity"], "month": data["month"]}
        kept[one["of"]] = [*kept.get(one["of"], ()), settled]
    past.put("penalty", "closed", {"until": max(before["until"], data["month"]), "given_back": kept})


def closed_until(past: Past) -> str:
    """Answer the newest month that is closed, with which all before it are; nothing while none is."""
    return str(_closed(past)["until"])


def open_month(until: str, month: str) -> str:
    """Answer in which month something is settled: its own, or the first that is open where months are closed until."""
    if month > until:
        return month
    year, number = int(until[:4]), int(until[5:])
    return f"{year + number // MONTHS}-{number % MONTHS + 1:02}"


def given_back(past: Past) -> dict[str, list[Document]]:
    """Answer by their lines what was given back in months that are closed: in which, how many."""
    settled: dict[str, list[Document]] = _closed(past)["given_back"]
    return settled


def _closed(past: Past) -> Document:
    return past.get("penalty", "closed") or {"until": "", "given_back": {}}
