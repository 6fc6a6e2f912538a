"""Requirements and effects: the rows of `needs`, `then` and `late`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm_cli.language import _
from crm_cli.policy import reader
from crm_cli.policy.case.fields import literal
from crm_cli.policy.case.hands import hands
from crm_cli.policy.case.keys import BESIDE, EFFECT, EFFECTS, NEED, SHARE, SHARE_OF, TOLD
from crm_cli.policy.case.reading import place, said
from crm_cli.policy.case.world import HAND, SELF, entries
from crm_cli.policy.finding import one_of
from crm_cli.policy.node import Node, data

if TYPE_CHECKING:
    from crm_cli.policy.case.scope import Scope
    from crm_cli.policy.case.world import Field

Read = dict[str, Any]


def needs(node: Node | None, name: str, scope: Scope) -> list[Read]:
    """Answer the requirement rows that stand there; `name` is what their ids begin with."""
    nodes = reader.items(node, scope.found) or [] if node is not None else []
    return [_need(one, f"{name}.{at}", scope) for at, one in enumerate(nodes, 1)]


def _need(node: Node, row: str, scope: Scope) -> Read:
    written = place(node, NEED, scope)
    if not written:
        return {"row": row}
    wanted = ("asks", "after", "by", "not_by", "must", "not_before")
    if not any(key in node.value for key in wanted):
        what = _("the row wants nothing")
        scope.found.error(node.place, what, _("write one of: {words}").format(words=", ".join(wanted)))
    return {"row": row, **written, "else": written["else"] or "refuse", **said(node)}


def effects(node: Node | None, name: str, scope: Scope) -> list[Read]:
    """Answer the effect rows that stand there; `name` is what their ids begin with."""
    nodes = reader.items(node, scope.found) or [] if node is not None else []
    return [_effect(one, f"{name}.{at}", scope) for at, one in enumerate(nodes, 1)]


def _effect(node: Node, row: str, scope: Scope) -> Read:
    keys = entries(node)
    does = next((key for key in ("start", "do", *EFFECTS) if key in keys), None)
    if reader.mapping(node, scope.found) is None:
        return {"row": row}
    if does is None:
        what = _("the row does nothing")
        scope.found.error(node.place, what, _("write one of: {words}").format(words=", ".join(EFFECTS)))
        return {"row": row}
    _belong(node, does, scope)
    plain = place(node, EFFECT, scope, [key for key in EFFECT if key not in ("when", does, *BESIDE[does])])
    return {"row": row, **plain, **_own(does, keys, scope), "do": "step" if does == "do" else does, **said(node)}


def _belong(node: Node, does: str, scope: Scope) -> None:
    """Report keys that do not go with what the row does."""
    allowed = ("when", does, *BESIDE[does], *TOLD)
    for key, at in node.keys.items():
        if key in EFFECT and key not in allowed:
            what = _("'{key}' does not go with '{does}' {words}").format(key=key, does=does, words=one_of(key, allowed))
            scope.found.error(at, what, _("correct the key, or remove it"))


def _own(does: str, keys: dict[str, Node], scope: Scope) -> Read:
    if does == "set":
        return {"set": settings(keys["set"], scope, scope)}
    if does == "start":
        return _start(keys, scope)
    return _do(keys, scope) if does == "do" else {}


def _start(keys: dict[str, Node], scope: Scope) -> Read:
    theirs = scope.of([keys["start"].value] if isinstance(keys["start"].value, str) else [])
    return {
        "with": _with(keys["with"], theirs, scope) if "with" in keys else {},
        "set": settings(keys["set"], theirs, scope) if "set" in keys else {},
        "times": place(keys["times"], SHARE_OF, scope) if "times" in keys else None,
    }


def _do(keys: dict[str, Node], scope: Scope) -> Read:
    inside = keys["in"].value if "in" in keys else None
    kinds = scope.own.others.get(inside, ()) if isinstance(inside, str) else None
    theirs = scope if kinds is None else scope.of(kinds)
    step = theirs.named(keys["do"], theirs.steps(), _("step"))
    return {"step": step, "set": settings(keys["set"], theirs, scope) if "set" in keys else {}}


def _with(node: Node, theirs: Scope, scope: Scope) -> Read:
    answer = {}
    for name, ours in (reader.mapping(node, scope.found) or {}).items():
        if theirs.a_field(Node(name, node.keys[name])) is not None:
            answer[name] = [one for item in reader.listed(ours) if (one := _ours(item, scope)) is not None]
    return answer


def _ours(node: Node, scope: Scope) -> str | None:
    if isinstance(node.value, str) and "." in node.value:
        return scope.a_field(node)
    names = [SELF, HAND, *scope.fields(), *scope.own.others]
    return scope.named(node, names, _("field or look-up"))


def settings(node: Node, theirs: Scope, scope: Scope) -> Read:
    """Answer the fields that get a value: a word, now, a copy, a share, or a value."""
    answer = {}
    for name, value in (reader.mapping(node, scope.found) or {}).items():
        if theirs.a_field(Node(name, node.keys[name])) is not None:
            field = theirs.field(name)
            answer[name] = _setting(value, field, scope) if field is not None else {"value": data(value)}
    return answer


def _setting(node: Node, field: Field, scope: Scope) -> Read:
    if node.value == "now":
        if field.type not in ("date", "time"):
            scope.found.error(node.place, _("only a date or a time is set to now"), _("write a value"))
        return {"now": "day" if field.type == "date" else "instant"}
    keys = entries(node)
    if "copy" in keys:
        reader.known_keys(node, ("copy",), scope.found)
        return {"copy": _ours(keys["copy"], scope)}
    if "share" in keys:
        return place(node, SHARE, scope)
    if field.type == "word" and isinstance(node.value, str):
        return {"word": literal(node, field, scope)}
    if field.type in ("person", "department"):
        return {"word": _hand(node, scope)}
    return {"value": literal(node, field, scope)}


def _hand(node: Node, scope: Scope) -> str | None:
    found = hands(node, scope, ())
    named = next((hand.get("role") for hand in found), None)
    return str(named) if named else None
