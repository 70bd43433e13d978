"""The partners of the demo: real servers on loopback, each a process of its own.

They end with the demo however it ends: their standard input closes even when it is killed.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO

import connectors
from connectors.standin_sftp import ensure_key, pin
from gateway.demo.home import DemoHome
from gateway.partners import variable
from hmis.errors import NotReady

_STARTS_WITHIN_S = 20
_ENDS_WITHIN_S = 5
_PARTNERS = ("pantry", "subgraph", "gravity-fhir", "energy-drop")
_AGREEMENT = "DEMO-1 2020-01-01/2099-12-31"
_LOOPBACK = "127.0.0.1"


@asynccontextmanager
async def running(home: DemoHome) -> AsyncIterator[dict[str, str]]:
    """All of them, running. Gives the variables that switch their connectors on."""
    api_key, rent_token, clinic_secret = (secrets.token_urlsafe(16) for _ in range(3))
    host_key, our_key = home.key("energy-drop-host"), home.key("energy-drop-hub")
    ensure_key(host_key)
    allowed = home.write("energy-drop-hub.pub", f"{ensure_key(our_key)}\n")
    # One word, for a key may begin with a dash.
    pantry = ("connectors.pantry.standin", "--data", str(home.pantry), f"--key={api_key}")
    rent = ("connectors.subgraph.standin", "--data", str(home.rent), f"--token={rent_token}")
    clinic = ("connectors.gravity_fhir.standin", "--data", str(home.clinic), f"--client=hub:{clinic_secret}")
    energy = (
        "connectors.energy_drop.standin",
        *("--folder", str(home.drop)),
        *("--host-key", str(host_key)),
        *("--authorized-key", str(allowed)),
    )
    async with (
        _running(home, *pantry) as pantry_port,
        _running(home, *rent) as rent_port,
        _running(home, *clinic) as clinic_port,
        _running(home, *energy) as energy_port,
    ):
        known_hosts = home.write("energy-drop.known_hosts", pin(host_key, energy_port))
        yield {
            **{variable(name, "agreement"): _AGREEMENT for name in _PARTNERS},
            variable("pantry", "base_url"): f"http://{_LOOPBACK}:{pantry_port}",
            variable("pantry", "api_key"): api_key,
            variable("subgraph", "base_url"): f"http://{_LOOPBACK}:{rent_port}",
            variable("subgraph", "token"): rent_token,
            variable("gravity-fhir", "base_url"): f"http://{_LOOPBACK}:{clinic_port}",
            variable("gravity-fhir", "token_url"): f"http://{_LOOPBACK}:{clinic_port}/token",
            variable("gravity-fhir", "client_id"): "hub",
            variable("gravity-fhir", "client_secret"): clinic_secret,
            variable("gravity-fhir", "requester"): "Organization/hub",
            variable("energy-drop", "host"): _LOOPBACK,
            variable("energy-drop", "port"): str(energy_port),
            variable("energy-drop", "user"): "hub",
            variable("energy-drop", "client_key"): str(our_key),
            variable("energy-drop", "known_hosts"): str(known_hosts),
        }


@asynccontextmanager
async def _running(home: DemoHome, module: str, *arguments: str) -> AsyncIterator[int]:
    """One partner, from its first word to its last. Gives its port."""
    log = home.write(f"{module}.log", "")
    with log.open("wb") as complaints:
        process = await _started(module, arguments, complaints)
    try:
        yield await _port(process, log)
    finally:
        await _end(process)


async def _started(module: str, arguments: tuple[str, ...], complaints: IO[bytes]) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        *arguments,
        "--until-eof",
        stdin=PIPE,
        stdout=PIPE,
        stderr=complaints,
        env={**os.environ, "PYTHONPATH": str(Path(connectors.__file__).parents[1])},
        # A Ctrl-C on the terminal is for the demo: it ends its partners when nobody asks them any more.
        start_new_session=True,
    )


async def _port(process: Process, log: Path) -> int:
    """The last word of the line a stand-in says when it is ready."""
    assert process.stdout is not None
    try:
        async with asyncio.timeout(_STARTS_WITHIN_S):
            line = (await process.stdout.readline()).decode()
    except TimeoutError:
        line = ""
    if not line:
        raise NotReady(f"A partner of the demo did not start; see {log}.")
    return int(line.split()[-1])


async def _end(process: Process) -> None:
    assert process.stdin is not None
    process.stdin.close()
    for harder in (process.terminate, process.kill):
        try:
            async with asyncio.timeout(_ENDS_WITHIN_S):
                await process.wait()
            return
        except TimeoutError:
            harder()
    await process.wait()
