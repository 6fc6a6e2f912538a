"""Editions: which file is in force on a day, what it is laid upon, and the rules that come out of it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from crm_cli.language import _
from crm_cli.policy.amend import amended
from crm_cli.policy.document import Document, load

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from crm_cli.policy.draft import Rule
    from crm_cli.policy.finding import Findings
    from crm_cli.policy.node import Node


class Library:
    """The files of one topic in a folder of policies, each read once when it is first wanted."""

    def __init__(self, folder: Path, topic: str, found: Findings) -> None:
        self._folder, self._topic, self._found = folder, topic, found
        self._read: dict[str, list[Document]] = {}

    def of(self, house: str) -> list[Document]:
        """Answer the editions of a house, oldest first."""
        if house not in self._read:
            paths = sorted((self._folder / house).glob(f"{self._topic}@*.yaml"))
            documents = [load(path, f"{self._folder.name}/{house}/{path.name}", self._found) for path in paths]
            self._read[house] = sorted((one for one in documents if one), key=lambda one: one.edition)
        return self._read[house]

    def houses(self, house: str, overlays: Sequence[str]) -> list[str]:
        """Answer the houses whose rules come together, the first base first, the last overlay last."""
        answer: list[str] = []
        for name in (house, *overlays):
            self._bases(name, answer, ())
        return answer

    def _bases(self, house: str, answer: list[str], above: tuple[str, ...]) -> None:
        if house in answer or house in above:
            return
        for document in self.of(house):
            if document.extends is not None:
                self._bases(document.extends, answer, (*above, house))
        answer.append(house)

    def in_force(self, house: str, day: dt.date) -> Document | None:
        """Answer the newest edition with `edition <= day <= until`."""
        meant = [one for one in self.of(house) if one.edition <= day and (one.until is None or day <= one.until)]
        return meant[-1] if meant else None

    def rules(self, house: str, overlays: Sequence[str], day: dt.date) -> dict[str, Rule] | None:
        """Answer the rules on a day, the base first, then the overlays in their order; None when none is in force."""
        layers = self._stack(house, overlays, day)
        return None if layers is None else self._laid(layers)

    def ranks(self, house: str, overlays: Sequence[str], day: dt.date) -> Node | None:
        """Answer the order of the roles on a day, as the uppermost document that has one writes it."""
        layers = self._stack(house, overlays, day) or []
        return next((layer.ranks for layer in reversed(layers) if layer.ranks is not None), None)

    def _stack(self, house: str, overlays: Sequence[str], day: dt.date) -> list[Document] | None:
        """Answer the documents in force on a day, the base first, then the overlays; None when none is."""
        document = self.in_force(house, day)
        if document is None:
            return None
        layers = self._layers(document, day, ())
        for overlay in overlays:
            layers += self._overlay(overlay, [layer.house for layer in layers], day)
        return layers

    def _laid(self, layers: list[Document]) -> dict[str, Rule]:
        rules: dict[str, Rule] = dict(layers[0].rules) if layers else {}
        for layer in layers[1:]:
            rules = amended(rules, layer, self._found)
        return rules

    def _layers(self, document: Document, day: dt.date, above: tuple[Document, ...]) -> list[Document]:
        """Answer the documents to lay upon each other, the lowest first."""
        if document in above:
            circle = " -> ".join(one.house for one in (*above[above.index(document) :], document))
            what = _("'{house}' rests on itself: {circle}").format(house=document.house, circle=circle)
            self._found.error(document.place, what, _("let one of them stand alone"))
            return []
        below = self._below(document, day)
        return [*(self._layers(below, day, (*above, document)) if below else []), document]

    def _below(self, document: Document, day: dt.date) -> Document | None:
        if document.amends is not None:
            return self._amended(document, document.amends)
        if document.extends is not None:
            return self._extended(document, document.extends, day)
        return None

    def _amended(self, document: Document, edition: dt.date) -> Document | None:
        earlier = [one for one in self.of(document.house) if one.edition < document.edition]
        base = next((one for one in earlier if one.edition == edition), None)
        if base is None:
            what = _("there is no earlier edition {edition} to amend ({editions})")
            what = what.format(edition=edition, editions=_listed(earlier))
            self._found.error(document.place, what, _("correct amends:"))
        return base

    def _extended(self, document: Document, house: str, day: dt.date) -> Document | None:
        base = self.in_force(house, day)
        if base is None:
            what = _("no edition of {house}/{policy} is in force on {day} ({editions})")
            what = what.format(house=house, policy=document.policy, day=day, editions=_listed(self.of(house)))
            self._found.error(document.place, what, _("correct extends:, or begin this edition later"))
        return base

    def _overlay(self, overlay: str, below: list[str], day: dt.date) -> list[Document]:
        """Answer the changes of an overlay in force on a day: none when it has nothing on this topic."""
        document = self.in_force(overlay, day)
        changes: list[Document] = []
        while document is not None and document.extends is None:
            changes.insert(0, document)
            document = self._amended(document, document.amends) if document.amends else None
        if document is not None:
            self._fits(document, below)
            return [document, *changes]
        for wrong in changes[:1]:
            fix = _("write extends: {{policy: …, house: …}}").format()
            self._found.error(wrong.place, _("an overlay extends the house it is laid over"), fix)
        return []

    def _fits(self, document: Document, below: list[str]) -> None:
        if document.extends not in below:
            what = _("the overlay extends '{house}', but is laid over {below}")
            what = what.format(house=document.extends, below=", ".join(dict.fromkeys(below)))
            self._found.error(document.place, what, _("correct extends:, or take the overlay out of crm.yaml"))

    def days(self, house: str, overlays: Sequence[str]) -> list[dt.date]:
        """Answer the days on which the rules may change, oldest first."""
        days: set[dt.date] = set()
        for name in self.houses(house, overlays):
            for document in self.of(name):
                days.add(document.edition)
                if document.until is not None and document.until < dt.date.max:
                    days.add(document.until + dt.timedelta(days=1))
        return sorted(days)


def _listed(documents: Sequence[Document]) -> str:
    return ", ".join(one.edition.isoformat() for one in documents) or _("none")
