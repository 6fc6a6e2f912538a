"""Another case as it stands by an instant: with what fell due in it by itself, whether a night recorded it or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm_cli.rules.case import falling
from crm_cli.rules.case.evolve import evolve
from crm_cli.rules.case.hands import OFFICE
from crm_cli.rules.decision import Case, RefusalError

if TYPE_CHECKING:
    from datetime import datetime

    from crm_cli.past import Document, Past
    from crm_cli.policy.book import Rulebook


def standing_at(past: Past, rules: Rulebook, key: str, now: datetime) -> Document | None:
    """Answer a case as the night would leave it at an instant; None where there is none.

    What a rulebook says of an approval whose time is over holds whether or not anybody ran `crm tick` since.
    """
    document = past.get("case", key)
    if not falling.of_case(past, key, now):
        return document
    from crm_cli.rules.case.steps import Run, fall  # noqa: PLC0415 - steps look other cases up, too

    request = Case(past.fork(), rules, {"by": OFFICE}, now, evolve)
    try:
        fall(Run(request), key)
    except RefusalError:  # the night is refused it, too, and leaves the case as it is
        return document
    return request.past.get("case", key)
