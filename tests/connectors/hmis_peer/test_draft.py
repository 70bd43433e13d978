"""The stand-in and the connector against HUD's draft itself, which is pinned by its hash."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.routing import Route

from connectors.hmis_peer import client
from connectors.hmis_peer.kit import CREDENTIALS, community
from connectors.hmis_peer.standin import application, basic
from connectors.kit.recording import running
from tests.connectors.hmis_peer.draft import Draft

SAID = {"FirstName": "Ada", "LastName": "Sample", "DOB": "1984-02-29"}
QUESTIONS: list[tuple[str, str, str, Any, int]] = [
    ("POST", "/client/search", "/client/search", SAID, 200),
    ("POST", "/client/search", "/client/search", {"LastName": "Sam"}, 200),
    ("POST", "/client/search", "/client/search", {"PersonalID": "nobody"}, 404),
    ("POST", "/client/search", "/client/search", {}, 400),
    ("POST", "/client", "/client", {"FirstName": "Cleo", "NameDataQuality": 1}, 200),
    ("POST", "/client", "/client", {"DOB": "1990-01-01"}, 400),
    ("PATCH", "/client/{PersonalID}", "/client/H-1", {"MiddleName": "B"}, 200),
    ("PATCH", "/client/{PersonalID}", "/client/H-1", {"PersonalID": "H-2"}, 400),
    ("PATCH", "/client/{PersonalID}", "/client/nobody", {"MiddleName": "B"}, 404),
    ("GET", "/project/{ProjectID}/clients", "/project/P1/clients?EntryDate=2025-01-01", None, 200),
    ("GET", "/project/{ProjectID}/clients", "/project/none/clients", None, 404),
    ("GET", "/client/{PersonalID}/enrollments", "/client/H-1/enrollments?projectID=P1", None, 200),
    ("GET", "/client/{PersonalID}/enrollments", "/client/nobody/enrollments", None, 404),
    ("GET", "/projects", "/projects?Funder=2&ProjectType=1&CocCode=MA-500", None, 200),
    ("GET", "/projects", "/projects?Funder=two", None, 400),
    ("GET", "/clients", "/clients?Funder=2&EntryDate=2025-01-01", None, 200),
    ("GET", "/clients", "/clients?ProjectType=two", None, 400),
    ("GET", "/csvexport", "/csvexport", None, 200),
    ("GET", "/csvexport", "/csvexport?PersonalID=H-1&changedSince=2026-01-01T00:00:00", None, 200),
]


@pytest.fixture
def draft_file(reference: Any) -> Path:
    found: Path = reference("hud-hmis-api") / client.DRAFT
    return found


@pytest.fixture
def draft(draft_file: Path) -> Draft:
    return Draft(draft_file)


@pytest.fixture
async def peer() -> AsyncIterator[httpx.AsyncClient]:
    """The stand-in over real HTTP, let in."""
    async with running(application(community(), CREDENTIALS)) as address:
        headers = {"Authorization": f"Basic {basic(CREDENTIALS)}"}
        async with httpx.AsyncClient(base_url=address, headers=headers, trust_env=False) as http:
            yield http


def test_the_draft_is_the_one_this_was_written_against(draft_file: Path) -> None:
    assert hashlib.sha256(draft_file.read_bytes()).hexdigest() == client.DRAFT_SHA256


def test_the_stand_in_serves_all_eight_operations_and_nothing_else(draft: Draft) -> None:
    served = {
        (method, route.path)
        for route in application({}).routes
        if isinstance(route, Route) and route.path != "/healthz"
        for method in (route.methods or set()) - {"HEAD"}
    }

    assert len(draft.operations) == 8
    assert served == draft.operations
    assert {(method, path) for method, path, *_ in QUESTIONS} == served


@pytest.mark.parametrize(("method", "path", "asked", "body", "status"), QUESTIONS)
async def test_its_answers_are_what_the_draft_declares(
    draft: Draft, peer: httpx.AsyncClient, method: str, path: str, asked: str, body: Any, status: int
) -> None:
    answer = await peer.request(method, asked, json=body)

    assert answer.status_code == status
    assert draft.faults(method, path, status, answer.json()) == []
    assert set(httpx.URL(asked).params) <= draft.parameters(method, path)


async def test_the_judge_tells_what_the_draft_does_not_declare(draft: Draft) -> None:
    stays = "/client/{PersonalID}/enrollments"
    wrong = {"EntryDate": "yesterday", "EnrollmentCoC": "500", "ProjectID": 1, "Destination": 410}

    assert draft.faults("GET", stays, 200, {"enrollments": [wrong]}) == [
        "answer.enrollments[].EntryDate is no date",
        "answer.enrollments[].EnrollmentCoC is not of its pattern",
        "answer.enrollments[].ProjectID is no string",
        "answer.enrollments[].Destination is not declared",
    ]
    assert draft.faults("GET", "/csvexport", 200, {"Organization.csv": [{"VictimServiceProvider": 7}]})
    assert draft.faults("GET", stays, 418, {}) == ["418 is not declared"]


async def test_nobody_gets_in_without_the_password() -> None:
    async with (
        running(application(community(), CREDENTIALS)) as address,
        httpx.AsyncClient(base_url=address, trust_env=False) as http,
    ):
        answers = [await http.request(one[0], one[2], json=one[3]) for one in QUESTIONS]

    assert {answer.status_code for answer in answers} == {401}


def test_what_the_hub_asks_is_declared(draft: Draft) -> None:
    asked = {
        ("POST", client.SEARCH),
        ("GET", client.STAYS),
        ("GET", client.EXPORT),
        ("GET", client.PROJECTS),
    }

    assert asked <= draft.operations
    assert draft.body_faults("POST", client.SEARCH, SAID) == []
    assert "EntryDate" in draft.parameters("GET", client.EXPORT)
