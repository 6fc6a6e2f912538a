"""The form `params`: named figures and choices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crm_cli.errors import UsageError
from crm_cli.language import _
from crm_cli.policy import reader
from crm_cli.policy.finding import one_of
from crm_cli.policy.node import BAD, Node
from crm_cli.policy.vocabulary import Domain, Flag, Number, Params, Vocabulary

if TYPE_CHECKING:
    from crm_cli.policy.draft import Rule
    from crm_cli.policy.finding import Findings

KEYS = ("values",)
ROW_KEYS: tuple[str, ...] = ()
ASK = Params
UNSET = "unset"
NONE = "none"


def compiled(rule: Rule, ask: Params, vocabulary: Vocabulary, found: Findings) -> dict[str, Any]:
    """Answer the values ready to be asked; those that the source leaves blank are listed as unset."""
    nodes = _nodes(rule, ask, found)
    written = {
        name: _value(name, nodes[name], ask.values[name], vocabulary, found) for name in ask.values if name in nodes
    }
    return {
        "values": {name: None if value == NONE else value for name, value in written.items() if value != UNSET},
        "unset": [name for name, value in written.items() if value == UNSET],
        "meaning": {"values": written},
    }


def _nodes(rule: Rule, ask: Params, found: Findings) -> dict[str, Node]:
    if "values" not in rule.keys:
        fix = _("write {key}: with {names}").format(key="values", names=reader.show([*ask.values]))
        found.error(rule.place, _("'{key}' is missing").format(key="values"), fix)
        return {}
    node = rule.keys["values"]
    nodes = reader.mapping(node, found)
    if nodes is None:
        return {}
    for name in nodes:
        if name not in ask.values:
            what = _("nothing asks for '{name}' {words}").format(name=name, words=one_of(name, ask.values))
            found.error(node.keys[name], what, _("correct the name, or remove it"))
    reader.wanted_keys(node, ask.values, found)
    return nodes


def _value(name: str, node: Node, kind: str, vocabulary: Vocabulary, found: Findings) -> Any:
    """Answer a value of a type: a number, a flag, a text, a limit, a word, or a list; `none` and `unset` stay words."""
    plain = kind.removesuffix(" or none")
    if node.value == UNSET or (node.value == NONE and plain != kind):
        return node.value
    wanted = _Wanted(name, kind, plain.removeprefix("list of "), vocabulary)
    if not plain.startswith("list of "):
        return _single(node, wanted, found)
    if isinstance(node.value, list):
        return [_single(item, wanted, found) for item in node.value]
    _wrong(node, wanted, found)
    return None


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is wanted of a value or of the items of a list."""

    name: str
    kind: str
    plain: str
    vocabulary: Vocabulary

    @property
    def domain(self) -> Domain | None:
        return self.vocabulary.domain("role" if self.plain == "roles" else self.plain)


def _single(node: Node, wanted: _Wanted, found: Findings) -> Any:
    domain = wanted.domain
    if isinstance(domain, tuple):
        kind = "role" if wanted.plain == "roles" else wanted.plain
        allowed = (*domain, NONE) if wanted.kind.endswith(" or none") else domain
        return reader.word(node, allowed, kind, found)
    plain = {Flag: "flag", Number: "number"}.get(type(domain), wanted.plain)
    if type(node.value) is {"number": int, "flag": bool, "text": str}.get(plain):
        if isinstance(domain, Number):
            _within(node, wanted, domain, found)
        return node.value
    if plain == "limit" and isinstance(node.value, str):
        return _limit(node, found)
    _wrong(node, wanted, found)
    return None


def _within(node: Node, wanted: _Wanted, domain: Number, found: Findings) -> None:
    value: int = node.value
    if not domain.least <= value <= (domain.most or value):
        what = _("{name} goes from {least} to {most}")
        what = what.format(name=wanted.name, least=domain.least, most=domain.most or "…")
        found.error(node.place, what, _("write a number within it"))


def _limit(node: Node, found: Findings) -> str | None:
    """Answer a limit in its one text, which a meaning is hashed from; no field runs a clock here."""
    from crm_cli.worktime import limit  # noqa: PLC0415 - a compiled policy is read without it

    try:
        read = limit(node.value)
    except UsageError as error:
        found.error(node.place, error.what, error.fix)
        return None
    if read.unit == "end of period":
        what = _("'{text}' ends with a period, which only a report has").format(text=node.value)
        found.error(node.place, what, _("write a limit that begins when something happens"))
    if read.after:
        what = _("'{text}' runs from a field, which only a case has").format(text=node.value)
        found.error(node.place, what, _("leave out: after {field}").format(field=read.after))
    return read.text


def _wrong(node: Node, wanted: _Wanted, found: Findings) -> None:
    if node.value is not BAD:
        what = _("{name} is a {kind}").format(name=wanted.name, kind=wanted.kind)
        fix = _("write a {kind}, or unset when the source leaves it blank").format(kind=wanted.kind)
        found.error(node.place, what, fix)
