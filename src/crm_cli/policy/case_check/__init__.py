"""Whether the kinds of a house can be lived with: every step done, every case closed, every clock stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm_cli.language import _
from crm_cli.policy.case_check import going_back, loose, owed, reach, unlabelled
from crm_cli.policy.case_check.kind import Kind

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from crm_cli.policy.case_check.kind import Declared
    from crm_cli.policy.finding import Findings

CHECKS = (reach.check, owed.check, going_back.check, loose.check)


def examine(declared: Sequence[Declared], nouns: Collection[str], found: Findings) -> None:
    """Report what is wrong with the kinds that a house declares on a day, none of which breaks the form."""
    kinds = {one.rule.name: one for one in declared}
    for one in declared:
        _named(one, kinds[one.rule.name], nouns, found)
    for one in kinds.values():
        kind = Kind(one, kinds, found)
        for check in CHECKS:
            check(kind)


def label(declared: Sequence[Declared], labels: Mapping[str, Mapping[str, object]], found: Findings) -> None:
    """Warn of every word of a kind that no label calls something."""
    for one in declared:
        unlabelled.check(Kind(one, {}, found), labels)


def _named(one: Declared, kept: Declared, nouns: Collection[str], found: Findings) -> None:
    name = one.rule.name
    if kept.topic != one.topic:
        what = _("the kind '{name}' is declared twice, in {topic} too").format(name=name, topic=kept.topic)
        found.error(one.rule.place, what, _("give one of them another name"))
    if name.partition(".")[0] in nouns:
        what = _("'{name}' is a command of the program already").format(name=name.partition(".")[0])
        found.error(one.rule.place, what, _("give the kind another name"))
