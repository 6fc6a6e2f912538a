"""Cases: everything that is a form with steps, declared in policies: one engine for them all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm_cli.rules.case import evolve as events
from crm_cli.rules.case import falling, periods, steps
from crm_cli.rules.case.hands import OFFICE
from crm_cli.rules.case.kinds import kinds as kinds_of
from crm_cli.rules.case.kinds import standing
from crm_cli.rules.case.spans import PERIOD
from crm_cli.rules.case.steps import Run
from crm_cli.rules.decision import Asked, Case, Decision, RefusalError, answered

if TYPE_CHECKING:
    from datetime import datetime

    from crm_cli.past import Event, Past
    from crm_cli.policy.book import Rulebook


def decide(past: Past, policy: Rulebook, asked: Asked, now: datetime) -> Decision:
    """Answer what becomes of a step of a case, or of what fell due in one by itself."""
    return answered(VERBS[asked["verb"]], Case(past.fork(), _judging(policy, asked), asked, now, _fold))


def _judging(policy: Rulebook, asked: Asked) -> Rulebook:
    """Answer the rulebook of a request: of what was taken over from before its kind was declared, the first edition."""
    return (standing(policy, asked["kind"]) if asked.get("taken_over") else None) or policy


def _fold(past: Past, event: Event) -> None:
    if event["type"].startswith("case."):
        events.evolve(past, event)


def _step(request: Case) -> Decision:
    run = Run(request)
    key = steps.asked(run)
    document = request.past.get("case", key) or {}
    decision = request.decided("merged" if run.merged else "done")
    beside = _beside(run, document.get("first_edition"))
    decision.answer = {"id": key, "state": document["state"], "round": document["round"], **beside}
    return decision


def _beside(run: Run, first_edition: str | None) -> dict[str, Any]:
    found = {"warnings": run.warnings, "started": run.started, "first_edition": first_edition}
    return {name: one for name, one in found.items() if one}


def _fall(request: Case) -> Decision:
    """Record what fell due in a case up to the time of the request."""
    key = request.asked["case"]
    if not steps.fall(Run(request), key):
        raise RefusalError("not_due", "")
    return request.decided("recorded")


def _retime(request: Case) -> Decision:
    """Time the duties of a case whose calendar was missing and is there now."""
    document = request.past.get("case", request.asked["case"])
    if document is not None:
        falling.retimed(request, document)
    if not request.events:
        raise RefusalError("not_due", "")
    return request.decided("recorded")


def _period(request: Case) -> Decision:
    """Open the case of a period at the instant at which it was over, or began where it is owed something by its end."""
    rule = kinds_of(request.rules)[request.asked["kind"]]
    key = f"{rule.name}/{request.asked['period']}"
    if request.past.get("case", key) is not None:
        raise RefusalError("not_due", "")
    values = periods.fields(rule.compiled, request.asked["period"], request.moment)
    steps.open_case(Run(request), rule, PERIOD, values, OFFICE, key=key, program=True)
    return request.decided("recorded")


VERBS = {"period": _period, "step": _step, "fall": _fall, "retime": _retime}
