"""One line of the ledger: fields to bytes and back, with the hash that chains it to the line before."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import orjson

from crm_cli.digest import sha256
from crm_cli.errors import DataError
from crm_cli.language import _

if TYPE_CHECKING:
    from collections.abc import Callable

    from crm_cli.past import Event

GENESIS: Final = "0" * 64
LINE_LIMIT: Final = 64 * 1024
REQUIRED: Final[dict[str, type]] = {
    "seq": int,
    "logged": str,
    "happened": str,
    "type": str,
    "v": int,
    "actor": str,
    "more": int,
    "data": dict,
}
OPTIONAL: Final[dict[str, type]] = {"subject": str, "key": str, "asked": dict, "personal": dict, "cites": list}
ORDER: Final = (
    *("seq", "logged", "happened", "type", "v", "actor", "subject", "key", "more"),
    *("asked", "data", "personal", "cites"),
)
HASH_FIELD: Final = b',"hash":"'
CLOSING: Final = b'"}\n'
ENDING: Final = len(HASH_FIELD) + len(GENESIS) + len(CLOSING)  # bytes of a line that its hash does not cover

_COVERED: Final = slice(None, -ENDING)
_ENDING: Final = slice(-ENDING, None)
_NAMES: Final = frozenset(ORDER)
_KINDS: Final = {**REQUIRED, **OPTIONAL, "hash": str}
_SHAPES: Final = 1000
_SEEN: Final[set[tuple[str, ...]]] = set()  # names of the fields of lines that were well
_FIRST: Final = b'{"seq":'
_HASHES: Final = re.compile(rb',"hash":"([0-9a-f]{64})')


class BadLine(ValueError):  # noqa: N818 - it says what it is
    """A line does not verify; `reason` says why, without a word of its contents."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def encode(fields: Event, previous: str) -> tuple[bytes, str]:
    """Answer a whole line with its newline, and its hash; DataError when the fields cannot be one line."""
    body = _body(fields)
    digest = sha256(previous.encode() + body).hexdigest()
    line = body + HASH_FIELD + digest.encode() + CLOSING
    if len(line) > LINE_LIMIT:
        raise DataError(_("an event takes more than {limit} bytes").format(limit=LINE_LIMIT), fix=_("say it shorter"))
    return line, digest


def decode(line: bytes, previous: str) -> Event:
    """Answer the fields of a line with its newline, its hash among them; BadLine when it is not what was written."""
    event: Event = _read(line, sha256(previous.encode()))
    _check(event)
    return event


def chained(line: bytes, previous: str) -> Event:
    """Answer the fields of a line as `decode` does, but look at types only where the names are new: for millions."""
    event: Event = _read(line, _for_many()(previous.encode()))
    names = tuple(event)
    if names not in _SEEN:
        _check(event)
        if len(_SEEN) < _SHAPES:
            _SEEN.add(names)
    return event


def _read(line: bytes, state: Any) -> Any:
    """Answer what a line says, when a hash that has seen the one before ends in the digits that it bears."""
    state.update(line[_COVERED])
    if line[_ENDING] != b',"hash":"%b"}\n' % state.hexdigest().encode() or len(line) > LINE_LIMIT:
        raise BadLine(_reason(line))
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        raise BadLine(_("the line is not JSON in UTF-8")) from None


@cache
def _for_many() -> Callable[[bytes], Any]:
    """Answer the hash that is slow to load and fast to use."""
    from hashlib import sha256  # noqa: PLC0415

    return sha256


def claimed(line: bytes) -> str:
    """Answer the hash that a line says it has, or nothing when it says none where one belongs."""
    found = line[-ENDING:]
    whole = found.startswith(HASH_FIELD) and found.endswith(CLOSING)
    return found[len(HASH_FIELD) : -len(CLOSING)].decode("ascii", "replace") if whole else ""


def computed(line: bytes, previous: str) -> str:
    """Answer the hash that a line should have."""
    return sha256(previous.encode() + line[:-ENDING]).hexdigest()


def number(line: bytes) -> int:
    """Answer the number that a line begins with, or -1 when it begins otherwise."""
    digits = line[len(_FIRST) : line.find(b",")]
    return int(digits) if line.startswith(_FIRST) and digits.isdigit() else -1


def torn(rest: bytes, previous: str) -> bool:
    """Answer whether bytes without a newline are what a write that stopped half-way leaves.

    They are not when their hash verifies and anything but the closing bytes follows it: then the line was written
    whole, may have been acknowledged, and was changed afterwards.
    """
    for found in _HASHES.finditer(rest):
        digest = sha256(previous.encode() + rest[: found.start()]).hexdigest().encode()
        if digest == found[1]:
            return CLOSING.startswith(rest[found.end() :].rstrip(b"\0"))
    return True


def _body(fields: Event) -> bytes:
    if not fields.keys() <= _NAMES:
        unknown = fields.keys() - _NAMES
        raise DataError(_("an event has no field {name}").format(name=min(unknown)), fix=_("mend what made this event"))
    ordered = {name: fields[name] for name in ORDER if name in fields}
    try:
        body = orjson.dumps(ordered, option=orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME)
        _check(orjson.loads(body))
        _check_values(ordered)
    except (TypeError, BadLine) as error:
        raise DataError(
            _("an event cannot be written: {reason}").format(reason=error), fix=_("mend what made this event")
        ) from None
    return body[:-1]


def _check(event: Any) -> None:
    if type(event) is not dict:
        raise BadLine(_("the line is not an object"))
    for name, kind in REQUIRED.items():
        if type(event.get(name)) is not kind:
            raise BadLine(_("the field {name} is missing or is of the wrong type").format(name=name))
    for name, value in event.items():
        if type(value) is not _KINDS.get(name, type(value)):
            raise BadLine(_("the field {name} is of the wrong type").format(name=name))


def _check_values(value: object) -> None:
    if isinstance(value, (dict, list, tuple)):
        for inner in value.values() if isinstance(value, dict) else value:
            if type(inner) is not str:  # most are
                _check_values(inner)
    elif value is not None and not isinstance(value, (str, int)):
        raise BadLine(_("a value of type {name} is neither text nor a whole number").format(name=type(value).__name__))


def _reason(line: bytes) -> str:
    signs = {
        _("the line begins with a byte order mark"): line.startswith(b"\xef\xbb\xbf"),
        _("the line ends in CRLF"): line.endswith(b"\r\n"),
        _("the line has zeros in it"): b"\0" in line,
        _("two records stand on one line"): line.count(HASH_FIELD) > 1,
        _("the line is longer than {limit} bytes").format(limit=LINE_LIMIT): len(line) > LINE_LIMIT,
        _("the line does not end in its hash"): not claimed(line),
    }
    return next((reason for reason, seen in signs.items() if seen), _("the hash of the line does not match"))
