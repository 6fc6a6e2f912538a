"""Conditions: cells over fields, steps, duties, look-ups, links, the state and the hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm_cli.language import _
from crm_cli.policy import reader
from crm_cli.policy.case.figures import NUMBERS, limit, ranged
from crm_cli.policy.case.hands import ANYONE, OFFICE, hands, members
from crm_cli.policy.case.world import Field
from crm_cli.policy.finding import one_of
from crm_cli.policy.node import BAD, Node, data

if TYPE_CHECKING:
    from crm_cli.policy.case.scope import Scope

Test = dict[str, Any]
DONE, NOT_DONE = "done", "not done"
DUTY = ("open", "met", "late")
FOUND = {"some": (1, None), "none": (0, 0)}
GIVEN = ("given", "missing", "changed", "owed")
WITHIN = "within "
MOVED = ("raised", "lowered")
NUMBER = Field("number")
TIMED = {"past": "past", "to come": "to_come"}


def tests(node: Node, scope: Scope) -> list[Test]:
    """Answer the cells of a condition, all of which must hold."""
    if reader.mapping(node, scope.found) is None:
        return []
    return [
        test
        for name, cell in node.value.items()
        if (test := _test(Node(name, node.keys[name]), cell, scope)) is not None
    ]


def _test(name: Node, cell: Node, scope: Scope) -> Test | None:
    inner, negated = cell, False
    if isinstance(cell.value, dict) and "not" in cell.value:
        reader.known_keys(cell, ("not",), scope.found)
        inner, negated = cell.value["not"], True
    test = _positive(name, inner, scope)
    if test is None:
        return None
    return {**test, "not": test.get("not", False) != negated}


def _positive(name: Node, cell: Node, scope: Scope) -> Test | None:
    """Answer the test that the word of a cell makes of a name."""
    if name.value == "state":
        return _on("state", name, _in(cell, [*scope.states(), "open", "closed"], _("state"), scope))
    if name.value == "hand":
        return _on("hand", name, {"op": "hand", "hands": hands(cell, scope, (ANYONE, OFFICE))})
    if cell.value in (DONE, NOT_DONE, *DUTY) and _is_behind(name.value, scope):
        return _behind(name, cell, scope)
    if cell.value in (DONE, NOT_DONE):
        return _step(name, cell, scope)
    if cell.value in DUTY:
        named = scope.named(name, scope.duties(), _("duty"))
        return _on("duty", name, {"op": cell.value}) if named else None
    if name.value in scope.others():
        return _other(name, cell, scope)
    return _field(name, cell, scope)


def _is_behind(name: str, scope: Scope) -> bool:
    """Answer whether a name leads behind a link; a step or a duty may have a dot of its own."""
    link, dot, _rest = name.partition(".")
    return bool(dot) and name not in (*scope.steps(), *scope.duties()) and scope.field(link) is not None


def _behind(name: Node, cell: Node, scope: Scope) -> Test | None:
    """Answer the test of the state of a case behind a link; its steps and duties are asked with a look-up."""
    field = scope.field(name.value)
    if (field is not None and field.type == "state" and cell.value == "open") or scope.open:
        return _field(name, cell, scope)
    what = _("'{word}' is said of steps and duties; of a case behind a link its fields and its state can be tested")
    fix = _("write a look-up under others: {{kind: …, same: {{self: {link}}}, when: …}}, and test it for some or none")
    link = name.value.partition(".")[0]
    scope.found.error(cell.place, what.format(word=cell.value), fix.format(link=link))
    return None


def _on(what: str, name: Node, rest: Test | None) -> Test | None:
    return None if rest is None else {"on": what, "name": name.value, **rest}


def _step(name: Node, cell: Node, scope: Scope) -> Test | None:
    if scope.named(name, scope.steps(), _("step")) is None:
        return None
    return {"on": "step", "name": name.value, "op": DONE, "not": cell.value == NOT_DONE}


def _other(name: Node, cell: Node, scope: Scope) -> Test | None:
    if cell.value in tuple(FOUND):
        low, high = FOUND[cell.value]
        return {"on": "other", "name": name.value, "op": "count", "low": low, "high": high}
    range_ = ranged(cell, NUMBER, scope)
    return None if range_ is None else {"on": "other", "name": name.value, **range_, "op": "count"}


def _field(name: Node, cell: Node, scope: Scope) -> Test | None:
    field = scope.field(name.value)
    if field is None:
        _unknown(name, scope)
        return None
    return _on("link" if "." in name.value else "field", name, _fits(name.value, cell, field, scope))


def _unknown(name: Node, scope: Scope) -> None:
    if "." in name.value:
        scope.a_field(name)
        return
    if scope.open:
        return
    words = (DONE, NOT_DONE) if name.value in scope.steps() else DUTY if name.value in scope.duties() else ()
    if words:
        what = _("'{name}' is tested for one word").format(name=name.value)
        scope.found.error(name.place, what, _("write one of: {words}").format(words=", ".join(words)))
        return
    known = [*scope.fields(), *scope.steps(), *scope.duties(), *scope.others(), "state", "hand"]
    what = _("'{name}' is no field, step, duty or look-up {words}")
    what = what.format(name=name.value, words=one_of(name.value, dict.fromkeys(known)))
    scope.found.error(name.place, what, _("correct the name, or declare it"))


def _fits(name: str, cell: Node, field: Field, scope: Scope) -> Test | None:
    if cell.value in GIVEN:
        return {"op": cell.value}
    if cell.value in MOVED:
        return _moved(name, cell, field, scope)
    if cell.value in tuple(TIMED):
        return _timed(name, cell, field, scope)
    if isinstance(cell.value, str) and cell.value.startswith(WITHIN) and field.type in ("date", "time"):
        return _within(cell, scope)
    if isinstance(cell.value, dict):
        return _all(name, cell, field, scope)
    if field.type in NUMBERS:
        return ranged(cell, field, scope)
    if field.type == "flag":
        return _flag(name, cell, scope)
    if field.type in ("date", "time"):
        _no_time(name, cell, scope)
        return None
    if field.type in ("person", "department"):
        return {"op": "is_person", "hands": members(cell, scope)}
    return _words(name, cell, field, scope)


def _within(cell: Node, scope: Scope) -> Test | None:
    text = limit(Node(cell.value.removeprefix(WITHIN), cell.place), scope)
    if text is None:
        return None
    if text.startswith("until ") or " after " in text or text == "unset":
        scope.found.error(cell.place, _("a limit is wanted here"), _("write one like: 24h, 3 days, unset"))
        return None
    return {"op": "within", "limit": text}


def _moved(name: str, cell: Node, field: Field, scope: Scope) -> Test | None:
    if field.type in (*NUMBERS, "word", None):
        return {"op": cell.value}
    what = _("'{name}' has no order: only a number, an amount or a list of words is raised or lowered")
    scope.found.error(cell.place, what.format(name=name), _("write given, missing, or a word"))
    return None


def _timed(name: str, cell: Node, field: Field, scope: Scope) -> Test | None:
    if field.type in ("date", "time", None):
        return {"op": TIMED[cell.value]}
    what = _("'{name}' is no time, and is neither past nor to come").format(name=name)
    scope.found.error(cell.place, what, _("name a field of the type date or time"))
    return None


def _no_time(name: str, cell: Node, scope: Scope) -> None:
    if cell.value is not BAD:
        what = _("'{name}' is a time, and is not compared with a word or another time").format(name=name)
        scope.found.error(cell.place, what, _("write past, to come, given or missing"))


def _all(name: str, cell: Node, field: Field, scope: Scope) -> Test | None:
    reader.known_keys(cell, ("all", "among", "not"), scope.found)
    if "among" in cell.value:
        other = scope.a_field(cell.value["among"])
        return None if other is None else {"op": "among", "field": other}
    if "all" not in cell.value:
        if not set(cell.value) - {"not"}:  # any other key was reported
            what = _("the cell says nothing")
            scope.found.error(cell.place, what, _("write a word, or not:, all: with words, among: with a field"))
        return None
    if field.type in ("person", "department"):
        return {"op": "all", "hands": members(cell.value["all"], scope)}
    test = _words(name, cell.value["all"], field, scope)
    return None if test is None else {**test, "op": "all"}


def _flag(name: str, cell: Node, scope: Scope) -> Test | None:
    if isinstance(cell.value, bool):
        return {"op": "in", "of": [cell.value]}
    if cell.value is not BAD:
        what = _("{fact} is true or false").format(fact=name)
        scope.found.error(cell.place, what, _("write true, false, given or missing"))
    return None


def _words(name: str, cell: Node, field: Field, scope: Scope) -> Test | None:
    if field.type == "word":
        return _in(cell, field.of, name, scope)
    if field.type == "state":
        return _in(cell, [*field.of, "open", "closed"], _("state"), scope)
    if field.type is None:
        return _any(cell, scope)
    nodes = reader.listed(cell)
    texts = [reader.text(one, scope.found) for one in nodes]
    return {"op": "in", "of": texts} if nodes and None not in texts else None


def _any(cell: Node, scope: Scope) -> Test | None:
    """Answer the test of a field that only another noun knows: a range if it reads like one, else words."""
    listed = data(cell) if isinstance(cell.value, list) else [data(cell)]
    if not isinstance(cell.value, list) and (test := ranged(cell, None, scope, strict=False)) is not None:
        return test
    return {"op": "in", "of": listed}


def _in(cell: Node, allowed: Any, kind: str, scope: Scope) -> Test | None:
    words = reader.words(cell, tuple(dict.fromkeys(allowed)), kind, scope.found)
    return {"op": "in", "of": list(words)} if words else None
