"""The words that a register policy speaks with: facts and outcomes computed here, rules asked here."""

from __future__ import annotations

from crm_cli.policy.vocabulary import CORRECTION, May, Params, Table, Topic

TOPIC = Topic(
    name="register",
    words={
        "kind": ("visit", "phone"),
        "relation": (),
        "client": ("same", "other"),
        "redesignation_credit": ("register", "designated"),
        "lapsed_recognition": ("register_wins", "receiver_wins"),
        "credit": ("asked", "register"),
    },
    open=frozenset({"relation"}),
    asks={
        "book": Params({"kinds": "list of kind"}),
        "claims": Params(
            {
                "phone_entry_claims": "flag",
                "valid_days": "number or none",
                "redesignation_credit": "redesignation_credit",
                "lapsed_recognition": "lapsed_recognition",
            }
        ),
        "grab": Params({"credit": "credit"}),
        "answers": Params({"required_of": "list of role", "kinds": "list of kind"}),
        "relation": Table(("relation",), ("client",)),
        "link": Params({"refund": "flag"}),
        "correction": CORRECTION,
        "may": May(("add", "link", "correct")),
    },
)
