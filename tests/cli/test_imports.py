"""Tables of strangers: whatever they are saved as, cut off in the middle, and written out again."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import time
from pathlib import Path

import desk
import pytest
from desk import crm
from hypothesis import given
from hypothesis import strategies as st

from crm_cli.commands.exports import written
from crm_cli.errors import DataError
from crm_cli.sheets import cells, encodings, tables

DATA = Path(os.environ.get("CRM_DATA", Path(__file__).parents[3] / "shared" / "data"))
MAP = "columns: {client: 客户, to: 接待人, kind: 方式, at: 时间, phone: 电话}\n"
SAID = st.text(st.characters(exclude_categories=("C", "Zl", "Zp", "Zs"))).map(str.strip)
WRITTEN = {"utf-8": "", "utf-8-sig": "", "gb18030": "", "utf-16": ""}


def table(count: int, start: int = 0) -> str:
    """Answer a table of customers, no two alike."""
    rows = [f"客户{one},李娜,来访,2025/3/1 9:{one % 60:02d},139{one:08d}" for one in range(start, start + count)]
    return "\n".join(["客户,接待人,方式,时间,电话", *rows]) + "\n"


def put(folder: Path, text: str) -> list[str]:
    """Keep a table and its mapping, and answer the command that imports it."""
    (folder / "rows.csv").write_text(text, "utf-8")
    (folder / "map.yaml").write_text(MAP, "utf-8")
    return ["register", "import", "rows.csv", "--map", "map.yaml"]


def entries(office: Path) -> int:
    """Answer how many entries the book has."""
    return sum(b'"type":"customer.registered"' in line for line in desk.lines(office))


def founded(folder: Path, house: str) -> Path:
    """Answer a new office of a house."""
    office = folder / house
    words = ("--profile", house, "--manager", "总")
    assert crm("init", str(office), *words, env={"CRM_NOW": desk.FOUNDED}).code == 0
    return office


# ── cells ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ('="00123"', "00123"), ("'00123", "00123"), ("\u3000王\u00a0小明 ", "王 小明"), ("甲\r\n乙", "甲 乙"),
        ('="a""b"', 'a"b'), ("", ""), ("\ufeff客户", "客户"), ("''x", "'x"),
    ],
)  # fmt: skip
def test_a_cell_says_what_is_behind_the_habits_of_a_spreadsheet(cell: str, said: str) -> None:
    assert cells.cleaned(cell) == said


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("2025/3/1", "2025-03-01T00:00:00"), ("2025-03-01 10:05", "2025-03-01T10:05:00"),
        ("45717", "2025-03-01T00:00:00"), ("45717.42", "2025-03-01T10:04:48"), ("2025年3月1日", "2025-03-01T00:00:00"),
        ("2025年3月1日 10时05分", "2025-03-01T10:05:00"), ("2025/3/1 下午 3:05", "2025-03-01T15:05:00"),
        ("2025/3/1 12:05:09 AM", "2025-03-01T00:05:09"), ("2025.3.1", "2025-03-01T00:00:00"),
        ("2025-03-01T10:05:00+08:00", "2025-03-01T10:05:00+08:00"),
    ],
)  # fmt: skip
def test_times_are_read_as_excel_writes_them(cell: str, told: str) -> None:
    found = cells.moment(cell)
    assert found
    assert found.isoformat() == told


@pytest.mark.parametrize("cell", ["2025/2/30", "soon", "2025/3/1 25:00", "3/1/2025", "13800138000", "2025-03-01 x"])
def test_what_is_no_time(cell: str) -> None:
    assert cells.moment(cell) is None


@given(st.dates())
def test_every_day_comes_back(day: object) -> None:
    assert cells.day(str(day)) == str(day)


@given(st.text())
def test_reading_a_cell_twice_changes_nothing_but_apostrophes(text: str) -> None:
    once = cells.cleaned(text)
    assert once == once.strip()
    assert cells.cleaned(once) == once or once.startswith(("'", '="'))


@pytest.mark.parametrize("text", ["00123", "13800138000123456", "+86 138", "-1", "=1+1", "@x", "1-2", "3E10", "-x"])
def test_excel_takes_no_cell_for_a_formula_a_day_or_a_short_number(text: str) -> None:
    cell = cells.for_excel(text)
    assert cell in (f'="{text}"', f"'{text}")
    assert cell.startswith("'") or cells.EATEN.fullmatch(text)


@given(st.lists(st.fixed_dictionaries({"a": SAID, "b": SAID.filter(bool)}), min_size=1), st.sampled_from([*WRITTEN]))
def test_what_is_written_is_read_back(rows: list[dict[str, str]], encoding: str) -> None:
    rows = [{name: cells.cleaned(text) or "x" for name, text in row.items()} for row in rows]
    raw = written(rows, excel=True).removeprefix("\ufeff").encode(encoding)
    text = encodings.decoded(raw, "f", encoding, ["a", "b"])
    found = tables.read(text, "f.csv", ["a", "b"])
    assert [dict(zip(found.columns, row.cells, strict=True)) for row in found.rows()] == rows


# ── tables ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.skipif(not (DATA / "csv").is_dir(), reason="the published files are not here")
def test_awkward_files_hold_what_is_said_of_them() -> None:
    names = sorted((DATA / "csv" / "csvs").glob("*.csv"))
    assert names
    for path in names:
        says = json.loads((DATA / "csv" / "json" / f"{path.stem}.json").read_text("utf-8"))
        found = tables.read(encodings.decoded(path.read_bytes(), path.name, None, []), path.name, [])
        rows = [dict(zip(found.columns, row.cells, strict=True)) for row in found.rows()]
        says = says if isinstance(says, list) else [says]
        for row in (*rows, *says):
            row.pop("Contact Phone Number", None)  # the two files were made of different numbers
        assert rows == [
            {name: cells.cleaned(str(text)) for name, text in row.items()} for row in says if any(row.values())
        ], path.name


@given(st.lists(st.lists(st.text("a\"',;\n\t"), min_size=2, max_size=4), min_size=1), st.sampled_from(",;\t"))
def test_every_cell_has_its_place(rows: list[list[str]], separator: str) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows([["h"] * 4, *rows])
    lines = text.getvalue().split("\n")
    found = tables.Table("f", text.getvalue().splitlines(keepends=True), separator, ["h"] * 4)
    for row in found.rows():
        for column in range(2):
            _file, line, across = found.place(row.line, column).split(":")
            assert lines[int(line) - 1][int(across) - 1] == '"'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gbk", "gb18030"])
def test_simplified_script_is_read_whatever_it_is_saved_as(encoding: str) -> None:
    assert encodings.decoded(table(3).encode(encoding), "f", None, ["客户", "接待人"]) == table(3)


def test_traditional_script_is_told_apart_with_and_without_chinese_columns() -> None:
    text = "客戶,日期\n王小姐打過電話來問三房的價錢,這個禮拜天\n"
    assert encodings.decoded(text.encode("big5"), "f", None, ["客戶"]) == text
    assert encodings.decoded(text.encode("big5"), "f", None, []) == text
    plain = "client,note\nwang,王小姐打过电话来问三房的价钱\n"
    assert encodings.decoded(plain.encode("gbk"), "f", None, ["client"]) == plain


def test_the_first_bad_byte_is_where_it_is() -> None:
    with pytest.raises(DataError) as caught:
        encodings.decoded("客户,a\n王,b".encode() + b"\xff\n", "f", "utf-8", [])
    assert caught.value.where == "f:2:4"


# ── whole runs ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("options", [[], ["--keep-going"]])
def test_a_run_that_is_killed_completes_when_it_is_run_again(office: Path, tmp_path: Path, options: list[str]) -> None:
    words = [*put(tmp_path, table(3000)), *options]
    env = {"PATH": desk.PATH, "CRM_OFFICE": str(office), "CRM_LANG": "en"}
    for pause in (0.3, 0.8, 1.4):
        with subprocess.Popen([desk.CRM, *words], cwd=tmp_path, env=env, stderr=subprocess.DEVNULL) as process:
            time.sleep(pause)
            process.send_signal(signal.SIGKILL)
    done = crm(*words, "--json", office=office, cwd=tmp_path)
    answer = json.loads(done.out)
    assert (done.code, answer["added"] + answer["already"]) == (0, 3000)
    assert entries(office) == 3000
    assert json.loads(crm("ledger", "verify", "--replay", "--json", office=office).out)["verdict"] == "whole"


def test_a_prefix_of_what_was_imported_completes(office: Path, tmp_path: Path) -> None:
    words = put(tmp_path, table(40))
    before = len(desk.lines(office))
    assert crm(*words, office=office, cwd=tmp_path).code == 0
    (path,) = (office / "ledger").glob("*.jsonl")
    whole = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(whole[: before + 21]) + whole[before + 21][:50])  # what a write leaves that stopped
    for cache in (office / ".cache").glob("index*"):
        cache.unlink()
    done = json.loads(crm(*words, "--json", office=office, cwd=tmp_path).out)
    assert 0 < done["already"] < 40
    assert done["added"] + done["already"] == 40
    assert entries(office) == 40


def test_equal_rows_are_as_many_entries_as_they_are(office: Path, tmp_path: Path) -> None:
    words = put(tmp_path, table(1) + table(1).splitlines()[1] + "\n")
    assert json.loads(crm(*words, "--json", office=office, cwd=tmp_path).out)["added"] == 2
    assert json.loads(crm(*words, "--json", office=office, cwd=tmp_path).out)["already"] == 2


def test_an_error_holds_nothing_of_its_row(office: Path, tmp_path: Path) -> None:
    words = put(tmp_path, "客户,接待人,方式,时间,电话\n" + "某某某,秘密甲,秘密乙,秘密丙,秘密丁\n" * 150)
    done = crm(*words, office=office, cwd=tmp_path)
    assert done.code == 3
    assert "秘密" not in done.out + done.err
    assert "某某某" not in done.out + done.err
    assert done.err.count("crm: ") == 100
    assert "and 500 more" in done.err


def test_dry_runs_of_many_rows_are_one_run(office: Path, tmp_path: Path) -> None:
    words = put(tmp_path, table(1500))
    before = desk.digest(office)
    answer = json.loads(crm(*words, "-n", "--json", office=office, cwd=tmp_path).out)
    assert (answer["added"], answer["dry_run"]) == (1500, True)
    assert desk.digest(office) == before


def test_a_row_that_the_rulebook_refuses_is_told_with_its_article(office: Path, tmp_path: Path) -> None:
    done = crm(*put(tmp_path, table(2)), "--by", "李娜", office=office, cwd=tmp_path)  # who received asks two questions
    assert (done.code, done.err.count("crm: rows.csv:")) == (1, 2)
    assert "a first meeting is entered with two answers: " in done.err
    assert "第14条" in done.err
    assert entries(office) == 0


def test_who_may_enter_nothing_is_told_once_and_the_attempt_is_noted(tmp_path: Path) -> None:
    office = founded(tmp_path, "marketing")
    assert crm("staff", "add", "李娜", "--role", "general_manager", office=office).code == 0
    done = crm(*put(tmp_path, table(3)), "--by", "李娜", "--json", office=office, cwd=tmp_path)
    assert (done.code, json.loads(done.out)["verdict"]) == (1, "not_allowed")
    assert [b'"type":"office.refused"' in line for line in desk.lines(office)[-2:]] == [False, True]


def test_a_key_that_decides_makes_two_rows_one_customer(tmp_path: Path) -> None:
    office = founded(tmp_path, "relations")
    text = "客户,接待人,方式,时间,电话\n甲,总,来访,,13900000001\n乙,总,来访,,+86 139 0000 0001\n"
    done = crm(*put(tmp_path, text), "--json", office=office, cwd=tmp_path)
    assert json.loads(done.out)["candidates"] == [{"lines": [2, 3], "by": "phone", "linked": True}]


@pytest.mark.parametrize("padding", [0, 2000])
def test_who_is_in_the_book_already_is_told_and_not_linked(office: Path, tmp_path: Path, padding: int) -> None:
    assert crm(*put(tmp_path, table(1)), office=office, cwd=tmp_path).code == 0
    again = table(1).replace("客户0", "别名").replace("9:00", "9:30")
    more = "".join(table(padding, start=1).splitlines(keepends=True)[1:])
    answer = json.loads(crm(*put(tmp_path, again + more), "--json", office=office, cwd=tmp_path).out)
    assert answer["met"][0] == {"line": 2, "client": "c00001", "score": 100, "fields": ["phone"]}
    assert not any(b'"type":"customer.linked"' in line for line in desk.lines(office))


def test_a_table_in_traditional_script_is_read_in_big5(office: Path, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_bytes("客戶,接待人,方式\n王小姐,李娜,來訪\n".encode("big5"))
    (tmp_path / "map.yaml").write_text("columns: {client: 客戶, to: 接待人, kind: 方式}\n", "utf-8")
    done = crm("register", "import", "rows.csv", "--map", "map.yaml", "--json", office=office, cwd=tmp_path)
    assert json.loads(done.out)["added"] == 1


def test_an_answer_that_is_none_is_refused_by_its_cell(office: Path, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("客户,接待人,来过\n王女士,李娜,也许\n", "utf-8")
    text = "columns: {client: 客户, to: 接待人, been_before: 来过}\nconstants: {kind: visit}\n"
    (tmp_path / "map.yaml").write_text(text, "utf-8")
    done = crm("register", "import", "rows.csv", "--map", "map.yaml", office=office, cwd=tmp_path)
    assert done.code == 3
    assert done.err.startswith("crm: rows.csv:2:8: this is neither yes nor no\n")
