"""Likeness proposes the true partner among the first few; keys find what one slip has changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_cli.identity import numbers
from crm_cli.identity.likeness import LIKE, blocks, likeness

if TYPE_CHECKING:
    import random

CARDS = st.fixed_dictionaries(
    {},
    optional={
        "name": st.text(max_size=12),
        "phone": st.from_regex(r"\+86[0-9]{11}", fullmatch=True),
        "birthday": st.dates().map(str),
        "address": st.text(max_size=20),
    },
)


@given(CARDS, CARDS)
def test_likeness_is_the_same_both_ways_and_whole_with_oneself(one: dict[str, str], other: dict[str, str]) -> None:
    assert likeness(one, other).score == likeness(other, one).score
    assert 0 <= likeness(one, other).score <= 100
    assert not any(one.values()) or likeness(one, one).score in (0, 100)


@given(st.text(alphabet="王李张刘陈伟芳娜敏静丽强磊军洋", min_size=3, max_size=4), st.integers(0, 3), st.randoms())
def test_a_name_with_one_slip_is_found_and_like(name: str, place: int, chance: random.Random) -> None:
    place = min(place, len(name) - 1)
    wrong = name[:place] + chance.choice("一二三") + name[place + 1 :]
    assert blocks({"name": name}) & blocks({"name": wrong})
    assert likeness({"name": name}, {"name": wrong}).score >= LIKE


def test_the_fields_that_say_so_are_named() -> None:
    one = {"name": "王小明", "phone": "+8613800138000", "birthday": "1980-01-02"}
    found = likeness(one, {"name": "王小朋", "phone": "+8613800138000", "birthday": "1980-01-02"})
    assert found.fields == ("phone", "birthday")
    assert found.score > 80


def test_nothing_in_common_is_nothing_alike() -> None:
    assert likeness({"name": "王小明"}, {"phone": "+8613800138000"}).score == 0
    assert not blocks({"name": "王小明"}) & blocks({"name": "欧阳锋"})


@pytest.mark.parametrize(
    ("typed", "register", "valid"),
    [
        ("11010519491231002X", "citizen", True),
        ("11010519491231002x ", "citizen", True),
        ("110105194912310021", "citizen", False),
        ("９１３５０１００Ｍ０００１００Ｙ４３", "company", True),
        ("91350100M000100Y44", "company", False),
    ],
)
def test_identity_and_company_numbers_by_their_check_digit(typed: str, register: str, valid: bool) -> None:
    found = numbers.read(typed)
    assert found is not None
    assert (found.register, found.valid) == (register, valid)


def test_what_has_another_shape_is_no_such_number() -> None:
    assert numbers.read("123") is None
    assert numbers.read("一二三四五六七八九十一二三四五六七八") is None
