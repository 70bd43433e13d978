"""What a visitor of the demo does: three people at three browsers, one client, and what she lets them see."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.async_api import Browser, Page, expect

from tests.gateway.demo.browsing import DASHBOARD, INTEGRATOR, NEIGHBOR, SHELTER, found, signed_in, town
from tests.gateway.pages.conftest import barriers

_MARISOL = "Marisol Inés Vantreight"
_HOUSED = "Cedar Court Apartments"
"""Where she lives; neither agency wrote it down, and the other one learns it from her alone."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Where the demo of this module answers."""
    with town() as demo:
        yield demo.address


async def _lets_everybody_see_her_stays(page: Page) -> None:
    """At the desk of the shelter: the form, who will see what, and her yes."""
    await page.get_by_role("link", name="Consent", exact=True).click()
    await page.get_by_role("link", name="Fill in the form together").click()
    await page.get_by_label("may see where I stayed").check()
    await page.get_by_role("button", name="Show who will see what").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Who will see what")
    changes = page.get_by_role("region", name="What changes")
    await expect(changes).to_contain_text("Keys Home Rapid Re-Housing")
    await page.get_by_label("I say yes aloud").check()
    await page.get_by_role("button", name="Sign and record").click()
    await expect(page.get_by_role("status")).to_contain_text("Recorded")


async def _takes_it_back(page: Page) -> None:
    await page.get_by_role("link", name="What stands now").click()
    await page.get_by_role("link", name=re.compile("^Take it back.*every agency")).click()
    await page.get_by_role("button", name="Take it back now").click()
    await expect(page.get_by_role("status")).to_contain_text("Taken back")


async def test_what_she_lets_another_agency_see_is_there_at_once_and_gone_at_once(
    chromium: Browser, address: str
) -> None:
    desk = await signed_in(chromium, address, SHELTER)
    neighbor = await signed_in(chromium, address, NEIGHBOR)

    await found(neighbor, "vantreight, marisol", _MARISOL)
    await expect(neighbor.get_by_role("heading", name="The last 3 years")).to_be_visible()
    await expect(neighbor.get_by_role("row", name=_HOUSED)).to_have_count(0)

    await found(desk, "vantreight, marisol", _MARISOL)
    await expect(desk.get_by_role("heading", name="The last 3 years")).to_be_visible()
    await expect(desk.get_by_role("row", name=_HOUSED).first).to_be_visible()
    profile = desk.url

    # The neighbor's page is open all the while, and nobody touches it.
    await _lets_everybody_see_her_stays(desk)
    await expect(neighbor.get_by_role("row", name=_HOUSED).first).to_be_visible()
    await _takes_it_back(desk)
    await expect(neighbor.get_by_role("row", name=_HOUSED)).to_have_count(0)

    await desk.goto(f"{profile}/looked")
    await expect(desk.get_by_role("main")).to_contain_text("Keys Home Rapid Re-Housing")
    await expect(desk.get_by_role("main")).to_contain_text("your stays and where they led")


async def test_a_dashboard_gets_pictures_and_no_people(chromium: Browser, address: str) -> None:
    page = await signed_in(chromium, address, DASHBOARD)
    await expect(page.get_by_role("navigation", name="Main").get_by_role("link")).to_have_text(["Measures"])
    await page.goto("/people")
    await page.get_by_label("Name, birth date, last four or record number").fill("vantreight")
    await page.get_by_role("button", name="Find").click()
    await expect(page.get_by_role("main")).not_to_contain_text("Marisol")


async def test_an_integrator_tries_a_document_and_sees_what_it_costs(chromium: Browser, address: str) -> None:
    page = await signed_in(chromium, address, INTEGRATOR, "/explorer")
    await page.get_by_role("button", name="Run", exact=True).click()
    await expect(page.get_by_role("heading", name="Answer")).to_be_visible()
    await expect(page.get_by_role("main")).to_contain_text("Harbor Light")
    assert not await barriers(page)
