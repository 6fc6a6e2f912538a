"""The JSON Schema of the form `penalty`, made from the tables of keys that validate it: for editors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from crm_cli.policy.draft import TOLD
from crm_cli.policy.forms.penalty import AGAIN, APPEAL, DEDUCT, ITEM, MEASURES, NOTICE, RATES, REPEAT, RULE, STEP, WORDS

if TYPE_CHECKING:
    from crm_cli.policy.case.keys import Keys

Schema = dict[str, Any]
TEXT: Final[Schema] = {"type": "string"}
WORD: Final[Schema] = {"type": "string", "pattern": "^[a-z][a-z0-9_.-]*$"}
ROLES: Final[Schema] = {"anyOf": [WORD, {"type": "array", "items": WORD, "minItems": 1, "uniqueItems": True}]}
TEXTS: Final[Schema] = {"anyOf": [WORD, {"type": "array", "items": WORD, "minItems": 1}]}
UNSET: Final[Schema] = {"enum": ["unset", "none"]}
AMOUNT: Final[Schema] = {
    "anyOf": [
        UNSET, {"type": "integer", "minimum": 0}, {"type": "string", "pattern": r"^[0-9]{1,12}(\.[0-9]{1,2})?$"}
    ]
}  # fmt: skip
NUMBER: Final[Schema] = {"anyOf": [UNSET, {"type": "integer", "minimum": 1}]}
PLAIN: Final[dict[str, Schema]] = {
    "amount": AMOUNT, "number": NUMBER, "role": WORD, "roles": ROLES, "words": TEXTS, "text": WORD, "limit": TEXT,
    "flag": {"type": "boolean"}, "rate": {"type": "string", "pattern": "^[0-9]{1,3} to [0-9]{1,3}$"},
    **{name: {"enum": [*words]} for name, words in WORDS.items()},
}  # fmt: skip


def rule(told: dict[str, Schema]) -> Schema:
    """Answer what may stand in a rule of the form; `told` is what every place may tell about itself."""
    item = {
        **_place(ITEM, told),
        "oneOf": [{"required": [measure]} for measure in MEASURES],
    }
    step = _place(STEP, told, "from", "times")
    steps = {"anyOf": [step, {"type": "array", "items": step, "minItems": 1}]}
    heads = {"heads": {"type": "object", "additionalProperties": ROLES}}
    shapes = {
        "items": {"type": "object", "additionalProperties": item},
        "repeat": _place(REPEAT, told, "steps", shapes={"steps": {"type": "object", "additionalProperties": steps}}),
        "again": _place(AGAIN, told, "order"),
        "deduct": _place(DEDUCT, told, "roles", "from", "rate"),
        "rates": _place(RATES, told, "of", "heads", shapes=heads),
        "notice": _place(NOTICE, told),
        "appeal": _place(APPEAL, told, "within"),
    }
    made = _place(RULE, told, "kind", "items", shapes=shapes)
    made["properties"] |= {"kind": {"const": "penalty"}, "title": told["says"], **told}
    return made


def _place(keys: Keys, told: dict[str, Schema], *wanted: str, shapes: dict[str, Schema] | None = None) -> Schema:
    known = {**PLAIN, **(shapes or {})}
    properties = {
        name: told[name] if name in TOLD else {"description": key.says, **known[key.reads]}
        for name, key in keys.items()
    }
    return {"type": "object", "properties": properties, "required": [*wanted], "additionalProperties": False}
