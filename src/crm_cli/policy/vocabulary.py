"""The words that policies may use: what Python computes (topics), and what a house has added to it (vocabulary)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crm_cli.policy.case.world import World


@dataclass(frozen=True, slots=True)
class Number:
    """A fact or an outcome that is a whole number from `least` to `most` (None: without end).

    `unit` is what one of it is written as: an amount of money is known in hundredths, and written in whole ones.
    """

    least: int = 0
    most: int | None = None
    unit: int = 1


@dataclass(frozen=True, slots=True)
class Flag:
    """A fact or an outcome that is true or false."""


@dataclass(frozen=True, slots=True)
class Same:
    """A fact or an outcome that has the words of another one."""

    name: str


FLAG = Flag()
Domain = tuple[str, ...] | Number | Flag


@dataclass(frozen=True, slots=True)
class Table:
    """A rule asked with facts that answers outcomes; the names are keys of the topic's words.

    `many` says that every row that fits is wanted: only then may a policy write `hit: all`.
    """

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    many: bool = False


@dataclass(frozen=True, slots=True)
class Params:
    """A rule that answers named values; each has a type such as `number or none`, `flag`, `list of status`."""

    values: Mapping[str, str]


CORRECTION = Params({"days": "number or none"})  # of every topic: for how many days after the day of a fact


@dataclass(frozen=True, slots=True)
class May:
    """A rule that answers who may do which act; it is always called `may`."""

    acts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """A form with steps that a house declares; `world` is everything that its conditions may speak of."""

    world: World


@dataclass(frozen=True, slots=True)
class Checklist:
    """What must be in a file; its conditions speak of the cases that name the list."""

    world: World


@dataclass(frozen=True, slots=True)
class Penalty:
    """What facts cost, and how they are counted: the facts are those that the cases of a house state."""


Ask = Table | Params | May | Penalty  # of topics that Python knows; a topic of cases is asked what it declares
CASE_WORDS = ("case_field", "case_step", "case_state", "case_duty", "case_fact", "case_word")  # labels of cases


@dataclass(frozen=True, slots=True)
class Topic:
    """What a rule module computes and asks: the closed world that policies of this name speak about.

    A house may leave out a rule that is `optional`, and a whole topic; every other rule must be written.
    A topic of cases is `invented` by a house: what is asked of it is what stands there.
    """

    name: str
    words: Mapping[str, tuple[str, ...] | Number | Flag | Same]
    open: frozenset[str] = frozenset()
    asks: Mapping[str, Ask] = field(default_factory=dict)
    optional: frozenset[str] = frozenset()
    invented: bool = False


def invented(name: str) -> Topic:
    """Answer a topic of cases: it has no words of Python, and whatever rules a house writes."""
    return Topic(name, dict.fromkeys(CASE_WORDS, ()), frozenset(CASE_WORDS), invented=True)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of one topic as one house has them on one day: Python's words, then the house's own."""

    topic: Topic
    added: Mapping[str, tuple[str, ...]]

    @property
    def roles(self) -> tuple[str, ...]:
        """Answer the roles of the house."""
        return self.added.get("role", ())

    def domain(self, name: str) -> Domain | None:
        """Answer what a fact or an outcome can be; None when nothing of that name is computed."""
        known = self.topic.words.get(name)
        if isinstance(known, Same):
            return self.domain(known.name)
        if isinstance(known, Number | Flag):
            return known
        if known is None and name != "role":
            return None
        own = self.added.get(name, ())
        return (*(known or ()), *(word for word in own if word not in (known or ())))
