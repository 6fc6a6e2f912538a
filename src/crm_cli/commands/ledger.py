"""crm ledger: is the file as it was written, how far does it go, what does a line say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from crm_cli.errors import UsageError
from crm_cli.language import _
from crm_cli.ledger.verify import verify as verified
from crm_cli.office import find_folder
from crm_cli.render import Answer, json_text

if TYPE_CHECKING:
    from crm_cli.commands.options import Session

HELP = "Verify and read the ledger."
VERBS: dict[str, object] = {}
