"""The streams of the process."""

from __future__ import annotations

import os
import sys


def silence() -> None:
    """Let nothing more be written to stdout, not even by the interpreter at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
