"""Numbers of people, companies and vehicles: one form, and whether their check digit is right."""

from __future__ import annotations

import unicodedata
from typing import NamedTuple

VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
VIN_SIGNS = {str(digit): digit for digit in range(10)}
VIN_SIGNS |= dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", (*range(1, 9), *range(1, 6), 7, 9, *range(2, 10)), strict=True))


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


def is_vin(text: str) -> bool:
    """Answer whether a text can be the number of a vehicle: 17 signs, the ninth of which checks the others."""
    if len(text) != len(VIN_WEIGHTS) or not set(text) <= VIN_SIGNS.keys():
        return False
    left = sum(weight * VIN_SIGNS[sign] for weight, sign in zip(VIN_WEIGHTS, text, strict=True)) % 11
    return text[8] == ("X" if left == 10 else str(left))  # noqa: PLR2004 - as Roman numbers write it
