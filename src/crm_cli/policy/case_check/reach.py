"""What can be done at all: a fixpoint over steps, and again for each row that holds only sometimes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm_cli.language import _
from crm_cli.policy.case_check.circles import circle
from crm_cli.policy.case_check.people import may

if TYPE_CHECKING:
    from crm_cli.policy.case_check.kind import Kind, Row

Path = tuple[str | int, ...]


def check(kind: Kind) -> None:
    """Report steps that can never be done, rows that can never be met, and a closing that cannot be reached."""
    if not any(step["opens"] for step in kind.steps.values()):
        what = _("no step opens a case of '{kind}'").format(kind=kind.name)
        kind.found.error(kind.rule.place, what, _("write opens: true at a step"))
        return
    done = doable(kind)
    lost = [step for step in kind.steps if step not in done]
    for step in lost:
        for what, fix, path in roots(kind, step, done):
            kind.error(what, fix, *path)
    _circles(kind, lost, done)
    if not lost:
        _sometimes(kind, done)


def doable(kind: Kind, under: tuple[str, Row] | None = None) -> set[str]:
    """Answer the steps that can be done; `under`: as if that row always held for that step."""
    done: set[str] = set()
    while True:
        more = {step for step in kind.steps if step not in done and not _waits(kind, step, done, under)}
        if not more:
            return done
        done |= more


def _waits(kind: Kind, step: str, done: set[str], under: tuple[str, Row] | None = None) -> bool:
    rows = [under[1]] if under is not None and under[0] == step else []
    return bool(
        wanted(kind, step, rows) - done
        or blocked(kind, step, done)
        or may(kind, step, done, rows)
        or any(row for row in rows if _never(kind, row, done, step))
        or (not kind.steps[step]["opens"] and not any(kind.steps[one]["opens"] for one in done))
    )


def wanted(kind: Kind, step: str, rows: list[Row] | None = None) -> set[str]:
    """Answer the steps that must be done before a step: its own, and those of rows that always hold."""
    one = kind.steps[step]
    always = [row for row, _path in kind.needs(step) if not row["when"]] + (rows or [])
    before = {name for row in always for name in (*row["after"], *_done(row["must"]))}
    back = {one["back_to"]} if one["back_to"] else set()
    return {*one["after"], *before, *back}


def _done(tests: list[Row]) -> list[str]:
    return [test["name"] for test in tests if test["on"] == "step" and not test["not"]]


def blocked(kind: Kind, step: str, done: set[str]) -> list[str]:
    """Answer the duties that must be met before a step though no step that can be done meets them."""
    names = []
    for name, duty in kind.duties.items():
        until = {moment["step"] for moment in duty["until"]}
        if _blocks(kind, duty, step) and not until & done and step not in until:
            names.append(name)
    return names


def _blocks(kind: Kind, duty: Row, step: str) -> bool:
    if step in duty["before"]:
        return True
    begins = {moment["step"] for moment in duty["from"] or ()}
    begins_at_the_end = bool(begins) and all(kind.closes(one) for one in begins)
    ends = kind.closes(step) and not kind.steps[step]["drops"]
    return ends and not duty["outlives"] and step not in begins and not begins_at_the_end


# ── why ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def roots(kind: Kind, step: str, done: set[str]) -> list[tuple[str, str, Path]]:
    """Answer why nobody can ever do a step, if that lies with the step itself: what, the remedy, the path."""
    why = may(kind, step, done, [])
    return [why] if why is not None and not setters(kind, step, done) else []


def setters(kind: Kind, step: str, done: set[str]) -> set[str]:
    """Answer the steps, none of which can be done, that would name the hand of a step."""
    by = kind.steps[step]["by"] or kind.compiled["by"] or []
    fields = {hand["field"].partition(".")[0] for hand in by if isinstance(hand, dict) and "field" in hand}
    return {one for one in kind.steps if one not in done and one != step and kind.given(one) & fields}


def _circles(kind: Kind, lost: list[str], done: set[str]) -> None:
    """Report steps that wait for each other, and duties that block the way to what meets them."""
    edges: dict[str, dict[str, str | None]] = {}
    for step in lost:
        edges[step] = dict.fromkeys((wanted(kind, step) | setters(kind, step, done)) - done)
        for duty in blocked(kind, step, done):
            edges[step] |= {moment["step"]: duty for moment in kind.duties[duty]["until"]}
    told: set[str] = set()
    for step in lost:
        found = circle(step, edges)
        if not found or told & set(found):
            continue
        told |= set(found)
        _told(kind, found, edges)


def _told(kind: Kind, found: list[str], edges: dict[str, dict[str, str | None]]) -> None:
    pairs = zip(found, [*found[1:], found[0]], strict=True)
    blocking = next(((one, duty) for one, other in pairs if (duty := edges[one][other]) is not None), None)
    if blocking is None:
        what = _("these steps wait for each other: {steps}").format(steps=", ".join(found))
        kind.error(what, _("take one of them out of after:"), "steps", found[0])
        return
    step, duty = blocking
    what = _("the duty '{duty}' must be met before '{step}', and only what comes after that meets it")
    fix = _("let an earlier step meet it, or take it out of before:; after closing: write outlives: true")
    kind.error(what.format(duty=duty, step=step), fix, "duties", duty, "before")


# ── rows that hold only sometimes ──────────────────────────────────────────────────────────────────────────────────


def _sometimes(kind: Kind, done: set[str]) -> None:
    """Report rows that stop a step for good whenever they hold."""
    for step in kind.steps:
        for row, path in kind.needs(step):
            if (row["when"] or _never(kind, row, done, step)) and step not in doable(kind, (step, row)):
                what = _("'{step}' can never be done when the row '{row}' holds")
                fix = _("correct after:, by: or must: of the row, or its when:")
                kind.error(what.format(step=step, row=row["row"]), fix, *path)


def _never(kind: Kind, row: Row, done: set[str], step: str) -> bool:
    """Answer whether the condition that a row demands can never hold when the row does."""
    known = kind.brought | {name for one in {*done, step} for name in kind.given(one)}
    return any(_impossible(kind, test, row["when"], known, done) for test in row["must"] if not test["not"])


def _impossible(kind: Kind, test: Row, when: list[Row], known: set[str], done: set[str]) -> bool:
    if test["on"] == "field" and test["op"] != "missing":
        if test["op"] == "owed" and test["name"] not in {duty["item"] for duty in kind.duties.values()}:
            return True
        return test["name"] not in known or any(_apart(kind, test, other) for other in when)
    if test["on"] == "state":
        states = {row["is"] for one in done for row in kind.steps[one]["state"]}
        return not {*states, "open", "closed"} & set(test["of"])
    return False


def _apart(kind: Kind, one: Row, other: Row) -> bool:
    """Answer whether two tests of a field with a single value exclude each other."""
    same = other["on"] == "field" and other["name"] == one["name"] and not kind.fields[one["name"]]["many"]
    if not same or one["op"] != "in" or other["op"] != "in":
        return same and not other["not"] and {one["op"], other["op"]} == {"given", "missing"}
    both = set(map(str, one["of"])) & set(map(str, other["of"]))
    return not set(map(str, one["of"])) - set(map(str, other["of"])) if other["not"] else not both
