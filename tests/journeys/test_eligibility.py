"""What a client may be able to receive: by what the viewer may see, and telling no more than that."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from auth.categories import EVERYTHING, Category
from gateway.settings import Settings
from hmis.errors import InputRefused
from tests.conftest import Statements
from tests.journeys.conftest import running
from tests.worlds import Answer, World

SCREENING = """eligibility { program verdict reasons { code message } needs rulesVersion effectiveFrom }"""
CLIENT = f"query($id: ID!) {{ client(id: $id) {{ {SCREENING} }} }}"
VERDICTS = "query($id: ID!) { client(id: $id) { eligibility { program verdict needs } } }"
SNAP_DECIDES = {
    "code": "PROGRAM_DECIDES",
    "message": "A caseworker at the SNAP office decides; deductions, savings, work rules and other rules are "
    "looked at there.",
}


async def family(world: World, key: str = "ada", *, without: tuple[str, ...] = (), **income: Any) -> str:
    """Ada, pregnant, and her son of three, in a shelter of North Carolina.

    `without`: what nobody entered, of dob, health, household, sex, stay.
    """
    if "A" not in world.agencies:
        await world.organization("A")
        await world.organization("B")
        await world.row("ProjectCoC", "pc", project_id="A-p", coc_code="NC-500", geocode="999999", state="NC")

    def entered(part: str, **columns: Any) -> dict[str, Any]:
        return {} if part in without else columns

    client = await world.client(key, **entered("dob", dob=date(1996, 2, 1)), **entered("sex", sex=0))
    await world.client(f"{key}-son", **entered("dob", dob=date(2023, 2, 1)), **entered("sex", sex=1))
    if "stay" in without:
        # A stay that says nothing: without any, nobody would know of her.
        await world.organization("C")
        await world.stay(f"s-{key}", key, "C-p", household_id=None)
        return str(client)
    home = {} if "household" in without else {"household_id": f"h-{key}"}
    held = {"household_id": None, **home, "enrollment_coc": "NC-500"}
    condition = entered("health", disabling_condition=0)
    await world.stay(f"s-{key}", key, "A-p", **held, **condition)
    await world.stay(f"s-{key}-son", f"{key}-son", "A-p", relationship_to_hoh=2, **held, **condition)
    about = {"enrollment_id": f"s-{key}", "personal_id": key, "information_date": date(2026, 5, 1)}
    answers = {
        "income_from_any_source": 1,
        "total_monthly_income": Decimal("2500.00"),
        "ssi": 0,
        "ssdi": 0,
        "tanf": 0,
        "va_disability_service": 0,
        "va_disability_non_service": 0,
        "benefits_from_any_source": 0,
        "insurance_from_any_source": 0,
        **income,
    }
    await world.row("IncomeBenefits", f"i-{key}", **about, **answers)
    if "health" not in without:
        await world.row("HealthAndDV", f"d-{key}", **about, pregnancy_status=1, due_date=date(2026, 9, 1))
    return str(client)


async def shares(world: World, key: str, categories: Category = EVERYTHING, *, of_age: bool = False) -> None:
    """Ada shares with B, and signs for her son, too; `of_age`: nobody knows that he is a child."""
    signed = {} if of_age else {"guardian": await world.guardian(f"{key}-son")}
    await world.grant(key, "B", categories=categories)
    await world.grant(f"{key}-son", "B", categories=categories, **signed)


def said(answer: Answer) -> Any:
    assert answer.errors == ()
    assert answer.data is not None
    return answer.data["client"]["eligibility"]


def verdicts(answer: Answer) -> dict[str, str]:
    return {one["program"]: one["verdict"] for one in said(answer)}


async def test_a_case_worker_is_told_what_is_worth_asking_for_and_why(world: World) -> None:
    ada = await family(world)
    found = {one.pop("program"): one for one in said(await world.ask(world.viewer("A"), CLIENT, id=ada))}
    counted = {
        "code": "HOUSEHOLD_AS_SEEN",
        "message": "2 people are counted in the household: whom you may see there.",
    }
    assert found["SNAP"] == {
        "verdict": "LIKELY",
        "reasons": [
            {
                "code": "INCOME_WITHIN_LIMIT",
                "message": "The income is within the limit of the state, $3,525 a month for 2 people.",
            },
            counted,
            SNAP_DECIDES,
        ],
        "needs": [],
        "rulesVersion": "SNAP-FY2026",
        "effectiveFrom": "2025-10-01",
    }
    assert found["WIC"]["verdict"] == "LIKELY"
    assert found["WIC"]["reasons"][:3] == [
        {"code": "GROUP_SERVED", "message": "WIC serves women who are pregnant, and after the birth."},
        {
            "code": "INCOME_WITHIN_LIMIT",
            "message": "The income is within the limit, $4,109 a month for 3 people.",
        },
        counted,
    ]
    assert found["LIHEAP"]["verdict"] == "NEED_INFO"
    assert found["LIHEAP"]["needs"] == ["STATE_LIMIT"]
    assert found["LIHEAP"]["reasons"][0] == {
        "code": "FACTS_MISSING",
        "message": "Not known, or not to be seen: the income limit that the state set.",
    }
    assert {name: found[name]["verdict"] for name in found if name.startswith("HUD")} == {
        "HUD_EXTREMELY_LOW_INCOME": "UNLIKELY",
        "HUD_VERY_LOW_INCOME": "LIKELY",
        "HUD_LOW_INCOME": "LIKELY",
    }
    assert found["HUD_LOW_INCOME"]["rulesVersion"] == "HUD_LOW_INCOME-24-CFR-5.603-EXAMPLE-FY2026"


async def test_a_child_is_screened_with_the_answers_of_the_head_of_household(world: World) -> None:
    await family(world)
    son = await world.ask(world.viewer("A"), CLIENT, id=str(world.people["ada-son"]))
    found = {one["program"]: one for one in said(son)}
    assert found["SNAP"]["verdict"] == "LIKELY"
    assert found["WIC"]["verdict"] == "LIKELY"
    assert found["WIC"]["reasons"][0]["message"] == "WIC serves children under five."


async def test_the_newest_answers_count_at_whatever_stay_they_were_given(world: World) -> None:
    ada = await family(world)
    await world.stay("old", "ada", "B-p", date(2025, 3, 1))
    about = {"enrollment_id": "old", "personal_id": "ada"}
    richer = {"income_from_any_source": 1, "total_monthly_income": Decimal(9000), "snap": 0}
    await world.row("IncomeBenefits", "later", **about, information_date=date(2026, 6, 1), **richer)
    await world.row("IncomeBenefits", "to come", **about, information_date=date(2026, 7, 1), snap=1)
    await world.grant("ada", "A")
    assert verdicts(await world.ask(world.viewer("A"), VERDICTS, id=ada))["TEFAP"] == "UNLIKELY"


async def test_who_left_the_household_is_not_counted(world: World) -> None:
    ada = await family(world)
    son = {"enrollment_id": "s-ada-son", "personal_id": "ada-son"}
    await world.row("Exit", "x", **son, exit_date=date(2026, 6, 1))
    found = {one["program"]: one for one in said(await world.ask(world.viewer("A"), CLIENT, id=ada))}
    assert "1 person is counted" in found["SNAP"]["reasons"][1]["message"]


async def test_a_household_of_long_ago_is_no_fact_of_today(world: World) -> None:
    ada = await family(world)
    held = {"enrollment_id": "s-ada", "personal_id": "ada"}
    await world.row("Exit", "x", **held, exit_date=date(2026, 1, 2))
    now = await world.ask(world.viewer("A"), VERDICTS, id=ada)
    then = await world.ask(world.viewer("A"), VERDICTS, id=ada, today=date(2027, 3, 1))
    assert verdicts(now)["SNAP"] == "LIKELY"
    assert "HOUSEHOLD" in said(then)[0]["needs"]


async def test_without_consent_to_income_nothing_is_screened(world: World) -> None:
    ada = await family(world)
    await world.grant("ada", "B", categories=EVERYTHING & ~Category.INCOME_BENEFITS)
    answer = await world.ask(world.viewer("B"), VERDICTS, id=ada)
    assert said(answer) is None
    assert answer.withheld == {("Client.eligibility", "INCOME_BENEFITS"): 1}


_FACTS = [
    (Category.DOB, "dob"),
    (Category.HEALTH_DISABILITY, "health"),
    (Category.DEMOGRAPHICS, "sex"),
    (Category.HOUSEHOLD, "household"),
    (Category.ENROLLMENT, "stay"),
]


@pytest.mark.parametrize(("category", "part"), _FACTS)
@pytest.mark.parametrize("income", [{}, {"total_monthly_income": Decimal("812.50"), "snap": 1}])
async def test_a_fact_that_is_withheld_gives_the_verdict_of_one_that_nobody_entered(
    world: World, category: Category, part: str, income: dict[str, Any]
) -> None:
    ada = await family(world, "ada", **income)
    twin = await family(world, "twin", without=(part,), **income)
    await shares(world, "ada", EVERYTHING & ~category)
    await shares(world, "twin", of_age=part == "dob")
    withheld = await world.ask(world.viewer("B"), CLIENT, id=ada)
    absent = await world.ask(world.viewer("B"), CLIENT, id=twin)
    assert said(withheld) == said(absent)
    assert ("Client.eligibility", category.name) in withheld.withheld
    assert absent.withheld == {}
    whole = await world.ask(world.viewer("A"), CLIENT, id=ada)
    if category is not Category.DEMOGRAPHICS:
        assert said(whole) != said(withheld)


async def test_a_member_who_shares_nothing_is_not_counted(world: World) -> None:
    ada = await family(world)
    await world.grant("ada", "B")
    found = said(await world.ask(world.viewer("B"), CLIENT, id=ada))
    assert "1 person is counted" in found[0]["reasons"][1]["message"]


async def test_what_was_looked_at_is_in_the_audit_of_everybody_it_tells_of(world: World) -> None:
    ada = await family(world)
    await shares(world, "ada")
    answer = await world.ask(world.viewer("B"), VERDICTS, id=ada)
    shown = {person: subject.disclosed for person, subject in answer.request.trail.subjects.items()}
    looked_at = (
        Category.INCOME_BENEFITS
        | Category.HEALTH_DISABILITY
        | Category.DOB
        | Category.DEMOGRAPHICS
        | Category.ENROLLMENT
        | Category.HOUSEHOLD
    )
    assert shown[world.people["ada"]] & looked_at == looked_at
    assert shown[world.people["ada-son"]] & Category.DOB


async def test_many_clients_cost_as_many_statements_as_one(world: World, statements: Statements) -> None:
    ada = await family(world, "c0")
    for number in range(1, 15):
        await family(world, f"c{number}")
    statements.forget()
    await world.ask(world.viewer("A"), VERDICTS, id=ada)
    one = statements.count
    assert one <= 11
    statements.forget()
    answer = await world.ask(
        world.viewer("A"), "{ clients(where: {}, first: 100) { nodes { eligibility { verdict } } } }"
    )
    assert answer.errors == ()
    assert answer.data is not None
    assert len(answer.data["clients"]["nodes"]) == 30
    # One for the list itself, and one because some of the people are already known from another household.
    assert statements.count <= one + 2


async def test_the_limits_that_an_operator_loads_decide(
    world: World, settings: Settings, tmp_path: Path
) -> None:
    ada = await family(world)
    folder = tmp_path / "rules"
    folder.mkdir()
    # 60 percent of the median for four; for two it is 68 percent of that, $2,493.33 a month.
    own = "program,state,percent,four_person,from,to,source\nLIHEAP,NC,,44000,2025-10-01,2026-09-30,made up\n"
    (folder / "states.csv").write_text(own, encoding="utf-8")
    async with running(settings.model_copy(update={"eligibility": folder}), world) as hub:
        token = await hub.joins("ann", "A")
        answer = (await hub.ask(token, CLIENT, id=ada)).json()
    [liheap] = [one for one in answer["data"]["client"]["eligibility"] if one["program"] == "LIHEAP"]
    assert liheap["verdict"] == "UNLIKELY"
    assert liheap["reasons"][0]["message"] == (
        "The income is above the limit of the state, $2,493.33 a month for 2 people."
    )


async def test_a_hub_does_not_start_with_limits_that_it_cannot_read(
    world: World, settings: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "states.csv").write_text("program,state\nLIHEAP,NC\n", encoding="utf-8")
    broken = settings.model_copy(update={"eligibility": folder})
    with pytest.raises(InputRefused, match=r"states\.csv: percent is missing"):
        async with running(broken, world):
            pass
