"""The keys of the form `case`, place by place: what validates, documents, and makes the JSON Schema."""

from __future__ import annotations

from typing import Final, NamedTuple


class Key(NamedTuple):
    """One key: how its value is read (a name in READERS), and what it says."""

    reads: str
    says: str


Keys = dict[str, Key]

TOLD: Final[Keys] = {
    "article": Key("text", "the article as the source prints it"),
    "ref": Key("refs", "the id in the rulebook, or several"),
    "says": Key("spoken", "what it says, in words of our own"),
    "reading": Key("spoken", "how a silent or ambiguous text is read"),
}
TITLE: Final[Keys] = {"title": Key("spoken", "what people call it"), **TOLD}

KIND: Final[Keys] = {
    "number": Key("text", "prefix of its numbers; `given`: the person names the case"),
    "by": Key("hands", "who may do the steps that name nobody"),
    "closed": Key("closed", "the states that end a case"),
    "every": Key("period", "the calendar opens a case for each day, week, month, quarter, half year or year"),
    "about": Key("kind", "the kind whose cases its counts count"),
    "transition": Key("transition", "keep: a case lives by the edition of its opening; switch: each step by its own"),
    "fields": Key("fields", "what is written down"),
    "others": Key("others", "look-ups: other cases with equal values"),
    "needs": Key("needs", "what every step must satisfy"),
    "then": Key("effects", "what happens when its `when` becomes true"),
    "steps": Key("steps", "what a hand does"),
    "duties": Key("duties", "what is owed, by when"),
    "counts": Key("counts", "the figures of a period"),
    "queue": Key("queue", "how open cases are sorted: field: up, down, or the word whose cases come first"),
}

FIELD: Final[Keys] = {
    "type": Key("type", "the type of its values (6.2)"),
    "of": Key("choice", "its words, in rising order; or the name of a checklist"),
    "link": Key("kinds", "the kind, or kinds, whose case it names"),
    "many": Key("flag", "it collects over steps and never shrinks"),
    "personal": Key("flag", "it is personal: kept apart, and forgotten on demand"),
    "start": Key("value", "its first value, from the opening step on"),
    "product": Key("figures", "the two number fields that it is the product of"),
    "sum": Key("sum", "step.field that it sums over the doings of a repeated step"),
    "forbids": Key("texts", "words that a reply (its type) may not contain; a lone sign only as a clause of its own"),
    "allows": Key("texts", "phrases in which such a word may stand"),
    **TITLE,
}

STEP: Final[Keys] = {
    "opens": Key("opens", "true: it opens a case; noun.event: that event does"),
    "by": Key("hands", "who may do it"),
    "not_by": Key("barred", "whoever is named in that field, or did that step, may not"),
    "after": Key("steps_of", "steps that must be done before it"),
    "asks": Key("asks", "fields that must be given now; an inner list is one of them"),
    "takes": Key("fields_of", "fields that may be given"),
    "args": Key("fields_of", "fields that are typed without the name of an option"),
    "state": Key("state", "the state it leads to: a word, or rows of when and is"),
    "again": Key("again", "true: it may be done again; afresh: and what came after it is void"),
    "back_to": Key("step", "it goes back: what came after that step is void"),
    "after_close": Key("flag", "it may be done on a closed case"),
    "drops": Key("flag", "it closes the case and lets open duties fall"),
    "needs": Key("needs", "what it must satisfy"),
    "then": Key("effects", "what it brings about"),
    **TITLE,
}

STATE: Final[Keys] = {"when": Key("tests", "when"), "is": Key("text", "the state")}

NEED: Final[Keys] = {
    "when": Key("tests", "when the row applies"),
    "except": Key("steps_of", "steps that it spares"),
    "asks": Key("asks", "fields that must be given now"),
    "after": Key("steps_of", "steps that must be done"),
    "by": Key("hands", "who may, instead of the step's own by"),
    "not_by": Key("barred", "who may not"),
    "must": Key("tests", "what must hold"),
    "not_before": Key("not_before", "LIMIT after FIELD: refused until that is over"),
    "else": Key("else", "refuse; warn: it is done, with a warning; owe: it is done, and a duty is left"),
    **TOLD,
}

EFFECT: Final[Keys] = {
    "when": Key("tests", "when it acts"),
    "set": Key("set", "fields that get a value"),
    "start": Key("kind", "the kind of which a case is started"),
    "with": Key("with", "fields of the started case: ours, self, or a list"),
    "times": Key("share_of", "how many cases: share and of"),
    "do": Key("do", "the step that is done"),
    "in": Key("other", "in the cases of that look-up, not in this one"),
    "merge": Key("other", "the step merge is done in the earlier case, and no case begins"),
    "use": Key("table", "the table whose outcomes are set"),
    "fact": Key("fact", "what is stated, for penalties"),
    "who": Key("who", "about whom"),
    "each": Key("field", "once for each value of that field"),
    "count": Key("figure", "how many: that number field"),
    "cured": Key("duty", "the duty whose meeting ends it"),
    "dated": Key("moment", "the day by which it is dated: that field; without it, the day of the step"),
    **TOLD,
}
EFFECTS: Final = ("set", "start", "do", "merge", "use", "fact")  # one of them makes a row
BESIDE: Final = {
    "set": (), "start": ("with", "set", "times"), "do": ("in", "set"), "merge": (), "use": (),
    "fact": ("who", "each", "count", "cured", "dated"),
}  # fmt: skip

DUTY: Final[Keys] = {
    "from": Key(
        "moments", "the steps that begin it; without, it begins when `when` becomes true, and is owed while that holds"
    ),
    "when": Key("tests", "when it is owed"),
    "until": Key("moments", "the steps that meet it"),
    "each": Key("each", "one for each of these words, or for each value of a field"),
    "item": Key("field", "the field of the until step that says which is met, or how many"),
    "times": Key("times", "how often it is owed: a number, or a number field"),
    "within": Key("within", "its limit, or rows of when and limit; unset: timed, never late"),
    "pause": Key("states", "states in which its clock stands still"),
    "warn": Key("warn", "minutes, hours or days before due: 4h before due"),
    "escalate": Key("escalations", "rows of at (due, or minutes, hours or days after due) and to"),
    "late": Key("effects", "what its breach brings about"),
    "before": Key("steps_of", "steps that it blocks while it is open"),
    "outlives": Key("flag", "the case may be closed while it is open"),
    "restart": Key("flag", "it begins anew each time; else a running one keeps its start"),
    **TITLE,
}
LIMIT: Final[Keys] = {"when": Key("tests", "when"), "limit": Key("limit", "the limit")}
ESCALATION: Final[Keys] = {
    "at": Key("at", "due, or LIMIT after due"), "to": Key("hands", "to whom"), **TOLD,
}  # fmt: skip

OTHER: Final[Keys] = {
    "kind": Key("kinds", "the kind, or kinds, of the other cases"),
    "same": Key("same", "the fields that agree: a list, or theirs: ours; an inner list is any of them"),
    "when": Key("tests", "a condition on the other case"),
    "within": Key("limit", "opened within that time before this one, or after it"),
    "as_of": Key("moment", "as the other case stood at the time in that field"),
}

COUNT: Final[Keys] = {
    "step": Key("step", "doings of a step"),
    "duty": Key("duty", "duties"),
    "state": Key("state_word", "cases in a state at the end of the period"),
    "share": Key("percent", "that share of another figure, rounded up"),
    "rate": Key("count", "that figure in percent of another, one decimal"),
    "of": Key("count", "the other figure"),
    "when": Key("tests", "counted when"),
    "by": Key("field", "broken down by the values of a field"),
    "sum": Key("figure", "the sum of a field"),
    "is": Key("duty_word", "met, late or open"),
    "dated": Key("dated", "counted in the month of its start, due or done"),
}
COUNTS: Final = {
    "step": ("when", "by", "sum"), "duty": ("when", "is", "dated"), "state": ("when",), "share": ("of",),
    "rate": ("of",),
}  # fmt: skip

SHARE: Final[Keys] = {
    "share": Key("percent", "N %, chosen on the spot"),
    "per": Key("period", "of the cases of a day, week, month …"),
    "within": Key("fields_of", "apart for each value of these fields"),
    "always": Key("tests", "those that are chosen in any case"),
}
SHARE_OF: Final[Keys] = {"share": Key("percent", "N %, rounded up"), "of": Key("figure", "of that number field")}

CHECKLIST: Final[Keys] = {"items": Key("items", "what must be there"), "subject": Key("text", "of what")}
ITEM: Final[Keys] = {
    "id": Key("text", "its word"),
    "zh": Key("text", "its name"),
    "en": Key("text", "its name"),
    "when": Key("tests", "when it is asked for"),
    "copies": Key("count_of", "how many"),
    "fields": Key("texts", "what must be filled in on it"),
    **TOLD,
}

PLACES: Final[dict[str, Keys]] = {
    "kind": KIND, "field": FIELD, "step": STEP, "state": STATE, "requirement": NEED, "effect": EFFECT, "duty": DUTY,
    "limit": LIMIT, "escalation": ESCALATION, "look-up": OTHER, "figure": COUNT, "share": SHARE, "times": SHARE_OF,
    "checklist": CHECKLIST, "item": ITEM,
}  # fmt: skip
RESERVED: Final = (
    "done", "not done", "open", "met", "late", "some", "none", "given", "missing", "changed", "owed", "raised",
    "lowered", "past", "to come", "now",
)  # fmt: skip
APPROVALS: Final = ("approve", "permit")  # verbs by which a hand says yes to what another has proposed
RESERVED_NAMES: Final = ("state", "hand", "self")  # what cells speak of besides names that a house gives
