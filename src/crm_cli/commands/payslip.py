"""crm penalty statement and rates, and crm why of a line: a month as the person and the payroll read it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_cli import names
from crm_cli.commands.answers import by_articles
from crm_cli.commands.case.declared import amount as written
from crm_cli.commands.fines import (
    NOUN,
    STATE,
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
    from crm_cli.commands.session import Session
    from crm_cli.policy.ask import PenaltyRule
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
    sums, kept = sums_of(lines), _deducted(session, seen[0], wanted)
    cap = _rule(session, wanted).compiled["cap"]
    cites = unique([cite for line in lines for cite in line.cites])
    data = {
        "verdict": "shown", "person": seen[0], "month": wanted, "lines": [public(line) for line in lines], **sums,
        "deductions": kept, **_capped(lines, cap), "closed": _closed(session, wanted),
        "cites": [cite.public() for cite in cites], "events": [],
    }  # fmt: skip
    if session.format != "text":
        return Answer(data, rows=[flat(public(line)) for line in lines])
    return Answer(
        data, _said(session, data, lines), rows=[spoken(session, line) for line in lines] or None,
        headings=headings(), gives={"id": "wrap", "what": "wrap"},
    )  # fmt: skip


def _capped(lines: list[Line], cap: int | str | None) -> Row:
    """Answer the cap of a month, what is over it, and what is left to pay."""
    from crm_cli.rules.penalty.assess import payable  # noqa: PLC0415

    over, due = payable(lines, cap)
    known = cap if isinstance(cap, int) else None
    return {"cap": figure("amount", known), "over": written(over), "due": written(due)}


def _closed(session: Session, month: str) -> bool:
    from crm_cli.rules.penalty.evolve import closed  # noqa: PLC0415

    return month in closed(session.office.past())


def _deducted(session: Session, person: str, month: str) -> list[Row]:
    """Answer what was kept back of the pay of a month."""
    from crm_cli.rules.penalty.evolve import decided  # noqa: PLC0415

    kept = decided(session.office.past(), person, month)["deducted"]
    return [{**one, "pay": written(one["pay"]), "amount": written(one["amount"])} for one in kept]


def _said(session: Session, data: Row, lines: list[Line]) -> list[str]:
    said = ["  ".join([data["person"], data["month"], *([_("settled")] if data["closed"] else [])])]
    said += [] if lines else [_("nothing is charged")]
    said += sums_said(data, lines)
    for one in data["deductions"]:
        says = _("kept back of the pay as {role}: {pay} × {rate} = {amount}")
        told = {**one, "role": session.label("role", one["role"])}
        said.append(says.format(**{name: told[name] for name in ("role", "pay", "rate", "amount")}))
    said.append(_("cap: {amount}").format(amount=data["cap"] or _("not set")))
    if data["due"] != data["total"]:
        says = _("{over} is over the cap and is not charged; to pay: {due}")
        said.append(says.format(over=data["over"], due=data["due"]))
    return [*said, *_articles(session, lines)]


def _articles(session: Session, lines: list[Line]) -> list[str]:
    """Answer the articles of lines in their words, each once."""
    told = [one for line in lines for one in _wording(session, line)]
    texts = ["  * " + "  ".join(filter(None, [one["article"], one["says"]])) for one in told]
    return list(dict.fromkeys(texts))


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
    found = []
    for cite in line.cites:
        rules = session.office.book.at(date.fromisoformat(line.told["date"]))
        rule = rules.rule(NOUN, cite.rule).compiled
        one = rule["items"].get(cite.row) or rule.get(cite.row or "") or {}
        found.append({"row": cite.row, "article": cite.told, "says": one.get("says"), "reading": one.get("reading")})
    return found


def _reasons(session: Session, line: Line, data: Row) -> list[str]:
    row, told = spoken(session, line), line.told
    lines = [line.id, f"{row['what']}  {row['sum']} = {row['amount']}  {row['state']}"]
    if told.get("time"):
        says = _("time {number} of {name} as {role} in {month}")
        role, month = session.label("role", told["role"]), told["date"][:7]
        lines.append("  " + says.format(number=told["time"], name=told["person"], role=role, month=month))
    for one in data["wording"]:
        lines.append("  * " + "  ".join(filter(None, [one["article"], one["says"]])))
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
    return lines
