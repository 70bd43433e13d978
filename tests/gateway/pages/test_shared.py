"""What is shared about you: the page a client takes home."""

from __future__ import annotations

import re
from datetime import date

from auth.categories import Category
from auth.consent import Effect
from auth.viewer import Purpose
from hmis.labels import Label
from tests.gateway.pages.conftest import Desk, barriers
from tests.gateway.pages.looking import HEAVIEST, sideways, weight
from tests.worlds import World


async def somebody_who_agreed(world: World) -> str:
    """Ada, of A and B, who shares some with B, refused C, and took something back."""
    for name in "ABCD":
        await world.organization(name)
    ada = str(await world.client("ada", first_name="Ada", last_name="Quill"))
    await world.stay("s1", "ada", "A-p")
    await world.client("ada at B", person_of="ada")
    await world.stay("s2", "ada at B", "B-p")
    some = Category.EXISTENCE | Category.NAME | Category.ENROLLMENT
    await world.grant("ada", "B", categories=some, end=date(2027, 1, 1), labels=Label.HIV)
    await world.grant("ada", "C", categories=Category.EXISTENCE, effect=Effect.DENY, purposes=tuple(Purpose))
    await world.grant("ada", "D", end=date(2026, 2, 1))
    return ada


async def test_it_says_who_can_see_what_why_and_how_to_take_it_back(browser: Desk) -> None:
    ada = await somebody_who_agreed(browser.world)
    page = await browser.signed_in("A")
    await page.goto(f"/people/{ada}/shared")
    said = await page.locator("main").inner_text()
    assert "People who help you at Agency B can see:\n\nyour name\nyour stays and where they led" in said
    assert "You let Agency B see: what is listed above. This includes what tells of HIV or AIDS." in said
    assert "ends on January 1, 2027" in said
    assert "You do not let Agency C see: anything about you." in said
    assert "Agency D" not in said  # it is over
    assert ada in said  # by which they are found in an emergency
    assert not await barriers(page)
    await page.emulate_media(color_scheme="dark")
    assert not await barriers(page)
    assert not await sideways(page)
    assert await weight(page, f"/people/{ada}/shared") < HEAVIEST


async def test_it_fits_on_two_letter_pages_in_large_type(browser: Desk) -> None:
    ada = await somebody_who_agreed(browser.world)
    page = await browser.signed_in("A")
    for language in ("en", "es"):
        await page.goto(f"/people/{ada}/shared?language={language}")
        paper = await page.pdf(prefer_css_page_size=True)
        assert 1 <= len(re.findall(rb"/Type\s*/Page\b", paper)) <= 2
    await page.emulate_media(media="print")
    assert await page.evaluate("parseFloat(getComputedStyle(document.querySelector('main')).fontSize)") >= 16
    assert not await page.get_by_role("link", name="Español").is_visible()


async def test_the_clients_language_is_not_that_of_whoever_prints(browser: Desk) -> None:
    ada = await somebody_who_agreed(browser.world)
    page = await browser.signed_in("A")
    await page.goto(f"/people/{ada}/shared")
    await page.get_by_role("link", name="Español").click()
    assert await page.locator("html").get_attribute("lang") == "es"
    assert "1 de enero de 2027" in await page.locator("main").inner_text()
    await page.goto(f"/people/{ada}/shared")
    assert await page.locator("html").get_attribute("lang") == "en"


async def test_nobody_is_said_to_see_nothing_where_another_agency_may_know_better(desk: Desk) -> None:
    ada = await somebody_who_agreed(desk.world)
    async with desk.http(await desk.session("B")) as client:
        answer = await client.get(f"/people/{ada}/shared")
    assert "Agency B knows of no other agency that sees what it wrote down about you" in answer.text
    assert "ask for this page there, too" in answer.text
    assert "Agency C" not in answer.text
