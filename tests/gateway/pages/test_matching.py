"""Who is who: a question at a time, with what speaks for it, and the next one at once."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, cast

from playwright.async_api import expect

from auth.categories import Category
from auth.viewer import Role
from connectors.memory import MemorySource
from hmis.tables import match_candidate
from tests.gateway.pages.conftest import Desk, barriers
from tests.gateway.pages.looking import HEAVIEST, by_keyboard, sideways, weight
from tests.worlds import NOW

SHARED = Category.EXISTENCE | Category.FOOD | Category.NAME | Category.DOB


async def asked_about(desk: Desk) -> None:
    """Ada at agency A, and three records of a food bank that may be about her."""
    world = desk.world
    await world.organization("A")
    await world.organization("B")
    await world.client("ada", first_name="Ada", last_name="Quill", dob=date(1980, 5, 1))
    await world.stay("s1", "ada", "A-p")
    await world.grant("ada", categories=SHARED)
    cast(dict[str, Any], desk.hub.sources)["pantry"] = MemorySource({}, name="pantry", title="A food bank")
    told = (
        ("H-1", "BIRTH_DATES_DIFFER", "FIND", 95, 25, {"differed": ["dob"]}),
        ("H-2", "NO_MARGIN", "FIND", 88, -7, {"agreed": ["dob"]}),
        ("H-3", "LOW_SCORE", "NAME_DOB", None, None, {"agreed": ["dob", "first_name", "last_name"]}),
    )
    for days, (value, reason, method, score, margin, evidence) in enumerate(told):
        await world._insert(
            match_candidate,
            person_id=world.people["ada"],
            connector="pantry",
            value=value,
            method=method,
            reason=reason,
            score=score,
            margin=margin,
            evidence=evidence,
            raised_at=NOW + timedelta(days=days),
        )


async def test_one_question_after_another_is_decided(browser: Desk) -> None:
    await asked_about(browser)
    page = await browser.signed_in("A")
    assert await weight(page, "/matches") < HEAVIEST
    table = page.get_by_role("region", name="Side by side")
    await expect(table).to_contain_text("Ada Quill")
    await expect(table).to_contain_text("H-1")
    await expect(table).to_contain_text("Another one")
    main = await page.inner_text("main")
    for words in (
        "25 points better than the next",
        "95 of 100",
        "the partner has another birth date",
        "2 others wait",
    ):
        assert words in main
    assert not await barriers(page)
    await page.get_by_role("link", name="Not sure: next one").click()
    await expect(table).to_contain_text("H-2")
    assert "another fits 7 points better" in await page.inner_text("main")
    await page.get_by_role("button", name="Not the same").click()
    await expect(page.get_by_role("status")).to_contain_text("kept apart")
    await expect(table).to_contain_text("H-1")
    await page.get_by_role("button", name="Same person").click()
    await expect(page.get_by_role("status")).to_contain_text("linked")
    await expect(table).to_contain_text("H-3")
    await page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    assert not await barriers(page)
    assert not await sideways(page)
    there, reached, unmarked = await by_keyboard(page)
    assert (reached, unmarked) == (there, [])


async def test_a_wrong_link_is_taken_back(browser: Desk) -> None:
    await asked_about(browser)
    page = await browser.signed_in("A")
    await page.goto("/matches")
    await page.get_by_role("button", name="Same person").click()
    await page.get_by_role("link", name="Linked").click()
    await expect(page.get_by_role("table")).to_contain_text("case_manager@A")
    assert not await barriers(page)
    await page.get_by_role("button", name="Take the link back").click()
    await expect(page.get_by_role("status")).to_contain_text("taken back")
    await page.goto("/matches?state=CONFIRMED")
    await expect(page.locator("main")).to_contain_text("None so far")


async def test_where_there_is_nothing_to_decide_one_is_told_what_that_means(browser: Desk) -> None:
    await browser.world.organization("A")
    page = await browser.signed_in("A", Role.PRIVACY_OFFICER)
    await page.goto("/matches")
    await expect(page.locator("#none")).to_contain_text("Nothing to decide")
    assert not await barriers(page)


async def test_an_agency_without_a_record_of_the_client_has_nothing_to_decide(desk: Desk) -> None:
    await asked_about(desk)
    async with desk.http(await desk.session("B")) as client:
        hidden = await client.get("/matches")
    assert "Nothing to decide" in hidden.text
    assert "Quill" not in hidden.text
    assert "H-1" not in hidden.text


async def test_an_answer_that_comes_too_late_is_said_in_words(desk: Desk) -> None:
    await asked_about(desk)
    session = await desk.session("A")
    async with desk.http(session) as client:
        form = (await client.get("/matches")).text
        asked = form.split('name="match" value="')[1][:36]
        said = {"csrf": session.csrf, "match": asked}
        assert (await client.post("/matches", data={**said, "said": "confirm"})).status_code == 303
        late = await client.post("/matches", data={**said, "said": "reject"})
        unknown = await client.post("/matches", data={**said, "match": "nonsense", "said": "reject"})
        guessed = await client.post("/matches", data={**said, "csrf": "guessed", "said": "reject"})
    assert "Somebody has decided this one already" in late.text
    assert "This question is not there any more" in unknown.text
    assert guessed.status_code == 403
