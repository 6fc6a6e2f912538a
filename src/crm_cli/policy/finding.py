"""What is wrong with a policy, where, and what would mend it: data that a checker lists and an error carries."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from crm_cli import columns
from crm_cli.errors import DataError
from crm_cli.language import _

if TYPE_CHECKING:
    from collections.abc import Iterable

SHOWN = 12  # allowed words that a message lists
Level = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a key or a value stands: file, line and column from 1, and how many characters it has there."""

    file: str
    line: int = 1
    column: int = 1
    width: int = 1
    lines: tuple[str, ...] = field(default=(), repr=False, compare=False)

    def excerpt(self) -> str:
        """Answer the line before and the line itself, numbered, with the characters meant underlined."""
        first = max(self.line - 2, 0)
        shown = [f"{number:>5} | {text}" for number, text in enumerate(self.lines[first : self.line], first + 1)]
        if not shown or self.line > len(self.lines):
            return ""
        text, before = self.lines[self.line - 1], self.column - 1
        marks = columns.width(text[before : before + self.width])
        return "\n".join([*shown, f"      | {' ' * columns.width(text[:before])}{'^' * max(marks, 1)}"])


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong (error) or doubtful (warning)."""

    file: str
    line: int
    column: int
    what: str
    fix: str
    level: Level = "error"
    excerpt: str = field(default="", repr=False, compare=False)

    @property
    def where(self) -> str:
        """Answer `FILE:LINE:COL`, as editors follow it."""
        return f"{self.file}:{self.line}:{self.column}"

    @property
    def text(self) -> str:
        """Answer the one-line form `FILE:LINE:COL: error: what`."""
        return f"{self.where}: {self.level}: {self.what}"


class PolicyError(DataError):
    """A policy cannot be used; `findings` holds everything that is wrong, the first one is the message."""

    def __init__(self, findings: list[Finding]) -> None:
        first = findings[0]
        super().__init__(first.what, fix=first.fix, where=first.where, excerpt=first.excerpt)
        self.findings = findings


class Findings:
    """A growing list of findings, each kept once."""

    def __init__(self) -> None:
        self._kept: dict[Finding, None] = {}

    def error(self, place: Place, what: str, fix: str) -> None:
        """Keep something that must be mended before the policy is used."""
        self._keep(place, what, fix, "error")

    def warn(self, place: Place, what: str, fix: str) -> None:
        """Keep something doubtful that does not stop anybody."""
        self._keep(place, what, fix, "warning")

    def _keep(self, place: Place, what: str, fix: str, level: Level) -> None:
        found = Finding(place.file, place.line, place.column, what, fix, level, place.excerpt())
        self._kept.setdefault(found)

    def take(self, others: Findings) -> None:
        """Keep the findings of somebody else too."""
        self._kept.update(others._kept)

    def all(self) -> list[Finding]:
        """Answer the findings by file, line and column."""
        return sorted(self._kept, key=lambda found: (found.file, found.line, found.column, found.what))

    def errors(self) -> list[Finding]:
        """Answer the findings that stop the use of the policy."""
        return [found for found in self.all() if found.level == "error"]

    def stop(self) -> None:
        """Raise PolicyError with every error there is; do nothing when there is none."""
        if errors := self.errors():
            raise PolicyError(errors)


def one_of(typed: str, allowed: Iterable[str]) -> str:
    """Answer the allowed words as a list to print, with the nearest one offered when there is one."""
    from difflib import get_close_matches  # noqa: PLC0415 - only a mistake needs it

    words = [str(word) for word in allowed]
    near = get_close_matches(typed, words, n=1)
    shown = ", ".join(words[:SHOWN]) + (", …" if len(words) > SHOWN else "")
    if near:
        return _("({words}); did you mean '{near}'?").format(words=shown, near=near[0])
    return _("({words})").format(words=shown)
