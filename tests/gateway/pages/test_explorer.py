"""The explorer: what it runs, for whom, and what it never does."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from sqlalchemy import event, func, select

import gateway
from auth.demo_issuer import DemoIssuer
from auth.sessions import CLIENT_ID, Session
from auth.viewer import SCOPES, Role
from gateway.pages.examples import TITLES, beginning_at, written
from gateway.pages.explorer import MOST_SHOWN
from gateway.pages.reference import QUESTION, reference
from gateway.settings import DEMO_ISSUER
from gateway.trusted import FreeText
from hmis.documents import sha256_of
from hmis.tables import audit_event, consent_grant, trusted_document
from schema.build import schema
from tests.gateway.pages.conftest import Desk

PROFILE = """query Profile($id: ID!) {
  client(id: $id) { id name { first last } birth { date } enrollments { nodes { id entryDate } } }
}
"""
PROJECTS = "query Projects { projects(first: 50) { nodes { name } } }"
GRANT = """mutation Grant($client: ID!) {
  consentGrant(input: {
    client: $client, categories: [NAME], purposes: [CARE_COORDINATION], start: "2026-06-30", method: "VERBAL",
    recipients: {source: "demo", organizations: ["7"]}
  }) { grant { id } problems { code message } }
}"""


async def send(desk: Desk, session: Session, do: str, document: str, **more: str) -> httpx.Response:
    """What the form sends. Browsers end lines with CR and LF."""
    fields = {"csrf": session.csrf, "do": do, "document": document.replace("\n", "\r\n"), **more}
    async with desk.http(session) as client:
        return await client.post("/explorer", data=fields)


async def as_application(desk: Desk, session: Session, role: Role, body: dict[str, Any]) -> httpx.Response:
    """The same person with a token of the same application."""
    assert session.who is not None
    token = DemoIssuer.open(desk.hub.settings.home, DEMO_ISSUER).mint(
        subject=session.who.subject,
        audience=desk.hub.settings.audience,
        lifetime=timedelta(minutes=5),
        now=desk.clock(),
        client_id=CLIENT_ID,
        scopes=SCOPES[role],
    )
    headers = {"Authorization": f"Bearer {token}", "GraphQL-Cost": "report"}
    async with httpx.AsyncClient(base_url=desk.address, headers=headers) as client:
        return await client.post("/graphql", json=body)


async def community(desk: Desk) -> dict[str, str]:
    """Two agencies, and somebody at one of them who agreed to nothing. By name, the hub id of each person."""
    world = desk.world
    await world.organization("6")
    await world.organization("7")
    person = await world.client("c1", first_name="Ann", last_name="<img src=x onerror=alert(1)>")
    await world.stay("s1", "c1", "6-p")
    return {"c1": str(person)}


@pytest.mark.parametrize("role", [Role.CASE_MANAGER, Role.DASHBOARD, Role.INTEGRATOR, Role.PRIVACY_OFFICER])
@pytest.mark.parametrize("agency", ["6", "7"])
async def test_an_answer_is_the_one_that_an_application_gets(desk: Desk, agency: str, role: Role) -> None:
    people = await community(desk)
    session = await desk.session(agency, role)
    variables = {"id": people["c1"]}
    for document, given in (
        (PROFILE, variables),
        (PROJECTS, {}),
        ("{ measures { name } }", {}),
        ("{ no }", {}),
    ):
        here = await send(desk, session, "download", document, variables=orjson.dumps(given).decode())
        there = await as_application(desk, session, role, {"query": document, "variables": given})
        assert here.content == there.content, document


async def test_a_look_at_somebody_is_in_the_audit_as_anywhere(desk: Desk) -> None:
    people = await community(desk)
    session = await desk.session("6")
    answer = await send(desk, session, "run", PROFILE, variables=f'{{"id": "{people["c1"]}"}}')
    assert "Ann" in answer.text
    async with desk.world.engine.connect() as connection:
        noted = (await connection.execute(select(audit_event))).mappings().one()
    assert (noted["application"], noted["operation_name"]) == (CLIENT_ID, "Profile")
    assert noted["operation_sha256"] == sha256_of(PROFILE)  # as it was typed, without the CR of the browser


async def test_checking_prices_and_plans_and_reads_nobody(desk: Desk) -> None:
    people = await community(desk)
    session = await desk.session("6")
    answer = await send(desk, session, "check", PROFILE, variables=f'{{"id": "{people["c1"]}"}}')
    assert "The document is valid. Nothing was run." in answer.text
    assert "client.enrollments" in answer.text
    assert "Ann" not in answer.text
    async with desk.world.engine.connect() as connection:
        assert await connection.scalar(select(func.count()).select_from(audit_event)) == 0
    statement = await send(desk, session, "statement", PROFILE, variables='{"id": "x"}')
    assert statement.text.startswith("WITH")
    assert people["c1"] not in statement.text


async def test_the_statement_that_is_told_is_the_one_that_is_sent(desk: Desk) -> None:
    people = await community(desk)
    session = await desk.session("6")
    variables = f'{{"id": "{people["c1"]}"}}'
    told = await send(desk, session, "statement", PROFILE, variables=variables)
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    await send(desk, session, "run", PROFILE, variables=variables)  # who asks is known from here on
    event.listen(desk.hub.reader.engine.sync_engine, "before_cursor_execute", note)
    assert "Ann" in (await send(desk, session, "run", PROFILE, variables=variables)).text
    event.remove(desk.hub.reader.engine.sync_engine, "before_cursor_execute", note)
    assert told.text in sent


async def test_what_changes_something_wants_a_fresh_proof_and_is_done_once_and_audited(desk: Desk) -> None:
    people = await community(desk)
    session = await desk.session("6")
    variables = f'{{"client": "{people["c1"]}"}}'
    desk.clock.now += timedelta(minutes=6)
    stale = await send(desk, session, "run", GRANT, variables=variables)
    assert (stale.status_code, await _grants(desk)) == (403, 0)
    assert "Nothing was changed" in stale.text
    desk.clock.now -= timedelta(minutes=6)
    done = await send(desk, session, "run", GRANT, variables=variables)
    assert "It changes something" in done.text
    assert await _grants(desk) == 1
    async with desk.world.engine.connect() as connection:
        names = (await connection.scalars(select(audit_event.c.operation_name))).all()
    assert list(names) == ["Grant"]


async def _grants(desk: Desk) -> int:
    async with desk.world.engine.connect() as connection:
        return await connection.scalar(select(func.count()).select_from(consent_grant)) or 0


async def test_an_answer_is_carried_away_with_a_fresh_proof_alone(desk: Desk) -> None:
    await community(desk)
    session = await desk.session("6", Role.INTEGRATOR)
    desk.clock.now += timedelta(minutes=14)
    assert (await send(desk, session, "download", PROJECTS)).headers["content-disposition"]
    desk.clock.now += timedelta(minutes=2)
    assert (await send(desk, session, "download", PROJECTS)).status_code == 403
    assert "Agency" not in (await send(desk, session, "download", PROJECTS)).text.partition("<main")[2]


async def test_a_form_that_is_not_ours_runs_and_registers_nothing(desk: Desk) -> None:
    people = await community(desk)
    session = await desk.session("6")
    for do in ("run", "register", "download", "check"):
        for more in ({"csrf": "x"}, {"csrf": ""}):
            answer = await send(desk, session, do, GRANT, variables=f'{{"client": "{people["c1"]}"}}', **more)
            assert answer.status_code == 403
    async with desk.http(session) as client:
        assert (await client.post("/explorer/documents", data={"id": "x"})).status_code == 403
    assert await _grants(desk) == 0


async def test_what_the_community_wrote_stands_in_the_page_as_text(desk: Desk) -> None:
    people = await community(desk)
    await desk.world.project("p9", "6", project_name="</pre><script>alert(1)</script>")
    session = await desk.session("6")
    for document, variables in ((PROFILE, {"id": people["c1"]}), (PROJECTS, {})):
        answer = await send(desk, session, "run", document, variables=orjson.dumps(variables).decode())
        assert "alert(1)" in answer.text
        assert "<script>alert" not in answer.text
        assert "<img src=x" not in answer.text
    hostile = (
        '# </textarea><script>alert(2)</script>\n{ viewer { role(a: "</pre><script>alert(3)</script>") } }'
    )
    answer = await send(
        desk, session, "run", hostile, variables='{"</textarea><script>": 1}', operation='"><script>'
    )
    assert not re.search(r"<script>", answer.text)


async def test_an_error_says_its_line_and_column_and_shows_the_word(desk: Desk) -> None:
    await community(desk)
    session = await desk.session("6", Role.INTEGRATOR)
    for do in ("run", "check"):
        answer = await send(desk, session, do, "query Q {\n  projects { nodes { nam } }\n}")
        assert "Line 2, column 22" in answer.text
        assert "{ <mark>nam</mark> }" in answer.text
    answer = await send(desk, session, "check", "query A { __typename } query B { __typename }")
    assert "Which operation is meant" in answer.text
    answer = await send(desk, session, "check", PROFILE)
    assert "BAD_USER_INPUT" in answer.text
    answer = await send(desk, session, "run", "query {", variables="{")
    assert "This is not JSON: see line 1, column" in answer.text
    answer = await send(desk, session, "run", PROJECTS, variables="[1]")
    assert "Variables are an object" in answer.text
    answer = await send(desk, session, "run", " ")
    assert "Write a document first" in answer.text


@pytest.mark.parametrize("more_settings", [{"max_cost": 40}])
async def test_limits_are_those_of_everybody(desk: Desk) -> None:
    await community(desk)
    session = await desk.session("6", Role.INTEGRATOR)
    for do in ("run", "check"):
        assert "COST_TOO_HIGH" in (await send(desk, session, do, PROJECTS)).text
    too_large = await send(
        desk, session, "run", PROJECTS, variables=" " * desk.hub.settings.max_request_bytes
    )
    assert too_large.status_code == 413


@pytest.mark.parametrize("more_settings", [{"cost_per_minute": 200}])
async def test_a_budget_is_spent_here_too_and_checking_costs_what_a_refusal_does(desk: Desk) -> None:
    await community(desk)
    session = await desk.session("6", Role.INTEGRATOR)
    answers = [(await send(desk, session, "check", "{ viewer { role } }")).text for _ in range(5)]
    assert ["RATE_LIMITED" in answer for answer in answers] == [False] * 3 + [True] * 2
    assert "RATE_LIMITED" in (await send(desk, session, "run", PROJECTS)).text


async def test_a_long_answer_is_cut_and_said_to_be(desk: Desk) -> None:
    await community(desk)
    for number in range(100):
        await desk.world.project(f"long-{number}", "6", project_name=f"{number} " + "x" * 400)
    session = await desk.session("6", Role.INTEGRATOR)
    answer = await send(desk, session, "run", PROJECTS.replace("50", "100"))
    assert "characters are left out here" in answer.text
    folder = Path(gateway.__file__).parent / "pages" / "static"
    around = [folder / name for name in ("hub.css", "hub.svg", "explorer.css", "explorer.js", "graphql.js")]
    assert MOST_SHOWN < len(answer.content) < 100_000 - sum(path.stat().st_size for path in around)


async def test_a_hub_that_takes_registered_documents_alone_does_so_here_too(desk: Desk) -> None:
    await community(desk)
    desk.hub.trusted.free_text = FreeText(everybody=False)
    session = await desk.session("6", Role.INTEGRATOR)
    async with desk.http(session) as client:
        assert "This hub takes registered documents alone" in (await client.get("/explorer")).text
    refused = await send(desk, session, "run", PROJECTS)
    assert "DOCUMENT_NOT_TRUSTED" in refused.text
    assert "Agency" not in refused.text.partition('id="outcome"')[2]
    assert "It is registered" in (await send(desk, session, "register", PROJECTS)).text
    assert "Project 6-p" in (await send(desk, session, "run", PROJECTS)).text


async def test_free_text_by_scope_is_for_those_whose_role_has_the_scope(desk: Desk) -> None:
    """Sessions hold every scope; that must let nobody send what their tokens could not."""
    await community(desk)
    desk.hub.trusted.free_text = FreeText(everybody=False, scopes=frozenset({"documents.write"}))
    for role, is_free in ((Role.INTEGRATOR, True), (Role.CASE_MANAGER, False)):
        answer = await send(desk, await desk.session("6", role), "run", PROJECTS)
        assert ("Project 6-p" in answer.text, "DOCUMENT_NOT_TRUSTED" in answer.text) == (is_free, not is_free)


async def test_a_document_is_registered_for_an_application_one_was_named_for_and_no_other(desk: Desk) -> None:
    await community(desk)
    session = await desk.session("6", Role.INTEGRATOR)
    assert session.who is not None
    desk.hub.trusted.named = {(DEMO_ISSUER, session.who.subject): ["intake-app"]}
    done = await send(
        desk, session, "register", PROFILE, application="intake-app", variables='{"id": "secret"}'
    )
    identifier = f"sha256:{sha256_of(PROFILE)}"
    assert identifier in done.text
    line = html.unescape(re.findall(r">(curl .*?)</pre>", done.text)[0])
    assert f'-d \'{{"documentId":"{identifier}","variables":{{"id":null}}}}\'' in line
    refused = await send(desk, session, "register", PROJECTS, application="other-app")
    assert "It was not registered" in refused.text
    async with desk.world.engine.connect() as connection:
        rows = (await connection.execute(select(trusted_document))).mappings().all()
    assert [(row["client_id"], row["text"]) for row in rows] == [("intake-app", PROFILE)]

    async with desk.http(session) as client:
        listed = await client.get("/explorer/documents?application=intake-app")
        others = await client.get("/explorer/documents?application=other-app")
        fields = {"csrf": session.csrf, "id": identifier}
        opened = await client.post("/explorer", data={**fields, "do": "open", "application": "intake-app"})
        kept = await client.post("/explorer/documents", data={**fields, "application": "other-app"})
        gone = await client.post("/explorer/documents", data={**fields, "application": "intake-app"})
    assert identifier in listed.text
    assert identifier not in others.text
    assert html.escape("query Profile($id: ID!)") in opened.text
    assert "It is removed" not in kept.text
    assert "It is removed" in gone.text
    assert identifier not in gone.text


async def test_who_is_no_integrator_registers_nothing(desk: Desk) -> None:
    await community(desk)
    session = await desk.session("6")
    answer = await send(desk, session, "register", PROJECTS)
    assert "It was not registered" in answer.text
    async with desk.http(session) as client:
        assert "your role registers none" in (await client.get("/explorer/documents")).text


async def test_examples_and_beginnings_are_there_by_name(desk: Desk) -> None:
    await community(desk)
    async with desk.http(await desk.session("6", Role.INTEGRATOR)) as client:
        assert "query Measures" in (await client.get("/explorer?example=measures")).text
        assert "query Clients" in (await client.get("/explorer?field=clients")).text
        unknown = await client.get("/explorer", params={"field": "<script>", "example": "<script>"})
    assert "query Integrator" in unknown.text
    assert "<script>" not in unknown.text


async def test_every_example_and_every_beginning_of_a_question_runs(desk: Desk) -> None:
    await community(desk)
    known = reference(schema)
    begun = [beginning_at(one, known) for one in known.of_kind(QUESTION)]
    for role in (Role.INTEGRATOR, Role.CASE_MANAGER, Role.PRIVACY_OFFICER):
        session = await desk.session("6", role)
        for one in [*map(written, TITLES), *begun]:
            answer = await send(desk, session, "download", one.document, variables=one.variables)
            assert answer.json().keys() >= {"data"}, (role, one.title)
            assert "errors" not in answer.json(), (role, one.title, answer.text)
