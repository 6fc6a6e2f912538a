"""The form `checklist`: what must be in a file, what an inspection looks at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm_cli.language import _
from crm_cli.policy import reader
from crm_cli.policy.case.keys import CHECKLIST, ITEM, RESERVED
from crm_cli.policy.case.reading import place, said
from crm_cli.policy.case.scope import Scope
from crm_cli.policy.case.world import Outline
from crm_cli.policy.node import Node, data
from crm_cli.policy.vocabulary import Checklist, Vocabulary

if TYPE_CHECKING:
    from crm_cli.policy.draft import Rule
    from crm_cli.policy.finding import Findings

KEYS = tuple(CHECKLIST)
ROW_KEYS: tuple[str, ...] = ()
ASK = Checklist
LANGUAGES = ("zh", "en")


def compiled(rule: Rule, ask: Checklist, _vocabulary: Vocabulary, found: Findings) -> dict[str, Any]:
    """Answer the items of a list; their conditions speak of the kinds that have a field of its words."""
    users = tuple(
        one for one in ask.world.kinds.values() if any(field.checklist == rule.name for field in one.fields.values())
    )
    scope = Scope(ask.world, Outline(rule.name), users, found)
    nodes = reader.items(rule.keys["items"], found) or [] if "items" in rule.keys else []
    if "items" not in rule.keys:
        found.error(rule.place, _("'{key}' is missing").format(key="items"), _("write {key}: …").format(key="items"))
    rows = [row for one in nodes if (row := _item(one, scope)) is not None]
    subject = {"subject": data(rule.keys["subject"])} if "subject" in rule.keys else {}
    meaning = [{key: one for key, one in row.items() if key not in ("labels", "says", "reading")} for row in rows]
    return {"items": rows, **subject, "meaning": {"items": meaning}}


def _item(node: Node, scope: Scope) -> dict[str, Any] | None:
    read = place(node, ITEM, scope)
    if not read or not reader.wanted_keys(node, ("id",), scope.found):
        return None
    if read["id"] in RESERVED:
        what = _("'{word}' is a word of conditions, and no value of a field").format(word=read["id"])
        scope.found.error(node.value["id"].place, what, _("write another word"))
    labels = {language: read.pop(language) for language in LANGUAGES if read.get(language)}
    kept = {key: one for key, one in read.items() if key not in LANGUAGES}
    return {**kept, "labels": labels, **said(node)}
