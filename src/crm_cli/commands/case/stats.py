"""crm KIND stats: the figures of a period, as the kind that keeps them declares them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_cli import clock, names
from crm_cli.commands.case import show
from crm_cli.commands.case.argv import SAMPLES
from crm_cli.errors import UsageError
from crm_cli.language import _
from crm_cli.render import Answer

if TYPE_CHECKING:
    from crm_cli.commands.case.declared import Kind
    from crm_cli.commands.session import Session

Told = dict[str, Any]
QUARTERS = {"Q": 3, "H": 6}


def command(
    context: typer.Context,
    month: Annotated[str | None, typer.Option("--month", metavar="PERIOD", help="The month, like 2025-03.")] = None,
    period: Annotated[
        str | None, typer.Option("--period", metavar="PERIOD", help="Like 2025-W10, 2025-Q1, 2025-H1 or 2025.")
    ] = None,
) -> Answer:
    """Show the figures of a period."""
    session: Session = context.obj
    group: Any = context.parent.command  # type: ignore[union-attr]
    typed = month or period or session.at().date().isoformat()[:7]
    every, day = read(typed)
    keeps = [
        one for one in group.kinds.values() if one.made.get("about") == group.kind.name and one.made["every"] == every
    ]
    if not keeps:
        raise _no_figures(group.kinds.values(), group.kind, typed)
    told = [counted(session, group.kind, one, every, day) for one in keeps]
    rows = [row for kind, one in zip(keeps, told, strict=True) for row in rows_of(kind, group.kind, one["counts"])]
    data = {"verdict": "counted", "figures": told, "cites": [], "events": []}
    if session.format != "text":
        return Answer(data, rows=[row for one in told for row in flat(one)])
    title = "  ".join([", ".join(one.title for one in keeps), told[0]["period"]])
    return Answer(data, [title, *show.aligned(rows)])


def read(typed: str) -> tuple[str, date]:
    """Answer the length of a period that was typed, and its first day."""
    try:
        if "-W" in typed:
            return "week", date.fromisoformat(f"{clock.week(typed)}-1")
        year, _dash, part = typed.partition("-")
        if part[:1] in QUARTERS and part[1:].isdecimal():
            length = QUARTERS[part[0]]
            return "quarter" if length == QUARTERS["Q"] else "half year", date(
                int(year), (int(part[1:]) - 1) * length + 1, 1
            )
        lengths = ("year", "month", "day")
        every = lengths[typed.count("-")]
        return every, date.fromisoformat(typed + "-01" * (2 - typed.count("-")))
    except (ValueError, IndexError):
        what = _("'{text}' is not a period").format(text=names.shown(typed))
        raise UsageError(what, fix=_("write it like {examples}").format(examples=", ".join(SAMPLES.values()))) from None


def _no_figures(kinds: Any, kind: Kind, typed: str) -> UsageError:
    kept = [one.made["every"] for one in kinds if one.made.get("about") == kind.name]
    what = _("no figures of {kind} are kept for a period like {text}").format(kind=kind.title, text=names.shown(typed))
    return UsageError(what, fix=_("write it like {examples}").format(examples=", ".join(SAMPLES[one] for one in kept)))


def counted(session: Session, about: Kind, kind: Kind, every: str, day: date) -> Told:
    """Answer the figures of a period: counted now, for none of them is kept."""
    from crm_cli.rules.case import counts, spans  # noqa: PLC0415 - only who asks

    period, past = spans.period_of(every, day), session.office.past()
    rules, declared = session.office.rulebook(session.at()), kind.made["counts"]
    figures = counts.counted(past, rules, about.name, declared, period, session.at())
    told = {name: about.public(declared[name].get("sum") or "", one) for name, one in figures.items()}
    return {"kind": kind.name, "period": period.name, "counts": told}


def flat(told: Told) -> list[Told]:
    """Answer figures as rows for programs: one a figure, or one a word where it is counted by a field."""
    rows = []
    for name, figure in told["counts"].items():
        for word, number in figure.items() if isinstance(figure, dict) else [("", figure)]:
            rows.append({"kind": told["kind"], "period": told["period"], "count": name, "word": word, "figure": number})
    return rows


def rows_of(kind: Kind, about: Kind, counts: Told) -> list[list[str]]:
    """Answer figures as they stand on paper: each by its name, and by its words where it is broken down."""
    rows = []
    for name, figure in counts.items():
        said, declared = kind.labels.label("case_field", name), kind.made["counts"][name]
        if isinstance(figure, dict):
            rows.append([said, str(sum(figure.values()))])
            rows += [
                [f"  {about.said_value(declared.get('by', ''), word)}", str(number)] for word, number in figure.items()
            ]
        elif declared.get("sum"):
            money = about.field(declared["sum"]).get("type") == "money"
            rows.append([said, f"¥{Decimal(figure):,}" if money else str(figure)])
        else:
            rows.append(
                [said, "-" if figure is None else f"{figure} %" if declared["count"] == "rate" else str(figure)]
            )
    return rows
