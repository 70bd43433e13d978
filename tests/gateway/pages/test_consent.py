"""Consent at a desk, in a browser: read, chosen, previewed, signed, made smaller and taken back."""

from __future__ import annotations

import re
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page
from sqlalchemy import func, select

from auth.categories import Category
from auth.consent import Effect
from auth.viewer import Role
from hmis.tables import consent_grant
from tests.gateway.pages.conftest import Desk, barriers
from tests.gateway.pages.looking import HEAVIEST, by_keyboard, sideways, weight
from tests.worlds import World

SEEN = "query($id: ID!) { client(id: $id) { access { category granted } } }"


async def at_desk(world: World) -> str:
    """Ada, whom agency A alone knows; B and C work next door."""
    for name in "ABC":
        await world.organization(name)
    ada = str(await world.client("ada", first_name="Ada", last_name="Quill", dob=date(1990, 5, 5)))
    await world.stay("s1", "ada", "A-p")
    return ada


async def seen(world: World, agency: str, client: str) -> list[str]:
    """What the API shows a case manager of an agency."""
    found = (await world.ask(world.viewer(agency), SEEN, id=client)).data
    assert found is not None
    return [one["category"] for one in (found["client"] or {}).get("access", []) if one["granted"]]


async def looked_at(page: Page) -> None:
    """Nothing in the way of anybody, in light, in dark, on a small window and by keyboard."""
    assert await page.title()
    for scheme in ("dark", "light"):
        await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert not await barriers(page)
    size = page.viewport_size
    assert not await sideways(page)
    assert size is not None
    await page.set_viewport_size(size)


async def written(world: World) -> int:
    async with world.engine.connect() as connection:
        return int(await connection.scalar(select(func.count()).select_from(consent_grant)) or 0)


def cell(page: Page, row: str, column: int) -> Any:
    """What the table says of a category, for the agency in a column."""
    return page.get_by_role("row", name=row).get_by_role("cell").nth(column).inner_text()


async def test_a_form_is_read_previewed_signed_made_smaller_and_taken_back(
    browser: Desk, tmp_path: Path
) -> None:
    world = browser.world
    ada = await at_desk(world)
    page = await browser.signed_in("A")
    await page.goto(f"/people/{ada}/consent")
    assert "Nothing has been agreed" in await page.locator("main").inner_text()
    await looked_at(page)
    await page.get_by_role("link", name="Fill in the form together").click()
    await looked_at(page)
    there, reached, unmarked = await by_keyboard(page)
    assert (reached, unmarked) == (there, [])

    # A part for named agencies, and none named: said where it is, with all that was chosen still chosen.
    await page.get_by_label("may see who I am").check()
    await page.get_by_label("may see what I live on").check()
    await page.get_by_label("Stop sharing on this day").fill("2026-12-24")
    await page.get_by_role("button", name="Show who will see what").click()
    problem = page.get_by_role("link", name="A part you chose is for agencies you name")
    await problem.click()
    assert await page.locator("#f-agencies").get_attribute("aria-invalid") == "true"
    assert await page.get_by_label("may see who I am").is_checked()
    await looked_at(page)

    await page.get_by_label("Agency B").check()
    await page.get_by_role("button", name="Show who will see what").click()
    told = await page.locator(".changes").inner_text()
    assert "New for Agency C: your name, your birth date" in told
    assert [await cell(page, "Income, benefits", place) for place in range(3)] == ["–\nNo", "+ New", "–\nNo"]
    assert [await cell(page, "Birth date", place) for place in range(3)] == ["+ New", "+ New", "+ New"]
    await looked_at(page)
    assert await written(world) == 0
    foretold = await seen(world, "B", ada)
    assert foretold == []

    # Back keeps what was chosen.
    await page.get_by_role("button", name="Back to the form").click()
    assert await page.get_by_label("Agency B").is_checked()
    await page.get_by_role("button", name="Show who will see what").click()
    await page.get_by_role("button", name="Sign and record").click()
    assert await page.get_by_label("The signed form").get_attribute("aria-invalid") == "true"
    scan = tmp_path / "scan.pdf"
    scan.write_bytes(b"a scan")
    await page.get_by_label("Take the fingerprint of a scan").set_input_files(scan)
    fingerprint = f"sha256:{sha256(b'a scan').hexdigest()}"
    await page.wait_for_function("document.getElementById('f-evidence').value.length > 60")
    assert await page.get_by_label("The signed form").input_value() == fingerprint
    await page.get_by_role("button", name="Sign and record").click()

    assert "Recorded" in await page.get_by_role("status").inner_text()
    receipt = await page.locator("main").inner_text()
    assert fingerprint in receipt
    assert "ends on December 24, 2026" in receipt
    assert "I take it back" in receipt
    await looked_at(page)
    assert "INCOME_BENEFITS" in await seen(world, "B", ada)
    assert "INCOME_BENEFITS" not in await seen(world, "C", ada)
    assert "NAME" in await seen(world, "C", ada)

    # What stands, and less of it.
    await page.get_by_role("link", name="What stands now").click()
    await looked_at(page)
    await page.get_by_role("link", name=re.compile("Share less.*every agency")).click()
    await page.get_by_label("Birth date").uncheck()
    await page.get_by_role("button", name="Show what changes").click()
    assert "No longer seen by Agency B and Agency C: your birth date." in (
        await page.locator(".changes").inner_text()
    )
    assert "DOB" in await seen(world, "C", ada)
    await looked_at(page)
    await page.get_by_role("button", name="Share less from now on").click()
    assert "Made smaller" in await page.get_by_role("status").inner_text()
    assert "DOB" not in await seen(world, "C", ada)
    assert "NAME" in await seen(world, "C", ada)

    # Taken back: the next question of the other agency finds nobody.
    for name in ("Take it back.*every agency", "Take it back.*Agency B"):
        await page.get_by_role("link", name=re.compile(name)).click()
        assert "From this moment on nobody sees anything because of it" in (
            await page.locator("main").inner_text()
        )
        await looked_at(page)
        await page.get_by_role("button", name="Take it back now").click()
        assert "Taken back" in await page.get_by_role("status").inner_text()
    assert [await seen(world, agency, ada) for agency in "BC"] == [[], []]
    assert "3 agreements that no longer hold" in await page.locator("main").inner_text()


async def test_the_client_reads_it_in_spanish_at_a_desk_that_is_in_english(browser: Desk) -> None:
    world = browser.world
    ada = await at_desk(world)
    page = await browser.signed_in("A")
    await page.goto(f"/people/{ada}/consent")
    await page.get_by_role("link", name="Español").click()
    await page.get_by_role("link", name="Llenar juntos el formulario").click()
    assert "Autorización" in await page.get_by_role("heading", level=1).inner_text()
    await page.get_by_label("pueden ver quién soy").check()
    await looked_at(page)
    await page.get_by_role("button", name="Mostrar quién verá qué").click()
    assert "Nuevo para Agency B y Agency C: su nombre" in await page.locator(".changes").inner_text()
    await looked_at(page)
    await page.get_by_role("form").get_by_role("button", name="English").click()
    assert "Who will see what" in await page.get_by_role("heading", level=1).inner_text()
    await page.get_by_role("form").get_by_role("button", name="Español").click()
    await page.get_by_label("Digo que sí en voz alta").check()
    assert not await page.get_by_label("El formulario firmado").is_visible()
    assert await page.get_by_label("Esperar una firma hasta").input_value() == "2026-07-30"
    await page.get_by_role("button", name="Firmar y registrar").click()
    assert await page.locator("html").get_attribute("lang") == "es"
    assert "sin firma termina el 30 de julio de 2026" in await page.locator("main").inner_text()
    async with world.engine.connect() as connection:
        (row,) = await connection.execute(select(consent_grant))
    assert (row.language, row.method, row.provisional_until) == ("es", "VERBAL", date(2026, 7, 30))
    await page.goto("/")
    assert await page.locator("html").get_attribute("lang") == "en"


async def test_a_refusal_is_said_and_taken_back(browser: Desk) -> None:
    world = browser.world
    ada = await at_desk(world)
    await world.grant("ada", categories=Category.EXISTENCE | Category.NAME)
    await world.grant("ada", categories=Category.EXISTENCE, effect=Effect.DENY)
    page = await browser.signed_in("A", Role.PRIVACY_OFFICER)
    await page.goto(f"/people/{ada}/consent")
    assert "You do not let any other agency see" in await page.locator("main").inner_text()
    await page.get_by_role("link", name="Take the refusal back").click()
    assert "New for Agency B and Agency C: your name" in await page.locator(".changes").inner_text()
    await looked_at(page)
    assert await seen(world, "B", ada) == []
    await page.get_by_role("button", name="Take it back now").click()
    assert "NAME" in await seen(world, "B", ada)


async def test_for_a_child_the_guardian_is_chosen(browser: Desk) -> None:
    world = browser.world
    ada = await at_desk(world)
    await world.change("Client", "ada", dob=date(2015, 5, 5))
    page = await browser.signed_in("A")
    await page.goto(f"/people/{ada}/consent/form")
    assert await page.get_by_role("link", name="Write a guardian down first").is_visible()
    guardian = await world.guardian("ada")
    await page.reload()
    await page.get_by_label("may see who I am").check()
    await page.get_by_role("button", name="Show who will see what").click()
    assert await page.get_by_role("link", name="You are too young to sign by yourself").is_visible()
    await looked_at(page)
    await page.get_by_label("an adult").check()
    await page.get_by_role("button", name="Show who will see what").click()
    await page.get_by_label("I say yes aloud").check()
    await page.get_by_role("button", name="Sign and record").click()
    assert "A guardian said it for you aloud." in await page.locator("main").inner_text()
    async with world.engine.connect() as connection:
        assert await connection.scalar(select(consent_grant.c.guardian_id)) == guardian


async def test_every_page_of_consent_is_light(browser: Desk) -> None:
    ada = await at_desk(browser.world)
    grant = await browser.world.grant("ada")
    page = await browser.signed_in("A")
    for path in ("", "/form", f"/{grant}/end", f"/{grant}/narrow"):
        assert await weight(page, f"/people/{ada}/consent{path}") < HEAVIEST


PATHS = ("", "/form", "/signed/{grant}", "/{grant}/end", "/{grant}/narrow")


async def test_of_somebody_elses_client_no_page_tells_more_than_of_nobody(desk: Desk) -> None:
    ada = await at_desk(desk.world)
    grant = await desk.world.grant("ada", "C")
    nobody = "7d4c3c7e-0000-4000-8000-000000000000"
    async with desk.http(await desk.session("B")) as client:
        for path in PATHS:
            asked = [
                await client.get(f"/people/{one}/consent{path.format(grant=grant)}") for one in (ada, nobody)
            ]
            assert [one.status_code for one in asked] == [404, 404]
            assert asked[0].content == asked[1].content


async def test_an_agency_that_only_sees_a_client_is_told_where_consent_is_recorded(desk: Desk) -> None:
    ada = await at_desk(desk.world)
    await desk.world.grant("ada", "B", categories=Category.EXISTENCE)
    async with desk.http(await desk.session("B")) as client:
        for path in ("", "/form"):
            answer = await client.get(f"/people/{ada}/consent{path}")
            assert answer.status_code == 200
            assert "Yours keeps none" in answer.text
            assert "Sign and record" not in answer.text


@pytest.mark.parametrize("path", ["/form", "/{grant}/end", "/{grant}/narrow"])
async def test_a_change_wants_ones_own_form_and_a_recent_sign_in(desk: Desk, path: str) -> None:
    ada = await at_desk(desk.world)
    grant = await desk.world.grant("ada", "B")
    session = await desk.session("A", auth_time=desk.clock() - timedelta(minutes=31))
    where = f"/people/{ada}/consent{path.format(grant=grant)}"
    sent = {"do": "record", "reason": "asked", "categories": "NAME", "csrf": session.csrf}
    async with desk.http(session) as client:
        assert (await client.post(where, data={**sent, "csrf": "another"})).status_code == 403
        stale = await client.post(where, data=sent)
        assert stale.status_code == 403
        assert "Not sent yet" in stale.text
        opened = await client.get(where)
        assert opened.headers["location"].startswith("/sign-in/step-up?")
    assert "NAME" in await seen(desk.world, "B", ada)
    assert await written(desk.world) == 1


async def test_a_day_that_is_none_is_said(desk: Desk) -> None:
    ada = await at_desk(desk.world)
    grant = await desk.world.grant("ada", "B")
    session = await desk.session("A")
    async with desk.http(session) as client:
        for path, do in (("/form", "preview"), ("/form", "sign"), (f"/{grant}/narrow", "record")):
            sent = {"do": do, "sections": "who", "end": "tomorrow", "csrf": session.csrf}
            answer = await client.post(f"/people/{ada}/consent{path}", data=sent)
            assert "Write the day as year-month-day" in answer.text
    assert await written(desk.world) == 1


async def test_another_form_of_the_community_can_be_chosen(desk: Desk) -> None:
    ada = await at_desk(desk.world)
    async with desk.http(await desk.session("A")) as client:
        answer = await client.get(f"/people/{ada}/consent/form?form=il-chicago&language=es")
    assert "C. Ninguna otra agencia puede ver nada de mí." in answer.text
    assert 'type="radio"' in answer.text


async def test_where_no_form_is_named_the_page_says_whom_to_ask(desk: Desk) -> None:
    ada = await at_desk(desk.world)
    without = desk.hub.settings.model_copy(update={"consent_forms": ()})
    object.__setattr__(desk.hub, "settings", without)
    async with desk.http(await desk.session("A")) as client:
        assert "HUB_CONSENT_FORMS" in (await client.get(f"/people/{ada}/consent/form")).text
        assert "Fill in the form together" not in (await client.get(f"/people/{ada}/consent")).text
