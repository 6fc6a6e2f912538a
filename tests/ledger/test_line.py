from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_cli.errors import DataError
from crm_cli.ledger.line import GENESIS, LINE_LIMIT, BadLine, decode, encode, torn

if TYPE_CHECKING:
    from crm_cli.past import Event

MINIMAL = {
    "seq": 0,
    "logged": "2026-11-21T09:15:27Z",
    "happened": "2026-11-21T17:15:00+08:00",
    "type": "customer.arrived",
    "v": 1,
    "actor": "王芳",
    "more": 0,
    "data": {},
}
WHOLE = (
    *("seq", "logged", "happened", "type", "v", "actor", "subject", "key", "more"),
    *("asked", "data", "personal", "cites", "hash"),
)
text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
whole_numbers = st.integers(-(2**63), 2**63 - 1)
values = st.recursive(
    st.none() | st.booleans() | whole_numbers | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(text, values, max_size=4)
events = st.fixed_dictionaries(
    {name: text if isinstance(value, str) else whole_numbers for name, value in MINIMAL.items()}
    | {"data": objects, "more": st.integers(0, 100)},
    optional={"subject": text, "key": text, "asked": objects, "personal": objects, "cites": st.lists(text, max_size=3)},
)


@given(events)
def test_what_is_encoded_is_decoded(event: Event) -> None:
    line, digest = encode(event, GENESIS)
    assert decode(line, GENESIS) == event | {"hash": digest}
    assert line.count(b"\n") == 1


def test_the_bytes_of_a_line() -> None:
    event = {"cites": ["a@b/c#d:e"], **MINIMAL, "subject": "c1", "key": "k", "asked": {}, "personal": {"handle": "白"}}
    line, digest = encode(event, GENESIS)
    assert tuple(orjson.loads(line)) == WHOLE
    covered, _, rest = line.rpartition(b',"hash":"')
    assert rest == digest.encode() + b'"}\n'
    assert sha256(GENESIS.encode() + covered).hexdigest() == digest
    assert "王芳".encode() in line
    assert b" " not in line


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"data": {"a": [{"b": 1.5}]}}, "type float"),
        ({"data": {"a": float("nan")}}, "type float"),
        ({"actor": "\ud800"}, "surrogates"),
        ({"data": {"a": 2**64}}, "64-bit"),
        ({"data": {1: "a"}}, "str"),
        ({"data": {"a": object()}}, "object"),
        ({"data": None}, "data"),
        ({"seq": True}, "seq"),
        ({"subject": 7}, "subject"),
        ({"hash": "0"}, "hash"),
        ({"phone": "1"}, "phone"),
        ({"data": {"a": "x" * LINE_LIMIT}}, "bytes"),
    ],
    ids=["float", "nan", "surrogate", "huge", "key", "object", "none", "bool", "number", "hash", "unknown", "long"],
)
def test_what_cannot_be_a_line(fields: dict[str, Any], reason: str) -> None:
    with pytest.raises(DataError, match=reason):
        encode(MINIMAL | fields, GENESIS)


@pytest.mark.parametrize("name", MINIMAL)
def test_a_field_that_is_missing(name: str) -> None:
    with pytest.raises(DataError, match=name):
        encode({key: value for key, value in MINIMAL.items() if key != name}, GENESIS)


def test_the_longest_line() -> None:
    short, _ = encode(MINIMAL | {"data": {"a": ""}}, GENESIS)
    fits = MINIMAL | {"data": {"a": "x" * (LINE_LIMIT - len(short))}}
    line, _ = encode(fits, GENESIS)
    assert len(line) == LINE_LIMIT
    decode(line, GENESIS)


def signed(body: bytes) -> bytes:
    return body + b',"hash":"' + sha256(GENESIS.encode() + body).hexdigest().encode() + b'"}\n'


def test_a_line_of_a_newer_program_is_read() -> None:
    body = orjson.dumps(MINIMAL | {"v": 7, "type": "of.tomorrow", "seal": [1]})[:-1]
    assert decode(signed(body), GENESIS)["seal"] == [1]


@pytest.mark.parametrize("body", [b'{"seq":0', b'{"a":"\xff"', b"{", orjson.dumps(MINIMAL | {"v": "1"})[:-1]])
def test_a_line_that_only_its_hash_speaks_for(body: bytes) -> None:
    with pytest.raises(BadLine):
        decode(signed(body), GENESIS)


def test_no_reason_quotes_the_line() -> None:
    line, _ = encode(MINIMAL, GENESIS)
    for bad in (line[:-1] + b"\r\n", line.replace(b'"v":1', b'"v":2'), line[1:], line[:-1] + line):
        with pytest.raises(BadLine) as caught:
            decode(bad, GENESIS)
        assert "王芳" not in caught.value.reason


def test_every_beginning_of_a_line_is_torn() -> None:
    line, _ = encode(MINIMAL, GENESIS)
    assert all(torn(line[:size], GENESIS) for size in range(len(line)))
    assert not any(torn(line[:-1] + bytes([byte]), GENESIS) for byte in range(1, 256) if byte != 10)
    assert not torn(line[:-2] + b"x", GENESIS)


def test_the_examples_of_the_format_verify() -> None:
    page = (Path(__file__).parents[2] / "docs" / "ledger-format.md").read_text(encoding="utf-8")
    examples = [line for line in page.partition("## 6.")[0].splitlines() if line.startswith(('{"seq":0,', '{"seq":1,'))]
    previous = GENESIS
    for example in examples:
        previous = decode(f"{example}\n".encode(), previous)["hash"]
    assert len(examples) == 2
