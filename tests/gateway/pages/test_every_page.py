"""Every page there is, on the demo: for everybody, however they read it (WCAG 2.2 AA), and light."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.async_api import Browser
from starlette.routing import Route, compile_path

from gateway.pages.routes import ROUTES
from tests.gateway.demo.browsing import DASHBOARD, INTEGRATOR, OFFICER, SHELTER, found, signed_in, town
from tests.gateway.pages.conftest import barriers
from tests.gateway.pages.looking import HEAVIEST, by_keyboard, sideways, weight

_MARISOL = "Marisol Inés Vantreight"
_CLIENT = "/people/{id}"
LOOKED_AT = {
    SHELTER: (
        *("/", "/people", "/matches", "/matches/people", "/matches/people/answered", "/emergency"),
        *(_CLIENT, f"{_CLIENT}/print", f"{_CLIENT}/looked", f"{_CLIENT}/shared", f"{_CLIENT}/consent"),
        *(f"{_CLIENT}/consent/form", f"{_CLIENT}/guardians", f"{_CLIENT}/emergency", f"{_CLIENT}/referrals"),
    ),
    OFFICER: ("/openings", "/orders", f"{_CLIENT}/access", f"{_CLIENT}/order", "/sign-in/proven"),
    DASHBOARD: ("/measures", "/measures/people-served"),
    INTEGRATOR: (
        *("/sources", "/sources/pantry", "/imports", "/imports/{import}", "/explorer"),
        *("/explorer/documents", "/api", "/api/Client"),
    ),
}
"""Who looks at which pages. `{id}` is the client of the showcase, `{import}` the newest import."""
ELSEWHERE = {
    "/api/{name}.json": "no page",
    "/imports/{id}/findings.csv": "a file",
    "/measures/{name}.csv": "a file",
    "/measures/{name}.svg": "a picture",
    "/measures/{name}.xlsx": "a file",
    "/measures/{name}/records": "test_measure_records.py: takes records of one's own behind a figure",
    "/people/{id}/changes": "a stream",
    "/people/{id}/consent/signed/{form}": "test_consent.py: takes a form just signed",
    "/people/{id}/consent/{grant}/end": "test_consent.py: takes a grant",
    "/people/{id}/consent/{grant}/narrow": "test_consent.py: takes a grant",
    "/people/{id}/emergency/open": "test_emergency.py: takes an opening",
    "/sign-in": "test_signing_in.py: nobody is there yet",
    "/sign-in/agency": "test_signing_in.py: takes somebody of two agencies",
    "/sign-in/begin": "leads on",
    "/sign-in/callback": "leads on",
    "/sign-in/logged-out": "test_signing_out.py: nobody is there any more",
    "/sign-in/step-up": "leads on",
    "/static/{name}": "a file",
}
"""Routes that are looked at by tests of their own, or are nothing to look at."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Where the demo of this module answers."""
    with town() as demo:
        yield demo.address


def test_no_page_is_left_out() -> None:
    looked_at = {path for paths in LOOKED_AT.values() for path in paths}
    left = [
        route.path
        for route in ROUTES
        if isinstance(route, Route) and "GET" in (route.methods or ())
        if route.path not in ELSEWHERE
        and not any(compile_path(route.path)[0].fullmatch(path) for path in looked_at)
    ]
    assert not left
    assert not set(ELSEWHERE) - {route.path for route in ROUTES}


@pytest.mark.parametrize("who", LOOKED_AT, ids=["case-manager", "officer", "dashboard", "integrator"])
async def test_every_page_can_be_used_by_everybody(
    chromium: Browser, address: str, who: re.Pattern[str]
) -> None:
    page = await signed_in(chromium, address, who)
    known = {}
    if who in (SHELTER, OFFICER):
        await found(page, "vantreight, marisol", _MARISOL)
        known["{id}"] = page.url.rsplit("/", 1)[1].split("?")[0]
    if who is INTEGRATOR:
        await page.goto("/imports")
        newest = await page.locator("a[href^='/imports/']").first.get_attribute("href")
        known["{import}"] = str(newest).rsplit("/", 1)[1]
    wrong: list[str] = []
    for path in LOOKED_AT[who]:
        here = path
        for name, value in known.items():
            here = here.replace(name, value)
        await page.set_viewport_size({"width": 1280, "height": 860})
        heavy = await weight(page, here)
        if await page.get_by_role("button", name="Yes, it is me").count():  # it asks who is there once more
            await page.get_by_role("button", name="Yes, it is me").click()
            heavy = await weight(page, here)
        wrong += [f"{path}: {heavy} bytes"] if heavy > HEAVIEST else []
        wrong += [f"{path}: {await page.title()}"] if await page.locator("h1").count() != 1 else []
        there, reached, unmarked = await by_keyboard(page)
        wrong += [f"{path}: {reached} of {there} by keyboard"] if reached < there else []
        wrong += [f"{path}: not shown to have the focus: {one}" for one in unmarked]
        for scheme in ("light", "dark"):
            await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            wrong += [f"{path}, {scheme}: {one}" for one in await barriers(page)]
        await page.emulate_media(color_scheme="light")
        wrong += [f"{path}: wider than the window: {one}" for one in await sideways(page)]
    assert not wrong, "\n".join(wrong)
