"""What people call the rules, facts, outcomes, values and acts that policies speak about; their words have labels."""

from __future__ import annotations

from crm_cli.language import _


def glossary() -> dict[str, str]:
    """Answer what people call each name: `topic/rule`, `fact`, `topic/rule.value`, `topic/may.act`."""
    return {**_rules(), **_facts(), **_values(), **_acts()}


def _rules() -> dict[str, str]:
    """Answer the question that each rule settles."""
    return {
        "rotation/turn": _("what becomes of a turn whose holder cannot simply take it"),
        "rotation/receive": _("who receives somebody who comes to the door"),
        "rotation/call": _("who takes a phone call"),
        "rotation/absence": _("how somebody who is out for the day stands towards own customers"),
        "rotation/miss": _("what it means when the one assigned did not receive"),
        "rotation/desk": _("who takes turns, who looks after customers meanwhile, who is no customer"),
        "rotation/makeup": _("how owed turns are made up"),
        "rotation/week": _("what a week without an order means"),
        "rotation/day": _("where a day starts, and what counts when somebody has two customers"),
        "rotation/pick": _("how the next in turn is found"),
        "rotation/both": _("who may be told to look after a second customer"),
        "rotation/grab": _("what taking a colleague's customer costs"),
        "rotation/redirect": _("where a turn goes that is given back"),
        "rotation/phone": _("whether calls have a ring of their own"),
        "rotation/waiting": _("how long a customer may wait"),
        "rotation/correction": _("until when a slip at the desk is corrected"),
        "rotation/may": _("who may do what at the desk"),
        "register/book": _("what is entered in the book"),
        "register/claims": _("to whom a customer belongs"),
        "register/grab": _("who has the credit for a customer who was taken"),
        "register/answers": _("who must ask a customer whether they have been here before"),
        "register/card": _("what is wanted of a customer, and who may see it"),
        "register/relation": _("which related people are one customer"),
        "register/link": _("what follows when two customers turn out to be one"),
        "register/correction": _("until when a slip in the book is corrected"),
        "register/may": _("who may write in the book"),
        "staff/correction": _("until when a slip about the staff is corrected"),
        "staff/may": _("who may change the staff"),
    }


def _facts() -> dict[str, str]:
    """Answer what each fact and each outcome of a table is."""
    return {
        "status": _("status"),
        "turn": _("the turn"),
        "visitor": _("who comes"),
        "told": _("was the one asked for told"),
        "asked": _("the one asked for"),
        "owner": _("the owner of the customer"),
        "visit": _("which visit"),
        "clerk": _("the office clerk"),
        "receiver": _("who receives"),
        "count": _("how it counts"),
        "absence": _("kind of absence"),
        "standing": _("standing"),
        "reason": _("reason"),
        "missed": _("the turn that was missed"),
        "violation": _("breach"),
        "relation": _("relation"),
        "client": _("counts as"),
    }


def _values() -> dict[str, str]:
    """Answer what each figure or choice of params is."""
    return {
        "rotation/desk.ring": _("who takes turns"),
        "rotation/desk.clerk": _("who looks after customers meanwhile"),
        "rotation/desk.non_clients": _("who is no customer"),
        "rotation/makeup.cap": _("at most so many owed turns at once"),
        "rotation/makeup.expires": _("when an owed turn expires"),
        "rotation/makeup.forfeited_while": _("away in which status an owed turn is lost"),
        "rotation/week.missing_order": _("opening in a week without an order"),
        "rotation/day.start": _("the ring of a new day starts"),
        "rotation/day.two_clients": _("with two customers at once, what counts"),
        "rotation/pick.next": _("the next in turn is found by"),
        "rotation/both.among": _("in which status somebody may be chosen"),
        "rotation/both.chosen_by": _("who chooses"),
        "rotation/grab.days": _("days of suspension"),
        "rotation/grab.day": _("suspended from"),
        "rotation/grab.other_days": _("days of suspension where nobody had been asked for"),
        "rotation/redirect.place": _("its place among the owed turns"),
        "rotation/phone.ring": _("calls"),
        "rotation/waiting.max_minutes": _("minutes"),
        "rotation/correction.days": _("days after its own day"),
        "register/book.kinds": _("entered are"),
        "register/claims.phone_entry_claims": _("a call gives a claim"),
        "register/claims.valid_days": _("days that an entry is valid"),
        "register/claims.redesignation_credit": _("an owned customer who asks for somebody else belongs to"),
        "register/claims.lapsed_recognition": _("a customer whom nobody recognised belongs to"),
        "register/grab.credit": _("the credit goes"),
        "register/answers.required_of": _("who must ask"),
        "register/answers.kinds": _("at which entries"),
        "register/link.refund": _("turns used meanwhile are given back"),
        "register/card.visit": _("wanted at a first visit"),
        "register/card.phone": _("wanted at a first call"),
        "register/card.plain": _("not personal"),
        "register/card.masked": _("masked"),
        "register/card.seen_by": _("seen whole by"),
        "register/card.decides": _("makes one customer where it is the same"),
        "register/correction.days": _("days after its own day"),
        "staff/correction.days": _("days after its own day"),
    }


def _acts() -> dict[str, str]:
    """Answer what each act is."""
    return {
        "rotation/may.order": _("set the order of a week"),
        "rotation/may.open": _("open the day"),
        "rotation/may.close": _("close the day"),
        "rotation/may.adjust": _("reorder the ring during the day"),
        "rotation/may.owe": _("owe somebody a turn"),
        "rotation/may.off": _("take somebody out for the day"),
        "rotation/may.on": _("bring somebody back"),
        "rotation/may.confirm_grab": _("confirm that a customer was taken"),
        "rotation/may.look_after_both": _("tell somebody to look after a second customer"),
        "rotation/may.correct": _("correct a slip"),
        "rotation/may.status": _("set a status"),
        "rotation/may.arrive": _("enter an arrival"),
        "rotation/may.call": _("enter a call"),
        "rotation/may.finish": _("enter that a customer left"),
        "rotation/may.miss": _("enter that the one assigned did not come"),
        "rotation/may.refuse": _("enter that the one assigned turned a customer down"),
        "rotation/may.redirect": _("give a customer to the one they belong to"),
        "rotation/may.hand_over": _("hand a customer over"),
        "register/may.add": _("enter a visit or a call"),
        "register/may.link": _("link two customers"),
        "register/may.update": _("write on a customer's card"),
        "register/may.unlink": _("say that two customers are not related"),
        "register/may.reveal": _("look at what is masked"),
        "register/may.correct": _("correct a slip"),
        "staff/may.add": _("add somebody to the staff"),
        "staff/may.depart": _("take somebody off the staff"),
        "staff/may.deputy": _("name a deputy"),
        "staff/may.correct": _("correct a slip"),
    }
