"""The kinds of cases that a house declares."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from crm_cli.errors import DataError
from crm_cli.language import _
from crm_cli.policy.ask import CaseRule

if TYPE_CHECKING:
    from crm_cli.policy.book import Rulebook


@lru_cache(1000)
def kinds(rulebook: Rulebook) -> dict[str, CaseRule]:
    """Answer every kind in force on the day of a rulebook, over all topics that the house invents."""
    rules = (rule for topic in rulebook.book.topics.invented for rule in rulebook.rules(topic).values())
    return {rule.name: rule for rule in rules if isinstance(rule, CaseRule)}


def standing(rulebook: Rulebook, name: str) -> Rulebook | None:
    """Answer the rulebook that declares a kind: this one, or on a day before all of them its first; else None."""
    if name in kinds(rulebook):
        return rulebook
    day = first_day(rulebook, name)
    return rulebook.book.at(day) if day is not None and rulebook.day < day else None


@lru_cache(1000)
def first_day(rulebook: Rulebook, name: str) -> date | None:
    """Answer the first day on which any edition declares a kind; None where none does."""
    topics = (rulebook.book.compiled(topic)["segments"] for topic in rulebook.book.topics.invented)
    days = [one["from"] for segments in topics for one in segments if name in (one["rules"] or ())]
    return date.fromisoformat(min(days)) if days else None


def none_in_force(name: str) -> DataError:
    """Answer that a kind is not declared on the day that is spoken of."""
    what = _("no edition of the rulebook has {kind} on this day").format(kind=name)
    return DataError(what, fix=_("write an edition for that day"))
