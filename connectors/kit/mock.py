"""A partner to try things at: made of manifest and samples, with made-up people, and faults on demand."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

from connectors.base import Person
from connectors.config import Config, read_config
from connectors.discovery import Installed
from connectors.kit.door import TOKEN_PATH, guarded, private_key_of, token_url_of
from connectors.kit.partner import ManifestPartner, NotDerivable
from connectors.kit.pseudonyms import NAMES
from connectors.kit.samples import read_samples
from connectors.standin import Fault, Faulty
from hmis.errors import InputRefused

KEY = "try-me"
_LAST = ("Sample", "Muster", "Example", "Placeholder", "Specimen", "Fixture", "Standin", "Dummy")
_BORN = date(1940, 1, 1)
_DAYS = 25_000


def people(count: int, seed: int) -> list[Person]:
    """Made-up people, the same for the same seed; no two share name and birth date."""
    dice = random.Random(seed)  # noqa: S311  # repeatable on purpose
    made: dict[Person, None] = {}
    while len(made) < count:
        born = _BORN + timedelta(days=dice.randrange(_DAYS))
        made[Person(dice.choice(NAMES), dice.choice(_LAST), born)] = None
    return list(made)


def mock(
    partner: Installed, count: int, seed: int, faults: tuple[Fault, ...]
) -> tuple[ASGIApp, list[Person]]:
    """The partner of a declarative connector, and who is known there.

    It asks for what the manifest's [auth] says, with `KEY` for every secret (tokens are given out at /token);
    /healthz asks for nothing and stays well.

    Raises:
        InputRefused: manifest and samples do not tell how the partner answers.
    """
    manifest = partner.manifest
    if private_key_of(manifest.auth):
        raise InputRefused(
            f"{manifest.id} proves itself with a private key, of which a mock does not have the public half."
        )
    known = people(count, seed)
    try:
        app = ManifestPartner(manifest, read_samples(partner.folder), known)
    except NotDerivable as fault:
        raise InputRefused(f"No partner can be made of {manifest.id}: {fault}.") from None

    async def healthz(_request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    routes = [Route("/healthz", healthz), Mount("/", guarded(app, manifest, _settings(partner)))]
    return Faulty(Starlette(routes=routes), faults, seed), known


def _settings(partner: Installed) -> Config:
    """What the hub is to be set to so that this partner lets it in."""
    keys = partner.manifest.config
    given: dict[str, str | int] = {
        "url": "http://127.0.0.1",
        "secret": "env:KEY",
        "path": str(Path("mock")),
        "int": 1,
        "text": "mock",
    }
    values = {name: key.default or given[key.type] for name, key in keys.items()}
    if name := token_url_of(partner.manifest.auth):
        values[name] = f"{given['url']}{TOKEN_PATH}"
    return read_config(partner.manifest.id, keys, values, {"KEY": KEY})
