"""Reading a node as what is wanted there; what does not fit is a finding and answers None."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any

from crm_cli.language import _
from crm_cli.policy.finding import Findings, one_of
from crm_cli.policy.node import BAD, Node, data

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

NAME = re.compile(r"[a-z][a-z0-9_]*")
DOTTED = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*")
FOLDER = re.compile(r"[a-z][a-z0-9-]*")


def show(value: Any) -> str:
    """Answer a value as a policy writes it, for messages."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "[" + ", ".join(show(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {show(item)}" for key, item in value.items()) + "}"
    return "null" if value is None else str(value)


def mapping(node: Node, found: Findings) -> dict[str, Node] | None:
    """Answer the keys and values of a mapping."""
    if isinstance(node.value, dict):
        return node.value
    _wrong(node, _("keys and values are wanted here"), _("write a mapping"), found)
    return None


def items(node: Node, found: Findings) -> list[Node] | None:
    """Answer the items of a list that is not empty."""
    if isinstance(node.value, list) and node.value:
        return node.value
    what = _("a list that is not empty is wanted here")
    _wrong(node, what, _("write [ … ] or lines that begin with -"), found)
    return None


def text(node: Node, found: Findings) -> str | None:
    """Answer a text."""
    if isinstance(node.value, str):
        return node.value
    _wrong(node, _("a text is wanted here"), _("quote it"), found)
    return None


def day(node: Node, found: Findings) -> dt.date | None:
    """Answer a day."""
    if isinstance(node.value, dt.date):
        return node.value
    _wrong(node, _("a day is wanted here"), _("write it as 2025-01-01, without quotes"), found)
    return None


def name(node: Node, found: Findings) -> str | None:
    """Answer a name of our own making: letters a to z, digits, underscores."""
    if isinstance(node.value, str) and NAME.fullmatch(node.value):
        return node.value
    _wrong(node, _("a name is wanted here"), _("write small letters a to z, digits and _"), found)
    return None


def listed(node: Node) -> list[Node]:
    """Answer the items of a list, or the single value as a list of one."""
    return node.value if isinstance(node.value, list) else [node]


def word(node: Node, allowed: Collection[str], kind: str, found: Findings, fix: str = "") -> str | None:
    """Answer a word of a closed set; `kind` says what it is a word of, `fix` what to do about another one."""
    if isinstance(node.value, str) and node.value in allowed:
        return node.value
    shown = show(data(node))
    what = _("'{word}' is not a {kind} {words}").format(word=shown, kind=kind, words=one_of(shown, allowed))
    usual = _("write one of the words, or add the word to words.yaml if {kind} is open").format(kind=kind)
    _wrong(node, what, fix or usual, found)
    return None


def words(node: Node, allowed: Collection[str], kind: str, found: Findings, fix: str = "") -> tuple[str, ...]:
    """Answer the words of a list, or a single word as a list of one, each once."""
    nodes = listed(node)
    if not nodes:
        items(node, found)
    answer: list[str] = []
    for item in nodes:
        one = word(item, allowed, kind, found, fix)
        if one in answer:
            what = _("'{word}' stands here twice").format(word=one)
            found.error(item.place, what, _("remove one of the two"))
        elif one is not None:
            answer.append(one)
    return tuple(answer)


def known_keys(node: Node, allowed: Iterable[str], found: Findings) -> None:
    """Report every key that is not allowed here."""
    allowed = tuple(allowed)
    for key, place in node.keys.items():
        if key not in allowed and node.value[key].value is not BAD:
            what = _("'{key}' is not a key here {words}").format(key=key, words=one_of(key, allowed))
            found.error(place, what, _("correct the key, or remove it"))


def wanted_keys(node: Node, wanted: Iterable[str], found: Findings) -> bool:
    """Report every key that is missing; answer whether all are there."""
    missing = [key for key in wanted if key not in (node.value or ())]
    for key in missing:
        found.error(node.place, _("'{key}' is missing").format(key=key), _("write {key}: …").format(key=key))
    return not missing


def _wrong(node: Node, what: str, fix: str, found: Findings) -> None:
    if node.value is not BAD:
        found.error(node.place, what, fix)
