"""Phone numbers in one form, E.164 with its extension, by the country and the area of the office."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import NamedTuple

_WORDS = r"转分机|轉分機|分机号?|分機號?|转|轉|ext\.?|extension|x"
_EXTENSION = re.compile(rf"\s*[,;(]?\s*(?:{_WORDS})\s*[:.]?\s*(\d{{1,7}})\)?\s*$", re.IGNORECASE)
_PLAIN = re.compile(r"[1-9][0-9]*(?:[ -][0-9]+)*")  # digits, in groups or in one
_UNMARKED = str.maketrans("", "", " -")
_NEVER = re.compile(r"(?!)")
_LOCAL = 7  # digits that a number without its area code has at least


class Phone(NamedTuple):
    """A number in E.164, its extension, and whether a network gives such numbers."""

    e164: str
    extension: str
    valid: bool

    @property
    def key(self) -> str:
        """Answer what two entries of one telephone have in common."""
        return f"{self.e164};{self.extension}" if self.extension else self.e164


def read(typed: str, country: str, area: str = "") -> Phone | None:
    """Answer the phone that was typed, None where it is none at all.

    `country` is the office's (`CN`), for numbers that do not name theirs; one that lacks its area code gets `area`,
    the office's own (`0755`), and only that.
    """
    if mobile := _mobile(typed, country):
        return mobile
    text = unicodedata.normalize("NFKC", typed).strip()
    found = _EXTENSION.search(text)
    number, extension = (text[: found.start()], found[1]) if found else (text, "")
    phone = _parsed(number, country)
    if phone is not None and not phone[1] and area and _is_local(number):
        phone = _valid(_parsed(area + number, country)) or phone
    return Phone(phone[0], extension, phone[1]) if phone else None


def key(typed: str, country: str, area: str = "") -> str | None:
    """Answer the one form of a number that is to be kept, None where no network gives such a number."""
    phone = read(typed, country, area)
    return phone.key if phone is not None and phone.valid else None


def _mobile(typed: str, country: str) -> Phone | None:
    """Answer a number that is plainly a mobile one of the country itself, as most are: what a whole reading answers."""
    if not _PLAIN.fullmatch(typed):
        return None
    number = typed.translate(_UNMARKED)
    code, form, prefixes = _mobiles(country)
    return Phone(f"+{code}{number}", "", valid=True) if form.fullmatch(number) and not prefixes.match(number) else None


@cache
def _mobiles(country: str) -> tuple[int, re.Pattern[str], re.Pattern[str]]:
    """Answer a country's code, the form of its mobile numbers, and what before a number is none of it."""
    from phonenumbers import PhoneMetadata  # noqa: PLC0415 - its tables are large

    found = PhoneMetadata.metadata_for_region(country)
    if found is None or not (found.mobile and found.mobile.national_number_pattern):
        return 0, _NEVER, _NEVER
    before = (found.national_prefix_for_parsing, found.international_prefix)
    prefixes = "|".join(f"(?:{one})" for one in before if one)
    form = re.compile(found.mobile.national_number_pattern)
    return found.country_code or 0, form, re.compile(prefixes) if prefixes else _NEVER


def _is_local(number: str) -> bool:
    return number[:1] not in ("0", "+") and sum(sign.isdigit() for sign in number) >= _LOCAL


def _valid(phone: tuple[str, bool] | None) -> tuple[str, bool] | None:
    return phone if phone and phone[1] else None


def _parsed(number: str, country: str) -> tuple[str, bool] | None:
    import phonenumbers  # noqa: PLC0415 - its tables are large, and few commands read a number

    try:
        parsed = phonenumbers.parse(number, country)
    except phonenumbers.NumberParseException:
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164), phonenumbers.is_valid_number(parsed)
