"""A decision that counted working days comes out the same when a calendar was added or changed since."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from crm_cli.errors import DataError
from crm_cli.office import Hand, Office
from crm_cli.rules import fold
from crm_cli.rules.decision import Case, Decision, answered
from crm_cli.worktime import Missing, due, limit

if TYPE_CHECKING:
    from pathlib import Path

    from crm_cli.past import Event, Past
    from crm_cli.policy.book import Rulebook

LATE = datetime.fromisoformat("2026-12-30T10:00+08:00")
YEAR = "year: {year}\nholidays: [{year}-01-01]\n"


def promised(past: Past, policy: Rulebook, asked: dict[str, Any], now: datetime) -> Decision:
    """Answer the record of when something is due: a rule as a case will have it."""

    def record(case: Case) -> Decision:
        found = due(limit(case.asked["within"]), case.moment, case.rules.calendar())
        told = {"missing": found.year} if isinstance(found, Missing) else {"due": found and found.isoformat()}
        case.record("office.fell_due", {"what": "promise", "about": "x", **told})
        return case.decided("recorded")

    return answered(record, Case(past.fork(), policy, asked, now, nothing))


def nothing(past: Past, event: Event) -> None:
    """Fold nothing."""


@pytest.fixture
def asked(office: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setitem(fold.RULES, "promise", promised)
    return Office(office)


def decide(office: Office, within: str) -> dict[str, Any]:
    outcome = office.decide("promise", {"verb": "promise", "within": within}, Hand("office", LATE))
    data: dict[str, Any] = outcome.events[0]["data"]
    return data


def test_news_of_a_year_is_no_difference(asked: Office) -> None:
    assert decide(asked, "3 working days")["missing"] == 2027
    assert decide(asked, "1 working day")["due"] == "2026-12-31T23:59:59+08:00"
    assert "calendar" not in decide(asked, "24h")
    folder = asked.folder / "calendars"
    folder.mkdir()
    for year in (2026, 2027):
        (folder / f"{year}.yaml").write_text(YEAR.format(year=year), "utf-8")
    later = Office(asked.folder)
    assert decide(later, "3 working days")["due"] == "2027-01-05T23:59:59+08:00"
    assert [*later.replay()] == []
    (folder / "2027.yaml").unlink()
    assert [*Office(asked.folder).replay()] == []


def test_a_decision_that_comes_out_otherwise_is_one(asked: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    decide(asked, "1 working day")

    def otherwise(past: Past, policy: Rulebook, asked: dict[str, Any], now: datetime) -> Decision:
        return promised(past, policy, {**asked, "within": "2 days"}, now)

    monkeypatch.setitem(fold.RULES, "promise", otherwise)
    assert len([*asked.replay()]) == 1


def test_a_calendar_that_is_gone_is_said(asked: Office) -> None:
    digest = decide(asked, "1 working day")["calendar"]
    (asked.folder / "ledger" / "policies" / f"{digest}.yaml").unlink()
    with pytest.raises(DataError, match="the calendar that a decision rests on cannot be read: ") as found:
        [*asked.replay()]
    assert found.value.where == f"ledger/policies/{digest}.yaml"


def test_nothing_is_kept_of_a_decision_that_is_only_tried(asked: Office) -> None:
    before = sorted((asked.folder / "ledger" / "policies").iterdir())
    asked.decide("promise", {"verb": "promise", "within": "1 working day"}, Hand("office", LATE, dry_run=True))
    assert sorted((asked.folder / "ledger" / "policies").iterdir()) == before
