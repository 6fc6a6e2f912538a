"""Near variants of the worked examples: what the rules on counting say where no example shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from dealer import MANAGER, Dealer, told

if TYPE_CHECKING:
    from pathlib import Path

Row = dict[str, Any]


def sales(visit: str, at: str, person: str = "Li") -> Row:
    """Answer that a new car is delivered."""
    return {"do": "deliver", "visit": visit, "kind": "sales", "person": person, "at": at}


def service(visit: str, at: str, person: str = "Chen") -> Row:
    """Answer that a car is given back after a visit."""
    return {"do": "deliver", "visit": visit, "kind": "service", "person": person, "at": at}


def over(visit: str, at: str, **faults: list[str]) -> Row:
    """Answer that the file of a visit is handed over."""
    return {"do": "handover", "visit": visit, "at": at, **faults}


def done(what: str, visit: str, at: str, **more: Any) -> Row:
    """Answer something else that happens to a visit."""
    return {"do": what, "visit": visit, "at": at, **more}


VARIANTS: dict[str, tuple[list[Row], str, list[str]]] = {
    "the breach is of the month in which its date lies": (
        [sales("V1", "2025-03-26"), over("V1", "2025-04-02"), sales("V2", "2025-04-03"), over("V2", "2025-04-11")],
        "2025-04-30",
        ["2025-04-01 Li D1 1x50x1 1", "2025-04-10 Li D1 1x50x2 2"],
    ),
    "a due day in one month counts there, however late it comes": (
        [sales("V1", "2025-03-25"), over("V1", "2025-04-02")],
        "2025-04-30",
        ["2025-03-29 Li D1 1x50x1 1"],
    ),
    "a document that lacks both signatures costs both": (
        [
            service("R1", "2025-03-03"),
            over("R1", "2025-03-04", unsigned_user=["work_order"], unsigned_internal=["work_order"]),
        ],
        "2025-03-31",
        ["2025-03-04 Chen D5b 1x50x1 1", "2025-03-04 Chen D5c 1x20x1 1"],
    ),
    "a document that is missing is one missing item, not an unsigned one as well": (
        [
            service("R1", "2025-03-03"),
            over("R1", "2025-03-04", missing=["work_order"], unsigned_user=["work_order"]),
            done("complete", "R1", "2025-03-04T15:00"),
        ],
        "2025-03-31",
        ["2025-03-04 Chen D5a 1x20x1 1"],
    ),
    "short, and completed too late": (
        [
            service("R1", "2025-03-03"),
            over("R1", "2025-03-03", missing=["settlement_sheet"]),
            done("complete", "R1", "2025-03-06"),
        ],
        "2025-03-31",
        ["2025-03-03 Chen D5a 1x20x1 1", "2025-03-05 Chen D4 1x50x1 1"],
    ),
    "many articles of one visit are one time; the multiplier covers every head of the third": (
        [
            service("R1", "2025-03-03"),
            over("R1", "2025-03-05"),
            service("R2", "2025-03-06"),
            over("R2", "2025-03-10"),
            service("R3", "2025-03-11"),
            over(
                "R3",
                "2025-03-13",
                wrong=["settlement_sheet"],
                unsigned_user=["work_order"],
                unsigned_internal=["reception_sheet"],
            ),
        ],
        "2025-03-31",
        [
            "2025-03-05 Chen D4 1x50x1 1",
            "2025-03-08 Chen D4 1x50x1 2",
            "2025-03-13 Chen D4 1x50x2 3",
            "2025-03-13 Chen D5a 1x20x2 3",
            "2025-03-13 Chen D5b 1x50x2 3",
            "2025-03-13 Chen D5c 1x20x2 3",
        ],
    ),
    "an order that is not heeded is repeated for each working day that ends, week-ends aside": (
        [
            sales("V1", "2025-03-03"),
            done("order", "V1", "2025-03-07"),
            over("V1", "2025-03-12"),
            done("corrected", "V1", "2025-03-12"),
        ],
        "2025-03-31",
        ["2025-03-07 Li D1 1x50x1 1", "2025-03-10 Li D10/D1 1x50x1", "2025-03-11 Li D10/D1 1x50x1"],
    ),
    "repetitions alone take the next visit over the threshold": (
        [
            service("R1", "2025-03-03"),
            done("order", "R1", "2025-03-05"),
            done("complete", "R1", "2025-03-10"),
            service("R2", "2025-03-11"),
            over("R2", "2025-03-13"),
        ],
        "2025-03-31",
        [
            "2025-03-05 Chen D4 1x50x1 1",
            "2025-03-06 Chen D10/D4 1x50x1",
            "2025-03-07 Chen D10/D4 1x50x1",
            "2025-03-13 Chen D4 1x50x2 4",
        ],
    ),
    "roles of one person are counted apart": (
        [
            sales("V1", "2025-03-03", "Ma"),
            over("V1", "2025-03-07"),
            service("R1", "2025-03-10", "Ma"),
            over("R1", "2025-03-12"),
            sales("V2", "2025-03-12", "Ma"),
            over("V2", "2025-03-18"),
        ],
        "2025-03-31",
        ["2025-03-07 Ma D1 1x50x1 1", "2025-03-12 Ma D4 1x50x1 1", "2025-03-18 Ma D1 1x50x2 2"],
    ),
    "a contact that was not verified is one, and of the case": (
        [
            service("R1", "2025-03-03"),
            over("R1", "2025-03-04", wrong=["settlement_sheet"]),
            done("contact_fault", "R1", "2025-03-04", person="Chen"),
        ],
        "2025-03-31",
        ["2025-03-04 Chen D3 1x50x1 1", "2025-03-04 Chen D5a 1x20x1 1"],
    ),
    "a later finding on the same visit in another month is a case of that month": (
        [service("R1", "2025-03-28"), over("R1", "2025-04-02", wrong=["settlement_sheet"])],
        "2025-04-30",
        ["2025-04-01 Chen D4 1x50x1 1", "2025-04-02 Chen D5a 1x20x1 1"],
    ),
    "of one day, what falls due by itself is numbered before what is found, the dearer before the cheaper": (
        [
            sales("V1", "2025-03-03"),
            sales("V2", "2025-03-06"),
            over("V2", "2025-03-07", unsigned_user=["pdi_checklist"]),
            sales("V3", "2025-03-06"),
            over("V3", "2025-03-07", unsigned_user=["pdi_checklist", "delivery_checklist"]),
        ],
        "2025-03-08",
        ["2025-03-07 Li D1 1x50x1 1", "2025-03-07 Li D2 2x20x2 2", "2025-03-07 Li D2 1x20x2 3"],
    ),
    "a holiday is no working day": (
        [sales("V1", "2025-04-30"), over("V1", "2025-05-08")],
        "2025-05-31",
        [],
    ),
    "a file that is never handed over is raised once, however often the night runs": (
        [
            sales("V1", "2025-03-03"),
            {"do": "check", "at": "2025-03-07"},
            {"do": "check", "at": "2025-03-08"},
            {"do": "check", "at": "2025-03-20"},
        ],
        "2025-03-31",
        ["2025-03-07 Li D1 1x50x1 1"],
    ),
}


def said(row: Row) -> str:
    """Answer a line as the variants write it down."""
    one = told(row)
    number = f" {one['time']}" if one.get("time") and "/" not in one["article"] else ""
    reckoned = f"{one['quantity']}x{one['unit']}x{one['multiplier']}"
    return f"{one['date']} {one['person']} {one['article']} {reckoned}{number}"


@pytest.mark.parametrize("nightly", [False, True])
@pytest.mark.parametrize("name", VARIANTS)
def test_a_variant_comes_out_as_the_rules_say(name: str, nightly: bool, tmp_path: Path) -> None:
    events, end, lines = VARIANTS[name]
    dealer = Dealer(tmp_path)
    dealer.play(events, nightly=nightly)
    answer = dealer.does("penalty list", MANAGER, f"{end}T23:59:00+08:00")
    assert sorted(map(said, answer["penalties"])) == sorted(lines)
