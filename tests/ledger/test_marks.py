"""Marks: found in the order of their keys, whatever was set and taken away, settled or not, forked or read again."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from crm_cli.ledger import index
from crm_cli.past import Past

if TYPE_CHECKING:
    import pytest

KEYS = st.text("ab|~甲\U0001f600", max_size=3)
DEEDS = st.lists(st.tuples(st.sampled_from(["mark", "unmark", "settle"]), st.sampled_from(["x", "y"]), KEYS))


def _base() -> index.Index:
    base = sqlite3.connect(":memory:", isolation_level=None)
    base.executescript(index._TABLES)
    base.execute("INSERT INTO tip VALUES ('', NULL)")
    return index.Index(base)


@settings(deadline=None)
@given(deeds=DEEDS, low=KEYS, high=st.none() | KEYS)
def test_marks_stand_in_order_until_they_are_taken_away(
    deeds: list[tuple[str, str, str]], low: str, high: str | None
) -> None:
    base = _base()
    past, model = Past(base), {"x": set[str](), "y": set[str]()}
    for deed, kind, key in deeds:
        if deed == "settle":
            index._insert(base._base, past, {}, None)
            past.settled()
        elif deed == "mark":
            past.mark(kind, key)
            model[kind].add(key)
        else:
            past.unmark(kind, key)
            model[kind].discard(key)
    for kind, keys in model.items():
        expected = sorted(key for key in keys if low <= key and (high is None or key < high))
        assert list(past.marks(kind, low, high)) == expected
        assert list(past.fork().marks(kind, low, high)) == expected


def test_more_marks_than_a_page_are_all_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "PAGE", 3)
    base = _base()
    past = Past(base)
    for number in range(10):
        past.mark("x", str(number))
    index._insert(base._base, past, {}, None)
    assert list(Past(base).marks("x", "2", "9")) == [str(number) for number in range(2, 9)]
