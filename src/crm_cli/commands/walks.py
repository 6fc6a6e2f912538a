"""Random walks over the kinds of case of a topic: tests of a rulebook that nobody has to write."""

from __future__ import annotations

from datetime import datetime, time
from random import Random
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from crm_cli.commands.case.walker import Walker, is_opened_by_hand, names_another
from crm_cli.language import _
from crm_cli.policy.ask import CaseRule
from crm_cli.policy.suite import Result
from crm_cli.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crm_cli.policy.book import Book, Rulebook

WALKS = 10  # over each kind; each begins with a number of its own, so that a walk can be walked again
BEGINS = time(9)


def walks(book: Book, topic: str) -> Iterator[Result]:
    """Answer how walks over every kind that a hand opens went: one result a kind."""
    rulebook = book.at(book.last_day(topic))
    for rule in rulebook.rules(topic).values():
        if isinstance(rule, CaseRule) and is_opened_by_hand(rule):
            compiled = rule.compiled
            where = f"{book.folder.name}/{compiled['house']}/{topic}@{compiled['edition']}.yaml"
            yield Result(_("random walks: {kind}").format(kind=rule.name), where, _walked(rulebook, rule))


def _walked(rulebook: Rulebook, rule: CaseRule) -> str:
    """Answer what did not hold on the first walk that broke a case, with what was done before it; else nothing."""
    start = datetime.combine(rulebook.day, BEGINS, ZoneInfo(Settings.timezone))
    for number in range(WALKS):
        walk = Walker(rulebook, rule, Random(number), start).walk()  # noqa: S311 - to be walked again, not to be secret
        if walk.broken or not (walk.lines or names_another(rule)):
            return "; ".join([*walk.lines, walk.broken or _("nothing could be done")])
    return ""
