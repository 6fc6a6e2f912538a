"""The JSON Schema of topics of cases, made from the tables of keys that validate them: for editors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from crm_cli.policy import reader
from crm_cli.policy.case.keys import (
    CHECKLIST,
    COUNT,
    DUTY,
    EFFECT,
    ESCALATION,
    FIELD,
    ITEM,
    KIND,
    LIMIT,
    NEED,
    OTHER,
    SHARE,
    SHARE_OF,
    STATE,
    STEP,
    TITLE,
)  # fmt: skip
from crm_cli.policy.case.world import PERIODS, TYPES

if TYPE_CHECKING:
    from crm_cli.policy.case.keys import Keys

Schema = dict[str, Any]
TEXT: Final[Schema] = {"type": "string"}
FLAG: Final[Schema] = {"type": "boolean"}
NUMBER: Final[Schema] = {"type": "integer"}
LIMIT_TEXT: Final[Schema] = {"type": "string", "description": "24h, 3 days, 1 working day, until FIELD, unset …"}
NAME: Final[Schema] = {"type": "string", "pattern": f"^{reader.NAME.pattern}$"}
DOTTED: Final[Schema] = {"type": "string", "pattern": f"^{reader.DOTTED.pattern}$"}
PERCENT: Final[Schema] = {"type": "string", "pattern": "^[0-9]{1,3} ?%$"}
SPOKEN: Final[Schema] = {
    "anyOf": [TEXT, {"type": "object", "properties": {"zh": TEXT, "en": TEXT}, "additionalProperties": False}]
}


def either(*shapes: Schema) -> Schema:
    """Answer what fits one of several."""
    return {"anyOf": [*shapes]}


def several(one: Schema) -> Schema:
    """Answer what fits one, or a list that is not empty."""
    return either(one, {"type": "array", "items": one, "minItems": 1})


def rows(keys: str) -> Schema:
    """Answer a list of rows of one place."""
    return {"type": "array", "items": {"$ref": f"#/$defs/{keys}"}, "minItems": 1}


def named(keys: str) -> Schema:
    """Answer a mapping from names of a house to what stands in one place."""
    return {"type": "object", "propertyNames": DOTTED, "additionalProperties": {"$ref": f"#/$defs/{keys}"}}


def place(keys: Keys, *wanted: str) -> Schema:
    """Answer what may stand in one place, each key with what it says."""
    properties = {name: {"description": key.says, **SHAPES[key.reads]} for name, key in keys.items()}
    return {"type": "object", "properties": properties, "required": [*wanted], "additionalProperties": False}


TESTS: Final[Schema] = {"type": "object", "additionalProperties": {"$ref": "#/$defs/cell"}}
CELL: Final[Schema] = either(
    TEXT, FLAG, NUMBER, {"type": "array", "items": either(TEXT, NUMBER), "minItems": 1},
    {"type": "object", "properties": {"not": {"$ref": "#/$defs/cell"}, "all": several(TEXT), "among": DOTTED},
     "additionalProperties": False, "minProperties": 1, "maxProperties": 1},
)  # fmt: skip
MOMENTS: Final[Schema] = either(several(DOTTED), {"type": "object", "additionalProperties": TESTS})
VALUE: Final[Schema] = either(TEXT, FLAG, NUMBER, {"type": "array"}, {"type": "object"})
SHAPES: Final[dict[str, Schema]] = {
    "text": TEXT, "texts": several(TEXT), "spoken": SPOKEN, "refs": several(TEXT), "flag": FLAG,
    "field": DOTTED, "figure": DOTTED, "figures": several(DOTTED), "moment": DOTTED, "fields_of": several(DOTTED),
    "step": DOTTED, "steps_of": several(DOTTED), "duty": NAME, "do": DOTTED, "other": NAME, "fact": TEXT, "table": NAME,
    "kind": DOTTED, "kinds": several(DOTTED), "count": TEXT, "state_word": TEXT,
    "hands": several(TEXT), "who": several(TEXT), "barred": several(DOTTED), "closed": several(TEXT),
    "states": several(TEXT), "tests": TESTS, "moments": MOMENTS, "value": VALUE, "sum": DOTTED,
    "asks": several(either(DOTTED, {"type": "array", "items": DOTTED, "minItems": 1})),
    "opens": either(FLAG, DOTTED), "again": either(FLAG, {"const": "afresh"}),
    "state": either(TEXT, rows("state")), "type": {"enum": [*TYPES]}, "choice": either(NAME, several(TEXT)),
    "period": {"enum": [*PERIODS]}, "transition": {"enum": ["keep", "switch"]},
    "else": {"enum": ["refuse", "warn", "owe"]}, "duty_word": {"enum": ["open", "met", "late"]},
    "dated": {"enum": ["start", "due", "done"]}, "limit": LIMIT_TEXT, "not_before": LIMIT_TEXT, "warn": LIMIT_TEXT,
    "at": LIMIT_TEXT, "within": either(LIMIT_TEXT, rows("limit")), "each": several(TEXT), "times": either(NUMBER, NAME),
    "percent": PERCENT, "count_of": NUMBER, "needs": rows("requirement"), "effects": rows("effect"),
    "escalations": rows("escalation"), "fields": named("field"), "steps": named("step"), "duties": named("duty"),
    "others": named("look-up"), "counts": named("figure"), "items": rows("item"),
    "queue": {"type": "array", "items": {"type": "object", "minProperties": 1}, "minItems": 1},
    "same": either(
        {"type": "array", "items": several(DOTTED), "minItems": 1}, {"type": "object", "additionalProperties": DOTTED}
    ),
    "set": {"type": "object", "additionalProperties": VALUE},
    "with": {"type": "object", "additionalProperties": several(DOTTED)},
    "share_of": {"$ref": "#/$defs/times"},
}  # fmt: skip


def definitions() -> dict[str, Schema]:
    """Answer every place of a topic of cases by its name."""
    words = {"type": "array", "items": TEXT, "minItems": 1}
    return {
        "cell": CELL,
        "field": either({"enum": [*TYPES]}, words, place(FIELD)),
        "step": place(STEP),
        "state": place(STATE, "is"),
        "requirement": place(NEED),
        "effect": place(EFFECT),
        "duty": place(DUTY, "until"),
        "limit": place(LIMIT, "limit"),
        "escalation": place(ESCALATION, "at", "to"),
        "look-up": place(OTHER, "kind", "same"),
        "figure": place(COUNT),
        "share": place(SHARE, "share"),
        "times": place(SHARE_OF, "share", "of"),
        "item": place(ITEM, "id"),
    }


def rules() -> Schema:
    """Answer the rules of a topic of cases: kinds, checklists, tables."""
    forms = {"case": ({**KIND, **TITLE}, ("steps", "closed")), "checklist": ({**CHECKLIST, **TITLE}, ("items",))}
    made = [place(keys, *wanted) for keys, wanted in forms.values()]
    for form, one in zip(forms, made, strict=True):
        one["properties"] = {"kind": {"const": form}, **one["properties"]}
        one["required"] = ["kind", *one["required"]]
    table = {"type": "object", "properties": {"kind": {"const": "table"}}, "required": ["kind", "inputs", "outputs"]}
    return {"type": "object", "propertyNames": DOTTED, "additionalProperties": either(*made, table)}
