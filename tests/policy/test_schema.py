"""The schema for editors against the checker: what one refuses for its form, the other refuses too."""

from __future__ import annotations

import copy
import datetime as dt
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as some
from jsonschema import Draft202012Validator

from crm_cli.policy.case.keys import PLACES
from crm_cli.policy.case.shape import SHAPES, definitions
from crm_cli.policy.check import check
from crm_cli.policy.schema import schema
from crm_cli.rules.topics import TOPICS

from . import house
from .mutants import dumped, loaded, mutants

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .mutants import Loaded

ROOT = Path(__file__).parents[2]
EDITIONS = sorted((ROOT / "policies").glob("*/*@*.yaml"))
SHIPPED = Draft202012Validator(schema(TOPICS.values(), {}, {}, cases=True))
SMALL = Draft202012Validator(schema(house.TOPICS.values(), {}, {}))
AMENDED = """\
policy: rotation
house: desk
edition: 2026-01-01
amends: 2025-01-01
set:
  turn#private.turn: {was: charge, is: owe, article: 补充规定第3条}
  receive#asked_busy.when.waiting: {was: at most 3, is: [at most 2, 4 to 5]}
  receive#crowd.when.waiting: {was: over 3, is: {not: [at most 2, 4 to 5]}}
  receive#tail.when.clerk: {was: false, is: false}
  makeup.cap: {was: none, is: 3}
  makeup.who: {was: [manager, clerk], is: [clerk]}
  may#order.by: {was: manager, is: [manager, clerk]}
repeal: [turn#open]
add:
  turn#own: {when: {status: open}, then: {turn: owe}, article: 补充规定第4条, before: private}
"""
# What takes more than the place itself to see: the proofs, the words of a house, rows that stand elsewhere.
BEYOND = re.compile(
    r"no row of|both take|takes .* before|can never fire|holds only what is impossible|no .* is left over"
    r"|two rows|both say who|no row .* says who|there is no row|there is no rule|was: says|names no article"
    r"|'(?!true|false)[a-z][a-z0-9_]*' is not a (role|status|errand|absence|reason|relation) "
    r"|'(?!true|false)[a-z][a-z0-9_.]+' is not a (fact|duty|step|kind of case|listed item) "
    r"|no case states the fact|'([a-z0-9 :]*x|Nobody Knows)' is not a limit"
    r"|no number fits|ends before it begins"
)


def _name(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def _topic(path: Path) -> str:
    return path.name.partition("@")[0]


def plain(value: Any) -> Any:
    """Answer a loaded file as JSON has it: a day is a text."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value.isoformat() if isinstance(value, dt.date) else value


def refused(validator: Draft202012Validator, file: Loaded) -> bool:
    """Answer whether the schema refuses a file."""
    return not validator.is_valid(plain(file))


def complaints(file: Loaded, path: Path, topics: Any) -> list[str]:
    """Answer what the checker has against the form of a file that stands at a path."""
    kept = path.read_text("utf-8")
    path.write_text(dumped(file), "utf-8")
    try:
        found = check(path.parent.parent, path.parent.name, [], topics)
    finally:
        path.write_text(kept, "utf-8")
    return [one.what for one in found if one.level == "error" and not BEYOND.search(one.what)]


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Answer a copy of the shipped policies, a folder a house."""
    folder = tmp_path_factory.mktemp("schema")
    for house_ in {path.parent for path in EDITIONS}:  # each by itself: a check reads every house of a folder
        shutil.copytree(house_, folder / house_.name / "policies" / house_.name)
        shutil.copy(ROOT / "policies" / "words.yaml", folder / house_.name / "policies")
    return folder


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Answer a small house with an edition that amends another."""
    folder = tmp_path_factory.mktemp("small") / "policies"
    first = house.write(folder)
    (first.parent / "rotation@2026-01-01.yaml").write_text(AMENDED, "utf-8")
    assert not [one for one in check(folder, "desk", [], house.TOPICS) if one.level == "error"]
    return folder


def test_it_is_a_schema() -> None:
    for one in (SHIPPED, SMALL):
        Draft202012Validator.check_schema(one.schema)


@pytest.mark.parametrize("edition", EDITIONS, ids=_name)
def test_every_shipped_file_is_accepted(edition: Path) -> None:
    assert [one.message for one in SHIPPED.iter_errors(plain(loaded(edition)))] == []


def test_the_house_of_the_manual_is_accepted() -> None:
    text = (ROOT / "docs" / "policy-format.md").read_text("utf-8")
    files = re.findall(r"```yaml\n# tea-house/\S+@\S+\n(.*?)```", text, re.DOTALL)
    assert len(files) == 5
    for file in files:
        assert [one.message for one in SHIPPED.iter_errors(plain(yaml.safe_load(file)))] == []


def test_an_amendment_and_its_base_are_accepted(small: Path) -> None:
    for path in small.glob("desk/*@*.yaml"):
        assert [one.message for one in SMALL.iter_errors(plain(loaded(path)))] == []


# ── files that are broken ──────────────────────────────────────────────────────────────────────────────────────────


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Answer the way to every value of a file."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inner:
        yield (*path, key)
        yield from places(item, (*path, key))


def changed(file: Loaded, path: tuple[Any, ...], how: str) -> Loaded:
    """Answer a file with one place broken."""
    broken = copy.deepcopy(file)
    owner: Any = broken
    for key in path[:-1]:
        owner = owner[key]
    key = path[-1]
    match how:
        case "gone":
            del owner[key]
        case "misspelt" if isinstance(owner, dict):
            owner[f"{key}x"] = owner.pop(key)
        case "unknown":
            owner[key] = "Nobody Knows"
        case "number":
            owner[key] = 12
        case "flag":
            owner[key] = True
        case "mapping":
            owner[key] = {"x": "y"}
        case "empty":
            owner[key] = []
        case "twice" if isinstance(owner, list):
            owner.append(owner[key])
    return broken


BREAKS = ("gone", "misspelt", "unknown", "number", "flag", "mapping", "empty", "twice")
SOURCES = [("shipped", _name(path)) for path in EDITIONS if _topic(path) in TOPICS] + [
    ("small", f"desk/rotation@{edition}.yaml") for edition in ("2025-01-01", "2026-01-01")
]
CASES = [_name(path) for path in EDITIONS if _topic(path) not in TOPICS]


@pytest.mark.parametrize(("source", "name"), SOURCES)
@settings(deadline=None, max_examples=6)
@given(data=some.data())
def test_schema_and_checker_agree_on_a_file_with_one_place_broken(
    request: pytest.FixtureRequest, source: str, name: str, data: some.DataObject
) -> None:
    folder: Path = request.getfixturevalue(source)
    validator, topics = (SHIPPED, TOPICS) if source == "shipped" else (SMALL, house.TOPICS)
    path = next(folder.glob(f"**/{name}"))
    file = loaded(path)
    way = data.draw(some.sampled_from(sorted(places(file), key=str)), label="where")
    broken = changed(file, way, data.draw(some.sampled_from(BREAKS), label="how"))
    against = complaints(broken, path, topics)
    assert refused(validator, broken) == bool(against), against


@pytest.mark.parametrize(("source", "name"), SOURCES)
@settings(deadline=None, max_examples=4)
@given(data=some.data())
def test_a_change_of_meaning_that_the_schema_accepts_the_checker_accepts_in_keys_and_words(
    request: pytest.FixtureRequest, source: str, name: str, data: some.DataObject
) -> None:
    folder: Path = request.getfixturevalue(source)
    validator, topics = (SHIPPED, TOPICS) if source == "shipped" else (SMALL, house.TOPICS)
    path = next(folder.glob(f"**/{name}"))
    every = list(mutants(loaded(path), topics[_topic(path)]))
    what, mutant = data.draw(some.sampled_from(every), label="mutant")
    if not refused(validator, mutant):
        # An editor takes any word of an open vocabulary: whether the house has added it, the checker knows alone.
        against = [one for one in complaints(mutant, path, topics) if not one.startswith("'x' is not a ")]
        assert against == [], what


# ── kinds of case ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", CASES)
@settings(deadline=None, max_examples=5)
@given(data=some.data())
def test_what_the_schema_refuses_of_cases_the_checker_refuses_too(
    shipped: Path, name: str, data: some.DataObject
) -> None:
    path = next(shipped.glob(f"**/{name}"))
    file = loaded(path)
    way = data.draw(some.sampled_from(sorted(places(file), key=str)), label="where")
    broken = changed(file, way, data.draw(some.sampled_from(BREAKS), label="how"))
    if refused(SHIPPED, broken):
        assert complaints(broken, path, TOPICS)


@pytest.mark.parametrize("place", PLACES)
def test_an_unknown_key_of_a_kind_is_refused_in_every_place(place: str) -> None:
    made = definitions().get({"kind": "", "checklist": ""}.get(place, place), {})
    maps = [one for one in (made, *made.get("anyOf", ())) if one.get("additionalProperties") is False]
    assert place in ("kind", "checklist") or len(maps) == 1
    for one in maps:
        assert set(one["properties"]) == set(PLACES[place])


def test_a_key_of_a_kind_is_read_and_has_a_shape() -> None:
    reads = {key.reads for keys in PLACES.values() for key in keys.values()}
    assert reads == set(SHAPES)
