"""The worked scenarios of the rotation, played through the whole program in offices of their own."""

from __future__ import annotations

import shlex
import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from crm_cli import clock, shipped
from crm_cli.cli import perform
from crm_cli.commands import init
from crm_cli.commands.session import Session, Shared
from crm_cli.errors import UsageError
from crm_cli.office import Office
from crm_cli.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crm_cli.render import Answer

FILE = Path(__file__).parents[1] / "scenarios" / "rotation.yaml"
SCENARIOS = yaml.safe_load(FILE.read_text("utf-8"))["scenarios"]
MONDAY = datetime(2025, 3, 3, 1, 0, tzinfo=UTC)  # nine in the morning in Shanghai
BOSS, CLERK = "Boss", "Clerk"
BY_THE_MANAGER = {"rotate": ("order", "open", "adjust", "owe", "off", "on", "confirm-grab", "look-after-both")}


@dataclass
class Desk:
    """An office on one Monday and the days after; each command is made five minutes after the one before."""

    office: Office
    now: datetime = MONDAY
    received_by: list[str | None] = field(default_factory=list)

    def do(self, *words: Any) -> Answer:
        """Carry out a command line."""
        self.now += timedelta(minutes=5)
        line = [str(word) for word in words]
        by = CLERK if line[0] == "rotate" and line[1] not in BY_THE_MANAGER["rotate"] else BOSS
        outer = Shared(office=str(self.office.folder), now=self.now.isoformat(), by=by)
        session = Session(lambda _text: None, perform, outer=outer, opened=[self.office], in_run=True)
        answer: Answer = perform(line, session)
        return answer

    def must(self, *words: Any) -> dict[str, Any]:
        answer = self.do(*words)
        assert answer.exit == 0, f"{shlex.join(map(str, words))}: {answer.data}"
        return answer.data

    def event(self, event: dict[str, Any], clerk: bool) -> None:
        """Play an event of a scenario."""
        words = self._words(event, clerk)
        if event.get("refused"):
            self._refused(words, event["refused"])
            return
        data = self.must(*words)
        if event["do"] in SHOWN:
            self.received_by += [one["to"] for one in data.get("assignments", [])]

    def _refused(self, words: list[Any], why: str) -> None:
        try:
            answer = self.do(*words)
        except UsageError:
            assert why == "usage", f"{words} makes no sense"
        else:
            assert (answer.exit, answer.data["verdict"]) == (1, why), f"{words}: {answer.data}"

    def _words(self, event: dict[str, Any], clerk: bool) -> list[Any]:
        if event["do"] == "new_day":
            self.now = MONDAY + ((self.now - MONDAY) // timedelta(days=1) + event.get("after", 1)) * timedelta(days=1)
            return opening({**event, "office": clerk})
        if event["do"] == "week_order":
            day = (self.now + timedelta(days=event["after"])).date()
            return ["rotate", "order", *event["order"], "--week", clock.week_of(day)]
        name, *places = LINES[event["do"]]
        words: list[Any] = name.split()
        for place in places:
            value = event.get(place)
            words += value if isinstance(value, list) else [value]
        return words + options(event, OPTIONS)


LINES = {  # event -> command, then what it is about
    "arrive": ("rotate arrive", "k"),
    "errand": ("rotate arrive", "k"),
    "call": ("rotate call", "k"),
    "finish": ("rotate finish", "p"),
    "status": ("rotate status", "p", "to"),
    "miss": ("rotate miss", "k"),
    "refuse": ("rotate refuse", "k"),
    "redirect": ("rotate redirect", "k"),
    "handover": ("rotate hand-over", "k"),
    "together": ("rotate look-after-both", "k"),
    "off": ("rotate off", "p", "why"),
    "on": ("rotate on", "p"),
    "adjust": ("rotate adjust --reason so", "order"),
    "confirm_grab": ("rotate confirm-grab", "k"),
    "link": ("register link", "k"),
    "register": ("register add", "k"),
}
OPTIONS = {"asks": "asks", "state": "state", "word": "errand", "reason": "reason", "kind": "kind", "party": "party"}
SHOWN = {"arrive", "errand", "call", "finish", "status", "miss", "refuse", "redirect", "handover", "together", "on"}


def options(event: dict[str, Any], names: dict[str, str]) -> list[Any]:
    """Answer the options of a command line that an event asks for."""
    found = [word for name, option in names.items() if event.get(name) for word in (f"--{option}", event[name])]
    found += ["--to", event["to"]] if event.get("to") and event["do"] in ("redirect", "handover", "register") else []
    found += ["--same-as", event["related_to"], "--relation", "family"] if event.get("related_to") else []
    found += ["--not-told"] if event.get("notified") is False else []
    return found + (["--unrecognised"] if event.get("recognised") is False else [])


def opening(day: dict[str, Any]) -> list[Any]:
    """Answer the command line that opens a day."""
    words: list[Any] = ["rotate", "open"]
    for person, why in day.get("off", {}).items():
        words += ["--off", f"{person}={why}"]
    words += ["--order", ",".join(day["order"])] if day.get("order") else []
    return words + ([] if day.get("office", True) else ["--no-clerk"])


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Answer an office with a manager and a clerk; each scenario has a copy."""
    folder = tmp_path_factory.mktemp("bare") / "office"
    made = init.prepare(folder, shipped.root() / "policies", Settings("sales-office", language="en"), BOSS)
    init.found(Office(made), BOSS, MONDAY)
    made.rename(folder)
    office = Office(folder)
    Desk(office).must("staff", "add", CLERK, "--role", "clerk")
    office.close()
    return folder


@pytest.fixture
def desk(bare: Path, tmp_path: Path) -> Iterator[Desk]:
    """Answer a fresh office."""
    shutil.copytree(bare, tmp_path / "office")
    office = Office(tmp_path / "office")
    yield Desk(office, MONDAY + timedelta(minutes=5))
    office.close()


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario["id"])
def test_scenario(desk: Desk, scenario: dict[str, Any]) -> None:
    given, expected = scenario["given"], scenario["expect"]
    set_up(desk, given)
    for event in scenario["events"]:
        desk.event(event, given.get("office", True))
    shown = desk.must("rotate", "show")
    got = {name: compared(name, expected, shown.get(name)) for name in expected}
    got["received_by"] = desk.received_by
    got["credit"] = {client: desk.must("register", "owner", client)["owner"] for client in expected.get("credit", {})}
    assert {name: got[name] for name in expected} == expected, scenario["title"]
    assert list(desk.office.replay()) == [], "a decision comes out otherwise when it is taken again"


def set_up(desk: Desk, given: dict[str, Any]) -> None:
    """Bring a fresh office to what a scenario begins with."""
    for person in given["order"]:
        desk.must("staff", "add", person, "--role", "salesperson")
    desk.must("rotate", "order", *given["order"])
    for client, person, kind in given.get("register", []):
        desk.must("register", "add", client, "--to", person, "--kind", kind)
    desk.must(*opening({"off": given.get("off", {}), "office": given.get("office", True)}))
    for person in given.get("makeup", []):
        desk.must("rotate", "owe", person, "--reason", "carried over")
    for person, status in given.get("status", {}).items():
        desk.must("rotate", "status", person, status)


def compared(name: str, expected: dict[str, Any], got: Any) -> Any:
    """Answer what is compared: of counts those figures that are not zero, of people those that are named."""
    if name in ("counts", "phone_counts"):
        return {person: {what: n for what, n in got[person].items() if n} for person in expected[name]}
    if name == "status":
        return {person: got[person] for person in expected[name]}
    return got
