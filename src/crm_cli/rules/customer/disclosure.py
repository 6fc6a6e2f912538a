"""Who may take the book out of the office, and for whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm_cli.language import _
from crm_cli.rules.customer.book import numbers
from crm_cli.rules.decision import Case, Decision, RefusalError, permitted
from crm_cli.rules.directory import members

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
    hit = case.rules.table("customer", "disclosure", {"recipient": recipient, "permit": has_permit(case, recipient)})
    if hit.then["disclosed"] == "refused":
        says = _("what is known of customers is not given out")
        if recipient == "inside":
            says = _("what is known of customers is not copied without a permit")
        raise RefusalError("not_disclosed", says, hit.cite, attempt=True)
    return hit.cite


def has_permit(_case: Case, _recipient: str) -> bool:
    """Answer whether somebody who may has permitted this, and the permit still holds; nobody can, as yet."""
    return False
