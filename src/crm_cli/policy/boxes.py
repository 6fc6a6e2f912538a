"""Exact arithmetic on boxes: a box is one set of atoms a fact, as bits; a `when` is a box, so is the world."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crm_cli.policy.cells import values
from crm_cli.policy.vocabulary import Number

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from crm_cli.policy.vocabulary import Domain

Box = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Axis:
    """One fact: its words, or the pieces into which all ranges of a table cut its numbers."""

    name: str
    atoms: tuple[Any, ...]
    numeric: bool

    @property
    def full(self) -> int:
        """Answer the set of all atoms."""
        return (1 << len(self.atoms)) - 1

    def bits(self, fits: Sequence[Any]) -> int:
        """Answer the set of atoms that satisfy a cell."""
        if self.numeric:
            return sum(1 << at for at, atom in enumerate(self.atoms) if _within(atom, fits))
        return sum(1 << at for at, atom in enumerate(self.atoms) if atom in fits)

    def chosen(self, bits: int) -> list[Any]:
        """Answer the atoms of a set; numbers as ranges, neighbours joined."""
        atoms = [atom for at, atom in enumerate(self.atoms) if bits >> at & 1]
        return _joined(atoms) if self.numeric else atoms


def _within(atom: tuple[int, int | None], ranges: Sequence[Any]) -> bool:
    return any(low <= atom[0] and (high is None or (atom[1] is not None and atom[1] <= high)) for low, high in ranges)


def _joined(atoms: Iterable[Any]) -> list[Any]:
    answer: list[list[Any]] = []
    for low, high in atoms:
        if answer and answer[-1][1] is not None and answer[-1][1] + 1 == low:
            answer[-1][1] = high
        else:
            answer.append([low, high])
    return answer


def axis(name: str, domain: Domain, cells: Iterable[Sequence[Any]]) -> Axis:
    """Answer the axis of a fact, cut finely enough for all cells that test it."""
    if isinstance(domain, Number):
        return Axis(name, tuple(_pieces(domain, cells)), numeric=True)
    return Axis(name, values(domain), numeric=False)


def _pieces(domain: Number, cells: Iterable[Sequence[Any]]) -> list[tuple[int, int | None]]:
    starts = {domain.least}
    for ranges in cells:
        for low, high in ranges:
            starts |= {low} if high is None else {low, high + 1}
    ordered = sorted(start for start in starts if domain.most is None or start <= domain.most)
    ends = [*(start - 1 for start in ordered[1:]), domain.most]
    return list(zip(ordered, ends, strict=True))


def box(axes: Sequence[Axis], when: Mapping[str, Sequence[Any]]) -> Box:
    """Answer the box of a `when`; a fact that it leaves out may be anything."""
    return tuple(axis.bits(when[axis.name]) if axis.name in when else axis.full for axis in axes)


def meet(one: Box, other: Box) -> Box | None:
    """Answer what two boxes share; None when they share nothing."""
    shared = tuple(a & b for a, b in zip(one, other, strict=True))
    return shared if all(shared) else None


def without(one: Box, other: Box) -> list[Box]:
    """Answer one box less another, as boxes that do not touch."""
    if meet(one, other) is None:
        return [one]
    answer = []
    rest = list(one)
    for at, bits in enumerate(other):
        outside = rest[at] & ~bits
        if outside:
            answer.append((*rest[:at], outside, *rest[at + 1 :]))
            rest[at] &= bits
    return answer


def less(boxes: Iterable[Box], others: Iterable[Box]) -> list[Box]:
    """Answer boxes less other boxes."""
    left = list(boxes)
    for other in others:
        left = [piece for one in left for piece in without(one, other)]
    return left


def merged(boxes: Iterable[Box]) -> list[Box]:
    """Answer the same region in fewer boxes where two differ in a single fact."""
    left = list(boxes)
    for at in range(len(left[0]) if left else 0):
        groups: dict[Box, int] = {}
        for one in left:
            key = (*one[:at], 0, *one[at + 1 :])
            groups[key] = groups.get(key, 0) | one[at]
        left = [(*key[:at], bits, *key[at + 1 :]) for key, bits in groups.items()]
    return left


def shown(axes: Sequence[Axis], one: Box) -> str:
    """Answer the facts of a box as a policy would write them; facts that may be anything are left out."""
    parts = [_fact(axis, bits) for axis, bits in zip(axes, one, strict=True) if bits != axis.full]
    return "{" + ", ".join(parts) + "}"


def _fact(axis: Axis, bits: int) -> str:
    texts = [_range(*atom) if axis.numeric else str(atom).lower() for atom in axis.chosen(bits)]
    return f"{axis.name}: {texts[0]}" if len(texts) == 1 else f"{axis.name}: [{', '.join(texts)}]"


def _range(low: int, high: int | None) -> str:
    if high is None:
        return f"at least {low}"
    return str(low) if low == high else f"{low} to {high}"
