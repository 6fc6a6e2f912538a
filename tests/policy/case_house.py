"""A small house with a kind of case of its own invention: a request for a parking place."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from crm_cli.policy.book import Book
from crm_cli.policy.check import check
from crm_cli.rules.case.kinds import kinds

from .house import TOPICS

if TYPE_CHECKING:
    from pathlib import Path

    from crm_cli.policy.ask import CaseRule

AT = "yard/parking@2025-01-01.yaml"
DAY = dt.date(2025, 3, 1)
WORDS = """\
labels:
  case_fact:
    slow: {zh: 处理太慢, en: too slow}
roles:
  gate: {zh: 门卫, en: gate keeper}
  head: {zh: 主任, en: head of the yard}
  owner: {zh: 车主, en: owner}
"""
PARKING = """\
policy: parking
house: yard
edition: 2025-01-01
title: {zh: 停车位, en: Parking places}
ranks: [gate, head]
rules:
  parking:
    kind: case
    title: {zh: 车位申请, en: request for a place}
    number: TC
    by: gate
    closed: [given, refused]
    fields:
      plate: {type: plate, personal: true}
      how: [desk, phone]
      size: {of: [small, large], start: small}
      rent: money
      most: money
      signed: date
      adviser: person
      approver: person
      reason: text
      same_car: {link: parking, many: true}
    others:
      earlier: {kind: parking, same: [plate], when: {state: open, decide: not done}}
    needs:
      - {not_by: adviser, except: [say]}
    then:
      - {when: {how: phone}, set: {adviser: head}}
    steps:
      ask:
        opens: true
        asks: [plate, how]
        takes: [size, signed, adviser]
        state: asked
        ref: "A.1"
        needs: [{when: {size: large}, asks: [[signed, adviser]], article: "2"}]
        then: [{when: {earlier: some}, set: {same_car: {copy: earlier}}}]
      say: {by: anyone, asks: [reason]}
      price: {asks: [rent, most], again: afresh, state: priced, needs: [{must: {rent: at most most}, else: warn}]}
      approve:
        by: at least head
        after: [price]
        not_by: [price]
        state: [{when: {rent: over 500}, is: refused}, {is: given}]
        ref: "A.2"
        says: 主任定
      thank: {by: anyone, after: [approve], asks: [approver], after_close: true}
      decide: {by: owner, after: [price], takes: [reason], state: refused}
    duties:
      answer:
        from: ask
        until: [approve, decide]
        within: [{when: {size: large}, limit: 3 days}, {limit: 24h}]
        warn: 4h before due
        escalate: [{at: due, to: head}, {at: 2h after due, to: at least head}]
        late: [{fact: slow, who: [gate]}]
        ref: "A.3"
  parking.month:
    kind: case
    title: {zh: 车位月报, en: monthly sheet}
    every: month
    about: parking
    closed: [filed]
    counts:
      asked: {step: ask, by: how}
      large: {step: ask, when: {size: large}}
      share: {rate: large, of: asked}
      late: {duty: answer, is: late, dated: due}
      open: {state: open}
    steps:
      file: {by: gate, state: filed}
    duties:
      filing: {from: period, until: file, within: day 10 of next month}
"""


def write(folder: Path, text: str = PARKING, words: str = WORDS) -> None:
    """Write the house, which has nothing but its cases."""
    (folder / "yard").mkdir(parents=True, exist_ok=True)
    (folder / "words.yaml").write_text("labels: {}\n")
    (folder / "yard" / "words.yaml").write_text(words)
    (folder / "yard" / "parking@2025-01-01.yaml").write_text(text)


def declared(folder: Path, text: str = PARKING) -> dict[str, CaseRule]:
    """Answer the kinds of the house as they are compiled."""
    write(folder, text)
    return kinds(Book.open(folder, "yard", [], TOPICS, None).at(DAY))


def errors(folder: Path, text: str = PARKING, words: str = WORDS) -> list[str]:
    """Answer what `policy check` says is wrong with the cases of the house, as LINE:COLUMN: WHAT."""
    write(folder, text, words)
    found = check(folder, "yard", [], TOPICS)
    return [one.text.removeprefix(f"policies/{AT}:") for one in found if one.level == "error"]
