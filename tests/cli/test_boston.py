"""The house in samples/boston: its rulebook holds, and a log comes in as the city's clocks ran."""

from __future__ import annotations

import json
from pathlib import Path

import desk

SAMPLE = Path(__file__).parents[2] / "samples" / "boston"
HEAD = "case_enquiry_id,open_dt,target_dt,closed_dt,closure_reason,type,source,neighborhood"
ROWS = """\
1,2011-07-01 02:18:31,2011-07-05 02:18:31,2011-07-04 06:12:43,done,Schedule a Bulk Item Pickup,web,Roslindale
2,2011-07-09 18:30:00,2011-07-14 08:30:00,2011-07-14 08:30:01,,Sticker Request,web,
3,2011-07-12 10:00:00,2011-11-09 10:00:00,,,Bed Bugs,web,
4,2011-07-12 10:00:00,,2011-07-13 10:00:00,,Notification,web,
"""
CLOCKS = {
    "1": [("answer", "2011-07-05T02:18:31-04:00", "met"), ("city_target", "2011-07-05T02:18:31-04:00", "met")],
    "2": [("answer", "2011-07-14T08:30:00-04:00", "late"), ("city_target", "2011-07-14T08:30:00-04:00", "late")],
    "3": [("answer", "2011-11-09T10:00:00-05:00", "running"), ("city_target", "2011-11-09T10:00:00-05:00", "running")],
    "4": [("answer", None, "met")],
}


def test_a_log_comes_in_as_the_citys_clocks_ran(tmp_path: Path) -> None:
    office, table = tmp_path / "office", tmp_path / "rows.csv"
    house = ["--profile", str(SAMPLE / "policies" / "boston"), "--manager", "Ann", "--timezone", "America/New_York"]
    assert desk.crm("init", str(office), *house, env={"CRM_NOW": "2011-07-01T00:00-04:00"}).code == 0
    users = (office / "crm.yaml").read_text("utf-8").partition("users:")
    said = (SAMPLE / "crm.yaml").read_text("utf-8").partition("users:")[0]
    (office / "crm.yaml").write_text(said + "".join(users[1:]), "utf-8")
    table.write_text(f"{HEAD}\n{ROWS}", "utf-8")
    words = ["request", "import", str(table), "--map", str(SAMPLE / "map.yaml"), "--json"]
    assert [json.loads(desk.crm(*words, office=office).out)["added"] for _run in range(2)] == [4, 0]
    for case, clocks in CLOCKS.items():
        shown = desk.crm("request", "show", case, "--json", office=office, env={"CRM_NOW": "2011-07-20T00:00-04:00"})
        told = [(one["name"], one["due"], one["state"]) for one in json.loads(shown.out)["clocks"]]
        assert told == clocks
    assert desk.crm("ledger", "verify", "--replay", office=office).code == 0


def test_the_rulebook_of_the_sample_holds() -> None:
    assert desk.crm("policy", "check", str(SAMPLE / "policies")).code == 0
