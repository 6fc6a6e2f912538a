"""The fields of a kind: their types, words, links, first values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm_cli.language import _
from crm_cli.policy import reader
from crm_cli.policy.case.figures import NUMBERS, number
from crm_cli.policy.case.keys import FIELD, RESERVED, RESERVED_NAMES
from crm_cli.policy.case.reading import place, said
from crm_cli.policy.case.world import ENDS, TYPES, entries
from crm_cli.policy.node import BAD, Node, data

if TYPE_CHECKING:
    from crm_cli.policy.case.scope import Scope
    from crm_cli.policy.case.world import Field

Read = dict[str, Any]


def fields(node: Node | None, scope: Scope) -> Read:
    """Answer every field by its name; a kind of the calendar has the first and last day of its period."""
    own = {name: _named(name, one, node.keys[name], scope) for name, one in entries(node).items()} if node else {}
    period = dict.fromkeys(ENDS, _plain("date")) if scope.own.every else {}
    return {**period, **own}


def _plain(kind: str | None) -> Read:
    return {
        "type": kind, "of": [], "checklist": None, "link": [], "many": False, "personal": False, "start": None,
        "product": None, "sum": None, "forbids": [], "allows": [],
    }  # fmt: skip


def _named(name: str, node: Node, at: Any, scope: Scope) -> Read:
    if not reader.NAME.fullmatch(name) or name in RESERVED_NAMES:
        what = _("'{name}' is no name of a field").format(name=name)
        scope.found.error(at, what, _("write small letters a to z, digits and _; not: {words}").format(
            words=", ".join(RESERVED_NAMES)))  # fmt: skip
    known = scope.own.fields[name]
    if not isinstance(node.value, dict):
        _short(node, scope)
        return _plain(known.type) | {"of": list(known.of)}
    written = place(node, FIELD, scope)
    return {**_long(node, written, known, scope), **said(node)}


def _short(node: Node, scope: Scope) -> None:
    if isinstance(node.value, list):
        _choice(node, scope)
    else:
        reader.word(node, TYPES, _("type of field"), scope.found)


def _choice(node: Node, scope: Scope) -> None:
    """Report words that a cell would read as something else, and words that stand there twice."""
    for one in reader.items(node, scope.found) or []:
        text = reader.text(one, scope.found)
        if text in RESERVED or (text and number(text, None) is not None):
            what = _("'{word}' is a word of conditions, and no value of a field").format(word=text)
            scope.found.error(one.place, what, _("write another word"))
    reader.words(node, [one.value for one in reader.listed(node)], _("word"), scope.found)


def _long(node: Node, written: Read, known: Field, scope: Scope) -> Read:
    keys = node.value
    if known.type == "word":
        _of(keys["of"], scope)
    elif "type" in keys:
        scope.word(keys["type"], TYPES, _("type of field"))
    elif known.type != "link":
        scope.found.error(node.place, _("the field has no type"), _("write type:, of: or link:"))
    start = literal(keys["start"], known, scope) if "start" in keys else None
    product = written.get("product") or None
    return _plain(known.type) | {
        "of": list(known.of), "checklist": known.checklist, "link": list(known.link),
        "many": known.many, "personal": written.get("personal", False), "start": start,
        "product": product, "sum": written.get("sum"), "forbids": _worded("forbids", written, known, node, scope),
        "allows": _worded("allows", written, known, node, scope),
    }  # fmt: skip


def _worded(key: str, written: Read, known: Field, node: Node, scope: Scope) -> list[str]:
    """Answer the words that a reply may not contain, or may all the same; only a reply is read for them."""
    words: list[str] = written.get(key) or []
    if words and known.type != "reply":
        scope.found.error(node.keys[key], _("only a reply is read for words"), _("write type: reply"))
    return words


def _of(node: Node, scope: Scope) -> None:
    if isinstance(node.value, str):
        scope.word(node, scope.world.checklists, _("checklist"))
    else:
        _choice(node, scope)


def literal(node: Node, known: Field, scope: Scope) -> Any:
    """Answer a value as it is written for a field: a word of it, a flag, a number (an amount in fen), a text."""
    if node.value is BAD:
        return None
    if known.type == "word":
        words = reader.words(node, known.of, _("word"), scope.found)
        return list(words) if isinstance(node.value, list) else next(iter(words), None)
    if known.type in NUMBERS:
        return _figure(node, known, scope)
    if known.type == "flag":
        if isinstance(node.value, bool):
            return node.value
        scope.found.error(node.place, _("true or false is wanted here"), _("write true or false"))
        return None
    return data(node)


def _figure(node: Node, known: Field, scope: Scope) -> int | None:
    if isinstance(node.value, int | str) and not isinstance(node.value, bool):
        read = number(str(node.value), known)
        if read is not None:
            return read
    scope.found.error(node.place, _("a number is wanted here"), _("write digits"))
    return None
