"""What may be typed at a place of a command line, told from the name that its usage gives to the value."""

from __future__ import annotations

import os
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from typer._click.shell_completion import CompletionItem

from crm_cli import shipped
from crm_cli.commands.options import FORMATS, LANGUAGES
from crm_cli.errors import CrmError
from crm_cli.glance import Glance
from crm_cli.language import _, choose
from crm_cli.rules.directory import handle_of, members
from crm_cli.rules.rotate.board import current, present
from crm_cli.rules.topics import TOPICS
from crm_cli.settings import find_folder

if TYPE_CHECKING:
    from collections.abc import Callable

    from typer._click.core import Context

Known = dict[str, str]  # what may be typed -> what it means
FILE, FOLDER, PART = "file", "folder", "part"  # candidates that the shell finds itself; one that does not end a word


def candidates(place: Any, context: Context, begun: str) -> list[CompletionItem]:
    """Answer what may stand at a place: a value where a parameter wants one, else a command or an option."""
    desk = _Desk(context)
    kind = getattr(context.parent and context.parent.command, "kind", None)
    if kind is not None and hasattr(place, "param_type_name"):
        from crm_cli.commands.case.completing import known  # noqa: PLC0415 - only in an office with cases

        found = known(desk, kind, place, begun)
        if found is not None:
            return [CompletionItem(value, help=says) for value, says in found.items() if value.startswith(begun)]
    if hasattr(place, "param_type_name"):
        kinds = (place.metavar or "").removesuffix("...").split("|")
        return [item for kind in kinds for item in _of_kind(desk, kind, place.name, begun)]
    items: list[CompletionItem] = place.shell_complete(context, begun)
    return [CompletionItem(item.value, help=_(item.help) if item.help else None) for item in items]


def _of_kind(desk: _Desk, kind: str, name: str, begun: str) -> list[CompletionItem]:
    """Answer the values of a kind such as PERSON; a kind in small letters is a word that is typed as it stands."""
    if kind in SHELLS_OWN:
        return [CompletionItem(begun, type=SHELLS_OWN[kind])]
    if kind in PARTS:
        return PARTS[kind](desk, begun)
    known = KINDS[kind](desk, name) if kind in KINDS else {} if kind.isupper() else {kind: ""}
    if kind in VOCABULARIES and not any(word.startswith(begun) for word in known):
        known = desk.labels(name)  # a label is a word too, for who begins one
    return [CompletionItem(value, help=says) for value, says in known.items() if value.startswith(begun)]


class _Desk:
    """What is known where a line is being typed: the line so far, and a look at the office that it means."""

    def __init__(self, context: Context) -> None:
        self.context, shared = context, context.obj.shared
        self.tongue = choose(shared.lang or os.environ.get("CRM_LANG"), self._language())

    @cached_property
    def office(self) -> Glance:
        return Glance(find_folder(self.context.obj.shared.office, Path.cwd()))

    def _language(self) -> str | None:
        with suppress(CrmError, OSError, ValueError):
            return self.office.settings.language
        return None

    def label(self, texts: dict[str, str]) -> str:
        return texts.get("en" if self.tongue.startswith("en") else "zh", "")

    def words(self, vocabulary: str) -> Known:
        """Answer the words of a vocabulary with their labels."""
        return {word: self.label(texts) for word, texts in self.office.words(vocabulary).items()}

    def labels(self, vocabulary: str) -> Known:
        """Answer every label of a vocabulary, whatever its language, with its word."""
        return {label: word for word, texts in self.office.words(vocabulary).items() for label in texts.values()}

    def staff(self, _name: str = "") -> Known:
        """Answer the staff with their roles; who stands on the line already is left out."""
        past, labels = self.office.past, self.office.words("role")
        typed = {one for value in self.context.params.values() if isinstance(value, list | tuple) for one in value}
        return {
            name: ", ".join(self.label(labels.get(role, {})) or role for role in member["roles"])
            for name, member in members(past).items()
            if name not in typed
        }

    def clients(self, _name: str = "") -> Known:
        """Answer the customers who are here, and those received today, with who has them."""
        past = self.office.past
        return {handle_of(past, customer): self._with(who) for customer, who in present(current(past)).items()}

    def _with(self, who: str) -> str:
        known = {"waiting": _("waits"), "office": _("with the office")}
        return known.get(who, who)


def _listed(desk: _Desk, begun: str) -> list[CompletionItem]:
    """Answer a list such as A,B,C with one more of the staff."""
    before, comma, last = begun.rpartition(",")
    typed = before.split(",")
    names = [name for name in desk.staff() if name.startswith(last) and name not in typed]
    return [CompletionItem(before + comma + name, type=PART) for name in names]


def _absences(desk: _Desk, begun: str) -> list[CompletionItem]:
    """Answer PERSON=KIND: first the staff, behind the sign the kinds of absence."""
    person, equals, kind = begun.partition("=")
    if not equals:
        return [CompletionItem(f"{name}=", type=PART) for name in desk.staff() if name.startswith(person)]
    words = desk.words("absence").items()
    return [CompletionItem(f"{person}={word}", help=label) for word, label in words if word.startswith(kind)]


def _facts(desk: _Desk, begun: str) -> list[CompletionItem]:
    """Answer FACT=WORD for the rule that stands on the line: first its facts, behind the sign the words of one."""
    fact, equals, word = begun.partition("=")
    if equals:
        return [
            CompletionItem(f"{fact}={one}", help=label)
            for one, label in desk.words(fact).items()
            if one.startswith(word)
        ]
    ask = TOPICS[str(desk.context.params.get("topic"))].asks[str(desk.context.params.get("rule"))]
    names = [name for name in getattr(ask, "inputs", ("act", "role")) if name.startswith(fact)]
    return [CompletionItem(f"{name}=", type=PART) for name in names]


def _rules(desk: _Desk, _name: str) -> Known:
    topic = str(desk.context.params.get("topic"))
    return dict.fromkeys(TOPICS[topic].asks, "") if topic in TOPICS else {}


def _pages(_desk: _Desk, _name: str) -> Known:
    from crm_cli.commands.help import PAGES  # noqa: PLC0415 - only who asks for a page

    return {name: says() for name, (says, _page) in PAGES.items()}


VOCABULARIES = ("WORD", "STATUS", "STATE", "KIND", "ROLE")  # whose words are those of the parameter's name
SHELLS_OWN = {"FILE": FILE, "HEAD": FILE, "FOLDER": FOLDER, "OFFICE": FOLDER, "TO": FOLDER}
PARTS: dict[str, Callable[[_Desk, str], list[CompletionItem]]] = {
    "A,B,C": _listed,
    "PERSON=KIND": _absences,
    "FACT=WORD": _facts,
}
KINDS: dict[str, Callable[[_Desk, str], Known]] = {
    "PERSON": _Desk.staff,
    "NAME": _Desk.staff,
    "CLIENT": _Desk.clients,
    **dict.fromkeys(VOCABULARIES, _Desk.words),
    "FORMAT": lambda _desk, _name: dict.fromkeys(FORMATS, ""),
    "LANG": lambda _desk, _name: dict.fromkeys(LANGUAGES, ""),
    "HOUSE": lambda _desk, _name: dict.fromkeys(shipped.houses(), ""),
    "TOPIC": lambda _desk, _name: dict.fromkeys(TOPICS, ""),
    "RULE": _rules,
    "PAGE": _pages,
}
