"""Imports, as those who run the hub see them: what came of each, what was found and what mends it."""

from __future__ import annotations

import csv
import io

from sqlalchemy import delete, func, update

from auth.viewer import Role
from hmis.tables import import_attempt
from tests.gateway.pages.conftest import Desk, barriers
from tests.journeys.test_imports import FOUND, imported, tried


async def test_what_was_found_is_narrowed_by_how_bad_file_and_rule(browser: Desk) -> None:
    await browser.world.organization("6")
    wanted = await imported(browser.world)
    await tried(browser.world, state="REFUSED", ended_at=func.now(), findings=FOUND[:1])
    page = await browser.signed_in("6", Role.INTEGRATOR)
    await page.goto("/imports")
    marks = await page.locator("tbody .badge").all_inner_texts()
    assert sorted(marks) == ["1 warning", "2 errors", "2 errors", "Done", "Refused"]
    assert not await barriers(page)
    await page.goto(f"/imports/{wanted}")
    found = page.get_by_role("region", name="What was found")
    assert await found.locator("tbody tr").count() == 2
    assert "Write yyyy-mm-dd." in await found.inner_text()
    assert not await barriers(page)
    await page.get_by_label("How bad").select_option("WARNING")
    await page.get_by_role("button", name="Show these").click()
    assert await found.locator("tbody tr").count() == 1
    assert "Export all 24 files." in await found.inner_text()
    async with page.expect_download() as downloading:
        await page.get_by_role("link", name="Download as CSV").click()
    rows = list(csv.DictReader(io.StringIO((await (await downloading.value).path()).read_text())))
    assert [(row["severity"], row["file"], row["rule"]) for row in rows] == [
        ("WARNING", "Exit.csv", "file-missing")
    ]
    await page.emulate_media(color_scheme="dark")
    await page.set_viewport_size({"width": 320, "height": 800})
    for path in ("/imports", f"/imports/{wanted}"):
        await page.goto(path)
        assert await page.evaluate("document.documentElement.scrollWidth") <= 320
        assert not await barriers(page)


async def test_one_that_runs_shows_how_far_it_is_and_renews_itself_until_it_is_done(browser: Desk) -> None:
    await browser.world.organization("6")
    attempt = await tried(browser.world, stage="Client", bytes_done=25, bytes_total=100)
    page = await browser.signed_in("6", Role.INTEGRATOR)
    await page.goto(f"/imports/{attempt}")
    assert await page.locator("progress").get_attribute("value") == "25"
    assert "25 % read, at Client" in await page.inner_text("main")
    assert not await barriers(page)
    stop = page.get_by_role("button", name="Stop renewing")
    await stop.click()
    await page.get_by_role("button", name="Renew by itself").click()

    async with browser.world.engine.begin() as connection:
        await connection.execute(update(import_attempt).values(bytes_done=75))
    await page.get_by_text("75 % read").wait_for()
    async with browser.world.engine.begin() as connection:
        await connection.execute(update(import_attempt).values(state="FAILED", ended_at=func.now()))
    await page.get_by_text("The database gave up").wait_for()
    assert await page.locator("progress").count() == 0


async def test_before_the_first_one_it_is_said_how_one_begins(desk: Desk) -> None:
    await desk.world.organization("6")
    async with desk.http(await desk.session("6", Role.PRIVACY_OFFICER)) as client:
        shown = await client.get("/imports")
    assert "Nothing has been imported yet" in shown.text
    assert "hmis-hub import export.zip --source riverside" in shown.text


async def test_nobody_else_is_told_of_an_import(desk: Desk) -> None:
    await desk.world.organization("6")
    wanted = await imported(desk.world)
    async with desk.http(await desk.session("6")) as client:
        shown = await client.get("/imports")
        pages = [await client.get(f"/imports/{one}") for one in (wanted, "0")]
        tables = [await client.get(f"/imports/{one}/findings.csv") for one in (wanted, "0")]
        async with desk.world.engine.begin() as connection:
            await connection.execute(delete(import_attempt))
    assert "demo" not in shown.text
    assert {one.status_code for one in (*pages, *tables)} == {404}
    assert len({one.text for one in (*pages, *tables)}) == 1
