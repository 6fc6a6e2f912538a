"""The words that a register policy speaks with: facts and outcomes computed here, rules asked here."""

from __future__ import annotations

from crm_cli.policy.vocabulary import CORRECTION, May, Params, Table, Topic

TOPIC = Topic(
    name="register",
    words={
        "kind": ("visit", "phone"),
        "field": ("name", "phone", "identity", "company", "birthday", "address"),
        "relation": (),
        "client": ("same", "other"),
        "redesignation_credit": ("register", "designated"),
        "lapsed_recognition": ("register_wins", "receiver_wins"),
        "credit": ("asked", "register"),
    },
    open=frozenset({"relation", "field"}),
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
        "card": Params(
            {
                "visit": "list of field",
                "phone": "list of field",
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
        "may": May(("add", "link", "update", "unlink", "reveal", "correct")),
    },
)
