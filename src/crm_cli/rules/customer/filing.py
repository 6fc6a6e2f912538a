"""Filing a customer's card, reporting what changed on it, and what the house pays for customers on file alone."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from crm_cli.rules.customer import fields, grading, unfiled
from crm_cli.rules.customer.book import valid_entries
from crm_cli.rules.customer.card import card_of, describe
from crm_cli.rules.customer.ownership import group
from crm_cli.rules.decision import Case, Decision, permitted, unique
from crm_cli.rules.directory import find

if TYPE_CHECKING:
    from datetime import date

    from crm_cli.past import Document, Past
    from crm_cli.policy.ask import Hit
    from crm_cli.policy.book import Cite, Rulebook


def begun(case: Case, customer: str, at: datetime) -> tuple[Document, list[Cite]]:
    """Answer what a first entry says of the filing that it begins: by when; nothing where the house files no cards."""
    document = case.past.get("customer", customer) or {}
    if not case.rules.has("customer", "filing") or "file_by" in document or "filed" in document:
        return {}, []
    until, cite = term(case.rules, "new", at)
    return {"file_by": _told(until)}, [cite]


def term(rules: Rulebook, which: str, start: datetime) -> tuple[datetime | None, Cite]:
    """Answer when a term that began at an instant ends, None where the calendar does not know those days."""
    from crm_cli import worktime  # noqa: PLC0415 - few requests count time

    values, cite = rules.values("customer", "filing")
    found = worktime.due(worktime.limit(values[which]), start, rules.calendar())
    return (found if isinstance(found, datetime) else None), cite


def file_by(past: Past, rules: Rulebook, customer: str) -> datetime | None:
    """Answer by when a customer is to be filed, None where nothing says it."""
    noted = (past.get("customer", customer) or {}).get("file_by")
    entries = valid_entries(past, customer)
    if noted is None and entries and rules.has("customer", "filing"):
        return term(rules, "new", datetime.fromisoformat(entries[0]["at"]))[0]
    return datetime.fromisoformat(noted) if noted else None


def file(case: Case) -> Decision:
    """Answer the filing of a card that says everything it must; of one on file, what is new on it."""
    cite = permitted(case, "customer", "card")
    customer = find(case.past, case.asked["handle"])
    wanted = fields.must_be_there(case, customer, "card", fields.kind_of(case.past, customer))
    on_file = "filed" in (case.past.get("customer", customer) or {})
    if on_file and not fields.says_more(case, customer):
        return Decision("already", [cite])
    if on_file:
        changed(case, customer)
    else:
        _file(case, customer, cite)
    told = fields.told_with(case, customer)
    missing = fields.gaps(wanted.every(), told)
    known = {"known": len(wanted.every()) - len(missing), "of": len(wanted.every())}
    return remarked(case, customer, missing=missing, completeness=known)


def _file(case: Case, customer: str, cite: Cite) -> None:
    describe(case, customer, case.asked["handle"])
    until = file_by(case.past, case.rules, customer)
    cites = [case.rules.values("customer", "filing")[1]] if case.rules.has("customer", "filing") else [cite]
    data = {"due": _told(until), "late": until is not None and case.moment > until}
    case.record("customer.filed", data, *cites, subject=customer, personal={"handle": case.asked["handle"]})


def changed(case: Case, customer: str) -> list[str]:
    """Record what changed on a card, with the term of a customer on file; answer what is asked for besides."""
    on_file = "filed" in (case.past.get("customer", customer) or {})
    bound = case.rules.has("customer", "filing")
    step = "again" if bound and not on_file else "change"
    asks = fields.must_be_there(case, customer, step, fields.kind_of(case.past, customer)).ask
    more, cites = _reported(case) if bound and on_file else ({}, [])
    describe(case, customer, case.asked["handle"], *cites, **more)
    return fields.gaps(asks, fields.told_with(case, customer))


def _reported(case: Case) -> tuple[Document, list[Cite]]:
    """Answer since when something is known, by when it was to be reported, and whether that was late."""
    since = case.asked.get("since", case.day)
    start = datetime.fromisoformat(since).replace(tzinfo=case.moment.tzinfo)
    until, cite = term(case.rules, "change", start)
    return {"since": since, "due": _told(until), "late": until is not None and case.moment > until}, [cite]


def remarked(case: Case, customer: str, **more: Any) -> Decision:
    """Answer what was recorded, with what the house would rather have otherwise."""
    decision = case.decided("done")
    late = [event["data"]["due"] for event in decision.events if event["data"].get("late")]
    hit = grading.advice(case, customer)
    decision.answer |= {**more, **({"late": late[0]} if late else {})}
    if hit is not None:
        decision.answer["advice"] = {**hit.facts, "better": grading.better(case.rules)}
        decision.cites = unique([*decision.cites, hit.cite])
    return decision


def expenses(past: Past, rules: Rulebook, customer: str, day: date, category: str) -> Hit:
    """Answer whether the house pays what was spent on a customer on a day."""
    facts = {"category": category, "filed": standing(unfiled.filed(past, customer), day)}
    return rules.table("customer", "expenses", facts)


def standing(filed: Document | None, day: date) -> str:
    """Answer how a customer stood on a day, as is known now: one who was filed in time counts from the beginning."""
    if filed is None:
        return "not_filed"
    if filed["at"][:10] <= day.isoformat():
        return "on_file"
    return "late" if filed["late"] else "in_term"


def reminders(past: Past, rules: Rulebook, customer: str) -> list[Document]:
    """Answer the reminders that were noted for a customer and those who are the same."""
    if not rules.has("customer", "reminders"):
        return []
    word = rules.values("customer", "reminders")[0]["note"]
    documents = [past.get("customer", member) or {} for member in group(past, customer)]
    return [one for document in documents for one in document.get("notes", ()) if one["note"] == word]


def _told(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None


def untouched(past: Past, customer: str, today: date) -> int:
    """Answer for how many days nothing has been written on a card."""
    document = past.get("customer", customer) or {}
    return (today - datetime.fromisoformat(document.get("described") or document["known"]).date()).days


def class_of(past: Past, customer: str) -> str | None:
    """Answer the class that a customer's card says."""
    word: str | None = card_of(past, customer)["fields"].get("class")
    return word


def retire(case: Case) -> Decision:
    """Answer that a customer is no longer among those the house works with, or is again; the history stays."""
    cite = permitted(case, "customer", "retire")
    customer = find(case.past, case.asked["handle"])
    retired = "retired" in (case.past.get("customer", customer) or {})
    if retired != bool(case.asked.get("undo")):
        return Decision("already", [cite])
    kind = "customer.reinstated" if retired else "customer.retired"
    personal = {"handle": case.asked["handle"]}
    case.record(kind, {"reason": case.asked["reason"]}, cite, subject=customer, personal=personal)
    return case.decided("done")
