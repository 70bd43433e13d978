"""A peer asked by HUD's draft API: real HTTP to the stand-in, and to a wire that says what no peer should."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.types import ASGIApp, Receive, Scope, Send

from connectors.base import Failed, Found, Match, NotFound, Outcome, Person, Row, Subject
from connectors.energy_drop.kit import DAY
from connectors.hmis_peer.api import PeerApi
from connectors.hmis_peer.kit import (
    BEN,
    CREDENTIALS,
    NOUN,
    Rows,
    api,
    community,
    funder,
    organization,
    person,
    project,
    stay,
)
from connectors.hmis_peer.standin import application
from connectors.kit.offered import ADA
from connectors.kit.recording import running
from connectors.runtime import Runtime
from connectors.standin import Fault, Faulty
from connectors.wire import Wire, answer
from hmis.errors import FailureCode, InputRefused, SourceFailed
from hmis.tables import landing_household_member, landing_peer_project, landing_peer_stay
from tests.connectors.partners import ask, soon


class Listening:
    """The stand-in, and every address that was asked of it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.asked: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked.append(f"{scope['method']} {scope['path']}?{scope['query_string'].decode()}".rstrip("?"))
        await self._app(scope, receive, send)


@asynccontextmanager
async def peer(
    engine: AsyncEngine, rows: Rows | None = None, *faults: Fault, **changes: str
) -> AsyncIterator[tuple[PeerApi, Listening, Faulty]]:
    """A peer whose projects are known, and how it is asked."""
    faulty = Faulty(application(rows or community(), CREDENTIALS), ())
    listening = Listening(faulty)
    async with running(listening) as address:
        source = api(address, engine, **changes)
        await source.sync()
        listening.asked.clear()
        faulty.faults = faults
        yield source, listening, faulty
        await source.aclose()


async def _ask(source: PeerApi, *subjects: Subject) -> dict[str, Outcome]:
    return dict(await source.fetch(ask(*subjects, noun=NOUN, fields=source.offers[NOUN].fields)))


async def test_a_stay_is_told_with_what_is_known_of_its_project(database: AsyncEngine) -> None:
    async with peer(database) as (source, listening, _):
        outcomes = await _ask(source, Subject("ada", ("H-1",)), Subject("none", ("H-9",)), Subject("new"))

    facts = {
        "projectName": "Project P1",
        "projectType": 1,
        "organizationName": "Organization O1",
        "coc": "MA-500",
        "entryDate": date(2025, 10, 1),
        "exitDate": date(2025, 12, 24),
    }
    assert outcomes == {
        "ada": Found((Row(facts, "H-1", DAY),), "live"),
        "none": NotFound(),
        "new": NotFound(),
    }
    assert listening.asked == ["GET /client/H-1/enrollments", "GET /client/H-9/enrollments"]


async def test_what_the_draft_does_not_tell_is_not_offered(database: AsyncEngine) -> None:
    async with peer(database) as (source, _, _):
        question = ask(Subject("ada", ("H-1",)), noun=NOUN, fields=frozenset({"destination"}))
        assert await Runtime().fetch(source, question) == {"ada": Failed(FailureCode.NOT_SUPPORTED)}


@pytest.mark.parametrize(
    "more",
    [
        {"Organization": [organization("OV", 1)], "Project": [project("PV", "OV")]},
        {"Organization": [organization("OV", None)], "Project": [project("PV", "OV")]},
        {"Project": [project("PV", population=1)]},
        {"Project": [project("PV", "nobody's")]},
        {"Project": [project("PV")], "Funder": [funder("FV", "PV", 999)]},
    ],
    ids=["provider", "unanswered", "survivors", "no organization", "funder"],
)
async def test_a_stay_where_nobody_may_know_is_not_there(
    database: AsyncEngine, more: dict[str, list[dict[str, Any]]]
) -> None:
    rows = community(**more, Client=[person("H-V", ADA)], Enrollment=[stay("E-V", "H-V", "PV")])
    async with peer(database, rows) as (source, _, _):
        assert await _ask(source, Subject("v", ("H-V",))) == {"v": NotFound()}


async def test_a_stay_carries_the_label_of_its_project(database: AsyncEngine) -> None:
    async with peer(database, community(Funder=[funder("F2", "P1", 13)])) as (source, _, _):
        found = (await _ask(source, Subject("ada", ("H-1",))))["ada"]

    assert isinstance(found, Found)
    assert found.row.labels == {"HIV"}


async def test_nobody_is_asked_about_while_the_projects_are_not_known(database: AsyncEngine) -> None:
    async with peer(database) as (source, listening, _):
        source.today = lambda: DAY + timedelta(days=36)
        with pytest.raises(SourceFailed) as failed:
            await _ask(source, Subject("ada", ("H-1",)))

    assert failed.value.code is FailureCode.UNAVAILABLE
    assert listening.asked == []


async def test_learning_the_projects_asks_for_no_person_and_keeps_none(database: AsyncEngine) -> None:
    listening = Listening(application(community(), CREDENTIALS))
    async with running(listening) as address:
        source = api(address, database)
        first, again = await source.sync(), await source.sync()
        await source.aclose()

    assert (first.state, first.rows, again.state) == ("TAKEN", 1, "UNCHANGED")
    assert listening.asked == [f"GET /csvexport?EntryDate={DAY + timedelta(days=1)}"]
    async with database.connect() as connection:
        assert (await connection.scalars(select(landing_peer_project.c.project_id))).all() == ["P1"]
        for table in (landing_peer_stay, landing_household_member):
            assert (await connection.execute(select(table))).all() == []


async def test_a_person_is_looked_up_in_the_body_and_only_the_same_one_is_a_match(
    database: AsyncEngine,
) -> None:
    near = [
        person("H-3", Person("Adam", "Sample", ADA.dob)),
        person("H-4", Person("Ada", "Sampleton", ADA.dob)),
    ]
    async with peer(database, community(Client=near)) as (source, listening, _):
        found = await source.find(Subject("p", person=ADA), soon())
        assert await source.find(Subject("p", person=Person("Ada", "Sample", BEN.dob)), soon()) == []
        assert await source.find(Subject("p", person=Person("Ada", None, ADA.dob)), soon()) == []

    assert found == [Match("H-1", 100), Match("H-3", 50), Match("H-4", 50)]
    assert listening.asked == ["POST /client/search"] * 2


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault("error", 503), FailureCode.UNAVAILABLE),
        (Fault("error", 401), FailureCode.AUTH),
        (Fault("html"), FailureCode.BAD_DATA),
        (Fault("errorbody"), FailureCode.BAD_DATA),
        (Fault("garbled"), FailureCode.BAD_DATA),
        (Fault("cut"), FailureCode.UNAVAILABLE),
    ],
)
async def test_a_peer_that_misbehaves_costs_a_code(
    database: AsyncEngine, fault: Fault, code: FailureCode
) -> None:
    async with peer(database, None, fault) as (source, _, _):
        outcome = (await _ask(source, Subject("ada", ("H-1",))))["ada"]
        with pytest.raises(SourceFailed) as failed:
            await source.find(Subject("p", person=ADA), soon())

    assert isinstance(outcome, Failed)
    assert outcome.code is failed.value.code is code


@pytest.mark.parametrize(
    "told",
    [
        [],
        {"enrollments": {}},
        {"enrollments": ["E-1"]},
        {"enrollments": [{"EntryDate": "2025-10-01"}]},
        {"enrollments": [{"ProjectID": "P1", "EntryDate": "10/01/2025"}]},
        {"enrollments": [{"ProjectID": "P1", "PersonalID": "H-2"}]},
    ],
    ids=["a list", "no list", "no stay", "no project", "no date", "of somebody else"],
)
async def test_an_answer_that_is_not_the_drafts_is_bad_data(database: AsyncEngine, told: object) -> None:
    async with peer(database) as (known, _, _):
        assert known.name == "hmis-peer"
    wire = Wire(answer(json.dumps(told)))
    async with wire.serving() as address:
        source = api(address, database)
        assert await _ask(source, Subject("ada", ("H-1",))) == {"ada": Failed(FailureCode.BAD_DATA)}
        await source.aclose()


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"Organization.csv": [], "Project.csv": [], "ProjectCoC.csv": []},
        {
            "Organization.csv": [],
            "Project.csv": [{"ProjectName": "x"}],
            "Funder.csv": [],
            "ProjectCoC.csv": [],
        },
    ],
    ids=["nothing", "no funders", "no key"],
)
async def test_an_export_that_lacks_what_decides_is_not_taken(database: AsyncEngine, told: object) -> None:
    wire = Wire(answer(json.dumps(told)))
    async with wire.serving() as address:
        source = api(address, database)
        with pytest.raises(SourceFailed) as failed:
            await source.sync()
        await source.aclose()

    assert failed.value.code is FailureCode.BAD_DATA


@pytest.mark.parametrize("personal_id", ["..", "H-1/../H-2", "a?b", "é", "x" * 33, ""])
async def test_an_id_that_would_change_the_address_is_never_asked_with(
    database: AsyncEngine, personal_id: str
) -> None:
    async with peer(database) as (source, listening, _):
        outcome = await _ask(source, Subject("p", (personal_id,)))

    assert outcome == {"p": Failed(FailureCode.BAD_DATA)}
    assert listening.asked == []


async def test_no_id_and_no_name_is_in_the_log(
    database: AsyncEngine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with peer(database) as (source, _, _):
        await source.find(Subject("p", person=ADA), soon())
        await _ask(source, Subject("ada", ("H-1",)))

    assert "/client/{PersonalID}/enrollments" in caplog.text
    for personal in ("H-1", "Sample", "1984", CREDENTIALS):
        assert personal not in caplog.text


@pytest.mark.parametrize("change", [{"mode": "soap"}, {"base_url": ""}])
async def test_what_the_operator_forgot_is_said_when_it_is_built(
    database: AsyncEngine, change: dict[str, str]
) -> None:
    with pytest.raises(InputRefused, match=r"config\."):
        api(**{"base_url": "https://peer.example", **change}, engine=database)
