"""The worked examples of the rulebook's fines, and every reading of it that is a switch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from dealer import SCENARIOS, Dealer, end_of, told

if TYPE_CHECKING:
    from pathlib import Path

CHECKS = "delivery_checklist, pdi_checklist"
SWITCHES = [
    # what the overlay sets, which example shows it, the total then
    ("fines#repeat.count_by: {was: none, is: article}", "P11", "90.00"),
    ("fines#repeat.count_by: {was: none, is: item}", "P08", "60.00"),
    ("fines#repeat.window: {was: none, is: 30 days}", "P14", "250.00"),
    ("fines#repeat.doubling: {was: none, is: compounding}", "P13", "310.00"),
    ("fines#again.doubled: {was: none, is: true}", "P34", "250.00"),
    ("fines#again.counts: {was: none, is: false}", "P35", "150.00"),
    ("fines#items.any.lost_or_damaged.counts: {was: none, is: false}", "P39", "90.00"),
    ("fines#items.service.missing.in_time: {was: none, is: service_hand_over}", "P21", "0.00"),
    (f"fines#items.sales.unsigned_by_customer.of: {{was: [{CHECKS}], is: contract_original}}", "P09", "20.00"),
    ("fines#again.cap: {was: none, is: 1}", "P33", "250.00"),
]  # fmt: skip


@pytest.mark.parametrize("nightly", [False, True])
@pytest.mark.parametrize("name", SCENARIOS)
def test_an_example_comes_out_as_told_whether_or_not_the_night_ran(name: str, nightly: bool, tmp_path: Path) -> None:
    scenario, dealer = SCENARIOS[name], Dealer(tmp_path)
    deductions = dealer.play(scenario["events"], nightly=nightly)
    answer = dealer.does("penalty list", "Director", end_of(scenario))
    assert sorted(map(told, answer["penalties"]), key=str) == sorted(
        ({name: one[name] for name in told_keys(one)} for one in scenario["lines"]), key=str
    )
    assert answer["total"] == scenario["total"]
    assert deductions == scenario.get("deductions", [])
    assert all(row["cites"] for row in answer["penalties"])


def told_keys(one: dict[str, object]) -> list[str]:
    """Answer the keys of a line in the order in which `told` gives them."""
    order = ("date", "person", "role", "quantity", "multiplier", "amount", "visit", "article", "unit", "time", "waived")
    return [name for name in order if name in one]


@pytest.mark.parametrize(("change", "name", "total"), SWITCHES, ids=[one[0].partition(":")[0] for one in SWITCHES])
def test_another_reading_is_a_switch_with_the_stated_effect(change: str, name: str, total: str, tmp_path: Path) -> None:
    dealer = Dealer(tmp_path, f"  {change}")
    dealer.play(SCENARIOS[name]["events"])
    answer = dealer.does("penalty list", "Director", end_of(SCENARIOS[name]))
    assert answer["total"] == total
    assert SCENARIOS[name]["total"] != total


def test_a_house_may_let_the_deduction_reach_sales_advisers(tmp_path: Path) -> None:
    dealer = Dealer(
        tmp_path, "  fines#deduct.roles: {was: service_adviser, is: [service_adviser, sales_adviser]}\n"
        "  fines#deduct.from: {was: 3, is: 2}",
    )  # fmt: skip
    events = [*SCENARIOS["P12"]["events"], {
        "do": "deduct", "at": "2025-03-31", "person": "Li", "role": "sales_adviser", "month": "2025-03", "rate": 0.1,
        "base": "4000",
    }]  # fmt: skip
    assert dealer.play(events) == ["400.00"]


@pytest.mark.parametrize(
    ("settings", "name", "total"),
    [
        ("calendar:\n  limits: {ends: time}\n", "P01", "50.00"),
        ("calendar:\n  working_days: [mon, tue, wed, thu, fri, sat, sun]\n", "P04", "50.00"),
    ],
)
def test_what_the_calendar_of_an_office_says_of_working_days_decides(
    settings: str, name: str, total: str, tmp_path: Path
) -> None:
    dealer = Dealer(tmp_path, settings=settings)
    dealer.play(SCENARIOS[name]["events"])
    assert dealer.does("penalty list", "Director", end_of(SCENARIOS[name]))["total"] == total
