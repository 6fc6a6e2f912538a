"""Hands: who does a step, to whom it is escalated, whom a person field must name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm_cli.language import _
from crm_cli.policy import reader
from crm_cli.policy.case.scope import HANDED, Scope
from crm_cli.policy.finding import one_of
from crm_cli.policy.node import BAD, Node, data

if TYPE_CHECKING:
    from collections.abc import Collection

ANYONE, OFFICE, HAND = "anyone", "office", "hand"
AT_LEAST = "at least "
Hand = Any  # "anyone", "office", {role}, {field}, {role, of} or {of}


def hands(node: Node, scope: Scope, words: Collection[str] = (ANYONE, OFFICE)) -> list[Hand]:
    """Answer the hands that one text or a list names, each once."""
    nodes = reader.listed(node)
    if not nodes:
        reader.items(node, scope.found)
    found: list[Hand] = []
    for one in nodes:
        found += [hand for hand in _hands(one, scope, words) if hand not in found]
    return found


def members(node: Node, scope: Scope) -> list[Hand]:
    """Answer whom a person field fits: a role, another person field, or `of FIELD`."""
    return hands(node, scope, ())


def _hands(node: Node, scope: Scope, words: Collection[str]) -> list[Hand]:
    text = node.value
    if not isinstance(text, str):
        _unknown(node, scope, words)
        return []
    if text in words:
        return [text]
    if text.startswith(AT_LEAST):
        return _at_least(node, text.removeprefix(AT_LEAST), scope)
    role, _of, field = text.rpartition("of ")
    if field != text:
        return _of_field(node, role.strip(), field, scope)
    return _one(node, scope, words)


def _one(node: Node, scope: Scope, words: Collection[str]) -> list[Hand]:
    if "." in node.value or node.value in scope.fields(HANDED):
        name = scope.a_field(node)
        return [{"field": name}] if name else []
    if node.value in scope.world.roles:
        return [{"role": node.value}]
    _unknown(node, scope, words)
    return []


def _at_least(node: Node, role: str, scope: Scope) -> list[Hand]:
    ranks = scope.world.ranks
    if role not in ranks:
        what = _("'{role}' is not in ranks {words}").format(role=role, words=one_of(role, ranks))
        scope.found.error(node.place, what, _("name it in ranks: in the head of the file, lowest first"))
        return []
    return [{"role": name} for name in ranks[ranks.index(role) :]]


def _of_field(node: Node, role: str, field: str, scope: Scope) -> list[Hand]:
    name = scope.a_field(Node(field, node.place), ("person", "department", "customer", None))
    if role and role not in scope.world.roles:
        _unknown(Node(role, node.place), scope, ())
        return []
    if name is None:
        return []
    return [{"role": role, "of": name} if role else {"of": name}]


def _unknown(node: Node, scope: Scope, words: Collection[str]) -> None:
    if node.value is BAD:
        return
    shown = reader.show(data(node))
    allowed = [*words, *scope.fields(HANDED), *scope.world.roles]
    what = _("'{word}' is no hand {words}").format(word=shown, words=one_of(shown, allowed))
    scope.found.error(node.place, what, _("write a role, a field that names a person, anyone or office"))
