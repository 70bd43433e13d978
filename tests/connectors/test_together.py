"""Both partners as the demo runs them: separate processes, sources from settings, links, facts."""

from __future__ import annotations

import json
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.base import Failed, FetchRequest, Found, Source, Subject
from connectors.energy_drop.kit import Agency
from connectors.kit.offered import ADA
from connectors.landed import link_members
from connectors.matching import partner_ids
from connectors.registry import build
from connectors.runtime import Runtime
from connectors.standin_sftp import ensure_key, pin
from hmis.tables import person
from tests.connectors.partners import KEY, household, soon, started

SLIP = replace(ADA, last_name="Smaple")


async def _facts(runtime: Runtime, source: Source, engine: AsyncEngine, number: UUID) -> dict[str, object]:
    ids = (await partner_ids(runtime, source, engine, {number: ADA}, soon()))[number]
    assert not isinstance(ids, Failed)
    noun, offer = next(iter(source.offers.items()))
    request = FetchRequest((Subject("ada", ids),), noun, offer.fields, "CARE_COORDINATION", soon())
    found = (await runtime.fetch(source, request))["ada"]
    assert isinstance(found, Found)
    return dict(found.row.values)


async def test_two_partners_tell_their_facts_about_one_person(tmp_path: Path, database: AsyncEngine) -> None:
    data = tmp_path / "households.json"
    data.write_text(json.dumps({"households": [household("H-1", SLIP)]}))
    drop, host_key, client_key = tmp_path / "drop", tmp_path / "host_key", tmp_path / "client_key"
    (tmp_path / "authorized").write_text(ensure_key(client_key))
    Agency(tmp_path, 0).lay_out()
    ada = uuid4()
    async with database.begin() as connection:
        await connection.execute(insert(person), [{"id": ada}])

    async with AsyncExitStack() as stack:
        _, pantry_ready = await stack.enter_async_context(
            started("connectors.pantry.standin", "--data", data, "--key", KEY)
        )
        _, drop_ready = await stack.enter_async_context(
            started(
                "connectors.energy_drop.standin",
                *("--folder", drop, "--host-key", host_key, "--authorized-key", tmp_path / "authorized"),
            )
        )
        port = int(drop_ready.split()[-1])
        (tmp_path / "known_hosts").write_text(pin(host_key, port))
        sources = build(
            {
                "pantry": {
                    "base_url": f"http://127.0.0.1:{pantry_ready.split()[-1]}",
                    "api_key": "env:PANTRY_KEY",
                },
                "energy-drop": {
                    "host": "127.0.0.1",
                    "port": port,
                    "user": "hub",
                    "client_key": str(client_key),
                    "known_hosts": str(tmp_path / "known_hosts"),
                },
            },
            database,
            {"PANTRY_KEY": KEY},
        )
        runtime = Runtime()
        for source in sources.values():
            assert await runtime.check(source, soon()) is None
        synced = await runtime.sync(sources["energy-drop"])
        async with database.begin() as connection:
            linked = await link_members(connection, "energy-drop", [(ada, ADA)])
        food = await _facts(runtime, sources["pantry"], database, ada)
        energy = await _facts(runtime, sources["energy-drop"], database, ada)
        for source in sources.values():
            await source.aclose()

    assert not isinstance(synced, Failed)
    assert (synced.state, linked.made) == ("TAKEN", 1)
    assert food["visitCount"] == 2
    assert food["programs"] == ["TEFAP"]
    assert energy["heatingFuel"] == "PROPANE"
