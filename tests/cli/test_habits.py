"""Habits that every command has: what it says and where, what its options are called, what its help looks like."""

from __future__ import annotations

import csv
import io
import json
import re
import shlex
from functools import cache
from typing import TYPE_CHECKING, Any

import desk
import pytest
from desk import crm
from terminal import columns

from crm_cli import cli, language
from crm_cli.commands.examples import examples
from crm_cli.commands.options import OPTIONS
from crm_cli.render import streams

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FRONT = cli._front()
COMMANDS = [
    f"{noun} {verb}".strip()
    for noun in FRONT.list_commands(None)
    for verb in getattr(FRONT.get_command(None, noun), "_makers", [""])
]
WRITERS = (
    "rotate arrive 客二",
    "rotate call 客三",
    "rotate finish 李娜",
    "rotate status 赵磊 private",
    "rotate off 赵磊 leave",
    "rotate on 赵磊",
    "rotate owe 李娜 --reason test",
    "rotate adjust 张伟 李娜 赵磊 --reason test",
    "rotate order 李娜 张伟 赵磊 --week 2025-W11",
    "register add 客四 --to 李娜 --kind visit",
    "register link 客四 --same-as 客一 --relation family",
    "staff add 新人 --role clerk",
    "staff deputy 张伟 --for 王芳 --from 2025-03-03T09:00+08:00 --until 2025-03-05T09:00+08:00",
    "staff depart 新人",
    "correct 8 --set client=客七 --reason misheard -y",
    "rotate close",
)
LISTS = ("log", "staff list", "rotate show", "rotate fairness", "due --within 7d", "policy show rotation", "help")


@pytest.fixture
def asked(office: Path) -> Path:
    assert crm("rotate", "arrive", "客一", office=office).code == 0
    return office


# ── what is said, and where ────────────────────────────────────────────────────────────────────────────────────────


def test_every_writer_confirms_in_one_line_with_the_number_to_ask_for_it(asked: Path) -> None:
    for line in WRITERS:
        done = crm(*line.split(), office=asked)
        assert done.code == 0, f"{line}: {done.err}"
        numbers = re.findall(r"^.+  #(\d+)$", done.out + done.err, re.MULTILINE)
        assert len(numbers) == 1, f"{line}: {done.out}{done.err}"
        assert crm("why", numbers[0], office=asked).code == 0


def test_a_decision_and_its_articles_are_two_lines(asked: Path) -> None:
    for line in (one for one in WRITERS if not one.startswith("correct")):  # which lists what follows from it
        said = crm(*line.split(), office=asked)
        assert len((said.out + said.err).splitlines()) <= 2, said
        assert ("\nby " in said.out) == bool(said.out), "a decision names its articles"


def test_quiet_silences_what_is_confirmed_and_nothing_else(asked: Path, tmp_path: Path) -> None:
    loud = desk.copied(asked, tmp_path / "loud")
    for line in WRITERS:
        done, quiet = crm(*line.split(), office=loud), crm(*line.split(), "-q", office=asked)
        assert (quiet.code, quiet.out, quiet.err) == (done.code, done.out, ""), line
    wrong = ("rotate", "finish", "无名")
    assert crm(*wrong, "-q", office=asked) == crm(*wrong, office=asked), "an error is always said"


def test_a_list_of_nothing_is_no_failure(office: Path) -> None:
    for line in ("log --since 2025-03-04T00:00+08:00", "due --within 1m", "rotate fairness --since 2025-03-04T00:00Z"):
        assert crm(*line.split(), office=office).code == 0
        assert crm(*line.split(), "-o", "jsonl", office=office).code == 0
    assert crm("log", "--since", "2025-03-04T00:00+08:00", office=office).out == ""


def test_nothing_is_asked_when_nobody_can_answer(asked: Path, tmp_path: Path) -> None:
    for line in (*WRITERS, "init new --profile sales-office --manager 王芳", "ledger verify --from-disk", "tick"):
        done = crm(*line.split(), office=asked, cwd=tmp_path)
        assert done.code == 0, f"{line}: {done.err}"
        assert not (done.out + done.err).rstrip().endswith(("?", "？", ":", "：")), line


# ── formats ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("line", LISTS)
def test_every_list_is_there_in_every_format(office: Path, line: str) -> None:
    data = json.loads(crm(*line.split(), "--json", office=office).out)
    assert data == json.loads(crm(*line.split(), "-o", "json", office=office).out)
    listed = [json.loads(one) for one in crm(*line.split(), "-o", "jsonl", office=office).out.splitlines()]
    table = list(csv.DictReader(io.StringIO(crm(*line.split(), "-o", "csv", office=office).out)))
    markdown = crm(*line.split(), "-o", "md", office=office).out.splitlines()
    assert listed
    assert len(listed) == len(table) == len(markdown) - 2


@pytest.mark.parametrize("line", LISTS)
def test_a_table_for_excel_is_the_same_with_a_mark(office: Path, line: str, tmp_path: Path) -> None:
    for name in ("=1+1", "-1 号", '引"号,逗'):
        assert crm("rotate", "arrive", "--", name, office=office).code == 0
    file = tmp_path / "table.csv"
    assert crm(*line.split(), "--excel", "--output", str(file), office=office) == desk.Done(0, "", "")
    text = file.read_bytes()
    assert text.startswith(b"\xef\xbb\xbf")
    excel = list(csv.reader(io.StringIO(text.decode("utf-8-sig"))))
    plain = list(csv.reader(io.StringIO(crm(*line.split(), "-o", "csv", office=office).out)))
    assert [[one.removeprefix("'") for one in row] for row in excel] == plain
    assert not any(re.match(r"[=+@]|-\D|-\d+ ", one) for row in excel for one in row)


def values(data: Any) -> Iterator[Any]:
    if isinstance(data, dict):
        for value in data.values():
            yield from values(value)
    elif isinstance(data, list):
        for value in data:
            yield from values(value)
    else:
        yield data


@pytest.mark.parametrize(
    "line", ["log", "rotate show", "due --within 7d", "rotate fairness", "why 8", "rotate arrive 客九"]
)
def test_times_bear_an_offset_and_ids_are_texts(asked: Path, line: str) -> None:
    data = json.loads(crm(*line.split(), "--json", office=asked).out)
    times = [one for one in values(data) if isinstance(one, str) and re.match(r"\d{4}-\d\d-\d\dT", one)]
    assert all(re.fullmatch(r"[-0-9]{10}T[:0-9]{8}(Z|[-+]\d\d:\d\d)", one) for one in times)
    assert all(isinstance(one, str) for one in data["events"])
    assert not any(isinstance(one, float) for one in values(data))


# ── the same words, whatever is tried or repeated ──────────────────────────────────────────────────────────────────


def test_what_a_dry_run_shows_is_what_is_then_recorded(asked: Path) -> None:
    stamped = ("logged", "hash")
    for line in WRITERS:
        before = len(desk.lines(asked))
        tried = [json.loads(one) for one in crm(*line.split(), "-n", office=asked).out.splitlines() if one[0] == "{"]
        assert len(desk.lines(asked)) == before
        assert crm(*line.split(), office=asked).code == 0
        real = [json.loads(one) for one in desk.lines(asked)[before:]]
        assert tried == [{name: value for name, value in one.items() if name not in stamped} for one in real], line


def test_the_same_request_twice_records_once(asked: Path) -> None:
    for number, line in enumerate(WRITERS):
        first = crm(*line.split(), "--id", f"k{number}", "--json", office=asked)
        before = desk.digest(asked)
        again = crm(*line.split(), "--id", f"k{number}", "--json", office=asked)
        assert json.loads(again.out)["events"] == json.loads(first.out)["events"], line
        assert desk.digest(asked) == before, line


# ── names ──────────────────────────────────────────────────────────────────────────────────────────────────────────

SYNONYMS = {
    "create",
    "make",
    "insert",
    "remove",
    "delete",
    "ls",
    "get",
    "view",
    "display",
    "print",
    "set",
    "end",
    "stop",
}


def test_a_command_is_a_noun_and_a_verb_and_no_verb_has_a_second_name() -> None:
    assert all(re.fullmatch(r"[a-z]+( [a-z]+(-[a-z]+)*)?", command) for command in COMMANDS)
    assert not {command.split()[-1] for command in COMMANDS} & SYNONYMS


def test_no_command_and_no_option_is_abbreviated(office: Path) -> None:
    for line in (
        "rot show",
        "rotate sho",
        "r show",
        "rotate show --js",
        "rotate show --forma json",
        "rotate show --quie",
    ):
        done = crm(*line.split(), office=office)
        assert (done.code, done.out) == (2, ""), line
        assert "there is no" in done.err


def parameters() -> Iterator[tuple[str, Any]]:
    for command in COMMANDS:
        made = FRONT
        for word in command.split():
            made = made.get_command(None, word)
        yield from ((command, one) for one in made.params)


def test_the_standard_options_mean_what_they_mean_everywhere() -> None:
    short = {"-n": "--dry-run", "-q": "--quiet", "-o": "--format", "-h": "--help", "-C": "--office", "-y": "--yes"}
    found = [(command, one.opts) for command, one in parameters() if one.param_type_name == "option"]
    assert found
    for command, names in found:
        assert any(name.startswith("--") for name in names), f"{command}: every option has a long name"
        assert all(short.get(name) in names for name in names if len(name) == 2), command
    assert crm("--version").out.startswith("crm 0.")
    assert crm("-h").out == crm("--help").out


def test_what_is_not_a_customer_a_person_or_an_id_is_an_option() -> None:
    positional = {one.metavar for _command, one in parameters() if one.param_type_name == "argument"}
    assert positional <= {
        "CLIENT", "PERSON", "PERSON...", "NAME", "EVENT", "OFFICE", "FILE|-", "HOUSE", "FOLDER", "TOPIC", "RULE",
        "KIND", "STATUS", "WORD", "PERIOD", "PAGE", "bash|zsh|fish", "TO", "TEXT", "ID", "MONTH",
    }  # fmt: skip


def test_every_shared_option_but_three_has_its_variable() -> None:
    without = {name for name, (*_rest, variable) in OPTIONS.items() if variable is None}
    assert without >= {"at", "id", "dry_run"}
    for name, (declarations, *_rest, variable) in OPTIONS.items():
        assert variable in (None, f"CRM_{name.upper()}"), declarations


@pytest.mark.parametrize(
    ("variable", "value", "option"),
    [
        ("CRM_JSON", "1", "--json"),
        ("CRM_FORMAT", "csv", "-ocsv"),
        ("CRM_BY", "李娜", "--by=李娜"),
        ("CRM_NOW", "2025-03-03T11:00+08:00", "--now=2025-03-03T11:00+08:00"),
        ("CRM_QUIET", "1", "-q"),
        ("CRM_LANG", "zh_CN", "--lang=zh_CN"),
        ("CRM_EXCEL", "1", "--excel"),
        ("CRM_COLOR", "always", "--color=always"),
    ],
)
def test_a_variable_does_what_its_option_does(office: Path, variable: str, value: str, option: str) -> None:
    for line in ("rotate show", "staff add 新人 --role clerk -n"):
        assert crm(*line.split(), office=office, env={variable: value}) == crm(*line.split(), option, office=office)


# ── help ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@cache
def helped(command: str, wish: str) -> list[str]:
    env = {"CRM_LANG": wish, "COLUMNS": "80"}
    done = crm(*command.split(), "--help", env=env)
    assert (done.code, done.err) == (0, "")
    return done.out.splitlines()


@pytest.mark.parametrize("wish", ["zh_CN", "zh_TW", "en"])
@pytest.mark.parametrize("command", COMMANDS)
def test_a_help_is_a_sentence_an_example_and_a_line_an_option_on_one_screen(command: str, wish: str) -> None:
    lines = helped(command, wish)
    assert len(lines) <= 24
    assert max(map(columns, lines)) <= 80
    assert lines[2].startswith("  "), "after the usage, the sentence"
    example = next(line for line in lines if line.startswith("  crm "))
    assert example.startswith(f"  crm {command}")
    options = [line for line in lines if line.startswith("  -")]
    assert options
    assert lines.index(example) < lines.index(options[0])


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_an_example(command: str) -> None:
    assert command in examples()


EXAMPLES = {
    "en": ("Mary", "Anna", "Ben", "Carl", "Ms Wang", "Mr Li"),
    "zh_CN": ("王芳", "李娜", "张伟", "赵磊", "王女士", "李先生"),
}


ON_A_LINE = ("penalty appeal", "penalty execute", "penalty notify", "penalty waive")


@pytest.fixture(scope="module", params=EXAMPLES)
def manned(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """Answer a language and an office whose people are called as in its examples."""
    manager, *staff, lady, gentleman = EXAMPLES[request.param]
    folder = tmp_path_factory.mktemp("manned") / "office"
    begun = {"CRM_NOW": desk.FOUNDED}
    assert crm("init", str(folder), "--profile", desk.HOUSE, "--manager", manager, env=begun).code == 0
    lines = [f"staff add {one} --role salesperson" for one in staff]
    lines += [f"rotate order {' '.join(staff)}", "rotate open"]
    lines += [f"rotate arrive {shlex.quote(one)}" for one in (lady, gentleman)]
    assert crm("run", "-", office=folder, stdin="\n".join(lines).encode()).code == 0
    for tests in (folder / "policies").glob("*/*.tests.yaml"):
        short = tests.read_text("utf-8").partition("\nstories:")[0]  # the stories are played elsewhere
        tests.write_text(short, "utf-8") if "\ntests:" in f"\n{short}" else tests.unlink()
    (folder.parent / "day.crm").write_text("rotate next\n")
    (folder.parent / "customers.csv").write_text(f"who,by\n{lady},{staff[0]}\n")
    (folder.parent / "customers.yaml").write_text("columns: {client: who, to: by}\nconstants: {kind: visit}\n")
    return request.param, folder


@pytest.mark.parametrize("command", sorted(examples()))
def test_every_example_is_understood(manned: tuple[str, Path], tmp_path: Path, command: str) -> None:
    wish, office = manned
    language.speak("en")
    typed = said_in(wish, command).replace("HOUSE", desk.HOUSE).replace("\\\n", "")
    assert typed.startswith(f"crm {command}")
    folder = desk.copied(office.parent, tmp_path / "place")
    done = crm(*shlex.split(typed)[1:], office=folder / "office", cwd=folder, env={"CRM_LANG": wish})
    of_no_line = command in ON_A_LINE and "crm penalty list" in done.err  # nobody is charged with anything here
    assert done.code in (0, 1) or of_no_line, done.err
    assert done.out or done.err or list(folder.glob("*s.csv")) or command in ("tick", "notify", "rotate close")


def said_in(wish: str, command: str) -> str:
    """Answer the example as the help shows it in a language."""
    lines = helped(command, wish)
    first = next(number for number, line in enumerate(lines) if line.startswith("  crm "))
    return "\n".join(lines[first : lines.index("", first)]).strip()


def test_a_failure_of_the_machine_is_told_with_a_way_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(_words: Any, _session: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cli, "perform", fails)
    assert cli.run(["rotate", "next"]) == 5
    assert capsys.readouterr().err.startswith("crm: the machine failed: No space left on device\n  fix: ")


def test_the_columns_of_the_program_are_those_of_the_libraries() -> None:
    from rich.cells import cell_len
    from wcwidth import wcswidth

    from crm_cli.columns import width

    for text in (
        "王",
        "欧阳春晓",
        "Ann O'Neill",
        "㐀㛃",
        "第9条、第1条",
        "é",
        "e\u0301",
        "ｆｕｌｌ",
        "“引号”…",
        "한국",
        "かな",
        "𠮷",
        "",
    ):
        assert width(text) == wcswidth(text) == cell_len(text) == columns(text), text


def test_plain_is_off_unless_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    for value, expected in (("", False), ("0", False), ("1", True)):
        monkeypatch.setenv("CRM_PLAIN", value)
        assert streams.plain() is expected


def test_a_check_lists_everything_that_is_wrong(office: Path) -> None:
    for path in sorted((office / "policies" / desk.HOUSE).glob("r[eo][gt]*@*.yaml")):
        path.write_text(path.read_text("utf-8").replace("policy: ", "polcy: ", 1), "utf-8")
    done = crm("policy", "check", office=office)
    assert done.code == 3
    assert {line.split("@")[0] for line in done.out.splitlines() if "polcy" in line and "@" in line} == {
        "policies/sales-office/register",
        "policies/sales-office/rotation",
    }
