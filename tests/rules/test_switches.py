"""Every open question of the rulebook is a switch: an overlay in YAML gives the other reading, without Python."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from crm_cli import clock
from crm_cli.cli import perform
from crm_cli.commands import init
from crm_cli.commands.batch import words_of
from crm_cli.commands.session import Session, Shared
from crm_cli.errors import UsageError
from crm_cli.office import Office
from crm_cli.policy.check import check
from crm_cli.rules.customer.book import entries_made
from crm_cli.rules.topics import TOPICS
from crm_cli.settings import Settings

POLICIES = Path(__file__).parents[2] / "policies"
HOUSE, OVERLAY, MANAGER = "sales-office", "our-office", "经理"
MONDAY, TUESDAY, WEDNESDAY, NEXT_MONDAY = (f"2025-03-{day:02d}T09:30+08:00" for day in (3, 4, 5, 10))
HEAD = f"house: {OVERLAY}\nedition: 2025-01-01\ntitle: {{zh: 本店口径, en: Our reading}}\n"
OWN = "register add old --to A --kind visit"


@dataclass
class Rules:
    """The overlay of one office: what it sets or adds in the policies, and the words it brings."""

    rotation: str = ""
    register: str = ""
    words: str = ""

    def write(self, policies: Path) -> None:
        folder = policies / OVERLAY
        folder.mkdir()
        for topic, changes in (("rotation", self.rotation), ("register", self.register)):
            if changes:
                text = f"policy: {topic}\n{HEAD}extends: {{policy: {topic}, house: {HOUSE}}}\n{changes}\n"
                (folder / f"{topic}@2025-01-01.yaml").write_text(text)
        if self.words:
            (folder / "words.yaml").write_text(f"labels:\n  {self.words}\n")


def rotation(address: str, was: str, now: str) -> Rules:
    return Rules(rotation=f"set:\n  {address}: {{was: {was}, is: {now}}}")


def register(address: str, was: str, now: str) -> Rules:
    return Rules(register=f"set:\n  {address}: {{was: {was}, is: {now}}}")


class Day:
    """An office with an overlay, and a small day played in it through the program; `now` is its clock."""

    def __init__(self, folder: Path, rules: Rules | None, order: str = "A B C") -> None:
        made = init.prepare(folder, POLICIES, Settings(HOUSE), MANAGER)
        if rules:
            rules.write(made / "policies")
            settings = made / "crm.yaml"
            settings.write_text(settings.read_text() + f"overlays: [{OVERLAY}]\n")
            wrong = check(made / "policies", HOUSE, [OVERLAY], TOPICS)
            assert [finding.text for finding in wrong] == []
        init.found(Office(made), MANAGER, clock.told(MONDAY))
        made.rename(folder)
        self.office, self.now = Office(folder), MONDAY
        for person in sorted(order.split()):
            self.does(f"staff add {person} --role salesperson")
        self.does("staff add K --role clerk", f"rotate order {order}")

    def does(self, *lines: str) -> dict[str, Any]:
        """Carry out some lines, all of which succeed, and answer what the last one said."""
        said: dict[str, Any] = {}
        for line in lines:
            outer = Shared(office=str(self.office.folder), now=self.now, by=MANAGER)
            session = Session(lambda _text: None, perform, outer, opened=[self.office], in_run=True)
            answer = perform(words_of(line), session)
            assert answer.exit == 0, f"{line}: {answer.data}"
            said = answer.data
        return said

    def opens(self, now: str = MONDAY, flags: str = "") -> None:
        self.now = now
        self.does(f"rotate open {flags}")

    def to(self, line: str) -> str | None:
        """Answer who receives the customer of an arrival, a call, an end or a redirection."""
        receiver: str | None = self.does(line)["assignments"][-1]["to"]
        return receiver

    def owner(self, client: str) -> str:
        name: str = self.does(f"register owner {client}")["owner"]
        return name

    @property
    def board(self) -> dict[str, Any]:
        return self.does("rotate show")

    def count(self, person: str) -> dict[str, int]:
        """Answer the counts of a person that are not zero."""
        return {name: figure for name, figure in self.board["counts"][person].items() if figure}


@dataclass
class Desk:
    """Makes the same day twice: as the house has it, and as the overlay has it."""

    folder: Path

    def both(self, rules: Rules, order: str = "A B C") -> tuple[Day, Day]:
        return Day(self.folder / "house", None, order), Day(self.folder / "overlay", rules, order)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_r1_with_two_customers_the_strictest_status_counts_where_the_house_takes_the_first(desk: Desk) -> None:
    days = desk.both(rotation("day.two_clients", "first", "strictest"))
    for day in days:
        day.opens()
        day.does("rotate arrive k1", "rotate arrive k2", "rotate status A open", "rotate finish B")
        day.does("rotate arrive k3", "rotate arrive k4")
    house, overlay = days
    assert house.count("A") == {"served": 1, "owed": 1}
    assert overlay.count("A") == {"served": 1, "charged": 1}


def test_r2_each_day_restarts_at_the_head_where_the_house_goes_on_from_yesterday(desk: Desk) -> None:
    days = desk.both(rotation("day.start", "continue", "restart"))
    for day in days:
        day.opens()
        day.does("rotate arrive k1")
        day.opens(TUESDAY)
    assert [day.board["ring"] for day in days] == [["B", "C", "A"], ["A", "B", "C"]]


def test_r3_a_cap_ends_what_a_person_can_be_owed_where_the_house_has_none(desk: Desk) -> None:
    days = desk.both(rotation("makeup.cap", "none", "1"), order="A B")
    for day in days:
        day.opens()
        day.does("rotate status A official", "rotate arrive k1", "rotate finish B", "rotate arrive k2")
    assert [day.board["makeup"] for day in days] == [["A", "A"], ["A"]]


@pytest.mark.parametrize(("expires", "tomorrow", "next_week"), [("day", [], []), ("week", ["A"], [])])
def test_r3_what_is_owed_expires_where_the_house_keeps_it(
    desk: Desk, expires: str, tomorrow: list[str], next_week: list[str]
) -> None:
    house, overlay = desk.both(rotation("makeup.expires", "never", expires))
    for day, after_a_night, after_a_week in ((house, ["A"], ["A"]), (overlay, tomorrow, next_week)):
        day.opens()
        day.does("rotate owe A --reason carried", "rotate order A B C --week 2025-W11")
        day.opens(TUESDAY)
        assert day.board["makeup"] == after_a_night
        day.opens(NEXT_MONDAY)
        assert day.board["makeup"] == after_a_week


def test_r4_an_applicant_uses_a_turn_where_the_house_has_him_on_the_list_of_no_customers(desk: Desk) -> None:
    days = desk.both(rotation("desk.non_clients", "[courier, applicant, colleague]", "[courier, colleague]"))
    for day in days:
        day.opens()
    assert [day.to("rotate arrive k1 --errand applicant") for day in days] == [None, "A"]
    assert [day.count("A") for day in days] == [{}, {"served": 1}]


def test_r5_who_is_asked_for_gets_the_credit_where_the_house_goes_by_the_book(desk: Desk) -> None:
    days = desk.both(register("claims.redesignation_credit", "register", "designated"))
    for day in days:
        day.opens()
        day.does(OWN)
        assert day.to("rotate arrive old --asks B") == "B"
    assert [day.owner("old") for day in days] == ["A", "B"]


def test_r6_the_last_in_the_ring_bridges_where_the_house_leaves_it_to_the_clerk(desk: Desk) -> None:
    changes = "set:\n  receive#first_visit_clerk.receiver: {was: office, is: tail}\n"
    days = desk.both(Rules(changes + "  receive#first_visit_clerk.count: {was: none, is: extra}"))
    for day in days:
        day.opens()
        day.does("rotate status C phone")
    assert [day.to("rotate arrive k1 --asks C") for day in days] == ["office", "B"]
    assert [day.count("B") for day in days] == [{}, {"extra": 1}]


def test_r7_standing_in_for_a_resting_colleague_uses_the_turn_where_the_house_counts_nothing(desk: Desk) -> None:
    days = desk.both(rotation("receive#owner_out.count", "extra", "turn"))
    for day in days:
        day.does(OWN)
        day.opens(flags="--off A=rest")
        assert day.to("rotate arrive old") == "B"
        assert day.owner("old") == "A"
    assert [day.count("B") for day in days] == [{"extra": 1}, {"served": 1}]
    assert [day.board["ring"] for day in days] == [["B", "C"], ["C", "B"]]


@pytest.mark.parametrize(("standing", "receiver"), [("busy", "C"), ("out", "B")])
def test_r8_who_is_suspended_serves_nobody_where_the_house_leaves_own_customers(
    desk: Desk, standing: str, receiver: str
) -> None:
    days = desk.both(rotation("absence#suspended.standing", "keeps", standing))
    for day in days:
        day.does(OWN)
        day.opens(flags="--off A=suspended")
    assert [day.to("rotate arrive old") for day in days] == ["A", receiver]


def test_r10_a_make_up_is_forfeited_while_privately_away_where_the_house_lets_it_wait(desk: Desk) -> None:
    days = desk.both(rotation("makeup.forfeited_while", "[]", "[private]"), order="B C A")
    for day in days:
        day.opens()
        day.does("rotate owe A --reason carried", "rotate status A private")
        assert day.to("rotate arrive k1") == "B"
    assert [day.count("A") for day in days] == [{"owed": 1}, {"charged": 1}]


def test_r10_a_forfeited_make_up_costs_one_slot_for_one_customer(desk: Desk) -> None:
    _house, day = desk.both(rotation("makeup.forfeited_while", "[]", "[private]"))
    day.opens()
    day.does("rotate owe A --reason carried", "rotate status A private", "rotate arrive k1")
    assert day.count("A") == {"charged": 1}


def test_r11_turning_a_customer_down_is_a_violation_only_where_the_house_also_charges_the_turn(desk: Desk) -> None:
    days = desk.both(rotation("miss#refused.missed", "charge", "nothing"))
    for day in days:
        day.opens()
        day.does("rotate arrive k1")
        assert day.to("rotate refuse k1") == "B"
    assert [day.count("A") for day in days] == [{"charged": 1}, {}]


def test_r12_who_hands_a_customer_back_is_last_of_those_owed_where_the_house_puts_them_first(desk: Desk) -> None:
    days = desk.both(rotation("redirect.place", "front", "tail"), order="B C A")
    for day in days:
        day.opens()
        day.does(OWN, "rotate arrive old --unrecognised", "rotate owe C --reason carried")
        assert day.to("rotate redirect old --to A") == "A"
    assert [day.board["makeup"] for day in days] == [["B", "C"], ["C", "B"]]


def test_r13_the_manager_names_who_looks_after_both_where_the_house_goes_by_the_order(desk: Desk) -> None:
    days = desk.both(rotation("both.chosen_by", "order", "manager"))
    house, overlay = days
    for day in days:
        day.opens()
        day.does("rotate status A phone", "rotate status B new", "rotate status C new", "rotate arrive k1")
    assert house.to("rotate look-after-both k1") == "B"
    with pytest.raises(UsageError):
        overlay.does("rotate look-after-both k1")
    assert overlay.to("rotate look-after-both k1 --to C") == "C"
    assert [day.count("A") for day in days] == [{"owed": 1}, {}]


def grabbed(day: Day) -> None:
    day.opens()
    day.does("rotate arrive k1 --asks C --not-told", "rotate confirm-grab k1")


def test_r14_a_grab_suspends_the_same_day_where_the_house_waits_for_the_next(desk: Desk) -> None:
    days = desk.both(rotation("grab.day", "next", "same"))
    for day in days:
        grabbed(day)
    assert [day.board["off"] for day in days] == [{}, {"A": "suspended"}]
    for day in days:
        day.opens(TUESDAY)
    assert [day.board["off"] for day in days] == [{"A": "suspended"}, {}]
    for day in days:
        day.opens(WEDNESDAY)
    assert [day.board["off"] for day in days] == [{}, {}]


def test_a_grab_costs_as_many_days_as_the_overlay_says(desk: Desk) -> None:
    days = desk.both(rotation("grab.days", "1", "2"))
    for day in days:
        grabbed(day)
        day.opens(TUESDAY)
        day.opens(WEDNESDAY)
    assert [day.board["off"] for day in days] == [{}, {"A": "suspended"}]


def test_r15_taking_a_customer_out_of_turn_suspends_where_the_house_leaves_it_to_the_manager(desk: Desk) -> None:
    days = desk.both(rotation("grab.other_days", "0", "1"))
    for day in days:
        day.opens()
        day.does("rotate arrive k1", "rotate confirm-grab k1 --offender C")
        day.opens(TUESDAY)
    assert [day.board["off"] for day in days] == [{}, {"C": "suspended"}]


def test_r16_a_call_claims_the_customer_where_the_house_lets_visits_alone_do_so(desk: Desk) -> None:
    days = desk.both(register("claims.phone_entry_claims", "false", "true"))
    for day in days:
        day.opens()
        day.does("register add k1 --to C --kind phone")
    assert [day.to("rotate arrive k1") for day in days] == ["A", "C"]
    assert [day.owner("k1") for day in days] == ["A", "C"]


def test_r17_who_received_an_unrecognised_customer_wins_where_the_house_goes_by_the_book(desk: Desk) -> None:
    days = desk.both(register("claims.lapsed_recognition", "register_wins", "receiver_wins"), order="B C A")
    for day in days:
        day.opens()
        day.does(OWN)
        assert day.to("rotate arrive old --unrecognised") == "B"
    assert [day.owner("old") for day in days] == ["A", "B"]


def test_r18_a_turn_is_given_back_when_a_link_is_found_where_the_house_gives_none(desk: Desk) -> None:
    days = desk.both(register("link.refund", "false", "true"), order="B C A")
    for day in days:
        day.opens()
        day.does(OWN)
        day.now = MONDAY.replace("09:30", "10:00")
        day.does("rotate arrive wife", "rotate finish B")
        day.does("register link wife --same-as old --relation family")
        assert day.owner("wife") == "A"
    assert [day.board["makeup"] for day in days] == [[], ["B"]]


def test_r19_calls_and_visits_share_a_ring_where_the_house_has_two(desk: Desk) -> None:
    days = desk.both(rotation("phone.ring", "separate", "shared"))
    for day in days:
        day.opens()
        assert day.to("rotate call k1") == "A"
        day.does("rotate finish A")
    assert [day.to("rotate arrive k2") for day in days] == ["A", "B"]
    assert [day.count("A") for day in days] == [{"served": 1}, {"served": 1}]
    assert [day.count("B") for day in days] == [{}, {"served": 1}]


def test_r20_a_customer_who_asks_for_somebody_uses_their_turn_where_the_house_counts_nothing(desk: Desk) -> None:
    days = desk.both(rotation("receive#asked_free.count", "extra", "turn"))
    for day in days:
        day.opens()
        assert day.to("rotate arrive k1 --asks A") == "A"
        assert day.owner("k1") == "A"
    assert [day.count("A") for day in days] == [{"extra": 1}, {"served": 1}]
    assert [day.board["ring"] for day in days] == [["A", "B", "C"], ["B", "C", "A"]]


def test_a_week_without_an_order_goes_on_with_the_last_where_the_house_refuses(desk: Desk) -> None:
    day = desk.both(rotation("week.missing_order", "refuse", "warn"))[1]
    day.opens()
    day.opens(NEXT_MONDAY)
    assert day.board["ring"] == ["A", "B", "C"]


def test_an_entry_in_the_book_lapses_where_the_house_keeps_it_for_good(desk: Desk) -> None:
    days = desk.both(register("claims.valid_days", "none", "30"), order="B C A")
    for day in days:
        day.does(f"{OWN} --at 2025-01-15T09:30+08:00")
        day.opens()
    assert [day.to("rotate arrive old") for day in days] == ["A", "B"]


def test_the_next_turn_goes_to_whoever_had_fewest_where_the_house_follows_the_ring(desk: Desk) -> None:
    days = desk.both(rotation("pick.next", "ring", "fewest"))
    for day in days:
        day.opens()
        day.does("rotate arrive k1", "rotate arrive k2", "rotate finish A", "rotate finish B")
        day.does("rotate adjust A B C --reason test")
    assert [day.board["next"] for day in days] == ["A", "C"]
    assert [day.to("rotate arrive k3") for day in days] == ["A", "C"]


def test_an_overlay_adds_a_kind_of_absence(desk: Desk) -> None:
    row = "{when: {absence: training}, then: {standing: out}, article: 本店, ref: our.1}"
    rules = Rules(rotation=f"add:\n  absence#training: {row}", words="absence: {training: {zh: 培训, en: training}}")
    house, overlay = desk.both(rules)
    overlay.does(OWN)
    overlay.opens(flags="--off A=培训")
    assert overlay.board["off"] == {"A": "training"}
    assert overlay.board["ring"] == ["B", "C"]
    assert overlay.to("rotate arrive old") == "B"
    assert overlay.count("A") == {}
    house.opens()
    with pytest.raises(UsageError):
        house.does("rotate off A 培训")


def test_an_overlay_adds_a_kind_of_absence_that_leaves_own_customers(desk: Desk) -> None:
    row = "{when: {absence: training}, then: {standing: keeps}, article: 本店, ref: our.1}"
    rules = Rules(rotation=f"add:\n  absence#training: {row}", words="absence: {training: {zh: 培训, en: training}}")
    day = desk.both(rules)[1]
    day.does(OWN)
    day.opens()
    day.does("rotate off A training")
    assert day.to("rotate arrive old") == "A"


@pytest.mark.parametrize("client", ["same", "other"])
def test_an_overlay_adds_a_relation_and_says_whether_it_makes_one_customer(desk: Desk, client: str) -> None:
    row = f"{{when: {{relation: neighbour}}, then: {{client: {client}}}, article: 本店, ref: our.2}}"
    words = "relation: {neighbour: {zh: 邻居, en: neighbour}}"
    house, overlay = desk.both(Rules(register=f"add:\n  relation#neighbour: {row}", words=words), order="B C A")
    for day in (house, overlay):
        day.opens()
        day.does(OWN)
    assert overlay.to("rotate arrive k1 --same-as old --relation 邻居") == ("A" if client == "same" else "B")
    with pytest.raises(UsageError):
        house.does("rotate arrive k1 --same-as old --relation 邻居")


def test_an_overlay_takes_a_word_into_a_row_that_the_house_has(desk: Desk) -> None:
    day = desk.both(
        Rules(
            register="set:\n  relation#one.when.relation: {was: [family, company], is: [family, company, neighbour]}",
            words="relation: {neighbour: {zh: 邻居, en: neighbour}}",
        ),
        order="B C A",
    )[1]
    day.opens()
    day.does(OWN)
    assert day.to("rotate arrive k1 --same-as old --relation neighbour") == "A"


@pytest.mark.parametrize(("turn", "count"), [("owe", {"owed": 1}), ("charge", {"charged": 1})])
def test_an_overlay_adds_a_status_and_what_becomes_of_a_turn_meanwhile(
    desk: Desk, turn: str, count: dict[str, int]
) -> None:
    row = f"{{when: {{status: meeting}}, then: {{turn: {turn}}}, article: 本店, ref: our.3}}"
    words = "status: {meeting: {zh: 开会, en: in a meeting}}"
    day = desk.both(Rules(rotation=f"add:\n  turn#meeting: {row}", words=words))[1]
    day.opens()
    day.does("rotate status A 开会")
    assert day.to("rotate arrive k1") == "B"
    assert day.count("A") == count


def test_an_overlay_adds_somebody_who_is_no_customer(desk: Desk) -> None:
    errands = "{was: [courier, applicant, colleague], is: [courier, applicant, colleague, repairman]}"
    words = "errand: {repairman: {zh: 修理工, en: repairman}}"
    day = desk.both(Rules(rotation=f"set:\n  desk.non_clients: {errands}", words=words))[1]
    day.opens()
    assert day.to("rotate arrive k1 --errand 修理工") is None
    assert day.board["next"] == "A"


def test_an_overlay_adds_a_reason_for_not_coming(desk: Desk) -> None:
    then = "{missed: owe, status: free, violation: none}"
    row = f"{{when: {{reason: fetched}}, then: {then}, article: 本店, ref: our.4}}"
    words = "reason: {fetched: {zh: 被经理叫走, en: called away by the manager}}"
    day = desk.both(Rules(rotation=f"add:\n  miss#fetched: {row}", words=words))[1]
    day.opens()
    day.does("rotate arrive k1")
    assert day.to("rotate miss k1 --reason 被经理叫走") == "B"
    assert day.count("A") == {"owed": 1}
    assert day.board["status"]["A"] == "free"


def test_a_base_that_moved_underneath_an_overlay_is_an_error(desk: Desk) -> None:
    made = desk.folder / "policies"
    init.prepare(desk.folder / "office", POLICIES, Settings(HOUSE), MANAGER)
    (next(desk.folder.glob(".office.*")) / "policies").rename(made)
    rotation("day.start", "restart", "continue").write(made)
    (wrong,) = check(made, HOUSE, [OVERLAY], TOPICS)
    assert wrong.level == "error"
    assert "but the base has continue" in wrong.text


def test_a_decision_of_an_overlay_cites_the_overlay(desk: Desk) -> None:
    house, overlay = desk.both(rotation("receive#asked_free.count", "extra", "turn"))
    for day, name in ((house, HOUSE), (overlay, OVERLAY)):
        day.opens()
        cites = day.does("rotate arrive k1 --asks A")["cites"]
        assert [cite["house"] for cite in cites if cite["row"] == "asked_free"] == [name]


def test_a_confirmed_grab_leaves_the_credit_to_the_book_where_the_house_gives_it_to_who_was_asked(desk: Desk) -> None:
    days = desk.both(register("grab.credit", "asked", "register"))
    for day in days:
        grabbed(day)
    assert [day.owner("k1") for day in days] == ["C", "A"]


def test_a_call_is_not_booked_where_the_house_books_visits_and_calls(desk: Desk) -> None:
    days = desk.both(register("book.kinds", "[visit, phone]", "[visit]"))
    for day in days:
        day.opens()
        day.does("rotate call k1")
    assert [entries_made(day.office.past()) for day in days] == [1, 0]


def test_who_waits_longer_than_the_overlay_allows_is_shown_where_the_house_sets_no_limit(desk: Desk) -> None:
    days = desk.both(rotation("waiting.max_minutes", "unset", "3"), order="A")
    for day in days:
        day.opens()
        day.does("rotate arrive k1", "rotate arrive k2")
        day.now = MONDAY.replace("09:30", "09:33")
        assert day.board["overdue"] == []
        day.now = MONDAY.replace("09:30", "09:34")
    assert [day.board["overdue"] for day in days] == [[], ["k2"]]


def test_handing_a_customer_on_uses_a_turn_where_the_row_says_so(desk: Desk) -> None:
    days = desk.both(rotation("receive#asked_free.count", "extra", "turn"))
    for day in days:
        day.opens()
        day.does("rotate status C phone", "rotate arrive k1 --asks C", "rotate finish C")
        assert day.to("rotate hand-over k1 --to C") == "C"
    assert [day.count("C") for day in days] == [{"extra": 1}, {"served": 1}]


def test_somebody_who_is_added_again_keeps_the_roles_they_have(desk: Desk) -> None:
    day = desk.both(Rules())[0]
    day.does("staff add A --role manager")
    roles = {member["name"]: member["roles"] for member in day.does("staff list")["staff"]}
    assert roles["A"] == ["salesperson", "manager"]
    assert day.does("staff add A --role salesperson")["verdict"] == "already"
