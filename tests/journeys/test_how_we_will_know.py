"""Somebody of another agency asks in every way there is, and cannot tell Ada from one who does not exist.

Then A records what Ada agreed to, and B is told exactly that; then A revokes it, and on the next request, on
another worker, B is told again what is told of nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import event, text

from auth.viewer import Role
from gateway.settings import Settings
from resolvers import pages
from tests.journeys.asking import ABOUT_NOBODY, About, Question, arguments, every_question
from tests.journeys.conftest import Hub, running
from tests.schema.samples import values, whole_life
from tests.schema.test_whole_life import CLIENT as EVERYTHING_OF_A_CLIENT
from tests.telling import Line, lines
from tests.worlds import NOW

_HERE = Path(__file__).parent
CONTRACT = {name: (_HERE / f"{name}.graphql").read_text() for name in ("profile", "find", "consent")}
_TEN = " ".join(f"a{number}: client(id: $id) {{ ...Facts }}" for number in range(10))
BY_HAND = {
    "a fragment": """query($id: ID!) { __typename client(id: $id) { ...Facts
      ... on Client { __typename sex } } }
      fragment Facts on Client { __typename id name { ... on Name { last } } }""",
    "an alias ten times": f"query($id: ID!) {{ {_TEN} }} fragment Facts on Client {{ id name {{ last }} }}",
    "skipped and included": """query($id: ID!) { client(id: $id) {
      name @include(if: true) { last } birth @skip(if: true) { date } } }""",
    "everything": EVERYTHING_OF_A_CLIENT,
    "a walk through the household": """query($id: ID!) { client(id: $id) { enrollments { nodes { household {
      id members { entryDate client { id enrollments { nodes { household { members { client { id
      name { last } } } } } } } } } } } } }""",
    "a walk from the search": """query($source: String!, $value: String!) {
      clients(where: {identifier: {source: $source, value: $value}}) { nodes { enrollments { edges { cursor
      node { project { id name } client { id grants { id } disclosures { at agency } access { basis } } } } }
      } pageInfo { hasNextPage endCursor } } }""",
    "behind them in the list": """query($behind: String) {
      clients(where: {}, after: $behind) { nodes { id } } }""",
    "together with somebody else": """query($id: ID!, $own: ID!) { hers: client(id: $id) { id }
      own: client(id: $own) { id name { last } } }""",
    "the contract's profile": CONTRACT["profile"],
    "the contract's search": CONTRACT["find"],
}
STEPS_OVER = "behind them in the list"
"""The one question by hand that speaks of whoever comes after her."""


@dataclass(frozen=True)
class Said:
    """One answer: what the caller gets, what it cost, and what the audit says of people."""

    content: bytes
    headers: tuple[tuple[str, str], ...]
    statements: int
    audited: tuple[tuple[bool, Line], ...]
    """Whether the line is about whom was asked for, and the line."""


@dataclass(frozen=True)
class Way:
    """One way of asking about somebody."""

    name: str
    document: str
    places: dict[str, tuple[str, ...]] = field(default_factory=dict)
    operation: str | None = None

    def variables(self, one: About, own: str) -> dict[str, Any]:
        if self.places:
            return dict(Question(self.document, self.places).about(one))
        return {
            "id": one.client,
            "own": own,
            "behind": one.cursor,
            "source": one.source,
            "value": one.identifier,
            "where": {"identifier": {"source": one.source, "value": one.identifier}},
            "reason": "asked to",
            "input": release(one.client),
            **({"id": one.grant} if self.operation == "Revoke" else {}),
        }

    @property
    def opens(self) -> bool:
        """Whether the answer is another one once B may know that Ada is there and what she is called."""
        if not self.places:
            return self.operation is None and self.name != STEPS_OVER
        names = {name for path in self.places.values() for name in path}
        if "client" in {path[0] for path in self.places.values()}:
            return True
        searched = names & {"identifier", "firstName", "lastName"}
        return bool(searched) and "clients" in names and not names & {"dateOfBirth", "ssnLastFour"}


def release(client: str) -> dict[str, Any]:
    return {
        "client": client,
        "effect": "PERMIT",
        "categories": ["EXISTENCE", "NAME", "ENROLLMENT", "HOUSEHOLD"],
        "labels": [],
        "recipients": {"organizations": ["B"], "source": "demo"},
        "purposes": ["CARE_COORDINATION", "OPERATIONS"],
        "start": "2026-01-01",
        "end": None,
        "method": "WRITTEN",
        "evidence": "sha256:00",
    }


def ways(questions: list[Question]) -> list[Way]:
    """The schema's own ways that name anybody or what is theirs, and those that people write."""
    naming = [one for one in questions if {path[0] for path in one.places.values()} - ABOUT_NOBODY]
    found = [Way(one.document, one.document, dict(one.places)) for one in naming]
    found += [Way(name, document) for name, document in BY_HAND.items()]
    return [*found, *(Way(name, CONTRACT["consent"], operation=name) for name in ("Grant", "Revoke"))]


_ASKING = ContextVar("_ASKING", default=False)
"""True in the task that asks and in those that it begins: not in what the hub does beside."""


@dataclass
class Community:
    """Ada, with whom A has all there is to have, and her counterpart, who does not exist."""

    hub: Hub
    own: str
    ada: About
    nobody: About

    async def says(self, subject: str, way: Way, one: About, hub: Hub | None = None) -> Said:
        """What a worker of the hub answers somebody."""
        hub = hub or self.hub
        body = {
            "query": way.document,
            "variables": way.variables(one, self.own),
            "operationName": way.operation,
        }
        token = hub.token(subject)
        await hub.ask(token, "{ viewer { role } }")  # a worker takes one statement more for who is new to it
        with counted(hub) as statements:
            response = await hub.post(token, body)
        audited = await self._audited(response, one.client)
        return Said(response.content, _same(response), len(statements), audited)

    async def _audited(self, response: httpx.Response, client: str) -> tuple[tuple[bool, Line], ...]:
        written = text("select id from audit_event where request_id = :id")
        async with self.hub.world.engine.connect() as connection:
            known = {"id": response.headers["x-request-id"]}
            [number] = (await connection.scalars(written, known)).all()
        told = await lines(self.hub.world.engine, number)
        return tuple((str(person) == client, line) for person, line in told.items())


def _same(response: httpx.Response) -> tuple[tuple[str, str], ...]:
    """The headers, but for the id of the request and the date."""
    own = ("x-request-id", "date")
    return tuple((name, value) for name, value in response.headers.items() if name not in own)


@contextmanager
def counted(hub: Hub) -> Iterator[list[str]]:
    """The statements of a hub in between, without those of its background work."""
    seen: list[str] = []
    mine = _ASKING.set(True)

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if _ASKING.get():
            seen.append(statement)

    engines = [hub.app.state.hub.writer.sync_engine, hub.app.state.hub.reader.engine.sync_engine]
    for one in engines:
        event.listen(one, "before_cursor_execute", note)
    yield seen
    for one in engines:
        event.remove(one, "before_cursor_execute", note)
    _ASKING.reset(mine)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Nothing is sealed beside the questions, so that what a question costs can be counted."""
    return settings.model_copy(update={"seal_every_s": 3_600.0})


@pytest.fixture
async def community(hub: Hub) -> Community:
    """A, where Ada has a life with papers; B, with somebody of its own and three who ask."""
    world = hub.world
    ada = await whole_life(world)
    await world.organization("B")
    own = await world.client("own", last_name="Own")
    await world.stay("own-stay", "own", "B-p")
    for subject, agency, role in (
        ("ann", "A", Role.CASE_MANAGER),
        ("ava", "A", Role.PRIVACY_OFFICER),
        ("mia", "B", Role.CASE_MANAGER),
        ("noa", "B", Role.PRIVACY_OFFICER),
    ):
        await hub.joins(subject, agency, role)
    guardian = await world.guardian("ada")
    form, facts = uuid4(), values("Client")
    grant = await world.grant("ada", "A", guardian=guardian, form=form)
    opening = await world.broken_glass("ada", world.viewer("A"))
    project = await world.project("A-z", "A")
    same = {"project": str(project), "subject": "mia", "source": "demo", "organization": "B"}
    known = About(
        client=str(ada),
        grant=str(grant),
        guardian=str(guardian),
        form=str(form),
        opening=str(opening),
        cursor=pages.encode(ada),
        identifier="ada",
        first=facts["first_name"],
        last=facts["last_name"],
        born=facts["dob"].isoformat(),
        last_four="6789",
        **same,
    )
    # Her neighbour in every order, so that both stand alike to everybody else.
    nobody = UUID(int=ada.int ^ 1)
    unknown = About(
        client=str(nobody),
        grant=str(uuid4()),
        guardian=str(uuid4()),
        form=str(uuid4()),
        opening=str(uuid4()),
        cursor=pages.encode(nobody),
        identifier="adb",
        first="Nobody",
        last="Nobody",
        born="1981-02-03",
        last_four="0001",
        **same,
    )
    return Community(hub, str(own), known, unknown)


@pytest.mark.parametrize("subject", ["mia", "noa"])
async def test_in_every_way_of_asking_she_is_as_absent_as_somebody_who_never_was(
    community: Community, subject: str
) -> None:
    """Byte for byte, header for header, and for as many statements; the audit tells them apart no more."""
    most = 0
    for way in ways(every_question() if subject == "mia" else arguments()):
        hidden = await community.says(subject, way, community.ada)
        unknown = await community.says(subject, way, community.nobody)
        assert hidden == unknown, way.name
        assert b"NOT_FOUND" in hidden.content or b"Client." not in hidden.content, way.name
        assert not any(line.disclosed for about_her, line in hidden.audited if about_her), way.name
        most = max(most, hidden.statements)
    assert most > 1  # they were counted


async def test_what_she_agreed_to_is_told_and_what_she_took_back_is_gone_on_every_worker(
    community: Community, settings: Settings
) -> None:
    hub, asked = community.hub, ways(every_question())
    before = [await community.says("mia", way, community.nobody) for way in asked]
    async with running(settings, hub.world) as other:
        grant = await _grant(community)
        for place, way in enumerate(asked):
            told = await community.says("mia", way, community.ada, (hub, other)[place % 2])
            assert (told.content != before[place].content) is way.opens, way.name
            if way.opens:
                assert [line.grants for about_her, line in told.audited if about_her] == [(UUID(grant),)]
        await _her_own_agency_sees_it_all(community, grant)
        revoked = await _change(community, "Revoke", id=grant, reason="she asked to")
        assert revoked["grant"]["id"] == grant
        for place, way in enumerate(asked):
            # The very first of these is the next request, and it goes to the other worker.
            gone = await community.says("mia", way, community.ada, (other, hub)[place % 2])
            assert gone == before[place], way.name


async def test_what_she_refused_is_gone_although_it_was_granted(
    community: Community, settings: Settings
) -> None:
    client = Way("client", "query($id: ID!) { client(id: $id) { id name { last } } }")
    absent = await community.says("mia", client, community.nobody)
    async with running(settings, community.hub.world) as other:
        await _grant(community)
        assert await community.says("mia", client, community.ada, other) != absent
        document = """mutation($id: ID!) { consentDeny(input: {client: $id, categories: [EXISTENCE],
          method: "VERBAL", recipients: {organizations: ["B"], source: "demo"}}) { problems { code } } }"""
        denied = await community.says("ann", Way("deny", document), community.ada)
        assert denied.content == b'{"data":{"consentDeny":{"problems":[]}}}'
        assert await community.says("mia", client, community.ada, other) == absent


async def test_who_opens_in_an_emergency_is_told_the_same_of_anybody(community: Community) -> None:
    """What is open then is read with the next question, and that is what an emergency is for."""
    document = """mutation($id: ID!) { breakGlassOpen(client: $id, reason: "brought in unconscious") {
      closesAt problems { code message path } } }"""
    told = []
    for client in (community.ada.client, community.nobody.client):
        with counted(community.hub) as statements:
            token = community.hub.token("mia", auth_time=NOW)
            response = await community.hub.ask(token, document, id=client)
        told.append((response.content, _same(response), statements))
        [(about_her, line)] = await community._audited(response, client)
        assert (about_her, line.exception, int(line.disclosed)) == (True, "BREAK_GLASS_ASKED", 0)
    assert told[0] == told[1]
    assert b'"problems":[]' in told[0][0]


async def _grant(community: Community) -> str:
    granted = await _change(community, "Grant", input=release(community.ada.client))
    identifier: str = granted["grant"]["id"]
    return identifier


async def _change(community: Community, operation: str, **variables: Any) -> dict[str, Any]:
    """Ann of A writes down what Ada said, with the contract's own document."""
    body = {"query": CONTRACT["consent"], "variables": variables, "operationName": operation}
    response = await community.hub.post(community.hub.token("ann"), body)
    [payload] = response.json()["data"].values()
    assert payload["problems"] == []
    changed: dict[str, Any] = payload
    return changed


async def _her_own_agency_sees_it_all(community: Community, grant: str) -> None:
    """A reads the grant and what B was told by it, and A's officer why Mia sees what she sees."""
    hub, ada = community.hub, community.ada.client
    papers = await hub.ask(
        hub.token("ann"),
        """query($id: ID!) { client(id: $id) { grants { id state }
          disclosures { agency purpose categories } } }""",
        id=ada,
    )
    client = papers.json()["data"]["client"]
    assert {"id": grant, "state": "ACTIVE"} in client["grants"]
    assert {"Agency B"} == {one["agency"] for one in client["disclosures"]}
    assert any("NAME" in one["categories"] for one in client["disclosures"])
    why = await hub.ask(
        hub.token("ava"),
        """query($id: ID!) { explainAccess(client: $id, viewer: {subject: "mia"}) {
          explanations { agency access { category granted basis grants } } } }""",
        id=ada,
    )
    [explained] = why.json()["data"]["explainAccess"]["explanations"]
    told = {one["category"]: (one["granted"], one["basis"], one["grants"]) for one in explained["access"]}
    assert (explained["agency"], told["NAME"]) == ("Agency B", (True, "GRANT", [grant]))
    assert told["DOB"] == (False, "NO_GRANT", [])
