"""Slips on the staff: a role somebody does not have, a deputy's time."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from crm_cli.errors import UsageError
from crm_cli.language import _
from crm_cli.rules.directory import members, must_be_on_the_staff
from crm_cli.rules.staff import leave, must_not_be_the_last, must_not_be_with_a_customer

if TYPE_CHECKING:
    from crm_cli.rules.decision import Case
    from crm_cli.rules.slip import Slip


def roles(case: Case, slip: Slip) -> None:
    """Record the roles that somebody has in truth; who has none left leaves the staff."""
    name = slip.event["data"]["name"]
    must_be_on_the_staff(case.past, name)
    wrong = set(slip.words["role"]) - set((slip.change or {}).get("role", ()))
    kept = [role for role in members(case.past)[name]["roles"] if role not in wrong]
    kept += [role for role in (slip.change or {}).get("role", ()) if role not in kept]
    must_not_be_the_last(case, name, kept, slip.cites[0])
    turns = case.rules.has("rotation", "desk")
    ring = set(case.rules.values("rotation", "desk")[0]["ring"] if turns else ())
    if not ring & set(kept):
        must_not_be_with_a_customer(case, name, slip.cites[0])
    if kept:
        case.record("staff.roles_set", {"name": name, "roles": kept, "in_turn": bool(ring & set(kept))}, *slip.cites)
    else:
        leave(case, name, *slip.cites)


def deputy(case: Case, slip: Slip) -> None:
    """Record until when somebody stands in, in truth; not at all where it should never have been said."""
    data = slip.event["data"]
    until = slip.change["until"] if slip.change else data["from"]
    if slip.change and datetime.fromisoformat(until) <= datetime.fromisoformat(data["from"]):
        raise UsageError(_("it ends before it begins"), fix=_("give a later time"))
    was = {"for": data["for"], "from": data["from"], "was": slip.words["until"]}
    case.record("staff.deputy_changed", {"name": data["name"], **was, "until": until}, *slip.cites)
