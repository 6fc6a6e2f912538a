"""The mapping of an import: which column of a stranger's table is which, what it lacks, what its words mean."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crm_cli.errors import UsageError
from crm_cli.language import _
from crm_cli.policy import reader
from crm_cli.policy.finding import Findings, one_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from crm_cli.commands.session import Session
    from crm_cli.policy.node import Node

ENTRY = ("client", "to", "kind", "at", "been_before", "received_by")
NEEDED = ENTRY[:3]
PARTS = ("columns", "constants", "words")


@dataclass(eq=False, repr=False)
class Mapping:
    """Where each part of an entry comes from; `words` says by part what the words of the table mean."""

    columns: dict[str, str] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    words: dict[str, dict[str, str]] = field(default_factory=dict)
    found: Findings = field(default_factory=Findings)
    nodes: dict[str, Node] = field(default_factory=dict)

    def must_fit(self, columns: Collection[str]) -> None:
        """Refuse a mapping that names a column which the table lacks or has twice."""
        must_have(list(columns), {name: self.nodes[part] for part, name in self.columns.items()}, self.found)


def must_have(seen: Sequence[str], wanted: dict[str, Node], found: Findings) -> None:
    """Refuse a mapping that names a column, each where it stands, which the table lacks or has twice."""
    is_head = not set(seen).isdisjoint(wanted)  # else a customer may stand there
    shown = [name if is_head else "…" for name in seen if name]
    for name, node in wanted.items():
        if name not in seen:
            what = _("there is no column '{name}' {columns}").format(name=name, columns=one_of(name, shown))
            found.error(node.place, what, _("name a column of the table"))
        elif seen.count(name) > 1:
            what = _("there are two columns '{name}'").format(name=name)
            found.error(node.place, what, _("give one of them another name in the table"))
    found.stop()


def read(session: Session, path: Path, name: str) -> Mapping:
    """Answer the mapping of a file; PolicyError with all that is wrong in it."""
    from crm_cli.policy.source import read as tree  # noqa: PLC0415 - few commands read YAML

    made = Mapping()
    root = tree(path, name, made.found)
    parts = reader.mapping(root, made.found) if root else None
    if root and parts is not None:
        reader.known_keys(root, PARTS, made.found)
        for part in PARTS:
            if part in parts:
                _take(session, made, part, parts[part])
        known = {**made.columns, **made.constants}
        reader.wanted_keys(root, ["columns"], made.found)
        for one in NEEDED if "columns" in parts else ():
            if one not in known:
                what = _("neither a column nor a constant says '{part}'").format(part=one)
                made.found.error(root.place, what, _("write it under columns: or constants:"))
    made.found.stop()
    return made


def _take(session: Session, made: Mapping, part: str, node: Node) -> None:
    """Take over one part of a mapping."""
    for key, value in (reader.mapping(node, made.found) or {}).items():
        target = _target(session, key, node, made.found)
        if target is None:
            continue
        if part == "words":
            made.words[target] = texts(value, made.found)
        elif part == "constants":
            made.constants[target] = constant(value)
        elif (column := reader.text(value, made.found)) is not None:
            made.columns[target], made.nodes[target] = column, value


def _target(session: Session, key: str, node: Node, found: Findings) -> str | None:
    """Answer the part of an entry, or the field of a card, that a key names."""
    if key in ENTRY:
        return key
    try:
        return session.word("field", key)
    except UsageError:
        fields = [*ENTRY, *session.office.book.words("field")]
        what = _("'{key}' is not a key here {words}").format(key=key, words=one_of(key, fields))
        found.error(node.keys[key], what, _("correct the key, or remove it"))
        return None


def texts(node: Node, found: Findings) -> dict[str, str]:
    """Answer what words of a table mean, as a mapping says."""
    return {word: constant(value) for word, value in (reader.mapping(node, found) or {}).items()}


def constant(node: Node) -> str:
    """Answer what a mapping says in place of a column."""
    value: Any = node.value
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
