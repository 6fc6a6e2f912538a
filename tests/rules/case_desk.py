"""A desk for cases in memory: a rulebook written by the test, a staff, steps asked one after the other."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from crm_cli.past import Past
from crm_cli.policy.book import Book
from crm_cli.rules.case import decide, falling, periods, view
from crm_cli.rules.fold import fold
from crm_cli.rules.topics import TOPICS

if TYPE_CHECKING:
    from pathlib import Path

    from crm_cli.past import Document, Event
    from crm_cli.rules.decision import Decision

ZONE = ZoneInfo("Asia/Shanghai")
WORDS = """\
labels:
  case_fact:
    slow: {zh: 太慢, en: slow}
roles:
  clerk: {zh: 文员, en: clerk}
  head: {zh: 科长, en: head}
  chief: {zh: 主管, en: chief}
"""
STAFF = {"C": ["clerk"], "D": ["clerk"], "H": ["head"], "X": ["chief"]}


def moment(text: str) -> datetime:
    """Answer a time in March 2025, like `3 09:00`, or a whole one."""
    whole = text if text.startswith("20") else f"2025-03-{int(text.split(maxsplit=1)[0]):02d}T{text.split()[1]}"
    return datetime.fromisoformat(whole).replace(tzinfo=ZONE)


class CaseDesk:
    """An office of one house with one topic of cases, kept in memory."""

    def __init__(self, folder: Path, rules: str) -> None:
        house = folder / "house"
        house.mkdir()
        head = "policy: desk\nhouse: house\nedition: 2025-01-01\nranks: [clerk, head, chief]\nrules:\n"
        (house / "desk@2025-01-01.yaml").write_text(head + rules, "utf-8")
        (house / "words.yaml").write_text(WORDS, "utf-8")
        self.book = Book.open(folder, "house", (), TOPICS, None)
        self.past = Past()
        self.events: list[Event] = []
        self.past.put("staff", "roster", {"members": {name: {"roles": roles} for name, roles in STAFF.items()}})

    def ask(self, at: str, **asked: Any) -> Decision:
        """Answer a request, folded into the past when it was allowed."""
        now = moment(at)
        decision = decide(self.past, self.book.at(now.date()), {"by": "office", **asked}, now)
        for event in decision.events:
            seq = len(self.events) + 1
            line = {**event, "actor": asked.get("by", "office"), "seq": seq}
            line["cites"] = [cite.text for cite in event["cites"]]
            self.events.append(line)
            fold(self.past, line)
        return decision

    def step(self, at: str, step: str, case: str | None = None, by: str = "C", kind: str = "job", **fields: Any) -> str:
        """Do a step; answer its verdict."""
        return self.tried(at, step, case, by, kind, **fields).verdict

    def tried(
        self, at: str, step: str, case: str | None = None, by: str = "C", kind: str = "job", **fields: Any
    ) -> Decision:
        """Answer the decision about a step."""
        asked = {"verb": "step", "kind": kind, "step": step, "fields": fields, "by": by}
        return self.ask(at, **asked, **({"case": case} if case else {}))

    def tick(self, until: str) -> list[str]:
        """Record what falls up to a time; answer the types and times of the events, in their order."""
        before, last = len(self.events), moment(until)
        while True:
            rules = self.book.at(last.date())
            falls = [("fall", one.at, {"case": one.case}) for one in falling.due(self.past, last)]
            opened = [
                ("period", at, {"kind": kind, "period": name})
                for at, kind, name in periods.ended(self.past, rules, last)
            ]
            if not falls and not opened:
                return [f"{one['type']} {one['happened'][5:16]}" for one in self.events[before:]]
            verb, at, asked = min([*falls, *opened], key=lambda one: one[1])
            self.ask(at.replace(tzinfo=None).isoformat(), verb=verb, **asked)

    def case(self, key: str = "JOB-1") -> Document:
        """Answer the document of a case."""
        return self.past.get("case", key) or {}

    def clocks(self, at: str, key: str = "JOB-1") -> dict[str, Any]:
        """Answer how each clock of a case stands, and when it is due."""
        return {
            one["name"]: (one["state"], (one["due"] or "")[5:16]) for one in view.clocks(self.case(key), moment(at))
        }
