"""Every figure of docs/performance.md in one run, as Markdown: python bench/figures.py [EVENTS]."""

from __future__ import annotations

import itertools
import sys

import batch
import cold
import growth
from measure import shown

if __name__ == "__main__":
    most = int(sys.argv[1]) if sys.argv[1:] else growth.USUAL
    shown(lambda: itertools.chain(cold.rows(), batch.rows(), growth.rows(most)))
