"""crm KIND show: one case on a card: where it stands, what is known, its clocks, its steps, what is next."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_cli import names
from crm_cli.columns import width
from crm_cli.commands import cards
from crm_cli.commands.case import said
from crm_cli.commands.case.declared import OFFICE, Kind, hyphened, minute
from crm_cli.errors import UsageError
from crm_cli.language import _
from crm_cli.render import Answer
from crm_cli.rules.directory import handle_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from crm_cli.commands.session import Session

Told = dict[str, Any]
Settled = dict[str, set[str]]  # field -> which of its words are owed no longer
GAP, INDENT, DEEPER = 2, 2, 6
ROOM = 80  # columns of a terminal


def command(
    context: typer.Context, identity: Annotated[str, typer.Argument(metavar="ID", help="Which case.")]
) -> Answer:
    """Show a case: where it stands, its clocks, its steps, and what is next."""
    session: Session = context.obj
    kind: Kind = context.parent.command.kind  # type: ignore[union-attr]
    from crm_cli.rules.case.view import shown  # noqa: PLC0415 - only who asks

    key, at = id_of(session, kind, identity), session.at()
    past = session.office.past()
    case = past.get("case", key)
    if case is None or case["kind"] != kind.name:
        raise no_case(kind, key)
    told = seen(session, kind, shown(past, session.office.rulebook(at), key, at))
    told["next"] = [one for one in told["next"] if all(kind.brings(one["step"], each) for each in one["wants"])]
    figures = _figures(session, kind, context.parent.command.kinds, told)  # type: ignore[union-attr]
    data = {"verdict": "shown", **public(kind, told), "cites": [], "events": []}
    if figures:
        data["figures"] = figures["counts"]
    return Answer(data, _card(session, kind, told, figures, _settled(kind, case)) if session.format == "text" else [])


def _figures(session: Session, kind: Kind, kinds: Mapping[str, Kind], told: Told) -> Told | None:
    """Answer the figures of a period, where the case is one: as they are now."""
    about = kinds.get(kind.made.get("about") or kind.name)
    if not kind.made.get("counts") or about is None or "starts" not in told["fields"]:
        return None
    from crm_cli.commands.case import stats  # noqa: PLC0415 - it shows what it counts as this module does

    figures = stats.counted(session, about, kind, kind.made["every"], date.fromisoformat(told["fields"]["starts"]))
    return {**figures, "rows": stats.rows_of(kind, about, figures["counts"])}


def no_case(kind: Kind, typed: str) -> UsageError:
    """Answer that a kind has no case of that id."""
    what = _("there is no {kind} {id}").format(kind=kind.title, id=names.shown(typed))
    return UsageError(what, fix=f"crm {kind.typed} list")


def seen(session: Session, kind: Kind, told: Told) -> Told:
    """Answer a case as whoever asks may see it: what is personal is for the staff."""
    whole = bool(cards.roles(session))
    steps = [{**one, "set": _seen(kind, one["set"], whole=whole)} for one in told.get("steps", ())]
    return {**told, "fields": _seen(kind, told["fields"], whole=whole), **({"steps": steps} if steps else {})}


def _seen(kind: Kind, fields: Told, *, whole: bool) -> Told:
    personal = [] if whole else [name for name in fields if kind.field(name).get("personal")]
    return {name: said.HIDDEN if name in personal else value for name, value in fields.items()}


def public(kind: Kind, told: Told) -> Told:
    """Answer a case as programs are told of it: amounts as decimal texts."""
    steps = [{**one, "set": _public(kind, one["set"])} for one in told.get("steps", ())]
    return {**told, "fields": _public(kind, told["fields"]), **({"steps": steps} if steps else {})}


def _public(kind: Kind, fields: Told) -> Told:
    return {name: kind.public(name, value) for name, value in fields.items()}


def id_of(session: Session, kind: Kind, typed: str) -> str:
    """Answer the id of a case: what the ids of its kind begin with may be left out: 12 for KS-12, a period."""
    key = names.name(typed, _("id"))
    number = kind.made["number"]
    return found(session, kind.name, number, key) or (whole(kind.name, number, key) if number else key)


def whole(kind: str, number: str | None, key: str) -> str:
    """Answer an id with what the ids of its kind begin with, where only the number was typed."""
    return f"{number or kind}-{key}" if key.isdecimal() and number != "given" else key


def found(session: Session, kind: str, number: str | None, key: str) -> str | None:
    """Answer the id of the case of a kind that is meant, whole or without its beginning; None where there is none."""
    past = session.office.past()
    named = whole(kind, number, key)
    for one in (key, named, f"{kind}/{key}", f"{kind}/{named}"):
        if (past.get("case", one) or {}).get("kind") == kind:
            return one
    return None


# ── the card ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _card(session: Session, kind: Kind, told: Told, figures: Told | None, settled: Settled) -> list[str]:
    """Answer the lines of a card, section by section."""
    head = "  ".join([f"{kind.title} {kind.short(told['id'])}", kind.said_state(told["state"]), *_round(told)])
    opened = _("opened {time} by {name}").format(time=minute(told["opened"]), name=_who(told["by"]))
    fields = [
        [kind.said_field(name), value(session, kind, name, one, settled.get(name, ()))]
        for name, one in told["fields"].items()
    ]
    sections: tuple[tuple[str, list[list[str]]], ...] = (
        (_("figures"), figures["rows"] if figures else []),
        (_("clocks"), [_clock(kind, one, session.at()) for one in told["clocks"]]),
        (
            _("still owed"),
            [[kind.said_duty(one["name"], one.get("item"))] for one in told["open_duties"] if not one["due"]],
        ),
        (_("belongs to it"), [_beside(session, one) for one in told["beside"]]),
        (_("steps"), [[minute(one["at"]), kind.said_step(one["step"]), _who(one["by"])] for one in told["steps"]]),
    )
    lines = [head, opened, *said.older(told), *aligned(fields)]
    for title, rows in sections:
        lines += ["", title, *aligned(rows)] if rows else []
    return [*lines, *_next(kind, told["next"])]


def _next(kind: Kind, steps: Sequence[Told]) -> list[str]:
    """Answer the steps that are next; by whom and what one wants stand below it where they do not fit beside."""
    if not steps:
        return []
    lines = ["", _("next")]
    typed = [_step(kind, one) for one in steps]
    for whole, short, step, one in zip(aligned(typed), aligned([row[:2] for row in typed]), typed, steps, strict=True):
        wants = _wants(kind, one)
        beside = (whole + " " * GAP + wants).rstrip()
        if width(beside) <= ROOM:
            lines.append(beside)
            continue
        fits = width(whole) <= ROOM
        below = [wants] if fits else [step[2], wants]
        lines += [whole if fits else short, *(" " * DEEPER + text for text in below if text)]
    return lines


def _who(hand: str) -> str:
    return _("the program") if hand == OFFICE else hand


def _round(told: Told) -> list[str]:
    return [_("round {number}").format(number=told["round"])] if told["round"] > 1 else []


def about(session: Session, kind: Kind, fields: Told) -> str:
    """Answer in brackets what tells a case from others: the case that it belongs to, and whom it is about."""
    names_ = [name for name in kind.telling if name in fields and not kind.field(name).get("personal")]
    told = kind.labels.listed(value(session, kind, name, fields[name]) for name in names_)
    return _(" ({words})").format(words=told) if told else ""


def _settled(kind: Kind, case: Told) -> Settled:
    """Answer of each field whose words were owed one by one those that are owed no longer."""
    found: dict[str, set[str]] = {}
    for entry in case["duties"]:
        field = (kind.made["duties"].get(entry["name"], {}).get("each") or {}).get("field")
        if field and entry["state"] in ("met", "late"):
            found.setdefault(field, set()).add(entry["item"])
    return found


def value(session: Session, kind: Kind, name: str, one: Any, settled: Collection[str] = ()) -> str:
    """Answer a value in words; a customer as the desk calls them, and of what was owed what is settled."""
    if settled and isinstance(one, list):
        done = _("{what} (settled)")
        said_ = {each: kind.said_value(name, each) for each in one}
        return kind.labels.listed(done.format(what=says) if each in settled else says for each, says in said_.items())
    if kind.field(name).get("type") == "customer":
        return handle_of(session.office.past(), str(one))
    return kind.said_value(name, one)


def _clock(kind: Kind, one: Told, now: datetime) -> list[str]:
    due = _("calendar {year} is missing").format(year=one["missing"]) if "missing" in one else minute(one["due"] or "-")
    unlimited = not one["due"] and "missing" not in one and one["state"] in ("running", "met")
    stands = lasting(one["start"], one["done"], now) if unlimited else standing(one["state"])
    return [kind.said_duty(one["name"], one.get("item")), due, stands, minute(one["done"] or "")]


def lasting(start: str, done: str | None, now: datetime) -> str:
    """Answer how long something took, or takes already, for which the rulebook sets no limit."""
    end = datetime.fromisoformat(done) if done else now
    minutes = int((end - datetime.fromisoformat(start)).total_seconds()) // 60
    units = ((_("{number} d"), 24 * 60), (_("{number} h"), 60), (_("{number} min"), 1))
    says, unit = next(one for one in units if minutes >= 2 * one[1] or one[1] == 1)  # below two the smaller one tells
    return (_("took {time}") if done else _("for {time}")).format(time=says.format(number=minutes // unit))


def standing(state: str) -> str:
    """Answer in words how a clock stands."""
    return {
        "running": _("running"),
        "paused": _("stands still"),
        "met": _("in time"),
        "late": _("done late"),
        "breached": _("overdue"),
        "dropped": _("dropped"),
    }.get(state, state)


def _beside(session: Session, one: Told) -> list[str]:
    """Answer a case that names this one: which, since when, whom it is about, where it stands, what is due in it."""
    from crm_cli.commands.case import front  # noqa: PLC0415 - it makes commands of the kinds whose cases these are

    kind = front.kind_of(session, one["kind"], one["id"])
    if kind is None:
        return [one["id"], minute(one["opened"]), one["who"], one["state"], ""]
    due = f"{kind.said_duty(one['duty'])} {minute(one['due'])}" if one["duty"] else ""
    return [kind.called(one["id"]), minute(one["opened"]), _who(one["who"]),
            kind.said_state(one["state"]), due]  # fmt: skip


def _step(kind: Kind, one: Told) -> list[str]:
    """Answer a step that is next: how it is typed, what people call it, by whom."""
    by = "/".join(kind.said_hand(each) for each in one["by"])
    return [hyphened(one["step"].partition(".")[0]), kind.said_step(one["step"]), by]


def _wants(kind: Kind, one: Told) -> str:
    """Answer what a step wants that is next, what is still owed before it, and until when it must wait."""
    wants = [_(" or ").join(map(kind.said_name, each.split("|"))) for what in one["wants"] for each in what.split(", ")]
    after = [kind.said_duty(*what.partition("/")[::2]) for what in one.get("after", ())]
    early = [minute(what) for what in one.get("not_before", ()) if what != said.UNSET]
    open_ = said.UNSET in one.get("not_before", ())
    notes = [
        _("wants {what}").format(what=kind.labels.listed(dict.fromkeys(wants))) if wants else "",
        _("still owed: {what}").format(what=kind.labels.listed(after)) if after else "",
        _("not before {what}").format(what=kind.labels.listed(early)) if early else "",
        _("the rulebook does not set yet when this may be done") if open_ else "",
    ]
    return _("; ").join(filter(None, notes))


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Answer cells in columns, a little to the right."""
    room = [max(width(cell) for cell in column) for column in zip(*rows, strict=True)]
    padded = [[cell + " " * (wide - width(cell)) for cell, wide in zip(row, room, strict=True)] for row in rows]
    return [" " * INDENT + (" " * GAP).join(row).rstrip() for row in padded]
