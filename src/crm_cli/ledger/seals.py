"""What is wrong with the seals of a ledger, and with what its segments say of the ones before them."""

from __future__ import annotations

from hashlib import file_digest
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from crm_cli.language import _
from crm_cli.ledger import turn
from crm_cli.ledger.chain import SEAL, Damage, segments

if TYPE_CHECKING:
    from collections.abc import Container, Iterator
    from pathlib import Path


class Amiss(NamedTuple):
    """A file of the ledger, one of its lines, and what is wrong there."""

    file: str
    line: int
    what: str


def amiss(folder: Path, damaged: Container[str], *, turning: bool) -> Iterator[Amiss]:
    """Answer what is wrong with the seals of all segments but the newest, which has none.

    `damaged` segments are known to be wrong: only what others say of them is looked at. When the month is `turning`,
    nothing stands in the newest segment but what opened it, and the one before may not be sealed yet; nor may it be
    where the newest is damaged.
    """
    names = segments(folder)
    for path in sorted(folder.glob(f"*{SEAL}")) if not names else ():
        yield Amiss(path.name, 1, _("the segment that this seals is missing"))
    for name, following in pairwise(names):
        opened = turn.opening(folder, following, name)
        if opened is None and following not in damaged:
            yield Amiss(following, 1, _("the segment does not begin with what opens it"))
        elif opened and name not in damaged and not _agrees(folder, turn.remembered(folder, name, opened)):
            yield Amiss(following, 1, _("this line does not describe the segment before it as it is"))
        else:
            yield from _seal_amiss(
                folder, name, following, turning=following == names[-1] and (turning or following in damaged)
            )


def _agrees(folder: Path, said: turn.Sealed) -> bool:
    with (folder / said.name).open("rb") as file:
        return file_digest(file, "sha256").hexdigest() == said.sha256 and file.tell() == said.size


def expected(folder: Path, name: str, following: str) -> bytes | None:
    """Answer what the seal of a segment should be, None where neither it nor the next one can say."""
    opened = turn.opening(folder, following, name)
    if opened is not None:
        return turn.remembered(folder, name, opened).text
    try:
        return turn.measured(folder, name).text
    except Damage:
        return None


def _seal_amiss(folder: Path, name: str, following: str, *, turning: bool) -> Iterator[Amiss]:
    seal, wanted = turn.seal_of(name), expected(folder, name, following)
    try:
        found = (folder / seal).read_bytes()
    except FileNotFoundError:
        if not turning:
            yield Amiss(seal, 1, _("the seal is missing"))
        return
    if wanted is not None and found != wanted:
        lines = zip(found.splitlines(), wanted.splitlines(), strict=False)
        number = next((number for number, (one, other) in enumerate(lines, 1) if one != other), 1)
        yield Amiss(seal, number, _("the seal does not fit the segment"))
