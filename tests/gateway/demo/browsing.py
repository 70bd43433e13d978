"""The demo in a browser, as a visitor opens it: they pick who to be."""

from __future__ import annotations

import re
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.async_api import Browser, Page

from tests.gateway.demo.running import Demo, demo

SHELTER = re.compile("^A case manager of the emergency shelter")
NEIGHBOR = re.compile("^A housing navigator")
DASHBOARD = re.compile("^The dashboard of a partner agency")
INTEGRATOR = re.compile("^An integrator")
OFFICER = re.compile("^The privacy officer of the emergency shelter")


@contextmanager
def town() -> Iterator[Demo]:
    """The demo on a database of its own, in a folder that its server may read whoever runs this."""
    with tempfile.TemporaryDirectory(prefix="hub-demo-") as folder:
        home = Path(folder)
        home.chmod(0o755)
        with demo(home) as running:
            try:
                yield running
            finally:  # asked, so that it stops its database, too
                running.process.send_signal(signal.SIGINT)
                running.process.wait(timeout=60)


async def signed_in(browser: Browser, address: str, who: re.Pattern[str], to: str = "/") -> Page:
    """A page of a browser of its own, on which somebody has signed in as one of the demo's people."""
    context = await browser.new_context(base_url=address, viewport={"width": 1280, "height": 860})
    page = await context.new_page()
    await page.goto(to)
    await page.get_by_role("link", name="Sign in").click()
    await page.get_by_role("button", name=who).click()
    await page.wait_for_url(f"{address}{to}")
    return page


async def found(page: Page, words: str, name: str) -> None:
    """Find somebody by what is typed, and open the profile of the one whose name it is."""
    await page.goto("/people")
    await page.get_by_label("Name, birth date, last four or record number").fill(words)
    await page.get_by_role("button", name="Find").click()
    first, *_, last = name.split()
    await page.get_by_role("link", name=re.compile(f"^{last}, {first}")).first.click()
    await page.get_by_role("heading", level=1, name=name).wait_for()
