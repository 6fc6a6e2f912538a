"""Answers as people and programs read them: text, json, jsonl, csv, md."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from crm_cli.render.streams import PIPE as PIPE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crm_cli.render.streams import Screen

Row = dict[str, Any]


@dataclass(eq=False, repr=False)
class Answer:
    """What a command answers: named fields for programs, lines for people, rows where it is a list.

    `talk` says that the lines only confirm what was done: they go to stderr, and -q silences them.
    """

    data: dict[str, Any]
    lines: Sequence[str] = ()
    rows: Sequence[Row] | None = None
    headings: Sequence[str] = ()
    exit: int = 0
    talk: bool = False
    notes: list[str] = field(default_factory=list)  # said beside the answer, on stderr
    styles: Sequence[str] = ()  # how each row stands out on a terminal
    stressed: int | None = None  # which line stands out as the row of the next one does
    # what gives way to a narrow terminal: wrap, cut, or apart in a line of its own; else all
    gives: Mapping[str, str] = field(default_factory=dict)
    again: int | None = None  # after how many seconds a terminal shows the answer anew
    refused: bool = False  # then it goes to no file: the one that is there may be last night's
    text: str = ""  # the whole answer, where it is in its style already


def text_of(answer: Answer, style: str, screen: Screen = PIPE) -> str:
    """Answer what goes to stdout in a style; always whole lines, or nothing."""
    if answer.text or not (answer.data or answer.lines or answer.rows):
        return answer.text
    if style == "json":
        return json_text(answer.data) + "\n"
    if style == "jsonl":
        return "".join(json_text(row) + "\n" for row in (answer.rows if answer.rows is not None else [answer.data]))
    if style in ("csv", "excel", "md"):
        from crm_cli.render import tables  # noqa: PLC0415 - only a table needs them

        rows = answer.rows if answer.rows is not None else [answer.data]
        return {"csv": tables.csv_text, "excel": tables.excel_text, "md": tables.markdown}[style](rows)
    return _text(answer, screen)


def _text(answer: Answer, screen: Screen) -> str:
    lines = [] if answer.talk else [screen.fitted(line) for line in answer.lines]
    if lines and answer.stressed is not None:
        lines[answer.stressed] = screen.painted(lines[answer.stressed], "next")
    text = "".join(line + "\n" for line in lines)
    if answer.rows:
        from crm_cli.render import tables  # noqa: PLC0415

        text += tables.drawn(answer, screen)
    return text


def json_text(value: Any) -> str:
    """Answer a value as one line of JSON, keys in the order they were given; bytes that are no text are escaped."""
    try:
        return orjson.dumps(value).decode()
    except TypeError:
        import json  # noqa: PLC0415 - only for what cannot be written in UTF-8

        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return text.encode(errors="backslashreplace").decode()
