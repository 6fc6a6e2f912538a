"""What people type and see of a customer's card: fields in one form, masks, who may be meant."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_cli import clock, names
from crm_cli.errors import UsageError
from crm_cli.language import _
from crm_cli.rules.customer import card as rule
from crm_cli.rules.customer.fields import CHOICES, UNKNOWN
from crm_cli.rules.directory import handle_of, known, members

if TYPE_CHECKING:
    from crm_cli.commands.session import Session
    from crm_cli.past import Event
    from crm_cli.policy.book import Book
    from crm_cli.settings import Settings

WORDED = (*CHOICES, rule.OF_A_CHANGE)  # fields that say a word of the house
DAYS = {"birthday", "deal"}  # fields that are days of the calendar
SHOWN = 5  # candidates at most
Client = Annotated[str, typer.Argument(metavar="CLIENT", help="What the desk calls the customer.")]
Name = Annotated[str | None, typer.Option("--name", metavar="TEXT", help="The customer's name.")]
Phone = Annotated[str | None, typer.Option("--phone", metavar="NUMBER", help="Telephone; 转 801 is an extension.")]
Company = Annotated[str | None, typer.Option("--company", metavar="TEXT", help="Employer or company.")]
Fields = Annotated[
    list[str] | None,
    typer.Option("--field", metavar="FIELD=VALUE", help="identity, birthday, address or another field."),
]
Reason = Annotated[str, typer.Option("--reason", metavar="REASON", help="Why.")]
CHECKED = ("phone", "identity")  # fields of which not every text can be one


def typed(session: Session, said: dict[str, str | None], others: list[str]) -> dict[str, Any]:
    """Answer what was typed of a customer: personal fields, their one form, and the fields that are not personal."""
    fields = {field: names.value(value) for field, value in said.items() if value is not None}
    for one in others:
        field, sign, value = one.partition("=")
        if not sign:
            raise UsageError(
                _("'{text}' does not say what a field is").format(text=names.shown(field)), fix="--field FIELD=VALUE"
            )
        word = session.word("field", field)
        fields[word] = choice(session.office.book, word, names.value(value))
    must_be_days(fields)
    plain = session.office.rulebook(session.at()).values("register", "card")[0]["plain"]
    card = {field: value for field, value in fields.items() if field not in plain}
    return {
        "card": card,
        "keys": keys(session.office.settings, card),
        "fields": {field: value for field, value in fields.items() if field in plain},
    }


def choice(book: Book, field: str, value: str) -> str:
    """Answer the word of the house that a value is, where the house has words for that field."""
    if field in WORDED and set(book.words(field)) - {UNKNOWN}:
        return book.word(field, value, besides=(UNKNOWN,))
    return value


def told_value(session: Session, field: str, fields: dict[str, str]) -> str:
    """Answer what a field says as people call it."""
    return session.label(field, fields[field]) if field in WORDED else fields[field]


def keys(settings: Settings, card: dict[str, str]) -> dict[str, str]:
    """Answer the one form of the fields that have one; what cannot be one is refused, without repeating it."""
    found = {}
    if "phone" in card:
        found["phone"] = _phone(settings, card["phone"])
    if "identity" in card:
        found["identity"] = _identity(card["identity"])
    return found


def must_be_days(fields: dict[str, str]) -> None:
    """Refuse a day that does not exist in a field that is one, without repeating it."""
    for field in DAYS & set(fields):
        with suppress(ValueError):
            if date.fromisoformat(fields[field]).isoformat() == fields[field]:
                continue
        raise UsageError(_("this is no day of the calendar"), fix=_("write it like 1980-02-29"))


def _phone(settings: Settings, text: str) -> str:
    from crm_cli.identity import phones  # noqa: PLC0415 - its tables are large

    key = phones.key(text, settings.country, settings.area)
    if key is None:
        raise UsageError(
            _("this is no telephone number of {country}").format(country=settings.country),
            fix=_("write it with its area code, or with + and its country"),
        )
    return key


def _identity(text: str) -> str:
    from crm_cli.identity import numbers  # noqa: PLC0415 - few requests have one

    number = numbers.read(text)
    if number is not None and not number.valid:
        raise UsageError(_("the check digit of this number is wrong"), fix=_("compare it with the paper"))
    return number.key if number else "".join(text.split()).upper()


def roles(session: Session) -> list[str]:
    """Answer the roles of whose hand it is; none where nobody knows who that is, so that everything is masked."""
    with suppress(UsageError):
        return list(members(session.office.past()).get(session.by(), {"roles": []})["roles"])
    return []


def seen(session: Session, event: Event) -> Event:
    """Answer an event as whose hand it is may see it: what the policy masks is masked."""
    if event["type"].startswith("case."):
        from crm_cli.commands.case.said import hidden  # noqa: PLC0415 - only in an office with cases

        return event if roles(session) else hidden(event)
    if not {"card", "keys"} & set(event.get("personal", {})):
        return event
    rules = session.office.rulebook(clock.told(event["happened"]))
    return {**event, "personal": rule.hidden(event["personal"], rules, roles(session))}


def meant(session: Session, wanted: dict[str, str], besides: list[str]) -> list[dict[str, Any]]:
    """Answer who may be meant: [{"client", "name", "score", "fields"}], the likest first, a few at most."""
    past, rules, mine = session.office.past(), session.office.rulebook(session.at()), roles(session)
    return [
        {
            "client": handle_of(past, one.customer),
            "id": one.customer,
            "name": rule.shown(rule.card_of(past, one.customer), rules, mine).get("name", ""),
            "score": one.score,
            "fields": list(one.fields),
        }
        for one in rule.candidates(past, wanted, besides)[:SHOWN]
    ]


def found(session: Session, text: str) -> list[dict[str, Any]]:
    """Answer who may be meant by a text: whoever is called so at the desk, then by telephone, number or name."""
    from crm_cli.identity import numbers, phones  # noqa: PLC0415 - their tables are large

    past, settings = session.office.past(), session.office.settings
    phone, number = phones.read(text, settings.country, settings.area), numbers.read(text)
    wanted = {"name": text}
    if phone and phone.valid:
        wanted = {"phone": phone.key}
    elif number:
        wanted = {"identity": number.key}
    called = known(past, text)
    mine = [{"client": text, "id": called, "name": "", "score": 100, "fields": []}] if called else []
    return [*mine, *meant(session, wanted, [called] if called else [])][:SHOWN]


def told(session: Session, found: list[dict[str, Any]]) -> list[str]:
    """Answer in words who may be the same customer, and by what."""
    return [
        _("may be {client}: {score} of 100, by {fields}").format(
            client=one["client"],
            score=one["score"],
            fields="、".join(session.label("field", field) for field in one["fields"]) or _("likeness"),
        )
        for one in found
    ]
