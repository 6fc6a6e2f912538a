from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from crm_cli.policy.finding import Findings
from crm_cli.policy.node import data
from crm_cli.policy.source import DEEPEST, LARGEST, parse, read

if TYPE_CHECKING:
    from pathlib import Path


def found_in(text: str | bytes) -> list[str]:
    found = Findings()
    parse(text.encode() if isinstance(text, str) else text, "p/f.yaml", found)
    return [one.text for one in found.all()]


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("a: 1\na: 2\n", "2:1: error: 'a' stands here twice"),
        ("a: {b: 1, b: 2}\n", "1:11: error: 'b' stands here twice"),
        ("a: no\n", "1:4: error: 'no' is a truth value for some readers and a text for others"),
        ("a: Yes\n", "1:4: error: 'Yes' is a truth value for some readers and a text for others"),
        ("a: on\n", "1:4: error: 'on' is a truth value for some readers and a text for others"),
        ("a: y\n", "1:4: error: 'y' is a truth value for some readers and a text for others"),
        ("a: True\n", "1:4: error: 'True' is a truth value for some readers and a text for others"),
        ("a: 12:30\n", "1:4: error: '12:30' is a number to base 60 for some readers and a text for others"),
        ("a: 1.10\n", "1:4: error: '1.10' is a fraction, of which readers drop digits"),
        ("a: 1e3\n", "1:4: error: '1e3' is a fraction, of which readers drop digits"),
        ("a: .inf\n", "1:4: error: '.inf' is a fraction, of which readers drop digits"),
        ("a: 02155\n", "1:4: error: '02155' is an octal number for some readers and a decimal one for others"),
        ("a: 0o7\n", "1:4: error: '0o7' is a number to another base for some readers and a text for others"),
        ("a: 0x1F\n", "1:4: error: '0x1F' is a number to another base for some readers and a text for others"),
        ("a: 1_000\n", "1:4: error: '1_000' is a number for some readers and a text for others"),
        ("a: +5\n", "1:4: error: '+5' is not how a whole number is written here"),
        ("a: 1234567890123456\n", "1:4: error: '1234567890123456' is not how a whole number is written here"),
        ("a: ~\n", "1:4: error: '~' means nothing at all"),
        ("a: Null\n", "1:4: error: 'Null' means nothing at all"),
        ("a: 2025-01-01 10:00\n", "1:4: error: '2025-01-01 10:00' is a time for some readers and a text for others"),
        ("a: 2025-02-30\n", "1:4: error: there is no day '2025-02-30'"),
        ("a: =\n", "1:4: error: '=' has a meaning of its own in YAML"),
        ("b: {<<: {c: 1}}\n", "1:5: error: '<<' has a meaning of its own in YAML"),
        ("a: &x 1\n", "1:4: error: anchors and aliases are not used in policies"),
        ("a: !!str 1\n", "1:4: error: tags are not used in policies"),
        ("a:\nb: 1\n", "1:1: error: 'a' has no value"),
        ("a: [1, ]\nb: [x, , z]\n", "2:8: error: this is not YAML: did not find expected node content"),
        ("a:\n  -\n  - 1\n", "2:4: error: an item of the list is empty"),
        (
            "a: {says: 因公,跳过, b: 1}\n",
            "1:14: error: '跳过' has no value: it looks like the rest of a text that an ASCII comma ended",
        ),
        ("1: a\n", "1:1: error: a key is a text"),
        ("[a]: b\n", "1:1: error: a key is a text"),
        ("a: 1\n---\nb: 2\n", "2:1: error: a policy file holds one document without directives"),
        ("%YAML 1.1\n---\nb: 2\n", "1:1: error: a policy file holds one document without directives"),
        ("a: 'x\n", "2:1: error: this is not YAML: found unexpected end of stream"),
        ("a: \x07\n", "1:1: error: the text holds a character that YAML forbids"),
        ("", "1:1: error: the file is empty"),
        ("# only a remark\n", "1:1: error: the file is empty"),
        ("\ufeffa: 1\n", "1:1: error: the file begins with a byte order mark"),
        ("a: 1\r\nb: 2\r\n", "1:1: error: the lines end in CR"),
        (b"a: 1\nb: \xff\n", "2:4: error: the text is not UTF-8"),
        ("a: " + "[" * (DEEPEST + 1), f"1:{DEEPEST + 3}: error: the text is nested deeper than {DEEPEST}"),
        (b"#" * (LARGEST + 1), f"1:1: error: the file has {LARGEST + 1} bytes, more than {LARGEST}"),
    ],
)
def test_finding(text: str | bytes, finding: str) -> None:
    assert f"p/f.yaml:{finding}" in found_in(text)


def test_all_findings_of_a_file_at_once() -> None:
    assert found_in("a: no\nb: 12:30\nb: 1\n") == [
        "p/f.yaml:1:4: error: 'no' is a truth value for some readers and a text for others",
        "p/f.yaml:2:4: error: '12:30' is a number to base 60 for some readers and a text for others",
        "p/f.yaml:3:1: error: 'b' stands here twice",
    ]


def test_a_key_is_a_text_whatever_it_looks_like() -> None:
    assert found_in("on: a\noff: b\n") == []


def test_what_is_plain_is_read() -> None:
    found = Findings()
    text = "a: 2025-01-01\nb: '2025-01-01'\nc: -5\nd: true\ne: null\nf: 第1条\ng: \"no\"\n"
    text += "h: at most 5\ni: 001.03.D1\nj: [x, z]\n"
    node = parse(text.encode(), "f", found)
    assert not found.all()
    assert node is not None
    assert node.value["a"].value == dt.date(2025, 1, 1)
    assert data(node) == {
        "a": "2025-01-01",
        "b": "2025-01-01",
        "c": -5,
        "d": True,
        "e": None,
        "f": "第1条",
        "g": "no",
        "h": "at most 5",
        "i": "001.03.D1",
        "j": ["x", "z"],
    }


def test_excerpt_underlines_the_value() -> None:
    found = Findings()
    parse("a: 1\n字: no\n".encode(), "f", found)
    assert found.all()[0].excerpt == "    1 | a: 1\n    2 | 字: no\n      |     ^^"
    assert found.all()[0].fix == "write true or false, or quote it"


def test_unreadable_file(tmp_path: Path) -> None:
    found = Findings()
    assert read(tmp_path / "none.yaml", "f", found) is None
    assert found.all()[0].text == "f:1:1: error: the file cannot be read: No such file or directory"


CORE_12 = re.compile(
    r"~|null|Null|NULL|true|True|TRUE|false|False|FALSE|[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+"
    r"|[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?(\.inf|\.Inf|\.INF)|\.nan|\.NaN|\.NAN|"
)


@given(st.text(alphabet="0123456789+-._:eEoxXbTZ ynofNOFtruealsi~=<", min_size=1, max_size=12))
def test_an_unquoted_text_is_taken_only_when_every_reader_takes_it_for_that_text(text: str) -> None:
    found = Findings()
    node = parse(f"- {text}\n".encode(), "f", found)
    if node is None or found.all() or not isinstance(node.value, list):
        return
    value = node.value[0].value
    if isinstance(value, str):
        assert yaml.safe_load(f"- {text}\n") == [value]
        assert not CORE_12.fullmatch(value)


@given(st.binary(max_size=60))
def test_any_bytes_bring_findings_or_a_tree(raw: bytes) -> None:
    found = Findings()
    assert parse(raw, "f", found) is not None or found.errors()
