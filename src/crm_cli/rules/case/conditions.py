"""Conditions: whether a list of tests holds for a case as it is seen."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from crm_cli.rules.case import hands, lookups
from crm_cli.rules.case.sight import OPEN, RESULTS, Sight, alike

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

Test = dict[str, Any]


def holds(sight: Sight, tests: Iterable[Test]) -> bool:
    """Answer whether all tests hold; no test at all holds."""
    return all(bool(_ON[test["on"]](sight, test)) is not bool(test.get("not")) for test in tests)


def _field(sight: Sight, test: Test) -> bool:
    return _OPS[test["op"]](sight, test, sight.values(test["name"]))


def _link(sight: Sight, test: Test) -> bool:
    name = test["name"]
    values = sight.standing(name) if name.endswith(".state") else sight.values(name)
    return _OPS[test["op"]](sight, test, values)


def _step(sight: Sight, test: Test) -> bool:
    return sight.done(test["name"])


def _duty(sight: Sight, test: Test) -> bool:
    """Answer whether a duty stands so: open or late where one of that name is, met where all that count are.

    One that was begun anew counts as it stands since then.
    """
    ours = [one for one in sight.duties(test["name"]) if one["state"] != "restarted"]
    if test["op"] == "open":
        return any(one["state"] in RESULTS["open"] for one in ours)
    if test["op"] == "late":
        return any(one["state"] in RESULTS["late"] or past_due(sight, one) for one in ours)
    return bool(ours) and all(one["state"] in RESULTS[test["op"]] for one in ours)


def past_due(sight: Sight, one: Mapping[str, Any]) -> bool:
    """Answer whether a duty is running beyond its due instant, which nobody has recorded yet."""
    return one["state"] == "running" and bool(one["due"]) and datetime.fromisoformat(one["due"]) < sight.now


def _other(sight: Sight, test: Test) -> bool:
    found = lookups.found(sight, test["name"])
    return _within(sight, test, len(found))


def _state(sight: Sight, test: Test) -> bool:
    document = sight.document
    words = {document["state"], "closed" if document["closed"] else "open"}
    return not words.isdisjoint(test["of"])


def _hand(sight: Sight, test: Test) -> bool:
    return hands.fits(sight, test["hands"], sight.hand)


def _in(_sight: Sight, test: Test, values: list[Any]) -> bool:
    wanted = _wanted(tuple(test["of"]))
    return any(alike(value) in wanted for value in values)


@lru_cache(1000)
def _wanted(values: tuple[Any, ...]) -> frozenset[str]:
    return frozenset(map(alike, values))


def _all(sight: Sight, test: Test, values: list[Any]) -> bool:
    if "hands" in test:
        return all(any(hands.fits(sight, [hand], value) for value in values) for hand in test["hands"])
    return {alike(one) for one in test["of"]} <= {alike(value) for value in values}


def _among(sight: Sight, test: Test, values: list[Any]) -> bool:
    """Answer whether there is a value, and another field holds all there are."""
    return bool(values) and {alike(one) for one in values} <= {alike(one) for one in sight.values(test["field"])}


def _range(sight: Sight, test: Test, values: list[Any]) -> bool:
    return bool(values) and all(_within(sight, test, value) for value in values)


def _within(sight: Sight, test: Test, value: int) -> bool:
    low, high = (_bound(sight, test.get(side)) for side in ("low", "high"))
    return (low is None or value >= low) and (high is None or value <= high)


def _bound(sight: Sight, bound: Any) -> int | None:
    """Answer an end of a range; one that a field says may lie beyond it, for over and under."""
    if not isinstance(bound, dict):
        return bound  # type: ignore[no-any-return]
    value = sight.value(bound["field"])
    return None if value is None else value + bound["plus"]


def _given(_sight: Sight, _test: Test, values: list[Any]) -> bool:
    return bool(values)


def _missing(_sight: Sight, _test: Test, values: list[Any]) -> bool:
    return not values


def _changed(sight: Sight, test: Test, _values: list[Any]) -> bool:
    """Answer whether this step raises or lowers a field that has ranked words, or a number."""
    ranks = sight.rule.compiled["fields"][test["name"]]["of"]
    before, after = sight.document["fields"].get(test["name"]), sight.given.get(test["name"])
    if before is None or after is None:
        return False
    up: int = ranks.index(after) - ranks.index(before) if ranks else after - before
    return up > 0 if test["op"] == "raised" else up < 0


def _owed(sight: Sight, test: Test, _values: list[Any]) -> bool:
    """Answer whether every item that this step names is owed now, by a duty of which that field says the items."""
    given = sight.given.get(test["name"])
    items = given if isinstance(given, list) else [given]
    owing = {name for name, duty in sight.rule.compiled["duties"].items() if duty["item"] == test["name"]}
    owed = {one["item"] for name in owing for one in sight.duties(name) if one["state"] in OPEN}
    return given is None or {str(item) for item in items} <= owed


def _otherwise(sight: Sight, test: Test, _values: list[Any]) -> bool:
    """Answer whether this step says otherwise than the newest step of the road that said it, else than is known."""
    given = sight.given.get(test["name"])
    if given is None:
        return False
    document = sight.document
    road = {one["step"] for one in document["road"]}
    said = (
        one["set"][test["name"]]
        for one in reversed(document["log"])
        if one["step"] in road and test["name"] in one["set"]
    )
    before = next(said, document["fields"].get(test["name"]))
    return before is None or _spelt(before) != _spelt(given)


def _spelt(value: Any) -> list[str]:
    return [alike(one) for one in (value if isinstance(value, list) else [value])]


def _recently(sight: Sight, test: Test, values: list[Any]) -> bool:
    """Answer whether the limit that runs from a day or a time is not over."""
    from crm_cli.worktime import due, limit  # noqa: PLC0415 - few conditions have a limit

    starts = [datetime.fromisoformat(value) for value in values]
    starts = [one if one.tzinfo else one.replace(tzinfo=sight.now.tzinfo) for one in starts]
    ends = [due(limit(test["limit"]), one, sight.rules.calendar()) for one in starts]
    return bool(ends) and all(isinstance(end, datetime) and sight.now <= end for end in ends)


def _past(sight: Sight, _test: Test, values: list[Any]) -> bool:
    return bool(values) and all(over(value, sight.now) for value in values)


def _to_come(sight: Sight, _test: Test, values: list[Any]) -> bool:
    return bool(values) and all(_ahead(value, sight.now) for value in values)


def _ahead(value: str, now: datetime) -> bool:
    """Answer whether a time is not over, or a day has not begun."""
    return not over(value, now) if "T" in value else date.fromisoformat(value) > now.date()


def over(value: str, now: datetime) -> bool:
    """Answer whether a time, or a day to its end, is over."""
    if "T" in value:
        return datetime.fromisoformat(value) < now
    return date.fromisoformat(value) < now.date()


def _is_person(sight: Sight, test: Test, values: list[Any]) -> bool:
    return any(hands.fits(sight, test["hands"], value) for value in values)


_ON: dict[str, Callable[[Sight, Test], bool]] = {
    "field": _field,
    "link": _link,
    "step": _step,
    "duty": _duty,
    "other": _other,
    "state": _state,
    "hand": _hand,
}
_OPS: dict[str, Callable[[Sight, Test, list[Any]], bool]] = {
    "in": _in,
    "all": _all,
    "among": _among,
    "range": _range,
    "given": _given,
    "missing": _missing,
    "changed": _otherwise,
    "owed": _owed,
    "within": _recently,
    "raised": _changed,
    "lowered": _changed,
    "past": _past,
    "to_come": _to_come,
    "is_person": _is_person,
}
