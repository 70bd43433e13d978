"""Trusted documents over HTTP: registered for an application, asked by hash, nothing else where so set."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from sqlalchemy import event, func, select

from auth.sessions import CLIENT_ID
from auth.tokens import Claims
from auth.viewer import Role, Scope
from gateway.settings import DEMO_ISSUER, Settings
from gateway.trusted import REMEMBERED_S, FreeText
from hmis import documents as stored
from hmis.documents import sha256_of
from hmis.tables import trusted_document
from resolvers.documents import AT_ONCE
from tests.journeys.conftest import Hub, running
from tests.worlds import World

JSON = "application/json"
WHO = "query Who { viewer { role } }"
CLIENT = "query($id: ID!) { client(id: $id) { name { last } } }"
REGISTER = """mutation($documents: [String!]!) { documentRegister(documents: $documents) {
  documents { id text registeredBy } problems { code message path } } }"""
REMOVE = "mutation($ids: [ID!]!) { documentRemove(ids: $ids) { documents { id } problems { code } } }"
APP = "intake-app"


def by_id(text: str, **more: Any) -> dict[str, Any]:
    return {"documentId": f"sha256:{sha256_of(text)}", **more}


def by_hash(text: str, **more: Any) -> dict[str, Any]:
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": sha256_of(text)}}, **more}


def code(response: httpx.Response) -> str:
    [error] = response.json()["errors"]
    return str(error["extensions"]["code"])


@pytest.fixture
async def agency(world: World) -> World:
    await world.organization("A")
    return world


@pytest.fixture
async def only(settings: Settings, agency: World) -> AsyncIterator[Hub]:
    """A hub that takes registered documents alone, but for who has the scope `explore` and for ada."""
    free = ("explore", f"{DEMO_ISSUER}#ada")
    async with running(
        settings.model_copy(update={"documents_only": True, "free_text": free}), agency
    ) as hub:
        yield hub


async def mia(hub: Hub, **claims: Any) -> str:
    """A case manager who asks by the application."""
    await hub.joins("mia", "A")
    return hub.token("mia", client_id=APP, **claims)


async def builder(hub: Hub, **claims: Any) -> str:
    """The integrator of the application."""
    await hub.joins("build", "A", Role.INTEGRATOR)
    return hub.token("build", client_id=APP, **claims)


async def registered(hub: Hub, *texts: str, application: str = APP) -> None:
    async with hub.world.engine.begin() as connection:
        await stored.register(connection, application, texts, "operator:tests")


async def kept(hub: Hub) -> int:
    async with hub.world.engine.connect() as connection:
        return await connection.scalar(select(func.count()).select_from(trusted_document)) or 0


@contextmanager
def looked_up(hub: Hub) -> Iterator[list[str]]:
    """The statements by which the hub looked documents up meanwhile."""
    found: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if "trusted_document" in statement:
            found.append(statement)

    engine = hub.app.state.hub.reader.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    yield found
    event.remove(engine, "before_cursor_execute", note)


async def test_what_an_integrator_registers_its_application_asks_by_the_hash(hub: Hub, agency: World) -> None:
    told = (await hub.ask(await builder(hub), REGISTER, documents=[WHO])).json()["data"]["documentRegister"]
    assert told == {
        "documents": [{"id": by_id(WHO)["documentId"], "text": WHO, "registeredBy": "build"}],
        "problems": [],
    }
    token = await mia(hub)
    response = await hub.post(token, by_id(WHO))
    assert response.status_code == 200
    assert response.json() == {"data": {"viewer": {"role": "CASE_MANAGER"}}}
    assert (await hub.post(token, by_hash(WHO))).json() == response.json()


async def test_a_person_asked_for_by_a_hash_is_decided_and_audited_as_by_the_text(
    hub: Hub, agency: World
) -> None:
    await agency.client("cleo", last_name="Vantreight")
    await agency.stay("s", "cleo", "A-p")
    token, client = await mia(hub), str(agency.people["cleo"])
    await registered(hub, CLIENT)
    by_text = await hub.ask(token, CLIENT, id=client)
    by_name = await hub.post(token, by_id(CLIENT, variables={"id": client}))
    assert by_name.json() == by_text.json()
    assert by_name.json()["data"]["client"]["name"]["last"] == "Vantreight"
    first, _ = await hub.audited(by_text)
    second, lines = await hub.audited(by_name)
    assert second["operation_sha256"] == first["operation_sha256"] == sha256_of(CLIENT)
    assert set(lines) == {agency.people["cleo"]}


async def test_a_document_is_its_own_application_s_alone(hub: Hub, agency: World) -> None:
    await registered(hub, WHO, application="another-app")
    token = await mia(hub)
    assert code(await hub.post(token, by_id(WHO))) == "DOCUMENT_NOT_FOUND"
    assert code(await hub.post(token, by_hash(WHO))) == "PERSISTED_QUERY_NOT_FOUND"


@pytest.mark.parametrize(("accept", "status"), [(JSON, 200), ("application/graphql-response+json", 400)])
async def test_an_unknown_hash_is_one_designed_error(
    hub: Hub, agency: World, accept: str, status: int
) -> None:
    token = await mia(hub)
    unknown = await hub.post(token, by_id(WHO), accept=accept)
    assert (unknown.status_code, unknown.json()) == (
        status,
        {
            "errors": [
                {
                    "message": "No document of that id is registered for this application.",
                    "extensions": {"code": "DOCUMENT_NOT_FOUND"},
                }
            ]
        },
    )
    persisted = await hub.post(token, by_hash(WHO), accept=accept)
    assert (persisted.status_code, persisted.json()) == (
        status,
        {
            "errors": [
                {
                    "message": "PersistedQueryNotFound",
                    "extensions": {"code": "PERSISTED_QUERY_NOT_FOUND"},
                }
            ]
        },
    )


async def test_a_text_sent_with_its_hash_is_known_by_it_afterwards_to_its_application(
    hub: Hub, agency: World
) -> None:
    token = await mia(hub)
    sent = await hub.post(token, by_hash(WHO, query=WHO))
    assert sent.json() == {"data": {"viewer": {"role": "CASE_MANAGER"}}}
    assert (await hub.post(token, by_hash(WHO))).json() == sent.json()
    assert code(await hub.post(hub.token("mia", client_id="another-app"), by_hash(WHO))) == (
        "PERSISTED_QUERY_NOT_FOUND"
    )
    assert code(await hub.post(token, by_id(WHO))) == "DOCUMENT_NOT_FOUND"
    assert await kept(hub) == 0


async def test_a_text_with_the_hash_of_another_is_refused_and_not_remembered(hub: Hub, agency: World) -> None:
    token = await mia(hub)
    response = await hub.post(token, by_hash(WHO, query="{ __typename }"))
    assert (response.status_code, code(response)) == (400, "DOCUMENT_MISMATCH")
    assert code(await hub.post(token, by_hash(WHO))) == "PERSISTED_QUERY_NOT_FOUND"


async def test_a_text_that_nobody_registered_is_refused_where_only_trusted_ones_are_taken(only: Hub) -> None:
    token = await mia(only)
    for body in ({"query": WHO}, by_hash(WHO, query=WHO), {"query": "{ __schema { types { name } } }"}):
        response = await only.post(token, body)
        assert (response.status_code, code(response)) == (403, "DOCUMENT_NOT_TRUSTED")
        assert "data" not in response.json()
    assert code(await only.post(token, by_hash(WHO))) == "PERSISTED_QUERY_NOT_FOUND"
    url = {"query": "{ __typename }"}
    got = await only.http.get("/graphql", params=url, headers={"authorization": f"Bearer {token}"})
    assert (got.status_code, code(got)) == (403, "DOCUMENT_NOT_TRUSTED")


async def test_a_registered_document_is_taken_by_hash_and_as_it_is(only: Hub) -> None:
    token = await mia(only)
    await registered(only, WHO)
    for body in (by_id(WHO), by_hash(WHO), {"query": WHO}, by_hash(WHO, query=WHO)):
        assert (await only.post(token, body)).json() == {"data": {"viewer": {"role": "CASE_MANAGER"}}}
    # A blank more is another document.
    assert code(await only.post(token, {"query": f"{WHO} "})) == "DOCUMENT_NOT_TRUSTED"


async def test_named_people_and_scopes_may_send_any_text(only: Hub) -> None:
    await only.joins("ada", "A")
    assert (await only.ask(only.token("ada", client_id=APP), WHO)).status_code == 200
    assert (await only.ask(await mia(only, scopes=frozenset({"explore"})), WHO)).status_code == 200


async def test_what_they_sent_is_no_way_in_for_others(only: Hub) -> None:
    await only.joins("ada", "A")
    assert (await only.post(only.token("ada", client_id=APP), by_hash(WHO, query=WHO))).status_code == 200
    assert code(await only.post(await mia(only), by_hash(WHO))) == "PERSISTED_QUERY_NOT_FOUND"


async def test_a_document_may_be_asked_by_get_and_its_hash(only: Hub) -> None:
    token, document = await mia(only), "{ projects { edges { node { name } } } }"
    await registered(only, document, WHO)
    sent = {"authorization": f"Bearer {token}"}
    got = await only.http.get("/graphql", params=by_id(document), headers=sent)
    assert (got.status_code, got.json()) == (200, (await only.post(token, by_id(document))).json())
    refused = await only.http.get("/graphql", params=by_id(WHO), headers=sent)
    assert (refused.status_code, code(refused)) == (405, "METHOD_NOT_ALLOWED")


async def test_a_document_is_looked_up_once_and_not_for_each_request(only: Hub) -> None:
    token = await mia(only)
    await registered(only, WHO)
    with looked_up(only) as found:
        for _ in range(5):
            assert (await only.post(token, by_id(WHO))).status_code == 200
            assert (await only.post(token, {"query": WHO})).status_code == 200
    assert len(found) == 1


async def test_a_document_removed_by_another_process_is_refused_half_a_minute_later(
    hub: Hub, agency: World
) -> None:
    token, clock = await mia(hub), [1_000.0]
    hub.app.state.hub.trusted.clock = lambda: clock[0]
    await registered(hub, WHO)
    assert (await hub.post(token, by_id(WHO))).status_code == 200
    async with agency.engine.begin() as connection:
        assert await stored.remove(connection, APP, None) == [sha256_of(WHO)]
    clock[0] += REMEMBERED_S
    assert (await hub.post(token, by_id(WHO))).status_code == 200
    clock[0] += 0.1
    assert code(await hub.post(token, by_id(WHO))) == "DOCUMENT_NOT_FOUND"
    await registered(hub, WHO)
    assert (await hub.post(token, by_id(WHO))).status_code == 200


async def test_a_document_removed_through_this_process_is_refused_at_once(hub: Hub, agency: World) -> None:
    token, build = await mia(hub), await builder(hub)
    await registered(hub, WHO, CLIENT)
    assert (await hub.post(token, by_id(WHO))).status_code == 200
    identifier = by_id(WHO)["documentId"]
    response = await hub.ask(build, REMOVE, ids=[identifier, "sha256:unknown", "\0"])
    assert response.json()["data"]["documentRemove"] == {"documents": [{"id": identifier}], "problems": []}
    assert code(await hub.post(token, by_id(WHO))) == "DOCUMENT_NOT_FOUND"
    left = await hub.ask(build, "{ documents { id } }")
    assert left.json()["data"]["documents"] == [{"id": by_id(CLIENT)["documentId"]}]


async def test_a_token_registers_for_no_application_but_its_own_whoever_holds_it(
    settings: Settings, agency: World
) -> None:
    """Whom an operator named for an application registers for it at the hub's pages; their tokens do not."""
    named = (f"{APP}={DEMO_ISSUER}#build",)
    async with running(settings.model_copy(update={"applications": named}), agency) as hub:
        register = REGISTER.replace("$documents: [String!]!", "$documents: [String!]!, $for: String").replace(
            "documents: $documents", "documents: $documents, application: $for"
        )
        await hub.joins("build", "A", Role.INTEGRATOR)
        await hub.joins("else", "A", Role.INTEGRATOR)
        answers = {}
        for subject, application in (("build", "other-app"), ("else", CLIENT_ID), ("build", CLIENT_ID)):
            token = hub.token(subject, client_id=application)
            answer = (await hub.ask(token, register, documents=[WHO], **{"for": APP})).json()
            who = (await hub.ask(token, "{ viewer { applications } }")).json()["data"]["viewer"]
            problems = answer["data"]["documentRegister"]["problems"]
            answers[subject, application] = ([one["code"] for one in problems], who["applications"])
        assert answers == {
            ("build", "other-app"): (["FORBIDDEN"], ["other-app"]),
            ("else", CLIENT_ID): (["FORBIDDEN"], [CLIENT_ID]),
            ("build", CLIENT_ID): ([], [CLIENT_ID, APP]),
        }
        listing = "query($for: String) { documents(application: $for) { text } }"
        others = await hub.ask(hub.token("build", client_id="other-app"), listing, **{"for": APP})
        assert others.json()["data"]["documents"] == []


async def test_nobody_removes_or_reads_the_documents_of_another_application(hub: Hub, agency: World) -> None:
    await registered(hub, WHO, application="another-app")
    build = await builder(hub)
    assert (await hub.ask(build, "{ documents { text } }")).json()["data"]["documents"] == []
    await hub.ask(build, REMOVE, ids=[by_id(WHO)["documentId"]])
    assert await kept(hub) == 1


async def test_a_document_that_does_not_fit_is_a_problem_and_none_of_them_is_kept(
    hub: Hub, agency: World
) -> None:
    texts = [WHO, "{ nothingLikeThat }", "{", '{ projects(coc: "\0") { edges { cursor } } }']
    told = (await hub.ask(await builder(hub), REGISTER, documents=texts)).json()["data"]["documentRegister"]
    assert told["documents"] == []
    assert [(one["code"], one["path"]) for one in told["problems"]] == [
        ("INVALID", ["documents", "1"]),
        ("INVALID", ["documents", "2"]),
        ("INVALID", ["documents", "3"]),
    ]
    assert await kept(hub) == 0


async def test_documents_are_registered_by_integrators_with_the_scope_alone(hub: Hub, agency: World) -> None:
    narrow = await builder(hub, scopes=frozenset({Scope.PROJECTS_READ}))
    for token in (await mia(hub), narrow, hub.token("stranger", client_id=APP)):
        told = (await hub.ask(token, REGISTER, documents=[WHO])).json()["data"]["documentRegister"]
        assert [one["code"] for one in told["problems"]] == ["FORBIDDEN"]
        gone = (await hub.ask(token, REMOVE, ids=["a"])).json()["data"]["documentRemove"]
        assert [one["code"] for one in gone["problems"]] == ["FORBIDDEN"]
        assert (await hub.ask(token, "{ documents { id } }")).json()["data"]["documents"] == []
    assert await kept(hub) == 0


async def test_an_application_has_no_end_of_documents_neither_at_once_nor_in_all(
    hub: Hub, agency: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    build, texts = await builder(hub), [f"query Q{number} {{ __typename }}" for number in range(AT_ONCE + 1)]
    told = (await hub.ask(build, REGISTER, documents=texts)).json()["data"]["documentRegister"]
    assert [one["code"] for one in told["problems"]] == ["INVALID"]
    monkeypatch.setattr(stored, "MOST", 2)
    await hub.ask(build, REGISTER, documents=texts[:2])
    told = (await hub.ask(build, REGISTER, documents=texts[2:3])).json()["data"]["documentRegister"]
    assert ([one["code"] for one in told["problems"]], await kept(hub)) == (["TOO_MANY"], 2)
    assert (await hub.ask(build, REGISTER, documents=texts[:2])).json()["data"]["documentRegister"][
        "problems"
    ] == []


async def test_memory_is_bounded_and_forgets_what_was_longest_not_asked_for(
    hub: Hub, agency: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.trusted._MOST_CHARACTERS", 2 * len(WHO))
    token, other = await mia(hub), WHO.replace("Who", "Wer")
    third = WHO.replace("Who", "Qui")
    await registered(hub, WHO, other, third)
    for text in (WHO, other, WHO, third):
        await hub.post(token, by_id(text))
    with looked_up(hub) as found:
        await hub.post(token, by_id(WHO))
        await hub.post(token, by_id(third))
        assert found == []
        assert (await hub.post(token, by_id(other))).status_code == 200
    assert len(found) == 1


def test_a_subject_of_another_issuer_is_somebody_else() -> None:
    def claims(issuer: str) -> Claims:
        return Claims(issuer, "ada", APP, "1", datetime(2026, 6, 30, tzinfo=UTC), frozenset())

    free = FreeText(everybody=False, people=frozenset({("https://one.example", "ada")}))
    assert free.allowed(claims("https://one.example"))
    assert not free.allowed(claims("https://other.example"))
