"""The references are what the program says now, and nothing of it is missing there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from crm_cli import cli
from crm_cli.commands.groups import Lazy
from crm_cli.commands.options import OPTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = ("reference.md", "reference.zh.md", "policy-reference.md", "policy-format.md")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Answer a folder with the pages as the program has them now."""
    folder = tmp_path_factory.mktemp("docs")
    subprocess.run([sys.executable, ROOT / "tools" / "reference.py", folder], check=True)
    return folder


def test_these_are_the_pages(written: Path) -> None:
    assert sorted(path.name for path in written.iterdir()) == sorted(PAGES)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_what_the_program_says_now(written: Path, page: str) -> None:
    assert (DOCS / page).read_text("utf-8") == (written / page).read_text("utf-8"), "make docs"


def commands(command: Any, path: str = "crm") -> Iterator[tuple[str, Any]]:
    """Answer every command that does something."""
    if not isinstance(command, Lazy):
        yield path, command
        return
    for name in command.list_commands(None):
        yield from commands(command.get_command(None, name), f"{path} {name}")


EVERY = dict(commands(cli._front()))


@pytest.mark.parametrize("page", ["reference.md", "reference.zh.md"])
def test_every_command_argument_and_option_is_there(page: str) -> None:
    text = (DOCS / page).read_text("utf-8")
    sections = dict(re.findall(r"^### (crm.*)\n((?:(?!##).*\n)*)", text, re.MULTILINE))
    assert {*sections} == {"crm", *EVERY}
    for path, command in EVERY.items():
        assert path in sections[path]
        for parameter in command.params:
            names = parameter.opts if parameter.param_type_name == "option" else [parameter.metavar]
            where = text if (parameter.name or "").startswith("shared_") else sections[path]
            assert all(name in where for name in names), (path, names)
    assert all(variable in text for *_more, variable in OPTIONS.values() if variable)


def test_every_command_has_a_sentence() -> None:
    assert len(EVERY) > 30
    assert not [path for path, command in EVERY.items() if not (command.help or "").endswith((".", "source."))]
