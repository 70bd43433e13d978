"""Pages as people meet them: the whole application on a port of its own, and Debian's Chromium before it.

`desk` is a hub over a small world; `await desk.signed_in("6")` gives a browser page of somebody of that
agency. `desk.http(session)` gives the same session to an HTTP client, for what needs no browser.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, async_playwright, expect
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette

from auth.sessions import Session, SignedIn
from auth.viewer import Role
from gateway.app import create_app
from gateway.hub import Hub
from gateway.pages.page import COOKIE
from gateway.serving import address_of, listening, server
from gateway.settings import DEMO_ISSUER, Settings
from hmis.tables import member
from tests.worlds import NOW, World

# The first question of a kind takes longer, and machines that run tests have more to do.
_PATIENCE_S = 30
expect.set_options(timeout=_PATIENCE_S * 1000)

_WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_AXE = {"runOnly": {"type": "tag", "values": _WCAG}}


@dataclass
class Clock:
    """The time of a hub; a test may move it on."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Desk:
    """A hub over a world, and people at browsers."""

    world: World
    app: Starlette
    hub: Hub
    address: str
    clock: Clock
    browser: Browser | None = None
    _open: list[Any] = field(default_factory=list)

    async def member(self, organization: str, role: Role = Role.CASE_MANAGER, subject: str = "") -> str:
        """Make somebody a member of an agency, whom the demo's provider then offers. Gives their subject."""
        subject = subject or f"{role.value.lower()}@{organization}"
        async with self.world.engine.begin() as connection:
            await connection.execute(
                insert(member).values(
                    issuer=DEMO_ISSUER,
                    subject=subject,
                    agency_id=self.world.agencies[organization].id,
                    role=role.value,
                    valid_from=date(2020, 1, 1),
                )
            )
        return subject

    async def session(self, organization: str, role: Role = Role.CASE_MANAGER, **said: Any) -> Session:
        """A session of a member of an agency, who signed in just now; `said` changes what the issuer said."""
        subject = await self.member(organization, role)
        who = SignedIn(**{"issuer": DEMO_ISSUER, "subject": subject, "auth_time": self.clock(), **said})
        return await self.hub.sessions.begin(self.clock(), who)

    async def signed_in(self, organization: str, role: Role = Role.CASE_MANAGER, **options: Any) -> Page:
        """A page of a browser of their own. options: of Playwright's `new_context`, such as a viewport."""
        return await self.page(await self.session(organization, role), **options)

    async def page(self, session: Session | None, **options: Any) -> Page:
        """A browser page with a session's cookie; None = nobody has signed in."""
        assert self.browser is not None, "ask for the fixture `browser`"
        # Without motion: what is looked at on its way from one colour to another has neither's contrast.
        options = {"base_url": self.address, "reduced_motion": "reduce", **options}
        context = await self.browser.new_context(**options)
        self._open.append(context)
        if session is not None:
            await context.add_cookies(
                [
                    {
                        "name": COOKIE,
                        "value": session.word,
                        "domain": "127.0.0.1",
                        "path": "/",
                        "secure": True,
                        "httpOnly": True,
                    }
                ]
            )
        page = await context.new_page()
        # A page that asks another host for anything, or breaks its own policy, fails the test.
        page.on("console", lambda said: self._complain(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self._complain(str(error)))
        return page

    def _complain(self, said: str) -> None:
        self.complaints.append(said)

    complaints: list[str] = field(default_factory=list)
    """What browsers wrote to their consoles as errors."""

    @asynccontextmanager
    async def http(self, session: Session) -> AsyncIterator[httpx.AsyncClient]:
        """An HTTP client with a session's cookie, which follows nothing."""
        headers = {"Cookie": f"{COOKIE}={session.word}"}
        async with httpx.AsyncClient(base_url=self.address, headers=headers, timeout=_PATIENCE_S) as client:
            yield client

    async def close(self) -> None:
        for context in self._open:
            await context.close()


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """One browser of this run."""
    found = shutil.which("chromium")
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail("CI runs in a real browser, and chromium is not there")
        pytest.skip("chromium is not on this machine: apt-get install chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        await browser.close()


@asynccontextmanager
async def desk_of(
    database: AsyncEngine, settings: Settings, clock: Clock | None = None
) -> AsyncIterator[Desk]:
    """A hub of these settings that answers on a port of its own, over an empty world."""
    clock = clock or Clock()
    app = create_app(settings, now=clock)
    listener = listening(settings)
    with listener:
        async with app.router.lifespan_context(app):
            running = server(app, settings)
            serving = asyncio.create_task(running.serve(sockets=[listener]))
            await running.ready.wait()
            desk = Desk(World(database), app, app.state.hub, address_of(listener), clock)
            try:
                yield desk
            finally:
                await desk.close()
                running.should_exit = True
                await serving


@pytest.fixture
def more_settings() -> dict[str, Any]:
    """What a test has the operator set besides: `@pytest.mark.parametrize("more_settings", [{...}])`."""
    return {}


@pytest.fixture
async def desk(
    database: AsyncEngine, database_url: str, tmp_path: Path, more_settings: dict[str, Any]
) -> AsyncIterator[Desk]:
    """A hub where one signs in at the demo's provider."""
    said = {"consent_forms": ("port-ellery", "il-chicago"), **more_settings}
    settings = Settings(home=tmp_path, database_url=database_url, demo_issuer=True, port=0, **said)
    async with desk_of(database, settings) as desk:
        yield desk


@pytest.fixture
async def browser(chromium: Browser, desk: Desk) -> AsyncIterator[Desk]:
    """The desk with a browser before it. What its pages complain of fails the test."""
    desk.browser = chromium
    yield desk
    assert not desk.complaints


async def barriers(page: Page) -> list[str]:
    """What axe-core finds that keeps somebody from using the page (WCAG 2.2 AA and best practice)."""
    found = await Axe().run(page, options=_AXE)
    return [
        f"{one['id']}: {one['help']}: {[node['html'][:200] for node in one['nodes']][:3]}"
        for one in found.response["violations"]
    ]
