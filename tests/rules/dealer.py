"""An office of the car dealer in which worked examples of fines are played, by the house's rules or with an overlay."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from crm_cli import clock
from crm_cli.cli import perform
from crm_cli.commands import init
from crm_cli.commands.session import Session, Shared
from crm_cli.errors import CrmError
from crm_cli.office import Office
from crm_cli.policy.check import check
from crm_cli.rules.topics import TOPICS
from crm_cli.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crm_cli.render import Answer

ROOT = Path(__file__).parents[2]
POLICIES = ROOT / "policies"
HOUSE, OVERLAY, MANAGER = "car-dealer", "our-office", "Boss"
OPENING = "2025-01-01T09:00+08:00"
SCENARIOS = {
    one["id"]: one for one in yaml.safe_load((ROOT / "tests/scenarios/penalty.yaml").read_text("utf-8"))["scenarios"]
}
KIND = {"sales": "new-car", "service": "service-visit"}
STAFF = {
    "Li": ["sales_adviser"], "Wu": ["sales_adviser"], "Chen": ["service_adviser"],
    "Ma": ["sales_adviser", "service_adviser"], "Sun": ["archivist"], "Fang": ["finance"],
    "Director": ["customer_director"],
}  # fmt: skip
FAULTS = {
    "missing": "--missing", "wrong": "--wrong", "unsigned_user": "--no-customer-signature",
    "unsigned_internal": "--no-staff-signature",
}  # fmt: skip
ARTICLES = {
    "D5a": ("missing", "wrong"), "D5b": ("unsigned_user",), "D5c": ("unsigned_internal",), "D2": ("unsigned_user",),
}  # fmt: skip
Row = dict[str, Any]


def stamp(at: str, hour: str = "10:00") -> str:
    """Answer a time of an example."""
    return f"{at if 'T' in at else at + 'T' + hour}:00+08:00"


class Dealer:
    """An office with its staff; `changes` are what an overlay sets in the house's policy on penalties."""

    def __init__(self, folder: Path, changes: str = "", settings: str = "") -> None:
        self.office: Office
        self.adviser: dict[str, str] = {}
        self.faulty: dict[str, Row] = {}
        self.ordered: set[str] = set()
        if not changes and not settings:
            base = folder.parent / "dealer"  # made once: its policies are compiled, its staff is there
            if not base.exists():
                self._made(base, "", "").office.close()
            shutil.copytree(base / "office", folder / "office")
            self.office = Office(folder / "office")
        else:
            self._made(folder, changes, settings)

    def _made(self, folder: Path, changes: str, settings: str) -> Dealer:
        made = init.prepare(folder / "office", POLICIES, Settings(HOUSE), MANAGER)
        if changes:
            head = f"house: {OVERLAY}\nedition: 2025-01-01\ntitle: {{zh: 本店口径, en: Our reading}}\n"
            text = f"policy: penalty\n{head}extends: {{policy: penalty, house: {HOUSE}}}\nset:\n{changes}\n"
            (made / "policies" / OVERLAY).mkdir()
            (made / "policies" / OVERLAY / "penalty@2025-01-01.yaml").write_text(text, "utf-8")
            settings += f"\noverlays: [{OVERLAY}]\n"
            wrong = check(made / "policies", HOUSE, [OVERLAY], TOPICS)
            assert [finding.text for finding in wrong] == []
        (made / "crm.yaml").write_text((made / "crm.yaml").read_text("utf-8") + settings, "utf-8")
        init.found(Office(made), MANAGER, clock.told(OPENING))
        self.office = Office(made.rename(folder / "office"))
        for name, roles in STAFF.items():
            self.does(f"staff add {name} " + " ".join(f"--role {role}" for role in roles), MANAGER, OPENING)
        self.office.rulebook(clock.told(OPENING)).openings  # noqa: B018 - compiles what cases need
        return self

    def asks(self, line: str, by: str, now: str) -> tuple[int, Row]:
        """Answer the exit code and what a line said."""
        session = self._session(by, now)
        try:
            answer = perform(shlex.split(line), session)
        except CrmError as error:
            return error.exit, {"verdict": "error", "error": error.what}
        return answer.exit, answer.data

    def reads(self, line: str, by: str, now: str) -> list[Row]:
        """Answer the rows of a line as people read them."""
        return list(self.says(line, by, now).rows or [])

    def says(self, line: str, by: str, now: str) -> Answer:
        """Answer what a line says to people."""
        return perform(shlex.split(line), self._session(by, now, json=False))

    def _session(self, by: str, now: str, *, json: bool = True) -> Session:
        outer = Shared(office=str(self.office.folder), now=now, by=by, json=json, lang="en")
        return Session(lambda _text: None, perform, outer, opened=[self.office], in_run=True)

    def does(self, line: str, by: str, now: str) -> Row:
        """Carry out a line that succeeds."""
        code, data = self.asks(line, by, now)
        assert code == 0, f"{line}: {data}"
        return data

    def lines(self, now: str, by: str = "Director") -> list[Row]:
        """Answer the lines as they stand at a time."""
        found: list[Row] = self.does("penalty list", by, now)["penalties"]
        return found

    def play(self, events: Iterable[Row], *, nightly: bool = False) -> list[str]:
        """Play the events of an example; answer what came of each deduction."""
        deductions = []
        for one in sorted(events, key=lambda one: one["at"]):
            now = stamp(one["at"], "23:59" if one["do"] == "check" else "10:00")
            if nightly:
                self.does("tick", MANAGER, now)
            said = getattr(self, f"_{one['do']}")(one, now)
            deductions += [said] if one["do"] == "deduct" else []
        return deductions

    def _deliver(self, one: Row, now: str) -> None:
        self.adviser[one["visit"]] = one["person"]
        self.does(
            f"archive open {one['visit']} --kind {KIND[one['kind']]} --adviser {one['person']}", one["person"], now
        )

    def _handover(self, one: Row, now: str) -> None:
        visit = one["visit"]
        faults = " ".join(f"{option} {item}" for key, option in FAULTS.items() for item in one.get(key, []))
        self.faulty[visit] = {art: [x for key in keys for x in one.get(key, [])] for art, keys in ARTICLES.items()}
        self.does(f"archive hand-over {visit} --signed-by {self.adviser[visit]} {faults}", "Sun", now)

    def _complete(self, one: Row, now: str) -> None:
        if one["visit"] in self.faulty:
            self.does(f"archive complete {one['visit']}", "Sun", now)
            return
        self._handover({"visit": one["visit"]}, now)
        if one["visit"] in self.ordered:
            self._corrected(one, now)

    def _contact_fault(self, one: Row, now: str) -> None:
        self.does(f"archive contact-unverified {one['visit']} --adviser {one['person']}", "Sun", now)

    def _order(self, one: Row, now: str) -> None:
        self.ordered.add(one["visit"])
        self.does(f"archive order-correction {one['visit']}", "Sun", now)

    def _fix(self, one: Row, now: str) -> None:
        faulty = self.faulty[one["visit"]]
        items, faulty[one["art"]] = faulty[one["art"]][: one["qty"]], faulty[one["art"]][one["qty"] :]
        self.does(f"archive fix {one['visit']} {' '.join(items)}", "Sun", now)

    def _corrected(self, one: Row, now: str) -> None:
        self.does(f"archive corrected {one['visit']}", "Sun", now)

    def _loss(self, one: Row, now: str) -> None:
        visit = one["visit"]
        if visit not in self.adviser:
            self.adviser[visit] = ""
            self.does(f"archive open {visit} --kind on-file", "Sun", now)
        words = f"--pieces {one['pieces']} --person {one['person']} --cause upkeep"
        self.does(f"archive lost {visit} {words}", MANAGER, now)

    def _check(self, _one: Row, now: str) -> None:
        self.does("tick", MANAGER, now)

    def _waive_repeat(self, one: Row, now: str) -> None:
        [line] = [row for row in self.lines(now) if (row["subject"], row["date"]) == (one["visit"], one["day"])]
        assert short(line["ref"]) == "D10"
        self.does(f"penalty waive {line['id']} --reason away", "Director", now)

    def _deduct(self, one: Row, now: str) -> str:
        words = f"--role {one['role']} --month {one['month']} --pay {one['base']} --rate {one['rate']} --reason why"
        code, data = self.asks(f"penalty deduct {one['person']} {words}", "Director", now)
        return "refused" if code else str(data["amount"])


def short(article: str) -> str:
    """Answer the last part of an article's id."""
    return article.rpartition(".")[2]


def end_of(scenario: Row) -> str:
    """Answer the last minute of the last day of an example."""
    return stamp(max(one["at"][:10] for one in scenario["events"]), "23:59")


def told(row: Row) -> Row:
    """Answer a line as an example writes it down."""
    names = ("date", "person", "role", "quantity", "multiplier", "amount")
    again = f"/{short(row['repeats'])}" if row.get("repeats") else ""
    made = {name: row[name] for name in names} | {"visit": row["subject"], "article": short(row["ref"]) + again}
    made["unit"] = int(row["unit"].partition(".")[0])
    return made | ({} if again else {"time": row["time"]}) | ({"waived": True} if row["state"] == "waived" else {})
