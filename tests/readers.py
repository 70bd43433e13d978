"""One reader beside each engine of a test: its connections end when the engine's do."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.ext.asyncio import AsyncEngine

from hmis.database import Reader

_READERS: WeakKeyDictionary[Engine, Reader] = WeakKeyDictionary()


def reader_beside(engine: AsyncEngine) -> Reader:
    """The reader on the database of `engine`; the same one however often it is asked for."""
    known = _READERS.get(engine.sync_engine)
    if known is None:
        url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        reader = known = _READERS[engine.sync_engine] = Reader(url)

        @event.listens_for(engine.sync_engine, "engine_disposed")
        def end(_: Engine) -> None:
            reader.pinned.terminate()
            reader.engine.sync_engine.dispose()

    return known
