"""Compiles the catalogues when the package is built or installed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PLACE = "src/crm_cli/locale"


class Catalogues(BuildHookInterface[Any]):
    """Writes crm.json beside each crm.po: the one form that is read in a tenth of a millisecond."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - the shape of a hook
        """Compile every catalogue, and have the wheel take what was compiled."""
        for written in Path(self.root, PLACE).rglob("*.po"):
            with written.open("rb") as source:
                said = {each.id: each.string for each in read_po(source) if each.id and each.string and not each.fuzzy}
            written.with_suffix(".json").write_text(json.dumps(said, ensure_ascii=False), "utf-8")
        build_data["artifacts"].append(f"{PLACE}/**/*.json")
