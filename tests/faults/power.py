"""What a disk may hold after the power went: bytes that were not flushed in any state, names old or new."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from itertools import chain, combinations
from typing import TYPE_CHECKING, Any

from crm_cli.ledger import disk
from crm_cli.ledger.lock import LOCK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import pytest

    Names = dict[str, int]  # names of one folder, and which file each of them is
    Tail = Callable[[bytes], bytes]

GARBAGE = bytes(range(128, 256))
TAILS: dict[str, Tail] = {
    "absent": lambda _: b"",
    "cut": lambda lost: lost[: len(lost) * 2 // 3],
    "zeros": lambda lost: bytes(len(lost)),
    "garbage": lambda lost: (GARBAGE * (len(lost) // len(GARBAGE) + 1))[: len(lost)],
    "first half zeros": lambda lost: bytes(len(lost) // 2) + lost[len(lost) // 2 :],
    "there": lambda lost: lost,
}


@dataclass
class Power:
    """The folder of a ledger as the disk knows it; folders themselves are taken to be there."""

    folder: Path
    names: Names = field(default_factory=dict)
    data: dict[int, bytes] = field(default_factory=dict)

    def arm(self, patch: pytest.MonkeyPatch) -> None:
        """Follow every call to the disk; what is there already was flushed long ago."""
        self.names = self._named()
        self.data = {number: (self.folder / name).read_bytes() for name, number in self.names.items()}
        follows: dict[str, Callable[..., None]] = {
            "create": self._created,
            "sync": self._flushed,
            "sync_folder": self._settled,
        }
        for name, follow in follows.items():
            patch.setattr(disk, name, self._followed(getattr(disk, name), follow))

    def _followed(self, real: Callable[..., Any], follow: Callable[..., None]) -> Callable[[Any], Any]:
        def call(argument: Any) -> Any:
            done = real(argument)
            follow(argument, done)
            return done

        return call

    def _created(self, _: Path, file: int) -> None:
        self.data[os.fstat(file).st_ino] = b""

    def _flushed(self, file: int, _: None) -> None:
        stat = os.fstat(file)
        if stat.st_ino in self.data or stat.st_ino in self._named().values():
            self.data[stat.st_ino] = os.pread(file, stat.st_size, 0)

    def _settled(self, path: Path, _: None) -> None:
        if path == self.folder:
            self.names = self._named()

    def _named(self) -> Names:
        return {
            path.name: path.stat().st_ino for path in self.folder.glob("*.*") if path.is_file() and path.name != LOCK
        }

    def wrecks(self) -> Iterator[tuple[str, dict[str, bytes]]]:
        """Answer what may be found afterwards: how it came about, and the files."""
        now = self._named()
        bytes_now = {number: (self.folder / name).read_bytes() for name, number in now.items()}
        unsure = sorted(name for name in {*self.names, *now} if self.names.get(name) != now.get(name))
        for done in chain.from_iterable(combinations(unsure, count) for count in range(len(unsure) + 1)):
            names = {name: now.get(name) if name in done else self.names.get(name) for name in {*now, *self.names}}
            for tail, make in TAILS.items():
                yield (
                    f"{tail}, names {done}",
                    {
                        name: _wreck(self.data.get(number, b""), bytes_now.get(number), make)
                        for name, number in names.items()
                        if number is not None
                    },
                )


def _wreck(kept: bytes, now: bytes | None, make: Tail) -> bytes:
    if now is None:
        return kept
    pairs = zip(kept, now, strict=False)
    same = next((place for place, (one, other) in enumerate(pairs) if one != other), min(len(kept), len(now)))
    if same == len(now):  # it was cut
        return kept if make(b"x") != b"x" else now
    return now[:same] + make(now[same:])
