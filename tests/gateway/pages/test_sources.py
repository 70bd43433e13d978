"""How the partners are doing, as those who run the hub see it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from sqlalchemy import insert

from auth.viewer import Role
from connectors.base import Offer
from connectors.memory import MemorySource
from hmis.errors import FailureCode, SourceFailed
from hmis.tables import sync_state
from tests.gateway.pages.conftest import Desk, barriers


async def partners(desk: Desk) -> None:
    """One that is left alone, one whose files are old and cannot be renewed, one that nobody has asked."""
    await desk.world.organization("6")
    made = {
        name: MemorySource({}, name=name, title=title)
        for name, title in (
            ("pantry", "A food bank"),
            ("energy", "An energy office"),
            ("rent", "A rent fund"),
        )
    }
    desk.hub.sources.update(made)  # type: ignore[attr-defined]  # a dict of this hub
    made["energy"].offers = {"UtilityAssistance": Offer("utility", frozenset(), timedelta(hours=24))}
    old = desk.clock() - timedelta(days=2)
    state = {"connector": "energy", "last_started": old, "last_success": old, "last_code": "BAD_DATA"}
    async with desk.world.engine.begin() as connection:
        await connection.execute(insert(sync_state), state)
    made["pantry"].fault = SourceFailed("pantry", FailureCode.TIMEOUT, retryable=True)
    for _ in range(6):
        await desk.hub.runtime.check(made["pantry"], asyncio.get_running_loop().time() + 5)


async def test_the_worst_stands_first_with_what_it_means_and_what_to_do(browser: Desk) -> None:
    await partners(browser)
    page = await browser.signed_in("6", Role.INTEGRATOR)
    await page.goto("/sources")
    table = page.get_by_role("region", name="Partners")
    states = await table.locator("tbody tr").evaluate_all(
        "rows => rows.map(row => [row.cells[0].innerText, row.cells[1].innerText])"
    )
    assert states == [
        ["A food bank", "Left alone"],
        ["An energy office", "Out of date"],
        ["A rent fund", "Not asked yet"],
    ]
    assert "2 partners need a look." in await page.inner_text("main")
    assert not await barriers(page)

    await table.get_by_role("link", name="A food bank").click()
    told = await page.inner_text("main")
    assert "It failed too often" in told
    assert "It gave no answer in time" in told
    assert "Ask the partner whether it is slow." in told

    await page.emulate_media(color_scheme="dark")
    await page.goto("/sources/energy")
    told = await page.inner_text("main")
    assert "2 days" in told
    assert "Its answer had another shape than its manifest says" in told

    await page.set_viewport_size({"width": 320, "height": 800})
    for path in ("/sources", "/sources/pantry"):
        await page.goto(path)
        assert await page.evaluate("document.documentElement.scrollWidth") <= 320
        assert not await barriers(page)


async def test_nobody_else_is_told_of_a_partner(desk: Desk) -> None:
    await partners(desk)
    async with desk.http(await desk.session("6")) as client:
        shown = await client.get("/sources")
        one, unknown = await client.get("/sources/pantry"), await client.get("/sources/nobody")
    assert shown.status_code == 200
    assert "A food bank" not in shown.text
    assert one.status_code == unknown.status_code == 404
    assert one.text == unknown.text
