"""The documentation of the API: for whom it is, how large it is, and what it says."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import gateway
from auth.viewer import Role
from gateway.errors import TABLE, Limit
from gateway.pages.codes import CODES
from gateway.pages.reference import reference
from schema.build import schema
from tests.gateway.pages.conftest import Desk, barriers

LARGEST = 100_000
"""Bytes of a page with its styles and scripts."""
_STATIC = Path(gateway.__file__).parent / "pages" / "static"


def _bytes_around(*names: str) -> int:
    return sum((_STATIC / name).stat().st_size for name in ("hub.css", "hub.svg", "explorer.css", *names))


async def test_every_page_of_the_schema_is_there_and_small(desk: Desk) -> None:
    await desk.world.organization("6")
    around = _bytes_around("api.js")
    async with desk.http(await desk.session("6", Role.INTEGRATOR)) as client:
        for name in ["", *(f"/{one}" for one in reference(schema).entries)]:
            answer = await client.get(f"/api{name}")
            assert answer.status_code == 200, name
            assert len(answer.content) + around < LARGEST, name


async def test_links_between_the_pages_lead_somewhere(desk: Desk) -> None:
    await desk.world.organization("6")
    known = reference(schema).entries
    async with desk.http(await desk.session("6", Role.INTEGRATOR)) as client:
        pages = [
            (await client.get(path)).text for path in ("/api", "/api/Client", "/api/clients", "/api?q=date")
        ]
    linked = {name for page in pages for name in re.findall(r'href="/api/([^"#]+)', page)}
    assert linked
    assert linked <= set(known)


@pytest.mark.parametrize("more_settings", [{"introspection": ("INTEGRATOR",)}])
async def test_whoever_may_not_introspect_is_told_kindly_and_nothing_of_the_schema(desk: Desk) -> None:
    await desk.world.organization("6")
    async with desk.http(await desk.session("6")) as client:
        for path in (
            "/api",
            "/api/Client",
            "/api?q=birth",
            "/api/nothing",
            "/explorer",
            "/explorer/documents",
        ):
            answer = await client.get(path)
            assert answer.status_code == 403, path
            assert "For those who build on the hub" in answer.text
            assert "Birth" not in answer.text
        told = await client.get("/api/Client.json")
        assert (told.status_code, told.content) == (404, b"{}")
    async with desk.http(await desk.session("6", Role.INTEGRATOR)) as client:
        assert (await client.get("/api")).status_code == 200


async def test_a_type_is_told_to_an_editor_and_kept_by_its_browser_alone(desk: Desk) -> None:
    await desk.world.organization("6")
    async with desk.http(await desk.session("6", Role.INTEGRATOR)) as client:
        answer = await client.get("/api/Client.json")
        absent = await client.get("/api/Nothing.json")
    assert answer.headers["cache-control"] == "private, max-age=600"
    assert {"name": "birth", "needs": "DOB"}.items() <= answer.json()["members"][3].items()
    assert absent.status_code == 404


async def test_what_is_searched_for_stands_in_the_page_as_text(desk: Desk) -> None:
    await desk.world.organization("6")
    async with desk.http(await desk.session("6", Role.INTEGRATOR)) as client:
        answer = await client.get("/api", params={"q": '"><script>alert(1)</script>'})
        absent = await client.get("/api/%3Cscript%3E")
    assert "<script>alert" not in answer.text
    assert (absent.status_code, "<script>" in absent.text) == (404, False)


def test_every_code_that_an_answer_may_have_is_explained() -> None:
    raised = set()
    for path in Path(gateway.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                given = [one.value for one in node.args if isinstance(one, ast.Constant)]
                if node.func.id in ("Refused", "NotFound", "DocumentRefused"):
                    raised |= {one for one in given if isinstance(one, str) and one.isupper()}
    assert raised | {row.code for row in TABLE} | set(Limit) | {"INTERNAL"} == set(CODES)


async def test_an_integrator_finds_a_field_and_what_it_needs(browser: Desk) -> None:
    await browser.world.organization("6")
    page = await browser.signed_in("6", Role.INTEGRATOR)
    await page.goto("/")
    await page.get_by_role("link", name="API").first.click()
    assert not await barriers(page)
    # While it is typed the lists show what fits; Enter searches descriptions, too.
    await page.get_by_label("Search the schema").fill("referral")
    assert await page.get_by_role("link", name="referralCreate").is_visible()
    assert not await page.get_by_role("link", name="consentGrant").is_visible()
    await page.get_by_label("Search the schema").press("Enter")
    assert not await barriers(page)
    await page.get_by_role("link", name="Client.referrals").click()
    item = page.locator("#referrals")
    assert "needs SERVICES" in await item.inner_text()
    await item.get_by_role("link", name="Referral", exact=True).click()
    assert await page.get_by_role("heading", level=1).inner_text() == "Referral"


async def test_the_documentation_reads_well_small_and_dark(browser: Desk) -> None:
    await browser.world.organization("6")
    small = {"viewport": {"width": 320, "height": 700}, "color_scheme": "dark"}
    page = await browser.signed_in("6", Role.INTEGRATOR, **small)
    for path in ("/api", "/api/IncomeAndBenefits", "/api/clients", "/api/ServiceType", "/api?q=housing"):
        await page.goto(path)
        assert not await barriers(page), path
        assert await page.evaluate("document.documentElement.scrollWidth") <= 320, path
