"""The list, 19 to 25, 38 and 45: whose grant speaks to whom, and until when."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from auth.categories import EVERYTHING, NOTHING, Category
from auth.consent import Effect, Facts, RecordFacts, decide
from auth.grants import by_person, statement
from auth.policy import NO_POLICY, Combination, Policy
from auth.viewer import Purpose, Role, Scope, Viewer
from hmis.labels import Label
from hmis.tables import consent_grant
from tests.telling import Told, tell
from tests.worlds import TODAY, World

CLIENT = "query($id: ID!) { client(id: $id) { id name { last } birth { date } } }"
GONE = b'{"data":{"client":null}}'
SOME = Category.EXISTENCE | Category.NAME


async def cleo_at_b(world: World, **facts: Any) -> str:
    for agency in "ABC":
        await world.organization(agency)
    cleo = await world.client("cleo", **{"last_name": "Stone", "dob": date(1980, 5, 1), **facts})
    await world.stay("s1", "cleo", "B-p")
    return str(cleo)


async def asked(world: World, agency: str, day: date = TODAY, **policy: Any) -> Told:
    viewer = replace(world.viewer(agency), policy=Policy(**policy))
    return await tell(world, viewer, CLIENT, id=str(world.people["cleo"]), today=day)


async def there(world: World, agency: str, day: date = TODAY, **policy: Any) -> bool:
    """Whether Cleo is there for an agency; her absence is to the byte that of somebody unknown."""
    told = await asked(world, agency, day, **policy)
    assert (told.body == GONE) is (told.data["client"] is None)
    assert (told.body == GONE) is (told.audit == {})
    return told.body != GONE


async def test_19_a_denial_to_one_agency_leaves_the_others_what_everybody_has(world: World) -> None:
    await cleo_at_b(world)
    everybody = await world.grant("cleo")
    await world.grant("cleo", "A", effect=Effect.DENY)
    assert not await there(world, "A")
    told = await asked(world, "C")
    assert told.data["client"]["name"] == {"last": "Stone"}
    assert told.audit[world.people["cleo"]].grants == (everybody,)


async def test_20_a_community_wide_grant_cannot_name_a_label_and_opens_none_if_it_did(world: World) -> None:
    cleo = await cleo_at_b(world)
    with pytest.raises(IntegrityError):
        await world.grant("cleo", labels=Label.SUD)
    document = """mutation($client: ID!) { consentGrant(input: {client: $client, categories: [ENROLLMENT],
      labels: [SUD], recipients: {communityWide: true}, purposes: [CARE_COORDINATION],
      start: "2026-01-01", method: "VERBAL"}) { grant { id } problems { path } } }"""
    told = await tell(world, world.viewer("B"), document, client=cleo)
    assert told.data["consentGrant"]["grant"] is None
    line = told.audit[UUID(cleo)]
    assert (line.disclosed, line.withheld, line.grants) == (NOTHING, NOTHING, ())
    assert ["input", "labels"] in [problem["path"] for problem in told.data["consentGrant"]["problems"]]
    async with world.engine.connect() as connection:
        assert await connection.scalar(select(func.count()).select_from(consent_grant)) == 0
    # As if it had been written all the same: a notice names everybody too, and the table takes its labels.
    await world.grant("cleo", "A", labels=Label.SUD, method="NOTICE")
    row = await world.request(world.viewer("A")).fetch(statement(TODAY, people=[world.people["cleo"]]))
    [given] = by_person(row)[world.people["cleo"]]
    for grant in (given, replace(given, method="WRITTEN", community_wide=True)):
        decision = decide(world.viewer("A"), Facts((grant,)), NO_POLICY, TODAY)
        assert decision.of(RecordFacts(None)).allowed
        assert not decision.of(RecordFacts(None)).shows(Category.ENROLLMENT, Label.SUD)


FROZEN = """mutation($client: ID!, $group: String!) { consentGrant(input: {client: $client,
  categories: [EXISTENCE, NAME, DOB], recipients: {group: $group, frozen: true},
  purposes: [CARE_COORDINATION], start: "2026-01-01", method: "VERBAL"}) {
  grant { recipients } problems { code } } }"""


async def test_21_who_joins_a_group_later_sees_through_the_living_one_only(world: World) -> None:
    await cleo_at_b(world)
    living = await world.group("Living", "A")
    signed = await world.grant("cleo", group=living, categories=SOME)
    frozen = await tell(world, world.viewer("B"), FROZEN, client=str(world.people["cleo"]), group="Living")
    assert frozen.data["consentGrant"] == {"grant": {"recipients": ["Agency A"]}, "problems": []}
    assert not await there(world, "C")
    await world.group("Living", "C", since=TODAY)
    assert not await there(world, "C", TODAY - timedelta(days=1))
    told = await asked(world, "C")
    assert told.data["client"] == {
        "id": str(world.people["cleo"]),
        "name": {"last": "Stone"},
        "birth": None,
    }
    assert told.audit[world.people["cleo"]].withheld == Category.DOB
    assert told.audit[world.people["cleo"]].grants == (signed,)
    member_since = await asked(world, "A")
    assert member_since.data["client"]["birth"] == {"date": "1980-05-01"}
    assert len(member_since.audit[world.people["cleo"]].grants) == 2


async def test_22_where_the_newest_form_wins_the_narrower_one_counts_alone(world: World) -> None:
    await cleo_at_b(world)
    await world.grant("cleo", "A", categories=EVERYTHING, form=uuid4())
    newer = await world.grant("cleo", "A", categories=SOME, form=uuid4())
    latest = await asked(world, "A", combination=Combination.LATEST)
    union = await asked(world, "A", combination=Combination.UNION)
    assert latest.data["client"]["birth"] is None
    assert union.data["client"]["birth"] == {"date": "1980-05-01"}
    assert latest.audit[world.people["cleo"]].grants == (newer,)
    assert len(union.audit[world.people["cleo"]].grants) == 2
    await world.revoke(newer)
    assert not await there(world, "A", combination=Combination.LATEST)
    assert await there(world, "A", combination=Combination.UNION)


async def test_23_a_barred_guardian_signs_for_nobody_and_a_childs_grant_dies_on_the_birthday(
    world: World,
) -> None:
    await cleo_at_b(world, dob=TODAY.replace(year=2008))
    signed = {"guardian": await world.guardian("cleo"), "signed_by_client": False}
    await world.grant("cleo", "A", **signed)
    assert await there(world, "A", TODAY - timedelta(days=1))
    assert not await there(world, "A", TODAY)
    barred = await world.guardian("cleo")
    await world.bar(barred)
    await world.grant("cleo", "C", guardian=barred, signed_by_client=False)
    assert not await there(world, "C", TODAY - timedelta(days=1))
    assert not await there(world, "C", TODAY)


HOUSEHOLD = """query($id: ID!) { client(id: $id) { enrollments { nodes { household { id identifier
  members { relationshipToHeadOfHousehold client { id name { first } } } } } } } }"""


async def test_24_a_child_who_is_not_shared_is_no_member_and_leaves_no_gap(world: World) -> None:
    cleo = await cleo_at_b(world)
    await world.grant("cleo", "A")
    alone = await tell(world, world.viewer("A"), HOUSEHOLD, id=cleo)
    await world.client("kid", first_name="Kid", dob=date(2018, 1, 1))
    await world.stay("s2", "kid", "B-p", household_id="h-s1", relationship_to_hoh=2)
    with_child = await tell(world, world.viewer("A"), HOUSEHOLD, id=cleo)
    assert alone.body == with_child.body
    assert alone.audit == with_child.audit
    [stay] = with_child.data["client"]["enrollments"]["nodes"]
    assert len(stay["household"]["members"]) == 1
    await world.grant("kid", "A", guardian=await world.guardian("kid"), signed_by_client=False)
    both = await tell(world, world.viewer("A"), HOUSEHOLD, id=cleo)
    assert len(both.data["client"]["enrollments"]["nodes"][0]["household"]["members"]) == 2
    assert world.people["kid"] in both.audit


async def test_25_a_youth_needs_a_guardian_beside_them_until_they_are_grown(world: World) -> None:
    """RHY 45 CFR 1351.19: sixteen, with the community's age of consent at eighteen."""
    await cleo_at_b(world, dob=date(2010, 3, 1))
    await world.grant("cleo", "A", regime="RHY")
    assert not await there(world, "A")
    assert await there(world, "A", date(2028, 3, 1))
    await world.grant("cleo", "A", regime="RHY", guardian=await world.guardian("cleo"))
    assert await there(world, "A")
    assert await there(world, "A", date(2028, 2, 29))
    assert await there(world, "A", date(2028, 3, 1))


async def test_38_an_application_sees_what_its_scopes_and_the_grant_share(world: World) -> None:
    """That an agency without an agreement speaks for nobody: tests/journeys/test_list_who.py."""
    cleo = await cleo_at_b(world)
    await world.grant("cleo", "A", categories=EVERYTHING, purposes=(Purpose.REPORTING,))

    def service(*scopes: Scope) -> Viewer:
        viewer = world.viewer("A", Role.DASHBOARD, Purpose.REPORTING, frozenset(scopes))
        return replace(viewer, kind="service")

    narrow = await tell(world, service(Scope.PROJECTS_READ), CLIENT, id=cleo)
    assert narrow.body == GONE
    assert narrow.audit == {}
    told = await tell(world, service(Scope.CLIENTS_READ), CLIENT, id=cleo)
    assert told.data["client"] == {"id": cleo, "name": None, "birth": {"date": "1980-05-01"}}
    assert told.audit[UUID(cleo)].disclosed == Category.EXISTENCE | Category.DOB
    assert told.audit[UUID(cleo)].withheld == Category.NAME
