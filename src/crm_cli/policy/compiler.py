"""From files to one compiled topic: plain data that answers without YAML, and every finding on the way."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from crm_cli.digest import sha256
from crm_cli.language import _
from crm_cli.policy import words as labels
from crm_cli.policy.draft import meant_rule, told
from crm_cli.policy.editions import Library
from crm_cli.policy.finding import Findings, Place, one_of
from crm_cli.policy.forms import FORMS

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from crm_cli.policy.draft import Rule
    from crm_cli.policy.shelf import Shelf
    from crm_cli.policy.vocabulary import Topic, Vocabulary

Compiled = dict[str, Any]


def compile_topic(shelf: Shelf, topic: Topic, topics: Mapping[str, Topic], found: Findings) -> Compiled:
    """Answer everything that a house says on a topic, day by day, with labels and the texts it comes from."""
    library = Library(shelf.folder, topic.name, found)
    houses = library.houses(shelf.house, shelf.overlays)
    words = labels.load(shelf.folder, houses, topics, found)
    days = sorted({*library.days(shelf.house, shelf.overlays), *words.days(topic)})
    documents = [document for name in houses for document in library.of(name)]
    return {
        "words": labels.compiled(words, topic),
        "manager": words.manager,
        "editions": [document.origin.edition for document in library.of(shelf.house)],
        "titles": {f"{one.house}@{one.origin.edition}": one.title for one in documents},
        "texts": [f"{one.house}/{one.path.name}" for one in documents],
        "segments": [
            {
                "from": day.isoformat(),
                "rules": _rules(library, shelf, day, words.vocabulary(topic, day), found),
            }
            for day in days
        ],
    }


def _rules(
    library: Library, shelf: Shelf, day: dt.date, vocabulary: Vocabulary, found: Findings
) -> dict[str, Any] | None:
    rules = library.rules(shelf.house, shelf.overlays, day)
    if rules is None:
        return None
    place = library.in_force(shelf.house, day)
    if place is not None:
        _asked(rules, vocabulary.topic, place.place, found)
    return {name: _rule(rule, vocabulary, found) for name, rule in rules.items() if name in vocabulary.topic.asks}


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
    if "article" in rule.keys or "ref" in rule.keys:
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
