"""Facts that cases state, kept by person and month: a fold of case events, which no price enters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from crm_cli.past import Event, Past

Fact = dict[str, Any]
LATE, WITHDRAWN = "case.late", "case.withdrawn"
GRAB_WITHDRAWN = "rotation.grab_withdrawn"


def evolve(past: Past, event: Event) -> None:
    """Keep what a case event states of people; a breach that is taken back takes its facts with it."""
    if event["type"] == WITHDRAWN:
        _take_back(past, event)
    for fact in event["data"].get("facts", ()):
        for person in fact["who"]:
            _keep(past, event, fact, person)


def grabbed(past: Past, event: Event) -> None:
    """Keep of a confirmed grab what was done, of who did it; one that turns out to be none takes it with it."""
    data = event["data"]
    if event["type"] != GRAB_WITHDRAWN:
        _keep(past, event, {"fact": data["violation"]}, data["person"])
        return
    for month in past.marks(f"stated:{data['person']}"):
        _drop(past, key_of(data["person"], month), lambda one: one["seq"] == data.get("event"))


def _keep(past: Past, event: Event, stated: Fact, person: str) -> None:
    data, at = event["data"], _dated(event, stated)
    month = at[:7]
    roster = (past.get("staff", "roster") or {"members": {}})["members"]
    fact = {
        "at": at,
        "fact": stated["fact"],
        "case": event["subject"],
        "item": stated.get("item") or data.get("item", ""),
        "count": stated.get("count"),
        "cured": stated.get("cured") or data.get("duty"),
        "auto": event["type"] == LATE,
        "duty": _duty(data) if event["type"] == LATE else None,
        "roles": roster.get(person, {}).get("roles") or [person],
        "seq": event.get("seq"),
    }
    document = past.get("facts", key_of(person, month)) or {"facts": []}
    document["facts"].append(fact)
    past.put("facts", key_of(person, month), document)
    past.mark("stated", person)
    past.mark(f"stated:{person}", month)
    if fact["auto"]:
        breach = past.get("breach", _breach(event)) or {"of": []}
        breach["of"].append([person, month])
        past.put("breach", _breach(event), breach)


def _dated(event: Event, stated: Fact) -> str:
    """Answer when a fact was: on the day that it says, at the time of day of the event, or when the event was."""
    happened = str(event["happened"])
    return f"{stated['dated']}{happened[len(stated['dated']) :]}" if stated.get("dated") else happened


def _breach(event: Event) -> str:
    return f"{event['subject']}/{event['data']['duty']}/{event['data'].get('item', '')}"


def _take_back(past: Past, event: Event) -> None:
    data = event["data"]
    for person, month in (past.get("breach", _breach(event)) or {"of": []})["of"]:
        _drop(
            past, key_of(person, month),
            lambda one: one["auto"] and one["case"] == event["subject"] and one["duty"] == _duty(data),
        )  # fmt: skip
    past.put("breach", _breach(event), {"of": []})


def strike(past: Past, correction: dict[str, Any]) -> None:
    """Forget what an event stated of people that should not have said it: a price follows no more."""
    for person in correction.get("people", ()):
        for month in past.marks(f"stated:{person}"):
            _drop(past, key_of(person, month), lambda one: one["seq"] == correction["event"])


def _drop(past: Past, key: str, which: Callable[[Fact], bool]) -> None:
    document = past.get("facts", key) or {"facts": []}
    past.put("facts", key, {"facts": [one for one in document["facts"] if not which(one)]})


def _duty(data: dict[str, Any]) -> list[str]:
    return [data["duty"], data.get("item", "")]


def key_of(person: str, month: str) -> str:
    """Answer the key of what is kept of a person in a month."""
    return f"{month}/{person}"


def stated(past: Past, person: str, until: str) -> Iterator[Fact]:
    """Answer the facts that are stated of a person up to a day, month by month."""
    for month in past.marks(f"stated:{person}", high=f"{until[:7]}~"):
        for fact in (past.get("facts", key_of(person, month)) or {"facts": []})["facts"]:
            if fact["at"][:10] <= until:
                yield fact


def people(past: Past) -> list[str]:
    """Answer everybody of whom anything is stated."""
    return list(past.marks("stated"))
