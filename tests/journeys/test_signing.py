"""A client signs the community's form: what is recorded, what is refused, and what a preview tells."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from auth.categories import Category
from auth.consent import Effect
from auth.forms import template_of
from auth.policy import Policy
from auth.viewer import AgencyKind, Role
from hmis.tables import audit_subject, consent_grant
from tests.journeys.signing import (
    GRANTS,
    NARROW,
    at,
    filled,
    port_ellery,
    previewed,
    seen,
    signs,
    standing,
    written,
)
from tests.worlds import World


async def test_a_form_is_recorded_whole_as_one_form_and_opens_what_it_says(world: World) -> None:
    ada = await port_ellery(world)
    b = str(world.agencies["B"].id)
    done = await signs(world, ada, at(world, "A"), **filled("who", "money-health", agencies=[b]))
    assert done["problems"] == []
    assert [(one["section"], one["state"], one["language"]) for one in done["grants"]] == [
        ("who", "ACTIVE", "ES"),
        ("money-health", "ACTIVE", "ES"),
    ]
    assert [one["recipients"] for one in done["grants"]] == [[], ["Agency B"]]
    assert {one["end"] for one in done["grants"]} == {"2027-06-30"}
    async with world.engine.connect() as connection:
        forms = set(await connection.scalars(select(consent_grant.c.form_id)))
    assert {str(form) for form in forms} == {done["form"]}
    assert "INCOME_BENEFITS" in await seen(world, ada, at(world, "B"))
    assert "INCOME_BENEFITS" not in await seen(world, ada, at(world, "C"))
    assert "NAME" in await seen(world, ada, at(world, "C"))


@pytest.mark.parametrize(
    ("sent", "path"),
    [
        (filled(), ["input", "sections"]),
        (filled("who", "nonsense"), ["input", "sections"]),
        (filled("partners"), ["input", "agencies"]),
        (filled("partners", agencies=["nonsense"]), ["input", "agencies", "0"]),
        (filled("who", form="mn-hmis"), ["input", "form"]),
        (filled("A", "B", form="il-chicago"), ["input", "sections"]),
        (filled("who", evidence=None), ["input", "evidence"]),
        (filled("who", method="NOD"), ["input", "method"]),
        (filled("who", end="2026-06-30"), ["input", "end"]),
        (filled("who", end="2028-06-30"), ["input", "end"]),
        (filled("who", guardian="nonsense"), ["input", "guardian"]),
        (filled("who", provisionalUntil="2026-07-30"), ["input", "provisionalUntil"]),
        (filled("who", replaces=["nonsense"]), ["input", "replaces", "0"]),
    ],
)
async def test_what_is_wrong_with_a_form_is_said_and_nothing_is_written(
    world: World, sent: dict[str, Any], path: list[str]
) -> None:
    ada = await port_ellery(world)
    done = await signs(world, ada, at(world, "A"), **sent)
    assert path in [one["path"] for one in done["problems"]]
    assert (done["form"], done["grants"]) == (None, [])
    assert await written(world) == (0, 0)


async def test_for_a_minor_a_guardian_signs_and_for_nobody_else(world: World) -> None:
    ada = await port_ellery(world)
    await world.change("Client", "ada", dob=date(2015, 5, 5))
    guardian = str(await world.guardian("ada"))
    refused = await signs(world, ada, at(world, "A"), **filled("who"))
    assert [one["path"] for one in refused["problems"]] == [["input", "guardian"]]
    done = await signs(world, ada, at(world, "A"), **filled("who", guardian=guardian))
    assert [one["state"] for one in done["grants"]] == ["ACTIVE"]
    await world.change("Client", "ada", dob=date(1990, 5, 5))
    grown = await signs(world, ada, at(world, "A"), **filled("who", guardian=guardian))
    assert [one["path"] for one in grown["problems"]] == [["input", "guardian"]]


async def test_a_shorter_end_and_the_communitys_longest_term_both_hold(world: World) -> None:
    ada = await port_ellery(world)
    short = replace(at(world, "A"), policy=Policy(max_term_days=30))
    (usual,) = (await signs(world, ada, short, **filled("who")))["grants"]
    (sooner,) = (await signs(world, ada, short, **filled("who", end="2026-07-10")))["grants"]
    assert (usual["end"], sooner["end"]) == ("2026-07-30", "2026-07-10")


async def test_a_form_can_take_the_place_of_what_stands_in_one_transaction(world: World) -> None:
    ada = await port_ellery(world)
    wide = await world.grant("ada")
    assert "INCOME_BENEFITS" in await seen(world, ada, at(world, "B"))
    sent = filled("who", replaces=[str(wide)])
    foretold = standing(await previewed(world, ada, at(world, "A"), sign=sent), "Agency B")[1]
    await signs(world, ada, at(world, "A"), **sent)
    assert await seen(world, ada, at(world, "B")) == foretold
    assert "INCOME_BENEFITS" not in foretold
    # One that is refused ends nothing either.
    await signs(world, ada, at(world, "A"), **filled("nonsense", replaces=[str(wide)]))
    assert await written(world) == (2, 1)


async def test_nobody_signs_for_or_previews_somebody_elses_client(world: World) -> None:
    ada = await port_ellery(world)
    await world.grant("ada", categories=Category.EXISTENCE)
    nobody = "7d4c3c7e-0000-4000-8000-000000000000"
    for client in (ada, nobody, "nonsense"):
        done = await signs(world, client, at(world, "B"), **filled("nonsense"))
        assert [one["code"] for one in done["problems"]] == ["NOT_FOUND"]
        told = await previewed(world, client, at(world, "B"), sign=filled("who"))
        assert (told["standings"], [one["code"] for one in told["problems"]]) == ([], ["NOT_FOUND"])
    reader = replace(at(world, "A"), scopes=frozenset())
    assert (await previewed(world, ada, reader))["standings"] == []
    assert await written(world) == (1, 0)


async def test_a_release_becomes_smaller_on_the_same_signature(world: World) -> None:
    ada = await port_ellery(world)
    (who,) = (await signs(world, ada, at(world, "A"), **filled("who")))["grants"]
    sent = {"grant": who["id"], "categories": ["NAME"], "end": "2026-08-01", "reason": "asked at the desk"}
    foretold = standing(await previewed(world, ada, at(world, "A"), narrow=sent), "Agency B")
    assert foretold[1] == ["EXISTENCE", "NAME"]
    done = (await world.ask(at(world, "A"), NARROW, input=sent)).data["consentNarrow"]
    assert done["problems"] == []
    rest = done["grant"]
    assert (rest["state"], rest["categories"], rest["end"]) == ("ACTIVE", foretold[1], "2026-08-01")
    assert (rest["evidence"], rest["section"], rest["method"]) == (who["evidence"], "who", "WRITTEN")
    assert await seen(world, ada, at(world, "B")) == foretold[1]
    states = (await world.ask(at(world, "A"), GRANTS, id=ada)).data["client"]["grants"]
    assert [(one["state"], one["canNarrow"]) for one in states] == [("ACTIVE", True), ("REVOKED", False)]


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"categories": []}, ["input", "categories"]),
        ({"categories": ["NAME", "NOTES"]}, ["input", "categories"]),
        ({"categories": ["EXISTENCE", "NAME", "DOB"]}, ["input", "categories"]),
        ({"end": "2026-06-30"}, ["input", "end"]),
        ({"end": "2027-01-01"}, ["input", "end"]),
        ({"reason": " "}, ["input", "reason"]),
        ({"grant": "nonsense"}, ["id"]),
    ],
)
async def test_what_would_not_be_smaller_is_refused(
    world: World, change: dict[str, Any], path: list[str]
) -> None:
    ada = await port_ellery(world)
    shared = Category.EXISTENCE | Category.NAME | Category.DOB
    grant = await world.grant("ada", "B", categories=shared, end=date(2026, 12, 31))
    sent = {"grant": str(grant), "categories": ["NAME"], "reason": "asked", **change}
    done = (await world.ask(at(world, "A"), NARROW, input=sent)).data["consentNarrow"]
    assert (done["grant"], [one["path"] for one in done["problems"]]) == (None, [path])
    assert await written(world) == (1, 0)
    assert await seen(world, ada, at(world, "B")) == ["EXISTENCE", "NAME", "DOB"]


async def test_only_a_release_in_force_that_ones_own_agency_recorded_becomes_smaller(world: World) -> None:
    ada = await port_ellery(world)
    await world.stay("s2", "ada", "B-p")
    refused, over = (
        await world.grant("ada", effect=Effect.DENY),
        await world.grant("ada", end=date(2026, 2, 1)),
    )
    ours = await world.grant("ada", "B")
    for by, grant in (("A", refused), ("A", over), ("B", ours)):
        sent = {"grant": str(grant), "categories": ["NAME"], "reason": "asked"}
        done = (await world.ask(at(world, by), NARROW, input=sent)).data["consentNarrow"]
        assert [one["code"] for one in done["problems"]] == ["NOT_ALLOWED"]
    told = (await world.ask(at(world, "B"), GRANTS, id=ada)).data["client"]["grants"]
    assert {(one["recordedBy"], one["recordedAt"], one["canNarrow"]) for one in told} == {(None, None, False)}
    assert await written(world) == (3, 0)


async def test_a_preview_tells_what_a_revocation_closes(world: World) -> None:
    ada = await port_ellery(world)
    grant = await world.grant("ada", "B", categories=Category.EXISTENCE | Category.NAME)
    told = await previewed(world, ada, at(world, "A"), revoke=[str(grant)])
    assert standing(told, "Agency B") == (["EXISTENCE", "NAME"], [])
    assert standing(told, "Agency C") == ([], [])
    unknown = await previewed(world, ada, at(world, "A"), revoke=["nonsense"])
    assert [one["code"] for one in unknown["problems"]] == ["NOT_FOUND"]


async def test_of_ones_own_agency_a_preview_tells_what_others_entered(world: World) -> None:
    ada = await port_ellery(world)
    sent = filled("money-health", agencies=[str(world.agencies["A"].id)])
    told = await previewed(world, ada, at(world, "A"), sign=sent)
    assert told["standings"][0]["isViewers"] is True
    shared = ["EXISTENCE", "INCOME_BENEFITS", "HEALTH_DISABILITY", "EDUCATION_EMPLOYMENT"]
    assert standing(told, "Agency A") == ([], shared)
    assert standing(told, "Agency B") == ([], [])


async def test_a_preview_is_in_the_audit_and_writes_nothing(world: World) -> None:
    ada = await port_ellery(world)
    await previewed(world, ada, at(world, "A"), sign=filled("who"))
    async with world.engine.connect() as connection:
        people = list(await connection.scalars(select(audit_subject.c.person_id)))
    assert [str(one) for one in people] == [ada]
    assert await written(world) == (0, 0)


async def test_what_a_client_agreed_with_others_alone_is_no_part_of_a_preview(world: World) -> None:
    ada = await port_ellery(world)
    before = await previewed(world, ada, at(world, "A"), sign=filled("who"))
    await world.stay("s2", "ada", "B-p")
    first = dict(world.agencies)
    world.agencies = {"B": first["B"], **first}  # B records
    await world.grant("ada", "C")
    await world.grant("ada", "B", effect=Effect.DENY)
    assert await previewed(world, ada, at(world, "A"), sign=filled("who")) == before
    # Of one that names A too, A is told of itself alone.
    await world.grant("ada", "A", "C", categories=Category.EXISTENCE | Category.FOOD)
    told = await previewed(world, ada, at(world, "A"))
    assert standing(told, "Agency A")[0] == ["EXISTENCE", "FOOD"]
    assert standing(told, "Agency C")[0] == []


async def test_agencies_whose_name_would_tell_are_in_no_list_unless_the_client_names_them(
    world: World,
) -> None:
    ada = await port_ellery(world)
    shelter = await world.organization("V", victim_services=True)
    sent = filled("who", "partners", agencies=[str(world.agencies["B"].id)])
    told = await previewed(world, ada, at(world, "A"), sign=sent)
    assert {row["agency"] for row in told["standings"]} == {"Agency A", "Agency B", "Agency C"}
    listed = (await world.ask(at(world, "A"), "{ consentRecipients { name } }")).data["consentRecipients"]
    assert [one["name"] for one in listed] == ["Agency A", "Agency B", "Agency C"]
    none = await world.ask(at(world, "A", Role.DASHBOARD), "{ consentRecipients { name } }")
    assert none.data["consentRecipients"] == []
    named = await previewed(world, ada, at(world, "A"), sign=filled("partners", agencies=[str(shelter.id)]))
    assert "FOOD" in standing(named, "Agency V")[1]
    assert shelter.kind is AgencyKind.VSP


async def test_what_a_victim_service_provider_entered_nobody_else_would_see(world: World) -> None:
    world.forms = (template_of("port-ellery"),)
    await world.organization("V", victim_services=True)
    await world.organization("B")
    ada = str(await world.client("ada"))
    await world.stay("s1", "ada", "V-p")
    told = await previewed(world, ada, at(world, "V"), sign=filled("who"))
    assert standing(told, "Agency B") == ([], [])
    done = await signs(world, ada, at(world, "V"), **filled("who"))
    assert done["problems"] == []
    assert await seen(world, ada, at(world, "B")) == []


async def test_the_forms_are_told_in_both_languages(world: World) -> None:
    await port_ellery(world)
    asked = """{ consentForms { id title es: title(language: ES) choose regime
      sections { id text es: text(language: ES) effect sharesNothing categories recipients group termDays
        purposes } }
      consentPolicy { notice combination ageOfConsent } }"""
    told = (await world.ask(at(world, "A"), asked)).data
    form = told["consentForms"][0]
    assert (form["id"], form["choose"]) == ("port-ellery@1", "EACH")
    assert form["es"].startswith("Autorización")
    assert [one["recipients"] for one in form["sections"]] == ["COMMUNITY", "COMMUNITY", "NAMED", "NAMED"]
    assert all(one["text"] != one["es"] for one in form["sections"])
    assert told["consentPolicy"] == {"notice": [], "combination": "UNION", "ageOfConsent": 18}
