"""Lines of what breaches cost, as programs and people are told of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from crm_cli import names
from crm_cli.commands.answers import by_articles, named
from crm_cli.commands.case.declared import amount as written
from crm_cli.errors import UsageError
from crm_cli.language import _
from crm_cli.render import Answer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crm_cli.commands.session import Session
    from crm_cli.past import Event, Past
    from crm_cli.rules.penalty.assess import Line

NOUN = "penalty"
STATE = "penalty_state"
MONEY = ("amount", "reward")  # of what may be charged, what is written with two decimals
COLUMNS = (
    "id", "date", "person", "role", "subject", "fact", "ref", "repeats", "quantity", "unit", "multiplier", "amount",
    "measure", "state", "time", "notified", "booked", "counters", "unset", "due",
)  # fmt: skip
GIVES = {"id": "apart", "what": "wrap"}  # a line is typed by its id, which is not broken
FORM = re.compile(r"[12][0-9]{3}-(0[1-9]|1[0-2])")
Row = dict[str, Any]


def month_of(typed: str) -> str:
    """Answer a month that was typed."""
    if not FORM.fullmatch(typed):
        raise UsageError(_("'{text}' is no month").format(text=names.shown(typed)), fix=_("write it like 2025-03"))
    return typed


def no_such_rule(says: str) -> Answer:
    """Answer that the house has no rule that could answer."""
    return Answer({"verdict": "no_such_rule", "says": says, "cites": [], "events": []}, [says], exit=1)


def people_seen(session: Session, person: str | None) -> list[str] | Answer:
    """Answer whose lines the hand may see of those that are asked for; a refusal where it may see none of them."""
    from crm_cli.rules.decision import RefusalError  # noqa: PLC0415
    from crm_cli.rules.directory import roles_of  # noqa: PLC0415
    from crm_cli.rules.penalty import facts  # noqa: PLC0415
    from crm_cli.rules.penalty.verbs import rule_in_force  # noqa: PLC0415

    hand, past = session.by(), session.office.past()
    rules = session.office.rulebook(session.at())
    try:
        rule_in_force(rules)
    except RefusalError as no:
        return no_such_rule(no.says)
    allowed, cite = rules.may(NOUN, "see", roles_of(past, hand))
    if person is not None and person != hand and not allowed:
        roles = ", ".join(session.label("role", role) for role in rules.hands(NOUN, "see"))
        says = _("{name} may not do this; who may: {roles}").format(name=hand, roles=roles)
        data = {"verdict": "not_allowed", "says": says, "cites": [cite.public()], "events": []}
        return Answer(data, [says, by_articles(session, [cite])], exit=1, refused=True)
    if person is not None:
        _must_be_known(past, person)
        return [person]
    return _everybody(session, facts.people(past)) if allowed else [hand]


def _must_be_known(past: Past, person: str) -> None:
    """Refuse a name of whom nothing can be charged: an empty month would be read as one without a fine."""
    from crm_cli.rules.directory import must_be_on_the_staff  # noqa: PLC0415
    from crm_cli.rules.penalty import facts  # noqa: PLC0415

    if person not in facts.people(past):  # who departed is still told of what was stated
        must_be_on_the_staff(past, person)


def _everybody(session: Session, stated: list[str]) -> list[str]:
    """Answer everybody of whom anything is stated, or will be when the night records what has come up."""
    from crm_cli.rules.directory import members  # noqa: PLC0415

    return list(dict.fromkeys([*stated, *members(session.office.past())]))


def lines_of(session: Session, people: Iterable[str]) -> list[Line]:
    """Answer the lines of people as they stand at the time of this run."""
    from crm_cli.rules.penalty.assess import assess  # noqa: PLC0415
    from crm_cli.rules.penalty.upto import brought_up  # noqa: PLC0415

    at = session.at()
    rules = session.office.rulebook(at)
    past, day = brought_up(session.office.past(), rules, at), at.date().isoformat()
    lines = [line for person in people for line in assess(past, rules, person, day).lines]
    return sorted(lines, key=lambda line: line.told["date"])


# ── lines as programs and people are told of them ──────────────────────────────────────────────────────────────────


def public(line: Line) -> Row:
    """Answer a line as programs are told of it: amounts as decimal texts."""
    told = line.told
    row = {name: told.get(name) for name in ("id", "date", "person", "role", "subject", "fact", "ref")}
    if told.get("repeats"):
        row["repeats"] = told["repeats"]
    row |= {
        "quantity": told["quantity"], "unit": figure(told["measure"], told["unit"]), "multiplier": told["multiplier"],
        "amount": figure(told["measure"], told["amount"]), "measure": told["measure"], "state": line.state,
        "time": told.get("time"),
    }  # fmt: skip
    row |= {name: told[name] for name in ("notified", "booked", "counters") if told.get(name)}
    if told["amount"] is None:
        row["unset"] = line.key
    if told["measure"] == "amount" and told["amount"] is not None:
        row["due"] = written(told["amount"] if line.charged else 0)
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
    cites = ", ".join(named(cite) for cite in row["cites"])
    return {**{name: row.get(name) for name in COLUMNS}, "facts": " ".join(row["facts"]), "articles": cites}


def blank() -> Row:
    """Answer the columns of a line with nothing in them."""
    return dict.fromkeys((*COLUMNS, "facts", "articles"))


def sums_of(lines: Iterable[Line]) -> Row:
    """Answer the sums of lines by what is charged or paid: all, what of it is executed, what is still undecided."""
    from crm_cli.rules.penalty.assess import totals  # noqa: PLC0415

    every = list(lines)
    total, executed = totals(every), totals(line for line in every if line.charged)
    sums: Row = {}
    for measure, value in total.items():
        end, done = "" if measure == "amount" else f"_{measure}", executed.get(measure, 0)
        parts = {"total": value, "executed": done, "undecided": value - done}
        sums |= {name + end: figure(measure, part) for name, part in parts.items()}
    return sums


def sums_said(sums: Row, lines: Iterable[Line]) -> list[str]:
    """Answer the sums as people read them, and which figures are still to be set."""
    said = {
        "total": _("total {amount}"), "total_points": _("points {amount}"),
        "total_suspension": _("days of suspension {amount}"), "total_pay": _("days of pay {amount}"),
        "total_reward": _("rewards {amount}"),
    }  # fmt: skip
    blank = [line.key for line in lines if line.told["amount"] is None and not line.told.get("decided")]
    unset = [_("{key} is unset: the rulebook leaves it blank").format(key=key) for key in dict.fromkeys(blank)]
    return [_parted(sums, name, says.format(amount=sums[name])) for name, says in said.items() if name in sums] + unset


def _parted(sums: Row, name: str, whole: str) -> str:
    """Answer a sum and what of it nobody has decided on yet."""
    executed, undecided = (sums[name.replace("total", part)] for part in ("executed", "undecided"))
    says = _("{sum}: {executed} executed, {undecided} not decided yet")
    return says.format(sum=whole, executed=executed, undecided=undecided)


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
        "state": session.label(STATE, line.state) + _told(line) + _booked(line),
    }


def _told(line: Line) -> str:
    """Answer when the person was told of a line that is not decided yet."""
    told = line.told["notified"] if line.state == "proposed" else None
    return ", " + _("told on {day}").format(day=told[:10]) if told else ""


def _booked(line: Line) -> str:
    """Answer the month in which a line stands that came up after its own was closed."""
    return ", " + _("booked in {month}").format(month=line.told["booked"]) if line.told.get("booked") else ""


def what(session: Session, line: Line) -> str:
    """Answer what happened, in words of the house."""
    said = session.label("case_fact", line.told["fact"])
    return _("again: {what}").format(what=said) if line.told.get("repeats") else said


def headings() -> list[str]:
    """Answer what the columns of lines are called."""
    return [_("line"), _("what"), _("time no."), _("reckoned"), _("amount"), _("standing")]


def said_event(session: Session, event: Event) -> str:
    """Answer what a decision says, in a sentence."""
    data, state = event["data"], event["type"].partition(".")[2]
    if state == "month_closed":
        return _("{month} is closed").format(month=data["month"])
    if state == "deducted":
        says = _("{amount} is kept back of the pay of {name} for {month}")
        return says.format(amount=written(data["amount"]), name=data["person"], month=data["month"])
    amount = figure(data["measure"], data.get("amount")) or _("not set")
    if state == "notified":
        return _("{name} was told of {id}, {amount}").format(name=data["person"], id=data["id"], amount=amount)
    return _("{id}: {state}, {amount}").format(id=data["id"], state=session.label(STATE, state), amount=amount)
