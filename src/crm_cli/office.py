"""One office and the runs in it: the only way to decide and to recall.

Here, and nowhere else, meet the lock, the ledger, the index, the idempotency keys, dry runs and the policies.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import orjson

from crm_cli import clock
from crm_cli.digest import sha256
from crm_cli.errors import DataError
from crm_cli.language import _
from crm_cli.ledger import texts
from crm_cli.ledger.journal import Journal
from crm_cli.memory import Memory
from crm_cli.past import Past
from crm_cli.rulebooks import calendars_kept, open_book
from crm_cli.settings import Settings, load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from crm_cli.calendars import Calendars
    from crm_cli.ledger.attached import Attachment
    from crm_cli.ledger.journal import Position
    from crm_cli.past import Event
    from crm_cli.policy.book import Book, Cite, Rulebook
    from crm_cli.rules.decision import Decision

REFUSED = "/refused"  # what the key of a request is given for the record that it was refused: it may succeed later
PERSONAL = ("handle", "same_as", "referred_by", "card", "keys")  # what is typed about a customer: kept apart
UNASKED = ("noun", "by", "attach")  # what stands with a request in its line without being asked of the rules


@dataclass(eq=False, repr=False)
class Hand:
    """Whose request it is, when it happened, and how it is to be taken."""

    by: str
    at: datetime
    key: str | None = None
    dry_run: bool = False
    attached: Sequence[Attachment] = ()


@dataclass(eq=False, repr=False)
class Outcome:
    """What became of a request: the verdict, its articles, the events written, what else is said."""

    verdict: str
    cites: list[Cite]
    events: list[Event] = field(default_factory=list)
    answer: dict[str, Any] = field(default_factory=dict)
    says: str = ""
    allowed: bool = True
    calendar: bytes | None = None  # what was asked of the calendars, to be kept beside the ledger


class Office:
    """A folder with `crm.yaml`, `policies/` and `ledger/`; one object serves one process."""

    def __init__(self, folder: Path, say: Callable[[str], None] = lambda _said: None, read: Book | None = None) -> None:
        self.folder = folder
        self.cache = folder / ".cache"
        self.settings: Settings = load(folder, self.cache)
        self.journal = Journal(folder / "ledger", clock.machine)
        self.wait, self.command, self.quiet = 10.0, "crm", False
        self.rehearsal = False  # whether nothing of this run is recorded
        self._say, self._read = say, read  # `read`: the policies, where another office of the same ones has read them
        self._memory = Memory(self.journal, self.cache, say)
        self._calendars: Calendars | None = None
        self._kept: set[str] = set()  # topics whose texts are known to be kept, and calendars by their digest

    @cached_property
    def zone(self) -> ZoneInfo:
        """Answer the time zone of the office."""
        return clock.zone(self.settings.timezone)

    @cached_property
    def book(self) -> Book:
        """Answer the policies of the office."""
        book = self._read or open_book(self.folder, self.settings, self.cache)
        book.calendars = lambda department: self.calendars(department)  # noqa: PLW0108 - not read before a rule asks
        return book

    @property
    def calendars(self) -> Calendars:
        """Answer the calendars of the office; what no rule asks for is not read."""
        if self._calendars is None:
            from crm_cli.calendars import of_office  # noqa: PLC0415 - few decisions ask for a calendar

            self._calendars = of_office(self.folder, self.cache, self.settings)
        return self._calendars

    def rulebook(self, at: datetime) -> Rulebook:
        """Answer the policies in force on the day of a time."""
        return self.book.at(at.date())

    # ── recalling ──────────────────────────────────────────────────────────────────────────────────────────────────

    def past(self) -> Past:
        """Answer the past up to the last committed line; nothing is locked and nothing is written."""
        return self._memory.read()

    def events(self, since: Position | None = None) -> Iterator[Event]:
        """Answer every committed event, oldest first."""
        self._memory.read()  # says what a reader passes over
        for events, _tip in self.journal.transactions(since):
            yield from events

    def event(self, seq: int) -> Event | None:
        """Answer one event, None when there is none of that number; a line of a batch is made durable to be read."""
        self.commit()
        return self.journal.read(seq)

    def transaction(self, seq: int) -> list[Event]:
        """Answer the events that were recorded together from a line on."""
        found = []
        event = self.event(seq)
        while event is not None:
            found.append(event)
            event = self.journal.read(event["seq"] + 1) if event["more"] else None
        return found

    def knows(self, key: str) -> int | None:
        """Answer the number of the line with an idempotency key, as far as the past was read; None where it is new."""
        return self._memory.seq_of(key)

    def head(self) -> Position | None:
        """Answer the last committed line."""
        self._memory.read()
        return self._memory.tip

    def replay(self) -> Iterator[dict[str, str]]:
        """Take every recorded decision again, each on the past it was taken on, and answer those that differ."""
        from crm_cli.ledger import attached  # noqa: PLC0415
        from crm_cli.rules.fold import fold, moment  # noqa: PLC0415

        past = Past()
        for events, _tip in self.journal.transactions(None):
            first = events[0]
            if first.get("asked"):
                request = {name: value for name, value in _request(first).items() if name not in UNASKED}
                key = first.get("key", "").removesuffix(REFUSED)
                hand = Hand(first["actor"], moment(events), key, attached=attached.of(first))
                again = self._as_then(first, past, request, hand)
                if [_said(event) for event in again] != [_said(event) for event in events]:
                    yield {
                        "where": self.journal.place_of(first["seq"]),
                        "what": _("this decision comes out otherwise now"),
                    }
            for event in events:
                fold(past, event)

    def _as_then(self, first: Event, past: Past, request: dict[str, Any], hand: Hand) -> list[Event]:
        """Answer what a request comes to by the calendars of its time, which are kept: later news changes nothing."""
        now, digest = self._calendars, first["data"].get("calendar")
        self._calendars = calendars_kept(self.journal.folder, digest) if digest else None
        try:
            return self._decided(past, first["asked"]["noun"], request, hand).events
        finally:
            self._calendars = now

    # ── deciding ───────────────────────────────────────────────────────────────────────────────────────────────────

    def decide(self, noun: str, asked: dict[str, Any], hand: Hand) -> Outcome:
        """Answer a request: decided on the state read under the lock, durable when this returns.

        A key that is known gets the earlier answer again; the same key with another request is refused.
        """
        if hand.dry_run:
            return self._tried(noun, asked, hand)
        with self.writing():
            past = self._memory.ready()
            earlier = self._earlier(noun, asked, hand)
            if earlier is not None:
                return earlier
            outcome = self._decided(past, noun, asked, hand)
            if outcome.events and outcome.allowed:
                self._keep_files(hand)
                outcome.events = self._add(outcome)
            elif outcome.events:
                refused = self._recorded(_refusal(hand.key), noun, asked, replace(hand, attached=()))
                outcome.events = refused or self._add(outcome)
            if not self._batch:
                self.commit()
            return outcome

    _batch = False

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the office for writing; inside a batch it is held already."""
        if self.journal.held:
            yield
            return
        with self.journal.locked(self.wait, self.command, self._say_once):
            try:
                yield
            except BaseException:
                self._forget()
                raise

    _told_waiting = False

    def _say_once(self, text: str) -> None:
        """Say who is waited for, the first time in this run."""
        if not (self.quiet or self._told_waiting):
            self._say(text)
        self._told_waiting = True

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Hold the office over several requests; none of them is durable before `commit`."""
        with self.writing():
            self._batch = True
            try:
                yield
                self.commit()
            except BaseException:
                self._forget()
                raise
            finally:
                self._batch = False

    @contextmanager
    def rehearsing(self) -> Iterator[None]:
        """Let what is asked meanwhile stand on each other as if it were recorded, then let go of it."""
        before, self.rehearsal = self.rehearsal, True
        try:
            with self._memory.supposing():
                yield
        finally:
            self.rehearsal = before

    def commit(self) -> None:
        """Make everything decided so far durable, then bring the index up to it."""
        if self._memory.unwritten:
            self._memory.settle(self.journal.commit())

    def close(self) -> None:
        """Let go of the files."""
        self.journal.close()
        self._memory.close()

    def _forget(self) -> None:
        """Drop what was decided and not committed; the next request reads the state again."""
        self.journal.discard()
        self._memory.forget()

    def _decided(self, past: Past, noun: str, asked: dict[str, Any], hand: Hand) -> Outcome:
        rules = self.rulebook(hand.at)
        from crm_cli.rules.fold import RULES  # noqa: PLC0415 - who only looks decides nothing

        request = {**asked, "by": hand.by}
        if "event" in asked:
            request["events"] = self.transaction(asked["event"])
        if self._calendars is not None:
            self._calendars.begin()
        ruling: Decision = RULES[noun](past, rules, request, hand.at)
        for cite in ruling.cites:
            self._must_mean_the_same(past, cite)
        calendar = self._calendars.text() if self._calendars is not None else None
        if calendar and ruling.events:
            ruling.events[0]["data"]["calendar"] = sha256(calendar).hexdigest()
        events = [
            self._drafted(event, noun, asked, hand, first=number == 0) for number, event in enumerate(ruling.events)
        ]
        return Outcome(ruling.verdict, ruling.cites, events, ruling.answer, ruling.says, ruling.allowed, calendar)

    def _drafted(self, draft: Event, noun: str, asked: dict[str, Any], hand: Hand, *, first: bool) -> Event:
        """Answer the line of a drafted event, in the order of the format, without what the journal stamps."""
        event: Event = {"happened": draft["happened"], "type": draft["type"], "v": draft["v"], "actor": hand.by}
        personal = dict(draft.get("personal", {}))
        if draft.get("subject"):
            event["subject"] = draft["subject"]
        if first:
            refused = draft["type"] == "office.refused"
            key = _refusal(hand.key) if refused else hand.key
            if key:
                event["key"] = key
            event["asked"] = {"noun": noun, **{name: value for name, value in asked.items() if name not in PERSONAL}}
            personal.update({name: asked[name] for name in PERSONAL if asked.get(name)})
            if hand.attached and not refused:
                event["asked"] |= _attached(hand)
                personal["attach"] = [one.name for one in hand.attached]
        event["data"] = draft["data"]
        if personal:
            event["personal"] = personal
        event["cites"] = [cite.text for cite in draft["cites"]]
        return event

    def _add(self, outcome: Outcome) -> list[Event]:
        self._keep_policies(outcome.cites)
        if outcome.calendar and (digest := sha256(outcome.calendar).hexdigest()) not in self._kept:
            texts.keep(self.journal.folder, digest, outcome.calendar)
            self._kept.add(digest)
        events = self.journal.add(outcome.events)
        self._memory.add(events)
        return events

    def _earlier(self, noun: str, asked: dict[str, Any], hand: Hand) -> Outcome | None:
        """Answer what the same request was answered before, None when its key is new."""
        events = self._recorded(hand.key, noun, asked, hand)
        return None if events is None else self.told(events)

    def _recorded(self, key: str | None, noun: str, asked: dict[str, Any], hand: Hand) -> list[Event] | None:
        """Answer what was recorded under a key for the same request, None when the key is new."""
        seq = self._memory.seq_of(key) if key else None
        if seq is None:
            return None
        events = self.transaction(seq)
        if _request(events[0]) != {"noun": noun, "by": hand.by, **asked, **_attached(hand)}:
            what = _("the key {key} was used for another request").format(key=hand.key)
            raise DataError(
                what,
                where=f"ledger:{seq}",
                fix=_("take a new key; crm why {seq} shows the other request").format(seq=seq),
            )
        return events

    def told(self, events: list[Event]) -> Outcome:
        """Answer what recorded events were answered with when they were new."""
        texts = dict.fromkeys(text for event in events for text in event.get("cites", ()))
        cites = [self.book.cited(text) for text in texts]
        verdict = events[0]["data"].get("verdict", "done")
        return Outcome(verdict, cites, events, allowed=events[0]["type"] != "office.refused")

    def _tried(self, noun: str, asked: dict[str, Any], hand: Hand) -> Outcome:
        """Answer what a request would come to; its events bear the numbers they would get, and are not recorded."""
        past = self.past()
        self._memory.must_be_known()
        earlier = self._earlier(noun, asked, hand)
        if earlier is None:
            outcome = self._decided(past, noun, asked, hand)
            outcome.events = self._memory.suppose(outcome.events, keep=self.rehearsal)
        else:
            outcome = earlier
        lines = [] if earlier else outcome.events
        outcome.answer = {**outcome.answer, "dry_run": True, "lines": lines}
        return outcome

    def _must_mean_the_same(self, past: Past, cite: Cite) -> None:
        """Refuse policies that no longer say, for any day, what a decision by this rule rested on.

        A later edition or an overlay gives the rule another meaning from its day on; the days before keep theirs.
        """
        meanings = past.get("cited", f"{cite.policy}/{cite.rule}") or {}
        for meaning, text in meanings.items():
            if meaning != cite.hash[:8] and self.book.resolve(text) is None:
                name = text.split("#", 1)[0].partition(":")[0]
                raise DataError(
                    _("{rule} no longer says what decisions of this office rest on").format(rule=name),
                    where=f"policies/{name.rsplit('/', 1)[0]}.yaml",
                    fix=_("put the old text back (ledger/policies keeps it) and write the change as a new edition"),
                )

    def _keep_policies(self, cites: list[Cite]) -> None:
        """Keep every policy text that a decision rests on beside the ledger, before the decision is written."""
        for topic in {cite.policy for cite in cites} - self._kept:
            for digest, text in self.book.sources(topic).items():
                texts.keep(self.journal.folder, digest, text)
            self._kept.add(topic)

    def _keep_files(self, hand: Hand) -> None:
        """Keep what a request came with, before its event is written."""
        if hand.attached:
            from crm_cli.ledger import attached  # noqa: PLC0415 - few requests come with something

            for one in hand.attached:
                attached.keep(self.folder, one)

    # ── once in its life ───────────────────────────────────────────────────────────────────────────────────────────

    def found(self, identity: str, manager: str, roles: list[str], at: datetime) -> None:
        """Write the first lines of the ledger: the office with its random identity, and who manages it."""
        hand = Hand(manager, at)
        with self.batch():
            self.journal.recover(None)
            self._memory.begin()
            first = {"happened": at.isoformat(), "type": "office.founded", "v": 1, "actor": manager}
            self.journal.add([{**first, "data": {"office": identity}}])
            asked = {"verb": "add", "name": manager, "roles": roles, "founding": True}
            self._add(self._decided(self._memory.past, "staff", asked, hand))


def _refusal(key: str | None) -> str | None:
    """Answer the key under which the refusal of a request is recorded."""
    return key + REFUSED if key else None


def _attached(hand: Hand) -> dict[str, list[str]]:
    """Answer what the line of a request says of the files that came with it: nothing where none did."""
    return {"attach": [one.digest for one in hand.attached]} if hand.attached else {}


def _request(event: Event) -> dict[str, Any]:
    """Answer the request that a recorded event began with."""
    typed = {name: value for name, value in event.get("personal", {}).items() if name in PERSONAL}
    return {**event["asked"], **typed, "by": event["actor"]}


def _said(event: Event) -> Event:
    """Answer an event without what the journal stamped."""
    return {
        name: value
        for name, value in orjson.loads(orjson.dumps(event)).items()
        if name not in ("seq", "logged", "more", "hash")
    }
