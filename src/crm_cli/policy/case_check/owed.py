"""Duties: what meets them, what they block, and whether their times come in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm_cli.language import _

if TYPE_CHECKING:
    from crm_cli.policy.case_check.kind import Kind, Row

HOUR, DAY, MONTH, YEAR = 60, 1440, 43200, 525600
UNITS = {"minutes": 1, "hours": HOUR, "working hours": HOUR, "days": DAY, "working days": DAY, "months": MONTH}
UNITS |= {"years": YEAR}


def check(kind: Kind) -> None:
    """Report what is wrong with each duty."""
    for name, duty in kind.duties.items():
        _met(kind, name, duty)
        _outlives(kind, name, duty)
        _limited(kind, name, duty)
        _ordered(kind, name, duty)
        _items(kind, name, duty)
        _shuts(kind, name, duty)


def _met(kind: Kind, name: str, duty: Row) -> None:
    both = [moment["step"] for moment in duty["until"] if moment["step"] in duty["before"]]
    if both:
        what = _("the duty '{duty}' blocks '{step}', which meets it").format(duty=name, step=both[0])
        kind.error(what, _("take the step out of before:, or name another one in until:"), "duties", name, "before")


def _outlives(kind: Kind, name: str, duty: Row) -> None:
    late = any(kind.steps[moment["step"]]["after_close"] for moment in duty["until"])
    if duty["outlives"] and not late:
        what = _("the duty '{duty}' outlives the case, and no step that meets it may be done then").format(duty=name)
        kind.error(what, _("write after_close: true at a step of until:"), "duties", name, "outlives")
    begins = [moment["step"] for moment in duty["from"] or ()]
    if begins and all(kind.closes(step) for step in begins) and not duty["outlives"]:
        what = _("the duty '{duty}' begins when the case closes, and does not outlive it").format(duty=name)
        kind.error(what, _("write outlives: true, and after_close: true at what meets it"), "duties", name, "from")


def _limited(kind: Kind, name: str, duty: Row) -> None:
    """Report what waits for a due time that never comes."""
    if any(
        row["limit"] not in (None, "unset") and not row["limit"].startswith("unset ") for row in duty["within"] or ()
    ):
        return
    for key in ("warn", "escalate", "late"):
        if duty[key]:
            what = _("the duty '{duty}' has no limit, so that '{key}' never comes").format(duty=name, key=key)
            kind.error(what, _("write within:, or remove it"), "duties", name, key)


def _ordered(kind: Kind, name: str, duty: Row) -> None:
    last = -1
    for at, row in enumerate(duty["escalate"]):
        offset = 0 if row["at"] == "due" else minutes(row["at"]) or 0
        if offset <= last:
            what = _("the escalations of '{duty}' are not in order of time").format(duty=name)
            kind.error(
                what, _("write the earlier one first, each at a time of its own"), "duties", name, "escalate", at
            )
            return
        last = offset
    warned = minutes(duty["warn"]) if duty["warn"] else None
    limits = [minutes(row["limit"]) for row in duty["within"] or ()]
    known = [one for one in limits if one is not None]
    if warned is not None and known and warned > max(known):
        what = _("the duty '{duty}' would warn before it begins").format(duty=name)
        kind.error(what, _("write a time shorter than the limit"), "duties", name, "warn")


def minutes(text: str | None) -> int | None:
    """Answer about how long a limit is, to compare; None for one that ends at a time of day or of the month."""
    from crm_cli.worktime import limit  # noqa: PLC0415 - a compiled policy is read without it

    if text is None or text.startswith("until "):
        return None
    read = limit(text)
    return read.amount * UNITS[read.unit] if read.unit in UNITS and read.amount and read.after is None else None


def _items(kind: Kind, name: str, duty: Row) -> None:
    until = [moment["step"] for moment in duty["until"]]
    if duty["item"] and not any(duty["item"] in kind.given(step) for step in until):
        what = _("no step that meets the duty '{duty}' asks or takes '{field}'").format(duty=name, field=duty["item"])
        fix = _("write the field under asks: or takes: of a step of until:")
        kind.error(what, fix, "duties", name, "item" if not duty["each"] or "field" not in duty["each"] else "each")
    if duty["each"] and duty["each"].get("words") and not duty["item"]:
        what = _("the duty '{duty}' is owed once for each word, and no item says which is met").format(duty=name)
        kind.error(what, _("write item: and the field of the until step"), "duties", name, "each")


def _shuts(kind: Kind, name: str, duty: Row) -> None:
    """Report a breach that would close the case, and cannot, for what was breached is still owed."""
    met = {moment["step"] for moment in duty["until"]}
    for at, row in enumerate(duty["late"]):
        if row["do"] != "step" or row["in"] or row["step"] in met or duty["outlives"]:
            continue
        if kind.closes(row["step"]) and not kind.steps[row["step"]]["drops"]:
            what = _("the breach of '{duty}' does '{step}', which closes the case while that duty is owed")
            fix = _("name the step in until:, too, or write drops: true at the step")
            kind.error(what.format(duty=name, step=row["step"]), fix, "duties", name, "late", at)
            return
