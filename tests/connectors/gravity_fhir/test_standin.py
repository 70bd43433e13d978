"""The clinic on loopback is a FHIR server: it says what it can, keeps versions, and refuses in FHIR's way."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.base import Failed, Found
from connectors.desk import UNWELL
from connectors.gravity_fhir.kit import CLIENT, asks, condition, goal, patient, source_at, unproven
from connectors.gravity_fhir.standin import Server, score
from connectors.gravity_fhir.store import Store
from connectors.kit.recording import running
from connectors.runtime import Runtime
from connectors.standin import KINDS, Faulty, listen, parse_faults
from hmis.errors import FailureCode
from tests.connectors.partners import soon, started


async def _asked(store: Store, method: str, path: str, **more: Any) -> httpx.Response:
    async with running(Server(store).application()) as address, httpx.AsyncClient(base_url=address) as client:
        return await client.request(method, path, **more)


def _refused(response: httpx.Response) -> str:
    outcome = response.json()
    assert outcome["resourceType"] == "OperationOutcome"
    return str(outcome["issue"][0]["code"])


async def test_it_says_what_it_can_do() -> None:
    statement = (await _asked(Store(), "GET", "/metadata")).json()

    assert (statement["resourceType"], statement["fhirVersion"]) == ("CapabilityStatement", "4.0.1")
    kinds = {kind["type"]: kind for kind in statement["rest"][0]["resource"]}
    assert kinds["Patient"]["operation"][0]["name"] == "match"
    assert kinds["Task"]["versioning"] == "versioned-update"


async def test_a_search_is_a_form_in_a_body() -> None:
    store = Store([condition("c1", "p1"), condition("c2", "p2"), goal("g", "p1")])

    found = await _asked(store, "POST", "/Condition/_search", data={"patient": "p1"})

    assert [entry["resource"]["id"] for entry in found.json()["entry"]] == ["c1"]


async def test_a_question_in_an_address_is_refused() -> None:
    refused = await _asked(Store([patient()]), "GET", "/Patient/p1?family=Sample")

    assert (refused.status_code, _refused(refused)) == (400, "not-supported")


async def test_what_is_not_there_is_not_found() -> None:
    refused = await _asked(Store(), "GET", "/Task/gone")

    assert (refused.status_code, _refused(refused)) == (404, "not-found")


async def test_a_parameter_that_it_does_not_know_is_refused() -> None:
    """A server that ignored it would answer with everybody's."""
    refused = await _asked(Store(), "POST", "/Condition/_search", data={"onset-age": "3"})

    assert (refused.status_code, _refused(refused)) == (400, "not-supported")


async def test_an_update_of_another_version_is_refused_and_changes_nothing() -> None:
    store = Store([goal("g")])
    changed = goal("g", lifecycleStatus="completed")

    refused = await _asked(store, "PUT", "/Goal/g", json=changed, headers={"If-Match": 'W/"7"'})
    done = await _asked(store, "PUT", "/Goal/g", json=changed, headers={"If-Match": 'W/"1"'})

    assert (refused.status_code, _refused(refused)) == (412, "conflict")
    assert (done.status_code, done.headers["ETag"]) == (200, 'W/"2"')
    assert store.get("Goal/g")["lifecycleStatus"] == "completed"


async def test_created_only_if_none_exists() -> None:
    store = Store()
    one = {**goal("x"), "identifier": [{"system": "urn:a", "value": "1"}]}
    headers = {"If-None-Exist": "identifier=urn:a|1"}

    first = await _asked(store, "POST", "/Goal", json=one, headers=headers)
    again = await _asked(store, "POST", "/Goal", json=one, headers=headers)

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"] != "x"


@pytest.mark.parametrize("body", ["", "7", "[]", "{}", '{"type": "batch"}', '{"type": "batch", "entry": 7}'])
async def test_what_is_no_bundle_is_refused(body: str) -> None:
    refused = await _asked(Store(), "POST", "/", content=body)

    assert (refused.status_code, _refused(refused)) == (400, "structure")


async def test_one_bad_entry_of_a_batch_leaves_the_others_alone() -> None:
    entries = [
        {"request": {"method": "GET", "url": "Condition?patient=p1"}},
        {"request": {"method": "DELETE", "url": "Condition/c1"}},
        {},
    ]
    bundle = {"resourceType": "Bundle", "type": "batch", "entry": entries}

    answered = await _asked(Store([condition("c1")]), "POST", "/", json=bundle)

    assert [entry["response"]["status"] for entry in answered.json()["entry"]] == ["200 OK", "405", "400"]


@pytest.mark.parametrize("wrong", [("hub", "guessed"), ("other", CLIENT[1])])
async def test_only_its_client_gets_a_token(wrong: tuple[str, str]) -> None:
    server = Server(Store([condition("c1")]), CLIENT)
    form = {"grant_type": "client_credentials"}

    async with running(server.application()) as address, httpx.AsyncClient(base_url=address) as client:
        refused = await client.post("/token", data=form, auth=wrong)
        given = await client.post("/token", data=form, auth=CLIENT)
        closed = await client.get("/Condition/c1", headers={"Authorization": "Bearer guessed"})
        token = given.json()["access_token"]
        opened = await client.get("/Condition/c1", headers={"Authorization": f"Bearer {token}"})

    assert (refused.status_code, closed.status_code, opened.status_code) == (401, 401, 200)


def _told(first: str, last: str, day: str) -> dict[str, Any]:
    return {"name": [{"family": last, "given": [first]}], "birthDate": day}


@pytest.mark.parametrize(
    ("held", "points"),
    [
        (_told("Ada", "Sample", "1984-02-29"), 1.0),
        (_told("ADÁ", "sample", "1984-02-29"), 1.0),
        (_told("Sample", "Ada", "1984-02-29"), 0.9),
        (_told("Ada", "Muster", "1984-02-29"), 0.667),
        (_told("Ada", "Sample", "1984-02-28"), 0.667),
        (_told("Zoe", "Quill", "1950-01-01"), 0.0),
        ({}, 0.0),
    ],
)
def test_its_score_is_full_for_equals_and_less_for_others(held: dict[str, Any], points: float) -> None:
    assert score(_told("Ada", "Sample", "1984-02-29"), held) == points


@pytest.mark.parametrize("kind", KINDS)
async def test_whatever_it_does_wrong_costs_a_code_and_nothing_more(kind: str) -> None:
    app = Faulty(Server(Store([condition("c1")])).application(), parse_faults(kind))
    async with running(app) as address:
        source = unproven(address)
        outcome = (await Runtime().fetch(source, replace(asks("SdohCondition", "p1"), deadline=soon(0.5))))[
            "p1"
        ]
        await source.aclose()

    assert isinstance(outcome, Failed)
    assert outcome.code in UNWELL | {FailureCode.BAD_DATA, FailureCode.CONFIG}


async def test_the_command_serves_the_examples_of_the_guide(reference: Callable[[str], Path]) -> None:
    options = ("--data", reference("gravity-sdoh"), "--client", ":".join(CLIENT))
    async with started("connectors.gravity_fhir.standin", *options) as (process, line):
        source = source_at(f"http://127.0.0.1:{line.split()[-1]}")
        outcomes = await source.fetch(asks("SdohGoal", "pat-53234"))
        await source.aclose()

    assert line.startswith("gravity-fhir stand-in is ready on 127.0.0.1 port ")
    assert isinstance(outcomes["pat-53234"], Found)
    assert process.returncode == 0


async def test_the_command_serves_a_bundle(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.json"
    bundle.write_text(json.dumps({"resourceType": "Bundle", "entry": [{"resource": condition("c1")}]}))
    async with started("connectors.gravity_fhir.standin", "--data", bundle) as (_, line):
        source = unproven(f"http://127.0.0.1:{line.split()[-1]}")
        outcomes = await source.fetch(asks("SdohCondition", "p1"))
        await source.aclose()

    assert isinstance(outcomes["p1"], Found)


def test_what_it_cannot_serve_it_says_in_one_line(tmp_path: Path) -> None:
    missing = [sys.executable, "-m", "connectors.gravity_fhir.standin", "--data", str(tmp_path / "none.json")]
    done = subprocess.run(missing, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 1
    assert done.stderr.startswith("the gravity-fhir stand-in cannot start:")
    assert len(done.stderr.splitlines()) == 1


def test_a_port_in_use_is_said_in_one_line(tmp_path: Path) -> None:
    with listen(0) as taken:
        port = str(taken.getsockname()[1])
        command = [
            sys.executable,
            "-m",
            "connectors.gravity_fhir.standin",
            "--port",
            port,
            "--data",
            str(tmp_path),
        ]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 1
    assert port in done.stderr
