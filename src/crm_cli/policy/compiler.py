"""From files to one compiled topic: plain data that answers without YAML, and every finding on the way."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from crm_cli.digest import sha256
from crm_cli.language import _
from crm_cli.policy import reader
from crm_cli.policy import words as labels
from crm_cli.policy.case.world import Field, domain, texts, world
from crm_cli.policy.case_check.kind import Declared
from crm_cli.policy.draft import meant_rule, told
from crm_cli.policy.editions import Library
from crm_cli.policy.finding import Findings, Place, one_of
from crm_cli.policy.forms import FORMS
from crm_cli.policy.shelf import together
from crm_cli.policy.shelf import topics as topics_of
from crm_cli.policy.vocabulary import Case, Checklist, Table

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Mapping

    from crm_cli.policy.case.world import World
    from crm_cli.policy.draft import Rule
    from crm_cli.policy.shelf import Shelf
    from crm_cli.policy.vocabulary import Topic, Vocabulary

Compiled = dict[str, Any]
CARD, GRADE = "field", "grade"  # the vocabulary of what cards say; what is worked out of it


def compile_topic(shelf: Shelf, topic: Topic, topics: Mapping[str, Topic], found: Findings) -> Compiled:
    """Answer everything that a house says on a topic, day by day, with labels and the texts it comes from."""
    topics = topics_of(shelf, topics)
    libraries = {name: Library(shelf.folder, name, Findings()) for name in together(topic.name, topics)}
    library = libraries[topic.name] = Library(shelf.folder, topic.name, found)
    houses = library.houses(shelf.house, shelf.overlays)
    words = labels.load(shelf.folder, houses, topics, found)
    changes = [day for one in libraries.values() for day in one.days(shelf.house, shelf.overlays)]
    days = sorted({*changes, *words.days(topic)})
    cards = _cards(topics, words) if topic.invented else {}
    documents = [document for name in houses for document in library.of(name)]
    at = {day: _Day(libraries, shelf, day, found, cards) for day in days}
    segments = [
        {"from": day.isoformat(), "rules": _rules(one, words.vocabulary(topic, day))} for day, one in at.items()
    ]
    return {
        "words": _with_items(labels.compiled(words, topic), segments),
        "manager": words.manager,
        "editions": [document.origin.edition for document in library.of(shelf.house)],
        "titles": {f"{one.house}@{one.origin.edition}": one.title for one in documents},
        "texts": [f"{one.house}/{one.path.name}" for one in documents],
        "segments": segments,
    }


def _with_items(words: Compiled, segments: Iterable[Compiled]) -> Compiled:
    """Answer the labels of a topic, what its checklists call their items among them."""
    rules = [rule for segment in segments for rule in (segment["rules"] or {}).values()]
    lists = (rule["items"] for rule in rules if rule.get("kind") == "checklist")
    items = {item["id"]: item["labels"] for listed in lists for item in listed if item["labels"]}
    if items:
        words["case_word"] = {**items, **{word: texts for word, texts in words["case_word"].items() if texts}}
    return words


def declared(shelf: Shelf, topics: Mapping[str, Topic], words: labels.Words) -> Iterator[list[Declared]]:
    """Answer, for each day on which rules change, the kinds that a house declares then; none where any is wrong."""
    invented = topics_of(shelf, topics).invented
    found = Findings()
    libraries = {name: Library(shelf.folder, name, found) for name in invented}
    changes = {day for one in libraries.values() for day in one.days(shelf.house, shelf.overlays)}
    cards = _cards(topics_of(shelf, topics), words)
    for day in sorted(changes):
        at = _Day(libraries, shelf, day, found, cards)
        kinds = [one for name in invented for one in _kinds(at, words.vocabulary(topics_of(shelf, topics)[name], day))]
        yield [] if found.errors() else kinds


def _kinds(at: _Day, vocabulary: Vocabulary) -> list[Declared]:
    topic, rules = vocabulary.topic.name, at.rules(vocabulary.topic.name) or {}
    compiled = _rules(at, vocabulary) or {}
    tables = {name: texts(rule.keys.get("outputs")) for name, rule in rules.items() if rule.form == "table"}
    return [Declared(topic, rule, compiled[name], tables) for name, rule in rules.items() if rule.form == "case"]


class _Day(NamedTuple):
    """The topics that are compiled together, on one day."""

    libraries: Mapping[str, Library]
    shelf: Shelf
    day: dt.date
    found: Findings
    cards: dict[str, Field]

    def rules(self, topic: str) -> dict[str, Rule] | None:
        """Answer the rules of a topic as they are written; None when none is in force."""
        return self.libraries[topic].rules(self.shelf.house, self.shelf.overlays, self.day)

    def world(self, vocabulary: Vocabulary, rules: Mapping[str, Rule]) -> World:
        """Answer what cases may speak of: the kinds of every topic that a house invents."""
        own = vocabulary.topic.name
        beside = [self.rules(name) or {} for name in self.libraries if name != own]
        ranks = self.libraries[own].ranks(self.shelf.house, self.shelf.overlays, self.day)
        order = reader.words(ranks, vocabulary.roles, _("role"), self.found) if ranks is not None else ()
        return world([*beside, rules], vocabulary, order, self.cards)


def _cards(topics: Mapping[str, Topic], words: labels.Words) -> dict[str, Field]:
    """Answer what is known of customers: the fields of their cards and the grade, with their words if they have any."""
    known = labels.filled_words(CARD, topics)
    names = [*known, *words.labels.get(CARD, ()), GRADE] if known else []
    return {name: _of_card(name, topics, words) for name in names}


def _of_card(name: str, topics: Mapping[str, Topic], words: labels.Words) -> Field:
    own = words.labels.get(name, ()) if any(name in topic.open for topic in topics.values()) else ()
    said = (*labels.filled_words(name, topics), *own)
    return Field("word", said) if said else Field(None)


def _rules(at: _Day, vocabulary: Vocabulary) -> dict[str, Any] | None:
    topic = vocabulary.topic
    rules = at.rules(topic.name)
    if rules is None:
        return None
    if topic.invented:
        vocabulary = replace(vocabulary, topic=_declared(topic, rules, at.world(vocabulary, rules), at.found))
    place = at.libraries[topic.name].in_force(at.shelf.house, at.day)
    if place is not None:
        _asked(rules, vocabulary.topic, place.place, at.found)
    return {name: _rule(rule, vocabulary, at.found) for name, rule in rules.items() if name in vocabulary.topic.asks}


def _declared(topic: Topic, rules: Mapping[str, Rule], known: World, found: Findings) -> Topic:
    """Answer a topic of cases as its rules declare it: what they are asked, and the fields that tables speak of."""
    asks: dict[str, Any] = {}
    for name, rule in rules.items():
        if rule.form in ("case", "checklist"):
            asks[name] = Case(known) if rule.form == "case" else Checklist(known)
        elif rule.form == "table":
            asks[name] = Table(texts(rule.keys.get("inputs")), texts(rule.keys.get("outputs")))
        else:
            what = _("a topic of cases holds case, checklist and table, not {form}").format(form=rule.form)
            found.error(rule.place, what, _("move the rule to another topic, or remove it"))
    words = {name: domain(field) for kind in known.kinds.values() for name, field in kind.fields.items()}
    return replace(topic, asks=asks, words={**topic.words, **words})


def _asked(rules: Mapping[str, Rule], topic: Topic, place: Place, found: Findings) -> None:
    """Report rules that nothing asks, and asked rules that are missing."""
    for name, rule in rules.items():
        if name not in topic.asks:
            what = _("nothing asks for the rule '{rule}' {words}").format(rule=name, words=one_of(name, topic.asks))
            found.error(rule.place, what, _("correct the name, or remove the rule"))
    for name, ask in topic.asks.items():
        if name not in rules and name not in topic.optional:
            form = next(form for form, module in FORMS.items() if isinstance(ask, module.ASK))
            what = _("the {form} '{rule}' is missing").format(form=form, rule=name)
            found.error(place, what, _("write {rule}: under rules").format(rule=name))


def _rule(rule: Rule, vocabulary: Vocabulary, found: Findings) -> dict[str, Any]:
    """Answer one compiled rule with its citation and the hash of its meaning."""
    ask, module = vocabulary.topic.asks[rule.name], FORMS[rule.form]
    if not isinstance(ask, module.ASK):
        form = next(form for form, other in FORMS.items() if isinstance(ask, other.ASK))
        what = _("'{rule}' is asked as a {form}, not as a {written}")
        what = what.format(rule=rule.name, form=form, written=rule.form)
        found.error(rule.place, what, _("write kind: {form}").format(form=form))
        return {}
    _grounded(rule, found)
    own = Findings()
    compiled: dict[str, Any] = module.compiled(rule, ask, vocabulary, own)
    found.take(own)
    meaning = compiled.pop("meaning") | meant_rule(rule)
    head = {
        "kind": rule.form,
        "hash": meaning_hash(meaning),
        "house": rule.origin.house,
        "edition": rule.origin.edition,
    }
    return head | told(rule.keys) | compiled


def _grounded(rule: Rule, found: Findings) -> None:
    """Report a rule or a row that names no article and no ref, neither itself nor by its rule."""
    if rule.form in ("case", "checklist", "penalty") or "article" in rule.keys or "ref" in rule.keys:
        return
    bare = [row for row in rule.rows if "article" not in row.keys and "ref" not in row.keys]
    for row in bare:
        what = _("row '{row}' names no article").format(row=row.id)
        found.error(row.place, what, _("write article: or ref:, here or on the rule"))
    if not rule.rows:
        what = _("rule '{rule}' names no article").format(rule=rule.name)
        found.error(rule.place, what, _("write article: or ref:"))


def meaning_hash(meaning: Mapping[str, Any]) -> str:
    """Answer the sha256 of a meaning in canonical JSON."""
    text = json.dumps(meaning, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()
