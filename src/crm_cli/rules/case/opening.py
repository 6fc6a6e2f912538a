"""Cases that the events of other nouns open: `opens: customer.registered`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm_cli.rules.case import evolve, steps
from crm_cli.rules.case.hands import OFFICE
from crm_cli.rules.case.kinds import kinds
from crm_cli.rules.case.steps import Run
from crm_cli.rules.decision import Case as Request
from crm_cli.rules.decision import unique

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from crm_cli.past import Event, Past
    from crm_cli.policy.ask import CaseRule
    from crm_cli.policy.book import Rulebook
    from crm_cli.rules.decision import Asked, Decision

    Fold = Callable[[Past, Event], None]


def follow(past: Past, rules: Rulebook, asked: Asked, now: datetime, decision: Decision, fold: Fold) -> None:
    """Add to a decision the cases that its events open: one for each whom or what an event is about."""
    opening = {step["opens"]: (rule, name) for rule in kinds(rules).values() for name, step in _opened(rule)}
    wanted = [event for event in decision.events if event["type"] in opening]
    if not wanted:
        return
    request = Request(past.fork(), rules, asked, now, evolve.evolve)
    for event in decision.events:
        fold(request.past, {**event, "cites": []})
    for event in wanted:
        rule, step = opening[event["type"]]
        subject = event.get("subject", "")
        key = f"{rule.name}/{subject}"
        if subject and request.past.get("case", key) is None:
            values = {name: subject for name, one in rule.compiled["fields"].items() if one["type"] == "customer"}
            steps.open_case(Run(request), rule, step, values, OFFICE, key=key, source=subject, program=True)
    decision.events += request.events
    decision.cites = unique([*decision.cites, *(cite for event in request.events for cite in event["cites"])])


def _opened(rule: CaseRule) -> Iterator[tuple[str, dict[str, object]]]:
    """Answer the steps of a kind that an event of another noun does."""
    return ((name, step) for name, step in rule.compiled["steps"].items() if isinstance(step["opens"], str))
