"""A customer found by telephone or by name as the book grows: python bench/finding.py [CUSTOMERS]."""

from __future__ import annotations

import shutil
import sys
import tempfile
from contextlib import ExitStack
from datetime import date
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

from generate import Chain, Piece, last_moment, lines_of, moment
from measure import CRM, Row, against, in_turns, office, run, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

USUAL, RUNS, DAY = 1_000_000, 31, date(2025, 3, 4)
FIRST_PHONE = 13_000_000_000
NAME, GIVEN = "赵一", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰"
FAMILIES = "王李张刘陈杨黄吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任"
NAMES = [family + "".join(given) for family, *given in product(FAMILIES, GIVEN, GIVEN)]


def generate(customers: int, folder: Path) -> None:
    """Make an office whose book has so many customers, each with a name, a telephone number and one visit."""
    entered = f"register add k1 --to 甲 --kind visit --by M --name {NAME} --phone {FIRST_PHONE}"
    with office() as founded:
        known = len(lines_of(founded))
        run(founded, [f"{entered} --now {DAY}T09:00:00+08:00"])
        shutil.copytree(founded, folder, ignore=shutil.ignore_patterns(".cache", "*.jsonl", "*.seal"))
        lines = lines_of(founded)
    founding, entry = Piece(lines[:known]), Piece(lines[known:])
    chain = Chain(folder / "ledger")
    chain.add(founding.again(0, 0, 0, moment(DAY, 0)), f"{DAY:%Y-%m}")
    name, phone = NAME.encode(), b"%d" % FIRST_PHONE
    for number in range(1, customers + 1):
        made = entry.again(chain.events, number, number, moment(DAY, number / customers))
        theirs = NAMES[number * 7919 % len(NAMES)].encode()
        mine = b"%d" % (FIRST_PHONE + number * 997)
        chain.add([line.replace(name, theirs).replace(phone, mine) for line in made], f"{DAY:%Y-%m}")


def rows(most: int = USUAL) -> Iterator[Row]:
    """Answer what finding somebody takes in a large book, against a book of a thousand."""
    with ExitStack() as stack:
        places = {size: Path(stack.enter_context(tempfile.TemporaryDirectory())) / "office" for size in (1000, most)}
        for size, folder in places.items():
            generate(size, folder)
        for what, text in (("a telephone", str(FIRST_PHONE + 500 * 997)), ("a name", NAMES[500 * 7919 % len(NAMES)])):
            find = [
                [CRM, "-C", str(folder), "register", "find", text, "--by", "M", "--now", last_moment(folder)]
                for folder in places.values()
            ]
            small, large = in_turns(find, RUNS)
            yield Row(
                f"`crm register find` by {what}, {most:,} customers against 1,000", "1.15x", *against(large, small)
            )


if __name__ == "__main__":
    shown(lambda: rows(int(sys.argv[1]) if sys.argv[1:] else USUAL))
