"""Random days at a desk: numbers become requests, legal or not, for the program's rules and for the model at once."""

from __future__ import annotations

import shlex
from datetime import date, datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from model import Model, RefusedError

from crm_cli.errors import UsageError
from crm_cli.past import Past
from crm_cli.policy.book import Book
from crm_cli.rules import register, rotate
from crm_cli.rules.fold import RULES, fold
from crm_cli.rules.topics import TOPICS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from model import Assignment

    from crm_cli.policy.book import Rulebook
    from crm_cli.rules.decision import Decision

Request = tuple[str, dict[str, Any], int]  # noun, what is asked, days from the first Monday
Event = dict[str, Any]

MONDAY = datetime(2025, 3, 3, 9, 0, tzinfo=timezone(timedelta(hours=8)))
PEOPLE, CLIENTS, BOSS = "ABCDE", tuple(f"k{number}" for number in range(1, 10)), "Boss"
STATUSES = ("free", "phone", "private", "official", "open", "closed", "new", "assist", "designated")
VERBS = {
    "arrive": 14, "finish": 10, "status": 6, "call": 4, "miss": 3, "redirect": 3, "hand_over": 4, "look_after_both": 4,
    "refuse": 1, "off": 1, "on": 1, "adjust": 1, "owe": 1, "confirm_grab": 6, "open": 3, "add": 1, "link": 1,
    "close": 1, "order": 1, "nonsense": 1,
}  # fmt: skip
MENU = tuple(verb for verb, weight in VERBS.items() for _ in range(weight))
STEADY = tuple(
    verb for verb in MENU if verb not in ("off", "on", "adjust", "owe", "order", "open", "close", "confirm_grab")
)


@cache
def rulebook() -> Rulebook:
    """Answer the shipped rules of the sales office."""
    folder = Path(__file__).parents[2] / "policies"
    return Book.open(folder, "sales-office", [], TOPICS, None).at(date(2025, 3, 3))


class Digits:
    """A number taken apart, digit by digit; zero is always the plainest choice."""

    def __init__(self, number: int) -> None:
        self.left = number

    def below(self, size: int) -> int:
        self.left, digit = divmod(self.left, size)
        return digit

    def of(self, choices: Sequence[Any]) -> Any:
        return choices[self.below(len(choices))]

    def seldom(self, one_in: int) -> bool:
        return self.below(one_in) == one_in - 1

    def order(self, people: Iterable[str]) -> list[str]:
        left = list(people)
        return [left.pop(self.below(len(left))) for _ in range(len(left))]


class Program:
    """The program's rules on a past of their own, without files."""

    def __init__(self, people: Sequence[str]) -> None:
        self.past, self.rules, self.people = Past(), rulebook(), people
        self.events: list[Event] = []
        self.record(self.decide("staff", {"verb": "add", "name": BOSS, "roles": ["manager"], "founding": True}, MONDAY))
        for name, role in [("Clerk", "clerk"), *((person, "salesperson") for person in people)]:
            self.record(self.decide("staff", {"verb": "add", "name": name, "roles": [role]}, MONDAY))

    def decide(self, noun: str, asked: dict[str, Any], now: datetime) -> Decision | None:
        """Answer what becomes of a request, None when it makes no sense."""
        try:
            return RULES[noun](self.past, self.rules, {**asked, "by": BOSS}, now)
        except UsageError:
            return None

    def record(self, decision: Decision | None) -> list[Event]:
        """Fold what was decided, as it would be read from the ledger."""
        events = lines_of(decision)
        for event in events:
            fold(self.past, event)
        self.events += events
        return events

    def board(self, clients: Iterable[str], now: datetime) -> dict[str, Any]:
        shown = rotate.show(self.past, self.rules)
        credit = {client: register.owner(self.past, self.rules, client, now)["owner"] for client in clients}
        held = sorted((one["client"], one["to"], one["how"]) for one in shown["with"])
        return {**shown, "with": held, "credit": credit}

    def dump(self) -> bytes:
        """Answer everything that is remembered."""
        return orjson.dumps(sorted([*name, document] for name, document in self.past._documents.items() if document))


def lines_of(decision: Decision | None) -> list[Event]:
    """Answer the events of a decision as the ledger would give them back."""
    drafts = decision.events if decision else []
    events: list[Event] = orjson.loads(
        orjson.dumps([{**draft, "cites": [cite.text for cite in draft["cites"]]} for draft in drafts])
    )
    return events


def assigned(events: list[Event]) -> list[Assignment]:
    """Answer who received whom, as the answer of a command lists it."""
    given = [event for event in events if event["data"].get("assignment")]
    return [
        (one.get("personal", {}).get("handle"), one["data"]["assignment"]["to"], one["data"]["assignment"]["how"])
        for one in given
    ]


def told(request: Request, outcome: str) -> str:
    """Answer a request as the command line that makes it, and what came of it."""
    noun, asked, day = request
    words = [noun, str(asked["verb"]).replace("_", "-")]
    for name, value in asked.items():
        if name in ("handle", "person", "status") or (name == "off" and isinstance(value, str)):
            words.append(str(value))
        elif name == "order":
            words += ["--order", ",".join(value)] if asked["verb"] == "open" else value
        elif name == "off":
            words += [word for person, why in value.items() for word in ("--off", f"{person}={why}")]
        elif value is True:
            words.append("--" + name.replace("_", "-"))
        elif name != "verb":
            words += ["--" + name.replace("_", "-"), str(value)]
    return f"day {day}  crm {shlex.join(words):<58} {outcome}"


def request_of(number: int, model: Model, menu: Sequence[str] = MENU) -> list[Request]:
    """Answer the request that a number stands for on the board as it is; opening a new week asks for its order too."""
    digits = Digits(number)
    verb = digits.of(menu)
    today = max(model.day, 0)
    if verb == "open" or (not model.is_open and not digits.seldom(4)):
        return _opening(digits, model, today)
    if verb == "nonsense":
        return [_nonsense(digits, today)]
    noun = "register" if verb in ("add", "link") else "rotate"
    return [(noun, {"verb": verb, **ASKED[verb](digits, model)}, today)]


def _client(digits: Digits, model: Model, wanted: Sequence[str] = ()) -> str:
    """Answer a client, mostly one that such a request can be about."""
    if wanted and not digits.seldom(6):
        return str(digits.of(wanted))
    return str(digits.of(CLIENTS))


def _person(digits: Digits, model: Model, wanted: Sequence[str] = ()) -> str:
    if wanted and not digits.seldom(6):
        return str(digits.of(wanted))
    return str(digits.of(model.people))


def _received(model: Model) -> list[str]:
    return [name for name, one in model.here.items() if one.to in model.people]


def _arrive(digits: Digits, model: Model) -> dict[str, Any]:
    gone = [client for client in CLIENTS if client not in model.here]
    asked: dict[str, Any] = {"handle": _client(digits, model, gone)}
    if digits.below(3) == 1:
        owner = model.owner(asked["handle"]) or "A"
        asked["asks"] = digits.of([*model.people, owner, owner, *model.people, "Z", BOSS])
        if digits.below(2) == 1:
            asked["not_told"] = True
    if digits.below(6) == 1:
        asked["unrecognised"] = True
    state = digits.of([None, None, None, "closed", "open", "first"])
    if state:
        asked["state"] = state
    if digits.seldom(8):
        asked.update(same_as=digits.of(CLIENTS), relation=digits.of(["family", "company"]))
    elif digits.seldom(20):
        asked["errand"] = "courier"
    return asked


def _call(digits: Digits, model: Model) -> dict[str, Any]:
    asked = {"handle": _client(digits, model)}
    return {**asked, "asks": digits.of([*model.people, "Z"])} if digits.below(3) == 1 else asked


def _status(digits: Digits, model: Model) -> dict[str, Any]:
    away = [person for person in model.people if model.status(person) != "free"]
    if digits.below(2):
        return {"person": _person(digits, model, away), "status": "free"}
    return {"person": _person(digits, model), "status": digits.of(STATUSES)}


def _held(digits: Digits, model: Model) -> dict[str, Any]:
    return {"handle": _client(digits, model, _received(model))}


def _redirect(digits: Digits, model: Model) -> dict[str, Any]:
    here = _client(digits, model, list(model.here))
    state = digits.of([None, None, "closed", "open"])
    return {"handle": here, "to": _person(digits, model), **({"state": state} if state else {})}


def _hand_over(digits: Digits, model: Model) -> dict[str, Any]:
    kept = [name for name, one in model.here.items() if one.how in ("office", "stand-in")]
    handle = _client(digits, model, kept)
    free = [person for person in model.people if model.stands(person) == "free"]
    return {"handle": handle, "to": _person(digits, model, free)}


def _both(digits: Digits, model: Model) -> dict[str, Any]:
    return {"handle": _client(digits, model, [name for name, one in model.here.items() if one.to == "waiting"])}


def _busy(digits: Digits, model: Model) -> dict[str, Any]:
    return {"person": _person(digits, model, [person for person in model.people if model.busy[person]])}


def _grabbed(digits: Digits, model: Model) -> dict[str, Any]:
    return {"handle": _client(digits, model, [name for name, (*_, done) in model.grabs.items() if not done])}


def _adjust(digits: Digits, model: Model) -> dict[str, Any]:
    ring = digits.order(model.people if digits.seldom(6) else model.visits.ring)
    return {"order": ring, "reason": "so"} if ring else {"order": model.people, "reason": "so"}


def _order(digits: Digits, model: Model) -> dict[str, Any]:
    return {"order": digits.order(model.people), **({"reason": "so"} if digits.below(2) else {})}


def _off(digits: Digits, model: Model) -> dict[str, Any]:
    return {"person": _person(digits, model), "off": digits.of(["leave", "rest", "suspended"])}


def _add(digits: Digits, model: Model) -> dict[str, Any]:
    gone = [client for client in CLIENTS if client not in model.here]
    client = digits.of(gone or CLIENTS)
    return {"handle": client, "to": _person(digits, model), "kind": digits.of(["visit", "phone"])}


def _link(digits: Digits, model: Model) -> dict[str, Any]:
    return {"handle": _client(digits, model), "same_as": _client(digits, model), "relation": "family"}


ASKED = {
    "arrive": _arrive,
    "call": _call,
    "finish": _busy,
    "status": _status,
    "miss": lambda digits, model: {**_held(digits, model), "reason": digits.of(["private", "official"])},
    "refuse": _held,
    "redirect": _redirect,
    "hand_over": _hand_over,
    "look_after_both": _both,
    "off": _off,
    "on": lambda digits, model: {"person": _person(digits, model, list(model.off))},
    "adjust": _adjust,
    "owe": lambda digits, model: {"person": _person(digits, model), "reason": "so"},
    "confirm_grab": _grabbed,
    "close": lambda _digits, _model: {},
    "order": _order,
    "add": _add,
    "link": _link,
}


def _opening(digits: Digits, model: Model, today: int) -> list[Request]:
    day = today + digits.of([1, 1, 1, 1, 3, 7, 0])
    asked: dict[str, Any] = {"verb": "open"}
    out = [person for person in model.people if digits.seldom(6)]
    if out:
        asked["off"] = {person: digits.of(["leave", "rest", "suspended"]) for person in out}
    if digits.seldom(6):
        due = [person for person in model.people if model.suspensions.get(person)]
        on_duty = [person for person in model.people if person not in [*out, *due]]
        asked["order"] = digits.order(model.people if digits.seldom(5) or not on_duty else on_duty)
    if digits.below(3) == 1:
        asked["no_clerk"] = True
    opening: list[Request] = [("rotate", asked, day)]
    if day // 7 not in model.orders and not digits.seldom(5):
        return [("rotate", {"verb": "order", "order": digits.order(model.people)}, day), *opening]
    return opening


def _nonsense(digits: Digits, today: int) -> Request:
    choices: list[dict[str, Any]] = [
        {"verb": "finish", "person": "Nobody"},
        {"verb": "status", "person": "Clerk", "status": "phone"},
        {"verb": "miss", "handle": "stranger", "reason": "private"},
        {"verb": "redirect", "handle": "stranger", "to": "A"},
        {"verb": "off", "person": BOSS, "off": "leave"},
        {"verb": "owe", "person": "Nobody", "reason": "so"},
        {"verb": "order", "order": ["A"], "reason": "so"},
        {"verb": "order", "order": ["A", "A", "B"], "reason": "so"},
        {"verb": "confirm_grab", "handle": "stranger"},
    ]
    return "rotate", digits.of(choices), today


class Story:
    """One office from its first day on: every request goes to both, and both must come to the same."""

    def __init__(self, people: int, *, clerk: bool = True) -> None:
        names = list(PEOPLE[:people])
        self.model, self.program = Model(names), Program(names)
        self.script: list[str] = []
        self.requests: list[tuple[Request, datetime, list[Event]]] = []
        self.now, self.board = MONDAY, self.program.board((), MONDAY)
        self.play(("rotate", {"verb": "order", "order": names}, 0))
        self.play(("rotate", {"verb": "open", **({} if clerk else {"no_clerk": True})}, 0))

    def tell(self, numbers: Iterable[int], menu: Sequence[str] = MENU) -> None:
        for number in numbers:
            for request in request_of(number, self.model, menu):
                self.play(request)

    def play(self, request: Request) -> list[Event]:
        """Make a request of both; answer what the program recorded."""
        noun, asked, day = request
        self.now = MONDAY + timedelta(days=day, minutes=len(self.script) + 1)
        before = self.program.dump()
        decision = self.program.decide(noun, asked, self.now)
        self.must(self.program.dump() == before, "to decide changed the past", request)
        expected = self._expected(request)
        if decision is None or not decision.allowed:
            self.script.append(told(request, "refused"))
            self.must(expected is None, f"the program refuses, the model does not: {expected}", request)
            self.must(not lines_of(decision), "a refusal was recorded as something", request)
            return []
        events = self.program.record(decision)
        self.requests.append((request, self.now, events))
        got = assigned(events)
        self.script.append(
            told(request, ", ".join(f"{client} -> {to}" for client, to, _how in got) or decision.verdict)
        )
        self.must(expected is not None, "the model refuses, the program does not", request)
        self.must(got == expected, f"received: program {got}, model {expected}", request)
        board = self.program.board(sorted(self.model.known), self.now)
        self._same_board(board, request)
        self.check(request, events, board)
        self.board = board
        return events

    def check(self, request: Request, events: list[Event], board: dict[str, Any]) -> None:
        """Look at the board after a request, `self.board` being the one before it; tests say what must hold."""

    def _expected(self, request: Request) -> list[Assignment] | None:
        noun, asked, day = request
        if asked.get("person") in (None, *self.model.people) and asked.get("handle") != "stranger":
            try:
                return self.model.play(noun, asked, day)
            except RefusedError:
                pass
        return None

    def _same_board(self, board: dict[str, Any], request: Request) -> None:
        expected = self.model.board()
        differing = [
            f"{name}: program {board[name]}, model {value}" for name, value in expected.items() if board[name] != value
        ]
        self.must(not differing, "\n  ".join(differing), request)

    def must(self, holds: bool, otherwise: str, request: Request) -> None:
        """Fail with all the days so far, as command lines, and what went wrong at their end."""
        if not holds:
            last = told(request, "")
            unfinished = [] if self.script and self.script[-1].startswith(last.rstrip()) else [last]
            raise AssertionError("\n".join(["", *self.script, *unfinished, f"  {otherwise}"]))
