from __future__ import annotations

import pytest

from crm_cli import language


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sentences that tests read are English, whatever an office speaks; what runs in a process of its own speaks it."""
    monkeypatch.setattr(language, "_catalogue", lambda _name: str)
