"""Whether the kinds of a house can be lived with: every step done, every case closed, every clock stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm_cli.policy.case_check import going_back, loose, named, owed, reach, unlabelled
from crm_cli.policy.case_check.kind import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crm_cli.policy.case_check.kind import Declared
    from crm_cli.policy.finding import Findings

CHECKS = (named.check, reach.check, owed.check, going_back.check, loose.check)


def examine(declared: Sequence[Declared], found: Findings) -> None:
    """Report what is wrong with the kinds that a house declares on a day, none of which breaks the form."""
    kinds = {one.rule.name: one for one in declared}
    for one in declared:
        named.once(one, kinds[one.rule.name], found)
    for one in kinds.values():
        kind = Kind(one, kinds, found)
        for check in CHECKS:
            check(kind)


def label(declared: Sequence[Declared], labels: Mapping[str, Mapping[str, object]], found: Findings) -> None:
    """Warn of every word of a kind that no label calls something."""
    for one in declared:
        unlabelled.check(Kind(one, {}, found), labels)
