"""What the house wants to know of a customer at which step: what must be there, what is asked for, what counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from crm_cli.language import _
from crm_cli.rules.customer.book import valid_entries
from crm_cli.rules.customer.card import OF_A_CHANGE, card_of
from crm_cli.rules.decision import Case, RefusalError, unique

if TYPE_CHECKING:
    from collections.abc import Collection

    from crm_cli.past import Document, Past
    from crm_cli.policy.book import Cite, Rulebook

UNKNOWN = "unknown"
CHOICES = ("channel", "stage", "class", "intent")  # fields whose values are words of the house, where it has any


class Wanted(NamedTuple):
    """The fields that a step wants, each with the row that wants it: must be there, is asked for, counts."""

    must: dict[str, Cite]
    ask: dict[str, Cite]
    counted: dict[str, Cite]

    def every(self) -> list[str]:
        """Answer all the fields that belong to a full card, each once."""
        return list({**self.must, **self.counted})


def wanted(past: Past, rules: Rulebook, customer: str, step: str, *, kind: str, told: Document) -> Wanted:
    """Answer what a step wants of a customer of whom `told` is known; nothing in a house without such a rule."""
    found = Wanted({}, {}, {})
    if rules.has("customer", "fields"):
        for hit in rules.hits("customer", "fields", _facts(past, rules, step, kind, told)):
            place = {"must": found.must, "ask": found.ask, "count": found.counted}[hit.then["want"]]
            place[hit.then["field"]] = hit.cite
    return found


def must_be_there(case: Case, customer: str, step: str, kind: str) -> Wanted:
    """Answer what a step wants of a customer, refusing one that leaves out what must be there."""
    told = told_with(case, customer)
    found = wanted(case.past, case.rules, customer, step, kind=kind, told=told)
    lacking = gaps(found.must, told)
    if lacking:
        says = _("this is wanted of the customer: {missing}").format(missing=", ".join(lacking))
        cites, articles = [found.must[field] for field in lacking], [found.must[field].told for field in lacking]
        raise RefusalError("fields_missing", says, *unique(cites), missing=lacking, articles=articles)
    return found


def told_with(case: Case, customer: str) -> Document:
    """Answer the fields of a customer's card together with those that the request says."""
    return {**_known(case, customer), **_said(case)}


def says_more(case: Case, customer: str) -> bool:
    """Answer whether the request says anything of a customer that the card does not say."""
    known, said = _known(case, customer), _said(case)
    fields = [field for field in said if field != OF_A_CHANGE]
    return bool(said) and (not fields or any(known.get(field) != said[field] for field in fields))


def _known(case: Case, customer: str) -> Document:
    card = card_of(case.past, customer)
    return {**card["typed"], **card["fields"]}


def _said(case: Case) -> Document:
    return {**case.asked.get("card", {}), **case.asked.get("fields", {})}


def gaps(fields: Collection[str], told: Document) -> list[str]:
    """Answer those fields of which nothing is known."""
    return [field for field in fields if not told.get(field)]


def kind_of(past: Past, customer: str) -> str:
    """Answer the kind of a customer's newest entry, a visit where there is none."""
    entries = valid_entries(past, customer)
    return str(entries[-1]["kind"]) if entries else "visit"


def _facts(past: Past, rules: Rulebook, step: str, kind: str, told: Document) -> dict[str, Any]:
    board = past.get("rotation", "board") or {}
    domains = rules.rule("customer", "fields").compiled["inputs"]
    choices = {name: told.get(name, UNKNOWN) for name in CHOICES if name in domains}
    words = {name: word if word in domains[name] else UNKNOWN for name, word in choices.items()}
    return {"step": step, "kind": kind, "desk": "open" if board.get("open") else "closed", **words}
