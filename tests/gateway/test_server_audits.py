"""The GraphQL over HTTP specification as npm's `graphql-http` audits servers: every check, over a socket.

Needs node and npm, which fetches what `server_audits/package-lock.json` names (`tests/gateway/npm.py`).
"""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

import pytest

from gateway.settings import Settings
from schema.build import schema
from tests.gateway.npm import installed
from tests.gateway.test_serving import served

HERE = Path(__file__).parent / "server_audits"
CHECKS = 61


@pytest.fixture(scope="module")
def audits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the audits and what they need."""
    return installed(HERE, tmp_path_factory.mktemp("audits"))


async def test_every_check_of_the_specification_is_met(
    audits: Path, settings: Settings, membership: None
) -> None:
    async with served(settings, schema) as hub:
        environ = {
            "PATH": os.environ["PATH"],
            "HUB_URL": str(hub.client.base_url.join("/graphql")),
            "HUB_TOKEN": hub.gateway.token(),
        }
        process = await asyncio.create_subprocess_exec(
            "node", str(audits / "run.mjs"), env=environ, stdout=asyncio.subprocess.PIPE
        )
        out, _ = await process.communicate()
    assert process.returncode == 0
    results = json.loads(out)
    assert len(results) == CHECKS
    table = "\n".join(f"{one['status']:6} {one['id']}  {one['name']}  {one['reason']}" for one in results)
    assert {one["status"] for one in results} == {"ok"}, table
