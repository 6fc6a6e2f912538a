"""The turn of the month: segments closed, opened and sealed, whoever finds that it is time."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from test_journal import event, folder

from crm_cli.errors import DataError
from crm_cli.ledger.journal import Journal
from crm_cli.ledger.verify import verify

__all__ = ["folder"]

OCTOBER = datetime(2026, 10, 31, 23, 59, 58, tzinfo=UTC)
NOVEMBER = datetime(2026, 11, 1, 0, 0, 1, tzinfo=UTC)


class Clock:
    """A clock that a test sets."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock(OCTOBER)


@pytest.fixture
def journal(folder: Path, clock: Clock) -> Journal:
    return Journal(folder, clock)


def write(journal: Journal, *numbers: int) -> None:
    with journal.locked(1, "test write", print):
        journal.recover(None)
        for number in numbers:
            journal.add([event(number)])
            journal.commit()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def said(folder: Path) -> list[tuple[str, Any]]:
    """Answer the lines in few words: numbers of the events of the desk, types of the ledger's own."""
    found = []
    for events, position in Journal(folder).transactions(None):
        found += [(position.segment[:7], one["data"].get("turn", one["type"])) for one in events]
    return found


def turned(journal: Journal, clock: Clock) -> None:
    write(journal, 1, 2)
    clock.now = NOVEMBER
    write(journal, 3)


def test_a_month_is_closed_and_the_next_one_opened(journal: Journal, clock: Clock, folder: Path) -> None:
    turned(journal, clock)
    assert names(folder) == ["2026-10.jsonl", "2026-10.seal", "2026-11.jsonl"]
    assert said(folder) == [
        *(("2026-10", 1), ("2026-10", 2), ("2026-10", "segment.closed")),
        *(("2026-11", "segment.opened"), ("2026-11", 3)),
    ]
    assert verify(folder).findings == []
    assert stat.S_IMODE((folder / "2026-10.jsonl").stat().st_mode) == 0o440


def test_the_next_month_says_what_the_old_one_was(journal: Journal, clock: Clock, folder: Path) -> None:
    turned(journal, clock)
    old = (folder / "2026-10.jsonl").read_bytes()
    opened = journal.read(3)
    closed = journal.read(2)
    assert opened
    assert closed
    assert opened["type"] == "segment.opened"
    assert opened["data"] == {
        "previous": "2026-10.jsonl", "bytes": len(old), "sha256": sha256(old).hexdigest(), "hash": closed["hash"],
    }  # fmt: skip
    assert (opened["actor"], opened["more"], closed["more"]) == ("office", 0, 0)


@pytest.mark.parametrize("tool", [("sha256sum", "-c", "--strict"), ("shasum", "-a", "256", "-c")])
def test_a_seal_is_checked_by_the_tools_of_the_machine(
    journal: Journal, clock: Clock, folder: Path, tool: tuple[str, ...]
) -> None:
    if shutil.which(tool[0]) is None:
        pytest.skip(f"this machine has no {tool[0]}")
    turned(journal, clock)
    done = subprocess.run([*tool, "2026-10.seal"], cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "2026-10.jsonl: OK\n", "")
    path = folder / "2026-10.jsonl"
    path.chmod(0o640)
    path.write_bytes(path.read_bytes().replace(b'"turn":2', b'"turn":7'))
    assert subprocess.run([*tool, "2026-10.seal"], cwd=folder, capture_output=True, check=False).returncode == 1


def test_what_a_seal_says(journal: Journal, clock: Clock, folder: Path) -> None:
    turned(journal, clock)
    clock.now = NOVEMBER + timedelta(days=40)
    write(journal, 4)
    closed = journal.read(5)
    assert closed
    digest = sha256((folder / "2026-11.jsonl").read_bytes()).hexdigest()
    assert (folder / "2026-11.seal").read_text() == (
        f"{digest}  2026-11.jsonl\n# lines 3\n# first 3\n# last 5\n# hash {closed['hash']}\n"
    )


def test_an_office_that_was_silent_for_three_months(journal: Journal, clock: Clock, folder: Path) -> None:
    write(journal, 1)
    clock.now = OCTOBER + timedelta(days=80)
    write(journal, 2)
    assert names(folder) == ["2026-10.jsonl", "2026-10.seal", "2027-01.jsonl"]
    assert verify(folder).findings == []


def test_a_clock_that_steps_back_opens_no_month_again(journal: Journal, clock: Clock, folder: Path) -> None:
    turned(journal, clock)
    for back in (OCTOBER, OCTOBER - timedelta(days=400)):
        clock.now = back
        write(journal, 4)
        fresh = Journal(folder, clock)
        write(fresh, 5)
        fresh.close()
    assert names(folder) == ["2026-10.jsonl", "2026-10.seal", "2026-11.jsonl"]
    logged = [events[0]["logged"] for events, _ in journal.transactions(None)]
    assert logged == sorted(logged)
    assert set(logged[4:]) == {"2026-11-01T00:00:01Z"}
    assert verify(folder).findings == []


def test_a_batch_that_crosses_the_month(journal: Journal, clock: Clock, folder: Path) -> None:
    """What is pending when the month turns is made durable in its month, and the rest goes on in the next."""
    with journal.locked(1, "test", print):
        journal.recover(None)
        journal.add([event(1), event(2)])
        journal.add([event(3)])
        clock.now = NOVEMBER
        assert journal.add([event(4), event(5)])[0]["seq"] == 5
        journal.add([event(6)])
        assert journal.commit().segment == "2026-11.jsonl"
    own = [("2026-10", "segment.closed"), ("2026-11", "segment.opened")]
    assert said(folder) == [*(("2026-10", n) for n in (1, 2, 3)), *own, *(("2026-11", n) for n in (4, 5, 6))]
    assert verify(folder).findings == []


def test_whoever_only_looks_or_is_refused_turns_nothing(journal: Journal, clock: Clock, folder: Path) -> None:
    write(journal, 1)
    before = (folder / "2026-10.jsonl").read_bytes()
    clock.now = NOVEMBER
    with journal.locked(1, "test", print):
        tip = journal.recover(None)
        assert journal.upcoming(tip) == 3
        journal.discard()
        assert journal.commit() == tip
    assert list(Journal(folder).transactions(None))
    assert names(folder) == ["2026-10.jsonl"]
    assert (folder / "2026-10.jsonl").read_bytes() == before


def test_another_process_finds_the_month_turned(journal: Journal, clock: Clock, folder: Path) -> None:
    write(journal, 1)
    other = Journal(folder, clock)
    write(other, 2)
    clock.now = NOVEMBER
    write(journal, 3)
    write(other, 4)
    write(journal, 5)
    other.close()
    assert [what for month, what in said(folder) if month == "2026-11"] == ["segment.opened", 3, 4, 5]
    assert verify(folder).findings == []


def test_every_line_is_found_across_months(journal: Journal, clock: Clock, folder: Path) -> None:
    for month in range(5):
        clock.now = OCTOBER + timedelta(days=31 * month)
        write(journal, *range(month + 1))
    tip = list(journal.transactions(None))[-1][1]
    for seq in range(tip.seq + 1):
        found = journal.read(seq)
        assert found
        assert found["seq"] == seq
        name, line = journal.place_of(seq).removeprefix("ledger/").split(":")
        assert f'"seq":{seq},'.encode() in (folder / name).read_bytes().splitlines()[int(line) - 1]
    assert journal.read(tip.seq + 1) is None
    for _, position in journal.transactions(None):
        assert journal.stands(position)
        later = [events[0]["seq"] for events, _ in journal.transactions(position)]
        assert later == list(range(position.seq + 1, tip.seq + 1))


def test_a_month_that_does_not_verify_is_not_sealed(journal: Journal, clock: Clock, folder: Path) -> None:
    write(journal, 1, 2, 3)
    tip = list(journal.transactions(None))[-1][1]
    journal.close()
    path = folder / "2026-10.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"turn":2', b'"turn":7'))
    clock.now = NOVEMBER
    with journal.locked(1, "test", print):
        journal.recover(tip)
        with pytest.raises(DataError) as caught:
            journal.add([event(4)])
        with pytest.raises(DataError):
            journal.commit()
    assert caught.value.where == "ledger/2026-10.jsonl:2"
    assert path.read_bytes().count(b"\n") == 3
    assert names(folder) == ["2026-10.jsonl"]


@pytest.mark.parametrize("says", [b"", b"not a seal\n"], ids=["emptied", "replaced"])
def test_a_wrong_seal_is_found(journal: Journal, clock: Clock, folder: Path, says: bytes) -> None:
    turned(journal, clock)
    (folder / "2026-10.seal").write_bytes(says)
    assert [finding.where for finding in verify(folder).findings] == ["ledger/2026-10.seal:1"]


def test_each_line_of_a_seal_counts(journal: Journal, clock: Clock, folder: Path) -> None:
    turned(journal, clock)
    lines = (folder / "2026-10.seal").read_bytes().splitlines(keepends=True)
    for number in range(1, len(lines) + 1):
        wrong = [line.upper() if place == number else line for place, line in enumerate(lines, 1)]
        (folder / "2026-10.seal").write_bytes(b"".join(wrong))
        assert [finding.where for finding in verify(folder).findings] == [f"ledger/2026-10.seal:{number}"]


def test_a_missing_seal_is_found_once_somebody_could_have_made_it(journal: Journal, clock: Clock, folder: Path) -> None:
    turned(journal, clock)
    (folder / "2026-10.seal").unlink()
    assert [finding.where for finding in verify(folder).findings] == ["ledger/2026-10.seal:1"]
    lines = (folder / "2026-11.jsonl").read_bytes().splitlines(keepends=True)
    (folder / "2026-11.jsonl").write_bytes(lines[0])
    assert verify(folder).findings == [], "the next writer seals it"
    write(Journal(folder, clock), 4)
    assert (folder / "2026-10.seal").exists()
    assert verify(folder).findings == []


def test_a_changed_mode_is_no_damage(journal: Journal, clock: Clock, folder: Path) -> None:
    turned(journal, clock)
    (folder / "2026-10.jsonl").chmod(0o666)
    assert verify(folder).findings == []
    write(Journal(folder, clock), 4)
    assert stat.S_IMODE((folder / "2026-10.jsonl").stat().st_mode) == 0o440


@pytest.mark.parametrize("known", [True, False], ids=["from the index", "from the beginning"])
@pytest.mark.parametrize("gone", ["2026-10.jsonl", "2026-11.jsonl", "2026-12.jsonl"])
def test_a_segment_that_is_gone_is_named(
    journal: Journal, clock: Clock, folder: Path, gone: str, *, known: bool
) -> None:
    turned(journal, clock)
    clock.now = NOVEMBER + timedelta(days=40)
    write(journal, 4)
    journal.close()
    tip = list(journal.transactions(None))[-1][1]
    (folder / gone).unlink()
    (finding,) = verify(folder).findings
    following = {"2026-10.jsonl": "2026-11.jsonl:1", "2026-11.jsonl": "2026-12.jsonl:1"}
    assert finding.where == f"ledger/{following.get(gone, '2026-11.jsonl:4')}"
    assert "missing" in finding.what
    if gone != "2026-12.jsonl":
        assert gone in finding.what
    if known and gone != "2026-12.jsonl":
        return  # what lies behind the index is read by verification, and when the index is made
    with pytest.raises(DataError), journal.locked(1, "test", print):
        journal.recover(tip if known else None)


def test_a_line_that_describes_another_month_is_found(journal: Journal, clock: Clock, folder: Path) -> None:
    """Whoever writes a chain anew must lie about the segment before, too."""
    from crm_cli.ledger.line import ORDER, encode

    turned(journal, clock)
    (folder / "2026-10.seal").unlink()
    found = [events[0] for events, _ in journal.transactions(None)]
    previous, lines = found[2]["hash"], []
    for one in found[3:]:
        data = one["data"] | ({"bytes": 1} if one["type"] == "segment.opened" else {})
        line, previous = encode({name: one[name] for name in ORDER if name in one} | {"data": data}, previous)
        lines.append(line)
    (folder / "2026-11.jsonl").write_bytes(b"".join(lines))
    assert [finding.where for finding in verify(folder).findings] == ["ledger/2026-11.jsonl:1"]


def test_nothing_of_a_turn_is_left_lying_about(journal: Journal, clock: Clock, folder: Path) -> None:
    turned(journal, clock)
    assert sorted(os.listdir(folder)) == [".lock", "2026-10.jsonl", "2026-10.seal", "2026-11.jsonl"]  # noqa: PTH208


def test_the_worked_example_of_the_format_is_true(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "ledger-format.md").read_text("utf-8")
    old, new, seal = re.findall(r"```\w*\n(.*?\n)```", page.partition("## 6.")[2], flags=re.DOTALL)
    for name, text in {"2026-10.jsonl": old, "2026-11.jsonl": new, "2026-10.seal": seal}.items():
        (tmp_path / name).write_text(text, "utf-8")
    assert verify(tmp_path).findings == []
    assert verify(tmp_path).lines == 3


def test_the_program_of_the_format_checks_several_months(journal: Journal, clock: Clock, folder: Path) -> None:
    turned(journal, clock)
    page = (Path(__file__).parents[2] / "docs" / "ledger-format.md").read_text("utf-8")
    (script,) = re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)
    check = [sys.executable, "-c", script]
    assert subprocess.run(check, cwd=folder.parent, check=False).returncode == 0
    path = folder / "2026-11.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"turn":3', b'"turn":7'))
    assert subprocess.run(check, cwd=folder.parent, check=False, stderr=subprocess.DEVNULL).returncode == 1
