"""The sealer beside the requests: what was answered is sealed, and a fault of sealing harms no answer."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.checkpoints import KEY_FILE
from auth.verifying import Verified
from gateway.sealing import keep_sealed
from gateway.settings import Settings
from hmis.tables import audit_leaf
from tests.audits import Log
from tests.gateway.conftest import Gate, running


@pytest.fixture
def log(database: AsyncEngine, tmp_path: Path) -> Log:
    return Log(database, tmp_path)


async def _until_sealed(log: Log, count: int) -> None:
    """Ask until the sealer has been there."""
    async with log.engine.connect() as connection, asyncio.timeout(30):
        while await connection.scalar(select(func.count()).select_from(audit_leaf)) != count:
            pass


class Said(logging.Handler):
    """Tells when something was logged."""

    def __init__(self) -> None:
        super().__init__()
        self.anything = asyncio.Event()

    def emit(self, record: logging.LogRecord) -> None:
        self.anything.set()


async def test_what_was_answered_is_sealed_when_the_hub_has_stopped(
    settings: Settings, membership: None, log: Log
) -> None:
    async with running(settings, Gate()) as gateway:
        for _ in range(3):
            assert (await gateway.ask("{ person }")).status_code == 200
    verified: Verified = await Log(log.engine, settings.home).verify()
    assert verified.size == 3
    assert (settings.home / KEY_FILE).exists()


async def test_what_waited_while_no_hub_ran_is_sealed_at_once(
    settings: Settings, membership: None, log: Log
) -> None:
    await log.events(2)
    async with running(settings, Gate()):
        await _until_sealed(log, 2)


async def test_a_fault_is_said_once_and_its_end_too(log: Log, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="gateway.sealing")
    await log.events(1)
    async with log.engine.begin() as connection:
        await connection.execute(text("alter table audit_leaf rename to away"))
    said = Said()
    logging.getLogger("gateway.sealing").addHandler(said)
    task = asyncio.create_task(keep_sealed(log.sealer(), 0))
    try:
        async with asyncio.timeout(30):
            await said.anything.wait()
    finally:
        logging.getLogger("gateway.sealing").removeHandler(said)
        async with log.engine.begin() as connection:
            await connection.execute(text("alter table away rename to audit_leaf"))
    await _until_sealed(log, 1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert caplog.messages == [
        "the audit is not sealed: ProgrammingError",
        "the audit is sealed again, 1 events",
    ]
