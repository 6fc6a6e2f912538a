"""Phone numbers as staff type them, by the country and the area of the office."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_cli.identity import phones
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


@given(
    st.sampled_from(("CN", "HK", "TW", "US", "GB", "JE", "JP", "DE", "IT", "AR", "MX", "BR", "RU", "KZ", "AU")),
    st.one_of(
        st.from_regex(r"1[3-9][0-9]([ -]?[0-9]{4}){2}", fullmatch=True),
        st.from_regex(r"[0-9]{2,4}([ -][0-9]{2,5}){1,3}", fullmatch=True),
        st.from_regex(r"[0-9]{4,13}", fullmatch=True),
    ),
)
def test_a_plain_mobile_number_is_read_as_a_whole_reading_reads_it(country: str, typed: str) -> None:
    found = phones._mobile(typed, country)
    assert found in (None, whole(typed, country))


@pytest.mark.parametrize("country", sorted(phonenumbers.SUPPORTED_REGIONS))
def test_the_example_of_every_country_is_read_as_a_whole_reading_reads_it(country: str) -> None:
    example = phonenumbers.example_number_for_type(country, phonenumbers.PhoneNumberType.MOBILE)
    typed = str(example.national_number) if example else "123456789"
    found = phones._mobile(typed, country)
    assert found in (None, whole(typed, country))
    assert found is not None or country != "CN"


def whole(typed: str, country: str) -> Phone | None:
    """Answer what the library says of a number."""
    parsed = phones._parsed(typed, country)
    return Phone(parsed[0], "", parsed[1]) if parsed else None
