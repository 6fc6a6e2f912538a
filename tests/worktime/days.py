"""Calendars to test with, and where the published vectors are."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

from crm_cli.worktime.countries import usual

DATA = Path(os.environ.get("CRM_DATA", Path(__file__).parents[3] / "shared" / "data"))
CALENDAR = usual()
SHANGHAI = CALENDAR.zone


def at(text: str) -> datetime:
    """Answer an instant of Shanghai that is written without its zone."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)
