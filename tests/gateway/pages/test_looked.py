"""Who has looked, as the client reads it."""

from __future__ import annotations

from auth.categories import Category
from auth.viewer import Role
from tests.gateway.pages.conftest import Desk, barriers
from tests.gateway.pages.looking import HEAVIEST, by_keyboard, sideways, weight
from tests.worlds import World

LOOK = "query($id: ID!) { client(id: $id) { name { last } birth { date } } }"


async def somebody_others_looked_at(world: World) -> str:
    """Ada, of A, whom B looked at twice; C opened her in an emergency; D saw nothing."""
    for name in "ABCD":
        await world.organization(name)
    ada = str(await world.client("ada", first_name="Ada", last_name="Quill"))
    await world.stay("s1", "ada", "A-p")
    await world.grant("ada", "B", categories=Category.EXISTENCE | Category.NAME | Category.DOB)
    await world.broken_glass("ada", world.viewer("C"))
    for name in "BBC":
        await world.ask(world.viewer(name), LOOK, audited=True, id=ada)
    return ada


async def test_the_list_says_in_sentences_who_looked_at_what_and_why(browser: Desk) -> None:
    ada = await somebody_others_looked_at(browser.world)
    page = await browser.signed_in("A")
    await page.goto(f"/people/{ada}/looked")
    said = [await row.inner_text() for row in await page.locator(".looks li").all()]
    assert len(said) == 2
    assert "Agency C looked in an emergency at: your name and your birth date." in said[0]
    assert "Agency B looked at: your name and your birth date. Reason: to coordinate your care." in said[1]
    assert "2 times that day." in said[1]
    assert "Agency A itself" in await page.locator("main").inner_text()
    assert not await barriers(page)
    await page.get_by_label("Agency").select_option("Agency B")
    await page.get_by_role("button", name="Show").click()
    assert await page.locator(".looks li").count() == 1
    assert page.url.endswith(f"/people/{ada}/looked")
    await page.get_by_label("To", exact=True).fill("2020-01-01")
    await page.get_by_role("button", name="Show").click()
    assert "Nobody looked in these days" in await page.locator("main").inner_text()
    await page.emulate_media(color_scheme="dark")
    assert not await barriers(page)


async def test_it_is_read_on_a_small_window_by_keyboard_and_on_paper(browser: Desk) -> None:
    ada = await somebody_others_looked_at(browser.world)
    page = await browser.signed_in("A")
    assert await weight(page, f"/people/{ada}/looked") < HEAVIEST
    there, reached, unmarked = await by_keyboard(page)
    assert (reached, unmarked) == (there, [])
    assert not await sideways(page)
    await page.emulate_media(media="print")
    assert not await page.get_by_role("button", name="Show").is_visible()


async def test_the_client_may_have_it_in_spanish(browser: Desk) -> None:
    ada = await somebody_others_looked_at(browser.world)
    page = await browser.signed_in("A", locale="es-MX")
    await page.goto(f"/people/{ada}/looked")
    assert await page.locator("html").get_attribute("lang") == "es"
    assert "de 2026" in await page.locator(".looks").inner_text()


async def test_a_day_that_is_none_is_said_and_nothing_else_is_lost(desk: Desk) -> None:
    ada = await somebody_others_looked_at(desk.world)
    session = await desk.session("A", Role.PRIVACY_OFFICER)
    async with desk.http(session) as client:
        form = {"csrf": session.csrf, "since": "soon"}
        wrong = await client.post(f"/people/{ada}/looked", data=form)
        turned = {"csrf": session.csrf, "since": "2026-06-02", "until": "2026-06-01"}
        other = await client.post(f"/people/{ada}/looked", data=turned)
    assert "Write the day as year-month-day" in wrong.text
    assert 'href="#f-since"' in wrong.text
    assert "The first day is after the last" in other.text


async def test_another_agencys_person_looks_like_nobody(desk: Desk) -> None:
    ada = await somebody_others_looked_at(desk.world)
    nobody = "00000000-0000-4000-8000-000000000000"
    async with desk.http(await desk.session("D")) as client:
        for page in ("looked", "shared", "guardians", "access"):
            answers = [await client.get(f"/people/{one}/{page}") for one in (ada, nobody)]
            assert [answer.status_code for answer in answers] == [404, 404]
            assert answers[0].content == answers[1].content


async def test_an_agency_that_wrote_nothing_down_is_told_to_send_the_client_on(desk: Desk) -> None:
    ada = await somebody_others_looked_at(desk.world)
    async with desk.http(await desk.session("B")) as client:
        answer = await client.get(f"/people/{ada}/looked")
    assert "can be read only at an agency that wrote something down" in answer.text
    assert "looked at: your" not in answer.text
