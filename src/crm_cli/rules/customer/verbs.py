"""What is asked about a customer's card: `asked["verb"]` is one of `VERBS`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm_cli.rules.customer import access, day, disclosure, dispute, filing, notes
from crm_cli.rules.customer.evolve import evolve
from crm_cli.rules.decision import Asked, Case, Decision, answered

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from crm_cli.past import Past
    from crm_cli.policy.book import Rulebook


def decide(past: Past, policy: Rulebook, asked: Asked, now: datetime) -> Decision:
    """Answer what becomes of a request about what is known of a customer."""
    return answered(VERBS[asked["verb"]], Case(past.fork(), policy, asked, now, evolve))


VERBS: dict[str, Callable[[Case], Decision]] = {
    "file": filing.file,
    "retire": filing.retire,
    "note": notes.note,
    "close_day": day.close_day,
    "permit": access.permit,
    "look": access.record_look,
    "evidence": dispute.evidence,
    "export": disclosure.export,
}
