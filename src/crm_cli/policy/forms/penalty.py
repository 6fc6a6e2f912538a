"""The form `penalty`: what a fact costs, how often it has happened is counted, and what follows from that."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from crm_cli.language import _
from crm_cli.policy import reader
from crm_cli.policy.ask import PenaltyRule
from crm_cli.policy.case.keys import TOLD, Key, Keys
from crm_cli.policy.draft import told
from crm_cli.policy.forms.params import NONE, UNSET
from crm_cli.policy.node import BAD, Node
from crm_cli.policy.vocabulary import Penalty, Vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from crm_cli.policy.draft import Rule
    from crm_cli.policy.finding import Findings, Place

MEASURES: Final = ("amount", "points", "suspension", "pay", "reward")  # an item has one of them
MONEY: Final = ("amount", "reward")  # of them, what is known in hundredths

RULE: Final[Keys] = {
    "items": Key("items", "what each fact costs, by the word of the fact"),
    "repeat": Key("repeat", "what it costs in repetition; without it, nothing is doubled"),
    "again": Key("again", "what it costs once more, while it stays as it is after an order; without it, nothing"),
    "cap": Key("amount", "what a person pays in a month at most; what is over it the statement leaves out; `none`"),
    "deduct": Key("deduct", "what may be kept back of the pay of a month; without it, nothing"),
    "waivable": Key("waivable", "what may be waived: all (default), repeats"),
    "notice": Key("notice", "that the person is told of a fine before it is executed; without it, nobody need be"),
    "appeal": Key("appeal", "how an executed fine is appealed against; without it, it is not"),
    "rates": Key("rates", "the figures of a month that stand against the heads of departments; without it, none"),
    "above": Key("role", "the role that decides on those who decide on everybody else"),
}
ITEM: Final[Keys] = {
    "amount": Key("amount", 'in the money of the office: `50`, `"12.50"`; `unset` where the source leaves it blank'),
    "points": Key("number", "points, instead of an amount"),
    "suspension": Key("number", "days of suspension, instead of an amount"),
    "pay": Key("number", "days of pay, instead of an amount"),
    "reward": Key("amount", "what is paid to the person, instead of an amount"),
    "role": Key("role", "the role in which it is charged; without it, the first role of the person"),
    "of": Key("words", "only for these items of a fact that speaks of items"),
    "unless": Key("words", "not for an item of which one of these facts is stated as well"),
    "per": Key("per", "item (default): each one counts; case: once, however many"),
    "own_time": Key("flag", "each is a time by itself, whatever else is found in the case; default false"),
    "counts": Key("flag", "whether it is a time that is counted; default true"),
    "in_time": Key("text", "the duty of the case until whose due time it may still be put right at no cost"),
    **TOLD,
}
REPEAT: Final[Keys] = {
    "steps": Key("steps", "by role, from which time on it costs how many times as much: rows of from and times"),
    "count_by": Key("count_by", "what is one time: case (default), article, item"),
    "window": Key("window", "times are counted within: calendar month (default), 30 days"),
    "doubling": Key("doubling", "flat (default): the multiplier of the step; compounding: once more with each time"),
    **TOLD,
}
STEP: Final[Keys] = {"from": Key("number", "the time"), "times": Key("number", "the multiplier from then on")}
AGAIN: Final[Keys] = {
    "order": Key("text", "the step of a case that orders correction"),
    "counts": Key("flag", "whether each day is a time that is counted; default true"),
    "doubled": Key("flag", "whether it is doubled on its own account; default false"),
    "cap": Key("number", "how many at most for an order; default `none`"),
    **TOLD,
}
DEDUCT: Final[Keys] = {
    "roles": Key("roles", "the roles that it reaches"),
    "from": Key("number", "from how many times in the month on"),
    "rate": Key("rate", "the least and the most, in percent: 10 to 30"),
    **TOLD,
}
NOTICE: Final[Keys] = {"wait": Key("limit", "how long after the notice it may be executed; at once"), **TOLD}
APPEAL: Final[Keys] = {"within": Key("limit", "how long after execution"), **TOLD}
RATES: Final[Keys] = {
    "of": Key("text", "the kind of case that counts them, by month"),
    "heads": Key("heads", "by the name of a rate, the roles against whose names it stands"),
    **TOLD,
}
PENALTY_PLACES: Final[dict[str, Keys]] = {
    "penalty": RULE, "priced fact": ITEM, "repeat": REPEAT, "step of repetition": STEP, "again": AGAIN,
    "deduction": DEDUCT, "notice": NOTICE, "appeal": APPEAL, "rates of heads": RATES,
}  # fmt: skip

PARTS = PenaltyRule.PARTS
KEYS = tuple(RULE)
ROW_KEYS: tuple[str, ...] = ()
ASK = Penalty
UNHASHED = ("says", "reading", "title")
WORDS: Final = {
    "per": ("item", "case"), "count_by": ("case", "article", "item"), "window": ("calendar month", "30 days"),
    "doubling": ("flat", "compounding"), "waivable": ("all", "repeats"),
}  # fmt: skip
DEFAULTS: Final[dict[str, Any]] = {
    **{key: words[0] for key, words in WORDS.items()}, "counts": True, "own_time": False, "doubled": False,
}  # fmt: skip
_MONEY = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,2})?")
_RATE = re.compile(r"([0-9]{1,3}) to ([0-9]{1,3})")
WHOLE = 100
LANGUAGES = ("zh", "en")


def compiled(rule: Rule, _ask: Penalty, vocabulary: Vocabulary, found: Findings) -> dict[str, Any]:
    """Answer what facts cost, ready to be looked up; whatever is wrong with it is a finding."""
    read, grounded = _Reader(vocabulary, found), "article" in rule.keys or "ref" in rule.keys
    if "items" not in rule.keys:
        found.error(rule.place, _("'{key}' is missing").format(key="items"), _("write {key}: …").format(key="items"))
    whole = {key: read.value(rule.keys[key], one.reads) if key in rule.keys else None for key, one in RULE.items()}
    whole["items"] = whole["items"] or {}
    whole["waivable"] = whole["waivable"] or DEFAULTS["waivable"]
    for name, one in ({} if grounded else _grounds(whole)).items():
        if "article" not in one and "ref" not in one:
            place = _place(rule, name)
            found.error(
                place, _("row '{row}' names no article").format(row=name),
                _("write article: or ref:, here or on the rule"),
            )  # fmt: skip
    return {**whole, "rows": [*_rows(whole)], "meaning": _meant(whole)}


def _rows(whole: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Answer what facts cost as rows to be read: what is looked at, and what follows."""
    for name, one in _grounds(whole).items():
        own = {key: value for key, value in one.items() if key not in (*TOLD, "measure", "unit") and _says(key, value)}
        then = {one["measure"]: written(one["measure"], one["unit"])} if "measure" in one else {}
        yield {"id": name, "wanted": own, "then": then, **{key: one[key] for key in TOLD if key in one}}


def _says(key: str, value: Any) -> bool:
    return value not in (None, [], DEFAULTS.get(key))


def written(measure: str, value: Any) -> str:
    """Answer a figure as a policy writes it."""
    return f"{value // WHOLE}.{value % WHOLE:02}" if measure in MONEY and isinstance(value, int) else str(value)


def _grounds(whole: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        **whole["items"],
        **{key: one for key in PARTS if (one := whole[key])},
    }


def _place(rule: Rule, name: str) -> Place:
    items = rule.keys.get("items")
    return items.keys[name] if items is not None and name in items.keys else rule.keys[name].place


def _meant(one: Any) -> Any:
    """Answer what enters the hash: not what a place tells about itself besides article and ref."""
    if isinstance(one, dict):
        return {key: _meant(value) for key, value in one.items() if key not in UNHASHED}
    return [_meant(value) for value in one] if isinstance(one, list) else one


class _Reader:
    """Reads the values of this form; what does not fit is a finding and answers None."""

    def __init__(self, vocabulary: Vocabulary, found: Findings) -> None:
        self._house, self._found = vocabulary.roles, found

    def value(self, node: Node, reads: str) -> Any:
        """Answer a value as its reader reads it."""
        if node.value is BAD:
            return None
        if reads in WORDS:
            return reader.word(node, WORDS[reads], reads, self._found, _("write one of the words"))
        read: Callable[[Node], Any] = getattr(self, f"_{reads}")
        return read(node)

    def _keys(self, node: Node, keys: Keys, wanted: tuple[str, ...] = ()) -> dict[str, Any] | None:
        if reader.mapping(node, self._found) is None:
            return None
        reader.known_keys(node, keys, self._found)
        if not reader.wanted_keys(node, wanted, self._found):
            return None
        for key in TOLD:
            if key in keys and key in node.value:
                self._tells(key, node.value[key])
        plain = {key: one for key, one in keys.items() if key not in TOLD}
        return {
            key: self.value(node.value[key], one.reads) if key in node.value else DEFAULTS.get(key)
            for key, one in plain.items()
        } | told(node.value)

    def _tells(self, key: str, node: Node) -> None:
        """Report what is no text in what a place tells about itself: a reading in both languages, a list of refs."""
        if key == "ref" and isinstance(node.value, list):
            for one in reader.items(node, self._found) or ():
                reader.text(one, self._found)
        elif key in UNHASHED and isinstance(node.value, dict):
            reader.known_keys(node, LANGUAGES, self._found)
            for one in node.value.values():
                reader.text(one, self._found)
        else:
            reader.text(node, self._found)

    def _items(self, node: Node) -> dict[str, Any]:
        nodes = reader.mapping(node, self._found) or {}
        return {fact: item for fact, one in nodes.items() if (item := self._item(one)) is not None}

    def _item(self, node: Node) -> dict[str, Any] | None:
        read = self._keys(node, ITEM)
        if read is None:
            return None
        written = [measure for measure in MEASURES if measure in node.value]
        if len(written) != 1:
            what = _("an item costs one of: {words}").format(words=", ".join(MEASURES))
            self._found.error(node.place, what, _("write one of them"))
            return None
        kept = {key: one for key, one in read.items() if key not in MEASURES}
        return {**kept, "measure": written[0], "unit": read[written[0]]}

    def _repeat(self, node: Node) -> dict[str, Any] | None:
        return self._keys(node, REPEAT, ("steps",))

    def _again(self, node: Node) -> dict[str, Any] | None:
        return self._keys(node, AGAIN, ("order",))

    def _deduct(self, node: Node) -> dict[str, Any] | None:
        return self._keys(node, DEDUCT, ("roles", "from", "rate"))

    def _notice(self, node: Node) -> dict[str, Any] | None:
        return self._keys(node, NOTICE)

    def _appeal(self, node: Node) -> dict[str, Any] | None:
        return self._keys(node, APPEAL, ("within",))

    def _rates(self, node: Node) -> dict[str, Any] | None:
        return self._keys(node, RATES, ("of", "heads"))

    def _heads(self, node: Node) -> dict[str, list[str]]:
        nodes = reader.mapping(node, self._found) or {}
        return {name: self._roles(one) for name, one in nodes.items()}

    def _steps(self, node: Node) -> dict[str, list[dict[str, int]]]:
        nodes = reader.mapping(node, self._found) or {}
        for role in nodes:
            if role not in self._house:
                reader.word(Node(role, node.keys[role]), self._house, "role", self._found)
        return {role: self._ladder(one) for role, one in nodes.items()}

    def _ladder(self, node: Node) -> list[dict[str, int]]:
        """Answer the steps of a role, seen to rise."""
        listed = (reader.items(node, self._found) or ()) if isinstance(node.value, list) else (node,)
        rows = [row for one in listed if (row := self._keys(one, STEP, ("from", "times"))) is not None]
        starts = [row["from"] for row in rows]
        if None not in starts and starts != sorted(set(starts)):
            what = _("the steps are out of order: from {starts}").format(starts=", ".join(map(str, starts)))
            self._found.error(node.place, what, _("write them from the first time to the last"))
        return rows

    def _amount(self, node: Node) -> int | str | None:
        """Answer an amount in hundredths."""
        if node.value in (UNSET, NONE):
            return UNSET if node.value == UNSET else None
        text = str(node.value)
        if isinstance(node.value, bool) or not isinstance(node.value, int | str) or not _MONEY.fullmatch(text):
            self._found.error(node.place, _("an amount of money is wanted here"), _('write 50 or "12.50"'))
            return None
        whole, _dot, rest = text.partition(".")
        return int(whole) * WHOLE + int(f"{rest:0<2}" if rest else 0)

    def _number(self, node: Node) -> int | str | None:
        if node.value in (UNSET, NONE):
            return UNSET if node.value == UNSET else None
        if isinstance(node.value, int) and not isinstance(node.value, bool) and node.value > 0:
            return node.value
        what = _("a number from {least} is wanted here").format(least=1)
        self._found.error(node.place, what, _("write digits"))
        return None

    def _rate(self, node: Node) -> list[int] | None:
        match = _RATE.fullmatch(node.value) if isinstance(node.value, str) else None
        if match and 0 < int(match[1]) <= int(match[2]) <= WHOLE:
            return [int(match[1]), int(match[2])]
        self._found.error(node.place, _("the least and the most in percent are wanted here"), _("write 10 to 30"))
        return None

    def _flag(self, node: Node) -> bool | None:
        if isinstance(node.value, bool):
            return node.value
        self._found.error(node.place, _("true or false is wanted here"), _("write true or false"))
        return None

    def _role(self, node: Node) -> str | None:
        return reader.word(node, self._house, "role", self._found)

    def _roles(self, node: Node) -> list[str]:
        return list(reader.words(node, self._house, "role", self._found))

    def _text(self, node: Node) -> str | None:
        return reader.text(node, self._found)

    def _words(self, node: Node) -> list[str]:
        nodes = (reader.items(node, self._found) or []) if isinstance(node.value, list) else [node]
        return [text for one in nodes if (text := reader.text(one, self._found)) is not None]

    def _limit(self, node: Node) -> str | None:
        from crm_cli.errors import UsageError  # noqa: PLC0415 - few houses have one
        from crm_cli.worktime import limit  # noqa: PLC0415

        try:
            return limit(str(node.value)).text
        except UsageError as error:
            self._found.error(node.place, error.what, error.fix)
            return None
