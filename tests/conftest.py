from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import pytest

from crm_cli import language
from crm_cli.policy import cache, shelf

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crm_cli.policy.shelf import Shelf
    from crm_cli.policy.vocabulary import Topic


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sentences that tests read are English, whatever an office speaks; what runs in a process of its own speaks it."""
    monkeypatch.setattr(language, "_catalogue", lambda _name: str)


@pytest.fixture(autouse=True, scope="session")
def compiled_once() -> None:
    """What offices of one process have compiled already, of the very same bytes, is not compiled again."""
    made: dict[str, bytes] = {}
    compile_topic = cache._made

    def memo(place: Shelf, topic: Topic, topics: Mapping[str, Topic]) -> dict[str, Any]:
        key = cache._key(place, topic.name, shelf.together(topic.name, topics), cache._spelled(topic.name, topics))
        if key not in made:
            made[key] = orjson.dumps(compile_topic(place, topic, topics))
        found: dict[str, Any] = orjson.loads(made[key])
        return found

    cache._made = memo
