"""The words that a reply may not contain."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_cli.rules.case.lint import hits

FORBIDDEN = ["不", "不懂", "不行", "不知道", "不是我管的", "可是", "但是"]
ALLOWED = ["对不起", "不好意思", "不客气", "不错"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("这个不是我管的,但是我可以问一下", ["不是我管的", "但是"]),
        ("对不起,让您久等了,我马上安排", []),
        ("不,今天办理", ["不"]),
        ("不。", ["不"]),
        ("好,不!明天", ["不"]),
        ("这不是问题", []),
        ("不好意思,不知道", ["不知道"]),
        ("不错", []),
        ("", []),
    ],
)
def test_the_longest_word_counts_and_a_bare_sign_only_alone(text: str, found: list[str]) -> None:
    assert hits(text, FORBIDDEN, ALLOWED) == found


@given(st.text(), st.sampled_from(FORBIDDEN[1:]), st.text())
def test_a_forbidden_word_among_others_is_found(before: str, word: str, after: str) -> None:
    assert word in hits(f"{before} {word} {after}", [word], [])


def test_no_list_forbids_nothing() -> None:
    assert hits("不", [], ALLOWED) == []
