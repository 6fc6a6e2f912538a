"""crm register list: the customers, those who are still to be filed, those whose cards are old."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_cli import names
from crm_cli.commands import cards
from crm_cli.commands.answers import by_articles
from crm_cli.commands.filing import no_such_rule
from crm_cli.language import _
from crm_cli.render import Answer
from crm_cli.rules import register as rule
from crm_cli.rules.customer import access, book, filing, unfiled
from crm_cli.rules.customer import card as card_rule
from crm_cli.rules.directory import handle_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from crm_cli.commands.session import Session
    from crm_cli.past import Document
    from crm_cli.policy.book import Cite

Row = dict[str, Any]


def command(
    context: typer.Context,
    owner: Annotated[str | None, typer.Option("--owner", metavar="PERSON", help="Only theirs.")] = None,
    to_file: Annotated[bool, typer.Option("--unfiled", help="Those without a filed card, and by when.")] = False,
    stale: Annotated[bool, typer.Option("--stale", help="Those whose cards have not been updated for long.")] = False,
    of_class: Annotated[str | None, typer.Option("--class", metavar="CLASS", help="Only of this class.")] = None,
    retired: Annotated[bool, typer.Option("--retired", help="Those who were taken off the lists.")] = False,
) -> Answer:
    """List the customers with whose they are."""
    session: Session = context.obj
    listed = _List(session)
    wanted = session.office.book.word("class", names.name(of_class), besides=("unknown",)) if of_class else None
    for asked, name, says in (
        (to_file, "filing", _("the rulebook of this house does not ask for customers to be filed")),
        (stale, "upkeep", _("the rulebook of this house does not say when a card is old")),
    ):
        if asked and not listed.rules.has("customer", name):
            return no_such_rule(says)
    kept = [one for one in listed.customers() if listed.shown(one, wanted, retired=retired)]
    if to_file:
        kept = [one for one in kept if unfiled.filed(listed.past, one) is None]
    if stale:
        longest = listed.longest()
        kept = [one for one in kept if listed.days(one) > longest]
    rows = [listed.row(one) for one in kept]
    rows = [row for row in rows if owner is None or row["owner"] == names.name(owner)]
    if to_file:
        return listed.unfiled(rows)
    if stale:
        return listed.stale(rows)
    data = {"verdict": "listed", "customers": rows, "cites": [], "events": []}
    return Answer(data, rows=rows, headings=[_("id"), _("customer"), _("name"), _("owner")])


class _List:
    """The customers of an office as a hand may see them at a time."""

    def __init__(self, session: Session) -> None:
        self.session, self.at = session, session.at()
        self.past, self.rules = session.office.past(), session.office.rulebook(self.at)
        self.roles = cards.roles(session)
        self.hand = session.by() if self.roles else ""
        self.apart = self._values("apart")[0]["classes"] if self.rules.has("customer", "apart") else []

    def _values(self, name: str) -> tuple[Any, Cite]:
        return self.rules.values("customer", name)

    def customers(self) -> list[str]:
        return book.customers(self.past)

    def document(self, customer: str) -> Document:
        return self.past.get("customer", customer) or {}

    def shown(self, customer: str, wanted: str | None, *, retired: bool) -> bool:
        """Answer whether a customer is on the list; some classes are on a list of their own only."""
        mine = filing.class_of(self.past, customer)
        fits = mine == wanted if wanted else mine not in self.apart
        return fits and ("retired" in self.document(customer)) == retired

    def row(self, customer: str) -> Row:
        known = card_rule.shown(card_rule.card_of(self.past, customer), self.rules, self.roles)
        owner = rule.owner_of(self.past, self.rules, customer, self.at)
        name = "" if self._refused(customer) else known.get("name", "")
        row = {"id": customer, "client": handle_of(self.past, customer), "name": name}
        return {**row, "owner": owner or ""}

    def _refused(self, customer: str) -> bool:
        """Answer whether the house does not show a customer's card to the hand without more."""
        found = access.look(self.past, self.rules, customer, self.at, hand=self.hand, roles=self.roles, reason="")
        return found is not None and found.view == "refused"

    def days(self, customer: str) -> int:
        return filing.untouched(self.past, customer, self.at.date())

    def longest(self) -> int:
        longest: int = self._values("upkeep")[0]["stale_days"]
        return longest

    def unfiled(self, rows: list[Row]) -> Answer:
        """Answer who is still to be filed, the first due first."""
        found = [self._to_file(row) for row in rows]
        found.sort(key=lambda row: (row["due"] is None, row["due"], row["id"]))
        _values, cite = self._values("filing")
        cites, notes = [cite], []
        if any(row["penalty"] for row in found):
            values, penal = self._values("reminders")
            cites.append(penal)
            notes = [_("reminders.points is unset: no points are taken off until a policy says how many")]
            notes = notes if "points" in values.unset else []
        return self._answer(found, cites, self._spoken_unfiled, [*_heads(), *_unfiled_heads()], notes)

    def _to_file(self, row: Row) -> Row:
        by = filing.file_by(self.past, self.rules, row["id"])
        reminded = len(filing.reminders(self.past, self.rules, row["id"]))
        overdue = by is not None and by < self.at
        more = {
            "due": by.isoformat() if by else None,
            "days_left": (by.date() - self.at.date()).days if by else None,
            "overdue": overdue,
            "reminders": reminded,
        }
        return {**row, **more, **self._penalty(row, reminded, overdue=overdue)}

    def _penalty(self, row: Row, reminded: int, *, overdue: bool) -> Row:
        """Answer who is on the list of the month's end for it, and with how many points where the house says."""
        if not overdue or not self.rules.has("customer", "reminders"):
            return {"penalty": None, "points": None}
        values, _cite = self._values("reminders")
        if reminded < values["least"]:
            return {"penalty": None, "points": None}
        entries = book.valid_entries(self.past, row["id"])
        person = row["owner"] or (entries[0]["person"] if entries else None)
        return {"penalty": person, "points": values.get("points")}

    def stale(self, rows: list[Row]) -> Answer:
        """Answer whose card has not been updated for longer than the house allows, the oldest first."""
        _values, cite = self._values("upkeep")
        found = [{**row, "days": self.days(row["id"])} for row in rows]
        found.sort(key=lambda row: (-row["days"], row["id"]))
        return self._answer(found, [cite], lambda row: row, [*_heads(), _("days without an update")], [])

    def _answer(
        self, rows: list[Row], cites: list[Cite], spoken: Callable[[Row], Row], headings: list[str], notes: list[str]
    ) -> Answer:
        data = {
            "verdict": "listed", "customers": rows, "cites": [cite.public() for cite in cites], "events": [],
        }  # fmt: skip
        text = self.session.format == "text"
        lines = [] if rows else [_("nobody")]
        lines.append(by_articles(self.session, cites))
        told = [spoken(row) for row in rows] if text else rows
        return Answer(data, lines, rows=told, headings=headings, notes=notes if text else [])

    def _spoken_unfiled(self, row: Row) -> Row:
        due = datetime.fromisoformat(row["due"]).date().isoformat() if row["due"] else "-"
        left = _("{number} days left").format(number=row["days_left"]) if row["due"] else ""
        shown = {name: row[name] for name in ("id", "client", "name", "owner")}
        penalty = _("at the month's end: {name}").format(name=row["penalty"]) if row["penalty"] else ""
        return {
            **shown, "due": due, "left": _("overdue") if row["overdue"] else left, "reminders": row["reminders"],
            "penalty": penalty,
        }  # fmt: skip


def _heads() -> list[str]:
    return [_("id"), _("customer"), _("name"), _("owner")]


def _unfiled_heads() -> list[str]:
    return [_("due"), "", _("reminders"), _("penalty")]
