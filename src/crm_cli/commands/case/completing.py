"""What may be typed where a command of a kind of case wants a value: ids, words with their labels, people."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from crm_cli.commands.case.argv import CASE, FIELD
from crm_cli.commands.case.declared import CHOICE
from crm_cli.commands.case.listing import ALL, CLOSED, OPEN, states_of

if TYPE_CHECKING:
    from crm_cli.commands.case.declared import Kind

Known = dict[str, str]
SEEN, LISTED = 1000, 50  # cases that are looked at, and that are told
ID = (CASE, "identity")  # names of the parameter that says which case


def known(desk: Any, kind: Kind, place: Any, begun: str) -> Known | None:
    """Answer what may be typed with what it means; None where the place is like one of the other commands."""
    name = str(place.name)
    if name in ID:
        return _cases(desk, [kind.name], closed=name != CASE or _after_close(desk, kind), begun=begun)
    if name == "state":
        return {**{one: kind.said_state(one) for one in states_of(kind)}, OPEN: "", CLOSED: "", ALL: ""}
    if name == "ready":
        return {verb: kind.said_verb(verb) for verb in kind.verbs}
    field = name.removeprefix(FIELD)
    return _of_field(desk, kind, field, begun) if name.startswith(FIELD) or name == "level" else None


def _of_field(desk: Any, kind: Kind, name: str, begun: str) -> Known | None:
    sort = kind.field(name).get("type")
    if sort == CHOICE:
        return _words(kind, name, begun)
    if sort == "link":
        return _cases(desk, kind.field(name).get("link", ()), closed=True, begun=begun)
    if sort == "department":
        found: Known = desk.words("role")
        return found
    return None if sort in ("person", "customer") else {}


def _words(kind: Kind, name: str, begun: str) -> Known:
    """Answer the words of a choice; for who begins a label, the labels."""
    words = {word: kind.said_word(word) for word in kind.words_of(name)}
    if any(word.startswith(begun) for word in words):
        return words
    labels = kind.labels.known("case_word")
    return {label: word for word in words for label in labels.get(word, {}).values()}


def _after_close(desk: Any, kind: Kind) -> bool:
    """Answer whether the verb of the line may be done in a closed case."""
    verb = desk.context.command.name
    return verb in kind.verbs and any(step.get("after_close") for step in kind.steps(verb))


def _cases(desk: Any, kinds: Any, *, closed: bool, begun: str) -> Known:
    """Answer the ids of cases with their states, the oldest first, as those that come first in most queues."""
    past = desk.office.past
    marks = (mark for kind in kinds for mark in past.marks(f"{'all' if closed else 'open'}:{kind}"))
    keys = (mark.rpartition("|")[2] for mark in islice(marks, SEEN))
    found = islice((key for key in keys if key.startswith(begun)), LISTED)
    return {key: (past.get("case", key) or {}).get("state", "") for key in found}
