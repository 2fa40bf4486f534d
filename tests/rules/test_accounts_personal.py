"""The rules of addresses, texts in force and profiles, without a store."""

from datetime import datetime, timedelta

import pytest

from app.env import Settings
from app.models.accounts import Address, Consent, User
from app.services.accounts import consents, milestones, profile
from app.services.accounts.addresses import COUNTRIES, clean_address
from app.services.accounts.consents import TermsOutdated, TermsVersion
from app.utils.errors import InvalidValue
from tests.people import ADDRESS
from tests.times import at

SETTINGS = Settings()


def address(**changes: str) -> Address:
    return Address(id="a1", **(ADDRESS | changes))


@pytest.mark.parametrize(
    ("country", "postcode", "area"),
    [
        ("US", "62701", "IL"),
        ("US", "62701-1234", "IL"),
        ("DE", "10115", ""),
        ("GB", "sw1a 1aa", ""),
        ("CA", "k1a 0b1", "ON"),
        ("NL", "1012 AB", ""),
        ("PL", "00-001", ""),
        ("IE", "", ""),
        ("HK", "", ""),
        ("TR", "34000", ""),
    ],
)
def test_addresses_as_their_countries_write_them(country, postcode, area):
    cleaned = clean_address(address(country=country, postcode=postcode, area=area), SETTINGS)
    assert cleaned.postcode == postcode.upper()


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"country": "XX"}, {"country"}),
        ({"country": ""}, {"country"}),
        ({"postcode": "6270"}, {"postcode"}),
        ({"postcode": "٦٢٧٠١"}, {"postcode"}),
        ({"postcode": ""}, {"postcode"}),
        ({"area": ""}, {"area"}),
        ({"country": "DE", "postcode": "1011", "area": ""}, {"postcode"}),
        ({"name": "", "city": "", "postcode": "x"}, {"name", "city", "postcode"}),
    ],
)
def test_what_no_address_of_a_country_is(changes, fields):
    with pytest.raises(InvalidValue) as refusal:
        clean_address(address(**changes), SETTINGS)
    assert set(refusal.value.fields) == fields


def test_an_addresses_phone_is_read_as_dialled_there():
    cleaned = clean_address(address(country="DE", postcode="10115", phone="030 123456"), SETTINGS)
    assert cleaned.phone == "+4930123456"


def test_every_country_has_a_name_and_a_pattern_that_can_be_read():
    assert len(COUNTRIES) == 249
    for code, rule in COUNTRIES.items():
        assert len(code) == 2 and rule["name"]
        if "postcode" in rule:
            assert isinstance(rule["postcode_required"], bool)


VERSIONS = (
    TermsVersion("terms", "1", at("2026-01-01"), "/t1", True),
    TermsVersion("terms", "2", at("2026-02-01"), "/t2", True),
    TermsVersion("marketing", "1", at("2026-01-01"), "/m1", False),
)


def answer(kind: str, version: str, is_given: bool, when: datetime) -> Consent:
    return Consent(user_id="u", at=when, kind=kind, version=version, is_given=is_given, how="account")


@pytest.mark.parametrize(
    ("now", "version"),
    [("2026-01-31T23:59:59", "1"), ("2026-02-01", "2"), ("2026-03-01", "2")],
)
def test_the_version_in_force_is_the_latest_published(now, version):
    assert consents.versions_in_force(at(now), VERSIONS)["terms"].version == version
    consents.ensure_in_force("terms", version, now=at(now), versions=VERSIONS)
    other = {"1": "2", "2": "1"}[version]
    with pytest.raises(TermsOutdated):
        consents.ensure_in_force("terms", other, now=at(now), versions=VERSIONS)


def test_nothing_is_in_force_before_it_is_published():
    assert consents.versions_in_force(at("2025-12-31"), VERSIONS) == {}
    with pytest.raises(TermsOutdated):
        consents.ensure_in_force("terms", "1", now=at("2025-12-31"), versions=VERSIONS)


@pytest.mark.parametrize(
    ("answers", "missing"),
    [
        ([], ["terms"]),
        ([("1", True)], ["terms"]),
        ([("1", True), ("2", True)], []),
        ([("2", True), ("2", False)], ["terms"]),
        ([("2", True), ("2", False), ("2", True)], []),
    ],
)
def test_what_has_to_be_accepted_again(answers, missing):
    given = [
        answer("terms", version, yes, at("2026-02-02") + timedelta(hours=n)) for n, (version, yes) in enumerate(answers)
    ]
    found = consents.versions_to_accept(given, now=at("2026-03-01"), versions=VERSIONS)
    assert [version.kind for version in found] == missing


def test_the_shipped_texts_are_in_force():
    assert set(consents.versions_in_force(at("2026-11-21"))) == {"terms", "privacy", "marketing"}


COMPLETE = {
    "first_name": "Ann",
    "last_name": "Lee",
    "phone_confirmed_at": at("2026-01-01"),
    "address_1": "1 Main St",
    "city": "Ulm",
}


@pytest.mark.parametrize("missing", ["", *COMPLETE])
def test_a_profile_is_complete_when_all_is_there(missing):
    values = {name: value for name, value in COMPLETE.items() if name != missing}
    user = User(username="ann", email="a@b", phone="+12175550123", **values)
    assert milestones.is_complete(user) is (missing == "")


def test_a_confirmed_mail_address_stands_for_a_phone():
    values = {name: value for name, value in COMPLETE.items() if name != "phone_confirmed_at"}
    assert milestones.is_complete(User(username="ann", email="a@b", email_confirmed_at=at("2026-01-01"), **values))


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/Argentina/Ushuaia", "UTC", ""])
def test_time_zones(zone):
    profile.ensure_usable({"time_zone": zone})


@pytest.mark.parametrize("zone", ["Europe/Atlantis", "Berlin", "../../etc/passwd", "/etc/localtime", "EST", "+02:00"])
def test_what_is_no_time_zone(zone):
    with pytest.raises(InvalidValue) as refusal:
        profile.ensure_usable({"time_zone": zone, "locale": "english"})
    assert set(refusal.value.fields) == {"time_zone", "locale"}
