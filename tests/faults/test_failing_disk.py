"""Every call to the disk fails once in every way; afterwards the same request again records it exactly once."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from harness import LAST_MONTH, WAYS, Desk, Fault, Killed, check, quick

from crm_cli.errors import CrmError
from crm_cli.ledger.backup import Copying, reached
from crm_cli.ledger.journal import Journal
from crm_cli.ledger.repair import repair
from crm_cli.ledger.verify import verify

if TYPE_CHECKING:
    from collections.abc import Callable

    Prepare = Callable[[Path], None]
    Act = Callable[[Path], None]


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


def prepare_turn(office: Path) -> None:
    """Leave an office behind for which the month has turned."""
    desk = Desk(office, LAST_MONTH)
    desk.request("earlier")
    desk.request("earlier/2", 2)
    desk.close()


def prepare_torn_turn(office: Path) -> None:
    prepare_turn(office)
    with next((office / "ledger").glob("*.jsonl")).open("ab") as file:
        file.write(b'{"seq":3,"logged":"2020-')


__all__ = ["quick"]

PREPARATIONS = (
    *(prepare_nothing, prepare_ready, prepare_torn, prepare_unindexed),
    *(prepare_turn, prepare_torn_turn),
)
REQUESTS = ({"one": 1}, {"three/3": 3}, {"a": 1, "b/2": 2, "c": 1})


def run(act: Act, office: Path) -> bool:
    """Answer whether an act was done to its end."""
    try:
        act(office)
    except (CrmError, OSError, Killed):
        return False
    return True


def lift_suspicion(office: Path, request: dict[str, int]) -> None:
    if (office / "ledger" / "SUSPECT").exists():
        desk = Desk(office)
        assert not run(lambda _: desk.batch({"never": 1}), office), "a suspect ledger takes nothing"
        desk.close()
        assert verify(office / "ledger", from_disk=True).findings == []
        assert not (office / "ledger" / "SUSPECT").exists()


def attempt(office: Path, request: dict[str, int], fault: Fault, *, same: bool) -> None:
    desk = Desk(office)
    with pytest.MonkeyPatch.context() as patch:
        fault.arm(patch)
        acknowledged = run(lambda _: desk.batch(request), office)
    if acknowledged:
        check(office, *request)
    if not same:
        desk.close()
        desk = Desk(office)
    lift_suspicion(office, request)
    desk.batch(request)
    desk.request("next")
    desk.close()
    check(office, *request, "next")


@cache
def calls(prepare: Prepare, act: Act) -> int:
    """Answer how often an act calls the disk when nothing fails."""
    fault = Fault(0, "kill_before")
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        prepare(Path(folder))
        fault.arm(patch)
        act(Path(folder))
    return fault.seen


def batching(request: dict[str, int]) -> Act:
    def act(office: Path) -> None:
        desk = Desk(office)
        desk.batch(request)
        desk.close()

    return act


BATCHES = [(prepare, batching(request), request) for prepare in PREPARATIONS for request in REQUESTS]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("number", range(len(BATCHES)))
def test_each_call_fails_once(quick: Path, number: int, way: str) -> None:
    prepare, act, request = BATCHES[number]
    for call in range(1, calls(prepare, act) + 1):
        office = quick / str(call)
        prepare(office)
        fault = Fault(call, way)
        attempt(office, request, fault, same=way in ("short", "full", "broken"))
        assert fault.fired


def prepare_backup(office: Path) -> None:
    """Leave an office behind whose earlier backup lacks lines of two months."""
    prepare_turn(office)
    back_up(office)
    for now in (LAST_MONTH, None):
        desk = Desk(office, now)
        desk.request(f"later/{2 + bool(now)}", 2 + bool(now))
        desk.close()
    for name in ("policies", "quarantine"):
        (office / "ledger" / name).mkdir(exist_ok=True)
        (office / "ledger" / name / "text").write_text("kept")


def back_up(office: Path) -> None:
    source, copy = office / "ledger", office / "copy" / "ledger"
    begin = reached(source, copy)
    tips = [tip for _, tip in Journal(source).transactions(begin)]
    Copying(copy, dry_run=False).ledger(source, begin, tips[-1] if tips else begin or pytest.fail("nothing to copy"))


def check_backup(office: Path) -> None:
    assert verify(office / "copy" / "ledger").findings == []
    for path in (office / "ledger").rglob("*"):
        if path.is_file() and not path.name.startswith("."):
            assert (office / "copy" / path.relative_to(office)).read_bytes() == path.read_bytes()


def prepare_damage(office: Path) -> None:
    """Leave an office behind with a damaged line, a missing segment, a wrong seal, and a copy of it that is whole."""
    for number, now in enumerate((LAST_MONTH, LAST_MONTH.replace(year=2021), LAST_MONTH.replace(year=2022), None)):
        desk = Desk(office, now)
        desk.request(f"{number}/2", 2)
        desk.close()
    shutil.copytree(office / "ledger", office / "copy")
    first = office / "ledger" / "2020-01.jsonl"
    first.chmod(0o640)
    first.write_bytes(first.read_bytes().replace(b'"turn":1', b'"turn":7'))
    (office / "ledger" / "2021-01.jsonl").unlink()
    (office / "ledger" / "2022-01.seal").write_text("wrong\n")


def mend(office: Path) -> None:
    repair(office / "ledger", office / "copy", dry_run=False)


def check_mended(office: Path) -> None:
    for path in (office / "copy").glob("*.*"):
        assert (office / "ledger" / path.name).read_bytes() == path.read_bytes()
    assert {path.read_bytes() for path in office.glob("ledger/quarantine/2022-01*")} == {b"wrong\n"}
    check(office)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("prepare", "act", "check_"), [(prepare_backup, back_up, check_backup), (prepare_damage, mend, check_mended)]
)
def test_each_call_of_a_backup_and_of_a_repair_fails_once(
    quick: Path, prepare: Prepare, act: Act, check_: Act, way: str
) -> None:
    prepare(quick / "prepared")
    for call in range(1, calls(prepare, act) + 1):
        office = quick / str(call)
        shutil.copytree(quick / "prepared", office, symlinks=True)
        fault = Fault(call, way)
        with pytest.MonkeyPatch.context() as patch:
            fault.arm(patch)
            done = run(act, office)
        assert fault.fired
        if done:
            check_(office)
        for suspect in office.rglob("SUSPECT"):
            suspect.unlink()
        act(office)
        check_(office)


def test_a_thousand_faults_are_injected() -> None:
    """Each of these calls fails in each way in the tests above."""
    acts = [(prepare, act) for prepare, act, _ in BATCHES] + [(prepare_backup, back_up), (prepare_damage, mend)]
    counted = [calls(prepare, act) * len(WAYS) for prepare, act in acts]
    assert sum(counted) >= 1000, counted
    assert min(counted) >= 5 * len(WAYS), counted
