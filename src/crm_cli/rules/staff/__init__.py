"""Who works here, and in which roles."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from crm_cli.errors import UsageError
from crm_cli.language import _
from crm_cli.rules.customer.book import customers
from crm_cli.rules.customer.ownership import claim
from crm_cli.rules.decision import Asked, Case, Decision, RefusalError, answered, permitted
from crm_cli.rules.directory import handle_of, members, must_be_on_the_staff
from crm_cli.rules.rotate.board import empty_board, engagements

if TYPE_CHECKING:
    from collections.abc import Collection

    from crm_cli.past import Event, Past
    from crm_cli.policy.book import Cite, Rulebook


def decide(past: Past, policy: Rulebook, asked: Asked, now: datetime) -> Decision:
    """Answer what becomes of a request about the staff; `asked["verb"]` is add, depart or deputy."""
    return answered(VERBS[asked["verb"]], Case(past.fork(), policy, asked, now, evolve))


def evolve(past: Past, event: Event) -> None:
    """Fold an event about the staff into the roster."""
    data = event["data"]
    roster = past.get("staff", "roster") or {"members": {}}
    if event["type"] == "staff.added":
        known = roster["members"].get(data["name"], {})
        kept = {} if known.get("departed") else known
        roster["members"][data["name"]] = {**kept, "roles": data["roles"]}
    elif event["type"] == "staff.deputised":
        stands = {name: data[name] for name in ("for", "from", "until")}
        roster["members"][data["name"]].setdefault("deputises", []).append(stands)
    elif event["type"] == "staff.roles_set":
        roster["members"][data["name"]]["roles"] = data["roles"]
    elif event["type"] == "staff.deputy_changed":
        _change_deputy(roster["members"][data["name"]], data)
    elif event["type"] == "staff.departed":
        roster["members"][data["name"]]["departed"] = event["happened"][:10]
    past.put("staff", "roster", roster)


def _change_deputy(member: dict[str, Any], data: dict[str, Any]) -> None:
    for one in member.get("deputises", ()):
        if (one["for"], one["from"], one["until"]) == (data["for"], data["from"], data["was"]):
            one["until"] = data["until"]


def _add(case: Case) -> Decision:
    """Answer an addition; somebody on the staff already gets the roles in addition to their own."""
    name, roles = case.asked["name"], case.asked["roles"]
    cites = [] if case.asked.get("founding") else [permitted(case, "staff", "add")]
    known: list[str] = members(case.past).get(name, {"roles": []})["roles"]
    if set(roles) <= set(known):
        return Decision("already", cites)
    gained = [role for role in roles if role not in known]
    case.record("staff.added", {"name": name, "roles": [*known, *gained], "gained": gained}, *cites)
    return case.decided("done")


def _depart(case: Case) -> Decision:
    name = case.asked["name"]
    cite = permitted(case, "staff", "depart")
    must_be_on_the_staff(case.past, name)
    must_not_be_with_a_customer(case, name, cite)
    must_not_be_the_last(case, name, [], cite)
    handed = leave(case, name, cite)
    decision = case.decided("done")
    decision.answer["handed_over"] = handed
    return decision


def leave(case: Case, name: str, *cites: Cite) -> int:
    """Record that somebody leaves, and who takes over each customer of theirs; answer how many those are."""
    handovers = handed_over(case, name)
    case.record("staff.departed", {"name": name}, *cites)
    for customer, heir, article, owes in handovers:
        data = {"from": name, "to": heir, **({"owes": [{"what": "told", "by": heir, "due": None}]} if owes else {})}
        personal = {"handle": handle_of(case.past, customer)}
        case.record("customer.handed_over", data, article, subject=customer, personal=personal)
    return len(handovers)


def must_not_be_with_a_customer(case: Case, name: str, cite: Cite) -> None:
    """Refuse what would take somebody away from a customer."""
    if engagements(case.past.get("rotation", "board") or empty_board(), name):
        says = _("{name} is still with a customer; crm rotate finish {name} ends it").format(name=name)
        raise RefusalError("still_receiving", says, cite, person=name)


def must_not_be_the_last(case: Case, name: str, roles: Collection[str], cite: Cite) -> None:
    """Refuse to leave somebody with these roles alone if nobody could add to the staff then."""
    hands = set(case.rules.hands("staff", "add"))
    others = (set(member["roles"]) for other, member in members(case.past).items() if other != name)
    if not hands & set(roles) and not any(hands & held for held in others):
        says = _("{name} is the last who may add to the staff; add a successor first").format(name=name)
        raise RefusalError("last_hand", says, cite, person=name)


def _deputy(case: Case) -> Decision:
    """Answer that somebody stands in for another for a while: in that one's roles, never in their own matters."""
    asked, staff = case.asked, members(case.past)
    cite = permitted(case, "staff", "deputy")
    if case.instead_of:
        raise RefusalError("own_matter", _("a deputy names no deputy"), cite, attempt=True, person=asked["by"])
    for name in (asked["name"], asked["for"]):
        must_be_on_the_staff(case.past, name)
    if asked["name"] == asked["for"]:
        raise UsageError(_("nobody stands in for themselves"), fix=_("name two people"))
    if datetime.fromisoformat(asked["until"]) <= datetime.fromisoformat(asked["from"]):
        raise UsageError(_("it ends before it begins"), fix=_("give --until a time after --from"))
    data = {name: asked[name] for name in ("name", "for", "from", "until")}
    if {name: data[name] for name in ("for", "from", "until")} in staff[data["name"]].get("deputises", ()):
        return Decision("already", [cite])
    case.record("staff.deputised", data, cite)
    return case.decided("done")


def handed_over(case: Case, name: str) -> list[tuple[str, str, Cite, bool]]:
    """Answer who gets the customers of somebody who leaves, by rule: [(customer, heir, article, tell)]."""
    if not case.rules.has("register", "handover"):
        return []
    values, cite = case.rules.values("register", "handover")
    owned = {customer: owner for customer in customers(case.past) if (owner := _owner(case, customer))}
    theirs = [customer for customer, owner in owned.items() if owner == name]
    if not theirs:
        return []
    heirs = [
        one for one, member in members(case.past).items() if one != name and set(member["roles"]) & set(values["among"])
    ]
    if values["heir"] == "named":
        heir = case.asked.get("to")
        if heir not in heirs:
            says = _("{name} has customers ({number}): crm staff depart {name} --to NAME says who takes them over")
            says = says.format(name=name, number=len(theirs))
            raise RefusalError("heir_missing", says, cite, person=name, customers=len(theirs), heirs=heirs)
        return [(customer, heir, cite, values["tell"]) for customer in theirs]
    return _by_fewest(case, owned, theirs, heirs, cite, tell=values["tell"])


def _by_fewest(
    case: Case, owned: dict[str, str], theirs: list[str], heirs: list[str], cite: Cite, *, tell: bool
) -> list[tuple[str, str, Cite, bool]]:
    if not heirs:
        raise RefusalError("heir_missing", _("nobody is left to take over the customers"), cite, customers=len(theirs))
    number = {heir: sum(owner == heir for owner in owned.values()) for heir in heirs}
    handed = []
    for customer in theirs:
        heir = min(heirs, key=lambda one: number[one])
        number[heir] += 1
        handed.append((customer, heir, cite, tell))
    return handed


def _owner(case: Case, customer: str) -> str | None:
    """Answer who owns a customer."""
    found = claim(case.past, case.rules, customer, case.moment)
    return found.owner if found else None


VERBS = {"add": _add, "depart": _depart, "deputy": _deputy}
