"""A worker that waits at one point until it is told to go on: `python -m tests.gateway.held_worker POINT`.

POINT: before, where nothing has reached the partner yet; after, where the partner has answered and nothing is
written; commit, where everything is written and not committed; committing, which says so and goes on. It
prints the point when it is there, and goes on when a line comes in.
"""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import event

from connectors.base import Receipt, Source, Submission
from gateway.settings import Settings
from gateway.work import Work, opened
from schema.build import schema
from schema.supplied import catalog


def reached(point: str) -> None:
    """Say where we are, and wait for a line."""
    print(point, flush=True)  # noqa: T201  # the test reads it
    if point != "committing":
        sys.stdin.readline()


def hold(source: Source, point: str) -> None:
    """Make a real source wait around its real call."""
    submit = source.submit
    # How long it is held is not how long the partner takes.
    source.limits = replace(source.limits, timeout_s=600)

    async def held(submission: Submission, deadline: float) -> Receipt:
        if point == "before":
            await asyncio.to_thread(reached, point)
        receipt = await submit(submission, deadline)
        if point == "after":
            await asyncio.to_thread(reached, point)
        return receipt

    source.submit = held  # type: ignore[method-assign]  # the one call, held


def hold_commit(work: Work, point: str) -> None:
    """Wait before the commit of a transaction that settled a row of the outbox."""
    settled: set[int] = set()
    writer = work._desk.writer.sync_engine

    @event.listens_for(writer, "before_cursor_execute")
    def note(connection: object, _: object, statement: str, *__: object) -> None:
        if statement.startswith("UPDATE outbox SET"):
            settled.add(id(connection))

    @event.listens_for(writer, "commit")
    def wait(connection: object) -> None:
        if id(connection) in settled:
            reached(point)


async def main(point: str) -> None:
    settings = Settings.read()
    assert settings.database_url is not None
    async with opened(
        settings, settings.database_url, os.environ, lambda: datetime.now(UTC), catalog(schema)
    ) as work:
        if point in ("before", "after"):
            hold(work._desk.partners["pantry"], point)
        else:
            hold_commit(work, point)
        await work.run(asyncio.Event(), once=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
