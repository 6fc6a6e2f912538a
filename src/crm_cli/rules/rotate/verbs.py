"""What can be asked of the desk, verb by verb."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm_cli.rules.customer import evolve as on_file
from crm_cli.rules.decision import Asked, Case, Decision, answered
from crm_cli.rules.rotate import desk, manager
from crm_cli.rules.rotate.evolve import evolve

if TYPE_CHECKING:
    from datetime import datetime

    from crm_cli.past import Event, Past
    from crm_cli.policy.book import Rulebook

VERBS = {
    "order": manager.order,
    "open": manager.open_day,
    "close": manager.close,
    "adjust": manager.adjust,
    "owe": manager.owe,
    "off": manager.off,
    "on": manager.on,
    "confirm_grab": manager.confirm_grab,
    "status": desk.set_status,
    "arrive": desk.arrive,
    "call": desk.call,
    "finish": desk.finish,
    "miss": desk.miss,
    "refuse": desk.refuse,
    "redirect": desk.redirect,
    "hand_over": desk.hand_over,
    "look_after_both": desk.look_after_both,
}


def decide(past: Past, policy: Rulebook, asked: Asked, now: datetime) -> Decision:
    """Answer what becomes of a request to the desk; `asked["verb"]` is one of `VERBS`."""
    return answered(VERBS[asked["verb"]], Case(past.fork(), policy, asked, now, _fold))


def _fold(past: Past, event: Event) -> None:
    evolve(past, event)
    on_file.evolve(past, event)
