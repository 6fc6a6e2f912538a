"""What is noted of a customer beside the entries, and what is owed for it until somebody notes that it was done."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from crm_cli.language import _
from crm_cli.rules.customer.ownership import claim
from crm_cli.rules.decision import Case, Decision, RefusalError, permitted
from crm_cli.rules.directory import find, must_be_on_the_staff

if TYPE_CHECKING:
    from crm_cli.past import Document, Event, Past
    from crm_cli.policy.book import Cite, Rulebook
    from crm_cli.rules.customer.ownership import Claim

OWING = ("customer", "owing")  # the document of who has open debts: {"customers": {id: how many}}
LAST = time(23, 59, 59)


def note(case: Case) -> Decision:
    """Answer a note: what is owed from then on, and whether it is a breach."""
    cite, asked = permitted(case, "customer", "note"), case.asked
    customer, person = find(case.past, asked["handle"]), str(asked.get("for", asked["by"]))
    must_be_on_the_staff(case.past, person)
    facts = _facts(case, customer, person)
    hits = case.rules.hits("customer", "notes", facts) if case.rules.has("customer", "notes") else []
    tested = [{"rule": "customer/notes", "row": hit.cite.row, "facts": facts} for hit in hits[:1]]
    owes, fault = _owed(case, customer, person, hits), _fault(hits)
    data: dict[str, Any] = {"note": asked["note"], "person": person, "owes": owes, "fault": fault}
    data |= {name: asked.get(name) for name in ("about", "reason", "agreed_by")}
    kept = {name: value for name, value in data.items() if value}
    cites, personal = [hit.cite for hit in hits] or [cite], {"handle": asked["handle"]}
    case.record("customer.noted", kept, *cites, subject=customer, personal=personal, tested=tested)
    decision = case.decided("noted")
    decision.answer |= {"owes": owes, "fault": fault}
    return decision


def _facts(case: Case, customer: str, person: str) -> dict[str, Any]:
    """Answer what a note is judged by: whose customer it is to the one whose matter it is, whether the owner agreed."""
    found = claim(case.past, case.rules, customer, case.moment)
    whose = "nobody" if found is None else "own" if found.owner == person else "other"
    return {
        "note": case.asked["note"], "about": case.asked.get("about", "nothing"), "whose": whose,
        "agreed": _agreed(case, found),
    }  # fmt: skip


def _agreed(case: Case, found: Claim | None) -> bool:
    """Answer whether the colleague whose customer it is agreed; nobody can agree for another."""
    agreed = case.asked.get("agreed_by")
    if agreed is None:
        return False
    must_be_on_the_staff(case.past, agreed)
    if found is None or found.owner != agreed:
        says = _("this is not the customer of {name}, who cannot agree for another").format(name=agreed)
        raise RefusalError("not_the_owner", says, *(found.cites if found else ()), person=agreed)
    return True


def _fault(hits: list[Any]) -> str | None:
    return next((str(hit.then["fault"]) for hit in hits if hit.then["fault"] != "none"), None)


def _owed(case: Case, customer: str, person: str, hits: list[Any]) -> list[dict[str, Any]]:
    """Answer what is owed from now on, each once: what is owed already by the same hour is not owed again."""
    open_ones = (case.past.get("customer", customer) or {}).get("owed", ())
    known = [(debt["what"], debt["by"], debt["due"]) for debt in open_ones]
    due = {hit.then["owes"]: _end(case.moment, hit.then["within"]) for hit in hits if hit.then["owes"] != "nothing"}
    return [
        {"what": what, "by": person, "due": until} for what, until in due.items() if (what, person, until) not in known
    ]


def _end(moment: datetime, days: int) -> str:
    return datetime.combine(moment.date() + timedelta(days=days), LAST, moment.tzinfo).isoformat()


def evolve(past: Past, document: Document, data: dict[str, Any], event: Event) -> None:
    """Keep a note with its day; what was owed under its name is met."""
    kept: dict[str, Any] = {name: data[name] for name in ("note", "about", "person") if name in data}
    kept |= {"at": event["happened"], "by": event.get("actor")}
    document.setdefault("notes", []).append(kept)
    document["owed"] = [debt for debt in document.get("owed", ()) if debt["what"] != data["note"]]


def remember(past: Past, customer: str, document: Document) -> None:
    """Remember who has open debts, so that nobody walks through all customers to find them."""
    known = past.get(*OWING) or {"customers": {}}
    number = len(document.get("owed", ()))
    if number != known["customers"].get(customer, 0):
        known["customers"][customer] = number
        if not number:
            del known["customers"][customer]
        past.put(*OWING, known)


def open_debts(past: Past) -> list[tuple[str, Document]]:
    """Answer everything that is owed: [(customer, {"what", "by", "due", "since"})]."""
    owing = (past.get(*OWING) or {"customers": {}})["customers"]
    return [(customer, debt) for customer in owing for debt in (past.get("customer", customer) or {})["owed"]]


def article_of(rules: Rulebook, what: str) -> Cite:
    """Answer the article by which something is owed."""
    if rules.has("customer", "notes"):
        for _tests, then, cite in rules.rule("customer", "notes").rows:
            if then["owes"] == what:
                found: Cite = cite
                return found
    return rules.values("register", "handover")[1]
