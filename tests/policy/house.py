"""A small rulebook to test with: one topic, one house, written into a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm_cli.policy.vocabulary import FLAG, May, Number, Params, Table, Topic

if TYPE_CHECKING:
    from pathlib import Path

TOPIC = Topic(
    name="rotation",
    words={
        "status": ("free", "new", "open", "private"),
        "turn": ("serve", "owe", "charge"),
        "asked": ("none", "free", "busy"),
        "clerk": FLAG,
        "waiting": Number(0, 20),
        "receive": ("asked", "clerk", "walk", "tail"),
        "expires": ("never", "day"),
    },
    open=frozenset({"status"}),
    asks={
        "turn": Table(("status",), ("turn",), many=True),
        "receive": Table(("asked", "clerk", "waiting"), ("receive",)),
        "makeup": Params({"cap": "number or none", "expires": "expires", "shared": "flag", "who": "list of roles"}),
        "may": May(("order", "open", "status")),
    },
)
TOPICS = {"rotation": TOPIC}

WORDS = """\
labels:
  status:
    free: {zh: 空闲, en: free}
    new: {zh: 接待新客户, en: receiving a new client}
    open: {zh: 接待未成交老客户, en: own client without a deal}
    private: {zh: 因私, en: private}
roles:
  manager: {zh: 经理, en: manager}
"""
HOUSE_WORDS = """\
roles:
  clerk: {zh: 内勤, en: office clerk}
  seller: {zh: 销售员, en: salesperson}
manager: manager
"""
HEAD = """\
policy: rotation
house: {house}
edition: {edition}
title: {{zh: 轮值, en: Rotation}}
"""
RULES = """\
rules:
  turn:
    kind: table
    inputs: [status]
    outputs: [turn]
    rows:
      - {id: free, when: {status: free}, then: {turn: serve}, article: 第1条, ref: "000.3.1b"}
      - {id: new, when: {status: new}, then: {turn: owe}, article: 第1条, ref: "000.3.1d", says: "因公,以后补"}
      - {id: open, when: {status: open}, then: {turn: charge}, article: 第7条, ref: ["000.3.7a", "000.3.7b"]}
      - {id: private, when: {status: private}, then: {turn: charge}, article: 第1条, ref: "000.3.1e", reading: 计一次}
  receive:
    kind: table
    inputs: [asked, clerk, waiting]
    outputs: [receive]
    article: 第11条
    rows:
      - {id: nobody, when: {asked: none}, then: {receive: walk}}
      - {id: asked_free, when: {asked: free}, then: {receive: asked}}
      - {id: asked_busy, when: {asked: busy, clerk: true, waiting: at most 3}, then: {receive: clerk}}
      - {id: crowd, when: {asked: busy, clerk: true, waiting: over 3}, then: {receive: tail}}
      - {id: tail, when: {asked: busy, clerk: false}, then: {receive: tail}, article: 第9条}
  makeup:
    kind: params
    values: {cap: none, expires: never, shared: false, who: [manager, clerk]}
    article: 第1条
  may:
    kind: may
    article: 第2条
    rows:
      - {act: order, by: manager}
      - {act: open, by: [manager, clerk]}
      - {act: status, by: anyone, not: [clerk]}
"""


def write(folder: Path, house: str = "desk", edition: str = "2025-01-01", rules: str = RULES) -> Path:
    """Write one policy, with the words it needs, and answer its path."""
    (folder / house).mkdir(parents=True, exist_ok=True)
    (folder / "words.yaml").write_text(WORDS)
    words = folder / house / "words.yaml"
    if not words.exists():
        words.write_text(HOUSE_WORDS)
    path = folder / house / f"rotation@{edition}.yaml"
    path.write_text(HEAD.format(house=house, edition=edition) + rules)
    return path
