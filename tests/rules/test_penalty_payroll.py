"""What payroll is told: what of a month is due, what is given back, and when a month is settled."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from dealer import MANAGER, SCENARIOS, Dealer

from crm_cli.commands import payslip
from crm_cli.render import Answer, text_of

if TYPE_CHECKING:
    from pathlib import Path

LINE = "2025-03-07/Li/V1/001.03.D1"
AGAIN = "2025-03-10/Li/V1/001.03.D10:001.03.D1"
LAST = "2025-03-18/Li/V2/001.03.D1"
APPEAL = "  fines#appeal: {was: none, is: {within: 60 days, ref: A1}}"
CAP = '  fines#cap: {was: none, is: "120.50"}'
MARCH, APRIL, MAY, JUNE = (f"2025-{day}T09:00:00+08:00" for day in ("03-31", "04-02", "05-02", "06-02"))
Row = dict[str, Any]


def repeated(folder: Path, changes: str = APPEAL) -> Dealer:
    """Answer a dealer where Li was late twice, and once more on a day after an order, which is executed."""
    made = Dealer(folder, changes)
    made.play(SCENARIOS["P34"]["events"])
    for line in (LINE, AGAIN):
        made.does(f"penalty execute {line}", "Director", MARCH)
    return made


def statement(made: Dealer, month: str, person: str = "Li", now: str = JUNE) -> Row:
    return made.does(f"penalty statement {person} --month {month}", person, now)


def told(made: Dealer, month: str) -> list[tuple[str, str, str, int | None]]:
    rows = statement(made, month)["lines"]
    return [(row["id"], row["state"], row["amount"], row["time"]) for row in rows]


def sums(answer: Row) -> list[str]:
    return [answer[name] for name in ("total", "executed", "undecided", "due")]


def table(made: Dealer, month: str, person: str, now: str = JUNE) -> list[dict[str, str]]:
    """Answer the rows of a statement as a program reads them from CSV."""
    answer = statement(made, month, person, now)
    return list(csv.DictReader(io.StringIO(text_of(Answer(answer, rows=payslip.table(answer)), "csv"))))


# ── what a repetition rests on ─────────────────────────────────────────────────────────────────────────────────────


def test_with_an_original_that_is_reversed_its_executed_repetitions_are_given_back(tmp_path: Path) -> None:
    made = repeated(tmp_path)
    assert told(made, "2025-03")[2] == (LAST, "proposed", "100.00", 3)
    made.does(f"penalty appeal {LINE} --reason ill", "Li", MARCH)
    made.does(f"penalty appeal {LINE} --reverse --reason right", MANAGER, MARCH)
    assert told(made, "2025-03") == [
        (LINE, "reversed", "50.00", None),
        (AGAIN, "executed", "50.00", 2),
        (f"{AGAIN}:back", "executed", "-50.00", None),
        (LAST, "proposed", "50.00", 1),
    ]
    assert sums(statement(made, "2025-03")) == ["50.00", "0.00", "50.00", "0.00"]
    made.does(f"penalty execute {LAST}", "Director", APRIL)
    assert sums(statement(made, "2025-03")) == ["50.00", "50.00", "0.00", "50.00"]
    made.does("penalty close-month 2025-03", "Director", APRIL)
    assert made.does("ledger verify --replay", "Director", JUNE)["verdict"] == "whole"


def test_with_an_original_that_is_reversed_its_proposed_repetitions_are_waived(tmp_path: Path) -> None:
    made = Dealer(tmp_path, APPEAL)
    made.play(SCENARIOS["P34"]["events"])
    made.does(f"penalty execute {LINE}", "Director", MARCH)
    made.does(f"penalty appeal {LINE} --reason ill", "Li", MARCH)
    made.does(f"penalty appeal {LINE} --reverse --reason right", MANAGER, MARCH)
    assert [state for _line, state, _amount, _time in told(made, "2025-03")] == ["reversed", "waived", "proposed"]


def test_with_an_original_that_is_waived_its_executed_repetitions_are_given_back(tmp_path: Path) -> None:
    made = Dealer(tmp_path)
    made.play(SCENARIOS["P34"]["events"])
    made.does(f"penalty execute {AGAIN}", "Director", MARCH)
    made.does(f"penalty waive {LINE} --reason away", "Director", MARCH)
    assert [(line, amount) for line, _state, amount, _time in told(made, "2025-03")] == [
        (LINE, "50.00"), (AGAIN, "50.00"), (f"{AGAIN}:back", "-50.00"), (LAST, "50.00"),
    ]  # fmt: skip


def test_a_closed_month_keeps_its_repetitions_and_a_later_one_gives_them_back(tmp_path: Path) -> None:
    made = repeated(tmp_path)
    made.does(f"penalty execute {LAST}", "Director", MARCH)
    made.does("penalty close-month 2025-03", "Director", APRIL)
    before = statement(made, "2025-03")
    made.does(f"penalty appeal {LINE} --reason ill", "Li", APRIL)
    assert sums(statement(made, "2025-03")) == sums(before), "an appeal takes nothing out of a closed month"
    made.does(f"penalty appeal {LINE} --reverse --reason right", MANAGER, APRIL)
    after = statement(made, "2025-03")
    assert ([row["amount"] for row in after["lines"]], sums(after)) == (["50.00", "50.00", "100.00"], sums(before))
    back = [(f"{LINE}:back", "executed", "-50.00", None), (f"{AGAIN}:back", "executed", "-50.00", None)]
    assert told(made, "2025-04") == back
    made.does("penalty close-month 2025-04", "Director", MAY)
    assert (told(made, "2025-04"), told(made, "2025-05")) == (back, [])
    assert made.does("ledger verify --replay", "Director", JUNE)["verdict"] == "whole"


def test_the_repetitions_of_a_fact_that_is_void_are_given_back(tmp_path: Path) -> None:
    made = Dealer(tmp_path)
    made.play(SCENARIOS["P32"]["events"])
    rows = made.lines(MARCH)
    for row in rows:
        made.does(f"penalty execute {row['id']}", "Director", MARCH)
    corrected = made.says(f"correct {rows[0]['facts'][0]} --void --reason mixed-up", "Director", MARCH)
    backs = [f"given back by {row['id']}:back in 2025-03: {row['amount']}" for row in rows]
    assert corrected.notes == backs
    assert f"  {backs[0]}" in made.says(f"why {rows[0]['id']}", "Chen", MARCH).lines
    assert (
        f"  gives back what was charged by {rows[0]['id']}"
        in made.says(f"why {rows[0]['id']}:back", "Chen", MARCH).lines
    )
    answer = statement(made, "2025-03", "Chen")
    assert [row["amount"] for row in answer["lines"]] == ["60.00", "-60.00", "40.00", "-40.00", "40.00", "-40.00"]
    assert sums(answer) == ["0.00", "0.00", "0.00", "0.00"]


# ── what is due ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_only_what_is_executed_is_due(tmp_path: Path) -> None:
    made = repeated(tmp_path)
    assert sums(statement(made, "2025-03")) == ["200.00", "100.00", "100.00", "100.00"]
    made.does(f"penalty appeal {LINE} --reason ill", "Li", MARCH)
    answer = statement(made, "2025-03")
    assert sums(answer) == ["200.00", "50.00", "150.00", "50.00"]
    assert [row["due"] for row in answer["lines"]] == ["0.00", "50.00", "0.00"]
    listed = made.does("penalty list", "Director", MARCH)
    assert [listed[name] for name in ("total", "executed", "undecided")] == ["200.00", "50.00", "150.00"]


def test_a_fine_under_appeal_whose_fact_is_void_gives_back_nothing_that_is_not_due(tmp_path: Path) -> None:
    made = Dealer(tmp_path, APPEAL)
    made.play(SCENARIOS["P08"]["events"])
    [row] = made.lines(MARCH)
    made.does(f"penalty execute {row['id']}", "Director", MARCH)
    made.does(f"penalty appeal {row['id']} --reason ill", "Li", MARCH)
    made.does(f"correct {row['facts'][0]} --void --reason mixed-up", "Director", MARCH)
    assert sums(statement(made, "2025-03")) == ["0.00", "0.00", "0.00", "0.00"]
    said = made.asks("penalty close-month 2025-03", "Director", APRIL)[1]
    assert (said["verdict"], said["lines"]) == ("undecided", [row["id"]])
    made.does(f"penalty appeal {row['id']} --uphold --reason late", MANAGER, APRIL)
    made.does("penalty close-month 2025-03", "Director", APRIL)
    assert sums(statement(made, "2025-03")) == ["0.00", "0.00", "0.00", "0.00"]


# ── pay that is kept back ──────────────────────────────────────────────────────────────────────────────────────────

DEDUCT = "penalty deduct Chen --role service_adviser --month 2025-03 --pay 4000 --rate 0.15 --reason often"


def deducted(folder: Path, changes: str = "") -> tuple[Dealer, str]:
    """Answer a dealer where all of Chen's fines of March are executed and 600.00 of the pay is kept back."""
    made = Dealer(folder, changes)
    made.play(SCENARIOS["P23"]["events"])
    for row in made.lines(MARCH):
        made.does(f"penalty execute {row['id']}", "Director", MARCH)
    return made, made.does(DEDUCT, "Director", MARCH)["events"][0]


def test_the_column_due_of_a_table_comes_to_what_is_due(tmp_path: Path) -> None:
    made, event = deducted(tmp_path, CAP)
    answer = statement(made, "2025-03", "Chen")
    assert [answer[name] for name in ("total", "cap", "over", "due")] == ["200.00", "120.50", "79.50", "720.50"]
    rows = table(made, "2025-03", "Chen")
    assert [row["kind"] for row in rows] == ["line", "line", "line", "deduction", "cap"]
    assert sum(Decimal(row["due"]) for row in rows) == Decimal(answer["due"])
    pay, cap = rows[3:]
    assert [pay[name] for name in ("id", "role", "unit", "multiplier", "due")] == [
        event, "service_adviser", "4000.00", "0.15", "600.00",
    ]  # fmt: skip
    assert [cap[name] for name in ("unit", "amount", "due")] == ["120.50", "-79.50", "-79.50"]
    assert {(row["person"], row["month"], row["closed"]) for row in rows} == {("Chen", "2025-03", "false")}


def test_a_table_of_a_month_without_a_cap_and_without_a_fine_is_due_nothing(tmp_path: Path) -> None:
    [row] = table(Dealer(tmp_path), "2025-03", "Li")
    assert [row[name] for name in ("kind", "unit", "due", "month")] == ["cap", "", "0.00", "2025-03"]


def test_what_was_kept_back_by_mistake_is_given_back_and_kept_back_anew(tmp_path: Path) -> None:
    made, event = deducted(tmp_path)
    correct = f"correct {event} --void --reason typed-wrong"
    assert made.asks(correct, "Sun", APRIL)[1]["verdict"] == "not_allowed"
    assert made.does(correct, "Director", APRIL)["verdict"] == "corrected"
    answer = statement(made, "2025-03", "Chen")
    assert [(one["amount"], one.get("counters")) for one in answer["deductions"]] == [
        ("600.00", None), ("-600.00", event),
    ]  # fmt: skip
    assert answer["due"] == "200.00"
    assert made.asks(correct, "Director", APRIL)[1]["verdict"] == "already_void"
    again = DEDUCT.replace("0.15", "0.1")
    assert made.does(again, "Director", APRIL)["amount"] == "400.00"
    assert made.asks(again, "Director", APRIL)[1]["verdict"] == "already"
    assert statement(made, "2025-03", "Chen")["due"] == "600.00"
    assert made.does("ledger verify --replay", "Director", JUNE)["verdict"] == "whole"


def test_what_was_kept_back_in_a_closed_month_is_given_back_in_the_first_open_one(tmp_path: Path) -> None:
    made, event = deducted(tmp_path)
    made.does("penalty close-month 2025-03", "Director", APRIL)
    made.does(f"correct {event} --void --reason typed-wrong", "Director", APRIL)
    assert statement(made, "2025-03", "Chen")["due"] == "800.00"
    answer = statement(made, "2025-04", "Chen")
    assert ([one["amount"] for one in answer["deductions"]], answer["due"]) == (["-600.00"], "-600.00")
    assert [row["due"] for row in table(made, "2025-04", "Chen")] == ["-600.00", "0.00"]
    said = made.asks("penalty close-month 2025-05", "Director", JUNE)[1]
    assert (said["verdict"], said["open"]) == ("earlier_open", "2025-04")
    made.does("penalty close-month 2025-04", "Director", MAY)
    assert statement(made, "2025-04", "Chen")["due"] == "-600.00"


def test_nobody_takes_back_what_is_kept_back_of_their_own_pay(tmp_path: Path) -> None:
    reach = "  fines#deduct.roles: {was: service_adviser, is: [service_adviser, customer_director]}"
    made = Dealer(tmp_path, f"{reach}\n  fines#deduct.from: {{was: 3, is: 1}}")
    made.does("archive open A1 --kind on-file", "Sun", MARCH)
    made.does("archive lost A1 --pieces 1 --person Director --cause upkeep", MANAGER, MARCH)
    words = DEDUCT.replace("Chen", "Director").replace("--role service_adviser", "--role customer_director")
    [event] = made.does(words, MANAGER, MARCH)["events"]
    correct = f"correct {event} --void --reason mine"
    assert made.asks(correct, "Director", MARCH)[1]["verdict"] == "own_matter"
    assert made.does(correct, MANAGER, MARCH)["verdict"] == "corrected"


# ── months ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_months_are_closed_in_their_order_and_those_in_which_nothing_stands_with_the_next(tmp_path: Path) -> None:
    made = Dealer(tmp_path)
    made.play(SCENARIOS["P14"]["events"])
    for row in made.lines(MAY):
        made.does(f"penalty execute {row['id']}", "Director", MAY)
    code, said = made.asks("penalty close-month 2025-04", "Director", JUNE)
    assert (code, said["verdict"], said["open"]) == (1, "earlier_open", "2025-03")
    assert said["says"] == "2025-03 is still open: months are closed in their order"
    made.does("penalty close-month 2025-03", "Director", JUNE)
    assert statement(made, "2025-02")["closed"] is True
    made.does("penalty close-month 2025-04", "Director", JUNE)
    assert made.asks("penalty close-month 2025-02", "Director", JUNE)[1]["verdict"] == "month_closed"


def test_what_is_entered_late_of_a_month_in_which_nothing_stood_is_booked_after_what_is_closed(tmp_path: Path) -> None:
    made = Dealer(tmp_path)
    made.play(SCENARIOS["P02"]["events"])
    made.does(f"penalty execute {LINE}", "Director", MARCH)
    made.does("penalty close-month 2025-03", "Director", APRIL)
    made.does("archive open V7 --kind new-car --adviser Li --at 2025-02-03T10:00+08:00", "Li", APRIL)
    assert [row["id"] for row in statement(made, "2025-04")["lines"]] == ["2025-02-08/Li/V7/001.03.D1"]
    read = [row["state"] for row in made.reads("penalty list", "Li", JUNE)]
    assert read == ["proposed, booked in 2025-04", "executed"]
    assert [row["state"] for row in made.reads("penalty statement Li --month 2025-04", "Li", JUNE)] == read[:1]


@pytest.mark.parametrize("kind", ["penalty execute", "penalty close-month"])
def test_a_decision_that_is_not_corrected_says_what_to_do_instead(kind: str, tmp_path: Path) -> None:
    made = repeated(tmp_path)
    made.does(f"penalty execute {LAST}", "Director", MARCH)
    closing = made.does("penalty close-month 2025-03", "Director", APRIL)["events"][0]
    [done] = [one for one in statement(made, "2025-03")["lines"] if one["id"] == LINE]
    number = closing if "close" in kind else done["decided"][-1]["seq"]
    code, said = made.asks(f"correct {number} --void --reason slip", "Director", APRIL)
    assert (code, said["verdict"]) == (1, "not_correctable")
    assert said["says"].startswith("a closed month stays closed" if "close" in kind else "a fine is taken back on")
