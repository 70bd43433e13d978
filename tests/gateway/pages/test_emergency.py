"""Opening somebody in an emergency, and the look at it afterwards."""

from __future__ import annotations

import re
from datetime import timedelta

from playwright.async_api import Page
from sqlalchemy import select

from auth.emergency import MOST_ASKED
from auth.sessions import Session, SignedIn
from auth.viewer import Role
from gateway.settings import DEMO_ISSUER
from hmis.tables import break_glass
from tests.gateway.pages.conftest import Desk, barriers
from tests.gateway.pages.looking import by_keyboard, sideways
from tests.worlds import World

REASON = "found unconscious, the hospital asks"


async def an_emergency(world: World) -> str:
    """Ada is known to A; Eve to a victim service provider alone; B knows nobody."""
    for name in "AB":
        await world.organization(name)
    await world.organization("V", victim_services=True)
    ada = await world.client("ada", first_name="Ada", last_name="Quill")
    await world.stay("s1", "ada", "A-p")
    await world.client("eve", last_name="Stone")
    await world.stay("s2", "eve", "V-p")
    return str(ada)


async def filled(page: Page, number: str | None = None, source: str = "demo") -> None:
    """The form, filled in and sent."""
    if number is not None:
        await page.get_by_label("Number", exact=True).fill(number)
        await page.get_by_label("System it is from").fill(source)
    await page.get_by_label("What happened").fill(REASON)
    await page.get_by_label("15 minutes").check()
    await page.get_by_label("I have read what an opening does").check()
    await page.get_by_role("button", name="Open").click()


async def opened(world: World) -> list[str]:
    async with world.engine.connect() as connection:
        return [str(one) for one in await connection.scalars(select(break_glass.c.person_id))]


async def again(desk: Desk, subject: str = "case_manager@B") -> Session:
    """Another session of somebody, who signed in just now."""
    who = SignedIn(DEMO_ISSUER, subject, auth_time=desk.clock())
    return await desk.hub.sessions.begin(desk.clock(), who)


def sent(session: Session, **changes: str) -> dict[str, str]:
    """The form as a browser sends it."""
    said = {"reason": REASON, "minutes": "15", "understood": "yes", "number": "ada", "source": "demo"}
    return {"csrf": session.csrf, **said, **changes}


async def test_somebody_is_opened_by_their_paper_for_a_while_and_closes_by_themselves(browser: Desk) -> None:
    ada = await an_emergency(browser.world)
    page = await browser.signed_in("B")
    await page.goto("/emergency")
    assert not await barriers(page)
    there, reached, unmarked = await by_keyboard(page)
    assert (reached, unmarked) == (there, [])
    assert not await sideways(page)
    await filled(page, "ada")
    assert page.url.endswith(f"/people/{ada}/emergency/open")
    heading = await page.get_by_role("heading", level=1).inner_text()
    assert re.fullmatch(r"Open for you until \d+:15\s[AP]M", heading)
    assert "15 minutes are left" in await page.locator("main").inner_text()
    assert not await barriers(page)
    await page.emulate_media(color_scheme="dark")
    assert not await barriers(page)
    await page.get_by_role("link", name="Go to the person").click()
    assert "Ada Quill" in await page.locator("main").inner_text()
    # The clock of the desk goes on, and it closes.
    browser.clock.now += timedelta(minutes=14, seconds=30)
    async with browser.http(await again(browser)) as client:
        assert "1 minute is left" in (await client.get(f"/people/{ada}/emergency/open")).text
        browser.clock.now += timedelta(seconds=30)
        over = await client.get(f"/people/{ada}/emergency/open")
        assert (over.status_code, over.headers["location"]) == (303, f"/people/{ada}/emergency")
        assert "Ada" not in (await client.get(f"/people/{ada}")).text


async def test_a_mistake_is_said_and_nothing_is_opened(browser: Desk) -> None:
    ada = await an_emergency(browser.world)
    page = await browser.signed_in("B")
    await page.goto(f"/people/{ada}/emergency")
    # The browser itself would not send it: what the hub says is asked for here.
    await page.evaluate("document.querySelector('main form').noValidate = true")
    await page.get_by_label("What happened").fill("urgent")
    await page.get_by_role("button", name="Open").click()
    alert = page.get_by_role("alert")
    assert "There are 2 problems." in await alert.inner_text()
    assert await page.get_by_label("What happened").input_value() == "urgent"
    assert not await barriers(page)
    await alert.get_by_role("link").first.click()
    assert page.url.endswith("#f-reason")
    assert await opened(browser.world) == []


async def test_an_unknown_a_protected_and_a_mistyped_person_look_the_same(desk: Desk) -> None:
    await an_emergency(desk.world)
    eve, nobody = str(desk.world.people["eve"]), "00000000-0000-4000-8000-000000000000"
    session = await desk.session("B")
    pages = []
    async with desk.http(session) as client:
        for number in ("eve", "nob", eve, nobody):
            answer = await client.post("/emergency", data=sent(session, number=number))
            pages.append((answer.status_code, answer.text.replace(f'"{number}"', "…")))
        forms = [await client.get(f"/people/{one}/emergency") for one in (eve, nobody)]
    assert all(page == pages[0] for page in pages)
    assert "Nobody was opened." in pages[0][1]
    assert forms[0].text.replace(eve, "…") == forms[1].text.replace(nobody, "…")
    assert await opened(desk.world) == []


async def test_who_tries_out_numbers_is_stopped_whether_or_not_they_hit(desk: Desk) -> None:
    await an_emergency(desk.world)
    session = await desk.session("B")
    async with desk.http(session) as client:
        for place in range(MOST_ASKED):
            await client.post("/emergency", data=sent(session, number=f"try {place}"))
        hit = await client.post("/emergency", data=sent(session))
        miss = await client.post("/emergency", data=sent(session, number="nob"))
    assert "that is all there are" in hit.text
    assert hit.text.replace('"ada"', "…") == miss.text.replace('"nob"', "…")
    assert await opened(desk.world) == []


async def test_who_signed_in_a_while_ago_shows_who_they_are_first(desk: Desk) -> None:
    ada = await an_emergency(desk.world)
    session = await desk.session("B", auth_time=desk.clock() - timedelta(minutes=6))
    async with desk.http(session) as client:
        for path in ("/emergency", f"/people/{ada}/emergency"):
            asked = await client.get(path)
            assert asked.headers["location"].startswith("/sign-in/step-up?to=")
            answer = await client.post(path, data=sent(session))
            assert "Not sent yet" in answer.text
    assert await opened(desk.world) == []


async def test_a_form_from_elsewhere_opens_nobody(desk: Desk) -> None:
    await an_emergency(desk.world)
    session = await desk.session("B")
    async with desk.http(session) as client:
        answer = await client.post("/emergency", data=sent(session, csrf="another"))
    assert answer.status_code == 403
    assert await opened(desk.world) == []


async def test_only_case_managers_find_the_form(desk: Desk) -> None:
    ada = await an_emergency(desk.world)
    session = await desk.session("B", Role.PRIVACY_OFFICER)
    async with desk.http(session) as client:
        page = await client.get("/emergency")
        answer = await client.post(f"/people/{ada}/emergency", data=sent(session))
    assert "Only case managers open a person" in page.text
    assert "What happened" not in page.text
    assert "Only case managers open a person" in answer.text
    assert await opened(desk.world) == []


async def test_what_the_form_asks_for_is_asked_for_by_the_hub_too(desk: Desk) -> None:
    await an_emergency(desk.world)
    session = await desk.session("B")
    missing = {
        "number": "Enter the number",
        "understood": "Tick that you have read",
    }
    async with desk.http(session) as client:
        for name, words in missing.items():
            answer = await client.post("/emergency", data=sent(session, **{name: ""}))
            assert words in answer.text
        longer = await client.post("/emergency", data=sent(session, minutes="600"))
    assert "Choose for how long" in longer.text
    assert await opened(desk.world) == []


async def test_a_privacy_officer_says_whether_there_was_an_emergency(browser: Desk) -> None:
    ada = await an_emergency(browser.world)
    session = await browser.session("B")
    async with browser.http(session) as client:
        await client.post("/emergency", data=sent(session, reason="the <b>hospital</b> asked"))
    page = await browser.signed_in("B", Role.PRIVACY_OFFICER)
    await page.goto("/")
    await page.get_by_role("navigation").get_by_role("link", name="Emergency openings").click()
    assert "1 waits for a finding" in await page.locator("main").inner_text()
    assert await page.get_by_text("the <b>hospital</b> asked").is_visible()
    assert await page.get_by_text("Open now").is_visible()
    assert (
        await page.get_by_role("link", name="Who has looked").get_attribute("href") == f"/people/{ada}/looked"
    )
    assert not await barriers(page)
    assert not await sideways(page)
    await page.get_by_label("No, there was none").check()
    await page.get_by_role("button", name="Write down what I found").click()
    assert "Your finding is written down" in await page.get_by_role("status").inner_text()
    assert await page.get_by_text("There was no emergency").is_visible()
    await page.emulate_media(color_scheme="dark")
    assert not await barriers(page)


async def test_nobody_else_reads_openings_and_nobody_reviews_twice_or_their_own(desk: Desk) -> None:
    await an_emergency(desk.world)
    session = await desk.session("B")
    async with desk.http(session) as client:
        await client.post("/emergency", data=sent(session))
        assert "Privacy officers read what was opened" in (await client.get("/openings")).text
    async with desk.world.engine.connect() as connection:
        identifier = await connection.scalar(select(break_glass.c.id))
    here, elsewhere = (
        await desk.session("B", Role.PRIVACY_OFFICER),
        await desk.session("V", Role.PRIVACY_OFFICER),
    )
    async with desk.http(here) as client:
        undecided = await client.post(f"/openings/{identifier}", data={"csrf": here.csrf})
    async with desk.http(elsewhere) as client:
        form = {"csrf": elsewhere.csrf, "outcome": "JUSTIFIED"}
        refused = await client.post(f"/openings/{identifier}", data=form)
        empty = await client.get("/openings")
    assert "Choose whether there was an emergency" in undecided.text
    assert "There is no such opening" in refused.text
    assert "Nothing waits" in empty.text
    assert REASON not in empty.text
