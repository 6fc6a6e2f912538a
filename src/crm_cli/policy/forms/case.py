"""The form `case`: a form with steps, compiled into plain data that an engine runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm_cli.language import _
from crm_cli.policy import reader
from crm_cli.policy.case.duties import duties
from crm_cli.policy.case.fields import fields
from crm_cli.policy.case.figuring import counts, others, queue
from crm_cli.policy.case.keys import KIND
from crm_cli.policy.case.reading import default, value
from crm_cli.policy.case.rows import effects, needs
from crm_cli.policy.case.scope import Scope
from crm_cli.policy.case.steps import steps
from crm_cli.policy.node import data
from crm_cli.policy.vocabulary import Case, Vocabulary

if TYPE_CHECKING:
    from crm_cli.policy.draft import Rule
    from crm_cli.policy.finding import Findings

KEYS = tuple(KIND)
ROW_KEYS: tuple[str, ...] = ()
ASK = Case
UNHASHED = ("title", "says", "reading", "row")
NAMED = ("fields", "steps", "duties", "others", "counts", "with", "set")  # keys below these are names of a house
PLAIN = ("number", "by", "closed", "every", "about", "transition")


def compiled(rule: Rule, ask: Case, _vocabulary: Vocabulary, found: Findings) -> dict[str, Any]:
    """Answer a kind ready to be run; whatever is wrong with it is a finding."""
    own = ask.world.kinds[rule.name]
    scope, keys = Scope(ask.world, own, (own,), found), rule.keys
    for key in ("closed", "steps"):
        if key not in keys:
            found.error(rule.place, _("'{key}' is missing").format(key=key), _("write {key}: …").format(key=key))
    for key in ("fields", "steps", "duties", "others", "counts"):
        if key in keys:
            reader.mapping(keys[key], found)
    for name, at in rule.keys["others"].keys.items() if "others" in keys else ():
        if not reader.NAME.fullmatch(name):
            what = _("'{name}' is no name of a look-up").format(name=name)
            found.error(at, what, _("write small letters a to z, digits and _"))
    plain = {
        key: value(keys[key], KIND[key].reads, scope) if key in keys else default(KIND[key].reads) for key in PLAIN
    }
    read = {
        **plain,
        "transition": plain["transition"] or "keep",
        "ranks": list(ask.world.ranks),
        "fields": fields(keys.get("fields"), scope),
        "steps": steps(keys.get("steps"), scope),
        "needs": needs(keys.get("needs"), "needs", scope),
        "then": effects(keys.get("then"), "then", scope),
        "duties": duties(keys.get("duties"), scope),
        "others": others(keys.get("others"), scope),
        "counts": counts(keys.get("counts"), plain["about"], scope),
        "queue": queue(keys.get("queue"), scope),
    }
    title = {"title": data(keys["title"])} if "title" in keys else {}
    return {**title, **read, "meaning": _meant(read) | {"order": list(read["steps"])}}


def _meant(one: Any, *, named: bool = False) -> Any:
    """Answer what enters the hash: not what a place tells about itself besides article and ref."""
    if isinstance(one, list):
        return [_meant(item) for item in one]
    if not isinstance(one, dict):
        return one
    return {key: _meant(item, named=key in NAMED) for key, item in one.items() if named or key not in UNHASHED}
