"""Everything that is wrong or doubtful in a folder of policies, for `crm policy check`."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

from crm_cli.language import _
from crm_cli.policy import words
from crm_cli.policy.compiler import compile_topic
from crm_cli.policy.finding import Finding, Findings, Place, one_of
from crm_cli.policy.shelf import Shelf
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
    for name, over in [*alone, (house, tuple(overlays))]:
        for topic in topics.values():
            compile_topic(Shelf(folder, name, over), topic, topics, found)
    labelled = words.load(folder, (), topics, found)
    words.unlabelled(labelled, topics, Place(f"{folder.name}/words.yaml"), found)
    return found.all()


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
        elif match["topic"] not in topics:
            what = _("'{topic}' is not a topic {words}")
            what = what.format(topic=match["topic"], words=one_of(match["topic"], topics))
            found.error(Place(name), what, _("correct the name of the file"))
        elif match["edition"] is None:
            load(path, name, found)


def _is_day(text: str) -> bool:
    try:
        return dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
