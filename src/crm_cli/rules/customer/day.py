"""The end of a day: each hands in what they entered, and is told what is lacking."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from crm_cli.language import _
from crm_cli.rules.customer import fields
from crm_cli.rules.customer.book import unanswered, valid_entries
from crm_cli.rules.customer.card import card_of
from crm_cli.rules.customer.handin import day_document, due_of, handed_in
from crm_cli.rules.customer.notes import open_debts
from crm_cli.rules.decision import Case, Decision, RefusalError, permitted
from crm_cli.rules.directory import handle_of, members, must_be_on_the_staff

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from crm_cli.past import Event, Past
    from crm_cli.policy.book import Cite, Rulebook

BLOCK = 100  # entries in one document: an entry costs the same on the busiest day
ASKED_FOR = 31  # days for which a day that was not handed in is asked for


def entered(past: Past, entry: dict[str, Any]) -> None:
    """Remember an entry under its day and person, in documents of a hundred."""
    day, person = entry["at"][:10], entry["person"]
    known = day_document(past, day)
    made = known["people"].get(person, 0)
    block = past.get("customer", _block(day, person, made)) or {"entries": []}
    block["entries"].append([entry["customer"], entry["number"]])
    known["people"][person] = made + 1
    past.put("customer", _block(day, person, made), block)
    past.put("customer", f"day/{day}", known)


def _block(day: str, person: str, number: int) -> str:
    return f"day/{day}/{person}/{number // BLOCK}"


def entries(past: Past, day: str, person: str) -> Iterator[dict[str, Any]]:
    """Answer the entries of a person and a day that count, as they stand now, each once."""
    seen = set()
    for start in range(0, day_document(past, day)["people"].get(person, 0), BLOCK):
        for customer, number in (past.get("customer", _block(day, person, start)) or {"entries": []})["entries"]:
            found = [entry for entry in valid_entries(past, customer) if entry["number"] == number]
            if number not in seen and found and (found[0]["at"][:10], found[0]["person"]) == (day, person):
                seen.add(number)
                yield found[0]


def evolve(past: Past, event: Event) -> None:
    """Remember who handed in a day, and when."""
    if event["type"] == "customer.day_closed":
        data = event["data"]
        known = day_document(past, data["day"])
        handed = {"at": event["happened"], "late": data["late"], "upto": max(data["entries"], default=0)}
        known["by"].setdefault(data["person"], []).append(handed)
        past.put("customer", f"day/{data['day']}", known)


def not_handed_in(past: Past, rules: Rulebook, until: datetime) -> Iterator[tuple[datetime, str, str, Cite]]:
    """Answer whose day was not handed in: [(until when it was to be, day, person, article)]; none without a rule."""
    if not rules.has("customer", "hand_in"):
        return
    staff = members(past)
    for back in range(ASKED_FOR):
        day = (until.date() - timedelta(days=back)).isoformat()
        known = day_document(past, day)
        received = {receiver for _customer, receiver in _unregistered(past, day) if receiver}
        people = dict.fromkeys([*known["people"], *sorted(received)])
        open_ones = [person for person in people if person in staff and _has_more(past, day, person, received)]
        due, _grace, cites = due_of(rules, day, until) if open_ones else (None, None, [])
        for person in open_ones if due else ():
            if due:
                yield due, day, person, cites[0]


def _has_more(past: Past, day: str, person: str, received: Collection[str]) -> bool:
    """Answer whether somebody has entries of a day that are not handed in, or received somebody without one."""
    upto = handed_in(day_document(past, day), person)
    if upto < 0 and person in received:
        return True
    return any(entry["number"] > upto and "copied" not in entry for entry in entries(past, day, person))


def close_day(case: Case) -> Decision:
    """Answer that somebody hands in a day: in time, or late; what is lacking is told, not refused."""
    cite, asked = permitted(case, "customer", "close_day"), case.asked
    person, day = str(asked.get("for", asked["by"])), str(asked.get("day", case.day))
    must_be_on_the_staff(case.past, person)
    if day > case.day:
        raise RefusalError("not_yet", _("{day} has not come yet").format(day=day), cite, day=day)
    lacking = lacking_of(case.past, case.rules, day, person)
    upto = handed_in(day_document(case.past, day), person)
    numbers = [entry["number"] for entry in entries(case.past, day, person) if entry["number"] > upto]
    if upto >= 0 and not numbers:
        return Decision("already", [cite], answer={"day": day, "person": person, "lacking": lacking})
    due, grace, cites = due_of(case.rules, day, case.moment)
    until = grace if asked.get("reason") and grace else due
    late = until is not None and case.moment > until
    data = {"day": day, "person": person, "entries": numbers, "due": until.isoformat() if until else None, "late": late}
    reason = {"reason": asked["reason"]} if asked.get("reason") else {}
    case.record("customer.day_closed", {**data, **reason}, *(cites or [cite]))
    decision = case.decided("late" if late else "handed_in")
    decision.answer |= {**data, "lacking": lacking}
    return decision


def lacking_of(past: Past, rules: Rulebook, day: str, person: str) -> list[dict[str, Any]]:
    """Answer what is lacking of the customers whom somebody received on a day, and what they owe for anybody.

    [{"customer", "client", "registered", "lacks", "owed"}]; those without an entry come first.
    """
    mine = dict.fromkeys(entry["customer"] for entry in entries(past, day, person))
    open_answers = set(unanswered(past, mine)) if rules.has("register", "answers") else set()
    owed: dict[str, list[str]] = {}
    for customer, debt in open_debts(past):
        if debt["by"] == person:
            owed.setdefault(customer, []).append(debt["what"])
    unregistered = [one for one, receiver in _unregistered(past, day) if receiver in (None, person)]
    found = []
    for customer in dict.fromkeys([*unregistered, *mine, *owed]):
        answers = ["been_before", "received_by"] if customer in open_answers else []
        lacks = [*answers, *_gaps(past, rules, customer)] if customer in mine else []
        names = {"customer": customer, "client": handle_of(past, customer), "registered": customer not in unregistered}
        found.append({**names, "lacks": lacks, "owed": owed.get(customer, [])})
    return [one for one in found if one["lacks"] or one["owed"] or not one["registered"]]


def _gaps(past: Past, rules: Rulebook, customer: str) -> list[str]:
    card, kind = card_of(past, customer), fields.kind_of(past, customer)
    told = {**card["typed"], **card["fields"]}
    return fields.gaps(fields.wanted(past, rules, customer, "close", kind=kind, told=told).must, told)


def _unregistered(past: Past, day: str) -> Iterator[tuple[str, str | None]]:
    """Answer who was received at the desk on a day and has no entry of it that counts, and by whom, where known."""
    board = past.get("rotation", "board") or {"day": None}
    for customer in board["received"] if board["day"] == day else ():
        made = (past.get("customer", customer) or {"entries": []})["entries"]
        mine = [entry for entry in made if entry["at"][:10] == day]
        counts = any("moved" in entry or not entry.get("void") for entry in mine)
        receiver = board["here"].get(customer, {}).get("to") or (mine[-1]["person"] if mine else None)
        if not counts:
            yield customer, receiver
