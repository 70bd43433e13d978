"""The contract's profile: what it shows, and what it costs."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from auth.membership import viewer_of
from auth.tokens import Claims
from connectors.base import Person
from connectors.memory import MemorySource, Record
from tests.conftest import Statements
from tests.worlds import NOW, TODAY, World

PROFILE = (Path(__file__).parent / "profile.graphql").read_text()
MANY = PROFILE.replace("query Profile($id: ID!)", "query Profile").replace(
    "client(id: $id) {", 'clients(where: {lastName: {eq: "Many"}}, first: 100) { nodes {'
)
MANY = MANY.rstrip().removesuffix("}") + "} }"


async def person_with_a_history(world: World, number: int, stays: int) -> str:
    """A client with everything the profile asks for, at every stay."""
    key = f"c{number}"
    identifier = await world.client(
        key,
        first_name=f"First{number}",
        last_name="Many",
        dob=date(1990, 1, 1),
        sex=1,
        white=1,
        veteran_status=0,
    )
    for stay in range(stays):
        name = f"{key}-{stay}"
        await world.stay(name, key, "A-p", date(2025, 1, 1 + stay))
        held: dict[str, Any] = {"enrollment_id": name, "personal_id": key}
        day = date(2025, 1, 1 + stay)
        await world.row("Exit", f"x{name}", **held, exit_date=date(2025, 3, 1), destination=410)
        await world.row("Services", f"v{name}", **held, date_provided=day, record_type=200, type_provided=200)
        await world.row(
            "IncomeBenefits",
            f"i{name}",
            **held,
            information_date=day,
            income_from_any_source=1,
            total_monthly_income=Decimal("812.50"),
            snap=1,
        )
        await world.row(
            "Disabilities",
            f"d{name}",
            **held,
            information_date=day,
            disability_type=10,
            disability_response=3,
            indefinite_and_impairs=1,
        )
        await world.row("HealthAndDV", f"h{name}", **held, information_date=day, domestic_violence_survivor=8)
    await world.grant(key, "A")
    return str(identifier)


def partners(number: int) -> dict[str, Any]:
    """A food bank and an energy office that know everybody."""
    facts = [Person(f"First{at}", "Many", date(1990, 1, 1)) for at in range(number)]
    food = {f"f{at}": Record(fact, {"visitCount": 2}) for at, fact in enumerate(facts)}
    energy = {f"e{at}": Record(fact, {"heatingFuel": "PROPANE"}) for at, fact in enumerate(facts)}
    return {
        "pantry": MemorySource(food, name="pantry"),
        "energy-drop": MemorySource(energy, name="energy-drop", noun="UtilityAssistance", category="utility"),
    }


async def test_the_profile_shows_what_every_agency_and_partner_holds(world: World) -> None:
    await world.organization("A")
    client = await person_with_a_history(world, 0, stays=1)
    world.partners = partners(1)
    answer = await world.ask(world.viewer("A"), PROFILE, id=client)
    assert answer.errors == ()
    shown = answer.data["client"]
    (stay,) = shown["enrollments"]["nodes"]
    assert shown["name"]["first"] == "First0"
    assert shown["races"] == ["WHITE"]
    assert stay["services"] == [{"date": "2025-01-01", "type": "BED_NIGHT"}]
    assert stay["incomeBenefits"] == [
        {
            "informationDate": "2025-01-01",
            "totalMonthlyIncome": "812.50",
            "incomeFromAnySource": "YES",
            "snap": "YES",
        }
    ]
    assert stay["disabilities"] == [
        {
            "informationDate": "2025-01-01",
            "type": "SUBSTANCE_USE_DISORDER",
            "response": "BOTH_ALCOHOL_AND_DRUG_USE_DISORDERS",
            "indefiniteAndImpairs": "YES",
        }
    ]
    assert stay["healthAndDomesticViolence"][0]["domesticViolenceSurvivor"] == "CLIENT_DOES_NOT_KNOW"
    assert stay["exit"] == {"date": "2025-03-01", "destination": "RENTAL_WITHOUT_SUBSIDY"}
    assert stay["project"]["organization"]["name"] == "Agency A"
    assert shown["foodAssistance"][0]["visitCount"] == 2
    assert shown["utilityAssistance"][0]["heatingFuel"] == "PROPANE"
    assert {row["category"]: row["basis"] for row in shown["access"]}["NAME"] == "GRANT"


async def _cost(world: World, statements: Statements, document: str, **variables: Any) -> int:
    """The statements of the whole operation, the viewer's look-up and the audit row included."""
    viewer = world.viewer("A")
    claims = Claims(
        issuer="https://issuer.example",
        subject=viewer.subject,
        client_id="test",
        jti="1",
        expires_at=NOW,
        scopes=viewer.scopes,
    )
    await world.ask(viewer, document, **variables)  # partners' links are made once
    statements.forget()
    async with world.engine.connect() as connection:
        await viewer_of(connection, claims, TODAY)
    answer = await world.ask(viewer, document, audited=True, **variables)
    assert answer.errors == ()
    return statements.count


async def test_the_profile_costs_the_same_few_statements_for_one_client_and_for_a_hundred(
    world: World, statements: Statements
) -> None:
    await world.organization("A")
    clients = [await person_with_a_history(world, number, stays=1 + number % 3) for number in range(100)]
    world.partners = partners(100)
    one = await _cost(world, statements, PROFILE, id=clients[0])
    assert one <= 14
    hundred = await _cost(world, statements, MANY)
    # The search that finds the hundred is the only one more.
    assert hundred == one + 1


@pytest.mark.parametrize("stays", [1, 12])
async def test_the_number_of_stays_does_not_change_the_cost(
    world: World, statements: Statements, stays: int
) -> None:
    await world.organization("A")
    client = await person_with_a_history(world, 0, stays=stays)
    world.partners = partners(1)
    assert await _cost(world, statements, PROFILE, id=client) <= 14
