"""Effects: what follows from a step: values that are set, facts that are stated, steps and cases that follow."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil
from typing import TYPE_CHECKING, Any

from crm_cli.rules.case import lookups
from crm_cli.rules.case.conditions import holds
from crm_cli.rules.case.sight import alike
from crm_cli.rules.case.spans import period_of
from crm_cli.rules.directory import members

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crm_cli.policy.ask import CaseRule
    from crm_cli.policy.book import Cite
    from crm_cli.rules.case.sight import Sight

Effect = dict[str, Any]
WHOLE = 100


@dataclass(eq=False, repr=False)
class Follows:
    """What follows from a step within its own case, and the effects that act on others afterwards."""

    set: dict[str, Any] = field(default_factory=dict)
    facts: list[dict[str, Any]] = field(default_factory=list)
    shares: list[dict[str, Any]] = field(default_factory=list)
    later: list[Effect] = field(default_factory=list)
    cites: list[Cite] = field(default_factory=list)


def follow(sight: Sight, effects: Iterable[Effect], follows: Follows) -> None:
    """Add what follows from the effects whose conditions hold; each is seen by those after it."""
    for effect in effects:
        seen = _with(sight, follows.set)
        if holds(seen, effect["when"]):
            act(seen, effect, follows)


def _with(sight: Sight, values: dict[str, Any]) -> Sight:
    return sight.but(given={**sight.given, **values}) if values else sight


def act(sight: Sight, effect: Effect, follows: Follows) -> None:
    """Add what one effect comes to."""
    if effect["do"] == "fact":
        facts = stated(sight, effect)
        follows.facts += facts
        follows.cites += [sight.rule.cite(effect["row"])] if facts else []  # of nothing, nothing is said
        return
    follows.cites.append(sight.rule.cite(effect["row"]))
    if effect["do"] == "set":
        for name, how in effect["set"].items():
            value = _valued(sight, effect, name, how, follows)
            if value is not None:
                follows.set[name] = value
    elif effect["do"] == "use":
        follows.set |= _looked_up(sight, effect["use"], follows)
    elif effect["do"] != "merge":  # which is tried before anything else, and found nobody here
        follows.later.append(effect)


def _valued(sight: Sight, effect: Effect, name: str, how: dict[str, Any], follows: Follows) -> Any:
    many = sight.rule.compiled["fields"][name].get("many")
    value = _share(sight, effect, name, how, follows) if "share" in how else set_to(sight, how)
    if value is None or not many:
        return value[0] if isinstance(value, list) and not many else value
    own = sight.given.get(name) or ()  # what the step gives, or an earlier effect of it: it collects
    return list(dict.fromkeys([*own, *(value if isinstance(value, list) else [value])]))


def set_to(sight: Sight, how: dict[str, Any]) -> Any:
    """Answer the value that an effect sets: a word, the time or the day of the step, or a copy."""
    if "now" in how:
        return (sight.now.date() if how["now"] == "day" else sight.now).isoformat()
    if "copy" in how:
        return copied(sight, how["copy"])
    return how["word"] if "word" in how else how["value"]


def copied(sight: Sight, name: str) -> Any:
    """Answer what a name stands for: the case itself, the hand, what a look-up finds, a field, one of a link."""
    if name == lookups.SELF:
        return sight.document["id"]
    if name == "hand":
        return sight.hand
    if name in sight.rule.compiled["others"]:
        return lookups.found(sight, name)
    return sight.linked(name) if "." in name else sight.value(name)


def _share(sight: Sight, effect: Effect, name: str, how: dict[str, Any], follows: Follows) -> bool:
    """Answer whether this one is among the share: where fewer are than the share of all so far, rounded up, wants.

    It needs no chance and can be proved afterwards: the counts follow from the events alone.
    """
    key = _share_key(sight, effect, name, how)
    before = sight.past.get("share", key) or {"all": 0, "taken": 0}
    wanted = ceil(how["share"] * (before["all"] + 1) / WHOLE)
    always = bool(how.get("always")) and holds(sight, how["always"])
    taken = always or before["taken"] < wanted
    follows.shares.append({"key": key, "taken": taken})
    return taken


def _share_key(sight: Sight, effect: Effect, name: str, how: dict[str, Any]) -> str:
    """Answer the key under which a share is counted: the effect, the period, and the values it is counted within."""
    within = [alike(sight.value(one)) for one in how.get("within", ())]
    period = period_of(how["per"], sight.now.date()).name if how.get("per") else ""
    return "/".join([sight.rule.name, effect["row"], name, period, *within])


def stated(sight: Sight, effect: Effect) -> list[dict[str, Any]]:
    """Answer the facts that an effect states: one, or one for each value of a field; `penalty` prices them."""
    who = [person for hand in effect["who"] or () for person in _people(sight, hand)]
    base: dict[str, Any] = {"fact": effect["fact"], "who": list(dict.fromkeys(who)), "row": effect["row"]}
    if effect.get("count"):
        base["count"] = sight.value(effect["count"])
    if effect.get("cured"):
        base["cured"] = effect["cured"]
    if effect.get("dated") and sight.value(effect["dated"]):
        base["dated"] = str(sight.value(effect["dated"]))[: len("2025-03-03")]
    if not effect.get("each"):
        return [base]
    return [{**base, "item": str(item)} for item in sight.values(effect["each"])]


def _people(sight: Sight, hand: Any) -> list[str]:
    """Answer whom a fact is about: the people that a field names, and whoever has a role."""
    if isinstance(hand, str):
        return [sight.hand] if hand == "hand" else [hand]
    if "field" in hand:
        return [_holder(sight, str(one)) for one in sight.values(hand["field"])]
    return [_holder(sight, hand["role"])]


def _holder(sight: Sight, name: str) -> str:
    """Answer who alone has the role of that name; the name itself where nobody has it, or several do."""
    held = [person for person, member in members(sight.past).items() if name in member["roles"]]
    return held[0] if len(held) == 1 and name not in members(sight.past) else name


def _looked_up(sight: Sight, table: str, follows: Follows) -> dict[str, Any]:
    """Answer the outcomes of a table of the same topic, asked with the fields of the case."""
    facts = {name: sight.value(name) for name in sight.rule.compiled["fields"]}
    hit = sight.rules.table(sight.rule.topic, table, facts)
    follows.cites.append(hit.cite)
    return dict(hit.then)


def fields_that(rule: CaseRule, key: str, values: Iterable[str]) -> list[str]:
    """Answer which of these fields are declared so: `many`, `personal`."""
    return [name for name in values if rule.compiled["fields"].get(name, {}).get(key)]


def personal(rule: CaseRule, values: dict[str, Any]) -> dict[str, Any]:
    """Answer what of the values is personal, taken out of them: it stands apart in the line."""
    apart = {name: values.pop(name) for name in fields_that(rule, "personal", values)}
    return {"set": apart} if apart else {}


def becoming(before: Sight | None, after: Sight, follows: Follows) -> None:
    """Add what follows from the effects of the kind whose conditions became true."""
    acted: set[str] = set()
    again = True
    while again:
        again = False
        seen = _with(after, follows.set)
        for effect in after.rule.compiled["then"]:
            was = before is not None and holds(before, effect["when"])
            if effect["row"] not in acted and not was and holds(seen, effect["when"]):
                acted.add(effect["row"])
                act(seen, effect, follows)
                again = True


def started(sight: Sight, effect: Effect) -> list[tuple[str, dict[str, Any]]]:
    """Answer the cases that an effect starts: the id and the values of each, the same however often it is asked."""
    source, values = sight.document["id"], {}
    for theirs, ours in effect["with"].items():
        found = [one for name in ours for one in _listed(copied(sight, name))]
        if found:
            values[theirs] = found
    values |= {name: set_to(sight, how) for name, how in effect["set"].items() if "share" not in how}
    times = effect.get("times")
    count = ceil(times["share"] * (sight.value(times["of"]) or 0) / WHOLE) if times else 1
    name = f"{effect['start']}/{source}"
    return [(name if count == 1 else f"{name}/{number}", values) for number in range(1, count + 1)]


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
