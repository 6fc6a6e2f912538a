"""What can be looked up without reading the ledger: documents, words, keys. Derived, and thrown away when in doubt."""

from __future__ import annotations

import os
import sqlite3
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

import orjson

from crm_cli.bulk import without_collector
from crm_cli.errors import DataError, MachineError
from crm_cli.language import _
from crm_cli.ledger import disk
from crm_cli.ledger.chain import Position
from crm_cli.ledger.lock import LOCK, attempted
from crm_cli.past import Past

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from crm_cli.ledger.journal import Journal
    from crm_cli.past import Document, Event

    Fold = Callable[[Past, Event], object]

_TABLES: Final = """
    CREATE TABLE documents (kind TEXT, key TEXT, body BLOB, PRIMARY KEY (kind, key)) WITHOUT ROWID;
    CREATE TABLE words (id INTEGER PRIMARY KEY, kind TEXT, word TEXT, key TEXT);
    CREATE TABLE marks (kind TEXT, key TEXT, PRIMARY KEY (kind, key)) WITHOUT ROWID;
    CREATE TABLE keys (key TEXT PRIMARY KEY, seq INTEGER) WITHOUT ROWID;
    CREATE TABLE tip (schema TEXT, position BLOB);
"""
_WORDED: Final = "CREATE INDEX IF NOT EXISTS worded ON words (kind, word)"
_UNWORDED: Final = "DROP INDEX IF EXISTS worded"
_MANY: Final = 10_000  # words that are better put into a larger memory, and sorted together
_ROOM: Final = "PRAGMA cache_size = -65536"
_AT_ONCE: Final = 250_000  # documents that a new index holds in memory, half a gigabyte at most
_PUT: Final = "INSERT OR REPLACE INTO documents VALUES (?, ?, ?)"
_WORD: Final = "INSERT INTO words (kind, word, key) VALUES (?, ?, ?)"
_FIND: Final = "SELECT key FROM words WHERE kind = ? AND word = ? ORDER BY id LIMIT ?"
_MARK: Final = "INSERT OR IGNORE INTO marks VALUES (?, ?)"
_UNMARK: Final = "DELETE FROM marks WHERE kind = ? AND key = ?"
_MARKS: Final = "SELECT key FROM marks WHERE kind = ? AND key >= ? AND key < ? ORDER BY key LIMIT ?"
_KEY: Final = "INSERT OR IGNORE INTO keys VALUES (?, ?)"
PAGE: Final = 500  # marks that one reading takes
LAST: Final = "\U0010ffff"  # after every mark
FOUND: Final = 200  # of those that a word finds: what more have in common tells nobody apart
_WRITING: Final = "mode=rw"
_FIXED: Final = "mode=ro&immutable=1"
_BULK: Final = "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536; BEGIN;"


class Index:
    """The documents as they stand after the line at `tip`; a source for a Past."""

    def __init__(self, base: sqlite3.Connection) -> None:
        self._base = base

    @property
    def tip(self) -> Position | None:
        """Answer the last line that is in the index, None while there is none."""
        ((found,),) = self._rows("SELECT position FROM tip")
        return Position(*orjson.loads(found)) if found else None

    @property
    def schema(self) -> str:
        """Answer what the shapes of the documents were called when the index was made."""
        ((found,),) = self._rows("SELECT schema FROM tip")
        return str(found)

    def get(self, kind: str, key: str) -> Document | None:
        """Answer a document, or None."""
        rows = self._rows("SELECT body FROM documents WHERE kind = ? AND key = ?", kind, key)
        return orjson.loads(rows[0][0]) if rows else None

    def find(self, kind: str, word: str) -> list[str]:
        """Answer the keys of the documents of a kind that are found by a word, oldest first, `FOUND` at most."""
        return [key for (key,) in self._rows(_FIND, kind, word, FOUND)]

    def marks(self, kind: str, low: str = "", high: str | None = None) -> Iterator[str]:
        """Answer the marks of a kind from `low` up to, not including, `high`, in order, as many as are asked for."""
        while True:
            page = [key for (key,) in self._rows(_MARKS, kind, low, LAST if high is None else high, PAGE)]
            yield from page
            if len(page) < PAGE:
                return
            low = f"{page[-1]}\0"

    def seq_of(self, key: str) -> int | None:
        """Answer the number of the line that carries an idempotency key, or None when the key is new."""
        rows = self._rows("SELECT seq FROM keys WHERE key = ?", key)
        return rows[0][0] if rows else None

    def write(self, past: Past, keys: Mapping[str, int], tip: Position) -> bool:
        """Take over what changed, up to a line that is durable; answer whether it was done.

        When it was not, nothing changed here; the facts are safe, and who opens the index next folds them again.
        """
        try:
            if len(past.worded) > _MANY:
                self._base.execute(_ROOM)
            self._base.execute("BEGIN IMMEDIATE")
            anew = len(past.worded) > max(_MANY, self._words())
            if anew:
                self._base.execute(_UNWORDED)
            (_settle if anew else _insert)(self._base, past, keys, tip)
            self._base.execute("COMMIT")
        except sqlite3.Error:
            if self._base.in_transaction:
                self._base.execute("ROLLBACK")
            return False
        return True

    def close(self) -> None:
        """Let go of the file."""
        self._base.close()

    def _words(self) -> int:
        """Answer about how many words there are."""
        ((last,),) = self._rows("SELECT max(id) FROM words")
        return last or 0

    def _rows(self, question: str, *words: str | int) -> list[tuple[Any, ...]]:
        try:
            return self._base.execute(question, words).fetchall()
        except sqlite3.DatabaseError as error:
            raise MachineError(
                _("the index cannot be read: {reason}").format(reason=error),
                where=".cache",
                fix=_("delete the folder .cache and run it again"),
            ) from error


def open_index(path: Path, schema: str, journal: Journal, *, writing: bool) -> Index | None:
    """Answer the index at a path, or None when it is absent, broken, of another schema or not of this ledger.

    Writers open it under the lock; DataError when it knows more of this office than the ledger still holds.
    """
    try:
        index = _connect(path, _mode(path, writing=writing))
    except (sqlite3.DatabaseError, OSError):
        return None
    try:
        if _fits(index, schema, journal):
            return index
    except (MachineError, ValueError, TypeError):
        pass
    except DataError:
        index.close()
        raise
    index.close()
    return None


def build_index(path: Path, schema: str, journal: Journal, fold: Fold) -> Index:
    """Answer a new index of the whole ledger, put in place of the one at the path.

    It is in memory only when the folder cannot be written, and nobody else sees it when a writer is at work.
    """

    def fill(base: sqlite3.Connection) -> None:
        _fill(base, schema, journal, fold)
        journal.flush()

    with without_collector():
        try:
            return _installed(path, journal, fill)
        except (OSError, sqlite3.Error):
            base = sqlite3.connect(":memory:", isolation_level=None)
            fill(base)
            return Index(base)


def _fits(index: Index, schema: str, journal: Journal) -> bool:
    tip = index.tip
    return (tip is None or journal.stands(tip)) and index.schema == schema


def _connect(path: Path, mode: str) -> Index:
    real = path.resolve(strict=True)
    base = sqlite3.connect(f"{real.as_uri()}?{mode}", uri=True, isolation_level=None)
    try:
        # A writer need not flush here: what is lost is folded again. A reader sees one state all along.
        base.execute("PRAGMA synchronous = NORMAL" if mode == _WRITING else "BEGIN")
    except sqlite3.Error:
        base.close()
        raise
    return Index(base)


def _mode(path: Path, *, writing: bool) -> str:
    if writing:
        return _WRITING
    if os.access(path.parent, os.W_OK):
        return "mode=ro"
    real = path.resolve()
    log = real.with_name(f"{real.name}-wal")
    if log.exists() and log.stat().st_size:
        raise sqlite3.OperationalError("changes are waiting that nobody can take over here")
    return _FIXED


def _fill(base: sqlite3.Connection, schema: str, journal: Journal, fold: Fold) -> None:
    base.executescript(_BULK + _TABLES)
    base.execute("INSERT INTO tip VALUES (?, NULL)", (schema,))
    past, tip = Past(), None
    keys: dict[str, int] = {}
    for events, tip in journal.transactions(None):
        for event in events:
            fold(past, event)
        if "key" in events[0]:
            keys.setdefault(events[0]["key"], events[0]["seq"])
        if len(past.changed) > _AT_ONCE:
            _settle(base, past, keys, tip)
            past, keys = Past(Index(base)), {}
    _settle(base, past, keys, tip)
    base.execute("COMMIT")


def _settle(base: sqlite3.Connection, past: Past, keys: Mapping[str, int], tip: Position | None) -> None:
    _insert(base, past, keys, tip)
    base.execute(_WORDED)  # behind the words that are there: an index that is made at once is made faster


def _insert(base: sqlite3.Connection, past: Past, keys: Mapping[str, int], tip: Position | None) -> None:
    base.executemany(
        _PUT, ((*name, orjson.dumps(document)) for name, document in sorted(past.changed.items(), key=itemgetter(0)))
    )
    base.executemany(_WORD, ((*name, key) for name, found in past.worded.items() for key in found))
    marks = [(kind, key, stands) for kind, keyed in past.marked.items() for key, stands in keyed.items()]
    base.executemany(_MARK, ((kind, key) for kind, key, stands in marks if stands))
    base.executemany(_UNMARK, ((kind, key) for kind, key, stands in marks if not stands))
    base.executemany(_KEY, sorted(keys.items()))
    base.execute("UPDATE tip SET position = ?", (orjson.dumps(list(tip)) if tip else None,))


def _installed(path: Path, journal: Journal, fill: Callable[[sqlite3.Connection], None]) -> Index:
    disk.make_folder(path.parent)
    new = path.with_name(f"{path.name}.{os.urandom(4).hex()}")
    try:
        _make(new, fill)
        with attempted(journal.folder / LOCK, held=journal.held) as ours:
            if ours:
                _switch(path, new)
        # What could not be put in place serves this run alone.
        return _connect(path, _mode(path, writing=journal.held)) if ours else _connect(new, _FIXED)
    finally:
        if not path.is_symlink() or path.resolve() != new:
            disk.unlink(new)


def _make(new: Path, fill: Callable[[sqlite3.Connection], None]) -> None:
    os.close(disk.create(new))  # with the rights of the ledger, which the files beside it take over
    base = sqlite3.connect(new, isolation_level=None)
    try:
        fill(base)
        base.execute("PRAGMA journal_mode = WAL")
    finally:
        base.close()
    file = disk.open_append(new)
    try:
        disk.sync(file)
    finally:
        os.close(file)


def _switch(path: Path, new: Path) -> None:
    # SQLite finds its log by the name of the file, so each index has a name of its own and the known one points to it:
    # who still has an older one open shares nothing with it.
    link = new.with_name(f"{new.name}-link")
    disk.link(new.name, link)
    disk.rename(link, path)
    disk.sync_folder(path.parent)
    for other in path.parent.glob(f"{path.name}[.-]*"):
        if other != new:
            disk.unlink(other)
