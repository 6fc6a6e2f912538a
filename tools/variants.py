"""Writes which characters are one character in another script: python tools/variants.py.

Made from the dictionaries of OpenCC (Apache-2.0): two characters stand on one line of src/crm_cli/identity/variants.txt
when one is written for the other in simplified, traditional, Hong Kong or Taiwan script.
"""

from __future__ import annotations

from pathlib import Path

import opencc  # type: ignore[import-untyped]

DICTIONARIES = ("STCharacters", "TSCharacters", "HKVariants", "TWVariants", "STPhrases", "TSPhrases")
PAGE = Path(__file__).parents[1] / "src" / "crm_cli" / "identity" / "variants.txt"


def classes() -> list[str]:
    """Answer the characters that are one, each class in order, the simplified one first."""
    together: dict[str, set[str]] = {}
    simplified: set[str] = set()
    for name in DICTIONARIES:
        for one, others in _pairs(name):
            if name == "STCharacters":
                simplified.add(one)
            found = set().union({one}, *(together.get(each, {each}) for each in (one, *others)))
            together |= dict.fromkeys(found, found)
    unique = {id(found): found for found in together.values() if len(found) > 1}
    return sorted("".join(sorted(found, key=lambda sign: (sign not in simplified, sign))) for found in unique.values())


def _pairs(name: str) -> list[tuple[str, list[str]]]:
    text = (Path(opencc.__file__).parent / "dictionary" / f"{name}.txt").read_text("utf-8")
    rows = [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
    return [
        (sign, [other[place] for other in row[1].split() if len(other) == len(row[0])])
        for row in rows
        for place, sign in enumerate(row[0])
    ]


if __name__ == "__main__":
    PAGE.write_text("\n".join(classes()) + "\n", "utf-8")
