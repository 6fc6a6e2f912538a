"""The form `table`: facts in, outcomes out, proved complete and free of contradictions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm_cli.language import _
from crm_cli.policy import reader
from crm_cli.policy.cells import Cell, condition, outcome, values
from crm_cli.policy.draft import OTHERWISE, Row, Rule, cited, meant
from crm_cli.policy.node import Node, broken, data
from crm_cli.policy.proof import Read, Written, prove
from crm_cli.policy.vocabulary import Domain, Number, Table, Vocabulary

if TYPE_CHECKING:
    from crm_cli.policy.finding import Findings

KEYS = ("inputs", "outputs", "hit", "rows", "otherwise", "impossible")
ROW_KEYS = ("id", "when", "then")
ASK = Table
HITS = ("unique", "first", "all")
SHOWN = 20  # gaps and overlaps of one kind reported for one table


def compiled(rule: Rule, ask: Table, vocabulary: Vocabulary, found: Findings) -> dict[str, Any]:
    """Answer the table ready to be asked, with its meaning; whatever is wrong with it is a finding."""
    hit = (
        reader.word(rule.keys["hit"], HITS if ask.many else HITS[:2], _("way to hit"), found)
        if "hit" in rule.keys
        else "unique"
    )
    for key, wanted in (("inputs", ask.inputs), ("outputs", ask.outputs)):
        _names(rule, key, wanted, found)
    domains = {name: vocabulary.domain(name) or () for name in (*ask.inputs, *ask.outputs)}
    rows = [_read(row, ask, domains, found) for row in rule.rows]
    written = Written(rule, ask, hit or "", domains, rows, _impossible(rule, ask, domains, found))
    if not found.errors() and not _broken(rule):
        prove(written, found)
    return _answer(written)


def _broken(rule: Rule) -> bool:
    return any(broken(node) for keys in (rule.keys, *(row.keys for row in rule.rows)) for node in keys.values())


def _names(rule: Rule, key: str, wanted: tuple[str, ...], found: Findings) -> None:
    fix = _("write {key}: {names}").format(key=key, names=reader.show([*wanted]))
    if key not in rule.keys:
        found.error(rule.place, _("'{key}' is missing").format(key=key), fix)
        return
    kind = _("name among the {key} of {rule}").format(key=key, rule=rule.name)
    names = reader.words(rule.keys[key], wanted, kind, found)
    missing = [name for name in wanted if name not in names]
    if missing and names:
        what = _("the {key} of {rule} lack '{names}'").format(key=key, rule=rule.name, names=", ".join(missing))
        found.error(rule.keys[key].place, what, fix)


def _read(row: Row, ask: Table, domains: dict[str, Domain], found: Findings) -> Read:
    if not row.id:
        found.error(row.place, _("the row has no id"), _("write id: and a name"))
    if row.id == OTHERWISE and "when" in row.keys:
        found.error(row.keys["when"].place, _("otherwise has no when"), _("remove when:, or make it a row"))
    when = _when(row.keys["when"], ask.inputs, domains, found) if "when" in row.keys else {}
    return Read(row, when, _then(row, ask.outputs, domains, found))


def _when(node: Node, inputs: tuple[str, ...], domains: dict[str, Domain], found: Findings) -> dict[str, Cell]:
    if reader.mapping(node, found) is None:
        return {}
    reader.known_keys(node, inputs, found)
    cells = {name: condition(name, cell, domains[name], found) for name, cell in node.value.items() if name in inputs}
    return {name: cell for name, cell in cells.items() if cell is not None}


def _then(row: Row, outputs: tuple[str, ...], domains: dict[str, Domain], found: Findings) -> dict[str, Any]:
    if "then" not in row.keys:
        fix = _("write {key}: with {names}").format(key="then", names=reader.show([*outputs]))
        found.error(row.place, _("'{key}' is missing").format(key="then"), fix)
        return {}
    node = row.keys["then"]
    if reader.mapping(node, found) is None:
        return {}
    reader.known_keys(node, outputs, found)
    reader.wanted_keys(node, outputs, found)
    return {name: outcome(name, node.value[name], domains[name], found) for name in outputs if name in node.value}


def _impossible(rule: Rule, ask: Table, domains: dict[str, Domain], found: Findings) -> list[dict[str, Cell]]:
    nodes = reader.items(rule.keys["impossible"], found) or [] if "impossible" in rule.keys else []
    return [_when(node, ask.inputs, domains, found) for node in nodes]


def _answer(written: Written) -> dict[str, Any]:
    return {
        "inputs": {name: _domain(written.domains[name]) for name in written.ask.inputs},
        "outputs": list(written.ask.outputs),
        "hit": written.hit,
        "rows": [_row(row) for row in written.rows],
        "meaning": _table_meaning(written),
    }


def _table_meaning(written: Written) -> dict[str, Any]:
    rows = [_meaning(row) for row in written.rows]
    return {
        "hit": written.hit,
        "rows": sorted(rows, key=lambda one: str(one["id"])) if written.hit == "unique" else rows,
        "impossible": [{name: cell.meaning for name, cell in when.items()} for when in written.impossible],
    }


def _domain(domain: Domain) -> Any:
    if isinstance(domain, Number):
        return {"least": domain.least, "most": domain.most}
    return list(values(domain))


def _row(row: Read) -> dict[str, Any]:
    wanted = data(row.row.keys["when"]) if "when" in row.row.keys else {}
    return cited(row.row) | {
        "when": {name: cell.fits for name, cell in row.when.items()},
        "then": row.then,
        "wanted": wanted,
    }


def _meaning(row: Read) -> dict[str, Any]:
    return meant(row.row) | {"when": {name: cell.meaning for name, cell in row.when.items()}, "then": row.then}
