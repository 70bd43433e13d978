"""Questions under way: begun, so that they wait at the partner, or waiting for the call of another."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from connectors.memory import MemorySource
from connectors.runtime import Runtime

T = TypeVar("T")


async def begun(source: MemorySource, asking: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    """A question that has reached the partner, where it waits."""
    source.reached.clear()
    task = asyncio.create_task(asking)
    async with asyncio.timeout(10):
        await source.reached.wait()
    return task


async def joining(runtime: Runtime, source: MemorySource, asking: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    """A question that waits for the call of another."""
    before = runtime.state(source).shared
    task = asyncio.create_task(asking)
    while runtime.state(source).shared == before:  # noqa: ASYNC110  # a counter says it, and no event
        await asyncio.sleep(0)
    return task
