"""Every single change of meaning in a policy file, and whether anything notices it."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

from crm_cli.errors import DataError
from crm_cli.policy.book import Book
from crm_cli.policy.finding import Findings
from crm_cli.policy.node import data
from crm_cli.policy.source import read
from crm_cli.policy.suite import run
from crm_cli.policy.vocabulary import Flag, Number, Same, Table, Topic

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

Loaded = dict[str, Any]
Mutant = tuple[str, Loaded]
_DAYS = ("edition", "until", "amends")


def loaded(path: Path) -> Loaded:
    """Answer a policy file as plain data."""
    node = read(path, path.name, Findings())
    assert node is not None
    plain: Loaded = data(node)
    plain.pop("approved", None)
    return plain


def dumped(plain: Loaded) -> str:
    """Answer plain data as a policy file."""
    lines = [
        f"{key}: {value if key in _DAYS else json.dumps(value, ensure_ascii=False)}" for key, value in plain.items()
    ]
    return "\n".join(lines) + "\n"


def mutants(plain: Loaded, topic: Topic) -> Iterator[Mutant]:
    """Answer the file with one thing changed that the hash covers: each cell, value, role, article, ref, row."""
    for name, rule in plain.get("rules", {}).items():
        for what, changed in _rule(rule, topic.asks[name], topic):
            mutated = copy.deepcopy(plain)
            mutated["rules"][name] = changed
            yield f"{name}{what}", mutated
    for address, change in plain.get("set", {}).items():
        for value in _other(change["is"]):
            mutated = copy.deepcopy(plain)
            mutated["set"][address]["is"] = value
            yield f"set {address}: {value}", mutated


def _rule(rule: Loaded, ask: Any, topic: Topic) -> Iterator[Mutant]:
    yield from _told(rule)
    for at, row in enumerate(rule.get("rows", ())):
        name = f"#{row.get('id', row.get('act'))}"
        yield f"{name} removed", {**rule, "rows": [*rule["rows"][:at], *rule["rows"][at + 1 :]]}
        for what, changed in _row(row, ask, topic):
            yield f"{name}{what}", {**rule, "rows": [*rule["rows"][:at], changed, *rule["rows"][at + 1 :]]}
    if "otherwise" in rule:
        for what, changed in _row(rule["otherwise"], ask, topic):
            yield f"#otherwise{what}", {**rule, "otherwise": changed}
    for key, value in rule.get("values", {}).items():
        for other in _value(value, ask.values[key], topic):
            yield f".{key}: {other}", {**rule, "values": {**rule["values"], key: other}}


def _told(keys: Loaded) -> Iterator[Mutant]:
    for key in ("article", "ref"):
        if key in keys:
            for other in _other(keys[key]):
                yield f" {key}: {other}", {**keys, key: other}


def _row(row: Loaded, ask: Any, topic: Topic) -> Iterator[Mutant]:
    yield from _told(row)
    if not isinstance(ask, Table):
        yield from _may(row)
        return
    for fact, cell in row.get("when", {}).items():
        rest = {key: value for key, value in row["when"].items() if key != fact}
        yield f".when.{fact} removed", {**row, "when": rest}
        for other in _cell(cell, _domain(topic, fact)):
            yield f".when.{fact}: {other}", {**row, "when": {**rest, fact: other}}
    for name, value in row["then"].items():
        for other in _outcomes(value, _domain(topic, name)):
            yield f".then.{name}: {other}", {**row, "then": {**row["then"], name: other}}


def _may(row: Loaded) -> Iterator[Mutant]:
    for key in ("by", "not"):
        roles = row.get(key, [])
        roles = roles if isinstance(roles, list) else [roles]
        for role in roles:
            fewer = [one for one in roles if one != role]
            rest = {name: value for name, value in row.items() if name != key}
            nobody: Loaded = {"by": "nobody"} if key == "by" else {}
            yield f".{key} without {role}", {**rest, **({key: fewer} if fewer else nobody)}
    if row.get("by") != "anyone":
        yield ".by: anyone", {**row, "by": "anyone"}


def _domain(topic: Topic, name: str) -> Any:
    known = topic.words[name]
    return _domain(topic, known.name) if isinstance(known, Same) else known


def _cell(cell: Any, domain: Any) -> Iterator[Any]:
    if isinstance(cell, dict):
        yield cell["not"]
        return
    if isinstance(cell, list) and len(cell) > 1:
        yield from ([one for one in cell if one != gone] for gone in cell)
    if isinstance(domain, Number):
        yield from _ranges(cell)
        return
    words = cell if isinstance(cell, list) else [cell]
    every = [True, False] if isinstance(domain, Flag) else domain
    if not isinstance(domain, Flag):
        yield {"not": cell}
    yield from (other for other in every if other not in words)


def _ranges(cell: Any) -> Iterator[Any]:
    if isinstance(cell, int):
        yield cell + 1
    elif isinstance(cell, str):
        words = cell.split()
        for at, word in enumerate(words):
            if word.isdecimal():
                yield " ".join([*words[:at], str(int(word) + 1), *words[at + 1 :]])


def _outcomes(value: Any, domain: Any) -> list[Any]:
    if isinstance(domain, tuple):
        return [word for word in domain if word != value]
    return _other(value)


def _other(value: Any) -> list[Any]:
    """Answer something else of the same kind."""
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value + 1]
    if isinstance(value, list):
        return [[one for one in value if one != gone] for gone in value] if len(value) > 1 else [[*value, "x"]]
    return [f"{value}x"]


def _value(value: Any, kind: str, topic: Topic) -> list[Any]:
    if value in ("none", "unset") and kind.startswith("number"):
        return [1]
    words = topic.words.get(kind.removesuffix(" or none"))
    if isinstance(words, tuple):
        return [word for word in words if word != value]
    return _other(value)


def survives(path: Path, mutated: Loaded, house: str, overlays: Sequence[str], topics: Mapping[str, Topic]) -> bool:
    """Answer whether neither the checker nor a short test notices what stands in a policy file now."""
    kept = path.read_text()
    path.write_text(dumped(mutated))
    try:
        topic = path.name.partition("@")[0]
        report = run(Book.open(path.parent.parent, house, overlays, topics, None), topic, topics)
    except DataError:
        return False
    finally:
        path.write_text(kept)
    return all(result.passed for result in report.results) and not report.unexercised
