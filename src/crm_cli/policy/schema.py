"""The JSON Schema (2020-12) of policy files, made from the tables that the checker goes by: for editors.

What it accepts in keys and words the checker accepts too. What takes more than one place to see stays the checker's:
gaps and overlaps of tables, acts that no row names, addresses that no base has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm_cli.policy import reader
from crm_cli.policy.case import shape
from crm_cli.policy.document import CHANGES, HEAD
from crm_cli.policy.draft import OTHERWISE, TOLD
from crm_cli.policy.forms import FORMS, may, params, penalty_shape, table
from crm_cli.policy.vocabulary import Flag, May, Number, Params, Penalty, Same, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from crm_cli.policy.vocabulary import Ask, Topic

Schema = dict[str, Any]
Labels = dict[str, dict[str, str]]  # vocabulary -> word -> label

TEXT: Schema = {"type": "string"}
NAME: Schema = {"type": "string", "pattern": f"^{reader.NAME.pattern}$"}
FOLDER: Schema = {"type": "string", "pattern": f"^{reader.FOLDER.pattern}$"}
DAY: Schema = {"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
RANGE = "^(at most|at least|over|under) -?[0-9]{1,15}$|^-?[0-9]{1,15} to -?[0-9]{1,15}$"
PLAIN = {"number": {"type": "integer"}, "flag": {"type": "boolean"}, "text": TEXT, "limit": TEXT}


CASES = "cases"


def schema(topics: Iterable[Topic], labels: Labels, says: Mapping[str, str], *, cases: bool = False) -> Schema:
    """Answer the schema of policies of these topics; `cases`: of any other topic too, which is one of cases.

    `labels` are the words of vocabularies as a house calls them, its own among them; `says` is what people call rules,
    facts, outcomes and values.
    """
    made = {topic.name: _Topic(topic, labels, says).policy() for topic in topics}
    chosen = [{"if": {"properties": {"policy": {"const": name}}}, "then": {"$ref": f"#/$defs/{name}"}} for name in made]
    names: Schema = {"enum": [*made]}
    if cases:
        chosen.append({"if": {"properties": {"policy": {"not": names}}}, "then": {"$ref": f"#/$defs/{CASES}"}})
        made = {**made, CASES: _cases(), **shape.definitions()}
        names = NAME
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "crm policy",
        "type": "object",
        "required": ["policy", "house", "edition"],
        "properties": {"policy": names},
        "allOf": chosen,
        "$defs": made,
    }


def _cases() -> Schema:
    """Answer the schema of a file of a topic that a house invents; what amends another is the checker's to see."""
    body: dict[str, Schema] = {
        "ranks": {"type": "array", "items": NAME, "minItems": 1, "description": "roles, the lowest first"},
        "rules": shape.rules(),
        "set": {"type": "object"},
        "add": {"type": "object"},
        "repeal": {"type": "array", "items": TEXT},
    }
    return _object({**_head(NAME), **body}, ["policy", "house", "edition"])


def _head(name: Schema) -> dict[str, Schema]:
    """Answer the keys of the head of a file, whose topic has this name."""
    return {
        "policy": name,
        "house": FOLDER,
        "title": _texts("zh", "en"),
        "edition": DAY,
        "until": DAY,
        "source": _texts("doc", "part"),
        "approved": _object({"by": TEXT, "on": DAY}),
        "amends": DAY,
        "extends": _object({"policy": name, "house": FOLDER}, ["policy", "house"]),
    }


def _object(properties: Mapping[str, Schema], required: Iterable[str] = ()) -> Schema:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": [*required],
        "additionalProperties": False,
    }


def _one_or_more(one: Schema) -> Schema:
    return {"anyOf": [one, {"type": "array", "items": one, "minItems": 1, "uniqueItems": True}]}


def _texts(*keys: str) -> Schema:
    return _object(dict.fromkeys(keys, TEXT))


def _told() -> dict[str, Schema]:
    """Answer what every rule and every row may tell about itself."""
    spoken = {"anyOf": [TEXT, _texts("zh", "en")]}
    told = {"article": TEXT, "ref": {"anyOf": [TEXT, {"type": "array", "items": TEXT, "minItems": 1}]}}
    return {key: told.get(key, spoken) for key in TOLD}


class _Topic:
    """The policies of one topic."""

    def __init__(self, topic: Topic, labels: Labels, says: Mapping[str, str]) -> None:
        self._topic, self._labels, self._says = topic, labels, says

    def policy(self) -> Schema:
        """Answer the schema of a whole file: rules of its own, or changes to others."""
        rules = {name: self._rule(name) for name in self._topic.asks}
        changes = {"set": self._set(), "add": self._add(), "repeal": self._repeal()}
        changes = {key: changes[key] for key in CHANGES}
        wanted = [name for name in rules if name not in self._topic.optional]
        bodies: dict[str, dict[str, Schema]] = {"rules": {"rules": _object(rules, wanted)}}
        files = [self._file(key, bodies.get(key, changes)) for key in ("rules", "amends", "extends")]
        return {"type": "object", "oneOf": files}

    def _file(self, wanted: str, body: Mapping[str, Schema]) -> Schema:
        head = _head({"const": self._topic.name})
        kept = {key: head[key] for key in HEAD if key not in ("amends", "extends") or key == wanted}
        return _object({**kept, **body}, ["policy", "house", "edition", wanted])

    # ── rules ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def _rule(self, name: str) -> Schema:
        ask = self._topic.asks[name]
        form = next(form for form, module in FORMS.items() if isinstance(ask, module.ASK))
        if isinstance(ask, Penalty):
            return self._described(f"{self._topic.name}/{name}", penalty_shape.rule(_told()))
        keys = self._keys(name, ask)
        own = {key: keys[key] for key in FORMS[form].KEYS}
        wanted = {"may": [], "params": ["values"], "table": ["inputs", "outputs"]}[form]
        title = {"anyOf": [TEXT, _texts("zh", "en")]}
        made = _object({"kind": {"const": form}, "title": title, **own, **_told()}, ["kind", *wanted])
        return self._described(f"{self._topic.name}/{name}", made)

    def _described(self, name: str, one: Schema, vocabulary: str = "") -> Schema:
        """Answer a schema with what people call its subject, and the words that may stand there with their labels."""
        labels = ", ".join(f"{word} {label}" for word, label in self._labels.get(vocabulary, {}).items())
        says = ": ".join(filter(None, [self._says.get(name, ""), labels]))
        return {"description": says, **one} if says else one

    def _keys(self, name: str, ask: Table | May | Params) -> dict[str, Schema]:
        if isinstance(ask, Params):
            values = {value: self._value(f"{name}.{value}", kind) for value, kind in ask.values.items()}
            return {"values": _object(values, values)}
        rows = {"type": "array", "items": self._row(ask), "minItems": 1}
        if isinstance(ask, May):
            return {"rows": rows}
        return {
            "inputs": _names(ask.inputs),
            "outputs": _names(ask.outputs),
            "hit": {"enum": [*(table.HITS if ask.many else table.HITS[:2])]},
            "rows": rows,
            OTHERWISE: self._row(ask, but=("id", "when"), wanted=("then",)),
            "impossible": {"type": "array", "items": self._when(ask), "minItems": 1},
        }

    def _row(self, ask: Table | May, but: tuple[str, ...] = (), wanted: tuple[str, ...] = ()) -> Schema:
        if isinstance(ask, May):
            keys = {"id": NAME, **self._hands(ask)}
            return _object({**keys, **_told()}, wanted or ("act", "by"))
        keys = {"id": NAME, "when": self._when(ask), "then": self._then(ask)}
        kept = {key: one for key, one in keys.items() if key not in but}
        return _object({**kept, **_told()}, wanted or ("id", "then"))

    def _hands(self, ask: May) -> dict[str, Schema]:
        role = self._word("role")
        acts = _one_or_more({"enum": [*ask.acts]})
        hands = {"anyOf": [{"enum": [may.ANYONE, may.NOBODY]}, role]}
        return {"act": acts, "by": _one_or_more(hands), "not": _one_or_more(role)}

    def _when(self, ask: Table) -> Schema:
        return _object({fact: self._condition(fact) for fact in ask.inputs})

    def _then(self, ask: Table) -> Schema:
        return _object({name: self._outcome(name) for name in ask.outputs}, ask.outputs)

    # ── cells ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def _condition(self, fact: str) -> Schema:
        known = self._domain(fact)
        if isinstance(known, Flag):
            cell: Schema = {"type": "boolean"}
        elif isinstance(known, Number):
            one = {"anyOf": [{"type": "integer"}, {"type": "string", "pattern": RANGE}]}
            cell = {"anyOf": [one, {"type": "array", "items": one, "minItems": 1}]}
        else:
            cell = _one_or_more(self._word(fact))
        return self._described(fact, {"anyOf": [cell, _object({"not": cell}, ["not"])]}, fact)

    def _outcome(self, name: str) -> Schema:
        known = self._domain(name)
        if isinstance(known, Flag):
            return self._described(name, {"type": "boolean"})
        if isinstance(known, Number):
            most = {} if known.most is None else {"maximum": known.most}
            return self._described(name, {"type": "integer", "minimum": known.least, **most})
        return self._described(name, self._word(name), name)

    def _word(self, name: str) -> Schema:
        """Answer a word of a vocabulary: one of those there are, or, where a house adds words, any name."""
        known = self._topic.words.get(name, ())
        if isinstance(known, Same):
            return self._word(known.name)
        closed = known if isinstance(known, tuple) else ()
        if name != "role" and name not in self._topic.open:
            return {"enum": [*closed]}
        words = dict.fromkeys([*closed, *self._labels.get(name, {})])
        return {"anyOf": [{"enum": [*words]}, NAME]} if words else NAME

    def _domain(self, name: str) -> Any:
        known = self._topic.words.get(name)
        return self._domain(known.name) if isinstance(known, Same) else known

    def _value(self, name: str, kind: str) -> Schema:
        plain = kind.removesuffix(" or none")
        none = [params.NONE] if plain != kind else []
        one = self._single(plain.removeprefix("list of "))
        if plain.startswith("list of "):
            items = {"anyOf": [{"enum": none}, one]} if none else one
            one = {"type": "array", "items": items}
        made = {"anyOf": [{"enum": [params.UNSET, *none]}, one]}
        return self._described(f"{self._topic.name}/{name}", made, plain.removeprefix("list of "))

    def _single(self, plain: str) -> Schema:
        name = "role" if plain == "roles" else plain
        known = self._domain(name)
        if isinstance(known, tuple) or name == "role":
            return self._word(name)
        return PLAIN[{Flag: "flag", Number: "number"}.get(type(known), plain)]

    # ── changes ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _set(self) -> Schema:
        cells = [cell for name, ask in self._topic.asks.items() for cell in self._cells(name, ask)]
        typed = {pattern: _change(one) for pattern, one in cells}
        return {"type": "object", "patternProperties": typed, "additionalProperties": False}

    def _cells(self, name: str, ask: Ask) -> list[tuple[str, Schema]]:
        """Answer what may be set in a rule: the pattern of an address, and what may stand there."""
        if isinstance(ask, Penalty):
            return [(f"^{name}#[a-z0-9_.]+$", {})]
        told = [(f"^{name}(#{ROW})?\\.{key}$", one) for key, one in _told().items()]
        if isinstance(ask, Params):
            return told + [
                (f"^{name}\\.(values\\.)?{key}$", self._value(f"{name}.{key}", kind))
                for key, kind in ask.values.items()
            ]
        if isinstance(ask, May):
            return told + [(f"^{name}#{ROW}\\.{key}$", _or_none(one)) for key, one in self._hands(ask).items()]
        when = [(f"^{name}#{ROW}\\.when\\.{fact}$", _or_any(self._condition(fact))) for fact in ask.inputs]
        then = [(f"^{name}#{ROW}\\.(then\\.)?{one}$", self._outcome(one)) for one in ask.outputs]
        return [*told, *when, *then, (f"^{name}\\.hit$", self._keys(name, ask)["hit"])]

    def _add(self) -> Schema:
        patterns = {f"^{name}$": self._rule(name) for name in self._topic.asks}
        for name, ask in self._topic.asks.items():
            if not isinstance(ask, Params | Penalty):
                row = self._row(ask, wanted=("act", "by") if isinstance(ask, May) else ("then",))
                row["properties"]["before"] = NAME
                patterns[f"^{name}#{ROW}$"] = row
        return {"type": "object", "patternProperties": patterns, "additionalProperties": False}

    def _repeal(self) -> Schema:
        rules = "|".join(self._topic.asks)
        return {"type": "array", "items": {"type": "string", "pattern": f"^({rules})(#{ROW})?$"}, "minItems": 1}


ROW = reader.NAME.pattern


def _names(wanted: tuple[str, ...]) -> Schema:
    """Answer a list that holds each of some names once, or the only one by itself."""
    size = len(wanted)
    every = {
        "type": "array", "items": {"enum": [*wanted]}, "minItems": size, "maxItems": size, "uniqueItems": True
    }  # fmt: skip
    return every if size > 1 else {"anyOf": [{"const": wanted[0]}, every]}


def _change(one: Schema) -> Schema:
    return _object({"was": {}, "is": one, **_told()}, ["was", "is"])


def _or_any(cell: Schema) -> Schema:
    return {"anyOf": [{"const": "any"}, cell]}


def _or_none(cell: Schema) -> Schema:
    return {"anyOf": [{"const": params.NONE}, cell]}
