"""The words that a staff policy speaks with: who may do what, and until when a slip is corrected."""

from __future__ import annotations

from crm_cli.policy.vocabulary import CORRECTION, May, Topic

TOPIC = Topic(
    name="staff", words={}, asks={"correction": CORRECTION, "may": May(("add", "depart", "deputy", "correct"))}
)
