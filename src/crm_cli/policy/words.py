"""words.yaml: labels (zh, en) of the vocabulary, the roles of a house, and the words that a house adds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crm_cli.language import _
from crm_cli.policy import reader
from crm_cli.policy.finding import Findings, Place, one_of
from crm_cli.policy.source import read
from crm_cli.policy.vocabulary import CASE_WORDS, Same, Vocabulary

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from crm_cli.policy.node import Node
    from crm_cli.policy.vocabulary import Topic

LANGUAGES = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Label:
    """What a word is called, and the first day on which the house knows it (None: always)."""

    texts: dict[str, str]
    since: dt.date | None
    place: Place


@dataclass(slots=True)
class Words:
    """What words.yaml files say together: vocabulary name -> word -> label; the role of who founds an office."""

    labels: dict[str, dict[str, Label]] = field(default_factory=dict)
    manager: str | None = None

    def added(self, topic: Topic, day: dt.date) -> dict[str, tuple[str, ...]]:
        """Answer the words that files add to a topic's open vocabularies, and the roles, on a day."""
        names = [name for name in self.labels if name == "role" or name in topic.open]
        return {name: tuple(word for word, label in self.labels[name].items() if _known(label, day)) for name in names}

    def vocabulary(self, topic: Topic, day: dt.date) -> Vocabulary:
        """Answer the words of a topic on a day."""
        return Vocabulary(topic, self.added(topic, day))

    def days(self, topic: Topic) -> set[dt.date]:
        """Answer the days on which words of a topic appear."""
        names = [name for name in self.labels if name == "role" or name in topic.words]
        return {label.since for name in names for label in self.labels[name].values() if label.since}


def _known(label: Label, day: dt.date) -> bool:
    return label.since is None or label.since <= day


def load(folder: Path, houses: Iterable[str], topics: Mapping[str, Topic], found: Findings) -> Words:
    """Answer what the common words.yaml and those of some houses say, later ones over earlier ones."""
    words = Words()
    _add(words, folder / "words.yaml", f"{folder.name}/words.yaml", topics, found, common=True)
    for house in houses:
        _add(words, folder / house / "words.yaml", f"{folder.name}/{house}/words.yaml", topics, found, common=False)
    return words


def _add(words: Words, path: Path, name: str, topics: Mapping[str, Topic], found: Findings, *, common: bool) -> None:
    if not path.exists():
        return
    node = read(path, name, found)
    if node is None or reader.mapping(node, found) is None:
        return
    reader.known_keys(node, ("labels", "roles") if common else ("labels", "roles", "manager"), found)
    if "labels" in node.value:
        _vocabularies(words, node.value["labels"], topics, found, common=common)
    if "roles" in node.value:
        _labels(words, "role", node.value["roles"], found)
    if "manager" in node.value:
        words.manager = reader.word(node.value["manager"], words.labels.get("role", {}), "role", found)


def _vocabularies(words: Words, node: Node, topics: Mapping[str, Topic], found: Findings, *, common: bool) -> None:
    names = {name for topic in topics.values() for name, known in topic.words.items() if isinstance(known, tuple)}
    names.update(CASE_WORDS)
    for name, labels in (reader.mapping(node, found) or {}).items():
        if name not in names or name == "role":
            what = _("'{name}' is not a vocabulary {words}").format(name=name, words=one_of(name, sorted(names)))
            found.error(node.keys[name], what, _("correct the name; roles stand under roles:"))
            continue
        _closed(name, labels, topics, found, common=common)
        _labels(words, name, labels, found)


def _closed(name: str, node: Node, topics: Mapping[str, Topic], found: Findings, *, common: bool) -> None:
    """Report labels of words that nothing fills."""
    if name in CASE_WORDS or (not common and any(name in topic.open for topic in topics.values())):
        return
    filled = filled_words(name, topics)
    for word, place in node.keys.items():
        if word not in filled:
            what = _("nothing fills the {name} '{word}' {words}")
            what = what.format(name=name, word=word, words=one_of(word, filled))
            fix = _("correct the word; only the words.yaml of a house adds words, and only to open vocabularies")
            found.error(place, what, fix)


def filled_words(name: str, topics: Mapping[str, Topic]) -> list[str]:
    """Answer the words of a vocabulary that Python computes."""
    answer: dict[str, None] = {}
    for topic in topics.values():
        known = topic.words.get(name)
        if isinstance(known, tuple):
            answer.update(dict.fromkeys(known))
    return list(answer)


def _labels(words: Words, name: str, node: Node, found: Findings) -> None:
    kept = words.labels.setdefault(name, {})
    for word, label in (reader.mapping(node, found) or {}).items():
        if name not in CASE_WORDS and not reader.NAME.fullmatch(word):
            what = _("'{word}' is no word").format(word=word)
            found.error(node.keys[word], what, _("write small letters a to z, digits and _"))
            continue
        kept[word] = _label(label, node.keys[word], found)
    if name not in CASE_WORDS:  # words of two fields may share a label: it is typed for one of them
        _distinct(name, kept, found)


def _label(node: Node, place: Place, found: Findings) -> Label:
    texts: dict[str, Node] = reader.mapping(node, found) or {}
    if texts:
        reader.known_keys(node, (*LANGUAGES, "since"), found)
        reader.wanted_keys(node, LANGUAGES, found)
    since = reader.day(texts["since"], found) if "since" in texts else None
    read_texts = {language: reader.text(texts[language], found) for language in LANGUAGES if language in texts}
    return Label({language: text for language, text in read_texts.items() if text}, since, place)


def _distinct(name: str, labels: Mapping[str, Label], found: Findings) -> None:
    """Report a label that two words of a vocabulary share: typed, it would mean either."""
    owner: dict[str, str] = {word: word for word in labels}
    for word, label in labels.items():
        for text in label.texts.values():
            other = owner.setdefault(text, word)
            if other != word:
                what = _("the {name} '{word}' and the {name} '{other}' are both called '{text}'")
                what = what.format(name=name, word=word, other=other, text=text)
                found.error(label.place, what, _("change one of the labels"))


def unlabelled(words: Words, topics: Mapping[str, Topic], place: Place, found: Findings) -> None:
    """Warn of every word that Python fills and no file labels."""
    for topic in topics.values():
        for name, known in topic.words.items():
            if isinstance(known, tuple):
                _missing(name, [word for word in known if word not in words.labels.get(name, {})], place, found)


def _missing(name: str, missing: list[str], place: Place, found: Findings) -> None:
    for word in missing:
        what = _("the {name} '{word}' has no label").format(name=name, word=word)
        fix = _("write labels: {{{name}: {{{word}: {{zh: …, en: …}}}}}}").format(name=name, word=word)
        found.warn(place, what, fix)


def compiled(words: Words, topic: Topic) -> dict[str, Any]:
    """Answer the labels of a topic's vocabularies and of the roles, in the order in which words are declared."""
    answer: dict[str, Any] = {"role": _texts(words, "role", ())}
    for name, known in topic.words.items():
        own = topic.words.get(known.name, ()) if isinstance(known, Same) else known
        if isinstance(own, tuple):
            answer[name] = _texts(
                words, known.name if isinstance(known, Same) else name, own, extend=name in topic.open
            )
    return answer


def _texts(words: Words, name: str, known: tuple[str, ...], *, extend: bool = True) -> dict[str, dict[str, str]]:
    labels = words.labels.get(name, {})
    order = dict.fromkeys((*known, *labels) if extend else known)
    return {word: labels[word].texts if word in labels else {} for word in order}
