"""What the guides to scripting tell one to type is run, and comes out as printed."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
GUIDES = {name: (ROOT / "docs" / name).read_text("utf-8") for name in ("scripting.md", "scripting.zh.md")}
SAMPLE = ROOT / "samples" / "sales-office" / "import"
BETWEEN = "──"


def blocks(guide: str, kind: str) -> list[str]:
    """Answer the blocks of a guide that are marked so, in order, without those that are for later."""
    return re.findall(rf"^```(?:{kind})\n(.*?)^```$", GUIDES[guide], re.MULTILINE | re.DOTALL)


def environment(folder: Path) -> dict[str, str]:
    return {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "HOME": str(folder), "LC_ALL": "C.UTF-8"}


def bash(script: str, folder: Path) -> str:
    words = ["bash", "-c", f"exec 2>&1\n{script}"]
    done = subprocess.run(
        words,
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    return done.stdout


def played(guide: str, folder: Path) -> list[str]:
    """Answer what a terminal would show of each block, all typed into one shell, beside the tables that it imports."""
    shutil.copytree(SAMPLE, folder, dirs_exist_ok=True)
    script = []
    for block in blocks(guide, "console|sh"):
        typed = re.findall(r"^\$ (.*)$", block, re.MULTILINE)
        shown = [f"echo {quoted('$ ' + line)}\n{line}" for line in typed] if typed else [block]
        script += [*shown, f"echo {BETWEEN}"]
    return bash("\n".join(script), folder).split(f"{BETWEEN}\n")[:-1]


def quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


@pytest.mark.parametrize("guide", GUIDES)
def test_the_guide_comes_out_as_printed(guide: str, tmp_path: Path) -> None:
    printed = [block if block.startswith("$ ") else "" for block in blocks(guide, "console|sh")]
    assert len(printed) >= 8
    assert played(guide, tmp_path) == printed


@pytest.mark.parametrize("guide", GUIDES)
def test_what_cron_runs_twice_is_recorded_once(guide: str, tmp_path: Path) -> None:
    office = tmp_path / "office"
    made = "crm init office --profile sales-office --manager M && crm -C office rotate next"
    bash(made, tmp_path)
    assert (office / "crm.yaml").exists()
    (office / "calendars").mkdir()
    today = datetime.now(UTC).year
    for year in (today, today + 1):  # the real day may be one on which a calendar is missing
        (office / "calendars" / f"{year}.yaml").write_text(f"year: {year}\nholidays: []\n")
    (tmp_path / "elsewhere").mkdir()
    table = "\n".join(blocks(guide, "cron"))
    env = dict(re.findall(r"^([A-Z_]+)=(.*)$", table, re.MULTILINE))
    assert set(env) == {"PATH", "CRM_OFFICE"}
    env = {name: placed(value, tmp_path) for name, value in env.items()}
    lines = [line.split(maxsplit=5)[5] for line in table.splitlines() if re.match(r"[0-9*]", line)]
    assert len(lines) >= 4
    for line in lines:
        said, kept = [], []
        for _time in range(2):
            words = ["/bin/sh", "-c", placed(line, tmp_path)]
            done = subprocess.run(words, cwd="/", env=env, capture_output=True, text=True, check=False)
            assert (done.returncode, done.stderr) == (0, ""), line
            said.append(done.stdout)
            kept.append([path.read_bytes() for path in sorted((office / "ledger").glob("*.jsonl"))])
        assert kept[0] == kept[1], line
        assert said[1] == "" or "due" in line, line
    assert len((tmp_path / "elsewhere" / "heads").read_text().splitlines()) == 2


def placed(text: str, folder: Path) -> str:
    """Answer a line of the guide as it is on this machine."""
    return text.replace("/srv", str(folder)).replace("/usr/local/bin", str(Path(sys.executable).parent), 1)


def test_the_fields_of_the_guide_are_those_of_the_answers(tmp_path: Path) -> None:
    played("scripting.md", tmp_path)
    rows = re.findall(r"^\| (?:`(.+?)`|all) \| ((?:`\w+` ?)+) \|$", GUIDES["scripting.md"], re.MULTILINE)
    assert len(rows) > 12
    everywhere = set(re.findall(r"\w+", rows[0][1]))
    for command, fields in rows[1:]:
        script = f"export CRM_OFFICE=$PWD/office CRM_NOW=2025-03-03T09:00+08:00 CRM_LANG=en; crm {command} --json"
        answer = json.loads(bash(script, tmp_path))
        assert everywhere | set(re.findall(r"\w+", fields)) <= set(answer), command


@pytest.mark.parametrize("guide", GUIDES)
def test_the_mapping_of_the_guide_is_the_sample(guide: str) -> None:
    assert blocks(guide, "yaml") == [(SAMPLE / "customers.yaml").read_text("utf-8")]
