"""The limit: what somebody would write by hand who needs one answer and nothing else, as quick as it goes.

A bare ASGI application without a framework: connections held with their statements prepared, one statement an
operation that makes the JSON, consent inside it (`limit_statement.py`), and the audit committed before the
answer, together with that of the others under way. What it lacks: tokens, GraphQL, `extensions`, errors, and
row-level security unless LIMIT_ROLE=hub_app. Started by `peers.py`.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import astuple
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg  # type: ignore[import-untyped]  # it has no types
import orjson

from auth.consent import POLICY_VERSION
from auth.context import context_of
from auth.parameters import VIEWER
from auth.viewer import SCOPES, Agency, AgencyKind, Purpose, Role, Viewer
from hmis.pinned import TELL
from tests.bench.limit_statement import Limit, page, profile

CONNECTIONS = 8
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]

TABLES = """
    create table if not exists limit_event (like audit_event including all);
    create table if not exists limit_subject (like audit_subject including all);
"""
"""Like the hub's, but none that the hub would seal while the limit is measured."""

_AUDIT = """
with event as (
  insert into limit_event (request_id, subject, agency_id, role, purpose, application, operation_name,
                           operation_sha256, policy_version, as_of, outcome)
  select r, $2, $3, 'CASE_MANAGER', 'CARE_COORDINATION', 'bench', 'Profile', 'bench', $4, $5, 'ANSWERED'
  from unnest($1::text[]) r
  returning id, request_id)
insert into limit_subject (event_id, person_id, disclosed, shared, withheld, grants)
select e.id, s.person_id, s.shown, s.shared, 0, string_to_array(s.grants, ',')::uuid[]
from unnest($6::text[], $7::uuid[], $8::bigint[], $9::bigint[], $10::text[])
       s (request_id, person_id, shown, shared, grants)
join event e on e.request_id = s.request_id
"""


class Audit:
    """Rows of the answers under way, committed together: whoever comes meanwhile is in the next commit."""

    def __init__(self, connection: asyncpg.Connection, statement: Any, viewer: Viewer) -> None:
        self._connection, self._statement, self._viewer = connection, statement, viewer
        self._waiting: list[tuple[list[Any], asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def committed(self, people: list[Any]) -> None:
        """Return when the audit of these rows is on disk."""
        done = asyncio.get_running_loop().create_future()
        self._waiting.append((people, done))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write())
        await done

    async def _write(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            requests = [uuid4().hex for _ in batch]
            lines = [
                (request, row["person_id"], row["shown"] or 0, row["shared"] or 0, _joined(row["grants"]))
                for request, (people, _) in zip(requests, batch, strict=True)
                for row in people
            ]
            columns = [list(column) for column in zip(*lines, strict=True)] or [[] for _ in range(5)]
            today = datetime.now(UTC).date()
            await self._statement.fetch(
                requests, self._viewer.subject, self._viewer.agency.id, POLICY_VERSION, today, *columns
            )
            for _, done in batch:
                done.set_result(None)
        self._writing = None


def _joined(grants: list[UUID] | None) -> str:
    return ",".join(map(str, grants or ()))


class Application:
    """`variables.id` asks for one profile, `variables.first` and `after` for a page of them."""

    def __init__(self) -> None:
        self._profile, self._page = profile(), page()
        self._idle: asyncio.LifoQueue[tuple[Any, Any]] = asyncio.LifoQueue()

    async def _open(self) -> None:
        url, role = os.environ["LIMIT_DATABASE_URL"], os.environ.get("LIMIT_ROLE")
        settings = {"plan_cache_mode": "force_generic_plan", "jit": "off", **({"role": role} if role else {})}
        writing = await asyncpg.connect(url)
        agency = await writing.fetchrow(
            "select * from agency where id = $1", UUID(os.environ["LIMIT_AGENCY"])
        )
        self._viewer = Viewer(
            subject="bench", kind="user", role=Role.CASE_MANAGER, scopes=SCOPES[Role.CASE_MANAGER],
            purpose=Purpose.CARE_COORDINATION, acr=None, auth_time=None, client_id="bench",
            agency=Agency(agency["id"], agency["source_id"], agency["organization_id"], agency["name"],
                          AgencyKind(agency["kind"])),
        )  # fmt: skip
        now = datetime.now(UTC)
        self._asks = VIEWER.of(self._viewer, now.date(), now)
        context = context_of(self._viewer, now.date(), now)
        assert context is not None
        for _ in range(CONNECTIONS):
            connection = await asyncpg.connect(url, server_settings=settings)
            if role:
                await connection.fetchrow(TELL, *astuple(context))
            one, many = [await connection.prepare(one.sql) for one in (self._profile, self._page)]
            self._idle.put_nowait((one, many))
        self._audit = Audit(writing, await writing.prepare(_AUDIT), self._viewer)

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        body = b""
        more = True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        answer = await self._answer(orjson.loads(body)["variables"])
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(answer)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    async def _answer(self, variables: dict[str, Any]) -> bytes:
        now = {**self._asks, "viewer_now": datetime.now(UTC)}
        if (person := variables.get("id")) is not None:
            rows = await self._rows(0, self._profile, {**now, "person": UUID(person)})
            said = rows[0]["body"] if rows else "null"
            answer = f'{{"data":{{"client":{said}}}}}'
        else:
            asked = {**now, "first": variables["first"], "after": UUID(variables["after"])}
            rows = await self._rows(1, self._page, asked)
            answer = '{"data":{"clients":{"nodes":[' + ",".join(row["body"] for row in rows) + "]}}}"
        await self._audit.committed(rows)
        return answer.encode()

    async def _rows(self, which: int, limit: Limit, values: dict[str, Any]) -> list[Any]:
        statements = await self._idle.get()
        try:
            rows: list[Any] = await statements[which].fetch(*[values[name] for name in limit.names])
        finally:
            self._idle.put_nowait(statements)
        return rows

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self._open()
                await send({"type": "lifespan.startup.complete"})
            else:
                await send({"type": "lifespan.shutdown.complete"})
                return


app = Application()
