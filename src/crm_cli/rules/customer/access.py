"""Who may look at a customer's card, and on whose permission."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from crm_cli.language import _
from crm_cli.rules.customer.ownership import claim
from crm_cli.rules.decision import Case, Decision, RefusalError, permitted
from crm_cli.rules.directory import find, must_be_on_the_staff, roles_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from crm_cli.past import Document, Event, Past
    from crm_cli.policy.book import Cite, Rulebook


class Look(NamedTuple):
    """How a card may be looked at (whole, masked, refused), by which row and facts, and whether it is recorded."""

    view: str
    cite: Cite
    recorded: bool
    facts: dict[str, Any]


def look(
    past: Past, rules: Rulebook, customer: str, now: datetime, *, hand: str, roles: Collection[str], reason: str
) -> Look | None:
    """Answer how somebody may look at a customer's card; None where the house has no rule on it."""
    if not rules.has("customer", "view"):
        return None
    whose = _whose(past, rules, customer, now, hand, roles)
    permit = live_permit(past, customer, hand, now) is not None
    facts = {"whose": whose, "purpose": bool(reason), "permit": permit}
    hit = rules.table("customer", "view", facts)
    bare = rules.table("customer", "view", {**facts, "purpose": False, "permit": False})
    return Look(hit.then["view"], hit.cite, hit.then["view"] != bare.then["view"], facts)


def _whose(past: Past, rules: Rulebook, customer: str, now: datetime, hand: str, roles: Collection[str]) -> str:
    found = claim(past, rules, customer, now)
    if found is not None and found.owner == hand:
        return "own"
    free = rules.values("customer", "access")[0]["free_for"] if rules.has("customer", "access") else []
    if set(free) & set(roles):
        return "free"
    return "nobody" if found is None else "other"


def live_permit(past: Past, customer: str, person: str, now: datetime) -> Document | None:
    """Answer the permit by which somebody may look now: for one look, or until a time."""
    document = past.get("customer", customer) or {}
    for permit in document.get("permits", ()):
        until = permit.get("until")
        live = now < datetime.fromisoformat(until) if until else not permit["used"]
        if permit["person"] == person and live:
            found: Document = permit
            return found
    return None


def permit(case: Case) -> Decision:
    """Answer that somebody may look at a customer's card: once, or until a time."""
    cite, asked = permitted(case, "customer", "permit"), case.asked
    customer, person = find(case.past, asked["handle"]), asked["person"]
    must_be_on_the_staff(case.past, person)
    if person == asked["by"]:
        raise RefusalError("own_matter", _("nobody permits themselves"), cite, attempt=True, person=person)
    if "until" in asked and datetime.fromisoformat(asked["until"]) <= case.moment:
        raise RefusalError("over_already", _("a permit that ends before it begins permits nothing"), cite)
    data: dict[str, Any] = {"person": person, "reason": asked["reason"]}
    if "until" in asked:
        data["until"] = asked["until"]
    case.record("customer.permitted", data, cite, subject=customer, personal={"handle": asked["handle"]})
    return case.decided("permitted")


def record_look(case: Case) -> Decision:
    """Answer the record that somebody looked at a card on a permit or for a purpose; a refused look is noted."""
    asked = case.asked
    customer, roles = find(case.past, asked["handle"]), roles_of(case.past, case.asked["by"])
    reason = asked.get("reason", "")
    found = look(case.past, case.rules, customer, case.moment, hand=asked["by"], roles=roles, reason=reason)
    must_be_shown(found, asked["by"])
    record_looked(case, customer, reason, found)
    return case.decided("shown")


def must_be_shown(found: Look | None, hand: str) -> None:
    """Refuse a look that the house's rule on it refuses."""
    if found is not None and found.view == "refused":
        says = _("this card is not shown to you; where a permit or a purpose opens it, --reason says why you look")
        raise RefusalError("not_shown", says, found.cite, attempt=True, person=hand)


def record_looked(case: Case, customer: str, reason: str, found: Look | None, *cites: Cite) -> None:
    """Record a look, with what the house's rule on it was asked, where there is one."""
    data = {"person": case.asked["by"], "reason": reason, "permit": bool(found and found.facts["permit"])}
    tested = [{"rule": "customer/view", "row": found.cite.row, "facts": found.facts}] if found else None
    cites = (*cites, *([found.cite] if found else ()))
    case.record("customer.revealed", data, *cites, subject=customer, tested=tested)


def evolve_permit(past: Past, document: Document, data: dict[str, Any], event: Event) -> None:
    """Keep a permit."""
    kept: dict[str, Any] = {name: data[name] for name in ("person", "until") if name in data}
    kept["used"] = False
    document.setdefault("permits", []).append(kept)


def evolve_look(past: Past, document: Document, data: dict[str, Any], event: Event) -> None:
    """Use up the permits for one look of whoever looked on one."""
    for permit in document.get("permits", ()) if data.get("permit") else ():
        if permit["person"] == data.get("person") and "until" not in permit:
            permit["used"] = True
