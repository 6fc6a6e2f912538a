"""A value of a policy file and where it stands."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from crm_cli.policy.finding import Place


class _Mark:
    """A value that is no value."""


EMPTY: Final = _Mark()
BAD: Final = _Mark()  # already reported: whoever meets it says nothing more


@dataclass(slots=True)
class Node:
    """A value with its place: text, whole number, flag, date, None, list of nodes or dict of nodes."""

    value: Any
    place: Place
    keys: dict[str, Place] = field(default_factory=dict)


def data(node: Node) -> Any:
    """Answer the value without its places; dates become ISO text."""
    if isinstance(node.value, dict):
        return {key: data(value) for key, value in node.value.items()}
    if isinstance(node.value, list):
        return [data(item) for item in node.value]
    return node.value.isoformat() if isinstance(node.value, dt.date) else node.value


def broken(node: Node) -> bool:
    """Answer whether something within was refused already."""
    if isinstance(node.value, dict):
        return any(broken(value) for value in node.value.values())
    if isinstance(node.value, list):
        return any(broken(item) for item in node.value)
    return node.value is BAD
