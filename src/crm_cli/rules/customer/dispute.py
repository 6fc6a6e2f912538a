"""Whose is the customer: the claims side by side, the ruling, who comes next, and what would have changed it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from crm_cli.language import _
from crm_cli.rules.customer.card import card_of
from crm_cli.rules.customer.ownership import Claim, all_entries, claim, counts_not
from crm_cli.rules.decision import Case, Decision, RefusalError, permitted
from crm_cli.rules.directory import find

if TYPE_CHECKING:
    from crm_cli.past import Past
    from crm_cli.policy.book import Rulebook


def dispute(past: Past, rules: Rulebook, customer: str, now: datetime) -> dict[str, Any]:
    """Answer {"owner", "since", "claims", "runner_up", "changed_by", "cites"}.

    "claims" has one row a person, their best entry; "changed_by" is what would have made it the runner-up's.
    """
    ruling = claim(past, rules, customer, now)
    rows = _claims(past, rules, customer, now)
    answer: dict[str, Any] = {
        "owner": None,
        "since": None,
        "claims": rows,
        "runner_up": None,
        "changed_by": [],
        "cites": [],
    }
    if ruling is None:
        return answer
    answer |= {"owner": ruling.owner, "since": ruling.since, "cites": ruling.cites}
    without = _without(past, rules, customer, now, ruling)
    answer["runner_up"] = without.owner if without else None
    answer["changed_by"] = _changes(ruling, without, rows)
    return answer


def _claims(past: Past, rules: Rulebook, customer: str, now: datetime) -> list[dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {}
    for entry in all_entries(past, customer):
        why = counts_not(past, rules, customer, entry, now)
        row = {name: entry[name] for name in ("person", "at", "kind", "number", "customer")} | {"counts_not": why}
        known = rows.get(entry["person"])
        if known is None or (known["counts_not"] and not why):
            rows[entry["person"]] = row
    return list(rows.values())


def _without(past: Past, rules: Rulebook, customer: str, now: datetime, ruling: Claim) -> Claim | None:
    """Answer who would own the customer if nothing of the owner counted."""
    return claim(past, rules, customer, now, without=ruling.owner)


def _changes(ruling: Claim, without: Claim | None, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    changes: list[dict[str, Any]] = []
    if without is not None:
        changes += [
            {"entry": entry["number"], "what": "void"} for entry in ruling.evidence if entry["person"] == ruling.owner
        ]
        earlier = datetime.fromisoformat(without.since) - datetime.fromisoformat(ruling.since)
        if earlier > timedelta():
            changes.append({"person": without.owner, "what": "earlier", "seconds": int(earlier.total_seconds())})
    return changes + [{"entry": row["number"], "what": row["counts_not"]} for row in rows if row["counts_not"]]


def evidence(case: Case) -> Decision:
    """Answer whether something is accepted as evidence in a dispute; what was got after the deal may be refused."""
    cite, asked = permitted(case, "register", "evidence"), case.asked
    customer = find(case.past, asked["handle"])
    if not case.rules.has("register", "evidence"):
        raise RefusalError("no_such_rule", _("the rulebook of this house does not speak of evidence"), cite)
    facts = {"evidence": asked["evidence"], "obtained": _obtained(case, customer)}
    hit = case.rules.table("register", "evidence", facts)
    if hit.then["weight"] == "refused":
        says = _("this is no evidence: it was obtained after the deal")
        raise RefusalError("evidence_refused", says, hit.cite, attempt=True, **facts)
    case.record("customer.evidence_noted", dict(facts), hit.cite, subject=customer)
    return case.decided("noted")


def _obtained(case: Case, customer: str) -> str:
    card = card_of(case.past, customer)
    deal = {**card["typed"], **card["fields"]}.get("deal")
    if deal is None:
        return "no_deal"
    return "after_deal" if case.asked.get("obtained", case.happened)[:10] >= deal else "before_deal"
