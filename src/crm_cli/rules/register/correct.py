"""Slips in the book: an entry that is wrong, a relation that does not hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm_cli.language import _
from crm_cli.rules import register
from crm_cli.rules.customer import book
from crm_cli.rules.decision import Case, RefusalError
from crm_cli.rules.directory import must_be_on_the_staff

if TYPE_CHECKING:
    from crm_cli.rules.slip import Slip

NAMES = {"to": "person", "kind": "kind", "been_before": "been_before", "received_by": "received_by"}


def entry(case: Case, slip: Slip) -> None:
    """Record what an entry should say: nothing, another customer's, or other words; whose customer it is follows."""
    number = slip.event["data"]["number"]
    mine = [one for one in book.valid_entries(case.past, slip.subject) if one["number"] == number]
    if not mine:
        raise RefusalError("already_void", _("this entry counts no more; crm log shows the one that does"))
    if slip.change is None:
        register.void(case, slip.subject, mine)
        return
    _rewrite(case, slip, mine[0])
    if slip.client != slip.subject:
        corrected = [one for one in book.valid_entries(case.past, slip.subject) if one["number"] == number]
        register.move(case, corrected, slip.client, slip.change["client"])


def _rewrite(case: Case, slip: Slip, was: dict[str, Any]) -> None:
    change = slip.change or {}
    data = {NAMES[name]: value for name, value in change.items() if name in NAMES}
    if "person" in data:
        must_be_on_the_staff(case.past, data["person"])
    if data:
        data |= {"number": was["number"], "was": was["person"]}
        case.record("customer.entry_corrected", data, *slip.cites, subject=slip.subject)


def link(case: Case, slip: Slip) -> None:
    """Record that two customers are not related, or in another way."""
    other = slip.event["data"]["other"]
    case.record("customer.unlinked", {"other": other}, *slip.cites, subject=slip.subject)
    if slip.change is not None:
        register.link(case, slip.subject, other, slip.change["relation"])
        register.give_back(case, slip.subject)
