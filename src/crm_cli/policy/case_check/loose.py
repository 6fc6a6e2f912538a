"""Loose ends: figures that count nothing, fields that nothing sets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm_cli.language import _

if TYPE_CHECKING:
    from crm_cli.policy.case_check.kind import Kind


def check(kind: Kind) -> None:
    """Report figures of nothing, and warn of fields that never get a value."""
    _counts(kind)
    known = kind.brought | {name for step in kind.steps for name in kind.given(step)}
    for name in kind.fields:
        if name not in known:
            what = _("nothing sets the field '{field}'").format(field=name)
            fix = _("write it under asks: or takes: of a step, or remove it")
            kind.found.warn(kind.at("fields", name), what, fix)


def _counts(kind: Kind) -> None:
    duties = kind.about_duties()
    for name, count in kind.compiled["counts"].items():
        duty = duties.get(count.get("duty", ""))
        if count.get("is") == "late" and duty is not None and not _falls(duty["within"]):
            what = _("the figure '{figure}' counts nothing: the duty '{duty}' has no limit")
            kind.error(what.format(figure=name, duty=count["duty"]), _("write within: at the duty"), "counts", name)


def _falls(within: list[dict[str, str]] | None) -> bool:
    return any(row["limit"] != "unset" for row in within or ())
