"""What cases come to by themselves up to an instant, recorded or not: lines do not wait for the night."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm_cli.rules.case import decide, falling
from crm_cli.rules.case.evolve import evolve
from crm_cli.rules.case.hands import OFFICE
from crm_cli.rules.penalty import facts

if TYPE_CHECKING:
    from datetime import datetime

    from crm_cli.past import Past
    from crm_cli.policy.book import Rulebook


def brought_up(past: Past, rules: Rulebook, now: datetime) -> Past:
    """Answer the past with every breach that has come up to an instant, as the night would record it."""
    seen: set[str] = set()
    brought = past
    while waiting := [fall for fall in falling.due(brought, now) if fall.what == "late" and fall.key not in seen]:
        brought = past.fork() if brought is past else brought
        for one in waiting:  # in rounds, as the night goes: each round what the one before has led to
            seen.add(one.key)
            _fallen(brought, rules.book.at(one.at.date()), one)
    return brought


def _fallen(past: Past, rules: Rulebook, fall: falling.Fall) -> None:
    request = {"verb": "fall", "case": fall.case, "by": OFFICE}
    for event in decide(past, rules, request, fall.at).events:
        evolve(past, event)
        facts.evolve(past, event)
