"""Whose hand may do a step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm_cli.language import _

if TYPE_CHECKING:
    from crm_cli.policy.case_check.kind import Kind, Row

Why = tuple[str, str, tuple[str | int, ...]]


def may(kind: Kind, step: str, done: set[str], rows: list[Row]) -> Why | None:
    """Answer why nobody may do a step: what, the remedy, the path; None when somebody may."""
    one = kind.steps[step]
    hands, path = _hands(kind, step, rows)
    if not hands:
        if isinstance(one["opens"], str):
            return None
        what = _("nobody may do the step '{step}': no by says who").format(step=step)
        return what, _("write by:, at the step or at the kind"), ("steps", step)
    barred = _barred(kind, step)
    reasons = [why for hand in hands if (why := _cannot(kind, step, hand, done, barred)) is not None]
    if len(reasons) < len(hands):
        return None
    what = _("nobody may do the step '{step}': {why}").format(step=step, why=reasons[0])
    return what, _("write another hand under by:"), path


def _hands(kind: Kind, step: str, rows: list[Row]) -> tuple[list[Any], tuple[str | int, ...]]:
    """Answer the hands that speak for a step, and where they stand: a row speaks instead of the step."""
    speaking = [(row["by"], path) for row, path in kind.needs(step) if row["by"] and (not row["when"] or row in rows)]
    if speaking:
        hands, path = speaking[-1]
        return hands, (*path, "by")
    own = kind.steps[step]["by"]
    return own or kind.compiled["by"] or [], ("steps", step, "by")


def _barred(kind: Kind, step: str) -> set[str]:
    """Answer the fields whose persons may not do a step, those of steps that nobody else does among them."""
    always = [row["not_by"] for row, _path in kind.needs(step) if not row["when"]]
    names = {name for listed in (kind.steps[step]["not_by"], *always) for name in listed}
    for name in [name for name in names if name in kind.steps]:
        by = kind.steps[name]["by"] or []
        names |= {hand["field"] for hand in by if len(by) == 1 and isinstance(hand, dict) and "field" in hand}
    return names


def _cannot(kind: Kind, step: str, hand: Any, done: set[str], barred: set[str]) -> str | None:
    if hand == "office":
        what = _("it is left to office, and no effect does it")
        return None if step in kind.programmed else what
    field = hand.get("field", hand.get("of")) if isinstance(hand, dict) else None
    if field is None:
        return None
    if field in barred and "field" in hand:
        return _("not_by bars whoever is named in '{field}'").format(field=field)
    known = kind.brought | {name for one in done if one != step for name in kind.given(one)}
    if field.partition(".")[0] in known:
        return None
    return _("no step that can be done before it sets '{field}'").format(field=field)
