"""Folding of case events: the document of a case, the marks it is found by, and what is counted over all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from crm_cli.rules.case.lookups import same_mark
from crm_cli.rules.case.sight import OPEN

if TYPE_CHECKING:
    from crm_cli.past import Document, Event, Past

SECOND = timedelta(seconds=1)
IMPORT = "import/"  # with which the key of a step begins that a row of a table tells of
OPENED, STEPPED, MERGED = "case.opened", "case.stepped", "case.merged"
WARNED, ESCALATED, LATE, WITHDRAWN, TIMED = (
    "case.warned", "case.escalated", "case.late", "case.withdrawn", "case.timed",
)  # fmt: skip


def evolve(past: Past, event: Event) -> None:
    """Bring a case up to an event, and keep the marks it is found by in step."""
    key, data = event["subject"], event["data"]
    document = past.get("case", key)
    before = marks(document) if document else set()
    after = applied(document or _new(event), event)
    past.put("case", key, after)
    _remark(past, before, marks(after))
    if event["type"] == OPENED:
        _counted(past, data)
    for share in data.get("shares", ()):
        _shared(past, share)
    if event.get("key", "").startswith(IMPORT):
        row = event["key"].rpartition("/")[0]
        past.put("taken", row, {"case": key})


def taken(past: Past, kind: str, row: str) -> str:
    """Answer the case that a row of a table was taken over as, by the key of the row; nothing where it was not."""
    return str((past.get("taken", f"{IMPORT}{kind}/{row}") or {"case": ""})["case"])


def natural(kind: str, row: str, step: str) -> str:
    """Answer the key under which a step that a row tells of is recorded once."""
    return f"{IMPORT}{kind}/{row}/{step}"


def blank(key: str, kind: str, opened: str, by: str) -> Document:
    """Answer the document of a case in which nothing has been done."""
    return {
        "id": key, "kind": kind, "opened": opened, "by": by, "day": opened[:10], "source": None, "keyed": [],
        "state": "", "closed": False, "round": 1, "fields": {}, "done": {}, "road": [], "log": [], "duties": [],
    }  # fmt: skip


def _new(event: Event) -> Document:
    data = event["data"]
    document = blank(event["subject"], data["kind"], event["happened"], data["by"])
    first = {"first_edition": data["first_edition"], "day": data["first_edition"]} if "first_edition" in data else {}
    return {**document, "source": data.get("source"), "keyed": data.get("keyed", []), **first}


def _counted(past: Past, data: dict[str, Any]) -> None:
    """Count the cases of a kind that were numbered."""
    if "number" in data:
        past.put("cases", data["kind"], {"count": data["number"]})


def _shared(past: Past, share: dict[str, Any]) -> None:
    before = past.get("share", share["key"]) or {"all": 0, "taken": 0}
    counted = {"all": before["all"] + 1, "taken": before["taken"] + bool(share["taken"])}
    past.put("share", share["key"], counted)


# ── the document ───────────────────────────────────────────────────────────────────────────────────────────────────


def applied(document: Document, event: Event) -> Document:
    """Answer the document of a case after an event; the one that is given is changed."""
    data = event["data"]
    if event["type"] in (OPENED, STEPPED, MERGED):
        _stepped(document, event)
    else:
        _fallen(document, event["type"], event, data)
    return document


def _stepped(document: Document, event: Event) -> None:
    data = event["data"]
    values = _kept(document, event)
    for name, people in data.get("off", {}).items():
        _taken_off(document, name, people)
    _walked(document, event, data, values)
    _owed(document, event, data)


def _kept(document: Document, event: Event) -> dict[str, Any]:
    """Keep the values that an event sets, those of collecting fields beside the earlier ones; answer them."""
    values: dict[str, Any] = {**event["data"].get("set", {}), **event.get("personal", {}).get("set", {})}
    many = event["data"].get("many", ())
    for name, value in values.items():
        stored = document["fields"].get(name)
        document["fields"][name] = list(dict.fromkeys([*(stored or ()), *value])) if name in many else value
    return values


def _taken_off(document: Document, name: str, people: list[str]) -> None:
    value = document["fields"].get(name)
    if isinstance(value, list):
        document["fields"][name] = [one for one in value if one not in people]
    elif value in people:
        del document["fields"][name]


def _walked(document: Document, event: Event, data: dict[str, Any], values: dict[str, Any]) -> None:
    """Note the step, on the road where it is one; the steps that it makes void are no longer done."""
    for step in data.get("void", ()):
        document["done"].pop(step, None)
    document["road"] = [one for one in document["road"] if one["step"] not in data.get("void", ())]
    step = data["step"]
    document["done"][step] = {"at": event["happened"], "by": data["by"]}
    if data.get("road"):
        document["road"] = [one for one in document["road"] if one["step"] != step]
        document["road"].append({"step": step, "at": event["happened"], "state": data["state"]})
    document["log"].append(
        {
            "step": step,
            "at": event["happened"],
            "by": data["by"],
            "seq": event.get("seq"),
            "set": values,
            "state": data["state"],
            "closed": bool(data.get("closed")),
        }
    )
    document["state"], document["closed"] = data["state"], bool(data.get("closed"))
    document["round"] = data.get("round", document["round"])


def _owed(document: Document, event: Event, data: dict[str, Any]) -> None:
    """Keep what was met, dropped, stopped or moved, and what begins."""
    for change in data.get("duties", ()):
        for entry in _named(document, change):
            entry.update({name: value for name, value in change.items() if name not in ("name", "item")})
    begun = data.get("begun", [])
    fresh = {(one["name"], one["item"]) for one in begun}
    for entry in document["duties"]:  # one that begins anew while it runs stands in its own place
        if (entry["name"], entry["item"]) in fresh and entry["state"] in OPEN:
            entry["state"], entry["done"] = "restarted", event["happened"]
    document["duties"] += [dict(one) for one in begun]


def _named(document: Document, change: dict[str, Any]) -> list[dict[str, Any]]:
    """Answer the entry that a change speaks of: the newest of that name and item."""
    ours = [one for one in document["duties"] if (one["name"], one["item"]) == (change["name"], change["item"])]
    return ours[-1:]


def _fallen(document: Document, kind: str, event: Event, data: dict[str, Any]) -> None:
    for entry in _named(document, {"name": data["duty"], "item": data.get("item", "")}):
        if kind == WARNED:
            entry["warned"] = event["happened"]
        elif kind == ESCALATED:
            entry["escalated"] = entry.get("escalated", 0) + 1
        elif kind == LATE:
            entry["state"] = "breached" if entry["state"] == "running" else "late"
            _kept(document, event)
            document["duties"] += [dict(one) for one in data.get("begun", ())]
            document["log"].append({"step": "", "late": data["duty"], "at": event["happened"], "set": {}})
        elif kind == WITHDRAWN:
            entry["state"] = "met"
        else:
            entry.pop("missing", None)
            entry.update(data["timed"])


# ── marks ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@lru_cache(10_000)
def utc(text: str) -> str:
    """Answer a time in the one form in which marks are in order."""
    return f"{datetime.fromisoformat(text).astimezone(UTC).isoformat()[:19]}Z"


def marks(document: Document) -> set[tuple[str, str]]:
    """Answer the marks by which a case is found: by kind, by values, by what falls due, by when something was done."""
    kind, key = document["kind"], document["id"]
    place = f"{utc(document['opened'])}|{key}"
    found = {(f"all:{kind}", place)}
    if not document["closed"]:
        found.add((f"open:{kind}", place))
    if any(entry["state"] in OPEN for entry in document["duties"]):
        found.add((f"owes:{kind}", place))
    for name in document["keyed"]:
        value = document["fields"].get(name)
        for one in value if isinstance(value, list) else [value]:
            if one is not None:
                found.add((same_mark(kind, name, one), place))
    found |= {(f"did:{kind}", f"{utc(one['at'])}|{key}") for one in document["log"]}
    for entry in document["duties"]:
        if entry["state"] == "running" and "missing" in entry:
            found.add(("untimed", f"{entry['missing']}|{key}"))
        if entry["state"] in OPEN and entry.get("due"):
            found.add((f"late:{kind}", f"{utc(entry['due'])}|{key}"))
        found |= {("due", f"{at}|{key}|{what}|{entry['name']}|{entry['item']}") for at, what in falls(entry)}
    return found


def falls(entry: dict[str, Any]) -> list[tuple[str, str]]:
    """Answer what is still to fall of a duty, each with its instant in UTC: warning, breach, escalations."""
    if entry["state"] not in ("running", "breached") or not entry.get("due"):
        return []
    found = [(utc(at), f"escalated.{number}") for number, at in enumerate(entry.get("escalate", ()), 1)]
    found = found[entry.get("escalated", 0) :]
    if entry["state"] == "running":
        late = datetime.fromisoformat(entry["due"]) + SECOND
        found.append((utc(late.isoformat()), "late"))
        if entry.get("warn") and "warned" not in entry:
            found.append((utc(entry["warn"]), "warned"))
    return sorted(found)


def _remark(past: Past, before: set[tuple[str, str]], after: set[tuple[str, str]]) -> None:
    for kind, mark in sorted(before - after):
        past.unmark(kind, mark)
    for kind, mark in sorted(after - before):
        past.mark(kind, mark)
