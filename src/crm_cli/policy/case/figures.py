"""Numbers, amounts, shares and limits of cases, as they are written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from crm_cli.errors import UsageError
from crm_cli.language import _
from crm_cli.policy.node import BAD, Node

if TYPE_CHECKING:
    from crm_cli.policy.case.scope import Scope
    from crm_cli.policy.case.world import Field

NUMBERS = ("number", "money")
FEN = 100
_RANGE = re.compile(r"(at most|at least|over|under) (\S+)")
_BETWEEN = re.compile(r"(\S+) to (\S+)")
_NUMBER = re.compile(r"-?[0-9]{1,15}")
_MONEY = re.compile(r"-?[0-9]{1,12}(?:\.[0-9]{1,2})?")
_PERCENT = re.compile(r"([0-9]{1,3}) ?%")
UNTIL = "until "
BEFORE_DUE, AFTER_DUE, DUE = " before due", " after due", "due"
PERIOD_END = "end of period"
CLOCK = ("minutes", "hours", "days")


def number(text: str, field: Field | None) -> int | None:
    """Answer a number as it is written; an amount of money in fen."""
    if field is not None and field.type == "money":
        if not _MONEY.fullmatch(text):
            return None
        whole, _point, rest = text.partition(".")
        sign = -1 if whole.startswith("-") else 1
        return int(whole) * FEN + sign * int((rest + "00")[:2])
    return int(text) if _NUMBER.fullmatch(text) else None


def ranged(cell: Node, field: Field | None, scope: Scope, *, strict: bool = True) -> dict[str, Any] | None:
    """Answer the range that a cell says; its ends are numbers, or number fields with what is added to them."""
    bounds = _bounds(cell, field, scope)
    if bounds is not None:
        return {"op": "range", "low": bounds[0], "high": bounds[1]}
    if strict and cell.value is not BAD:
        what = _("a number or a range is wanted here")
        fix = _("write 5, at most 5, at least 5, over 5, under 5, 5 to 10, or a number field in place of 5")
        scope.found.error(cell.place, what, fix)
    return None


def _bounds(cell: Node, field: Field | None, scope: Scope) -> tuple[Any, Any] | None:
    if isinstance(cell.value, bool) or not isinstance(cell.value, int | str):
        return None
    text = str(cell.value)
    if match := _BETWEEN.fullmatch(text):
        low, high = _end(match[1], field, scope, 0), _end(match[2], field, scope, 0)
        return None if low is None or high is None else (low, high)
    if match := _RANGE.fullmatch(text):
        end = _end(match[2], field, scope, {"over": 1, "under": -1}.get(match[1], 0))
        if end is None:
            return None
        return (end, None) if match[1] in ("at least", "over") else (None, end)
    one = _end(text, field, scope, 0)
    return None if one is None else (one, one)


def _end(text: str, field: Field | None, scope: Scope, plus: int) -> Any:
    if (read := number(text, field)) is not None:
        return read + plus
    known = scope.field(text) if not text.endswith(".") else None
    if known is not None and known.type in (*NUMBERS, None) and (known.type or "." in text):
        return {"field": text, "plus": plus}
    return None


def percent(node: Node, scope: Scope) -> int | None:
    """Answer a share: a whole number of percent from 1 to 100."""
    match = _PERCENT.fullmatch(node.value) if isinstance(node.value, str) else None
    if match and 1 <= int(match[1]) <= 100:  # noqa: PLR2004 - percent
        return int(match[1])
    if node.value is not BAD:
        scope.found.error(node.place, _("a share is wanted here"), _("write 50 %"))
    return None


def limit(node: Node, scope: Scope) -> str | None:
    """Answer a limit in its one text; a field that it runs from or until is one of time."""
    if not isinstance(node.value, str):
        if node.value is not BAD:
            scope.found.error(node.place, _("a limit is wanted here"), _("write one like: 24h, 3 days, unset"))
        return None
    if node.value.startswith(UNTIL):
        field = scope.a_field(Node(node.value.removeprefix(UNTIL), node.place), ("date", "time"))
        return f"{UNTIL}{field}" if field else None
    return _limit(node, node.value, scope)


def _limit(node: Node, text: str, scope: Scope) -> str | None:
    from crm_cli.worktime import limit as read  # noqa: PLC0415 - a compiled policy is read without it

    try:
        one = read(text)
    except UsageError as error:
        scope.found.error(node.place, error.what, error.fix)
        return None
    if one.after is not None and scope.a_field(Node(one.after, node.place), ("date", "time")) is None:
        return None
    if one.unit == PERIOD_END and scope.own.every is None:
        what = _("'{text}' ends with a period, and this kind has none").format(text=text)
        scope.found.error(node.place, what, _("write another limit, or every: month"))
    return one.text


def _by_the_clock(node: Node, text: str | None, end: str, scope: Scope) -> str | None:
    """Answer a stretch of time before or after the due instant; working time is not counted backwards."""
    from crm_cli.worktime import limit as read  # noqa: PLC0415 - a compiled policy is read without it

    if text is None or (read(text).unit in CLOCK and read(text).after is None):
        return text
    what = _("'{text}' is not counted by the clock").format(text=node.value)
    scope.found.error(node.place, what, _("write minutes, hours or days, like: 24h{end}").format(end=end))
    return None


def offset(node: Node, end: str, scope: Scope) -> str | None:
    """Answer the limit of `LIMIT before due` or `LIMIT after due`."""
    if isinstance(node.value, str) and node.value.endswith(end):
        return _by_the_clock(node, _limit(node, node.value.removesuffix(end), scope), end, scope)
    if node.value is not BAD:
        fix = _("write one like: 4h{end}").format(end=end)
        scope.found.error(node.place, _("a time{end} is wanted here").format(end=end), fix)
    return None


def not_before(node: Node, scope: Scope) -> dict[str, str] | None:
    """Answer `LIMIT after FIELD` as its two parts."""
    text = limit(node, scope)
    if text is None:
        return None
    begins, after, field = text.partition(" after ")
    if not after:
        scope.found.error(node.place, _("'{text}' runs from nothing").format(text=text), _("write … after FIELD"))
        return None
    return {"limit": begins, "after": field}
