"""Cases that the events of other nouns open: `opens: customer.registered`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm_cli.errors import DataError
from crm_cli.language import _
from crm_cli.rules.case import evolve, steps
from crm_cli.rules.case.hands import OFFICE
from crm_cli.rules.case.kinds import kinds
from crm_cli.rules.case.steps import Run
from crm_cli.rules.decision import Case as Request
from crm_cli.rules.decision import RefusalError, unique

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
            _open(request, rule, step, key, values, event)
    decision.events += request.events
    decision.cites = unique([*decision.cites, *(cite for event in request.events for cite in event["cites"])])


def _open(request: Request, rule: CaseRule, step: str, key: str, values: dict[str, Any], event: Event) -> None:
    """Open a case; a rulebook whose step asks for what the event does not say is at fault: DataError."""
    try:
        steps.open_case(Run(request), rule, step, values, OFFICE, key=key, source=event["subject"], program=True)
    except RefusalError as no:
        lacking = ", ".join(one["what"] for one in no.answer.get("missing", ()))
        what = _("{event} cannot open {kind}: it does not say {missing}")
        what = what.format(event=event["type"], kind=rule.name, missing=lacking)
        compiled = rule.compiled
        where = f"policies/{compiled['house']}/{rule.topic}@{compiled['edition']}.yaml"
        raise DataError(what, where=where, fix=_("let the step take it instead of asking for it")) from no


def _opened(rule: CaseRule) -> Iterator[tuple[str, dict[str, object]]]:
    """Answer the steps of a kind that an event of another noun does."""
    return ((name, step) for name, step in rule.compiled["steps"].items() if isinstance(step["opens"], str))
