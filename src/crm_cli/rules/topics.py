"""Every topic that rules ask policies about; what a topic says is loaded when it is looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crm_cli.policy.vocabulary import Topic

MODULES = {
    "rotation": "rotate.vocabulary",
    "register": "register.vocabulary",
    "customer": "customer.vocabulary",
    "staff": "staff.vocabulary",
    "penalty": "penalty.vocabulary",
}


class _Topics(Mapping[str, "Topic"]):
    """The topics by name; a compiled policy is read without loading any."""

    def __getitem__(self, name: str) -> Topic:
        topic: Topic = import_module(f"crm_cli.rules.{MODULES[name]}").TOPIC
        return topic

    def __iter__(self) -> Iterator[str]:
        return iter(MODULES)

    def __len__(self) -> int:
        return len(MODULES)


TOPICS: Mapping[str, Topic] = _Topics()
