"""Values of fields as they are typed, read by their type into the one form in which a case keeps them.

text, reply, document, vin, plate and names are texts; a flag is true or false; a number is whole; money is in the
hundredth of its unit; a day is ISO, a time RFC 3339 in the office's zone; a phone is E.164 with its extension.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from crm_cli import clock, names
from crm_cli.errors import UsageError
from crm_cli.identity import phones
from crm_cli.language import _
from crm_cli.rules.directory import find

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from zoneinfo import ZoneInfo

    from crm_cli.past import Past
    from crm_cli.policy.ask import CaseRule
    from crm_cli.policy.book import Book


class Place(NamedTuple):
    """What reading depends on: the past and the words of the office, its zone, its country and area for telephones."""

    past: Past
    book: Book
    zone: ZoneInfo
    country: str
    area: str


def read(rule: CaseRule, name: str, typed: Any, place: Place, called: str = "") -> Any:
    """Answer the value of a field as a case keeps it; UsageError tells what is wanted of it, `called` as people do."""
    field = rule.compiled["fields"][name]
    if field["many"]:
        listed = typed if isinstance(typed, (list, tuple)) else [typed]
        return list(dict.fromkeys(_one(field, called or name, one, place) for one in listed))
    return _one(field, called or name, typed, place)


def _one(field: Mapping[str, Any], name: str, typed: Any, place: Place) -> Any:
    if isinstance(typed, bool):
        return typed
    text = str(typed)
    if field["type"] == "text" or field["type"] in ("reply", "document"):
        return _text(text, name)
    return _READERS[field["type"]](field, name, names.name(text, name), place)


def _text(text: str, name: str) -> str:
    """Answer a text of any length, its line ends as they are."""
    if not text.strip() or "\0" in text:
        raise UsageError(_("{field} is empty").format(field=name), fix=_("write what it says, or leave it out"))
    return unicodedata.normalize("NFC", text.strip())


def _word(field: Mapping[str, Any], name: str, text: str, place: Place) -> str:
    labels = place.book.words("case_word")
    for word in field["of"]:
        if text == word or text in labels.get(word, {}).values():
            return str(word)
    return _unknown(name, text, [f"{word} {labels.get(word, {}).get('zh', '')}".strip() for word in field["of"]])


def _unknown(name: str, text: str, words: list[str]) -> str:
    what = _("'{word}' is not a {field}").format(word=names.shown(text), field=name)
    raise UsageError(what, fix=_("write one of: {words}").format(words=", ".join(words)))


def _flag(_field: Mapping[str, Any], name: str, text: str, _place: Place) -> bool:
    said = names.answer(text)
    if said is None:
        raise UsageError(_("{field} wants yes or no").format(field=name), fix=_("write yes or no"))
    return said


def _number(_field: Mapping[str, Any], name: str, text: str, _place: Place) -> int:
    plain = unicodedata.normalize("NFKC", text)
    if not re.fullmatch("-?[0-9]{1,15}", plain):
        raise UsageError(_("{field} wants a whole number").format(field=name), fix=_("write digits"))
    return int(plain)


def _money(_field: Mapping[str, Any], name: str, text: str, _place: Place) -> int:
    """Answer an amount in the hundredth of its unit."""
    amount = names.amount(text)
    if amount is None:
        what = _("{field} wants an amount of money").format(field=name)
        raise UsageError(what, fix=_("write it like 1200 or 1200.50"))
    return amount


def _date(_field: Mapping[str, Any], name: str, text: str, _place: Place) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise UsageError(_("{field} wants a day").format(field=name), fix=_("write it like 2025-03-31")) from None


def _time(_field: Mapping[str, Any], _name: str, text: str, place: Place) -> str:
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        what = _("'{text}' is a day, and a time is wanted").format(text=text)
        raise UsageError(what, fix=_("write it like {day}T09:30").format(day=text))
    if len(text) > len("2025-03-31") and not re.search(r"(Z|[+-][0-9:]{2,6})$", text):
        return clock.typed(f"{text}{clock.typed(f'{text[:10]}T00:00+00:00', place.zone):%z}", place.zone).isoformat()
    return clock.typed(text, place.zone).isoformat()


def _phone(_field: Mapping[str, Any], name: str, text: str, place: Place) -> str:
    key = phones.key(text, place.country, place.area)
    if key is None:
        what = _("{field} is no telephone number of {country}").format(field=name, country=place.country)
        raise UsageError(what, fix=_("write it with its area code, or with + and its country"))
    return key


def _plain(_field: Mapping[str, Any], _name: str, text: str, _place: Place) -> str:
    """Answer a plate or a number of a vehicle: capitals, without spaces and dots."""
    return "".join(unicodedata.normalize("NFKC", text).upper().split()).replace("·", "").replace("-", "")


def _name(_field: Mapping[str, Any], _name_of: str, text: str, _place: Place) -> str:
    return text


def _department(_field: Mapping[str, Any], _name_of: str, text: str, place: Place) -> str:
    return place.book.word("role", text)


def _customer(_field: Mapping[str, Any], _name_of: str, text: str, place: Place) -> str:
    return find(place.past, text)


def _case(field: Mapping[str, Any], name: str, text: str, place: Place) -> str:
    found = place.past.get("case", text)
    if found is None or found["kind"] not in field["link"]:
        what = _("there is no {kind} {id}").format(kind=" / ".join(field["link"]), id=names.shown(text))
        raise UsageError(what, fix=_("write the id of one that is there for {field}").format(field=name))
    return text


_READERS: dict[str, Callable[[Mapping[str, Any], str, str, Place], Any]] = {
    "word": _word,
    "flag": _flag,
    "number": _number,
    "money": _money,
    "date": _date,
    "time": _time,
    "phone": _phone,
    "plate": _plain,
    "vin": _plain,
    "person": _name,
    "department": _department,
    "customer": _customer,
    "link": _case,
}
