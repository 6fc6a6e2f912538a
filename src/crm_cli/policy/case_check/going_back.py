"""Going back: what lapses with the road, and what would stand though it should not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm_cli.language import _
from crm_cli.policy.case.keys import APPROVALS
from crm_cli.policy.case_check.reach import wanted

if TYPE_CHECKING:
    from crm_cli.policy.case_check.kind import Kind


def check(kind: Kind) -> None:
    """Report approvals that would survive going back, and approvals of one's own proposal."""
    _surviving(kind)
    for name, step in kind.steps.items():
        barred = [
            one for row, _path in kind.needs(name) for one in row["not_by"] if row in step["needs"] or one in kind.steps
        ]
        if step["verb"] in APPROVALS and not step["not_by"] and not barred and step["by"] != ["office"]:
            what = _("'{step}' does not bar whoever proposed from approving").format(step=name)
            kind.error(what, _("write not_by: and the step or field that names them"), "steps", name)


def _surviving(kind: Kind) -> None:
    """Report entries that a road step waits for though going back would make void what they rest on."""
    for target, own in _targets(kind):
        void = _void(kind, target) | own
        for name, step in kind.steps.items():
            if step["state"] and (name in void or any(one in void for one in behind(kind, name))):
                _entries(kind, name, void)


def _targets(kind: Kind) -> list[tuple[str, set[str]]]:
    """Answer the steps that are gone back to, each with itself if it is then void too."""
    back = [(step["back_to"], set[str]()) for step in kind.steps.values() if step["back_to"]]
    return back + [(name, {name}) for name, step in kind.steps.items() if step["again"] == "afresh" and step["state"]]


def _void(kind: Kind, target: str) -> set[str]:
    road = {name for name, step in kind.steps.items() if step["state"] and name != target}
    if kind.steps[target]["opens"]:
        return {name for name in road if not kind.steps[name]["opens"]}
    return {name for name in road if target in behind(kind, name)}


def behind(kind: Kind, step: str) -> set[str]:
    """Answer every step that must have been done before a step, near or far; what rows sometimes want among them."""
    found: set[str] = set()
    queue = [step]
    for one in queue:
        sometimes = {name for row, _path in kind.needs(one) for name in row["after"]}
        back = {kind.steps[one]["back_to"]}
        more = (wanted(kind, one) | sometimes) - found - back
        found |= more
        queue += more
    return found


def _entries(kind: Kind, step: str, void: set[str]) -> None:
    paths: list[tuple[list[str], tuple[str | int, ...]]] = [(kind.steps[step]["after"], ("steps", step, "after"))]
    paths += [(row["after"], (*path, "after")) for row, path in kind.needs(step) if row["after"]]
    for names, path in paths:
        for name in names:
            if not kind.steps[name]["state"] and behind(kind, name) & void:
                what = _("'{entry}' stands though the road goes back, and '{step}' would be done on the old one")
                fix = _("give '{entry}' a state, so that it is a step of the road").format(entry=name)
                kind.error(what.format(entry=name, step=step), fix, *path)
