"""Every topic that rules ask policies about."""

from __future__ import annotations

from crm_cli.policy.vocabulary import May, Topic
from crm_cli.rules.register.vocabulary import TOPIC as REGISTER
from crm_cli.rules.rotate.vocabulary import TOPIC as ROTATION

STAFF = Topic(name="staff", words={}, asks={"may": May(("add", "depart"))})
TOPICS = {topic.name: topic for topic in (ROTATION, REGISTER, STAFF)}
