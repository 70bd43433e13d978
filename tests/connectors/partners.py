"""Partners for tests: households, the pantry's connector, and programs that run as partners."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import connectors
from connectors.base import FetchRequest, Person, Subject
from connectors.config import Config, Secret
from connectors.http import Http, signer
from connectors.kit.offered import ADA
from connectors.manifest import Manifest, read_manifest
from connectors.rest import RestSource

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
