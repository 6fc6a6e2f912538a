"""crm KIND checklist: which papers a case is asked for, in general, for a word of its fields, or in one case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_cli import names
from crm_cli.commands.case import show
from crm_cli.commands.case.table import holds
from crm_cli.errors import UsageError
from crm_cli.language import _
from crm_cli.render import Answer

if TYPE_CHECKING:
    from crm_cli.commands.case.declared import Kind
    from crm_cli.commands.session import Session

Row = dict[str, Any]


def command(
    context: typer.Context,
    wanted: Annotated[
        str | None, typer.Argument(metavar="[WORD|ID]", help="Only for cases of this word, or for this case.")
    ] = None,
) -> Answer:
    """Show what must be in a file: each paper, when it is asked for, what must be filled in, what is still owed."""
    session: Session = context.obj
    kind: Kind = context.parent.command.kind  # type: ignore[union-attr]
    items = _Items(session, kind, wanted)
    told = [row for name in lists_of(kind) for row in items.rows(name)]
    data = {"verdict": "listed", "items": told, "cites": items.cites, "events": []}
    if session.format != "text":
        return Answer(data, rows=told)
    headings = [_("what"), _("when it is asked for"), _("to be filled in"), _("still owed"), _("article")]
    cut = ("item", "when", "fields", "owed", "article")
    said = [{name: row[name] for name in cut} for row in map(items.said, told)]
    full = {name for name in cut if any(row[name] for row in said)}
    rows = [{name: one for name, one in row.items() if name in full} for row in said]
    shown = [one for name, one in zip(cut, headings, strict=True) if name in full]
    return Answer(data, [] if rows else [_("nothing is asked for")], rows=rows or None, headings=shown,
                  gives={"item": "wrap", "when": "wrap", "fields": "wrap"})  # fmt: skip


def lists_of(kind: Kind) -> list[str]:
    """Answer the checklists whose items the fields of a kind have for words."""
    return list(dict.fromkeys(one["checklist"] for one in kind.made["fields"].values() if one.get("checklist")))


class _Items:
    """The items of checklists, for whoever asks: all, those for a word of a field, or those of one case."""

    def __init__(self, session: Session, kind: Kind, wanted: str | None) -> None:
        self.kind, self.case = kind, None
        self.given: dict[str, str] = {}
        self.past, self.at = session.office.past(), session.at()
        self.rules = session.office.rulebook(self.at)
        self.cites: list[Row] = []
        if wanted is not None:
            self.case = self.past.get("case", show.id_of(session, kind, wanted))
            if self.case is None or self.case["kind"] != kind.name:
                self.case, self.given = None, {self._field_of(wanted): self._word(wanted)}

    def _word(self, typed: str) -> str:
        words = self.kind.labels.known("case_word")
        return {label: word for word, labels in words.items() for label in labels.values()}.get(typed, typed)

    def _field_of(self, typed: str) -> str:
        """Answer the field that may say a word."""
        word = self._word(typed)
        fields = [name for name, one in self.kind.made["fields"].items() if one["type"] == "word"]
        found: str | None = next((name for name in fields if word in self.kind.words_of(name)), None)
        if found is None:
            tested = {test["name"] for name in lists_of(self.kind) for item in self._list(name)["items"]
                      for test in item.get("when") or ()}  # fmt: skip
            words = [word for name in fields if name in tested for word in self.kind.words_of(name)]
            what = _("there is no {kind} {id}, and no word like it").format(kind=self.kind.title, id=names.shown(typed))
            raise UsageError(what, fix=_("write one of: {words}").format(words=", ".join(words)))
        return found

    def _list(self, name: str) -> Row:
        compiled: Row = self.rules.rule(self.kind.rule.topic, name).compiled
        return compiled

    def rows(self, name: str) -> list[Row]:
        """Answer the items that are asked for, with what remains to be said of when they are."""
        from crm_cli.rules.case.view import asked  # noqa: PLC0415 - only who asks

        rule = self.rules.rule(self.kind.rule.topic, name)
        self.cites.append(rule.cite().public())
        found = asked(self.past, self.rules, self.kind.name, rule.compiled["items"], self.case, self.given, self.at)
        return [self._row(item, tests, owed) for item, tests, owed in found]

    def _row(self, item: Row, tests: list[Row], owed: list[str]) -> Row:
        ref = item.get("ref")
        return {
            "id": item["id"],
            "title": self.kind.labels.spoken(item["labels"]) or item["id"],
            "when": holds(self.kind, tests),
            "copies": item.get("copies") or 1,
            "fields": item.get("fields") or [],
            "owed": owed,
            "article": item.get("article") or (", ".join(ref) if isinstance(ref, list) else ref) or "",
        }

    def said(self, row: Row) -> Row:
        """Answer an item as it stands in the table."""
        copies = _("{item}, {number} copies") if row["copies"] > 1 else "{item}"
        return {
            "item": copies.format(item=row["title"], number=row["copies"]),
            "when": row["when"],
            "fields": self.kind.labels.listed(map(self.kind.said_field, row["fields"])),
            "owed": self.kind.labels.listed(map(self.kind.said_duty, row["owed"])),
            "article": row["article"],
        }
