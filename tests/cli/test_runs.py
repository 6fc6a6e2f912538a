"""What a run of many lines, a closed pipe, a file and the environment may and may not do."""

from __future__ import annotations

import json
import os
import random
import subprocess
import threading
from pathlib import Path

import desk
import pytest
from desk import CRM, crm

LINES = [
    "rotate arrive k{n}",
    "rotate call p{n}",
    "rotate finish 李娜",
    "rotate finish 张伟",
    "rotate status 赵磊 official",
    "rotate status 赵磊 free",
    "rotate off 张伟 leave",
    "rotate on 张伟",
    "rotate next",
]


def facts(office: Path) -> list[dict[str, object]]:
    """Answer the ledger without what the machine's clock stamped."""
    stamped = ("logged", "hash")
    return [
        {key: value for key, value in json.loads(line).items() if key not in stamped} for line in desk.lines(office)[1:]
    ]


@pytest.mark.parametrize("seed", range(12))
def test_lines_that_are_only_tried_change_nothing_for_those_that_are_not(
    office: Path, tmp_path: Path, seed: int
) -> None:
    choice = random.Random(seed)
    script = [choice.choice(LINES).format(n=number) for number in range(30)]
    tried = [[f"{choice.choice(LINES).format(n=f'x{number}')} -n"] * choice.randint(0, 2) for number in range(30)]
    mixed = [line for real, before in zip(script, tried, strict=True) for line in (*before, real)]
    other = desk.copied(office, tmp_path / "other")
    flush = str(choice.choice((1, 2, 7, 100)))
    for folder, lines in ((office, script), (other, mixed)):
        done = crm("run", "-", "--keep-going", "--flush-every", flush, office=folder, stdin="\n".join(lines).encode())
        assert done.code in (0, 1), done.err
    assert facts(office) == facts(other)


def test_a_run_that_is_only_tried_stands_on_its_own_lines(office: Path) -> None:
    before = desk.digest(office)
    done = crm("run", "-", "-n", "--json", office=office, stdin="rotate arrive 客一\nrotate next\n".encode())
    answers = [json.loads(line)["answer"] for line in done.out.splitlines()]
    assert answers[1]["next"] == "张伟"
    assert desk.digest(office) == before


def test_confirmations_wait_until_what_they_confirm_is_durable(office: Path) -> None:
    script = "rotate status 李娜 official\nrotate arrive 客一\nrotate nonsense\n"
    done = crm("run", "-", "--flush-every", "100", office=office, stdin=script.encode())
    assert done.code == 2
    assert done.err.splitlines()[0].startswith("李娜: ")
    assert "line 3" in done.err
    blocked = office / "ledger" / "SUSPECT"
    blocked.touch()
    done = crm("run", "-", "--flush-every", "100", office=office, stdin=script.encode())
    assert (done.code, "李娜: " in done.err) == (5, False)


def test_a_reader_who_has_had_enough_does_not_end_the_run(office: Path) -> None:
    script = "\n".join(f"rotate call p{number}" for number in range(300))
    env = {"PATH": desk.PATH, "CRM_NOW": desk.NOW, "CRM_LANG": "en", "CRM_OFFICE": str(office)}
    with subprocess.Popen([CRM, "run", "-"], env=env, stdin=-1, stdout=-1, stderr=-1, text=True) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        process.stdin.write(script.splitlines()[0] + "\n")
        process.stdin.flush()
        assert process.stdout.readline()
        process.stdout.close()
        process.stdin.write("\n".join(script.splitlines()[1:]))
        process.stdin.close()
        assert (process.wait(60), process.stderr.read()) == (0, "")
    assert sum(b'"rotation.called"' in line for line in desk.lines(office)) == 300


def test_a_pipe_with_a_name_is_written_to_and_stays(office: Path, tmp_path: Path) -> None:
    pipe, heard = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: heard.append(pipe.read_text("utf-8")))
    reader.start()
    assert crm("staff", "list", "--output", str(pipe), office=office).code == 0
    reader.join(10)
    assert "李娜" in heard[0]
    assert pipe.is_fifo()


def test_a_link_goes_on_to_be_one_and_its_file_is_written(office: Path, tmp_path: Path) -> None:
    link, file = tmp_path / "link", tmp_path / "file"
    link.symlink_to(file)
    assert crm("staff", "list", "--output", str(link), office=office).code == 0
    assert link.is_symlink()
    assert "李娜" in file.read_text("utf-8")


def test_a_line_of_a_run_goes_by_the_run_before_the_environment(office: Path) -> None:
    env = {"CRM_NOW": "2025-03-03T10:00+08:00", "CRM_BY": "李娜"}
    script = "rotate status 赵磊 official\nrotate status 赵磊 free --now 2025-03-03T11:30+08:00 --by 陈静\n"
    words = ("run", "-", "--now", "2025-03-03T11:00+08:00", "--by", desk.MANAGER)
    assert crm(*words, office=office, env=env, stdin=script.encode()).code == 0
    last = [json.loads(line) for line in desk.lines(office)[-2:]]
    assert [one["happened"][11:16] for one in last] == ["11:00", "11:30"]
    assert [one["actor"] for one in last] == [desk.MANAGER, "陈静"]


def test_one_time_written_in_two_ways_is_one_request(office: Path) -> None:
    words = ("rotate", "arrive", "客一", "--id", "k", "--json")
    first = crm(*words, "--at", "2025-03-03T09:00+08:00", office=office)
    again = crm(*words, "--at", "2025-03-03T01:00:00Z", office=office)
    assert (first.code, again.code, json.loads(again.out)["events"][0]) == (0, 0, json.loads(first.out)["events"][0])
    assert crm(*words, "--at", "2025-03-03T09:01+08:00", office=office).code == 3


def test_a_refused_attempt_with_a_key_is_recorded_once_and_may_succeed_later(office: Path) -> None:
    words = ("staff", "add", "新人", "--role", "salesperson", "--id", "k", "--json")
    refused = [crm(*words, "--by", "李娜", office=office) for _time in range(3)]
    assert [done.code for done in refused] == [1, 1, 1]
    assert len({json.loads(done.out)["events"][0] for done in refused}) == 1
    assert sum(b'"office.refused"' in line for line in desk.lines(office)) == 1
    assert crm("ledger", "verify", "--replay", office=office).code == 0
    assert crm(*words, "--by", "张伟", office=office).code == 3, "the key of a refusal is taken, too"
    assert crm(*words, office=office).code == 0


def test_readers_say_what_a_writer_left_behind(office: Path) -> None:
    path = next((office / "ledger").glob("*.jsonl"))
    with path.open("ab") as file:
        file.write(b'{"seq":')
    for words in (("rotate", "show"), ("log",), ("ledger", "verify")):
        done = crm(*words, office=office)
        assert (done.code, "7 bytes at the end of the ledger were never acknowledged" in done.err) == (0, True), words
    assert crm("rotate", "arrive", "客一", office=office).code == 0
    assert "never acknowledged" not in crm("rotate", "show", office=office).err


READERS = (
    "rotate fairness",
    "due",
    "help",
    "help cron",
    "staff list",
    "rotate next",
    "rotate show",
    "register owner 客一",
    "log",
    "why 9",
    "ledger verify",
    "ledger head",
    "ledger show 9",
    "policy check",
    "policy test policies --house relations",  # the house with the fewest stories
    "policy show rotation",
)
WRITERS = (
    "tick",
    "rotate arrive 客二",
    "rotate call 客三",
    "rotate finish 李娜",
    "rotate status 李娜 private",
    "rotate owe 李娜 --reason test",
    "register add 客四 --to 李娜 --kind visit",
    "register link 客四 --same-as 客一 --relation family",
    "staff add 新人 --role clerk",
    "staff depart 新人",
    "staff depart 王芳",
    "rotate close",
)


def test_every_answer_names_its_verdict_its_articles_and_its_events(office: Path) -> None:
    assert crm("rotate", "arrive", "客一", office=office).code == 0
    for line in (*READERS, *WRITERS):
        done = crm(*line.split(), "--json", office=office, cwd=Path(__file__).parents[2])
        assert done.code in (0, 1), f"{line}: {done.err}"
        answer = json.loads(done.out)
        assert {"verdict", "cites", "events"} <= set(answer), line
        assert answer["verdict"].replace("_", "").isalpha(), line
