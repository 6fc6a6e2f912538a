"""Words of a kind that people would read in English only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm_cli.language import _

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from crm_cli.policy.case_check.kind import Kind

Path = tuple[str | int, ...]


def check(kind: Kind, labels: Mapping[str, Mapping[str, object]]) -> None:
    """Warn of each word that has neither a title nor a label, where it is declared first."""
    told: set[tuple[str, str]] = set()
    for vocabulary, word, path in _words(kind):
        if (vocabulary, word) in told or not word.isascii() or _labelled(vocabulary, word, labels):
            continue
        told.add((vocabulary, word))
        what = _("the {name} '{word}' has no label").format(name=vocabulary, word=word)
        fix = _("write labels: {{{name}: {{{word}: {{zh: …, en: …}}}}}}").format(name=vocabulary, word=word)
        kind.found.warn(kind.at(*path), what, fix)


def _labelled(vocabulary: str, word: str, labels: Mapping[str, Mapping[str, object]]) -> bool:
    known = labels.get(vocabulary, {})
    return word in known or (vocabulary == "case_step" and word.partition(".")[0] in known)


def _words(kind: Kind) -> Iterator[tuple[str, str, Path]]:
    for name, field in kind.fields.items():
        if "title" not in field and name not in ("starts", "ends"):
            yield "case_field", name, ("fields", name)
        if field["checklist"] is None:
            yield from (("case_word", word, ("fields", name)) for word in field["of"])
    for name, step in kind.steps.items():
        if "title" not in step and name != "period":
            yield "case_step", name, ("steps", name)
        yield from (("case_state", row["is"], ("steps", name, "state")) for row in step["state"])
    for name, duty in kind.duties.items():
        if "title" not in duty:
            yield "case_duty", name, ("duties", name)
    for name in kind.compiled["counts"]:
        yield "case_field", name, ("counts", name)
    yield from (("case_field", name, ("others", name)) for name in _looked_up(kind))


def _looked_up(kind: Kind) -> Iterator[str]:
    """Answer the look-ups that a refusal names: something must be found by them, or nothing."""
    rows = [*kind.compiled["needs"], *(row for step in kind.steps.values() for row in step["needs"])]
    yield from (test["name"] for row in rows for test in row["must"] or () if test["on"] == "other")
