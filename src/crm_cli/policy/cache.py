"""The cache of compiled topics: one file named by everything it was made from, thrown away without loss."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from crm_cli.digest import sha256
from crm_cli.policy.shelf import together

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crm_cli.policy.shelf import Shelf
    from crm_cli.policy.vocabulary import Topic

FORMAT = 2  # raise it when compiled data changes shape or the checks change


def compiled(
    shelf: Shelf, topic: str, topics: Mapping[str, Topic], cache: Path | None, world: str = ""
) -> dict[str, Any]:
    """Answer a compiled topic; PolicyError with all findings when the files do not hold together.

    `world` stands for the vocabulary when it is known by a digest, so that a cached topic is read without loading it.
    """
    if cache is None:
        return _made(shelf, topics[topic], topics)
    path = cache / f"policy.{_key(shelf, topic, together(topic, topics), world or _spelled(topic, topics))}"
    kept = _kept(path)
    if kept is None:
        kept = _made(shelf, topics[topic], topics)
        _keep(path, kept)
    return kept


def at_hand(shelf: Shelf, topic: str, topics: Mapping[str, Topic], cache: Path, world: str) -> dict[str, Any] | None:
    """Answer a compiled topic that an earlier command has kept, None where none has; nothing is read as YAML."""
    return _kept(cache / f"policy.{_key(shelf, topic, together(topic, topics), world)}")


def _made(shelf: Shelf, topic: Topic, topics: Mapping[str, Topic]) -> dict[str, Any]:
    from crm_cli.policy.compiler import compile_topic  # noqa: PLC0415 - a cached policy is read without it
    from crm_cli.policy.finding import Findings  # noqa: PLC0415

    found = Findings()
    answer = compile_topic(shelf, topic, topics, found)
    found.stop()
    return answer


def _spelled(topic: str, topics: Mapping[str, Topic]) -> str:
    return "\n".join(_world(one, whole=one.name == topic) for one in topics.values())


def _key(shelf: Shelf, topic: str, read: tuple[str, ...], world: str) -> str:
    """Answer the sha256 of the names and bytes of the files, and of what Python and the office add to them."""
    told = [str(FORMAT), shelf.house, *shelf.overlays, topic, world]
    digest = sha256("\n".join(told).encode())
    for path in files(shelf.folder, *read):
        raw = _bytes(path)
        digest.update(f"\n{path.removeprefix(str(shelf.folder))} {len(raw)}\n".encode())
        digest.update(raw)
    return digest.hexdigest()


def _world(topic: Topic, *, whole: bool) -> str:
    """Answer what of a topic enters a compiled one: its words, for labels are common, and its asks if it is the one."""
    asks = (dict(topic.asks), sorted(topic.optional)) if whole else None
    return repr((topic.name, dict(topic.words), sorted(topic.open), asks))


def files(folder: Path, *topics: str) -> list[str]:
    """Answer the paths of every policy of some topics and of every words.yaml, of all houses, in order."""
    begin = tuple(f"{topic}@" for topic in topics)
    answer = [f"{folder}/words.yaml"]
    with contextlib.suppress(OSError):
        for house in os.scandir(folder):
            if house.is_dir():
                answer += [file.path for file in os.scandir(house.path) if _is_source(file.name, begin)]
    return sorted(answer)


def _is_source(name: str, begin: tuple[str, ...]) -> bool:
    return name == "words.yaml" or (name.startswith(begin) and name.endswith(".yaml"))


def _bytes(path: str) -> bytes:
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - every command reads these: texts are faster than paths
            return file.read()
    except OSError:
        return b""


def _kept(path: Path) -> dict[str, Any] | None:
    try:
        kept = orjson.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return kept["topic"] if isinstance(kept, dict) and kept.get("format") == FORMAT and _whole(kept) else None


def _whole(kept: dict[str, Any]) -> bool:
    topic = kept.get("topic")
    return isinstance(topic, dict) and all(
        key in topic for key in ("words", "segments", "texts", "titles", "editions", "manager")
    )


def _keep(path: Path, compiled_topic: dict[str, Any]) -> None:
    """Write a cache file whole or not at all; a folder that cannot be written is no reason to stop."""
    import tempfile  # noqa: PLC0415 - wanted only when the policies changed

    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".policy.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(orjson.dumps({"format": FORMAT, "topic": compiled_topic}))
            Path(name).replace(path)
        except OSError:
            Path(name).unlink()
