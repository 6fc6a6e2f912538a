"""Doing a step: what it lacks refuses it; else it is recorded with all that follows, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from crm_cli.errors import UsageError
from crm_cli.language import _
from crm_cli.rules.case import checks, duties, effects, falling, lookups
from crm_cli.rules.case.conditions import holds
from crm_cli.rules.case.evolve import MERGED, OPENED, STEPPED, WITHDRAWN, blank
from crm_cli.rules.case.hands import OFFICE
from crm_cli.rules.case.kinds import kinds, none_in_force, standing
from crm_cli.rules.case.sight import Sight
from crm_cli.rules.decision import RefusalError
from crm_cli.rules.directory import must_be_on_the_staff

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crm_cli.past import Document
    from crm_cli.policy.ask import CaseRule
    from crm_cli.policy.book import Cite, Rulebook
    from crm_cli.rules.decision import Case as Request

FOREIGN = {"not_allowed", "recused", "already"}  # what tells that a step is not this hand's to do now
DEEPEST = 8  # cases that one step leads to, each from the one before


@dataclass(eq=False, repr=False)
class Run:
    """One request being carried out, over as many cases as it leads to."""

    request: Request
    warnings: list[dict[str, Any]] = field(default_factory=list)
    started: list[str] = field(default_factory=list)
    merged: str | None = None


@dataclass(eq=False, repr=False)
class Doing:
    """One step of one case that is to be done: by which rulebook, on which document, which values, whose hand."""

    rules: Rulebook
    rule: CaseRule
    document: Document
    step: str
    values: dict[str, Any]
    hand: str
    program: bool = False
    source: str | None = None
    number: int | None = None
    because: tuple[Cite, ...] = ()  # what of the rulebook led to it from another case

    @property
    def declared(self) -> dict[str, Any]:
        """Answer the step as the rulebook declares it."""
        found: dict[str, Any] = self.rule.compiled["steps"][self.step]
        return found

    @property
    def opening(self) -> bool:
        """Answer whether the step opens its case."""
        return not self.document["log"]

    def sight(self, request: Request) -> Sight:
        """Answer the case as it is seen while the step is being done."""
        return Sight(request.past, self.rules, self.rule, self.document, request.moment, self.hand, self.values)


# ── which step is meant ────────────────────────────────────────────────────────────────────────────────────────────


def asked(run: Run) -> str:
    """Do the step that was asked for; answer the id of the case that it was done in."""
    request = run.request
    must_be_on_the_staff(request.past, request.asked["by"])
    kind, verb = request.asked["kind"], request.asked["step"]
    values = {**request.asked.get("fields", {}), **request.asked.get("card", {})}
    rule = kinds(request.rules).get(kind)
    if rule is None:
        raise none_in_force(kind)
    opens = [step for step, one in rule.compiled["steps"].items() if one["verb"] == verb and one["opens"]]
    known = request.past.get("case", request.asked.get("case", ""))
    if opens and (known is None or rule.compiled["number"] == "given"):
        if known is not None:
            raise RefusalError("already", _("{id} is there already").format(id=known["id"]), rule.cite(opens[0]))
        return open_case(run, rule, opens[0], values, request.asked["by"], key=request.asked.get("case"))
    document = must_be(request, kind, request.asked.get("case", ""))
    return do(run, document, verb, values, request.asked["by"])


def must_be(request: Request, kind: str, key: str) -> Document:
    """Answer the document of a case; an id that no case of the kind has is refused."""
    document = request.past.get("case", key)
    if document is None or document["kind"] != kind:
        what = _("there is no {kind} {id}").format(kind=kind, id=key)
        raise UsageError(what, fix=_("crm {kind} list shows them").format(kind=kind.replace(".", " ")))
    return document


def do(run: Run, document: Document, verb: str, values: dict[str, Any], hand: str, *, program: bool = False) -> str:
    """Do a step of a case that is there; of several doings of a verb the one that can be done."""
    fall(run, document["id"])
    document = run.request.past.get("case", document["id"]) or document
    rules, rule = falling.living(run.request.rules, document)
    steps = [step for step, one in rule.compiled["steps"].items() if verb in (step, one["verb"]) and not one["opens"]]
    if not steps:  # an opening step of a case that is there says that it was done already
        steps = [step for step, one in rule.compiled["steps"].items() if verb in (step, one["verb"])]
    doings = [Doing(rules, rule, document, step, values, hand, program) for step in steps]
    return perform(run, _chosen(run, doings))


def _chosen(run: Run, doings: Sequence[Doing]) -> Doing:
    """Answer the first that lacks nothing; else the first whose turn, or whose hand, it is."""
    if len(doings) == 1:
        return doings[0]
    lacks = [checks.wants(one.sight(run.request), one.step, program=one.program).refuse for one in doings]
    of_others = {"not_allowed", "recused", "blocked", "too_early"}
    for sorts in (set[str](), {"missing"}, of_others, {"already"}, of_others | {"missing"}):
        for one, lacking in zip(doings, lacks, strict=True):
            if {want.sort for want in lacking} <= sorts:
                return one
    mine = (one for one, lacking in zip(doings, lacks, strict=True) if not {want.sort for want in lacking} & FOREIGN)
    return next(mine, doings[-1])


def fall(run: Run, key: str) -> bool:
    """Record what fell due in a case, and do at the same instant what follows from it; answer whether anything did."""
    request, seen = run.request, set[falling.Fall]()
    while one := next((one for one in falling.of_case(request.past, key, request.moment) if one not in seen), None):
        seen.add(one)
        then = replace(request, moment=one.at, rules=request.rules.book.at(one.at.date()))
        for effect in falling.record(then, one):
            _act(replace(run, request=then), _program(then, key), effect, depth=1)
    return bool(seen)


def _program(request: Request, key: str) -> Doing:
    document = request.past.get("case", key) or {}
    rules, rule = falling.living(request.rules, document)
    return Doing(rules, rule, document, "", {}, OFFICE, program=True)


# ── opening ────────────────────────────────────────────────────────────────────────────────────────────────────────


def open_case(
    run: Run, rule: CaseRule, step: str, values: dict[str, Any], hand: str, *,
    key: str | None = None, source: str | None = None, program: bool = False,
) -> str:  # fmt: skip
    """Open a case by a step; answer its id, or that of the earlier case which it turned out to be."""
    request = run.request
    number, name = None, key
    if name is None:
        number = (request.past.get("cases", rule.name) or {"count": 0})["count"] + 1
        name = f"{rule.compiled['number'] or rule.name}-{number}"
    document = blank(name, rule.name, request.happened, request.asked["by"])
    document["fields"] = {
        one: field["start"] for one, field in rule.compiled["fields"].items() if field["start"] is not None
    }
    rules = standing(request.rules, rule.name) or request.rules
    return perform(run, Doing(rules, rule, document, step, values, hand, program, source, number))


# ── doing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def perform(run: Run, doing: Doing, depth: int = 0) -> str:
    """Do one step of one case with all that follows from it; answer the id of the case."""
    request, sight = run.request, doing.sight(run.request)
    merging = _merges(doing, sight)
    lacking = checks.wants(sight, doing.step, program=doing.program)
    if lacking.refuse:
        raise refused(doing, lacking.refuse)
    if merging:
        return _merged(run, doing, merging)
    run.warnings += [warned(want) for want in lacking.warn]
    _withdraw(request, doing)
    follows = effects.Follows()
    effects.follow(sight.during(doing.declared), doing.declared["then"], follows)
    before = None if doing.opening else sight.but(given={})
    effects.becoming(before, sight.but(given={**sight.given, **follows.set}), follows)
    _record(request, doing, follows, lacking)
    key: str = doing.document["id"]
    for effect in follows.later:
        done = replace(doing, document=request.past.get("case", key) or {}, values={})
        _act(run, done, effect, depth + 1)
    return key


def _merges(doing: Doing, sight: Sight) -> tuple[str, dict[str, Any]] | None:
    """Answer the earlier case that an opening step turns out to be, and the effect that says so."""
    for effect in doing.declared["then"] if doing.opening else ():
        if effect["do"] == "merge" and holds(sight, effect["when"]):
            found = lookups.found(sight, effect["merge"])
            if found:
                return found[0], effect
    return None


def _merged(run: Run, doing: Doing, merging: tuple[str, dict[str, Any]]) -> str:
    """Do the step `merge` in the earlier case with what it takes of the new one; no new case begins."""
    key, effect = merging
    fall(run, key)
    document = run.request.past.get("case", key) or {}
    rules, rule = falling.living(run.request.rules, document)
    declared = rule.compiled["steps"]["merge"]
    taken = {name: value for name, value in doing.values.items() if name in declared["takes"]}
    cite = doing.rule.cite(effect["row"])
    merge = Doing(rules, rule, document, "merge", taken, doing.hand, program=True, because=(cite,))
    if not doing.program:  # who may open a case may bring more of it, unless the case that is there bars them
        lacking = checks.barred(merge.sight(run.request), "merge")
        if lacking.refuse:
            raise refused(merge, lacking.refuse)
        run.warnings += [warned(want) for want in lacking.warn]
    run.merged = key
    run.warnings.append(checks.Want("merged", key, cite).told())
    return perform(run, merge)


def _withdraw(request: Request, doing: Doing) -> None:
    """Take back the breach of a duty that this step, dated in time, has met after all."""
    sight = doing.sight(request)
    for entry in [] if doing.opening else duties.met_by(sight, doing.step):
        if entry["state"] == "breached" and entry["due"] and request.moment <= datetime.fromisoformat(entry["due"]):
            data = {"kind": doing.rule.name, "duty": entry["name"], "item": entry["item"]}
            cite = falling.cite_of(doing.rule, entry["name"])
            request.record(WITHDRAWN, data, cite, subject=doing.document["id"])
            doing.document = request.past.get("case", doing.document["id"]) or doing.document


def _record(request: Request, doing: Doing, follows: effects.Follows, lacking: checks.Wants) -> None:
    """Record the step: its values, its state, what became void, what of duties was met, moved and begun, its facts."""
    sight = doing.sight(request)
    values = {**doing.values, **follows.set}
    after = sight.but(given=values)
    data: dict[str, Any] = {"kind": doing.rule.name, "step": doing.step, "by": doing.hand, "set": values}
    data["instead_of"] = None if doing.program else checks.instead_of(sight, doing.step)
    if doing.opening:
        data["set"] = {**doing.document["fields"], **values}
        data["keyed"] = lookups.keyed(doing.rules, doing.rule.name)
        data |= {"source": doing.source, "number": doing.number, "first_edition": _older(request, doing.rules)}
    _walk(doing, after, data)
    data["many"] = effects.fields_that(doing.rule, "many", data["set"])
    data["off"] = _off(after, values)
    _owe(doing, sight, after, lacking, data)
    data |= {"facts": follows.facts, "shares": follows.shares}
    data |= {"warned": [want.what for want in lacking.warn]}
    personal = effects.personal(doing.rule, data["set"])
    kept = {name: one for name, one in data.items() if one not in ([], {}, None)}
    noted = [want.cite for want in (*lacking.warn, *lacking.owe)]
    cites = [doing.rule.cite(doing.step), *doing.because, *noted, *follows.cites]
    kind = OPENED if doing.opening else MERGED if doing.step == "merge" else STEPPED
    request.record(kind, kept, *cites, subject=doing.document["id"], personal=personal)


def _older(request: Request, rules: Rulebook) -> str | None:
    """Answer the day of the first edition where a case is older than that, and judged by it."""
    return rules.day.isoformat() if request.moment.date() < rules.day else None


def _walk(doing: Doing, after: Sight, data: dict[str, Any]) -> None:
    """Add where the case stands then: back where a step leads back to, with the steps after it void and a new round."""
    declared, document = doing.declared, doing.document
    data["state"] = checks.state_after(after, doing.step) or "open"
    back = declared["back_to"] or (
        doing.step if declared["again"] == "afresh" and doing.step in document["done"] else None
    )
    if back:
        road = [one["step"] for one in document["road"]]
        place = road.index(back) if back in road else len(road) - 1
        data["void"] = road[place + 1 :]
        data["round"] = document["round"] + 1
        if declared["back_to"] and back in road:
            data["state"] = document["road"][place]["state"]
    data["road"] = bool(declared["state"])
    data["closed"] = bool(declared["drops"]) or data["state"] in doing.rule.compiled["closed"]


def _off(after: Sight, values: dict[str, Any]) -> dict[str, list[str]]:
    """Answer who is taken off which field, because this step names them as barred from the case."""
    fields = after.rule.compiled["fields"]
    rows = [row for row in after.rule.compiled["needs"] if row["else"] == "refuse"]
    bars = {name for row in rows for name in row["not_by"] if name in values}
    barred = {str(one) for name in bars for one in after.values(name)}
    off = {}
    for name, kind in fields.items():
        if kind["type"] == "person" and name not in bars:
            people = [one for one in after.values(name) if one in barred]
            if people:
                off[name] = people
    return off


def _owe(doing: Doing, sight: Sight, after: Sight, lacking: checks.Wants, data: dict[str, Any]) -> None:
    """Add what becomes of duties: met or counted down, dropped, stopped or going on, and those that begin."""
    changes = [] if doing.opening else [duties.settled(one, sight.now) for one in duties.met_by(sight, doing.step)]
    met = {(one["name"], one["item"]) for one in changes if "done" in one}
    left = [one for one in duties.open_ones(doing.document) if (one["name"], one["item"]) not in met]
    if doing.declared["drops"]:
        changes += [duties.change(one, state=duties.DROPPED, done=sight.now.isoformat()) for one in left]
        left = []
    standing = duties.standing(sight, left)
    if standing:
        now = after.but(document=_settled(doing.document, changes, data))
        lapsed = duties.lapsed(now, standing)
        changes += [duties.fallen(one, sight.now) for one in lapsed]
        met |= {(one["name"], one["item"]) for one in lapsed}
    if data["state"] != doing.document["state"] and not doing.declared["drops"]:
        changes += [
            duties.change(one, state="paused", paused=sight.now.isoformat())
            for one in _those(duties.stopped(sight, data["state"]), met)
        ]
        changes += [
            duties.change(one, **duties.clock(one)) for one in _those(duties.resumed(sight, data["state"]), met)
        ]
    data["duties"] = changes
    settled = _settled(doing.document, changes, data)
    before = None if doing.opening else sight.but(given={})
    begun = duties.begun_by(before, after.but(document=settled), doing.step)
    if data["closed"] and not doing.program:
        begun = _outliving(doing, begun)
    data["begun"] = [*begun, *(_wanted(want, sight.now) for want in lacking.owe)]


def _outliving(doing: Doing, begun: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Answer what begins with a step that closes the case; refused where it would be owed with nobody left to do it."""
    declared = doing.rule.compiled["duties"]
    ends = [one for one in begun if not declared[one["name"]]["outlives"]]
    if ends and not doing.declared["drops"]:
        raise refused(doing, [checks.blocked_by(doing.rule, one) for one in ends])
    return [one for one in begun if one not in ends]


def _those(entries: list[dict[str, Any]], but: set[tuple[str, str]]) -> list[dict[str, Any]]:
    return [one for one in entries if (one["name"], one["item"]) not in but]


def _settled(document: Document, changes: list[dict[str, Any]], data: dict[str, Any]) -> Document:
    """Answer the document with its duties as the step leaves them, and the step done, before any begins."""
    entries = [dict(one) for one in document["duties"]]
    for change in changes:
        for entry in [one for one in entries if (one["name"], one["item"]) == (change["name"], change["item"])][-1:]:
            entry.update(change)
    done = {step: one for step, one in document["done"].items() if step not in data.get("void", ())}
    done[data["step"]] = {"at": "", "by": ""}
    return {**document, "duties": entries, "done": done, "state": data["state"], "closed": data["closed"]}


def _wanted(want: checks.Want, now: datetime) -> dict[str, Any]:
    """Answer the duty that a lacking thing becomes where the rulebook lets the step be done without it."""
    return {
        "name": want.what.partition("|")[0], "item": "", "start": now.isoformat(), "left": 1, "state": "running",
        "limit": None, "due": None, "wants": want.wants, "row": want.cite.row,
    }  # fmt: skip


# ── what follows in other cases ────────────────────────────────────────────────────────────────────────────────────


def _act(run: Run, doing: Doing, effect: dict[str, Any], depth: int) -> None:
    """Do what an effect says of other cases, or of this one: a step in those that a look-up finds, or new ones."""
    if depth > DEEPEST:
        raise RefusalError("endless", _("steps of this rulebook lead to each other without an end"), doing.rule.cite())
    sight = doing.sight(run.request)
    if effect["do"] == "start":
        _start(run, sight, effect)
        return
    keys = lookups.found(sight, effect["in"]) if effect["in"] else [doing.document["id"]]
    found = {name: effects.set_to(sight, how) for name, how in effect["set"].items()}
    for key in keys:
        if effect["in"]:
            fall(run, key)
        document = run.request.past.get("case", key)
        if document is None or (document["closed"] and effect["in"]):
            continue
        rules, rule = falling.living(run.request.rules, document)
        values = {name: _fitting(rule, name, value) for name, value in found.items() if value not in (None, [])}
        perform(run, Doing(rules, rule, document, effect["step"], values, OFFICE, program=True), depth)


def _start(run: Run, sight: Sight, effect: dict[str, Any]) -> None:
    rule = kinds(standing(run.request.rules, effect["start"]) or run.request.rules)[effect["start"]]
    step = next(step for step, one in rule.compiled["steps"].items() if one["opens"])
    for key, values in effects.started(sight, effect):
        if run.request.past.get("case", key) is None:
            fitting = {name: _fitting(rule, name, value) for name, value in values.items()}
            source = sight.document["id"]
            run.started.append(open_case(run, rule, step, fitting, OFFICE, key=key, source=source, program=True))


def _fitting(rule: CaseRule, name: str, value: Any) -> Any:
    """Answer a value as a field of another kind holds it: all of several, or the first."""
    many = rule.compiled["fields"][name].get("many")
    values = value if isinstance(value, list) else [value]
    return values if many else values[0]


# ── refusing ───────────────────────────────────────────────────────────────────────────────────────────────────────


def warned(want: checks.Want) -> dict[str, Any]:
    """Answer something that the rulebook would have liked, with the row that says so."""
    return {**want.told(), "row": want.cite.row}


def refused(doing: Doing, lacking: list[checks.Want]) -> RefusalError:
    """Answer the refusal that names everything that is missing, each with its article."""
    sorts = {want.sort for want in lacking}
    sort = next(one for one in checks.SORTS if one in sorts)
    cites: list[Cite] = [want.cite for want in sorted(lacking, key=lambda want: checks.SORTS.index(want.sort))]
    if sort == "already" and doing.document["closed"]:
        sort = "closed"
    return RefusalError(
        sort, "", *cites, attempt=sort in ("not_allowed", "recused"), id=doing.document["id"], step=doing.step,
        state=doing.document["state"], missing=[want.told() for want in lacking],
    )  # fmt: skip
