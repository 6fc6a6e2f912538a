"""What is due: facts that follow from the past and the clock alone, each with the instant it falls due and its article.

Nothing is remembered of what somebody looked at: the same past and the same time give the same list.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from crm_cli.clock import week_of
from crm_cli.language import _
from crm_cli.rules.customer import unfiled
from crm_cli.rules.customer.book import unanswered
from crm_cli.rules.customer.day import not_handed_in
from crm_cli.rules.customer.ending import ending
from crm_cli.rules.customer.notes import article_of, open_debts
from crm_cli.rules.decision import Asked, Case, Decision, RefusalError, answered, unique
from crm_cli.rules.rotate.board import current, waiting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crm_cli.past import Event, Past
    from crm_cli.policy.book import Cite, Rulebook


OWED = "duty"  # what is owed in a case: it falls there, not here


class Item(NamedTuple):
    """Something that falls due at an instant: a machine word, the day, week or customer it is about, the rule.

    `person` and `owes` say whose it is and what, where that tells it from another one.
    What no rule of the house says, as that a year has a calendar, has no article.
    """

    due: datetime
    what: str
    subject: str
    cite: Cite | None
    person: str = ""
    owes: str = ""

    @property
    def key(self) -> str:
        """Answer the natural key under which it is recorded, once."""
        return "/".join(filter(None, ("tick", *self.name, self.due.isoformat())))

    @property
    def name(self) -> tuple[str, str, str, str]:
        """Answer what tells it from everything else that is due at the same instant."""
        return self.what, self.subject, self.person, self.owes


def due(past: Past, policy: Rulebook, until: datetime) -> list[Item]:
    """Answer everything that has fallen due by an instant, or will have by then, soonest first."""
    items = [item for find in (*FINDERS, _cases) for item in find(past, policy, until)]
    return sorted((item for item in items if item.due <= until), key=lambda item: (item.due, item.name))


def _day(past: Past, policy: Rulebook, until: datetime) -> Iterator[Item]:
    """Answer an open day, which is to be closed when it ends, and whether first visits lack their answers by then."""
    board = current(past)
    if not board["open"]:
        return
    end = _midnight(date.fromisoformat(board["day"]) + timedelta(days=1), until)
    yield Item(end, "day_not_closed", board["day"], policy.values("rotation", "day")[1])
    if policy.has("register", "answers") and unanswered(past, board["received"]):
        yield Item(end, "answers_missing", board["day"], policy.values("register", "answers")[1])


def _week(past: Past, policy: Rulebook, until: datetime) -> Iterator[Item]:
    """Answer the weeks after the desk's own that have no order; none in an office that never opened."""
    board = current(past)
    if board["day"] is None:
        return
    stands = date.fromisoformat(board["day"])
    monday = stands + timedelta(days=7 - stands.weekday())
    while monday <= until.date():
        week = week_of(monday)
        if past.get("rotation", f"week/{week}") is None:
            yield Item(_midnight(monday, until), "week_without_order", week, policy.values("rotation", "week")[1])
        monday += timedelta(days=7)


def _waits(past: Past, policy: Rulebook, until: datetime) -> Iterator[Item]:
    """Answer customers who wait longer than the house allows; none where it sets no limit."""
    board = current(past)
    if not board["open"]:
        return
    values, cite = policy.values("rotation", "waiting")
    longest = values.get("max_minutes")
    if longest is None:
        return
    for customer in waiting(board):
        since = datetime.fromisoformat(board["here"][customer]["since"])
        yield Item(since + timedelta(minutes=longest, seconds=1), "waiting_too_long", customer, cite)


def _owed(past: Past, policy: Rulebook, _until: datetime) -> Iterator[Item]:
    """Answer what is owed for a customer until somebody notes that it was done."""
    for customer, debt in open_debts(past):
        due, cite = datetime.fromisoformat(debt["due"] or debt["since"]), article_of(policy, debt["what"])
        yield Item(due, "owed", customer, cite, debt["by"], debt["what"])


def _days(past: Past, policy: Rulebook, until: datetime) -> Iterator[Item]:
    """Answer the days that somebody has not handed in; none in a house where no day is."""
    for end, day, person, cite in not_handed_in(past, policy, until):
        yield Item(end, "day_not_handed_in", day, cite, person)


def _filings(past: Past, policy: Rulebook, until: datetime) -> Iterator[Item]:
    """Answer the customers whose cards are to be filed; none in a house that files no cards."""
    if policy.has("customer", "filing"):
        _values, cite = policy.values("customer", "filing")
        for customer, by in unfiled.due_by(past, until.date().isoformat()):
            yield Item(datetime.fromisoformat(by), "filing_due", customer, cite)


def _calendars(past: Past, policy: Rulebook, until: datetime) -> Iterator[Item]:
    """Answer the years without a calendar, each from 1 November before it on, when the next year is announced."""
    for year in (until.year, until.year + 1):
        announced = _midnight(date(year - 1, 11, 1), until)
        if announced <= until and policy.calendar().years(year) is None:
            yield Item(announced, "calendar_missing", str(year), None)


def _claims(past: Past, policy: Rulebook, until: datetime) -> Iterator[Item]:
    """Answer the claims that end soon; none in a house where they do not end, or nobody is reminded."""
    for said, customer, owner, cite in ending(past, policy, until):
        yield Item(said, "claim_ending", customer, cite, owner)


def _cases(past: Past, policy: Rulebook, until: datetime) -> Iterator[Item]:
    """Answer the open duties of cases; what is due later is not looked at, and closed cases have none."""
    from crm_cli.rules.case.owing import owing  # noqa: PLC0415 - an office without cases loads nothing of them

    for due, case, duty, item, cite in owing(past, policy, until):
        yield Item(due, OWED, case, cite, item, duty)


FINDERS = (_day, _week, _waits, _filings, _owed, _days, _claims, _calendars)


def _midnight(day: date, like: datetime) -> datetime:
    return datetime.combine(day, time(), like.tzinfo)


def cites_of(items: list[Item]) -> list[Cite]:
    """Answer the rules that items rest on, each once."""
    return unique([item.cite for item in items if item.cite is not None])


def decide(past: Past, policy: Rulebook, asked: Asked, now: datetime) -> Decision:
    """Answer the record that something fell due, at the instant it did."""
    return answered(_fall, Case(past.fork(), policy, asked, now, evolve))


def evolve(past: Past, event: Event) -> None:
    """Fold the record: it changes nothing that rules look at."""


def _fall(case: Case) -> Decision:
    name = tuple(case.asked.get(part, "") for part in ("what", "subject", "person", "owes"))
    finders = (_calendars,) if case.asked["what"] == "calendar_missing" else FINDERS[:-1]
    items = [item for find in finders for item in find(case.past, case.rules, case.moment)]
    found = next((item for item in items if item.name == name and item.due <= case.moment), None)
    if found is None:
        raise RefusalError("not_due", _("this is not due"))
    data: dict[str, Any] = {"what": found.what, "due": found.due.isoformat(), "about": found.subject}
    data |= {part: told for part, told in (("person", found.person), ("owes", found.owes)) if told}
    case.record("office.fell_due", data, *cites_of([found]))
    return case.decided("recorded")
