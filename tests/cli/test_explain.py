"""The rulebook read aloud: nothing is left out of it, and what it answers is what a decision would be."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from desk import crm
from jsonschema import Draft202012Validator

from crm_cli.commands.explained import _typed
from crm_cli.commands.glossary import glossary
from crm_cli.errors import UsageError
from crm_cli.policy.vocabulary import Params, Penalty, Table
from crm_cli.rules.topics import TOPICS

if TYPE_CHECKING:
    from pathlib import Path

    from crm_cli.policy.vocabulary import Ask


def _names(topic: str, rule: str, ask: Ask) -> list[str]:
    if isinstance(ask, Table):
        return [f"{topic}/{rule}", *ask.inputs, *ask.outputs]
    if isinstance(ask, Penalty):
        return [f"{topic}/{rule}"]
    parts = ask.values if isinstance(ask, Params) else ask.acts
    return [f"{topic}/{rule}", *(f"{topic}/{rule}.{part}" for part in parts)]


def test_people_have_a_name_for_every_rule_fact_value_and_act_and_for_nothing_else() -> None:
    wanted = {
        one for topic in TOPICS.values() for rule, ask in topic.asks.items() for one in _names(topic.name, rule, ask)
    }
    assert {*glossary()} == wanted, "write it in commands/glossary.py, then make messages"


@pytest.mark.parametrize("topic", [one for one in TOPICS if one != "penalty"])  # of which this house has none
@pytest.mark.parametrize("style", [[], ["-o", "md"]])
def test_every_rule_row_article_wording_and_reading_is_read(office: Path, topic: str, style: list[str]) -> None:
    page = crm("policy", "explain", topic, *style, office=office).out
    rules = json.loads(crm("policy", "show", topic, "--json", office=office).out)["rules"]
    assert rules
    for row in rules:
        assert f"{topic}/{row['rule']}" in page
        assert all(text in page for text in (row["row"], row["article"], row["says"]) if text)
    told = json.loads(crm("policy", "explain", topic, "--json", office=office).out)["policies"][0]["rules"]
    readings = [one["reading"] for rule in told for one in (rule, *rule.get("rows", ())) if "reading" in one]
    assert readings
    assert all(reading in page for reading in readings)


def test_a_table_answers_what_it_is_asked_by_the_row_that_says_so(office: Path) -> None:
    rows = json.loads(crm("policy", "show", "rotation", "turn", "--json", office=office).out)["rules"]
    for row in rows:
        words = row["when"]["status"]
        for word in words if isinstance(words, list) else [words]:
            done = crm("policy", "explain", "rotation", "turn", "--given", f"status={word}", "--json", office=office)
            answer = json.loads(done.out)
            assert (answer["then"], answer["cites"][0]["row"]) == (row["then"], row["row"])


def test_the_schema_knows_the_words_of_the_office_and_is_one_without_an_office_too(
    office: Path, tmp_path: Path
) -> None:
    here = json.loads(crm("policy", "schema", office=office).out)
    nowhere = json.loads(crm("policy", "schema", cwd=tmp_path).out)
    Draft202012Validator.check_schema(here)  # the other one differs in words alone
    for one in (here, nowhere):
        assert [name for name in one["$defs"] if name in TOPICS] == [*TOPICS]
    assert "official" in json.dumps(here)
    assert "official" not in json.dumps(nowhere)
    assert [*json.loads(crm("policy", "schema", "staff", cwd=tmp_path).out)["$defs"]] == ["staff"]


NUMBER, FLAG = {"least": 1, "most": 20}, [True, False]


@pytest.mark.parametrize(
    ("typed", "domain", "meant"), [("3", NUMBER, 3), ("20", NUMBER, 20), ("true", FLAG, True), ("no", FLAG, False)]
)
def test_a_number_and_a_flag_are_typed_as_people_do(typed: str, domain: object, meant: object) -> None:
    assert _typed(None, "waiting", typed, domain) == meant  # type: ignore[arg-type]  # only words ask the office


@pytest.mark.parametrize(("typed", "domain"), [("0", NUMBER), ("21", NUMBER), ("x", NUMBER), ("3", FLAG), ("", FLAG)])
def test_what_is_no_number_or_flag_of_a_rule_is_refused(typed: str, domain: object) -> None:
    with pytest.raises(UsageError, match="is no waiting"):
        _typed(None, "waiting", typed, domain)  # type: ignore[arg-type]
