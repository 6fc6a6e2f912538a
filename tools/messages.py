"""Brings the catalogues up to the program: every sentence it says, every help it gives, what the library says itself.

python tools/messages.py        writes src/crm_cli/locale/*/LC_MESSAGES/crm.po; new sentences are left empty
python tools/messages.py --fill also writes zh_TW from zh_CN, sentence by sentence, where zh_TW has none yet
"""

from __future__ import annotations

import sys
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from crm_cli import cli, language
from crm_cli.commands.case.front import COMMON
from crm_cli.commands.groups import Lazy, made
from crm_cli.commands.options import OPTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE = Path(cli.__file__).parent
QUOTES = str.maketrans("“”", "「」")
LANGUAGES = ("zh_CN", "zh_TW")
OF_THE_LIBRARY = (
    "required",
    "Options",
    "Arguments",
    "Commands",
    "Show this message and exit.",
    "[OPTIONS]",
    "COMMAND [ARGS]...",
)


def sentences() -> list[str]:
    """Answer everything that people may read, in order, each once."""
    language.speak("en")
    found = [str(message) for _file, _line, message, *_rest in extract_from_dir(str(SOURCE), keywords={"_": None})]
    helps = [text for text in (*_helps(cli._front()), *_of_cases()) if text]  # noqa: SLF001 - there is no other door
    return list(
        dict.fromkeys([*found, *helps, *(text for _names, _meta, text, _env in OPTIONS.values()), *OF_THE_LIBRARY])
    )


def _helps(command: Any) -> Iterator[str]:
    yield command.help or ""
    for parameter in command.params:
        yield getattr(parameter, "help", None) or ""
    if isinstance(command, Lazy):
        yield from command._sentences.values()  # noqa: SLF001
        for name in command.list_commands(None):
            yield from _helps(command.get_command(None, name))


def _of_cases() -> Iterator[str]:
    """Answer the helps of the commands that every kind of case has; no kind is needed for them."""
    for verb, (module, sentence) in COMMON.items():
        yield sentence
        yield from _helps(made(verb, import_module(f"crm_cli.commands.case.{module}").command))


def catalogue(name: str) -> Path:
    """Answer the file of a language."""
    return SOURCE / "locale" / name / "LC_MESSAGES" / "crm.po"


def read(name: str) -> dict[str, str]:
    """Answer what a language says for each sentence it has."""
    if not catalogue(name).exists():
        return {}
    with catalogue(name).open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file) if message.id and message.string}


def written(name: str, said: dict[str, str]) -> bytes:
    """Answer the catalogue of a language as it stands in its file."""
    made = Catalog(locale=name, header_comment="# What crm says to people.", project="crm", fuzzy=False)
    for sentence in sentences():
        flags = ["python-brace-format"] if "{" in sentence else []
        made.add(sentence, said.get(sentence, ""), flags=flags)
    text = BytesIO()
    write_po(text, made, omit_header=False, width=120, sort_output=True, no_location=True)
    dropped = (b'"POT-', b'"PO-', b'"Generated', b'"Report', b'"Last', b'"Language-Team', b'"Project')
    return b"".join(line for line in text.getvalue().splitlines(keepends=True) if not line.startswith(dropped))


def main() -> None:
    """Write the catalogues."""
    said = {name: read(name) for name in LANGUAGES}
    if "--fill" in sys.argv:
        from opencc import OpenCC  # type: ignore[import-untyped]  # noqa: PLC0415

        convert = OpenCC("s2twp").convert
        said["zh_TW"] = {
            one: said["zh_TW"].get(one) or convert(text).translate(QUOTES) for one, text in said["zh_CN"].items()
        }
    for name in LANGUAGES:
        catalogue(name).parent.mkdir(parents=True, exist_ok=True)
        catalogue(name).write_bytes(written(name, said[name]))
        missing = sum(not said[name].get(sentence) for sentence in sentences())
        sys.stdout.write(f"{name}: {missing} of {len(sentences())} sentences are missing\n")


if __name__ == "__main__":
    main()
