"""A place of a declaration read by its table of keys: every key by its reader, absent ones as their default."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm_cli.language import _
from crm_cli.policy import reader
from crm_cli.policy.case.conditions import tests
from crm_cli.policy.case.figures import NUMBERS, limit, not_before, percent
from crm_cli.policy.case.hands import ANYONE, HAND, OFFICE, hands
from crm_cli.policy.case.keys import TOLD
from crm_cli.policy.case.scope import HANDED
from crm_cli.policy.case.world import PERIODS
from crm_cli.policy.draft import told
from crm_cli.policy.node import BAD, Node, data

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from crm_cli.policy.case.keys import Keys
    from crm_cli.policy.case.scope import Scope

Read = dict[str, Any]
LISTS = ("tests", "steps_of", "fields_of", "barred", "asks", "states", "closed", "texts", "who", "state", "figures")
LANGUAGES = ("zh", "en")
SAID = (*TOLD, "title")


def place(node: Node, keys: Keys, scope: Scope, besides: Collection[str] = ()) -> Read:
    """Answer what stands in one place, a default for each key that is not written; not what is read `besides`."""
    if reader.mapping(node, scope.found) is None:
        return {}
    reader.known_keys(node, keys, scope.found)
    for name in SAID:
        if name in keys and name in node.value:
            value(node.value[name], keys[name].reads, scope)  # kept as it is written, by `said`
    return {
        name: value(node.value[name], key.reads, scope) if name in node.value else default(key.reads)
        for name, key in keys.items()
        if name not in SAID and name not in besides
    }


def default(reads: str) -> Any:
    """Answer what stands for a key that is not written."""
    return [] if reads in LISTS else False if reads == "flag" else None


def said(node: Node) -> Read:
    """Answer what a place tells about itself: title, article, ref, says, reading."""
    keys = node.value if isinstance(node.value, dict) else {}
    title = {"title": data(keys["title"])} if "title" in keys and keys["title"].value is not BAD else {}
    return {**title, **told(keys)}


def value(node: Node, reads: str, scope: Scope) -> Any:
    """Answer a value as its reader reads it; the default after a finding, or when a later step reads it."""
    if reads not in READERS or node.value is BAD:
        return default(reads)
    read = READERS[reads](node, scope)
    return default(reads) if read is None else read


def _named(kind: Callable[[], str], names: Callable[[Scope], list[str]]) -> Callable[[Node, Scope], str | None]:
    return lambda node, scope: scope.named(node, names(scope), kind())


def _several(one: Callable[[Node, Scope], str | None]) -> Callable[[Node, Scope], list[str]]:
    def read(node: Node, scope: Scope) -> list[str]:
        if not reader.listed(node):
            reader.items(node, scope.found)
        return [name for item in reader.listed(node) if (name := one(item, scope)) is not None]

    return read


def _word(kind: Callable[[], str], *words: str) -> Callable[[Node, Scope], str | None]:
    return lambda node, scope: reader.word(node, words, kind(), scope.found)


def _flag(node: Node, scope: Scope) -> bool | None:
    if isinstance(node.value, bool):
        return node.value
    scope.found.error(node.place, _("true or false is wanted here"), _("write true or false"))
    return None


def _text(node: Node, scope: Scope) -> str | None:
    return reader.text(node, scope.found)


def _spoken(node: Node, scope: Scope) -> None:
    """Report what is no text, nor one for each language."""
    if not isinstance(node.value, dict):
        reader.text(node, scope.found)
        return
    reader.known_keys(node, LANGUAGES, scope.found)
    for one in node.value.values():
        reader.text(one, scope.found)


def _barred(node: Node, scope: Scope) -> str | None:
    """Answer a step, or a field that names a person; `link.field` too."""
    if isinstance(node.value, str) and "." in node.value and node.value not in scope.steps():
        return scope.a_field(node)
    names = [*scope.steps(), *scope.fields(HANDED)]
    return scope.named(node, names, _("step or field that names a person"))


def _asks(node: Node, scope: Scope) -> list[Any]:
    nodes = reader.listed(node)
    if not nodes:
        reader.items(node, scope.found)
    read = [_FIELDS(one, scope) if isinstance(one.value, list) else _FIELD(one, scope) for one in nodes]
    return [one for one in read if one]


def _opens(node: Node, scope: Scope) -> bool | str | None:
    return node.value if isinstance(node.value, bool) else _flow(node, scope)


def _again(node: Node, scope: Scope) -> bool | str | None:
    if isinstance(node.value, bool):
        return node.value
    return reader.word(node, ("afresh",), _("way to do a step again"), scope.found)


def _other(node: Node, scope: Scope) -> str | None:
    return scope.word(node, scope.others(), _("look-up"))


def _sum(node: Node, scope: Scope) -> list[str] | None:
    text = _text(node, scope)
    if text is None:
        return None
    step, _dot, field = text.rpartition(".")
    names = (_STEP(Node(step, node.place), scope), _FIELD(Node(field, node.place), scope))
    return None if None in names else [step, field]


def _count_of(node: Node, scope: Scope) -> int | None:
    if isinstance(node.value, int) and not isinstance(node.value, bool) and node.value > 0:
        return node.value
    scope.found.error(node.place, _("a number from {least} is wanted here").format(least=1), _("write digits"))
    return None


def _fact(node: Node, scope: Scope) -> str | None:
    fix = _("correct the word, or write it under labels: case_fact in words.yaml")
    return reader.word(node, scope.world.facts, _("fact"), scope.found, fix)


def _figures(scope: Scope) -> list[str]:
    return scope.fields(NUMBERS)


def _flow(node: Node, scope: Scope) -> str | None:
    """Answer the event of another noun, as `noun.event`."""
    if isinstance(node.value, str) and reader.DOTTED.fullmatch(node.value) and "." in node.value:
        return node.value
    what = _("what opens a case is true, or an event")
    scope.found.error(node.place, what, _("write true, or one like customer.registered"))
    return None


_FIELD = _named(lambda: _("field"), lambda scope: scope.fields())
_STEP = _named(lambda: _("step"), lambda scope: scope.steps())
_STATE = _named(lambda: _("state"), lambda scope: scope.states())
_FIELDS = _several(_FIELD)

READERS: dict[str, Callable[[Node, Scope], Any]] = {
    "text": _text,
    "texts": _several(_text),
    "refs": _several(_text),
    "spoken": _spoken,
    "flag": _flag,
    "field": _FIELD,
    "fields_of": _FIELDS,
    "sum": _sum,
    "step": _STEP,
    "steps_of": _several(_STEP),
    "duty": _named(lambda: _("duty"), lambda scope: scope.duties()),
    "states": _several(_STATE),
    "closed": _several(_STATE),
    "state_word": _named(lambda: _("state"), lambda scope: [*scope.states(), "open", "closed"]),
    "barred": _several(_barred),
    "hands": hands,
    "who": lambda node, scope: hands(node, scope, (ANYONE, OFFICE, HAND)),
    "tests": tests,
    "asks": _asks,
    "opens": _opens,
    "again": _again,
    "other": _other,
    "kind": lambda node, scope: scope.word(node, scope.world.kinds, _("kind of case")),
    "kinds": lambda node, scope: scope.kinds(node),
    "table": lambda node, scope: scope.word(node, scope.world.tables, _("table")),
    "fact": _fact,
    "figure": _named(lambda: _("field of the type {types}").format(types="/".join(NUMBERS)), _figures),
    "figures": _several(_named(lambda: _("field of the type {types}").format(types="/".join(NUMBERS)), _figures)),
    "moment": lambda node, scope: scope.a_field(node, ("date", "time")),
    "limit": limit,
    "not_before": not_before,
    "percent": percent,
    "count_of": _count_of,
    "period": _word(lambda: _("period"), *PERIODS),
    "transition": _word(lambda: _("transition"), "keep", "switch"),
    "else": _word(lambda: _("way out"), "refuse", "warn", "owe"),
    "duty_word": _word(lambda: _("state of a duty"), "open", "met", "late"),
    "dated": _word(lambda: _("date of a duty"), "start", "due", "done"),
}
