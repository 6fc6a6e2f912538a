"""What a rule answers: a verdict, the articles it rests on, the events to record."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crm_cli.language import _
from crm_cli.rules.directory import roles_of, stood_for

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from crm_cli.past import Event, Past
    from crm_cli.policy.book import Cite, Rulebook

Asked = dict[str, Any]


@dataclass(eq=False, repr=False)
class Decision:
    """A verdict with its citations; `events` are drafts for the ledger, `answer` what is said beside them."""

    verdict: str
    cites: list[Cite] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    answer: dict[str, Any] = field(default_factory=dict)
    says: str = ""
    allowed: bool = True


class RefusalError(Exception):
    """The rulebook or the state of things says no; an expected answer, turned into a decision by `answered`."""

    def __init__(self, verdict: str, says: str, *cites: Cite, attempt: bool = False, **answer: Any) -> None:
        super().__init__(verdict)
        self.verdict, self.says, self.cites = verdict, says, list(cites)
        self.attempt, self.answer = attempt, answer


@dataclass(eq=False, repr=False)
class Case:
    """One request being decided: the past it may look at, the rulebook of its day, what was asked, when it happened.

    `past` is a fork that every recorded event is folded into, so that what follows from one event sees the event.
    """

    past: Past
    rules: Rulebook
    asked: Asked
    moment: datetime
    fold: Callable[[Past, Event], None]
    events: list[Event] = field(default_factory=list)
    instead_of: str | None = None  # for whom the hand stands in as deputy, where only that gives it the right

    @property
    def happened(self) -> str:
        """Answer the time of the request in the office's zone, RFC 3339."""
        return self.moment.isoformat()

    @property
    def day(self) -> str:
        """Answer the day of the request."""
        return self.happened[:10]

    def record(self, kind: str, data: dict[str, Any], *cites: Cite, **names: Any) -> None:
        """Add an event; `names` are its subject, its personal part, the facts that were tested, and its own time."""
        event: Event = {"type": kind, "v": 1, "happened": names.get("at") or self.happened, "data": data}
        if names.get("subject"):
            event["subject"] = names["subject"]
        if names.get("tested"):
            data["tested"] = names["tested"]
        if names.get("personal"):
            event["personal"] = names["personal"]
        event["cites"] = unique(list(cites))
        self.events.append(event)
        self.fold(self.past, event)

    def decided(self, verdict: str, says: str = "") -> Decision:
        """Answer what was decided from the events recorded so far."""
        if self.events:
            self.events[0]["data"]["verdict"] = verdict
            if self.instead_of:
                self.events[0]["data"]["instead_of"] = self.instead_of
        cites = unique([cite for event in self.events for cite in event["cites"]])
        return Decision(verdict, cites, self.events, says=says)


def unique(cites: list[Cite]) -> list[Cite]:
    """Answer the citations in their order, each once."""
    return list({cite.text: cite for cite in cites}.values())


def answered(verb: Callable[[Case], Decision], case: Case) -> Decision:
    """Answer the decision of a verb; a refusal drops what was recorded on the way, and notes an attempt if told so."""
    try:
        return verb(case)
    except RefusalError as no:
        case.events = []
        if no.attempt:
            case.record("office.refused", {"act": case.asked["verb"], "verdict": no.verdict}, *no.cites)
        return Decision(no.verdict, unique(no.cites), case.events, no.answer, no.says, allowed=False)


def permitted(case: Case, topic: str, act: str) -> Cite:
    """Answer the article by which the hand may do the act; otherwise the attempt is refused and noted."""
    hand = case.asked["by"]
    allowed, cite = case.rules.may(topic, act, roles_of(case.past, hand))
    if allowed:
        return cite
    for principal in stood_for(case.past, hand, case.moment):
        allowed, theirs = case.rules.may(topic, act, roles_of(case.past, principal))
        if allowed:
            case.instead_of = principal
            not_own(case, theirs, *(case.asked.get(name) for name in ("name", "person", "to", "offender")))
            return theirs
    roles = case.rules.hands(topic, act)
    raise RefusalError("not_allowed", "", cite, attempt=True, act=act, person=hand, roles=roles)


def not_own(case: Case, cite: Cite, *people: str | None) -> None:
    """Refuse a deputy who would decide, by somebody else's right, on a matter of their own."""
    hand = case.asked["by"]
    if case.instead_of and hand in people:
        says = _("{name} stands in for {principal}, but not in a matter of their own")
        says = says.format(name=hand, principal=case.instead_of)
        raise RefusalError("own_matter", says, cite, attempt=True, person=hand)
