"""The program over several months, with a clock of the machine that the test sets."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import desk
import pytest

if TYPE_CHECKING:
    from pathlib import Path

SCRIPT = """
import sys
from datetime import datetime
from crm_cli import clock
clock.machine = lambda: datetime.fromisoformat(sys.argv[1])
from crm_cli.cli import run
sys.exit(run(sys.argv[2:]))
"""
OCTOBER, NOVEMBER = "2026-10-30T02:00:00+00:00", "2026-11-02T02:00:00+00:00"


def at(machine: str, office: Path | None, *words: str, stdin: str = "") -> desk.Done:
    """Carry out one command line when the clock of the machine says so."""
    env = {"PATH": desk.PATH, "CRM_LANG": "en"} | ({"CRM_OFFICE": str(office)} if office else {})
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, machine, *words], env=env, input=stdin.encode(), capture_output=True, check=False
    )
    return desk.Done(done.returncode, done.stdout.decode(), done.stderr.decode())


def made(folder: Path, machine: str = OCTOBER, zone: str = "Asia/Shanghai") -> Path:
    done = at(machine, None, "init", str(folder), "--profile", desk.HOUSE, "--manager", "王芳", "--timezone", zone)
    assert done.code == 0, done.err
    lines = [f"staff add {name} --role {role}" for name, role in desk.STAFF.items()]
    lines += ["rotate order 李娜 张伟 赵磊", "rotate open", "rotate arrive 客一"]
    assert at(machine, folder, "run", "-", stdin="\n".join(lines)).code == 0
    return folder


@pytest.fixture(scope="module")
def october(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("october") / "office")


@pytest.fixture
def office(october: Path, tmp_path: Path) -> Path:
    return desk.copied(october, tmp_path / "office")


def names(office: Path) -> list[str]:
    return sorted(path.name for path in (office / "ledger").glob("*.*") if path.name != ".lock")


def events(done: desk.Done) -> list[Any]:
    assert done.code == 0, done.err
    return list(json.loads(done.out)["events"])


def test_the_first_command_of_a_month_turns_it(office: Path) -> None:
    before = int(events(at(OCTOBER, office, "rotate", "finish", "李娜", "--json"))[-1])
    tried = events(at(NOVEMBER, office, "rotate", "order", "张伟", "李娜", "赵磊", "-n", "--json"))
    assert names(office) == ["2026-10.jsonl"]
    assert at(NOVEMBER, office, "rotate", "show").code == 0
    assert at(NOVEMBER, office, "staff", "add", "张伟", "--role", "salesperson").code == 0, "nothing is recorded"
    assert names(office) == ["2026-10.jsonl"], "who records nothing turns nothing"
    done = events(at(NOVEMBER, office, "rotate", "order", "张伟", "李娜", "赵磊", "--json"))
    assert done == tried == [str(before + 3)]
    assert names(office) == ["2026-10.jsonl", "2026-10.seal", "2026-11.jsonl"]


def test_everything_is_answered_from_both_months(office: Path) -> None:
    assert at(NOVEMBER, office, "rotate", "order", "张伟", "李娜", "赵磊").code == 0
    assert at(NOVEMBER, office, "rotate", "open").code == 0
    arrived = events(at(NOVEMBER, office, "rotate", "arrive", "客二", "--id", "one", "--json"))
    again = at("2026-12-24T02:00:00+00:00", office, "rotate", "arrive", "客二", "--id", "one", "--json")
    assert events(again) == arrived
    log = json.loads(at(NOVEMBER, office, "log", "--json").out)["log"]
    assert [one["seq"] for one in log] == list(range(len(log)))
    assert [one["type"] for one in log if one["actor"] == "office"] == ["segment.closed", "segment.opened"]
    for one in log:
        assert at(NOVEMBER, office, "ledger", "show", str(one["seq"])).code == 0
        assert at(NOVEMBER, office, "why", str(one["seq"])).code == 0
    whole = at(NOVEMBER, office, "ledger", "verify", "--replay")
    assert (whole.code, whole.err) == (0, "")
    head = at(NOVEMBER, office, "ledger", "head").out
    assert at(NOVEMBER, office, "ledger", "verify", "--against", head).code == 0
    board = at(NOVEMBER, office, "rotate", "show", "--json").out
    (office / ".cache" / "index.db").unlink()
    assert at(NOVEMBER, office, "rotate", "show", "--json").out == board


@pytest.mark.parametrize("every", ["1", "100"])
def test_a_run_may_be_what_turns_the_month(office: Path, every: str) -> None:
    lines = [
        "rotate order 张伟 李娜 赵磊",
        "rotate open",
        *(f"register add 客{n} --to 李娜 --kind visit" for n in range(9)),
    ]
    done = at(NOVEMBER, office, "run", "-", "--flush-every", every, "-o", "jsonl", stdin="\n".join(lines))
    assert (done.code, done.err) == (0, "")
    told = [int(seq) for line in done.out.splitlines() for seq in json.loads(line)["answer"]["events"]]
    log = json.loads(at(NOVEMBER, office, "log", "--json").out)["log"]
    assert told == [one["seq"] for one in log if one["logged"] >= "2026-11" and one["actor"] != "office"]
    assert at(NOVEMBER, office, "ledger", "verify", "--replay").code == 0


def test_a_month_is_one_of_utc_whatever_the_clocks_of_the_office_do(tmp_path: Path) -> None:
    """In Berlin 02:30 comes twice on 25 October, and November begins an hour before it does in UTC."""
    office = made(tmp_path / "office", "2026-10-24T22:00:00+00:00", "Europe/Berlin")
    for number, moment in enumerate(("00:30", "01:30", "01:29")):
        done = at(
            f"2026-10-25T{moment}:00+00:00", office, "register", "add", f"客{number}", "--to", "李娜", "--kind", "visit"
        )
        assert done.code == 0, done.err
    assert at("2026-10-31T23:30:00+00:00", office, "staff", "add", "周敏", "--role", "clerk").code == 0
    assert names(office) == ["2026-10.jsonl"]
    log = json.loads(at("2026-10-31T23:30:00+00:00", office, "log", "--json").out)["log"]
    assert [one["happened"] for one in log[-4:]] == [
        *("2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00", "2026-10-25T02:29:00+01:00"),
        "2026-11-01T00:30:00+01:00",
    ]
    assert [one["logged"] for one in log] == sorted(one["logged"] for one in log)
    assert at("2026-11-01T00:00:00+00:00", office, "staff", "add", "周新", "--role", "clerk").code == 0
    assert names(office) == ["2026-10.jsonl", "2026-10.seal", "2026-11.jsonl"]
    assert at("2026-11-01T00:00:00+00:00", office, "ledger", "verify", "--replay").code == 0


def test_damage_in_a_later_month_is_named_by_its_line_there(office: Path) -> None:
    assert at(NOVEMBER, office, "staff", "add", "周敏", "--role", "clerk").code == 0
    path = office / "ledger" / "2026-11.jsonl"
    path.write_bytes(path.read_bytes().replace("周敏".encode(), "周民".encode()))
    done = at(NOVEMBER, office, "ledger", "verify")
    assert (done.code, done.out) == (3, "crm: ledger/2026-11.jsonl:2: the hash of the line does not match\n")


def test_an_event_of_a_newer_program_is_named_by_its_line_there(office: Path) -> None:
    assert at(NOVEMBER, office, "staff", "add", "周敏", "--role", "clerk").code == 0
    newer = """
import sys
from pathlib import Path
from crm_cli.ledger.journal import Journal
journal = Journal(Path(sys.argv[1]))
with journal.locked(1, "newer", print):
    journal.recover(None)
    journal.add([{"happened": "2026-11-03T00:00:00+08:00", "type": "newer.done", "v": 1, "actor": "x", "data": {}}])
    journal.commit()
"""
    (office / "ledger" / "2026-11.jsonl").rename(office / "ledger" / "2999-11.jsonl")  # no clock is beyond that
    subprocess.run([sys.executable, "-c", newer, str(office / "ledger")], check=True)
    done = at(NOVEMBER, office, "staff", "add", "周新", "--role", "clerk")
    assert done.code == 3
    assert done.err.startswith("crm: ledger/2999-11.jsonl:3: event ")


@pytest.mark.parametrize("every", ["1", "100"])
def test_a_month_that_is_damaged_is_not_turned_by_a_run_either(office: Path, every: str) -> None:
    path = office / "ledger" / "2026-10.jsonl"
    path.write_bytes(path.read_bytes().replace("赵磊".encode(), "赵雷".encode(), 1))
    before = path.read_bytes()
    lines = [f"register add 客{n} --to 李娜 --kind visit" for n in range(3)]
    done = at(NOVEMBER, office, "run", "-", "--flush-every", every, stdin="\n".join(lines))
    assert (done.code, done.out) == (3, "")
    assert "ledger/2026-10.jsonl:5: the ledger is damaged: the hash of the line does not match" in done.err
    assert path.read_bytes() == before
    assert names(office) == ["2026-10.jsonl"]
