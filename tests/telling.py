"""What a viewer is told, to the byte, and what the audit says of it: both in one, for tests of leaks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from graphql import ExecutionResult
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.categories import Category
from auth.viewer import Viewer
from gateway.answers import encoded, executed
from hmis.tables import audit_event, audit_subject
from tests.worlds import Answer, World


@dataclass(frozen=True)
class Line:
    """What the audit says of one person: the masks, the grants relied on, the exception."""

    disclosed: Category
    withheld: Category
    grants: tuple[UUID, ...]
    exception: str | None


@dataclass(frozen=True)
class Told:
    """One answer."""

    answer: Answer
    body: bytes
    """As the gateway would send it."""
    audit: Mapping[UUID, Line]
    """The audit's lines about people; empty = nobody was there, and that was written down too."""

    @property
    def data(self) -> Any:
        return self.answer.data


async def tell(world: World, viewer: Viewer | None, document: str, **variables: Any) -> Told:
    """Ask as this viewer. The audit must have exactly one event more, by this viewer."""
    before = len(await events(world.engine))
    answer = await world.ask(viewer, document, audited=True, **variables)
    written = await events(world.engine)
    assert len(written) == before + 1
    assert written[-1]["subject"] == (viewer.subject if viewer else "nobody")
    result = ExecutionResult(answer.data, list(answer.errors) or None)
    body = encoded(executed(result, answer.request)[1])
    return Told(answer, body, await lines(world.engine, written[-1]["id"]))


async def events(engine: AsyncEngine) -> list[Mapping[Any, Any]]:
    """The audit's events, oldest first."""
    async with engine.connect() as connection:
        rows = await connection.execute(select(audit_event).order_by(audit_event.c.id))
        return list(rows.mappings().all())


async def lines(engine: AsyncEngine, event: int) -> dict[UUID, Line]:
    """What one event says of people."""
    async with engine.connect() as connection:
        rows = await connection.execute(select(audit_subject).where(audit_subject.c.event_id == event))
        return {
            row.person_id: Line(
                Category(row.disclosed), Category(row.withheld), tuple(row.grants), row.exception
            )
            for row in rows
        }
