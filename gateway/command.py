"""What every command begins with: settings, an event loop, and a database with the tables of this version."""

from __future__ import annotations

import asyncio
import gc
import signal
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from gateway.settings import Settings

# What a command needs is imported in it, so that `--help` answers at once.


def settings(**given: Any) -> Settings:
    """The settings of this process, some of them given on the command line."""
    from gateway.settings import Settings

    read = Settings.read()
    return read.model_copy(update={name: value for name, value in given.items() if value is not None})


def begin() -> None:
    """What is made from here on stays as long as the process, until `begun`.

    Modules, tables and the schema are a third of a million objects and hardly any garbage. Looking through
    them for some, again and again, takes a sixth of the time to the first answer.
    """
    gc.disable()


def begun() -> None:
    """What was made so far is never looked through for garbage again: that would make some answers late."""
    gc.freeze()
    gc.enable()


STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run(work: Coroutine[Any, Any, None]) -> None:
    """Run to the end, or until told to stop: what was opened is then closed on the way out.

    Raises:
        SystemExit: it was told to stop; the code is 128 and the signal.
    """
    import uvloop

    told: list[int] = []

    async def stoppable() -> None:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None

        def stop(number: int) -> None:
            told.append(number)
            task.cancel()

        for number in STOPS:
            loop.add_signal_handler(number, stop, number)
        await work

    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(stoppable())
    except asyncio.CancelledError:
        sys.exit(128 + told[0] if told else 1)


def operator() -> str:
    """Who sits at the terminal, as far as the system knows."""
    import getpass
    import os

    try:
        return f"operator:{getpass.getuser()}"
    except (KeyError, OSError):  # a container's user may have no name
        return f"operator:{os.getuid()}"


def database(chosen: Settings) -> str:
    """The URL of the database; the embedded one is started."""
    from hmis.database import embedded

    return chosen.database_url or embedded(chosen.home)


@asynccontextmanager
async def ready(url: str) -> AsyncIterator[AsyncEngine]:
    """An engine on a database with the tables of this version.

    Raises:
        NotReady: it does not answer, or its tables are others.
    """
    from sqlalchemy.exc import InterfaceError, OperationalError

    from hmis.database import engine
    from hmis.errors import NotReady
    from hmis.standing import state

    opened = engine(url)
    try:
        try:
            found = await state(opened)
        except (OperationalError, InterfaceError, OSError) as fault:
            raise NotReady(
                "The database does not answer; is it running, and is HUB_DATABASE_URL right?"
            ) from fault
        if found != "current":
            raise NotReady("The database has not the tables of this version. Run `hmis-hub migrate`.")
        yield opened
    finally:
        await opened.dispose()
