"""crm calendar: when a limit is due, what lies between two instants, what the calendar of the office says."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_cli import clock, names
from crm_cli.calendars import FOLDER, file_of
from crm_cli.errors import DataError, UsageError
from crm_cli.language import _
from crm_cli.render import Answer
from crm_cli.worktime import Missing, between, countries, hours
from crm_cli.worktime import due as due_instant
from crm_cli.worktime import limit as limit_of

if TYPE_CHECKING:
    from datetime import datetime

    from crm_cli.commands.session import Session
    from crm_cli.render import Row
    from crm_cli.worktime import Calendar, Limit, Stretch, Year

HELP = "When a limit is due, what lies between two times, what the office's calendar says."
NOVEMBER = 11  # when the State Council announces the next year
Department = Annotated[
    str | None, typer.Option("--department", metavar="NAME", help="By the hours of a department, where it has its own.")
]


def due(
    context: typer.Context,
    since: Annotated[str, typer.Option("--from", metavar="TIME", help="When the limit starts.")],
    within: Annotated[str, typer.Option("--within", metavar="LIMIT", help="24h, '3 working days', 'end of work' …")],
    done: Annotated[
        str | None, typer.Option("--done", metavar="TIME", help="When it was done: in time, or late?")
    ] = None,
    department: Department = None,
) -> Answer:
    """Answer when a limit is due; changes nothing."""
    session: Session = context.obj
    zone, read = session.office.zone, limit_of(within)
    start, ended = clock.typed(since, zone), clock.typed(done, zone) if done else None
    found = _due(read, start, session.office.calendars(department))
    data: dict[str, Any] = {"verdict": "due", "from": start.isoformat(), "within": read.text, "due": None}
    if isinstance(found, Missing):
        return _missing(data, found.year)
    data["due"] = found.isoformat() if found else None
    lines = [data["due"] or _("never late")]
    if ended is not None:
        on_time = found is None or ended <= found
        data |= {"verdict": "in_time" if on_time else "late", "done": ended.isoformat(), "on_time": on_time}
        lines.append(_("in time") if on_time else _("late"))
    return Answer({**data, "cites": [], "events": []}, lines)


def _due(limit: Limit, start: datetime, calendar: Calendar) -> datetime | Missing | None:
    if limit.after or limit.unit == "end of period":
        what = _("only a case knows where '{text}' runs from, or ends").format(text=limit.text)
        raise UsageError(what, fix=_("give the time with --from, and a limit without it"))
    try:
        return due_instant(limit, start, calendar)
    except (OverflowError, ValueError):  # no year comes after 9999
        raise _too_far(start) from None


def _too_far(time: datetime) -> UsageError:
    return UsageError(_("the time {time} is too far off").format(time=time.isoformat()), fix=_("name a nearer one"))


def _missing(data: dict[str, Any], year: int) -> Answer:
    says = _("calendar {year} is missing").format(year=year)
    told = {**data, "verdict": "calendar_missing", "missing": year, "cites": [], "events": []}
    return Answer(told, [says, _("  fix: {fix}").format(fix=_cure(year))], exit=1)


def _cure(year: int) -> str:
    return _("write {file}: crm help calendar").format(file=f"{FOLDER}/{year}.yaml")


def measured(
    context: typer.Context,
    since: Annotated[str, typer.Option("--from", metavar="TIME", help="The earlier time.")],
    until: Annotated[str, typer.Option("--to", metavar="TIME", help="The later time.")],
    department: Department = None,
) -> Answer:
    """Answer what lies between two times, in hours, working hours, days and working days; changes nothing."""
    session: Session = context.obj
    start, end = (clock.typed(text, session.office.zone) for text in (since, until))
    try:
        found = between(start, end, session.office.calendars(department))
    except OverflowError:
        raise _too_far(end) from None
    data = {
        "verdict": "measured",
        "from": start.isoformat(),
        "to": end.isoformat(),
        "seconds": found.seconds,
        "working_seconds": found.working_seconds,
        "days": found.days,
        "working_days": found.working_days,
    }
    if found.missing is not None:
        return _missing(data, found.missing)
    return Answer({**data, "cites": [], "events": []}, rows=None if session.format != "text" else _amounts(found))


def _amounts(found: Stretch) -> list[Row]:
    told = [
        (_("hours"), _clock(found.seconds)),
        (_("working hours"), _clock(found.working_seconds or 0)),
        (_("days"), str(found.days)),
        (_("working days"), str(found.working_days)),
    ]
    return [{"what": what, "amount": amount} for what, amount in told]


def _clock(seconds: int) -> str:
    """Answer an amount of time as `30:05`, with its seconds where there are any."""
    minutes, rest = divmod(abs(seconds), 60)
    text = f"{minutes // 60}:{minutes % 60:02d}" + (f":{rest:02d}" if rest else "")
    return f"-{text}" if seconds < 0 else text


def show(
    context: typer.Context,
    period: Annotated[
        str | None, typer.Argument(metavar="PERIOD", help="A month like 2025-10, or a year (default: this month).")
    ] = None,
    department: Department = None,
) -> Answer:
    """Show which days work, and when it is open: a month day by day, or a year by its months."""
    session: Session = context.obj
    year, month = _period(period) if period else (session.now().year, session.now().month)
    calendar = session.office.calendars(department)
    known = calendar.years(year)
    data: dict[str, Any] = {"verdict": "shown", "period": f"{year}-{month:02d}" if month else str(year)}
    if known is None:
        return _missing(data, year)
    if month:
        rows = [_told_day(date(year, month, day), calendar, known) for day in range(1, monthrange(year, month)[1] + 1)]
        headings = [_("day"), "", _("what"), _("open")]
    else:
        rows = [_told_month(year, number, calendar, known) for number in range(1, 13)]
        headings = [_("month"), _("working days"), _("holidays"), _("made-up working days")]
    says = _says_day if month else _says_month
    shown = [says(row) for row in rows] if session.format == "text" else rows
    data |= {"days" if month else "months": rows, "cites": [], "events": []}
    styles = ["" if row.get("works", True) else "dim" for row in rows]
    return Answer(data, rows=shown, headings=headings, styles=styles, gives={"holidays": "wrap", "made_up": "wrap"})


def _period(text: str) -> tuple[int, int]:
    """Answer the year and the month of `2025-10`; month 0 for a whole year."""
    match = re.fullmatch(r"([0-9]{4})(?:-([0-9]{2}))?", text)
    year, month = (int(match[1]), int(match[2] or 0)) if match else (0, 0)
    if not year or month not in range(13) or (match and match[2] == "00"):
        what = _("'{text}' is no month and no year").format(text=names.shown(text))
        raise UsageError(what, fix=_("write it like 2025-10 or 2025"))
    return year, month


def _told_day(day: date, calendar: Calendar, year: Year) -> Row:
    return {
        "date": day.isoformat(),
        "weekday": hours.WEEK[day.weekday()],
        "works": calendar.works(day),
        "what": _kind(day, calendar, year),
        "open": hours.text(calendar.periods(day)),
    }


def _kind(day: date, calendar: Calendar, year: Year) -> str:
    if day in year.worked and day.weekday() not in calendar.days:
        return "made_up"
    if day in year.holidays:
        return "holiday"
    return "working" if day.weekday() in calendar.days else "free"


def _says_day(row: Row) -> Row:
    kinds = {"made_up": _("made-up working day"), "holiday": _("holiday"), "working": "", "free": _("no working day")}
    weekdays = dict(zip(hours.WEEK, _("Mon Tue Wed Thu Fri Sat Sun").split(), strict=True))
    return {
        "date": row["date"],
        "weekday": weekdays[row["weekday"]],
        "what": kinds[row["what"]],
        "open": row["open"] or _("not open"),
    }


def _told_month(year: int, month: int, calendar: Calendar, known: Year) -> Row:
    days = [date(year, month, day) for day in range(1, monthrange(year, month)[1] + 1)]
    kinds = {day: _kind(day, calendar, known) for day in days}
    return {
        "month": f"{year}-{month:02d}",
        "working_days": sum(calendar.works(day) for day in days),
        "holidays": [day.isoformat() for day in days if kinds[day] == "holiday"],
        "made_up": [day.isoformat() for day in days if kinds[day] == "made_up"],
    }


def _says_month(row: Row) -> Row:
    return {**row, **{name: " ".join(str(int(day[8:])) for day in row[name]) for name in ("holidays", "made_up")}}


def check(context: typer.Context) -> Answer:
    """Tell what is missing or wrong in the calendars of the office."""
    session: Session = context.obj
    now = session.now()
    rows = [*_files(session), *_unknown_years(session, now)]
    rows += [row for year in (now.year, now.year + 1) for row in _doubts(session, year)] if not _wrong(rows) else []
    verdict = "wrong" if _wrong(rows) else "calendar_missing" if _lacking(rows) else "covered"
    lines = [
        line for row in rows for line in (f"{row['where']}: {row['what']}", _("  fix: {fix}").format(fix=row["fix"]))
    ]
    data = {"verdict": verdict, "findings": rows, "cites": [], "events": []}
    codes = {"wrong": 3, "calendar_missing": 1, "covered": 0}
    return Answer(
        data, lines or [_("nothing is missing and nothing is wrong")],
        rows=rows if session.format in ("jsonl", "csv", "md") else None, exit=codes[verdict],
    )  # fmt: skip


def _wrong(rows: list[Row]) -> bool:
    return any(row["level"] == "error" for row in rows)


def _lacking(rows: list[Row]) -> bool:
    return any(row["level"] == "missing" for row in rows)


def _row(where: str, level: str, what: str, fix: str) -> Row:
    return {"where": where, "level": level, "what": what, "fix": fix}


def _files(session: Session) -> list[Row]:
    """Answer what is wrong with the files of the folder: each is read, and nothing else lies there."""
    rows = []
    folder = session.office.folder / FOLDER
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        where = f"{FOLDER}/{path.name}"
        if re.fullmatch(r"[0-9]{4}\.yaml", path.name) is None:
            rows.append(_row(where, "error", _("nothing reads this file"), _("call it YEAR.yaml, or remove it")))
            continue
        try:
            file_of(session.office.folder, session.office.cache, int(path.stem))
        except DataError as error:
            findings = getattr(error, "findings", [error])
            rows += [_row(one.where, "error", one.what, one.fix) for one in findings]
    return rows


def _unknown_years(session: Session, now: datetime) -> list[Row]:
    if _wrong(_files(session)):
        return []
    years = [now.year, *([now.year + 1] if now.month >= NOVEMBER else [])]
    return [
        _row(f"{FOLDER}/{year}.yaml", "missing", _("calendar {year} is missing").format(year=year), _cure(year))
        for year in years
        if session.office.calendars.year(year) is None
    ]


def _doubts(session: Session, year: int) -> list[Row]:
    """Answer what a file of the office says that has no effect, or that its country's calendar says otherwise."""
    told = file_of(session.office.folder, session.office.cache, year)
    if told is None:
        return []
    where, calendar, rows = f"{FOLDER}/{year}.yaml", session.office.calendars(), []
    idle = [day for day in told.get("working", ()) if date.fromisoformat(day).weekday() in calendar.days]
    if idle:
        what = _("{days} work anyway").format(days=" ".join(idle))
        rows.append(_row(where, "warning", what, _("take them out of working, or look for a slip")))
    country = countries.year(session.office.settings.country, year)
    if country is None and "holidays" not in told:
        what = _("no calendar of {country} covers {year}, so that the file must name all holidays")
        what = what.format(country=session.office.settings.country, year=year)
        rows.append(_row(where, "warning", what, _("write holidays: and working:")))
    if country is not None and "holidays" in told:
        first = date(year, 1, 1)
        days = [first + timedelta(days=number) for number in range(365)]
        theirs = type(calendar)(calendar.zone, lambda _year: country, days=calendar.days)
        other = [day.isoformat() for day in days if calendar.works(day) != theirs.works(day)]
        if other:
            what = _("the calendar of {country} says otherwise for {days}")
            what = what.format(country=session.office.settings.country, days=" ".join(other))
            rows.append(_row(where, "warning", what, _("leave it if the office means it; the file is gone by")))
    return rows


VERBS = {"due": due, "between": measured, "show": show, "check": check}
