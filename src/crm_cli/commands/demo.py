"""crm demo: a sample day, played in an office of its own and told as it falls."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_cli import clock, columns, names, shipped
from crm_cli.commands import init
from crm_cli.commands.batch import words_of
from crm_cli.commands.session import Shared
from crm_cli.errors import DataError
from crm_cli.language import _, choose
from crm_cli.render import Answer, tables
from crm_cli.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crm_cli.commands.session import Session
    from crm_cli.office import Office
    from crm_cli.past import Event

DIRECTIVES = ("profile", "manager", "timezone", "now")  # what `#! NAME: VALUE` lines of a sample say
SILENT = ("--now", "--by")  # typed in every line of a sample, and left out when it is shown
ROUTINE = ("add", "finish", "status")  # verbs that are told in passing where nobody is assigned by them
EFFECTS = ("missed", "violation", "place")  # what an event says became of a person; each is its own vocabulary
WIDEST, NARROWEST, TIME = 100, 60, 7


@dataclass
class Script:
    """A sample day: who founds its office and when, and its lines, each under the comment that precedes it."""

    file: Path
    directives: dict[str, str] = field(default_factory=dict)
    lines: list[tuple[int, str, list[str]]] = field(default_factory=list)  # number, caption, words


@dataclass
class Step:
    """A line that was carried out: its number, the caption it stands under, what was typed, answered, recorded."""

    number: int
    caption: str
    words: list[str]
    answer: Answer
    events: list[Event]

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
        str | None, typer.Argument(metavar="HOUSE", help="Whose sample day (default: the first that is shipped).")
    ] = None,
) -> Answer:
    """Play a sample day in an office of its own, and show it."""
    script = _script(shipped.sample(house or next(iter(shipped.samples()), "")) / "day.crm")
    session: Session = context.obj
    with _office(script) as office:
        outer = Shared(office=str(office.folder), lang=choose(session.shared.lang))
        inner = session.anew(outer=outer, opened=[office], in_run=True)
        steps = [_step(inner, script, *line) for line in script.lines]
        asked = [(words, _performed(inner, words)) for words in _last_questions(steps)]
        told = [*_heading(script), *_told(inner, steps), *_asked(asked), *_onward(script)]
        rows = None if session.format in ("text", "json") else [_as_row(inner, step) for step in steps]
    return Answer(_data(script, steps, asked), told, rows=rows)


# ── the sample ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _script(file: Path) -> Script:
    """Answer what a sample says; one that does not say who founds its office is refused."""
    script, caption = Script(file), ""
    for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
        if line.startswith("#!"):
            name, _colon, value = line[2:].partition(":")
            script.directives[name.strip()] = value.strip()
        elif line.startswith("#"):
            caption = line[1:].strip()
        elif line.strip():
            script.lines.append((number, caption, words_of(line)))
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


def _performed(session: Session, words: list[str]) -> Answer:
    answer: Answer = session.perform(words, session.anew())
    return answer


def _step(session: Session, script: Script, number: int, caption: str, words: list[str]) -> Step:
    answer = _performed(session, words)
    if answer.exit:
        raise DataError(
            _("the line of the sample is answered: {verdict}").format(verdict=answer.data["verdict"]),
            where=f"{script.file.name}:{number}",
            fix=_("mend the sample"),
        )
    read = [session.office.journal.read(int(event)) for event in answer.data["events"]]
    return Step(number, caption, words, answer, [event for event in read if event])


def _last_questions(steps: list[Step]) -> list[list[str]]:
    """Answer what is asked when the day is over: the board, why somebody was passed, whether the ledger is whole."""
    puzzling = max(steps, key=lambda step: (len({turn for _person, turn in step.passed}), -len(step.passed)))
    return [
        ["rotate", "show", "--now", steps[-1].now],
        ["why", puzzling.answer.data["events"][0]],
        ["ledger", "verify", "--replay"],
    ]


def _data(script: Script, steps: list[Step], asked: list[tuple[list[str], Answer]]) -> dict[str, Any]:
    board, why, ledger = (answer.data for _words, answer in asked)
    shown = [
        {
            "line": step.number,
            "caption": step.caption,
            "now": step.now,
            "command": _typed(step.words),
            "exit": step.answer.exit,
            "answer": step.answer.data,
            "passed": [{"person": person, "turn": outcome} for person, outcome in step.passed],
        }
        for step in steps
    ]
    return {
        "verdict": "played",
        "house": script.directives["profile"],
        "steps": shown,
        "board": board,
        "why": why,
        "ledger": ledger,
        "cites": [],
        "events": [],
    }


def _as_row(session: Session, step: Step) -> dict[str, Any]:
    return {
        "line": step.number,
        "now": step.now,
        "command": _typed(step.words),
        "verdict": step.answer.data["verdict"],
        "says": _decision(session, step),
    }


# ── telling it ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _heading(script: Script) -> list[str]:
    house = script.directives["profile"]
    sentences = [
        _("A day at the front desk, by the rules of '{house}', in an office that is gone afterwards.").format(
            house=house
        ),
        _("First what the desk types, then what crm decides, in [ ] by which articles; in ( ) what led to it."),
    ]
    return [line for sentence in sentences for line in _fitted(sentence)]


def _told(session: Session, steps: list[Step]) -> Iterator[str]:
    """Answer the day line by line: captions, decisions, and in passing what led to them."""
    caption, passing = "", list[Step]()
    for step in steps:
        if step.caption != caption or not _is_routine(step):
            yield from _in_passing(passing)
            passing = []
        if step.caption != caption:
            caption = step.caption
            yield from ["", *_fitted(caption)]
        if _is_routine(step):
            passing.append(step)
        else:
            yield from _row(step.now[11:16], f"crm {_typed(step.words)}", _decision(session, step))
    yield from _in_passing(passing)


def _is_routine(step: Step) -> bool:
    return step.words[1] in ROUTINE and not step.answer.data.get("assignments")


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


def _typed(words: list[str]) -> str:
    """Answer a line as it would be typed, without the clock and the hand that every line of a sample has."""
    hidden = {place + more for place, word in enumerate(words) if word in SILENT for more in (0, 1)}
    return " ".join(f'"{word}"' if " " in word else word for place, word in enumerate(words) if place not in hidden)


def _decision(session: Session, step: Step) -> str:
    answer, cites = step.answer, step.answer.data["cites"]
    lines = list(answer.lines) if answer.talk or not cites else list(answer.lines[:-1])  # the last names the articles
    number = f"  #{step.events[0]['seq']}" if step.events else ""
    says = [*(line.removesuffix(number) for line in lines), *_effects(session, step)]
    articles = "、".join(dict.fromkeys(filter(None, _articles(session, step))))
    return _("; ").join(says) + (f" [{articles}]" if articles else "")


def _articles(session: Session, step: Step) -> list[str | None]:
    """Answer the articles that decided; the one by which every visit is entered in the book is no news."""
    deciding = [event for event in step.events if event["type"] != "customer.registered"]
    cites = [session.office.book.resolve(text) for event in deciding for text in event.get("cites", ())]
    return [cite.article for cite in cites if cite] or [cite["article"] for cite in step.answer.data["cites"]]


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


def _asked(asked: list[tuple[list[str], Answer]]) -> Iterator[str]:
    for words, answer in asked:
        yield from ["", f"$ crm {_typed(words)}"]
        for line in _part(answer):
            yield from _fitted(line) or [""]
        if answer.rows:
            yield from tables.aligned(
                [answer.headings, *([tables.cell(one) for one in row.values()] for row in answer.rows)]
            )


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
    return [
        "",
        _("Your own office:  crm init my-office --profile {house} --manager NAME").format(house=profile),
        _("To read on:       crm --help, crm rotate --help, README.md"),
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
