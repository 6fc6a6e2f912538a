"""The life of a fine: who decides, until when, what a closed month takes, what is shown to whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from dealer import MANAGER, SCENARIOS, Dealer

from crm_cli.commands.fines import flat

if TYPE_CHECKING:
    from pathlib import Path

LINE = "2025-03-07/Li/V1/001.03.D1"
DAY, LATER = "2025-03-10T10:00:00+08:00", "2025-03-30T10:00:00+08:00"
NOTICE = "  fines#notice: {was: none, is: {wait: 2 working days, ref: A2}}"
APPEAL = "  fines#appeal: {was: none, is: {within: 10 days, ref: A1}}"


@pytest.fixture
def dealer(tmp_path: Path) -> Dealer:
    made = Dealer(tmp_path)
    made.play(SCENARIOS["P02"]["events"])
    return made


def test_a_line_is_there_before_the_night_has_run_and_only_from_its_day_on(tmp_path: Path) -> None:
    made = Dealer(tmp_path)
    made.play(SCENARIOS["P02"]["events"][:1])
    assert made.lines("2025-03-06T23:59:59+08:00") == []
    [before] = made.lines("2025-03-07T00:00:00+08:00")
    made.does("tick", MANAGER, "2025-03-07T01:00:00+08:00")
    [after] = made.lines("2025-03-07T02:00:00+08:00")
    assert (before["id"], before["facts"]) == (LINE, [])
    assert {**after, "facts": []} == before
    assert after["facts"] != []


def test_an_executed_line_stays_when_its_fact_is_taken_back_and_is_given_back(tmp_path: Path) -> None:
    made = Dealer(tmp_path)
    made.play(SCENARIOS["P02"]["events"][:1])
    made.does("tick", MANAGER, "2025-03-07T01:00:00+08:00")
    made.does(f"penalty execute {LINE}", "Director", "2025-03-07T09:00:00+08:00")
    made.does("archive hand-over V1 --signed-by Li --at 2025-03-06T16:00+08:00", "Sun", DAY)
    rows = made.lines(DAY)
    assert [(row["id"], row["amount"], row["state"]) for row in rows] == [
        (LINE, "50.00", "executed"),
        (f"{LINE}:back", "-50.00", "executed"),
    ]
    assert made.does("penalty list", "Director", DAY)["total"] == "0.00"
    code, said = made.asks(f"penalty waive {LINE}:back --reason why", "Director", DAY)
    assert (code, said["verdict"]) == (1, "already")


def test_an_appeal_is_the_persons_own_in_time_and_decided_by_another(tmp_path: Path) -> None:
    made = Dealer(tmp_path, APPEAL)
    made.play(SCENARIOS["P02"]["events"])
    appeal = f"penalty appeal {LINE} --reason late"
    assert made.asks(appeal, "Li", DAY)[1]["verdict"] == "already", "nothing is executed yet"
    made.does(f"penalty execute {LINE}", "Director", DAY)
    assert made.asks(appeal, "Wu", DAY)[1]["verdict"] == "not_allowed"
    assert made.asks(f"penalty appeal {LINE}", "Li", DAY)[1]["verdict"] == "reason_missing"
    assert made.asks(appeal, "Li", LATER)[1]["verdict"] == "too_late"
    assert made.does(appeal, "Li", "2025-03-20T23:59:59+08:00")["state"] == "appealed"
    code, said = made.asks("penalty close-month 2025-03", "Director", "2025-04-01T09:00:00+08:00")
    assert (code, said["verdict"], said["lines"]) == (1, "undecided", [LINE])
    assert (
        made.asks(f"penalty appeal {LINE} --reverse --reason right", "Director", LATER)[1]["verdict"] == "not_allowed"
    )
    assert made.does(f"penalty appeal {LINE} --reverse --reason right", MANAGER, LATER)["state"] == "reversed"
    answer = made.does("penalty list --state reversed", "Director", LATER)
    assert ([row["amount"] for row in answer["penalties"]], answer["total"]) == (["50.00"], "0.00")


def test_an_appeal_may_be_in_vain(tmp_path: Path) -> None:
    made = Dealer(tmp_path, APPEAL)
    made.play(SCENARIOS["P02"]["events"])
    made.does(f"penalty execute {LINE}", "Director", DAY)
    made.does(f"penalty appeal {LINE} --reason late", "Li", DAY)
    assert made.does(f"penalty appeal {LINE} --uphold --reason late", MANAGER, LATER)["state"] == "upheld"
    assert made.does("penalty list", "Li", LATER)["total"] == "50.00"
    assert made.asks(f"penalty appeal {LINE} --uphold --reverse", MANAGER, LATER)[1]["error"] == (
        "it stays, or it is taken back"
    )


def test_where_the_house_wants_a_notice_nothing_is_executed_before_it_and_before_the_person_could_speak(
    tmp_path: Path,
) -> None:
    made = Dealer(tmp_path, NOTICE)
    made.play(SCENARIOS["P02"]["events"])
    assert made.asks(f"penalty execute {LINE}", "Director", DAY)[1]["verdict"] == "not_notified"
    assert made.asks(f"penalty notify {LINE}", "Sun", DAY)[1]["verdict"] == "not_allowed"
    assert made.does(f"penalty notify {LINE}", "Director", DAY)["cites"][-1]["ref"] == "001.03.D1"
    [row] = made.does("penalty list --state proposed", "Li", DAY)["penalties"]
    assert row["notified"] == DAY
    code, said = made.asks(f"penalty execute {LINE}", "Director", "2025-03-12T23:59:59+08:00")
    assert (code, said["verdict"], said["until"]) == (1, "too_early", "2025-03-12T23:59:59+08:00")
    done = made.does(f"penalty execute {LINE}", "Director", "2025-03-13T09:00:00+08:00")
    assert (done["state"], "A2" in [cite["ref"] for cite in done["cites"]]) == ("executed", True)


def test_a_notice_of_another_amount_is_none(tmp_path: Path) -> None:
    made = Dealer(tmp_path, NOTICE)
    made.play(SCENARIOS["P12"]["events"])
    first, second = LINE, "2025-03-14/Li/V2/001.03.D1"
    made.does(f"penalty notify {second}", "Director", "2025-03-15T09:00:00+08:00")
    made.does(f"penalty waive {first} --reason stood", "Director", "2025-03-15T09:00:00+08:00")
    [row] = made.does("penalty list --state proposed", "Li", LATER)["penalties"]
    assert (row["amount"], "notified" in row) == ("50.00", False)
    assert made.asks(f"penalty execute {second}", "Director", LATER)[1]["verdict"] == "not_notified"


def test_a_house_without_a_notice_records_none(tmp_path: Path) -> None:
    made = Dealer(tmp_path)
    made.play(SCENARIOS["P02"]["events"])
    assert made.asks(f"penalty notify {LINE}", "Director", DAY)[1]["verdict"] == "no_such_rule"


def test_what_is_over_the_cap_of_a_month_is_told_and_not_to_be_paid(tmp_path: Path) -> None:
    made = Dealer(tmp_path, '  fines#cap: {was: none, is: "120.50"}')
    made.play(SCENARIOS["P14"]["events"])
    now = "2025-04-30T10:00:00+08:00"
    for row in made.lines(now):
        made.does(f"penalty execute {row['id']}", "Director", now)
    march, april = (made.does(f"penalty statement Li --month {month}", "Li", now) for month in ("2025-03", "2025-04"))
    told = ("total", "cap", "over", "due")
    assert [march[name] for name in told] == ["150.00", "120.50", "29.50", "120.50"]
    assert [april[name] for name in told] == ["50.00", "120.50", "0.00", "50.00"]


def test_a_house_may_let_only_repetitions_be_waived(tmp_path: Path) -> None:
    made = Dealer(tmp_path, "  fines#waivable: {was: none, is: repeats}")
    made.play(SCENARIOS["P34"]["events"])
    now = "2025-03-19T10:00:00+08:00"
    assert made.asks(f"penalty waive {LINE} --reason why", "Director", now)[1]["verdict"] == "not_waivable"
    made.does("penalty waive 2025-03-10/Li/V1/001.03.D10:001.03.D1 --reason why", "Director", now)


def test_a_figure_that_the_source_leaves_blank_is_listed_and_computed_nowhere(tmp_path: Path) -> None:
    made = Dealer(tmp_path, "  fines#items.sales.late_hand_over.amount: {was: 50, is: unset}")
    made.play(SCENARIOS["P02"]["events"])
    answer = made.does("penalty list", "Director", DAY)
    [row] = answer["penalties"]
    assert (row["unit"], row["amount"], answer["total"]) == (None, None, "0.00")
    assert row["unset"] == "penalty.fines.items.sales.late_hand_over.amount"
    code, said = made.asks(f"penalty execute {LINE}", "Director", DAY)
    assert (code, said["key"]) == (1, row["unset"])


def test_who_departs_is_charged_no_further_day(tmp_path: Path) -> None:
    made = Dealer(tmp_path)
    made.play(SCENARIOS["P33"]["events"][:4])
    made.does("staff depart Li", MANAGER, "2025-03-18T09:00:00+08:00")
    dates = [row["date"] for row in made.lines("2025-03-21T09:00:00+08:00") if "repeats" in row]
    assert dates == ["2025-03-17"]


def test_a_waived_fine_takes_its_repetitions_with_it(tmp_path: Path) -> None:
    made = Dealer(tmp_path)
    made.play(SCENARIOS["P34"]["events"])
    now = "2025-03-19T10:00:00+08:00"
    made.does(f"penalty waive {LINE} --reason why", "Director", now)
    answer = made.does("penalty list", "Director", now)
    assert [row["state"] for row in answer["penalties"]] == ["waived", "waived", "proposed"]
    assert [row["time"] for row in answer["penalties"]] == [None, None, 1]
    assert answer["total"] == "50.00"


def test_a_closed_month_is_closed_once_and_takes_no_deduction(dealer: Dealer) -> None:
    dealer.does(f"penalty execute {LINE}", "Director", DAY)
    assert dealer.asks("penalty close-month 2025-03", "Director", LATER)[1]["says"] == "2025-03 is not over"
    april = "2025-04-01T09:00:00+08:00"
    assert dealer.asks("penalty close-month 2025-03", "Sun", april)[1]["verdict"] == "not_allowed"
    assert dealer.does("penalty close-month 2025-03", "Director", april)["verdict"] == "closed"
    assert dealer.asks("penalty close-month 2025-03", "Director", april)[1]["verdict"] == "month_closed"
    words = "--role service_adviser --month 2025-03 --pay 1 --rate 0.1 --reason why"
    assert dealer.asks(f"penalty deduct Chen {words}", "Director", april)[1]["verdict"] == "month_closed"
    assert dealer.does("penalty statement Li --month 2025-03", "Li", april)["closed"] is True


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("penalty execute 2025-03-07/Li/V9/001.03.D1", "there is no line 2025-03-07/Li/V9/001.03.D1"),
        ("why 2025-03-07/Nobody/V9/001.03.D1", "there is no line 2025-03-07/Nobody/V9/001.03.D1"),
        ("penalty list --month 2025-3", "'2025-3' is no month"),
        ("penalty deduct Chen --role service_adviser --month 2025-03 --pay 0 --rate 0.1", "'0' is no amount of money"),
        (
            "penalty deduct Chen --role service_adviser --month 2025-03 --pay 1.005 --rate 0.1",
            "'1.005' is no amount of",
        ),
        ("penalty deduct Chen --role service_adviser --month 2025-03 --pay 1 --rate 15", "'15' is no part of a whole"),
        ("penalty deduct Chen --role service_adviser --month 2025-03 --pay 1 --rate a", "'a' is no part of a whole"),
    ],
)
def test_what_is_typed_wrong_is_said(line: str, said: str, dealer: Dealer) -> None:
    code, data = dealer.asks(line, "Director", DAY)
    assert (code, data["error"][: len(said)]) == (2, said)


def test_everybody_sees_their_own_and_others_by_role(dealer: Dealer) -> None:
    assert [row["id"] for row in dealer.lines(DAY, "Li")] == [LINE]
    assert dealer.lines(DAY, "Wu") == []
    assert dealer.asks("penalty list --person Li", "Wu", DAY)[1]["verdict"] == "not_allowed"
    assert dealer.asks(f"why {LINE}", "Wu", DAY)[1]["verdict"] == "not_allowed"
    assert dealer.does("penalty list --role sales_adviser --person Li", "Director", DAY)["total"] == "50.00"
    assert dealer.does("penalty list --role service_adviser", "Director", DAY)["penalties"] == []


def test_why_walks_back_to_the_ledger(dealer: Dealer) -> None:
    dealer.does(f"penalty execute {LINE}", "Director", DAY)
    data = dealer.does(f"why {LINE}", "Li", DAY)
    late, done = (dealer.office.event(int(seq)) for seq in data["events"])
    assert late is not None
    assert done is not None
    assert (late["type"], late["data"]["facts"][0]["fact"]) == ("case.late", "sales.late_hand_over")
    assert (done["type"], done["data"]["amount"]) == ("penalty.executed", 5000)
    assert [one["article"] for one in data["wording"]] == ["001.03.D1"]
    assert dealer.does(f"why {done['seq']}", "Director", DAY)["verdict"] == "explained"


def test_a_doubled_line_names_what_doubles_it_and_a_table_begins_with_what_it_is_about(tmp_path: Path) -> None:
    made = Dealer(tmp_path)
    made.play(SCENARIOS["P12"]["events"])
    first, second = made.does("penalty statement Li --month 2025-03", "Li", LATER)["lines"]
    assert [cite["ref"] for cite in first["cites"]] == ["001.03.D1"]
    assert [cite["ref"] for cite in second["cites"]] == ["001.03.D1", ["001.03.D6a", "001.03.D6b"]]
    row = flat(second)
    assert list(row)[:6] == ["id", "date", "person", "role", "subject", "fact"]
    assert row["articles"] == "001.03.D1, 001.03.D6a, 001.03.D6b"


def unsigned(made: Dealer) -> str:
    """Answer the number of the event that states that V1 came without a signature."""
    made.play(SCENARIOS["P08"]["events"])
    [row] = made.does("penalty list", "Director", DAY)["penalties"]
    return str(row["facts"][0])


def test_a_corrected_fact_changes_what_is_proposed(tmp_path: Path) -> None:
    made = Dealer(tmp_path)
    number = unsigned(made)
    correct = f"correct {number} --void --reason mixed-up"
    assert made.asks(correct, "Sun", DAY)[1]["verdict"] == "not_allowed"
    assert made.does(correct, "Director", DAY)["verdict"] == "corrected"
    assert made.does("penalty list", "Director", DAY)["penalties"] == []
    assert made.asks(correct, "Director", DAY)[1]["verdict"] == "already_void"
    assert made.does("ledger verify --replay", "Director", DAY)["verdict"] == "whole"


def test_a_corrected_fact_leaves_an_executed_line_and_gives_it_back(tmp_path: Path) -> None:
    made = Dealer(tmp_path)
    number = unsigned(made)
    [line] = made.does("penalty list", "Director", DAY)["penalties"]
    made.does(f"penalty execute {line['id']}", "Director", DAY)
    made.does(f"correct {number} --void --reason mixed-up", "Director", DAY)
    answer = made.does("penalty list", "Director", DAY)
    assert [(row["state"], row["amount"]) for row in answer["penalties"]] == [
        ("executed", "40.00"), ("executed", "-40.00"),
    ]  # fmt: skip
    assert answer["total"] == "0.00"


def test_nobody_strikes_what_is_stated_of_themselves_and_a_step_that_states_nothing_stands(tmp_path: Path) -> None:
    made = Dealer(tmp_path)
    made.play(SCENARIOS["P02"]["events"])
    made.does("archive lost V1 --pieces 1 --person Director --cause upkeep", "Sun", DAY)
    [row] = made.does("penalty list --person Director", MANAGER, DAY)["penalties"]
    assert made.asks(f"correct {row['facts'][0]} --void --reason no", "Director", DAY)[1]["verdict"] == "own_matter"
    assert made.does(f"correct {row['facts'][0]} --void --reason no", MANAGER, DAY)["verdict"] == "corrected"
    opened = made.does("archive open V7 --kind new-car --adviser Li", "Li", DAY)["events"][0]
    assert made.asks(f"correct {opened} --void --reason no", MANAGER, DAY)[1]["verdict"] == "not_correctable"


APRIL, MAY, JUNE = (f"2025-{month}T09:00:00+08:00" for month in ("04-02", "05-02", "06-02"))


def settled(made: Dealer, month: str) -> list[tuple[str, str, str]]:
    """Answer the lines of a month as its statement tells them, and what they come to."""
    answer = made.does(f"penalty statement Li --month {month}", "Li", JUNE)
    return [*((row["id"], row["state"], row["amount"]) for row in answer["lines"]), ("", "", answer["total"])]


def test_a_reversal_after_the_month_was_closed_is_given_back_in_the_first_open_one(tmp_path: Path) -> None:
    made = Dealer(tmp_path, "  fines#appeal: {was: none, is: {within: 60 days, ref: A1}}")
    made.play(SCENARIOS["P02"]["events"])
    made.does(f"penalty execute {LINE}", "Director", DAY)
    made.does("penalty close-month 2025-03", "Director", APRIL)
    before = settled(made, "2025-03")
    made.does(f"penalty appeal {LINE} --reason late", "Li", APRIL)
    made.does(f"penalty appeal {LINE} --reverse --reason right", MANAGER, APRIL)
    assert settled(made, "2025-03") == before == [(LINE, "executed", "50.00"), ("", "", "50.00")]
    assert settled(made, "2025-04") == [(f"{LINE}:back", "executed", "-50.00"), ("", "", "-50.00")]
    made.does("penalty close-month 2025-04", "Director", MAY)
    assert settled(made, "2025-04") == [(f"{LINE}:back", "executed", "-50.00"), ("", "", "-50.00")]
    assert settled(made, "2025-05") == [("", "", "0.00")]
    assert made.does("ledger verify --replay", "Director", JUNE)["verdict"] == "whole"


def test_what_is_given_back_stays_in_the_month_that_closed_with_it(tmp_path: Path) -> None:
    made = Dealer(tmp_path)
    number = unsigned(made)
    [line] = made.does("penalty list", "Director", DAY)["penalties"]
    made.does(f"penalty execute {line['id']}", "Director", DAY)
    made.does("penalty close-month 2025-03", "Director", APRIL)
    made.does(f"correct {number} --void --reason mixed-up", "Director", APRIL)
    back = [(f"{line['id']}:back", "executed", "-40.00"), ("", "", "-40.00")]
    assert settled(made, "2025-04") == back
    made.does("penalty close-month 2025-04", "Director", MAY)
    assert settled(made, "2025-04") == back
    assert settled(made, "2025-05") == [("", "", "0.00")]


def test_pay_is_kept_back_once_for_a_person_and_month_whatever_the_role(tmp_path: Path) -> None:
    reach = "  fines#deduct.roles: {was: service_adviser, is: [service_adviser, sales_adviser]}"
    made = Dealer(tmp_path, f"{reach}\n  fines#deduct.from: {{was: 3, is: 1}}")
    made.does("archive open V1 --kind new-car --adviser Ma", "Ma", "2025-03-03T10:00:00+08:00")
    made.does("archive open R1 --kind service-visit --adviser Ma", "Ma", "2025-03-03T10:00:00+08:00")
    words = "penalty deduct Ma --month 2025-03 --pay 4000 --rate 0.1 --reason why --role"
    made.does(f"{words} sales_adviser", "Director", LATER)
    assert made.asks(f"{words} service_adviser", "Director", LATER)[1]["verdict"] == "already"


@pytest.mark.parametrize("line", ["statement Lee --month 2025-03", "list --person Lee"])
def test_a_name_that_nobody_has_is_no_empty_answer(line: str, dealer: Dealer) -> None:
    code, said = dealer.asks(f"penalty {line}", "Director", DAY)
    assert (code, said["error"]) == (2, "nobody on the staff is called Lee")


@pytest.mark.parametrize("month", ["0000-01", "9999-12", "2025-13"])
@pytest.mark.parametrize("line", ["statement Li", "rates", "list"])
def test_a_month_that_no_calendar_has_is_refused(month: str, line: str, dealer: Dealer) -> None:
    code, said = dealer.asks(f"penalty {line} --month {month}", "Director", DAY)
    assert (code, said["error"]) == (2, f"'{month}' is no month")


def test_a_rate_may_be_typed_as_a_chinese_keyboard_writes_it(tmp_path: Path) -> None:
    made = Dealer(tmp_path)
    made.play(SCENARIOS["P23"]["events"])
    words = "penalty deduct Chen --role service_adviser --month 2025-03 --pay ４０００ --rate １５％ --reason why"
    assert made.does(words, "Director", LATER)["amount"] == "600.00"
