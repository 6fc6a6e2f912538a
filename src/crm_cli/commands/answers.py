"""Outcomes as answers: the fields every decision has, and its articles in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm_cli.language import _
from crm_cli.render import Answer, json_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from crm_cli.commands.session import Session
    from crm_cli.office import Outcome
    from crm_cli.past import Event
    from crm_cli.policy.book import Cite


def answer_of(
    session: Session, outcome: Outcome, lines: Sequence[str] = (), *, talk: bool = False, **fields: Any
) -> Answer:
    """Answer an outcome: verdict first, then the fields of the noun, the citations and the ids of the events."""
    data: dict[str, Any] = {"verdict": outcome.verdict, **fields, **outcome.answer}
    if not outcome.allowed:
        data["says"] = says = _refusal(session, outcome)
    data["cites"] = [cite.public() for cite in outcome.cites]
    data["events"] = [str(event["seq"]) for event in outcome.events]
    basis = by_articles(session, outcome.cites)
    if not outcome.allowed:
        lines, talk = [says], False
    shown = [*lines, *([basis] if basis and not talk else [])]
    exit_code = 0 if outcome.allowed else 1
    if not outcome.answer.get("dry_run"):
        return Answer(data, shown, exit=exit_code, talk=talk, refused=not outcome.allowed)
    drafts = [json_text(event) for event in outcome.answer["lines"]]
    if not talk:
        return Answer(data, [*shown, *drafts], exit=exit_code)
    quiet = session.shared.quiet or session.format != "text"
    return Answer(data, drafts, exit=exit_code, notes=[] if quiet else list(lines))


def _refusal(session: Session, outcome: Outcome) -> str:
    """Answer why not, in a sentence; who is not allowed is told who is."""
    told = outcome.answer
    if "articles" in told:
        named = zip(told["missing"], told["articles"], strict=True)
        wanted = ", ".join(f"{session.label('field', field)} ({article})" for field, article in named)
        return _("this is wanted of the customer: {missing}").format(missing=wanted)
    if "roles" not in told:
        return outcome.says
    roles = ", ".join(session.label("role", role) for role in told["roles"])
    return _("{name} may not do this; who may: {roles}").format(name=told["person"], roles=roles)


def by_articles(session: Session, cites: Sequence[Cite]) -> str:
    """Answer the articles in words, as they stand on a slip of paper: one clause a rulebook."""
    clauses = []
    for edition in dict.fromkeys(_edition(cite) for cite in cites):
        mine = [cite for cite in cites if _edition(cite) == edition]
        articles = told_once(cite.told for cite in mine)
        clauses.append(
            _("by {title} {edition}, {articles}").format(
                title=session.title(mine[0]), edition=mine[0].edition, articles=articles
            )
        )
    return _("; ").join(clauses)


def told_once(articles: Iterable[str]) -> str:
    """Answer articles one after the other, each once; an article may be told as several."""
    return "、".join(dict.fromkeys(one for told in articles for one in told.split(", ")))


def named(cite: dict[str, Any]) -> str:
    """Answer how a citation that programs are given is called: by its article, else by its place in the rulebook."""
    ref = cite["ref"]
    return str(cite["article"] or (", ".join(ref) if isinstance(ref, list) else ref))


def _edition(cite: Cite) -> tuple[str, str, str]:
    return cite.house, cite.policy, cite.edition


def files_of(event: Event) -> list[dict[str, str]]:
    """Answer the files that an event came with: their names, and where they are kept in the office."""
    from crm_cli.ledger import attached  # noqa: PLC0415 - who only asks whose turn it is shows no event

    return [{"name": one.name, "file": one.file} for one in attached.of(event)]


def attachments(event: Event) -> list[str]:
    """Answer a line for each file that an event came with."""
    return [_("attached: {name}  {file}").format(**one) for one in files_of(event)]
