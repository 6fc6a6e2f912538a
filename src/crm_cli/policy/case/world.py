"""What conditions of cases may speak of: the kinds of a house with their fields, steps, states, duties, look-ups."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crm_cli.policy.vocabulary import FLAG, Number, Same

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from crm_cli.policy.draft import Rule
    from crm_cli.policy.node import Node
    from crm_cli.policy.vocabulary import Domain, Vocabulary

TYPES = (
    "text", "reply", "flag", "number", "money", "date", "time", "person", "department", "customer", "phone", "plate",
    "vin", "document",
)  # fmt: skip
PERIODS = ("day", "week", "month", "quarter", "half year", "year")
PERIOD = "period"  # the step by which the calendar opens a case, with the fields below
ENDS = ("starts", "ends")
SELF = "self"
HAND = "hand"
HUNDREDTHS = 100  # in which money is known


@dataclass(frozen=True, slots=True)
class Field:
    """A field as conditions see it: `of` are its words, `type` is None where only another noun knows it."""

    type: str | None
    of: tuple[str, ...] = ()
    checklist: str | None = None
    link: tuple[str, ...] = ()
    many: bool = False


@dataclass(slots=True)
class Outline:
    """The names of one kind."""

    name: str
    fields: dict[str, Field] = field(default_factory=dict)
    steps: dict[str, Mapping[str, Node]] = field(default_factory=dict)
    duties: tuple[str, ...] = ()
    others: dict[str, tuple[str, ...]] = field(default_factory=dict)
    states: tuple[str, ...] = ()
    every: str | None = None

    def field(self, name: str) -> Field | None:
        """Answer the field of that name."""
        return self.fields.get(name)


@dataclass(slots=True)
class World:
    """Everything that a house declares on a day, for one topic of it."""

    kinds: dict[str, Outline] = field(default_factory=dict)
    checklists: dict[str, tuple[str, ...]] = field(default_factory=dict)
    tables: dict[str, Rule] = field(default_factory=dict)
    roles: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    ranks: tuple[str, ...] = ()
    cards: dict[str, Field] = field(default_factory=dict)  # what is known of customers; nothing where nobody keeps any

    def outlines(self, kinds: Iterable[str]) -> tuple[Outline, ...]:
        """Answer the outlines of some kinds; those that nobody declares are left out."""
        return tuple(self.kinds[kind] for kind in kinds if kind in self.kinds)


def world(
    topics: Iterable[Mapping[str, Rule]], vocabulary: Vocabulary, ranks: tuple[str, ...], cards: dict[str, Field]
) -> World:
    """Answer what the rules of several topics declare together."""
    rules = {name: rule for named in topics for name, rule in named.items()}
    lists = {name: items_of(rule) for name, rule in rules.items() if rule.form == "checklist"}
    return World(
        {name: outline(rule, lists) for name, rule in rules.items() if rule.form == "case"},
        lists,
        {name: rule for name, rule in rules.items() if rule.form == "table"},
        vocabulary.roles,
        vocabulary.added.get("case_fact", ()),
        ranks,
        cards,
    )


def outline(rule: Rule, checklists: Mapping[str, tuple[str, ...]]) -> Outline:
    """Answer the names that a kind declares; whatever is wrong with it is said when it is compiled."""
    steps: dict[str, Mapping[str, Node]] = {
        name: entries(node) for name, node in entries(rule.keys.get("steps")).items()
    }
    fields = {name: _field(node, checklists) for name, node in entries(rule.keys.get("fields")).items()}
    others = entries(rule.keys.get("others"))
    every = _text(rule.keys.get("every"))
    if every is not None:
        fields |= dict.fromkeys(ENDS, Field("date"))
        steps[PERIOD] = {}
    return Outline(
        rule.name,
        fields,
        steps,
        tuple(entries(rule.keys.get("duties"))),
        {name: texts(entries(node).get("kind")) for name, node in others.items()},
        tuple(dict.fromkeys(state for keys in steps.values() for state in _states(keys.get("state")))),
        every,
    )


def items_of(rule: Rule) -> tuple[str, ...]:
    """Answer the items of a checklist, each by its id."""
    node = rule.keys.get("items")
    listed = node.value if node is not None and isinstance(node.value, list) else []
    return tuple(text for one in listed if (text := _text(entries(one).get("id"))) is not None)


def _field(node: Node, checklists: Mapping[str, tuple[str, ...]]) -> Field:
    if isinstance(node.value, list):
        return Field("word", texts(node))
    keys = entries(node)
    if not keys:
        return Field(_text(node))
    many = "many" in keys and keys["many"].value is True
    if "link" in keys:
        return Field("link", link=texts(keys["link"]), many=many)
    if "of" not in keys:
        return Field(_text(keys.get("type")), many=many)
    named = _text(keys["of"])
    return Field("word", checklists.get(named, ()) if named else texts(keys["of"]), named, many=many)


def _states(node: Node | None) -> tuple[str, ...]:
    if node is None or not isinstance(node.value, list):
        return texts(node)
    return tuple(text for one in node.value if (text := _text(entries(one).get("is"))) is not None)


def domain(one: Field) -> Domain | Same:
    """Answer what a table may say of a field: of money in its hundredths, of a department a role."""
    if one.type in ("number", "money"):
        return Number(0, unit=HUNDREDTHS if one.type == "money" else 1)
    if one.type == "department":
        return Same("role")
    return FLAG if one.type == "flag" else one.of


def entries(node: Node | None) -> dict[str, Node]:
    """Answer the keys of a mapping; none when it is no mapping."""
    return node.value if node is not None and isinstance(node.value, dict) else {}


def texts(node: Node | None) -> tuple[str, ...]:
    """Answer a text, or the texts of a list."""
    listed: list[Any] = [] if node is None else node.value if isinstance(node.value, list) else [node]
    return tuple(one.value for one in listed if isinstance(one.value, str))


def _text(node: Node | None) -> str | None:
    return node.value if node is not None and isinstance(node.value, str) else None
