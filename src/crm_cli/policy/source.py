"""Strict YAML: a tree whose every key and value knows its line and column, and everything doubtful is a finding."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from crm_cli.language import _
from crm_cli.policy.finding import Findings, Place
from crm_cli.policy.node import BAD, EMPTY, Node
from crm_cli.policy.scalars import is_truth_word, refusal

if TYPE_CHECKING:
    from pathlib import Path

LARGEST = 1_000_000
DEEPEST = 20
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,14}")


@dataclass(slots=True)
class _Open:
    """A list or a mapping that has not ended yet."""

    place: Place
    is_map: bool
    flow: bool
    items: list[Node] = field(default_factory=list)


def read(path: Path, name: str, found: Findings) -> Node | None:
    """Answer the tree of a file, or None after a finding that leaves nothing to walk; findings call it `name`."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        what = _("the file cannot be read: {why}").format(why=error.strerror or error)
        found.error(Place(name), what, _("make the file readable"))
        return None
    return parse(raw, name, found)


def parse(raw: bytes, name: str, found: Findings) -> Node | None:
    """Answer the tree of a YAML text, or None after a finding that leaves nothing to walk; it is not to be changed."""
    try:
        return _clean(raw, name)
    except _DoubtfulError:
        return _tree(raw, name, found)


class _DoubtfulError(Exception):
    """A text in which something was found: what is said of it is said anew to whoever asks."""


@lru_cache(256)  # the files of some houses: each is asked for by every topic that its words or editions reach
def _clean(raw: bytes, name: str) -> Node | None:
    found = Findings()
    node = _tree(raw, name, found)
    if found.all():
        raise _DoubtfulError
    return node


def _tree(raw: bytes, name: str, found: Findings) -> Node | None:
    text = _decoded(raw, name, found)
    if text is None:
        return None
    return _Builder(name, text, found).build()


def _decoded(raw: bytes, name: str, found: Findings) -> str | None:
    if len(raw) > LARGEST:
        what = _("the file has {count} bytes, more than {most}").format(count=len(raw), most=LARGEST)
        found.error(Place(name), what, _("split it into several policies"))
    elif raw.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        found.error(Place(name), _("the file begins with a byte order mark"), _("save it as UTF-8 without BOM"))
    elif b"\r" in raw:
        line = raw[: raw.index(b"\r")].count(b"\n") + 1
        found.error(Place(name, line), _("the lines end in CR"), _("save the file with LF line ends"))
    elif not raw.strip():
        found.error(Place(name), _("the file is empty"), _("write the head of a policy into it, or remove it"))
    else:
        return _utf8(raw, name, found)
    return None


def _utf8(raw: bytes, name: str, found: Findings) -> str | None:
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        place = Place(name, before.count(b"\n") + 1, len(before.rpartition(b"\n")[2].decode()) + 1)
        found.error(place, _("the text is not UTF-8"), _("save the file as UTF-8"))
        return None


class _Builder:
    """Builds the tree from the events of the parser, without recursion."""

    def __init__(self, name: str, text: str, found: Findings) -> None:
        self._name, self._text, self._found = name, text, found
        self._lines = tuple(text.split("\n"))
        self._stack: list[_Open] = []
        self._root: Node | None = None
        self._stopped = False

    def build(self) -> Node | None:
        import yaml  # noqa: PLC0415 - a compiled policy is read without it

        try:
            for event in yaml.parse(self._text, Loader=yaml.CSafeLoader):
                self._take(event)
                if self._stopped:
                    return None
        except yaml.MarkedYAMLError as error:
            self._broken(error)
            return None
        except yaml.YAMLError:
            self._found.error(Place(self._name), _("the text holds a character that YAML forbids"), _("remove it"))
            return None
        return self._ended()

    def _ended(self) -> Node | None:
        if self._root is None or self._root.value is EMPTY:
            place = Place(self._name, lines=self._lines)
            self._found.error(place, _("the file is empty"), _("write the head of a policy into it, or remove it"))
            return None
        return self._root

    def _broken(self, error: Any) -> None:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        place = Place(self._name, line, column, 1, self._lines)
        what = _("this is not YAML: {why}").format(why=error.problem)
        self._found.error(place, what, _("mend the line, or quote the text"))

    def _place(self, event: Any) -> Place:
        start, end = event.start_mark, event.end_mark
        width = end.column - start.column if end.line == start.line else 1
        return Place(self._name, start.line + 1, start.column + 1, max(width, 1), self._lines)

    def _take(self, event: Any) -> None:
        kind = type(event).__name__
        if kind in ("ScalarEvent", "SequenceStartEvent", "MappingStartEvent", "AliasEvent"):
            self._begin(event, kind)
        elif kind in ("SequenceEndEvent", "MappingEndEvent"):
            self._close()
        elif kind == "DocumentStartEvent":
            self._document(event)

    def _document(self, event: Any) -> None:
        if self._root is not None or event.version or event.tags:
            place = self._place(event)
            self._found.error(place, _("a policy file holds one document without directives"), _("remove the line"))
            self._stopped = True

    def _begin(self, event: Any, kind: str) -> None:
        place = self._place(event)
        self._no_reference(event, kind, place)
        if kind == "ScalarEvent":
            self._put(Node(self._scalar(event, place), place))
        elif kind == "AliasEvent":
            self._put(Node(BAD, place))
        elif len(self._stack) >= DEEPEST:
            what = _("the text is nested deeper than {most}").format(most=DEEPEST)
            self._found.error(place, what, _("make it flatter"))
            self._stopped = True
        else:
            self._stack.append(_Open(place, kind == "MappingStartEvent", bool(event.flow_style)))

    def _no_reference(self, event: Any, kind: str, place: Place) -> None:
        if kind == "AliasEvent" or event.anchor:
            what = _("anchors and aliases are not used in policies")
            self._found.error(place, what, _("write the value where it is meant"))
        if kind != "AliasEvent" and event.tag:
            fix = _("remove '{tag}'").format(tag=event.tag)
            self._found.error(place, _("tags are not used in policies"), fix)

    def _scalar(self, event: Any, place: Place) -> Any:
        text: str = event.value
        if event.style or event.tag:
            return text
        if text == "":
            return EMPTY
        if text in ("true", "false", "null"):
            return {"true": True, "false": False, "null": None}[text]
        if _INTEGER.fullmatch(text):
            return int(text)
        if self._at_key() and is_truth_word(text):
            return text
        return self._date(text, place) if _DATE.fullmatch(text) else self._plain(text, place)

    def _at_key(self) -> bool:
        """Answer whether the next value is a key: a key is always a text, so that `on:` can mean nothing else."""
        return bool(self._stack) and self._stack[-1].is_map and len(self._stack[-1].items) % 2 == 0

    def _date(self, text: str, place: Place) -> Any:
        try:
            return dt.date.fromisoformat(text)
        except ValueError:
            self._found.error(place, _("there is no day '{day}'").format(day=text), _("write a day that exists"))
            return BAD

    def _plain(self, text: str, place: Place) -> Any:
        reason = refusal(text)
        if reason is None:
            return text
        self._found.error(place, reason.what, reason.fix)
        return BAD

    def _put(self, node: Node) -> None:
        if self._stack:
            self._stack[-1].items.append(node)
        else:
            self._root = node

    def _close(self) -> None:
        ended = self._stack.pop()
        self._put(self._mapping(ended) if ended.is_map else self._list(ended))

    def _list(self, ended: _Open) -> Node:
        for item in ended.items:
            if item.value is EMPTY:
                self._found.error(item.place, _("an item of the list is empty"), _("write the item, or remove it"))
                item.value = BAD
        return Node(ended.items, ended.place)

    def _mapping(self, ended: _Open) -> Node:
        node = Node({}, ended.place)
        for key, value in zip(ended.items[::2], ended.items[1::2], strict=True):
            if self._key(key, node):
                self._valued(key, value, flow=ended.flow)
                node.value[key.value] = value
                node.keys[key.value] = key.place
        return node

    def _key(self, key: Node, node: Node) -> bool:
        if key.value is BAD:
            return False
        if not isinstance(key.value, str):
            self._found.error(key.place, _("a key is a text"), _("quote it"))
            return False
        if key.value in node.value:
            what = _("'{word}' stands here twice").format(word=key.value)
            self._found.error(key.place, what, _("remove one of the two"))
            return False
        return True

    def _valued(self, key: Node, value: Node, *, flow: bool) -> None:
        if value.value is not EMPTY:
            return
        value.value = BAD
        if flow:
            what = _("'{key}' has no value: it looks like the rest of a text that an ASCII comma ended")
            fix = _("quote the whole text, or use the full-width comma \uff0c")
        else:
            what, fix = _("'{key}' has no value"), _("write a value, or remove the key")
        self._found.error(key.place, what.format(key=key.value), fix)
