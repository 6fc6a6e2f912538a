"""crm register: who received whom, whose customer somebody is, and what is known of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_cli import names
from crm_cli.commands import cards, day, filing, listing
from crm_cli.commands.answers import answer_of, by_articles
from crm_cli.commands.cards import Client, Company, Fields, Name, Phone, Reason  # noqa: TC001 - typer reads them
from crm_cli.commands.exports import export
from crm_cli.commands.imports import import_rows
from crm_cli.commands.said import confirmed, sentence, with_id
from crm_cli.errors import UsageError
from crm_cli.language import _
from crm_cli.render import Answer
from crm_cli.rules import register as rule
from crm_cli.rules.customer import card as card_rule
from crm_cli.rules.customer.ownership import group
from crm_cli.rules.directory import find as find_customer
from crm_cli.rules.directory import handle_of, known

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crm_cli.commands.session import Session
    from crm_cli.office import Outcome

NOUN = "register"
HELP = "Who received whom, and whose customer somebody is."


def add(
    context: typer.Context,
    client: Client,
    to: Annotated[str, typer.Option("--to", metavar="PERSON", help="Who received.")],
    kind: Annotated[str, typer.Option("--kind", metavar="KIND", help="visit or phone.")],
    asks: Annotated[str | None, typer.Option("--asks", metavar="PERSON", help="Whom the customer names.")] = None,
    referred_by: Annotated[
        str | None, typer.Option("--referred-by", metavar="CLIENT", help="Who brought the customer.")
    ] = None,
    been_before: Annotated[
        str | None, typer.Option("--been-before", metavar="yes|no", help="Has the customer been here before?")
    ] = None,
    received_by: Annotated[
        str | None, typer.Option("--received-by", metavar="NAME|unknown", help="By whom were they received then?")
    ] = None,
    name: Name = None,
    phone: Phone = None,
    company: Company = None,
    field: Fields = None,
) -> Answer:
    """Enter a visit or a call in the book, and who may be the same customer."""
    session: Session = context.obj
    if been_before not in (None, "yes", "no"):
        raise UsageError(
            _("'{word}' is neither yes nor no").format(word=names.shown(been_before)), fix="--been-before yes|no"
        )
    asked = {
        "handle": _handle(client),
        "to": names.name(to),
        "kind": session.word("kind", kind),
        "asks": names.name(asks) if asks else None,
        "referred_by": _handle(referred_by) if referred_by else None,
        "been_before": been_before,
        "received_by": names.name(received_by) if received_by else None,
        **cards.typed(session, {"name": name, "phone": phone, "company": company}, field or []),
    }
    if session.at().date() < session.now().date():
        asked["entered"] = session.now().isoformat()
    outcome = session.decide(NOUN, "add", **asked)
    return _with_candidates(session, outcome, asked)


def update(
    context: typer.Context,
    client: Client,
    name: Name = None,
    phone: Phone = None,
    company: Company = None,
    field: Fields = None,
    since: Annotated[str | None, typer.Option("--since", metavar="DAY", help="Known since then.")] = None,
) -> Answer:
    """Write on a customer's card what is known now; what it said before is kept."""
    session: Session = context.obj
    asked = cards.typed(session, {"name": name, "phone": phone, "company": company}, field or [])
    if not (asked["card"] or asked["fields"]):
        raise UsageError(_("nothing is said of the customer"), fix="--name, --phone, --field FIELD=VALUE …")
    outcome = session.decide(NOUN, "update", handle=_handle(client), since=filing.day(session, since), **asked)
    return _with_candidates(session, outcome, {"handle": _handle(client), **asked})


def _with_candidates(session: Session, outcome: Outcome, asked: dict[str, Any]) -> Answer:
    """Answer an entry with who may be the same customer; nobody who is linked to them already is proposed."""
    found: list[dict[str, Any]] = []
    if outcome.allowed and (asked["card"] or asked["keys"]):
        past = session.office.past()
        mine = known(past, asked["handle"])
        besides = group(past, mine) if mine else []
        found = cards.meant(session, {**asked["card"], **asked["keys"]}, besides)
    lines = [*_confirmed(session, outcome), *cards.told(session, found)]
    answer = answer_of(session, outcome, lines, talk=True, candidates=found)
    answer.notes += filing.remarks(session, outcome)
    return answer


def _confirmed(session: Session, outcome: Outcome) -> list[str]:
    """Answer what was recorded: the entry first, then who became one with the customer by a key that decides."""
    if not outcome.allowed:
        return []
    if outcome.verdict == "already" or not outcome.events:
        return [confirmed(session, outcome)]
    types = ("customer.registered", "customer.added", "customer.described")
    more = ("customer.linked", "customer.recognised")
    first = min((event for event in outcome.events if event["type"] in types), key=lambda one: types.index(one["type"]))
    links = [sentence(session, event) for event in outcome.events if event["type"] in more]
    return [with_id(outcome, sentence(session, first)), *links]


def find(
    context: typer.Context,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="A name, a telephone number, an identity number.")],
) -> Answer:
    """Find customers by what is known of them, the likest first; nobody is linked by it."""
    session: Session = context.obj
    typed = names.value(text)
    found = cards.found(session, typed)
    data = {"verdict": "found" if found else "nobody", "candidates": found, "cites": [], "events": []}
    shown = [{**one, "fields": "、".join(session.label("field", field) for field in one["fields"])} for one in found]
    lines = [] if found else [_("nobody is found")]
    headings = [_("customer"), _("id"), _("name"), _("of 100"), _("by")]
    return Answer(data, lines, rows=(shown if session.format == "text" else found) or None, headings=headings)


def show(
    context: typer.Context,
    client: Client,
    reveal: Annotated[
        bool, typer.Option("--reveal", help="Show masked fields whole; it is recorded, with --reason.")
    ] = False,
    reason: Annotated[str | None, typer.Option("--reason", metavar="REASON", help="Why, with --reveal.")] = None,
    history: Annotated[bool, typer.Option("--history", help="What the card said before, and until when.")] = False,
    expenses_allowed: Annotated[
        bool, typer.Option("--expenses-allowed", help="Is paid what is spent on them? Exit 1 when not.")
    ] = False,
    on: Annotated[str | None, typer.Option("--on", metavar="DAY", help="Spent on that day (default: today).")] = None,
    category: Annotated[str | None, typer.Option("--category", metavar="WORD", help="Spent on what.")] = None,
) -> Answer:
    """Show a customer's card: what is known, the entries, whose customer it is."""
    session: Session = context.obj
    handle = _handle(client)
    if expenses_allowed:
        return day.looked(
            session, handle, reason, lambda *_seen, **_how: filing.expenses(session, handle, on, category)
        )
    if history and not reveal:
        return day.looked(session, handle, reason, filing.history)
    if reveal:
        if reason is None:
            raise UsageError(_("--reveal wants a reason"), fix="--reason REASON")
        outcome = session.decide(NOUN, "reveal", handle=handle, reason=names.reason(reason))
        if not outcome.allowed or session.shared.dry_run:  # a look that is not recorded is none
            return answer_of(session, outcome)
        seen = [str(event["seq"]) for event in outcome.events]
        return filing.history(session, handle, seen) if history else _card(session, handle, seen)
    return day.looked(session, handle, reason, _card)


def _card(session: Session, handle: str, revealed: Sequence[str] = (), *, whole: bool = False) -> Answer:
    """Answer a card; whole where an event records that it is looked at."""
    past, at = session.office.past(), session.at()
    customer, rules = find_customer(past, handle), session.office.rulebook(at)
    card = card_rule.card_of(past, customer)
    fields = (
        {**card["typed"], **card["fields"]} if revealed or whole else card_rule.shown(card, rules, cards.roles(session))
    )
    found = rule.owner(past, rules, handle, at)
    document = past.get("customer", customer) or {"entries": [], "links": {}}
    links = [
        {"client": handle_of(past, other), "relation": bond["relation"], "same": bond["client"] == "same"}
        for other, bond in document["links"].items()
    ]
    data = {
        "verdict": "shown", "client": handle, "id": customer, "fields": fields, "owner": found["owner"],
        "since": found["since"], "entries": document["entries"], "links": links,
        "notes": document.get("notes", []), "owed": document.get("owed", []),
        "changed": [{name: one[name] for name in ("field", "until")} for one in card["was"]],
        "cites": [cite.public() for cite in found["cites"]], "events": list(revealed),
    }  # fmt: skip
    lines = [f"{session.label('field', field)}: {cards.told_value(session, field, fields)}" for field in fields]
    lines += [f"{session.label('relation', one['relation'])}: {one['client']}" for one in links]
    lines.append(_("owner: {name}").format(name=found["owner"] or "-"))
    lines += [
        f"{one['at'][:16].replace('T', ' ')}  {session.label('note', one['note'])}" for one in document.get("notes", ())
    ]
    lines += [
        _("owed by {name}: {what}").format(name=one["by"], what=session.label("owes", one["what"]))
        for one in document.get("owed", ())
    ]
    rows = [_entry(session, entry) for entry in document["entries"]]
    return Answer(data, [f"{handle}  {customer}", *lines], rows=rows or None, headings=_entry_headings())


def _entry(session: Session, entry: dict[str, Any]) -> dict[str, Any]:
    return {
        "number": entry["number"],
        "at": entry["at"][:16].replace("T", " "),
        "kind": session.label("kind", entry["kind"]),
        "person": entry["person"],
        "void": _("void") if entry.get("void") else "",
    }


def _entry_headings() -> list[str]:
    return [_("entry"), _("time"), _("kind"), _("received by"), ""]


def link(
    context: typer.Context,
    client: Client,
    same_as: Annotated[str, typer.Option("--same-as", metavar="CLIENT", help="Related to this customer.")],
    relation: Annotated[str, typer.Option("--relation", metavar="WORD", help="family, company …")],
) -> Answer:
    """Say that two customers are of one family or company."""
    session: Session = context.obj
    return _done(
        session, "link", handle=_handle(client), same_as=_handle(same_as), relation=session.word("relation", relation)
    )


def unlink(
    context: typer.Context,
    client: Client,
    other: Annotated[str, typer.Option("--from", metavar="CLIENT", help="Not related to this customer.")],
    reason: Reason,
) -> Answer:
    """Say that two customers who were linked are not related."""
    handles = {"handle": _handle(client), "same_as": _handle(other)}
    return _done(context.obj, "unlink", **handles, reason=names.reason(reason))


def owner(context: typer.Context, client: Client) -> Answer:
    """Show who has the credit for a customer, on what evidence."""
    session: Session = context.obj
    at = session.at()
    found = rule.owner(session.office.past(), session.office.rulebook(at), _handle(client), at)
    cites = found["cites"]
    data = {
        "verdict": "owned" if found["owner"] else "nobody",
        **found,
        "cites": [cite.public() for cite in cites],
        "events": [],
    }
    if not found["owner"]:
        return Answer(data, [_("nobody has a claim")])
    lines = [_("{owner}, since {since}").format(owner=found["owner"], since=found["since"][:16].replace("T", " "))]
    if found["until"]:
        lines.append(_("until {until}, unless it is renewed").format(until=found["until"][:16].replace("T", " ")))
    rows = [_entry(session, entry) for entry in found["evidence"]]
    lines = [*lines, *filter(None, [by_articles(session, cites)]), ""]
    return Answer(data, lines, rows=rows, headings=_entry_headings())


def _handle(typed: str) -> str:
    return names.name(typed, _("customer's name"))


def _done(session: Session, verb: str, **asked: Any) -> Answer:
    outcome = session.decide(NOUN, verb, **asked)
    return answer_of(session, outcome, [confirmed(session, outcome)], talk=True)


VERBS = {
    "add": add,
    "update": update,
    "show": show,
    "list": listing.command,
    "card": filing.card,
    "retire": filing.retire,
    "find": find,
    "link": link,
    "unlink": unlink,
    "owner": owner,
    "import": import_rows,
    "export": export,
    **day.VERBS,
}
RECORDS = (add, update, link, unlink, show, filing.card, filing.retire, import_rows, export, *day.RECORDS)
