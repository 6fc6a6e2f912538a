"""The words that a register policy speaks with: facts and outcomes computed here, rules asked here."""

from __future__ import annotations

from crm_cli.policy.vocabulary import CORRECTION, FLAG, May, Number, Params, Table, Topic

TOPIC = Topic(
    name="register",
    words={
        "kind": ("visit", "phone"),
        "field": ("name", "phone", "identity", "company", "birthday", "address", "deal"),
        "relation": (),
        "client": ("same", "other"),
        "redesignation_credit": ("register", "designated"),
        "lapsed_recognition": ("register_wins", "receiver_wins"),
        "late_entry": ("registered", "handed_in"),
        "credit": ("asked", "register"),
        "on_book": FLAG,
        "names_colleague": FLAG,
        "brought": FLAG,
        "entered_for": ("owner", "named", "duty"),
        "evidence": (),
        "obtained": ("no_deal", "before_deal", "after_deal"),
        "weight": ("accepted", "refused"),
        "heir": ("named", "fewest"),
        "days": Number(1, 36500),
    },
    open=frozenset({"kind", "relation", "field", "evidence"}),
    asks={
        "book": Params({"kinds": "list of kind"}),
        "receive": Table(("on_book", "names_colleague", "brought"), ("entered_for",)),
        "claims": Params(
            {
                "phone_entry_claims": "flag",
                "valid_days": "days or none",
                "renewed_by": "list of kind",
                "remind_days": "days or none",
                "late_entry": "late_entry",
                "redesignation_credit": "redesignation_credit",
                "lapsed_recognition": "lapsed_recognition",
            }
        ),
        "grab": Params({"credit": "credit"}),
        "evidence": Table(("evidence", "obtained"), ("weight",)),
        "handover": Params({"heir": "heir", "among": "list of role", "tell": "flag"}),
        "card": Params(
            {
                "plain": "list of field",
                "masked": "list of field",
                "seen_by": "list of role",
                "decides": "list of field",
            }
        ),
        "answers": Params({"required_of": "list of role", "kinds": "list of kind"}),
        "relation": Table(("relation",), ("client",)),
        "link": Params({"refund": "flag"}),
        "correction": CORRECTION,
        "may": May(("add", "link", "update", "unlink", "reveal", "correct", "evidence")),
    },
    optional=frozenset({"receive", "claims", "grab", "evidence", "handover", "answers", "relation", "link"}),
)
