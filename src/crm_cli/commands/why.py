"""crm why: the rows tried, the cell that decided, the wording, and what would have changed the outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_cli import clock
from crm_cli.commands import cards
from crm_cli.commands.answers import attachments, by_articles, files_of
from crm_cli.commands.usage import no_number
from crm_cli.language import _
from crm_cli.policy.explain import Explanation, Tried, explain
from crm_cli.render import Answer

if TYPE_CHECKING:
    from crm_cli.commands.session import Session
    from crm_cli.past import Event
    from crm_cli.policy.book import Cite


def command(
    context: typer.Context,
    event: Annotated[
        str, typer.Argument(metavar="EVENT", help="The number of an event, as crm log shows it; or a line of fines.")
    ],
) -> Answer:
    """Show why an event was decided so, article by article."""
    session: Session = context.obj
    if "/" in event:
        from crm_cli.commands.payslip import why_line  # noqa: PLC0415 - only in an office with fines

        return why_line(session, event)
    if not (event.isascii() and event.isdecimal()):
        raise no_number("EVENT", 0, "crm why --help")
    return _of_event(session, int(event))


def _of_event(session: Session, event: int) -> Answer:
    found = cards.seen(session, session.event(event))
    if found["type"].startswith("case.") or found.get("asked", {}).get("noun") == "case":
        from crm_cli.commands.case.reasons import explained  # noqa: PLC0415 - only in an office with cases

        return explained(session, found, [*_heading(found), *attachments(found)])
    book, texts = session.office.book, found.get("cites", ())
    cites, changed = [book.cited(text) for text in texts], [text for text in texts if book.resolve(text) is None]
    gone = {f"{cite.policy}/{cite.rule}" for cite in map(book.cited, changed)}
    tested = [one for one in found["data"].get("tested", []) if one["rule"] not in gone]
    tables = [(one, _explained(session, found, one)) for one in tested]
    rest = [
        _explained_values(session, found, cite)
        for cite in cites
        if cite.row is None and f"{cite.policy}/{cite.rule}" not in gone
    ]
    corrected = session.office.past().get("correction", str(event))
    data = {
        "verdict": "explained",
        "event": found,
        "reasons": [{"about": one.get("about"), **reason(made)} for one, made in tables]
        + [reason(made) for made in rest],
        "changed": changed,
        "corrected_by": [str(number) for number in corrected["by"]] if corrected else [],
        "attached": files_of(found),
        "cites": [cite.public() for cite in cites],
        "events": [str(event)],
    }
    heading = [*_heading(found), *_corrected(corrected), *attachments(found)]
    return Answer(data, [*heading, *_told(session, tables, rest), *_missing(changed), *_basis(session, cites)])


def _missing(changed: list[str]) -> list[str]:
    """Answer what is said of citations whose text has been changed since."""
    says = _("{cite}: the text has been changed since; ledger/policies keeps the one it was decided by")
    return ["", *(says.format(cite=text) for text in changed)] if changed else []


def _explained(session: Session, event: Event, tested: dict[str, Any]) -> Explanation:
    topic, name = tested["rule"].split("/")
    rulebook = session.office.rulebook(clock.told(event["happened"]))
    return explain(rulebook.rule(topic, name), tested["facts"])


def _explained_values(session: Session, event: Event, cite: Cite) -> Explanation:
    rulebook = session.office.rulebook(clock.told(event["happened"]))
    return explain(rulebook.rule(cite.policy, cite.rule), {})


def reason(made: Explanation) -> dict[str, Any]:
    """Answer how a rule came to its answer, for programs."""
    return {
        "rule": made.rule,
        "facts": made.facts,
        "tried": [_tried(one) for one in made.tried],
        "changes": [
            {"fact": one.fact, "value": one.value, "then": one.then, "article": one.cite.article}
            for one in made.changes
        ],
    }


def _tried(one: Tried) -> dict[str, Any]:
    failed = one.failed._asdict() if one.failed else None
    return {
        "row": one.row,
        "decided": one.decided,
        "failed": failed,
        "then": one.then,
        "article": one.cite.article,
        "ref": one.cite.ref,
        "says": one.says,
        "reading": one.reading,
    }


def _heading(event: Event) -> list[str]:
    handle = event.get("personal", {}).get("handle", "")
    words = [str(event["seq"]), event["happened"], event["type"], event["actor"], handle]
    assignment = event["data"].get("assignment")
    outcome = f" -> {assignment['to']} ({assignment['how']})" if assignment else ""
    return ["  ".join(word for word in words if word) + outcome]


def _corrected(known: dict[str, Any] | None) -> list[str]:
    """Answer what is said of an event that was corrected since."""
    if known is None:
        return []
    says = _("void by event {number}") if known["void"] else _("corrected by event {number}")
    return [says.format(number=", ".join(map(str, known["by"])))]


def _told(session: Session, tables: list[tuple[dict[str, Any], Explanation]], rest: list[Explanation]) -> list[str]:
    lines = []
    for tested, made in tables:
        about = f"  {tested['about']}" if tested.get("about") else ""
        facts = ", ".join(f"{name} {labelled(session, name, value)}" for name, value in made.facts.items())
        lines += ["", f"{made.rule}{about}: {facts}", *rows_tried(session, made), *changes(session, made)]
    for made in rest:
        lines += ["", *rows_tried(session, made)]
    return lines


def rows_tried(session: Session, made: Explanation) -> list[str]:
    """Answer the rows that were tried up to the one that decided."""
    lines = []
    for one in made.tried:
        if one.decided:
            then = ", ".join(f"{name} {labelled(session, name, value)}" for name, value in one.then.items())
            lines.append(f"  * {one.row or made.rule}  {one.cite.article or ''}  {one.says or ''}  => {then}")
            if one.reading:
                lines.append("    " + _("reading: {text}").format(text=one.reading))
            break
        if one.failed:
            got = labelled(session, one.failed.fact, one.failed.got)
            lines.append("    " + _("{row}: no, {fact} is {got}").format(row=one.row, fact=one.failed.fact, got=got))
    return lines


def labelled(session: Session, name: str, value: Any) -> str:
    """Answer a fact or an outcome as people say it."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    values = value if isinstance(value, list) else [value]
    return "/".join(session.label("role" if name == "roles" else name, str(one)) for one in values)


def changes(session: Session, made: Explanation) -> list[str]:
    """Answer what would have changed the outcome."""
    lines = []
    for one in made.changes:
        then = ", ".join(labelled(session, name, value) for name, value in one.then.items())
        value = labelled(session, one.fact, one.value)
        lines.append(
            "    "
            + _("were {fact} {value}: {then} ({article})").format(
                fact=one.fact, value=value, then=then, article=one.cite.article or ""
            )
        )
    return lines


def _basis(session: Session, cites: list[Cite]) -> list[str]:
    basis = by_articles(session, cites)
    return ["", basis] if basis else []
