"""The steps of a kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm_cli.language import _
from crm_cli.policy import reader
from crm_cli.policy.case.keys import STATE, STEP
from crm_cli.policy.case.reading import place, said
from crm_cli.policy.case.rows import effects, needs
from crm_cli.policy.case.world import PERIOD, entries
from crm_cli.policy.finding import Place
from crm_cli.policy.node import Node

if TYPE_CHECKING:
    from crm_cli.policy.case.scope import Scope

Read = dict[str, Any]


def steps(node: Node | None, scope: Scope) -> Read:
    """Answer every step by its id, in the order in which they are written; the calendar's own first."""
    period = {PERIOD: _period(scope)} if scope.own.every else {}
    return {**period, **{name: _step(name, one, node, scope) for name, one in entries(node).items()}}


def _period(scope: Scope) -> Read:
    empty = place(Node({}, Place("")), STEP, scope)
    return {"verb": PERIOD, **empty, "opens": True, "by": ["office"], "again": False, "needs": [], "then": []}


def _step(name: str, node: Node, steps_: Node | None, scope: Scope) -> Read:
    if steps_ is not None and not reader.DOTTED.fullmatch(name):
        what = _("'{name}' is no name of a step").format(name=name)
        scope.found.error(steps_.keys[name], what, _("write small letters a to z, digits and _; a dot after the verb"))
    written = place(node, STEP, scope)
    keys = entries(node)
    _typed(node, written, scope)
    return {
        "verb": name.partition(".")[0],
        **written,
        "opens": written.get("opens") or False,
        "again": written.get("again") or False,
        "state": _states(keys["state"], scope) if "state" in keys else [],
        "needs": needs(keys.get("needs"), f"{name}.needs", scope),
        "then": effects(keys.get("then"), f"{name}.then", scope),
        **said(node),
    }


def _typed(node: Node, written: Read, scope: Scope) -> None:
    """Report fields that are typed without a name though the step takes no such field."""
    taken = [name for ask in written.get("asks", []) for name in (ask if isinstance(ask, list) else [ask])]
    for name in written.get("args", []):
        if name not in (*taken, *written["takes"]):
            what = _("'{name}' stands in args, but the step neither asks nor takes it").format(name=name)
            scope.found.error(node.value["args"].place, what, _("write it under asks: or takes: too"))


def _states(node: Node, scope: Scope) -> list[Read]:
    if not isinstance(node.value, list):
        return [{"when": [], "is": _state(node, scope)}]
    rows = []
    for one in reader.items(node, scope.found) or []:
        read = place(one, STATE, scope)
        if read and reader.wanted_keys(one, ("is",), scope.found):
            rows.append({**read, "is": _state(one.value["is"], scope)})
    return rows


def _state(node: Node, scope: Scope) -> str | None:
    if node.value != "open":
        return reader.text(node, scope.found)
    what = _("'{word}' is a word of conditions, and no state").format(word=node.value)
    scope.found.error(node.place, what, _("write another word"))
    return None
