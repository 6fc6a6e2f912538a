"""crm policy: is the rulebook right, does it answer as its tests say, what does it say."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_cli.commands.case.declared import Kind, Labels
from crm_cli.commands.case.table import table
from crm_cli.commands.explained import article, explain
from crm_cli.commands.schemas import schema
from crm_cli.errors import UsageError
from crm_cli.language import _
from crm_cli.policy.ask import CaseRule
from crm_cli.policy.book import Book
from crm_cli.policy.check import check as checked
from crm_cli.policy.suite import run, run_stories
from crm_cli.render import Answer
from crm_cli.rules.topics import TOPICS
from crm_cli.settings import find_folder, load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crm_cli.commands.session import Session

HELP = "Check, test, show and explain the rulebook."
Folder = Annotated[str | None, typer.Argument(metavar="FOLDER", help="A folder of policies (default: the office's).")]
House = Annotated[str | None, typer.Option("--house", metavar="HOUSE", help="Only this house of the folder.")]


def check(context: typer.Context, folder: Folder = None, house: House = None) -> Answer:
    """Prove the rulebook: form, words, gaps and overlaps of every table; lists everything that is wrong."""
    place, name, overlays = _houses(context.obj, folder, house)[0]  # whichever is named, every house is looked at
    findings = checked(place, name, overlays, TOPICS)
    rows = [{"where": one.where, "level": one.level, "what": one.what, "fix": one.fix} for one in findings]
    wrong = any(one.level == "error" for one in findings)
    lines = [
        line
        for one in findings
        for line in (one.text, *one.excerpt.splitlines(), _("  fix: {fix}").format(fix=one.fix))
    ]
    data = {"verdict": "wrong" if wrong else "proved", "findings": rows, "cites": [], "events": []}
    return Answer(data, lines or [_("nothing is wrong")], exit=3 if wrong else 0)


def run_tests(context: typer.Context, folder: Folder = None, house: House = None) -> Answer:
    """Run the rulebook's own tests and stories, and random walks over its cases; a row that no test reaches fails."""
    session: Session = context.obj
    results, unexercised = [], []
    for place, name, overlays in _houses(session, folder, house):
        from crm_cli.commands.stories import Player  # noqa: PLC0415 - only stories need an office to play in
        from crm_cli.commands.walks import walks  # noqa: PLC0415

        book = Book.open(place, name, overlays, TOPICS, None)
        with tempfile.TemporaryDirectory(prefix="crm-") as made:
            player = Player(session, place, name, overlays, Path(made))
            for topic in [one for one in book.topics if book.compiled(one)["editions"]]:
                report = run(book, topic, TOPICS)
                results += [*report.results, *run_stories(report.stories, player.play)]
                if topic not in TOPICS:
                    results += walks(book, topic)
                unexercised += report.unexercised
    failed = [one for one in results if not one.passed]
    lines = [f"{one.where}: {one.name}: {one.what}" for one in failed]
    lines += [_("{row}: no test reaches it").format(row=row) for row in unexercised]
    lines.append(
        _("{passed} passed, {failed} failed").format(
            passed=len(results) - len(failed), failed=len(failed) + len(unexercised)
        )
    )
    rows = [{"name": one.name, "where": one.where, "what": one.what} for one in failed]
    wrong = bool(failed or unexercised or not results)
    data = {
        "verdict": "failed" if wrong else "passed",
        "passed": len(results) - len(failed),
        "failures": rows,
        "unexercised": unexercised,
        "cites": [],
        "events": [],
    }
    return Answer(data, lines, exit=3 if wrong else 0)


def show(
    context: typer.Context,
    topic: Annotated[str | None, typer.Argument(metavar="TOPIC", help="rotation, register …")] = None,
    rule: Annotated[str | None, typer.Argument(metavar="RULE", help="turn, receive, makeup …")] = None,
) -> Answer:
    """Show what is in force: every rule with its rows, articles and wording."""
    session: Session = context.obj
    topics = session.office.book.topics
    if topic is not None and topic not in topics:
        raise UsageError(_("'{name}' is not a topic").format(name=topic[:40]), fix=", ".join(topics))
    names = [topic] if topic else topics
    rows = [row for name in names for row in _rules(session, name, topic) if rule in (None, row["rule"])]
    if rule is not None and not rows:
        raise UsageError(_("there is no rule '{name}'").format(name=rule[:40]), fix="crm policy show")
    data = {"verdict": "shown", "rules": rows, "cites": [], "events": []}
    headings = [_("policy"), _("rule"), _("row"), _("when"), _("then"), _("article"), _("says")]
    shown = [_readable(session, row) for row in rows]
    return Answer(
        data,
        rows=rows if session.format in ("jsonl", "csv") else shown,
        headings=headings,
        gives=dict.fromkeys(("when", "then", "says"), "wrap"),
    )


def _readable(session: Session, row: dict[str, Any]) -> dict[str, Any]:
    """Answer a row with its cells in words."""
    if row["policy"] not in TOPICS:
        return {**row, **{part: _plain(session, row[part]) for part in ("when", "then")}}
    ask = TOPICS[row["policy"]].asks[row["rule"]]
    kinds = {name: kind.removeprefix("list of ") for name, kind in getattr(ask, "values", {}).items()}
    cells = {part: _cells(session, row[part], kinds) for part in ("when", "then")}
    return {**row, **cells}


def _plain(session: Session, cells: dict[str, Any]) -> str:
    """Answer the cells of a kind of case, which are in words already, or those of a table of a house."""
    return _("; ").join(_words(session, "case_word", one) for one in cells.values() if one not in ("", []))


def _cells(session: Session, cells: dict[str, Any], kinds: dict[str, str]) -> str:
    return ", ".join(f"{name} {_words(session, kinds.get(name, name), wanted)}" for name, wanted in cells.items())


def _words(session: Session, vocabulary: str, wanted: Any) -> str:
    """Answer what a cell holds as people say it: one word, several, all but some, a number, yes or no, nothing."""
    if isinstance(wanted, dict) and "not" in wanted:
        return _("not {words}").format(words=_words(session, vocabulary, wanted["not"]))
    if isinstance(wanted, list):
        return "/".join(_words(session, vocabulary, word) for word in wanted) or "-"
    if isinstance(wanted, bool):
        return _("yes") if wanted else _("no")
    return _("none") if wanted is None else session.label(vocabulary, str(wanted))


def _rules(session: Session, topic: str, wanted: str | None) -> Iterator[dict[str, Any]]:
    book, day = session.office.book, session.at().date()
    for name, rule in (book.rules(topic, day) if wanted else book.at(day).rules(topic)).items():
        if isinstance(rule, CaseRule):
            yield from _case(session, topic, rule)
            continue
        for row in rule.compiled.get("rows", rule.compiled.get("items", [rule.compiled])):
            yield {
                "policy": topic,
                "rule": name,
                "row": row.get("id"),
                "when": _when(row),
                "then": _then(row),
                "article": row.get("article"),
                "says": row.get("says"),
            }


def _case(session: Session, topic: str, rule: CaseRule) -> Iterator[dict[str, Any]]:
    kind = Kind(rule.name, rule.compiled, Labels(session.office.book.words, session.tongue), rule)
    for row in table(kind):
        cells = {
            "when": {key: row[key] for key in ("state", "step", "hand")},
            "then": {key: row[key] for key in ("wants", "leads_to")},
        }
        told = {"article": article(row) or None, "says": row.get("says")}
        yield {"policy": topic, "rule": rule.name, "row": row["row"], **cells, **told}


def _then(row: dict[str, Any]) -> dict[str, Any]:
    """Answer the outcomes of a row, the values of params, or whose act it is."""
    if "values" in row:
        return {**row["values"], **dict.fromkeys(row["unset"], "unset")}
    return row["labels"] if "labels" in row else row["then"] if "then" in row else {"role": row["by"]}


def _when(row: dict[str, Any]) -> dict[str, Any]:
    return dict(row.get("wanted") or ({"act": row["acts"]} if "acts" in row else {}))


def _houses(session: Session, folder: str | None, house: str | None) -> list[tuple[Path, str, list[str]]]:
    """Answer which houses are meant: those of a folder, or the one of the office with its overlays."""
    if folder is None:
        office = find_folder(session.shared.office, Path.cwd())
        settings = load(office, office / ".cache")
        return [(office / "policies", settings.house, settings.overlays)]
    place = Path(folder)
    if not place.is_dir():
        raise UsageError(_("{folder} is not a folder").format(folder=folder), fix=_("name a folder that holds houses"))
    names = sorted(path.name for path in place.iterdir() if path.is_dir() and any(path.glob("*@*.yaml")))
    if house is not None:
        names = [name for name in names if name == house]
    if not names:
        raise UsageError(
            _("{folder} holds no such house").format(folder=folder),
            fix=_("name a folder like policies/, with a folder a house in it"),
        )
    return [(place, name, []) for name in names]


VERBS = {"check": check, "test": run_tests, "show": show, "explain": explain, "schema": schema}
