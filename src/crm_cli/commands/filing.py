"""crm register card, retire, and what `show` says of history and expenses: the card in the house's own form."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_cli import names
from crm_cli.commands import cards
from crm_cli.commands.answers import answer_of, by_articles
from crm_cli.commands.cards import Client, Company, Fields, Name, Phone, Reason  # noqa: TC001 - typer reads them
from crm_cli.commands.day import looked
from crm_cli.commands.said import confirmed, sentence, with_id
from crm_cli.errors import UsageError
from crm_cli.language import _
from crm_cli.render import Answer
from crm_cli.rules import register as owners
from crm_cli.rules.customer import card as card_rule
from crm_cli.rules.customer import fields, filing, grading, unfiled
from crm_cli.rules.decision import unique
from crm_cli.rules.directory import find

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crm_cli.commands.session import Session
    from crm_cli.office import Outcome
    from crm_cli.past import Document
    from crm_cli.policy.ask import Hit

NOUN = "customer"


def card(
    context: typer.Context,
    client: Client,
    file: Annotated[bool, typer.Option("--file", help="File it: everything it must say is there.")] = False,
    name: Name = None,
    phone: Phone = None,
    company: Company = None,
    field: Fields = None,
    reason: Annotated[str | None, typer.Option("--reason", metavar="REASON", help="What it is looked at for.")] = None,
) -> Answer:
    """Show a customer's card in the house's form, or file it."""
    session: Session = context.obj
    handle = names.name(client, _("customer's name"))
    asked = cards.typed(session, {"name": name, "phone": phone, "company": company}, field or [])
    if not file:
        if asked["card"] or asked["fields"]:
            raise UsageError(_("a card is written on when it is filed"), fix=_("--file, or crm register update"))
        return looked(session, handle, reason, _shown)
    outcome = session.decide(NOUN, "file", handle=handle, **asked)
    done = [event for event in outcome.events if event["type"] == "customer.filed"]
    lines = [with_id(outcome, sentence(session, done[0])) if done else confirmed(session, outcome)]
    answer = answer_of(session, outcome, lines, talk=True)
    answer.notes += remarks(session, outcome)
    return answer


def retire(
    context: typer.Context,
    client: Client,
    reason: Reason,
    undo: Annotated[bool, typer.Option("--undo", help="They are among the customers again.")] = False,
) -> Answer:
    """Take a customer off the lists; the history stays, and a new entry brings them back."""
    session: Session = context.obj
    handle = names.name(client, _("customer's name"))
    outcome = session.decide(NOUN, "retire", handle=handle, reason=names.reason(reason), undo=undo)
    return answer_of(session, outcome, [confirmed(session, outcome)], talk=True)


def day(session: Session, typed: str | None) -> str | None:
    """Answer a day that was typed, seen to be none to come."""
    if typed is None:
        return None
    try:
        found = date.fromisoformat(typed)
    except ValueError:
        raise UsageError(
            _("'{text}' is no day").format(text=names.shown(typed)), fix=_("write it like 2025-03-03")
        ) from None
    if found > session.at().date():
        raise UsageError(_("{day} is still to come").format(day=found), fix=_("name a day up to today"))
    return found.isoformat()


def remarks(session: Session, outcome: Outcome) -> list[str]:
    """Answer what is said beside a record: what was asked for, what was late, what is to be thought over."""
    told, said = outcome.answer, []
    if not outcome.allowed or session.shared.quiet or session.format != "text":
        return []
    if told.get("differs"):
        wanted = "、".join(session.label("field", one) for one in told["differs"])
        said.append(
            _("known until now with another {fields}: a stranger needs a name of their own").format(fields=wanted)
        )
    if told.get("asks"):
        wanted = "、".join(session.label("field", one) for one in told["asks"])
        said.append(_("not said yet: {fields}").format(fields=wanted))
    if told.get("missing"):
        wanted = "、".join(session.label("field", one) for one in told["missing"])
        said.append(_("still missing on the card: {fields}").format(fields=wanted))
    if told.get("late"):
        said.append(_("late: it was due by {due}").format(due=told["late"][:16].replace("T", " ")))
    if told.get("advice"):
        said.append(_advice(session, told["advice"]))
    return said


def _advice(session: Session, advice: dict[str, Any]) -> str:
    better = "、".join(session.label("class", word) for word in advice["better"])
    return _("{word}, but there is no business with them yet; would {better} fit?").format(
        word=session.label("class", advice["class"]), better=better
    )


# ── the card in its form ───────────────────────────────────────────────────────────────────────────────────────────


def _shown(session: Session, handle: str, revealed: Sequence[str] = (), *, whole: bool = False) -> Answer:
    data, hit, wanted = _data(session, handle, whole=whole or bool(revealed))
    cites = unique([*wanted.must.values(), *wanted.counted.values(), *([hit.cite] if hit else [])])
    data |= {"cites": [cite.public() for cite in cites], "events": list(revealed)}
    rows = [*_field_rows(session, data), *_summary(session, data)]
    basis = by_articles(session, cites)
    lines = [f"{handle}  {data['id']}", *([basis] if basis else [])]
    return Answer(data, lines, rows=rows, headings=[_("field"), _("on the card"), ""])


def _data(session: Session, handle: str, *, whole: bool) -> tuple[Document, Hit | None, fields.Wanted]:
    """Answer everything that the form says, the row of the grade, what the form wants."""
    past, at = session.office.past(), session.at()
    rules, customer = session.office.rulebook(at), find(past, handle)
    known = card_rule.card_of(past, customer)
    told = {**known["typed"], **known["fields"]}
    wanted = fields.wanted(past, rules, customer, "card", kind=fields.kind_of(past, customer), told=told)
    every, hit = wanted.every(), grading.grade(past, rules, customer)
    shown = told if whole else card_rule.shown(known, rules, cards.roles(session))
    missing, document = fields.gaps(every, told), past.get("customer", customer) or {}
    by = filing.file_by(past, rules, customer)
    return {
        "verdict": "shown", "client": handle, "id": customer,
        "fields": {field: shown.get(field, "") for field in dict.fromkeys([*every, *shown])},
        "missing": missing, "must": fields.gaps(wanted.must, told),
        "completeness": {"known": len(every) - len(missing), "of": len(every)},
        "grade": {**hit.then, "because": grading.because(rules, hit)} if hit else None,
        "class": filing.class_of(past, customer), "owner": owners.owner_of(past, rules, customer, at),
        "updated": document.get("described"), "filed": unfiled.filed(past, customer),
        "file_by": by.isoformat() if by else None, "retired": document.get("retired"),
    }, hit, wanted  # fmt: skip


def _field_rows(session: Session, data: Document) -> list[dict[str, str]]:
    states = {**dict.fromkeys(data["missing"], _("missing")), **dict.fromkeys(data["must"], _("missing, wanted"))}
    return [
        {
            "field": session.label("field", field),
            "value": cards.told_value(session, field, data["fields"]) if value else "-",
            "state": states.get(field, ""),
        }
        for field, value in data["fields"].items()
    ]


def _summary(session: Session, data: Document) -> list[dict[str, str]]:
    full, filed = data["completeness"], data["filed"]
    said = {
        _("completeness"): _("{known} of {of}").format(**full) if full["of"] else "",
        _("grade"): _grade(session, data["grade"]) if data["grade"] else "",
        _("owner"): data["owner"] or "-",
        _("last update"): _time(data["updated"]) if data["updated"] else "-",
        _("filed"): _time(filed["at"]) if filed else "-",
        _("to be filed by"): _time(data["file_by"]) if data["file_by"] and not filed else "",
        _("retired"): _time(data["retired"]["at"]) if data["retired"] else "",
    }
    late = {_("filed"): _("late")} if filed and filed["late"] else {}
    return [{"field": name, "value": text, "state": late.get(name, "")} for name, text in said.items() if text]


def _grade(session: Session, grade: dict[str, Any]) -> str:
    """Answer a grade with what it rests on."""
    because = "、".join(
        _("{number} visits").format(number=value)
        if fact == "visits"
        else _("{name}: {word}").format(name=session.label("field", fact), word=session.label(fact, value))
        for fact, value in grade["because"].items()
    )
    return f"{session.label('grade', grade['grade'])} ({because})"


def _time(text: str) -> str:
    return text[:16].replace("T", " ")


# ── what `show` says besides ───────────────────────────────────────────────────────────────────────────────────────


def history(session: Session, handle: str, revealed: Sequence[str] = (), *, whole: bool = False) -> Answer:
    """Answer what a card said before, until when, and who wrote the new value."""
    past = session.office.past()
    customer, rules = find(past, handle), session.office.rulebook(session.at())
    known, mine = card_rule.card_of(past, customer), cards.roles(session)
    was, now = card_rule.history(known, rules, mine), card_rule.shown(known, rules, mine)
    if whole or revealed:
        was, now = known["was"], {**known["typed"], **known["fields"]}
    rows = [{**one, "now": _next(was, number, now)} for number, one in enumerate(was)]
    data = {
        "verdict": "shown",
        "client": handle,
        "id": customer,
        "history": rows,
        "cites": [],
        "events": list(revealed),
    }
    told = [
        {
            "field": session.label("field", one["field"]),
            "value": cards.told_value(session, one["field"], {one["field"]: one["value"]}),
            "now": cards.told_value(session, one["field"], {one["field"]: one["now"]}),
            "until": _time(one["until"]),
            "by": one["by"],
        }
        for one in rows
    ]
    lines = [] if rows else [_("nothing on this card has changed")]
    headings = [_("field"), _("before"), _("after"), _("changed"), _("by whom")]
    return Answer(data, lines, rows=(told if session.format == "text" else rows) or None, headings=headings)


def _next(was: list[Document], number: int, now: Document) -> str:
    """Answer what a value was changed into: what is said to have stood until later, else what stands now."""
    field = was[number]["field"]
    later = [one["value"] for one in was[number + 1 :] if one["field"] == field]
    value: str = later[0] if later else now[field]
    return value


def expenses(session: Session, handle: str, on: str | None, category: str | None) -> Answer:
    """Answer whether the house pays what was spent on a customer; exit 1 when it does not."""
    spent = date.fromisoformat(day(session, on) or session.at().date().isoformat())
    rules, past = session.office.rulebook(session.at()).book.at(spent), session.office.past()
    if not rules.has("customer", "expenses"):
        return no_such_rule(_("the rulebook of this house does not say which expenses are paid"))
    customer = find(past, handle)
    hits = {word: filing.expenses(past, rules, customer, spent, word) for word in _categories(session, category)}
    standing = next(iter(hits.values())).facts["filed"]
    paid = all(hit.then["paid"] == "paid" for hit in hits.values())
    cites = unique([hit.cite for hit in hits.values()])
    rows = [{"category": word, "paid": hit.then["paid"], "article": hit.cite.told} for word, hit in hits.items()]
    data = {
        "verdict": "paid" if paid else "refused", "client": handle, "id": customer, "on": spent.isoformat(),
        "filed": standing, "expenses": rows, "cites": [cite.public() for cite in cites], "events": [],
    }  # fmt: skip
    lines = [f"{spent}  {session.label('filed', standing)}", by_articles(session, cites)]
    return Answer(data, lines, rows=_spoken(session, rows), headings=_expense_headings(), exit=int(not paid))


def _categories(session: Session, typed: str | None) -> list[str]:
    words = session.office.book.words("category")
    return [session.word("category", typed)] if typed else list(words)


def _spoken(session: Session, rows: list[dict[str, str]]) -> list[dict[str, str]]:
    if session.format != "text":
        return rows
    return [
        {**row, "category": session.label("category", row["category"]), "paid": session.label("paid", row["paid"])}
        for row in rows
    ]


def _expense_headings() -> list[str]:
    return [_("spent on"), _("paid"), _("article")]


def no_such_rule(says: str) -> Answer:
    """Answer that the house has no rule that could answer."""
    return Answer({"verdict": "no_such_rule", "says": says, "cites": [], "events": []}, [says], exit=1)
