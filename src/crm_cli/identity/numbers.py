"""Numbers that the state gives to people and to companies: one form, and whether their check digit is right."""

from __future__ import annotations

import unicodedata
from typing import NamedTuple


class Number(NamedTuple):
    """A number as it is compared, which register gave it, and whether it can be one of that register."""

    key: str
    register: str  # citizen, or company
    valid: bool


def read(typed: str) -> Number | None:
    """Answer the identity or company number that was typed; None where it has the shape of neither."""
    from stdnum.cn import ric, uscc  # noqa: PLC0415 - only where a number is read

    text = "".join(sign for sign in unicodedata.normalize("NFKC", typed).upper() if sign.isalnum())
    if len(text) != 18 or not text.isascii():  # noqa: PLR2004 - both have 18 signs in mainland China
        return None
    if text[:17].isdigit() and ric.is_valid(text):
        return Number(text, "citizen", valid=True)
    if uscc.is_valid(text):
        return Number(text, "company", valid=True)
    return Number(text, "citizen" if text[:17].isdigit() else "company", valid=False)
