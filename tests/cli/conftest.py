"""Offices for the tests of the command line: made once a process, copied for each test."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import desk


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Answer an office with a manager and nobody else; tests copy it."""
    return desk.made(tmp_path_factory.mktemp("bare") / "office")


@pytest.fixture(scope="session")
def staffed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Answer an office with staff and an open day; tests copy it."""
    return desk.staffed(tmp_path_factory.mktemp("staffed") / "office")


@pytest.fixture(scope="session")
def declared(staffed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Answer an office with staff whose house declares a kind of case; tests copy it."""
    return desk.declaring(desk.copied(staffed, tmp_path_factory.mktemp("declared") / "office"))


@pytest.fixture
def office(staffed: Path, tmp_path: Path) -> Path:
    """Answer an office with staff and an open day, which the test may ruin."""
    return desk.copied(staffed, tmp_path / "office")
