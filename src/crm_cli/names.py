"""Names that people type: what may be one, and its one written form."""

from __future__ import annotations

import unicodedata

from crm_cli.errors import UsageError
from crm_cli.language import _

LONGEST = 100
LONGEST_TEXT = 1000
LONGEST_PATH = 200  # that an error repeats
RESERVED = ("office", "waiting", "missed", "nobody", "anyone", "system", "none", "unknown")
SHOWN = 40
MOST = 10**15  # of an amount, in its smallest unit
SEPARATORS = ",="
ANSWERS = {
    **dict.fromkeys(("yes", "y", "true", "1", "是"), True),
    **dict.fromkeys(("no", "n", "false", "0", "否"), False),
}  # what yes and no are written as


def name(typed: str, what: str = "") -> str:
    """Answer a typed name or handle trimmed and in one form (NFC); what cannot be a name is refused."""
    return _plain(typed, what or _("name"), LONGEST)


def reason(typed: str) -> str:
    """Answer a typed reason: some words of plain text."""
    return _plain(typed, _("reason"), LONGEST_TEXT)


def value(typed: str) -> str:
    """Answer a typed field of a card: some words of plain text."""
    return _plain(typed, _("value"), LONGEST_TEXT)


def answer(typed: str) -> bool | None:
    """Answer whether yes or no was written, None where it is neither."""
    return ANSWERS.get(unicodedata.normalize("NFKC", typed).lower())


def amount(typed: str) -> int | None:
    """Answer an amount of money in the hundredth of its unit, None where what is written is none."""
    from decimal import Decimal, InvalidOperation  # noqa: PLC0415 - few commands read money

    plain = unicodedata.normalize("NFKC", typed).replace(",", "")
    try:
        hundredths = Decimal(plain) * 100
    except InvalidOperation:
        return None
    whole = set(plain) <= set("-0123456789.") and hundredths == hundredths.to_integral_value()
    return int(hundredths) if whole and abs(hundredths) < MOST else None


def _plain(typed: str, what: str, longest: int) -> str:
    text = unicodedata.normalize("NFC", typed).strip()
    if not text:
        raise UsageError(_("the {what} is empty").format(what=what), fix=_("type one"))
    if len(text) > longest:
        raise UsageError(
            _("the {what} is {count} characters long").format(what=what, count=len(text)),
            fix=_("use at most {count} characters").format(count=longest),
        )
    if not text.isprintable() and any(
        unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in text
    ):
        raise UsageError(
            _("the {what} holds a character that cannot be written down").format(what=what),
            fix=_("type it without control characters"),
        )
    return text


def person(typed: str) -> str:
    """Answer the name of a member of staff: a name that no list, option or answer gives another meaning."""
    text = name(typed)
    if text.lower() in RESERVED:
        raise UsageError(
            _("'{name}' is a word of the program, not a name").format(name=text),
            fix=_("add something to tell it apart"),
        )
    if any(sign in text for sign in SEPARATORS) or text.startswith("-"):
        raise UsageError(
            _("'{name}' holds a sign that lists are written with").format(name=text),
            fix=_("leave out commas, equals signs and a leading hyphen"),
        )
    return text


def shown(typed: str, longest: int = SHOWN) -> str:
    """Answer typed words as an error may repeat them: cut short, and nothing in them that a terminal would obey."""
    text = typed if len(typed) <= longest else typed[: longest - 1] + "…"
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in text)


def path(typed: object) -> str:
    """Answer the name of a file or folder as an error may repeat it."""
    return shown(str(typed), LONGEST_PATH)


def listed(typed: str) -> list[str]:
    """Answer the names of a list that was typed with commas."""
    found = [one.strip() for one in typed.split(",")]
    if not all(found):
        raise UsageError(_("'{text}' is not a list of names").format(text=shown(typed)), fix=_("write it like A,B,C"))
    return [name(one) for one in found]
