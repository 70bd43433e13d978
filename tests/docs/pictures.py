"""The pictures of the main pages in docs/pictures, taken of the demo: `make pictures`."""

from __future__ import annotations

import asyncio
import shutil
import sys
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright

from tests.gateway.demo.browsing import DASHBOARD, INTEGRATOR, SHELTER, found, signed_in, town

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
_FIGURES = 9
"""Of the overview of measures, once all is published."""
_MARISOL = "Marisol Inés Vantreight"


async def _taken(page: Page, name: str, height: int = 860) -> None:
    await page.set_viewport_size({"width": 1280, "height": height})
    await page.wait_for_load_state("networkidle")
    await page.screenshot(path=FOLDER / f"{name}.png", animations="disabled")
    sys.stderr.write(f"{name}\n")


async def _of_the_shelter(page: Page) -> None:
    await page.goto("/people")
    await page.get_by_label("Name, birth date, last four or record number").fill("marisol vantr")
    await page.get_by_role("link", name="Vantreight").first.wait_for()
    await _taken(page, "find", 640)
    await found(page, "marisol vantr", _MARISOL)
    await _taken(page, "profile", 1000)
    await page.goto(page.url.split("?")[0] + "/consent/form")
    await page.get_by_role("checkbox").first.check()
    await page.get_by_role("button", name="Show who will see what").click()
    await _taken(page, "consent", 1000)


async def _all(browser: Browser, address: str) -> None:
    await _of_the_shelter(await signed_in(browser, address, SHELTER))
    page = await signed_in(browser, address, DASHBOARD, "/measures")
    while await page.locator(".key").count() < _FIGURES:
        await page.wait_for_timeout(5_000)  # they are published while the demo answers
        await page.reload()
    await page.get_by_role("link", name="Coming and going").click()
    await page.locator(".chart img").first.wait_for()
    await _taken(page, "measures", 1000)
    page = await signed_in(browser, address, INTEGRATOR, "/sources")
    await _taken(page, "console")
    await page.goto("/explorer")
    await page.get_by_role("button", name="Run", exact=True).click()
    await page.get_by_role("heading", name="Answer").wait_for()
    await page.evaluate("() => window.scrollTo(0, 0)")
    await _taken(page, "explorer", 1300)


async def main() -> None:
    """Take all of them."""
    found = shutil.which("chromium")
    if found is None:
        sys.exit("chromium is not on this machine: apt-get install chromium")
    FOLDER.mkdir(exist_ok=True)
    with town() as demo:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
            await _all(browser, demo.address)
            await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
