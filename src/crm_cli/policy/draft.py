"""Rules and rows as they are written, before a form reads them: what amendments work on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from crm_cli.language import _
from crm_cli.policy.finding import Findings, Place, one_of
from crm_cli.policy.node import BAD, Node, data

if TYPE_CHECKING:
    from collections.abc import Mapping

TOLD = ("article", "ref", "says", "reading")  # what every rule and row may tell about itself
OTHERWISE = "otherwise"


@dataclass(frozen=True, slots=True)
class Origin:
    """The edition in which a rule or a row stands as it stands."""

    house: str
    edition: str


@dataclass(slots=True)
class Row:
    """One row as written; `keys` are its cells."""

    id: str
    keys: dict[str, Node]
    origin: Origin
    place: Place
    before: str | None = None


@dataclass(slots=True)
class Rule:
    """One rule as written; `keys` are everything but its rows."""

    name: str
    form: str
    keys: dict[str, Node]
    rows: list[Row]
    origin: Origin
    place: Place
    touched: Place | None = None  # the last change of an amendment: a gap is shown where it was made

    def row(self, identity: str) -> Row | None:
        """Answer the row of that id."""
        return next((row for row in self.rows if row.id == identity), None)


def place_row(rule: Rule, row: Row, found: Findings) -> None:
    """Put a row into its rule: before the row it names, else at the end but before `otherwise`."""
    if row.id and rule.row(row.id):
        what = _("there are two rows '{row}'").format(row=row.id)
        found.error(row.place, what, _("give one of them another id"))
        return
    names = [known.id for known in rule.rows]
    if row.before is not None and row.before not in names:
        what = _("there is no row '{row}' {words}").format(row=row.before, words=one_of(row.before, names))
        found.error(row.place, what, _("correct before:"))
    before = row.before if row.before in names else OTHERWISE
    rule.rows.insert(names.index(before) if before in names else len(names), row)


def told(keys: Mapping[str, Node]) -> dict[str, Any]:
    """Answer what a rule or a row tells about itself."""
    return {key: data(keys[key]) for key in TOLD if key in keys and keys[key].value is not BAD}


def copied(rule: Rule) -> Rule:
    """Answer a rule that may be amended without touching the first one."""
    return replace(rule, keys=dict(rule.keys), rows=[replace(row, keys=dict(row.keys)) for row in rule.rows])


def cited(row: Row) -> dict[str, Any]:
    """Answer what a compiled row carries for its citation."""
    return {"id": row.id, "house": row.origin.house, "edition": row.origin.edition, **told(row.keys)}


def meant(row: Row) -> dict[str, Any]:
    """Answer what of a row's citation enters the hash of its meaning: not says, not reading."""
    return {"id": row.id, **_meant(row.keys)}


def _meant(keys: Mapping[str, Node]) -> dict[str, Any]:
    return {key: value for key, value in told(keys).items() if key in ("article", "ref")}


def meant_rule(rule: Rule) -> dict[str, Any]:
    """Answer what of a rule's own citation enters the hash of its meaning."""
    return {"kind": rule.form, **_meant(rule.keys)}
