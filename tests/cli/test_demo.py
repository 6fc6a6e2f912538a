"""The samples: told by `crm demo`, and carried out line by line in an office of their own."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from wcwidth import wcswidth

from crm_cli import cli, shipped
from crm_cli.commands.session import Session
from crm_cli.errors import CrmError

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
DAY = ROOT / "samples" / "sales-office" / "day.crm"
MONTH = ROOT / "samples" / "car-dealer" / "month.crm"
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith("CRM_") and name != "COLUMNS"}


def crm(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the program with nothing of this machine's settings in its environment."""
    command = [sys.executable, "-c", "from crm_cli.cli import main; main()", *words]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, env=CLEAN | environment
    )


def told(temporary: Path, *words: str, **environment: str) -> str:
    answered = crm("demo", *words, TMPDIR=str(temporary), **{"CRM_LANG": "en", **environment})
    assert (answered.returncode, answered.stderr) == (0, "")
    return answered.stdout


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> str:
    return told(tmp_path_factory.mktemp("temporary"))


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(told(tmp_path_factory.mktemp("temporary"), "--json"))
    return answer


@pytest.fixture(scope="module")
def steps(played: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = played["steps"]
    return found


def cited(step: dict[str, Any]) -> set[str]:
    return {cite["article"] for cite in step["answer"]["cites"]}


def rows(step: dict[str, Any]) -> set[str]:
    return {f"{cite['policy']}/{cite['rule']}#{cite['row']}" for cite in step["answer"]["cites"]}


def assigned(step: dict[str, Any]) -> list[tuple[str | None, str | None]]:
    return [(one["to"], one["how"]) for one in step["answer"].get("assignments", [])]


def hows(step: dict[str, Any]) -> set[str | None]:
    return {how for _to, how in assigned(step)}


def verb(step: dict[str, Any]) -> str:
    return " ".join(step["command"].split()[:2])


def passed(step: dict[str, Any], turn: str) -> bool:
    return any(one["turn"] == turn for one in step["passed"])


RECEIVE = "rotation/receive#"
TURN = "rotation/turn#"
KINDS: dict[str, Callable[[dict[str, Any]], bool]] = {
    "an ordinary turn": lambda step: hows(step) == {"turn"} and not step["passed"],
    "skipped on business": lambda step: passed(step, "owe") and TURN + "business" in rows(step),
    "made up": lambda step: "makeup" in hows(step) and verb(step) == "rotate arrive",
    "a private absence charged": lambda step: passed(step, "charge") and TURN + "private" in rows(step),
    "an own customer without a deal charged": lambda step: passed(step, "charge") and TURN + "open" in rows(step),
    "an own customer with a deal owed": lambda step: passed(step, "owe") and TURN + "closed" in rows(step),
    "a stand-in owed": lambda step: passed(step, "owe") and TURN + "assist" in rows(step),
    "a designation, free": lambda step: "designated" in hows(step) and RECEIVE + "asked_free" in rows(step),
    "a designation, the clerk bridging": lambda step: ("office", "office") in assigned(step),
    "handed over": lambda step: verb(step) == "rotate hand-over",
    "a returning customer, the owner free": lambda step: RECEIVE + "owner_free" in rows(step),
    "a returning customer, the owner busy": lambda step: RECEIVE + "owner_busy" in rows(step),
    "a returning customer, the owner on a rest day": lambda step: RECEIVE + "owner_out" in rows(step),
    "an unrecognised customer": lambda step: "--unrecognised" in step["command"],
    "redirected": lambda step: verb(step) == "rotate redirect" and hows(step) == {"own"},
    "a family arriving as one": lambda step: "--party 4" in step["command"] and len(assigned(step)) == 1,
    "a relative linked": lambda step: "--relation family" in step["command"] and hows(step) == {"own"},
    "a referral who asks": lambda step: "朋友 --asks" in step["command"] and hows(step) == {"designated"},
    "a referral who asks for nobody": lambda step: "介绍" in step["command"] and hows(step) == {"turn"},
    "a caller": lambda step: step["command"] == "rotate call 韩先生" and hows(step) == {"turn"},
    "a caller who visits": lambda step: step["command"] == "rotate arrive 高先生" and hows(step) <= {"turn", "makeup"},
    "a call asking for somebody": lambda step: verb(step) == "rotate call" and hows(step) == {"designated"},
    "a missed call": lambda step: step["answer"]["verdict"] == "missed",
    "a private miss": lambda step: verb(step) == "rotate miss" and "rotation/miss#private" in rows(step),
    "a refusal": lambda step: verb(step) == "rotate refuse" and "rotation/miss#refused" in rows(step),
    "a courier": lambda step: "--errand courier" in step["command"] and assigned(step) == [(None, None)],
    "somebody waiting": lambda step: step["answer"]["verdict"] == "waiting",
    "let through": lambda step: verb(step) == "rotate finish" and bool(assigned(step)),
    "look after both": lambda step: verb(step) == "rotate look-after-both" and bool(assigned(step)),
    "not told": lambda step: "--not-told" in step["command"] and RECEIVE + "not_told" in rows(step),
    "a grab confirmed": lambda step: verb(step) == "rotate confirm-grab" and step["answer"]["verdict"] == "confirmed",
    "leave": lambda step: verb(step) == "rotate off" and "rotation/absence#leave" in rows(step),
    "a late joiner": lambda step: verb(step) == "rotate on",
    "an adjustment": lambda step: verb(step) == "rotate adjust",
    "entered by hand": lambda step: "--at 2025-02-20T10:00+08:00" in step["command"],
    "the day closed": lambda step: verb(step) == "rotate close",
    "a suspended colleague's own customer": lambda step: "rotation/absence#suspended" in rows(step),
    "whose customer it is": lambda step: verb(step) == "register owner" and bool(step["answer"]["owner"]),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_event_occurs(steps: list[dict[str, Any]], kind: str) -> None:
    assert any(KINDS[kind](step) for step in steps), kind


def test_every_line_is_played_in_order_and_succeeds(steps: list[dict[str, Any]]) -> None:
    lines = [number for number, line in enumerate(DAY.read_text("utf-8").splitlines(), 1) if line and line[0] != "#"]
    assert [step["line"] for step in steps] == lines
    assert {step["exit"] for step in steps} == {0}
    assert [step["now"] for step in steps] == sorted(step["now"] for step in steps)


def test_the_day_has_about_forty_arrivals_and_calls(steps: list[dict[str, Any]]) -> None:
    assert 36 <= sum(verb(step) in ("rotate arrive", "rotate call") for step in steps) <= 44


def test_every_decision_cites_its_article(steps: list[dict[str, Any]]) -> None:
    decided = [step for step in steps if verb(step) != "staff add"]  # who works here is no article's business
    assert [step["command"] for step in decided if not cited(step)] == []
    assert all(article.startswith("第") for step in decided for article in cited(step))


def test_whoever_grabbed_a_customer_is_suspended_the_next_day(played: dict[str, Any]) -> None:
    board = played["asked"][0]["answer"]
    assert (board["day"], list(board["off"].values()).count("suspended")) == ("2025-03-04", 1)
    assert "陈浩然" not in board["ring"]


def test_json_tells_what_follows_the_day(played: dict[str, Any]) -> None:
    _board, why, ledger = (one["answer"] for one in played["asked"])
    assert (played["verdict"], played["house"], ledger["verdict"]) == ("played", "sales-office", "whole")
    turns = {outcome for _person, outcome in why["event"]["data"]["assignment"]["passed"]}
    assert turns == {"owe", "charge"}
    assert all(step["caption"] for step in played["steps"])


def test_the_text_tells_the_day(text: str) -> None:
    assert text.startswith("A sample of the rules of 'sales-office'")
    joined = " ".join(text.split())
    for wanted in (
        "王女士 -> 林晓梅 (in turn) [第9条、第1条]",
        "赵敏 is owed",
        "吴倩 is charged",
        "马俊 first of those owed",
    ):
        assert wanted in joined
    for command in ("rotate show", "why", "ledger verify --replay"):
        assert f"\n$ crm {command}" in text
    assert "\nwhole: " in text


def test_the_text_shows_every_caption_and_decision(text: str, steps: list[dict[str, Any]]) -> None:
    assert {step["caption"] for step in steps} <= set(text.splitlines())
    joined = "".join(text.split())
    commands = [step["command"] for step in steps if step["answer"].get("assignments")]
    assert [command for command in commands if "".join(command.split()) not in joined] == []


def test_it_ends_with_how_to_make_an_own_office_and_where_to_read_on(text: str) -> None:
    own, others, further = text.splitlines()[-3:]
    assert others.endswith("crm demo car-dealer")
    assert "crm init my-office --profile sales-office --manager NAME" in own
    assert "crm --help" in further


@pytest.mark.parametrize("columns", [80, 100])
def test_the_text_fits(tmp_path: Path, columns: int) -> None:
    lines = told(tmp_path, COLUMNS=str(columns)).splitlines()
    lines += told(tmp_path, "car-dealer", COLUMNS=str(columns)).splitlines()
    assert [line for line in lines if wcswidth(line) > columns] == []
    assert [line for line in lines if line != line.rstrip()] == []


def test_twice_is_the_same_and_nothing_is_left(tmp_path: Path, text: str) -> None:
    assert told(tmp_path) == text
    assert str(tmp_path) not in told(tmp_path, "sales-office")
    assert list(tmp_path.iterdir()) == []


def test_the_environment_of_an_office_changes_nothing(tmp_path: Path, text: str) -> None:
    here = {"CRM_OFFICE": "/nowhere", "CRM_NOW": "2020-01-01T00:00+08:00", "CRM_BY": "谁", "LANG": "de_DE.UTF-8"}
    assert told(tmp_path, **here) == text


def test_labels_are_chinese_where_no_language_is_wished_for(tmp_path: Path) -> None:
    chinese = told(tmp_path, CRM_LANG="zh_CN")
    assert "轮休" in chinese
    assert "欠补" in chinese


def test_it_is_a_list_of_steps_for_other_programs(tmp_path: Path, steps: list[dict[str, Any]]) -> None:
    listed = list(csv.DictReader(told(tmp_path, "-o", "csv").splitlines()))
    assert [(row["command"], row["now"]) for row in listed] == [(step["command"], step["now"]) for step in steps]


def test_an_unknown_sample_is_refused() -> None:
    answered = crm("demo", "nobody", CRM_LANG="en")
    assert (answered.returncode, answered.stdout) == (2, "")
    assert "crm demo sales-office" in answered.stderr


@pytest.mark.parametrize("sample", [DAY, MONTH], ids=lambda path: path.name)
def test_a_sample_runs_in_a_fresh_office(tmp_path: Path, sample: Path) -> None:
    office = str(tmp_path / "office")
    said = dict(
        line[2:].strip().split(": ", 1) for line in sample.read_text("utf-8").splitlines() if line.startswith("#!")
    )
    made = crm("init", office, "--profile", said["profile"], "--manager", said["manager"], "--now", said["now"])
    assert made.returncode == 0
    answered = crm("-C", office, "run", str(sample), "--json")
    assert answered.returncode == 0, answered.stdout.splitlines()[-1]
    assert {json.loads(line)["exit"] for line in answered.stdout.splitlines()} == {0}
    whole = crm("-C", office, "ledger", "verify", "--replay", "--json")
    assert (whole.returncode, json.loads(whole.stdout)["verdict"]) == (0, "whole")


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(told(tmp_path_factory.mktemp("temporary"), "car-dealer", "--json"))
    return answer


def test_the_month_of_fines_comes_to_what_the_rulebook_says(month: dict[str, Any]) -> None:
    listed, refused, statement, why, rates, ledger = (one["answer"] for one in month["asked"])
    assert [(one["ref"], one["multiplier"], one["amount"]) for one in listed["penalties"]] == [
        ("001.03.D1", 1, "50.00"), ("001.03.D2", 2, "40.00"), ("001.03.D5a", 1, "20.00"),
        ("001.03.D10", 1, "20.00"), ("001.03.D10", 1, "20.00"),
    ]  # fmt: skip
    assert (refused["verdict"], refused["cites"][0]["ref"]) == ("not_allowed", "001.03.D9")
    assert (statement["total"], statement["closed"]) == ("90.00", True)
    assert {one["state"] for one in statement["lines"]} == {"executed"}
    assert why["line"]["id"] == statement["lines"][1]["id"]
    assert [one["figure"] for one in rates["rates"]] == ["66.7", "66.7", "100.0", "0.0"]
    assert ledger["verdict"] == "whole"


def test_the_month_tells_who_does_what_and_on_which_day(tmp_path: Path) -> None:
    text = told(tmp_path, "car-dealer")
    assert "--by 孙敏" in text
    assert [line for line in text.splitlines() if line == "2025-03-31"] == ["2025-03-31"]
    assert "crm demo sales-office" in text.splitlines()[-2]


def test_a_sample_that_is_wrong_says_where(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(shipped, "sample", lambda _name: tmp_path / "day.crm")
    head = [
        "#! profile: sales-office",
        "#! manager: 何静",
        "#! timezone: Asia/Shanghai",
        "#! now: 2025-03-03T08:20+08:00",
    ]
    for lines, says in (
        (head[:3], "the sample does not say its now"),
        ([*head, "rotate close --now 2025-03-03T08:20+08:00 --by 何静"], "the line of the sample is answered: "),
    ):
        (tmp_path / "day.crm").write_text("\n".join(lines) + "\n", "utf-8")
        with pytest.raises(CrmError) as error:
            cli.perform(["demo"], Session(say=print, perform=cli.perform))
        assert says in error.value.what
