"""What a policy on penalties speaks of that no case of the house has: facts, the order to correct, duties, rates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm_cli.language import _
from crm_cli.policy import reader
from crm_cli.policy.case.world import entries, items_of, texts
from crm_cli.policy.editions import Library
from crm_cli.policy.finding import Findings
from crm_cli.policy.shelf import topics as topics_of
from crm_cli.policy.vocabulary import Penalty

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from crm_cli.policy.draft import Rule
    from crm_cli.policy.node import Node
    from crm_cli.policy.shelf import Shelf
    from crm_cli.policy.vocabulary import Topic


def examine(shelf: Shelf, topics: Mapping[str, Topic], found: Findings) -> None:
    """Report whatever of a policy on penalties its house's cases do not know, on each day on which rules change."""
    priced = [topic for topic in topics.values() if any(isinstance(ask, Penalty) for ask in topic.asks.values())]
    invented = topics_of(shelf, topics).invented
    libraries = {name: Library(shelf.folder, name, Findings()) for name in (*invented, *(one.name for one in priced))}
    seen = {word for topic in topics.values() for word in _confirmed(shelf, topic)}
    days = {day for one in libraries.values() for day in one.days(shelf.house, shelf.overlays)}
    for day in sorted(days):
        rules = {name: one.rules(shelf.house, shelf.overlays, day) or {} for name, one in libraries.items()}
        declared = [rule for name in invented for rule in rules[name].values()]
        for topic in priced:
            for rule in rules[topic.name].values():
                if rule.form == "penalty":
                    _examine(rule, declared, seen, found)


def _confirmed(shelf: Shelf, topic: Topic) -> tuple[str, ...]:
    """Answer the violations that people of the house confirm by a topic of the program: facts like those of cases."""
    words = topic.words.get("violation")
    if not isinstance(words, tuple):
        return ()
    return words if Library(shelf.folder, topic.name, Findings()).days(shelf.house, shelf.overlays) else ()


def _examine(rule: Rule, declared: list[Rule], seen: set[str], found: Findings) -> None:
    """Report what no case and, of `seen`, no desk can state."""
    cases = [one for one in declared if one.form == "case"]
    facts = seen | {fact for case in cases for fact in _stated(case)}
    steps = {step for case in cases for step in entries(case.keys.get("steps"))}
    duties = {duty for case in cases for duty in entries(case.keys.get("duties"))}
    spoken_of = {item for one in declared if one.form == "checklist" for item in items_of(one)}
    spoken_of |= {word for case in cases for word in _choices(case)}
    items = rule.keys.get("items")
    for name, node in entries(items).items():
        if items is not None and name not in facts:
            what = _("no case states the fact '{fact}'").format(fact=name)
            found.error(items.keys[name], what, _("correct the word, or state it in a case"))
        for key, names, kind in (("unless", facts, _("fact")), ("of", spoken_of, _("listed item"))):
            for one in reader.listed(entries(node)[key]) if key in entries(node) else ():
                _known(one, names, kind, found)
        if "in_time" in entries(node):
            _known(entries(node)["in_time"], duties, _("duty"), found)
    again, rates = entries(rule.keys.get("again")), entries(rule.keys.get("rates"))
    if "order" in again:
        _known(again["order"], steps, _("step"), found)
    if "of" in rates:
        _known(rates["of"], {case.name for case in cases}, _("kind of case"), found)


def _known(node: Node, names: set[str], kind: str, found: Findings) -> None:
    reader.word(node, sorted(names), kind, found, _("correct the word"))


def _choices(case: Rule) -> Iterator[str]:
    """Answer the words of the fields of a kind of case."""
    for node in entries(case.keys.get("fields")).values():
        yield from texts(entries(node).get("of", node))


def _stated(case: Rule) -> Iterator[str]:
    """Answer the facts that a kind of case states, wherever in it."""
    for node in case.keys.values():
        yield from _within(node)


def _within(node: Node) -> Iterator[str]:
    if isinstance(node.value, list):
        for one in node.value:
            yield from _within(one)
    for key, one in entries(node).items():
        yield from texts(one) if key == "fact" else _within(one)
