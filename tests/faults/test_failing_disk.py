"""Every call to the disk fails once in every way; afterwards the same request again records it exactly once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from harness import WAYS, Desk, Fault, Killed, check

from crm_cli.errors import CrmError
from crm_cli.ledger.verify import verify

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def prepare_nothing(office: Path) -> None:
    pass


def prepare_ready(office: Path) -> None:
    desk = Desk(office)
    desk.request("earlier")
    desk.request("earlier/2", 2)
    desk.close()


def prepare_torn(office: Path) -> None:
    prepare_ready(office)
    with next((office / "ledger").glob("*.jsonl")).open("ab") as file:
        file.write(b'{"seq":3,"logged":"2026-')


def prepare_unindexed(office: Path) -> None:
    prepare_ready(office)
    (office / ".cache" / "index.db").unlink()


PREPARATIONS = (prepare_nothing, prepare_ready, prepare_torn, prepare_unindexed)
REQUESTS = ({"one": 1}, {"three/3": 3}, {"a": 1, "b/2": 2, "c": 1})


def run(desk: Desk, request: dict[str, int]) -> bool:
    """Answer whether the request was acknowledged."""
    try:
        desk.batch(request)
    except (CrmError, Killed):
        return False
    return True


def lift_suspicion(office: Path) -> None:
    if (office / "ledger" / "SUSPECT").exists():
        desk = Desk(office)
        assert not run(desk, {"never": 1}), "a suspect ledger takes nothing"
        desk.close()
        assert verify(office / "ledger", from_disk=True).findings == []
        assert not (office / "ledger" / "SUSPECT").exists()


def attempt(office: Path, request: dict[str, int], fault: Fault, *, same: bool) -> None:
    desk = Desk(office)
    with pytest.MonkeyPatch.context() as patch:
        fault.arm(patch)
        acknowledged = run(desk, request)
    if acknowledged:
        check(office, *request)
    if not same:
        desk.close()
        desk = Desk(office)
    lift_suspicion(office)
    desk.batch(request)
    desk.request("next")
    desk.close()
    check(office, *request, "next")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("request_", REQUESTS, ids=str)
@pytest.mark.parametrize("prepare", PREPARATIONS)
def test_each_call_fails_once(
    tmp_path: Path, prepare: Callable[[Path], None], request_: dict[str, int], way: str
) -> None:
    for number in range(1, 200):
        office = tmp_path / str(number)
        prepare(office)
        fault = Fault(number, way)
        attempt(office, request_, fault, same=way in ("short", "full", "broken"))
        if not fault.fired:
            return
    pytest.fail("the disk is called without end")
