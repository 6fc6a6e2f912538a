"""crm demo: a sample day or month, played in an office of its own and told as it falls."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from crm_cli import clock, columns, names, shipped
from crm_cli.commands import init
from crm_cli.commands.answers import named, told_once
from crm_cli.commands.batch import words_of
from crm_cli.commands.session import Shared
from crm_cli.errors import DataError
from crm_cli.language import _, choose
from crm_cli.render import Answer, streams, tables
from crm_cli.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crm_cli.commands.session import Session
    from crm_cli.office import Office
    from crm_cli.past import Event

HANDS = "hands"  # a directive: it matters who types, and `--by` is shown
DIRECTIVES = ("profile", "manager", "timezone", "now")  # what `#! NAME: VALUE` lines of a sample say
QUESTION = "#?"  # begins what is asked, and answered whole: a comment to `crm run`
ROUTINE = ("add", "finish", "status")  # verbs that are told in passing where nobody is assigned by them
EFFECTS = ("missed", "violation", "place")  # what an event says became of a person; each is its own vocabulary
WIDEST, NARROWEST, TIME = 100, 60, 7


class Line(NamedTuple):
    """A line of a sample: where it stands, under which caption, what is typed, whether it only asks."""

    number: int
    caption: str
    words: list[str]
    asks: bool


@dataclass
class Script:
    """A sample: who founds its office and when, and its lines, each under the comment that precedes it."""

    file: Path
    directives: dict[str, str] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)


@dataclass
class Step:
    """A line that was carried out, what was answered, and what was recorded."""

    line: Line
    answer: Answer
    events: list[Event]

    @property
    def words(self) -> list[str]:
        """Answer what was typed."""
        return self.line.words

    @property
    def now(self) -> str:
        """Answer what the clock of the line says, as typed."""
        return self.words[self.words.index("--now") + 1]

    @property
    def passed(self) -> list[list[str]]:
        """Answer whose turns came up and were lost or put off: [[person, outcome]]."""
        return [one for event in self.events for one in event["data"].get("assignment", {}).get("passed", [])]


def command(
    context: typer.Context,
    house: Annotated[
        str | None, typer.Argument(metavar="HOUSE", help="Whose sample (default: the first that is shipped).")
    ] = None,
) -> Answer:
    """Play a sample day or month in an office of its own, and show it."""
    script = _script(shipped.sample(house or next(iter(shipped.samples()), "")))
    session: Session = context.obj
    with _office(script) as office:
        outer = Shared(office=str(office.folder), lang=choose(session.shared.lang))
        inner = session.anew(outer=outer, opened=[office], in_run=True)
        steps = [_step(inner, script, line) for line in script.lines]
        told = [*_heading(script), *_told(inner, script, steps), *_onward(script)]
        listed = [_as_row(inner, script, step) for step in steps if not step.line.asks]
    return Answer(_data(script, steps), told, rows=None if session.format in ("text", "json") else listed)


# ── the sample ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _script(file: Path) -> Script:
    """Answer what a sample says; one that does not say who founds its office is refused."""
    script, caption = Script(file), ""
    for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
        if line.startswith("#!"):
            name, _colon, value = line[2:].partition(":")
            script.directives[name.strip()] = value.strip()
        elif line.startswith("#") and not line.startswith(QUESTION):
            caption = line[1:].strip()
        elif line.strip():
            asks = line.startswith(QUESTION)
            script.lines.append(Line(number, caption, words_of(line.removeprefix(QUESTION)), asks))
    for name in DIRECTIVES:
        if name not in script.directives:
            raise DataError(
                _("the sample does not say its {name}").format(name=name), where=file.name, fix=f"#! {name}:"
            )
    return script


@contextmanager
def _office(script: Script) -> Iterator[Office]:
    """Answer a new office of which nothing is left behind."""
    house, typed, timezone, now = (script.directives[name] for name in DIRECTIVES)
    manager = names.person(typed)
    at = clock.moment(now, clock.zone(timezone), clock.machine())
    with init.for_a_while(shipped.house(house).parent, Settings(house, timezone), manager, at) as office:
        yield office


def _step(session: Session, script: Script, line: Line) -> Step:
    answer: Answer = session.perform(line.words, session.anew())
    if answer.exit and not line.asks:
        raise DataError(
            _("the line of the sample is answered: {verdict}").format(verdict=answer.data["verdict"]),
            where=f"{script.file.name}:{line.number}",
            fix=_("mend the sample"),
        )
    read = [session.office.journal.read(int(event)) for event in answer.data["events"]]
    return Step(line, answer, [event for event in read if event])


def _data(script: Script, steps: list[Step]) -> dict[str, Any]:
    return {
        "verdict": "played",
        "house": script.directives["profile"],
        "steps": [
            {
                **_shown(script, step),
                "now": step.now,
                "passed": [{"person": one, "turn": how} for one, how in step.passed],
            }
            for step in steps
            if not step.line.asks
        ],
        "asked": [_shown(script, step) for step in steps if step.line.asks],
        "cites": [],
        "events": [],
    }


def _shown(script: Script, step: Step) -> dict[str, Any]:
    return {
        "line": step.line.number,
        "caption": step.line.caption,
        "command": _typed(script, step.words),
        "exit": step.answer.exit,
        "answer": step.answer.data,
    }


def _as_row(session: Session, script: Script, step: Step) -> dict[str, Any]:
    return {
        "line": step.line.number,
        "now": step.now,
        "command": _typed(script, step.words),
        "verdict": step.answer.data["verdict"],
        "says": _decision(session, step),
    }


# ── telling it ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _heading(script: Script) -> list[str]:
    house = script.directives["profile"]
    sentences = [
        _("A sample of the rules of '{house}', played in an office that is gone afterwards.").format(house=house),
        _("First what the desk types, then what crm decides, in [ ] by which articles; in ( ) what led to it."),
    ]
    return [line for sentence in sentences for line in _fitted(sentence)]


def _told(session: Session, script: Script, steps: list[Step]) -> Iterator[str]:
    """Answer a sample line by line: captions, days, decisions, in passing what led to them, questions whole."""
    caption, day, passing = "", "", list[Step]()
    for step in steps:
        if step.line.caption != caption or not _is_routine(step):
            yield from _in_passing(passing)
            passing = []
        if step.line.caption != caption:
            caption = step.line.caption
            yield from ["", *_fitted(caption)]
        if step.line.asks:
            yield from _asked(script, step)
            continue
        if step.now[:10] != day:
            day = step.now[:10]
            yield day
        if _is_routine(step):
            passing.append(step)
        else:
            yield from _row(step.now[11:16], f"crm {_typed(script, step.words)}", _decision(session, step))
    yield from _in_passing(passing)


def _is_routine(step: Step) -> bool:
    return not step.line.asks and step.words[1] in ROUTINE and not step.answer.data.get("assignments")


def _in_passing(steps: list[Step]) -> list[str]:
    """Answer routine lines as one: each noun and verb once, with the people and words it was typed with."""
    found: dict[str, list[str]] = {}
    for step in steps:
        found.setdefault(" ".join(step.words[:2]), []).append(_plain_words(step.words[2:]))
    text = _("; ").join(f"{start} {', '.join(rest)}" for start, rest in found.items())
    return _row(steps[0].now[11:16], f"({text})", "") if steps else []


def _plain_words(words: list[str]) -> str:
    """Answer the words before the first option."""
    end = next((place for place, word in enumerate(words) if word.startswith("--")), len(words))
    return " ".join(words[:end])


def _typed(script: Script, words: list[str]) -> str:
    """Answer a line as it would be typed, without the clock that every line of a sample has, and the desk's hand."""
    silent = ("--now",) if HANDS in script.directives else ("--now", "--by")
    hidden = {place + more for place, word in enumerate(words) if word in silent for more in (0, 1)}
    return " ".join(f'"{word}"' if " " in word else word for place, word in enumerate(words) if place not in hidden)


def _decision(session: Session, step: Step) -> str:
    answer, cites = step.answer, step.answer.data["cites"]
    lines = list(answer.lines) if answer.talk or not cites else list(answer.lines[:-1])  # the last names the articles
    number = f"  #{step.events[0]['seq']}" if step.events else ""
    says = [*(line.removesuffix(number) for line in lines), *_effects(session, step)]
    articles = told_once(filter(None, _articles(session, step)))
    return _("; ").join(says) + (f" [{articles}]" if articles else "")


def _articles(session: Session, step: Step) -> list[str]:
    """Answer the articles that decided; the one by which every visit is entered in the book is no news."""
    deciding = [event for event in step.events if event["type"] != "customer.registered"]
    cites = [session.office.book.resolve(text) for event in deciding for text in event.get("cites", ())]
    return [cite.told for cite in cites if cite] or [named(one) for one in step.answer.data["cites"]]


def _effects(session: Session, step: Step) -> list[str]:
    """Answer what else became of people: a turn lost or given back, a breach, days without turns."""
    found = []
    for data in (event["data"] for event in step.events if "person" in event["data"]):
        words = [(name, data[name]) for name in EFFECTS if name in data]
        words += [("absence", "suspended")] if data.get("days") else []
        known = [one for one in words if one[1] != "none" and one[1] in session.office.book.words(one[0])]
        labels = [session.label(*one) for one in known]
        found += [f"{data['person']} {', '.join(labels)}"] if labels else []
    return found


def _asked(script: Script, step: Step) -> Iterator[str]:
    """Answer a question as it is typed, and all that is answered."""
    answer = step.answer
    yield from ["", *_fitted(f"$ crm {_typed(script, step.words)}")]
    for line in _part(answer):
        yield from _fitted(line) or [""]
    if answer.rows:
        yield from tables.drawn(answer, streams.Screen(terminal=True, columns=_width())).splitlines()


def _part(answer: Answer) -> list[str]:
    """Answer the lines of an answer; of an explanation only the paragraphs about people who were passed."""
    passed = answer.data.get("event", {}).get("data", {}).get("assignment", {}).get("passed", [])
    first, *paragraphs = "\n".join(answer.lines).split("\n\n")
    about = [text for text in paragraphs if any(f" {person}:" in text for person, _turn in passed)]
    if not about:
        return list(answer.lines)
    return "\n\n".join([first, "  ...", *about, "  ...", paragraphs[-1]]).split("\n")


def _onward(script: Script) -> list[str]:
    profile = script.directives["profile"]
    others = [one for one in shipped.samples() if one != script.file.parent.name]
    return [
        "",
        _("Your own office:  crm init my-office --profile {house} --manager NAME").format(house=profile),
        _("Other samples:    {commands}").format(commands=", ".join(f"crm demo {one}" for one in others)),
        _("To read on:       crm --help, README.md"),
    ]


# ── columns; a Chinese character is two of them ────────────────────────────────────────────────────────────────────


def _width() -> int:
    return max(NARROWEST, min(WIDEST, shutil.get_terminal_size((WIDEST, 24)).columns))


def _row(time: str, typed: str, decision: str) -> list[str]:
    """Answer a time, what was typed, and what was decided: to its right, or below where there is no room."""
    left = (WIDEST - TIME) * 46 // 100 if _width() == WIDEST else 2
    decided = _fitted(decision, before=" " * (TIME + left))
    above = _fitted(typed, before=" " * TIME)
    above[0] = time + above[0][len(time) :]
    if decided and columns.width(typed) < left:
        above[0] += " " * (left - columns.width(typed)) + decided.pop(0).lstrip()
    return [*above, *decided]


def _fitted(text: str, before: str = "") -> list[str]:
    """Answer a text in lines that fit, each indented as the first."""
    return columns.fitted(before + text, _width()) if text else []
