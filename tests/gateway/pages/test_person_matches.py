"""Whether two people are one, asked in a browser."""

from __future__ import annotations

from uuid import UUID

from auth.categories import Category
from tests.gateway.pages.conftest import Desk, barriers
from tests.journeys.test_person_matches import BORN, SEEN, question, state, two


async def test_one_question_after_the_other_is_answered_and_taken_back(browser: Desk) -> None:
    world = browser.world
    await two(world, SEEN | Category.SSN_LAST4)
    await world.client("ayda", first_name="Ayda", last_name="Quill", dob=BORN)
    await world.stay("s3", "ayda", "A-p")
    await question(world, "ada", "ayda")
    page = await browser.signed_in("A")
    await page.goto("/matches/people")
    told = await page.inner_text("main")
    assert "The birth date is the same." in told
    assert "The Social Security numbers are different." in told
    assert "speaks very strongly for one person" in told
    assert not await barriers(page)
    await page.emulate_media(color_scheme="dark")
    await page.reload()
    assert not await barriers(page)

    first = await page.get_by_role("region", name="Side by side").inner_text()
    await page.get_by_role("link", name="Decide later").click()
    assert await page.get_by_role("region", name="Side by side").inner_text() != first
    await page.get_by_role("link", name="Decide later").click()
    assert "That was the last one." in await page.inner_text("main")
    await page.get_by_role("link", name="Begin again").click()
    await page.get_by_role("button", name="Different people").click()
    assert "They stay two people" in await page.get_by_role("status").inner_text()
    assert await page.get_by_role("region", name="Side by side").inner_text() != first

    await page.goto("/matches/people/answered")
    assert not await barriers(page)
    await page.get_by_role("button", name="Ask again").click()
    assert "taken back" in await page.get_by_role("status").inner_text()
    assert (await state(world))[1:] == (0, ["OPEN", "OPEN"])

    await page.set_viewport_size({"width": 320, "height": 800})
    await page.goto("/matches/people")
    assert await page.evaluate("document.documentElement.scrollWidth") <= 320
    assert not await barriers(page)


async def test_where_both_said_something_one_is_asked_whose_choices_hold(browser: Desk) -> None:
    await two(browser.world)
    await browser.world.grant("ada", "A", categories=SEEN)
    page = await browser.signed_in("A")
    await page.goto("/matches/people")
    # By keyboard alone.
    await page.get_by_role("button", name="Same person").press("Enter")
    alert = page.get_by_role("alert")
    assert "Ask the client" in await alert.inner_text()
    await alert.get_by_role("link").press("Enter")
    assert not await barriers(page)
    await page.get_by_role("radio").first.press("Space")
    await page.get_by_role("button", name="Same person").press("Enter")
    assert "They are one person now" in await page.get_by_role("status").inner_text()
    assert "Nothing to decide" in await page.inner_text("main")
    assert await state(browser.world) == (1, 0, ["SAME"])


async def test_who_may_not_see_both_is_asked_about_nobody_and_answers_nothing(desk: Desk) -> None:
    asked = await two(desk.world, Category.EXISTENCE)
    async with desk.http(await desk.session("A")) as client:
        shown = await client.get("/matches/people")
        assert "Nothing to decide" in shown.text
        assert "Quill" not in shown.text
        csrf = shown.text.partition('name="csrf" value="')[2].partition('"')[0]
        answers = [
            (await client.post("/matches/people", data={"csrf": csrf, "id": one, "said": "same"})).text
            for one in (asked, str(UUID(int=0)))
        ]
        assert "There is no such question" in answers[0]
        assert answers[0] == answers[1]
        foreign = await client.post("/matches/people", data={"id": asked, "said": "same"})
        assert foreign.status_code == 403
    assert await state(desk.world) == (2, 0, ["OPEN"])
