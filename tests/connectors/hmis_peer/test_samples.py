"""The samples of a peer's answers, over real HTTP, give what they say they give."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.base import Person, Subject
from connectors.hmis_peer import client, mapping
from connectors.hmis_peer.api import PeerApi
from connectors.hmis_peer.client import HudApi
from connectors.hmis_peer.kit import api
from connectors.hmis_peer.mapping import Unreadable
from connectors.wire import Wire, answer
from hmis import labels
from hmis.errors import FailureCode, SourceFailed
from tests.connectors.hmis_peer.draft import Draft
from tests.connectors.partners import FOLDER, soon

SAMPLES = FOLDER / "hmis_peer" / "samples"
NAMES = ("search", "enrollments", "csvexport")
CASES = [
    (name, case)
    for name in NAMES
    for case in json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8")).values()
]
WHO = Person("Cleo", "Stone", date(1990, 5, 5))
STATUS = {200: "200 OK", 400: "400 Bad Request", 401: "401 Unauthorized", 404: "404 Not Found"}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


async def _search(source: PeerApi, _api: HudApi) -> Any:
    return [[one.value, one.score] for one in await source.find(Subject("p", person=WHO), soon())]


async def _enrollments(_source: PeerApi, asked: HudApi) -> Any:
    stays = mapping.stays(await asked.stays("C1001", soon()), "C1001")
    return [
        [_plain(value) for value in (one.project_id, one.coc_code, one.entry_date, one.exit_date)]
        for one in stays
    ]


async def _csvexport(_source: PeerApi, asked: HudApi) -> Any:
    found = mapping.projects(await asked.projects(date(2026, 3, 1), soon())).projects.values()
    return [
        [
            *(one.project_id, one.name, one.type, one.organization_name, one.coc_code),
            sorted(labels.names(one.labels)),
        ]
        for one in found
    ]


READ: dict[str, Callable[[PeerApi, HudApi], Awaitable[Any]]] = {
    "search": _search,
    "enrollments": _enrollments,
    "csvexport": _csvexport,
}


@pytest.mark.parametrize(("name", "case"), CASES)
async def test_a_sample_is_read_as_it_says(database: AsyncEngine, name: str, case: dict[str, Any]) -> None:
    wire = Wire(answer(json.dumps(case["body"]), STATUS[case["status"]]))
    async with wire.serving() as address:
        source = api(address, database)
        try:
            found = await READ[name](source, source._api)
        except SourceFailed as failed:
            found = failed.code.value
        except Unreadable:  # as the source says it
            found = FailureCode.BAD_DATA.value
        await source.aclose()

    assert found == case["expect"]
    if "asked" in case:
        assert json.loads(wire.requests[0].split(b"\r\n\r\n", 1)[1]) == case["asked"]


def test_every_sample_is_an_answer_that_the_draft_declares(reference: Any) -> None:
    draft = Draft(reference("hud-hmis-api") / client.DRAFT)
    operation = {
        "search": ("POST", client.SEARCH),
        "enrollments": ("GET", client.STAYS),
        "csvexport": ("GET", client.EXPORT),
    }
    for name, case in CASES:
        if case["status"] != 401:  # the draft declares the password and not what is said without it
            assert draft.faults(*operation[name], case["status"], case["body"]) == []
