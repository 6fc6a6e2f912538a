"""The tour of the README is what the program says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_tour_comes_out_as_printed(tmp_path: Path) -> None:
    tour = re.search(r"```console\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    assert tour is not None
    lines = re.findall(r"^\$ (.*)$", tour[1], re.MULTILINE)
    assert len(lines) >= 10
    script = "\n".join(f"echo {_quoted('$ ' + line)}\n{line}" for line in lines)
    environment = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "HOME": str(tmp_path)}
    done = subprocess.run(
        ["bash", "-c", f"exec 2>&1\n{script}"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == tour[1]


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
