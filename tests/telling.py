"""What a viewer is told, to the byte, and what the audit says of it: both in one, for tests of leaks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
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

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


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
    """Ask as this viewer.

    The audit must have exactly one event more: who asked, for whom, what for and with which outcome, and
    nothing of what was put into the question.
    """
    before = len(await events(world.engine))
    answer = await world.ask(viewer, document, audited=True, **variables)
    written = await events(world.engine)
    assert len(written) == before + 1
    audited = await lines(world.engine, written[-1]["id"])
    assert _who(written[-1]) == (
        (viewer.subject, viewer.agency.id, viewer.role.value, viewer.purpose.value, answer.request.as_of)
        if viewer
        else ("nobody", None, None, None, answer.request.as_of)
    )
    answered = "WITH_ERRORS" if answer.errors else "ANSWERED"
    assert written[-1]["outcome"] == (answered if viewer else "NO_ACCESS")
    without_values(variables, written[-1], audited)
    result = ExecutionResult(answer.data, list(answer.errors) or None)
    body = encoded(executed(result, answer.request)[1])
    return Told(answer, body, audited)


def _who(event: Mapping[Any, Any]) -> tuple[Any, ...]:
    return tuple(event[name] for name in ("subject", "agency_id", "role", "purpose", "as_of"))


def without_values(asked: object, *audited: object) -> None:
    """No text that a question was asked with stands in the audit; hub ids of people do. Four digits may
    stand in any hash."""
    said = " ".join(map(str, audited))
    assert not [value for value in _texts(asked) if value in said]


def _texts(asked: object) -> Iterator[str]:
    if isinstance(asked, Mapping):
        for value in asked.values():
            yield from _texts(value)
    elif isinstance(asked, str) and len(asked) > 4 and not _UUID.fullmatch(asked):
        yield asked


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
