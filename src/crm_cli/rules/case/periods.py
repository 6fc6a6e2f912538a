"""Cases that the calendar opens: one for each period, the same however often it is asked."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from crm_cli.rules.case import counts, spans
from crm_cli.rules.case.kinds import kinds

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from crm_cli.past import Past
    from crm_cli.policy.book import Rulebook


def ended(past: Past, rules: Rulebook, now: datetime) -> Iterator[tuple[datetime, str, str]]:
    """Answer the periods whose case is to be opened and is not there yet: when, the kind, its name.

    That is when the period is over; where something is owed in it by its end, when it begins.
    """
    for kind, rule in kinds(rules).items():
        every, first = rule.compiled["every"], _first(past, counts.kind_about(rule), now)
        if every is None or first is None:
            continue
        period, early = spans.period_of(every, first), spans.begins(rule.compiled)
        while (day := max(period.first, first) if early else period.after) <= now.date():
            then = kinds(rules.book.at(day))
            if kind in then and past.get("case", f"{kind}/{period.name}") is None:
                yield datetime.combine(day, time(), now.tzinfo), kind, period.name
            period = spans.period_of(every, period.after)


def _first(past: Past, about: str, now: datetime) -> date | None:
    """Answer the day on which the first case was opened that is counted; None while there is none."""
    mark = next(iter(past.marks(f"all:{about}")), None)
    if mark is None:
        return None
    return datetime.fromisoformat(mark.partition("|")[0]).astimezone(now.tzinfo).date()


def fields(kind: Mapping[str, Any], name: str, moment: datetime) -> dict[str, Any]:
    """Answer the first and the last day of the period whose case is opened at an instant."""
    period = spans.period_of(kind["every"], moment.date())
    if not spans.begins(kind):
        period = spans.before(kind["every"], period)
    if period.name != name:
        raise ValueError(name)
    return {"starts": period.first.isoformat(), "ends": (period.after - spans.DAY).isoformat()}
