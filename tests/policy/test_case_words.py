"""What is written where something else is wanted, and what the check tells somebody to write instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crm_cli.policy.check import check

from .case_house import PARKING, write
from .house import TOPICS

if TYPE_CHECKING:
    from pathlib import Path

FIELD = "      reason: text\n"
SAY = "      say: {by: anyone, asks: [reason]}\n"
DUTY = "    duties:\n"
OTHERS = "    others:\n"
SLIPS: list[tuple[str, str, tuple[str, str]]] = [
    (
        SAY,
        "      say: {by: anyone, asks: [reason], needs: [{when: {plate: raised}, asks: [reason]}]}\n",
        (
            "'plate' has no order: only a number, an amount or a list of words is raised or lowered",
            "write given, missing, or a word",
        ),
    ),
    (
        SAY,
        "      say: {by: anyone, asks: [reason], needs: [{when: {plate: past}, asks: [reason]}]}\n",
        ("'plate' is no time, and is neither past nor to come", "name a field of the type date or time"),
    ),
    (
        DUTY,
        DUTY + "      Look: {from: ask, until: say}\n",
        ("'Look' is no name of a duty", "write small letters a to z, digits and _"),
    ),
    (FIELD, FIELD + "      bare: {many: true}\n", ("the field has no type", "write type:, of: or link:")),
    (
        FIELD,
        FIELD + "      bare: {type: text, forbids: [never]}\n",
        ("only a reply is read for words", "write type: reply"),
    ),
    (FIELD, FIELD + "      bare: {type: money, start: soon}\n", ("a number is wanted here", "write digits")),
    (
        SAY,
        "      say: {by: anyone, asks: [reason], then: [{set: {rent: {share: half, per: month}}}]}\n",
        ("a share is wanted here", "write 50 %"),
    ),
    (
        DUTY,
        DUTY + "      look: {from: ask, until: say, within: {days: 3}}\n",
        ("a limit is wanted here", "write one like: 24h, 3 days, unset"),
    ),
    (
        DUTY,
        DUTY + "      look: {from: ask, until: say, within: 3 days after nothing}\n",
        ("'nothing' is not a field of the type date/time (signed)", "correct the name, or declare it"),
    ),
    (
        SAY,
        "      say: {by: anyone, asks: [reason], then: [{set: {reason: now}}]}\n",
        ("only a date or a time is set to now", "write a value"),
    ),
    (
        OTHERS,
        OTHERS + "      twin: {kind: parking, same: [colour]}\n",
        (
            "'colour' is not a field (plate, how, size, rent, most, signed, adviser, approver, reason, same_car, self)",
            "correct the name, or declare it",
        ),
    ),
    (
        SAY,
        "      Say: {by: anyone, asks: [reason]}\n",
        ("'Say' is no name of a step", "write small letters a to z, digits and _; a dot after the verb"),
    ),
    (
        SAY,
        "      say: {by: anyone, asks: [reason], args: [plate]}\n",
        ("'plate' stands in args, but the step neither asks nor takes it", "write it under asks: or takes: too"),
    ),
    (
        OTHERS,
        OTHERS + "      Twin: {kind: parking, same: [plate]}\n",
        ("'Twin' is no name of a look-up", "write small letters a to z, digits and _"),
    ),
    (
        "rules:\n",
        "rules:\n  who:\n    kind: may\n    rows: [{act: see, by: gate, article: '1'}]\n",
        ("a topic of cases holds case, checklist and table, not may", "move the rule to another topic, or remove it"),
    ),
    (
        DUTY,
        DUTY + "      look: {from: ask, until: say, outlives: true}\n",
        (
            "the duty 'look' outlives the case, and no step that meets it may be done then",
            "write after_close: true at a step of until:",
        ),
    ),
    (
        DUTY,
        DUTY + "      look: {from: ask, until: [say, price], before: [price]}\n",
        (
            "the duty 'look' blocks 'price', which meets it",
            "take the step out of before:, or name another one in until:",
        ),
    ),
    (
        DUTY,
        DUTY + "      look: {from: ask, until: decide, before: [price]}\n",
        (
            "the duty 'look' must be met before 'price', and only what comes after that meets it",
            "let an earlier step meet it, or take it out of before:; after closing: write outlives: true",
        ),
    ),
    (
        DUTY,
        DUTY + "      look: {from: ask, until: say, warn: 4h before due}\n",
        ("the duty 'look' has no limit, so that 'warn' never comes", "write within:, or remove it"),
    ),
    (
        "warn: 4h before due",
        "warn: 4 days before due",
        ("the duty 'answer' would warn before it begins", "write a time shorter than the limit"),
    ),
    (
        "[{at: due, to: head}, {at: 2h after due, to: at least head}]",
        "[{at: 2h after due, to: head}, {at: due, to: at least head}]",
        (
            "the escalations of 'answer' are not in order of time",
            "write the earlier one first, each at a time of its own",
        ),
    ),
    (
        DUTY,
        DUTY + "      end: {from: ask, until: approve, within: 30 days, late: [{do: decide}]}\n",
        (
            "the breach of 'end' does 'decide', which closes the case while that duty is owed",
            "name the step in until:, too, or write drops: true at the step",
        ),
    ),
    (
        DUTY,
        DUTY + "      look: {from: ask, each: [desk, phone], until: say, item: how}\n",
        (
            "no step that meets the duty 'look' asks or takes 'how'",
            "write the field under asks: or takes: of a step of until:",
        ),
    ),
    (
        DUTY,
        DUTY + "      look: {from: ask, each: [desk, phone], until: say}\n",
        (
            "the duty 'look' is owed once for each word, and no item says which is met",
            "write item: and the field of the until step",
        ),
    ),
    (
        "        not_by: [price]\n",
        "",
        (
            "'approve' does not bar whoever proposed from approving",
            "write not_by: and the step or field that names them",
        ),
    ),
    (
        SAY,
        "      say: {by: anyone, asks: [reason], needs: [{when: {same_car.colour: red}, asks: [reason]}]}\n",
        (
            "'colour' is no field of parking (plate, how, size, rent, most, signed, adviser, approver, reason, same_car, state)",  # noqa: E501
            "correct the name, or declare it",
        ),
    ),
    (
        SAY,
        SAY + "      show: {by: anyone, asks: [reason]}\n",
        ("'show' is a command of every kind already", "give the step another name"),
    ),
    (
        FIELD,
        FIELD + "      json: text\n",
        ("'json' is an option of every command already", "give the field another name"),
    ),
    (
        DUTY,
        DUTY + "      look: {from: decide, until: thank}\n",
        (
            "the duty 'look' begins when the case closes, and does not outlive it",
            "write outlives: true, and after_close: true at what meets it",
        ),
    ),
    (
        SAY,
        SAY + "      one: {by: gate, after: [two]}\n      two: {by: gate, after: [one]}\n",
        ("these steps wait for each other: one, two", "take one of them out of after:"),
    ),
    (
        "within: [{when: {size: large}, limit: 3 days}, {limit: 24h}]\n        warn: 4h before due\n        escalate: [{at: due, to: head}, {at: 2h after due, to: at least head}]\n        late: [{fact: slow, who: [gate]}]\n",  # noqa: E501
        "within: unset\n",
        ("the figure 'late' counts nothing: the duty 'answer' has no limit", "write within: at the duty"),
    ),
    (
        SAY,
        "      say: {by: anyone, asks: [reason], needs: [{not_before: 3 days}]}\n",
        ("'3 days' runs from nothing", "write … after FIELD"),
    ),
    (
        "price: {asks: [rent, most], again: afresh, state: priced, needs: [{must: {rent: at most most}, else: warn}]}",
        "price: {asks: [rent, most], again: afresh, state: priced, needs: [{when: {size: large}, by: approver}]}",
        (
            "'price' can never be done when the row 'price.needs.1' holds",
            "correct after:, by: or must: of the row, or its when:",
        ),
    ),
]


def found(folder: Path, old: str, new: str) -> list[tuple[str, str]]:
    assert old in PARKING
    write(folder, PARKING.replace(old, new, 1))
    return [(one.what, one.fix) for one in check(folder, "yard", [], TOPICS) if one.level == "error"]


@pytest.mark.parametrize(("old", "new", "told"), SLIPS, ids=[told[0] for _old, _new, told in SLIPS])
def test_a_slip_is_told_with_what_to_write_instead(folder: Path, old: str, new: str, told: tuple[str, str]) -> None:
    assert told in found(folder, old, new)


VOUCHED = "after: [price, vouch]\n        not_by: [price]"
VOUCH = "      vouch: {by: anyone, after: [price]}\n      again: {by: head, after: [price], back_to: ask}\n"


def test_the_fix_of_an_entry_that_survives_going_back(folder: Path) -> None:
    text = PARKING.replace("after: [price]\n        not_by: [price]", VOUCHED, 1).replace(SAY, SAY + VOUCH, 1)
    write(folder, text)
    fixes = [one.fix for one in check(folder, "yard", [], TOPICS)]
    assert "give 'vouch' a state, so that it is a step of the road" in fixes


def test_a_row_of_a_queue_says_something(folder: Path) -> None:
    whats = [what for what, _fix in found(folder, OTHERS, "    queue: [{}]\n" + OTHERS)]
    assert "the row says nothing" in whats
