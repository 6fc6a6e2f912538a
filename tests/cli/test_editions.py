"""A rulebook changes while the office runs: new editions, overlays, texts that were tampered with."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import desk
import pytest
from desk import crm

if TYPE_CHECKING:
    from pathlib import Path

BEFORE, AFTER = "2025-03-03T09:10+08:00", "2025-03-04T09:10+08:00"
HEAD = "policy: rotation\nhouse: {house}\nedition: {edition}\ntitle: {{zh: 新版, en: New}}\n"
AMENDMENT = """amends: 2025-01-01
set:
  receive#asked_free.count: {was: extra, is: turn}
add:
  receive#asked_again:
    before: asked_free
    when: {visitor: client, told: told, asked: free, visit: later}
    then: {receiver: asked, count: turn}
    article: 第1条
"""
OVERLAY = """extends: {policy: rotation, house: sales-office}
set:
  receive#asked_free.count: {was: extra, is: turn}
"""


def adopt(office: Path, house: str, edition: str, changes: str) -> Path:
    """Put a new edition into the office's policies."""
    path = office / "policies" / house / f"rotation@{edition}.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(HEAD.format(house=house, edition=edition) + changes, "utf-8")
    return path


def with_overlay(office: Path, edition: str) -> None:
    """Lay an overlay over the house from a day on."""
    adopt(office, "our-office", edition, OVERLAY)
    settings = office / "crm.yaml"
    settings.write_text(settings.read_text("utf-8") + "overlays: [our-office]\n", "utf-8")


def done(office: Path, *words: str, now: str = BEFORE) -> dict[str, object]:
    """Carry out a command line that succeeds, and answer what it said."""
    said = crm(*words, "--json", "--now", now, office=office)
    assert said.code == 0, said.err
    answer: dict[str, object] = json.loads(said.out)
    return answer


def counted(office: Path, event: str) -> str:
    """Answer how an arrival counted."""
    reason = done(office, "why", event)["event"]
    assert isinstance(reason, dict)
    count: str = reason["data"]["assignment"]["count"]
    return count


@pytest.mark.parametrize("adopted", ["amendment", "overlay"])
def test_a_change_from_a_later_day_leaves_earlier_decisions_as_they_were(office: Path, adopted: str) -> None:
    first = done(office, "rotate", "arrive", "客一", "--asks", "赵磊")["events"]
    done(office, "rotate", "finish", "赵磊")
    if adopted == "overlay":
        with_overlay(office, "2025-03-04")
    else:
        adopt(office, desk.HOUSE, "2025-03-04", AMENDMENT)
    second = done(office, "rotate", "arrive", "客二", "--asks", "赵磊")["events"]
    done(office, "rotate", "finish", "赵磊")
    done(office, "rotate", "open", now=AFTER)
    third = done(office, "rotate", "arrive", "客三", "--asks", "赵磊", now=AFTER)["events"]
    late = done(office, "register", "add", "客四", "--to", "张伟", "--kind", "visit", "--at", BEFORE, now=AFTER)[
        "events"
    ]
    assert isinstance(first, list)
    assert isinstance(second, list)
    assert isinstance(third, list)
    assert [counted(office, events[0]) for events in (first, second, third)] == ["extra", "extra", "turn"]
    assert late
    assert crm("ledger", "verify", "--replay", office=office).code == 0


def test_an_amendment_that_decisions_rest_on_keeps_its_meaning(office: Path) -> None:
    done(office, "rotate", "arrive", "客一", "--asks", "赵磊")
    path = adopt(office, desk.HOUSE, "2025-03-04", AMENDMENT)
    done(office, "rotate", "open", now=AFTER)
    done(office, "rotate", "arrive", "客二", "--asks", "赵磊", now=AFTER)
    path.write_text(path.read_text("utf-8").replace("is: turn", "is: none"), "utf-8")
    said = crm("rotate", "arrive", "客三", "--asks", "赵磊", "--now", AFTER, office=office)
    assert said.code == 3
    assert "no longer says what decisions of this office rest on" in said.err


def test_an_overlay_that_begins_before_the_decisions_it_changes_is_refused(office: Path) -> None:
    done(office, "rotate", "arrive", "客一", "--asks", "赵磊")
    with_overlay(office, "2025-01-01")
    said = crm("rotate", "arrive", "客二", "--asks", "赵磊", office=office)
    assert said.code == 3
    assert "no longer says what decisions of this office rest on" in said.err


def test_why_and_log_show_what_was_cited_when_the_text_was_changed_since(office: Path) -> None:
    events = done(office, "rotate", "arrive", "客一")["events"]
    assert isinstance(events, list)
    path = office / "policies" / desk.HOUSE / "rotation@2025-01-01.yaml"
    path.write_text(
        path.read_text("utf-8").replace(
            "receiver: turn, count: turn}, article: 第9条", "receiver: turn, count: extra}, article: 第9条"
        )
    )
    why = crm("why", events[0], office=office)
    assert why.code == 0
    assert "receive#in_turn" in why.out
    assert "the text has been changed since; ledger/policies keeps the one it was decided by" in why.out
    assert "=> " in why.out  # the rules that still stand are explained
    said = done(office, "why", events[0])
    assert said["changed"]
    assert [cite["rule"] for cite in said["cites"]].count("receive") == 1  # type: ignore[attr-defined]
    assert "receive#in_turn" in crm("log", office=office).out
