"""Cells: what may stand in a `when` or a `then`, and what it means."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from crm_cli.language import _
from crm_cli.policy import reader
from crm_cli.policy.node import BAD, Node
from crm_cli.policy.vocabulary import Flag, Number

if TYPE_CHECKING:
    from crm_cli.policy.finding import Findings
    from crm_cli.policy.vocabulary import Domain

Range = tuple[int | None, int | None]
_N = r"(-?[0-9]{1,15}(?:\.[0-9]{1,2})?)"
_RANGES = (
    (re.compile(f"at most {_N}"), lambda n: (None, n)),
    (re.compile(f"at least {_N}"), lambda n: (n, None)),
    (re.compile(f"over {_N}"), lambda n: (n + 1, None)),
    (re.compile(f"under {_N}"), lambda n: (None, n - 1)),
    (re.compile(f"{_N} to {_N}"), lambda n, m: (n, m)),
)


@dataclass(frozen=True, slots=True)
class Cell:
    """A condition on one fact: `meaning` as it enters the hash, `fits` the words or the ranges that satisfy it."""

    meaning: Any
    fits: list[Any]


def condition(name: str, node: Node, domain: Domain, found: Findings) -> Cell | None:
    """Answer the cell that stands in a `when`; None after a finding."""
    if isinstance(node.value, dict):
        return _negated(name, node, domain, found)
    positive = _positive(name, node, domain, found)
    if positive is None:
        return None
    return Cell(positive, positive if not isinstance(domain, Number) else _clipped(node, positive, domain, found))


def _negated(name: str, node: Node, domain: Domain, found: Findings) -> Cell | None:
    reader.known_keys(node, ("not",), found)
    if not reader.wanted_keys(node, ("not",), found):
        return None
    inner = _positive(name, node.value["not"], domain, found)
    if inner is None:
        return None
    if isinstance(domain, Number):
        rest = _complement(_clipped(node, inner, domain, found), domain)
    else:
        rest = [word for word in values(domain) if word not in inner]
    if not rest:
        what = _("no {fact} is left over").format(fact=name)
        found.error(node.place, what, _("take a word out of not:"))
    return Cell({"not": inner}, rest)


def _positive(name: str, node: Node, domain: Domain, found: Findings) -> list[Any] | None:
    if isinstance(domain, Number):
        return _ranges(node, domain.unit, found)
    if isinstance(domain, Flag):
        return _flags(name, node, found)
    return sorted(reader.words(node, domain, name, found)) or None


def _flags(name: str, node: Node, found: Findings) -> list[bool] | None:
    if isinstance(node.value, bool):
        return [node.value]
    if node.value is not BAD:
        found.error(node.place, _("{fact} is true or false").format(fact=name), _("write true or false"))
    return None


def _ranges(node: Node, unit: int, found: Findings) -> list[Range] | None:
    ranges = [_range(item, unit, found) for item in reader.listed(node)]
    if not ranges:
        reader.items(node, found)
    if not ranges or None in ranges:
        return None
    return sorted((one for one in ranges if one), key=str)


def _range(node: Node, unit: int, found: Findings) -> Range | None:
    if isinstance(node.value, int) and not isinstance(node.value, bool):
        return (node.value * unit, node.value * unit)
    if isinstance(node.value, str):
        for pattern, bounds in _RANGES:
            if match := pattern.fullmatch(node.value):
                numbers = [Fraction(group) * unit for group in match.groups()]
                if all(number.denominator == 1 for number in numbers):
                    return bounds(*map(int, numbers))
    if node.value is not BAD:
        what = _("a number or a range is wanted here")
        found.error(node.place, what, _("write 5, at most 5, at least 5, over 5, under 5 or 5 to 10"))
    return None


def _clipped(node: Node, ranges: list[Range], domain: Number, found: Findings) -> list[Any]:
    """Answer the ranges within the domain; one that holds no number of it is a finding."""
    answer = []
    for low, high in ranges:
        least = domain.least if low is None else max(low, domain.least)
        most = high if domain.most is None else domain.most if high is None else min(high, domain.most)
        if most is not None and most < least:
            found.error(node.place, _("no number fits this range"), _("write a range that holds a number"))
        else:
            answer.append([least, most])
    return sorted(answer)


def _complement(ranges: list[Any], domain: Number) -> list[Any]:
    answer: list[Any] = []
    start: int | None = domain.least
    for low, high in ranges:
        if start is not None and low > start:
            answer.append([start, low - 1])
        start = None if high is None or start is None else max(start, high + 1)
    if start is not None and (domain.most is None or start <= domain.most):
        answer.append([start, domain.most])
    return answer


def values(domain: Domain) -> tuple[Any, ...]:
    """Answer every word of a finite domain."""
    if isinstance(domain, Flag):
        return (True, False)
    return () if isinstance(domain, Number) else domain


def outcome(name: str, node: Node, domain: Domain, found: Findings) -> Any:
    """Answer the single value that stands in a `then`; None after a finding."""
    if isinstance(domain, Number):
        return _number(node, domain, found)
    if isinstance(domain, Flag):
        flags = _flags(name, node, found)
        return flags[0] if flags else None
    return reader.word(node, domain, name, found)


def _number(node: Node, domain: Number, found: Findings) -> int | None:
    value = node.value
    whole = isinstance(value, int) and not isinstance(value, bool)
    if whole and domain.least <= value and (domain.most is None or value <= domain.most):
        return int(value) * domain.unit
    if value is not BAD:
        found.error(node.place, _wanted(domain), _("write digits"))
    return None


def _wanted(domain: Number) -> str:
    if domain.most is None:
        return _("a number from {least} is wanted here").format(least=domain.least)
    return _("a number from {least} to {most} is wanted here").format(least=domain.least, most=domain.most)
