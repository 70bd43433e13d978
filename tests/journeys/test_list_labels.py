"""The list, 9 to 14, 36 and 43: what a value or its origin tells without saying it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from sqlalchemy import delete, func, select

from auth.categories import NOTHING, Category
from connectors.memory import MemorySource
from hmis.errors import FailureCode, SourceFailed
from hmis.labels import Label
from hmis.tables import HMIS, break_glass, client_link
from tests.conftest import Statements
from tests.journeys.asking import About, Question, arguments
from tests.schema.test_whole_life import CLIENT as EVERYTHING_OF_A_CLIENT
from tests.telling import Told, tell
from tests.worlds import NOW, World

STAYS = """query($id: ID!) { client(id: $id) { name { last } enrollments {
  nodes { entryDate project { id name organization { name } }
    household { members { entryDate project { name } client { enrollments { nodes { entryDate } } } } }
    exit { date destination } services { date type } }
  pageInfo { hasNextPage endCursor } } } }"""
EXIT = "query($id: ID!) { client(id: $id) { enrollments { nodes { exit { date destination } } } } }"
INCOME = """query($id: ID!) { client(id: $id) { enrollments { nodes {
  incomeBenefits { informationDate snap adap } } } } }"""
VIOLENCE = """query($id: ID!) { client(id: $id) { enrollments { nodes { healthAndDomesticViolence {
  informationDate domesticViolenceSurvivor whenOccurred currentlyFleeing updatedAt } } } } }"""
OPEN = """mutation($id: ID!, $reason: String!) {
  breakGlassOpen(client: $id, reason: $reason) { closesAt problems { code message } } }"""
STAY = {"enrollment_id": "s1", "personal_id": "cleo", "information_date": date(2026, 1, 2)}


async def cleo_at_b(world: World) -> str:
    await world.organization("A")
    await world.organization("B")
    cleo = await world.client("cleo", first_name="Cleo", last_name="Stone", dob=date(1980, 5, 1))
    await world.stay("s1", "cleo", "B-p")
    return str(cleo)


async def test_09_a_stay_at_a_hopwa_project_is_on_no_path(world: World) -> None:
    cleo = await cleo_at_b(world)
    await world.project("hopwa", "B", project_name="Only for some")
    await world.row("Funder", "f1", project_id="hopwa", funder=13)
    await world.grant("cleo", "A")
    before = await tell(world, world.viewer("A"), STAYS, id=cleo)
    everything = await tell(world, world.viewer("A"), EVERYTHING_OF_A_CLIENT, id=cleo)
    await world.stay("s2", "cleo", "hopwa", date(2026, 4, 1), household_id="h-s1")
    await world.row("Services", "v2", enrollment_id="s2", personal_id="cleo", record_type=143)
    for document, then in ((STAYS, before), (EVERYTHING_OF_A_CLIENT, everything)):
        now = await tell(world, world.viewer("A"), document, id=cleo)
        assert (now.body, now.audit) == (then.body, then.audit)
        assert b"Only for some" not in now.body
    assert before.audit[UUID(cleo)].disclosed & Category.ENROLLMENT
    named_one = await world.grant("cleo", "A", labels=Label.HIV)
    named = await tell(world, world.viewer("A"), STAYS, id=cleo)
    assert b"Only for some" in named.body
    assert named_one in named.audit[UUID(cleo)].grants


async def _of_each(
    world: World, cleo: str, document: str, file: str, attr: str, codes: list[Any]
) -> set[bytes]:
    """The answers to A over the values of one column; the audit may not tell them apart either."""
    bodies, audits = set(), []
    for code in codes:
        await world.change(file, "r1", **{attr: code})
        told = await tell(world, world.viewer("A"), document, id=cleo)
        assert told.answer.withheld == {}
        bodies.add(told.body)
        audits.append(told.audit)
    assert all(audit == audits[0] for audit in audits)
    [line] = audits[0].values()
    assert line.disclosed & Category.ENROLLMENT
    assert (line.withheld, len(line.grants), line.exception) == (NOTHING, 1, None)
    return bodies


async def test_10_a_destination_that_tells_of_treatment_is_null_without_a_word(world: World) -> None:
    cleo = await cleo_at_b(world)
    await world.row("Exit", "r1", enrollment_id="s1", personal_id="cleo", exit_date=date(2026, 2, 1))
    await world.grant("cleo", "A")
    bodies = await _of_each(world, cleo, EXIT, "Exit", "destination", [205, 204, 207, None])
    assert bodies == {
        b'{"data":{"client":{"enrollments":{"nodes":[{"exit":{"date":"2026-02-01","destination":null}}]}}}}'
    }
    await world.change("Exit", "r1", destination=410)
    told = await tell(world, world.viewer("A"), EXIT, id=cleo)
    [stay] = told.data["client"]["enrollments"]["nodes"]
    assert stay["exit"]["destination"] == "RENTAL_WITHOUT_SUBSIDY"


async def test_11_a_benefit_that_tells_of_hiv_is_null_and_its_neighbours_are_not(world: World) -> None:
    cleo = await cleo_at_b(world)
    await world.row("IncomeBenefits", "r1", **STAY, snap=1)
    await world.grant("cleo", "A")
    [body] = await _of_each(world, cleo, INCOME, "IncomeBenefits", "adap", [1, 0, None])
    assert b'"snap":"YES","adap":null' in body


async def test_12_survivor_not_survivor_and_not_asked_are_the_same_three_answers(world: World) -> None:
    cleo = await cleo_at_b(world)
    await world.row("HealthAndDV", "r1", **STAY)
    await world.grant("cleo", "A")
    attr = "domestic_violence_survivor"
    assert len(await _of_each(world, cleo, VIOLENCE, "HealthAndDV", attr, [1, 0, None])) == 1
    await world.change("HealthAndDV", "r1", domestic_violence_survivor=1)
    own = await tell(world, world.viewer("B"), VIOLENCE, id=cleo)
    assert b'"domesticViolenceSurvivor":"YES"' in own.body


async def test_13_what_a_victim_service_provider_entered_changes_no_byte(
    world: World, statements: Statements
) -> None:
    """A source that is the provider's own, and a record linked to a person whom A knows: no statement more is
    sent, no partner is told more, and with the source emptied again nothing has changed either."""
    cleo = await cleo_at_b(world)
    await world.stay("s0", "cleo", "A-p", date(2025, 1, 1))
    for grantee in "AB":
        await world.grant("cleo", grantee)
    pantry = world.partners["pantry"] = MemorySource({}, name="pantry", fields=frozenset({"visitCount"}))
    about = About(*[cleo] * 8, "demo", "cleo", "Cleo", "Stone", "1980-05-01", "6789", "A")
    everything = Question(EVERYTHING_OF_A_CLIENT, {"id": ("client",)})
    questions = [one for one in arguments() if one.document.startswith("query")]

    async def asked() -> list[Any]:
        told = []
        for question in [*questions, everything]:
            pantry.looked_up.clear()
            statements.forget()
            answer = await world.ask(world.viewer("A"), question.document, **question.about(about))
            audit = {person: replace(shown) for person, shown in answer.request.trail.subjects.items()}
            told.append((answer.data, answer.errors, audit, statements.count, list(pantry.looked_up)))
        return told

    before = await asked()
    assert before[-1][2][UUID(cleo)].disclosed & Category.NAME
    assert before[-1][4], "the partner is asked about the one A knows"
    await world.organization("V", source="refuge", victim_services=True)
    entered = {"source": "refuge", "last_name": "Stone", "first_name": "At the refuge"}
    await world.client("cleo-v", person_of="cleo", **entered)
    await world.client("other-v", **entered)
    for client in ("cleo-v", "other-v"):
        await world.stay(f"s-{client}", client, "V-p", household_id="h-s1", source="refuge")
    assert await asked() == before
    async with world.engine.begin() as connection:
        refuge = world.sources["refuge"]
        for table in (HMIS["Enrollment"], client_link, HMIS["Client"]):
            await connection.execute(delete(table).where(table.c.source_id == refuge))
    assert await asked() == before
    told = await tell(world, world.viewer("A"), EVERYTHING_OF_A_CLIENT, id=cleo)
    assert set(told.audit) == {UUID(cleo)}


async def test_14_a_partner_that_may_not_be_asked_can_be_down_unnoticed(world: World) -> None:
    """No partner is a victim service provider itself yet: those arrive as HMIS organizations, in our own
    database (13). What holds for any partner whose category is closed holds for theirs."""
    cleo = await cleo_at_b(world)
    shared = Category.EXISTENCE | Category.NAME | Category.DOB
    grant = await world.grant("cleo", "A", categories=shared)
    document = "query($id: ID!) { client(id: $id) { name { last } foodAssistance { visitCount } } }"
    bodies = set()
    down = SourceFailed("pantry", FailureCode.UNAVAILABLE, retryable=True)
    for fault, gate in ((None, None), (down, None), (None, asyncio.Event())):
        source = world.partners["pantry"] = MemorySource({}, name="pantry", fields=frozenset({"visitCount"}))
        # One that never answers would hold up whoever waits for it.
        source.fault, source.gate = fault, gate
        told = await tell(world, world.viewer("A"), document, id=cleo)
        assert (source.asked, source.looked_up) == ([], [])
        assert told.answer.errors == ()
        line = told.audit[world.people["cleo"]]
        assert (line.withheld, line.grants) == (Category.FOOD, (grant,))
        bodies.add(told.body)
    assert len(bodies) == 1


async def test_36_no_emergency_opens_what_a_victim_service_provider_entered(world: World) -> None:
    """Psychotherapy notes (42 CFR 2.31(b)) are no HMIS element, so no stored value carries their label; that
    no emergency opens one is held in tests/auth/test_consent.py."""
    await cleo_at_b(world)
    await world.organization("V", victim_services=True)
    eve = str(await world.client("eve", last_name="Quill"))
    await world.stay("s2", "eve", "V-p")
    viewer = replace(world.viewer("A"), auth_time=NOW)
    told = []
    for person in (eve, str(uuid4())):
        asked = await tell(world, viewer, OPEN, id=person, reason="brought in unconscious")
        line = asked.audit[UUID(person)]
        assert (line.exception, line.disclosed) == ("BREAK_GLASS_ASKED", NOTHING)
        refused = await tell(world, viewer, STAYS, id=person)
        assert refused.audit == {}
        told.append((asked.body, refused.body))
    assert told[0] == told[1]
    assert told[0][1] == b'{"data":{"client":null}}'
    async with world.engine.connect() as connection:
        assert await connection.scalar(select(func.count()).select_from(break_glass)) == 0
    await world.client("eve-b", person_of="eve", last_name="Quill-B")
    await world.stay("s3", "eve-b", "B-p")
    await tell(world, viewer, OPEN, id=eve, reason="brought in unconscious")
    opened = await tell(world, viewer, STAYS, id=eve)
    assert opened.data["client"]["name"] == {"last": "Quill-B"}
    assert b"V-p" not in opened.body
    assert opened.audit[world.people["eve"]].exception == "BREAK_GLASS"


@pytest.mark.parametrize(
    "missing", [{}, {"method": "VERBAL"}, {"evidence": None}, {"end": None}, {"agencies": ()}]
)
async def test_43_part_2_is_disclosed_on_a_whole_consent_alone_with_its_notice_and_reference(
    world: World, missing: dict[str, Any]
) -> None:
    """42 CFR 2.31 (what a consent must have), 2.32 (the notice that goes with the record)."""
    cleo = await cleo_at_b(world)
    terms: dict[str, Any] = {
        "regime": "PART2",
        "method": "WRITTEN",
        "evidence": "sha256:0",
        "end": date(2027, 1, 1),
        "agencies": ("A",),
        **missing,
    }
    reference = await world.grant("cleo", *terms.pop("agencies"), **terms)
    told = await tell(world, world.viewer("A"), EXIT, id=cleo)
    if missing:
        assert told.body == b'{"data":{"client":null}}'
        assert told.audit == {}
        return
    assert told.audit[UUID(cleo)].grants == (reference,)
    assert owed(told) == [
        {
            "code": "42_CFR_2_32",
            "text": "42 CFR part 2 prohibits unauthorized use or disclosure of these records.",
            "grant": str(reference),
        }
    ]


def owed(told: Told) -> Any:
    """What the answer says its recipient owes."""
    return orjson.loads(told.body).get("extensions", {}).get("consent", {}).get("obligations", [])


async def test_43_the_notice_goes_with_what_is_shown_once_for_each_consent_and_with_nothing_else(
    world: World,
) -> None:
    cleo = await cleo_at_b(world)
    await world.stay("s2", "cleo", "B-p", date(2026, 2, 1))
    terms: dict[str, Any] = {"regime": "PART2", "method": "WRITTEN", "evidence": "sha256:0"}
    terms["end"] = date(2027, 1, 1)
    who = Category.EXISTENCE | Category.NAME
    stays = Category.EXISTENCE | Category.ENROLLMENT
    named = await world.grant("cleo", "A", categories=who, **terms)
    stayed = await world.grant("cleo", "A", categories=stays, **terms)
    fed = await world.grant("cleo", "A", categories=Category.EXISTENCE | Category.FOOD, **terms)
    plain = await world.grant("cleo", "A", categories=Category.EXISTENCE | Category.DOB)
    viewer = world.viewer("A")

    asked = {
        "name { last }": {named},
        "enrollments { nodes { entryDate } }": {stayed},
        "name { last } enrollments { nodes { entryDate } }": {named, stayed},
        "foodAssistance { visitCount }": {fed},
        "household: enrollments { nodes { household { members { entryDate } } } }": {stayed},
        "birth { date }": set(),
    }
    for fields, grants in asked.items():
        told = await tell(world, viewer, f"query($id: ID!) {{ client(id: $id) {{ {fields} }} }}", id=cleo)
        assert told.data["client"] is not None
        assert {entry["grant"] for entry in owed(told)} == set(map(str, grants)), fields
        assert len(owed(told)) == len(grants)
        assert set(told.audit[UUID(cleo)].grants) == {named, stayed, fed, plain}

    own = await tell(world, world.viewer("B"), STAYS, id=cleo)
    assert own.data["client"]["name"] == {"last": "Stone"}
    assert owed(own) == []
