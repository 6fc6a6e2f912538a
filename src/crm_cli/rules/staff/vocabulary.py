"""The words that a staff policy speaks with: only who may do what."""

from __future__ import annotations

from crm_cli.policy.vocabulary import May, Topic

TOPIC = Topic(name="staff", words={}, asks={"may": May(("add", "depart", "deputy"))})
