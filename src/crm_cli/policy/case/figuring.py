"""Look-ups, counts, the queue: what a kind finds and figures out about cases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm_cli.language import _
from crm_cli.policy import reader
from crm_cli.policy.case.conditions import tests
from crm_cli.policy.case.keys import COUNT, COUNTS, OTHER, TOLD
from crm_cli.policy.case.reading import place, value
from crm_cli.policy.case.world import SELF, entries, texts
from crm_cli.policy.node import Node, data

if TYPE_CHECKING:
    from crm_cli.policy.case.scope import Scope
    from crm_cli.policy.case.world import Field

Read = dict[str, Any]


def others(node: Node | None, scope: Scope) -> Read:
    """Answer every look-up by its name."""
    return {name: _other(one, scope) for name, one in entries(node).items()}


def _other(node: Node, scope: Scope) -> Read:
    keys = entries(node)
    read = place(node, OTHER, scope, ("when",))
    if not keys or not reader.wanted_keys(node, ("kind", "same"), scope.found):
        return {"kinds": [], "same": [], "when": [], "within": None, "as_of": None}
    theirs = scope.of(texts(keys["kind"]))
    return {
        "kinds": read["kind"] or [],
        "same": _same(keys["same"], theirs, scope),
        "when": tests(keys["when"], theirs) if "when" in keys else [],
        "within": read["within"],
        "as_of": read["as_of"],
    }


def _same(node: Node, theirs: Scope, scope: Scope) -> list[list[list[str]]]:
    """Answer the pairs (theirs, ours) that agree: any of each inner list, and all of the outer."""
    if isinstance(node.value, dict):
        pairs = [(Node(name, node.keys[name]), ours) for name, ours in node.value.items()]
        return [[pair] for one, ours in pairs if (pair := _pair(one, ours, theirs, scope)) is not None]
    answer = []
    for one in reader.items(node, scope.found) or []:
        if one.value == []:
            reader.items(one, scope.found)
        inner = [_pair(item, item, theirs, scope) for item in reader.listed(one)]
        answer.append([pair for pair in inner if pair is not None])
    return answer


def _pair(one: Node, ours: Node, theirs: Scope, scope: Scope) -> list[str] | None:
    left = _key(one, theirs, [SELF, *theirs.duties()])
    right = _key(ours, scope, [SELF])
    return None if left is None or right is None else [left, right]


def _key(node: Node, scope: Scope, besides: list[str]) -> str | None:
    if isinstance(node.value, str) and "." in node.value:
        return scope.a_field(node)
    return scope.named(node, [*scope.fields(), *besides], _("field"))


def counts(node: Node | None, about: str | None, scope: Scope) -> Read:
    """Answer every figure by its name; `count` says what it counts."""
    theirs = scope.of([about] if about else [scope.own.name])
    names = list(entries(node))
    return {name: _count(one, names, theirs) for name, one in entries(node).items()}


def _count(node: Node, names: list[str], theirs: Scope) -> Read:
    keys = entries(node)
    does = next((key for key in COUNTS if key in keys), None)
    if reader.mapping(node, theirs.found) is None:
        return {}
    if does is None:
        what = _("this figure counts nothing")
        theirs.found.error(node.place, what, _("write one of: {words}").format(words=", ".join(COUNTS)))
        return {}
    reader.known_keys(node, (does, *COUNTS[does], *TOLD), theirs.found)
    read = {key: value(keys[key], COUNT[key].reads, theirs) for key in (does, *COUNTS[does]) if key in keys}
    for key in ("rate", "of"):
        if key in keys:
            read[key] = theirs.word(keys[key], names, _("figure"))
    if does in ("share", "rate"):
        reader.wanted_keys(node, ("of",), theirs.found)
    return {"count": does, "when": [], **read}


def _order(node: Node, field: Field | None, scope: Scope) -> Any:
    """Answer up, down, or the word whose cases come first."""
    if node.value in ("up", "down") or (field is not None and field.type is None):
        return data(node)
    return scope.word(node, ("up", "down", *(field.of if field is not None else ())), _("order"))


def queue(node: Node | None, scope: Scope) -> list[Read]:
    """Answer by what open cases are sorted, the first the strongest."""
    nodes = reader.items(node, scope.found) or [] if node is not None else []
    return [row for one in nodes for row in _sorted(one, scope)]


def _sorted(node: Node, scope: Scope) -> list[Read]:
    rows = []
    if node.value == {}:
        scope.found.error(node.place, _("the row says nothing"), _("write a field, and up, down, or one of its words"))
    for name, one in (reader.mapping(node, scope.found) or {}).items():
        at = Node(name, node.keys[name])
        if name == "opened" or scope.a_field(at) is not None:
            rows.append({"name": name, "is": _order(one, scope.field(name), scope)})
    return rows
