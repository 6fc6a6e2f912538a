"""How promising a customer is, and whether the class that was written down fits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm_cli.rules.customer.book import valid_entries
from crm_cli.rules.customer.card import card_of
from crm_cli.rules.customer.fields import UNKNOWN
from crm_cli.rules.customer.ownership import group

if TYPE_CHECKING:
    from crm_cli.past import Past
    from crm_cli.policy.ask import Hit
    from crm_cli.policy.book import Rulebook
    from crm_cli.rules.decision import Case


def grade(past: Past, rules: Rulebook, customer: str) -> Hit | None:
    """Answer the grade of a customer by their intention and visits, None in a house that gives none."""
    if not rules.has("customer", "grade"):
        return None
    facts = {"intent": _word(rules, "grade", "intent", _said(past, customer, "intent")), "visits": 0}
    facts["visits"] = sum(
        entry["kind"] == "visit" for member in group(past, customer) for entry in valid_entries(past, member)
    )
    return rules.table("customer", "grade", facts)


def because(rules: Rulebook, hit: Hit) -> dict[str, Any]:
    """Answer the facts that a grade rests on: those its row looks at, all where no row would have them."""
    rows = {row["id"]: row["when"] for row in rules.rule("customer", "grade").compiled["rows"]}
    looked_at = list(rows.get(str(hit.cite.row), ())) or list(hit.facts)
    return {fact: hit.facts[fact] for fact in looked_at}


def advice(case: Case, customer: str) -> Hit | None:
    """Answer the row by which a class that was just said is to be thought over, None where it is fine."""
    said = case.asked.get("fields", {}).get("class")
    if said is None or not case.rules.has("customer", "class"):
        return None
    facts = {"class": _word(case.rules, "class", "class", said), "business": business(case.past, customer)}
    hit = case.rules.table("customer", "class", facts)
    return None if hit.then["advice"] == "fine" else hit


def better(rules: Rulebook) -> list[str]:
    """Answer the classes that fit somebody there is no business with yet."""
    words = rules.rule("customer", "class").compiled["inputs"]["class"]
    answers = {word: rules.table("customer", "class", {"class": word, "business": False}).then for word in words}
    return [word for word, then in answers.items() if then["advice"] == "fine" and word != UNKNOWN]


def business(past: Past, customer: str) -> bool:
    """Answer whether there is business with a customer: a deal, or contact after the entry that opened the book."""
    members = group(past, customer)
    deal = any(_said(past, member, "deal") for member in members)
    return deal or sum(len(valid_entries(past, member)) for member in members) > 1


def _said(past: Past, customer: str, field: str) -> str | None:
    card = card_of(past, customer)
    said: str | None = {**card["typed"], **card["fields"]}.get(field)
    return said


def _word(rules: Rulebook, rule: str, fact: str, said: str | None) -> str:
    """Answer what a card says as a word of the table, unknown where it has no such word."""
    words = rules.rule("customer", rule).compiled["inputs"][fact]
    return said if said is not None and said in words else UNKNOWN
