"""What is said of a case: what a step came to, what it lacks, what fell due, in the words of the house."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm_cli.commands.case.declared import Kind, minute
from crm_cli.commands.case.front import kind_of
from crm_cli.language import _

if TYPE_CHECKING:
    from crm_cli.commands.session import Session
    from crm_cli.office import Outcome
    from crm_cli.past import Document, Event

STEPS = ("case.opened", "case.stepped", "case.merged")
HIDDEN = "****"  # what stands for a personal value where nobody knows who asks
OPEN = ("running", "paused", "breached")
UNSET = "unset"  # a figure that a rulebook leaves open
Told = dict[str, Any]


# ── what was done ──────────────────────────────────────────────────────────────────────────────────────────────────


def confirmed(session: Session, kind: Kind, outcome: Outcome) -> list[str]:
    """Answer what a step came to: the case, its state and its next limit, then what followed in other cases."""
    done = [event for event in outcome.events if event["type"] in STEPS]
    if not done:
        return [_("already so, nothing recorded")]
    first, *rest = done
    text = sentence(kind, first)
    if not outcome.answer.get("dry_run"):
        due = _next(kind, session.office.past().get("case", first["subject"]))
        text = _("; ").join(filter(None, [text, due])) + f"  #{first['seq']}"
    return [
        text,
        *stated(kind, first),
        *(sentence(kind_of(session, event["data"]["kind"], event["subject"]) or kind, event) for event in rest),
    ]


def sentence(kind: Kind, event: Event) -> str:
    """Answer in a sentence what an event of a case says."""
    data = event["data"]
    if "step" not in data:
        return fallen(kind, event)
    said, state = kind.said_step(data["step"]), kind.said_state(data.get("state", ""))
    if event["type"] == "case.opened":
        return _("{kind} {id}: {state}").format(kind=kind.title, id=kind.short(event["subject"]), state=state)
    if not data.get("road") and "void" not in data:
        return _("{id}: {step} is entered; it is {state}").format(
            id=kind.called(event["subject"]), step=said, state=state
        )
    return _("{id} {step}: {state}").format(id=kind.called(event["subject"]), step=said, state=state)


def stated(kind: Kind, event: Event) -> list[str]:
    """Answer in a sentence each what a step, or a breach, stated of people, for penalties and for the record."""
    return [
        _("stated: {fact} ({who})").format(
            fact=kind.labels.label("case_fact", one["fact"]), who=kind.labels.listed(one["who"])
        )
        for one in event["data"].get("facts", ())
        if one["who"]
    ]


def older(told: Told) -> list[str]:
    """Answer in a sentence that a case is older than the rulebook, where it is; nothing else is said of others."""
    says = _("older than the rulebook: judged by its first edition of {day}")
    return [says.format(day=told["first_edition"])] if "first_edition" in told else []


def fallen(kind: Kind, event: Event) -> str:
    """Answer in a sentence what fell due in a case."""
    data = event["data"]
    duty = kind.said_duty(data["duty"], data.get("item"))
    says = {
        "case.warned": _("{id}: {duty} is soon due"),
        "case.late": _("{id}: {duty} is overdue"),
        "case.escalated": _("{id}: {duty} is overdue and goes to {to}"),
        "case.withdrawn": _("{id}: {duty} was in time after all"),
        "case.timed": _("{id}: {duty} has its limit now"),
    }[event["type"]]
    return says.format(
        id=kind.called(event["subject"]), duty=duty, to=kind.labels.listed(map(kind.said_word, data.get("to", ())))
    )


def _next(kind: Kind, case: Document | None) -> str:
    """Answer what is due next in a case; nothing where nothing has a limit."""
    due = [one for one in (case or {}).get("duties", ()) if one["state"] in OPEN and one["due"]]
    if not due:
        return ""
    first = min(due, key=lambda one: one["due"])
    return _("next due: {duty} {time}").format(
        duty=kind.said_duty(first["name"], first["item"]), time=minute(first["due"])
    )


def warned(kind: Kind, told: list[Told]) -> list[str]:
    """Answer what the rulebook warns of without refusing."""
    lines = []
    for one in told:
        lines.append(_("warning: {what}").format(what=lacking(kind, [{**one, "sort": _mild(kind, one)}])))
        says = kind.labels.spoken(kind.rule.told(one["row"]).get("says")) if one.get("row") else ""
        lines += [f"  {one['article']}: {says}"] if says and one["sort"] in ("missing", "recused") else []
    return lines


def _mild(kind: Kind, one: Told) -> str:
    """Answer of which sort a wish is: something to be given, or something that should hold."""
    if one["sort"] != "missing":
        return str(one["sort"])
    must = _row(kind, one["row"]).get("must") if one.get("row") else None
    return "advised" if must and one["what"] == ", ".join(test["name"] for test in must) else "wished"


def owed(kind: Kind, case: Document, about: str, duty: str, item: str) -> str:
    """Answer in a sentence what is owed in a case, which it is and whom it is about, and what is typed to do it."""
    said = f"{kind.called(case['id'])}{about} {kind.said_duty(duty, item)}"
    until = [one["step"] for one in kind.made["duties"].get(duty, {}).get("until") or ()]
    steps = sorted(until, key=lambda step: step in case["done"])  # what was done and did not meet it comes last
    verbs = [verb for step in steps for verb, doings in kind.verbs.items() if step in doings]
    return f"{said}: crm {kind.typed} {verbs[0]} {kind.short(case['id'])}" if verbs else said


def attempt(session: Session, asked: Told) -> str:
    """Answer in words which step was refused."""
    kind = kind_of(session, asked["kind"], asked.get("case", ""))
    step = kind.said_step(asked["step"]) if kind else asked["step"]
    return " ".join(filter(None, [kind.title if kind else asked["kind"], asked.get("case"), step]))


def wording(kind: Kind, outcome: Outcome) -> list[str]:
    """Answer the wording of the rows that a refusal rests on, each under its article."""
    rows = [(cite.told, kind.rule.told(cite.row)) for cite in outcome.cites if cite.row and cite.rule == kind.name]
    said = [(article, kind.labels.spoken(row.get("says"))) for article, row in rows]
    return list(dict.fromkeys(f"  {article}: {says}" for article, says in said if says))


# ── what is lacking ────────────────────────────────────────────────────────────────────────────────────────────────


def refusal(kind: Kind, answer: Told, case: Document | None) -> str:
    """Answer in a sentence why a step is refused: all that it lacks, each with its article."""
    stood = case and {**case, "state": answer["state"]}  # what fell due in it before is not recorded by a refusal
    said = lacking(kind, answer["missing"], stood)
    called = kind.called(answer.get("id", "")) if case else kind.title  # what was not opened has no id
    return _("{id} {step}: {why}").format(id=called, step=kind.said_step(answer.get("step", "")), why=said)


def lacking(kind: Kind, missing: list[Told], case: Document | None = None) -> str:
    """Answer in words what is lacking, what is alike together."""
    clauses = []
    for sort in dict.fromkeys(map(_sort, missing)):
        mine = [one for one in missing if _sort(one) == sort]
        if sort == "out_of_order" and case:
            late = [one for one in mine if one["what"] in case["done"]]
            mine = [one for one in mine if one not in late]
            clauses += [_clause(kind, "dated", late, case)] if late else []
        clauses += [_clause(kind, sort, mine, case)] if mine else []
    clauses += unheld(kind, [role for one in missing for role in one.get("unheld", ())])
    return _("; ").join(clauses)


def _sort(lack: Told) -> str:
    if lack.get("cases"):
        return "in_the_way"
    if lack["sort"] == "too_early" and lack["what"] == UNSET:
        return "untimed"
    return "unmet" if lack.get("row") and lack["sort"] == "missing" else str(lack["sort"])


def unheld(kind: Kind, roles: list[str]) -> list[str]:
    """Answer in a sentence that nobody has the roles which are wanted, and what mends it; nothing of none."""
    says = _("nobody on the staff is {roles}: crm staff add NAME --role {role}")
    named = "/".join(kind.said_hand(role) for role in dict.fromkeys(roles))
    return [says.format(roles=named, role=roles[0])] if roles else []


def _clause(kind: Kind, sort: str, lacks: list[Told], case: Document | None) -> str:
    named = kind.labels.listed(dict.fromkeys(_named(kind, sort, one) for one in lacks))
    if sort == "already" and lacks[-1]["what"] == "closed":
        says, state = _("it is over: {state} ({article})"), kind.said_state((case or {}).get("state", ""))
        return says.format(state=state, article=lacks[-1]["article"])
    if sort == "untimed":
        return f"{_('the rulebook does not set yet when this may be done')} ({lacks[-1]['article']})"
    return {
        "missing": _("this is wanted: {what}"),
        "wished": _("the rulebook wants {what}"),
        "advised": _("the rulebook wants this: {what}"),
        "in_the_way": _("there is already: {what}"),
        "unmet": _("this must hold: {what}"),
        "out_of_order": _("this comes first: {what}"),
        "dated": _("it is dated before {what}"),
        "not_allowed": _("only these may: {what}"),
        "recused": _("who may not take part: {what}"),
        "already": _("this is done already: {what}"),
        "blocked": _("this is still owed: {what}"),
        "too_early": _("not before {what}"),
        "forbidden_words": _("a reply may not contain: {what}"),
        "not_asked_for": _("these are not asked for here: {what}"),
        "doubtful": _("this is no number of a vehicle, look again: {what}"),
        "merged": _("it is the same matter as {what}"),
    }.get(sort, "{what}").format(what=named)


def _named(kind: Kind, sort: str, lack: Told) -> str:
    what = lack["what"]
    if sort in ("out_of_order", "already", "dated"):
        said = kind.said_step(what)
    elif sort == "blocked":
        name, _slash, item = what.partition("/")
        said = kind.said_duty(name, item)
    elif sort == "not_allowed":
        said = "/".join(kind.said_hand(one) for one in what.split(", "))
    elif sort == "too_early":
        said = minute(what)
    elif sort in ("unmet", "advised"):
        said = _condition(kind, lack["row"])
    elif sort in ("missing", "wished"):
        said = kind.labels.listed(_(" or ").join(map(kind.said_name, one.split("|"))) for one in what.split(", "))
    elif sort == "not_asked_for":
        said = kind.said_word(what)
    elif sort == "recused":
        said = what + _(" ({words})").format(words=kind.labels.listed(map(kind.said_name, lack.get("barred_by", ()))))
    elif sort == "in_the_way":
        said = _in_the_way(kind, lack)
    else:
        said = what
    return f"{said} ({lack['article']})" if lack.get("article") else said


def _in_the_way(kind: Kind, lack: Told) -> str:
    """Answer the cases that stand in the way, and what they are; of several look-ups the row speaks."""
    standing = kind.labels.listed(_standing(kind, one) for one in lack["cases"])
    return standing if ", " in lack["what"] else f"{kind.said_name(lack['what'])} {standing}"


def _standing(kind: Kind, one: Told) -> str:
    """Answer a case that stands in the way, and when it is due."""
    called = kind.called(one["id"])
    return _("{id}, due {time}").format(id=called, time=minute(one["due"])) if one["due"] else called


def _condition(kind: Kind, name: str) -> str:
    """Answer what a row of needs says must hold."""
    from crm_cli.commands.case.table import holds  # noqa: PLC0415 - few refusals rest on a condition

    return holds(kind, _row(kind, name)["must"])


def _row(kind: Kind, name: str) -> Told:
    """Answer a row of needs by its name; nothing of a duty that is owed, or of another edition's."""
    rows = [*kind.made["needs"], *(row for step in kind.made["steps"].values() for row in step["needs"])]
    return next((row for row in rows if row["row"] == name), {})


# ── the past ───────────────────────────────────────────────────────────────────────────────────────────────────────


def outcome(session: Session, event: Event, *, people: bool) -> str:
    """Answer in a few words what an event of a case came to: in machine words, or in those of the house."""
    data = event["data"]
    if "kind" not in data:
        asked = event["asked"]
        told = (asked["kind"], asked.get("case"), asked["step"])
        return attempt(session, asked) if people else " ".join(filter(None, told))
    kind = kind_of(session, data["kind"], event["subject"]) if people else None
    parts = (data.get("step"), data.get("duty"), data.get("item"), data.get("state"))
    if kind is None:
        return " ".join(filter(None, parts))
    if "step" in data:
        led = f": {kind.said_state(data['state'])}" if data.get("road") or "void" in data else ""
        return f"{kind.title} {kind.said_step(data['step'])}{led}"
    return f"{kind.title} {kind.said_duty(data['duty'], data.get('item'))}"


def hidden(event: Event) -> Event:
    """Answer an event of a case as somebody sees it who is not known to be on the staff: nothing personal."""
    personal = {part: dict.fromkeys(values, HIDDEN) for part, values in event.get("personal", {}).items()}
    return {**event, "personal": personal} if personal else event
