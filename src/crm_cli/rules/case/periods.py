"""Cases that the calendar opens: one for each period that is over, the same however often it is asked."""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING, Any

from crm_cli.rules.case import counts, spans
from crm_cli.rules.case.kinds import kinds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crm_cli.past import Past
    from crm_cli.policy.book import Rulebook
    from crm_cli.rules.case.spans import Period


def ended(past: Past, rules: Rulebook, now: datetime) -> Iterator[tuple[datetime, str, str]]:
    """Answer the periods that are over and have no case yet: the instant at which each was over, the kind, its name."""
    for kind, rule in kinds(rules).items():
        every = rule.compiled["every"]
        if every is None:
            continue
        period = _first(past, counts.kind_about(rule), every, now)
        while period is not None and period.after <= now.date():
            then = kinds(rules.book.at(period.after))
            if kind in then and past.get("case", f"{kind}/{period.name}") is None:
                yield datetime.combine(period.after, time(), now.tzinfo), kind, period.name
            period = spans.period_of(every, period.after)


def _first(past: Past, about: str, every: str, now: datetime) -> Period | None:
    """Answer the period in which the first case was opened that is counted; None while there is none."""
    mark = next(iter(past.marks(f"all:{about}")), None)
    if mark is None:
        return None
    opened = datetime.fromisoformat(mark.partition("|")[0]).astimezone(now.tzinfo)
    return spans.period_of(every, opened.date())


def fields(every: str, name: str, moment: datetime) -> dict[str, Any]:
    """Answer the first and the last day of the period that was over at an instant."""
    period = spans.before(every, spans.period_of(every, moment.date()))
    if period.name != name:
        raise ValueError(name)
    return {"starts": period.first.isoformat(), "ends": (period.after - spans.DAY).isoformat()}
