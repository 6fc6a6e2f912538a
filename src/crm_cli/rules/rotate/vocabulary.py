"""The words that a rotation policy speaks with: facts and outcomes computed here, rules asked here."""

from __future__ import annotations

from crm_cli.policy.vocabulary import CORRECTION, May, Params, Same, Table, Topic

MANAGING = ("order", "open", "close", "adjust", "owe", "off", "on", "confirm_grab", "look_after_both", "correct")
AT_THE_DESK = ("status", "arrive", "call", "finish", "miss", "refuse", "redirect", "hand_over")
STANDING = ("nobody", "free", "busy", "out")

TOPIC = Topic(
    name="rotation",
    words={
        "status": ("free", "new", "designated", "open", "closed", "assist", "phone"),
        "turn": ("serve", "owe", "charge"),
        "visitor": ("client", "errand"),
        "errand": (),
        "state": ("first", "open", "closed"),
        "told": ("told", "not_told"),
        "asked": STANDING,
        "owner": Same("asked"),
        "visit": ("first", "later"),
        "clerk": ("on_duty", "none"),
        "receiver": ("nobody", "asked", "owner", "office", "tail", "head", "turn"),
        "count": ("none", "extra", "turn"),
        "absence": ("suspended",),
        "standing": ("keeps", "busy", "out"),
        "reason": ("refused",),
        "missed": ("charge", "owe", "nothing"),
        "violation": ("none", "pick_client", "grab_client", "grab_order"),
        "expires": ("never", "day", "week"),
        "start": ("continue", "restart"),
        "two_clients": ("first", "strictest"),
        "missing_order": ("refuse", "warn"),
        "next": ("ring", "fewest"),
        "chosen_by": ("order", "manager"),
        "suspension_day": ("next", "same"),
        "place": ("front", "tail"),
        "phone_ring": ("separate", "shared"),
    },
    open=frozenset({"status", "errand", "absence", "reason"}),
    asks={
        "turn": Table(("status",), ("turn",)),
        "receive": Table(("visitor", "told", "asked", "visit", "owner", "clerk"), ("receiver", "count")),
        "call": Table(("asked",), ("receiver", "count")),
        "absence": Table(("absence",), ("standing",)),
        "miss": Table(("reason",), ("missed", "status", "violation")),
        "desk": Params({"ring": "list of role", "clerk": "list of role", "non_clients": "list of errand"}),
        "makeup": Params({"cap": "number or none", "expires": "expires", "forfeited_while": "list of status"}),
        "week": Params({"missing_order": "missing_order"}),
        "day": Params({"start": "start", "two_clients": "two_clients"}),
        "pick": Params({"next": "next"}),
        "both": Params({"among": "list of status", "chosen_by": "chosen_by"}),
        "grab": Params({"days": "number", "day": "suspension_day", "other_days": "number"}),
        "redirect": Params({"place": "place"}),
        "phone": Params({"ring": "phone_ring"}),
        "waiting": Params({"max_minutes": "number or none"}),
        "correction": CORRECTION,
        "may": May((*MANAGING, *AT_THE_DESK)),
    },
)
