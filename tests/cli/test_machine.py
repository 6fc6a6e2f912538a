"""What the machine does to the program: locks, signals, pipes, full disks, folders that cannot be written."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import desk
import pytest
from desk import CRM, crm

if TYPE_CHECKING:
    from collections.abc import Iterator

NOBODY = 65534
ADD = ("staff", "add", "周敏", "--role", "clerk")
root = pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")


@contextmanager
def held(office: Path, says: bytes = b"4711 rotate arrive") -> Iterator[None]:
    """Hold the lock of an office as another process would."""
    with (office / "ledger" / ".lock").open("r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        os.pwrite(file.fileno(), says.ljust(128), 0)
        yield


@contextmanager
def waiting(office: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    """Start a command that has to wait for the lock, and go on once it says so."""
    env = {"PATH": desk.PATH, "CRM_NOW": desk.NOW, "CRM_LANG": "en", "CRM_OFFICE": str(office)}
    with subprocess.Popen([CRM, *words], env=env, stdout=-1, stderr=-1, text=True) as process:
        assert process.stderr
        assert "waiting for process 4711 (rotate arrive)" in process.stderr.readline()
        yield process
        process.kill()


def as_nobody(office: Path, *words: str) -> desk.Done:
    """Carry out a command as a user who owns nothing."""
    env = {"PATH": desk.PATH, "CRM_NOW": desk.NOW, "CRM_LANG": "en", "CRM_OFFICE": str(office), "CRM_BY": desk.MANAGER}
    command = [shutil.which("setpriv") or "setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    done = subprocess.run(
        [*command, sys.executable, "-m", "crm_cli", *words], env=env, capture_output=True, check=False
    )
    return desk.Done(done.returncode, done.stdout.decode(), done.stderr.decode())


def opened_to_all(office: Path, *, writable: bool) -> None:
    """Let everybody read an office; nobody but root writes unless told so."""
    for path in [office, *office.rglob("*")]:
        if not path.is_symlink():
            path.chmod((0o777 if writable else 0o555) if path.is_dir() else (0o666 if writable else 0o444))


@pytest.fixture
def public(staffed: Path) -> Iterator[Path]:
    """Answer an office in a folder that every user of the machine may enter."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield desk.copied(staffed, Path(folder) / "office")


def test_a_busy_office_is_named_with_its_holder(office: Path) -> None:
    before = desk.digest(office)
    with held(office):
        done = crm(*ADD, "--wait", "0.3", office=office)
        assert crm("staff", "list", office=office).code == 0, "readers take no lock"
    assert done.code == 4
    assert "crm: the office is in use by process 4711 (rotate arrive)\n  fix: " in done.err
    assert done.err.count("waiting for") == 1
    assert desk.digest(office) == before


def test_who_does_not_wait_is_told_at_once(office: Path) -> None:
    with held(office):
        begun = time.monotonic()
        done = crm(*ADD, "--wait", "0", "--json", office=office)
        assert time.monotonic() - begun < 5
    error = json.loads(done.err)
    assert (done.code, done.out, error["exit"], error["where"]) == (4, "", 4, None)
    assert set(error) == {"error", "where", "fix", "exit"}


def test_the_holder_is_named_by_noun_and_verb_only(office: Path) -> None:
    crm("-C", str(office), "rotate", "arrive", "张三", "--asks", "李娜")
    says = (office / "ledger" / ".lock").read_text().strip()
    assert says.split(" ", 1)[1] == "rotate arrive"


def test_ctrl_c_while_waiting_ends_at_once(office: Path) -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background would be born ignoring it
    before = desk.digest(office)
    with held(office), waiting(office, *ADD) as process:
        begun = time.monotonic()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=10)
        assert time.monotonic() - begun < 5
    assert (process.returncode, out, err) == (130, "", "")
    assert desk.digest(office) == before


def test_a_script_that_is_ended_while_waiting_has_written_nothing(office: Path) -> None:
    before = desk.digest(office)
    with held(office), waiting(office, *ADD) as process:
        process.terminate()
        process.communicate(timeout=10)
    assert process.returncode in (143, -signal.SIGTERM)
    assert desk.digest(office) == before
    assert crm(*ADD, office=office).code == 0


def test_what_waited_goes_on_when_the_office_is_free(office: Path) -> None:
    with ThreadPoolExecutor(1) as pool:
        with held(office):
            later = pool.submit(crm, *ADD, "--json", office=office)
            time.sleep(0.7)
        done = later.result(20)
    assert (done.code, json.loads(done.out)["verdict"]) == (0, "done")


def test_a_full_disk_under_the_answer_is_told(office: Path) -> None:
    for words in (("staff", "list"), ("staff", "list", "--json"), ("rotate", "arrive", "客一"), ("log", "-o", "csv")):
        with Path("/dev/full").open("wb") as full:
            env = {"PATH": desk.PATH, "CRM_NOW": desk.NOW, "CRM_LANG": "en", "CRM_OFFICE": str(office)}
            done = subprocess.run([CRM, *words], env=env, stdout=full, stderr=-1, text=True, check=False)
        assert done.returncode == 5, words
        assert "the answer cannot be written: No space left on device" in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize("words", ["log", "log -o jsonl", "run -", "staff list", "--help", "rotate --help"])
def test_a_closed_pipe_is_quiet(office: Path, words: str) -> None:
    env = {"PATH": desk.PATH, "CRM_NOW": desk.NOW, "CRM_LANG": "en", "CRM_OFFICE": str(office)}
    line = f"yes 'staff list' | head -50 | crm {words} | true; echo ${{PIPESTATUS[2]}}"
    done = subprocess.run(["/bin/bash", "-c", line], env=env, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("0\n", "")


@root
def test_in_a_read_only_office_readers_work_and_writers_say_why(public: Path) -> None:
    crm("rotate", "arrive", "客一", office=public)
    opened_to_all(public, writable=False)
    before = desk.digest(public)
    for words in (
        ("staff", "list"),
        ("rotate", "next"),
        ("log",),
        ("why", "8"),
        ("ledger", "verify"),
        ("rotate", "show"),
    ):
        done = as_nobody(public, *words)
        assert (done.code, done.err) == (0, ""), words
    shutil.rmtree(public / ".cache")
    assert as_nobody(public, "rotate", "next").code == 0, "an index in memory serves"
    settings = public / "crm.yaml"
    settings.chmod(0o644)
    settings.write_text(settings.read_text().replace(f'"{desk.USER}"', '"nobody"'))
    done = as_nobody(public, *ADD)
    assert done.code == 5, done.err
    assert done.err.startswith("crm: ledger/.lock: ")
    assert "Permission denied" in done.err
    assert "\n  fix: " in done.err
    assert json.loads(as_nobody(public, *ADD, "--json").err)["exit"] == 5
    assert as_nobody(public, *ADD, "-n").code == 0, "a dry run writes nothing"
    done = as_nobody(public, "staff", "list", "--output", str(public / "list"))
    assert (done.code, "cannot be written: permission denied" in done.err) == (5, True), done.err
    assert desk.digest(public) == before


@root
def test_an_office_that_may_not_be_read_is_told(public: Path) -> None:
    opened_to_all(public, writable=False)
    (public / "crm.yaml").chmod(0o600)
    done = as_nobody(public, "staff", "list")
    assert (done.code, done.err.startswith("crm: crm.yaml: ")) == (5, True), done.err
    public.chmod(0o700)
    done = as_nobody(public, "staff", "list")
    assert (done.code, "cannot be read: Permission denied" in done.err) == (5, True), done.err


@root
def test_no_office_is_made_where_nothing_can_be_written(public: Path) -> None:
    opened_to_all(public, writable=False)
    folder = public.parent / "closed"
    folder.mkdir(mode=0o755)
    done = as_nobody(public, "init", str(folder / "new"), "--profile", desk.HOUSE, "--manager", desk.MANAGER)
    assert (done.code, "\n  fix: choose a folder that can be written" in done.err) == (5, True), done.err
    assert not list(folder.iterdir())
    done = as_nobody(public, "staff", "list", "--output", str(folder / "x"))
    assert (done.code, "permission denied" in done.err) == (5, True), done.err


@root
def test_a_user_without_a_name_is_told_by_number(public: Path) -> None:
    opened_to_all(public, writable=True)
    env = {"PATH": desk.PATH, "CRM_NOW": desk.NOW, "CRM_LANG": "en", "CRM_OFFICE": str(public)}
    command = ["setpriv", "--reuid=54321", f"--regid={NOBODY}", "--clear-groups", sys.executable, "-m", "crm_cli", *ADD]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.splitlines()[0]) == (2, "crm: nobody knows who 54321 is here")


def test_four_desks_at_once_lose_and_double_nothing(office: Path) -> None:
    def desk_of(number: int) -> list[desk.Done]:
        lines = "\n".join(
            f"staff add 新{number}x{one} --role clerk --id s{number}-{one}"
            if one % 2
            else f"rotate arrive 客{number}x{one} --id a{number}-{one}"
            for one in range(25)
        ).encode()
        return [crm("run", "-", "--json", "--wait", "60", office=office, stdin=lines) for _again in range(2)]

    with ThreadPoolExecutor(4) as pool:
        done = [one for many in pool.map(desk_of, range(4)) for one in many]
    assert {one.code for one in done} == {0}, [one.out.splitlines()[-1] for one in done]
    acknowledged = [json.loads(line)["answer"]["events"][0] for one in done for line in one.out.splitlines()]
    keys = [event["key"] for event in map(json.loads, desk.lines(office)) if "key" in event]
    assert len(acknowledged) == 200
    assert len(set(acknowledged)) == 100
    assert len(keys) == len(set(keys)) == 100
    replayed = crm("ledger", "verify", "--replay", office=office)
    assert replayed.code == 0, replayed.out
    board = crm("rotate", "show", "--json", office=office).out
    shutil.rmtree(office / ".cache")
    assert crm("rotate", "show", "--json", office=office).out == board, "the index knows what the ledger says"


def test_single_commands_of_four_desks_are_all_there_once(office: Path) -> None:
    def desk_of(number: int) -> list[int]:
        return [
            crm(
                "staff",
                "add",
                f"乙{number}x{one}",
                "--role",
                "clerk",
                "--id",
                f"k{number}-{one}",
                "--wait",
                "60",
                office=office,
            ).code
            for one in (0, 1, 2, 0, 1, 2)
        ]

    with ThreadPoolExecutor(4) as pool:
        assert {code for codes in pool.map(desk_of, range(4)) for code in codes} == {0}
    names = [
        event["data"]["name"] for event in map(json.loads, desk.lines(office)) if event.get("key", "").startswith("k")
    ]
    assert sorted(names) == sorted(f"乙{number}x{one}" for number in range(4) for one in range(3))


def test_a_desk_whose_key_another_desk_recorded_meanwhile_gets_that_answer(office: Path) -> None:
    env = {"PATH": desk.PATH, "CRM_NOW": desk.NOW, "CRM_LANG": "en", "CRM_OFFICE": str(office)}
    with subprocess.Popen([CRM, "run", "-", "--json"], env=env, stdin=-1, stdout=-1, text=True, bufsize=1) as long:
        assert long.stdin
        assert long.stdout

        def ask(line: str) -> dict[str, object]:
            assert long.stdin
            assert long.stdout
            long.stdin.write(line + "\n")
            long.stdin.flush()
            answer: dict[str, object] = json.loads(long.stdout.readline())
            return answer

        ask("staff list")
        done = crm(*ADD, "--id", "shared", "--json", office=office)
        shutil.rmtree(office / ".cache")  # as if the other had died before its index knew
        ask("staff list")
        again = ask("staff add 周敏 --role clerk --id shared")
        ask("staff add 吴刚 --role clerk --id other")
        long.stdin.close()
    assert again["answer"]["events"] == json.loads(done.out)["events"]  # type: ignore[index]
    assert crm(*ADD, "--id", "shared", "--json", office=office).out == done.out


def test_time_zones_and_locales_of_the_machine_change_nothing(staffed: Path) -> None:
    plain = crm("log", "-o", "csv", office=staffed)
    assert plain.code == 0
    for name, value in (
        ("TZ", "UTC"),
        ("TZ", "America/New_York"),
        ("LC_ALL", "C"),
        ("TERM", "dumb"),
        ("NO_COLOR", "1"),
    ):
        assert crm("log", "-o", "csv", office=staffed, env={name: value}) == plain
    assert crm("log", "-o", "csv", office=staffed, env={"PYTHONIOENCODING": "utf-8"}).out == plain.out


def test_machine_words_are_the_same_in_every_language(staffed: Path) -> None:
    for words in (
        ("rotate", "show"),
        ("staff", "list"),
        ("rotate", "next"),
        ("log",),
        ("rotate", "finish", "李娜", "-n"),
    ):
        answers = {
            language: crm(*words, "--json", office=staffed, env={"CRM_LANG": language}).out
            for language in ("zh_CN", "en")
        }
        said = [
            {name: value for name, value in json.loads(text).items() if name != "says"} for text in answers.values()
        ]
        assert said[0] == said[1]


def test_who_waits_says_so_once_and_not_at_all_when_quiet(office: Path) -> None:
    with held(office):
        for style in ("-q", "--json", "-ocsv"):
            done = crm(*ADD, style, "--wait", "0.3", office=office)
            assert (done.code, "waiting" in done.err) == (4, False), done.err
        done = crm("run", "-", "--keep-going", "--wait", "0.2", office=office, stdin=b"staff add A --role clerk\n" * 3)
    assert (done.code, done.err.count("waiting"), done.err.count("in use by")) == (1, 1, 3)
