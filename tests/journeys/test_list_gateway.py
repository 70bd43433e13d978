"""The list, 28 to 33, 40, 41 and 44 over HTTP: what a refusal, a fault or a log line could give away."""

from __future__ import annotations

import logging
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from graphql import GraphQLObjectType, get_named_type
from sqlalchemy import text, update

from auth.categories import Category
from auth.viewer import Scope
from connectors.base import Outcome, Person, Subject
from connectors.memory import MemorySource, Record
from hmis.spec import FILES
from hmis.tables import HMIS
from schema.build import schema
from tests.conftest import Statements
from tests.journeys.conftest import Hub
from tests.schema.samples import is_key, whole_life
from tests.schema.test_whole_life import CLIENT as EVERYTHING_OF_A_CLIENT
from tests.telling import events, lines, tell
from tests.worlds import World

CLIENT = "query($id: ID!) { client(id: $id) { id name { last } birth { date } } }"
FOOD = "query($id: ID!) { client(id: $id) { name { last } foodAssistance { visitCount programs } } }"
GONE = b'{"data":{"client":null}}'
CORE = schema._schema


async def cleo_at_b(world: World) -> str:
    for name in "AB":
        await world.organization(name)
    cleo = await world.client("cleo", first_name="Cleo", last_name="Stone", dob=date(1980, 5, 1))
    await world.stay("s1", "cleo", "B-p")
    return str(cleo)


async def test_28_lists_and_monsters_are_refused_before_anything_is_read(
    hub: Hub, statements: Statements
) -> None:
    """A limit on aliases and cost is still to come: what is refused are lists of requests and documents
    beyond 5,000 tokens. What two hundred aliases cost does not tell a hit from a miss."""
    cleo = await cleo_at_b(hub.world)
    token = await hub.joins("mia", "A")
    many = " ".join(f'a{number}: client(id: "{cleo}") {{ name {{ last }} }}' for number in range(500))
    statements.forget()
    assert (await hub.post(token, [{"query": "{ __typename }"}] * 200)).status_code == 400
    assert (await hub.ask(token, f"{{ {many} }}")).status_code == 400
    assert statements.count == 0
    assert await events(hub.world.engine) == []

    costs, viewer = set(), hub.world.viewer("A")
    for client in (cleo, str(uuid4())):
        aliases = " ".join(
            f'a{number}: client(id: "{client}") {{ name {{ last }} }}' for number in range(200)
        )
        statements.forget()
        await hub.world.ask(viewer, f"{{ {aliases} }}")
        costs.add(statements.count)
    assert len(costs) == 1


async def test_29_fragments_and_typenames_find_nobody_either(world: World) -> None:
    cleo = await cleo_at_b(world)
    document = """query($id: ID!) { __typename client(id: $id) { __typename ...Facts
        ... on Client { name { __typename last } enrollments { edges { node { __typename } } } } } }
      fragment Facts on Client { identifiers { __typename value } access { category granted } }"""
    hidden = await tell(world, world.viewer("A"), document, id=cleo)
    unknown = await tell(world, world.viewer("A"), document, id=str(uuid4()))
    assert hidden.body == unknown.body == b'{"data":{"__typename":"Query","client":null}}'
    assert hidden.audit == unknown.audit == {}


async def test_30_every_way_in_to_a_person_is_one_whose_decision_is_tested() -> None:
    """There is no `_entities` and no subscription yet. Whoever adds a root that leads to a client extends
    this list together with test 1 for it."""
    assert CORE.query_type is not None
    ways = {name for name, field in CORE.query_type.fields.items() if _leads_to_client(field.type, set())}
    assert ways == {"client", "clients"}
    assert CORE.subscription_type is None


def _leads_to_client(kind: Any, passed: set[str]) -> bool:
    named = get_named_type(kind)
    if named.name == "Client":
        return True
    if not isinstance(named, GraphQLObjectType) or named.name in passed:
        return False
    return any(_leads_to_client(field.type, passed | {named.name}) for field in named.fields.values())


@pytest.mark.parametrize("document", ["{ clint(id: 1) { id } }", "{ client(id: 1) { nam { last } } }"])
async def test_31_a_wrong_name_is_answered_without_a_suggestion(hub: Hub, document: str) -> None:
    await cleo_at_b(hub.world)
    await hub.joins("mia", "A")
    low = hub.token("mia", scopes=frozenset({Scope.PROJECTS_READ}))
    response = await hub.ask(low, document)
    assert response.status_code == 400
    assert "did you mean" not in response.text.lower()
    for word in ('client"', "clients", '"name"'):
        assert word not in response.json()["errors"][0]["message"]
    assert await events(hub.world.engine) == []


class Quoting(MemorySource):
    """Fails with a person's name in the error's words, as careless code does."""

    async def find(self, *_: Any, **__: Any) -> Any:
        raise KeyError("Jane Doe")

    async def fetch(self, *_: Any, **__: Any) -> dict[str, Outcome]:
        raise KeyError("Jane Doe")


async def test_32_a_partners_error_costs_its_rows_and_quotes_nobody(
    hub: Hub, caplog: pytest.LogCaptureFixture
) -> None:
    cleo = await cleo_at_b(hub.world)
    await hub.world.grant("cleo", "A")
    hub.partner(Quoting({}, name="pantry", fields=frozenset({"visitCount"})))
    with caplog.at_level(logging.DEBUG):
        response = await hub.ask(await hub.joins("mia", "A"), FOOD, id=cleo)
    assert response.status_code == 200
    assert response.json()["data"]["client"]["name"] == {"last": "Stone"}
    assert "Jane" not in response.text + str(response.headers)
    assert "Jane" not in caplog.text
    [event] = await events(hub.world.engine)
    assert UUID(cleo) in await lines(hub.world.engine, event["id"])
    assert "Jane" not in str(event)


CANARY = "zq"


async def test_33_a_canary_in_every_hidden_text_is_found_nowhere(
    hub: Hub, caplog: pytest.LogCaptureFixture
) -> None:
    """Every text of every record of one client says "zq…"; B asks for everything the schema has, and shares
    EXISTENCE with nothing else, then nothing at all. Traces and metrics do not exist yet."""
    ada = str(await whole_life(hub.world))
    await hub.world.organization("B")
    token = await hub.joins("mia", "B")
    personal = set(FILES) - {"Organization", "Project", "Export", "User", "Funder", "ProjectCoC", "Inventory"}
    async with hub.world.engine.begin() as connection:
        for file in personal - {"HMISParticipation", "CEParticipation", "Affiliation"}:
            marked = {
                column.attr: f"{CANARY}{place}"[: column.length or 6]
                for place, column in enumerate(FILES[file].columns)
                if column.type == "S" and not is_key(column) and not column.lists and (column.length or 9) > 4
            }
            if marked:
                await connection.execute(update(HMIS[file]).values(**marked))
    own = await hub.world.ask(hub.world.viewer("A"), EVERYTHING_OF_A_CLIENT, id=ada)
    assert str(own.data).count(CANARY) > 10, "the canaries must sing for those who may hear them"
    with caplog.at_level(logging.DEBUG):
        closed = await hub.ask(token, EVERYTHING_OF_A_CLIENT, id=ada)
        await hub.world.grant("ada", "B", categories=Category.EXISTENCE)
        there = await hub.ask(token, EVERYTHING_OF_A_CLIENT, id=ada)
        found = await hub.ask(token, '{ clients(where: {lastName: {startsWith: "zq"}}) { nodes { id } } }')
    assert closed.content == GONE
    assert there.json()["data"]["client"]["id"] == ada
    assert found.json()["data"]["clients"]["nodes"] == []
    for response in (closed, there, found):
        assert CANARY not in response.text + str(response.headers)
    ours = [record for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))]
    assert not any(CANARY in record.getMessage() for record in ours)
    assert not any(CANARY in str(dict(event)) for event in await events(hub.world.engine))


async def test_40_a_hidden_and_an_unknown_id_cost_the_same_statements(
    world: World, statements: Statements
) -> None:
    """How long both take is measured in tests/bench/bench_hidden.py."""
    cleo = await cleo_at_b(world)
    asked = []
    for client in (cleo, str(uuid4())):
        statements.forget()
        told = await tell(world, world.viewer("A"), CLIENT, id=client)
        asked.append((told.body, told.audit, list(statements.texts)))
    assert asked[0] == asked[1]
    assert asked[0][:2] == (GONE, {})


async def test_41_without_an_audit_not_one_byte_about_a_person_leaves_and_it_recovers_alone(hub: Hub) -> None:
    cleo = await cleo_at_b(hub.world)
    token = await hub.joins("mia", "B")
    questions = [
        orjson.loads(orjson.dumps({"query": CLIENT, "variables": {"id": cleo}})),
        {"query": '{ clients(where: {lastName: {eq: "Stone"}}) { nodes { id name { last } } } }'},
        {"query": CLIENT, "variables": {"id": str(uuid4())}},
    ]
    async with hub.world.engine.begin() as connection:
        await connection.execute(text("alter table audit_event rename to audit_event_away"))
    try:
        refused = [await hub.post(token, question) for question in questions]
    finally:
        async with hub.world.engine.begin() as connection:
            await connection.execute(text("alter table audit_event_away rename to audit_event"))
    assert {response.status_code for response in refused} == {503}
    assert len({response.content for response in refused}) == 1
    assert b"Stone" not in refused[0].content
    assert cleo.encode() not in refused[0].content
    assert await events(hub.world.engine) == []
    again = await hub.post(token, questions[0])
    assert again.json()["data"]["client"]["name"] == {"last": "Stone"}
    assert len(await events(hub.world.engine)) == 1


class Talkative(MemorySource):
    """Sends all it holds, whatever it was asked for."""

    def _outcome(self, subject: Subject, fields: frozenset[str]) -> Outcome:
        return super()._outcome(subject, frozenset({"visitCount", "citizenship", "ssn"}))


async def test_44_what_a_partner_sends_unasked_is_not_passed_on(
    hub: Hub, caplog: pytest.LogCaptureFixture
) -> None:
    """Citizenship is no element of HMIS and no field of ours; no partner is asked for an SSN."""
    cleo = await cleo_at_b(hub.world)
    await hub.world.grant("cleo", "A")
    held = {"visitCount": 3, "citizenship": "canary-country", "ssn": "canary-number"}
    known = {"p1": Record(Person("Cleo", "Stone", date(1980, 5, 1)), held)}
    source = Talkative(known, name="pantry", fields=frozenset({"visitCount"}))
    hub.partner(source)
    with caplog.at_level(logging.DEBUG):
        response = await hub.ask(await hub.joins("mia", "A"), FOOD, id=cleo)
    [visits] = response.json()["data"]["client"]["foodAssistance"]
    assert visits == {"visitCount": 3, "programs": None}
    assert hub.app.state.hub.runtime.state(source).dropped == 2
    assert "canary" not in response.text + caplog.text
    [event] = await events(hub.world.engine)
    told = (await lines(hub.world.engine, event["id"]))[UUID(cleo)]
    assert told.disclosed & Category.FOOD
    names = {name.lower() for kind in CORE.type_map.values() for name in getattr(kind, "fields", {})}
    assert not {name for name in names if "citizen" in name or "immigra" in name}
