"""The first page, in a browser."""

from __future__ import annotations

import re

from auth.viewer import Role
from tests.gateway.pages.conftest import Desk, barriers


async def test_a_case_manager_begins_with_what_they_may_do(browser: Desk) -> None:
    await browser.world.organization("6")
    page = await browser.signed_in("6")
    await page.goto("/")
    assert await page.get_by_role("heading", level=1).inner_text() == "Agency 6"
    assert (
        await page.get_by_role("link", name=re.compile("^People")).count() == 2
    )  # in the menu, and as a door
    assert not await barriers(page)


async def test_somebody_who_is_no_member_is_told_what_to_do(browser: Desk) -> None:
    await browser.world.organization("6")
    session = await browser.session("6", subject="nobody")
    page = await browser.page(session)
    await page.goto("/")
    assert "not yet a member" in await page.get_by_role("heading", level=1).inner_text()
    assert not await barriers(page)


async def test_a_page_is_of_the_language_that_was_chosen(browser: Desk) -> None:
    await browser.world.organization("6")
    page = await browser.signed_in("6", Role.PRIVACY_OFFICER)
    await page.goto("/")
    await page.get_by_role("button", name="Español").click()
    assert await page.locator("html").get_attribute("lang") == "es"


async def test_without_a_session_one_is_sent_to_sign_in(browser: Desk) -> None:
    async with browser.http(await browser.hub.sessions.begin(browser.clock())) as client:
        answer = await client.get("/people")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?to=%2Fpeople")
