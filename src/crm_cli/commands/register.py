"""crm register: who received whom, and whose customer somebody is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_cli import names
from crm_cli.commands.answers import answer_of, by_articles
from crm_cli.commands.said import confirmed
from crm_cli.errors import UsageError
from crm_cli.language import _
from crm_cli.render import Answer
from crm_cli.rules import register as rule

if TYPE_CHECKING:
    from crm_cli.commands.session import Session

NOUN = "register"
HELP = "Who received whom, and whose customer somebody is."
Client = Annotated[str, typer.Argument(metavar="CLIENT", help="The handle the desk gave the customer.")]


def add(
    context: typer.Context,
    client: Client,
    to: Annotated[str, typer.Option("--to", metavar="PERSON", help="Who received.")],
    kind: Annotated[str, typer.Option("--kind", metavar="KIND", help="visit or phone.")],
    been_before: Annotated[
        str | None, typer.Option("--been-before", metavar="yes|no", help="Has the customer been here before?")
    ] = None,
    received_by: Annotated[
        str | None, typer.Option("--received-by", metavar="NAME|unknown", help="By whom were they received then?")
    ] = None,
) -> Answer:
    """Enter a visit or a call in the book."""
    session: Session = context.obj
    if been_before not in (None, "yes", "no"):
        raise UsageError(
            _("'{word}' is neither yes nor no").format(word=names.shown(been_before)), fix="--been-before yes|no"
        )
    asked = {
        "handle": names.name(client, _("customer's name")),
        "to": names.name(to),
        "kind": session.word("kind", kind),
        "been_before": been_before,
        "received_by": names.name(received_by) if received_by else None,
    }
    return _done(session, "add", **asked)


def link(
    context: typer.Context,
    client: Client,
    same_as: Annotated[str, typer.Option("--same-as", metavar="CLIENT", help="Related to this customer.")],
    relation: Annotated[str, typer.Option("--relation", metavar="WORD", help="family, company …")],
) -> Answer:
    """Say that two customers are of one family or company."""
    session: Session = context.obj
    handles = {"handle": names.name(client, _("customer's name")), "same_as": names.name(same_as, _("customer's name"))}
    return _done(session, "link", **handles, relation=session.word("relation", relation))


def owner(context: typer.Context, client: Client) -> Answer:
    """Show who has the credit for a customer, on what evidence."""
    session: Session = context.obj
    at = session.at()
    found = rule.owner(session.office.past(), session.office.rulebook(at), names.name(client, _("customer's name")), at)
    cites = found["cites"]
    data = {
        "verdict": "owned" if found["owner"] else "nobody",
        **found,
        "cites": [cite.public() for cite in cites],
        "events": [],
    }
    says = (
        _("{owner}, since {since}").format(owner=found["owner"], since=found["since"][:16].replace("T", " "))
        if found["owner"]
        else _("nobody has a claim")
    )
    return Answer(data, [says, *filter(None, [by_articles(session, cites)])])


def _done(session: Session, verb: str, **asked: Any) -> Answer:
    outcome = session.decide(NOUN, verb, **asked)
    return answer_of(session, outcome, [confirmed(session, outcome)], talk=True)


VERBS = {"add": add, "link": link, "owner": owner}
RECORDS = (add, link)
