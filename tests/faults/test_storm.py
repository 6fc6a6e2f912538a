"""Real processes: six writers killed at random, and a file that may not grow."""

from __future__ import annotations

import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from harness import Desk, check, ledger_keys

from crm_cli.errors import MachineError
from crm_cli.ledger.verify import verify

WRITER = Path(__file__).with_name("storm.py")
WRITERS = 6
KILLS = 40


class Writer:
    """A process that is started again and again, and goes on behind what it said last."""

    def __init__(self, office: Path, name: str) -> None:
        self.office, self.name = office, name
        self.said = office.parent / f"said-{name}"
        self.start()

    def start(self) -> None:
        first = str(len(self.answers()))
        command = [sys.executable, str(WRITER), str(self.office), self.name, first]
        with self.said.open("ab") as said:
            self.process = subprocess.Popen(command, stdout=said, stderr=subprocess.PIPE)

    def kill(self) -> None:
        self.process.kill()
        _, errors = self.process.communicate()
        assert self.process.returncode == -signal.SIGKILL, errors.decode()

    def answers(self) -> list[str]:
        return [] if not self.said.exists() else self.said.read_text().split()


def test_kill_storm(tmp_path: Path) -> None:
    office = tmp_path / "office"
    chance = random.Random(20261121)
    writers = [Writer(office, str(number)) for number in range(WRITERS)]
    for _ in range(KILLS):
        time.sleep(chance.uniform(0.01, 0.3))
        writer = chance.choice(writers)
        writer.kill()
        writer.start()
    for writer in writers:
        writer.kill()
    acknowledged = [key for writer in writers for key in writer.answers()]
    desk = Desk(office)
    desk.request("after the storm")
    desk.close()
    assert len(acknowledged) > WRITERS
    assert len(set(acknowledged)) == len(acknowledged)
    check(office, "after the storm", *acknowledged)
    assert set(ledger_keys(office).values()) == {1}


def test_a_file_that_may_not_grow(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.request("first")
    size = next((tmp_path / "ledger").glob("*.jsonl")).stat().st_size
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        for room in (0, 1, 100, 300):
            resource.setrlimit(resource.RLIMIT_FSIZE, (size + room, old[1]))
            with pytest.raises(MachineError):
                desk.request("second/3", 3)
            assert next((tmp_path / "ledger").glob("*.jsonl")).stat().st_size == size
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
        signal.signal(signal.SIGXFSZ, handler)
    desk.request("second/3", 3)
    desk.close()
    check(tmp_path, "first", "second/3")
    assert verify(tmp_path / "ledger").uncommitted == 0
