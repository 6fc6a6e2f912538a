"""crm policy explain: the rulebook read aloud for who compares it with the paper, and what a rule would answer."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_cli import names
from crm_cli.commands.case.declared import Kind, Labels
from crm_cli.commands.case.table import table
from crm_cli.commands.glossary import glossary
from crm_cli.commands.why import changes, labelled, reason, rows_tried
from crm_cli.errors import UsageError
from crm_cli.language import _
from crm_cli.policy import explain as reasons
from crm_cli.policy.ask import MayRule, TableRule
from crm_cli.policy.forms.params import NONE, UNSET
from crm_cli.render import Answer
from crm_cli.rules.topics import TOPICS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crm_cli.commands.session import Session

Data = dict[str, Any]
TOLD = ("article", "ref", "says", "reading")
BARE = {"true": True, "false": False}


def explain(
    context: typer.Context,
    topic: Annotated[str | None, typer.Argument(metavar="TOPIC", help="rotation, register …")] = None,
    rule: Annotated[str | None, typer.Argument(metavar="RULE", help="turn, receive, makeup …")] = None,
    given: Annotated[
        list[str] | None, typer.Option("--given", metavar="FACT=WORD", help="Ask the rule: what would it answer then?")
    ] = None,
) -> Answer:
    """Read the rulebook aloud: what each rule looks at, what follows, by which article; or ask one."""
    session: Session = context.obj
    found = _found(session, topic, rule)
    if given:
        if topic is None or rule is None:
            raise UsageError(_("--given asks one rule"), fix="crm policy explain TOPIC RULE --given FACT=WORD")
        return _asked(session, topic, found[topic][rule], given)
    read = _Reader(session)
    policies = [
        {"policy": name, **_head(session, name), "rules": read.rules(name, rules)} for name, rules in found.items()
    ]
    data = {"verdict": "explained", "policies": policies, "cites": [], "events": []}
    if session.format == "md":
        return Answer(data, text="\n".join(chain.from_iterable(map(read.page, policies))) + "\n")
    rows = [rule for policy in policies for rule in policy["rules"]] if session.format in ("csv", "jsonl") else None
    return Answer(data, [line for policy in policies for line in read.aloud(policy)], rows=rows)


def _found(session: Session, topic: str | None, rule: str | None) -> dict[str, dict[str, Any]]:
    """Answer the rules in force that are meant, by topic."""
    book, day = session.office.book, session.at().date()
    if topic is not None and topic not in book.topics:
        raise UsageError(_("'{name}' is not a topic").format(name=names.shown(topic)), fix=", ".join(book.topics))
    every = {name: book.at(day).rules(name) for name in book.topics}
    found = {topic: book.rules(topic, day)} if topic else {name: rules for name, rules in every.items() if rules}
    if topic is not None and rule is not None and rule not in found[topic]:
        what = _("there is no rule '{name}'").format(name=names.shown(rule))
        raise UsageError(what, fix=", ".join(found[topic]))
    return {name: rules if rule is None else {rule: rules[rule]} for name, rules in found.items()}


def _head(session: Session, topic: str) -> Data:
    """Answer what people call a policy, the house it is of, and the day it is read for."""
    book, day = session.office.book, session.at().date().isoformat()
    titles = book.compiled(topic)["titles"]
    editions = [one for one in book.compiled(topic)["editions"] if one <= day]
    title = titles.get(f"{book.house}@{editions[-1]}", {}).get(session.tongue) if editions else None
    return {"title": title or topic, "house": book.house, "on": day}


class _Reader:
    """Rules in the words of the run's language and of the house."""

    def __init__(self, session: Session) -> None:
        self._session, self._called = session, glossary()

    def called(self, name: str) -> str:
        """Answer what people call a rule, fact, value or act; its own name where nobody has given it another."""
        return self._called.get(name, name.rpartition(".")[2])

    def rules(self, topic: str, rules: dict[str, Any]) -> list[Data]:
        """Answer rules with everything that is said of them, for programs and for people."""
        return [self._rule(topic, name, rule.compiled, rule) for name, rule in rules.items()]

    def _rule(self, topic: str, name: str, rule: Data, made: Any) -> Data:
        told = {key: self._spoken(rule[key]) for key in TOLD if key in rule}
        head = {"policy": topic, "rule": name, "kind": rule["kind"], "settles": self.called(f"{topic}/{name}")}
        head |= {"house": rule["house"], "edition": rule["edition"], **told}
        if rule["kind"] == "params":
            return {**head, "values": [*self._values(topic, name, rule)]}
        if rule["kind"] == "case":
            kind = Kind(name, rule, Labels(self._session.office.book.words, self._session.tongue), made)
            rows = [{**row, "if": _stands(row), "follows": _leads(row)} for row in table(kind)]
            return {**head, "settles": kind.title, "rows": rows}
        if rule["kind"] == "checklist":
            return {**head, "rows": [self._item(row) for row in rule["items"]]}
        if rule["kind"] == "penalty":
            return {**head, "rows": [self._row(row) for row in rule["rows"]]}
        if rule["kind"] == "may":
            return {**head, "rows": [self._hands(topic, row) for row in rule["rows"]]}
        return {
            **head,
            "looks_at": [*rule["inputs"]],
            "hit": rule["hit"],
            "rows": [self._row(row) for row in rule["rows"]],
        }

    def _row(self, row: Data) -> Data:
        wanted = [
            _("{name}: {word}").format(name=self.called(fact), word=self.words(fact, cell))
            for fact, cell in row["wanted"].items()
        ]
        usual = _("otherwise") if row["id"] == "otherwise" else _("always")
        then = [
            _("{name}: {word}").format(name=self.called(name), word=self.words(name, one))
            for name, one in row["then"].items()
        ]
        return {
            "row": row["id"],
            "when": row["wanted"],
            "then": row["then"],
            "if": _("; ").join(wanted) or usual,
            "follows": _("; ").join(then),
            **{key: self._spoken(row[key]) for key in TOLD if key in row},
        }

    def _item(self, row: Data) -> Data:
        called = row["labels"].get(self._session.tongue, row["id"])
        told = {key: self._spoken(row[key]) for key in TOLD if key in row}
        return {"row": row["id"], "if": row["id"], "follows": called, **told}

    def _hands(self, topic: str, row: Data) -> Data:
        barred = _(" (but not {roles})").format(roles=self.words("role", row["not"])) if row["not"] else ""
        acts = [self.called(f"{topic}/may.{act}") for act in row["acts"]]
        return {
            "row": row["id"],
            "by": row["by"],
            "not": row["not"],
            "acts": row["acts"],
            "if": self.words("role", row["by"]) + barred,
            "follows": _("; ").join(acts),
            **{key: self._spoken(row[key]) for key in TOLD if key in row},
        }

    def _values(self, topic: str, rule: str, compiled: Data) -> Iterator[Data]:
        for name, kind in TOPICS[topic].asks[rule].values.items():  # type: ignore[union-attr]  # params alone get here
            plain = kind.removesuffix(" or none").removeprefix("list of ")
            vocabulary = "role" if plain == "roles" else plain
            value = UNSET if name in compiled["unset"] else compiled["values"][name]
            others: list[Any] = [*self._session.office.book.words(vocabulary)] or [plain]
            others = [True, False] if plain == "flag" else others
            others += [NONE] if kind.endswith(" or none") else []
            yield {
                "value": name,
                "called": self.called(f"{topic}/{rule}.{name}"),
                "is": value,
                "could_be": [one for one in others if one != value and not (one == NONE and value is None)],
                "shown": self.words(vocabulary, value),
                "others": self.others(vocabulary, others, value, many=kind.startswith("list of ")),
            }

    def others(self, vocabulary: str, words: Iterable[str], value: Any, *, many: bool) -> str:
        """Answer what else could stand in place of a value."""
        shown = [self.words(vocabulary, word) for word in words if many or word != (NONE if value is None else value)]
        return (_("any of {words}") if many else "{words}").format(words=_(", ").join(shown))

    def words(self, vocabulary: str, wanted: Any) -> str:
        """Answer what a cell holds as people say it."""
        if isinstance(wanted, dict):
            return _("anything but {words}").format(words=self.words(vocabulary, wanted["not"]))
        if isinstance(wanted, list):
            return _(" or ").join(self.words(vocabulary, word) for word in wanted) or _("nothing")
        if isinstance(wanted, bool):
            return _("yes") if wanted else _("no")
        plain = {
            None: _("none"),
            NONE: _("none"),
            UNSET: _("left open"),
            "number": _("a whole number"),
            "days": _("a number of days"),
            "text": _("a text"),
            "anyone": _("anyone"),
            "nobody": _("nobody"),
        }
        known = self._session.label(vocabulary, str(wanted))
        return plain.get(wanted, known) if known == str(wanted) or wanted is None else known

    def _spoken(self, told: Any) -> Any:
        """Answer a text in the language of the run where it is there in both."""
        return told.get(self._session.tongue) or next(iter(told.values()), "") if isinstance(told, dict) else told

    # ── on paper ───────────────────────────────────────────────────────────────────────────────────────────────────

    def aloud(self, policy: Data) -> Iterator[str]:
        """Answer a policy line by line."""
        yield _("{title}, as it stands on {day}").format(title=policy["title"], day=policy["on"])
        for rule in policy["rules"]:
            yield ""
            yield f"{rule['policy']}/{rule['rule']}  {rule['settles']}{_by(rule)}"
            yield from ("  " + line for line in [*_said(rule), *self._looks(rule)])
            for one in rule.get("values", ()):
                yield "  " + _value(one)
            sentence = _("{facts} may: {then}") if rule["kind"] == "may" else _("{facts} -> {then}")
            for row in rule.get("rows", ()):
                yield (f"  {row['row']}: " + sentence.format(facts=row["if"], then=row["follows"]) + _by(row))
                yield from ("      " + line for line in _said(row))
        yield ""

    def _looks(self, rule: Data) -> list[str]:
        if "looks_at" not in rule:
            return []
        facts = _(", ").join(self.called(fact) for fact in rule["looks_at"])
        how = {
            "unique": _("looks at {facts}; exactly one line fits"),
            "first": _("looks at {facts}; the first line that fits counts, from top to bottom"),
            "all": _("looks at {facts}; every line that fits counts"),
        }
        return [how[rule["hit"]].format(facts=facts)]

    def page(self, policy: Data) -> Iterator[str]:
        """Answer a policy as a page of Markdown."""
        yield "# " + _("{title}, as it stands on {day}").format(title=policy["title"], day=policy["on"])
        for rule in policy["rules"]:
            yield f"\n## {rule['policy']}/{rule['rule']}: {rule['settles']}{_by(rule)}\n"
            yield from (f"{line}  " for line in [*_said(rule), *self._looks(rule)])
            yield from (f"- {_value(one)}" for one in rule.get("values", ()))
            if "rows" in rule:
                yield from _table(rule)
        yield ""


def _by(told: Data) -> str:
    shown = article(told) if "leads_to" in told else told.get("article")
    return _(" ({article})").format(article=shown) if shown else ""


def _said(told: Data) -> list[str]:
    """Answer the wording of a rule or a row and how it is read."""
    reading = [_("reading: {text}").format(text=told["reading"])] if told.get("reading") else []
    return [*([told["says"]] if told.get("says") else []), *reading]


def _value(one: Data) -> str:
    return _("{name}: {value} (could be {others})").format(name=one["called"], value=one["shown"], others=one["others"])


def _table(rule: Data) -> Iterator[str]:
    if rule["kind"] == "case":
        yield from _flat(rule)
        return
    columns = [_("who"), _("may")] if rule["kind"] == "may" else [_("when"), _("then")]
    headings = [_("row"), *columns, _("article"), _("says"), _("reading")]
    keys = ("row", "if", "follows", "article", "says", "reading")
    yield from _page(headings, [[row.get(key, "") for key in keys] for row in rule["rows"]])


def _flat(rule: Data) -> Iterator[str]:
    """Answer a kind of case as one table: from where, which step, whose hand, what it wants, where it leads."""
    headings = [_("row"), _("state"), _("step"), _("hand"), _("wants"), _("leads to"), _("article"), _("says")]
    keys = ("row", "state", "step", "hand", "wants", "leads_to")
    rows = [[*(row[key] for key in keys), article(row), row.get("says", "")] for row in rule["rows"]]
    yield from _page(headings, rows)


def _page(headings: list[str], rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    yield f"\n| {' | '.join(headings)} |"
    yield "|---" * len(headings) + "|"
    for row in rows:
        yield f"| {' | '.join(str(cell).replace('|', chr(92) + '|') for cell in row)} |"


def article(told: Data) -> str:
    """Answer the article that a row names, else its ids in the rulebook."""
    ref = told.get("ref")
    return str(told.get("article") or (", ".join(ref) if isinstance(ref, list) else ref) or "")


def _stands(row: Data) -> str:
    """Answer from where and by whom a row of a kind is done."""
    return _("; ").join(filter(None, [row["state"], row["step"], row["hand"]]))


def _leads(row: Data) -> str:
    return _("; ").join(filter(None, [row["wants"], row["leads_to"]])) or "-"


# ── asked ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _asked(session: Session, topic: str, rule: Any, given: list[str]) -> Answer:
    """Answer what a rule answers for given facts, with the rows that were tried."""
    facts = _facts(session, topic, rule, given)
    made = reasons.explain(rule, facts)
    deciding = [one for one in made.tried if one.decided]
    then = deciding[0].then if deciding else None
    shown = ", ".join(f"{name} {labelled(session, name, value)}" for name, value in made.facts.items())
    lines = [f"{topic}/{made.rule}: {shown}", *rows_tried(session, made), *changes(session, made)]
    if not deciding:
        lines.append("    " + _("the table calls this impossible"))
    cites = [one.cite.public() for one in deciding]
    verdict = "explained" if deciding else "impossible"
    return Answer({"verdict": verdict, "then": then, "reasons": [reason(made)], "cites": cites, "events": []}, lines)


def _facts(session: Session, topic: str, rule: Any, given: list[str]) -> Data:
    """Answer the facts that were given; all that the rule looks at, and no others."""
    pairs = [one.partition("=") for one in given]
    if isinstance(rule, MayRule):
        return _deed(session, topic, rule, pairs)
    if not isinstance(rule, TableRule):
        raise UsageError(_("this rule looks at no facts"), fix=_("leave out --given"))
    inputs = rule.compiled["inputs"]
    _known(topic, rule, pairs, [*inputs])
    facts = {fact: _typed(session, fact, word, inputs[fact]) for fact, _equals, word in pairs}
    missing = [fact for fact in inputs if fact not in facts]
    if missing:
        what = _("the rule also looks at {facts}").format(facts=", ".join(missing))
        raise UsageError(what, fix=" ".join(f"--given {fact}={_offer(inputs[fact])}" for fact in missing))
    return facts


def _known(topic: str, rule: Any, pairs: list[tuple[str, str, str]], allowed: list[str]) -> None:
    offer = " ".join(f"--given {one}=…" for one in allowed)
    given = [fact for fact, _equals, _word in pairs]
    for fact, _equals, word in pairs:
        if fact not in allowed:
            what = _("{rule} looks at no fact '{fact}'").format(rule=f"{topic}/{rule.name}", fact=names.shown(fact))
            raise UsageError(what, fix=offer)
        if not word:
            raise UsageError(_("'{fact}' is given without a word").format(fact=fact), fix=offer)
        if given.count(fact) > 1 and fact != "role":
            raise UsageError(_("'{fact}' is given twice").format(fact=fact), fix=_("give it once"))


def _offer(domain: Any) -> str:
    return "N" if isinstance(domain, dict) else "|".join(str(word).lower() for word in domain)


def _typed(session: Session, fact: str, word: str, domain: Any) -> Any:
    """Answer a fact as the rule wants it: a word or its label, a number, yes or no."""
    if isinstance(domain, dict):
        fits = (
            word.isdecimal()
            and domain["least"] <= int(word)
            and (domain["most"] is None or int(word) <= domain["most"])
        )
        if not fits:
            what = _("'{value}' is no {fact}").format(value=names.shown(word), fact=fact)
            raise UsageError(what, fix=_("give one of: a number within the range"))
        return int(word)
    if domain == [True, False]:
        known = {**BARE, _("yes"): True, _("no"): False}
        if word not in known:
            what = _("'{value}' is no {fact}").format(value=names.shown(word), fact=fact)
            raise UsageError(what, fix="|".join(BARE))
        return known[word]
    return session.word(fact, word)


def _deed(session: Session, topic: str, rule: MayRule, pairs: list[tuple[str, str, str]]) -> Data:
    """Answer the act and the roles that were given."""
    _known(topic, rule, pairs, ["act", "role"])
    acts = [word for fact, _equals, word in pairs if fact == "act"]
    roles = [session.word("role", word) for fact, _equals, word in pairs if fact == "role"]
    every = [act for row in rule.compiled["rows"] for act in row["acts"]]
    if len(acts) != 1 or acts[0] not in every:
        raise UsageError(_("one act is wanted"), fix="--given act=" + "|".join(every))
    if not roles:
        raise UsageError(_("a role is wanted"), fix="--given role=" + "|".join(session.office.book.words("role")))
    return {"act": acts[0], "roles": roles}
