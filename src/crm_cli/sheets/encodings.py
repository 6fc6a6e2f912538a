"""In which encoding a text was saved: named, or found by reading it strictly."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

from crm_cli.errors import DataError, UsageError
from crm_cli.language import _
from crm_cli.names import shown

if TYPE_CHECKING:
    from collections.abc import Collection

MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "big5": "cp950", "utf-8": "utf-8-sig"}  # what spreadsheets mean by it
CHINESE = {"gb18030": ("gb2312", range(0xA1, 0xD8)), "cp950": ("big5", range(0xA1, 0xC7))}  # the usual signs of each
SAMPLE = 20_000  # signs by which two encodings are told apart
LEAD = 0.1  # by how much more of the signs must be usual ones


def decoded(raw: bytes, file: str, named: str | None, wanted: Collection[str]) -> str:
    """Answer the text of a file; `wanted` are words of its first line, which the right encoding shows."""
    encoding = _named(named) if named else _found(raw, file, wanted)
    try:
        return raw.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise _broken(raw, file, encoding, error, named or encoding) from None


def _named(name: str) -> str:
    try:
        found = codecs.lookup(name)
        b"\0\0\0\0".decode(name)  # refuses what turns bytes into bytes
    except (LookupError, ValueError):
        raise UsageError(
            _("'{name}' is not an encoding").format(name=shown(name)), fix="--encoding utf-8|gb18030|big5|utf-16"
        ) from None
    return WIDER.get(found.name, found.name)


def _broken(raw: bytes, file: str, encoding: str, error: UnicodeDecodeError, said: str) -> DataError:
    """Answer where the first byte stands that is none of an encoding."""
    start = error.start + (3 if encoding == "utf-8-sig" and raw.startswith(MARKS[0][0]) else 0)
    lines = raw[:start].decode(encoding, "replace").removeprefix("\ufeff").split("\n")
    return DataError(
        _("this is not {encoding}").format(encoding=said.removesuffix("-sig").upper()),
        where=f"{file}:{len(lines)}:{len(lines[-1]) + 1}",
        fix=_("say how the file was saved: --encoding gb18030, big5, utf-16 …; or save it as UTF-8"),
    )


def _found(raw: bytes, file: str, wanted: Collection[str]) -> str:
    """Answer the one encoding that fits: UTF-8 first, which other texts hardly ever are by chance."""
    for mark, encoding in MARKS:
        if raw.startswith(mark):
            return encoding
    broken = _misfit(raw, "utf-8")
    if broken is None:
        return "utf-8"
    fitting = [name for name in CHINESE if _misfit(raw, name) is None]
    if not fitting:
        raise _broken(raw, file, "utf-8", broken, "utf-8")
    heads = {name: raw.decode(name).partition("\n")[0] for name in fitting}
    likely = [name for name in fitting if all(word in heads[name] for word in wanted)] or fitting
    return likely[0] if len(likely) == 1 else _likelier(raw, file, likely)


def _misfit(raw: bytes, encoding: str) -> UnicodeDecodeError | None:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError as error:
        return error
    return None


def _likelier(raw: bytes, file: str, fitting: list[str]) -> str:
    """Answer the encoding in which more of the signs are usual ones; where neither is ahead, it must be named."""
    ranked = sorted(((_usual(raw, name), name) for name in fitting), reverse=True)
    if ranked[0][0] - ranked[1][0] >= LEAD:
        return ranked[0][1]
    raise DataError(
        _("this may be {one} or {other}").format(one="GB18030", other="BIG5"),
        where=f"{file}:1:1",
        fix=_("say how the file was saved: --encoding gb18030, big5, utf-16 …; or save it as UTF-8"),
    )


def _usual(raw: bytes, encoding: str) -> float:
    narrow, usual = CHINESE[encoding]
    signs = [sign for sign in raw.decode(encoding)[:SAMPLE] if not sign.isascii()]
    return sum(sign.encode(narrow, "replace")[0] in usual for sign in signs) / len(signs)
