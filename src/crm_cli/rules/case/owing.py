"""The open duties of all cases that are due by an instant, and the years whose calendar some of them want."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from crm_cli.rules.case import hands
from crm_cli.rules.case.evolve import utc
from crm_cli.rules.case.falling import cite_of, living
from crm_cli.rules.case.kinds import kinds
from crm_cli.rules.case.sight import OPEN, Sight

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crm_cli.past import Past
    from crm_cli.policy.book import Cite, Rulebook


def owing(past: Past, rules: Rulebook, until: datetime) -> Iterator[tuple[datetime, str, str, str, Cite]]:
    """Answer the open duties due up to an instant: when, the case, the duty, for which item, the article."""
    last = f"{utc(until.isoformat())}~"
    for kind in kinds(rules):
        keys = dict.fromkeys(mark.rpartition("|")[2] for mark in past.marks(f"late:{kind}", high=last))
        for key in keys:
            document = past.get("case", key) or {}
            _then, rule = living(rules, document)
            for entry in document["duties"]:
                if entry["state"] in OPEN and entry["due"] and datetime.fromisoformat(entry["due"]) <= until:
                    cite = cite_of(rule, entry["name"])
                    yield datetime.fromisoformat(entry["due"]), key, entry["name"], entry["item"], cite


def untimed(past: Past) -> list[str]:
    """Answer the ids of the cases in which a clock stands, because the calendar of a year is missing."""
    return list(dict.fromkeys(mark.rpartition("|")[2] for mark in past.marks("untimed")))


def unheld(past: Past, rules: Rulebook, key: str, duty: str, now: datetime) -> list[str]:
    """Answer the roles that nobody has, where nobody may do what meets a duty, or it escalates to nobody."""
    document = past.get("case", key) or {}
    then, rule = living(rules, document)
    made = rule.compiled["duties"].get(duty, {"until": (), "escalate": ()})
    steps = [rule.compiled["steps"][one["step"]] for one in made["until"]]
    wanted = [[hand for step in steps for hand in hands.needed(step["by"], rule.compiled["by"])]]
    wanted += [one["to"] for one in made["escalate"] or ()]
    sight = Sight(past, then, rule, document, now, "")
    return list(dict.fromkeys(role for each in wanted for role in hands.unheld(sight, each)))
