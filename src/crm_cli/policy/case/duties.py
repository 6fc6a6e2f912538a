"""The duties of a kind: from when, until what, how often, by when, and what follows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm_cli.language import _
from crm_cli.policy import reader
from crm_cli.policy.case.conditions import tests
from crm_cli.policy.case.figures import AFTER_DUE, BEFORE_DUE, DUE, NUMBERS, limit, offset
from crm_cli.policy.case.keys import DUTY, ESCALATION, LIMIT
from crm_cli.policy.case.reading import READERS, place, said
from crm_cli.policy.case.rows import effects
from crm_cli.policy.case.world import entries
from crm_cli.policy.node import Node, broken

if TYPE_CHECKING:
    from crm_cli.policy.case.scope import Scope

Read = dict[str, Any]


def duties(node: Node | None, scope: Scope) -> Read:
    """Answer every duty by its name."""
    return {name: _duty(name, one, node, scope) for name, one in entries(node).items()}


def _duty(name: str, node: Node, duties_: Node | None, scope: Scope) -> Read:
    if duties_ is not None and not reader.NAME.fullmatch(name):
        what = _("'{name}' is no name of a duty").format(name=name)
        scope.found.error(duties_.keys[name], what, _("write small letters a to z, digits and _"))
    keys, row = entries(node), f"duty.{name}"
    if not keys or not reader.wanted_keys(node, ("until",), scope.found):
        return {"row": row, **place(node, DUTY, scope), "until": [], "escalate": [], "late": []}
    own = {
        "from": _moments(keys["from"], scope) if "from" in keys else None,
        "until": _moments(keys["until"], scope) if "until" in keys else [],
        "each": _each(keys["each"], scope) if "each" in keys else None,
        "times": _times(keys["times"], scope) if "times" in keys else 1,
        "within": _within(keys["within"], scope) if "within" in keys else None,
        "warn": offset(keys["warn"], BEFORE_DUE, scope) if "warn" in keys else None,
        "escalate": _escalations(keys["escalate"], row, scope) if "escalate" in keys else [],
        "late": effects(keys.get("late"), f"{row}.late", scope),
    }
    read = {"row": row, **place(node, DUTY, scope), **own, **said(node)}
    if read["each"] is not None and read["item"] is None:  # the same field says what is owed and what is met
        read["item"] = read["each"].get("field")
    return read


def _moments(node: Node, scope: Scope) -> list[Read]:
    """Answer the steps that begin or meet a duty, each with its condition."""
    if not isinstance(node.value, dict):
        return [{"step": name, "when": []} for name in READERS["steps_of"](node, scope)]
    named = {name: Node(name, place_) for name, place_ in node.keys.items()}
    return [
        {"step": name, "when": tests(cell, scope)}
        for name, cell in node.value.items()
        if scope.named(named[name], scope.steps(), _("step")) is not None
    ]


def _each(node: Node, scope: Scope) -> Read | None:
    if isinstance(node.value, list):
        return {"words": READERS["texts"](node, scope)}
    name = scope.a_field(node)
    return {"field": name} if name else None


def _times(node: Node, scope: Scope) -> int | Read | None:
    if isinstance(node.value, int):
        count: int | None = READERS["count_of"](node, scope)
        return count
    name = scope.a_field(node, NUMBERS)
    return {"field": name} if name else None


def _within(node: Node, scope: Scope) -> list[Read]:
    if not isinstance(node.value, list):
        return [{"when": [], "limit": limit(node, scope)}]
    rows = []
    for one in reader.items(node, scope.found) or []:
        read = place(one, LIMIT, scope)
        if read and reader.wanted_keys(one, ("limit",), scope.found):
            rows.append(read)
    return rows


def _escalations(node: Node, row: str, scope: Scope) -> list[Read]:
    nodes = reader.items(node, scope.found) or []
    return [_escalation(one, f"{row}.escalate.{at}", scope) for at, one in enumerate(nodes, 1)]


def _escalation(node: Node, row: str, scope: Scope) -> Read:
    read = place(node, ESCALATION, scope)
    if not read or not reader.wanted_keys(node, ("at", "to"), scope.found) or broken(node):
        return {"row": row}
    return {**read, "row": row, "at": _at(node.value["at"], scope), **said(node)}


def _at(node: Node, scope: Scope) -> str | None:
    if node.value == DUE:
        return DUE
    if isinstance(node.value, str) and node.value.endswith(BEFORE_DUE):
        what = _("an escalation comes when it is due or after it; '{text}' is when to warn").format(text=node.value)
        scope.found.error(node.place, what, _("write due, or one like: 4h after due; or warn: {text}").format(
            text=node.value))  # fmt: skip
        return None
    return offset(node, AFTER_DUE, scope)
