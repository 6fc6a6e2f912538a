"""crm penalty: what breaches cost, who decides on it, and the statement of a month."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_cli import names
from crm_cli.commands.answers import answer_of, by_articles
from crm_cli.commands.case.declared import amount as written
from crm_cli.errors import UsageError
from crm_cli.language import _
from crm_cli.render import Answer
from crm_cli.rules.decision import unique

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crm_cli.commands.session import Session
    from crm_cli.office import Outcome
    from crm_cli.rules.penalty.assess import Line

NOUN = "penalty"
HELP = "What breaches cost: the lines, who decides on them, the statement of a month."
STATE = "penalty_state"
MONEY = ("amount", "reward")  # of what may be charged, what is written with two decimals
FORM = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
PAY = re.compile(r"[0-9]{1,12}(\.[0-9]{1,2})?")
Row = dict[str, Any]
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
    seen = _people(session, names.name(person) if person else None)
    if isinstance(seen, Answer):
        return seen
    lines = [line for line in _lines(session, seen) if _fits(line, wanted)]
    return _listed(session, lines)


def _people(session: Session, person: str | None) -> list[str] | Answer:
    """Answer whose lines the hand may see of those that are asked for; a refusal where it may see none of them."""
    from crm_cli.rules.directory import roles_of  # noqa: PLC0415
    from crm_cli.rules.penalty import facts  # noqa: PLC0415
    from crm_cli.rules.penalty.verbs import rule_in_force  # noqa: PLC0415

    hand, past = session.by(), session.office.past()
    rules = session.office.rulebook(session.at())
    rule_in_force(rules)
    allowed, cite = rules.may(NOUN, "see", roles_of(past, hand))
    if person is not None and person != hand and not allowed:
        roles = ", ".join(session.label("role", role) for role in rules.hands(NOUN, "see"))
        says = _("{name} may not do this; who may: {roles}").format(name=hand, roles=roles)
        data = {"verdict": "not_allowed", "says": says, "cites": [cite.public()], "events": []}
        return Answer(data, [says, by_articles(session, [cite])], exit=1, refused=True)
    if person is not None:
        return [person]
    return people_of(session, facts.people(past)) if allowed else [hand]


def people_of(session: Session, stated: list[str]) -> list[str]:
    """Answer everybody of whom anything is stated, or will be when the night records what has come up."""
    from crm_cli.rules.directory import members  # noqa: PLC0415

    return list(dict.fromkeys([*stated, *members(session.office.past())]))


def _lines(session: Session, people: Iterable[str]) -> list[Line]:
    from crm_cli.rules.penalty.assess import assess  # noqa: PLC0415
    from crm_cli.rules.penalty.upto import brought_up  # noqa: PLC0415

    at = session.at()
    rules = session.office.rulebook(at)
    past, day = brought_up(session.office.past(), rules, at), at.date().isoformat()
    return [line for person in people for line in assess(past, rules, person, day).lines]


def _fits(line: Line, wanted: dict[str, str | None]) -> bool:
    known = {"month": line.month, "state": line.state, "role": line.told["role"]}
    return all(value is None or known[name] == value for name, value in wanted.items())


def _listed(session: Session, lines: list[Line]) -> Answer:
    rows = [public(line) for line in lines]
    cites = unique([cite for line in lines for cite in line.cites])
    sums = sums_of(lines)
    data = {"verdict": "listed", "penalties": rows, **sums, "cites": [cite.public() for cite in cites], "events": []}
    if session.format != "text":
        return Answer(data, rows=[flat(row) for row in rows])
    said = [] if lines else [_("nothing is charged")]
    if not lines:
        return Answer(data, said)
    return Answer(
        data, [*said, _("total {amount}").format(amount=sums["total"]), by_articles(session, cites)],
        rows=[spoken(session, line) for line in lines], headings=headings(), gives={"what": "cut"},
    )  # fmt: skip


# ── lines as programs and people are told of them ──────────────────────────────────────────────────────────────────


def public(line: Line) -> Row:
    """Answer a line as programs are told of it: amounts as decimal texts."""
    told = line.told
    row = {name: told.get(name) for name in ("id", "date", "person", "role", "subject", "ref")}
    if told.get("repeats"):
        row["repeats"] = told["repeats"]
    row |= {
        "quantity": told["quantity"], "unit": figure(told["measure"], told["unit"]), "multiplier": told["multiplier"],
        "amount": figure(told["measure"], told["amount"]), "measure": told["measure"], "state": line.state,
        "time": told.get("time"),
    }  # fmt: skip
    row |= {name: told[name] for name in ("booked", "counters") if told.get(name)}
    if told["amount"] is None:
        row["unset"] = f"{NOUN}.fines.items.{told['fact']}.{told['measure']}"
    seqs = sorted({one.fact["seq"] for one in line.findings if one.fact["seq"] is not None})
    return {
        **row, "decided": told.get("decided") or [], "facts": [str(seq) for seq in seqs],
        "cites": [cite.public() for cite in line.cites],
    }  # fmt: skip


def figure(measure: str, value: int | None) -> str | None:
    """Answer a figure as it is written: money with two decimals, everything else in whole ones."""
    if value is None:
        return None
    return written(value) if measure in MONEY else str(value)


def flat(row: Row) -> Row:
    """Answer a line for a table: articles and facts in one cell each."""
    cites = ", ".join(str(cite["ref"] or cite["article"]) for cite in row["cites"])
    kept = {name: one for name, one in row.items() if name not in ("decided", "cites", "facts")}
    return {"repeats": "", "booked": "", "unset": "", **kept, "facts": " ".join(row["facts"]), "articles": cites}


def sums_of(lines: Iterable[Line]) -> Row:
    """Answer the sums of lines: the total of amounts, and what else is charged or paid."""
    from crm_cli.rules.penalty.assess import totals  # noqa: PLC0415

    sums = totals(lines)
    total = written(sums.pop("amount"))
    return {"total": total, **{f"total_{name}": figure(name, value) for name, value in sums.items()}}


def spoken(session: Session, line: Line) -> Row:
    """Answer a line as people read it."""
    told = line.told
    unit = figure(told["measure"], told["unit"]) or _("not set")
    times = f" × {told['multiplier']}" if told["multiplier"] != 1 else ""
    return {
        "id": line.id,
        "what": what(session, line),
        "time": str(told.get("time") or ""),
        "sum": f"{told['quantity']} × {unit}{times}",
        "amount": figure(told["measure"], told["amount"]) or "-",
        "state": session.label(STATE, line.state),
    }


def what(session: Session, line: Line) -> str:
    """Answer what happened, in words of the house."""
    said = session.label("case_fact", line.told["fact"])
    return _("again: {what}").format(what=said) if line.told.get("repeats") else said


def headings() -> list[str]:
    """Answer what the columns of lines are called."""
    return [_("line"), _("what"), _("time no."), _("reckoned"), _("amount"), _("state")]


# ── deciding ───────────────────────────────────────────────────────────────────────────────────────────────────────


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
    return _answered(session, outcome, _said_line(session, outcome))


def _said_line(session: Session, outcome: Outcome) -> list[str]:
    return [said_event(session, event) for event in outcome.events if outcome.allowed]


def said_event(session: Session, event: Row) -> str:
    """Answer what a decision says, in a sentence."""
    data, state = event["data"], event["type"].partition(".")[2]
    if state == "month_closed":
        return _("{month} is closed").format(month=data["month"])
    if state == "deducted":
        says = _("{amount} is kept back of the pay of {name} for {month}")
        return says.format(amount=written(data["amount"]), name=data["person"], month=data["month"])
    amount = figure(data["measure"], data["amount"])
    return _("{id}: {state}, {amount}").format(id=data["id"], state=session.label(STATE, state), amount=amount)


def _answered(session: Session, outcome: Outcome, lines: list[str]) -> Answer:
    return answer_of(session, outcome, lines, talk=True)


def deduct(
    context: typer.Context,
    person: Annotated[str, typer.Argument(metavar="PERSON", help="Whose pay.")],
    role: Annotated[str, typer.Option("--role", metavar="ROLE", help="In which role.")],
    month: Annotated[str, typer.Option("--month", metavar="MONTH", help="The month: 2025-03.")],
    pay: Annotated[str, typer.Option("--pay", metavar="AMOUNT", help="The performance pay of that month.")],
    rate: Annotated[str, typer.Option("--rate", metavar="RATE", help="How much of it: 0.15 or 15%.")],
    reason: Reason = None,
) -> Answer:
    """Keep back a part of the pay of a month, where the rulebook allows it; moves no money."""
    session: Session = context.obj
    asked = {"role": session.word("role", role), "month": month_of(month), "pay": _pay(pay), "rate": _rate(rate)}
    said = names.reason(reason) if reason else None
    outcome = session.decide(NOUN, "deduct", person=names.name(person), **asked, reason=said)
    answer = _answered(session, outcome, _said_line(session, outcome))
    if isinstance(answer.data.get("amount"), int):
        answer.data["amount"] = written(answer.data["amount"])
    return answer


def _pay(typed: str) -> int:
    """Answer an amount in hundredths."""
    if not PAY.fullmatch(typed) or not Decimal(typed):
        raise UsageError(
            _("'{text}' is no amount of money").format(text=names.shown(typed)), fix=_("write it like 3456.70")
        )
    return int(Decimal(typed) * 100)


def _rate(typed: str) -> str:
    """Answer a part of the whole as a decimal text below 1."""
    plain = typed.strip().removesuffix("%").strip()
    try:
        rate = Decimal(plain)
        rate = rate / 100 if typed.strip().endswith("%") else rate
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
) -> Answer:
    """Close a month that is over and decided; what turns up later is booked in a later one."""
    session: Session = context.obj
    outcome = session.decide(NOUN, "close_month", month=month_of(month))
    return _answered(session, outcome, _said_line(session, outcome))


def month_of(typed: str) -> str:
    """Answer a month that was typed."""
    if not FORM.fullmatch(typed):
        raise UsageError(_("'{text}' is no month").format(text=names.shown(typed)), fix=_("write it like 2025-03"))
    return typed


VERBS = {
    "list": list_lines, "execute": execute, "waive": waive, "appeal": appeal, "deduct": deduct,
    "close-month": close_month,
}  # fmt: skip
RECORDS = (execute, waive, appeal, deduct, close_month)
