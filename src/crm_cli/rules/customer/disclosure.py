"""Who may take the book out of the office, and for whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm_cli.language import _
from crm_cli.rules.customer.access import live_permit
from crm_cli.rules.customer.book import customers, numbers
from crm_cli.rules.decision import Case, Decision, RefusalError, permitted
from crm_cli.rules.directory import members, roles_of

if TYPE_CHECKING:
    from crm_cli.policy.book import Cite


def export(case: Case) -> Decision:
    """Answer whether all customers may be handed out; what is allowed is recorded, and what is refused, too."""
    cites = [permitted(case, "customer", "export")]
    wanted = case.asked.get("recipient")
    recipient = "outside" if wanted and wanted not in members(case.past) else "inside"
    if case.rules.has("customer", "disclosure"):
        cites.append(_disclosed(case, recipient))
    data = {"count": numbers(case.past)["customers"], "recipient": recipient, **({"for": wanted} if wanted else {})}
    case.record("customer.exported", data, *cites)
    return case.decided("exported")


def _disclosed(case: Case, recipient: str) -> Cite:
    """Answer the article by which the book may be given to somebody; otherwise the attempt is refused and noted."""
    hit = case.rules.table("customer", "disclosure", {"recipient": recipient, "permit": _has_permit(case, recipient)})
    if hit.then["disclosed"] == "refused":
        says = _("what is known of customers is not given out")
        if recipient == "inside":
            says = _("what is known of customers is not copied without a permit")
        raise RefusalError("not_disclosed", says, hit.cite, attempt=True)
    return hit.cite


def _has_permit(case: Case, recipient: str) -> bool:
    """Answer whether the hand may look at every customer on somebody's permit, or inside needs nobody else's."""
    hand = case.asked["by"]
    if recipient == "inside" and case.rules.may("customer", "permit", roles_of(case.past, hand))[0]:
        return True
    found = customers(case.past)
    return bool(found) and all(live_permit(case.past, one, hand, case.moment) for one in found)
