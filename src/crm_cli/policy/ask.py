"""Compiled rules as they are asked: a few microseconds a question."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from crm_cli.errors import DataError
from crm_cli.language import _

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

REMEMBERED = 4096  # answers kept for one table


class Cite(NamedTuple):
    """Which rule, or which row of it, an answer rests on, with the hash of the rule's meaning."""

    policy: str
    house: str
    edition: str
    rule: str
    row: str | None
    article: str | None
    ref: str | list[str] | None
    hash: str

    @property
    def text(self) -> str:
        """Answer `house/policy@edition/rule#row:hash`, as events keep it."""
        return f"{self.house}/{self.policy}@{self.edition}/{self.short}:{self.hash[:8]}"

    @property
    def short(self) -> str:
        """Answer `rule#row`, or `rule` when it has no rows."""
        return f"{self.rule}#{self.row}" if self.row else self.rule

    @property
    def told(self) -> str:
        """Answer the article as the source prints it, else its ref, else the name of the rule."""
        ref = ", ".join(self.ref) if isinstance(self.ref, list) else self.ref
        return self.article or ref or self.short

    def public(self) -> dict[str, Any]:
        """Answer what a decision shows of it."""
        return {key: value for key, value in self._asdict().items() if key != "hash"}


def as_cited(text: str) -> Cite:
    """Answer what the text of a citation says by itself: no article, no ref, and the first 8 digits of the hash."""
    name, _colon, meaning = text.rpartition(":")
    house, policy_edition, short = name.split("/")
    policy, _at, edition = policy_edition.partition("@")
    rule, _sign, row = short.partition("#")
    return Cite(policy, house, edition, rule, row or None, None, None, meaning)


class Hit(NamedTuple):
    """What a table answers, on which row, from which facts."""

    then: dict[str, Any]
    cite: Cite
    facts: dict[str, Any]


def _cite(topic: str, name: str, rule: Mapping[str, Any], row: Mapping[str, Any] | None) -> Cite:
    own = rule if row is None else row
    bare = "article" not in own and "ref" not in own
    told = rule if bare else own
    identity = None if row is None else row["id"]
    return Cite(topic, own["house"], own["edition"], name, identity, told.get("article"), told.get("ref"), rule["hash"])


def cites_of(topic: str, name: str, rule: Mapping[str, Any]) -> Iterator[Cite]:
    """Answer every citation that a compiled rule can give."""
    if rule["kind"] == "case":
        yield from CaseRule(topic, name, dict(rule)).cites()
        return
    if rule["kind"] == "penalty":
        yield from PenaltyRule(topic, name, dict(rule)).cites()
        return
    if "rows" not in rule:
        yield _cite(topic, name, rule, None)
    for row in rule.get("rows", ()):
        yield _cite(topic, name, rule, row)


def askable(topic: str, name: str, rule: dict[str, Any]) -> Any:
    """Answer a compiled rule ready to be asked."""
    return _ASKABLE[rule["kind"]](topic, name, rule)


class _Test:
    """One cell: a set of words, or ranges of numbers."""

    def __init__(self, fact: str, fits: list[Any], *, numeric: bool) -> None:
        self.fact, self._fits = fact, fits if numeric else frozenset(fits)
        self.holds = self._number if numeric else self._word

    def _word(self, value: Any) -> bool:
        return value in self._fits

    def _number(self, value: int) -> bool:
        return any(low <= value and (high is None or value <= high) for low, high in self._fits)


class TableRule:
    """A table ready to be asked; the answers to facts met before are remembered."""

    def __init__(self, topic: str, name: str, rule: dict[str, Any]) -> None:
        self.name, self.compiled = name, rule
        self._inputs = tuple(rule["inputs"])
        self._remembered: dict[tuple[Any, ...], list[Hit]] = {}
        self.rows = [(self._tests(row), row["then"], _cite(topic, name, rule, row)) for row in rule["rows"]]

    def _tests(self, row: Mapping[str, Any]) -> list[_Test]:
        numeric = {name: isinstance(domain, dict) for name, domain in self.compiled["inputs"].items()}
        return [_Test(fact, fits, numeric=numeric[fact]) for fact, fits in row["when"].items()]

    def ask(self, facts: Mapping[str, Any]) -> Hit:
        """Answer the first row that takes the facts; the proof says there is one."""
        hits = self._hits(facts)
        if not hits:
            shown = ", ".join(f"{name}: {facts[name]}" for name in self._inputs)
            what = _("the table {table} has no row for {{{facts}}}, which it calls impossible")
            fix = _("take these facts out of impossible:, and add a row")
            raise DataError(what.format(table=self.name, facts=shown), fix=fix)
        return _copied(hits[0])

    def ask_all(self, facts: Mapping[str, Any]) -> list[Hit]:
        """Answer every row that takes the facts, `otherwise` only when no other does."""
        return [_copied(hit) for hit in self._hits(facts)]

    def _hits(self, facts: Mapping[str, Any]) -> list[Hit]:
        """Answer the rows that take the facts; those for facts met before are remembered, and not to be changed."""
        try:
            key = tuple([facts[name] for name in self._inputs])
            return self._remembered[key]
        except (KeyError, TypeError):
            hits = self._taking(facts)
        if len(self._remembered) < REMEMBERED:
            self._remembered[tuple(facts[name] for name in self._inputs)] = hits
        return hits

    def _taking(self, facts: Mapping[str, Any]) -> list[Hit]:
        known = {name: self._known(name, facts) for name in self._inputs}
        taking = [
            (then, cite) for tests, then, cite in self.rows if all(test.holds(known[test.fact]) for test in tests)
        ]
        if len(taking) > 1 and taking[-1][1].row == "otherwise":
            taking.pop()
        return [Hit(then, cite, known) for then, cite in taking]

    def _known(self, name: str, facts: Mapping[str, Any]) -> Any:
        domain = self.compiled["inputs"][name]
        if name not in facts:
            what = _("the table {table} was asked without the fact '{fact}'").format(table=self.name, fact=name)
            raise DataError(what, fix=_("give the fact {fact}").format(fact=name))
        value = facts[name]
        if not _belongs(value, domain):
            what = _("'{value}' is no {fact} that the table {table} knows")
            raise DataError(what.format(value=value, fact=name, table=self.name), fix=_offer(domain))
        return value


def _copied(hit: Hit) -> Hit:
    return Hit(hit.then.copy(), hit.cite, hit.facts.copy())


def _offer(domain: Any) -> str:
    if isinstance(domain, list):
        return _("give one of: {words}").format(words=", ".join(str(word) for word in domain))
    return _("give one of: a number within the range")


def _belongs(value: Any, domain: Any) -> bool:
    if isinstance(domain, list):
        return any(value is word or (type(value) is type(word) and value == word) for word in domain)
    if isinstance(value, bool) or not isinstance(value, int):
        return False
    return bool(domain["least"] <= value and (domain["most"] is None or value <= domain["most"]))


class Values(dict[str, Any]):
    """Named values; `none` is None, and taking one that the source leaves blank raises DataError."""

    def __init__(self, known: Mapping[str, Any], unset: Collection[str], where: str) -> None:
        super().__init__(known)
        self.unset, self._where = tuple(unset), where

    def __missing__(self, name: str) -> Any:
        if name not in self.unset:
            raise KeyError(name)
        key = f"{self._where}.{name}"
        what = _("{key} is unset: the rulebook leaves it blank").format(key=key)
        raise DataError(what, fix=_("set {key} in a policy of the office").format(key=key))


class ParamsRule:
    """Named values ready to be asked."""

    def __init__(self, topic: str, name: str, rule: dict[str, Any]) -> None:
        self.name, self.compiled = name, rule
        self.answer = (Values(rule["values"], rule["unset"], name), _cite(topic, name, rule, None))


class MayRule:
    """Who may do what, ready to be asked."""

    def __init__(self, topic: str, name: str, rule: dict[str, Any]) -> None:
        self.name, self.compiled = name, rule
        self._acts = {
            act: (frozenset(row["by"]), frozenset(row["not"]), _cite(topic, name, rule, row))
            for row in rule["rows"]
            for act in row["acts"]
        }

    def ask(self, act: str, roles: Collection[str]) -> tuple[bool, Cite]:
        """Answer whether one of the roles may do the act and none of them is barred."""
        by, barred, cite = self._acts[act]
        allowed = "anyone" in by or not by.isdisjoint(roles)
        return allowed and barred.isdisjoint(roles), cite

    def hands(self, act: str) -> list[str]:
        """Answer the roles that may do an act."""
        by, barred = self._acts[act][:2]
        return sorted(by - barred)


class CaseRule:
    """A kind of case ready to be run: `compiled` is plain data, and every row of it can be cited.

    The rows are steps (`judge`), duties (`duty.closing`) and what stands below them (`judge.needs.1`,
    `duty.closing.late.1`), and the requirements and effects of the kind itself (`needs.1`, `then.1`).
    """

    def __init__(self, topic: str, name: str, rule: dict[str, Any]) -> None:
        self.topic, self.name, self.compiled = topic, name, rule
        self.derived: dict[int, frozenset[str]] = {}  # the fields of a step, by the identity of its declaration
        self._cites: dict[str | None, Cite] = {}

    @cached_property
    def _told(self) -> dict[str, dict[str, Any]]:
        told = _told(self.compiled, {})
        rows = {row["row"]: _told(row, told) for key in ("needs", "then") for row in self.compiled[key]}
        rows |= {f"field.{name}": _told(one, told) for name, one in self.compiled["fields"].items() if one["forbids"]}
        for name, step in self.compiled["steps"].items():
            rows[name] = own = _told(step, told)
            rows |= {row["row"]: _told(row, own) for key in ("needs", "then") for row in step[key]}
        for duty in self.compiled["duties"].values():
            rows[duty["row"]] = own = _told(duty, told)
            rows |= {row["row"]: _told(row, own) for key in ("escalate", "late") for row in duty[key]}
        return rows

    def told(self, row: str) -> dict[str, Any]:
        """Answer what a row tells: article and ref, its step's or duty's if it has none; says and reading."""
        return self._told[row]

    def cite(self, row: str | None = None) -> Cite:
        """Answer the citation of a row, or of the kind."""
        found = self._cites.get(row)
        if found is None:
            told, rule = _told(self.compiled, {}) if row is None else self._told[row], self.compiled
            place = (self.topic, rule["house"], rule["edition"], self.name, row)
            found = self._cites[row] = Cite(*place, told.get("article"), told.get("ref"), rule["hash"])
        return found

    def cites(self) -> Iterator[Cite]:
        """Answer every citation that the kind can give."""
        return (self.cite(row) for row in (None, *self._told))


def _told(one: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Answer what a row tells about itself; where it names no article and no ref, those of what it stands in."""
    own = {key: one[key] for key in ("article", "ref", "says", "reading") if key in one}
    if "article" in own or "ref" in own:
        return own
    return {**own, **{key: above[key] for key in ("article", "ref") if key in above}}


class ListRule:
    """A checklist ready to be asked."""

    def __init__(self, topic: str, name: str, rule: dict[str, Any]) -> None:
        self.name, self.compiled = name, rule
        self._topic = topic

    def cite(self) -> Cite:
        """Answer the citation of the list."""
        return _cite(self._topic, self.name, self.compiled, None)


class PenaltyRule:
    """What facts cost, ready to be looked up: its rows are the items by their facts, and the parts of counting."""

    PARTS = ("repeat", "again", "deduct", "notice", "appeal", "rates")

    def __init__(self, topic: str, name: str, rule: dict[str, Any]) -> None:
        self.name, self.compiled = name, rule
        own = {part: rule[part] for part in self.PARTS if rule[part] is not None}
        above, place = _told(rule, {}), (topic, rule["house"], rule["edition"], name)
        self._cites: dict[str | None, Cite] = {
            None: Cite(*place, None, above.get("article"), above.get("ref"), rule["hash"])
        }
        for row, one in {**rule["items"], **own}.items():
            told = _told(one, above)
            self._cites[row] = Cite(*place, row, told.get("article"), told.get("ref"), rule["hash"])

    def cite(self, row: str | None = None) -> Cite:
        """Answer the citation of an item or a part, or of the whole rule."""
        return self._cites.get(row) or self._cites[None]

    def cites(self) -> Iterator[Cite]:
        """Answer every citation that the rule can give."""
        return iter(self._cites.values())


_ASKABLE = {
    "table": TableRule, "params": ParamsRule, "may": MayRule, "case": CaseRule, "checklist": ListRule,
    "penalty": PenaltyRule,
}  # fmt: skip
