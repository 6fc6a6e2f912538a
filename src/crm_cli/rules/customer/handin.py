"""By when a day's entries are handed in, and from when an entry counts whose day was late."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crm_cli.past import Document, Past
    from crm_cli.policy.book import Cite, Rulebook


def day_document(past: Past, day: str) -> Document:
    """Answer what is known of a day: {"people": {person: entries made}, "by": {person: [{"at", "late", "upto"}]}}."""
    return past.get("customer", f"day/{day}") or {"people": {}, "by": {}}


def handed_in(known: Document, person: str) -> int:
    """Answer up to which number of the book somebody has handed in a day, -1 where nothing was."""
    return max((one["upto"] for one in known["by"].get(person, ())), default=-1)


def due_of(rules: Rulebook, day: str, like: datetime) -> tuple[datetime | None, datetime | None, list[Cite]]:
    """Answer until when a day is handed in, and until when with a reason; None where there is no such limit."""
    if not rules.has("customer", "hand_in"):
        return None, None, []
    values, cite = rules.values("customer", "hand_in")
    start = datetime.combine(date.fromisoformat(day), time(), like.tzinfo)
    ends = [_due(values[name], start, rules) for name in ("due", "grace")]
    return ends[0], ends[1], [cite]


def _due(text: str | None, start: datetime, rules: Rulebook) -> datetime | None:
    from crm_cli import worktime  # noqa: PLC0415 - few requests count time

    found = worktime.due(worktime.limit(text), start, rules.calendar()) if text else None
    return found if isinstance(found, datetime) else None


def counted_from(past: Past, rules: Rulebook, entry: dict[str, Any], now: datetime) -> datetime:
    """Answer from when an entry counts: its own time if its day was handed in by then, else when it was or can be."""
    own, day = datetime.fromisoformat(entry["at"]), entry["at"][:10]
    if "copied" in entry:  # from an older table: it was in the book before there was this one
        return own
    for handed_in in day_document(past, day)["by"].get(entry["person"], ()):
        if entry["number"] <= handed_in["upto"]:
            return datetime.fromisoformat(handed_in["at"]) if handed_in["late"] else own
    due, grace, _cites = due_of(rules, day, now)
    last = grace or due
    return now if last and now > last else own
