"""Stories of a rulebook, played through the whole program in an office of their own, with virtual time."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

from crm_cli import clock, language
from crm_cli.commands import init
from crm_cli.commands.batch import words_of
from crm_cli.commands.session import Shared
from crm_cli.errors import CrmError
from crm_cli.office import Office
from crm_cli.render import Answer
from crm_cli.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crm_cli.commands.session import Session
    from crm_cli.policy.testfile import Story

MANAGER = "经理"
DAY = "2025-03-03T09:00:00+08:00"  # where the clock of a story stands unless it says otherwise
REFUSED = 1  # the exit code of a line that the rulebook refuses; only the last line of a story may fail otherwise


class Player:
    """Plays stories of one house; each gets an office of its own, whose manager's hand is the default.

    An office is founded in `folder` once for all stories that begin at a time, and copied for each of them.
    """

    def __init__(self, session: Session, policies: Path, house: str, overlays: list[str], folder: Path) -> None:
        self._session, self._policies, self._folder = session, policies, folder
        self._settings = Settings(house, overlays=overlays)
        self._founded: dict[str, Path] = {}

    def play(self, story: Story) -> list[str]:
        """Answer what differs from what a story expects."""
        start, heard = next((step.now for step in story.when if step.now), DAY), language.spoken()
        try:
            with self._office(start) as office:
                return self._played(office, story, start)
        except CrmError as error:
            return [error.what]
        finally:  # the office of a story speaks its own
            language.speak(heard)

    @contextmanager
    def _office(self, start: str) -> Iterator[Office]:
        """Answer an office as it was founded, of which nothing is left behind."""
        founded = self._founded.get(start) or self._found(start)
        with init.passing() as place:
            office = self._copied(founded, place / "office")
            try:
                yield office
            finally:
                office.close()

    def _found(self, start: str) -> Path:
        office = self._copied(self._made.folder, self._folder / str(len(self._founded)))
        init.found(office, MANAGER, clock.told(start))
        self._founded[start] = office.folder
        return office.folder

    @cached_property
    def _made(self) -> Office:
        """Answer an office that nobody has founded yet; the policies that it has read serve all."""
        return Office(init.prepare(self._folder / "made", self._policies, self._settings, MANAGER))

    def _copied(self, folder: Path, to: Path) -> Office:
        return Office(shutil.copytree(folder, to, symlinks=True), read=self._made.book)

    def _played(self, office: Office, story: Story, start: str) -> list[str]:
        for line in story.given:
            self._line(office, line, start, must=True)
        answer, code = Answer({}), 0
        for line, now in _lines(story, start):
            if code > REFUSED:
                return [answer.data["error"]]
            answer, code = self._line(office, line, now, must=False)
        return [*_unlike("exit", story.then.get("exit", 0), code), *_differences(story.then, answer.data)]

    def _line(self, office: Office, line: str, now: str, *, must: bool) -> tuple[Answer, int]:
        outer = Shared(office=str(office.folder), now=now, by=MANAGER)
        session = self._session.anew(outer=outer, opened=[office], in_run=True)
        try:
            answer = session.perform(words_of(line), session)
        except CrmError as error:
            if must:
                raise
            return Answer({"verdict": "error", "error": error.what, "cites": []}), error.exit
        if must and answer.exit:
            raise CrmError(f"{line}: {answer.data['verdict']}", fix="")
        return answer, answer.exit


def _lines(story: Story, start: str) -> Iterator[tuple[str, str]]:
    """Answer the lines of a story, each with the time on its clock."""
    for step in story.when:
        start = step.now or start
        for line in step.run:
            yield line, start


def _differences(expected: dict[str, Any], got: dict[str, Any]) -> list[str]:
    wanted = {name: value for name, value in expected.items() if name not in ("exit", "cites")}
    cited = [f"{cite['rule']}#{cite['row']}" if cite["row"] else cite["rule"] for cite in got.get("cites", [])]
    missing = [cite for cite in expected.get("cites", []) if cite not in cited]
    found = [f"it does not cite {cite}, but {', '.join(cited) or 'nothing'}" for cite in missing]
    return [*found, *(text for name, value in wanted.items() for text in _unlike(name, value, got.get(name)))]


def _unlike(name: str, expected: Any, got: Any) -> list[str]:
    return [] if _contains(got, expected) else [f"{name} is {got}, not {expected}"]


def _contains(got: Any, expected: Any) -> bool:
    """Answer whether an answer has what is expected: of a mapping the named keys, of a list each."""
    if isinstance(expected, dict) and isinstance(got, dict):
        return all(name in got and _contains(got[name], value) for name, value in expected.items())
    if isinstance(expected, list) and isinstance(got, list):
        return len(got) == len(expected) and all(map(_contains, got, expected))
    return bool(got == expected)
