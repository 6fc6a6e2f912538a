"""Each fault planted into a small whole declaration, one by one: the check finds it, there, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crm_cli.policy.check import check
from crm_cli.rules.topics import TOPICS as OFFICE

from .case_house import AT, PARKING, WORDS, errors, write
from .house import TOPICS

if TYPE_CHECKING:
    from pathlib import Path

DUTY = "    duties:\n"
THANK = "      thank: {by: anyone, after: [approve], asks: [approver], after_close: true}\n"
DECIDE = "      decide: {by: owner, after: [price], takes: [reason], state: refused}\n"
PRICE = "price: {asks: [rent, most], again: afresh, state: priced, needs: [{must: {rent: at most most}, else: warn}]}"
MERE = "price: {asks: [rent, most], again: afresh, state: priced}"


def line_of(text: str, mark: str) -> int:
    """Answer the line on which a text stands first."""
    return text[: text.index(mark)].count("\n") + 1


def planted(folder: Path, old: str, new: str, mark: str, what: str) -> None:
    """Change the declaration, and want exactly this finding at the line of the mark."""
    assert old in PARKING
    text = PARKING.replace(old, new, 1)
    found = errors(folder, text)
    assert [one.partition(": error: ")[2] for one in found] == [what]
    assert int(found[0].partition(":")[0]) == line_of(text, mark), found


FAULTS = [
    # ── steps ──
    (
        "nobody says who may",
        "file: {by: gate, state: filed}",
        "file: {state: filed}",
        "file: {state",
        "nobody may do the step 'file': no by says who",
    ),
    (
        "a hand that nothing names",
        THANK + "      decide: {by: owner,",
        THANK.replace("approver", "reason") + "      decide: {by: approver,",
        "      decide:",
        "nobody may do the step 'decide': no step that can be done before it sets 'approver'",
    ),
    (
        "by within not_by",
        "decide: {by: owner,",
        "decide: {by: adviser, not_by: [adviser],",
        "      decide:",
        "nobody may do the step 'decide': not_by bars whoever is named in 'adviser'",
    ),
    (
        "office without an effect",
        "say: {by: anyone,",
        "say: {by: office,",
        "say:",
        "nobody may do the step 'say': it is left to office, and no effect does it",
    ),
    ("nothing opens", "        opens: true\n", "", "  parking:\n", "no step opens a case of 'parking'"),
    (
        "steps wait for each other",
        PRICE,
        PRICE.replace("asks: [rent, most]", "asks: [rent, most], after: [approve]"),
        "price:",
        "these steps wait for each other: price, approve",
    ),
    (
        "a step waits for itself",
        "decide: {by: owner, after: [price]",
        "decide: {by: owner, after: [decide]",
        "decide: {",
        "these steps wait for each other: decide",
    ),
    (
        "a row that waits for its own step",
        PRICE,
        MERE[:-1] + ", needs: [{when: {size: large}, after: [approve]}]}",
        "price:",
        "'price' can never be done when the row 'price.needs.1' holds",
    ),
    (
        "a row that contradicts itself",
        PRICE,
        MERE[:-1] + ", needs: [{when: {size: large}, must: {size: small}}]}",
        "price:",
        "'price' can never be done when the row 'price.needs.1' holds",
    ),
    (
        "a row that wants what nothing sets",
        PRICE,
        MERE[:-1] + ", needs: [{when: {size: large}, must: {approver: given}}]}",
        "price:",
        "'price' can never be done when the row 'price.needs.1' holds",
    ),
    (
        "a row whose hand nothing names",
        PRICE,
        MERE[:-1] + ", needs: [{when: {size: large}, by: approver}]}",
        "price:",
        "'price' can never be done when the row 'price.needs.1' holds",
    ),
    (
        "an approval of one's own",
        "        not_by: [price]\n",
        "",
        "      approve:\n",
        "'approve' does not bar whoever proposed from approving",
    ),
    # ── closing ──
    (
        "a closed state that no step leads to",
        "closed: [given, refused]",
        "closed: [given, refused, lapsed]",
        "closed: [given",
        "'lapsed' is not a state (asked, priced, refused, given); did you mean 'asked'?",
    ),
    (
        "what is owed before closing is met after it",
        DUTY,
        DUTY + "      sign: {from: ask, until: thank}\n",
        "      sign:",
        "the duty 'sign' must be met before 'approve', and only what comes after that meets it",
    ),
    # ── duties ──
    ("a clock that never stops", "        until: [approve, decide]\n", "", "        from: ask\n", "'until' is missing"),
    (
        "a duty that blocks what meets it",
        DUTY,
        DUTY + "      look: {from: ask, until: [say, price], before: [price]}\n",
        "      look:",
        "the duty 'look' blocks 'price', which meets it",
    ),
    (
        "a duty that blocks the way to what meets it",
        DUTY,
        DUTY + "      look: {from: ask, until: decide, before: [price]}\n",
        "      look:",
        "the duty 'look' must be met before 'price', and only what comes after that meets it",
    ),
    (
        "outlives, and is met by nothing",
        DUTY,
        DUTY + "      look: {from: ask, until: say, outlives: true}\n",
        "      look:",
        "the duty 'look' outlives the case, and no step that meets it may be done then",
    ),
    (
        "begins at the end",
        DUTY,
        DUTY + "      look: {from: decide, until: thank}\n",
        "      look:",
        "the duty 'look' begins when the case closes, and does not outlive it",
    ),
    (
        "an escalation before the warning",
        "escalate: [{at: due, to: head},",
        "escalate: [{at: 8h before due, to: head},",
        "escalate:",
        "an escalation comes when it is due or after it; '8h before due' is when to warn",
    ),
    (
        "escalations out of order",
        "[{at: due, to: head}, {at: 2h after due, to: at least head}]",
        "[{at: 2h after due, to: head}, {at: due, to: at least head}]",
        "escalate:",
        "the escalations of 'answer' are not in order of time",
    ),
    (
        "a warning in working time",
        "warn: 4h before due",
        "warn: 1 working day before due",
        "warn:",
        "'1 working day before due' is not counted by the clock",
    ),
    (
        "an escalation in months",
        "{at: 2h after due, to: at least head}",
        "{at: 1 month after due, to: at least head}",
        "escalate:",
        "'1 month after due' is not counted by the clock",
    ),
    (
        "a warning before the beginning",
        "warn: 4h before due",
        "warn: 4 days before due",
        "warn:",
        "the duty 'answer' would warn before it begins",
    ),
    (
        "an escalation without a limit",
        DUTY,
        DUTY + "      look: {from: ask, until: say, escalate: [{at: due, to: head}]}\n",
        "      look:",
        "the duty 'look' has no limit, so that 'escalate' never comes",
    ),
    (
        "a warning of what is never late",
        DUTY,
        DUTY + "      look: {from: ask, until: say, within: unset, warn: 4h before due}\n",
        "      look:",
        "the duty 'look' has no limit, so that 'warn' never comes",
    ),
    (
        "a time compared with a word",
        "needs: [{when: {size: large}, asks: [[signed, adviser]]",
        "needs: [{when: {signed: later}, asks: [[signed, adviser]]",
        "needs: [{when",
        "'signed' is a time, and is not compared with a word or another time",
    ),
    (
        "values among a field that nobody declares",
        "needs: [{when: {size: large}, asks: [[signed, adviser]]",
        "needs: [{when: {size: {among: sizes}}, asks: [[signed, adviser]]",
        "needs: [{when",
        (
            "'sizes' is not a field (plate, how, size, rent, most, signed, adviser, approver, reason, same_car);"
            " did you mean 'size'?"
        ),
    ),
    (
        "items that nothing owes",
        "needs: [{when: {size: large}, asks: [[signed, adviser]]",
        "needs: [{must: {signed: owed}, asks: [[signed, adviser]]",
        "needs: [{must",
        "'ask' can never be done when the row 'ask.needs.1' holds",
    ),
    (
        "an item that nothing takes",
        DUTY,
        DUTY + "      look: {from: ask, each: [desk, phone], until: say, item: how}\n",
        "      look:",
        "no step that meets the duty 'look' asks or takes 'how'",
    ),
    (
        "each of words without item",
        DUTY,
        DUTY + "      look: {from: ask, each: [desk, phone], until: say}\n",
        "      look:",
        "the duty 'look' is owed once for each word, and no item says which is met",
    ),
    # ── figures ──
    (
        "a figure of nothing",
        "      asked: {step: ask, by: how}\n",
        "      asked: {when: {how: desk}}\n",
        "asked: {when",
        "this figure counts nothing",
    ),
    (
        "a figure of what is never late",
        (
            "within: [{when: {size: large}, limit: 3 days}, {limit: 24h}]\n        warn: 4h before due\n"
            "        escalate: [{at: due, to: head}, {at: 2h after due, to: at least head}]\n"
            "        late: [{fact: slow, who: [gate]}]\n"
        ),
        "within: unset\n",
        "late: {duty",
        "the figure 'late' counts nothing: the duty 'answer' has no limit",
    ),
]


@pytest.mark.parametrize(("old", "new", "mark", "what"), [one[1:] for one in FAULTS], ids=[one[0] for one in FAULTS])
def test_a_planted_fault_is_found(folder: Path, old: str, new: str, mark: str, what: str) -> None:
    planted(folder, old, new, mark, what)


GOING_BACK = """\
      approve:
        by: at least head
        after: [price, vouch]
        not_by: [price]
        state: [{when: {rent: over 500}, is: refused}, {is: given}]
        ref: "A.2"
      vouch: {by: anyone, after: [price]%s}
      again: {by: head, after: [price], back_to: %s}
"""


@pytest.mark.parametrize("back", ["ask", "price"])
def test_an_entry_that_would_survive_going_back(folder: Path, back: str) -> None:
    begin, end = PARKING.index("      approve:\n"), PARKING.index("      decide:")
    road = ", again: true, state: vouched"
    assert errors(folder, PARKING[:begin] + GOING_BACK % (road, back) + PARKING[end:]) == []
    text = PARKING[:begin] + GOING_BACK % ("", back) + PARKING[end:]
    line = line_of(text, "after: [price, vouch]")
    what = "'vouch' stands though the road goes back, and 'approve' would be done on the old one"
    assert errors(folder, text) == [f"{line}:9: error: {what}"]


NAMES = [
    ("  parking:\n    kind", "  log:\n    kind", "  log:", "'log' is a command of the program already"),
    ("  parking.month:", "  parking.list:", "  parking.list:", "'list' is a command of the program already"),
    ("      say: {by", "      show: {by", "      show:", "'show' is a command of every kind already"),
    (
        "      say: {by",
        "      month.ask: {by",
        "      month.ask:",
        "'parking.month' is a step here, and a kind of its own",
    ),
    (
        "      most: money",
        "      at: date\n      most: money",
        "      at:",
        "'at' is an option of every command already",
    ),
]


@pytest.mark.parametrize(("old", "new", "mark", "what"), NAMES, ids=[one[3] for one in NAMES])
def test_a_name_that_a_command_line_reads_otherwise(folder: Path, old: str, new: str, mark: str, what: str) -> None:
    text = PARKING.replace(old, new, 1)
    for name in ("log",) if mark == "  log:" else ():
        text = text.replace("link: parking", f"link: {name}").replace("kind: parking", f"kind: {name}")
        text = text.replace("about: parking", f"about: {name}")
    text = text.replace("except: [say]", f"except: [{mark.strip(' :')}]") if "say" in old else text
    assert errors(folder, text) == [f"{line_of(text, mark)}:{mark.count(' ') + 1}: error: {what}"]


def test_a_kind_is_declared_once(folder: Path) -> None:
    write(folder)
    second = PARKING.replace("policy: parking", "policy: places")
    (folder / "yard" / "places@2025-01-01.yaml").write_text(second)
    wrong = [one for one in check(folder, "yard", [], TOPICS) if one.level == "error"]
    assert [(one.file.partition("@")[0], one.line, one.what) for one in wrong] == [
        (
            "policies/yard/parking",
            line_of(PARKING, "  parking:"),
            "the kind 'parking' is declared twice, in places too",
        ),
        (
            "policies/yard/parking",
            line_of(PARKING, "  parking.m"),
            "the kind 'parking.month' is declared twice, in places too",
        ),
    ]


def test_a_field_that_nothing_sets_and_words_without_a_label(folder: Path) -> None:
    text = PARKING.replace("      reason: text\n", "      reason: text\n      colour: text\n")
    write(folder, text)
    warned = [one.text.removeprefix(f"policies/{AT}:") for one in check(folder, "yard", [], TOPICS)]
    assert f"{line_of(text, 'colour')}:7: warning: nothing sets the field 'colour'" in warned
    assert f"{line_of(text, 'how: [')}:7: warning: the case_word 'desk' has no label" in warned
    assert f"{line_of(text, 'approve:')}:7: warning: the case_step 'approve' has no label" in warned
    words = "labels:\n  case_word:\n    desk: {zh: 柜台, en: desk}\n" + WORDS.removeprefix("labels:\n")
    write(folder, text, words)
    assert not [one for one in check(folder, "yard", [], TOPICS) if "'desk'" in one.what]


def test_a_look_up_that_a_refusal_names_wants_a_label(folder: Path) -> None:
    twin = PARKING.replace("    others:\n", "    others:\n      twin: {kind: parking, same: [plate]}\n", 1)
    named = twin.replace("    needs:\n", "    needs:\n      - {must: {twin: none}, article: A.9}\n", 1)
    for text, warns in ((twin, False), (named, True)):
        write(folder, text)
        told = [one for one in check(folder, "yard", [], TOPICS) if one.what == "the case_field 'twin' has no label"]
        assert bool(told) == warns


LABEL = "correct the name, or add it to words.yaml under labels: field:"
ITSELF = "test adviser itself: a role, a person field, of FIELD"
BEHIND = [
    ("customer.grad: a", "'grad' is no field of customer (", LABEL),
    ("customer.grade: z", "'z' is not a customer.grade (a, b)", None),
    ("customer.state: open", "'open' is said of steps and duties;", None),
    ("adviser.team: gate", "of whom 'adviser' names no field is known", ITSELF),
    ("customer.colour: red", "", None),
    ("customer.grade: [a, b]", "", None),
    ("customer.name: given", "", None),
]


@pytest.mark.parametrize(("cell", "what", "fix"), BEHIND, ids=[one[0] for one in BEHIND])
def test_what_is_asked_of_somebody_behind_a_field_is_known_of_them(
    folder: Path, cell: str, what: str, fix: str | None
) -> None:
    text = PARKING.replace("      reason: text\n", "      reason: text\n      customer: customer\n", 1)
    text = text.replace("takes: [size,", "takes: [customer, size,", 1)
    text = text.replace("{when: {size: large}, asks:", f"{{when: {{{cell}}}, asks:", 1)
    own = "labels:\n  grade: {a: {zh: 甲, en: A}, b: {zh: 乙, en: B}}\n  field: {colour: {zh: 颜色, en: colour}}\n"
    write(folder, text, own + WORDS.removeprefix("labels:\n"))
    found = [one for one in check(folder, "yard", [], OFFICE) if one.level == "error" and one.file.endswith(AT)]
    assert bool(found) == bool(what), found
    for one in found:
        line = text.splitlines()[(one.line or 0) - 1]
        assert one.what.startswith(what), one.what
        assert line[(one.column or 0) - 1 :].startswith((cell.partition(":")[0], cell.rpartition(" ")[2]))
        assert fix in (None, one.fix)
