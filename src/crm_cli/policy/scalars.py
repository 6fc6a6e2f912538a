"""Unquoted texts that two YAML readers understand differently, each with the reason why it is refused."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from crm_cli.language import _

if TYPE_CHECKING:
    from collections.abc import Callable


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
    for pattern, reason in _REASONS:
        if pattern.fullmatch(text):
            what, fix = reason()
            return Refusal(what.format(text=text), fix.format(text=text))
    return None


def _quote() -> str:
    return _('quote it: "{text}"')


_REASONS: tuple[tuple[re.Pattern[str], Callable[[], Refusal]], ...] = (
    (
        _TRUTH,
        lambda: Refusal(
            _("'{text}' is a truth value for some readers and a text for others"), _("write true or false, or quote it")
        ),
    ),
    (_NULL, lambda: Refusal(_("'{text}' means nothing at all"), _('write none, or quote it: "{text}"'))),
    (_SIXTY, lambda: Refusal(_("'{text}' is a number to base 60 for some readers and a text for others"), _quote())),
    (
        _BASE,
        lambda: Refusal(_("'{text}' is a number to another base for some readers and a text for others"), _quote()),
    ),
    (
        _LEADING_ZERO,
        lambda: Refusal(_("'{text}' is an octal number for some readers and a decimal one for others"), _quote()),
    ),
    (
        _UNDERSCORE,
        lambda: Refusal(
            _("'{text}' is a number for some readers and a text for others"), _("write the digits alone, or quote it")
        ),
    ),
    (
        _WHOLE,
        lambda: Refusal(
            _("'{text}' is not how a whole number is written here"),
            _("write at most 15 digits without a plus, or quote it"),
        ),
    ),
    (_FRACTION, lambda: Refusal(_("'{text}' is a fraction, of which readers drop digits"), _quote())),
    (_TIME, lambda: Refusal(_("'{text}' is a time for some readers and a text for others"), _quote())),
    (
        _SIGN,
        lambda: Refusal(
            _("'{text}' has a meaning of its own in YAML"), _("write the keys where they are meant, or quote it")
        ),
    ),
)
