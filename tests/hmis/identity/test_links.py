"""Two records are one person when two of three facts agree; every link can be undone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hmis.errors import InputRefused
from hmis.identity.links import undo

ADA = {
    "FirstName": "Ada", "LastName": "Lovelace", "NameDataQuality": "1", "SSN": "219099999",
    "SSNDataQuality": "1", "DOB": "1990-05-23", "DOBDataQuality": "1",
}  # fmt: skip
OTHER_NAME = {"FirstName": "Grace", "LastName": "Hopper"}
OTHER_SSN = {"SSN": "536221234"}
OTHER_DOB = {"DOB": "1985-12-09"}


def _later(days: int) -> datetime:
    return datetime(2026, 3, 1, 12, tzinfo=UTC) + timedelta(days=days)


@pytest.fixture
def client(craft: Any) -> Any:
    """Add a client with facts of Ada's, but for some."""

    def add(number: str, **changes: str) -> None:
        craft.stay(number)
        craft.files["Client"][-1].update(ADA | changes)

    return add


@pytest.fixture
def people(fetch: Any) -> Any:
    """Who is linked with whom now: groups of source/PersonalID."""

    async def groups() -> set[frozenset[str]]:
        rows = await fetch(
            """select array_agg(s.name || '/' || l.personal_id)
               from client_link l join source s on s.id = l.source_id
               where l.undone_at is null group by l.person_id"""
        )
        return {frozenset(names) for (names,) in rows}

    return groups


def _said(*groups: str) -> set[frozenset[str]]:
    return {
        frozenset(f"north/{name}" if "/" not in name else name for name in group.split()) for group in groups
    }


@pytest.mark.parametrize(
    ("changes", "method"),
    [
        (OTHER_DOB, "SSN_NAME"),
        (OTHER_NAME, "SSN_DOB"),
        (OTHER_SSN, "NAME_DOB"),
        ({"FirstName": "ADA ", "LastName": "Love-lace"} | OTHER_DOB, "SSN_NAME"),
    ],
)
async def test_two_of_three_make_one_person(
    load: Any, craft: Any, client: Any, people: Any, fetch: Any, changes: dict[str, str], method: str
) -> None:
    client("1")
    client("2", **changes)
    report = await load(craft)
    assert (report.people, report.links_made) == (1, 1)
    assert await people() == _said("c1 c2")
    assert await fetch("select personal_id, method from client_link order by 1") == [
        ("c1", "FIRST"),
        ("c2", method),
    ]


@pytest.mark.parametrize(
    "changes",
    [
        OTHER_NAME | OTHER_DOB,
        OTHER_SSN | OTHER_DOB,
        {"SSNDataQuality": "2"} | OTHER_NAME,
        {"NameDataQuality": "2"} | OTHER_DOB,
        {"DOBDataQuality": "2"} | OTHER_SSN,
    ],
)
async def test_one_of_three_does_not(
    load: Any, craft: Any, client: Any, people: Any, changes: dict[str, str]
) -> None:
    client("1")
    client("2", **changes)
    await load(craft)
    assert await people() == _said("c1", "c2")


async def test_records_of_two_sources_become_one_person(
    load: Any, craft: Any, client: Any, people: Any, fetch: Any
) -> None:
    client("1")
    await load(craft, "north")
    [(before,)] = await fetch("select person_id from client_link")
    report = await load(craft, "south")
    assert (report.people, report.links_made) == (0, 1)
    assert await people() == _said("north/c1 south/c1")
    assert await fetch("select distinct person_id from client_link where undone_at is null") == [(before,)]


async def test_a_record_that_proves_two_persons_one_keeps_the_older_hub_id(
    load: Any, craft: Any, client: Any, people: Any, fetch: Any
) -> None:
    client("1", **OTHER_DOB)
    await load(craft)
    [(older,)] = await fetch("select id from person")
    client("2", **OTHER_SSN)
    await load(craft, now=_later(1))
    assert await people() == _said("c1", "c2")
    client("3")
    report = await load(craft, now=_later(2))
    assert await people() == _said("c1 c2 c3")
    assert report.links_made == 2
    assert await fetch("select distinct person_id from client_link where undone_at is null") == [(older,)]
    assert await fetch("select count(*) from person") == [(2,)], "the newer one stays, with no record"
    assert await fetch("select count(*) from client_link where undone_at is not null") == [(1,)]


async def test_a_second_import_makes_no_link(load: Any, craft: Any, client: Any, dump: Any) -> None:
    client("1")
    client("2")
    await load(craft)
    before = (await dump())["client_link"]
    report = await load(craft)
    assert (report.people, report.links_made) == (0, 0)
    assert (await dump())["client_link"] == before


async def test_a_corrected_record_finds_its_person(load: Any, craft: Any, client: Any, people: Any) -> None:
    client("1")
    client("2", **OTHER_NAME, **OTHER_DOB)
    await load(craft)
    assert await people() == _said("c1", "c2")
    craft.files["Client"][1].update(ADA)
    await load(craft)
    assert await people() == _said("c1 c2")


async def test_a_record_corrected_to_be_somebody_else_is_parted(
    load: Any, craft: Any, client: Any, people: Any, fetch: Any
) -> None:
    client("1", **OTHER_NAME)
    client("2")
    client("3", **OTHER_SSN)
    await load(craft)
    assert await people() == _said("c1 c2 c3"), "c2 holds the two others together"
    craft.files["Client"][1].update(SSN="457551462", DOB="1970-01-02", FirstName="Mary")
    await load(craft, now=_later(1))
    assert await people() == _said("c1", "c2", "c3")
    assert await fetch("select count(*) from client_distinct") == [(0,)], "a correction, not a decision"
    craft.files["Client"][1].update(ADA)
    await load(craft, now=_later(2))
    assert await people() == _said("c1 c2 c3")


async def test_a_record_that_loses_its_facts_stays_with_its_person(
    load: Any, craft: Any, client: Any, people: Any
) -> None:
    client("1")
    client("2")
    await load(craft)
    craft.files["Client"][1].update(SSN="", SSNDataQuality="99", DOB="", DOBDataQuality="99")
    await load(craft, now=_later(1))
    assert await people() == _said("c1 c2")


async def test_hashed_names_identify_nobody(load: Any, craft: Any, client: Any, people: Any) -> None:
    craft.files["Export"][0]["HashStatus"] = "4"
    client("1")
    client("2")
    await load(craft)
    assert await people() == _said("c1", "c2")


async def test_removed_records_are_not_matched_until_they_come_back(
    load: Any, craft: Any, client: Any, people: Any
) -> None:
    client("1", DateDeleted="2026-01-01 00:00:00")
    client("2")
    await load(craft)
    assert await people() == _said("c2")
    craft.files["Client"][0]["DateDeleted"] = ""
    await load(craft)
    assert await people() == _said("c1 c2")


async def test_facts_shared_by_too_many_link_nobody(load: Any, craft: Any, client: Any, people: Any) -> None:
    for number in range(21):
        client(str(number))
    report = await load(craft)
    assert report.links_made == 0
    assert len(await people()) == 21
    assert [(f.rule, f.count) for f in report.findings if f.rule == "facts-shared"] == [("facts-shared", 21)]


async def test_of_two_people_the_one_who_agreed_to_something_is_kept(
    load: Any, craft: Any, client: Any, people: Any, agree: Any, fetch: Any
) -> None:
    client("1")
    client("2", **OTHER_NAME, **OTHER_SSN)
    await load(craft)
    assert await people() == _said("c1", "c2")
    await agree("c2")
    craft.files["Client"][1].update(ADA)
    report = await load(craft)
    assert await people() == _said("c1 c2")
    assert not [finding for finding in report.findings if finding.rule == "consents-apart"]
    [kept] = await fetch("select person_id from client_link where undone_at is null group by 1")
    [agreed] = await fetch("select person_id from consent_grant")
    assert kept == agreed, "else nobody would hear any longer what they refused"


async def test_two_people_who_each_agreed_to_something_are_not_made_one(
    load: Any, craft: Any, client: Any, people: Any, agree: Any
) -> None:
    client("1")
    client("2", **OTHER_NAME, **OTHER_SSN)
    await load(craft)
    await agree("c1", "c2")
    craft.files["Client"][1].update(ADA)
    report = await load(craft)
    assert await people() == _said("c1", "c2")
    assert [f.count for f in report.findings if f.rule == "consents-apart"] == [1]


async def test_twenty_records_may_be_one_person(load: Any, craft: Any, client: Any, people: Any) -> None:
    for number in range(20):
        client(str(number))
    await load(craft)
    assert len(await people()) == 1


@pytest.fixture
def shelter_and_refuge(craft: Any) -> Any:
    """A second organization, of a victim service provider, with project p2."""
    craft.add("Organization", "o2", VictimServiceProvider="1")
    craft.add("Project", "p2", OrganizationID="o2")
    return craft


async def test_a_client_only_of_a_victim_service_provider_is_matched_with_nobody(
    load: Any, shelter_and_refuge: Any, client: Any, people: Any, fetch: Any
) -> None:
    client("1")
    client("2")
    shelter_and_refuge.files["Enrollment"][1]["ProjectID"] = "p2"
    await load(shelter_and_refuge)
    assert await people() == _said("c1", "c2")
    assert await fetch("select distinct personal_id from client_fact") == [("c1",)]
    await load(shelter_and_refuge, "south")
    assert await people() == _said("north/c1 south/c1", "north/c2", "south/c2")


async def test_a_record_that_becomes_only_theirs_is_parted(
    load: Any, shelter_and_refuge: Any, client: Any, people: Any
) -> None:
    client("1")
    client("2")
    await load(shelter_and_refuge)
    assert await people() == _said("c1 c2")
    shelter_and_refuge.files["Enrollment"][1]["ProjectID"] = "p2"
    await load(shelter_and_refuge, now=_later(1))
    assert await people() == _said("c1", "c2")


async def test_a_record_that_is_no_longer_only_theirs_is_matched(
    load: Any, shelter_and_refuge: Any, client: Any, people: Any
) -> None:
    client("1")
    client("2")
    shelter_and_refuge.files["Enrollment"][1]["ProjectID"] = "p2"
    await load(shelter_and_refuge)
    shelter_and_refuge.stay("3", client="c2")
    await load(shelter_and_refuge, now=_later(1))
    assert await people() == _said("c1 c2")


async def test_undoing_gives_the_record_a_person_of_its_own(
    load: Any, craft: Any, client: Any, people: Any, fetch: Any, database: Any
) -> None:
    client("1")
    client("2")
    client("3")
    await load(craft)
    async with database.begin() as connection:
        person = await undo(connection, "north", "c2", _later(1))
    assert await people() == _said("c1 c3", "c2")
    assert await fetch(
        "select person_id, method from client_link where personal_id = 'c2' and undone_at is null"
    ) == [(person, "SPLIT")]
    assert await fetch("select personal_id, other_personal_id from client_distinct order by 2") == [
        ("c2", "c1"),
        ("c2", "c3"),
    ]


async def test_what_was_undone_is_never_linked_again_also_through_others(
    load: Any, craft: Any, client: Any, people: Any, database: Any
) -> None:
    client("1")
    client("2")
    await load(craft)
    async with database.begin() as connection:
        await undo(connection, "north", "c2", _later(1))
    craft.files["Client"][1]["VeteranStatus"] = "1"
    await load(craft)
    assert await people() == _said("c1", "c2")
    client("3")
    await load(craft, now=_later(2))
    assert await people() == _said("c1 c3", "c2")
    client("4")
    craft.files["Client"][0]["VeteranStatus"] = "1"
    await load(craft, "south", now=_later(3))
    groups = await people()
    assert not any({"north/c1", "north/c2"} <= group for group in groups)


async def test_there_is_nothing_to_undo_for_a_record_that_stands_alone(
    load: Any, craft: Any, client: Any, database: Any
) -> None:
    client("1")
    await load(craft)
    async with database.begin() as connection:
        with pytest.raises(InputRefused, match="nothing was undone"):
            await undo(connection, "north", "c1", _later(1))
        with pytest.raises(InputRefused, match="nothing was undone"):
            await undo(connection, "elsewhere", "c9", _later(1))
