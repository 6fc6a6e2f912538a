"""crm penalty: what breaches cost, who decides on it, and the statement of a month."""

from __future__ import annotations

import unicodedata
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Annotated

import typer

from crm_cli import names
from crm_cli.commands import payslip
from crm_cli.commands.answers import answer_of, by_articles
from crm_cli.commands.asking import Yes, agreed, declined, is_to_ask
from crm_cli.commands.case.declared import amount as written
from crm_cli.commands.fines import (
    GIVES,
    NOUN,
    STATE,
    flat,
    headings,
    lines_of,
    month_of,
    people_seen,
    public,
    spoken,
    sums_of,
    sums_said,
)  # fmt: skip
from crm_cli.commands.said import confirmed
from crm_cli.errors import UsageError
from crm_cli.language import _
from crm_cli.render import Answer
from crm_cli.rules.decision import unique

if TYPE_CHECKING:
    from crm_cli.commands.session import Session
    from crm_cli.office import Outcome
    from crm_cli.rules.penalty.assess import Line

HELP = "What breaches cost: the lines, who decides on them, the statement of a month."
Id = Annotated[str, typer.Argument(metavar="ID", help="The line, as crm penalty list calls it.")]
Reason = Annotated[str | None, typer.Option("--reason", metavar="REASON", help="Why.")]
Month = Annotated[str | None, typer.Option("--month", metavar="MONTH", help="The month: 2025-03.")]


def list_lines(
    context: typer.Context,
    person: Annotated[str | None, typer.Option("--person", metavar="PERSON", help="Only of this person.")] = None,
    month: Month = None,
    state: Annotated[str | None, typer.Option("--state", metavar="STATE", help="Only in this state.")] = None,
    role: Annotated[str | None, typer.Option("--role", metavar="ROLE", help="Only in this role.")] = None,
) -> Answer:
    """List what breaches cost, line by line; without the right to see all, your own."""
    session: Session = context.obj
    wanted = {
        "month": month_of(month) if month else None,
        "state": session.word(STATE, state) if state else None,
        "role": session.word("role", role) if role else None,
    }
    seen = people_seen(session, names.name(person) if person else None)
    if isinstance(seen, Answer):
        return seen
    lines = [line for line in lines_of(session, seen) if _fits(line, wanted)]
    whose = seen[0] if len(seen) == 1 else None
    return _listed(session, lines, whose)


def _fits(line: Line, wanted: dict[str, str | None]) -> bool:
    known = {"month": line.month, "state": line.state, "role": line.told["role"]}
    return all(value is None or known[name] == value for name, value in wanted.items())


def _listed(session: Session, lines: list[Line], whose: str | None) -> Answer:
    rows = [public(line) for line in lines]
    cites = unique([cite for line in lines for cite in line.cites])
    sums = sums_of(lines)
    data = {"verdict": "listed", "penalties": rows, **sums, "cites": [cite.public() for cite in cites], "events": []}
    if session.format != "text":
        return Answer(data, rows=[flat(row) for row in rows])
    if not lines:
        says = _("nothing is charged to {name}").format(name=whose) if whose else _("nothing is charged")
        return Answer(data, [says])
    return Answer(
        data, [*sums_said(sums, lines), by_articles(session, cites)],
        rows=[spoken(session, line) for line in lines], headings=headings(), gives=GIVES,
    )  # fmt: skip


# ── deciding ───────────────────────────────────────────────────────────────────────────────────────────────────────


def notify(context: typer.Context, identity: Id) -> Answer:
    """Record that somebody was told of a fine, where the rulebook wants that before it is executed."""
    return _on_line(context, "notify", identity, None)


def execute(context: typer.Context, identity: Id, reason: Reason = None) -> Answer:
    """Execute a fine: it is charged as it stands, and nothing changes it any more."""
    return _on_line(context, "execute", identity, reason)


def waive(context: typer.Context, identity: Id, reason: Reason = None) -> Answer:
    """Waive a fine, with a reason: it is neither charged nor counted."""
    return _on_line(context, "waive", identity, reason)


def appeal(
    context: typer.Context,
    identity: Id,
    reason: Reason = None,
    uphold: Annotated[bool, typer.Option("--uphold", help="Decide on an appeal: it stays.")] = False,
    reverse: Annotated[bool, typer.Option("--reverse", help="Decide on an appeal: it is taken back.")] = False,
) -> Answer:
    """Appeal against an executed fine of your own, or decide on an appeal."""
    if uphold and reverse:
        raise UsageError(_("it stays, or it is taken back"), fix=_("leave out --uphold or --reverse"))
    return _on_line(context, "uphold" if uphold else "reverse" if reverse else "appeal", identity, reason)


def _on_line(context: typer.Context, verb: str, identity: str, reason: str | None) -> Answer:
    session: Session = context.obj
    said = names.reason(reason) if reason else None
    outcome = session.decide(NOUN, verb, id=names.name(identity, _("line")), reason=said)
    return _answered(session, outcome)


def _answered(session: Session, outcome: Outcome) -> Answer:
    return answer_of(session, outcome, [confirmed(session, outcome)] if outcome.allowed else [], talk=True)


def deduct(
    context: typer.Context,
    person: Annotated[str, typer.Argument(metavar="PERSON", help="Whose pay.")],
    role: Annotated[str, typer.Option("--role", metavar="ROLE", help="In which role.")],
    month: Annotated[str, typer.Option("--month", metavar="MONTH", help="The month: 2025-03.")],
    pay: Annotated[str, typer.Option("--pay", metavar="AMOUNT", help="The performance pay of that month.")],
    rate: Annotated[str, typer.Option("--rate", metavar="RATE", help="The part of it: 0.15 or 15%.")],
    reason: Reason = None,
) -> Answer:
    """Keep back a part of the pay of a month; moves no money."""
    session: Session = context.obj
    asked = {"role": session.word("role", role), "month": month_of(month), "pay": _pay(pay), "rate": _rate(rate)}
    said = names.reason(reason) if reason else None
    outcome = session.decide(NOUN, "deduct", person=names.name(person), **asked, reason=said)
    answer = _answered(session, outcome)
    if isinstance(answer.data.get("amount"), int):
        answer.data["amount"] = written(answer.data["amount"])
    return answer


def _pay(typed: str) -> int:
    """Answer an amount in hundredths."""
    pay = names.amount(typed)
    if pay is None or pay <= 0:
        what = _("'{text}' is no amount of money").format(text=names.shown(typed))
        raise UsageError(what, fix=_("write it like 3456.70"))
    return pay


def _rate(typed: str) -> str:
    """Answer a part of the whole as a decimal text below 1."""
    plain = unicodedata.normalize("NFKC", typed).strip()
    try:
        rate = Decimal(plain.removesuffix("%").strip())
        rate = rate / 100 if plain.endswith("%") else rate
        fits = 0 < rate <= 1
    except InvalidOperation:
        fits = False
    if not fits:
        what = _("'{text}' is no part of a whole").format(text=names.shown(typed))
        raise UsageError(what, fix=_("write it like 0.15 or 15%"))
    return f"{rate.normalize():f}"


def close_month(
    context: typer.Context,
    month: Annotated[str, typer.Argument(metavar="MONTH", help="The month: 2025-03.")],
    yes: Yes = False,
) -> Answer:
    """Close a month that is over and decided; what turns up later is booked in a later one."""
    session: Session = context.obj
    asked = {"month": month_of(month)}
    if is_to_ask(session, yes=yes) and session.tried(NOUN, "close_month", **asked).allowed:
        says = _("{month} would be closed for good: nothing in it changes any more").format(**asked)
        if not agreed(session, [says]):
            return declined()
    outcome = session.decide(NOUN, "close_month", **asked)
    return _answered(session, outcome)


VERBS = {
    "list": list_lines, "statement": payslip.statement, "rates": payslip.rates, "notify": notify, "execute": execute,
    "waive": waive, "appeal": appeal, "deduct": deduct, "close-month": close_month,
}  # fmt: skip
RECORDS = (notify, execute, waive, appeal, deduct, close_month)
