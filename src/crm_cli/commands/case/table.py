"""A kind of case as a flat table: from which state, which step, by whose hand, with what, into which state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm_cli.commands.case.declared import CHOICE, amount
from crm_cli.language import _

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crm_cli.commands.case.declared import Kind

Row = dict[str, Any]
TOLD = ("article", "ref", "says", "reading")


def table(kind: Kind) -> Iterator[Row]:
    """Answer the rows of a kind: its steps, under each what it must satisfy at times, then what is owed."""
    yield from (_need(kind, row) for row in kind.made["needs"])
    for name, step in kind.made["steps"].items():
        yield _step(kind, name, step)
        yield from (_need(kind, row) for row in step["needs"])
    yield from (_duty(kind, name, duty) for name, duty in kind.made["duties"].items())


def _row(kind: Kind, row: str, cells: Row, told: Row) -> Row:
    shown = kind.rule.told(row) if kind.rule is not None else told
    return {"row": row, **cells, **{key: kind.labels.spoken(shown[key]) if key in ("says", "reading") else shown[key]
                                   for key in TOLD if key in shown}}  # fmt: skip


def _step(kind: Kind, name: str, step: Row) -> Row:
    states = dict.fromkeys(row["is"] for row in step["state"])
    cells = {
        "state": _from(kind, step),
        "step": kind.said_step(name),
        "hand": _hands(kind, step["by"] or kind.made["by"], step["not_by"]),
        "wants": _wants(kind, step, [one for one in step["after"] if not kind.made["steps"][one]["state"]]),
        "leads_to": "/".join(map(kind.said_state, states)) or _back(kind, step),
    }
    return _row(kind, name, cells, step)


def _from(kind: Kind, step: Row) -> str:
    """Answer the states that the steps before it lead to; a step that waits for none is done in any."""
    if step["opens"]:
        return ""
    before = [row["is"] for one in step["after"] for row in kind.made["steps"][one]["state"]]
    return "/".join(map(kind.said_state, dict.fromkeys(before))) or _("any state")


def _back(kind: Kind, step: Row) -> str:
    return _("back to {step}").format(step=kind.said_step(step["back_to"])) if step["back_to"] else ""


def _hands(kind: Kind, by: list[Any] | None, barred: list[str]) -> str:
    but = _("not {names}").format(names=kind.labels.listed(map(kind.said_name, barred))) if barred else ""
    return _("; ").join(filter(None, [kind.said_hands(by), but]))


def _wants(kind: Kind, one: Row, after: list[str]) -> str:
    """Answer what must be given, done or hold."""
    parts = [_asked(kind, one["asks"])] if one["asks"] else []
    if after:
        parts.append(_("after {steps}").format(steps=kind.labels.listed(map(kind.said_step, after))))
    if one.get("must"):
        parts.append(_("only if {tests}").format(tests=holds(kind, one["must"])))
    if one.get("not_before"):
        limit, field = one["not_before"]["limit"], kind.said_field(one["not_before"]["after"])
        parts.append(_("not before {limit} after {field}").format(limit=limit, field=field))
    return _("; ").join(parts)


def _asked(kind: Kind, asks: Iterable[Any]) -> str:
    names = ("/".join(map(kind.said_field, [one] if isinstance(one, str) else one)) for one in asks)
    return kind.labels.listed(names)


def _need(kind: Kind, row: Row) -> Row:
    when = _("when {tests}").format(tests=holds(kind, row["when"])) if row["when"] else ""
    spared = kind.labels.listed(map(kind.said_step, row["except"]))
    but = _("except {steps}").format(steps=spared) if row["except"] else ""
    mild = {"refuse": "", "warn": _("else a warning"), "owe": _("else it is owed")}[row["else"]]
    cells = {
        "state": "",
        "step": _("; ").join(filter(None, [when, but])),
        "hand": _hands(kind, row["by"], row["not_by"]),
        "wants": _("; ").join(filter(None, [_wants(kind, row, row["after"]), mild])),
        "leads_to": "",
    }
    return _row(kind, row["row"], cells, row)


def _duty(kind: Kind, name: str, duty: Row) -> Row:
    steps = [kind.said_step(moment["step"]) for moment in duty["from"] or ()]
    when = _("when {tests}").format(tests=holds(kind, duty["when"])) if duty["when"] else ""
    begins = _("from {steps}").format(steps="/".join(dict.fromkeys(steps))) if steps else ""
    until = "/".join(dict.fromkeys(kind.said_step(moment["step"]) for moment in duty["until"]))
    cells = {
        "state": _("; ").join(filter(None, [begins, when])),
        "step": _("owed: {duty}").format(duty=kind.said_duty(name)),
        "hand": "",
        "wants": _("; ").join(filter(None, [_("until {steps}").format(steps=until), *_clock(kind, duty)])),
        "leads_to": _("blocks {steps}").format(steps=kind.labels.listed(map(kind.said_step, duty["before"])))
        if duty["before"] else "",
    }  # fmt: skip
    return _row(kind, duty["row"], cells, duty)


def _clock(kind: Kind, duty: Row) -> Iterator[str]:
    """Answer the limits of a duty, each with when it is that, and who hears of it when."""
    limits = []
    for one in duty["within"] or ():
        if one["limit"] not in (None, "unset"):
            when = f" ({_('when {tests}').format(tests=holds(kind, one['when']))})" if one["when"] else ""
            limits.append(f"{one['limit']}{when}")
    yield "/".join(limits)
    if duty["warn"]:
        yield _("a warning {limit} before").format(limit=duty["warn"])
    for one in duty["escalate"]:
        says = _("to {names} when late") if one["at"] == "due" else _("to {names} {limit} after")
        yield says.format(names=kind.said_hands(one["to"]), limit=one["at"])


# ── conditions in words ────────────────────────────────────────────────────────────────────────────────────────────


def holds(kind: Kind, tests: Iterable[Row]) -> str:
    """Answer a condition as people say it."""
    return _("; ").join(_test(kind, test) for test in tests)


def _test(kind: Kind, test: Row) -> str:
    says = _("{name}: not {word}") if test["not"] else _("{name}: {word}")
    return says.format(name=_subject(kind, test), word=_cell(kind, test))


def _subject(kind: Kind, test: Row) -> str:
    name = test["name"]
    if test["on"] in ("state", "hand"):
        return {"state": _("state"), "hand": _("hand")}[test["on"]]
    known = {"step": kind.said_step, "duty": kind.said_duty, "field": kind.said_field}
    if test["on"] in known:
        return known[test["on"]](name)
    return kind.labels.listed(map(kind.said_name, name.split("."))) if test["on"] == "other" else _linked(kind, name)


def _linked(kind: Kind, name: str) -> str:
    return " · ".join(map(kind.said_name, name.split(".")))


def _cell(kind: Kind, test: Row) -> str:
    op = test["op"]
    if op in ("range", "count"):
        return _range(kind, test)
    if "hands" in test:
        return kind.said_hands(test["hands"])
    if op in ("in", "all"):
        said = kind.said_state if _of_state(test) else lambda word: kind.said_value(test["name"], word)
        shown = [said(word) if not isinstance(word, str) else _word(kind, test, word, said) for word in test["of"]]
        return ("/" if op == "in" else "+").join(shown)
    if op == "among":
        return _("among {field}").format(field=_linked(kind, test["field"]))
    if op == "within":
        return _("within {limit}").format(limit=test["limit"])
    words = {
        "given": _("filled in"), "missing": _("missing"), "changed": _("said otherwise"), "owed": _("still owed"),
        "raised": _("raised"), "lowered": _("lowered"),
        "past": _("past"), "to_come": _("to come"), "done": _("has been done"), "open": _("open"), "met": _("met"),
        "late": _("late"),
    }  # fmt: skip
    return words[op]


def _word(kind: Kind, test: Row, word: str, said: Any) -> str:
    known = kind.field(test["name"]).get("type") in (None, CHOICE) and not _of_state(test)
    return kind.said_word(word) if known else str(said(word))


def _of_state(test: Row) -> bool:
    """Answer whether a test is of the state of the case itself, or of one behind a link."""
    return test["on"] == "state" or str(test["name"]).endswith(".state")


def _range(kind: Kind, test: Row) -> str:
    low, high = (_end(kind, test, test[key]) for key in ("low", "high"))
    if test["op"] == "count" and (test["low"], test["high"]) in ((1, None), (0, 0)):
        return _("some") if test["low"] else _("none")
    if low == high:
        return str(low)
    if low is None:
        return _("at most {number}").format(number=high)
    return _("at least {number}").format(number=low) if high is None else f"{low}–{high}"


def _end(kind: Kind, test: Row, end: Any) -> str | None:
    if end is None:
        return None
    if isinstance(end, dict):
        return kind.said_field(end["field"]) + {0: "", 1: "+", -1: "-"}.get(end["plus"], "")
    return amount(end) if kind.field(test["name"]).get("type") == "money" else str(end)
