"""The command of a step, made from its declaration: the id, then one option a field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from typer.core import TyperArgument, TyperOption

from crm_cli.columns import fitted
from crm_cli.commands.case.declared import CHOICE, FLAG, Kind, hyphened
from crm_cli.commands.groups import CONTEXT
from crm_cli.commands.options import Recording
from crm_cli.language import _

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from crm_cli.render import Answer

CASE, FIELD = "case_id", "field_"  # names of parameters: they meet neither each other nor those that all share
METAVARS = {
    CHOICE: "WORD", "number": "NUMBER", "money": "AMOUNT", "date": "DAY", "time": "TIME", "person": "PERSON",
    "department": "ROLE", "customer": "CLIENT", "phone": "NUMBER", "plate": "PLATE", "vin": "VIN",
    "document": "PAPER", "link": "ID",
}  # fmt: skip
SAMPLES = {
    "day": "2025-03-03", "week": "2025-W10", "month": "2025-03", "quarter": "2025-Q1", "half year": "2025-H1",
    "year": "2025",
}  # fmt: skip
ROOM = 46  # columns for what is said of an option, so that one takes a line
LINES = 24  # of a screen
MOST = 6  # lines for the words of a choice
SHOWN = 3  # wanted fields in an example


class Field(TyperOption):
    """An option that says what a field of the case is."""

    field = ""

    def get_help_record(self, ctx: Any) -> tuple[str, str] | None:
        """Answer how the option is listed; one that may be said either way takes no more room than others."""
        word = self.opts[0]
        return (f"--[no-]{word[2:]}", self.help or "") if self.is_flag else super().get_help_record(ctx)


class Given(TyperArgument):
    """A field that is given without the name of its option."""

    field = ""


class Identity(TyperArgument):
    """Which case."""


class Step(Recording):
    """The command of a verb: its parameters are the fields of its steps, its help is what the declaration says.

    A help too long for a screen is `cut`: an option takes one line, but for the words of a choice, which all stay; then
    `brief`: what all commands say goes.
    """

    cut = brief = False

    def __init__(self, kind: Kind, verb: str) -> None:
        self.kind, self.verb, self.example = kind, verb, ""
        super().__init__(
            name=verb, params=_parameters(kind, verb), help=kind.said_verb(verb), rich_markup_mode=None,
            context_settings=CONTEXT,
        )  # fmt: skip

    def invoke(self, ctx: Any) -> Answer:
        """Carry out the step."""
        from crm_cli.commands.case import step  # noqa: PLC0415 - who asks for help takes none

        typed = {
            name.removeprefix(FIELD): value
            for name, value in ctx.params.items()
            if name.startswith(FIELD) and value not in (None, (), [])
        }
        return step.taken(ctx.obj, self.kind, self.verb, ctx.params.get(CASE), typed)

    def get_help(self, ctx: Any) -> str:
        """Answer the help in the language of the run, on one screen where that is possible."""
        ctx.obj.speak()
        lines = told(self.kind, self.verb)
        self.example = example(self.kind, self.verb)
        first = lines[:1]
        shorter = ((False, False, lines), (True, False, lines), (True, False, first), (True, True, lines))
        for self.cut, self.brief, said in (*shorter, (True, True, first)):
            self.help, self.add_help_option = "\n".join(said), not self.cut
            for one in self.params:
                if isinstance(one, Field | Given):
                    one.help = _said(self.kind, self.verb, one.field, cut=self.cut)
            page = super().get_help(ctx)
            if page.count("\n") < LINES:
                break
        return page


def _cut(text: str, lines: int = 1) -> str:
    """Answer as much of a text as fits some lines; what there is more of a mistake would list."""
    found = fitted(text, ROOM)
    return f"{' '.join(found[:lines]).rstrip(', ')} …" if len(found) > lines else text


def _parameters(kind: Kind, verb: str) -> list[Any]:
    positional = list(dict.fromkeys(name for step in kind.steps(verb) for name in step.get("args", ())))
    given = [_argument(kind, name) for name in positional]
    options = [_option(kind, name) for name in kind.fields_of(verb) if name not in positional]
    return [*_identity(kind, verb), *given, *options]


def _identity(kind: Kind, verb: str) -> list[Identity]:
    """Answer the argument for the id: none where the step begins a case that the office numbers."""
    steps = kind.steps(verb)
    begins = any(step.get("opens") for step in steps)
    beginnings = [one for one in kind.verbs if any(step.get("opens") for step in kind.steps(one))]
    goes_on = not all(step.get("opens") for step in steps) or len(beginnings) > 1
    numbered = kind.made.get("number") != "given"
    if begins and numbered and not goes_on:
        return []
    return [
        Identity(param_decls=[CASE], type=str, metavar="ID", required=not (begins and numbered), help="Which case.")
    ]


def _argument(kind: Kind, name: str) -> Given:
    many = bool(kind.field(name).get("many"))
    made = Given(
        param_decls=[FIELD + name], type=str, metavar=metavar(kind, name) + "..." * many, required=False,
        nargs=-1 if many else 1, show_default=False,
    )  # fmt: skip
    made.field = name
    return made


def _option(kind: Kind, name: str) -> Field:
    declared, word = kind.field(name), hyphened(name)
    if declared.get("type") == FLAG:
        made = Field(param_decls=[FIELD + name, f"--{word}/--no-{word}"], is_flag=True, default=None)
    else:
        made = Field(
            param_decls=[FIELD + name, f"--{word}"], type=str, default=None, metavar=metavar(kind, name),
            multiple=bool(declared.get("many")),
        )  # fmt: skip
    made.field = name
    return made


def metavar(kind: Kind, name: str) -> str:
    """Answer how the usage calls what a field says."""
    return METAVARS.get(kind.field(name).get("type", ""), "TEXT")


# ── help ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def told(kind: Kind, verb: str) -> list[str]:
    """Answer the sentence of a verb, and what else is said of it: who may, after what, by which article."""
    names = kind.verbs[verb]
    head = _("{kind}: {step}").format(kind=kind.title, step=kind.said_verb(verb))
    head = head[:1].upper() + head[1:]
    says = [text for name in names if (text := kind.labels.spoken(kind.made["steps"][name].get("says")))]
    if len(names) == 1:
        article = _article(kind.made["steps"][names[0]])
        return [f"{head} ({article})" if article else head, *_of_step(kind, names[0]), *says]
    each = [" ".join([f"- {kind.said_step(name)}:", *_of_step(kind, name)]) for name in names]
    return [_("{head}; the first of these that may be done").format(head=head), *each, *says]


def sentence(kind: Kind, verb: str) -> str:
    """Answer what a verb is in a list of verbs."""
    names = kind.verbs[verb]
    hands = "; ".join(
        filter(None, dict.fromkeys(kind.said_hands(_hands(kind, kind.made["steps"][one])) for one in names))
    )
    said = kind.said_verb(verb)
    return said if not hands else _("{step} ({hands})").format(step=said, hands=hands)


def _of_step(kind: Kind, name: str) -> list[str]:
    """Answer who may do a step and after what; nothing where the declaration leaves both open."""
    step = kind.made["steps"][name]
    hands = kind.said_hands(_hands(kind, step))
    after = kind.labels.listed(kind.said_step(one) for one in step.get("after") or ())
    many = len(kind.verbs[hyphened(step["verb"])]) > 1
    parts = [
        _article(step) if many else "",
        _("by {hands}").format(hands=hands) if hands else "",
        _("after {steps}").format(steps=after) if after else "",
    ]
    said = "; ".join(filter(None, parts))
    return [said] if said else []


def _hands(kind: Kind, step: Mapping[str, Any]) -> list[Any] | None:
    """Answer who may do a step: whom it names, else whom the kind names."""
    return step.get("by") or kind.made.get("by")


def _article(told: Mapping[str, Any]) -> str:
    ref = told.get("ref")
    return str(told.get("article") or (", ".join(ref) if isinstance(ref, list) else ref) or "")


def _said(kind: Kind, verb: str, name: str, *, cut: bool = False) -> str:
    """Answer what is said of a field: what people call it, its words, whether it is wanted."""
    words = ", ".join(_words(kind, name, cut=cut))
    positional = any(name in step.get("args", ()) for step in kind.steps(verb))
    many = _("may be repeated") if kind.field(name).get("many") and not positional else ""
    said = kind.said_field(name)
    plain = said == name or (cut and said == name.replace("_", " "))  # the option says it already
    wanted = f"[{_('required')}]" if name in kind.wanted(verb) else ""
    text = "  ".join(filter(None, [wanted, ": ".join(filter(None, ["" if plain and words else said, words])), many]))
    return _cut(text, MOST if words else 1) if cut else text


def _words(kind: Kind, name: str, *, cut: bool) -> list[str]:
    """Answer the words of a choice with what people call them; that alone where room is short and it is enough."""
    words = kind.words_of(name)
    said = [kind.said_word(word) for word in words]
    if kind.labels.tongue == "en":
        return words
    if cut and len({*said}) == len(words):
        return said
    return [word if word == label else f"{word} {label}" for word, label in zip(words, said, strict=True)]


def example(kind: Kind, verb: str) -> str:
    """Answer a line that one might type: the id where one is wanted, and the first fields that are."""
    positional = [name for step in kind.steps(verb) for name in step.get("args", ())]
    wanted = [name for name in kind.wanted(verb) if name not in positional]
    wanted += [name for name in _wanted_then(kind, verb, wanted) if name not in (*positional, *wanted)]
    words = [f"crm {kind.typed} {verb}"]
    if any(one.required for one in _identity(kind, verb)):
        words.append(sample_id(kind))
    words += [_sample(kind, name) for name in dict.fromkeys(positional)]
    words += [_with_option(kind, name) for name in wanted[:SHOWN]]
    return " ".join(words) + (" …" if len(wanted) > SHOWN else "")


def _wanted_then(kind: Kind, verb: str, given: Sequence[str]) -> Iterator[str]:
    """Answer the fields that rows of a step ask for where the choices that are given say their first words."""
    said = {name: word for name in given for word in kind.words_of(name)[:1]}
    for row in (row for step in kind.steps(verb) for row in step.get("needs", ())):
        tests = row.get("when") or ()
        holds = all(test["op"] == "in" and not test["not"] and said.get(test["name"]) in test["of"] for test in tests)
        if tests and holds and row["else"] == "refuse":
            yield from (one if isinstance(one, str) else one[0] for one in row.get("asks") or ())


def sample_id(kind: Kind) -> str:
    """Answer what an id of the kind looks like."""
    number = kind.made.get("number")
    if kind.made.get("every"):
        return SAMPLES[kind.made["every"]]
    return "A-1" if number == "given" else f"{number or kind.name}-1"


def _with_option(kind: Kind, name: str) -> str:
    if kind.field(name).get("type") == FLAG:
        return f"--{hyphened(name)}"
    return f"--{hyphened(name)} {_sample(kind, name)}"


def _sample(kind: Kind, name: str) -> str:
    declared = kind.field(name)
    if declared.get("type") == CHOICE and declared.get("of"):
        word: str = declared["of"][0]
        return word if kind.labels.tongue == "en" else kind.said_word(word)
    samples = {
        "number": "1", "money": "100.00", "date": "2025-03-03", "time": "2025-03-03T10:00", "phone": "13800138000",
        "plate": "沪A12345", "vin": "LSVAA4182E2184847", "person": _("Anna"), "customer": _("'Ms Wang'"),
    }  # fmt: skip
    return samples.get(declared.get("type", ""), "'…'")
