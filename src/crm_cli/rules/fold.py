"""Which rules fold which events: the one table from event types to the documents they change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm_cli import clock
from crm_cli.past import NEWER
from crm_cli.rules import correct, due, register, staff
from crm_cli.rules.customer import day
from crm_cli.rules.customer import evolve as on_file
from crm_cli.rules.customer import verbs as on_customers
from crm_cli.rules.rotate import evolve as rotate
from crm_cli.rules.rotate import verbs

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from crm_cli.past import Event, Past
    from crm_cli.policy.book import Rulebook
    from crm_cli.rules.decision import Decision

    Rule = Callable[[Past, Rulebook, dict[str, Any], datetime], Decision]

PENALTIES = ("notified", "executed", "waived", "appealed", "upheld", "reversed", "deducted", "month_closed")
CASES = ("opened", "stepped", "merged", "warned", "escalated", "late", "withdrawn", "timed")


def _case(past: Past, event: Event) -> None:
    """Fold an event of a case; an office without cases loads nothing of them."""
    from crm_cli.rules.case.evolve import evolve  # noqa: PLC0415

    evolve(past, event)
    if event["data"].get("facts") or event["type"] == "case.withdrawn":
        from crm_cli.rules.penalty import facts  # noqa: PLC0415

        facts.evolve(past, event)


def _grab(past: Past, event: Event) -> None:
    """Fold what a confirmed grab states; an office where nobody grabs loads nothing of fines."""
    from crm_cli.rules.penalty.facts import grabbed  # noqa: PLC0415

    grabbed(past, event)


def _penalty(past: Past, event: Event) -> None:
    """Fold what somebody decided of what facts cost; an office without penalties loads nothing of them."""
    from crm_cli.rules.penalty.evolve import evolve  # noqa: PLC0415

    evolve(past, event)


def _decide_penalty(past: Past, policy: Rulebook, asked: dict[str, Any], now: datetime) -> Decision:
    """Answer a request about what facts cost, on the same terms."""
    from crm_cli.rules.penalty.verbs import decide  # noqa: PLC0415

    return decide(past, policy, asked, now)


def _decide_case(past: Past, policy: Rulebook, asked: dict[str, Any], now: datetime) -> Decision:
    """Answer a request about a case, on the same terms."""
    from crm_cli.rules.case import decide  # noqa: PLC0415

    return decide(past, policy, asked, now)


VERSION = 1  # the newest shape of an event that is known here

FOLDS: dict[str, tuple[Callable[[Past, Event], None], ...]] = {
    "office.founded": (),
    "office.refused": (),
    "office.fell_due": (due.evolve,),
    "office.corrected": (correct.evolve,),
    "ledger.tail_quarantined": (),
    "segment.closed": (),
    "segment.opened": (),
    "staff.added": (staff.evolve,),
    "staff.deputised": (staff.evolve,),
    "staff.departed": (staff.evolve, rotate.evolve),
    "staff.roles_set": (staff.evolve, rotate.evolve),
    "staff.deputy_changed": (staff.evolve,),
    **dict.fromkeys((name for name in rotate.CHANGES if name.startswith("rotation.")), (rotate.evolve,)),
    **dict.fromkeys(("rotation.grab_confirmed", "rotation.grab_withdrawn"), (rotate.evolve, _grab)),
    **dict.fromkeys(on_file.EVOLVES, (on_file.evolve,)),
    "customer.exported": (),
    "customer.entry_corrected": (on_file.evolve, rotate.evolve),
    "customer.day_closed": (day.evolve,),
    **dict.fromkeys((f"case.{done}" for done in CASES), (_case,)),
    **dict.fromkeys((f"penalty.{done}" for done in PENALTIES), (_penalty,)),
}


def _and_cases(decide: Rule) -> Rule:
    """Answer a rule whose events open cases, where the house has declared kinds that they do."""

    def decided(past: Past, policy: Rulebook, asked: dict[str, Any], now: datetime) -> Decision:
        decision = decide(past, policy, asked, now)
        if decision.allowed and decision.events and policy.openings:
            from crm_cli.rules.case.opening import follow  # noqa: PLC0415 - an office without cases loads nothing of them

            follow(past, policy, asked, now, decision, fold)
        return decision

    return decided


RULES = {
    "staff": _and_cases(staff.decide),
    "rotate": _and_cases(verbs.decide),
    "register": _and_cases(register.decide),
    "customer": _and_cases(on_customers.decide),
    "correct": correct.decide,
    "due": due.decide,
    "case": _decide_case,
    "penalty": _decide_penalty,
}


def fold(past: Past, event: Event) -> None:
    """Bring the past up to an event; of one that this program does not know, only that it was met is remembered."""
    folds = FOLDS.get(event["type"])
    if folds is None or event["v"] > VERSION:
        _note(past, event)
    else:
        for evolve in folds:
            evolve(past, event)
    cites = event.get("cites", ())
    if not past.cited.issuperset(cites):
        for cite in cites:
            _remember(past, cite)


def moment(events: list[Event]) -> datetime:
    """Answer when what was recorded together was asked for: of a case what fell due earlier stands before it."""
    if events[0]["asked"]["noun"] == "case":
        return max(clock.told(event["happened"]) for event in events)
    return clock.told(events[0]["happened"])


def _note(past: Past, event: Event) -> None:
    """Note the first event that only a newer program knows, so that no writer builds on it."""
    if past.get(*NEWER) is None:
        past.put(*NEWER, {"seq": event["seq"]})


def _remember(past: Past, cite: str) -> None:
    """Keep one citation of each meaning that decisions rest on: the policies must go on saying it for some day."""
    name, meaning = cite.rsplit(":", 1)
    _house, edition, rule = name.split("#", 1)[0].split("/")
    asked = f"{edition.partition('@')[0]}/{rule}"
    meanings = past.get("cited", asked) or {}
    if meaning not in meanings:
        past.put("cited", asked, {**meanings, meaning: cite})
    past.cited.add(cite)
