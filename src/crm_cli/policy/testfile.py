"""The form of `<topic>.tests.yaml`: short tests and stories, as data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from crm_cli.policy import reader
from crm_cli.policy.node import Node, data
from crm_cli.policy.source import read

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from crm_cli.policy.finding import Findings, Place

_TEST = ("name", "rule", "given", "then", "cites", "article", "ref", "on")
_STORY = ("name", "given", "when", "then")
_TOLD = ("cites", "article", "ref")


@dataclass(frozen=True, slots=True)
class Example:
    """One short test: `told` is what its citation must say."""

    name: str
    rule: str
    given: dict[str, Any]
    then: dict[str, Any]
    told: dict[str, Any]
    on: dt.date | None
    place: Place


class Step(NamedTuple):
    """Commands that a story runs at an instant (None: where the clock stands)."""

    run: list[str]
    now: str | None


@dataclass(frozen=True, slots=True)
class Story:
    """One long test, to be played through the whole program."""

    name: str
    given: list[str]
    when: list[Step]
    then: dict[str, Any]
    place: Place


@dataclass(slots=True)
class Suite:
    """The tests and stories of one file."""

    tests: list[Example] = field(default_factory=list)
    stories: list[Story] = field(default_factory=list)


def load(path: Path, name: str, found: Findings) -> Suite:
    """Answer the tests of a file; whatever is wrong with their form is a finding."""
    suite = Suite()
    node = read(path, name, found)
    if node is None or reader.mapping(node, found) is None:
        return suite
    reader.known_keys(node, ("tests", "stories"), found)
    for item in reader.items(node.value["tests"], found) or [] if "tests" in node.value else []:
        _keep(suite.tests, _test(item, found))
    for item in reader.items(node.value["stories"], found) or [] if "stories" in node.value else []:
        _keep(suite.stories, _story(item, found))
    return suite


def _keep(kept: list[Any], one: Any) -> None:
    if one is not None:
        kept.append(one)


def _test(node: Node, found: Findings) -> Example | None:
    if reader.mapping(node, found) is None:
        return None
    reader.known_keys(node, _TEST, found)
    if not reader.wanted_keys(node, ("name", "rule", "then"), found):
        return None
    name, rule = reader.text(node.value["name"], found), reader.name(node.value["rule"], found)
    then = reader.mapping(node.value["then"], found)
    given = reader.mapping(node.value["given"], found) if "given" in node.value else {}
    day = reader.day(node.value["on"], found) if "on" in node.value else None
    if name is None or rule is None or then is None or given is None:
        return None
    told = {key: data(node.value.get(key, then.get(key))) for key in _TOLD if key in node.value or key in then}
    expected = {key: data(value) for key, value in then.items() if key not in _TOLD}
    return Example(name, rule, {key: data(value) for key, value in given.items()}, expected, told, day, node.place)


def _story(node: Node, found: Findings) -> Story | None:
    if reader.mapping(node, found) is None:
        return None
    reader.known_keys(node, _STORY, found)
    if not reader.wanted_keys(node, ("name", "when", "then"), found):
        return None
    name, then = reader.text(node.value["name"], found), reader.mapping(node.value["then"], found)
    given = _lines(node.value["given"], found) if "given" in node.value else []
    steps = [_step(one, found) for one in reader.listed(node.value["when"])]
    if name is None or then is None:
        return None
    return Story(
        name, given, [step for step in steps if step], {key: data(value) for key, value in then.items()}, node.place
    )


def _step(node: Node, found: Findings) -> Step | None:
    if reader.mapping(node, found) is None:
        return None
    reader.known_keys(node, ("run", "now"), found)
    if not reader.wanted_keys(node, ("run",), found):
        return None
    now = reader.text(node.value["now"], found) if "now" in node.value else None
    return Step(_lines(node.value["run"], found), now)


def _lines(node: Node, found: Findings) -> list[str]:
    lines = [reader.text(item, found) for item in reader.listed(node)]
    return [line for line in lines if line is not None]
