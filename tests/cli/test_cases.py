"""Kinds of case that a house declares: typed, explained, completed and listed as if they were built in."""

from __future__ import annotations

import json
import re
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import desk
import pytest
from desk import crm
from terminal import columns, shown

from crm_cli import language
from crm_cli.commands.case.argv import Step, example, told
from crm_cli.commands.case.declared import Kind, Labels
from crm_cli.commands.case.front import Group
from crm_cli.policy.book import Book
from crm_cli.rules.case.kinds import kinds
from crm_cli.rules.topics import TOPICS

POLICIES = Path(__file__).parents[2] / "policies"
VERBS = ("new", "collect", "judge", "approve", "pay", "return", "close", "show", "list", "stats", "monthly file")
LATER = {"CRM_NOW": "2025-03-04T10:00+08:00"}


@pytest.fixture
def office(declared: Path, tmp_path: Path) -> Path:
    """Answer an office with two cases."""
    office = desk.copied(declared, tmp_path / "office")
    for name, level in (("王女士", "normal"), ("刘先生", "urgent")):
        new = ("refund", "new", "--by", "李娜", "--channel", "by_phone", "--name", name, "--amount", "12.50")
        done = crm(*new, "--wish", "money", "--phone", "13800138000", "--level", level, office=office)
        assert done.code == 0, done.err
    return office


# ── help ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("wish", ["zh_CN", "zh_TW", "en"])
@pytest.mark.parametrize("verb", VERBS)
def test_a_help_is_a_sentence_an_example_and_a_line_an_option_on_one_screen(
    declared: Path, verb: str, wish: str
) -> None:
    done = crm("refund", *verb.split(), "--help", office=declared, env={"CRM_LANG": wish, "COLUMNS": "80"})
    lines = done.out.splitlines()
    assert (done.code, done.err) == (0, "")
    assert len(lines) <= 24
    assert max(map(columns, lines)) <= 80
    assert lines[2].startswith("  ")
    assert bool(re.search("[一-鿿]", done.out)) == (wish != "en")


HOUSES = sorted(path.parent.name for path in POLICIES.glob("*/complaint@*.yaml"))


@pytest.mark.parametrize("house", HOUSES)
def test_the_help_of_a_complaint_tells_every_word_of_its_choices(tmp_path: Path, house: str) -> None:
    day = {"CRM_NOW": "2025-03-03T09:00+08:00"}
    assert crm("init", str(tmp_path / "o"), "--profile", house, "--manager", "A", env=day).code == 0
    book = Book.open(POLICIES, house, (), TOPICS, None)
    new = Kind("complain", kinds(book.at(date(2025, 3, 3)))["complain"].compiled, Labels(book.words, "zh"))
    for wish, tongue in (("zh_CN", "zh"), ("zh_TW", "zh"), ("en", "en")):
        help_ = crm("complain", "new", "--help", office=tmp_path / "o", env={**day, "CRM_LANG": wish, "COLUMNS": "80"})
        assert help_.code == 0
        assert max(map(columns, help_.out.splitlines())) <= 80
        words = [word for field in new.fields_of("new") for word in new.words_of(field)]
        labels = {word: word if tongue == "en" else new.said_word(word) for word in words}
        told = "".join(help_.out.split())
        assert [word for word, label in labels.items() if "".join(label.split()) not in told] == []


def test_the_kinds_of_an_office_are_in_the_help_of_the_front_door(declared: Path, tmp_path: Path) -> None:
    listed = crm("--help", office=declared).out.partition("Kinds of case in this office:\n")[2]
    assert re.search("^  refund +refund\n  refund monthly +monthly figures of refunds$", listed, re.MULTILINE)
    assert "Kinds of case" not in crm("--help", cwd=tmp_path).out
    assert (
        crm("-C", str(declared), "--help", cwd=tmp_path).out.partition("Kinds of case in this office:\n")[2] == listed
    )
    chinese = crm("-C", str(declared), "refund", "--help", env={"CRM_LANG": "zh_CN"}).out
    assert "裁定（内勤、销售经理）" in chinese


def test_help_and_built_in_commands_stand_whatever_the_policies_say(office: Path) -> None:
    path = office / "policies" / desk.HOUSE / "refund@2025-01-01.yaml"
    path.write_text(path.read_text("utf-8").replace("state: received", "state: [", 1), "utf-8")
    assert crm("--help", office=office).code == 0
    assert crm("help", "cron", office=office).code == 0
    assert crm("refund", "list", office=office).code == 3


def made(**kind: Any) -> Kind:
    """Answer a kind as it is compiled, of which only what a test is about is said."""
    whole = {"title": None, "number": None, "by": None, "closed": [], "every": None, "needs": [], "duties": {}, **kind}
    for name, step in whole["steps"].items():
        step |= {"verb": name.partition(".")[0]}
    for field in whole["fields"].values():
        field.setdefault("type", "text")
    return Kind("thing", whole, Labels(lambda _vocabulary: {}, "en"))


def parameters(kind: Kind, verb: str) -> list[str | None]:
    """Answer how the parameters of a verb are typed, but for those that every command has."""
    found = [one for one in Step(kind, verb).params if not str(one.name).startswith("shared_")]
    return [one.opts[0] if one.param_type_name == "option" else one.metavar for one in found]


def test_the_id_comes_first_unless_the_step_begins_a_case_that_the_office_numbers() -> None:
    steps = {"new": {"opens": True, "asks": ["what"]}, "end": {"opens": False, "args": ["papers"], "takes": ["papers"]}}
    fields = {"what": {}, "papers": {"many": True}}
    kind = made(steps=steps, fields=fields)
    assert parameters(kind, "new") == ["--what"]
    assert parameters(kind, "end") == ["ID", "TEXT..."]
    assert example(kind, "end") == "crm thing end thing-1 '…'"
    given = made(steps=steps, fields=fields, number="given")
    assert parameters(given, "new") == ["ID", "--what"]
    assert example(given, "new") == "crm thing new A-1 --what '…'"


def test_a_step_that_begins_a_case_or_goes_on_with_one_takes_an_id_or_none() -> None:
    kind = made(steps={"plan": {"opens": True}, "report": {"opens": True, "takes": ["what"]}}, fields={"what": {}})
    identity = Step(kind, "report").params[0]
    assert (identity.metavar, identity.required) == ("ID", False)


def test_the_options_of_a_verb_are_those_of_all_its_steps_and_rows_and_what_only_the_program_does_is_not_typed() -> (
    None
):
    steps = {
        "approve.desk": {"opens": False, "asks": [["a", "b"]], "needs": [{"asks": ["c"], "except": []}]},
        "approve.head": {"opens": False, "asks": ["d"], "takes": ["a", "flag"]},
        "expire": {"opens": False, "by": ["office"]},
    }
    fields: dict[str, dict[str, str]] = {name: {} for name in ("a", "b", "c", "d", "e")} | {"flag": {"type": "flag"}}
    kind = made(steps=steps, fields=fields, needs=[{"asks": ["e"], "except": ["approve.head"]}])
    assert parameters(kind, "approve") == ["ID", "--a", "--b", "--c", "--e", "--d", "--flag"]
    assert list(kind.verbs) == ["approve"]
    language.speak("en")
    assert told(kind, "approve")[0] == "Thing: approve; the first of these that may be done"


def test_hands_are_told_in_words() -> None:
    kind = made(steps={"go": {"opens": False}}, fields={"who": {"type": "person"}, "place": {"type": "department"}})
    hands = ["anyone", "office", {"role": "clerk"}, {"field": "who"}, {"role": "clerk", "of": "place"}, {"of": "place"}]
    assert kind.said_hands(hands) == (
        "anybody, the program, clerk, whoever is named as who, clerk of the place, the place named there"
    )


def test_a_help_with_too_many_fields_gives_up_what_everybody_knows_first(declared: Path, tmp_path: Path) -> None:
    office = desk.copied(declared, tmp_path / "office")
    path = office / "policies" / desk.HOUSE / "refund@2025-01-01.yaml"
    more = [f"more_{number}" for number in range(4)]
    text = path.read_text("utf-8").replace(
        "    fields:\n", "".join(["    fields:\n", *(f"      {one}: text\n" for one in more)]), 1
    )
    path.write_text(text.replace("takes: [phone,", f"takes: [{', '.join(more)}, phone,", 1), "utf-8")
    lines = crm("refund", "new", "--help", office=office, env={"COLUMNS": "80"}).out.splitlines()
    assert len(lines) <= 24
    assert all(any(line.startswith(f"  --more-{number} ") for line in lines) for number in range(4))
    assert lines[-1] == "Every command takes more: crm help environment"


# ── what is typed ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_case_goes_on_by_the_edition_of_the_day_it_was_opened(office: Path) -> None:
    folder = office / "policies" / desk.HOUSE
    text = (folder / "refund@2025-01-01.yaml").read_text("utf-8")
    newer = text.replace("edition: 2025-01-01", "edition: 2025-03-04").replace("      judge:", "      decide:")
    newer = (
        newer.replace("[judge]", "[decide]")
        .replace("until: judge", "until: decide")
        .replace("step: judge", "step: decide")
    )
    (folder / "refund@2025-03-04.yaml").write_text(newer, "utf-8")
    old = crm("refund", "judge", "TK-1", "--ruling", "granted", "--by", "陈静", office=office, env=LATER)
    assert (old.code, old.err) == (0, "TK-1 ruling: granted  #14\n")
    assert "did you mean" not in crm("refund", "judge", "--help", office=office).err
    gone = crm("refund", "judge", "TK-9", "--ruling", "granted", "--by", "陈静", office=office, env=LATER)
    assert gone.err.startswith("crm: there is no command 'judge'")
    assert crm("refund", "decide", "--help", office=office, env=LATER).code == 0


def test_files_come_with_a_step(office: Path, tmp_path: Path) -> None:
    (tmp_path / "receipt.txt").write_text("12.50", "utf-8")
    done = crm(
        "refund", "collect", "TK-1", "receipt", "--by", "李娜", "--attach", str(tmp_path / "receipt.txt"), office=office
    )
    assert done.code == 0, done.err
    assert "attached: receipt.txt  " in crm("why", "11", office=office).out


def test_a_run_keeps_what_it_made_and_each_line_may_speak_its_own_language(office: Path) -> None:
    lines = "refund show TK-1 --lang zh_CN\nrefund show TK-1 --lang en\nrefund list --lang zh_CN\nstaff list\n"
    done = crm("run", "-", office=office, stdin=lines.encode())
    assert done.code == 0, done.err
    assert "退款 TK-1" in done.out
    assert "refund TK-1" in done.out


def test_who_is_not_known_to_be_on_the_staff_sees_nothing_personal(office: Path) -> None:
    settings = office / "crm.yaml"
    text = settings.read_text("utf-8")
    settings.write_text(text.partition("users:")[0], "utf-8")
    for line in ("refund show TK-1", "refund show TK-1 --json", "refund list -o csv", "log --json", "why 9 --json"):
        out = crm(*line.split(), office=office).out
        assert "****" in out, line
        assert "王女士" not in out, line
        assert "13800138000" not in out, line
    settings.write_text(text, "utf-8")
    assert "+8613800138000" in crm("refund", "show", "TK-1", office=office).out


def test_json_is_the_same_in_every_language(office: Path) -> None:
    for line in ("refund show TK-1", "refund list", "refund stats"):
        said = {
            wish: crm(*line.split(), "--json", office=office, env={"CRM_LANG": wish}).out for wish in ("en", "zh_CN")
        }
        assert said["en"] == said["zh_CN"]
        assert json.loads(said["en"])["verdict"]


# ── completion ─────────────────────────────────────────────────────────────────────────────────────────────────────


def values(line: str, office: Path, **env: str) -> list[str]:
    env = {"_CRM_COMPLETE": "complete_zsh", "_CRM_COMPLETE_LINE": line, **env}
    return [one.split("\t")[1] for one in crm(office=office, env=env).out.splitlines()]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("crm ref", ["refund"]),
        ("crm refund j", ["judge"]),
        ("crm refund m", ["monthly"]),
        ("crm refund monthly ", ["file", "show", "list", "overdue"]),
        ("crm refund judge ", ["TK-1", "TK-2"]),
        ("crm refund show TK-2", ["TK-2"]),
        ("crm refund judge TK-1 --ru", ["--ruling"]),
        ("crm refund judge TK-1 --ruling ", ["granted", "turned_down"]),
        ("crm refund judge TK-1 --ruling=tu", ["--ruling=turned_down"]),
        ("crm refund judge TK-1 --ruling 不", ["不同意"]),
        ("crm refund judge TK-1 --handler 张", ["张伟"]),
        ("crm refund new --earlier ", ["TK-1", "TK-2"]),
        ("crm refund list --state tu", ["turned_down"]),
        ("crm refund list --ready a", ["approve"]),
        ("crm refund list --level ", ["normal", "urgent"]),
        ("crm refund nonsense ", []),
    ],
)
def test_what_may_come_next(office: Path, line: str, expected: list[str]) -> None:
    assert crm("refund", "list", office=office).code == 0
    assert values(line, office) == expected


def test_completion_waits_for_nobody_and_compiles_nothing(office: Path) -> None:
    assert "refund" in values("crm ", office)
    shutil.rmtree(office / ".cache")
    assert "refund" not in values("crm ", office)
    assert not list((office).glob(".cache/policy.*"))


# ── what it costs ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_built_in_command_loads_nothing_of_cases(office: Path) -> None:
    for line in ("rotate next", "rotate arrive 客一", "staff list"):
        done = crm(*line.split(), office=office, env={"PYTHONPROFILEIMPORTTIME": "1"})
        loaded = {one.rpartition("|")[2].strip() for one in done.err.splitlines() if one.startswith("import time:")}
        assert "crm_cli.cli" in loaded
        assert not [one for one in loaded if one.startswith("crm_cli.commands.case")], line


# ── on a terminal ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("wish", ["zh_CN", "en"])
def test_lists_and_cards_fit_a_terminal(office: Path, wish: str) -> None:
    for line in ("refund list --overdue", "refund show TK-1", "refund stats", "due", "log"):
        seen = shown(*line.split(), office=office, env={"CRM_LANG": wish, "PAGER": "cat", **LATER})
        assert seen.code == 0
        assert max(map(columns, seen.lines)) <= 80, line
    listed = shown("refund", "list", office=office, env={"CRM_LANG": wish, **LATER})
    assert listed.lines[0].split()[0] == ("编号" if wish == "zh_CN" else "id")
    assert "31" in listed.paints, "what is overdue is red, and says so"


def test_a_group_without_a_kind_of_its_own_holds_the_kinds_below_it() -> None:
    below = made(steps={"go": {"opens": True}}, fields={})
    below.name = "box.part"
    group = Group("box", {"box.part": below})
    assert group.listed() == [("box part", "box.part")]
    assert group.list_commands(None) == ["part"]


def test_a_step_is_dated_neither_later_than_now_nor_before_its_case_was_opened(office: Path) -> None:
    step = ("refund", "collect", "1", "receipt", "--by", "李娜")
    later = crm(*step, "--at", "2025-03-04T10:01+08:00", office=office, env=LATER)
    assert (later.code, later.err.splitlines()[0]) == (2, "crm: 2025-03-04 10:01 is still to come")
    earlier = crm(*step, "--at", "2025-03-01T10:00+08:00", office=office, env=LATER)
    assert (earlier.code, "it is dated before receipt of the wish" in earlier.out) == (1, True)
    assert crm(*step, "--at", "2025-03-04T10:00+08:00", office=office, env=LATER).code == 0


def test_another_case_is_named_as_short_as_where_its_own_kind_stands(office: Path) -> None:
    new = ("refund", "new", "--by", "李娜", "--channel", "by_phone", "--name", "王", "--amount", "1", "--wish", "x")
    assert crm(*new, "--earlier", "2", office=office).code == 0
    assert json.loads(crm("refund", "show", "3", "--json", office=office).out)["fields"]["earlier"] == "TK-2"
    assert crm(*new, "--earlier", "9", office=office).code == 2


def test_a_warning_says_what_the_rulebook_would_have_liked(office: Path) -> None:
    pay = ("refund", "pay", "1", "--by", "陈静")
    for verb, by in (("judge", "陈静"), ("approve", "王芳")):
        granted = ("--ruling", "granted") if verb == "judge" else ()
        assert crm("refund", verb, "1", *granted, "--by", by, office=office).code == 0
    assert json.loads(crm(*pay, "-n", "--json", office=office).out)["warnings"][0]["row"] == "pay.needs.1"


def test_a_step_is_not_corrected_but_followed_by_another(office: Path) -> None:
    opened = json.loads(crm("refund", "show", "1", "--json", office=office).out)["steps"][0]["event"]
    done = crm("correct", str(opened), "--void", "--reason", "slip", "--by", "王芳", office=office)
    assert (done.code, "another one follows it" in done.out) == (1, True)


def test_what_is_next_fits_a_terminal_and_leaves_no_line_empty(office: Path) -> None:
    shown_lines = crm("refund", "show", "1", office=office).out.splitlines()
    below = shown_lines[shown_lines.index("next") + 1 :]
    assert all(line.strip() for line in below)
    assert max(map(columns, below)) <= 80


def test_a_person_who_is_not_on_the_staff_is_taken_and_told_of(office: Path) -> None:
    judge = ("refund", "judge", "1", "--ruling", "granted", "--by", "陈静", "-n", "--handler")
    assert "warning: nobody on the staff is called 李那" in crm(*judge, "李那", office=office).err
    assert "warning" not in crm(*judge, "李娜", office=office).err
    assert "warning" not in crm(*judge, "clerk", office=office).err


def test_a_card_says_in_words_what_a_step_left_owing_and_until_when_another_waits(tmp_path: Path) -> None:
    office = tmp_path / "o"
    assert crm("init", str(office), "--profile", "leasing", "--manager", "A").code == 0
    lines = [
        "staff add B --role leasing_manager",
        "staff add C --role leasing_head",
        "register add K --to B --kind visit",
    ]
    for line in [*lines, "archive file --customer K --form archive_form --by B"]:
        assert crm(*line.split(), office=office).code == 0
    assert "not before 2035-03-04 00:00" in crm("archive", "show", "DA-1", office=office).out
    assert json.loads(crm("archive", "list", "--ready", "extend", "--json", office=office).out)["cases"] == []
    mine = tmp_path / "m"
    assert crm("init", str(mine), "--profile", "mining", "--manager", "A").code == 0
    assert crm("staff", "add", "B", "--role", "sales", office=mine).code == 0
    assert crm("archive", "file", "--customer", "K", "--credit", "good", "--by", "B", office=mine).code == 0
    card = crm("archive", "show", "DA-1", office=mine, env={"CRM_LANG": "zh_CN"}).out.splitlines()
    assert [line.strip() for line in card[card.index("还欠着") + 1 :][:4]] == ["总监确认", "电话", "联系人", "以往交易"]


def test_a_refusal_names_every_case_in_the_way_and_calls_them_alike_only_where_one_look_up_found_them(
    tmp_path: Path,
) -> None:
    office = tmp_path / "o"
    assert crm("init", str(office), "--profile", "leasing", "--manager", "A").code == 0
    lines = [
        "staff add B --role leasing_manager",
        "staff add C --role leasing_head",
        "register add K --to B --kind visit",
    ]
    filed = "archive file --customer K --form archive_form --filed-at 2015-01-02T09:00 --by B"
    wrong = ["archive hold DA-1 --reason suit", "complain new --customer K --content noise --by B"]
    for line in [*lines, filed, *wrong]:
        assert crm(*line.split(), office=office).code == 0
    refused = crm("archive", "destroy", "review", "--archive", "DA-1", "--by", "C", office=office).out
    assert "there is already: TS-1, DA-1, due 2025-01-02 23:59 (" in refused
    twin = crm(*filed.split(), office=office).out
    assert "there is already: the same archive DA-1, due 2025-01-02 23:59 (" in twin


def test_whoever_enters_a_breach_is_told_what_was_stated_of_whom(tmp_path: Path) -> None:
    office = tmp_path / "o"
    assert crm("init", str(office), "--profile", "mining", "--manager", "A").code == 0
    for line in ("staff add B --role sales", "archive file --customer K --credit good --by B"):
        assert crm(*line.split(), office=office).code == 0
    looked = ("archive", "looked", "DA-1", "--looker")
    assert "\nstated: viewed without permission (B)\n" in crm(*looked, "B", office=office).err
    assert "\n记入：未经许可查阅（B）\n" in crm(*looked, "B", office=office, env={"CRM_LANG": "zh_CN"}).err
    assert "stated" not in crm(*looked, "A", office=office).err


def test_the_number_alone_names_a_case_whose_kind_has_no_prefix(tmp_path: Path) -> None:
    office = tmp_path / "o"
    assert crm("init", str(office), "--profile", "infosec", "--manager", "A").code == 0
    assert crm("staff", "add", "B", "--role", "information_specialist", office=office).code == 0
    assert crm("archive", "open", "--customer", "K", "--by", "B", office=office).code == 0
    assert json.loads(crm("archive", "show", "1", "--json", office=office).out)["id"] == "archive-1"
    asked = ("archive", "view", "request", "--archive", "1", "--purpose", "x", "--reason", "x", "--viewer", "A")
    done = crm(*asked, "--profile", "x", "--unit-seal", "--head-signature", "B", "--json", office=office)
    assert json.loads(done.out)["id"] == "archive.view-1"
    assert "archive-1" in crm("archive", "view", "show", "1", office=office).out
    assert "there is no viewing 9" in crm("archive", "view", "show", "9", office=office).err
