"""How well the like are found in published files with known pairs: python bench/likeness.py FOLDER."""

from __future__ import annotations

import csv
import re
import sys
from collections import defaultdict
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

from crm_cli.identity import phones
from crm_cli.identity.likeness import blocks, likeness

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FIRST = 5  # how many candidates are looked at

Row = dict[str, str]


def card(row: Mapping[str, str]) -> Row:
    """Answer a row of any of the files as a card."""
    born = row.get("date_of_birth") or "".join(f"{int(row[part]):02}" for part in ("by", "bm", "bd") if part in row)
    phone = phones.read(row.get("phone_number", ""), "AU")
    words = ("street_number", "address_1", "address_2", "suburb", "postcode")
    fields = {
        "name": " ".join(
            row[part] for part in ("given_name", "fname_c1", "fname_c2", "surname", "lname_c1") if row.get(part)
        ),
        "birthday": f"{born[:4]}-{born[4:6]}-{born[6:]}" if born else "",
        "address": " ".join(row[word] for word in words if row.get(word)),
        "identity": row.get("soc_sec_id", ""),
        "phone": phone.key if phone else row.get("phone_number", ""),
    }
    return {field: value for field, value in fields.items() if value}


def person(row: Mapping[str, str]) -> str:
    """Answer who a row is about, as the file knows it."""
    found = re.match(r"rec-(\d+)", row.get("rec_id", ""))
    return row.get("true_person") or (found[1] if found else "")


def told(path: Path) -> str:
    """Answer the figures of one file as a row of a table."""
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    cards, people = [card(row) for row in rows], [person(row) for row in rows]
    index: dict[str, list[int]] = defaultdict(list)
    for number, one in enumerate(cards):
        for word in blocks(one):
            index[word].append(number)
    pairs, found, reachable, with_one = _ranked(cards, people, index)
    exact = ", ".join(f"{field} {_precision(cards, people, field)}" for field in ("phone", "identity"))
    share = f"{found / pairs:.1%} of {pairs} pairs (at most {reachable / pairs:.1%} could be)"
    return f"| {path.stem} | {share} | {with_one} | {exact} |"


def _ranked(cards: list[Row], people: list[str], index: Mapping[str, list[int]]) -> tuple[int, int, int, str]:
    pairs = found = reachable = some = hits = 0
    for number, one in enumerate(cards):
        mates = {other for other, who in enumerate(people) if who == people[number]} - {number}
        if not mates:
            continue
        like = {other for word in blocks(one) for other in index[word]} - {number}
        first = sorted(like, key=lambda other: -likeness(one, cards[other]).score)[:FIRST]
        pairs, found, reachable = (
            pairs + len(mates),
            found + len(mates & set(first)),
            reachable + min(FIRST, len(mates)),
        )
        some, hits = some + 1, hits + bool(mates & set(first))
    return pairs, found, reachable, f"{hits / some:.1%} of {some}"


def _precision(cards: list[Row], people: list[str], field: str) -> str:
    same: dict[str, list[str]] = defaultdict(list)
    for one, who in zip(cards, people, strict=True):
        if field in one:
            same[one[field]].append(who)
    right = [one == other for group in same.values() for one, other in combinations(group, 2)]
    return f"{sum(right) / len(right):.3f} of {len(right)}" if right else "-"


def rows(folder: Path) -> Iterable[str]:
    """Answer the table: which share of the known pairs is among the first five, and how often equal keys are right."""
    yield f"| file | true partner among the first {FIRST} | rows with one among them | precision of equal keys |"
    yield "|---|---|---|---|"
    for name in ("febrl1.csv", "febrl_phone_C_1000.csv", "RLdata500.csv"):
        yield told(folder / name)


if __name__ == "__main__":
    for row in rows(Path(sys.argv[1])):
        print(row)
