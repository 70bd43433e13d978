"""The list, 28 to 33, 40, 41 and 44 over HTTP: what a refusal, a fault or a log line could give away."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from graphql import GraphQLObjectType, get_named_type
from sqlalchemy import event, text

from auth.categories import EVERYTHING, NOTHING, Category
from auth.viewer import Scope
from connectors.base import Outcome, Person, Subject
from connectors.memory import MemorySource, Record
from hmis.tables import match_candidate, partner_link
from schema.build import schema
from tests.conftest import Statements
from tests.journeys.asking import ABOUT_NOBODY, About, arguments
from tests.journeys.conftest import Hub
from tests.telling import Line, events, tell
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
    """Limits are counted (`gateway/plan/limits.py`); on how often somebody asks see test_budget.py."""
    cleo = await cleo_at_b(hub.world)
    token = await hub.joins("mia", "A")

    def aliases(client: str, count: int) -> str:
        return " ".join(f'a{number}: client(id: "{client}") {{ name {{ last }} }}' for number in range(count))

    deep = " ".join(f"fragment F{n} on Client {{ {f'...F{n + 1} ' * 9} }}" for n in range(9))
    listening = [hub.app.state.hub.writer.sync_engine, hub.app.state.hub.reader.engine.sync_engine]
    sent: list[str] = []
    for engine in listening:
        event.listen(engine, "before_cursor_execute", lambda *of: sent.append(of[2]))
    for body in (
        [{"query": "{ __typename }"}] * 200,
        {"query": f"{{ {aliases(cleo, 200)} }}"},
        {"query": f"{{ {aliases(cleo, 500)} }}"},
        {"query": f'{{ client(id: "{cleo}") {{ ...F0 }} }} {deep} fragment F9 on Client {{ id }}'},
    ):
        assert (await hub.post(token, body)).status_code == 400
    assert not [text for text in sent if "audit_leaf" not in text and "audit_checkpoint" not in text]
    assert await events(hub.world.engine) == []

    costs, viewer = [], hub.world.viewer("A")
    for client in (cleo, str(uuid4())):
        statements.forget()
        told = await tell(hub.world, viewer, f"{{ {aliases(client, 50)} }}")
        costs.append((told.body, told.audit, statements.count))
    assert costs[0] == costs[1]


async def test_29_fragments_and_typenames_find_nobody_either(world: World) -> None:
    cleo = await cleo_at_b(world)
    document = """query($id: ID!) { __typename client(id: $id) { __typename ...Facts
        ... on Client { name { __typename last } enrollments { edges { node { __typename } } } } } }
      fragment Facts on Client { identifiers { __typename value } access { category granted } }"""
    hidden = await tell(world, world.viewer("A"), document, id=cleo)
    unknown = await tell(world, world.viewer("A"), document, id=str(uuid4()))
    assert hidden.body == unknown.body == b'{"data":{"__typename":"Query","client":null}}'
    assert hidden.audit == unknown.audit == {}


FACTS = "id name { last } birth { date } access { category granted basis }"
WAYS = [
    f"query($id: ID!) {{ client(id: $id) {{ {FACTS} }} }}",
    f"""{{ clients(where: {{identifier: {{source: "demo", value: "cleo"}}}}) {{ nodes {{ {FACTS} }} }} }}""",
    f"""query($id: ID!) {{ client(id: $id) {{ {FACTS} enrollments {{ nodes {{
      client {{ {FACTS} }} household {{ members {{ client {{ {FACTS} }} }} }} }} }} }} }}""",
]
BY_MATCHES = [
    f"{{ matches {{ nodes {{ client {{ {FACTS} }} }} }} }}",
    f"mutation($id: ID!) {{ matchConfirm(id: $id) {{ match {{ client {{ {FACTS} }} }} }} }}",
    f"mutation($id: ID!) {{ matchReject(id: $id) {{ match {{ client {{ {FACTS} }} }} }} }}",
]
"""For an agency that entered a record of the client, and for no other."""


def _clients_in(answer: Any) -> list[Any]:
    """Every person in an answer, wherever they stand in it, with their own facts alone."""
    if isinstance(answer, list):
        return [one for part in answer for one in _clients_in(part)]
    if not isinstance(answer, dict):
        return []
    own = [{name: answer[name] for name in ("id", "name", "birth", "access")}] if "access" in answer else []
    return own + [one for part in answer.values() for one in _clients_in(part)]


async def test_30_every_way_in_to_a_person_gives_the_decision_of_the_id(world: World) -> None:
    """There is no `_entities` and no subscription yet. Whoever adds a root that leads to a client extends
    this list together with test 1 for it."""
    assert CORE.query_type is not None
    assert CORE.mutation_type is not None
    roots = {**CORE.query_type.fields, **CORE.mutation_type.fields}
    ways = {name for name, field in roots.items() if _leads_to_client(field.type, set())}
    # Behind a published figure stand the viewer's own records alone: test_measures.py.
    # By a question about two people both stand as by their ids: test_person_matches.py.
    assert ways == {
        *("client", "clients", "matches", "matchConfirm", "matchReject", "measure"),
        *("personMatches", "personMatchDecide", "personMatchReopen"),
    }
    assert CORE.subscription_type is None
    cleo = await cleo_at_b(world)
    for shared in (NOTHING, Category.EXISTENCE | Category.DOB, EVERYTHING):
        if shared:
            await world.grant("cleo", "A", categories=shared)
        told = [await tell(world, world.viewer("A"), document, id=cleo) for document in WAYS]
        found = [_clients_in(one.data) for one in told]
        # By id, by search, and from her stay and her household: wherever she stands she is the same.
        times = {NOTHING: [0, 0, 0], EVERYTHING: [1, 1, 3]}.get(shared, [1, 1, 1])
        assert [len(several) for several in found] == times
        assert all(one == found[0][0] for several in found for one in several)
        decided = [_decided(one.audit) for one in told]
        assert decided[0] == decided[1] == decided[2]


async def test_30_by_a_match_a_client_is_as_by_the_id_or_is_not_there(world: World) -> None:
    cleo = await cleo_at_b(world)
    await world.grant("cleo", categories=EVERYTHING)
    world.partners["pantry"] = MemorySource({}, name="pantry")
    for document in BY_MATCHES:
        told = {"connector": "pantry", "value": document, "method": "FIND", "reason": "LOW_SCORE"}
        asked = str((await world._insert(match_candidate, person_id=UUID(cleo), **told)).id)
        variables = {"id": asked} if "$id" in document else {}
        elsewhere = await tell(world, world.viewer("A"), document, **variables)
        assert _clients_in(elsewhere.data) == []
        (known,) = _clients_in((await tell(world, world.viewer("B"), WAYS[0], id=cleo)).data)
        found = _clients_in((await tell(world, world.viewer("B"), document, **variables)).data)
        assert found[:1] == [known]
        assert all(one == known for one in found)


def _decided(audit: Mapping[UUID, Line]) -> dict[UUID, Any]:
    """What the audit says of the facts that every way asks for."""
    asked = Category.EXISTENCE | Category.NAME | Category.DOB
    return {
        person: (line.disclosed & asked, line.withheld & asked, line.grants) for person, line in audit.items()
    }


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


@pytest.mark.parametrize("linked", [False, True], ids=["while looking up", "while asking"])
async def test_32_a_partners_error_costs_its_rows_and_quotes_nobody(
    hub: Hub, caplog: pytest.LogCaptureFixture, linked: bool
) -> None:
    cleo = await cleo_at_b(hub.world)
    grant = await hub.world.grant("cleo", "A")
    source = Quoting({}, name="pantry", fields=frozenset({"visitCount"}))
    hub.partner(source)
    if linked:
        row = {"person_id": UUID(cleo), "connector": "pantry", "value": "p1", "method": "STAFF"}
        await hub.world._insert(partner_link, **row)
    with caplog.at_level(logging.DEBUG):
        response = await hub.ask(await hub.joins("mia", "A"), FOOD, id=cleo)
    assert response.status_code == 200
    assert response.json() == {
        "data": {"client": {"name": {"last": "Stone"}, "foodAssistance": None}},
        "extensions": {
            "sources": [{"source": "pantry", "code": "BAD_DATA", "retryable": False, "stale": False}]
        },
    }
    assert "pantry: KeyError at Quoting." in caplog.text
    audited, told = await hub.audited(response)
    assert (audited["outcome"], told[UUID(cleo)].grants) == ("ANSWERED", (grant,))
    for text_of in (response.text, str(response.headers), caplog.text, str(audited), str(told)):
        assert "Jane" not in text_of


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
    found = {"query": '{ clients(where: {lastName: {eq: "Stone"}}) { nodes { id name { last } } } }'}
    questions = [{"query": CLIENT, "variables": {"id": client}} for client in (cleo, str(uuid4()), "x")] + [
        found
    ]
    about = About(*[cleo] * 8, "demo", "cleo", "Cleo", "Stone", "1980-05-01", "6789", "A")
    for one in arguments():
        if one.document.startswith("query") and {path[0] for path in one.places.values()} - ABOUT_NOBODY:
            questions.append({"query": one.document, "variables": one.about(about)})
    async with hub.world.engine.begin() as connection:
        await connection.execute(text("alter table audit_event rename to audit_event_away"))
    try:
        refused = [await hub.post(token, question) for question in questions]
    finally:
        async with hub.world.engine.begin() as connection:
            await connection.execute(text("alter table audit_event_away rename to audit_event"))
    assert {response.status_code for response in refused} == {503}
    [said] = {response.content for response in refused}
    assert not [word for word in (b"Stone", b"Cleo", b"1980-05", cleo.encode()) if word in said]
    assert await events(hub.world.engine) == []
    again = await hub.post(token, questions[0])
    assert again.json()["data"]["client"]["name"] == {"last": "Stone"}
    audited, told = await hub.audited(again)
    assert (audited["subject"], audited["outcome"]) == ("mia", "ANSWERED")
    assert told[UUID(cleo)].disclosed & Category.NAME
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
    told = (await hub.audited(response))[1][UUID(cleo)]
    assert told.disclosed & Category.FOOD
    names = {name.lower() for kind in CORE.type_map.values() for name in getattr(kind, "fields", {})}
    assert not {name for name in names if "citizen" in name or "immigra" in name}
