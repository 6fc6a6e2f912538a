"""The language of the sentences people read; machine words never pass through here."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

CATALOGUES = Path(__file__).parent / "locale"
DEFAULT = "zh_CN"
_translate: Callable[[str], str] = str


def _(sentence: str) -> str:
    """Answer the sentence in the chosen language, or as it is where no catalogue has it."""
    return _translate(sentence)


def choose(*wishes: str | None) -> str:
    """Speak the first language wished for and answer it: an option, the office's own, then the environment's."""
    wish = next((name for name in (*wishes, *_environment()) if name), DEFAULT)
    name = wish.split(".")[0].replace("-", "_")
    speak(name)
    return name


def speak(name: str) -> None:
    """Load the catalogue of a language; without one the sentences stay English."""
    global _translate  # noqa: PLW0603 - one language a run, as gettext has it
    _translate = str
    if (CATALOGUES / name / "LC_MESSAGES" / "crm.mo").exists():
        import gettext  # noqa: PLC0415 - only where there is something to translate

        _translate = gettext.translation("crm", CATALOGUES, [name]).gettext


def _environment() -> list[str]:
    names = (os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return [name for name in names if name.split(".")[0] not in ("", "C", "POSIX")]
