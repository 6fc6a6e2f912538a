"""Limits as a rulebook writes them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_cli.errors import UsageError
from crm_cli.worktime import Limit, limit
from crm_cli.worktime.limits import EXAMPLES, MOST


@pytest.mark.parametrize("text", EXAMPLES)
def test_what_is_offered_is_read_and_told_as_it_is_written(text: str) -> None:
    assert limit(text).text == text
    assert limit(f"{text} after handled_at") == Limit(limit(text).unit, limit(text).amount, "handled_at")
    assert limit(f"{text} after archive.filed_at").text == f"{text} after archive.filed_at"


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("24 hours", "24h"),
        ("1 hour", "1h"),
        ("1 days", "1 day"),
        ("2 working day", "2 working days"),
        ("0 days", "0 days"),
        ("9:05 next working day", "09:05 next working day"),
        ("07 days", "7 days"),
    ],
)
def test_one_limit_has_one_text(typed: str, told: str) -> None:
    assert limit(typed).text == told


@pytest.mark.parametrize(
    ("typed", "fix"),
    [
        ("3 workdays", "did you mean '3 working days'?"),
        ("5 workinghours", "did you mean '5 working hours'?"),
        ("2 business days", "did you mean '2 working days'?"),
        ("7days", "did you mean '7 days'?"),
        ("30min", "did you mean '30 minutes'?"),
        ("day 40 of next month", "did you mean 'day 10 of next month'?"),
        ("25:00 next working day", "did you mean '10:00 next working day'?"),
        ("end of the work", "did you mean 'end of work'?"),
        ("0 working days", "did you mean '1 working day'?"),
        ("三天", "write one like: 24h, "),
        ("", "write one like: 24h, "),
        ("3 days after Handled", "write one like: 24h, "),
        ("100000 days", "did you mean"),
        ("101 years", "did you mean '10 years'?"),
    ],
)
def test_what_is_no_limit_is_refused_with_the_nearest(typed: str, fix: str) -> None:
    with pytest.raises(UsageError) as refused:
        limit(typed)
    assert refused.value.fix.startswith(fix)


@given(st.sampled_from([*MOST]), st.integers(1, 100))
def test_every_amount_of_every_unit_comes_back(unit: str, amount: int) -> None:
    assert limit(Limit(unit, amount).text) == Limit(unit, amount)


@given(st.text())
def test_any_text_is_a_limit_or_refused(text: str) -> None:
    try:
        read = limit(text)
    except UsageError:
        return
    assert limit(read.text) == read
