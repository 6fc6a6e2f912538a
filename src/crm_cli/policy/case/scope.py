"""What may be named where a cell, a hand or a step stands; a name that nothing has is a finding."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from crm_cli.language import _
from crm_cli.policy import reader
from crm_cli.policy.case.world import Field, Outline, World
from crm_cli.policy.finding import one_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from crm_cli.policy.finding import Findings
    from crm_cli.policy.node import Node

FOLLOWED = ("customer",)  # types whose values are something with fields of its own
NAMED = ("person", "department")  # those of whom nothing is known but who it is
HANDED = ("person", "department", None)  # types whose values are hands


@dataclass(frozen=True, slots=True)
class Scope:
    """The kind that is being read, the kinds that conditions speak about there, and where findings go."""

    world: World
    own: Outline
    about: tuple[Outline, ...]
    found: Findings

    def of(self, kinds: Collection[str]) -> Scope:
        """Answer the scope in which conditions speak about other kinds."""
        return replace(self, about=self.world.outlines(kinds))

    @property
    def open(self) -> bool:
        """Answer whether any name may be a field here: of kinds that were reported as unknown."""
        return not self.about

    def field(self, name: str) -> Field | None:
        """Answer the field of that name, through one link if it has a dot; None when there is none."""
        head, dot, rest = name.partition(".")
        if not dot:
            return next((one for outline in self.about if (one := outline.field(head)) is not None), None)
        link = self.field(head)
        if link is None:
            return None
        if link.type in FOLLOWED and self.world.cards:
            return self.world.cards.get(rest)
        if link.type in (*FOLLOWED, None):
            return Field(None)
        linked = replace(self, about=self.world.outlines(link.link))
        return Field("state", tuple(linked.states())) if rest == "state" else linked.field(rest)

    def fields(self, types: Collection[str | None] = ()) -> list[str]:
        """Answer the names of fields, or of those of some types."""
        named = {name: one for outline in self.about for name, one in outline.fields.items()}
        return [name for name, one in named.items() if not types or one.type in types]

    def steps(self) -> list[str]:
        """Answer the names of steps."""
        return [name for outline in self.about for name in outline.steps]

    def duties(self) -> list[str]:
        """Answer the names of duties."""
        return [name for outline in self.about for name in outline.duties]

    def others(self) -> list[str]:
        """Answer the names of look-ups."""
        return [name for outline in self.about for name in outline.others]

    def states(self) -> list[str]:
        """Answer the states that steps lead to."""
        return [name for outline in self.about for name in outline.states]

    # ── names ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def named(self, node: Node, allowed: Collection[str], kind: str) -> str | None:
        """Answer a name of a closed set."""
        return str(node.value) if self.open and isinstance(node.value, str) else _name(node, allowed, kind, self.found)

    def a_field(self, node: Node, types: Collection[str | None] = ()) -> str | None:
        """Answer the name of a field, of some types if any are given; `link.field` too."""
        if isinstance(node.value, str) and "." in node.value:
            return self._linked(node)
        return self.named(node, self.fields(types), _kind_of_field(types))

    def _linked(self, node: Node) -> str | None:
        if self.field(node.value) is not None or self._unknown_link(node.value.partition(".")[0]):
            return str(node.value)
        head, _dot, rest = node.value.partition(".")
        link = self.field(head)
        if link is not None and link.type in (*NAMED, *FOLLOWED):
            self._unknown_of_somebody(node, link)
            return None
        if link is None or not link.link:
            allowed = [f"{name}.…" for name in self.fields(("link", *FOLLOWED))]
            return _name(node, allowed, _("field of a link"), self.found)
        known = dict.fromkeys(name for one in self.world.outlines(link.link) for name in (*one.fields, "state"))
        what = _("'{name}' is no field of {kinds} {words}")
        what = what.format(name=rest, kinds="/".join(link.link), words=one_of(rest, known))
        self.found.error(node.place, what, declare())
        return None

    def _unknown_of_somebody(self, node: Node, link: Field) -> None:
        """Report what is not known of a customer, or of anybody of the staff."""
        head, _dot, rest = node.value.partition(".")
        if link.type in NAMED:
            what = _("of whom '{name}' names no field is known").format(name=head)
            fix = _("test {name} itself: a role, a person field, of FIELD").format(name=head)
        else:
            what = _("'{name}' is no field of {kinds} {words}")
            what = what.format(name=rest, kinds=link.type, words=one_of(rest, self.world.cards))
            fix = _("correct the name, or add it to words.yaml under labels: field:")
        self.found.error(node.place, what, fix)

    def _unknown_link(self, name: str) -> bool:
        """Answer whether a link leads to a kind that nobody declares, which is reported where it is declared."""
        link = self.field(name)
        return link is not None and bool(link.link) and not set(link.link) <= set(self.world.kinds)

    def kinds(self, node: Node) -> list[str]:
        """Answer one kind or several."""
        return list(reader.words(node, [*self.world.kinds], _("kind of case"), self.found, declare()))

    def word(self, node: Node, allowed: Collection[str], kind: str) -> str | None:
        """Answer a word of a closed set that the house declares."""
        return _name(node, allowed, kind, self.found)


def _name(node: Node, allowed: Collection[str], kind: str, found: Findings) -> str | None:
    return reader.word(node, allowed, kind, found, declare())


def declare() -> str:
    """Answer what mends a name that nothing has."""
    return _("correct the name, or declare it")


def _kind_of_field(types: Collection[str | None]) -> str:
    if not types:
        return _("field")
    return _("field of the type {types}").format(types="/".join(one for one in types if one))
