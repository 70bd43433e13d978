"""What a partner says has changed is heard once, in pages, and what was kept of it is forgotten."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from connectors.base import Changes, Failed
from connectors.crosswalk import links
from connectors.kit.recording import running
from connectors.memory import MemorySource
from connectors.pantry.intake import Intake
from connectors.pantry.standin import application
from connectors.runtime import Runtime
from connectors.syncing import Pulled, begun, ended, pull
from hmis.errors import FailureCode, SourceFailed
from hmis.tables import partner_link, partner_tombstone, person, sync_cursor, sync_state
from tests.connectors.partners import KEY, household, pantry


class Forgetting:
    """What was asked to be forgotten, call by call."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, set[str]]] = []

    async def __call__(self, _: AsyncConnection, connector: str, values: Collection[str]) -> None:
        self.calls.append((connector, set(values)))


async def linked(engine: AsyncEngine, connector: str, *values: str) -> UUID:
    """Somebody who is linked to these records."""
    somebody = uuid4()
    async with engine.begin() as connection:
        await connection.execute(insert(person), [{"id": somebody}])
        rows = [
            {"person_id": somebody, "connector": connector, "value": value, "method": "STAFF"}
            for value in values
        ]
        await connection.execute(insert(partner_link), rows)
    return somebody


async def buried(engine: AsyncEngine) -> set[str]:
    async with engine.connect() as connection:
        return set(await connection.scalars(select(partner_tombstone.c.value)))


async def cursor(engine: AsyncEngine) -> str | None:
    async with engine.connect() as connection:
        kept: str | None = await connection.scalar(select(sync_cursor.c.cursor))
        return kept


async def test_a_real_food_banks_changes_are_heard_page_by_page_and_only_once(database: AsyncEngine) -> None:
    somebody = await linked(database, "pantry", "H-1", "H-7")
    intake, forgetting, runtime = Intake(), Forgetting(), Runtime()
    app = application([household(f"H-{number}") for number in range(8)], KEY, intake)
    async with running(app) as url:
        source = pantry(url)
        try:
            assert await pull(runtime, source, database, [forgetting]) == Pulled(changed=8)
            assert forgetting.calls == [("pantry", {"H-1"}), ("pantry", {"H-7"})]
            assert await pull(runtime, source, database, [forgetting]) == Pulled()
            intake.log(["H-1"], gone=True)
            assert await pull(runtime, source, database, [forgetting]) == Pulled(removed=1)
            assert forgetting.calls[2:] == [("pantry", {"H-1"})]
            async with database.connect() as connection:
                found = await links(connection, "pantry", [somebody])
            assert [link.value for link in found[somebody]] == ["H-7"]
            intake.log(["H-1"])
            await pull(runtime, source, database, [forgetting])
        finally:
            await source.aclose()
    assert await buried(database) == set()
    assert await cursor(database) == "10"


async def test_what_a_full_list_no_longer_names_is_gone(database: AsyncEngine) -> None:
    await linked(database, "memory", "a", "b", "c")
    source, forgetting = MemorySource({}), Forgetting()
    source.pages = {
        None: Changes(("a", "stranger"), (), "page 2", more=True),
        "page 2": Changes(("b",), (), None, more=False),
    }
    assert await pull(Runtime(), source, database, [forgetting]) == Pulled(changed=3)
    assert await buried(database) == {"c"}
    assert forgetting.calls == [("memory", {"a"}), ("memory", {"b", "c"})]
    assert await cursor(database) is None

    source.pages = {None: Changes(("c",), (), None, more=False)}
    await pull(Runtime(), source, database)
    assert await buried(database) == {"a", "b"}


async def test_a_full_list_that_breaks_off_buries_nobody_and_is_read_anew(database: AsyncEngine) -> None:
    await linked(database, "memory", "a", "z")
    source = MemorySource({})
    source.pages = {None: Changes(("a",), (), "2", more=True), "2": Changes((), (), "2", more=True)}
    assert await pull(Runtime(), source, database) == Failed(FailureCode.BAD_DATA)
    assert await buried(database) == set()
    assert await cursor(database) is None


@pytest.mark.parametrize("back", ["1", "2"])
async def test_paging_ends_when_a_cursor_comes_back(database: AsyncEngine, back: str) -> None:
    source = MemorySource({})
    source.pages = {
        None: Changes((), (), "1", more=False),
        "1": Changes(("a",), (), "2", more=True),
        "2": Changes(("b",), (), back, more=True),
    }
    assert await pull(Runtime(), source, database) == Pulled()
    assert await pull(Runtime(), source, database) == Failed(FailureCode.BAD_DATA)
    assert await cursor(database) == "2"


async def test_a_page_whose_forgetting_fails_is_heard_again(database: AsyncEngine) -> None:
    await linked(database, "memory", "a")
    source = MemorySource({})
    source.pages = {None: Changes(("a",), (), "1", more=False)}

    async def broken(*_: object) -> None:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await pull(Runtime(), source, database, [broken])
    assert await cursor(database) is None


async def test_a_partner_that_is_down_costs_this_look(database: AsyncEngine) -> None:
    source = MemorySource({})
    source.fault = SourceFailed("memory", FailureCode.UNAVAILABLE, retryable=True)
    assert await pull(Runtime(), source, database) == Failed(FailureCode.UNAVAILABLE, retryable=True)
    source.capabilities = frozenset()
    assert await pull(Runtime(), source, database) == Failed(FailureCode.NOT_SUPPORTED)


async def test_how_the_last_look_went_is_kept(database: AsyncEngine) -> None:
    async def state() -> tuple[object, ...]:
        kept = sync_state.c
        ended_well, was_ended = kept.last_success.is_not(None), kept.last_finished >= kept.last_started
        row = select(ended_well, was_ended, kept.last_code, kept["items"])
        async with database.connect() as connection:
            return tuple((await connection.execute(row)).one())

    await begun(database, "memory")
    assert await state() == (False, None, None, 0)
    await ended(database, "memory", FailureCode.TIMEOUT)
    assert await state() == (False, True, "TIMEOUT", 0)
    await begun(database, "memory")
    await ended(database, "memory", None, 3)
    assert await state() == (True, True, None, 3)
    await begun(database, "memory")
    await ended(database, "memory", FailureCode.AUTH)
    assert await state() == (True, True, "AUTH", 3)
