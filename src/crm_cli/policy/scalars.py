"""Unquoted texts that two YAML readers understand differently, each with the reason why it is refused."""

from __future__ import annotations

import re
from typing import NamedTuple


class Refusal(NamedTuple):
    """Why an unquoted text is refused, and what to write instead."""

    what: str
    fix: str


_TRUTH = re.compile(r"y|yes|n|no|on|off|true|false", re.IGNORECASE)
_NULL = re.compile(r"~|null", re.IGNORECASE)
_SIXTY = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9_]+")
_BASE = re.compile(r"[-+]?0[xXoObB][0-9a-fA-F_]+")
_UNDERSCORE = re.compile(r"[-+]?[0-9][0-9_]*_[0-9_]*")
_FRACTION = re.compile(
    r"[-+]?(?:\.[0-9][0-9_]*|[0-9][0-9_]*\.?[0-9_]*)(?:[eE][-+]?[0-9]+)?|[-+]?\.inf|\.nan", re.IGNORECASE
)
_WHOLE = re.compile(r"[-+]?[0-9]+")
_TIME = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9].*")
_SIGN = re.compile(r"=|<<")


def is_truth_word(text: str) -> bool:
    """Answer whether some readers take an unquoted text for true or false."""
    return _TRUTH.fullmatch(text) is not None


def refusal(text: str) -> Refusal | None:
    """Answer why an unquoted text is refused; None when every reader takes it for the same text."""
    for pattern, what, fix in _REASONS:
        if pattern.fullmatch(text):
            return Refusal(what.format(text=text), fix.format(text=text))
    return None


_REASONS = (
    (_TRUTH, "'{text}' is a truth value for some readers and a text for others", "write true or false, or quote it"),
    (_NULL, "'{text}' means nothing at all", 'write none, or quote it: "{text}"'),
    (_SIXTY, "'{text}' is a number to base 60 for some readers and a text for others", 'quote it: "{text}"'),
    (_BASE, "'{text}' is a number to another base for some readers and a text for others", 'quote it: "{text}"'),
    (_LEADING_ZERO, "'{text}' is an octal number for some readers and a decimal one for others", 'quote it: "{text}"'),
    (_UNDERSCORE, "'{text}' is a number for some readers and a text for others", "write the digits alone, or quote it"),
    (
        _WHOLE,
        "'{text}' is not how a whole number is written here",
        "write at most 15 digits without a plus, or quote it",
    ),
    (_FRACTION, "'{text}' is a fraction, of which readers drop digits", 'quote it: "{text}"'),
    (_TIME, "'{text}' is a time for some readers and a text for others", 'quote it: "{text}"'),
    (_SIGN, "'{text}' has a meaning of its own in YAML", "write the keys where they are meant, or quote it"),
)
