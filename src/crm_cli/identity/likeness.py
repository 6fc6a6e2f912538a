"""Which entries may be the same customer: keys under which the like are found, and a score of how like two are.

Likeness proposes and never decides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from crm_cli.identity.scripts import tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Card = dict[str, str]  # what is known of a customer: kind of field -> what was typed, in one form where it has one

SHORTEST = 3  # letters of a word that alone says something
WEIGHTS = {"name": 4.0, "company": 3.0, "phone": 4.0, "identity": 5.0, "birthday": 3.0, "address": 2.0}
NEAR = 80  # of 100: a field that is as like as this speaks for it
LIKE = 45  # of 100: what is less like is not proposed


class Likeness(NamedTuple):
    """How like two entries are, of 100, and the fields that say so, best first."""

    score: int
    fields: tuple[str, ...]


def blocks(card: Mapping[str, str]) -> set[str]:
    """Answer the words under which an entry is found by those that are like it; few entries share one by chance."""
    found = {f"{kind}:{value}" for kind, value in card.items() if kind in ("phone", "identity", "birthday") and value}
    found |= {f"name:{word}" for word in _name_blocks(tokens(card.get("name", "")))}
    found |= {f"address:{word}" for word in _address_blocks(tokens(card.get("address", "")))}
    for kind in ("phone", "identity"):
        found |= {f"{kind}~{part}" for part in _halves(card.get(kind, ""))}
    if card.get("birthday"):
        found |= {f"born:{part}" for part in _without_one(card["birthday"].replace("-", ""))}
    return found


def _name_blocks(words: list[str]) -> Iterable[str]:
    """Answer a name whole, in any order, and with any one sign left out: a slip of one sign is still found."""
    whole = "".join(sorted(words))
    yield whole
    if len(whole) > 2:  # noqa: PLR2004 - of two signs, one left alone says nothing
        yield from _without_one(whole)
    for word in words:
        if len(word) > SHORTEST and len(words) > 1:
            yield from (f"{part}+" for part in {word, *_without_one(word)})


def _without_one(text: str) -> set[str]:
    return {text[:place] + text[place + 1 :] for place in range(len(text))}


def _address_blocks(words: list[str]) -> Iterable[str]:
    numbers = [word for word in words if word.isdigit()]
    names = [word for word in words if not word.isdigit() and len(word) > SHORTEST]
    return (f"{number} {name}" for number in numbers for name in names)


def _halves(number: str) -> set[str]:
    middle = len(number) // 2
    return {f"<{number[:middle]}", f">{number[middle:]}"} if middle > SHORTEST else set()


def likeness(one: Mapping[str, str], other: Mapping[str, str]) -> Likeness:
    """Answer how like two entries are by the fields that both have."""
    scores = {kind: _like(kind, one[kind], other[kind]) for kind in WEIGHTS if one.get(kind) and other.get(kind)}
    weight = sum(WEIGHTS[kind] for kind in scores)
    if not weight:
        return Likeness(0, ())
    total = sum(WEIGHTS[kind] * score for kind, score in scores.items()) / weight
    speaking = [kind for kind, score in scores.items() if score >= NEAR]
    ranked = sorted(speaking, key=lambda kind: -scores[kind] * WEIGHTS[kind])
    return Likeness(round(total), tuple(ranked))


def _like(kind: str, one: str, other: str) -> float:
    from rapidfuzz import fuzz  # noqa: PLC0415 - only where candidates are looked for
    from rapidfuzz.distance import OSA  # noqa: PLC0415

    if kind in ("name", "company", "address"):
        words = (" ".join(tokens(one)), " ".join(tokens(other)))
        return max(fuzz.token_sort_ratio(*words), fuzz.ratio(words[0].replace(" ", ""), words[1].replace(" ", "")))
    return max(0.0, 100.0 - 25.0 * OSA.distance(one, other))
