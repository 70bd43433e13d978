"""What a viewer may not see does not even leave PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Executable, RowMapping

from auth.categories import Category
from hmis.labels import Label
from resolvers.request import Request
from tests.worlds import World

DOCUMENT = """query($id: ID!) { client(id: $id) { name { first } birth { date } ssn { lastFour full }
  enrollments { nodes { entryDate disablingCondition livingSituation relationshipToHeadOfHousehold
    exit { destination otherDestination }
    healthAndDomesticViolence { informationDate whenOccurred }
    incomeBenefits { totalMonthlyIncome } } } } }"""


class Read:
    """Every value that came out of the database while a document ran."""

    def __init__(self, world: World, monkeypatch: Any) -> None:
        self.values: list[Any] = []
        fetch = Request.fetch

        async def noting(
            request: Request, statement: Executable, values: Mapping[str, Any] | None = None
        ) -> Sequence[RowMapping]:
            rows = await fetch(request, statement, values)
            self.values += [value for row in rows for value in row.values()]
            return rows

        monkeypatch.setattr(Request, "fetch", noting)


async def ada(world: World) -> str:
    await world.organization("A")
    await world.organization("B")
    identifier = await world.client(
        "ada", first_name="Hidden-first", last_name="Hidden-last", ssn="734551234", dob=date(1980, 5, 1)
    )
    await world.stay("s1", "ada", "A-p", disabling_condition=1, living_situation=116)
    held = {"enrollment_id": "s1", "personal_id": "ada"}
    await world.row(
        "Exit", "x1", **held, exit_date=date(2026, 2, 1), destination=205, other_destination="Hidden-place"
    )
    await world.row(
        "HealthAndDV",
        "h1",
        **held,
        information_date=date(2026, 1, 1),
        general_health_status=1,
        when_occurred=77,
    )
    await world.row(
        "IncomeBenefits",
        "i1",
        **held,
        information_date=date(2026, 1, 1),
        other_income_source_identify="Hidden-income",
    )
    return str(identifier)


async def test_only_what_a_grant_opens_leaves_the_database(world: World, monkeypatch: Any) -> None:
    client = await ada(world)
    await world.grant("ada", "B", categories=Category.EXISTENCE | Category.ENROLLMENT)
    read = Read(world, monkeypatch)
    answer = await world.ask(world.viewer("B"), DOCUMENT, id=client)
    stay = answer.data["client"]["enrollments"]["nodes"][0]
    assert stay["livingSituation"] == "PLACE_NOT_MEANT_FOR_HABITATION"
    assert stay["exit"] == {"destination": None, "otherDestination": "Hidden-place"}
    out = {value for value in read.values if isinstance(value, str | int)}
    assert not {"Hidden-first", "Hidden-last", "734551234", "xxxxx1234", "Hidden-income", 205, 77} & out


async def test_a_full_social_security_number_leaves_for_nobody(world: World, monkeypatch: Any) -> None:
    client = await ada(world)
    read = Read(world, monkeypatch)
    answer = await world.ask(world.viewer("A"), DOCUMENT, id=client)
    assert answer.data["client"]["ssn"] == {"lastFour": "1234", "full": None}
    assert "734551234" not in read.values
    assert "xxxxx1234" in read.values


async def test_a_labelled_value_leaves_when_a_grant_names_the_label(world: World, monkeypatch: Any) -> None:
    client = await ada(world)
    await world.grant("ada", "B", categories=Category.EXISTENCE | Category.ENROLLMENT, labels=Label.SUD)
    read = Read(world, monkeypatch)
    answer = await world.ask(world.viewer("B"), DOCUMENT, id=client)
    assert answer.data["client"]["enrollments"]["nodes"][0]["exit"]["destination"] == (
        "SUBSTANCE_USE_TREATMENT_OR_DETOX"
    )
    assert 205 in read.values
    assert 77 not in read.values
