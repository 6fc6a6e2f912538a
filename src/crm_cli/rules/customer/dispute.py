"""Whose is the customer: the claims side by side, the ruling, who comes next, and what would have changed it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from crm_cli.language import _
from crm_cli.rules.customer.card import card_of
from crm_cli.rules.customer.ownership import Claim, Supposed, all_entries, claim, counts_not, group, holder
from crm_cli.rules.decision import Case, Decision, RefusalError, permitted
from crm_cli.rules.directory import find

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crm_cli.past import Past
    from crm_cli.policy.book import Rulebook
    from crm_cli.rules.customer.ownership import Entry


def dispute(past: Past, rules: Rulebook, customer: str, now: datetime) -> dict[str, Any]:
    """Answer {"owner", "since", "claims", "evidence", "runner_up", "changed_by", "cites"}.

    "claims" has one row an entry, those that count first; "evidence" is what was brought and noted; "changed_by" says
    what was tried and makes it somebody else's:
    [{"what": "void" | "not_void" | "visit" | "earlier" | "no_grab", "entry", "owner"}], the owner null for nobody.
    """
    ruling = claim(past, rules, customer, now)
    rows = _claims(past, rules, customer, now)
    found: dict[str, Any] = {"owner": None, "since": None, "claims": rows, "runner_up": None, "cites": []}
    found["evidence"] = [
        noted for one in group(past, customer) for noted in (past.get("customer", one) or {}).get("evidence", ())
    ]
    if ruling is not None:
        without = claim(past, rules, customer, now, Supposed(without=ruling.owner))
        found |= {"owner": ruling.owner, "since": ruling.since, "cites": ruling.cites}
        found["runner_up"] = without.owner if without else None
    return found | {"changed_by": list(_changes(past, rules, customer, now, ruling))}


def _claims(past: Past, rules: Rulebook, customer: str, now: datetime) -> list[dict[str, Any]]:
    rows = []
    for entry in all_entries(past, customer):
        why = counts_not(past, rules, customer, entry, now)
        row = {name: entry[name] for name in ("at", "kind", "number", "customer")}
        rows.append({"person": holder(entry), **row, "received_by": entry["person"], "counts_not": why})
    return sorted(rows, key=lambda row: bool(row["counts_not"]))


def _changes(
    past: Past, rules: Rulebook, customer: str, now: datetime, ruling: Claim | None
) -> Iterator[dict[str, Any]]:
    """Try what may have been otherwise, one thing at a time, and answer what makes the customer somebody else's."""
    for what, supposed in _tries(all_entries(past, customer), ruling):
        found = claim(past, rules, customer, now, supposed)
        owner, is_now = (one.owner if one else None for one in (found, ruling))
        if owner != is_now:
            yield {**what, "owner": owner}


def _tries(entries: list[Entry], ruling: Claim | None) -> Iterator[tuple[dict[str, Any], Supposed]]:
    yield {"what": "no_grab"}, Supposed(grabs=False)
    for entry in entries:
        number = entry["number"]
        for what, otherwise in _otherwise(entry, ruling):
            yield {"what": what, "entry": number}, Supposed(entries={number: otherwise})


def _otherwise(entry: Entry, ruling: Claim | None) -> Iterator[tuple[str, Entry]]:
    """Answer what an entry might have been: void or not, a visit where it is a call, made before all others."""
    if entry.get("void"):
        yield "not_void", {**entry, "void": False}
        return
    yield "void", {**entry, "void": True}
    if entry["kind"] == "phone":
        yield "visit", {**entry, "kind": "visit"}
    if ruling is not None and ruling.evidence:
        first = min(datetime.fromisoformat(one["at"]) for one in ruling.evidence)
        yield "earlier", {**entry, "at": (first - timedelta(seconds=1)).isoformat()}


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
    case.record("customer.evidence_noted", {**facts, "by": asked["by"]}, hit.cite, subject=customer)
    return case.decided("noted")


def _obtained(case: Case, customer: str) -> str:
    """Answer when it was obtained beside the first deal of the customer or of anybody linked."""
    cards = [card_of(case.past, member) for member in group(case.past, customer)]
    deals = [deal for card in cards if (deal := {**card["typed"], **card["fields"]}.get("deal"))]
    if not deals:
        return "no_deal"
    return "after_deal" if case.asked.get("obtained", case.happened)[:10] >= min(deals) else "before_deal"
