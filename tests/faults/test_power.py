"""The power goes after each call to the disk, and whatever was not flushed may be there, in part, or not at all."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from harness import Desk, Fault, Killed, check, ledger_keys, quick
from power import Power
from test_failing_disk import REQUESTS, calls, prepare_nothing, prepare_ready, prepare_torn, prepare_turn

from crm_cli.errors import DataError
from crm_cli.ledger.verify import verify

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["quick"]


def cut_off(office: Path, request: dict[str, int], call: int) -> tuple[Power, bool]:
    """Carry out a request until the power goes after a call to the disk; answer what the disk knows, and if it was."""
    power = Power(office / "ledger")
    desk = Desk(office)
    (office / "ledger").mkdir(parents=True, exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        power.arm(patch)
        Fault(call, "kill_after").arm(patch)
        try:
            desk.batch(request)
        except Killed:
            return power, False
        finally:
            desk.close()
    return power, True


def found(office: Path, place: Path, files: dict[str, bytes], *, index: bool) -> Path:
    """Answer an office as it is found when the power is back."""
    (place / "ledger").mkdir(parents=True)
    for name, data in files.items():
        (place / "ledger" / name).write_bytes(data)
    if index and (office / ".cache").exists():
        shutil.copytree(office / ".cache", place / ".cache", symlinks=True)
    return place


def go_on(office: Path, request: dict[str, int], told: set[str]) -> bool:
    """Answer whether the office goes on; when it is damaged, all that was told must still stand in it, untouched."""
    before = {path.name: path.read_bytes() for path in (office / "ledger").glob("*.jsonl")}
    desk = Desk(office)
    try:
        desk.batch(request)
    except DataError:
        assert {path.name: path.read_bytes() for path in (office / "ledger").glob("*.jsonl")} == before
        assert verify(office / "ledger").findings
        return False
    finally:
        desk.close()
    desk = Desk(office)
    desk.request("next")
    desk.close()
    check(office, *request, *told, "next")
    return True


def lights_out(
    quick: Path, prepare: Callable[[Path], None], request: dict[str, int], number: int, *, index: bool
) -> tuple[int, int]:
    """Answer how many wrecks were found when the power went after a call, and how many of them were damaged."""
    office = quick / f"{number}"
    prepare(office)
    told = set(ledger_keys(office))
    power, done = cut_off(office, request, number)
    told |= set(request) if done else set()
    wrecks = damaged = 0
    seen = []
    for how, files in power.wrecks():
        if files in seen:
            continue
        seen.append(files)
        place = found(office, quick / f"{number}-{wrecks}", files, index=index)
        went_on = go_on(place, request, told)
        assert went_on or how.startswith("first half zeros"), f"call {number}: {how}"
        wrecks, damaged = wrecks + 1, damaged + (not went_on)
        shutil.rmtree(place)
    return wrecks, damaged


SHAPES = [
    (prepare, request)
    for prepare in (prepare_nothing, prepare_ready, prepare_torn, prepare_turn)
    for request in REQUESTS
]


@pytest.mark.parametrize("index", [True, False], ids=["index kept", "index lost"])
@pytest.mark.parametrize("shape", range(len(SHAPES)))
def test_the_power_goes_after_each_call(quick: Path, shape: int, *, index: bool) -> None:
    prepare, request = SHAPES[shape]
    seen = calls(prepare, lambda office: Desk(office).batch(request))
    found = [lights_out(quick, prepare, request, number, index=index) for number in range(1, seen + 2)]
    assert sum(wrecks for wrecks, _ in found) > seen + 5, "there is more than one way to lose something"
    assert found[-1] == (1, 0), "what was answered is on the disk, in one way only"
