"""The mapping of an import of cases: which column is the key, in which zone its times are, what each step takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crm_cli import clock
from crm_cli.commands.mapping import constant, must_have, texts
from crm_cli.errors import UsageError
from crm_cli.language import _
from crm_cli.policy import reader
from crm_cli.policy.finding import Findings, one_of

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from crm_cli.commands.case.declared import Kind
    from crm_cli.policy.node import Node

KEYS = ("key", "zone", "steps")
PARTS = ("columns", "constants", "words")
AT, BY = "at", "by"  # of a step: when it was done, and whose hand it was


@dataclass(eq=False, repr=False)
class Taken:
    """What of a row makes one step; `words` says by field what the words of the table mean."""

    columns: dict[str, str] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    words: dict[str, dict[str, str]] = field(default_factory=dict)


@dataclass(eq=False, repr=False)
class Mapping:
    """Where the steps of a case come from: the column of its key, the zone of the table's times, each step."""

    zone: ZoneInfo
    key: str = ""
    steps: dict[str, Taken] = field(default_factory=dict)
    found: Findings = field(default_factory=Findings)
    nodes: dict[str, Node] = field(default_factory=dict)  # by column, where it is named first

    @property
    def wanted(self) -> list[str]:
        """Answer the columns that the table must have."""
        return list(self.nodes)

    def must_fit(self, columns: Collection[str]) -> None:
        """Refuse a mapping that names a column which the table lacks or has twice."""
        must_have(list(columns), self.nodes, self.found)


def read(kind: Kind, path: Path, name: str, zone: ZoneInfo) -> Mapping:
    """Answer the mapping of a file; PolicyError with all that is wrong in it."""
    from crm_cli.policy.source import read as tree  # noqa: PLC0415 - few commands read YAML

    made = Mapping(zone)
    root = tree(path, name, made.found)
    told = reader.mapping(root, made.found) if root else None
    if root and told is not None:
        reader.known_keys(root, KEYS, made.found)
        if reader.wanted_keys(root, ["key", "steps"], made.found):
            made.key = _column(made, told["key"])
            _steps(kind, made, told["steps"])
        if "zone" in told:
            _zone(made, told["zone"])
    made.found.stop()
    return made


def _column(made: Mapping, node: Node) -> str:
    name = reader.text(node, made.found) or ""
    made.nodes.setdefault(name, node)
    return name


def _zone(made: Mapping, node: Node) -> None:
    try:
        made.zone = clock.zone(str(node.value))
    except UsageError as error:
        made.found.error(node.place, error.what, error.fix)


def _steps(kind: Kind, made: Mapping, node: Node) -> None:
    told = reader.mapping(node, made.found) or {}
    for step, one in told.items():
        if step in kind.made["steps"]:
            made.steps[step] = _step(kind, made, step, one)
        else:
            known = list(kind.made["steps"])
            what = _("{kind} has no step '{step}' {steps}").format(kind=kind.name, step=step, steps=one_of(step, known))
            made.found.error(node.keys[step], what, _("name a step of the rulebook"))
    if made.steps.keys() == told.keys() and not any(kind.made["steps"][step]["opens"] for step in told):
        what = _("no step here opens a case")
        made.found.error(node.place, what, _("write the step that opens one, with its column at:"))


def _step(kind: Kind, made: Mapping, step: str, node: Node) -> Taken:
    taken = Taken()
    parts = reader.mapping(node, made.found) or {}
    reader.known_keys(node, PARTS, made.found)
    for part in PARTS:
        for name, value in (reader.mapping(parts[part], made.found) or {}).items() if part in parts else ():
            if name not in (AT, BY) and name not in kind.made["fields"]:
                fields = [AT, BY, *kind.made["fields"]]
                what = _("'{key}' is not a key here {words}").format(key=name, words=one_of(name, fields))
                made.found.error(parts[part].keys[name], what, _("correct the key, or remove it"))
            else:
                _take(made, taken, part, name, value)
    if AT not in taken.columns:
        what = _("no column says when the step {step} was done").format(step=step)
        made.found.error(node.place, what, _("write at: under columns:"))
    return taken


def _take(made: Mapping, taken: Taken, part: str, name: str, value: Any) -> None:
    if part == "words":
        taken.words[name] = texts(value, made.found)
    elif part == "constants":
        taken.constants[name] = constant(value)
    else:
        taken.columns[name] = _column(made, value)
