"""What falls due in cases by itself: warnings, breaches and escalations, each once, at its instant."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from crm_cli.rules.case import duties, effects, evolve
from crm_cli.rules.case.hands import OFFICE, roles_named
from crm_cli.rules.case.kinds import kinds
from crm_cli.rules.case.sight import Sight

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crm_cli.past import Document, Past
    from crm_cli.policy.ask import CaseRule
    from crm_cli.policy.book import Cite, Rulebook
    from crm_cli.rules.decision import Case as Request

ORDER = {"warned": 0, "late": 1, "escalated": 2}  # of what falls at one instant


class Fall(NamedTuple):
    """A warning, a breach or an escalation of a duty: the instant, the case, which duty of it, and for which item."""

    at: datetime
    case: str
    what: str
    duty: str
    item: str

    @property
    def key(self) -> str:
        """Answer the natural key under which it is recorded, once."""
        parts = (self.case, self.duty, self.item, self.what, self.at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ"))
        return "/".join(part for part in parts if part)


def due(past: Past, until: datetime) -> Iterator[Fall]:
    """Answer what falls up to an instant, soonest first; what is due later costs nothing."""
    last = evolve.utc((until + timedelta(seconds=1)).isoformat())
    for mark in past.marks("due", high=last):
        at, case, what, duty, item = mark.split("|", 4)
        yield Fall(datetime.fromisoformat(at).astimezone(until.tzinfo), case, what, duty, item)


def of_case(past: Past, key: str, until: datetime) -> list[Fall]:
    """Answer what falls in one case up to an instant, soonest first."""
    document = past.get("case", key) or {"duties": ()}
    found = [
        Fall(datetime.fromisoformat(at).astimezone(until.tzinfo), key, what, entry["name"], entry["item"])
        for entry in document["duties"]
        for at, what in evolve.falls(entry)
    ]
    return sorted((one for one in found if one.at <= until), key=_rank)


def _rank(fall: Fall) -> tuple[Any, ...]:
    return fall.at, ORDER[fall.what.partition(".")[0]], fall.duty, fall.item, fall.what


def living(rules: Rulebook, document: Document) -> tuple[Rulebook, CaseRule]:
    """Answer the rulebook by which a case lives, and its kind there: of the day it was opened, or of the step's."""
    today = kinds(rules).get(document["kind"])
    if today is not None and today.compiled["transition"] == "switch":
        return rules, today
    then = rules.book.at(date.fromisoformat(document["day"]))
    return then, kinds(then)[document["kind"]]


def record(request: Request, fall: Fall) -> list[dict[str, Any]]:
    """Record one fall at its instant; answer the effects of a breach that act on this case or others afterwards."""
    document = request.past.get("case", fall.case) or {}
    rules, rule = living(request.rules, document)
    what, _dot, number = fall.what.partition(".")
    data: dict[str, Any] = {"kind": document["kind"], "duty": fall.duty}
    if fall.item:
        data["item"] = fall.item
    cites = [cite_of(rule, fall.duty)]
    later: list[dict[str, Any]] = []
    personal: dict[str, Any] = {}
    duty = rule.compiled["duties"].get(fall.duty)
    if what == "escalated" and duty:
        data |= {"level": int(number), "to": roles_named(duty["escalate"][int(number) - 1]["to"])}
    if what == "late" and duty:
        follows, begun = _breached(Sight(request.past, rules, rule, document, fall.at, OFFICE), duty, fall)
        later = follows.later
        cites += follows.cites
        many, personal = effects.fields_that(rule, "many", follows.set), effects.personal(rule, follows.set)
        found = {"set": follows.set, "many": many, "facts": follows.facts, "shares": follows.shares, "begun": begun}
        data |= {name: one for name, one in found.items() if one}
    request.record(f"case.{what}", data, *cites, subject=fall.case, personal=personal, at=fall.at.isoformat())
    return later


def _breached(sight: Sight, duty: dict[str, Any], fall: Fall) -> tuple[effects.Follows, list[duties.Entry]]:
    """Answer what follows from a breach within its case, and the duties whose condition it made true."""
    follows, before = effects.Follows(), sight.but(now=fall.at - evolve.SECOND)
    effects.follow(_about(sight, duty, fall.item), duty["late"], follows)
    effects.becoming(before, sight.but(given=follows.set), follows)
    return follows, duties.begun_by(before, sight.but(given=follows.set), "")


def _about(sight: Sight, duty: dict[str, Any], item: str) -> Sight:
    """Answer a case in which the item of a duty stands for itself in the effects of its breach."""
    name = duty["item"]
    many = bool(name) and sight.rule.compiled["fields"].get(name, {}).get("many")
    return sight.but(given={name: [item] if many else item}, own=(name,)) if name and item else sight


def cite_of(rule: CaseRule, duty: str) -> Cite:
    """Answer the article of a duty; one that the program opened for what was missing has that of the kind."""
    return rule.cite(f"duty.{duty}") if duty in rule.compiled["duties"] else rule.cite()


def retimed(request: Request, document: Document) -> None:
    """Time the duties whose calendar was missing and is there now."""
    rules, rule = living(request.rules, document)
    for entry in document["duties"]:
        if entry["state"] == "running" and "missing" in entry:
            sight = Sight(request.past, rules, rule, document, datetime.fromisoformat(entry["start"]), OFFICE)
            timed = duties.timed(sight, rule.compiled["duties"][entry["name"]], entry["limit"], sight.now)
            if timed["due"] is not None:
                data = {"kind": document["kind"], "duty": entry["name"], "item": entry["item"], "timed": timed}
                request.record(evolve.TIMED, data, cite_of(rule, entry["name"]), subject=document["id"])
