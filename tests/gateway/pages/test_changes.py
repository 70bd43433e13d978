"""An open page and what becomes of it when consent changes elsewhere, in browsers and over HTTP."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import httpx
from playwright.async_api import Page, expect
from sqlalchemy import text

from auth.sessions import Session
from gateway.pages.page import COOKIE
from gateway.watch import MOST_EACH
from tests.gateway.pages.conftest import Desk, barriers


async def _shared(desk: Desk) -> tuple[UUID, UUID]:
    """Ruth, a client of agency 6, shares all with agency 7: her id and the grant."""
    world = desk.world
    await world.organization("6")
    await world.organization("7")
    person = await world.client("c1", first_name="Ruth", last_name="Stone", name_data_quality=1)
    await world.stay("s1", "c1", "6-p")
    return person, await world.grant("c1", "7")


async def _opened(desk: Desk, agency: str, person: UUID) -> Page:
    page = await desk.signed_in(agency)
    # It listens once the hub answers its question for changes.
    async with page.expect_response(lambda answer: "/changes" in answer.url):
        await page.goto(f"/people/{person}")
    return page


def _was_absent(desk: Desk) -> None:
    """A browser complains of a page that is not there, and of nothing else."""
    assert ["404" in complaint for complaint in desk.complaints] == [True]
    desk.complaints.clear()


async def test_consent_taken_back_closes_the_page_of_another_agency_and_not_ones_own(browser: Desk) -> None:
    person, grant = await _shared(browser)
    own = await _opened(browser, "6", person)
    other = await _opened(browser, "7", person)
    for page in (own, other):
        await expect(page.get_by_role("heading", name="Ruth Stone")).to_be_visible()
    await browser.world.revoke(grant)
    await expect(other.get_by_text("Ruth Stone")).to_have_count(0)
    assert "Ruth" not in await other.content()
    assert "Ruth" not in await other.title()
    await expect(other.get_by_role("status")).to_contain_text("changed")
    await expect(own.get_by_role("heading", name="Ruth Stone")).to_be_visible()
    assert not await barriers(other)
    _was_absent(browser)


async def test_consent_given_opens_it_again_where_it_was(browser: Desk) -> None:
    person, _ = await _shared(browser)
    page = await _opened(browser, "6", person)
    await page.get_by_role("link", name="10 years").focus()
    # What the own agency sees does not hang on consent, yet what is agreed stands on its page.
    await browser.world.grant("c1", "7", start=browser.clock().date())
    await expect(page.get_by_role("link", name="2 agreements in force")).to_be_visible(timeout=2000)
    await expect(page.get_by_role("link", name="10 years")).to_be_focused()


async def test_a_session_that_ended_takes_its_open_page_along(browser: Desk) -> None:
    person, _ = await _shared(browser)
    page = await _opened(browser, "7", person)
    browser.clock.now += timedelta(minutes=13, seconds=30)
    await expect(page.get_by_role("status")).to_contain_text("two minutes")
    await expect(page.get_by_role("link", name="Go on working")).to_be_visible()
    browser.clock.now += timedelta(minutes=2)
    await expect(page.get_by_role("status")).to_contain_text("ended")
    assert "Ruth" not in await page.content()
    assert not await barriers(page)


async def test_without_javascript_a_link_looks_again(browser: Desk) -> None:
    person, grant = await _shared(browser)
    page = await browser.signed_in("7", java_script_enabled=False)
    await page.goto(f"/people/{person}")
    await browser.world.revoke(grant)
    await page.get_by_role("link", name="Look again").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("This did not work")
    _was_absent(browser)


async def _seen(client: httpx.AsyncClient, person: UUID) -> str:
    page = (await client.get(f"/people/{person}")).text
    return page.split('data-changes="')[1].split('"')[0].replace("&amp;", "&")


async def _told(desk: Desk, session: Session, path: str) -> list[str]:
    """The events that somebody is told until the hub says no more."""
    headers = {"Cookie": f"{COOKIE}={session.word}"}
    async with (
        httpx.AsyncClient(base_url=desk.address, headers=headers, timeout=30) as client,
        client.stream("GET", path) as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = [line async for line in answer.aiter_lines()]
    return [line.removeprefix("event: ") for line in lines if line.startswith("event: ")]


async def _listens(desk: Desk, pages: int) -> None:
    """Wait until so many pages listen."""
    while desk.hub.watch.listening < pages:
        async with desk.hub.writer.connect() as connection:
            await connection.execute(text("select 1"))


async def test_a_change_between_reading_and_listening_is_told(desk: Desk) -> None:
    person, grant = await _shared(desk)
    session = await desk.session("7")
    async with desk.http(session) as client:
        path = await _seen(client, person)
    await desk.world.revoke(grant)
    assert await _told(desk, session, path) == ["changed"]


async def test_what_changes_nothing_for_the_viewer_is_not_told(desk: Desk) -> None:
    person, grant = await _shared(desk)
    await desk.world.organization("8")
    session = await desk.session("7")
    async with desk.http(session) as client:
        path = await _seen(client, person)
    await desk.world.grant("c1", "8")
    listening = asyncio.create_task(_told(desk, session, path))
    await _listens(desk, 1)
    await desk.world.grant("c1", "8")
    await desk.world.revoke(grant)
    assert await listening == ["changed"]  # once, for the last of the three


async def test_only_who_saw_the_page_may_listen(desk: Desk) -> None:
    person, _ = await _shared(desk)
    await desk.world.organization("8")
    other = await desk.world.client("c2")
    saw, did_not = await desk.session("7"), await desk.session("8")
    async with desk.http(saw) as client, desk.http(did_not) as stranger:
        path = await _seen(client, person)
        absent = await stranger.get(f"/people/{person}")
        refusals = [
            await stranger.get(path),
            await stranger.get(f"/people/{person}/changes"),
            await client.get(path.replace(str(person), str(other))),
            await client.get(f"/people/{person}/changes?seen=%C3%A9"),
        ]
    assert {(one.status_code, one.text) for one in refusals} == {(404, absent.text)}


async def test_listening_keeps_no_session_going(desk: Desk) -> None:
    person, _ = await _shared(desk)
    session = await desk.session("7")
    async with desk.http(session) as client:
        path = await _seen(client, person)
        desk.clock.now += timedelta(minutes=10)
        again = await client.get(f"/people/{person}", headers={"Hub-Unattended": "1"})
        assert again.status_code == 200
        desk.clock.now += timedelta(minutes=6)
        assert await _told(desk, session, path) == ["ended"]
        assert (await client.get(f"/people/{person}")).status_code == 303


async def test_one_session_may_not_listen_without_end(desk: Desk) -> None:
    person, _ = await _shared(desk)
    session = await desk.session("7")
    async with desk.http(session) as client:
        path = await _seen(client, person)
        listening = [asyncio.create_task(_told(desk, session, path)) for _ in range(MOST_EACH)]
        await _listens(desk, MOST_EACH)
        assert (await client.get(path)).status_code == 503
    await desk.hub.sessions.end(session)
    assert await asyncio.gather(*listening) == [["ended"]] * MOST_EACH


async def test_pages_that_listen_do_not_keep_the_hub_from_stopping(desk: Desk) -> None:
    person, _ = await _shared(desk)
    session = await desk.session("7")
    async with desk.http(session) as client:
        path = await _seen(client, person)
    listening = asyncio.create_task(_told(desk, session, path))
    await _listens(desk, 1)
    desk.hub.watch.stop()
    assert await listening == []
