"""Names that a command line would read as something else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm_cli.language import _
from crm_cli.nouns import OPTIONS, RESERVED, VERBS

if TYPE_CHECKING:
    from crm_cli.policy.case_check.kind import Declared, Kind
    from crm_cli.policy.finding import Findings


def once(one: Declared, kept: Declared, found: Findings) -> None:
    """Report a kind that another topic declares too."""
    if kept.topic != one.topic:
        what = _("the kind '{name}' is declared twice, in {topic} too").format(name=one.rule.name, topic=kept.topic)
        found.error(one.rule.place, what, _("give one of them another name"))


def check(kind: Kind) -> None:
    """Report a kind, a step or a field that is called like something that every command line knows."""
    first, *rest = kind.name.split(".")
    taken = [word for word in (first,) if word in RESERVED] + [word for word in rest if word in VERBS]
    for word in taken:
        what = _("'{name}' is a command of the program already").format(name=word)
        kind.found.error(kind.rule.place, what, _("give the kind another name"))
    for name, step in kind.steps.items():
        if step["verb"] in VERBS:
            what = _("'{name}' is a command of every kind already").format(name=step["verb"])
            kind.error(what, _("give the step another name"), "steps", name)
        if f"{kind.name}.{step['verb']}" in kind.names():
            what = _("'{name}' is a step here, and a kind of its own").format(name=f"{kind.name}.{step['verb']}")
            kind.error(what, _("give one of them another name"), "steps", name)
    for name in kind.fields:
        if name in OPTIONS:
            what = _("'{name}' is an option of every command already").format(name=name)
            kind.error(what, _("give the field another name"), "fields", name)
