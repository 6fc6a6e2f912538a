"""crm help: the pages that belong to no single command; what is a table is the table that the program uses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from crm_cli import names
from crm_cli.commands.options import OPTIONS
from crm_cli.errors import UsageError
from crm_cli.language import _
from crm_cli.render import Answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from crm_cli.render import Row


def command(
    context: typer.Context,
    topic: Annotated[
        str | None, typer.Argument(metavar="PAGE", help="exit-codes, environment, ledger, policies, calendar or cron.")
    ] = None,
) -> Answer:
    """Show a page: exit-codes, environment, ledger, policies, calendar, cron."""
    context.obj.speak()
    if topic is not None and topic not in PAGES:
        what = _("there is no page '{name}'").format(name=names.shown(topic))
        raise UsageError(what, fix=" | ".join(PAGES))
    if topic is None:
        rows: list[Row] = [{"topic": name, "says": says()} for name, (says, page) in PAGES.items()]
        return Answer({"verdict": "listed", "topics": rows, "cites": [], "events": []}, rows=rows)
    lines, rows = PAGES[topic][1]()
    data = {"verdict": "shown", "topic": topic, "lines": lines, "rows": rows, "cites": [], "events": []}
    return Answer(data, lines, rows=rows or None)


def exit_codes() -> dict[str, str]:
    """Answer what each exit code means."""
    return {
        "0": _("done, or nothing to do, or already done"),
        "1": _("the rulebook or the state of things says no; the answer says why, with its article"),
        "2": _("the command line is wrong"),
        "3": _("a policy, a record or an input file is wrong: `FILE:LINE:COL: what` and the fix"),
        "4": _("somebody else is writing; run again"),
        "5": _("the machine failed: permission, disk full, input/output"),
        "70, 130": _("a bug in crm; interrupted"),
    }


def _exit_codes() -> tuple[list[str], list[Row]]:
    return [], [{"exit": code, "meaning": meaning} for code, meaning in exit_codes().items()]


def _environment() -> tuple[list[str], list[Row]]:
    known = [
        {
            "option": " ".join([", ".join(declarations), *([metavar] if metavar else [])]),
            "variable": variable or "",
            "says": _(text),
        }
        for declarations, metavar, text, variable in OPTIONS.values()
    ]
    office = {"option": "-C, --office OFFICE", "variable": "CRM_OFFICE", "says": _("The folder of the office.")}
    plain = {
        "option": "",
        "variable": "CRM_PLAIN",
        "says": _("For scripts: as in a pipe, in English unless CRM_LANG says otherwise."),
    }
    program = {
        "option": "--exec CMD",
        "variable": "CRM_NOTIFY",
        "says": _("The program of crm notify; no file names it."),
    }
    lines = [
        _("An option comes before its variable, a variable before crm.yaml, crm.yaml before what is built in."),
        "",
    ]
    attach = {"option": "--attach FILE", "variable": "", "says": _("Keep a file with the event; may be repeated.")}
    return lines, [office, *known, attach, plain, program]


def _ledger() -> tuple[list[str], list[Row]]:
    return [
        _("The ledger is ledger/*.jsonl: one event a line, never changed, each chained to the one before."),
        _("An answer is given when its lines are on the disk; a write that was cut off never counts."),
        _("crm log shows what happened, crm why EVENT why; crm ledger verify --replay checks it all."),
        _("crm ledger head prints the last hash: kept elsewhere, it shows whether the file was written anew."),
        _("A month is a file, and sealed when it is over: cd ledger && sha256sum -c *.seal"),
        _("crm backup TO copies the office while others write; crm ledger repair --from COPY mends lines from a copy."),
        _("An old copy put back stops the office while .cache knows more; without .cache only a kept head shows it."),
        _("ledger/policies keeps every text that a decision rests on; .cache may be deleted at any moment."),
        _("The whole format: docs/ledger-format.md"),
    ], []


def _policies() -> tuple[list[str], list[Row]]:
    return [
        _("A rulebook is YAML: policies/HOUSE/TOPIC@DAY.yaml, an edition a file, in force from its day on."),
        _("Tables answer which row fits, params hold figures, may says who. Every rule names its article."),
        _("An edition that decisions rest on is frozen: a change is a new edition with amends:, or an overlay."),
        _("crm policy check proves it, crm policy test plays its stories, crm policy show prints what is in force."),
        _("The whole format: docs/policy-format.md, docs/policy-reference.md"),
    ], []


def _calendar() -> tuple[list[str], list[Row]]:
    return [
        _("Working days are those of the office's country, made-up ones among them: crm calendar show 2025"),
        _("A year that has not been announced is missing: what needs it waits for it, and nothing is guessed."),
        _("An office adds a year by itself, in calendars/2027.yaml:"),
        "",
        "    year: 2027",
        "    holidays: [2027-01-01, 2027-02-05 to 2027-02-11]",
        "    working: [2027-02-14]",
        '    hours: {"2027-12-31": "09:00-12:00"}',
        "",
        _("With holidays: the file stands alone; without it, it adds to the country's calendar."),
        _("It is open Monday to Friday 09:00-18:00, unless crm.yaml says otherwise, as here:"),
        "",
        "    calendar:",
        '      hours: {mon-fri: ["09:00-12:00", "13:30-18:00"], sat: "09:00-12:00", holiday: closed}',
        "      working_days: [mon, tue, wed, thu, fri]",
        '      limits: {ends: time, cut_off: "16:00", restart: "08:00"}',
        '      departments: {night_desk: {hours: {mon-sun: "20:00-02:00"}}}',
        "",
        _("limits: without it what is due in working days ends with the day; so it keeps the time of day."),
        _("restarts: late there lets restart hold only for what comes in after cut_off."),
        _("days: time there keeps the time of day of days, months and years, too."),
        _("holidays: none under calendar: is an office that works on holidays."),
        _("crm calendar check tells what is missing or wrong."),
    ], []


def _cron() -> tuple[list[str], list[Row]]:
    return [
        "PATH=/usr/local/bin:/usr/bin:/bin",
        "CRM_OFFICE=/srv/office",
        _("# every five minutes: record what has fallen due; speaks only of what is new"),
        "*/5 * * * *  crm tick",
        _("# and hand each new item to a program, as one line of JSON"),
        "*/5 * * * *  crm notify -q --exec /usr/local/bin/tell-the-desk",
        _("# each morning: mail what is overdue (cron mails what is printed)"),
        '30 8 * * *  out=$(crm due --check) || echo "$out"',
        _("# each night: a copy on another disk; the head it prints is mailed, and kept elsewhere"),
        "0 3 * * *  crm backup /mnt/other/office -q",
        _("# each night: is every line as it was written, does every decision hold"),
        '15 3 * * *  out=$(crm ledger verify --replay) || echo "$out"',
        _("Exit 4: somebody else was writing, run again. Nothing prompts. More: docs/scripting.md"),
    ], []


Page = tuple["Callable[[], str]", "Callable[[], tuple[list[str], list[Row]]]"]
PAGES: dict[str, Page] = {
    "exit-codes": (lambda: _("what a script learns from the exit code"), _exit_codes),
    "environment": (lambda: _("the options that every command takes, and their variables"), _environment),
    "ledger": (lambda: _("where the facts are, and how to trust them"), _ledger),
    "policies": (lambda: _("where the rules are, and how to change them"), _policies),
    "calendar": (lambda: _("working days and opening hours, and how to add a year"), _calendar),
    "cron": (lambda: _("what to run when nobody is there"), _cron),
}
