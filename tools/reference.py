"""Writes the references in docs/ from the program: every command, in English and Chinese; every rule of policies.

python tools/reference.py [FOLDER]      FOLDER is docs/ unless another is named
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer.core
import yaml
from typer._click.core import Context

from crm_cli import cli, language
from crm_cli.commands.glossary import glossary
from crm_cli.commands.groups import Lazy
from crm_cli.commands.help import PAGES, exit_codes
from crm_cli.language import _
from crm_cli.policy.case.keys import PLACES, TOLD
from crm_cli.policy.forms.penalty import PENALTY_PLACES
from crm_cli.policy.vocabulary import Flag, May, Number, Params, Penalty, Same
from crm_cli.rules.topics import TOPICS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crm_cli.policy.vocabulary import Ask, Topic

ROOT = Path(__file__).parents[1]
LABELS = yaml.safe_load((ROOT / "policies" / "words.yaml").read_text("utf-8"))["labels"]
COMMANDS = {
    "en": (
        "reference.md",
        "# Commands",
        "Written by `make docs` from the program itself. `crm NOUN VERB --help` says the same.",
        ("Every command", "What each takes", "Shared options", "Exit codes", "Environment"),
    ),
    "zh_CN": (
        "reference.zh.md",
        "# 命令",
        "由 `make docs` 从程序生成；`crm 名词 动词 --help` 说的是同样的话。",
        ("所有命令", "各命令的用法", "共用的选项", "退出码", "环境变量"),
    ),
}
POLICIES = """# Policy reference

What the program asks of the policies of a house, topic by topic: every rule here must be written unless it is optional,
and nothing else; a topic that the rulebook does not speak of is left out whole.
How they are written is in [policy-format.md](policy-format.md). A house may add words to a vocabulary that is *open*.
"""

KEYS, END = "<!-- keys -->", "<!-- /keys -->"  # between these stand the tables of keys in policy-format.md


def pages() -> dict[str, str]:
    """Answer every generated page by the name of its file."""
    spoken = {COMMANDS[one][0]: commands(one) for one in COMMANDS}
    return {**spoken, "policy-reference.md": policies(), "policy-format.md": formats()}


# ── commands ───────────────────────────────────────────────────────────────────────────────────────────────────────


def commands(spoken: str) -> str:
    """Answer the page of all commands in a language."""
    language.speak(spoken)
    typer.core._ = _  # type: ignore[attr-defined, assignment]  # as the program has it when it shows help
    _name, title, how, (every, each, shared, codes, variables) = COMMANDS[spoken]
    found = [*_commands(cli._front(), None, "crm")]  # noqa: SLF001 - the program itself has no other door
    lines = [title, "", how, "", f"## {every}", ""]
    lines += [f"- [`{one.command_path}`](#{_anchor(one)}): {_(one.command.help or '')}" for one in found[1:]]
    lines += ["", f"## {shared}", "", "```", *_records(found[1], shared=True), "```", "", f"## {each}"]
    for one in found:
        lines += ["", f"### {one.command_path}", "", _(one.command.help or ""), "", "```", _usage(one)]
        lines += [*_records(one, shared=False), "```"]
    lines += ["", f"## {codes}", "", *_table(exit_codes().items())]
    rows = PAGES["environment"][1]()[1]
    lines += [
        "",
        f"## {variables}",
        "",
        *_table((row["variable"], f"`{row['option']}`: {row['says']}") for row in rows),
    ]
    return "\n".join(lines) + "\n"


def _commands(command: Any, parent: Context | None, name: str) -> Iterator[Context]:
    """Answer every command that does something, the front door first."""
    context = Context(command, info_name=name, parent=parent)
    if parent is None or not isinstance(command, Lazy):
        yield context
    if isinstance(command, Lazy):
        for verb in command.list_commands(context):
            yield from _commands(command.get_command(context, verb), context, verb)


def _anchor(one: Context) -> str:
    return one.command_path.replace(" ", "-")


def _usage(one: Context) -> str:
    pieces = [piece for parameter in one.command.params for piece in parameter.get_usage_pieces(one)]
    wanted = _("COMMAND [ARGS]...") if isinstance(one.command, Lazy) else None
    return " ".join(filter(None, [one.command_path, *pieces, _("[OPTIONS]"), wanted]))


def _records(one: Context, *, shared: bool) -> list[str]:
    """Answer the parameters of a command as its help lists them: those that all share, or its own."""
    kept = [parameter for parameter in one.command.params if (parameter.name or "").startswith("shared_") == shared]
    records = [_record(one, parameter) for parameter in kept]
    width = max((len(names) for names, _says in records), default=0)
    return [f"  {names:{width}}  {says}".rstrip() for names, says in records]


def _record(one: Context, parameter: Any) -> tuple[str, str]:
    english, parameter.help = parameter.help, _(parameter.help) if parameter.help else ""
    record: tuple[str, str] = parameter.get_help_record(one) or ("", "")
    parameter.help = english
    return record


def _table(rows: Iterable[tuple[str, str]]) -> list[str]:
    return ["| | |", "|---|---|", *(f"| `{name}` | {says.replace('|', chr(92) + '|')} |" for name, says in rows)]


# ── policies ───────────────────────────────────────────────────────────────────────────────────────────────────────


def policies() -> str:
    """Answer the page of what policies are asked, as the program declares its topics."""
    language.speak("en")
    return "\n".join([POLICIES, *(_topic(topic) for topic in TOPICS.values())])


def formats() -> str:
    """Answer the page of the format with the tables of keys of kinds of case, as the program reads them."""
    before, _begin, rest = (ROOT / "docs" / "policy-format.md").read_text("utf-8").partition(KEYS)
    return "\n".join([before + KEYS, "", *_places(), END + rest.partition(END)[2]])


def _places() -> Iterator[str]:
    for name, keys in {**PLACES, **PENALTY_PLACES}.items():
        yield f"**{name}**\n"
        yield from ["| key | |", "|---|---|"]
        yield from (f"| `{key}` | {one.says} |" for key, one in keys.items() if key not in TOLD)
        yield ""


def _topic(topic: Topic) -> str:
    rules = ["| rule | kind | settles | asks | answers |", "|---|---|---|---|---|"]
    rules += [_rule(topic, name, ask) for name, ask in topic.asks.items()]
    words = ["| vocabulary | words |", "|---|---|"] if topic.words else []
    words += [f"| `{name}`{' (open)' * (name in topic.open)} | {_words(topic, name)} |" for name in topic.words]
    return "\n".join([f"## {topic.name}", "", *rules, "", *words, *([""] if words else [])])


def _rule(topic: Topic, name: str, ask: Ask) -> str:
    settles = glossary()[f"{topic.name}/{name}"] + " (optional)" * (name in topic.optional)
    if isinstance(ask, May):
        return f"| `{name}` | may | {settles} | {_listed(ask.acts)} | the roles |"
    if isinstance(ask, Params):
        values = ", ".join(f"`{key}`: {kind}" for key, kind in ask.values.items())
        return f"| `{name}` | params | {settles} | – | {values} |"
    if isinstance(ask, Penalty):
        return f"| `{name}` | penalty | {settles} | facts that cases state | what they cost |"
    many = "; every row that fits (`hit: all` is allowed)" if ask.many else ""
    return f"| `{name}` | table | {settles} | {_listed(ask.inputs)} | {_listed(ask.outputs)}{many} |"


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


def main() -> None:
    """Write the pages."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs"
    for name, text in pages().items():
        (folder / name).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
