"""What is read in a directory's records, and what is never kept of them."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.hsds.kit import PANTRIES, SHELTER, at, service, term, weekly
from connectors.hsds.mapping import Reader, Service, Unreadable
from connectors.hsds.schedules import openings
from hmis.opening import Opening, in_words
from tests.connectors.partners import FOLDER, manifest_of

READER = Reader(manifest_of("hsds"))
SAMPLES = json.loads((FOLDER / "hsds" / "samples" / "services.json").read_text())
WHEREABOUTS = ("Street", "Springfield", "62701", "House", "40.0", "-75.0", "Bus 7")


def read(**changes: Any) -> Service:
    return READER.service({**service("1"), **changes})


@pytest.mark.parametrize("case", ["normal", "withheld"])
def test_the_samples_are_read_as_they_say(case: str) -> None:
    sample = SAMPLES[case]
    (record,) = sample["body"]["contents"]

    told = READER.service(record)

    facts = {name: value for name, value in told.facts.items() if name in sample["expect"]["facts"]}
    assert json.loads(json.dumps(facts, default=str)) == sample["expect"]["facts"]
    assert [[in_words(one) for one in place.openings] for place in told.places] == sample["expect"]["open"]
    assert [place.facts.get("city") for place in told.places] == sample["expect"]["cities"]


def test_every_full_example_of_the_guide_is_read(reference: Any) -> None:
    folder: Path = reference("hsds-3.0") / "examples"
    record = json.loads((folder / "service_full.json").read_text())

    told = READER.service(record)

    (place,) = told.places
    assert told.facts["name"] == "Community Counselling"
    assert told.facts["organization"] == "Example Organization Inc."
    assert (told.facts["minimum_age"], told.facts["maximum_age"]) == (12, 100)
    assert told.facts["languages"] == ["Urdu"]
    assert told.facts["assured_on"] == date(2005, 1, 1)
    assert told.facts["categories"] == ["OTHER"]
    assert told.facts["phones"] == [
        {
            "number": "+44 1234 234567",
            "extension": "100",
            "kind": "voice",
            "note": told.facts["phones"][0]["note"],  # type: ignore[index]  # facts are of any type
        }
    ]
    assert told.modified_at == datetime(2023, 3, 15, 10, 30, 45, 123000, tzinfo=UTC)
    assert (place.facts["name"], place.facts["directions"]) == (
        "MyCity Civic Center",
        "MyCity Civic Center is serviced by the number 1 Bus and is a short walk from the Main Street Metro"
        " Station",
    )
    # 100 degrees north is nowhere, and the only address is one for letters.
    assert (place.facts["latitude"], place.facts.get("city")) == (None, None)
    (opening,) = place.openings
    assert (opening.byday, opening.opens, opening.closes) == (("TH", "FR"), time(10), time(18))
    assert opening.utc_offset == 180


def test_every_example_of_a_list_is_read(reference: Any) -> None:
    folder: Path = reference("hsds-3.0") / "examples"
    page = json.loads((folder / "service_list.json").read_text())

    (told,) = [READER.service(record) for record in page["contents"]]

    (nowhere,) = told.places
    assert (told.facts["name"], nowhere.location_id) == ("Community Counselling", None)


@pytest.mark.parametrize("name", ["service_at_location_full", "location", "organization_full"])
def test_other_examples_hang_on_a_service_without_harm(reference: Any, name: str) -> None:
    example = json.loads((reference("hsds-3.0") / "examples" / f"{name}.json").read_text())
    given = {
        "service_at_location_full": {"service_at_locations": [example]},
        "location": {"service_at_locations": [{"id": "s", "location": example}]},
        "organization_full": {"organization": example},
    }[name]

    told = read(**given)

    assert told.facts["name"] == "Service 1"
    assert len(told.places) == 1


def test_fields_of_hsds_2_are_read_where_they_stood() -> None:
    location = {
        "id": "L",
        "name": "Town hall",
        "latitude": "40.5",
        "longitude": "-75.5",
        "physical_addresses": [{"address_1": "1 Main", "city": "Springfield", "postal_code": "62701-1234"}],
        "regular_schedule": [],
    }
    old = {
        "id": 7,
        "name": "Old",
        "organization": {"name": "Org", "url": "https://org.example"},
        "eligibilitys": [{"eligibility": "Adults", "minimum_age": "18", "maximum_age": 64.0}],
        "fees": "None",
        "service_taxonomys": [{"taxonomy": {"id": "BD-1800", "name": "Food"}}],
        "regular_schedules": [{"weekday": "Monday", "opens_at": "9:00", "closes_at": "12:00"}],
        "service_at_locations": [{"id": "S", "location": location}],
    }

    told = READER.service(old)

    (place,) = told.places
    names = ("eligibility", "minimum_age", "maximum_age", "fees", "url", "categories")
    assert (told.service_id, told.status, told.modified_at) == ("7", "active", None)
    assert [told.facts[name] for name in names] == ["Adults", 18, 64, "None", "https://org.example", ["FOOD"]]
    assert (place.facts["latitude"], place.facts["city"]) == (40.5, "Springfield")
    assert [in_words(opening) for opening in place.openings] == ["Mon 09:00–12:00"]


@pytest.mark.parametrize(
    ("terms", "categories"),
    [
        ([PANTRIES], ["FOOD"]),
        ([("FT-3000.1750", "Domestic Violence Legal Services")], ["LEGAL"]),
        ([("BH-3800.7000", "Rent Payment Assistance"), ("BV-8900.9300", "Help")], ["HOUSING", "UTILITIES"]),
        ([SHELTER], ["DV"]),
        ([("1102", "food")], ["FOOD"]),
        ([("XX-1", "Something")], ["OTHER"]),
        ([("BD-1800", "Food"), ("XX-1", "Something")], ["FOOD"]),
        ([], ["OTHER"]),
        ([("Basement", "Bread")], ["OTHER"]),
    ],
)
def test_taxonomy_terms_lead_to_categories(terms: list[tuple[str, str]], categories: list[str]) -> None:
    told = read(attributes=[term(code, name) for code, name in terms])

    assert told.facts["categories"] == categories


CONFIDENTIAL = term("X-1", "Confidential Location")


@pytest.mark.parametrize(
    "record",
    [
        service("1", terms=(SHELTER,)),
        service("1", terms=(("BH-1800.1500-100.05", "A kind of it"),)),
        service("1", at("L", attributes=[CONFIDENTIAL])),
        service("1", at("L", location={"attributes": [CONFIDENTIAL]})),
        service("1", at("L", location={"attributes": [term("p", "Privacy", "confidential")]})),
        service("1", organization={"id": "o", "name": "Org", "attributes": [CONFIDENTIAL]}),
        service("1", at("L", location={"location_type": "virtual"}), terms=(("RP-1500.1400-200", "x"),)),
        service("1", at("L", location={"location_type": "postal"}), terms=(("RP-1500.1400-200", "x"),)),
    ],
)
def test_a_place_that_is_withheld_leaves_nothing_of_where_it_is(record: dict[str, Any]) -> None:
    location = record["service_at_locations"][0]["location"]
    location |= {"transportation": "Bus 7", "phones": [{"number": "555-0100"}]}

    (place,) = READER.service(record).places

    assert place.withheld
    assert (dict(place.facts), place.phones) == ({}, ())
    assert not any(word in repr(place) for word in WHEREABOUTS)


@pytest.mark.parametrize("kind", ["virtual", "postal", "Postal", "a new kind"])
def test_what_is_no_place_to_go_to_has_no_address(kind: str) -> None:
    (place,) = READER.service(service("1", at("L", location={"location_type": kind}))).places

    assert dict(place.facts) == {"name": "House L"}


def test_an_address_for_letters_is_none_to_go_to() -> None:
    letters = [{"address_1": "PO Box 9", "city": "Elsewhere", "address_type": "postal"}]

    (place,) = READER.service(service("1", at("L", location={"addresses": letters}))).places

    assert (place.facts["city"], place.facts["latitude"]) == (None, 40.0)


@pytest.mark.parametrize(
    "changes",
    [
        {"id": None},
        {"id": "x" * 201},
        {"name": None},
        {"name": "  "},
        {"attributes": "confidential"},
        {"attributes": [["confidential"]]},
        {"attributes": [{"taxonomy_term": "confidential"}]},
        {"organization": "Org"},
        {"service_at_locations": {"id": "1"}},
        {"service_at_locations": ["1"]},
        {"service_at_locations": [{"location": "L"}]},
        {"service_at_locations": [{"location": {"attributes": {"confidential": True}}}]},
    ],
)
def test_a_record_that_might_hide_a_wish_is_not_taken(changes: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        read(**changes)


def test_a_service_that_is_not_active_is_offered_nowhere() -> None:
    assert [read(status=status).places for status in ("inactive", "defunct", "temporarily closed")] == [
        ()
    ] * 3


def test_a_link_that_is_no_page_of_the_web_is_left_out() -> None:
    assert read(url="javascript:alert(1)", organization=None).facts["url"] is None


def test_ids_stay_and_differ() -> None:
    once, again, other = read(), read(name="New name"), read(id="2")

    assert (once.id, once.places[0].id) == (again.id, again.places[0].id)
    assert {once.id, once.places[0].id}.isdisjoint({other.id, other.places[0].id})
    assert once.content_sha256 != again.content_sha256


NINE_TO_TEN = Opening("WEEKLY", ("MO",), time(9), time(10))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (weekly("MO,TU", "09:00", "17:00"), Opening("WEEKLY", ("MO", "TU"), time(9), time(17))),
        (weekly("MO", "09:00Z", "10:00Z"), Opening("WEEKLY", ("MO",), time(9), time(10), utc_offset=0)),
        (
            weekly("MO", "09:00:00-04:00", "10:00-04:00"),
            Opening("WEEKLY", ("MO",), time(9), time(10), utc_offset=-240),
        ),
        (weekly("MO", "0:00", "24:00"), Opening("WEEKLY", ("MO",), time(), time())),
        (
            weekly("MO", "9:00", "10:00", timezone="America/Chicago"),
            Opening("WEEKLY", ("MO",), time(9), time(10), zone="America/Chicago"),
        ),
        (
            weekly("MO", "9:00", "10:00", timezone="-5"),
            Opening("WEEKLY", ("MO",), time(9), time(10), utc_offset=-300),
        ),
        (
            weekly("MO", "9:00", "10:00", timezone=5.5),
            Opening("WEEKLY", ("MO",), time(9), time(10), utc_offset=330),
        ),
        (weekly("MO", "9:00", "10:00", timezone="Mars"), Opening("WEEKLY", ("MO",), time(9), time(10))),
        (
            weekly("MO", "9:00", "10:00", timezone="../etc/passwd"),
            Opening("WEEKLY", ("MO",), time(9), time(10)),
        ),
        (weekly("1MO", "9:00", "10:00", freq="monthly"), Opening("MONTHLY", ("1MO",), time(9), time(10))),
        (weekly("funday", "9:00", "10:00", description="Ask"), Opening(note="Ask")),
        (weekly("MO", "9:00", "10:00", freq="HOURLY", description="Ask"), Opening(note="Ask")),
        (weekly("MO", "noon", "10:00"), Opening("WEEKLY", ("MO",), None, time(10))),
    ],
)
def test_schedules_are_read(given: dict[str, Any], expected: Opening) -> None:
    assert openings([given]) == [expected]


def test_the_hours_of_a_service_at_a_place_come_before_those_of_the_house() -> None:
    house = at("L", location={"schedules": [weekly("MO", "08:00", "20:00")]})
    told = READER.service(service("1", house))
    own = READER.service(service("1", {**house, "schedules": [weekly("TU", "09:00", "10:00")]}))

    assert [in_words(opening) for opening in told.places[0].openings] == ["Mon 08:00–20:00"]
    assert [in_words(opening) for opening in own.places[0].openings] == ["Tue 09:00–10:00"]


anything = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=5,
)
NESTED = service(
    "1",
    at("L", schedules=[weekly("MO", "09:00", "10:00", timezone=3)], phones=[{"number": "1"}]),
    languages=[{"name": "Urdu"}],
    eligibilitys=[{"minimum_age": 1}],
    cost_options=[{"amount": 1}],
    required_documents=[{"document": "d"}],
    phones=[{"number": "1"}],
)


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(one for key, inner in inside for one in _paths(inner, (*path, key)))]


@settings(deadline=None, max_examples=300)
@given(st.sampled_from(_paths(NESTED)[1:]), anything)
def test_whatever_stands_anywhere_a_record_is_read_or_left_out(path: tuple[Any, ...], value: Any) -> None:
    record = json.loads(json.dumps(NESTED))
    inside = record
    for key in path[:-1]:
        inside = inside[key]
    inside[path[-1]] = value

    try:
        told = READER.service(record)
    except Unreadable:
        told = READER.left_out(record, "1")

    assert told.content_sha256
