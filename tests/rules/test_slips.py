"""Slips that others stand on: what was corrected before, handed on, or owed for, comes out right afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from test_switches import MANAGER, Day, register

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def day(tmp_path: Path) -> Day:
    made = Day(tmp_path / "office", None)
    made.opens()
    return made


def seq(day: Day, kind: str) -> int:
    """Answer the number of the newest event of a type."""
    return max(int(event["seq"]) for event in day.office.events() if event["type"] == kind)


def here(day: Day) -> list[tuple[str, str]]:
    return [(one["client"], one["to"]) for one in day.board["with"]]


def refused(day: Day, line: str) -> str:
    with pytest.raises(AssertionError) as caught:
        day.does(line)
    return str(caught.value)


def void(day: Day, kind: str) -> dict[str, Any]:
    return day.does(f"correct {seq(day, kind)} --void --reason so")


def test_who_gains_a_role_loses_only_that_one(day: Day) -> None:
    day.does("staff add B --role clerk --role salesperson")
    void(day, "staff.added")
    assert next(one for one in day.does("staff list")["staff"] if one["name"] == "B")["roles"] == ["salesperson"]
    assert "B" in day.board["ring"]


def test_a_turn_given_back_for_a_link_is_given_back_again_when_the_link_is(tmp_path: Path) -> None:
    day = Day(tmp_path / "other", register("link.refund", "false", "true"), order="B C A")
    day.opens()
    day.does("register add old --to A --kind visit", "rotate arrive wife", "rotate finish B")
    link = "register link wife --same-as old --relation family"
    day.does(link)
    assert day.board["makeup"] == ["B"]
    void(day, "customer.linked")
    assert day.board["makeup"] == []
    day.does(link)
    assert day.board["makeup"] == ["B"]


def test_a_finish_that_was_none_brings_back_whoever_the_customer_is_by_now(day: Day) -> None:
    day.does("rotate arrive wrong", "rotate finish A")
    day.does(f"correct {seq(day, 'rotation.arrived')} --set client=right --reason so")
    void(day, "rotation.finished")
    assert here(day) == [("right", "A")]


def test_a_finish_that_was_none_brings_back_nobody_who_never_came(day: Day) -> None:
    day.does("rotate arrive ghost", "rotate finish A")
    void(day, "rotation.arrived")
    void(day, "rotation.finished")
    assert here(day) == []
    assert day.board["status"]["A"] == "free"


def test_a_finish_that_was_none_leaves_somebody_on_the_phone(day: Day) -> None:
    day.does("rotate status B phone", "rotate finish B")
    void(day, "rotation.finished")
    assert day.board["status"]["B"] == "phone"


@pytest.mark.parametrize("over", [False, True])
def test_a_noted_grab_goes_with_the_customer(day: Day, *, over: bool) -> None:
    day.does("rotate arrive wrong --asks C --not-told", *(["rotate finish A"] if over else []))
    day.does(f"correct {seq(day, 'rotation.arrived')} --set client=right --reason so")
    assert "no_grab" in refused(day, "rotate confirm-grab wrong")
    assert day.does("rotate confirm-grab right")["verdict"] == "confirmed"
    assert day.owner("right") == "C"


def test_an_errand_is_made_no_customer(day: Day) -> None:
    day.does("rotate arrive parcel --errand courier")
    line = f"correct {seq(day, 'rotation.arrived')} --set client=guest --reason so"
    assert "not_correctable" in refused(day, line)
    void(day, "rotation.arrived")
    day.does("rotate arrive guest")
    assert here(day) == [("guest", "A")]


def test_an_arrival_that_came_again_keeps_the_second_reception(day: Day) -> None:
    day.does("rotate arrive k1", "rotate finish A")
    first = seq(day, "rotation.arrived")
    day.now = day.now.replace("09:30", "10:30")
    day.does("rotate arrive k1", f"correct {first} --void --reason so")
    assert here(day) == [("k1", "A")]
    assert day.does("ledger verify --replay")["verdict"] == "whole"


@pytest.mark.parametrize("moved", ["rotate hand-over k1 --to C", "rotate redirect k1 --to C"])
def test_who_was_handed_on_leaves_whoever_has_them_now(day: Day, moved: str) -> None:
    day.does("rotate status C phone", "rotate arrive k1 --asks C", "rotate finish C", moved)
    void(day, "rotation.arrived")
    assert here(day) == []
    assert set(day.board["status"].values()) == {"free"}


def test_a_redirection_by_mistake_gives_nobody_a_turn_for_nothing(day: Day) -> None:
    day.does("rotate arrive k1", "rotate redirect k1 --to B")
    assert day.board["makeup"] == ["A"]
    void(day, "rotation.redirected")
    assert day.board["makeup"] == []
    day.does("rotate redirect k1 --to A")
    assert (day.count("A"), day.count("B")) == ({"served": 1, "extra": 1}, {})


def test_an_arrival_that_was_none_takes_along_the_entry_that_was_moved_to_another(day: Day) -> None:
    day.does("rotate arrive k1", "rotate finish A")
    day.does(f"correct {seq(day, 'customer.registered')} --set client=k2 --reason so")
    assert day.owner("k2") == "A"
    void(day, "rotation.arrived")
    assert day.does("register owner k2")["owner"] is None


def test_every_correction_of_an_event_can_be_found_from_it(day: Day) -> None:
    day.does("rotate arrive k1")
    arrival = seq(day, "rotation.arrived")
    day.does(f"correct {arrival} --set client=k2 --reason so", f"correct {arrival} --set state=closed --reason so")
    by = [str(event["seq"]) for event in day.office.events() if event["type"] == "office.corrected"]
    assert (day.does(f"why {arrival}")["corrected_by"], len(by)) == (by, 2)


def test_a_deputy_names_no_deputy(day: Day) -> None:
    term = "--from 2025-03-03T09:00+08:00 --until 2025-03-04T00:00+08:00"
    day.does(f"staff deputy A --for {MANAGER} {term}")
    assert "own_matter" in refused(day, f"staff deputy B --for {MANAGER} {term} --by A")
