"""Kinds of case as commands: which are in force where a line is typed, and a group of verbs for each."""

from __future__ import annotations

import datetime as dt
import os
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crm_cli import clock
from crm_cli.commands.case.argv import Step, sentence
from crm_cli.commands.case.declared import Kind, Labels, dashless, hyphened
from crm_cli.commands.groups import Lazy, made
from crm_cli.errors import CrmError, UsageError
from crm_cli.language import _, choose
from crm_cli.settings import find_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from crm_cli.commands.session import Session

LOOKED_FOR = 6  # words behind the kind among which the id of a case stands
SLOT: list[tuple[Any, str, dict[str, Kind]]] = []  # what was found last: a run asks line after line
GROUPS: list[tuple[dict[str, Kind], dict[str, Group]]] = []


def groups(context: Any, words: Sequence[str]) -> dict[str, Group]:
    """Answer the groups of commands by the first word that is typed; none where there is no office."""
    if context.resilient_parsing:
        return _rooted(_at_hand(context.obj))
    try:
        find_folder(context.obj.shared.office, Path.cwd())
    except UsageError:
        if context.obj.shared.office:
            raise
        return {}
    kinds = _kinds(context.obj, words)
    if not GROUPS or GROUPS[0][0] is not kinds:
        GROUPS[:] = [(kinds, _rooted(kinds))]
    if words and words[0] not in GROUPS[0][1]:
        _must_not_be_of_another_day(context.obj, words)
    return GROUPS[0][1]


def _must_not_be_of_another_day(session: Session, words: Sequence[str]) -> None:
    """Refuse a kind that the rulebook declares, and not on the day of the line."""
    from crm_cli.rules.case.kinds import first_day, none_in_force  # noqa: PLC0415 - only who asks for cases

    if first_day(session.office.book.at(_day(session, words)), dashless(words[0])):
        raise none_in_force(words[0])


def kind_of(session: Session, name: str, case: str = "") -> Kind | None:
    """Answer a kind by its name, as it was declared when a case was opened; None where none is called so."""
    return _kinds(session, ("", case)).get(name)


def _kinds(session: Session, words: Sequence[str]) -> dict[str, Kind]:
    tongue, rules = _tongue(session, words), _in_force(session, words)
    if not SLOT or SLOT[0][:2] != (rules, tongue):
        labels = Labels(session.office.book.words, tongue)
        SLOT[:] = [(rules, tongue, {name: Kind(name, rule.compiled, labels, rule) for name, rule in rules.items()})]
    return SLOT[0][2]


def listed(context: Any) -> list[tuple[str, str]]:
    """Answer the kinds of case of the office here with their titles; none where no office can be read."""
    found: list[tuple[str, str]] = []
    with suppress(CrmError):
        for group in groups(context, ()).values():
            found += group.listed()
    return found


def _in_force(session: Session, words: Sequence[str]) -> dict[str, Any]:
    """Answer the rules of the kinds in force on the day of a line, or on that of the case which it names."""
    from crm_cli.rules.case.kinds import kinds  # noqa: PLC0415 - only who asks for cases

    found: dict[str, Any] = kinds(session.office.book.at(_day(session, words)))
    for word in words[1 : LOOKED_FOR + 1]:
        case = _case(session, found, words[0], word)
        if case and found.get(case["kind"]) and found[case["kind"]].compiled.get("transition") != "switch":
            return dict(kinds(session.office.book.at(dt.date.fromisoformat(case["day"]))))
    return found


def _case(session: Session, kinds: dict[str, Any], root: str, word: str) -> Any:
    """Answer the case that a word names, whole or without what the ids of its kind begin with; None where none is."""
    past = session.office.past()
    case = past.get("case", word)
    for name, rule in kinds.items():
        if name.partition(".")[0] != root.replace("-", "_") or (case and case["kind"] == name):
            continue
        numbered = f"{rule.compiled['number'] or name}-{word}" if word.isdecimal() else word
        for key in (numbered, f"{name}/{word}"):
            other = past.get("case", key)
            case = other if other and other["kind"] == name else case
    return case


def _day(session: Session, words: Sequence[str]) -> dt.date:
    """Answer the day of a line before its options are read; what is no time is refused when they are."""
    said = _said(words, "--at") or _said(words, "--now") or session.shared.now or os.environ.get("CRM_NOW")
    with suppress(UsageError):
        if said:
            return clock.moment(said, session.office.zone, clock.machine()).date()
    return session.now().date()


def _said(words: Sequence[str], option: str) -> str | None:
    """Answer the value that an option is given, None where it is not on the line."""
    for word, value in zip(words, [*words[1:], ""], strict=False):
        if word == option:
            return value
        if word.startswith(f"{option}="):
            return word.partition("=")[2]
    return None


def _tongue(session: Session, words: Sequence[str]) -> str:
    wish = _said(words, "--lang") or session.shared.lang or os.environ.get("CRM_LANG")
    return "en" if choose(wish, session.office.settings.language).startswith("en") else "zh"


def _at_hand(session: Session) -> dict[str, Kind]:
    """Answer the kinds that earlier commands left at hand, for who completes a line."""
    from crm_cli.glance import Glance  # noqa: PLC0415 - only who completes

    with suppress(CrmError, OSError, ValueError):
        glance = Glance(find_folder(session.shared.office, Path.cwd()))
        spoken = choose(session.shared.lang or os.environ.get("CRM_LANG"), glance.settings.language)
        labels = Labels(glance.words, "en" if spoken.startswith("en") else "zh")
        return {name: Kind(name, one, labels) for name, one in glance.kinds(clock.machine().date()).items()}
    return {}


def _rooted(kinds: Mapping[str, Kind]) -> dict[str, Group]:
    roots = dict.fromkeys(name.partition(".")[0] for name in kinds)
    return {hyphened(root): Group(root, kinds) for root in roots}


class Group(Lazy):
    """What may be done with the cases of a kind, and the kinds that belong to it."""

    def __init__(self, name: str, kinds: Mapping[str, Kind]) -> None:
        self.kind, self.kinds = kinds.get(name), kinds
        parts = dict.fromkeys(
            one.removeprefix(f"{name}.").partition(".")[0] for one in kinds if one.startswith(f"{name}.")
        )
        self.parts = {hyphened(part): Group(f"{name}.{part}", kinds) for part in parts}
        makers, sentences = self._commands()
        makers |= {part: partial(self.parts.__getitem__, part) for part in self.parts}
        sentences |= {part: group.help or "" for part, group in self.parts.items()}
        super().__init__(hyphened(name.rpartition(".")[2]), makers, sentences, help=self._title())

    def _commands(self) -> tuple[dict[str, Callable[[], Any]], dict[str, str]]:
        """Answer the commands of the kind itself: its verbs in their order, then what every kind has."""
        kind = self.kind
        if kind is None:
            return {}, {}
        makers: dict[str, Callable[[], Any]] = {verb: partial(Step, kind, verb) for verb in kind.verbs}
        sentences = {verb: sentence(kind, verb) for verb in kind.verbs}
        for verb, (module, says) in _common(kind, self.kinds).items():
            makers[verb] = partial(_command, verb, module)
            sentences[verb] = _(says)
        return makers, sentences

    def _title(self) -> str:
        return _("{kind}: what may be done, by whom.").format(kind=self.kind.title) if self.kind else ""

    def listed(self) -> list[tuple[str, str]]:
        """Answer the kind and those that belong to it as they are typed, with their titles."""
        mine = [(self.kind.typed, self.kind.title)] if self.kind else []
        return [*mine, *(one for group in self.parts.values() for one in group.listed())]


# verb -> (module of crm_cli.commands.case, the sentence of its command)
COMMON = {
    "show": ("show", "Show a case: where it stands, its clocks, its steps, and what is next."),
    "list": ("listing", "List the cases, those first whose turn is first."),
    "overdue": ("overdue", "List what is overdue, the oldest first, and how many days it is late."),
    "checklist": ("checklist", "Show what must be in a file."),
    "stats": ("stats", "Show the figures of a period."),
    "import": ("imports", "Take over the cases of a table, all rows or none."),
}


def _common(kind: Kind, kinds: Mapping[str, Kind]) -> dict[str, tuple[str, str]]:
    """Answer what may be asked of a kind: figures where another kind keeps them, a log where no calendar opens it."""
    counted = any(one.made.get("about") == kind.name for one in kinds.values())
    listed = any(one.get("checklist") for one in kind.made["fields"].values())
    wanted = (("stats", counted), ("checklist", listed), ("import", not kind.made["every"]))
    absent = {verb for verb, there in wanted if not there}
    return {verb: told for verb, told in COMMON.items() if verb not in absent}


def _command(verb: str, module: str) -> Any:
    from importlib import import_module  # noqa: PLC0415 - only the verb that is typed

    return made(verb, import_module(f"crm_cli.commands.case.{module}").command)
