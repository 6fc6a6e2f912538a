"""What a stranger needs to write a house: a reference of all that is asked, and an example that works."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from crm_cli.policy.vocabulary import Flag, May, Number, Params, Same, Table
from crm_cli.rules.topics import TOPICS

if TYPE_CHECKING:
    from crm_cli.policy.vocabulary import Ask, Topic

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "policy-reference.md"
LABELS = yaml.safe_load((ROOT / "policies" / "words.yaml").read_text("utf-8"))["labels"]
HEAD = """# Policy reference

What the program asks of the policies of a house, topic by topic: every rule here must be written, and nothing else.
How they are written is in [policy-format.md](policy-format.md). A house may add words to a vocabulary that is *open*.
"""


def reference() -> str:
    """Answer the page as the program declares its topics."""
    return "\n".join([HEAD, *(_topic(topic) for topic in TOPICS.values())])


def _topic(topic: Topic) -> str:
    rules = ["| rule | kind | asks | answers |", "|---|---|---|---|"]
    rules += [_rule(name, ask) for name, ask in topic.asks.items()]
    words = ["| vocabulary | words |", "|---|---|"] if topic.words else []
    words += [f"| `{name}`{' (open)' * (name in topic.open)} | {_words(topic, name)} |" for name in topic.words]
    return "\n".join([f"## {topic.name}", "", *rules, "", *words, *([""] if words else [])])


def _rule(name: str, ask: Ask) -> str:
    if isinstance(ask, May):
        return f"| `{name}` | may | {_listed(ask.acts)} | the roles |"
    if isinstance(ask, Params):
        return f"| `{name}` | params | – | {', '.join(f'`{key}`: {kind}' for key, kind in ask.values.items())} |"
    many = "; every row that fits (`hit: all` is allowed)" if ask.many else ""
    return f"| `{name}` | table | {_listed(ask.inputs)} | {_listed(ask.outputs)}{many} |"


def _words(topic: Topic, name: str) -> str:
    known = topic.words[name]
    if isinstance(known, Same):
        return f"those of `{known.name}`"
    if isinstance(known, Number):
        return f"a whole number from {known.least}" + (f" to {known.most}" if known.most is not None else "")
    if isinstance(known, Flag):
        return "`true`, `false`"
    return ", ".join(f"`{word}` {LABELS[name][word]['zh']}" for word in known) or "those of the house"


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def test_the_reference_is_what_the_program_declares() -> None:
    if os.environ.get("UPDATE_TRANSCRIPTS"):
        PAGE.write_text(reference(), "utf-8")
    assert PAGE.read_text("utf-8") == reference()


def test_every_kind_of_rule_is_in_the_reference() -> None:
    kinds = {type(ask) for topic in TOPICS.values() for ask in topic.asks.values()}
    assert kinds == {May, Params, Table}


def crm(*words: str, cwd: Path) -> str:
    """Carry out a command that succeeds and answer its stdout."""
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    env = {"PATH": path, "CRM_OFFICE": str(cwd / "office"), "CRM_LANG": "en", "CRM_NOW": "2026-03-02T09:00+08:00"}
    done = subprocess.run(["crm", *words], cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_example_is_a_house_that_works(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "policy-format.md").read_text("utf-8")
    files = re.findall(r"```yaml\n# (tea-house/\S+)\n(.*?)```", text, re.DOTALL)
    assert len(files) == 4
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
