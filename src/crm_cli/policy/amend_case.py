"""Amendments of kinds of case: one value somewhere below, replaced, put in or taken out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm_cli.policy.node import Node

if TYPE_CHECKING:
    from crm_cli.policy.finding import Place

Path = list[str]
NONE = "none"  # stands for a key that is not written


def found(keys: dict[str, Node], path: str) -> tuple[Path, Node | None] | None:
    """Answer the keys on the way to what a path means, and what stands there now; None when it leads nowhere.

    Names of steps hold dots themselves, so the longest name that is there is taken; rows are counted from 1.
    """
    way: Path = []
    node: Node | None = None
    inner, rest = keys, path
    while rest:
        name = next((one for one in _heads(rest) if one in inner), None)
        if name is None:
            absent = "." not in rest and not (node is not None and isinstance(node.value, list))
            return ([*way, rest], None) if absent else None
        way.append(name)
        node, rest = inner[name], rest[len(name) + 1 :]
        inner = _inside(node)
    return way, node


def _heads(path: str) -> list[str]:
    parts = path.split(".")
    return [".".join(parts[:many]) for many in range(len(parts), 0, -1)]


def _inside(node: Node) -> dict[str, Node]:
    if isinstance(node.value, list):
        return {str(at): one for at, one in enumerate(node.value, 1)}
    return node.value if isinstance(node.value, dict) else {}


def replaced(keys: dict[str, Node], way: Path, new: Node, place: Place) -> dict[str, Node]:
    """Answer the keys with one value changed below; the others are untouched, for the base goes on living by them."""
    head, *rest = way
    changed = dict(keys)
    if not rest and new.value == NONE:
        changed.pop(head, None)
    elif not rest:
        changed[head] = new
    else:
        changed[head] = _rebuilt(changed[head], rest, new, place)
    return changed


def _rebuilt(node: Node, way: Path, new: Node, place: Place) -> Node:
    inner = replaced(_inside(node), way, new, place)
    if isinstance(node.value, list):
        return Node(list(inner.values()), node.place)
    return Node(inner, node.place, {key: node.keys.get(key, place) for key in inner})
