"""The words that a penalty policy speaks with: what facts cost, and who decides about it."""

from __future__ import annotations

from crm_cli.policy.vocabulary import May, Penalty, Topic

PROPOSED, EXECUTED, WAIVED, APPEALED, UPHELD, REVERSED = STATES = (
    "proposed", "executed", "waived", "appealed", "upheld", "reversed",
)  # fmt: skip
TOPIC = Topic(
    name="penalty",
    words={"penalty_state": STATES},
    asks={
        "fines": Penalty(),
        "may": May(("see", "execute", "waive", "decide_appeal", "deduct", "close_month")),
    },
)
