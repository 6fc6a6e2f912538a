"""Everything that is wrong or doubtful in a folder of policies, for `crm policy check`."""

from __future__ import annotations

import datetime as dt
import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

from crm_cli.language import _
from crm_cli.policy import penalty_check, words
from crm_cli.policy.case_check import examine, label
from crm_cli.policy.compiler import compile_topic, declared
from crm_cli.policy.editions import Library
from crm_cli.policy.finding import Finding, Findings, Place, one_of
from crm_cli.policy.shelf import Shelf
from crm_cli.policy.shelf import topics as topics_of
from crm_cli.policy.testfile import load

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from crm_cli.policy.vocabulary import Topic

_NAME = re.compile(r"(?P<topic>[^@.]+)(?:@(?P<edition>[^@]+)\.yaml|\.tests\.yaml)")


def check(folder: Path, house: str, overlays: Sequence[str], topics: Mapping[str, Topic]) -> list[Finding]:
    """Answer all findings of all files: every house alone, and the office's house with its overlays."""
    found = Findings()
    houses = sorted(path.name for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
    if house not in houses:
        what = _("there is no house '{house}' {words}").format(house=house, words=one_of(house, houses))
        found.error(Place(folder.name), what, _("correct house: in crm.yaml, or add the folder"))
    for name in houses:
        _files(folder, name, topics, found)
    alone: list[tuple[str, tuple[str, ...]]] = [(name, ()) for name in houses if name not in overlays]
    for name, over in dict.fromkeys([*alone, (house, tuple(overlays))]):
        shelf = Shelf(folder, name, over)
        for topic in topics_of(shelf, topics).values():
            compile_topic(shelf, topic, topics, found)
        _cases(shelf, topics, found)
        penalty_check.examine(shelf, topics, found)
    labelled = words.load(folder, (), topics, found)
    if (folder / "words.yaml").exists():  # without one, an office gets that of the program
        spoken = {path.name.partition("@")[0] for path in folder.glob("*/*@*.yaml")}
        asked = {name: topic for name, topic in topics.items() if name in spoken}
        words.unlabelled(labelled, asked, Place(f"{folder.name}/words.yaml"), found)
    return found.all()


def _cases(shelf: Shelf, topics: Mapping[str, Topic], found: Findings) -> None:
    """Report kinds of cases that cannot be lived with, and their words that nothing labels."""
    libraries = [Library(shelf.folder, name, Findings()) for name in topics_of(shelf, topics).invented]
    houses = dict.fromkeys(house for one in libraries for house in one.houses(shelf.house, shelf.overlays))
    labelled = words.load(shelf.folder, houses, topics, Findings())
    for kinds in declared(shelf, topics, labelled):
        examine(kinds, found)
        label(kinds, labelled.labels, found)


def _files(folder: Path, house: str, topics: Mapping[str, Topic], found: Findings) -> None:
    """Report files that nothing reads, and what is wrong with the form of tests."""
    for path in sorted((folder / house).iterdir()):
        name = f"{folder.name}/{house}/{path.name}"
        match = _NAME.fullmatch(path.name)
        if path.name == "words.yaml":
            continue
        if match is None or (match["edition"] and not _is_day(match["edition"])):
            fix = _("name it TOPIC@2025-01-01.yaml or TOPIC.tests.yaml")
            found.error(Place(name), _("nothing reads this file"), fix)
        elif match["edition"] is not None and match["topic"] not in topics:
            _misspelt(match["topic"], Place(name), topics, found)
        elif match["edition"] is None:
            load(path, name, found)


def _misspelt(topic: str, place: Place, topics: Mapping[str, Topic], found: Findings) -> None:
    """Warn of a topic of cases whose name is nearly one that the program knows."""
    if near := get_close_matches(topic, list(topics), n=1, cutoff=0.8):
        what = _("'{topic}' is a topic of cases of its own; did you mean '{near}'?").format(topic=topic, near=near[0])
        found.warn(Place(place.file), what, _("correct the name of the file, or choose another one"))


def _is_day(text: str) -> bool:
    try:
        return dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
