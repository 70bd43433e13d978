"""For the conformance kit and for tests: the rent fund over real HTTP, tenancies, and the hub's way in."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.base import Person
from connectors.config import Config, Secret
from connectors.graphql import GraphqlSource
from connectors.http import Http
from connectors.kit.offered import ADA, BEN, SECRET, Offered
from connectors.kit.recording import Heard, Recorded, running
from connectors.manifest import read_manifest
from connectors.signing import signer
from connectors.subgraph.standin import application


def subgraph(base_url: str, token: str = SECRET) -> GraphqlSource:
    manifest = read_manifest(Path(__file__).parent / "connector.toml")
    config = Config({"base_url": base_url, "token": Secret(token)})
    # Waiting for our own rate would be all that a run does.
    hurried = replace(manifest.limits, rate=1_000.0, period_s=1.0)
    return GraphqlSource(manifest, Http("subgraph", base_url, hurried, signer(manifest.auth, config)))


def tenancy(number: str, person: Person = ADA, **more: Any) -> dict[str, Any]:
    """A tenancy of the rent fund, with one payment unless said otherwise."""
    dob = person.dob.isoformat() if person.dob else ""
    payment = {"number": f"{number}-1", "paidOn": "2026-04-01", "amount": "850.00", "purpose": "CURRENT_RENT"}
    period = {"begins": "2026-04-01", "ends": "2026-04-30", "fund": "Example Rent Fund"}
    return {
        "id": number,
        "tenants": [{"firstName": person.first_name, "lastName": person.last_name, "dateOfBirth": dob}],
        "updatedAt": "2026-05-03T10:00:00Z",
        "payments": [payment | period],
        **more,
    }


async def offered(stack: AsyncExitStack, _home: Path, _engine: AsyncEngine) -> Offered:
    heard: list[Heard] = []
    app = application([tenancy("H-1", ADA), tenancy("H-2", BEN)], SECRET)
    source = subgraph(await stack.enter_async_context(running(Recorded(app, heard))))
    return Offered(source, ("H-1", "H-2"), people=(ADA, BEN), at=subgraph, heard=heard)
