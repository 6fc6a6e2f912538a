"""Bytes that are no event, spliced into a ledger of two months as lines; and one bad byte anywhere in it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from harness import LAST_MONTH, Desk, event, fold, ledger_keys, quick

from crm_cli.errors import DataError
from crm_cli.ledger.index import build_index
from crm_cli.ledger.journal import Journal
from crm_cli.ledger.line import CLOSING, GENESIS, HASH_FIELD, computed, encode
from crm_cli.ledger.verify import verify

__all__ = ["quick"]

TEXTS = Path(os.environ.get("CRM_JSON_TEXTS", Path(__file__).parents[3] / "shared" / "data" / "json-parsing"))
BAD = {
    "nothing": b"",
    "blank": b"  ",
    "a word": b"nothing",
    "a number": b"12",
    "a list": b"[]",
    "a text": b'"seq"',
    "null": b"null",
    "no fields": b"{}",
    "half an object": b'{"seq":1,"logged":',
    "a trailing comma": b'{"seq":1,}',
    "single quotes": b"{'seq':1}",
    "a comment": b'{"seq":1/*one*/}',
    "not a number": b'{"seq":NaN}',
    "a leading zero": b'{"seq":01}',
    "a huge number": b'{"seq":1e9999}',
    "a lone surrogate": b'{"type":"\\ud800"}',
    "a raw control character": b'{"type":"\x01"}',
    "an overlong form": b'{"type":"\xc0\x80"}',
    "invalid UTF-8": b'{"type":"\xff"}',
    "UTF-16": '{"seq":1}'.encode("utf-16"),
    "a byte order mark": b'\xef\xbb\xbf{"seq":1}',
    "zeros": bytes(40),
    "deep nesting": b"[" * 5000,
    "the same name twice": b'{"seq":1,"seq":2}',
    "two objects": b"{}{}",
    "carriage returns": b'{"seq":1}\r',
}


@pytest.fixture
def office(quick: Path) -> Path:
    for number, now in enumerate((LAST_MONTH, None)):
        desk = Desk(quick / "office", now)
        for request in (f"{number}-a", f"{number}-b/2", f"{number}-c"):
            desk.request(request, int(request.partition("/")[2] or 1))
        desk.close()
    return quick / "office"


def texts() -> dict[str, bytes]:
    if not TEXTS.is_dir():
        pytest.skip("there are no JSON texts: CRM_JSON_TEXTS=FOLDER names them")
    return {path.name: path.read_bytes() for path in sorted(TEXTS.glob("n_*"))}


def hashed(text: bytes, previous: str) -> bytes:
    """Answer a text with the right hash behind it: a chain that holds, and a line that is no event."""
    line = text + HASH_FIELD + GENESIS.encode() + CLOSING
    return text + HASH_FIELD + computed(line, previous).encode() + CLOSING


def spliced(office: Path, text: bytes, *, chained: bool) -> list[tuple[Path, int, bytes]]:
    """Answer each place where a text can stand as a line, with the segment as it is then."""
    found = []
    for path in sorted((office / "ledger").glob("*.jsonl")):
        lines = path.read_bytes().splitlines(keepends=True)
        for number in range(1, len(lines) + 1):
            previous = lines[number - 1][-len(CLOSING) - 64 : -len(CLOSING)].decode()
            line = hashed(text, previous) if chained else text + b"\n"
            found.append((path, number + 1, b"".join([*lines[:number], line, *lines[number:]])))
    return found


def read(office: Path) -> tuple[set[str], str]:
    """Answer the keys that a reader meets, and where it stops."""
    seen: set[str] = set()
    try:
        for events, _ in Journal(office / "ledger").transactions(None):
            assert all(type(one["data"]) is dict for one in events)
            seen |= {one["key"] for one in events if "key" in one}
    except DataError as error:
        return seen, error.where
    return seen, ""


def refused(office: Path, text: bytes, *, chained: bool) -> None:
    """No reader crashes and none takes the text for an event; all say where it stands."""
    keys = set(ledger_keys(office))
    for path, line, data in spliced(office, text, chained=chained):
        whole = path.read_bytes()
        path.chmod(0o640)
        path.write_bytes(data)
        where = f"ledger/{path.name}:{line}"
        assert where in [finding.where for finding in verify(office / "ledger").findings]
        seen, stopped = read(office)
        assert stopped == where
        assert seen <= keys
        for seq in range(20):
            try:
                one = Journal(office / "ledger").read(seq)
            except DataError:
                continue
            assert one is None or one["seq"] == seq
        path.write_bytes(whole)
    assert verify(office / "ledger").findings == []


@pytest.mark.parametrize("chained", [False, True], ids=["plain", "with a hash that holds"])
@pytest.mark.parametrize("name", BAD)
def test_what_is_no_event_is_refused_wherever_it_stands(office: Path, name: str, *, chained: bool) -> None:
    refused(office, BAD[name], chained=chained)


@pytest.mark.parametrize("chained", [False, True], ids=["plain", "with a hash that holds"])
def test_texts_that_are_no_json_are_refused_wherever_they_stand(office: Path, *, chained: bool) -> None:
    found = texts()
    assert len(found) > 100
    for name, text in found.items():
        flat = text.replace(b"\n", b" ")
        try:
            refused(office, flat, chained=chained)
        except BaseException as error:
            error.add_note(name)
            raise


def test_a_byte_of_any_file_of_a_sealed_ledger(office: Path) -> None:
    """Each byte of both segments and of the seal, with one of its bits turned."""
    for path in sorted(path for path in (office / "ledger").glob("*.*") if path.name != ".lock"):
        path.chmod(0o640)
        whole = path.read_bytes()
        for place in range(len(whole)):
            damaged = bytearray(whole)
            damaged[place] ^= 1 << (place % 8)
            path.write_bytes(damaged)
            line = whole.count(b"\n", 0, place) + 1
            assert f"ledger/{path.name}:{line}" in [finding.where for finding in verify(office / "ledger").findings]
        path.write_bytes(whole)
    assert verify(office / "ledger").findings == []


def test_a_damaged_old_month_is_met_by_whoever_reads_it(office: Path) -> None:
    """The desk goes on with its index; verification and a new index find the place."""
    path = office / "ledger" / "2020-01.jsonl"
    path.chmod(0o640)
    path.write_bytes(path.read_bytes().replace(b'"turn":1', b'"turn":7'))
    desk = Desk(office)
    desk.request("later")
    desk.close()
    assert [finding.where for finding in verify(office / "ledger").findings] == ["ledger/2020-01.jsonl:3"]
    shutil.rmtree(office / ".cache")
    with pytest.raises(DataError) as caught:
        build_index(office / ".cache" / "index.db", "1", Journal(office / "ledger"), fold)
    assert caught.value.where == "ledger/2020-01.jsonl:3"


def test_one_bad_byte_among_many_lines(quick: Path) -> None:
    folder, previous, lines = quick / "ledger", GENESIS, []
    for seq in range(20_000):
        fields = {**event(seq % 7), "seq": seq, "logged": "2026-11-21T00:00:00Z", "more": 0}
        line, previous = encode(fields, previous)
        lines.append(line)
    lines[12_345] = lines[12_345].replace("王芳".encode(), "王方".encode())
    folder.mkdir()
    (folder / "2026-11.jsonl").write_bytes(b"".join(lines))
    report = verify(folder)
    assert [finding.where for finding in report.findings] == ["ledger/2026-11.jsonl:12346"]
    assert report.lines == len(lines) - 1
    assert (Journal(folder).read(12_344) or {})["seq"] == 12_344
    with pytest.raises(DataError):
        Journal(folder).read(12_345)
