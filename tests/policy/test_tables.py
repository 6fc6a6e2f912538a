from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_cli.policy.document import rule_of
from crm_cli.policy.draft import Origin
from crm_cli.policy.finding import Findings
from crm_cli.policy.forms import table
from crm_cli.policy.source import parse
from crm_cli.policy.vocabulary import FLAG, Number, Same, Table, Topic, Vocabulary

if TYPE_CHECKING:
    from crm_cli.policy.draft import Rule

STATUS = ("free", "new", "open")
TOPIC = Topic(
    "t",
    {
        "status": STATUS,
        "clerk": FLAG,
        "wait": Number(0, 9),
        "big": Number(),
        "turn": ("serve", "owe"),
        "other": Same("status"),
    },
)
VOCABULARY = Vocabulary(TOPIC, {})


def rule(text: str, found: Findings) -> Rule:
    node = parse(("kind: table\n" + text).encode(), "f", found)
    assert node is not None
    made = rule_of("turn", node, node.place, Origin("desk", "2025-01-01"), found)
    assert made is not None
    return made


def test_only_a_table_asked_for_many_rows_may_answer_all() -> None:
    found = Findings()
    made = rule("inputs: [status]\noutputs: [turn]\nhit: all\n" + rows(("a", "")), found)
    table.compiled(made, Table(("status",), ("turn",)), VOCABULARY, found)
    assert [one.what for one in found.all()] == ["'all' is not a way to hit (unique, first)"]


def findings(text: str, inputs: tuple[str, ...] = ("status",), vocabulary: Vocabulary = VOCABULARY) -> list[str]:
    found = Findings()
    head = f"inputs: [{', '.join(inputs)}]\noutputs: [turn]\n"
    table.compiled(rule(head + text, found), Table(inputs, ("turn",), many=True), vocabulary, found)
    return [one.text.partition(":")[2] for one in found.all()]


ROW = "  - {{id: {}, when: {{{}}}, then: {{turn: {}}}}}\n"


def rows(*written: tuple[str, str] | tuple[str, str, str]) -> str:
    return "rows:\n" + "".join(ROW.format(*(*one, "serve")[:3]) for one in written)


COMPLETE = [("a", "status: free"), ("b", "status: [new, open]")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (rows(*COMPLETE), []),
        (rows(("a", "status: {not: free}"), ("b", "status: free")), []),
        (rows(("a", "status: {not: [free, new]}"), ("b", "status: [free, new]")), []),
        (rows(("a", "")), []),
        (rows(("a", "status: free")), ["1:1: error: no row of turn takes {status: [new, open]}"]),
        (
            rows(*COMPLETE, ("c", "status: new")),
            ["7:19: error: rows 'b' and 'c' both take {status: new}"],
        ),
        (
            rows(("a", "status: fre"), ("b", "status: {not: free}")),
            ["5:28: error: 'fre' is not a status (free, new, open); did you mean 'free'?"],
        ),
        (rows(("a", "statu: free")), ["5:20: error: 'statu' is not a key here (status); did you mean 'status'?"]),
        (rows(("a", "", "pay")), ["5:36: error: 'pay' is not a turn (serve, owe)"]),
        (rows(("a", "status: [free, free]")), ["5:35: error: 'free' stands here twice"]),
        (rows(("a", "status: []")), ["5:28: error: a list that is not empty is wanted here"]),
        (
            rows(("a", "status: {nor: free}")),
            [
                "5:28: error: 'not' is missing",
                "5:29: error: 'nor' is not a key here (not); did you mean 'not'?",
            ],
        ),
        (rows(("a", "status: {not: [free, new, open]}")), ["5:28: error: no status is left over"]),
        ("rows:\n  - {when: {}, then: {turn: owe}}\n", ["5:5: error: the row has no id"]),
        ("rows:\n  - {id: a, when: {}}\n", ["5:5: error: 'then' is missing"]),
        ("rows:\n  - {id: a, then: {}}\n", ["5:19: error: 'turn' is missing"]),
        (rows(("a", ""), ("a", "")), ["6:5: error: there are two rows 'a'"]),
        ("hit: some\n" + rows(("a", "")), ["4:6: error: 'some' is not a way to hit (unique, first, all)"]),
        ("otherwise: {then: {turn: owe}}\n" + rows(("a", "status: free")), []),
        (
            "otherwise: {then: {turn: owe}}\n" + rows(("a", "")),
            ["4:1: error: otherwise can never fire: the rows take everything"],
        ),
        (
            "otherwise: {when: {status: new}, then: {turn: owe}}\n" + rows(("a", "status: free")),
            ["4:19: error: otherwise has no when"],
        ),
        ("impossible: [{status: open}]\n" + rows(("a", "status: [free, new]")), []),
        (
            "impossible: [{status: open}]\n" + rows(("a", "status: [free, new]"), ("b", "status: open")),
            ["7:5: error: row 'b' holds only what is impossible"],
        ),
        (
            "hit: first\n" + rows(("a", ""), ("b", "status: open")),
            ["7:5: error: row 'b' can never fire: a take all of it"],
        ),
        (
            "hit: first\n" + rows(("a", "status: [free, new]"), ("b", "status: [new, open]", "owe")),
            ["7:19: warning: row 'a' takes {status: new} before 'b', with another outcome"],
        ),
        ("hit: first\n" + rows(("a", "status: [free, new]"), ("b", "status: [new, open]")), []),
        ("hit: first\n" + rows(("a", "status: new"), ("b", "", "owe")), []),
        ("hit: first\n" + rows(("a", "status: new")), ["1:1: error: no row of turn takes {status: [free, open]}"]),
        ("hit: all\n" + rows(("a", "status: new"), ("b", "status: new")), []),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert findings(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (rows(("a", "wait: at most 3"), ("b", "wait: over 3")), []),
        (rows(("a", "wait: under 3"), ("b", "wait: at least 3")), []),
        (rows(("a", "wait: 0 to 3"), ("b", "wait: {not: 0 to 3}")), []),
        (rows(("a", "wait: [0, 1, 5 to 9]"), ("b", "wait: [2 to 4]")), []),
        (
            rows(("a", "wait: at most 3"), ("b", "wait: at least 6")),
            ["1:1: error: no row of turn takes {wait: 4 to 5}"],
        ),
        (
            rows(("a", "wait: at most 3"), ("b", "wait: at least 3")),
            ["6:19: error: rows 'a' and 'b' both take {wait: 3}"],
        ),
        (rows(("a", "wait: over 9"), ("b", "wait: 0 to 9")), ["5:26: error: no number fits this range"]),
        (rows(("a", "wait: 5 to 3")), ["5:26: error: no number fits this range"]),
        (rows(("a", "wait: many")), ["5:26: error: a number or a range is wanted here"]),
        (rows(("a", "wait: true")), ["5:26: error: a number or a range is wanted here"]),
    ],
)
def test_numbers(text: str, expected: list[str]) -> None:
    assert findings(text, ("wait",)) == expected


def test_a_number_without_end_has_a_gap_without_end() -> None:
    assert findings(rows(("a", "big: at most 3")), ("big",)) == ["1:1: error: no row of turn takes {big: at least 4}"]


def test_flags() -> None:
    assert findings(rows(("a", "clerk: true")), ("clerk",)) == ["1:1: error: no row of turn takes {clerk: false}"]
    assert findings(rows(("a", "clerk: free")), ("clerk",)) == ["5:27: error: clerk is true or false"]
    assert not findings(rows(("a", "clerk: true"), ("b", "clerk: {not: true}")), ("clerk",))


def test_a_gap_names_only_the_facts_that_matter() -> None:
    text = rows(("a", "status: free"), ("b", "status: [new, open], clerk: true"))
    assert findings(text, ("status", "clerk", "wait")) == [
        "1:1: error: no row of turn takes {status: [new, open], clerk: false}"
    ]


def test_words_that_a_house_adds_are_part_of_the_proof() -> None:
    own = Vocabulary(TOPIC, {"status": ("training",)})
    assert findings(rows(*COMPLETE), vocabulary=own) == ["1:1: error: no row of turn takes {status: training}"]
    other = rows(("a", "other: free"), ("b", "other: [new, open]"))
    assert findings(other, ("other",), own) == ["1:1: error: no row of turn takes {other: training}"]


def test_wrong_inputs_and_outputs() -> None:
    found = Findings()
    made = rule("inputs: [clerk]\noutputs: [turn]\nrows: [{id: a, then: {turn: owe}}]\n", found)
    table.compiled(made, Table(("status",), ("turn",)), VOCABULARY, found)
    assert [one.what for one in found.all()] == ["'clerk' is not a name among the inputs of turn (status)"]
    found = Findings()
    made = rule("inputs: [status]\nrows: [{id: a, then: {turn: owe}}]\n", found)
    table.compiled(made, Table(("status", "clerk"), ("turn",)), VOCABULARY, found)
    assert [one.what for one in found.all()] == ["'outputs' is missing", "the inputs of turn lack 'clerk'"]


WORDS = st.lists(st.sampled_from(STATUS), min_size=1, max_size=2, unique=True)
RANGES = st.tuples(st.integers(0, 9), st.integers(0, 9)).map(sorted)
CELLS = st.fixed_dictionaries(
    {},
    optional={"status": WORDS, "clerk": st.booleans(), "n": RANGES, "not": WORDS},
)


def written(when: dict[str, Any]) -> str:
    cells = []
    if "not" in when:
        cells.append(f"status: {{not: [{', '.join(when['not'])}]}}")
    elif "status" in when:
        cells.append(f"status: [{', '.join(when['status'])}]")
    if "clerk" in when:
        cells.append(f"clerk: {str(when['clerk']).lower()}")
    if "n" in when:
        cells.append(f"wait: {when['n'][0]} to {when['n'][1]}")
    return ", ".join(cells)


def takes(when: dict[str, Any], status: str, clerk: bool, n: int) -> bool:
    by_status = status not in when["not"] if "not" in when else status in when.get("status", STATUS)
    low, high = when.get("n", (0, 9))
    return by_status and when.get("clerk", clerk) == clerk and low <= n <= high


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(CELLS, min_size=1, max_size=5), st.lists(CELLS, max_size=2), st.sampled_from(["unique", "first"]))
def test_the_proof_agrees_with_trying_everything(
    whens: list[dict[str, Any]], impossible: list[dict[str, Any]], hit: str
) -> None:
    world = [
        facts
        for facts in itertools.product(STATUS, (True, False), range(10))
        if not any(takes(one, *facts) for one in impossible)
    ]
    by_row = [[facts for facts in world if takes(when, *facts)] for when in whens]
    taken = [sum(takes(when, *facts) for when in whens) for facts in world]
    silent = [at for at, own in enumerate(by_row) if not own]
    buried = [
        at
        for at, own in enumerate(by_row)
        if own and all(any(takes(earlier, *facts) for earlier in whens[:at]) for facts in own)
    ]
    text = f"hit: {hit}\n" + rows(*((f"r{at}", written(when)) for at, when in enumerate(whens)))
    if impossible:
        text += "impossible:\n" + "".join(f"  - {{{written(one)}}}\n" for one in impossible)
    got = findings(text, ("status", "clerk", "wait"))
    assert any("no row of" in one for one in got) == (0 in taken)
    assert len([one for one in got if "holds only what is impossible" in one]) == len(silent)
    assert any("both take" in one for one in got) == (hit == "unique" and any(count > 1 for count in taken))
    assert len([one for one in got if "can never fire" in one]) == (len(buried) if hit == "first" else 0)


def test_a_large_table_is_proved() -> None:
    names = [f"f{at}" for at in range(6)]
    words = ("a", "b", "c", "d")
    topic = Topic("t", {**dict.fromkeys(names, words), "turn": ("serve", "owe")})
    combinations = list(itertools.product(words, repeat=3))
    whens = [", ".join(f"{name}: {word}" for name, word in zip(names[::2], one, strict=True)) for one in combinations]
    split = [f"{when}, f1: {word}" for when in whens[:12] for word in words] + whens[12:]
    text = rows(*((f"r{at}", when) for at, when in enumerate(split)))
    assert findings(text, tuple(names), Vocabulary(topic, {})) == []
