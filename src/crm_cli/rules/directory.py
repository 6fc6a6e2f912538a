"""Who is meant by a name: the staff by theirs, customers by the handle the desk gave them."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

from crm_cli.errors import UsageError
from crm_cli.language import _

if TYPE_CHECKING:
    from crm_cli.past import Past

ID = re.compile("c[0-9]{5,}")


def members(past: Past) -> dict[str, dict[str, Any]]:
    """Answer the staff who have not departed: name -> {"roles": [...]}, in the order they came."""
    return {name: member for name, member in _roster(past).items() if not member.get("departed")}


def _roster(past: Past) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = (past.get("staff", "roster") or {"members": {}})["members"]
    return found


def has_left(past: Past, name: str) -> bool:
    """Answer whether somebody was on the staff and is no longer."""
    roster = past.get("staff", "roster") or {"members": {}}
    return bool(roster["members"].get(name, {}).get("departed"))


def roles_of(past: Past, name: str) -> list[str]:
    """Answer the roles of a member of staff; an unknown name is refused."""
    must_be_on_the_staff(past, name)
    roles: list[str] = _roster(past)[name]["roles"]
    return roles


def must_be_on_the_staff(past: Past, name: str) -> None:
    """Refuse a name that nobody here has."""
    member = _roster(past).get(name)
    if member is None or member.get("departed"):
        raise UsageError(
            _("nobody on the staff is called {name}").format(name=name),
            fix=_("crm staff list shows the names; crm staff add NAME --role ROLE adds one"),
        )


def stood_for(past: Past, name: str, moment: datetime) -> list[str]:
    """Answer for whom somebody stands in as deputy at a moment, from `from` up to, not including, `until`."""
    staff = members(past)
    return [
        one["for"]
        for one in staff[name].get("deputises", ())
        if one["for"] in staff and datetime.fromisoformat(one["from"]) <= moment < datetime.fromisoformat(one["until"])
    ]


def known(past: Past, handle: str) -> str | None:
    """Answer the id of the customer with that handle, or who has it for an id; None if there is none yet."""
    found = past.find("customer", handle)
    if found:
        return found[0]
    return handle if ID.fullmatch(handle) and past.get("customer", handle) else None


def find(past: Past, handle: str) -> str:
    """Answer the id of the customer with that handle; an unknown one is refused."""
    found = known(past, handle)
    if found is None:
        raise UsageError(
            _("no customer is known by that name"),
            fix=_("type it as it was entered; crm register list shows the names, crm register find looks for them"),
        )
    return found


def handle_of(past: Past, customer: str) -> str:
    """Answer the handle that the desk gave a customer, as it was typed."""
    document = past.get("customer", customer)
    handle: str = document["handle"] if document else customer
    return handle
