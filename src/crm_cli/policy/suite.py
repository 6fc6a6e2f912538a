"""Tests of rules, played: facts in, outcome and citation out; stories are handed to who can play them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from crm_cli.errors import DataError
from crm_cli.language import _
from crm_cli.policy import reader
from crm_cli.policy.ask import CaseRule, ListRule, MayRule, PenaltyRule, TableRule, cites_of
from crm_cli.policy.book import Book, Rulebook
from crm_cli.policy.editions import Library
from crm_cli.policy.finding import Findings
from crm_cli.policy.testfile import Example, Story, Suite, load

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Mapping

    from crm_cli.policy.ask import Cite
    from crm_cli.policy.vocabulary import Topic


class Result(NamedTuple):
    """How one test or story went; `what` says what differs, and is empty when nothing does."""

    name: str
    where: str
    what: str

    @property
    def passed(self) -> bool:
        """Answer whether everything was as expected."""
        return not self.what


@dataclass(slots=True)
class Report:
    """How the short tests of a topic went, which rows no test reached, and the stories still to be played."""

    results: list[Result] = field(default_factory=list)
    unexercised: list[str] = field(default_factory=list)
    stories: list[Story] = field(default_factory=list)


def run(book: Book, topic: str, topics: Mapping[str, Topic]) -> Report:
    """Answer how the tests of a house went, with those of its bases for the rules that it left alone."""
    found, report, folder = Findings(), Report(), book.folder
    reached: set[str] = set()
    days: set[dt.date] = {book.last_day(topic)}
    houses = Library(folder, topic, Findings()).houses(book.house, book.overlays)
    for owner in houses:
        path = folder / owner / f"{topic}.tests.yaml"
        suite = load(path, f"{folder.name}/{owner}/{path.name}", found) if path.exists() else Suite()
        found.stop()
        changed = _changed(Book.open(folder, owner, (), topics, None), book, topic) if owner != houses[-1] else set()
        for test in suite.tests:
            if test.rule not in changed:
                days.add(test.on or book.last_day(topic))
                report.results.append(_ran(test, topic, book, reached))
        if not changed:  # a story runs through the whole program: it tells nothing where any rule was changed
            report.stories += suite.stories
    report.unexercised = _unreached(book, topic, days, reached)
    return report


def _changed(base: Book, book: Book, topic: str) -> set[str]:
    """Answer the rules that a house does not have as its base has them."""
    ours, theirs = (one.rules(topic, one.last_day(topic)) for one in (book, base))
    return {name for name in theirs if name not in ours or ours[name].compiled["hash"] != theirs[name].compiled["hash"]}


def _unreached(book: Book, topic: str, days: Iterable[dt.date], reached: set[str]) -> list[str]:
    """Answer the rows no short test reaches; kinds of case, checklists and what facts cost are played in stories."""
    every = [
        cite
        for day in sorted(days)
        for name, rule in _rules(book, topic, day).items()
        if not isinstance(rule, CaseRule | ListRule | PenaltyRule)
        for cite in cites_of(topic, name, rule.compiled)
    ]
    return list(dict.fromkeys(_where(cite) for cite in every if _where(cite) not in reached))


def _rules(book: Book, topic: str, day: dt.date) -> dict[str, Any]:
    try:
        return book.rules(topic, day)
    except DataError:
        return {}


def _where(cite: Cite) -> str:
    return cite.text.rpartition(":")[0]


def _ran(test: Example, topic: str, book: Book, reached: set[str]) -> Result:
    where = f"{test.place.file}:{test.place.line}:{test.place.column}"
    return Result(test.name, where, "; ".join(failures(test, topic, book, reached)))


def failures(test: Example, topic: str, book: Book, reached: set[str]) -> list[str]:
    """Answer what differs from what a test expects; the rows that answer are added to `reached`."""
    rulebook = book.at(test.on or book.last_day(topic))
    try:
        if test.rule not in book.rules(topic, rulebook.day):
            return [_("there is no rule '{rule}'").format(rule=test.rule)]
        then, cite = _asked(rulebook, topic, test)
    except DataError as error:
        return [error.what]
    reached.add(_where(cite))
    return [*_unlike(test.then, then), *_unlike(test.told, _cited(cite)), *_nothing(test)]


def _nothing(test: Example) -> list[str]:
    return [] if test.then or test.told else [_("the test expects nothing")]


def _cited(cite: Cite) -> dict[str, Any]:
    return {"cites": cite.short, "article": cite.article, "ref": cite.ref}


def _unlike(expected: Mapping[str, Any], got: Mapping[str, Any]) -> list[str]:
    what = _("{key} is {got}, not {expected}")
    return [
        what.format(key=key, got=reader.show(got.get(key, _("nothing"))), expected=reader.show(value))
        for key, value in expected.items()
        if key not in got or got[key] != value or type(got[key]) is not type(value)
    ]


def _asked(rulebook: Rulebook, topic: str, test: Example) -> tuple[dict[str, Any], Cite]:
    rule = rulebook.rule(topic, test.rule)
    if isinstance(rule, TableRule):
        _only(test, rule.compiled["inputs"])
        several = rule.ask_all(test.given) if rule.compiled["hit"] == "all" else []
        hit = next((one for one in several if one.cite.short == test.told.get("cites")), None) or rule.ask(test.given)
        return hit.then, hit.cite
    if isinstance(rule, MayRule):
        return _may(rule, test, rulebook)
    _only(test, ())
    values, cite = rule.answer
    return {
        **{key: "none" if value is None else value for key, value in values.items()},
        **dict.fromkeys(values.unset, "unset"),
    }, cite


def _may(rule: MayRule, test: Example, rulebook: Rulebook) -> tuple[dict[str, Any], Cite]:
    _only(test, ("act", "role"))
    act, role = test.given.get("act"), test.given.get("role", [])
    roles = role if isinstance(role, list) else [role]
    unknown = [one for one in roles if one not in rulebook.book.words("role")]
    if unknown:
        raise DataError(_("'{role}' is not a role").format(role=unknown[0]), fix=_("correct given:"))
    if not any(act in row["acts"] for row in rule.compiled["rows"]):
        raise DataError(_("'{act}' is not an act").format(act=act), fix=_("correct given:"))
    allowed, cite = rule.ask(str(act), roles)
    return {"may": allowed}, cite


def _only(test: Example, known: Iterable[str]) -> None:
    """Refuse facts that the rule does not test."""
    unknown = [fact for fact in test.given if fact not in known]
    if unknown:
        what = _("{rule} is not asked with '{fact}'").format(rule=test.rule, fact=unknown[0])
        raise DataError(what, fix=_("correct given:"))


def run_stories(stories: Iterable[Story], play: Callable[[Story], list[str]]) -> list[Result]:
    """Answer how stories went; `play` runs one through the program and answers what differs."""
    return [
        Result(story.name, f"{story.place.file}:{story.place.line}:{story.place.column}", "; ".join(play(story)))
        for story in stories
    ]
