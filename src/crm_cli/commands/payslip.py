"""crm penalty statement and rates, and crm why of a line: a month as the person and the payroll read it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_cli import names
from crm_cli.commands.answers import by_articles, told_once
from crm_cli.commands.case.declared import amount as written
from crm_cli.commands.fines import (
    GIVES,
    NOUN,
    STATE,
    blank,
    figure,
    flat,
    headings,
    lines_of,
    month_of,
    no_such_rule,
    people_seen,
    public,
    spoken,
    sums_of,
    sums_said,
)  # fmt: skip
from crm_cli.language import _
from crm_cli.render import Answer
from crm_cli.rules.decision import unique

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crm_cli.commands.session import Session
    from crm_cli.policy.ask import Cite, PenaltyRule
    from crm_cli.rules.penalty.assess import Line

Row = dict[str, Any]
Month = Annotated[str | None, typer.Option("--month", metavar="MONTH", help="The month: 2025-03 (default: this one).")]


def _month(session: Session, typed: str | None) -> str:
    return month_of(typed) if typed else session.at().date().isoformat()[:7]


def _rule(session: Session, month: str) -> PenaltyRule:
    """Answer what breaches cost by the rulebook at the end of a month, or of today while it lasts."""
    from crm_cli.rules.penalty.findings import rule_of_month  # noqa: PLC0415
    from crm_cli.rules.penalty.verbs import rule_in_force  # noqa: PLC0415

    rules = session.office.rulebook(session.at())
    return rule_of_month(rules, month, session.at().date()) or rule_in_force(rules)


# ── a month of one person ──────────────────────────────────────────────────────────────────────────────────────────


def statement(
    context: typer.Context,
    person: Annotated[str, typer.Argument(metavar="PERSON", help="Whose month; your own, or one you may see.")],
    month: Month = None,
) -> Answer:
    """Show the month of somebody: what happened, by which article, what it comes to."""
    session: Session = context.obj
    seen = people_seen(session, names.name(person))
    if isinstance(seen, Answer):
        return seen
    wanted = _month(session, month)
    lines = [line for line in lines_of(session, seen) if line.month == wanted]
    rule, kept = _rule(session, wanted), _deducted(session, seen[0], wanted)
    keeps = [rule.cite("deduct")] if kept and rule.compiled["deduct"] else []
    cites = unique([*(cite for line in lines for cite in line.cites), *keeps])
    data = {
        "verdict": "shown", "person": seen[0], "month": wanted, "lines": [public(line) for line in lines],
        **sums_of(lines), "deductions": [_public(one) for one in kept], **_due(lines, kept, rule.compiled["cap"]),
        "closed": _closed(session, wanted), "cites": [cite.public() for cite in cites], "events": [],
    }  # fmt: skip
    if session.format != "text":
        return Answer(data, rows=table(data))
    said = _said(session, data, lines, _worded(rule.compiled, keeps))
    rows = [spoken(session, line) for line in lines]
    return Answer(data, said, rows=rows or None, headings=headings(), gives=GIVES)


def _due(lines: list[Line], kept: list[Row], cap: int | str | None) -> Row:
    """Answer the cap of a month, what is over it, and what is to be kept back of the pay in all."""
    from crm_cli.rules.penalty.assess import payable  # noqa: PLC0415

    over, due = payable(lines, cap)
    known = cap if isinstance(cap, int) else None
    due += sum(one["amount"] for one in kept)
    return {"cap": figure("amount", known), "over": written(over), "due": written(due)}


def table(data: Row) -> list[Row]:
    """Answer a statement as a table of like rows, whose column `due` comes to what is due."""
    same = {"person": data["person"], "month": data["month"], "closed": data["closed"]}
    rows = [{**flat(one), "kind": "line", **same} for one in data["lines"]]
    rows += [{**blank(), **_as_line(one), "kind": "deduction", **same} for one in data["deductions"]]
    over = data["over"] if data["over"] == "0.00" else f"-{data['over']}"
    cap = {"measure": "amount", "unit": data["cap"], "amount": over, "due": over}
    return [*rows, {**blank(), **cap, "kind": "cap", **same}]


def _as_line(one: Row) -> Row:
    """Answer what was kept back of pay, or is given back of it, as a line says it: once or back, the pay, the rate."""
    return {
        "id": one["event"], "date": one["at"][:10], "role": one["role"], "quantity": -1 if "counters" in one else 1,
        "unit": one["pay"], "multiplier": one["rate"], "amount": one["amount"], "measure": "amount",
        "state": "executed", "counters": one.get("counters"), "due": one["amount"], "facts": one["event"],
    }  # fmt: skip


def _closed(session: Session, month: str) -> bool:
    from crm_cli.rules.penalty.evolve import closed_until  # noqa: PLC0415

    return month <= closed_until(session.office.past())


def _deducted(session: Session, person: str, month: str) -> list[Row]:
    """Answer what was kept back of the pay of a month, and what was given back of it in that month."""
    from crm_cli.rules.penalty.evolve import decided  # noqa: PLC0415

    kept: list[Row] = decided(session.office.past(), person, month)["deducted"]
    return kept


def _public(one: Row) -> Row:
    """Answer what was kept back of pay as programs are told of it: by its event, with two decimals."""
    events = {name: str(one[name]) for name in ("counters", "taken_back") if one.get(name)}
    told = {name: one[name] for name in ("role", "rate", "reason", "by", "at")}
    return {"event": str(one["seq"]), **told, "pay": written(one["pay"]), "amount": written(one["amount"]), **events}


def _said(session: Session, data: Row, lines: list[Line], keeps: list[Row]) -> list[str]:
    said = ["  ".join([data["person"], data["month"], *([_("settled")] if data["closed"] else [])])]
    said += [] if lines else [_("nothing is charged")]
    said += sums_said(data, lines)
    for one in data["deductions"]:
        said.append(f"{_kept(session, one)}  #{one['event']}")
    told = [one for line in lines for one in _wording(session, line)]
    return [*said, *_to_pay(data), *_articles([*told, *keeps])]


def _kept(session: Session, one: Row) -> str:
    if "counters" in one:
        return _("given back of the pay, for event {number}: {amount}").format(
            number=one["counters"], amount=one["amount"].removeprefix("-")
        )
    says = _("kept back of the pay as {role}: {pay} × {rate} = {amount}")
    return says.format(role=session.label("role", one["role"]), pay=one["pay"], rate=one["rate"], amount=one["amount"])


def _to_pay(data: Row) -> list[str]:
    """Answer what payroll has to do: how far a month is capped, and what is to be kept back or given back."""
    cap = _("cap: {amount}").format(amount=data["cap"]) if data["cap"] else _("cap: not set, nothing is left out")
    over = [_("over the cap and not charged: {over}").format(over=data["over"])] if data["over"] != "0.00" else []
    says = _("to give back with the pay: {amount}") if data["due"].startswith("-") else _("to keep back: {amount}")
    return [cap, *over, says.format(amount=data["due"].removeprefix("-"))]


def _articles(told: list[Row]) -> list[str]:
    """Answer articles in their words, each once."""
    texts = ["  ".join(filter(None, [told_once([one["article"]]), one["says"]])) for one in told]
    return [f"  * {text}" for text in dict.fromkeys(texts)]


# ── the rates of a month ───────────────────────────────────────────────────────────────────────────────────────────


def rates(context: typer.Context, month: Month = None) -> Answer:
    """Show the rates of a month that stand against the heads of departments."""
    session: Session = context.obj
    own = people_seen(session, session.by())
    if isinstance(own, Answer):
        return own
    wanted = _month(session, month)
    rule = _rule(session, wanted)
    declared = rule.compiled["rates"]
    if declared is None:
        return no_such_rule(_("the rulebook of this house keeps no such rates"))
    rows = _rates(session, declared, wanted)
    cite = rule.cite("rates")
    data = {"verdict": "counted", "month": wanted, "rates": rows, "cites": [cite.public()], "events": []}
    if session.format != "text":
        return Answer(data, rows=[{**row, "heads": " ".join(row["heads"])} for row in rows])
    shown = [
        {
            "rate": session.label("case_field", row["rate"]),
            "figure": _("n/a") if row["figure"] is None else f"{row['figure']} %",
            "of": f"{row['part']} / {row['whole']}",
            "heads": ", ".join(row["heads"]) or "-",
        }
        for row in rows
    ]
    return Answer(
        data, [wanted, by_articles(session, [cite])], rows=shown, headings=[_("rate"), "", _("of"), _("heads")]
    )


def _rates(session: Session, declared: Row, month: str) -> list[Row]:
    from crm_cli.rules.case import counts, spans  # noqa: PLC0415
    from crm_cli.rules.case.kinds import kinds  # noqa: PLC0415
    from crm_cli.rules.directory import members  # noqa: PLC0415

    past, rules = session.office.past(), session.office.rulebook(session.at())
    kind, staff = kinds(rules)[declared["of"]], members(session.office.past())
    period = spans.period_of("month", date.fromisoformat(f"{month}-01"))
    made = kind.compiled["counts"]
    figures = counts.counted(past, rules, counts.kind_about(kind), made, period, session.at())
    return [
        {
            "rate": name, "figure": figures[name], "part": figures[made[name]["rate"]],
            "whole": figures[made[name]["of"]],
            "heads": [one for one, member in staff.items() if set(member["roles"]) & set(roles)],
        }
        for name, roles in declared["heads"].items()
    ]  # fmt: skip


# ── why ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def why_line(session: Session, identity: str) -> Answer:
    """Answer why a line says what it says: its facts in the ledger, its articles, its times, who decided."""
    own = people_seen(session, session.by())
    if isinstance(own, Answer):
        return own
    line = _line(session, names.name(identity, _("line")))
    seen = people_seen(session, line.told["person"])
    if isinstance(seen, Answer):
        return seen
    told = public(line)
    data = {"verdict": "explained", "line": told, "wording": _wording(session, line), "cites": told["cites"]}
    data["events"] = [*told["facts"], *(str(one["seq"]) for one in told["decided"] if one.get("seq") is not None)]
    return Answer(data, [*_reasons(session, line, data), by_articles(session, line.cites)])


def _line(session: Session, identity: str) -> Line:
    from crm_cli.rules.penalty.upto import brought_up  # noqa: PLC0415
    from crm_cli.rules.penalty.verbs import line_of  # noqa: PLC0415

    at = session.at()
    rules = session.office.rulebook(at)
    return line_of(brought_up(session.office.past(), rules, at), rules, identity, at.date().isoformat())


def _wording(session: Session, line: Line) -> list[Row]:
    """Answer what the articles of a line say, and how they are read."""
    rules = session.office.book.at(date.fromisoformat(line.told["date"]))
    return [one for cite in line.cites for one in _worded(rules.rule(NOUN, cite.rule).compiled, [cite])]


def _worded(rule: Row, cites: Iterable[Cite]) -> list[Row]:
    told = [(cite, rule["items"].get(cite.row) or rule.get(cite.row or "") or {}) for cite in cites]
    return [
        {"row": cite.row, "article": cite.told, "says": one.get("says"), "reading": one.get("reading")}
        for cite, one in told
    ]


def _reasons(session: Session, line: Line, data: Row) -> list[str]:
    row, told = spoken(session, line), line.told
    lines = [line.id, f"{row['what']}  {row['sum']} = {row['amount']}  {row['state']}"]
    if told.get("time"):
        says = _("time {number} of {name} as {role} in {month}")
        role, month = session.label("role", told["role"]), told["date"][:7]
        lines.append("  " + says.format(number=told["time"], name=told["person"], role=role, month=month))
    for one in data["wording"]:
        lines += _articles([one])
        lines += ["    " + _("reading: {text}").format(text=one["reading"])] if one["reading"] else []
    for one in line.findings:
        item = session.label("case_word", one.fact["item"]) if one.fact["item"] else ""
        seq = f"#{one.fact['seq']}" if one.fact["seq"] is not None else ""
        said = session.label("case_fact", one.fact["fact"])
        parts = [one.fact["at"][:16].replace("T", " "), one.fact["case"], said, item, seq]
        lines.append("  " + "  ".join(filter(None, parts)))
    for one in told.get("decided") or []:
        parts = [one["at"][:16].replace("T", " "), session.label(STATE, one["state"]), one["by"], one["reason"] or ""]
        lines.append("  " + "  ".join([*filter(None, parts), f"#{one['seq']}"]))
    if told.get("booked"):
        lines.append("  " + _("booked in {month}").format(month=told["booked"]))
    if told.get("counters"):
        lines.append("  " + _("gives back what was charged by {line}").format(line=told["counters"]))
    return [*lines, *("  " + text for text in given_back(session, told["person"], line.id))]


def given_back(session: Session, person: str, identity: str | None = None) -> list[str]:
    """Answer in a sentence each what is given back to a person, for one line or for all: by which, when, how much."""
    says = _("given back by {line} in {month}: {amount}")
    return [
        says.format(line=one.id, month=one.month, amount=figure("amount", -one.told["amount"]))
        for one in lines_of(session, [person])
        if one.told.get("counters") and identity in (None, one.told["counters"]) and one.told["measure"] == "amount"
    ]
