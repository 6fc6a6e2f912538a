"""The past of an office as its index and the ledger behind it tell it: one consistent state, for reading or writing."""

from __future__ import annotations

import os
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

from crm_cli.digest import sha256
from crm_cli.errors import DataError
from crm_cli.language import _
from crm_cli.ledger.index import build_index, open_index
from crm_cli.ledger.segment import torn
from crm_cli.past import NEWER, Past

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from crm_cli.ledger.index import Index
    from crm_cli.ledger.journal import Journal, Position
    from crm_cli.past import Event


class Memory:
    """The documents up to a line, and the keys behind that line which the index does not hold yet."""

    def __init__(self, journal: Journal, cache: Path, say: Callable[[str], None]) -> None:
        self.tip: Position | None = None
        self.unwritten = 0  # events that are decided and not durable
        self._journal, self._cache, self._say = journal, cache, say
        self._index: Index | None = None
        self._past: Past | None = None
        self._writes = False  # whether the index was opened for writing
        self._supposed = 0  # how many events a dry run has come to
        self._keys: dict[str, int] = {}
        self._warned = False

    @property
    def past(self) -> Past:
        """Answer the past as it was read last."""
        if self._past is None:
            raise RuntimeError("the past is not open")
        return self._past

    def begin(self) -> None:
        """Begin with no past at all, for an office that is being made."""
        self._past = Past()

    def read(self) -> Past:
        """Answer the past up to the last committed line; nothing is locked and nothing is written."""
        if self._supposed:
            return self.past
        if self._journal.held:
            return self.ready()
        if self._past is None or self._writes:
            self._open(writing=False)  # what others may write meanwhile must not show through
        for events, tip in self._journal.transactions(self.tip):
            self._take(events)
            self.tip = tip
        self._warn()
        return self.past

    def _warn(self) -> None:
        """Say once what a reader passes over: events of a newer program, bytes that were never acknowledged."""
        if self._warned:
            return
        newer, tail = self.past.get(*NEWER), self._journal.uncommitted
        if newer:
            self._say(_("crm: event {seq} is of a newer program and is passed over").format(seq=newer["seq"]))
        if tail:
            self._say(torn(tail))
        self._warned = bool(newer or tail)

    def ready(self) -> Past:
        """Answer the past up to the last committed line, under the lock, for somebody who adds to it."""
        if self.unwritten:
            return self.past
        if self._past is None or not self._writes:
            self._open(writing=True)
        tip = self._journal.recover(self.tip)
        if tip is not None and tip != self.tip:
            self._catch_up()
        self.must_be_known()
        return self.past

    def must_be_known(self) -> None:
        """Refuse to build on events that only a newer program understands."""
        newer = self.past.get(*NEWER)
        if newer and self.tip:
            what = _("event {seq} is of a type or shape that this program does not know").format(seq=newer["seq"])
            raise DataError(
                what, where=self._journal.place_of(newer["seq"]), fix=_("use the newer program that wrote it")
            )

    def add(self, events: list[Event]) -> None:
        """Bring the past up to a transaction that is not durable yet."""
        self._take(events)
        self.unwritten += len(events)

    def suppose(self, drafts: list[Event], *, keep: bool) -> list[Event]:
        """Answer drafted events under the numbers they would get.

        With `keep`, what is asked next in this run stands on them: for runs that record nothing at all.
        """
        number = self._supposed + self.unwritten + self._journal.upcoming(self.tip)
        last = len(drafts) - 1
        events = [{"seq": number + place, **_placed(draft, last - place)} for place, draft in enumerate(drafts)]
        if keep and events:
            self._past = self.past if self._supposed else self.past.fork()  # one fork serves a whole run
            self._supposed += len(events)
            _fold(self.past, events)
        return events

    @contextmanager
    def supposing(self) -> Iterator[None]:
        """Let go afterwards of what is supposed meanwhile."""
        past, supposed = self.read(), self._supposed
        if supposed:
            self._past = past.fork()
        try:
            yield
        finally:
            self._past, self._supposed = past, supposed

    def seq_of(self, key: str) -> int | None:
        """Answer the number of the line that carries an idempotency key, None when the key is new."""
        seq = self._keys.get(key)
        return self._index.seq_of(key) if seq is None and self._index else seq

    def settle(self, tip: Position) -> None:
        """Bring the index up to a line that is durable; where that fails, who opens it next folds again."""
        self.unwritten = 0
        if self._index is None or self._past is None:
            return
        self.tip = tip
        if self._index.write(self._past, self._keys, tip):
            self._past.settled()
            self._keys = {}

    def forget(self) -> None:
        """Drop what is not durable; the next request reads the state again."""
        self.unwritten = 0
        self.close()

    def close(self) -> None:
        """Let go of the index."""
        if self._index is not None:
            self._index.close()
        self._past, self._index, self._keys = None, None, {}

    def _open(self, *, writing: bool) -> None:
        """Open the index and begin the past where it ends."""
        self.close()
        path, schema = self._cache / "index.db", code_digest()
        found = open_index(path, schema, self._journal, writing=writing)
        self._index = found or build_index(path, schema, self._journal, _folding())
        self._past, self.tip, self._writes = Past(self._index), self._index.tip, writing

    def _catch_up(self) -> None:
        """Begin again where the index ends, which others may have written, and fold what it does not know yet."""
        if self._index is not None:
            self._past, self.tip, self._keys = Past(self._index), self._index.tip, {}
        for events, tip in self._journal.transactions(self.tip):
            self._take(events)
            self.tip = tip
        if self.tip is not None:
            self.settle(self.tip)

    def _take(self, events: list[Event]) -> None:
        _fold(self.past, events)
        if events[0].get("key"):
            self._keys[events[0]["key"]] = events[0]["seq"]


def _folding() -> Callable[[Past, Event], None]:
    """Answer what brings the past up to an event."""
    from crm_cli.rules.fold import fold  # noqa: PLC0415 - a settled index has nothing to fold

    return fold


def _fold(past: Past, events: list[Event]) -> None:
    fold = _folding()
    for event in events:
        fold(past, event)


def _placed(draft: Event, more: int) -> Event:
    """Answer a drafted event in the order of a line, with the count of those that follow it."""
    before = ("happened", "type", "v", "actor", "subject", "key")
    head = {name: draft[name] for name in before if name in draft}
    return {**head, "more": more, **{name: value for name, value in draft.items() if name not in before}}


@cache
def code_digest() -> str:
    """Answer a digest of the rules: what another version of them wrote, index or compiled policy, is made again."""
    here = __file__.removesuffix("memory.py")
    walked = os.walk(f"{here}rules")  # every command reads these: texts are faster than paths
    files = [f"{folder}/{name}" for folder, _folders, names in walked for name in names if name.endswith(".py")]
    digest = sha256()
    for path in (f"{here}past.py", __file__, *sorted(files)):
        with open(path, "rb") as file:  # noqa: PTH123
            digest.update(file.read() + b"\0")
    return digest.hexdigest()
