"""Sending a client on to a partner: what it is told stands there before anything is sent."""

from __future__ import annotations

from datetime import date
from typing import Any, cast
from uuid import uuid4

import pytest
from playwright.async_api import expect

from auth.categories import Category
from auth.viewer import Role
from connectors.memory import MemorySource
from hmis.tables import referral, referral_event
from tests.gateway.pages.conftest import Desk, barriers
from tests.gateway.pages.looking import HEAVIEST, by_keyboard, sideways, weight
from tests.worlds import NOW

SHARED = Category.EXISTENCE | Category.FOOD


async def ada(desk: Desk, *, agrees: bool = True) -> str:
    """Ada at agency A, who lets it know of food, and a food bank that takes referrals. Where her page is."""
    world = desk.world
    await world.organization("A")
    await world.organization("B")
    who = await world.client(
        "ada", first_name="Ada", last_name="Quill", dob=date(1980, 5, 1), name_data_quality=1
    )
    await world.stay("s1", "ada", "A-p")
    if agrees:
        await world.grant("ada", "A", categories=SHARED)
    partners = cast(dict[str, Any], desk.hub.sources)
    partners["pantry"] = MemorySource({}, name="pantry", title="A food bank")
    deaf = partners["library"] = MemorySource({}, name="library", title="A library")
    deaf.capabilities -= {"submit"}
    return f"/people/{who}/referrals"


async def under_way(desk: Desk, agency: str = "A", status: str = "RECEIVED") -> Any:
    """A referral that the food bank has."""
    row = await desk.world._insert(
        referral,
        person_id=desk.world.people["ada"],
        agency_id=desk.world.agencies[agency].id,
        connector="pantry",
        category=int(Category.FOOD),
        service="winter coat",
        tell=int(Category.NAME),
        status=status,
        reference="R-1",
        version="1",
        created_at=NOW,
        created_by="somebody",
        updated_at=NOW,
    )
    await desk.world._insert(referral_event, referral_id=row.id, status=status, at=NOW, by="PARTNER")
    return row.id


async def test_a_client_is_sent_on_after_a_look_at_what_is_told(browser: Desk) -> None:
    here = await ada(browser)
    page = await browser.signed_in("A")
    assert await weight(page, here) < HEAVIEST
    assert not await barriers(page)
    assert "A library" not in await page.inner_text("main")
    await page.get_by_role("button", name="See what is sent").click()
    problems = page.get_by_role("alert")
    await expect(problems).to_contain_text("Say what is asked for")
    assert not await barriers(page)
    await page.get_by_label("What is asked for").fill("food box")
    await page.get_by_label("Birth date").uncheck()
    await page.get_by_role("button", name="See what is sent").click()
    preview = page.get_by_role("region", name="Before it is sent")
    told = await preview.inner_text()
    assert "A food bank will be told" in told
    assert "Ada Quill" in told
    assert "May 1, 1980" not in told
    assert not await barriers(page)
    await preview.get_by_role("button", name="Change something").click()
    await expect(page.get_by_label("What is asked for")).to_have_value("food box")
    await expect(page.get_by_label("Birth date")).not_to_be_checked()
    await page.get_by_role("button", name="See what is sent").click()
    await page.get_by_role("button", name="Send to A food bank").click()
    await expect(page.get_by_role("status")).to_contain_text("goes out now")
    await expect(page.get_by_role("heading", name="food box")).to_be_visible()
    await page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    assert not await barriers(page)
    assert not await sideways(page)
    there, reached, unmarked = await by_keyboard(page)
    assert (reached, unmarked) == (there, [])


async def test_a_second_referral_to_the_same_partner_is_warned_of(browser: Desk) -> None:
    here = await ada(browser)
    await under_way(browser)
    page = await browser.signed_in("A")
    await page.goto(here)
    await page.get_by_label("What is asked for").fill("food box")
    await page.get_by_role("button", name="See what is sent").click()
    await expect(page.get_by_role("region", name="Before it is sent")).to_contain_text(
        "There is an open referral to A food bank already: “winter coat”"
    )


async def test_a_referral_is_called_off_with_a_reason(browser: Desk) -> None:
    here = await ada(browser)
    await under_way(browser)
    page = await browser.signed_in("A")
    await page.goto(here)
    await page.get_by_text("Call it off").click()
    assert not await barriers(page)
    await page.get_by_label("Why?").fill("   ")
    await page.get_by_role("button", name="Call off this referral").click()
    await expect(page.get_by_role("alert")).to_contain_text("Say why")
    await page.get_by_label("Why?").fill("moved away")
    await page.get_by_role("button", name="Call off this referral").click()
    await expect(page.get_by_role("status")).to_contain_text("called off")
    await page.get_by_text("What happened").click()
    await expect(page.locator(".history")).to_contain_text("moved away")


async def sent(desk: Desk, here: str, session: Any, **form: Any) -> Any:
    async with desk.http(session) as client:
        wish = {"csrf": session.csrf, "partner": "pantry", "service": "food box", "tell": "NAME"}
        return await client.post(here, data={**wish, **form})


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"step": "send", "service": "x" * 201}, "Say what is asked for"),
        ({"step": "send", "partner": "library"}, "Choose a partner that takes referrals"),
        ({"step": "preview", "partner": "nobody"}, "Choose a partner that takes referrals"),
        ({"step": "cancel", "referral": "nonsense", "reason": "why not"}, "call off only what it referred"),
    ],
)
async def test_what_is_refused_is_said_in_words(desk: Desk, form: dict[str, str], words: str) -> None:
    here = await ada(desk)
    answer = await sent(desk, here, await desk.session("A"), **form)
    assert answer.status_code == 200
    assert words in answer.text
    assert "Nothing is open with a partner" in answer.text


async def test_without_a_consent_one_is_told_before_and_after(desk: Desk) -> None:
    here = await ada(desk, agrees=False)
    session = await desk.session("A")
    before = await sent(desk, here, session, step="preview")
    assert "It would not be sent now" in before.text
    assert f"/people/{desk.world.people['ada']}/consent" in before.text
    after = await sent(desk, here, session, step="send")
    assert "has not agreed that this partner is told that" in after.text
    assert "Nothing is open with a partner" in after.text


async def test_a_person_whom_one_may_not_see_has_no_such_page(desk: Desk) -> None:
    here = await ada(desk)
    session = await desk.session("B")
    async with desk.http(session) as client:
        hidden, unknown = [await client.get(path) for path in (here, f"/people/{uuid4()}/referrals")]
    assert hidden.status_code == 404
    assert (unknown.status_code, unknown.content) == (404, hidden.content)


async def test_who_may_see_a_referral_without_having_made_it_only_reads(desk: Desk) -> None:
    here = await ada(desk)
    await under_way(desk)
    seen = SHARED | Category.NAME | Category.SERVICES
    await desk.world.grant("ada", "B", categories=seen)
    async with desk.http(await desk.session("B")) as client:
        other = (await client.get(here)).text
    assert "winter coat" in other
    assert "Call off" not in other
    async with desk.http(await desk.session("A", Role.PRIVACY_OFFICER)) as client:
        officer = (await client.get(here)).text
    assert "See what is sent" not in officer


async def test_a_form_of_another_page_is_not_taken(desk: Desk) -> None:
    here = await ada(desk)
    session = await desk.session("A")
    answer = await sent(desk, here, session, step="send", csrf="guessed")
    assert answer.status_code == 403
    async with desk.http(session) as client:
        assert "Nothing is open with a partner" in (await client.get(here)).text
