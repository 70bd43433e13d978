"""The artist: pictures by another process, which may die, hang or be asked too much."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator

import psutil
import pytest

from gateway.artist import Artist, NotDrawn
from gateway.measuring.picture import Mark, Panel, Picture


def _picture(value: int | None = 12) -> Picture:
    return Picture("People", "told", (Panel("bars", (Mark("All", value, str(value)),)),))


@pytest.fixture
async def artist() -> AsyncIterator[Artist]:
    drawing = Artist()
    yield drawing
    await drawing.aclose()


def _drawing() -> list[psutil.Process]:
    mine = psutil.Process().children(recursive=True)
    return [one for one in mine if "gateway.measuring.drawing" in one.cmdline()]


async def test_a_picture_is_drawn_once_and_kept(artist: Artist) -> None:
    first = await artist.drawn(_picture())
    assert first.startswith("<svg")
    assert ">12<" in first
    (process,) = _drawing()
    process.kill()
    process.wait()
    assert await artist.drawn(_picture()) == first
    assert not _drawing()


async def test_after_its_process_died_the_next_picture_is_drawn_by_a_new_one(artist: Artist) -> None:
    await artist.drawn(_picture(1))
    (process,) = _drawing()
    os.kill(process.pid, signal.SIGSTOP)  # it cannot answer any more, and dies while it is asked
    asking = asyncio.create_task(artist.drawn(_picture(2)))
    await asyncio.sleep(0)
    os.kill(process.pid, signal.SIGKILL)
    with pytest.raises(NotDrawn):
        await asking
    assert ">3<" in await artist.drawn(_picture(3))


async def test_one_that_hangs_is_ended_when_its_time_is_over() -> None:
    artist = Artist(within_s=0)
    with pytest.raises(NotDrawn):
        await artist.drawn(_picture())
    await artist.aclose()
    assert not _drawing()


async def test_a_picture_that_cannot_be_drawn_costs_no_other(artist: Artist) -> None:
    broken = Picture("People", "told", (Panel("pie", ()),))  # type: ignore[arg-type]
    with pytest.raises(NotDrawn):
        await artist.drawn(broken)
    assert ">4<" in await artist.drawn(_picture(4))


async def test_more_than_can_wait_are_refused_at_once() -> None:
    artist = Artist(most=2)
    many = [artist.drawn(_picture(number)) for number in range(5)]
    drawn = await asyncio.gather(*many, return_exceptions=True)
    await artist.aclose()
    assert [isinstance(one, str) for one in drawn] == [True, True, False, False, False]
    assert all(isinstance(one, NotDrawn) for one in drawn[2:])


async def test_it_is_given_no_setting_of_the_hub(artist: Artist, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_DATABASE_URL", "postgresql://somewhere")
    await artist.drawn(_picture())
    (process,) = _drawing()
    assert not [name for name in process.environ() if name.startswith("HUB_")]
