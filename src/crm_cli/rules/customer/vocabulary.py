"""The words that a customer policy speaks with: what a card must say, by when, who sees it, what is owed for it."""

from __future__ import annotations

from crm_cli.policy.vocabulary import FLAG, May, Number, Params, Table, Topic

TOPIC = Topic(
    name="customer",
    words={
        "step": ("first", "again", "close", "card", "change"),
        "kind": ("visit", "phone"),
        "desk": ("open", "closed"),
        "channel": ("unknown",),
        "stage": ("unknown",),
        "class": ("unknown",),
        "intent": ("unknown",),
        "change": (),
        "field": ("name", "phone", "identity", "company", "birthday", "address", "deal"),
        "want": ("must", "ask", "count"),
        "visits": Number(),
        "grade": (),
        "business": FLAG,
        "advice": ("fine", "ask"),
        "category": (),
        "filed": ("on_file", "in_term", "late", "not_filed"),
        "paid": ("paid", "refused"),
        "whose": ("own", "free", "nobody", "other"),
        "purpose": FLAG,
        "permit": FLAG,
        "view": ("whole", "masked", "refused"),
        "recipient": ("inside", "outside"),
        "disclosed": ("allowed", "refused"),
        "note": ("told",),
        "about": ("nothing",),
        "agreed": FLAG,
        "owes": ("nothing", "told"),
        "within": Number(),
        "fault": ("none",),
    },
    open=frozenset(
        {
            *("kind", "channel", "stage", "class", "intent", "change", "field", "grade", "category"),
            *("note", "about", "owes", "fault"),
        }
    ),
    asks={
        "fields": Table(("step", "kind", "desk", "channel", "stage", "class"), ("field", "want"), many=True),
        "grade": Table(("intent", "visits"), ("grade",)),
        "class": Table(("class", "business"), ("advice",)),
        "hand_in": Params({"due": "limit", "grace": "limit or none"}),
        "filing": Params({"new": "limit", "change": "limit"}),
        "expenses": Table(("category", "filed"), ("paid",)),
        "reminders": Params({"note": "note", "least": "number", "points": "number"}),
        "upkeep": Params({"stale_days": "number"}),
        "apart": Params({"classes": "list of class"}),
        "access": Params({"free_for": "list of role"}),
        "view": Table(("whose", "purpose", "permit"), ("view",)),
        "disclosure": Table(("recipient", "permit"), ("disclosed",)),
        "notes": Table(("note", "about", "whose", "agreed"), ("owes", "within", "fault"), many=True),
        "may": May(("card", "note", "permit", "retire", "close_day", "export")),
    },
    optional=frozenset(
        {
            "fields",
            "grade",
            "class",
            "hand_in",
            "filing",
            "expenses",
            "reminders",
            "upkeep",
            "apart",
            "access",
            "view",
            "disclosure",
            "notes",
        }
    ),
)
