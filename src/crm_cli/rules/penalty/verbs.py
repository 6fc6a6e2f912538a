"""What people decide about lines: `asked["verb"]` is one of `VERBS`."""

from __future__ import annotations

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from crm_cli.errors import UsageError
from crm_cli.language import _
from crm_cli.rules.decision import Asked, Case, RefusalError, answered, permitted
from crm_cli.rules.decision import Decision as Answered
from crm_cli.rules.directory import must_be_on_the_staff
from crm_cli.rules.penalty import evolve, facts
from crm_cli.rules.penalty.assess import Assessed, Line, assess
from crm_cli.rules.penalty.findings import RULE, TOPIC
from crm_cli.rules.penalty.upto import brought_up
from crm_cli.rules.penalty.vocabulary import APPEALED, EXECUTED, PROPOSED, REVERSED, UPHELD, WAIVED
from crm_cli.worktime import Missing, due, limit

if TYPE_CHECKING:
    from crm_cli.past import Past
    from crm_cli.policy.ask import PenaltyRule
    from crm_cli.policy.book import Cite, Rulebook

WHOLE = Decimal(100)
TOLD = ("id", "date", "person", *evolve.LINE)


def decide(past: Past, policy: Rulebook, asked: Asked, now: datetime) -> Answered:
    """Answer what becomes of a decision about a line, a month's pay or a month."""
    return answered(VERBS[asked["verb"]], Case(past.fork(), policy, asked, now, evolve.evolve))


def line_of(past: Past, rules: Rulebook, identity: str, until: str) -> Line:
    """Answer the line of that id; UsageError where there is none."""
    for person in facts.people(past):
        if identity[11:].startswith(f"{person}/"):
            found = next((line for line in assess(past, rules, person, until).lines if line.id == identity), None)
            if found is not None:
                return found
    raise UsageError(_("there is no line {id}").format(id=identity), fix=_("crm penalty list shows them"))


def rule_in_force(rules: Rulebook) -> PenaltyRule:
    """Answer what facts cost by the rulebook of a day; refused where the house has no such rule."""
    found: PenaltyRule | None = rules.rules(TOPIC).get(RULE)
    if found is None:
        raise RefusalError("no_such_rule", _("the rulebook of this house does not say what breaches cost"))
    return found


# ── lines ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _line(case: Case) -> Line:
    rule_in_force(case.rules)
    return line_of(brought_up(case.past, case.rules, case.moment), case.rules, case.asked["id"], case.day)


def entitled(case: Case, act: str, person: str) -> Cite:
    """Answer the article by which the hand may decide on somebody; on who decides, whoever stands above them."""
    hand, above = case.asked["by"], rule_in_force(case.rules).compiled["above"]
    must_be_on_the_staff(case.past, hand)
    roster = case.past.get("staff", "roster")["members"]  # type: ignore[index]
    _allowed, cite = case.rules.may(TOPIC, act, ())
    theirs = roster.get(person, {}).get("roles", [])
    if hand == person:
        raise RefusalError(
            "own_matter", _("nobody decides on their own fine"), cite, attempt=True, act=act, person=hand
        )
    if above and above not in theirs and set(theirs) & set(case.rules.hands(TOPIC, act)):
        if above not in roster[hand]["roles"]:
            raise RefusalError("not_allowed", "", cite, attempt=True, act=act, person=hand, roles=[above])
        return cite
    cite = permitted(case, TOPIC, act)
    if case.instead_of == person:
        says = _("{name} stands in for {principal}, but not in a matter of their own")
        raise RefusalError("own_matter", says.format(name=hand, principal=person), cite, attempt=True, person=hand)
    return cite


def _in_state(line: Line, cite: Cite, *states: str) -> None:
    if line.state not in states:
        says = _("{id} is decided already").format(id=line.id)
        raise RefusalError("already", says, cite, id=line.id, state=line.state)
    if "counters" in line.told:
        raise RefusalError("already", _("{id} follows from what was corrected").format(id=line.id), cite, id=line.id)


def _priced(line: Line, cite: Cite) -> None:
    if line.told["amount"] is None:
        key = line.key
        says = _("{key} is unset: the rulebook leaves it blank").format(key=key)
        raise RefusalError("unset", says, cite, id=line.id, key=key)


def _reasoned(case: Case, cite: Cite) -> None:
    if not case.asked.get("reason"):
        raise RefusalError("reason_missing", _("this wants a reason: --reason"), cite)


def _decided(case: Case, line: Line, state: str, *cites: Cite, **more: Any) -> Answered:
    told = {name: line.told.get(name) for name in TOLD if line.told.get(name) is not None}
    data = told | {"covers": line.covers} | more
    if case.asked.get("reason"):
        data["reason"] = case.asked["reason"]
    case.record(f"{TOPIC}.{state}", data, *cites, *line.cites, subject=line.told["subject"])
    answer = case.decided(state)
    answer.answer = {"id": line.id, "state": state}
    return answer


def _execute(case: Case) -> Answered:
    line = _line(case)
    cite = entitled(case, "execute", line.told["person"])
    _in_state(line, cite, PROPOSED)
    _priced(line, cite)
    return _decided(case, line, EXECUTED, cite, *_told_before(case, line))


def _told_before(case: Case, line: Line) -> list[Cite]:
    """Answer the article that wants a notice; refused while the person was not told, or may still speak to it."""
    rule, said = rule_in_force(case.rules), line.told["notified"]
    notice, person = rule.compiled["notice"], line.told["person"]
    if notice is None:
        return []
    cite = rule.cite("notice")
    if said is None:
        says = _("{name} has not been told of it as it stands").format(name=person)
        raise RefusalError("not_notified", says, cite, id=line.id)
    end = _until(case, notice["wait"], said)
    if end is not None and case.moment <= end:
        says = _("{name} may speak to it until {until}").format(name=person, until=_shown(end))
        raise RefusalError("too_early", says, cite, id=line.id, until=end.isoformat())
    return [cite]


def _until(case: Case, within: str | None, since: str) -> datetime | None:
    """Answer when a limit ends that began at an instant; None without one, or where no calendar tells."""
    end = due(limit(within), datetime.fromisoformat(since), case.rules.calendar()) if within else None
    return None if isinstance(end, Missing) else end


def _shown(at: datetime) -> str:
    return at.isoformat()[:16].replace("T", " ")


def _notify(case: Case) -> Answered:
    """Answer that the person was told of a line, at the amount at which it stands."""
    line = _line(case)
    cite = entitled(case, "execute", line.told["person"])
    rule = rule_in_force(case.rules)
    if rule.compiled["notice"] is None:
        raise RefusalError("no_such_rule", _("the rulebook of this house wants no notice"), cite)
    _in_state(line, cite, PROPOSED)
    _priced(line, cite)
    return _decided(case, line, "notified", cite, rule.cite("notice"))


def _waive(case: Case) -> Answered:
    line = _line(case)
    cite = entitled(case, "waive", line.told["person"])
    _reasoned(case, cite)
    _in_state(line, cite, PROPOSED)
    if rule_in_force(case.rules).compiled["waivable"] == "repeats" and not line.told["repeats"]:
        raise RefusalError("not_waivable", _("only repetitions may be waived here"), cite, id=line.id)
    return _decided(case, line, WAIVED, cite)


def _appeal(case: Case) -> Answered:
    """Answer an appeal of the person who was fined, while it may still be made."""
    line, rule = _line(case), rule_in_force(case.rules)
    cite, appeal = rule.cite("appeal"), rule.compiled["appeal"]
    if appeal is None:
        raise RefusalError("no_such_rule", _("the rulebook of this house has no appeal"), cite)
    if case.asked["by"] != line.told["person"]:
        says = _("only {name} may appeal against it").format(name=line.told["person"])
        raise RefusalError("not_allowed", says, cite, attempt=True, person=case.asked["by"])
    _in_state(line, cite, EXECUTED)
    _reasoned(case, cite)
    end = _until(case, appeal["within"], line.told["decided"][-1]["at"])
    if end is not None and case.moment > end:
        says = _("it was due by {due}").format(due=_shown(end))
        raise RefusalError("too_late", says, cite, id=line.id, due=end.isoformat())
    return _decided(case, line, APPEALED, cite)


def _heard(case: Case, state: str) -> Answered:
    line = _line(case)
    cite = entitled(case, "decide_appeal", line.told["person"])
    _in_state(line, cite, APPEALED)
    _reasoned(case, cite)
    if state == REVERSED and line.month <= evolve.closed_until(case.past):
        return _decided(case, line, state, cite, given_back=True)
    return _decided(case, line, state, cite)


# ── a month ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _deduct(case: Case) -> Answered:
    """Answer what is kept back of somebody's pay of a month: as much of it as the rulebook allows, once."""
    asked, rule = case.asked, rule_in_force(case.rules)
    person, role, month = asked["person"], asked["role"], asked["month"]
    must = entitled(case, "deduct", person)
    cite, deduct = rule.cite("deduct"), rule.compiled["deduct"]
    if deduct is None or role not in deduct["roles"]:
        says = _("the rulebook of this house keeps nothing back of the pay of that role")
        raise RefusalError("role_not_covered", says, must, cite, role=role)
    _reasoned(case, must)
    rate = Decimal(asked["rate"])
    least, most = (Decimal(one) / WHOLE for one in deduct["rate"])
    if not least <= rate <= most:
        says = _("the rate is from {least} to {most} %").format(least=deduct["rate"][0], most=deduct["rate"][1])
        raise RefusalError("rate_out_of_bounds", says, must, cite, rate=asked["rate"])
    _open(case, month, must)
    before = evolve.decided(case.past, person, month)["deducted"]
    if any(not (one.get("counters") or one.get("taken_back")) for one in before):
        says = _("something was kept back of this month already")
        raise RefusalError("already", says, must, cite, person=person, month=month)
    times = _assessed(case, person).reached(role, month)
    if times < deduct["from"]:
        says = _("{times} of {wanted} times").format(times=times, wanted=deduct["from"])
        raise RefusalError("too_few", says, must, cite, times=times, wanted=deduct["from"])
    amount = int((asked["pay"] * rate).quantize(Decimal(1), ROUND_HALF_UP))
    data = {"person": person, "role": role, "month": month, "pay": asked["pay"], "rate": asked["rate"]}
    case.record(evolve.DEDUCTED, {**data, "amount": amount, "times": times, "reason": asked["reason"]}, must, cite)
    answer = case.decided("deducted")
    answer.answer = {"amount": amount, "times": times}
    return answer


def _assessed(case: Case, person: str) -> Assessed:
    return assess(brought_up(case.past, case.rules, case.moment), case.rules, person, case.day)


def _open(case: Case, month: str, cite: Cite) -> None:
    if month <= evolve.closed_until(case.past):
        raise RefusalError("month_closed", _("{month} is closed").format(month=month), cite, month=month)


def _close_month(case: Case) -> Answered:
    """Answer that a month is settled: it is over, and everything in it that has a price is decided."""
    rule_in_force(case.rules)
    month, cite = case.asked["month"], permitted(case, TOPIC, "close_month")
    if month >= case.day[:7]:
        raise RefusalError("not_over", _("{month} is not over").format(month=month), cite, month=month)
    _open(case, month, cite)
    every = _lines(case)
    _in_order(case, month, every, cite)
    lines = [line for line in every if line.month == month]
    priced = [line for line in lines if line.told["amount"] is not None]
    left = [line.told.get("counters") or line.id for line in priced if line.state in (PROPOSED, APPEALED)]
    left = list(dict.fromkeys(left))
    if left:
        says = _("still to be decided ({number}): {ids}").format(number=len(left), ids=", ".join(left[:3]))
        raise RefusalError("undecided", says, cite, month=month, lines=left)
    counters = [line for line in lines if "counters" in line.told]
    back = [{"id": one.id, "of": one.told["counters"], "quantity": -one.told["quantity"]} for one in counters]
    case.record(evolve.CLOSED, {"month": month, **({"given_back": back} if back else {})}, cite)
    return case.decided("closed")


def _in_order(case: Case, month: str, lines: list[Line], cite: Cite) -> None:
    """Refuse to close a month while an earlier one in which something stands is open."""
    until, months = evolve.closed_until(case.past), {line.month for line in lines}
    for person in facts.people(case.past):
        kept = case.past.marks(f"penalties:{person}")
        months |= {one for one in kept if evolve.decided(case.past, person, one)["deducted"]}
    first = min((one for one in months if until < one < month), default=None)
    if first is not None:
        says = _("{month} is still open: months are closed in their order").format(month=first)
        raise RefusalError("earlier_open", says, cite, month=month, open=first)


def _lines(case: Case) -> list[Line]:
    past = brought_up(case.past, case.rules, case.moment)
    return [line for person in facts.people(past) for line in assess(past, case.rules, person, case.day).lines]


VERBS: dict[str, Any] = {
    "notify": _notify,
    "execute": _execute,
    "waive": _waive,
    "appeal": _appeal,
    "uphold": lambda case: _heard(case, UPHELD),
    "reverse": lambda case: _heard(case, REVERSED),
    "deduct": _deduct,
    "close_month": _close_month,
}
