"""The pages of crm help are the tables that the program goes by, and what they tell one to type works."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import desk
import pytest
from desk import crm

from crm_cli import errors
from crm_cli.calendars import written
from crm_cli.columns import width
from crm_cli.commands.help import PAGES, exit_codes
from crm_cli.commands.options import OPTIONS

README = Path(__file__).parents[2] / "README.md"


def test_the_exit_codes_are_those_of_the_program_and_of_the_readme() -> None:
    table = dict(re.findall(r"^\| ([0-9, ]+) \| (.*) \|$", README.read_text("utf-8"), re.MULTILINE))
    assert table == exit_codes()
    classes = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, errors.CrmError)]
    codes = {int(code) for codes in exit_codes() for code in codes.split(",")}
    assert {one.exit for one in classes} | {0, 1, 130} == codes


def test_every_variable_is_on_the_page() -> None:
    page = json.loads(crm("help", "environment", "--json").out)
    assert {row["variable"] for row in page["rows"]} == {
        *(variable for *_rest, variable in OPTIONS.values()),
        "CRM_OFFICE",
        "CRM_NOTIFY",
        "CRM_PLAIN",
        "",
    } - {None}


@pytest.mark.parametrize("topic", PAGES)
@pytest.mark.parametrize("language", ["zh_CN", "zh_TW", "en"])
def test_every_page_is_there_in_every_language(topic: str, language: str) -> None:
    done = crm("help", topic, env={"CRM_LANG": language})
    assert (done.code, done.err) == (0, "")
    assert bool(re.search("[一-鿿]", done.out)) == (language != "en")
    assert max(width(line) for line in done.out.splitlines()) < 120


def test_an_unknown_page_lists_the_pages() -> None:
    done = crm("help", "exit-code")
    assert (done.code, done.err) == (
        2,
        "crm: there is no page 'exit-code'\n  fix: exit-codes | environment | ledger | policies | calendar | cron\n",
    )


def cron_lines() -> list[str]:
    """Answer the commands of the page for cron, without their times."""
    lines = crm("help", "cron").out.splitlines()
    return [line.split(maxsplit=5)[5] for line in lines if re.match(r"[0-9*]", line)]


@pytest.mark.parametrize("line", cron_lines())
def test_what_cron_is_told_to_run_runs_with_nothing_in_the_environment(office: Path, tmp_path: Path, line: str) -> None:
    env = {"PATH": desk.PATH, "CRM_OFFICE": str(office)}
    assert {"PATH", "CRM_OFFICE"} == set(re.findall(r"(?m)^([A-Z_]+)=", crm("help", "cron").out))
    line = line.replace("/usr/local/bin/tell-the-desk", "/bin/cat").replace("/mnt/other", str(tmp_path / "other"))
    done = subprocess.run(["/bin/sh", "-c", line], env=env, cwd="/", capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "" or "ledger" not in line, "nothing is mailed where nothing is wrong"
    assert desk.lines(office)


@pytest.mark.parametrize("language", ["zh_CN", "zh_TW", "en"])
def test_every_setting_of_limits_is_on_the_page_for_calendars(language: str) -> None:
    page = crm("help", "calendar", env={"CRM_LANG": language}).out
    wanted = [*(f"{name}:" for name in written.LIMITS), "holidays: none"]
    assert [name for name in wanted if name not in page] == []


@pytest.mark.parametrize("guide", ["scripting.md", "scripting.zh.md"])
def test_the_calendar_of_a_guide_is_one(guide: str, bare: Path, tmp_path: Path) -> None:
    office = desk.copied(bare, tmp_path / "office")
    text = (README.parent / "docs" / guide).read_text("utf-8")
    (calendar,) = re.findall(r"^```text\n(calendar:\n.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert all(f"{name}:" in calendar for name in written.LIMITS)
    with (office / "crm.yaml").open("a", encoding="utf-8") as file:
        file.write(calendar)
    for start, end in (("15:00", "2025-05-02T15:00"), ("17:00", "2025-05-05T08:00")):  # of a holiday, Thursday 1 May
        words = ("--within", "1 working day", "--from", f"2025-05-01T{start}+08:00")
        assert crm("calendar", "due", *words, office=office).out[:16] == end
