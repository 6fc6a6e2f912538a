"""The book: every visit and call entered, who counts as one customer, whose customer it is."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from crm_cli.errors import UsageError
from crm_cli.language import _
from crm_cli.rules.customer import access, fields, filing
from crm_cli.rules.customer.book import ANSWERS, entries_made, next_id, valid_entries
from crm_cli.rules.customer.card import card_of, decided_by, deciders, describe, differing
from crm_cli.rules.customer.evolve import evolve
from crm_cli.rules.customer.ownership import claim, group
from crm_cli.rules.decision import Asked, Case, Decision, RefusalError, answered, permitted
from crm_cli.rules.directory import find, known, must_be_on_the_staff, roles_of

if TYPE_CHECKING:
    from crm_cli.past import Past
    from crm_cli.policy.book import Cite, Rulebook

# what an entry says beside who, whom and when
MARKS = ("turn", "unrecognised", "redesignated", "arrival", "handed", "copied", *ANSWERS)


def decide(past: Past, policy: Rulebook, asked: Asked, now: datetime) -> Decision:
    """Answer what becomes of a request about the book; `asked["verb"]` is one of `VERBS`."""
    return answered(VERBS[asked["verb"]], Case(past.fork(), policy, asked, now, evolve))


def enter(case: Case, customer: str, handle: str, person: str, kind: str, *cites: Cite, **more: Any) -> None:
    """Record a book entry, if the house books this kind: the customer was received by, or for, that salesperson."""
    values, cite = case.rules.values("register", "book")
    if kind not in values["kinds"]:
        meet(case, customer, handle)
        return
    number = entries_made(case.past) + 1
    begun, begins = filing.begun(case, customer, datetime.fromisoformat(more.get("at") or case.happened))
    data = {"number": number, "person": person, "kind": kind, **{key: value for key, value in more.items() if value}}
    cites += tuple(begins)
    case.record("customer.registered", {**data, **begun}, cite, *cites, subject=customer, personal={"handle": handle})


def move(case: Case, entries: list[dict[str, Any]], customer: str, handle: str, **marks: Any) -> None:
    """Record entries as another customer's, as they stood and when they were made; `marks` are said of them besides."""
    for entry in entries:
        void(case, entry["customer"], [entry], moved=customer)
        kept = {**{name: value for name, value in entry.items() if name in MARKS}, **marks}
        first = not valid_entries(case.past, customer)
        enter(case, customer, handle, entry["person"], entry["kind"], at=entry["at"], first=first, **kept)


def void(case: Case, customer: str, entries: list[dict[str, Any]], **more: Any) -> None:
    """Record that entries of a customer do not count."""
    for entry in entries:
        data = {"number": entry["number"], "person": entry["person"], **more}
        case.record("customer.entry_voided", data, subject=customer)


def meet(case: Case, customer: str, handle: str) -> None:
    """Record a customer nobody has received yet, so that the handle is known."""
    if case.past.get("customer", customer) is None:
        case.record("customer.added", {}, subject=customer, personal={"handle": handle})


def link(case: Case, customer: str, other: str, relation: str) -> None:
    """Record that two customers are related; the policy says whether that makes them one."""
    if customer == other:
        raise UsageError(_("a customer cannot be linked to itself"), fix=_("name two customers"))
    if not case.rules.has("register", "relation"):
        raise RefusalError("no_such_rule", _("the rulebook of this house does not say who counts as one customer"))
    hit = case.rules.table("register", "relation", {"relation": relation})
    tested = [{"rule": "register/relation", "row": hit.cite.row, "facts": {"relation": relation}}]
    data = {"other": other, "relation": relation, "client": hit.then["client"]}
    case.record("customer.linked", data, hit.cite, subject=customer, tested=tested)


def _add(case: Case) -> Decision:
    asked = case.asked
    permitted(case, "register", "add")
    must_be_on_the_staff(case.past, asked["to"])
    _two_answers(case)
    customer = known(case.past, asked["handle"]) or _by_key(case) or next_id(case.past)
    step = "again" if valid_entries(case.past, customer) else "first"
    asks = fields.must_be_there(case, customer, step, asked["kind"]).ask
    _must_not_be_late(case)
    _must_not_move_the_deal(case, customer)
    differs = differing(case, customer)
    describe(case, customer, asked["handle"])
    answers = {name: asked.get(name) for name in ANSWERS}
    person, brought_by, cites = _received(case, customer)
    more = {"brought_by": brought_by, "copied": asked.get("copied"), **answers}
    enter(case, customer, asked["handle"], person, asked["kind"], *cites, **more)
    _same_by_key(case, customer)
    return filing.remarked(case, customer, asks=fields.gaps(asks, fields.told_with(case, customer)), differs=differs)


def _must_not_be_late(case: Case) -> None:
    """Refuse an entry of an earlier day that its receiver makes, who would gain by it; who may correct may make it."""
    asked = case.asked
    may, cite = case.rules.may("register", "correct", roles_of(case.past, asked["by"]))
    if asked.get("entered") and asked["by"] == asked["to"] and not may:
        says = _("an entry of an earlier day is made by somebody else than who received")
        raise RefusalError("too_late", says, cite, attempt=True)


def _must_not_move_the_deal(case: Case, customer: str) -> None:
    """Refuse a day of a deal that is still to come, and another one than is known by who may not correct."""
    deal, card = case.asked.get("fields", {}).get("deal"), card_of(case.past, customer)
    if deal and deal > case.day:
        raise UsageError(_("the day of the deal is still to come"), fix=_("write it once it is done"))
    if deal and card["fields"].get("deal", deal) != deal:
        permitted(case, "register", "correct")


def _by_key(case: Case) -> str | None:
    """Answer who has a key that decides by the policy, noting that the handle means them, too."""
    values, cite = case.rules.values("register", "card")
    for field, key in case.asked.get("keys", {}).items():
        for customer in decided_by(case.past, field, key) if field in values["decides"] else ():
            personal = {"handle": case.asked["handle"]}
            case.record("customer.recognised", {"field": field}, cite, subject=customer, personal=personal)
            return customer
    return None


def _received(case: Case, customer: str) -> tuple[str, str | None, list[Cite]]:
    """Answer in whose name an entry is made, who brought the customer, and the article where the house has a rule."""
    asked = case.asked
    brought_by = find(case.past, asked["referred_by"]) if asked.get("referred_by") else None
    if asked.get("asks"):
        must_be_on_the_staff(case.past, asked["asks"])
    if not case.rules.has("register", "receive"):
        if asked.get("asks"):
            what = _("the rulebook of this house does not say what it means whom a customer names")
            raise UsageError(what, fix=_("write --to with the one in whose name it is entered"))
        return asked["to"], brought_by, []
    found = claim(case.past, case.rules, customer, case.moment)
    facts = {
        "on_book": found is not None,
        "names_colleague": bool(asked.get("asks")),
        "brought": brought_by is not None,
    }
    hit = case.rules.table("register", "receive", facts)
    people = {"owner": found.owner if found else asked["to"], "named": asked.get("asks"), "duty": asked["to"]}
    return people[hit.then["entered_for"]] or asked["to"], brought_by, [hit.cite]


def _same_by_key(case: Case, customer: str) -> None:
    """Record that a customer is one with whoever has a key that decides by the policy."""
    _values, cite = case.rules.values("register", "card")
    for other, field in deciders(case, customer):
        if other not in group(case.past, customer):
            data = {"other": other, "relation": field, "client": "same"}
            case.record("customer.linked", data, cite, subject=customer)


def _update(case: Case) -> Decision:
    permitted(case, "register", "update")
    customer = find(case.past, case.asked["handle"])
    if not fields.says_more(case, customer):
        return Decision("already", [case.rules.values("register", "card")[1]])
    _must_not_move_the_deal(case, customer)
    asks = filing.changed(case, customer)
    _same_by_key(case, customer)
    return filing.remarked(case, customer, asks=asks)


def _unlink(case: Case) -> Decision:
    """Answer that two customers who were linked are not related; what was decided meanwhile stays."""
    cite = permitted(case, "register", "unlink")
    customer, other = find(case.past, case.asked["handle"]), find(case.past, case.asked["same_as"])
    document = case.past.get("customer", customer) or {"links": {}}
    if other not in document["links"]:
        raise RefusalError("not_linked", _("these two are not linked"), cite)
    case.record("customer.unlinked", {"other": other, "reason": case.asked["reason"]}, cite, subject=customer)
    return case.decided("done")


def _reveal(case: Case) -> Decision:
    """Answer the record that somebody looked at what is masked; a card that is not shown at all stays so."""
    cite = permitted(case, "register", "reveal")
    customer, reason, hand = find(case.past, case.asked["handle"]), case.asked["reason"], case.asked["by"]
    roles = roles_of(case.past, hand)
    found = access.look(case.past, case.rules, customer, case.moment, hand=hand, roles=roles, reason=reason)
    access.must_be_shown(found, hand)
    access.record_looked(case, customer, reason, found, cite)
    return case.decided("done")


def _two_answers(case: Case) -> None:
    """Refuse an entry by the receiving salesperson that leaves the two questions of a first meeting open."""
    asked = case.asked
    if not case.rules.has("register", "answers"):
        return
    values, cite = case.rules.values("register", "answers")
    missing = [name for name in ANSWERS if not asked.get(name)]
    asks = asked["by"] == asked["to"] and set(values["required_of"]) & set(roles_of(case.past, asked["by"]))
    if asks and missing and asked["kind"] in values["kinds"] and known(case.past, asked["handle"]) is None:
        says = _("a first meeting is entered with two answers: {missing}")
        says = says.format(missing=", ".join("--" + name.replace("_", "-") for name in missing))
        raise RefusalError("answers_missing", says, cite, missing=missing)


def _link(case: Case) -> Decision:
    permitted(case, "register", "link")
    customer, other = find(case.past, case.asked["handle"]), find(case.past, case.asked["same_as"])
    document = case.past.get("customer", customer) or {"links": {}}
    if document["links"].get(other, {}).get("relation") == case.asked["relation"]:
        return Decision("already")
    before = [owner_of(case.past, case.rules, one, case.moment) for one in (customer, other)]
    link(case, customer, other, case.asked["relation"])
    _must_not_take(case, before, owner_of(case.past, case.rules, customer, case.moment))
    give_back(case, customer)
    return case.decided("done")


def _must_not_take(case: Case, before: list[str | None], owner: str | None) -> None:
    """Refuse a relation that makes a colleague's customer one's own; who may correct may note it."""
    hand = case.asked["by"]
    may, cite = case.rules.may("register", "correct", roles_of(case.past, hand))
    if owner == hand and not may and any(one not in (None, hand) for one in before):
        says = _("this would make a colleague's customer yours; somebody else notes it")
        raise RefusalError("own_matter", says, cite, attempt=True)


def give_back(case: Case, customer: str) -> None:
    """Owe a turn, where the policy says so, to whoever used one on a customer who turns out to be somebody else's."""
    if not case.rules.has("register", "link"):
        return
    values, cite = case.rules.values("register", "link")
    found = claim(case.past, case.rules, customer, case.moment)
    if not values["refund"] or found is None:
        return
    for entry in found.evidence:
        if entry.get("turn") and not entry.get("given_back") and entry["person"] != found.owner:
            given_back = {"number": entry["number"], "person": entry["person"]}
            case.record("customer.turn_given_back", given_back, cite, subject=entry["customer"])
            case.record("rotation.owed", {"person": entry["person"], "reason": "linked"}, cite)


def owner(past: Past, policy: Rulebook, handle: str, now: datetime) -> dict[str, Any]:
    """Answer who has the credit for a customer: owner (null when nobody has a claim), since, until, evidence, cites."""
    found = claim(past, policy, find(past, handle), now)
    if found is None:
        return {"owner": None, "since": None, "until": None, "evidence": [], "cites": []}
    until = found.until.isoformat() if found.until else None
    return {**found._asdict(), "until": until}


def owner_of(past: Past, policy: Rulebook, customer: str, now: datetime) -> str | None:
    """Answer who has the credit for a customer, None when nobody has a claim."""
    found = claim(past, policy, customer, now)
    return found.owner if found else None


VERBS = {"add": _add, "link": _link, "update": _update, "unlink": _unlink, "reveal": _reveal}
