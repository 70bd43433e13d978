"""Who may sign for a minor, at the desk."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select

from auth.viewer import Role
from hmis.tables import guardian
from tests.gateway.pages.conftest import Desk, barriers
from tests.gateway.pages.looking import by_keyboard, sideways
from tests.worlds import World


async def a_child(world: World) -> str:
    """Kit, sixteen, of A; B knows nobody."""
    for name in "AB":
        await world.organization(name)
    kit = str(await world.client("kit", first_name="Kit", last_name="Rowe", dob=date(2010, 3, 1)))
    await world.stay("s1", "kit", "A-p")
    return kit


async def test_a_guardian_is_written_down_and_barred_and_what_they_signed_ends(browser: Desk) -> None:
    world = browser.world
    kit = await a_child(world)
    page = await browser.signed_in("A")
    await page.goto(f"/people/{kit}/guardians")
    assert "Nobody yet" in await page.locator("main").inner_text()
    await page.get_by_label("Who").fill("mother, file 7")
    await page.get_by_label("By what right").select_option("Parent")
    await page.get_by_label("First day they may sign").fill("2026-01-01")
    await page.get_by_role("button", name="Write down").click()
    assert "Written down" in await page.get_by_role("status").inner_text()
    assert await page.get_by_role("heading", name="mother, file 7").is_visible()
    assert await page.get_by_text("May sign", exact=True).is_visible()

    async with world.engine.connect() as connection:
        written = await connection.scalar(select(guardian.c.id))
    await world.grant("kit", "B", guardian=written, signed_by_client=False)
    other = await browser.signed_in("B")
    await other.goto(f"/people/{kit}/looked")
    assert "Kit Rowe" in await other.locator("main").inner_text()

    await page.reload()
    await page.get_by_text("Take their right to sign away").click()
    said = await page.locator("details").inner_text()
    assert "All they signed ends at once" in said
    assert "You let Agency B see" in said
    assert not await barriers(page)
    await page.reload()
    there, reached, unmarked = await by_keyboard(page)
    assert (reached, unmarked) == (there, [])
    assert not await sideways(page)
    await page.get_by_text("Take their right to sign away").click()
    await page.get_by_label("Why").fill("a court decided so")
    await page.get_by_role("button", name="End all they signed").click()
    assert "Barred. All they signed has ended" in await page.get_by_role("status").inner_text()
    assert await page.get_by_text("Barred", exact=True).is_visible()
    browser.complaints.clear()
    answer = await other.goto(f"/people/{kit}/looked")
    assert answer is not None
    assert answer.status == 404
    browser.complaints.clear()  # a browser complains of a page that is not there
    await page.emulate_media(color_scheme="dark")
    assert not await barriers(page)


async def test_mistakes_are_said_and_what_was_entered_stays(desk: Desk) -> None:
    kit = await a_child(desk.world)
    mother = await desk.world.guardian("kit")
    session = await desk.session("A")
    async with desk.http(session) as client:
        form = {"adult": " ", "authority": "PARENT", "start": "2026-06-01", "end": "2026-01-01"}
        wrong = await client.post(f"/people/{kit}/guardians", data={"csrf": session.csrf, **form})
        day = {"adult": "aunt", "authority": "QUEEN", "start": "tomorrow"}
        worse = await client.post(f"/people/{kit}/guardians", data={"csrf": session.csrf, **day})
        bar = await client.post(f"/people/{kit}/guardians/{mother}/bar", data={"csrf": session.csrf})
        unsigned = await client.post(f"/people/{kit}/guardians", data=form)
    assert 'href="#f-adult"' in wrong.text
    assert 'href="#f-end"' in wrong.text
    assert 'value="2026-06-01"' in wrong.text
    assert "Choose by what right they sign" in worse.text
    assert 'value="aunt"' in worse.text
    assert f'href="#f-{mother}"' in bar.text
    assert unsigned.status_code == 403


async def test_what_takes_consent_away_asks_who_it_is_after_a_while(desk: Desk) -> None:
    kit = await a_child(desk.world)
    mother = await desk.world.guardian("kit")
    session = await desk.session("A", auth_time=desk.clock() - timedelta(hours=1))
    async with desk.http(session) as client:
        form = {"csrf": session.csrf, "reason": "a court decided so"}
        answer = await client.post(f"/people/{kit}/guardians/{mother}/bar", data=form)
        after = await client.get(f"/people/{kit}/guardians")
    assert answer.status_code == 403
    assert "/sign-in/step-up" in answer.text
    assert "Take their right to sign away" in after.text


async def test_guardians_of_another_agencys_file_are_not_read(desk: Desk) -> None:
    world = desk.world
    kit = await a_child(world)
    await world.guardian("kit")
    await world.client("kit at B", person_of="kit")
    await world.stay("s2", "kit at B", "B-p")
    async with desk.http(await desk.session("B", Role.PRIVACY_OFFICER)) as client:
        answer = await client.get(f"/people/{kit}/guardians")
    assert "Nobody yet" in answer.text
    assert "an adult" not in answer.text
