"""One policy file: its head, and its rules or the changes that it makes to other rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crm_cli.language import _
from crm_cli.policy import reader
from crm_cli.policy.draft import OTHERWISE, TOLD, Origin, Row, Rule, place_row
from crm_cli.policy.forms import FORMS
from crm_cli.policy.node import Node, data
from crm_cli.policy.source import read

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from crm_cli.policy.finding import Findings, Place

HEAD = ("policy", "house", "title", "edition", "until", "source", "approved", "amends", "extends")
CHANGES = ("set", "add", "repeal")


@dataclass(slots=True)
class Document:
    """One policy file."""

    policy: str
    house: str
    edition: dt.date
    until: dt.date | None
    path: Path
    place: Place
    title: dict[str, str] = field(default_factory=dict)
    amends: dt.date | None = None
    extends: str | None = None
    ranks: Node | None = None
    rules: dict[str, Rule] = field(default_factory=dict)
    changes: dict[str, Node] = field(default_factory=dict)

    @property
    def origin(self) -> Origin:
        """Answer what rules and rows written here cite."""
        return Origin(self.house, self.edition.isoformat())


def load(path: Path, name: str, found: Findings) -> Document | None:
    """Answer a policy file; None when its head does not say which edition of what it is."""
    node = read(path, name, found)
    if node is None or reader.mapping(node, found) is None:
        return None
    reader.known_keys(node, (*HEAD, "ranks", "rules", *CHANGES), found)
    if not reader.wanted_keys(node, ("policy", "house", "edition"), found):
        return None
    document = _head(node, path, found)
    if document is not None:
        _optional(document, node, found)
        _body(document, node, found)
    return document


def _head(node: Node, path: Path, found: Findings) -> Document | None:
    policy = reader.text(node.value["policy"], found)
    house = reader.text(node.value["house"], found)
    edition = reader.day(node.value["edition"], found)
    if policy is None or house is None or edition is None:
        return None
    by_folder = _("'{value}' does not agree with the folder, which says '{expected}'")
    by_name = _("'{value}' does not agree with the file name, which says '{expected}'")
    _agrees(node.value["house"], path.parent.name, by_folder, found)
    _agrees(node.value["policy"], path.name.partition("@")[0], by_name, found)
    _agrees(node.value["edition"], path.stem.partition("@")[2], by_name, found)
    return Document(policy, house, edition, None, path, node.keys["edition"])


def _agrees(node: Node, expected: str, what: str, found: Findings) -> None:
    if str(data(node)) != expected:
        found.error(node.place, what.format(value=data(node), expected=expected), _("change one of the two"))


def _optional(document: Document, node: Node, found: Findings) -> None:
    keys = node.value
    if "title" in keys:
        document.title = texts(keys["title"], ("zh", "en"), found)
    if "source" in keys:
        texts(keys["source"], ("doc", "part"), found)
    if "approved" in keys:
        _approved(keys["approved"], document.edition, found)
    if "until" in keys:
        document.until = _until(keys["until"], document.edition, found)
    document.ranks = keys.get("ranks")
    if "amends" in keys:
        document.amends = reader.day(keys["amends"], found)
    if "extends" in keys:
        document.extends = _extends(document, keys["extends"], found)


def texts(node: Node, keys: tuple[str, ...], found: Findings) -> dict[str, str]:
    """Answer a mapping of texts with these keys and no others."""
    if reader.mapping(node, found) is None:
        return {}
    reader.known_keys(node, keys, found)
    answer = {key: reader.text(value, found) for key, value in node.value.items() if key in keys}
    return {key: text for key, text in answer.items() if text is not None}


def _approved(node: Node, edition: dt.date, found: Findings) -> None:
    if reader.mapping(node, found) is None:
        return
    reader.known_keys(node, ("by", "on"), found)
    if "by" in node.value:
        reader.text(node.value["by"], found)
    if "on" in node.value:
        day = reader.day(node.value["on"], found)
        if day is not None and day > edition:
            what = _("the edition was adopted after the day from which it counts, {edition}").format(edition=edition)
            found.warn(node.value["on"].place, what, _("name the file and the edition by a later day"))


def _until(node: Node, edition: dt.date, found: Findings) -> dt.date | None:
    until = reader.day(node, found)
    if until is not None and until < edition:
        found.error(node.place, _("the edition ends before it begins"), _("write a later day, or remove until"))
    return until


def _extends(document: Document, node: Node, found: Findings) -> str | None:
    base = texts(node, ("policy", "house"), found)
    if reader.mapping(node, found) is None or not reader.wanted_keys(node, ("policy", "house"), found):
        return None
    if base.get("policy") != document.policy:
        fix = _("write policy: {policy}").format(policy=document.policy)
        found.error(node.place, _("a policy extends one of the same name"), fix)
    return _folder(node.value["house"], found)


def _folder(node: Node, found: Findings) -> str | None:
    house = reader.text(node, found)
    if house is not None and not reader.FOLDER.fullmatch(house):
        what = _("'{house}' is no name of a house").format(house=house)
        found.error(node.place, what, _("write small letters, digits and -"))
        return None
    return house


def _body(document: Document, node: Node, found: Findings) -> None:
    keys = node.value
    if "amends" in keys and "extends" in keys:
        found.error(node.keys["extends"], _("an edition amends or extends, not both"), _("remove one of the two"))
    changing = "amends" in keys or "extends" in keys
    for key in ("rules",) if changing else CHANGES:
        if key in keys:
            _misplaced(key, node.keys[key], found)
    if changing:
        document.changes = {key: keys[key] for key in CHANGES if key in keys}
    elif reader.wanted_keys(node, ("rules",), found):
        rules = reader.mapping(keys["rules"], found) or {}
        for name, rule in rules.items():
            _rule(document, name, rule, keys["rules"].keys[name], found)


def _misplaced(key: str, place: Place, found: Findings) -> None:
    if key == "rules":
        found.error(place, _("an edition that amends or extends holds no rules"), _("write set, add and repeal"))
    else:
        what = _("'{key}' stands only in an edition that amends or extends").format(key=key)
        found.error(place, what, _("write amends: or extends:"))


def _rule(document: Document, name: str, node: Node, place: Place, found: Findings) -> None:
    rule = rule_of(name, node, place, document.origin, found)
    if rule is not None:
        document.rules[name] = rule


def rule_of(name: str, node: Node, place: Place, origin: Origin, found: Findings) -> Rule | None:
    """Answer a rule as written, with its rows taken apart."""
    if reader.mapping(node, found) is None or not reader.wanted_keys(node, ("kind",), found):
        return None
    form = reader.word(node.value["kind"], FORMS, _("kind of rule"), found)
    if form is None:
        return None
    if not (reader.DOTTED if form == "case" else reader.NAME).fullmatch(name):
        what = _("'{name}' is no name of a rule").format(name=name)
        found.error(place, what, _("write small letters a to z, digits and _"))
    reader.known_keys(node, ("kind", "title", *FORMS[form].KEYS, *TOLD), found)
    rule = Rule(name, form, {k: v for k, v in node.value.items() if k not in ("rows", OTHERWISE)}, [], origin, place)
    for key in ("rows", OTHERWISE):
        if key in FORMS[form].KEYS and key in node.value:
            _rows(rule, key, node, found)
    tells(rule.keys, place, found)
    return rule


def _rows(rule: Rule, key: str, node: Node, found: Findings) -> None:
    value: Node = node.value[key]
    nodes = [value] if key == OTHERWISE else reader.items(value, found) or []
    for item in nodes:
        row = row_of(rule, item, item.place if key == "rows" else node.keys[key], rule.origin, found)
        if row is not None and key == OTHERWISE:
            row.id = OTHERWISE
        if row is not None:
            place_row(rule, row, found)


def row_of(rule: Rule, node: Node, place: Place, origin: Origin, found: Findings) -> Row | None:
    """Answer one row as written; its id is `id`, or the first of its acts."""
    if reader.mapping(node, found) is None:
        return None
    reader.known_keys(node, (*FORMS[rule.form].ROW_KEYS, *TOLD), found)
    tells(node.value, place, found)
    return Row(_identity(node, found), dict(node.value), origin, place)


def _identity(node: Node, found: Findings) -> str:
    if "id" in node.value:
        return reader.name(node.value["id"], found) or ""
    if "act" in node.value:
        return str(reader.listed(node.value["act"])[0].value) if reader.listed(node.value["act"]) else ""
    return ""


def tells(keys: dict[str, Node], place: Place, found: Findings) -> None:
    """Report what is no text in what a rule, a row or a change is called or tells about itself."""
    if "article" in keys:
        reader.text(keys["article"], found)
    for key in ("title", "says", "reading"):
        if key in keys and isinstance(keys[key].value, dict):
            texts(keys[key], ("zh", "en"), found)
        elif key in keys:
            reader.text(keys[key], found)
    if "ref" in keys:
        for item in reader.listed(keys["ref"]) or [Node(None, place)]:
            reader.text(item, found)
