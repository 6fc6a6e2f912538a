"""The kinds of cases that a house declares."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from crm_cli.policy.ask import CaseRule

if TYPE_CHECKING:
    from crm_cli.policy.book import Rulebook


@lru_cache(1000)
def kinds(rulebook: Rulebook) -> dict[str, CaseRule]:
    """Answer every kind in force on the day of a rulebook, over all topics that the house invents."""
    rules = (rule for topic in rulebook.book.topics.invented for rule in rulebook.rules(topic).values())
    return {rule.name: rule for rule in rules if isinstance(rule, CaseRule)}
