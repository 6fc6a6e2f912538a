"""The end of a day: each hands in what they entered, and is told what is lacking."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from crm_cli import worktime
from crm_cli.rules.customer import fields
from crm_cli.rules.customer.book import unanswered
from crm_cli.rules.customer.card import card_of
from crm_cli.rules.decision import Case, Decision, permitted
from crm_cli.rules.directory import must_be_on_the_staff

if TYPE_CHECKING:
    from crm_cli.past import Document, Event, Past
    from crm_cli.policy.book import Cite, Rulebook

ENTRIES = "entries"  # of a day's document: person -> how many; of its pages: [[customer, number of the entry]]
PAGE = 50  # entries that stand together: each decision reads a copy of the last ones


def day_document(past: Past, day: str) -> Document:
    """Answer what is known of a day: {"entries": {person: how many}, "by": {person: {"at", "late"}}}."""
    return past.get("customer", f"day/{day}") or {ENTRIES: {}, "by": {}}


def entered(past: Past, entry: dict[str, Any]) -> None:
    """Remember an entry under its day and person."""
    day, person = entry["at"][:10], entry["person"]
    known = day_document(past, day)
    many = known[ENTRIES].get(person, 0)
    known[ENTRIES][person] = many + 1
    past.put("customer", f"day/{day}", known)
    page = _page(past, day, person, many // PAGE)
    page[ENTRIES].append([entry["customer"], entry["number"]])
    past.put("customer", f"day/{day}/{many // PAGE}/{person}", page)


def _page(past: Past, day: str, person: str, page: int) -> Document:
    return past.get("customer", f"day/{day}/{page}/{person}") or {ENTRIES: []}


def entries_of(past: Past, day: str, person: str) -> list[tuple[str, int]]:
    """Answer what somebody entered on a day, in its order: [(customer, number of the entry)]."""
    many = day_document(past, day)[ENTRIES].get(person, 0)
    pages = [_page(past, day, person, page)[ENTRIES] for page in range(-(-many // PAGE))]
    return [(customer, number) for page in pages for customer, number in page]


def evolve(past: Past, event: Event) -> None:
    """Remember who handed in a day, and when."""
    if event["type"] == "customer.day_closed":
        data = event["data"]
        known = day_document(past, data["day"])
        known["by"][data["person"]] = {"at": event["happened"], "late": data["late"]}
        past.put("customer", f"day/{data['day']}", known)


def due_of(rules: Rulebook, day: str, like: datetime) -> tuple[datetime | None, datetime | None, list[Cite]]:
    """Answer until when a day is handed in, and until when with a reason; None where there is no such limit."""
    if not rules.has("customer", "hand_in"):
        return None, None, []
    values, cite = rules.values("customer", "hand_in")
    start = datetime.combine(date.fromisoformat(day), time(), like.tzinfo)
    ends = [_due(values[name], start, rules) for name in ("due", "grace")]
    return ends[0], ends[1], [cite]


def _due(text: str | None, start: datetime, rules: Rulebook) -> datetime | None:
    found = worktime.due(worktime.limit(text), start, rules.calendar()) if text else None
    return None if isinstance(found, worktime.Missing) else found


def close_day(case: Case) -> Decision:
    """Answer that somebody hands in a day: in time, or late; what is lacking is told, not refused."""
    cite, asked = permitted(case, "customer", "close_day"), case.asked
    person, day = str(asked.get("for", asked["by"])), str(asked.get("day", case.day))
    must_be_on_the_staff(case.past, person)
    known = day_document(case.past, day)
    lacking = lacking_of(case.past, case.rules, day, person)
    if person in known["by"]:
        return Decision("already", [cite], answer={"day": day, "person": person, "lacking": lacking})
    due, grace, cites = due_of(case.rules, day, case.moment)
    until = grace if asked.get("reason") and grace else due
    late = until is not None and case.moment > until
    numbers = [number for _customer, number in entries_of(case.past, day, person)]
    data = {"day": day, "person": person, ENTRIES: numbers, "due": until.isoformat() if until else None, "late": late}
    case.record(
        "customer.day_closed",
        {**data, **({"reason": asked["reason"]} if asked.get("reason") else {})},
        *(cites or [cite]),
    )
    decision = case.decided("late" if late else "handed_in")
    decision.answer |= {**data, "lacking": lacking}
    return decision


def lacking_of(past: Past, rules: Rulebook, day: str, person: str) -> list[dict[str, Any]]:
    """Answer what is lacking of the customers whom somebody entered on a day: [{"customer", "lacks", "owed"}]."""
    customers = dict.fromkeys(customer for customer, _number in entries_of(past, day, person))
    open_answers = set(unanswered(past, customers)) if rules.has("register", "answers") else set()
    found = []
    for customer in customers:
        document = past.get("customer", customer) or {}
        card = card_of(past, customer)
        told = {**card["typed"], **card["fields"]}
        kind = fields.kind_of(past, customer)
        wanted = fields.wanted(past, rules, customer, "close", kind=kind, told=told)
        lacks = fields.gaps(wanted.must, told)
        owed = [debt["what"] for debt in document.get("owed", ())]
        if lacks or owed or customer in open_answers:
            answers = ["been_before", "received_by"] if customer in open_answers else []
            found.append({"customer": customer, "lacks": [*answers, *lacks], "owed": owed})
    return found
