"""A kind of case as a house declares it, with what people call its steps, fields, states, duties and words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm_cli.language import _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

Texts = dict[str, str]  # language -> what a word is called in it
Vocabulary = dict[str, Texts]
CHOICE, FLAG = "word", "flag"  # types of fields
PERIOD = "period"  # the step by which the calendar opens a case
HAND = "hand"  # whoever does a step, in conditions
WHO = ("customer", "name")  # fields that tell whose case it is, before all others
OFFICE = "office"  # the hand of what the program does by itself


class Labels:
    """What people call things: the words of the house in the language of the run."""

    def __init__(self, words: Callable[[str], Vocabulary], tongue: str) -> None:
        self._words, self.tongue = words, tongue
        self._known: dict[str, Vocabulary] = {}

    def label(self, vocabulary: str, word: str, title: Any = None) -> str:
        """Answer what people call a word: its own title, else its label, else the word."""
        return self.spoken(title) or self.known(vocabulary).get(word, {}).get(self.tongue, word)

    def spoken(self, told: Any) -> str:
        """Answer a text of the declaration in the language of the run; one that is written once stands for all."""
        return str(told.get(self.tongue, "")) if isinstance(told, dict) else str(told or "")

    def listed(self, words: Iterable[str]) -> str:
        """Answer words in a row, as they are written in the language of the run."""
        return (", " if self.tongue == "en" else "、").join(words)

    def known(self, vocabulary: str) -> Vocabulary:
        """Answer the words of a vocabulary with their labels; none where the house has no such words."""
        if vocabulary not in self._known:
            self._known[vocabulary] = self._words(vocabulary)
        return self._known[vocabulary]


class Kind:
    """One kind of case: its declaration as it is compiled, and its labels."""

    def __init__(self, name: str, made: Mapping[str, Any], labels: Labels, rule: Any = None) -> None:
        self.name, self.made, self.labels, self.rule = name, made, labels, rule

    @property
    def typed(self) -> str:
        """Answer how the kind is typed: a sub-kind behind the kind it belongs to."""
        return hyphened(self.name.replace(".", " "))

    @property
    def title(self) -> str:
        """Answer what people call the kind."""
        return self.labels.label("case", self.name, self.made.get("title"))

    @property
    def verbs(self) -> dict[str, list[str]]:
        """Answer what may be typed, each with the steps it may come to; what only the program does is not typed."""
        found: dict[str, list[str]] = {}
        for name, step in self.made["steps"].items():
            if step.get("by") != [OFFICE]:
                found.setdefault(hyphened(step["verb"]), []).append(name)
        return found

    def steps(self, verb: str) -> list[dict[str, Any]]:
        """Answer the steps that a verb may come to."""
        return [self.made["steps"][name] for name in self.verbs[verb]]

    def fields_of(self, verb: str) -> list[str]:
        """Answer the fields that may be given with a verb, wanted ones first, each once."""
        return list(dict.fromkeys(name for step in self.verbs[verb] for name in self._fields(step)))

    def _fields(self, step: str) -> list[str]:
        """Answer the fields of a step: its arguments, those it asks for or that rows may ask for, those it takes."""
        made = self.made["steps"][step]
        rows = [
            *made.get("needs", ()),
            *(row for row in self.made.get("needs", ()) if step not in row.get("except", ())),
        ]
        wanted = [*made.get("asks", ()), *(name for row in rows for name in row.get("asks") or ())]
        flat = [name for one in wanted for name in ([one] if isinstance(one, str) else one)]
        return [*made.get("args", ()), *flat, *made.get("takes", ())]

    def wanted(self, verb: str) -> list[str]:
        """Answer the fields that a verb always wants."""
        asked = [[name for name in step.get("asks", ()) if isinstance(name, str)] for step in self.steps(verb)]
        return [name for name in asked[0] if all(name in one for one in asked)]

    def short(self, case: str) -> str:
        """Answer what of an id is typed: one that begins with its kind is known without it."""
        return case.removeprefix(f"{self.name}/")

    def called(self, case: str) -> str:
        """Answer what people call a case: its id, with the title of its kind where the id does not tell it."""
        short = self.short(case)
        return case if short == case else f"{self.title} {short}"

    def brings(self, step: str, wanted: str) -> bool:
        """Answer whether a step can bring what it wants: one of the fields that may be given with it."""
        fields = self._fields(step)
        return all(any(one in fields for one in each.split("|")) for each in wanted.split(", "))

    def field(self, name: str) -> dict[str, Any]:
        """Answer the declaration of a field."""
        found: dict[str, Any] = self.made["fields"].get(name, {})
        return found

    @property
    def telling(self) -> list[str]:
        """Answer the fields that tell one case from another: which case it belongs to, and whom it is about."""
        fields: dict[str, dict[str, Any]] = self.made["fields"]
        links = [name for name, one in fields.items() if one.get("type") == "link"]
        people = [name for name, one in fields.items() if one.get("type") == "person" and not one.get("personal")]
        return [*links[:1], *[*(name for name in WHO if name in fields), *people][:1]]

    def words_of(self, name: str) -> list[str]:
        """Answer the words that a field may say; none where it says something else."""
        return list(self.field(name).get("of") or ())

    # ── what people call it ────────────────────────────────────────────────────────────────────────────────────────

    def said_field(self, name: str) -> str:
        """Answer what people call a field."""
        said = self.labels.label("case_field", name, self.field(name).get("title"))
        own = {"starts": _("first day"), "ends": _("last day")} if self.made.get("every") else {}
        return own.get(said, said)

    def said_step(self, name: str) -> str:
        """Answer what people call a step: by its own name, else by its verb."""
        step = self.made["steps"].get(name, {})
        said = self.labels.label("case_step", name, step.get("title"))
        if said == PERIOD:
            return _("opened by the calendar")
        verb, _dot, part = name.partition(".")
        if said != name or not part:
            return said
        return f"{self.labels.label('case_step', verb)} ({self.labels.label('case_step', part)})"

    def said_verb(self, verb: str) -> str:
        """Answer what people call a verb: the label of its word, else that of its only step."""
        steps = self.verbs[verb]
        return self.said_step(steps[0]) if len(steps) == 1 else self.labels.label("case_step", dashless(verb))

    def said_state(self, word: str) -> str:
        """Answer what people call a state; a case that no step has given one is open."""
        said = self.labels.label("case_state", word)
        return _("under way") if said == "open" else said

    def said_duty(self, name: str, item: str | None = None) -> str:
        """Answer what people call a duty, and of what it is one; what a step left owing is called like its field."""
        duty = self.made["duties"].get(name)
        owing = duty is None and name in self.made["fields"]
        said = self.said_field(name) if owing else self.labels.label("case_duty", name, (duty or {}).get("title"))
        return f"{said} ({self.said_word(item)})" if item else said

    def said_word(self, word: str) -> str:
        """Answer what people call a word of a choice, or a role that stands for a hand."""
        said = self.labels.label("case_word", word)
        return said if said != word else self.labels.label("role", word)

    def said_value(self, name: str, value: Any) -> str:
        """Answer what a field says as people say it."""
        if isinstance(value, list):
            return self.labels.listed(self.said_value(name, one) for one in value)
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        kind = self.field(name).get("type")
        if kind == "money" and isinstance(value, int):
            return f"¥{amount(value, ',')}"
        if kind == "time":
            return minute(str(value))
        if kind in ("department", "person"):  # a rulebook may put a role where a person stands
            return self.labels.label("role", str(value))
        return self.said_word(str(value)) if kind == CHOICE else str(value)

    def said_name(self, name: str) -> str:
        """Answer what people call whatever a name of the declaration stands for."""
        for known, said in (("fields", self.said_field), ("steps", self.said_step), ("duties", self.said_duty)):
            if name in self.made[known]:
                return said(name)
        own = {HAND: _("whose hand it is"), "state": _("state")}
        return own.get(name) or self.labels.label("case_field", name)

    def said_hand(self, word: str) -> str:
        """Answer what people call a hand that is told by one word: a role, a field, anybody, a name."""
        return self._hand({"field": word} if word in self.made["fields"] else word)

    def public(self, name: str, value: Any) -> Any:
        """Answer what a field says as programs are told of it: an amount as a decimal text."""
        if isinstance(value, list):
            return [self.public(name, one) for one in value]
        return amount(value) if self.field(name).get("type") == "money" and isinstance(value, int) else value

    def said_hands(self, hands: list[Any] | None) -> str:
        """Answer who may do something, in words."""
        return self.labels.listed(self._hand(one) for one in hands or ())

    def _hand(self, hand: Any) -> str:
        if hand == "anyone":
            return _("anybody")
        if hand == OFFICE:
            return _("the program")
        if isinstance(hand, str):
            return self.labels.label("role", hand)
        role = self.labels.label("role", hand["role"]) if "role" in hand else ""
        if "of" in hand and not role:
            return _("the {field} named there").format(field=self.said_field(hand["of"]))
        if "of" in hand:
            return _("{role} of the {field}").format(role=role, field=self.said_field(hand["of"]))
        return role or _("whoever is named as {field}").format(field=self.said_field(hand["field"]))


def hyphened(word: str) -> str:
    """Answer a word of a declaration as it is typed."""
    return word.replace("_", "-")


def dashless(word: str) -> str:
    """Answer a typed word as it stands in a declaration."""
    return word.replace("-", "_")


def minute(text: str) -> str:
    """Answer a time as people read it."""
    return text[:16].replace("T", " ")


def amount(hundredths: int, mark: str = "") -> str:
    """Answer an amount of money in its unit, with a mark between the thousands or without."""
    sign, rest = "-" * (hundredths < 0), abs(hundredths)
    return f"{sign}{rest // 100:{mark}}.{rest % 100:02}"
