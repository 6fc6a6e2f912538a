"""One command line being carried out: what its shared options say, its office, its clock, its hand."""

from __future__ import annotations

import math
import os
import pwd
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crm_cli import clock, names
from crm_cli.errors import CrmError, UsageError
from crm_cli.language import _, choose
from crm_cli.office import Hand, Office, Outcome
from crm_cli.settings import find_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from crm_cli.ledger.attached import Attachment
    from crm_cli.past import Event
    from crm_cli.policy.book import Cite


@dataclass(eq=False, repr=False)  # half the time it takes to make the class, at every start
class Shared:
    """What the shared options of one command line say; None where nothing was said."""

    office: str | None = None
    json: bool = False
    format: str | None = None
    output: str | None = None
    by: str | None = None
    at: str | None = None
    now: str | None = None
    id: str | None = None
    dry_run: bool = False
    quiet: bool = False
    wait: str | None = None
    lang: str | None = None
    attach: list[str] | None = None
    excel: bool = False
    color: str | None = None
    no_pager: bool = False

    def under(self, outer: Shared) -> Shared:
        """Answer these options with those of an enclosing `crm run` where nothing is said here."""
        taken = {name: getattr(self, name) or getattr(outer, name) for name in ("by", "at", "now", "wait", "lang")}
        return replace(
            self,
            office=outer.office,
            dry_run=self.dry_run or outer.dry_run,
            quiet=self.quiet or outer.quiet,
            json=outer.json,
            format=outer.format,
            **taken,
        )


@dataclass(eq=False, repr=False)
class Session:
    """One command line being carried out: its shared options, and the office, which lines of a `crm run` share."""

    say: Callable[[str], None]
    perform: Callable[[Sequence[str], Session], Any]
    outer: Shared = field(default_factory=Shared)
    said: dict[str, Any] = field(default_factory=dict)
    opened: list[Office] = field(default_factory=list)
    command: str = "crm"

    in_run: bool = False
    read: dict[int, Shared] = field(default_factory=dict)  # by how many options had been said

    @property
    def shared(self) -> Shared:
        """Answer the shared options of this command line, as far as they have been read."""
        if len(self.said) not in self.read:
            self.read[len(self.said)] = self._shared()
        return self.read[len(self.said)]

    def _shared(self) -> Shared:
        mine = Shared(**self.said)
        if self.in_run:
            return mine.under(self.outer)
        return replace(mine, office=mine.office or os.environ.get("CRM_OFFICE") or None)

    def anew(self, **changes: Any) -> Session:
        """Answer a session for another command line, of which nothing has been said yet."""
        return replace(self, **{"said": {}, "read": {}, **changes})

    @property
    def format(self) -> str:
        """Answer the format of the answer."""
        asked = "csv" if self.shared.excel else self.shared.format
        return "json" if self.shared.json else asked or "text"

    @property
    def office(self) -> Office:
        """Answer the office of this run, opened once."""
        if not self.opened:
            office = Office(find_folder(self.shared.office, Path.cwd()), self.say)
            choose(self.shared.lang, office.settings.language)
            self.opened.append(office)
        office = self.opened[0]
        office.wait, office.command = self._wait(), self.command
        office.quiet = self.shared.quiet or self.format != "text"
        office.rehearsal = self.outer.dry_run if self.in_run else self.shared.dry_run
        return office

    def speak(self) -> None:
        """Speak the language of this run where its office is not needed: for help, for what is typed wrong."""
        wish = self.shared.lang or os.environ.get("CRM_LANG")  # its option may not have been read yet
        choose(wish)
        with suppress(CrmError):
            choose(wish, self.office.settings.language)

    def _wait(self) -> float:
        text = self.shared.wait or "10"
        try:
            seconds = float(text)
        except ValueError:
            seconds = math.nan
        if not 0 <= seconds < math.inf:
            what = _("'{text}' is not a number of seconds").format(text=names.shown(text))
            raise UsageError(what, fix="--wait 10")
        return seconds

    def now(self) -> datetime:
        """Answer the clock of this run, in the office's zone."""
        machine, zone = clock.machine(), self.office.zone
        return clock.moment(self.shared.now, zone, machine) if self.shared.now else machine.astimezone(zone)

    def at(self) -> datetime:
        """Answer when it happened: --at, else the clock of this run."""
        return clock.moment(self.shared.at, self.office.zone, clock.machine()) if self.shared.at else self.now()

    def by(self) -> str:
        """Answer whose hand it is: --by where this user may speak for that person, else who the user is."""
        user = user_of_machine()
        mapped = self.office.settings.users.get(user, {})
        named = self.shared.by
        if named is None and "staff" in mapped:
            return names.name(mapped["staff"])
        if named is None:
            raise UsageError(
                _("nobody knows who {user} is here").format(user=user),
                fix=_("--by NAME, or map the user in crm.yaml under users:"),
            )
        person = names.name(named)
        if person != mapped.get("staff") and not mapped.get("speaks_for_others"):
            raise NotYourHandError(user, person)
        return person

    def speaks_for_others(self) -> bool:
        """Answer whether this user may say that something was done by the hand of somebody else."""
        mapped = self.office.settings.users.get(user_of_machine(), {})
        return bool(mapped.get("speaks_for_others"))

    @property
    def tongue(self) -> str:
        """Answer which labels are shown: zh or en."""
        office = self.office
        return "en" if choose(self.shared.lang, office.settings.language).startswith("en") else "zh"

    def word(self, vocabulary: str, typed: str) -> str:
        """Answer the word of the house's vocabulary that somebody typed, itself or one of its labels."""
        return self.office.book.word(vocabulary, names.name(typed, _("word")))

    def label(self, vocabulary: str, word: str) -> str:
        """Answer what people call a word; the word itself where it has no label."""
        return self.office.book.words(vocabulary).get(word, {}).get(self.tongue, word)

    def title(self, cite: Cite) -> str:
        """Answer the title of the rulebook that a citation names."""
        titles = self.office.book.title(cite)
        return titles.get(self.tongue) or cite.policy

    def event(self, number: int) -> Event:
        """Answer the event of a number; UsageError when there is none."""
        found = self.office.event(number)
        if found is None:
            raise UsageError(_("there is no event {number}").format(number=number), fix="crm log")
        return found

    def decide(self, noun: str, verb: str, **asked: Any) -> Outcome:
        """Answer a request of this run; what is empty was not asked."""
        return self._decided(noun, verb, asked, dry_run=self.shared.dry_run)

    def tried(self, noun: str, verb: str, **asked: Any) -> Outcome:
        """Answer what a request of this run would come to, recording nothing: to be shown before it is made."""
        return self._decided(noun, verb, asked, dry_run=True)

    def _decided(self, noun: str, verb: str, asked: dict[str, Any], *, dry_run: bool) -> Outcome:
        request = {"verb": verb, **{name: value for name, value in asked.items() if value}}
        if self.shared.at:
            request["at"] = self.at().isoformat()
        hand = Hand(self.by(), self.at(), self._key(), dry_run, self.attached())
        return self.office.decide(noun, request, hand)

    def attached(self) -> Sequence[Attachment]:
        """Answer the files that come with the request, read before anything is decided."""
        if not self.shared.attach:
            return ()
        from crm_cli.ledger import attached  # noqa: PLC0415 - few requests come with something

        return attached.read(self.shared.attach)

    def _key(self) -> str | None:
        return names.name(self.shared.id, _("key")) if self.shared.id else None


@cache
def user_of_machine() -> str:
    """Answer the name of who runs this process; the number where the machine has no name for it."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


class NotYourHandError(Exception):
    """A user of the machine speaks for somebody without being allowed to."""

    def __init__(self, user: str, person: str) -> None:
        super().__init__(user)
        self.user, self.person = user, person
