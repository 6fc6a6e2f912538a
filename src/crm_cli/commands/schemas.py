"""crm policy schema: what an editor goes by."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_cli import names
from crm_cli.commands.glossary import glossary
from crm_cli.errors import CrmError, UsageError
from crm_cli.language import _
from crm_cli.policy.schema import schema as made
from crm_cli.render import Answer
from crm_cli.rules.topics import TOPICS

if TYPE_CHECKING:
    from crm_cli.commands.session import Session


def schema(
    context: typer.Context,
    topic: Annotated[str | None, typer.Argument(metavar="TOPIC", help="rotation, register …")] = None,
) -> Answer:
    """Print the JSON Schema of policy files, with the words of the office here, for an editor."""
    session: Session = context.obj
    session.speak()
    invented = _invented(session)
    if topic is not None and topic not in (*TOPICS, *invented):
        allowed = ", ".join([*TOPICS, *invented])
        raise UsageError(_("'{name}' is not a topic").format(name=names.shown(topic)), fix=allowed)
    topics = [TOPICS[name] for name in ([topic] if topic else TOPICS) if name in TOPICS]
    found: dict[str, Any] = made(topics, _labels(session), glossary(), cases=topic is None or topic in invented)
    return Answer(found, text=json.dumps(found, ensure_ascii=False, indent=1) + "\n")


def _invented(session: Session) -> tuple[str, ...]:
    """Answer the topics of cases of the office here; none where there is no office."""
    with suppress(CrmError):
        return session.office.book.topics.invented
    return ()


def _labels(session: Session) -> dict[str, dict[str, str]]:
    """Answer the words of the office with their labels; none where there is no office, or its rulebook is broken."""
    vocabularies = {name for topic in TOPICS.values() for name in (*topic.words, "role")}
    with suppress(CrmError):
        words = session.office.book.words
        return {name: {word: session.label(name, word) for word in words(name)} for name in sorted(vocabularies)}
    return {}
