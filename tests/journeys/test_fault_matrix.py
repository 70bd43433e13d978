"""Every fault against every partner, while several ask at once: the answer is whole but for that partner.

Partners that are asked while somebody waits cost their own fields and one entry with the right code; the
breaker opens for those that are unwell and closes again. Of partners whose files or lists are fetched in
advance, what was fetched is answered from as if nothing were.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.base import Failed, Limits, Person, Source, Synced
from connectors.energy_drop.kit import agency
from connectors.gravity_fhir.kit import CLIENT, Clinic, condition
from connectors.gravity_fhir.standin import Server, as_resource
from connectors.gravity_fhir.store import Store
from connectors.hmis_peer import kit as peers
from connectors.hmis_peer.standin import application as peer_application
from connectors.hsds.kit import directory, service
from connectors.kit.offered import SECRET
from connectors.kit.recording import running
from connectors.memory import MemorySource, Record
from connectors.pantry.standin import application as pantry_application
from connectors.runtime import Runtime
from connectors.standin import Faulty, parse_faults
from connectors.subgraph.kit import subgraph, tenancy
from connectors.subgraph.standin import application as rent_application
from gateway.settings import Settings
from hmis.errors import FailureCode
from hmis.tables import partner_link
from tests.connectors.partners import KEY, household, pantry
from tests.journeys.conftest import Hub
from tests.journeys.conftest import running as running_hub
from tests.worlds import World

ADA = Person("Ada", "Quill", date(1980, 5, 1))
AT_ONCE, ROUNDS = 6, 2
# So long that a busy machine is never taken for a partner that is slow; and what ends those that are.
DEADLINE_S, CUT_OFF_S = 30.0, 1.0
UNWELL = {FailureCode.TIMEOUT, FailureCode.UNAVAILABLE, FailureCode.RATE_LIMITED}
CODES = {
    "error=401": FailureCode.AUTH,
    "error=403": FailureCode.AUTH,
    "error=404": FailureCode.CONFIG,
    "error=409": FailureCode.CONFLICT,
    "error=429": FailureCode.RATE_LIMITED,
    "error=500": FailureCode.UNAVAILABLE,
    "error=503": FailureCode.UNAVAILABLE,
    "retryafter": FailureCode.RATE_LIMITED,
    "redirect": FailureCode.CONFIG,
    "html": FailureCode.BAD_DATA,
    "garbled": FailureCode.BAD_DATA,
    "errorbody": FailureCode.BAD_DATA,
    "cut": FailureCode.UNAVAILABLE,
    "reset": FailureCode.UNAVAILABLE,
    "timeout": FailureCode.TIMEOUT,
    "drip": FailureCode.TIMEOUT,
    "slow": FailureCode.TIMEOUT,
}
DOCUMENT = """query($id: ID!) { client(id: $id) { name { last } enrollments { nodes { entryDate } }
  utilityAssistance { heatingFuel } %s { provenance { source { id } } } } }"""


@dataclass(frozen=True)
class Asked:
    """A partner that is asked while somebody waits: behind faults, with one record that is Ada's."""

    source: Source
    faulty: Faulty
    field: str
    record: str


Builder = Callable[[AsyncExitStack, AsyncEngine], Awaitable[Asked]]


async def _pantry(stack: AsyncExitStack, _engine: AsyncEngine) -> Asked:
    faulty = Faulty(pantry_application([household("H-1", ADA)], KEY), ())
    return Asked(pantry(await stack.enter_async_context(running(faulty))), faulty, "foodAssistance", "H-1")


async def _subgraph(stack: AsyncExitStack, _engine: AsyncEngine) -> Asked:
    faulty = Faulty(rent_application([tenancy("T-1", ADA)], SECRET), ())
    source = subgraph(await stack.enter_async_context(running(faulty)))
    return Asked(source, faulty, "rentalAssistance", "T-1")


async def _gravity_fhir(stack: AsyncExitStack, _engine: AsyncEngine) -> Asked:
    store = Store([as_resource("p1", ADA), condition("c1")])
    faulty = Faulty(Server(store, CLIENT).application(), ())
    clinic = Clinic(store, await stack.enter_async_context(running(faulty)))
    return Asked(clinic.source, faulty, "sdohConditions", "p1")


async def _hmis_peer(stack: AsyncExitStack, engine: AsyncEngine) -> Asked:
    faulty = Faulty(peer_application(peers.community(), peers.CREDENTIALS), ())
    source = peers.api(await stack.enter_async_context(running(faulty)), engine)
    await source.sync()  # which projects may be named at all
    return Asked(source, faulty, "peerEnrollments", "H-1")


@pytest.fixture(
    params=[_pantry, _subgraph, _gravity_fhir, _hmis_peer], ids=lambda builder: builder.__name__.strip("_")
)
async def asked(request: pytest.FixtureRequest, database: AsyncEngine) -> AsyncIterator[Asked]:
    async with AsyncExitStack() as stack:
        partner = await request.param(stack, database)
        stack.push_async_callback(partner.source.aclose)
        # Nothing is kept, so that each question is one; and asked as fast as it goes.
        partner.source.limits = replace(
            partner.source.limits, cache=Limits().cache, stale_if_error=Limits().cache, timeout_s=DEADLINE_S
        )
        yield partner


@pytest.fixture
async def patient_hub(settings: Settings, world: World) -> AsyncIterator[Hub]:
    """A hub that waits for partners as long as it takes."""
    async with running_hub(settings.model_copy(update={"deadline_s": DEADLINE_S}), world) as hub:
        yield hub


class Clock:
    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


async def ada_with(hub: Hub, source: Source, record: str) -> tuple[str, Clock]:
    """Ada, who shares everything, linked with a record of the partner. The clock is the breakers'."""
    world, clock = hub.world, Clock()
    await world.organization("A")
    ada = await world.client("ada", first_name="Ada", last_name="Quill", dob=ADA.dob)
    await world.stay("s", "ada", "A-p")
    await world.grant("ada", "A")
    link = {"person_id": ada, "connector": source.name, "value": record, "method": "STAFF"}
    async with world.engine.begin() as connection:
        await connection.execute(insert(partner_link), link)
    well = {"E-1": Record(ADA, {"heatingFuel": "PROPANE"})}
    hub.partner(source)
    hub.partner(MemorySource(well, name="well", noun="UtilityAssistance", category="utility"))
    hub.app.state.hub = replace(hub.app.state.hub, runtime=Runtime(clock))
    return str(ada), clock


async def together(hub: Hub, tokens: list[str], field: str, ada: str) -> list[dict[str, Any]]:
    """Several people ask the same at once, each by a call of their own; every answer is 200 and whole but for
    what is told of the partner."""
    responses = await asyncio.gather(*(hub.ask(token, DOCUMENT % field, id=ada) for token in tokens))
    assert {response.status_code for response in responses} == {200}
    bodies: list[dict[str, Any]] = [response.json() for response in responses]
    for body in bodies:
        assert "errors" not in body
        client = body["data"]["client"]
        assert client["name"] == {"last": "Quill"}
        assert client["enrollments"]["nodes"] != []
        assert client["utilityAssistance"] == [{"heatingFuel": "PROPANE"}], body.get("extensions")
    return bodies


@pytest.mark.parametrize("fault", CODES)
async def test_a_fault_costs_the_partners_own_fields_and_one_entry(
    asked: Asked, patient_hub: Hub, fault: str
) -> None:
    hub, name = patient_hub, asked.source.name
    ada, clock = await ada_with(hub, asked.source, asked.record)
    tokens = [await hub.joins(f"ann-{number}", "A") for number in range(AT_ONCE)]
    before = await together(hub, tokens, asked.field, ada)
    assert all(one["data"]["client"][asked.field] for one in before)

    if (name, fault) == ("hmis-peer", "error=404"):
        pytest.skip("by the draft this says that the peer does not know the client, which is no fault")
    asked.faulty.faults = parse_faults(fault)
    code = CODES[fault]
    patient = asked.source.limits
    if code is FailureCode.TIMEOUT:
        asked.source.limits = replace(patient, timeout_s=CUT_OFF_S)
    for _ in range(ROUNDS):
        for body in await together(hub, tokens, asked.field, ada):
            assert body["data"]["client"][asked.field] is None
            (entry,) = body["extensions"]["sources"]
            assert entry["source"] == name
            # A breaker that has opened meanwhile says that the partner is left alone.
            assert entry["code"] in ({code, "UNAVAILABLE"} if code in UNWELL else {code})
            assert entry["retryable"] is (code in UNWELL)
    runtime: Runtime = hub.app.state.hub.runtime
    state = runtime.state(asked.source)
    assert state.failures.keys() <= {code, FailureCode.UNAVAILABLE}
    assert state.breaker == ("OPEN" if code in UNWELL else "CLOSED")

    asked.faulty.faults = ()
    asked.source.limits = patient
    clock.seconds += 11
    first = await hub.ask(tokens[0], DOCUMENT % asked.field, id=ada)
    assert first.json()["data"]["client"][asked.field]
    assert runtime.state(asked.source).breaker == "CLOSED"
    after = await together(hub, tokens, asked.field, ada)
    assert [one["data"] for one in after] == [one["data"] for one in before]
    assert not any("sources" in one.get("extensions", {}) for one in after)


@pytest.mark.parametrize("fault", [one for one in CODES if CODES[one] is not FailureCode.TIMEOUT])
async def test_a_directory_that_fails_is_answered_from_what_was_read(
    database: AsyncEngine, hub: Hub, fault: str
) -> None:
    await hub.world.organization("A")
    token = await hub.joins("ann", "A")
    ask = "{ services(first: 5) { nodes { name } } }"
    async with directory(database, service("1"), service("2")) as partner:
        assert isinstance(await Runtime().sync(partner.source), Synced)
        hub.partner(partner.source)
        before = await hub.ask(token, ask)
        partner.faulty.faults = parse_faults(fault)
        partner.change("1", name="Changed")
        failed = await Runtime().sync(partner.source)
        answers = await asyncio.gather(*(hub.ask(token, ask) for _ in range(AT_ONCE)))

    assert isinstance(failed, Failed)
    assert failed.code is CODES[fault]
    assert before.json()["data"]["services"]["nodes"] != []
    assert {(one.status_code, one.content) for one in answers} == {(200, before.content)}


async def test_an_agency_whose_server_is_gone_is_answered_from_its_last_files(
    database: AsyncEngine, patient_hub: Hub, tmp_path: Path
) -> None:
    hub = patient_hub
    async with agency(tmp_path) as partner:
        partner.lay_out()
        source = partner.source(database)
        assert isinstance(await Runtime().sync(source), Synced)
        ada, _ = await ada_with(hub, source, "E-1")
        token = await hub.joins("ann", "A")
        rent = "query($id: ID!) { client(id: $id) { utilityAssistance { heatingFuel source { id } } } }"
        before = await hub.ask(token, rent, id=ada)
    failed = await Runtime().sync(source)
    after = await asyncio.gather(*(hub.ask(token, rent, id=ada) for _ in range(AT_ONCE)))

    assert failed == Failed(FailureCode.UNAVAILABLE, retryable=True)
    assert {"energy-drop", "well"} == {
        one["source"]["id"] for one in before.json()["data"]["client"]["utilityAssistance"]
    }
    assert {(one.status_code, one.content) for one in after} == {(200, before.content)}
