"""The language of the sentences people read; machine words never pass through here."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from collections.abc import Callable

CATALOGUES = Path(__file__).parent / "locale"
DEFAULT = "zh_CN"
ENGLISH = "en"
TRADITIONAL = ("zh_TW", "zh_HK", "zh_MO", "zh_Hant")
_spoken = ENGLISH


def _(sentence: str) -> str:
    """Answer the sentence in the chosen language, or as it is where no catalogue has it."""
    return sentence if _spoken == ENGLISH else _catalogue(_spoken)(sentence)


def choose(*wishes: str | None) -> str:
    """Speak the first language wished for and answer it: an option, the office's own, then the environment's.

    With CRM_PLAIN, for scripts, nothing but the option, which comes first, changes what is said.
    """
    plain = os.environ.get("CRM_PLAIN", "0") not in ("", "0")
    heard = (*wishes[:1], ENGLISH) if plain else (*wishes, *_environment())
    speak(named(next((name for name in heard if name), DEFAULT)))
    return _spoken


def speak(name: str) -> None:
    """Speak a language; its catalogue is read when the first sentence is said."""
    global _spoken  # noqa: PLW0603 - one language a run
    _spoken = name


def spoken() -> str:
    """Answer the language that is spoken."""
    return _spoken


def named(wish: str) -> str:
    """Answer which of the languages here is meant by a name like `zh-HK` or `de_DE.UTF-8`; English for all others."""
    name = wish.split(".", maxsplit=1)[0].replace("-", "_")
    if name.startswith(TRADITIONAL):
        return TRADITIONAL[0]
    return DEFAULT if name.startswith("zh") else ENGLISH


@cache
def _catalogue(name: str) -> Callable[[str], str]:
    try:
        said = orjson.loads((CATALOGUES / name / "LC_MESSAGES" / "crm.json").read_bytes())
    except FileNotFoundError:
        said = {}
    return lambda sentence: said.get(sentence, sentence)


def _environment() -> list[str]:
    names = (os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return [name for name in names if name.split(".")[0] not in ("", "C", "POSIX")]
