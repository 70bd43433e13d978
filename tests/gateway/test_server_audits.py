"""The GraphQL over HTTP specification as npm's `graphql-http` audits servers: every check, over a socket.

Needs node and npm, which fetches what `server_audits/package-lock.json` names. Without them it skips, unless
HUB_TEST_AUDITS says that it has to run.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from gateway.settings import Settings
from schema.build import schema
from tests.gateway.test_serving import served

HERE = Path(__file__).parent / "server_audits"
CHECKS = 61


@pytest.fixture(scope="module")
def audits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the audits and what they need."""
    if not (shutil.which("node") and shutil.which("npm")):
        _absent("node and npm are not on this machine")
    folder = tmp_path_factory.mktemp("audits")
    for name in ("package.json", "package-lock.json", "run.mjs"):
        shutil.copy(HERE / name, folder)
    command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode:
        _absent(f"npm could not fetch graphql-http: {done.stderr[-300:]}")
    return folder


def _absent(why: str) -> None:
    if os.environ.get("HUB_TEST_AUDITS"):
        pytest.fail(why)
    pytest.skip(why)


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
