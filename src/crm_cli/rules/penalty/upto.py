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
    waiting = [one for one in falling.due(past, now) if one.what == "late"]
    if not waiting:
        return past
    past = past.fork()
    while waiting:
        one = waiting.pop(0)
        seen.add(one.key)
        request = {"verb": "fall", "case": one.case, "by": OFFICE}
        for event in decide(past, rules.book.at(one.at.date()), request, one.at).events:
            evolve(past, event)
            facts.evolve(past, event)
        waiting = [fall for fall in falling.due(past, now) if fall.what == "late" and fall.key not in seen]
    return past
