"""A slip: an event that was typed wrong, with what it should have said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crm_cli.past import Event
    from crm_cli.policy.book import Cite


@dataclass(eq=False, repr=False)
class Slip:
    """What is corrected: the event, the lines recorded together with it, what it says by now and what it should say."""

    events: list[Event]
    subject: str  # whose it is by now; nothing where it is about no customer
    words: dict[str, Any]
    change: dict[str, Any] | None  # None: it should not be there at all
    client: str  # whose it should be
    cites: list[Cite]

    @property
    def event(self) -> Event:
        """Answer the event that was typed wrong."""
        return self.events[0]

    def all(self, kind: str) -> list[Event]:
        """Answer those of the lines recorded together that are of a type."""
        return [event for event in self.events if event["type"] == kind]
