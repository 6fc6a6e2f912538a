"""Hands: whether somebody is one of those whom a declaration names, and how those are called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm_cli.rules.directory import members, stood_for

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from crm_cli.past import Past
    from crm_cli.rules.case.sight import Sight

OFFICE = "office"  # whose hand records what nobody did
Hand = str | dict[str, str]


def fits(sight: Sight, wanted: Collection[Hand], person: str) -> bool:
    """Answer whether somebody, or whoever that person stands in for now, is among the hands."""
    if "anyone" in wanted:
        return True
    people = [person, *(stood_for(sight.past, person, sight.now) if person in members(sight.past) else ())]
    return any(_is(sight, hand, one) for hand in wanted for one in people)


def instead_of(sight: Sight, wanted: Collection[Hand], person: str) -> str | None:
    """Answer whom somebody stands in for who is among the hands, where that person is not."""
    if "anyone" in wanted or any(_is(sight, hand, person) for hand in wanted) or person not in members(sight.past):
        return None
    others = stood_for(sight.past, person, sight.now)
    return next((one for one in others if any(_is(sight, hand, one) for hand in wanted)), None)


def _is(sight: Sight, hand: Hand, person: str) -> bool:
    if isinstance(hand, str):
        return person == OFFICE if hand == OFFICE else hand in ("anyone", person)
    roles = roles_of(sight.past, person)
    if "role" in hand and hand["role"] not in roles:
        return False
    named = hand.get("field") or hand.get("of")
    return named is None or any(value == person or value in roles for value in sight.values(named))


def unheld(sight: Sight, wanted: Collection[Hand]) -> list[str]:
    """Answer the roles among the hands that nobody has, where nobody on the staff is any of the hands."""
    staff = members(sight.past)
    if any(fits(sight, wanted, person) for person in staff):
        return []
    held = {role for one in staff.values() for role in one["roles"]}
    roles = [hand["role"] for hand in wanted if not isinstance(hand, str) and "role" in hand]
    return [role for role in dict.fromkeys(roles) if role not in held]


def roles_of(past: Past, person: str) -> list[str]:
    """Answer the roles of somebody; who is not on the staff has none, but may be a role that a case names."""
    roles: list[str] = members(past).get(person, {"roles": [person]})["roles"]
    return roles


def roles_named(wanted: Iterable[Hand]) -> list[str]:
    """Answer the roles, fields and words that hands are called by, for people."""
    return [one if isinstance(one, str) else one.get("role") or one.get("field") or one["of"] for one in wanted]


def needed(rule_by: Any, kind_by: Any) -> list[Hand]:
    """Answer the hands of a step: its own, else those of the kind, else anyone's."""
    found: list[Hand] = rule_by or kind_by or ["anyone"]
    return found
