"""A name is found whatever script, width, spacing or order it was typed in."""

from __future__ import annotations

import csv
import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_cli.identity.companies import company_key
from crm_cli.identity.scripts import VARIANTS, folded, name_keys

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("CRM_DATA", ROOT.parent / "shared" / "data"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("赵龙", "趙龍"),
        ("王小明", "王 小明"),
        ("王小明", "小明　王"),
        ("Wang Xiaoming", "xiaoming WANG"),
        ("Ｗang", "wang"),
        ("José García", "garcia, jose"),
        ("范冰", "範冰"),
        ("于谦", "於謙"),
    ],
)
def test_written_otherwise_it_is_the_same_name(one: str, other: str) -> None:
    assert name_keys(one) & name_keys(other)


@pytest.mark.parametrize(("one", "other"), [("王小明", "王小林"), ("李娜", "李那"), ("", "王")])
def test_another_name_is_another_name(one: str, other: str) -> None:
    assert not name_keys(one) & name_keys(other)


@given(st.text())
def test_to_fold_twice_is_to_fold_once(text: str) -> None:
    assert folded(folded(text)) == folded(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("深圳市甲乙有限公司", "深圳市甲乙"),
        ("甲乙股份有限公司", "甲乙有限責任公司"),
        ("（上海）甲乙公司", "上海甲乙"),
        ("Foo Bar Co., Ltd.", "FOO BAR LIMITED"),
    ],
)
def test_a_company_is_the_same_without_its_legal_form(one: str, other: str) -> None:
    assert company_key(one) == company_key(other)


def test_a_legal_form_alone_stays_a_name() -> None:
    assert company_key("公司") == "公司"
    assert company_key("甲公司") == "甲公司", "one sign is too little to be found by"


def test_no_character_stands_in_two_classes() -> None:
    signs = "".join(VARIANTS.read_text("utf-8").split())
    assert len(signs) == len(set(signs))


def test_the_table_is_what_the_dictionaries_say() -> None:
    sys.path.insert(0, str(ROOT / "tools"))
    import variants

    assert VARIANTS.read_text("utf-8").split() == variants.classes()


@pytest.mark.skipif(not (DATA / "han").is_dir(), reason="the published vectors are not on this machine")
def test_published_pairs_of_scripts_match() -> None:
    with (DATA / "han" / "opencc_testcases.csv").open(encoding="utf-8") as file:
        rows = [
            row for row in csv.DictReader(file) if row["config"] in ("hk2t", "tw2t", "s2hk", "s2tw", "t2hk", "t2tw")
        ]
    same = [folded(row["input"]) == folded(row["expected"]) for row in rows]
    assert len(rows) > 150
    assert all(same)
