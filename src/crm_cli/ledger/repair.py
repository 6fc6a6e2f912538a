"""Damaged lines put back from a copy, and seals made again; nothing is changed before the outcome is proven whole."""

from __future__ import annotations

import os
from contextlib import suppress
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from crm_cli.errors import DataError, UsageError
from crm_cli.language import _
from crm_cli.ledger import disk, segment, turn
from crm_cli.ledger.chain import SEGMENT, follows, segments
from crm_cli.ledger.find import last_line
from crm_cli.ledger.line import GENESIS, HASH_FIELD, claimed, computed, number, torn
from crm_cli.ledger.seals import expected
from crm_cli.ledger.verify import verify


class Mended(NamedTuple):
    """One range of a file: where it begins, what stood there, and which lines of the copy belong there."""

    file: str
    line: int
    offset: int
    damaged: bytes
    restored: list[bytes]


class Plan(NamedTuple):
    """What a repair changes: the ranges, and the files as they will be."""

    mended: list[Mended]
    files: dict[str, bytes]


def repair(folder: Path, copy: Path | None, *, dry_run: bool) -> tuple[list[Mended], list[str]]:
    """Answer what was damaged, and where its bytes are kept now; DataError when the copy does not fit both sides.

    Who does not only try it holds the lock.
    """
    with disk.trouble(folder):
        damaged = {finding.file for finding in verify(folder, attached=False).findings}
        if not damaged:
            return [], []
        with TemporaryDirectory(prefix="crm-") as made:
            plan = _Planning(folder, copies_of(copy), damaged).plan(Path(made) / folder.name)
            prove(Path(made) / folder.name)
        return plan.mended, [] if dry_run else _carried_out(folder, plan)


def copies_of(copy: Path | None) -> dict[str, Path]:
    """Answer the segments of a copy by their names: of an office, of a ledger, or the one that a file is."""
    if copy is None:
        return {}
    if copy.is_dir():
        inner = copy / "ledger" if (copy / "ledger").is_dir() else copy
        found = {name: inner / name for name in segments(inner)}
    else:
        found = {_name_of(copy): copy} if copy.is_file() else {}
    if not found:
        raise UsageError(_("there is no ledger in the copy"), fix=_("name an office, its ledger, or a segment"))
    return found


def _name_of(path: Path) -> str:
    """Answer the name of a segment that may lie about under another: the month of its first line."""
    with path.open("rb") as file:
        _before, _sign, logged = file.readline().partition(b'"logged":"')
    return logged[:7].decode("ascii", "replace") + SEGMENT


def prove(folder: Path) -> None:
    """Return when a ledger put together from what is good here and from the copy is whole: it fits on both sides."""
    for finding in verify(folder, attached=False).findings:
        raise DataError(
            _("the copy does not fit: {what}").format(what=finding.what), where=finding.where, fix=_("try another copy")
        )


class _Planning:
    """The ledger as it will be, put together in a folder apart."""

    def __init__(self, folder: Path, copies: dict[str, Path], damaged: set[str]) -> None:
        self._folder, self._copies, self._damaged = folder, copies, damaged
        self._plan = Plan([], {})
        self._endless = True  # whether nothing good follows the damage that was met last

    def plan(self, made: Path) -> Plan:
        """Answer what is to be changed, with the outcome in a new folder."""
        made.mkdir()
        names = segments(self._folder)
        for name in sorted({*names, *self._gone(names)}):
            self._put(made, name)
        sealed = bool(names) and (self._folder / turn.seal_of(names[-1])).exists()
        if sealed or self._endless:
            for name in sorted(name for name in self._copies if name > max(names, default="")):
                self._put(made, name)
        self._put_seals(made)
        return self._plan

    def _gone(self, names: list[str]) -> set[str]:
        """Answer the segments that are missing before others that know them, and that the copy has."""
        gone: set[str] = set()
        for name in names:
            before = follows(self._folder / name)
            while before not in names and before in self._copies and before not in gone:
                gone.add(before)
                before = follows(self._copies[before])
        return gone

    def _put(self, made: Path, name: str) -> None:
        ours = self._folder / name
        self._endless = False
        if ours.exists() and name not in self._damaged:
            (made / name).symlink_to(ours.resolve())
            return
        found = ours.read_bytes() if ours.exists() else b""
        mending = _Mending(f"{self._folder.name}/{name}", found, _numbered(self._copies.get(name)))
        mending.newest = name == max(segments(self._folder), default="")
        before = segments(made)[-1:]
        if before:
            mending.seq, mending.hash = number(last := last_line(made / before[0])), claimed(last)
        data = mending.whole()
        self._endless = mending.endless
        self._plan.mended.extend(mending.mended)
        (made / name).write_bytes(data)
        if data != found or not ours.exists():
            self._plan.files[name] = data

    def _put_seals(self, made: Path) -> None:
        for name, following in pairwise(segments(made)):
            seal = turn.seal_of(name)
            path, wanted = self._folder / seal, expected(made, name, following)
            found = path.read_bytes() if path.exists() else b""
            (made / seal).write_bytes(wanted or found)
            if wanted and wanted != found:
                self._plan.mended.append(Mended(f"{self._folder.name}/{seal}", 1, 0, found, [wanted]))
                self._plan.files[seal] = wanted


class _Mending:
    """One segment, line by line: what is good here is kept, what is between comes from the copy."""

    def __init__(self, where: str, found: bytes, copy: dict[int, bytes]) -> None:
        self.seq, self.hash = -1, GENESIS  # of the last good line
        self.mended: list[Mended] = []
        self.endless = False  # whether nothing good follows what was put back last
        self.newest = False  # whether the segment is one that grows
        self._where, self._ours, self._copy = where, BytesIO(found).readlines(), copy
        self._whole: list[bytes] = []

    def whole(self) -> bytes:
        """Answer the segment as it should be."""
        here = self._good(0)
        while here < len(self._ours) or not self._whole:
            stop = self._resumed(here)
            self._restore(here, stop)
            here = self._good(stop)
        return b"".join(self._whole)

    def _good(self, here: int) -> int:
        """Take over the lines that follow the last good one, and answer where they end."""
        for line in self._ours[here:]:
            if self.newest and self._whole and not line.endswith(b"\n") and torn(line, self.hash):
                self._whole.append(line)  # never acknowledged: the next writer puts it away
            elif number(line) == self.seq + 1 and _links(line, self.hash):
                self._take([line])
            else:
                break
            here += 1
        return here

    def _take(self, lines: list[bytes]) -> None:
        for line in lines:
            self._whole.append(line)
            self.seq, self.hash = self.seq + 1, claimed(line)

    def _resumed(self, here: int) -> int:
        """Answer where the lines are good again, as they say themselves or as the copy does; the end when nowhere."""
        for stop in range(here, len(self._ours)):
            line, before = self._ours[stop], self._ours[stop - 1] if stop > here else b""
            copied = claimed(self._copy.get(number(line) - 1, b""))
            hashes = {self.hash, copied, claimed(before), computed(before, self.hash)}
            if number(line) > self.seq + (stop == here) and any(_links(line, one) for one in hashes - {""}):
                return stop
        return len(self._ours)

    def _restore(self, here: int, stop: int) -> None:
        last = number(self._ours[stop]) - 1 if stop < len(self._ours) else self._last(here)
        missing = next((one for one in range(self.seq + 1, last + 1) if one not in self._copy), None)
        if missing is not None:
            raise _not_there(missing, f"{self._where}:{here + 1}", copied=bool(self._copy))
        lines = [self._copy[one] for one in range(self.seq + 1, last + 1)]
        offset, damaged = sum(map(len, self._ours[:here])), b"".join(self._ours[here:stop])
        self.mended.append(Mended(self._where, here + 1, offset, damaged, lines))
        self.endless = stop == len(self._ours)
        self._take(lines)
        if not self.endless:
            must_fit(self._ours[stop], self.hash, f"{self._where}:{stop + 1}")

    def _last(self, here: int) -> int:
        """Answer which line is the last where nothing good follows: the copy's last, or as many as were here."""
        known = set(self._whole)
        lost = sum(_was_written(line) for line in self._ours[here:] if line not in known)
        return max(self.seq + max(lost, not known), max(self._copy, default=-1))


def must_fit(line: bytes, previous: str, where: str) -> None:
    """Return when a good line follows what was put back before it."""
    if not _links(line, previous):
        what = _("the copy does not fit: this line follows another one than the copy has")
        raise DataError(what, where=where, fix=_("try another copy"))


def _not_there(seq: int, where: str, *, copied: bool) -> DataError:
    if copied:
        what = _("line {seq} is lost or damaged, and the copy does not have it").format(seq=seq)
        return DataError(what, where=where, fix=_("name a copy that has it"))
    what = _("line {seq} is lost or damaged").format(seq=seq)
    return DataError(what, where=where, fix="crm ledger repair --from COPY")


def _was_written(line: bytes) -> bool:
    """Answer whether a damaged line may have been one of ours: a note that somebody left was not."""
    return number(line) >= 0 or HASH_FIELD in line or b"\0" in line


def _links(line: bytes, previous: str) -> bool:
    return claimed(line) == computed(line, previous)


def _numbered(path: Path | None) -> dict[int, bytes]:
    """Answer the lines of a segment of the copy by their numbers."""
    lines = BytesIO(path.read_bytes()).readlines() if path else []
    return {number(line): line for line in lines if number(line) >= 0 and claimed(line)}


def _carried_out(folder: Path, plan: Plan) -> list[str]:
    """Keep the damaged bytes apart, then put the whole files in place; answer where each range is kept."""
    kept = [
        segment.quarantined(folder, Path(one.file).name, one.offset, one.damaged) if one.damaged else ""
        for one in plan.mended
    ]
    for name, data in plan.files.items():
        os.close(segment.begin(folder, name, data))
    for name in segments(folder)[:-1]:
        with suppress(OSError):
            disk.protect(folder / name)
    return kept
