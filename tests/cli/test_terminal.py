"""What people see: nothing wider than the terminal, columns one under the other, colours only where they help."""

from __future__ import annotations

import json
import re
import shutil
import stat
from pathlib import Path

import desk
import pytest
from desk import crm
from terminal import Shown, columns, shown

LANGUAGES = ("zh_CN", "zh_TW", "en")
WEEK = Path(__file__).parents[2] / "samples" / "sales-office" / "week.crm"
MIDDLE = "2025-03-12T11:3"  # the desk is busy then
NOON = "2025-03-12T11:40+08:00"
LOOKS = (
    "rotate show",
    "rotate fairness",
    "rotate next",
    "log",
    "due --within 7d",
    "why 190",
    "staff list",
    "policy show rotation",
    "policy show register",
    "register owner 欧阳春晓",
    "ledger verify",
    "help",
    "help exit-codes",
    "help environment",
    "help ledger",
    "help policies",
    "help cron",
    "due --within 1w",
    "rotate status 林晓梅 freee",
    "rotate order 林晓梅",
    "rotate arrive",
    "rotate arrive 客人 --by 孙丽 -q -n",
    "rotate arrive --help",
    "rotate --help",
    "--help",
    "demo",
)
FOR_MACHINES = re.compile(r"[!-~]{61}")  # a hash or JSON: it is copied whole


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Answer an office in the middle of a busy day, with names of two, three and four characters and a Latin one."""
    folder = tmp_path_factory.mktemp("busy") / "office"
    begun = {"CRM_NOW": "2025-03-10T08:00+08:00"}
    assert crm("init", str(folder), "--profile", desk.HOUSE, "--manager", "何静", env=begun).code == 0
    text = WEEK.read_text("utf-8").replace("郑海涛", "欧阳海涛").replace("马俊", "Ann O'Neill")
    lines = re.sub(r"Ann O'Neill(?![\"])", '"Ann O\'Neill"', text).splitlines()
    until = next(number for number, line in enumerate(lines) if MIDDLE in line)
    names = ("欧阳春晓", "Mr. Featherstonehaugh")
    more = [f"rotate arrive '{name}' --now 2025-03-12T11:35+08:00 --by 孟洁" for name in names]
    more += ["rotate status 吴倩 open --now 2025-03-12T11:36+08:00 --by 孟洁"]
    more += [f"rotate arrive 客{number} --now 2025-03-12T11:37+08:00 --by 孟洁" for number in range(5)]
    script = "\n".join([*lines[:until], *more]).encode()
    done = crm("run", "-", "--flush-every", "500", "--json", office=folder, stdin=script)
    assert done.code == 0, done.out.splitlines()[-1]
    return folder


def seen(busy: Path, line: str, language: str, size: tuple[int, int] = (80, 24), /, **env: str) -> Shown:
    named = {"CRM_LANG": language, "CRM_NOW": NOON, "PAGER": "cat", **env}
    return shown(*line.split(), office=busy, size=size, env=named)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("line", LOOKS)
@pytest.mark.parametrize("width", [80, 200])
def test_nothing_is_wider_than_the_terminal(busy: Path, line: str, language: str, width: int) -> None:
    done = seen(busy, line, language, (width, 24))
    wide = [one for one in done.lines if columns(one) > width and not FOR_MACHINES.search(one)]
    assert wide == []
    assert done.lines
    assert "Traceback" not in done.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_columns_of_the_board_stand_one_under_the_other(busy: Path, language: str) -> None:
    lines = seen(busy, "rotate show", language).lines
    head = next(number for number, line in enumerate(lines) if line.startswith("1  ")) - 1
    board = lines[head:]
    starts = [columns(board[0][: found.start()]) for found in re.finditer(r"\S+", board[0])]
    rows = [cells(line, [0, *starts]) for line in board[1:]]
    people = [row[1] for row in rows if row[0]]
    assert {"林晓梅", "赵敏", "欧阳海涛", "Ann O'Neill"} <= set(people)
    assert all(re.fullmatch(r"\d+|-|", row[0]) for row in rows)
    assert all(re.fullmatch(r"\d\d:\d\d|", row[4]) for row in rows)
    figures = [row[5:] for row in rows if row[0]]
    assert all(re.fullmatch(r"-?\d+", figure) for row in figures for figure in row)


def cells(line: str, starts: list[int]) -> list[str]:
    """Answer what stands in a line from each column on; a character that straddles a border fails."""
    at, found = 0, [""] * len(starts)
    for sign in line:
        place = max(number for number, start in enumerate(starts) if start <= at)
        assert place + 1 >= len(starts) or at + columns(sign) <= starts[place + 1], f"{sign} straddles in {line}"
        found[place] += sign
        at += columns(sign)
    return [one.strip() for one in found]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_log_is_one_line_an_event_cut_with_a_sign(busy: Path, language: str) -> None:
    done = seen(busy, "log --since 2025-03-12T00:00+08:00", language)
    numbers = [line.split()[0] for line in done.lines[1:]]
    assert numbers == [str(int(numbers[0]) + place) for place in range(len(numbers))]
    assert any("…" in line for line in done.lines)
    assert "rotation." not in done.text, "people read words"


@pytest.mark.parametrize("language", LANGUAGES)
def test_in_a_pipe_nothing_is_cut(busy: Path, language: str) -> None:
    done = crm("log", office=busy, env={"CRM_LANG": language, "CRM_NOW": NOON})
    assert "…" not in done.out
    assert "rotation.status_set" in done.out
    assert "Mr. Featherstonehaugh" in done.out


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_of_a_help_stand_one_under_the_other(busy: Path, language: str) -> None:
    lines = seen(busy, "rotate --help", language).lines
    first = next(number for number, line in enumerate(lines) if line.startswith("  arrive "))
    begin = {columns(line) - columns(line[17:]) for line in lines[first:] if line.startswith("  ") and line[2] != " "}
    assert begin == {17}
    assert all(not line[:19].strip() for line in lines[first:] if line.startswith("   "))


# ── colours ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_colours_are_bold_green_and_red_which_dark_and_light_can_show(busy: Path) -> None:
    boards = [
        seen(busy, "rotate show", "en"),
        seen(busy, "due", "en", CRM_NOW="2025-03-13T08:00+08:00"),
        seen(busy, "rotate nxt", "en"),
    ]
    assert all(board.paints for board in boards)
    assert set().union(*(board.paints for board in boards)) <= {"", "0", "1", "31", "32"}


@pytest.mark.parametrize(
    "env", [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {"CRM_COLOR": "never"}, {"CRM_PLAIN": "1"}, {"NO_COLOR": "0"}]
)
@pytest.mark.parametrize("line", ["rotate show", "rotate nxt", "due"])
def test_colours_are_left_out_where_they_are_not_wanted(busy: Path, env: dict[str, str], line: str) -> None:
    assert "\x1b" not in seen(busy, line, "en", (80, 24), **env).raw


def test_an_empty_no_color_says_nothing(busy: Path) -> None:
    assert seen(busy, "rotate show", "en", NO_COLOR="").paints


def test_the_option_comes_before_the_variables(busy: Path) -> None:
    assert seen(busy, "rotate show --color always", "en", NO_COLOR="1", TERM="dumb").paints
    assert not seen(busy, "rotate show --color never", "en", CRM_COLOR="always").paints


def test_each_stream_decides_for_itself(busy: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    assert "\x1b" not in crm("rotate", "show", office=busy).out
    assert "\x1b[1;32m" in crm("rotate", "show", "--color", "always", office=busy).out, "for a pager"
    assert not seen(busy, f"rotate show --output {kept}", "en").paints
    assert "\x1b" not in kept.read_text("utf-8")
    assert "\x1b" not in crm("rotate", "nxt", office=busy).err


@pytest.mark.parametrize("line", ["rotate show", "due --now 2025-03-13T08:00+08:00"])
def test_without_colours_the_words_are_the_same(busy: Path, line: str) -> None:
    coloured, plain = seen(busy, line, "en"), seen(busy, f"{line} --color never", "en")
    assert [one.rstrip() for one in coloured.lines] == plain.lines
    assert crm(*line.split(), "--color", "always", "--json", office=busy) == crm(*line.split(), "--json", office=busy)


def test_an_unknown_wish_for_colours_is_refused(busy: Path) -> None:
    done = crm("rotate", "show", "--color", "red", office=busy)
    assert (done.code, done.err) == (2, "crm: 'red' does not say when to colour\n  fix: --color auto|always|never\n")


# ── the pager ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def pager(tmp_path: Path) -> Path:
    """Answer a pager that says what it was given and how."""
    script = tmp_path / "pager"
    script.write_text('#!/bin/sh\necho "PAGER $1 LESS=$LESS"\nexec cat\n')
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return script


def test_what_is_longer_than_the_screen_is_paged(busy: Path, pager: Path) -> None:
    done = seen(busy, "log", "en", PAGER=f"{pager} 'with blank'")
    assert done.lines[0] == "PAGER with blank LESS=FRX"
    assert done.lines[1].startswith("event"), "headed, and in columns"
    assert "LESS=Q" in seen(busy, "log", "en", PAGER=str(pager), LESS="Q").text, "what the user set stays"


@pytest.mark.parametrize(
    ("line", "env"),
    [
        ("staff list", {}),
        ("log --no-pager", {}),
        ("log", {"CRM_NO_PAGER": "1"}),
        ("log", {"CRM_PLAIN": "1"}),
        ("log", {"TERM": "dumb"}),
        ("log -o csv", {}),
        ("log --json", {}),
    ],
)
def test_nothing_else_is_paged(busy: Path, pager: Path, line: str, env: dict[str, str]) -> None:
    done = seen(busy, line, "en", (80, 24), **{"PAGER": str(pager), **env})
    assert done.code == 0
    assert "PAGER" not in done.text


@pytest.mark.parametrize("pager_is", ["", "/no/such/pager"])
def test_without_a_pager_the_answer_is_written(busy: Path, pager_is: str) -> None:
    done = seen(busy, "log", "en", PAGER=pager_is)
    assert (done.code, "day opened" in done.text) == (0, True)


def test_less_holds_a_long_answer_and_lets_go(busy: Path) -> None:
    if shutil.which("less") is None:
        pytest.skip("no less here")
    done = shown("log", office=busy, types=b"q", env={"CRM_NOW": NOON})
    assert done.code == 0
    assert len(done.lines) < 60


# ── the board on the wall ──────────────────────────────────────────────────────────────────────────────────────────


def test_the_board_is_renewed_until_somebody_ends_it(busy: Path) -> None:
    from test_watch import watched

    first, second = watched(busy, "xterm-256color")
    assert first.startswith("\x1b[H")
    assert second.startswith("\x1b[H"), "in place of the one before"
    assert "\x1b[2J" not in first + second, "the screen is never empty"
    assert "as of 11:40:00" in second


def test_a_terminal_that_only_prints_gets_no_signs_to_obey(busy: Path) -> None:
    from test_watch import watched

    assert "\x1b" not in "".join(watched(busy, "dumb"))


# ── scripts ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("line", ["rotate show", "log", "staff list", "due", "rotate nxt"])
def test_plain_is_what_a_pipe_gets_in_english(busy: Path, line: str) -> None:
    env = {"CRM_LANG": "", "CRM_PLAIN": "1", "LC_ALL": "zh_CN.UTF-8"}
    at_terminal = shown(*line.split(), office=busy, env={**env, "CRM_NOW": NOON})
    in_pipe = crm(*line.split(), office=busy, env={"CRM_NOW": NOON, "CRM_LANG": "en"})
    assert at_terminal.raw == in_pipe.out + in_pipe.err


def test_plain_still_speaks_what_it_is_told(busy: Path) -> None:
    env = {"CRM_PLAIN": "1", "CRM_NOW": "2025-03-20T08:00+08:00"}
    assert "没有开门" in crm("rotate", "next", office=busy, env={**env, "CRM_LANG": "zh_CN"}).out
    assert "没有开门" in crm("rotate", "next", "--lang", "zh_CN", office=busy, env={**env, "CRM_LANG": ""}).out
    assert "is not open" in crm("rotate", "next", office=busy, env={**env, "CRM_LANG": ""}).out
    assert "没有开门" in crm("rotate", "next", office=busy, env={**env, "CRM_LANG": "zh_CN", "CRM_PLAIN": "0"}).out


def test_json_at_a_terminal_is_one_whole_line(busy: Path) -> None:
    assert json.loads(seen(busy, "rotate show --json", "en").raw)["verdict"] == "shown"
    error = seen(busy, "rotate status 林晓梅 freee --json", "en").raw
    assert json.loads(error)["exit"] == 2
