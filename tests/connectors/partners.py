"""Partners for tests: households, the pantry's connector, programs that run as partners, ways to ask."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

import connectors
from connectors.base import FetchRequest, Limits, Person, Subject
from connectors.config import Config, Secret
from connectors.http import Http
from connectors.kit.offered import ADA
from connectors.manifest import Manifest, read_manifest
from connectors.rest import RestSource
from connectors.signing import Fixed, Sign, signer

FOLDER = Path(connectors.__file__).parent
KEY = "key-of-the-tests"


def soon(seconds: float = 5.0) -> float:
    return asyncio.get_running_loop().time() + seconds


def ask(
    *subjects: Subject, fields: frozenset[str], noun: str = "FoodAssistance", deadline: float | None = None
) -> FetchRequest:
    return FetchRequest(subjects, noun, fields, "CARE_COORDINATION", soon() if deadline is None else deadline)


def household(number: str, person: Person = ADA, **more: Any) -> dict[str, Any]:
    """A household of the pantry, with two visits and one programme unless said otherwise."""
    dob = person.dob.isoformat() if person.dob else ""
    return {
        "id": number,
        "members": [{"firstName": person.first_name, "lastName": person.last_name, "dateOfBirth": dob}],
        "address": {},
        "visits": [{"date": "2026-01-09"}, {"date": "2026-02-13"}],
        "registrations": [{"program": "TEFAP"}],
        "updatedAt": "2026-02-13T16:20:00Z",
        **more,
    }


def manifest_of(folder: str) -> Manifest:
    return read_manifest(FOLDER / folder / "connector.toml")


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self, now: float = 1_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def asking(address: str, sign: Sign | None = None, **limits: float) -> AsyncIterator[Http]:
    """The hub's side of a partner at this address."""
    http = Http("pantry", address, Limits(**{"rate": 1_000, **limits}), sign or Fixed({}))  # type: ignore[arg-type]  # numbers
    try:
        yield http
    finally:
        await http.aclose()


async def post(http: Http, seconds: float = 5.0, *, idempotent: bool = True) -> object:
    return await http.send("POST", "/x", {"a": 1}, deadline=soon(seconds), idempotent=idempotent)


async def echo(request: Request) -> JSONResponse:
    """What /x of a partner answers to `post`."""
    return JSONResponse({"body": (await request.body()).decode(), "path": request.url.path})


ECHO = {"body": '{"a":1}', "path": "/x"}


def pantry(base_url: str, key: str = KEY) -> RestSource:
    manifest = manifest_of("pantry")
    config = Config({"base_url": base_url, "api_key": Secret(key)})
    return RestSource(manifest, Http("pantry", base_url, manifest.limits, signer(manifest.auth, config)))


@asynccontextmanager
async def started(module: str, *options: str | Path) -> AsyncIterator[tuple[Process, str]]:
    """`python -m module …` on a port of its choice, and its ready line. Letting go of it ends it."""
    command = ("-m", module, "--port", "0", "--until-eof", *(str(option) for option in options))
    process = await asyncio.create_subprocess_exec(sys.executable, *command, stdin=PIPE, stdout=PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield process, (await process.stdout.readline()).decode()
    finally:
        process.stdin.close()
        async with asyncio.timeout(10):
            await process.wait()
