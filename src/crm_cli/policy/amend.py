"""Amendments: `set`, `add` and `repeal` carried out on the rules of an earlier edition or of another house."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crm_cli.language import _
from crm_cli.policy import amend_case, reader
from crm_cli.policy.document import row_of, rule_of, tells
from crm_cli.policy.draft import TOLD, copied, place_row
from crm_cli.policy.finding import Findings, Place, one_of
from crm_cli.policy.node import Node, data

if TYPE_CHECKING:
    from crm_cli.policy.document import Document
    from crm_cli.policy.draft import Origin, Row, Rule

_ADDRESS = re.compile(r"([a-z][a-z0-9_]*)(?:#([a-z][a-z0-9_]*))?(?:\.([a-z][a-z0-9_.]*))?")
CASE = "case"
DEEP = (CASE, "penalty")  # forms whose values lie at any depth
Rules = dict[str, "Rule"]


@dataclass(slots=True)
class _Change:
    """One change to carry out: where it is aimed, what it says, in which edition."""

    rules: Rules
    address: str
    place: Place
    node: Node
    origin: Origin
    found: Findings
    rule: str = ""
    row: str | None = None
    cell: str | None = None

    def refuse(self, what: str, fix: str) -> None:
        """Report that the change does not fit."""
        self.found.error(self.place, what, fix)

    def aimed(self) -> bool:
        """Take the address apart; answer whether it is one."""
        name, _sign, path = self.address.partition("#")
        if self._is_case(name):
            self.rule, self.cell = name, path or None
            return True
        match = _ADDRESS.fullmatch(self.address)
        if match is None:
            what = _("'{address}' is no address").format(address=self.address)
            self.refuse(what, _("write rule, rule#row, rule#row.cell or rule.value"))
            return False
        self.rule, self.row, self.cell = match[1], match[2], match[3]
        return True

    def _is_case(self, name: str) -> bool:
        """Answer whether a name is that of a rule of any depth, one that is there, or a kind of case that is added."""
        known, keys = self.rules.get(name), self.node.value
        if known is not None:
            return known.form in DEEP
        return isinstance(keys, dict) and "kind" in keys and keys["kind"].value == CASE

    def target(self) -> Rule | None:
        """Answer the rule that is meant."""
        if self.rule in self.rules:
            return self.rules[self.rule]
        what = _("there is no rule '{rule}' {words}")
        self.refuse(what.format(rule=self.rule, words=one_of(self.rule, self.rules)), _("correct the address"))
        return None

    def target_row(self, rule: Rule) -> Row | None:
        """Answer the row that is meant."""
        row = rule.row(self.row or "")
        if row is None:
            names = one_of(self.row or "", [known.id for known in rule.rows])
            what = _("there is no row '{row}' in {rule} {words}")
            self.refuse(what.format(row=self.row, rule=self.rule, words=names), _("correct the address"))
        return row


def amended(rules: Rules, document: Document, found: Findings) -> Rules:
    """Answer the rules with the changes of a document carried out; every change that does not fit is a finding."""
    answer = {name: copied(rule) for name, rule in rules.items()}
    if "repeal" in document.changes:
        for item in reader.items(document.changes["repeal"], found) or []:
            if (text := reader.text(item, found)) is not None:
                _repeal(_Change(answer, text, item.place, item, document.origin, found))
    for key, carry_out in (("set", _set), ("add", _add)):
        for change in _changes(key, answer, document, found):
            carry_out(change)
    return answer


def _changes(key: str, rules: Rules, document: Document, found: Findings) -> list[_Change]:
    node = document.changes.get(key)
    if node is None or (written := reader.mapping(node, found)) is None:
        return []
    return [_Change(rules, text, node.keys[text], one, document.origin, found) for text, one in written.items()]


def _repeal(change: _Change) -> None:
    if not change.aimed():
        return
    if change.cell is not None:
        change.refuse(_("only a rule or a row is repealed"), _("write set: with is: for a single value"))
        return
    rule = change.target()
    if rule is not None and change.row is None:
        del change.rules[change.rule]
    elif rule is not None and (gone := change.target_row(rule)) is not None:
        rule.rows.remove(gone)
        rule.touched = change.place


def _add(change: _Change) -> None:
    if not change.aimed():
        return
    if change.cell is not None:
        change.refuse(_("only a rule or a row is added"), _("write set: with was: and is: for a single value"))
    elif change.row is None:
        _add_rule(change)
    elif (rule := change.target()) is not None:
        _add_row(change, rule, change.row)


def _add_rule(change: _Change) -> None:
    if change.rule in change.rules:
        what = _("there is a rule '{rule}' already").format(rule=change.rule)
        change.refuse(what, _("write set: for its values, or repeal it first"))
        return
    rule = rule_of(change.rule, change.node, change.place, change.origin, change.found)
    if rule is not None:
        change.rules[change.rule] = rule


def _add_row(change: _Change, rule: Rule, name: str) -> None:
    node, found = change.node, change.found
    if reader.mapping(node, found) is None:
        return
    if rule.row(name) is not None:
        what = _("there is a row '{row}' already").format(row=name)
        change.refuse(what, _("write set: for its cells, or choose another id"))
        return
    own = {key: value for key, value in node.value.items() if key != "before"}
    inner = Node(own, node.place, {key: node.keys[key] for key in own})
    row = row_of(rule, inner, change.place, change.origin, found)
    if row is not None:
        row.id = name
        row.before = reader.name(node.value["before"], found) if "before" in node.value else None
        place_row(rule, row, found)


def _set(change: _Change) -> None:
    if not change.aimed() or reader.mapping(change.node, change.found) is None:
        return
    reader.known_keys(change.node, ("was", "is", *TOLD), change.found)
    if not reader.wanted_keys(change.node, ("was", "is"), change.found):
        return
    tells(change.node.value, change.place, change.found)
    if change.cell is None:
        what = _("'{address}' names no single value").format(address=change.address)
        change.refuse(what, _("write rule#row.cell or rule.value"))
        return
    rule = change.target()
    if rule is not None:
        rule.touched = change.place
    if rule is not None and rule.form in DEEP:
        _below(change, rule, change.cell)
    elif rule is not None and change.row is None:
        _replace(change, rule, _slot(change.cell, "values"))
    elif rule is not None and (row := change.target_row(rule)) is not None:
        _replace(change, row, _slot(change.cell, "then"))


def _replace(change: _Change, owner: Rule | Row, slot: tuple[str | None, str]) -> None:
    holder, name = slot
    inner: dict[str, Node] = owner.keys if holder is None else _inside(owner.keys, holder)
    fixed = holder in ("then", "values")
    if fixed and name not in inner:
        what = _("there is no '{name}' {words}").format(name=name, words=one_of(name, inner))
        change.refuse(what, _("correct the address"))
        return
    absent = "any" if holder == "when" else "none"
    _was(inner.get(name), absent, change.node, change.found)
    changed = dict(inner) | {name: change.node.value["is"]}
    if changed[name].value == absent and not fixed:
        del changed[name]
    _put(owner.keys, holder, changed, change.place)
    owner.keys.update({key: change.node.value[key] for key in TOLD if key in change.node.value})
    owner.origin = change.origin


def _below(change: _Change, rule: Rule, path: str) -> None:
    """Replace one value of a kind of case, or of what facts cost."""
    way = amend_case.found(rule.keys, path)
    if way is None:
        what = _("there is no '{name}' {words}").format(name=path, words=one_of(path, rule.keys))
        change.refuse(what, _("correct the address"))
        return
    keys, old = way
    _was(old, amend_case.NONE, change.node, change.found)
    rule.keys = amend_case.replaced(rule.keys, keys, change.node.value["is"], change.place)
    rule.origin = change.origin


def _slot(path: str, usual: str) -> tuple[str | None, str]:
    """Answer which mapping of a rule or row holds a value, and its name there."""
    holder, dot, name = path.partition(".")
    if dot:
        return holder, name
    return (None if path in (*TOLD, "by", "not", "act", "hit") else usual), path


def _inside(keys: dict[str, Node], holder: str) -> dict[str, Node]:
    node = keys.get(holder)
    return dict(node.value) if node is not None and isinstance(node.value, dict) else {}


def _put(keys: dict[str, Node], holder: str | None, changed: dict[str, Node], place: Place) -> None:
    if holder is None:
        keys.clear()
        keys.update(changed)
        return
    old = keys.get(holder)
    places = dict(old.keys) if old is not None else {}
    at = old.place if old is not None else place
    keys[holder] = Node(changed, at, {key: places.get(key, value.place) for key, value in changed.items()})


def _was(old: Node | None, absent: str, node: Node, found: Findings) -> None:
    """Report that the value before the change is not the one the change was written for."""
    is_now = absent if old is None else data(old)
    was = data(node.value["was"])
    if _plain(is_now) != _plain(was):
        what = _("was: says {was}, but the base has {is_now}").format(was=reader.show(was), is_now=reader.show(is_now))
        fix = _("read the base again; then correct was:, or drop the change")
        found.error(node.value["was"].place, what, fix)


def _plain(value: Any) -> Any:
    """Answer a value in which a list of one is that one, and order does not matter."""
    if isinstance(value, list):
        flat = sorted((_plain(item) for item in value), key=str)
        return flat[0] if len(flat) == 1 else flat
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value
