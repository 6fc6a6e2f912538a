"""A head kept elsewhere shows whether the ledger went on from it, is an old copy, or was written anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

import desk
import pytest
from desk import crm

if TYPE_CHECKING:
    from pathlib import Path


def head(office: Path) -> str:
    return crm("ledger", "head", office=office).out.strip()


def against(office: Path, kept: str) -> tuple[int, str]:
    done = crm("ledger", "verify", "--against", kept, office=office)
    return done.code, done.out + done.err


def test_a_ledger_that_went_on_is_whole(office: Path, tmp_path: Path) -> None:
    kept = head(office)
    assert against(office, kept)[0] == 0
    (tmp_path / "head").write_text(kept + "\n")
    assert crm("rotate", "arrive", "客一", office=office).code == 0
    assert against(office, kept)[0] == against(office, str(tmp_path / "head"))[0] == 0


def test_an_old_copy_is_behind(office: Path, tmp_path: Path) -> None:
    old = desk.copied(office, tmp_path / "old")
    assert crm("rotate", "arrive", "客一", office=office).code == 0
    code, says = against(old, head(office))
    assert code == 3
    assert "an old copy was put back" in says


def test_a_ledger_that_was_written_anew_is_another(office: Path, tmp_path: Path) -> None:
    other = desk.copied(office, tmp_path / "other")
    assert crm("rotate", "arrive", "客一", office=office).code == 0
    assert crm("rotate", "arrive", "客二", office=other).code == 0
    code, says = against(other, head(office))
    assert code == 3
    assert "the ledger was written anew" in says


def test_another_office_is_told_apart(office: Path, tmp_path: Path) -> None:
    code, says = against(desk.made(tmp_path / "another"), head(office))
    assert code == 3
    assert "another office" in says


@pytest.mark.parametrize("kept", ["", "abc", "no file", "0123abcd 12 34"])
def test_what_is_no_head_is_refused(office: Path, kept: str) -> None:
    assert against(office, kept)[0] == 2


@pytest.mark.parametrize("words", [("verify",), ("verify", "--replay"), ("repair",)])
def test_a_ledger_cut_behind_what_the_index_knows_is_not_called_whole(
    office: Path, tmp_path: Path, words: tuple[str, ...]
) -> None:
    cut = desk.copied(office, tmp_path / "cut")
    assert crm("rotate", "arrive", "客一", office=cut).code == 0
    month = max((cut / "ledger").glob("*.jsonl"))
    month.write_bytes(month.read_bytes()[:-40])
    done = crm("ledger", *words, office=cut)
    assert done.code == 3
    assert "the ledger is shorter than it was" in done.out + done.err
    assert "never acknowledged" not in done.out + done.err
