"""Findings: facts that cost something by the rulebook of their day, and the days on which they stayed uncorrected."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from crm_cli.rules.case.spans import period_of
from crm_cli.rules.penalty import facts
from crm_cli.worktime.calendar import MissingError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crm_cli.past import Document, Past
    from crm_cli.policy.ask import PenaltyRule
    from crm_cli.policy.book import Cite, Rulebook
    from crm_cli.rules.penalty.facts import Fact

DAY = timedelta(days=1)
TOPIC, RULE = "penalty", "fines"
UNSET = "unset"


@dataclass(eq=False, repr=False)
class Finding:
    """One item of one article broken by one person, or that it was still so on a later day (`again`)."""

    rule: PenaltyRule
    item: dict[str, Any]
    fact: Fact
    person: str
    role: str
    date: str
    key: str
    quantity: int
    again: Finding | None = None  # the finding that it repeats

    @property
    def case(self) -> str:
        """Answer the case in which it was found."""
        return str(self.fact["case"])

    @property
    def unit(self) -> int | None:
        """Answer what one of it costs, None where the source leaves it blank."""
        unit = self.item["unit"]
        return None if unit == UNSET else int(unit)

    @property
    def cite(self) -> Cite:
        """Answer the article that was broken; of a repetition, that of its own."""
        return self.rule.cite("again") if self.again else self.rule.cite(self.fact["fact"])

    @property
    def ref(self) -> str:
        """Answer how the article is called in a line."""
        return ref_of(self.cite)

    @property
    def counts(self) -> bool:
        """Answer whether it is a time that is counted."""
        return bool(self.rule.compiled["again"]["counts"] if self.again else self.item["counts"])


def ref_of(cite: Cite) -> str:
    """Answer an article as a line names it: by its id in the rulebook, else as the source prints it."""
    return cite.ref[0] if isinstance(cite.ref, list) else cite.ref or cite.article or str(cite.row)


def rule_on(rules: Rulebook, day: str) -> PenaltyRule | None:
    """Answer what facts cost on a day; None where the house says nothing of it then."""
    found: PenaltyRule | None = rules.book.at(date.fromisoformat(day)).rules(TOPIC).get(RULE)
    return found


def rule_of_month(rules: Rulebook, month: str, today: date) -> PenaltyRule | None:
    """Answer what facts cost at the end of a month, or today while it lasts."""
    last = period_of("month", date.fromisoformat(f"{month}-01")).after - DAY
    return rule_on(rules, min(today, last).isoformat())


def findings(past: Past, rules: Rulebook, person: str, until: str) -> list[Finding]:
    """Answer what a person is charged with up to a day, each item once, in no order that matters."""
    priced: dict[str, Finding] = {}
    stated: dict[tuple[str, str, str], set[str]] = {}
    for fact in facts.stated(past, person, until):
        stated.setdefault((fact["at"][:7], fact["case"], fact["item"]), set()).add(fact["fact"])
        found = _priced(rules, person, fact)
        if found is not None:
            known = priced.get(found.key)
            priced[found.key] = found if known is None or found.fact["at"] < known.fact["at"] else known
    for one in priced.values():
        _in_role(one, priced.values())
    return [one for one in _once(priced.values()) if not _excused(past, one, stated)]


def _in_role(one: Finding, every: Iterable[Finding]) -> None:
    """Charge what is charged in any role in the one in which the person was charged in that case before."""
    if one.item["role"] or len(one.fact["roles"]) == 1:
        return
    same = [other for other in every if other.case == one.case and other.item["role"] in one.fact["roles"]]
    before = [other for other in same if other.fact["at"] <= one.fact["at"]]
    if before:
        one.role = min(before, key=lambda other: (other.fact["at"], other.key)).role


def _priced(rules: Rulebook, person: str, fact: Fact) -> Finding | None:
    rule = rule_on(rules, fact["at"][:10])
    item = rule.compiled["items"].get(fact["fact"]) if rule else None
    if rule is None or item is None or (item["of"] and fact["item"] not in item["of"]):
        return None
    day, role = fact["at"][:10], item["role"] or fact["roles"][0]
    parts = [day[:7], fact["case"], fact["fact"], fact["item"]]
    parts += [day, str(fact["seq"] or fact["at"])] if item["own_time"] or fact["count"] else []
    return Finding(rule, item, fact, person, role, day, "|".join(parts), fact["count"] or 1)


def _once(found: Iterable[Finding]) -> Iterator[Finding]:
    """Answer findings, of those that are charged once for a case the first."""
    seen: set[tuple[str, str, str]] = set()
    for one in sorted(found, key=lambda one: (one.fact["at"], one.key)):
        name = (one.date[:7], one.case, one.fact["fact"])
        if one.item["per"] != "case" or name not in seen:
            seen.add(name)
            one.quantity = 1 if one.item["per"] == "case" else one.quantity
            yield one


def _excused(past: Past, one: Finding, stated: dict[tuple[str, str, str], set[str]]) -> bool:
    """Answer whether another fact of the same item stands for it, or it was put right while that cost nothing."""
    beside = stated[one.date[:7], one.case, one.fact["item"]]
    if any(fact in beside for fact in one.item["unless"] or ()):
        return True
    if not one.item["in_time"]:
        return False
    document = _case(past, one)
    end = next((duty["due"] for duty in document["duties"] if duty["name"] == one.item["in_time"]), None)
    cure = cured(document, one.fact)
    return bool(end and cure and datetime.fromisoformat(cure) <= datetime.fromisoformat(end))


def _case(past: Past, one: Finding) -> Document:
    return past.get("case", one.case) or {"duties": [], "log": []}


def cured(document: Document, fact: Fact) -> str | None:
    """Answer when a fact was put right: when the duty that it speaks of was met; None while it is not."""
    of_it = [one for one in document["duties"] if one["name"] == fact["cured"] and one["item"] in ("", fact["item"])]
    at = datetime.fromisoformat(fact["at"])
    begun = [one for one in of_it if datetime.fromisoformat(one["start"]) <= at] or of_it
    return begun[-1].get("done") if begun else None


# ── repetition ─────────────────────────────────────────────────────────────────────────────────────────────────────


def repeated(past: Past, rules: Rulebook, found: Iterable[Finding], until: str) -> Iterator[Finding]:
    """Answer each further working day that ended uncorrected after an order, up to the day before `until`."""
    for one in found:
        again = one.rule.compiled["again"]
        if again and one.fact["cured"]:
            document = _case(past, one)
            for day in _days(rules, document, one, _last(past, document, one, until)):
                yield Finding(
                    one.rule, one.item, one.fact, one.person, one.role, day, f"{day}|{one.key}", one.quantity, one
                )


def _last(past: Past, document: Document, one: Finding, until: str) -> str:
    """Answer the first day that no longer counts: that of the cure, of the person's departure, or today."""
    roster = (past.get("staff", "roster") or {"members": {}})["members"]
    ends = [cured(document, one.fact), roster.get(one.person, {}).get("departed"), until]
    return min(str(end)[:10] for end in ends if end)


def _days(rules: Rulebook, document: Document, one: Finding, end: str) -> Iterator[str]:
    again = one.rule.compiled["again"]
    ordered = [done["at"][:10] for done in document["log"] if done["step"] == again["order"]]
    day = min((day for day in ordered if day >= one.date), default=None)
    if day is None:
        return
    calendar, number = rules.calendar(), 0
    current = date.fromisoformat(day) + DAY
    while current.isoformat() < end and number != again["cap"]:
        try:
            works = calendar.works(current)
        except MissingError:
            return  # no calendar tells what is a working day: nothing is computed there
        if works:
            number += 1
            yield current.isoformat()
        current += DAY
