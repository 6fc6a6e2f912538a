"""Phone numbers as staff type them, by the country and the area of the office."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest

from crm_cli.identity.phones import Phone, read

DATA = Path(os.environ.get("CRM_DATA", Path(__file__).parents[3] / "shared" / "data"))


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("13800138000", "+8613800138000"),
        ("１３８ 0013 8000", "+8613800138000"),
        ("0086-138-0013-8000", "+8613800138000"),
        ("010-12345678 转 801", "+861012345678;801"),
        ("010-12345678轉801", "+861012345678;801"),
        ("(010)12345678 分机：801", "+861012345678;801"),
        ("010 12345678 ext. 801", "+861012345678;801"),
        ("86013388", "+8675586013388"),
        ("86013388分机12", "+8675586013388;12"),
        ("+852 6123 4567", "+85261234567"),
    ],
)
def test_one_telephone_has_one_key(typed: str, key: str) -> None:
    found = read(typed, "CN", "0755")
    assert found is not None
    assert (found.key, found.valid) == (key, True)


def test_an_area_code_is_completed_only_from_the_offices_own() -> None:
    assert read("86013388", "CN") == Phone("+8686013388", "", valid=False)
    assert read("021-86013388", "CN", "0755") == Phone("+862186013388", "", valid=True)
    assert read("95588", "CN", "0755") == Phone("+8695588", "", valid=False), "with an area code it is no number either"


@pytest.mark.parametrize("typed", ["", "0", "abc", "转801"])
def test_what_is_no_number_is_none(typed: str) -> None:
    assert read(typed, "CN", "0755") is None


@pytest.mark.skipif(not (DATA / "phones").is_dir(), reason="the published vectors are not on this machine")
def test_published_verdicts() -> None:
    with (DATA / "phones" / "phone_vectors.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    unlike = [row["input"] for row in rows if told(read(row["input"], row["region"])) != (row["verdict"], row["e164"])]
    assert len(rows) == 350
    assert unlike == ["138 0013 8000转123"], "the one with an extension, which is read here"


def told(phone: Phone | None) -> tuple[str, str]:
    says = "NumberParseException: (1) The string supplied did not seem to be a phone number."
    return ("valid" if phone.valid else "invalid", phone.e164) if phone else ("unparseable", says)
