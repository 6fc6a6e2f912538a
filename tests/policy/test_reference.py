"""What a stranger needs to write a house: every kind of rule in the reference, and an example that works."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from crm_cli.policy.case.keys import PLACES, TOLD
from crm_cli.policy.forms.penalty import PENALTY_PLACES
from crm_cli.policy.vocabulary import May, Params, Penalty, Table
from crm_cli.rules.topics import TOPICS

ROOT = Path(__file__).parents[2]


def test_every_kind_of_rule_is_in_the_reference() -> None:
    kinds = {type(ask) for topic in TOPICS.values() for ask in topic.asks.values()}
    assert kinds == {May, Params, Penalty, Table}


def crm(*words: str, cwd: Path, fails: bool = False) -> str:
    """Carry out a command that succeeds, or is refused, and answer what it says."""
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    env = {"PATH": path, "CRM_OFFICE": str(cwd / "office"), "CRM_LANG": "en", "CRM_NOW": "2026-03-02T09:00+08:00"}
    done = subprocess.run(["crm", *words], cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert (done.returncode != 0) is fails, done.stdout + done.stderr
    return done.stdout + done.stderr if fails else done.stdout


def test_the_example_is_a_house_that_works(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "policy-format.md").read_text("utf-8")
    files = re.findall(r"```yaml\n# (tea-house/\S+)\n(.*?)```", text, re.DOTALL)
    assert len(files) == 6
    (tmp_path / "tea-house").mkdir()
    for name, content in files:
        (tmp_path / name).write_text(content, "utf-8")
    crm("init", "office", "--profile", "./tea-house", "--manager", "掌柜", cwd=tmp_path)
    assert "error" not in crm("policy", "check", cwd=tmp_path)
    for name in ("小二", "小三"):
        crm("staff", "add", name, "--role", "跑堂", cwd=tmp_path)
    crm("rotate", "order", "小二", "小三", cwd=tmp_path)
    crm("rotate", "open", cwd=tmp_path)
    crm("rotate", "status", "小二", "后厨帮忙", cwd=tmp_path)
    assert "客一 -> 小三" in crm("rotate", "arrive", "客一", cwd=tmp_path)
    said = crm("rotate", "arrive", "客二", "--asks", "小二", cwd=tmp_path)
    assert said == "客二: nobody is free; waits  #9\nby Who receives at the tea house 2026-01-01, 一、八\n"
    found = ("--thing", "伞", "--found-at", "桌上", "--worth", "120", "--keeper", "小三")
    crm("lost", "new", *found, "--by", "小二", cwd=tmp_path)
    crm("lost", "claim", "SW-1", "--claimant", "王女士", "--proof", "小票", "--by", "小三", cwd=tmp_path)
    early = crm("lost", "return", "SW-1", "--by", "小二", cwd=tmp_path, fails=True)
    assert "approve" in early, early
    crm("lost", "approve", "SW-1", "--by", "掌柜", cwd=tmp_path)
    crm("lost", "return", "SW-1", "--by", "小二", cwd=tmp_path)
    assert "returned" in crm("lost", "show", "SW-1", cwd=tmp_path)


def test_every_key_of_a_kind_is_in_the_manual_once() -> None:
    text = (
        (ROOT / "docs" / "policy-format.md")
        .read_text("utf-8")
        .partition("<!-- keys -->")[2]
        .partition("<!-- /keys -->")[0]
    )
    for place, keys in {**PLACES, **PENALTY_PLACES}.items():
        part = text.partition(f"**{place}**")[2].partition("\n**")[0]
        assert re.findall(r"^\| `(\w+)` \|", part, re.MULTILINE) == [key for key in keys if key not in TOLD]
