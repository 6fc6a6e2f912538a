"""Compiles the catalogues when the package is built or installed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PLACE = "src/crm_cli/locale"


class Catalogues(BuildHookInterface[Any]):
    """Writes crm.mo beside each crm.po."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - the shape of a hook
        """Compile every catalogue, and have the wheel take what was compiled."""
        for written in Path(self.root, PLACE).rglob("*.po"):
            with written.open("rb") as source, written.with_suffix(".mo").open("wb") as made:
                write_mo(made, read_po(source))
        build_data["artifacts"].append(f"{PLACE}/**/*.mo")
