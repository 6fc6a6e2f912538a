"""A table of authority: written in whole amounts, known to the hundredth, amended by an office."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest

from crm_cli.policy.book import Book
from crm_cli.rules.topics import TOPICS

POLICIES = Path(__file__).parents[2] / "policies"
LOCAL = """
policy: complaint
house: local
edition: 2025-01-01
title: {zh: 本店, en: ours}
extends: {policy: complaint, house: dealer-group}
set:
  authority#any.when.amount: {was: any, is: at most 500}
  authority#any.then.authority: {was: general_manager, is: department_manager}
add:
  authority#middle: {when: {amount: 500.01 to 5000}, then: {authority: general_manager}, ref: "001.13.2.9"}
  authority#large: {when: {amount: over 5000}, then: {authority: brand_division}, ref: "001.13.2.9"}
"""


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """Policies with the bands of an office laid over the house of the group."""
    folder = shutil.copytree(POLICIES, tmp_path / "policies")
    (folder / "local").mkdir()
    (folder / "local" / "complaint@2025-01-01.yaml").write_text(LOCAL, "utf-8")
    return Path(folder)


@pytest.mark.parametrize(
    ("hundredths", "who"),
    [
        (0, "department_manager"),
        (50_000, "department_manager"),
        (50_001, "general_manager"),
        (500_000, "general_manager"),
        (500_001, "brand_division"),
    ],
)
def test_the_bands_of_an_office_are_exact(office: Path, hundredths: int, who: str) -> None:
    book = Book.open(office, "dealer-group", ["local"], TOPICS, None)
    hit = book.at(dt.date(2025, 3, 3)).table("complaint", "authority", {"amount": hundredths})
    assert hit.then == {"authority": who}


def test_a_gap_of_a_hundredth_is_found(office: Path) -> None:
    file = office / "local" / "complaint@2025-01-01.yaml"
    file.write_text(LOCAL.replace("500.01 to", "501 to"), "utf-8")
    from crm_cli.policy.check import check

    found = [one.what for one in check(office, "local", [], TOPICS) if one.level == "error"]
    assert any("50001" in what for what in found), found
