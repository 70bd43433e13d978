from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.base import Source
from connectors.kit.bench import specimen
from connectors.kit.offered import ADA, BEN, SECRET, Offered
from connectors.kit.recording import Heard, Recorded, running
from connectors.manifest import read_manifest

from .partner import application
from .source import build

MANIFEST = read_manifest(Path(__file__).parent / "connector.toml")


async def offered(stack: AsyncExitStack, home: Path, engine: AsyncEngine) -> Offered:
    heard: list[Heard] = []

    def at(address: str) -> Source:
        return build(MANIFEST, specimen(MANIFEST, address, home), engine)

    address = await stack.enter_async_context(running(Recorded(application(SECRET), heard)))
    endless = await stack.enter_async_context(running(application(SECRET, endless=True)))
    return Offered(at(address), ("R-1", "R-2"), people=(ADA, BEN), at=at, heard=heard, endless=at(endless))
