"""What is known of an office while somebody is still typing: what earlier commands left at hand in its cache.

Nothing is locked, written, compiled or folded here; where nothing is at hand, nothing is known.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from crm_cli.ledger.index import open_index
from crm_cli.ledger.journal import Journal
from crm_cli.memory import code_digest
from crm_cli.past import Past
from crm_cli.policy import cache
from crm_cli.policy.shelf import Shelf
from crm_cli.policy.shelf import topics as topics_of
from crm_cli.rules.topics import TOPICS
from crm_cli.settings import Settings, at_hand

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from crm_cli.policy.shelf import Topics

Words = dict[str, dict[str, str]]


class Glance:
    """A look at an office that costs a few milliseconds."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._cache = folder, folder / ".cache"

    @cached_property
    def settings(self) -> Settings:
        """Answer the settings of the office; OSError where no command has read them as they are now."""
        return at_hand(self._folder, self._cache)

    @cached_property
    def past(self) -> Past:
        """Answer the past as the index has it: empty where there is no index, or one of another program or ledger."""
        journal = Journal(self._folder / "ledger")
        return Past(open_index(self._cache / "index.db", code_digest(), journal, writing=False))

    def words(self, vocabulary: str) -> Words:
        """Answer the words of a vocabulary with their labels, as the policies were compiled last."""
        found: Words = {}
        for topic in self._compiled.values():
            found |= topic["words"].get(vocabulary, {})
        return found

    def kinds(self, day: date) -> dict[str, dict[str, Any]]:
        """Answer the kinds of case in force on a day, as the policies were compiled last."""
        found: dict[str, dict[str, Any]] = {}
        for name in self._topics.invented:
            segments = self._compiled.get(name, {"segments": ()})["segments"]
            past = [one["rules"] for one in segments if one["from"] <= day.isoformat()]
            rules = (past[-1:] or [None])[0] or {}
            found |= {name: rule for name, rule in rules.items() if rule["kind"] == "case"}
        return found

    @cached_property
    def _shelf(self) -> Shelf:
        return Shelf(self._folder / "policies", self.settings.house, tuple(self.settings.overlays))

    @cached_property
    def _topics(self) -> Topics:
        return topics_of(self._shelf, TOPICS)

    @cached_property
    def _compiled(self) -> dict[str, dict[str, Any]]:
        """Answer every topic that earlier commands left at hand."""
        known = {
            name: cache.at_hand(self._shelf, name, self._topics, self._cache, code_digest()) for name in self._topics
        }
        return {name: one for name, one in known.items() if one}
