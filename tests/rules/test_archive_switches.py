"""What the archives of the dealer leave open is a switch: an overlay in YAML gives the other reading."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from crm_cli import clock
from crm_cli.cli import perform
from crm_cli.commands import init
from crm_cli.commands.batch import words_of
from crm_cli.commands.session import Session, Shared
from crm_cli.office import Office
from crm_cli.policy.check import check
from crm_cli.rules.topics import TOPICS
from crm_cli.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

POLICIES = Path(__file__).parents[2] / "policies"
HOUSE, OVERLAY, MANAGER = "car-dealer", "own", "M"
DELIVERED, OFFERED, TAKEN = "2025-03-03T10:00+08:00", "2025-03-06T17:00+08:00", "2025-03-10T10:00+08:00"
HEAD = f"policy: archive\nhouse: {OVERLAY}\nedition: 2025-01-01\ntitle: {{zh: 本店口径, en: Our reading}}\n"
SET = "extends: {policy: archive, house: car-dealer}\nset:\n"
SIGNED = "--contract-on 2025-02-27"
OFFER = "  archive#fields.offer_stops_clock.start: {was: false, is: true}\n"
CONTRACT = (
    "  archive#duties.sales_hand_over.within: {was: 3 working days, is: ["
    "{when: {contract_on: given}, limit: 3 working days after contract_on}, {limit: 3 working days}]}\n"
)


def played(folder: Path, change: str = "") -> Callable[[str, str], dict[str, Any]]:
    """Answer what carries out a line in an office of the house, with the overlay or without, at a time."""
    made = init.prepare(folder, POLICIES, Settings(HOUSE), MANAGER)
    if change:
        (made / "policies" / OVERLAY).mkdir()
        (made / "policies" / OVERLAY / "archive@2025-01-01.yaml").write_text(HEAD + SET + change, "utf-8")
        (made / "crm.yaml").write_text((made / "crm.yaml").read_text("utf-8") + f"overlays: [{OVERLAY}]\n", "utf-8")
        assert [one.text for one in check(made / "policies", HOUSE, [OVERLAY], TOPICS)] == []
    init.found(Office(made), MANAGER, clock.told(DELIVERED))
    made.rename(folder)
    office = Office(folder)

    def does(now: str, line: str) -> dict[str, Any]:
        outer = Shared(office=str(folder), now=now, by=MANAGER)
        answer = perform(words_of(line), Session(lambda _text: None, perform, outer, opened=[office], in_run=True))
        assert answer.exit == 0, f"{line}: {answer.data}"
        return answer.data

    return does


@pytest.mark.parametrize(("change", "stands"), [("", "late"), (OFFER, "met")])
def test_an_offer_to_nobody_stops_the_clock_where_the_house_says_so(tmp_path: Path, change: str, stands: str) -> None:
    does = played(tmp_path / "office", change)
    does(DELIVERED, "staff add A --role sales_adviser")
    does(DELIVERED, "staff add S --role archivist")
    does(DELIVERED, "archive open V1 --kind new-car --adviser A --vin LSVAA4182E2184847 --by A")
    does(OFFERED, "archive offer V1 --by A")
    does(TAKEN, "archive hand-over V1 --signed-by A --by S")
    clocks = {one["name"]: one["state"] for one in does(TAKEN, "archive show V1")["clocks"]}
    assert (clocks["sales_hand_over"], clocks["taking_over"]) == (stands, "late")


@pytest.mark.parametrize(
    ("change", "more", "due"),
    [("", SIGNED, "2025-03-06"), (CONTRACT, SIGNED, "2025-03-04"), (CONTRACT, "", "2025-03-06")],
)
def test_the_clock_runs_from_the_contract_where_the_house_says_so(
    tmp_path: Path, change: str, more: str, due: str
) -> None:
    does = played(tmp_path / "office", change)
    does(DELIVERED, "staff add A --role sales_adviser")
    does(DELIVERED, f"archive open V1 --kind new-car --adviser A {more} --by A")
    [clock_] = [one for one in does(DELIVERED, "archive show V1")["clocks"] if one["name"] == "sales_hand_over"]
    assert clock_["due"] == f"{due}T23:59:59+08:00"
