"""The remembered past: documents by kind and key, the words they are found by, and marks that are kept in order.

A fold of events, nothing else.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from heapq import merge
from typing import TYPE_CHECKING, Any, Protocol

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterator

NEWER = ("ledger", "newer")  # the document that names the first event which this program does not know
Document = dict[str, Any]
Event = dict[str, Any]


class Source(Protocol):
    """Where documents come from: the index of an office, or another past."""

    def get(self, kind: str, key: str) -> Document | None:
        """Answer a document of its own, which the caller may change, or None."""

    def find(self, kind: str, word: str) -> list[str]:
        """Answer the keys of the documents of a kind that are found by a word, oldest first."""

    def marks(self, kind: str, low: str = "", high: str | None = None) -> Iterator[str]:
        """Answer the marks of a kind from `low` up to, not including, `high`, in order."""


class Past:
    """Documents of a source with changes laid over it; without a source it is a dict, as in tests and in a rebuild."""

    def __init__(self, source: Source | None = None) -> None:
        self._source = source
        self._documents: dict[tuple[str, str], Document | None] = {}
        self._words: dict[tuple[str, str], dict[str, None]] = {}  # what was looked for, in its order
        self.changed: dict[tuple[str, str], Document] = {}
        self.worded: dict[tuple[str, str], list[str]] = {}  # what words are new, and for which documents
        self.marked: dict[str, dict[str, bool]] = {}  # by kind, which marks were set or taken away
        self._ordered: dict[str, list[str]] = {}  # the marks of `marked`, by kind and in order
        self.cited: set[str] = set()  # citations that are known to be in the documents

    def get(self, kind: str, key: str) -> Document | None:
        """Answer the document as it stands; only `evolve` may change it, and then it puts it back."""
        name = (kind, key)
        try:
            return self._documents[name]
        except KeyError:
            found = self._documents[name] = self._source.get(kind, key) if self._source else None
            return found

    def find(self, kind: str, word: str) -> list[str]:
        """Answer the keys of the documents of a kind that are found by a word, oldest first."""
        name = (kind, word)
        if name not in self._words:
            known = dict.fromkeys(self._source.find(kind, word)) if self._source else {}
            self._words[name] = known | dict.fromkeys(self.worded.get(name, ()))
        return list(self._words[name])

    def put(self, kind: str, key: str, document: Document, words: tuple[str, ...] = ()) -> None:
        """Keep a document, and the words it is found by besides those it has; no word is given for it twice."""
        self._documents[kind, key] = self.changed[kind, key] = document
        for word in words:
            name = (kind, word)
            self.worded.setdefault(name, []).append(key)
            looked_for = self._words.get(name)
            if looked_for is not None:
                looked_for[key] = None

    def mark(self, kind: str, key: str) -> None:
        """Set a mark; marks of a kind are found in the order of their keys, and cost no walk over documents."""
        self._mark(kind, key, stands=True)

    def unmark(self, kind: str, key: str) -> None:
        """Take a mark away; one that does not stand is no mistake."""
        self._mark(kind, key, stands=False)

    def _mark(self, kind: str, key: str, *, stands: bool) -> None:
        marks = self.marked.setdefault(kind, {})
        if key not in marks:
            insort(self._ordered.setdefault(kind, []), key)
        marks[key] = stands

    def marks(self, kind: str, low: str = "", high: str | None = None) -> Iterator[str]:
        """Answer the marks of a kind from `low` up to, not including, `high`, in order."""
        mine, ordered = self.marked.get(kind, {}), self._ordered.get(kind, [])
        last = len(ordered) if high is None else bisect_left(ordered, high)
        changed = [key for key in ordered[bisect_left(ordered, low) : last] if mine[key]]
        before = (key for key in self._source.marks(kind, low, high) if key not in mine) if self._source else ()
        return merge(before, changed)

    def settled(self) -> None:
        """Forget what changed: it is written down elsewhere now."""
        self.changed.clear()
        self.worded.clear()
        self.marked.clear()
        self._ordered.clear()

    def fork(self) -> Past:
        """Answer a past of its own that begins as this one: for asking what follows without changing anything."""
        return Past(_Copying(self))


class _Copying:
    """A past read through copies, so that who reads it cannot change it."""

    def __init__(self, past: Past) -> None:
        self._past = past

    def get(self, kind: str, key: str) -> Document | None:
        document = self._past.get(kind, key)
        return None if document is None else orjson.loads(orjson.dumps(document))

    def find(self, kind: str, word: str) -> list[str]:
        return self._past.find(kind, word)

    def marks(self, kind: str, low: str = "", high: str | None = None) -> Iterator[str]:
        return self._past.marks(kind, low, high)
