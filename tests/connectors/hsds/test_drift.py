"""A directory that is added to, deleted from and put in another order while its pages are read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.hsds.kit import Partner, directory, service
from connectors.hsds.source import FULL_EVERY
from hmis.tables.directory import directory_pull, directory_service
from tests.connectors.directories import kept

MOVES = ("add", "remove", "shuffle", "to front", "to end", "change")


def _restless(partner: Partner, rolls: Random, moves: list[list[str]]) -> Callable[[], None]:
    """Behind each page something moves, until there are no moves left."""
    numbers = iter(range(1000, 9999))
    waiting = iter(moves)

    def move() -> None:
        held = partner.services.all
        for kind in next(waiting, []):
            if kind == "add":
                held.insert(rolls.randint(0, len(held)), service(f"new-{next(numbers)}"))
            elif kind == "shuffle":
                rolls.shuffle(held)
            elif held:
                one = held[rolls.randrange(len(held))]
                if kind == "remove":
                    held.remove(one)
                elif kind == "change":
                    partner.change(str(one["id"]), name=f"Changed {next(numbers)}")
                else:
                    held.remove(one)
                    held.insert(0 if kind == "to front" else len(held), one)

    return move


def _listed(partner: Partner) -> dict[str, str]:
    return {str(one["id"]): str(one["name"]) for one in partner.services.all}


async def _emptied(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.execute(delete(directory_service))
        await connection.execute(delete(directory_pull))


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    many=st.integers(0, 12),
    moves=st.lists(st.lists(st.sampled_from(MOVES), max_size=3), max_size=12),
    rolls=st.integers(0, 2**32),
    full=st.booleans(),
)
async def test_whatever_moves_nothing_is_lost_and_nothing_twice(
    database: AsyncEngine, many: int, moves: list[list[str]], rolls: int, full: bool
) -> None:
    await _emptied(database)
    async with directory(
        database, *(service(str(number)) for number in range(many)), smallest_share=0
    ) as partner:
        if not full:
            await partner.source.sync()
        there_before = set(_listed(partner))
        partner.services.after_page = _restless(partner, Random(rolls), moves)
        await partner.source.sync()
        throughout = there_before & set(_listed(partner))
        # Who was there all the while is kept. (That it is kept once is held by the table's own key.)
        assert throughout <= set(await kept(database))

        # And when the directory has come to rest, the next reading is the directory.
        partner.services.after_page = lambda: None
        partner.now += timedelta(hours=1) if rolls % 2 else FULL_EVERY
        await partner.source.sync()
        assert await kept(database) == _listed(partner)


async def test_while_a_directory_does_not_rest_nothing_is_taken_for_gone(
    database: AsyncEngine,
) -> None:
    async with directory(database, *(service(str(number)) for number in range(6))) as partner:
        await partner.source.sync()
        numbers = iter(range(1000))

        def new_one() -> None:
            partner.services.all.insert(0, service(f"new-{next(numbers)}"))

        partner.remove("3")
        partner.services.after_page = new_one
        partner.now += FULL_EVERY
        synced = await partner.source.sync()

    assert synced.rules == {"NOT_AGREED": 1}
    assert {str(number) for number in range(6)} <= set(await kept(database))


async def test_one_that_moves_onto_a_page_already_read_is_met_again(database: AsyncEngine) -> None:
    """The first is deleted between two pages, so that the third moves onto the page just read."""
    async with directory(database, *(service(str(number)) for number in range(4))) as partner:
        gone = iter(["0"])
        partner.services.after_page = lambda: partner.remove(next(gone, ""))
        await partner.source.sync()

    assert sorted(await kept(database)) == ["1", "2", "3"]
