"""What waits is handed on at least once, by one run at a time, and no file of the office says to what program."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import stat
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import desk
import pytest
from desk import CRM, crm
from hypothesis import given
from hypothesis import strategies as st
from test_machine import as_nobody, opened_to_all, root

from crm_cli.ledger.journal import Journal
from crm_cli.outbox import BACK_OFF, Waiting

LATER = "2025-03-10T08:00+08:00"
ITEMS = ["8", "9"]  # the events of what has fallen due by then


@pytest.fixture
def due(office: Path) -> Path:
    """Answer an office with two items that nobody was told of."""
    assert crm("tick", office=office, env={"CRM_NOW": LATER}).code == 0
    return office


def notify(office: Path, program: str, *words: str, **env: str) -> desk.Done:
    return crm("notify", "--exec", program, *words, office=office, env={"CRM_NOW": LATER, **env})


def keeping(folder: Path, then: str = "") -> str:
    """Answer a program that keeps the items it is handed, one line each."""
    return f"sh -c 'cat >> {folder}/told; {then}'"


def told(folder: Path) -> list[str]:
    path = folder / "told"
    return [json.loads(line)["event"] for line in path.read_text().splitlines()] if path.exists() else []


def waiting(office: Path) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = json.loads(crm("notify", "--list", "--json", office=office).out)["items"]
    return items


def test_one_that_is_killed_after_the_program_took_an_item_hands_it_on_again(due: Path, tmp_path: Path) -> None:
    done = notify(due, keeping(tmp_path, "kill -9 $PPID"))
    assert (done.code, told(tmp_path)) == (-signal.SIGKILL, ["8"])
    done = notify(due, keeping(tmp_path, "kill -9 $PPID"))
    assert (done.code, told(tmp_path)) == (-signal.SIGKILL, ["8", "8"])
    assert notify(due, keeping(tmp_path)).code == 0
    assert told(tmp_path) == ["8", "8", *ITEMS]
    assert notify(due, keeping(tmp_path)).out == ""
    assert told(tmp_path) == ["8", "8", *ITEMS]


def test_one_that_is_killed_at_any_moment_loses_nothing(due: Path, tmp_path: Path) -> None:
    for number in range(12):
        office = desk.copied(due, tmp_path / str(number))
        env = {"PATH": desk.PATH, "CRM_NOW": LATER, "CRM_OFFICE": str(office)}
        program = keeping(office)
        with subprocess.Popen([CRM, "notify", "--exec", program], env=env, stderr=subprocess.DEVNULL) as process:
            time.sleep(number * 0.025)
            process.kill()
        assert notify(office, program).code == 0
        assert set(told(office)) == set(ITEMS)
        assert waiting(office) == []


def test_ctrl_c_ends_the_program_too_and_the_item_waits(due: Path, tmp_path: Path) -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background would be born ignoring it
    env = {"PATH": desk.PATH, "CRM_NOW": LATER, "CRM_OFFICE": str(due)}
    program = f"sh -c 'echo $$ > {tmp_path}/pid; sleep 1; mv {tmp_path}/pid {tmp_path}/started; sleep 60'"
    with subprocess.Popen([CRM, "notify", "--exec", program], env=env, stdout=-1, stderr=-1) as process:
        while not (tmp_path / "started").exists():
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=20) == (b"", b"")
    assert process.returncode == 130
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "started").read_text()), 0)
    assert notify(due, keeping(tmp_path)).code == 0
    assert told(tmp_path) == ITEMS


def test_a_program_that_takes_too_long_is_ended_with_what_it_started(due: Path, tmp_path: Path) -> None:
    program = f"sh -c '(sleep 3; touch {tmp_path}/alive) & sleep 60'"
    begun = time.monotonic()
    assert notify(due, program, "--timeout", "1").code == 1
    time.sleep(max(0.0, 5 - (time.monotonic() - begun)))
    assert not (tmp_path / "alive").exists()


def test_two_at_once_hand_nothing_on_twice(due: Path, tmp_path: Path) -> None:
    program = keeping(tmp_path, "sleep 1")
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _number: notify(due, program, "--json"), range(4)))
    verdicts = sorted(json.loads(one.out)["verdict"] for one in done)
    assert {one.code for one in done} == {0}
    assert verdicts.count("delivered") == 1
    assert "busy" in verdicts
    assert sorted(told(tmp_path)) == ITEMS


def test_who_asks_for_another_try_is_told_that_somebody_is_at_it(due: Path, tmp_path: Path) -> None:
    with ThreadPoolExecutor(1) as pool:
        long = pool.submit(notify, due, f"sh -c 'cat > /dev/null; touch {tmp_path}/at-it; sleep 2'")
        while not (tmp_path / "at-it").exists():
            time.sleep(0.01)
        quiet, done = notify(due, "cat"), notify(due, "cat", "--retry", "--wait", "0")
        assert (quiet.code, quiet.out, quiet.err) == (0, "", "")
        assert (done.code, "(notify)\n  fix: " in done.err) == (4, True), done.err
        written = crm("staff", "add", "周敏", "--role", "clerk", "--wait", "0", office=due, env={"CRM_NOW": LATER})
        assert written.code == 0, "a program runs outside the lock of the ledger"
        assert long.result(20).code == 0


def test_one_that_is_stuck_does_not_hold_up_the_others(due: Path, tmp_path: Path) -> None:
    program = f"sh -c 'test $CRM_EVENT != 8 && cat >> {tmp_path}/told'"
    assert notify(due, program).code == 1
    assert told(tmp_path) == ["9"]
    assert [item["event"] for item in waiting(due)] == ["8"]


def test_with_nothing_in_the_environment_it_speaks_the_language_of_the_office(due: Path, tmp_path: Path) -> None:
    settings = due / "crm.yaml"
    settings.write_text(settings.read_text("utf-8").replace("language: en", "language: zh_CN"), "utf-8")
    command = [str(CRM), "-C", str(due), "notify", "--exec", f"/bin/sh -c '/bin/cat >> {tmp_path}/told; exit 1'"]
    done = subprocess.run(command, env={}, cwd="/", capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("没有送达：")
    items = [json.loads(line) for line in (tmp_path / "told").read_text().splitlines()]
    assert [item["event"] for item in items] == ITEMS
    assert items[0]["says"].startswith("2025-03-03 该收门了")


def test_what_is_known_of_a_customer_goes_to_standard_input_only(office: Path, tmp_path: Path) -> None:
    lines = [f"rotate arrive 客{one}" for one in range(4)]
    assert crm("run", "-", office=office, stdin="\n".join(lines).encode()).code == 0
    house = next((office / "policies").glob("*/rotation@*.yaml"))
    text = house.read_text("utf-8")
    assert "max_minutes" in text
    assert crm("tick", office=office, env={"CRM_NOW": "2025-03-03T18:00+08:00"}).code == 0
    event = {"type": "office.fell_due", "data": {"what": "waiting_too_long", "due": desk.NOW, "about": "c00004"}}
    _record(office, event)
    done = notify(office, f'sh -c \'cat > {tmp_path}/told; tr "\\0" "\\n" < /proc/$$/environ > {tmp_path}/environ\'')
    assert done.code == 0, done.err
    assert json.loads((tmp_path / "told").read_text())["about"] == "客3"
    environ = (tmp_path / "environ").read_text()
    assert "CRM_SUBJECT=c00004" in environ
    assert "客3" not in environ
    assert "客3" not in (office / "notify" / "state.jsonl").read_text()


def _record(office: Path, event: dict[str, Any]) -> None:
    """Add an event of the office's own hand, as a later rule may."""
    journal = Journal(office / "ledger")
    cites = next(json.loads(line)["cites"] for line in desk.lines(office) if json.loads(line).get("cites"))
    with journal.locked(10, "test", print):
        journal.recover(None)
        journal.add([{"happened": desk.NOW, "v": 1, "actor": "office", "cites": cites, **event}])
        journal.commit()


def aged(office: Path, days: int) -> None:
    """Write the ledger of an office anew, as if all of it had been recorded some days ago."""
    when = datetime.now(UTC) - timedelta(days=days)
    kept = [json.loads(line) for line in desk.lines(office)]
    shutil.rmtree(office / "ledger")
    journal = Journal(office / "ledger", lambda: when)
    with journal.locked(10, "test", print):
        journal.recover(None)
        for event in kept:
            journal.add([{name: event[name] for name in event if name not in ("seq", "logged", "more", "hash")}])
        journal.commit()


def test_a_first_run_in_an_old_office_tells_of_the_last_day_only(due: Path, tmp_path: Path) -> None:
    aged(due, 400)
    other = desk.copied(due, tmp_path / "other")
    done = notify(due, keeping(tmp_path))
    assert (done.code, done.err, told(tmp_path)) == (0, "", [])
    assert crm("tick", office=due, env={"CRM_NOW": "2025-03-17T08:00+08:00"}).code == 0
    assert notify(due, keeping(tmp_path), "--since", "2020-01-01T00:00+08:00").code == 0
    assert told(tmp_path) == ["12"], "what is new, in its new month, is told of, and --since is for a first run"
    assert notify(other, keeping(other), "--since", "2020-01-01T00:00+08:00").code == 0
    assert told(other) == ITEMS


def test_where_an_old_copy_was_put_back_it_begins_with_the_last_day_again(due: Path, tmp_path: Path) -> None:
    copy = desk.copied(due, tmp_path / "copy")
    assert crm("tick", office=due, env={"CRM_NOW": "2025-03-17T08:00+08:00"}).code == 0
    assert notify(due, "false").code == 1
    assert [item["event"] for item in waiting(due)] == [*ITEMS, "10"]
    for name in ("ledger", ".cache"):
        shutil.rmtree(due / name)
        shutil.copytree(copy / name, due / name)
    assert [item["event"] for item in waiting(due)] == ITEMS, "what the copy does not hold is not there to be told"
    done = notify(due, keeping(tmp_path), "--retry")
    assert "crm: the ledger is another one than notify last read" in done.err
    assert told(tmp_path) == ITEMS
    assert crm("tick", office=due, env={"CRM_NOW": "2025-03-17T08:00+08:00"}).code == 0
    assert notify(due, keeping(tmp_path)).err.count("another one") == 0
    assert told(tmp_path) == [*ITEMS, "10"]
    assert waiting(due) == []


def test_what_was_recorded_under_the_number_of_something_lost_is_told_too(due: Path, tmp_path: Path) -> None:
    copy = desk.copied(due, tmp_path / "copy")
    without_order(due, "2025-W13", ordered="2025-W12")
    assert notify(due, "false").code == 1
    for name in ("ledger", ".cache"):
        shutil.rmtree(due / name)
        shutil.copytree(copy / name, due / name)
    without_order(due, "2025-W12", ordered="2025-W13")
    program = f"sh -c 'cat >> {tmp_path}/told'"
    assert notify(due, program).code == 0
    assert told(tmp_path) == ["11"]
    assert '"subject":"2025-W12"' in (tmp_path / "told").read_text()
    assert notify(due, program, "--retry").code == 0
    assert told(tmp_path) == ["11", *ITEMS]


def without_order(office: Path, week: str, ordered: str) -> None:
    """Record, as number 11, that one of two weeks has no order."""
    done = crm("rotate", "order", "李娜", "张伟", "赵磊", "--week", ordered, "--json", office=office)
    assert json.loads(done.out)["events"] == ["10"]
    done = crm("tick", "--json", office=office, env={"CRM_NOW": "2025-03-24T08:00+08:00"})
    assert [(one["subject"]) for one in json.loads(done.out)["due"]] == [week]


def test_nothing_is_handed_on_from_a_ledger_that_is_suspect_or_damaged(due: Path, tmp_path: Path) -> None:
    (due / "ledger" / "SUSPECT").touch()
    assert notify(due, keeping(tmp_path)).code == 5
    (due / "ledger" / "SUSPECT").unlink()
    segment = next((due / "ledger").glob("*.jsonl"))
    segment.write_bytes(segment.read_bytes().replace(b"day_not_closed", b"day_was_closed"))
    assert notify(due, keeping(tmp_path)).code == 3
    assert told(tmp_path) == []


@root
def test_an_office_that_cannot_be_written_hands_nothing_on(due: Path) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        office = desk.copied(due, Path(folder) / "office")
        opened_to_all(office, writable=False)
        done = as_nobody(office, "notify", "--exec", "cat")
    assert (done.code, done.out) == (5, "")
    assert done.err.startswith("crm: office/notify: the machine refused: Permission denied\n  fix: ")


def test_the_state_is_for_the_office_only(due: Path) -> None:
    assert notify(due, "true").code == 0
    assert stat.S_IMODE((due / "notify" / "state.jsonl").stat().st_mode) == 0o640


def test_nothing_that_is_tried_or_listed_writes(due: Path) -> None:
    for words in (("-n",), ("--list",), ("-n", "--retry")):
        assert notify(due, "false", *words).code == 0
    assert not (due / "notify").exists()


@pytest.mark.parametrize(
    ("number", "line"),
    [
        (1, ""),
        (1, "{}"),
        (1, "[]"),
        (1, '{"v":2,"cursor":null}'),
        (1, '{"v":1,"cursor":{"seq":1}}'),
        (2, "no JSON"),
        (2, '{"event":"8","hash":"x","tries":0,"again":"","failed":""}'),
        (2, '{"event":8,"hash":"x","tries":true,"again":"","failed":""}'),
        (2, '{"event":8,"hash":"x","tries":0,"again":"soon","failed":""}'),
        (2, '{"event":8,"hash":"x","tries":0,"again":"2025-03-03T09:00","failed":""}'),
        (2, '{"event":8,"hash":"x","tries":0,"again":"","failed":"","more":1}'),
        (3, "\x00\x00"),
    ],
)
def test_a_damaged_state_is_said_with_its_line(due: Path, number: int, line: str) -> None:
    assert notify(due, "false").code == 1
    path = due / "notify" / "state.jsonl"
    lines = path.read_text().splitlines()
    lines[number - 1] = line
    path.write_text("\n".join(lines) + "\n")
    for words in ((), ("--list",), ("-n",), ("--retry",)):
        done = notify(due, "cat", *words)
        assert (done.code, done.out) == (3, "")
        assert done.err.startswith(f"crm: notify/state.jsonl:{number}: this line is not as crm notify wrote it\n  fix:")


def test_a_story_of_a_rulebook_runs_nothing(tmp_path: Path) -> None:
    policies, house = tmp_path / "policies", Path(__file__).parents[2] / "policies" / "relations"
    shutil.copytree(house, policies / house.name)
    tests = policies / house.name / "staff.tests.yaml"
    text = tests.read_text("utf-8").partition("\nstories:")[0]
    story = f"""
stories:
  - name: it tries to run a program
    when: {{run: "notify --exec 'touch {tmp_path}/ran'"}}
    then: {{exit: 2}}
"""
    tests.write_text(text + story, "utf-8")
    done = crm("policy", "test", str(policies))
    assert done.code == 0, done.out + done.err
    assert not (tmp_path / "ran").exists()


def test_the_fields_of_an_item_are_those_of_its_page(due: Path, tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "notify.md").read_text("utf-8")
    program = f"sh -c 'cat > {tmp_path}/told; env | grep -o ^CRM_[A-Z]* > {tmp_path}/variables'"
    assert notify(due, program).code == 0
    table = page.partition("## What it is handed")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `([a-z]+)` \|", table, re.MULTILINE) == list(json.loads((tmp_path / "told").read_text()))
    variables = {*(tmp_path / "variables").read_text().split()} - {"CRM_NOW", "CRM_LANG"}
    assert set(re.findall(r"`(CRM_[A-Z]+)`", table)) == variables


NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)


def test_an_item_is_tried_eight_times_in_about_a_day() -> None:
    one, now, tries = Waiting(8, "x"), NOW, 0
    while not one.given_up:
        assert one.due(now)
        one = one.missed(now, "exit 1")
        tries += 1
        if one.again:
            now = datetime.fromisoformat(one.again)
    assert (tries, one.again, one.due(now + timedelta(days=900))) == (8, "", False)
    assert timedelta(hours=20) < now - NOW < timedelta(hours=28)


@given(st.integers(0, len(BACK_OFF) - 1), st.timedeltas(timedelta(days=-3000), timedelta(days=3000)))
def test_a_clock_that_was_wrong_holds_up_no_item_for_longer_than_the_longest_wait(tries: int, off: timedelta) -> None:
    one = Waiting(8, "x", tries).missed(NOW + off, "exit 1")
    assert one.due(NOW) or one.due(NOW + BACK_OFF[-1])
    assert Waiting(8, "x", tries).missed(NOW, "exit 1").due(NOW) is False
