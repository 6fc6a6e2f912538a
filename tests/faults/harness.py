"""A front desk reduced to what the ledger needs, and a disk that fails when it is told to."""

from __future__ import annotations

import errno
import os
import sys
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest

from crm_cli.ledger import disk
from crm_cli.ledger.index import Index, build_index, open_index
from crm_cli.ledger.journal import Journal, utc_now
from crm_cli.ledger.verify import verify
from crm_cli.past import Event, Past

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CALLS = (
    *("make_folder", "create", "open_lock", "open_append", "write"),
    *("sync", "sync_folder", "truncate", "rename", "protect", "link", "unlink"),
)
LAST_MONTH = datetime(2020, 1, 31, 23, 59, 59, tzinfo=UTC)  # long ago: for everybody after it the month has turned


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Answer a folder for thousands of offices: in memory where the machine has such a folder, and never flushed."""
    for name in ("sync", "sync_folder"):
        monkeypatch.setattr(disk, name, lambda _: None)
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if sys.platform == "linux" and os.access(memory, os.W_OK) else None) as folder:
        yield Path(folder)


def event(number: int = 0, **fields: Any) -> Event:
    return {
        "happened": "2026-11-21T17:15:00+08:00",
        "type": "customer.arrived",
        "v": 1,
        "actor": "王芳",
        "subject": f"c{number:05}",
        "data": {"turn": number},
    } | fields


def fold(past: Past, event: Event) -> None:
    subject = str(event.get("subject", event["actor"]))
    document = past.get("customer", subject) or {"lines": 0}
    document["lines"] += 1
    past.put("customer", subject, document, (event["type"],))


class Desk:
    """One process at the desk: `request` is a command, `batch` are several made durable at once."""

    def __init__(self, office: Path, now: datetime | None = None) -> None:
        self.office = office
        self.journal = Journal(office / "ledger", (lambda: now) if now else utc_now)
        self.path = office / ".cache" / "index.db"
        self.index: Index | None = None

    def request(self, key: str, lines: int = 1, wait: float = 10) -> None:
        self.batch({key: lines}, wait)

    def batch(self, wanted: dict[str, int], wait: float = 10) -> None:
        with self.journal.locked(wait, "desk request", lambda _: None):
            index = self.ready()
            past = Past(index)
            keys: dict[str, int] = {}
            for key, lines in wanted.items():
                if index.seq_of(key) is None:
                    self.decide(past, keys, key, lines)
            if keys:
                self.record(index, past, keys)

    def decide(self, past: Past, keys: dict[str, int], key: str, lines: int) -> None:
        events = self.journal.add([event(number, key=key) if not number else event(number) for number in range(lines)])
        take(past, keys, events)

    def record(self, index: Index, past: Past, keys: dict[str, int]) -> None:
        tip = self.journal.commit()
        if index.write(past, keys, tip):
            past.settled()

    def ready(self) -> Index:
        if self.index is None:
            self.index = open_index(self.path, "1", self.journal, writing=True)
        if self.index is None:
            self.index = build_index(self.path, "1", self.journal, fold)
        self.journal.recover(self.index.tip)
        self.catch_up(self.index)
        return self.index

    def catch_up(self, index: Index) -> None:
        past, tip = Past(index), None
        keys: dict[str, int] = {}
        for events, tip in self.journal.transactions(index.tip):  # noqa: B007 - the last one is wanted
            take(past, keys, events)
        if tip:
            index.write(past, keys, tip)

    def close(self) -> None:
        self.journal.close()
        if self.index:
            self.index.close()
            self.index = None


def take(past: Past, keys: dict[str, int], events: list[Event]) -> None:
    for each in events:
        fold(past, each)
        if "key" in each:
            keys[each["key"]] = each["seq"]


def ledger_keys(office: Path) -> Counter[str]:
    found: Counter[str] = Counter()
    for events, _ in Journal(office / "ledger").transactions(None):
        if "key" in events[0]:
            assert len(events) == int(events[0]["key"].partition("/")[2] or 1), "half a transaction counts"
            found[events[0]["key"]] += 1
    return found


def check(office: Path, *keys: str) -> None:
    """The ledger is whole, holds each of these keys once, and the index says what a new index would say."""
    report = verify(office / "ledger")
    assert report.findings == []
    found = ledger_keys(office)
    assert {key: found[key] for key in keys} == dict.fromkeys(keys, 1)
    assert set(found.values()) <= {1}
    check_seals(office)
    check_index(office)


def check_seals(office: Path) -> None:
    """Every segment but the newest is sealed, and nothing half made lies about for long."""
    months = sorted(path.stem for path in (office / "ledger").glob("*.jsonl"))
    assert sorted(path.stem for path in (office / "ledger").glob("*.seal")) == months[:-1]
    for month in months[:-1]:
        digest = sha256((office / "ledger" / f"{month}.jsonl").read_bytes()).hexdigest()
        assert (office / "ledger" / f"{month}.seal").read_text().startswith(f"{digest}  {month}.jsonl\n# lines ")


def check_index(office: Path) -> None:
    journal = Journal(office / "ledger")
    old = open_index(office / ".cache" / "index.db", "1", journal, writing=False)
    new = build_index(office / "other" / "index.db", "1", journal, fold)
    try:
        if old:
            known = Past(old)
            for events, _ in journal.transactions(old.tip):
                take(known, {}, events)
            for number in range(10):
                assert known.get("customer", f"c{number:05}") == new.get("customer", f"c{number:05}")
    finally:
        new.close()
        if old:
            old.close()


class Killed(BaseException):
    """The process ends here."""


@dataclass
class Fault:
    """Fails one call to the disk: the one with this number, in this way."""

    number: int
    way: str
    seen: int = 0
    calls: list[str] = field(default_factory=list)

    @property
    def fired(self) -> bool:
        return self.seen >= self.number

    def arm(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in CALLS:
            monkeypatch.setattr(disk, name, self._wrapped(name, getattr(disk, name)))

    def _wrapped(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            self.seen += 1
            self.calls.append(name)
            if self.seen != self.number:
                return real(*arguments)
            return getattr(self, f"_{self.way}")(name, real, arguments)

        return call

    def _kill_before(self, *_: object) -> None:
        raise Killed

    def _kill_after(self, name: str, real: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        done = real(*arguments)
        if name in ("create", "open_lock", "open_append"):
            os.close(done)
        raise Killed

    def _torn(self, name: str, real: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        if name == "write":
            file, data = arguments
            real(file, data[: len(data) * 2 // 3])
        raise Killed

    def _short(self, name: str, real: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        if name != "write":
            return real(*arguments)
        file, data = arguments
        return real(file, data[: len(data) // 2])

    def _full(self, *_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _broken(self, name: str, real: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        if name == "write":
            file, data = arguments
            real(file, data[:5])
        raise OSError(errno.EIO, os.strerror(errno.EIO))


WAYS = ("kill_before", "kill_after", "torn", "short", "full", "broken")
