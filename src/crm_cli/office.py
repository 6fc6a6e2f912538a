"""One office and the runs in it: the only way to decide and to recall.

Here, and nowhere else, meet the lock, the ledger, the index, the idempotency keys, dry runs and the policies.
"""

from __future__ import annotations

import errno
import hashlib
import os
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from crm_cli import clock, names
from crm_cli.errors import DataError, MachineError, UsageError
from crm_cli.language import _
from crm_cli.ledger import texts
from crm_cli.ledger.index import build_index, open_index
from crm_cli.ledger.journal import Journal
from crm_cli.past import Past
from crm_cli.policy.book import Book
from crm_cli.rules.fold import RULES, fold, known
from crm_cli.settings import FILE, Settings, load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from crm_cli.ledger.index import Index
    from crm_cli.ledger.journal import Position
    from crm_cli.past import Event
    from crm_cli.policy.book import Cite, Rulebook
    from crm_cli.rules.decision import Decision

NEWER = ("ledger", "newer")  # where the first event is noted that this program does not know
PERSONAL = ("handle", "same_as")  # what a hand types about a customer: kept apart in the line


@dataclass
class Hand:
    """Whose request it is, when it happened, and how it is to be taken."""

    by: str
    at: datetime
    key: str | None = None
    dry_run: bool = False


@dataclass
class Outcome:
    """What became of a request: the verdict, its articles, the events written, what else is said."""

    verdict: str
    cites: list[Cite]
    events: list[Event] = field(default_factory=list)
    answer: dict[str, Any] = field(default_factory=dict)
    says: str = ""
    allowed: bool = True


class Office:
    """A folder with `crm.yaml`, `policies/` and `ledger/`; one object serves one process."""

    def __init__(self, folder: Path, say: Callable[[str], None] = lambda _text: None) -> None:
        self.folder = folder
        self.cache = folder / ".cache"
        self.settings: Settings = load(folder, self.cache)
        self.journal = Journal(folder / "ledger", clock.machine)
        self.wait, self.command = 10.0, "crm"
        self._say = say
        self._index: Index | None = None
        self._tip: Position | None = None
        self._past: Past | None = None
        self._writes = False  # whether the index was opened for writing
        self._supposed = 0  # how many events a dry run has come to
        self._keys: dict[str, int] = {}
        self._kept: set[str] = set()  # topics whose texts are known to be kept
        self._unwritten: list[Event] = []

    @cached_property
    def zone(self) -> ZoneInfo:
        """Answer the time zone of the office."""
        return clock.zone(self.settings.timezone)

    @cached_property
    def book(self) -> Book:
        """Answer the policies of the office."""
        return open_book(self.folder, self.settings, self.cache)

    def rulebook(self, at: datetime) -> Rulebook:
        """Answer the policies in force on the day of a time."""
        return self.book.at(at.date())

    # ── recalling ──────────────────────────────────────────────────────────────────────────────────────────────────

    def past(self) -> Past:
        """Answer the past up to the last committed line; nothing is locked and nothing is written."""
        if self._supposed:
            return self._known_past
        if self.journal.held:
            return self._ready()
        if self._past is None or self._writes:
            self._open(writing=False)  # what others may write meanwhile must not show through
        for events, tip in self.journal.transactions(self._tip):
            self._fold(events, tip)
        newer = self._known_past.get(*NEWER)
        if newer and not self._told_newer:
            self._told_newer = True
            self._say(_("crm: event {seq} is of a newer program and is passed over").format(seq=newer["seq"]))
        return self._known_past

    _told_newer = False

    @property
    def _known_past(self) -> Past:
        if self._past is None:
            raise RuntimeError("the past is not open")
        return self._past

    def _open(self, *, writing: bool) -> None:
        """Open the index and begin the past where it ends."""
        if self._index is not None:
            self._index.close()
        self._keys, self._index, self._past = {}, None, None
        self._index = self._opened(writing=writing)
        self._past, self._tip, self._writes = Past(self._index), self._index.tip, writing

    def _fold(self, events: list[Event], tip: Position) -> None:
        """Bring the past and the keys up to a transaction of the ledger."""
        for event in events:
            self._folded(self._known_past, event)
        if events[0].get("key"):
            self._keys[events[0]["key"]] = events[0]["seq"]
        self._tip = tip

    @staticmethod
    def _folded(past: Past, event: Event) -> None:
        """Fold an event; the first one that only a newer program knows is noted, so that no writer builds on it."""
        if not known(event) and past.get(*NEWER) is None:
            past.put(*NEWER, {"seq": event["seq"]})
        fold(past, event)

    def events(self, since: Position | None = None) -> Iterator[Event]:
        """Answer every committed event, oldest first."""
        for events, _tip in self.journal.transactions(since):
            yield from events

    def transaction(self, seq: int) -> list[Event]:
        """Answer the events that were recorded together from a line on."""
        found = []
        event = self.journal.read(seq)
        while event is not None:
            found.append(event)
            event = self.journal.read(event["seq"] + 1) if event["more"] else None
        return found

    def head(self) -> Position | None:
        """Answer the last committed line."""
        self.past()
        return self._tip

    def replay(self) -> Iterator[dict[str, str]]:
        """Take every recorded decision again, each on the past it was taken on, and answer those that differ."""
        past = Past()
        for events, tip in self.journal.transactions(None):
            first = events[0]
            if first.get("asked"):
                request = {name: value for name, value in _request(first).items() if name not in ("noun", "by")}
                hand = Hand(first["actor"], clock.told(first["happened"]), first.get("key"))
                again = self._decided(past, first["asked"]["noun"], request, hand).events
                if [_said(event) for event in again] != [_said(event) for event in events]:
                    yield {
                        "where": f"ledger/{tip.segment}:{first['seq'] + 1}",
                        "what": _("this decision comes out otherwise now"),
                    }
            for event in events:
                fold(past, event)

    # ── deciding ───────────────────────────────────────────────────────────────────────────────────────────────────

    def decide(self, noun: str, asked: dict[str, Any], hand: Hand) -> Outcome:
        """Answer a request: decided on the state read under the lock, durable when this returns.

        A key that is known gets the earlier answer again; the same key with another request is refused.
        """
        if hand.dry_run:
            return self._tried(noun, asked, hand)
        with self.writing():
            past = self._ready()
            earlier = self._earlier(noun, asked, hand)
            if earlier is not None:
                return earlier
            outcome = self._decided(past, noun, asked, hand)
            if outcome.events:
                outcome.events = self._add(outcome)
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
        with self.journal.locked(self.wait, self.command, self._say):
            try:
                yield
            except BaseException:
                self._forget()
                raise

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

    def commit(self) -> None:
        """Make everything decided so far durable, then bring the index up to it."""
        if not self._unwritten:
            return
        tip = self.journal.commit()
        self._unwritten.clear()
        self._settle(tip)

    def _settle(self, tip: Position) -> None:
        if self._index is None or self._past is None:
            return
        self._tip = tip
        if self._index.write(self._past, self._keys, tip):
            self._past.settled()
            self._keys = {}

    def close(self) -> None:
        """Let go of the files."""
        self.journal.close()
        if self._index is not None:
            self._index.close()
        self._past, self._index = None, None

    def _forget(self) -> None:
        """Drop what was decided and not committed; the next request reads the state again."""
        self.journal.discard()
        self._unwritten.clear()
        self._past, self._index, self._keys = None, None, {}

    def _ready(self) -> Past:
        """Answer the past up to the last committed line, under the lock."""
        if self._unwritten and self._past is not None:
            return self._past
        if self._past is None or not self._writes:
            self._open(writing=True)
        tip = self.journal.recover(self._tip)
        if tip is not None and tip != self._tip:
            self._catch_up()
        self._must_be_known(self._known_past)
        return self._known_past

    def _catch_up(self) -> None:
        """Begin again where the index ends, which others may have written, and fold what it does not know yet."""
        if self._index is not None:
            self._past, self._tip, self._keys = Past(self._index), self._index.tip, {}
        for events, tip in self.journal.transactions(self._tip):
            self._fold(events, tip)
        if self._tip is not None:
            self._settle(self._tip)

    def _must_be_known(self, past: Past) -> None:
        newer = past.get(*NEWER)
        if newer and self._tip:
            what = _("event {seq} is of a type or shape that this program does not know").format(seq=newer["seq"])
            where = f"ledger/{self._tip.segment}:{newer['seq'] + 1}"
            raise DataError(what, where=where, fix=_("use the newer program that wrote it"))

    def _opened(self, *, writing: bool) -> Index:
        path = self.cache / "index.db"
        schema = _schema()
        found = open_index(path, schema, self.journal, writing=writing)
        return found or build_index(path, schema, self.journal, self._folded)

    def _decided(self, past: Past, noun: str, asked: dict[str, Any], hand: Hand) -> Outcome:
        rules = self.rulebook(hand.at)
        decision: Decision = RULES[noun](past, rules, {**asked, "by": hand.by}, hand.at)
        for cite in decision.cites:
            self._must_mean_the_same(past, cite)
        events = [
            self._drafted(event, noun, asked, hand, first=number == 0) for number, event in enumerate(decision.events)
        ]
        return Outcome(decision.verdict, decision.cites, events, decision.answer, decision.says, decision.allowed)

    def _drafted(self, draft: Event, noun: str, asked: dict[str, Any], hand: Hand, *, first: bool) -> Event:
        """Answer the line of a drafted event, in the order of the format, without what the journal stamps."""
        event: Event = {"happened": draft["happened"], "type": draft["type"], "v": draft["v"], "actor": hand.by}
        personal = dict(draft.get("personal", {}))
        if draft.get("subject"):
            event["subject"] = draft["subject"]
        if first:
            if hand.key and draft["type"] != "office.refused":
                event["key"] = hand.key
            event["asked"] = {"noun": noun, **{name: value for name, value in asked.items() if name not in PERSONAL}}
            personal.update({name: asked[name] for name in PERSONAL if asked.get(name)})
        event["data"] = draft["data"]
        if personal:
            event["personal"] = personal
        event["cites"] = [cite.text for cite in draft["cites"]]
        return event

    def _add(self, outcome: Outcome) -> list[Event]:
        self._keep_policies(outcome.cites)
        events = self.journal.add(outcome.events)
        if self._past is not None:
            for event in events:
                fold(self._past, event)
        if events[0].get("key"):
            self._keys[events[0]["key"]] = events[0]["seq"]
        self._unwritten += events
        return events

    def _earlier(self, noun: str, asked: dict[str, Any], hand: Hand) -> Outcome | None:
        """Answer what the same request was answered before, None when its key is new."""
        if hand.key is None or self._index is None:
            return None
        seq = self._keys.get(hand.key)
        if seq is not None and self._unwritten:
            self.commit()  # a key of this very batch: its line must be on the disk to be read
        seq = self._index.seq_of(hand.key) if seq is None else seq
        if seq is None:
            return None
        events = self.transaction(seq)
        if _request(events[0]) != {"noun": noun, "by": hand.by, **asked}:
            what = _("the key {key} was used for another request").format(key=hand.key)
            raise DataError(
                what,
                where=f"ledger:{seq}",
                fix=_("take a new key; crm why {seq} shows the other request").format(seq=seq),
            )
        return self.told(events)

    def told(self, events: list[Event]) -> Outcome:
        """Answer what recorded events were answered with when they were new."""
        texts = dict.fromkeys(text for event in events for text in event.get("cites", ()))
        cites = [cite for cite in map(self.book.resolve, texts) if cite]
        verdict = events[0]["data"].get("verdict", "done")
        return Outcome(verdict, cites, events, allowed=events[0]["type"] != "office.refused")

    def _tried(self, noun: str, asked: dict[str, Any], hand: Hand) -> Outcome:
        """Answer what a request would come to; its events bear the numbers they would get, and are not recorded."""
        past = self.past()
        self._must_be_known(past)
        earlier = self._earlier(noun, asked, hand)
        if earlier is None:
            outcome = self._decided(past, noun, asked, hand)
            outcome.events = self._suppose(past, outcome.events)
        else:
            outcome = earlier
        lines = [] if earlier else outcome.events
        outcome.answer = {**outcome.answer, "dry_run": True, "lines": lines}
        return outcome

    def _suppose(self, past: Past, drafts: list[Event]) -> list[Event]:
        """Answer drafted events under the numbers they would get; what is asked next in this run stands on them."""
        number = self._supposed + (self._tip.seq + 1 if self._tip else 0)
        last = len(drafts) - 1
        events = [{"seq": number + place, **_placed(draft, last - place)} for place, draft in enumerate(drafts)]
        tried = past.fork()
        for event in events:
            fold(tried, event)
        if events:
            self._past, self._supposed = tried, self._supposed + len(events)
        return events

    def _must_mean_the_same(self, past: Past, cite: Cite) -> None:
        """Refuse a policy whose meaning was changed after a decision rested on it."""
        name, meaning = cite.text.rsplit(":", 1)
        name = name.split("#", 1)[0]
        known_meaning = past.get("cited", name)
        if known_meaning is not None and known_meaning["hash"] != meaning:
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

    # ── once in its life ───────────────────────────────────────────────────────────────────────────────────────────

    def found(self, identity: str, manager: str, roles: list[str], at: datetime) -> None:
        """Write the first lines of the ledger: the office with its random identity, and who manages it."""
        hand = Hand(manager, at)
        with self.batch():
            self.journal.recover(None)
            self._past = Past()
            first = {
                "happened": at.isoformat(),
                "type": "office.founded",
                "v": 1,
                "actor": manager,
                "data": {"office": identity},
            }
            self.journal.add([first])
            asked = {"verb": "add", "name": manager, "roles": roles, "founding": True}
            outcome = self._decided(self._past, "staff", asked, hand)
            self._unwritten = self._add(outcome)


def open_book(folder: Path, settings: Settings, cache: Path | None) -> Book:
    """Answer the policies of an office folder as its settings choose them."""
    from crm_cli.rules.topics import TOPICS  # noqa: PLC0415

    for house in (settings.house, *settings.overlays):
        if not (folder / "policies" / house).is_dir():
            raise DataError(
                _("there is no folder policies/{house}").format(house=house),
                where=FILE,
                fix=_("correct the name of the house, or put its policies back"),
            )
    return Book.open(folder / "policies", settings.house, settings.overlays, TOPICS, cache)


def find_folder(named: str | None, start: Path) -> Path:
    """Answer the folder of the office: the one named, else the nearest above the working directory."""
    if named is not None:
        folder = place(named)
        if not _is_office(folder):
            raise _no_office(folder, named)
        return folder.resolve()
    for folder in (start, *start.parents):
        if _is_office(folder):
            return folder
    raise UsageError(
        _("there is no office here or above"),
        fix=_("name it: crm -C OFFICE …, or set CRM_OFFICE, or make one: crm init"),
    )


def place(named: str) -> Path:
    """Answer the folder that was typed; a home that the machine does not know stays as it is written."""
    try:
        return Path(named).expanduser().absolute()
    except RuntimeError:
        return Path(named).absolute()


def _is_office(folder: Path) -> bool:
    try:
        return (folder / FILE).is_file()
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            return False
        raise MachineError(
            _("{folder} cannot be read: {why}").format(folder=names.path(folder), why=error.strerror),
            fix=_("ask whoever owns the folder for the right to read it"),
        ) from error


def _no_office(folder: Path, named: str) -> UsageError:
    what = _("{folder} is no office: it has no {file}").format(folder=names.path(named), file=FILE)
    if os.path.isdir(folder / "ledger"):  # noqa: PTH112 - a path that is too long is no folder either
        return UsageError(what, fix=_("put {file} back from a copy: the ledger is still there").format(file=FILE))
    return UsageError(what, fix="crm init OFFICE --profile HOUSE --manager NAME")


def _request(event: Event) -> dict[str, Any]:
    """Answer the request that a recorded event began with."""
    typed = {name: value for name, value in event.get("personal", {}).items() if name in PERSONAL}
    return {**event["asked"], **typed, "by": event["actor"]}


def _placed(draft: Event, more: int) -> Event:
    """Answer a drafted event in the order of a line, with the count of those that follow it."""
    before = ("happened", "type", "v", "actor", "subject", "key")
    head = {name: draft[name] for name in before if name in draft}
    return {**head, "more": more, **{name: value for name, value in draft.items() if name not in before}}


def _said(event: Event) -> Event:
    """Answer an event without what the journal stamped."""
    return {
        name: value
        for name, value in orjson.loads(orjson.dumps(event)).items()
        if name not in ("seq", "logged", "more", "hash")
    }


def _schema() -> str:
    """Answer a digest of the code that folds events: an index that another version wrote is built again."""
    here = Path(__file__).parent
    files = [here / "past.py", *sorted((here / "rules").rglob("*.py"))]
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()
