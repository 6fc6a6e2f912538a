"""A row of a stranger's table as what is asked of the book; what is wrong names its cell, never what it says."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from crm_cli import clock, names
from crm_cli.commands import cards
from crm_cli.commands.mapping import ENTRY
from crm_cli.digest import sha256
from crm_cli.errors import CrmError, DataError, UsageError
from crm_cli.identity.scripts import folded
from crm_cli.language import _
from crm_cli.policy.finding import one_of
from crm_cli.rules.directory import members
from crm_cli.sheets import cells

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from crm_cli.commands.mapping import Mapping
    from crm_cli.commands.session import Session
    from crm_cli.sheets.tables import Row, Table

NUMBERS = ("phone", "identity")
remembered = lru_cache(10_000)


class Asked(NamedTuple):
    """What a row asks, when it happened, and the key under which the same row is recorded once."""

    request: dict[str, Any]
    at: datetime
    key: str


class Rows:
    """What the rows of one table ask of one office."""

    def __init__(self, session: Session, table: Table, mapping: Mapping) -> None:
        self._table = table
        self.columns = {part: table.columns.index(name) for part, name in mapping.columns.items()}
        self._constants, self._words = mapping.constants, mapping.words
        office = session.office
        self._zone, self._book, self._settings = office.zone, office.book, office.settings
        self._default, self._latest = session.at(), clock.machine() + clock.AHEAD
        self._today = session.now().date()
        self._staff = set(members(office.past()))
        self._plain = set(office.rulebook(self._default).values("register", "card")[0]["plain"])
        self._told = bool(session.shared.at)  # whether the time is one that the hand names
        self._seen: Counter[str] = Counter()
        self._readers: dict[str, Callable[[str], str]] = {
            "client": lambda text: names.name(text, _("customer's name")),
            **{part: remembered(read) for part, read in self._known().items()},
        }
        self._choice = remembered(partial(cards.choice, office.book))

    def _known(self) -> dict[str, Callable[[str], str]]:
        """Answer how the parts are read that say the same in many rows."""
        return {
            "to": self._person,
            "kind": self._kind,
            "at": self._moment,
            "been_before": self._yes_or_no,
            "received_by": names.name,
        }

    def asked(self, row: Row, wrong: list[CrmError]) -> Asked | None:
        """Answer what a row asks, None after everything that is wrong with it was added to a list."""
        before = len(wrong)
        if len(row.cells) > len(self._table.columns):
            wrong.append(self._table.too_wide(row))
            return None
        said = self._said(row)
        found: dict[str, str] = {}
        keys: dict[str, str] = {}
        for part, text in said.items():
            try:
                found[part] = self._read(part, text, keys)
            except UsageError as error:
                wrong.append(DataError(error.what, where=self.place(row, part), fix=error.fix))
        if len(wrong) > before:
            return None
        return self._made(found, keys)

    def place(self, row: Row, part: str) -> str:
        """Answer where a row says something; its beginning where a constant does."""
        return self._table.place(row.line, self.columns.get(part, 0))

    def _said(self, row: Row) -> dict[str, str]:
        """Answer what a row says, by part of the entry, in the mapping's words."""
        said = {
            **self._constants,
            **{part: row.cells[place] for part, place in self.columns.items() if row.cells[place]},
        }
        for part, words in self._words.items():
            if part in said:
                said[part] = words.get(said[part], said[part])
        for part in ENTRY[:3]:
            said.setdefault(part, "")
        return said

    def _read(self, part: str, text: str, keys: dict[str, str]) -> str:
        """Answer one part in the form that the book wants; the key of a number is put with the others."""
        if not text:
            raise UsageError(_("this cell is empty"), fix=_("fill it in, or write a constant into the mapping"))
        if part in self._readers:
            return self._readers[part](text)
        if part in NUMBERS and cells.shortened(text):
            raise UsageError(
                _("a spreadsheet has shortened this number, its last digits are lost"),
                fix=_("format the column as text, type the number again, and save the file anew"),
            )
        if part in cards.DAYS:
            text = cells.day(text) or text
            cards.must_be_days({part: text})
        value = names.value(text)
        if part in cards.CHECKED:
            keys.update(cards.keys(self._settings, {part: value}))
        return self._choice(part, value)

    def _made(self, found: dict[str, str], keys: dict[str, str]) -> Asked:
        entry = {part: text for part, text in found.items() if part in ENTRY and part not in ("client", "at")}
        fields = {part: text for part, text in found.items() if part not in ENTRY}
        request: dict[str, Any] = {"verb": "add", "handle": found["client"], **entry}
        request["card"] = {part: text for part, text in fields.items() if part not in self._plain}
        request["keys"] = keys
        request["fields"] = {part: text for part, text in fields.items() if part in self._plain}
        request = {name: value for name, value in request.items() if value}
        at = self._default
        if "at" in found:
            request["at"] = found["at"]
            at = clock.told(found["at"])
        digest = sha256(orjson.dumps(request, option=orjson.OPT_SORT_KEYS)).hexdigest()[:24]
        if at.date() < self._today:
            request["copied"] = True
        if "at" not in found and self._told:
            request["at"] = at.isoformat()
        self._seen[digest] += 1
        return Asked(request, at, f"import/{digest}/{self._seen[digest]}")

    def _moment(self, text: str) -> str:
        found = cells.moment(text)
        if found is None:
            raise UsageError(_("this is no time"), fix=_("write it like 2025-03-01 10:05"))
        try:
            at = (found if found.tzinfo else found.replace(tzinfo=self._zone)).astimezone(self._zone)
        except OverflowError:
            raise UsageError(_("this is no time"), fix=_("write it like 2025-03-01 10:05")) from None
        if at > self._latest:
            raise UsageError(_("this time is more than a day ahead"), fix=_("look at the year"))
        return at.replace(microsecond=0).isoformat()

    def _person(self, text: str) -> str:
        name = names.name(text)
        if name not in self._staff:
            raise UsageError(
                _("nobody on the staff has this name"),
                fix=_("crm staff list shows the names; words: in the mapping says who is meant"),
            )
        return name

    def _kind(self, text: str) -> str:
        known = self._book.words("kind")
        said = folded(text)
        labelled = (word for word, labels in known.items() if said in map(folded, labels.values()))
        word = text if text in known else next(labelled, None)
        if word is None:
            raise UsageError(
                _("this is no kind of entry {words}").format(words=one_of("", known)),
                fix=_("words: in the mapping says what it means"),
            )
        return word

    def _yes_or_no(self, text: str) -> str:
        said = names.answer(text)
        if said is None:
            raise UsageError(_("this is neither yes nor no"), fix=_("words: in the mapping says what it means"))
        return "yes" if said else "no"
