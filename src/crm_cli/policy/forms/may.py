"""The form `may`: who may do which act."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm_cli.language import _
from crm_cli.policy import reader
from crm_cli.policy.draft import Row, Rule, cited, meant
from crm_cli.policy.vocabulary import May, Vocabulary

if TYPE_CHECKING:
    from crm_cli.policy.finding import Findings

KEYS = ("rows",)
ROW_KEYS = ("id", "act", "by", "not")
ASK = May
ANYONE = "anyone"
NOBODY = "nobody"


def compiled(rule: Rule, ask: May, vocabulary: Vocabulary, found: Findings) -> dict[str, Any]:
    """Answer who may do what, ready to be asked; an act that no row names, or two rows name, is a finding."""
    taken: dict[str, str] = {}
    rows = [_row(row, ask, vocabulary, taken, found) for row in rule.rows]
    for act in ask.acts:
        if act not in taken:
            what = _("no row of {rule} says who may '{act}'").format(rule=rule.name, act=act)
            found.error(rule.place, what, _("write {{act: {act}, by: …}}").format(act=act))
    meaning = [meant(row) | _said(read) for row, read in zip(rule.rows, rows, strict=True)]
    return {"rows": rows, "meaning": {"rows": sorted(meaning, key=lambda one: str(one["id"]))}}


def _said(read: dict[str, Any]) -> dict[str, Any]:
    return {"acts": sorted(read["acts"]), "by": sorted(read["by"]), "not": sorted(read["not"])}


def _row(row: Row, ask: May, vocabulary: Vocabulary, taken: dict[str, str], found: Findings) -> dict[str, Any]:
    for key in ("act", "by"):
        if key not in row.keys:
            found.error(row.place, _("'{key}' is missing").format(key=key), _("write {key}: …").format(key=key))
    acts = reader.words(row.keys["act"], ask.acts, "act", found) if "act" in row.keys else ()
    for act in acts:
        _once(row, act, taken, found)
    return cited(row) | {
        "acts": list(acts),
        "by": _roles(row, "by", (*vocabulary.roles, ANYONE, NOBODY), found),
        "not": _roles(row, "not", vocabulary.roles, found),
    }


def _once(row: Row, act: str, taken: dict[str, str], found: Findings) -> None:
    other = taken.setdefault(act, row.id)
    if other != row.id:
        what = _("rows '{one}' and '{other}' both say who may '{act}'").format(one=other, other=row.id, act=act)
        found.error(row.place, what, _("name the act in one of the two"))


def _roles(row: Row, key: str, allowed: tuple[str, ...], found: Findings) -> list[str]:
    return list(reader.words(row.keys[key], allowed, "role", found)) if key in row.keys else []
