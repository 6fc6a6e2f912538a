"""The policies of an office as its rules ask them; a compiled topic is read without YAML."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crm_cli.digest import sha256
from crm_cli.errors import DataError, UsageError
from crm_cli.language import _
from crm_cli.policy import cache, shelf
from crm_cli.policy.ask import Cite, Hit, MayRule, Values, as_cited, askable, cites_of
from crm_cli.policy.shelf import Shelf

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from crm_cli.policy.shelf import Topics
    from crm_cli.policy.vocabulary import Topic
    from crm_cli.worktime import Calendar

__all__ = ["Book", "Cite", "Hit", "Rulebook", "Values"]


class Book:
    """All editions of all topics of one house with its overlays."""

    def __init__(
        self, place: Shelf, topics: Mapping[str, Topic], cache_folder: Path | None = None, world: str = ""
    ) -> None:
        self.folder, self.house, self.overlays = self._shelf = place
        self._known, self._cache, self._world = topics, cache_folder, world
        self._compiled: dict[str, dict[str, Any]] = {}
        self._starts: dict[str, list[str]] = {}
        self._rules: dict[tuple[str, int], dict[str, Any]] = {}
        self._cites: dict[str, dict[str, Cite]] = {}
        self._days: dict[dt.date, Rulebook] = {}
        self.calendars: Callable[[str | None], Calendar] = _usual  # an office puts its own here

    @classmethod
    def open(
        cls,
        folder: Path,
        house: str,
        overlays: Sequence[str],
        topics: Mapping[str, Topic],
        cache: Path | None,
        world: str = "",
    ) -> Book:
        """Answer the policies in a folder; nothing is read before it is asked for.

        `world` is a digest of the code that declares the topics, where there is one at hand.
        """
        return cls(Shelf(Path(folder), house, tuple(overlays)), topics, cache, world)

    @cached_property
    def topics(self) -> Topics:
        """Answer the topics that Python asks about, and those that the house invents."""
        return shelf.topics(self._shelf, self._known)

    def at(self, day: dt.date) -> Rulebook:
        """Answer what is in force on a day."""
        if day not in self._days:
            self._days[day] = Rulebook(self, day)
        return self._days[day]

    def compiled(self, topic: str) -> dict[str, Any]:
        """Answer the compiled topic, from the cache when the files are those it was made from."""
        if topic not in self._compiled:
            made = cache.compiled(self._shelf, topic, self.topics, self._cache, self._world)
            self._compiled[topic] = made
            self._starts[topic] = [segment["from"] for segment in made["segments"]]
        return self._compiled[topic]

    def rules(self, topic: str, day: dt.date) -> dict[str, Any]:
        """Answer the askable rules in force on a day; DataError when no edition is."""
        segments = self.compiled(topic)["segments"]
        at = bisect_right(self._starts[topic], day.isoformat()) - 1
        if at < 0 or segments[at]["rules"] is None:
            raise self._none_in_force(topic, day)
        key = (topic, at)
        if key not in self._rules:
            self._rules[key] = {name: askable(topic, name, rule) for name, rule in segments[at]["rules"].items()}
        return self._rules[key]

    def _none_in_force(self, topic: str, day: dt.date) -> DataError:
        editions = ", ".join(self._compiled[topic]["editions"])
        if not editions:
            what = _("the rulebook of {house} says nothing on {policy}").format(house=self.house, policy=topic)
            fix = _("write {folder}/{policy}@DAY.yaml, or take another house")
            folder = f"{self.folder.name}/{self.house}"
            return DataError(what, fix=fix.format(folder=folder, policy=topic), where=folder)
        what = _("no edition of {house}/{policy} is in force on {day}").format(house=self.house, policy=topic, day=day)
        fix = _("write an edition for that day; there are: {editions}").format(editions=editions)
        return DataError(what, fix=fix, where=f"{self.folder.name}/{self.house}")

    def first_day(self, topic: str) -> dt.date:
        """Answer the first day on which an edition is in force."""
        for segment in self.compiled(topic)["segments"]:
            if segment["rules"] is not None:
                return dt.date.fromisoformat(segment["from"])
        raise self._none_in_force(topic, dt.date.min)

    def last_day(self, topic: str) -> dt.date:
        """Answer the day on which the newest rules come into force."""
        for segment in reversed(self.compiled(topic)["segments"]):
            if segment["rules"] is not None:
                return dt.date.fromisoformat(segment["from"])
        raise self._none_in_force(topic, dt.date.max)

    def houses(self) -> list[str]:
        """Answer the folders that the house's rulebook is made of: its bases, itself, the overlays."""
        from crm_cli.policy.editions import Library  # noqa: PLC0415 - only a new office asks
        from crm_cli.policy.finding import Findings  # noqa: PLC0415

        libraries = [Library(self.folder, topic, Findings()) for topic in self.topics]
        house, overlays = self._shelf.house, self._shelf.overlays
        return list(dict.fromkeys(name for library in libraries for name in library.houses(house, overlays)))

    @property
    def manager(self) -> str | None:
        """Answer the role of who founds an office, if the house names one."""
        return next((self.compiled(topic)["manager"] for topic in self.topics if self.compiled(topic)["manager"]), None)

    def words(self, vocabulary: str) -> dict[str, dict[str, str]]:
        """Answer the words of a vocabulary (`role` for roles) with their labels; a word without label has none."""
        answer: dict[str, dict[str, str]] = {}
        for topic in self.topics:
            answer.update(self.compiled(topic)["words"].get(vocabulary, {}))
        return answer

    def word(self, vocabulary: str, typed: str, besides: Collection[str] = ()) -> str:
        """Answer the word that somebody typed, itself or one of its labels; UsageError lists the words there are."""
        words = {word: texts for word, texts in self.words(vocabulary).items() if word not in besides}
        if typed in words:
            return typed
        for word, texts in words.items():
            if typed in texts.values():
                return word
        raise _unknown(vocabulary, typed, words)

    def title(self, cite: Cite) -> dict[str, str]:
        """Answer the title (zh, en) of the edition that a citation names."""
        titles: dict[str, dict[str, str]] = self.compiled(cite.policy)["titles"]
        return titles.get(f"{cite.house}@{cite.edition}", {})

    def sources(self, topic: str) -> dict[str, bytes]:
        """Answer the policy texts behind a topic by their sha256."""
        texts = [(self.folder / name).read_bytes() for name in self.compiled(topic)["texts"]]
        return {sha256(text).hexdigest(): text for text in texts}

    def resolve(self, text: str) -> Cite | None:
        """Answer the citation that an old event carries; None when no edition says this any more."""
        topic = text.partition("/")[2].partition("@")[0]
        if topic not in self.topics:
            return None
        if topic not in self._cites:
            self._cites[topic] = self._all_cites(topic)
        return self._cites[topic].get(text)

    def cited(self, text: str) -> Cite:
        """Answer the citation that an old event carries, as it stands there when no edition says this any more."""
        return self.resolve(text) or as_cited(text)

    def _all_cites(self, topic: str) -> dict[str, Cite]:
        rules = [segment["rules"] for segment in self.compiled(topic)["segments"] if segment["rules"] is not None]
        return {
            cite.text: cite for named in rules for name, rule in named.items() for cite in cites_of(topic, name, rule)
        }


def _usual(_department: str | None) -> Calendar:
    """Answer the calendar of policies without an office: that of an office which says nothing of its own."""
    from crm_cli.worktime.countries import usual  # noqa: PLC0415 - few rules ask for a calendar

    return usual()


def _unknown(vocabulary: str, typed: str, words: Mapping[str, Mapping[str, str]]) -> UsageError:
    from difflib import get_close_matches  # noqa: PLC0415 - only a mistake needs it

    allowed = list(dict.fromkeys(name for word, texts in words.items() for name in (word, *texts.values())))
    near = get_close_matches(typed, allowed, n=1)
    told = ", ".join(f"{word} {texts['zh']}" if "zh" in texts else word for word, texts in words.items())
    fix = _("write one of: {words}").format(words=told)
    if near:
        fix = _("did you mean '{near}'? The words are: {words}").format(near=near[0], words=told)
    return UsageError(_("there is no {kind} '{word}'").format(word=typed, kind=_kind(vocabulary)), fix=fix)


def _kind(vocabulary: str) -> str:
    """Answer what people call the words of a vocabulary that the desk types."""
    return {
        "role": _("role"),
        "status": _("status"),
        "absence": _("absence"),
        "errand": _("errand"),
        "state": _("state of a deal"),
        "relation": _("relation"),
        "kind": _("kind"),
        "reason": _("reason"),
        "field": _("field"),
        "class": _("class"),
        "channel": _("channel"),
        "stage": _("standing of a customer"),
        "intent": _("intention"),
        "change": _("kind of change"),
        "category": _("kind of expense"),
        "note": _("note"),
        "about": _("matter"),
        "evidence": _("kind of evidence"),
    }.get(vocabulary, vocabulary)


class Rulebook:
    """What is in force on one day."""

    def __init__(self, book: Book, day: dt.date) -> None:
        self.book, self.day = book, day
        self._topics: dict[str, dict[str, Any]] = {}

    def has(self, topic: str, rule: str) -> bool:
        """Answer whether the house has a rule that it may leave out; a topic without any edition has none."""
        return bool(self.book.compiled(topic)["segments"]) and rule in self._in_force(topic)

    def rule(self, topic: str, rule: str) -> Any:
        """Answer a rule in force, ready to be asked."""
        return self._in_force(topic)[rule]

    def rules(self, topic: str) -> dict[str, Any]:
        """Answer every rule of a topic in force; none on a day before its first edition, or after its last."""
        segments = self.book.compiled(topic)["segments"]
        days = [segment for segment in segments if segment["from"] <= self.day.isoformat()]
        return self._in_force(topic) if days and days[-1]["rules"] is not None else {}

    def _in_force(self, topic: str) -> dict[str, Any]:
        rules = self._topics.get(topic)
        if rules is None:
            rules = self._topics[topic] = self.book.rules(topic, self.day)
        return rules

    @cached_property
    def openings(self) -> frozenset[str]:
        """Answer the events of other nouns that open cases, as `customer.registered`."""
        rules = [rule for topic in self.book.topics.invented for rule in self.rules(topic).values()]
        steps = [step for rule in rules for step in rule.compiled.get("steps", {}).values()]
        return frozenset(step["opens"] for step in steps if isinstance(step["opens"], str))

    def table(self, topic: str, rule: str, facts: Mapping[str, Any]) -> Hit:
        """Answer the row of a table that takes the facts; facts the table does not test are left out."""
        hit: Hit = self.rule(topic, rule).ask(facts)
        return hit

    def hits(self, topic: str, rule: str, facts: Mapping[str, Any]) -> list[Hit]:
        """Answer every row of a table `hit: all` that takes the facts."""
        hits: list[Hit] = self.rule(topic, rule).ask_all(facts)
        return hits

    def values(self, topic: str, rule: str) -> tuple[Values, Cite]:
        """Answer named values; taking one that is unset raises DataError naming its key."""
        values: tuple[Values, Cite] = self.rule(topic, rule).answer
        return values

    def may(self, topic: str, act: str, roles: Collection[str]) -> tuple[bool, Cite]:
        """Answer whether somebody with these roles may do an act."""
        rule: MayRule = self.rule(topic, "may")
        return rule.ask(act, roles)

    def calendar(self, department: str | None = None) -> Calendar:
        """Answer the calendar of the office, or of a department with hours of its own; nothing is read before it."""
        return self.book.calendars(department)

    def hands(self, topic: str, act: str) -> list[str]:
        """Answer the roles that may do an act."""
        rule: MayRule = self.rule(topic, "may")
        return rule.hands(act)
