"""The profile: who they are, their years, what is known and what is not, for whoever may see it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import httpx
import pytest
from playwright.async_api import expect
from sqlalchemy import insert

from auth.categories import EVERYTHING, Category
from auth.consent import Effect
from auth.sessions import Session
from auth.viewer import Role
from connectors.base import Person
from connectors.memory import MemorySource, Record
from gateway.pages.static import address
from hmis.errors import FailureCode, SourceFailed
from hmis.tables import HMIS
from tests.gateway.pages.conftest import Desk, barriers
from tests.worlds import TODAY


async def a_life(desk: Desk) -> UUID:
    """Ruth, with a child: a shelter of agency 6, housing of agency 7 where they live now."""
    world = desk.world
    await world.organization("6")
    await world.organization("7")
    await world.project("7-h", "7", project_type=3)
    await world.project("6-o", "6", project_type=4)
    ruth = await world.client(
        "c1", first_name="Ruth", last_name="Stone", name_data_quality=1, dob=date(1988, 3, 14),
        dob_data_quality=1, ssn="123456789", ssn_data_quality=1, sex=0, veteran_status=1,
    )  # fmt: skip
    await world.client("c2", first_name="Mateo", last_name="Stone", name_data_quality=1, dob=date(2015, 9, 2))
    together = {"household_id": "h"}
    await world.stay("s1", "c1", "6-p", date(2025, 1, 10), living_situation=116, **together)
    await world.stay("s2", "c2", "6-p", date(2025, 1, 10), relationship_to_hoh=2, **together)
    await world.row(
        "Exit", "x1", personal_id="c1", enrollment_id="s1", exit_date=date(2025, 6, 20), destination=435
    )
    await world.stay("s3", "c1", "7-h", date(2025, 6, 2), move_in_date=date(2025, 6, 20))
    await world.row(
        "IncomeBenefits", "i1", personal_id="c1", enrollment_id="s1", information_date=date(2025, 1, 10),
        income_from_any_source=1, total_monthly_income=Decimal("1278.00"), earned=1,
        earned_amount=Decimal("1278.00"), snap=1, benefits_from_any_source=1, medicaid=1,
        insurance_from_any_source=1,
    )  # fmt: skip
    await world.row(
        "Disabilities", "d1", personal_id="c1", enrollment_id="s1", information_date=date(2025, 1, 10),
        disability_type=5, disability_response=1, indefinite_and_impairs=1,
    )  # fmt: skip
    await world.row(
        "Services", "v1", personal_id="c1", enrollment_id="s1", date_provided=date(2025, 2, 1),
        record_type=200, type_provided=200,
    )  # fmt: skip
    return ruth


async def read(desk: Desk, person: object, who: Session | str, path: str = "") -> httpx.Response:
    """The page as it is sent. who: a session, or an agency whose case manager asks this once."""
    session = await desk.session(who) if isinstance(who, str) else who
    async with desk.http(session) as client:
        client.timeout = httpx.Timeout(60)
        return await client.get(f"/people/{person}{path}")


async def test_a_profile_says_who_they_are_and_how_they_lived(browser: Desk) -> None:
    ruth = await a_life(browser)
    await browser.world.grant("c1", "6")
    page = await browser.signed_in("6")
    await page.goto(f"/people/{ruth}")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Ruth Stone")
    now = page.get_by_role("region", name="Now")
    for words in ("In a home", "since Jun 20, 2025", "Project 7-h", "Mateo Stone", "$1,278.00 a month"):
        await expect(now).to_contain_text(words)
    for words in ("38 years old", "born Mar 14, 1988", "SSN ends in 6789", "Female", "Veteran"):
        await expect(page.locator("header.head")).to_contain_text(words)
    picture = page.get_by_role("img", name="Timeline from Jun 30, 2023 to today")
    await expect(picture).to_have_count(1)
    assert "Without a home" in (await picture.locator("desc").text_content() or "")
    words = page.get_by_text("The same in words")
    await words.focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("list").filter(has_text="left for: Own rental, with help")).to_be_visible()
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of the two
        assert not await barriers(page)
    await page.get_by_role("link", name="10 years").click()
    await expect(page.get_by_role("heading", name="The last 10 years")).to_be_visible()
    await page.get_by_role("link", name="Mateo Stone").click()
    await expect(page.get_by_role("link", name="Guardians")).to_be_visible()
    assert not await barriers(page)


async def test_on_a_telephone_nothing_but_picture_and_table_goes_sideways(browser: Desk) -> None:
    ruth = await a_life(browser)
    page = await browser.signed_in("6", viewport={"width": 320, "height": 700})
    await page.goto(f"/people/{ruth}")
    wide = await page.evaluate("document.documentElement.scrollWidth")
    assert wide == 320
    # What is newest is in sight, beside the names of the lanes.
    region = page.get_by_role("region", name="Timeline")
    shown = await region.evaluate(
        """region => { const [names, plot] = region.querySelectorAll('svg.t');
        const box = region.getBoundingClientRect();
        return [names.getBoundingClientRect().left - box.left,
                plot.getBoundingClientRect().right - box.right]; }"""
    )
    assert all(abs(offset) < 2 for offset in shown)
    assert not await barriers(page)


async def test_on_paper_there_is_the_life_and_not_the_health(browser: Desk) -> None:
    ruth = await a_life(browser)
    page = await browser.signed_in("6")
    await page.goto(f"/people/{ruth}")
    await page.get_by_role("link", name="Print").click()
    await expect(page.get_by_role("img")).to_have_count(1)
    assert "Physical disability" not in await page.content()
    assert not await barriers(page)
    await page.emulate_media(media="print")
    await page.set_viewport_size({"width": 710, "height": 900})
    assert await page.evaluate("document.documentElement.scrollWidth") == 710
    await expect(page.get_by_text("Confidential.")).to_be_visible()
    await expect(page.get_by_role("link", name="Back to the page")).to_be_hidden()


async def test_who_may_not_see_somebody_is_answered_as_if_they_were_nobody(desk: Desk) -> None:
    ruth = await a_life(desk)
    await desk.world.organization("8")
    other = await desk.session("8")
    hidden = (ruth, uuid4(), "not-an-id")
    answers = [await read(desk, person, other, path) for person in hidden for path in ("", "/print")]
    assert {(one.status_code, one.content) for one in answers} == {(404, answers[0].content)}
    assert "Stone" not in answers[0].text


async def test_two_agencies_see_of_one_life_what_each_was_given(desk: Desk) -> None:
    ruth = await a_life(desk)
    await desk.world.organization("8")
    some = Category.EXISTENCE | Category.ENROLLMENT
    await desk.world.grant("c1", "8", categories=some)
    own, other = await read(desk, ruth, "6"), await read(desk, ruth, "8")
    assert "Ruth Stone" in own.text
    assert "Physical disability" in own.text
    for hidden in ("Ruth", "Stone", "1988", "6789", "1,278", "Physical", "Mateo", "Bed night"):
        assert hidden not in other.text, hidden
    assert "Name not shared with you" in other.text
    assert "Project 6-p" in other.text
    assert "They have not agreed to share this with you." in other.text
    assert f"/people/{ruth}/emergency" in other.text
    assert f"/people/{ruth}/consent" not in other.text  # it is no client of theirs


async def test_what_was_refused_is_said_to_be_a_refusal(desk: Desk) -> None:
    ruth = await a_life(desk)
    await desk.world.organization("8")
    await desk.world.grant("c1", "8")
    await desk.world.grant("c1", "8", categories=Category.INCOME_BENEFITS, effect=Effect.DENY)
    answer = await read(desk, ruth, "8")
    assert "They asked that your agency not see this." in answer.text
    assert "1,278" not in answer.text


async def test_what_was_opened_in_an_emergency_says_so(desk: Desk) -> None:
    ruth = await a_life(desk)
    await desk.world.organization("8")
    session = await desk.session("8")
    viewer = desk.world.viewer("8")
    subject = session.who.subject if session.who else ""
    await desk.world.broken_glass("c1", replace(viewer, subject=subject))
    async with desk.http(session) as client:
        answer = await client.get(f"/people/{ruth}")
    assert "You opened this record in an emergency." in answer.text
    assert "/emergency" not in answer.text


async def test_names_are_text_wherever_they_stand(desk: Desk) -> None:
    await desk.world.organization("6")
    bad = "<script>alert(1)</script>"
    person = await desk.world.client("c1", first_name=bad, last_name='"><img>', name_data_quality=1)
    await desk.world.project("x", "6", project_name=bad)
    await desk.world.stay("s1", "c1", "x")
    own = await desk.session("6")
    for path in ("", "/print"):
        answer = await read(desk, person, own, path)
        assert bad not in answer.text
        assert "<img>" not in answer.text
        assert "&lt;script&gt;" in answer.text


@pytest.fixture
def food_bank(desk: Desk) -> MemorySource:
    """A food bank that knows Ruth."""
    visits = {"lastVisit": date(2026, 6, 1), "visitCount": 3, "programs": ["TEFAP"]}
    known = Record(Person("Ruth", "Stone", date(1988, 3, 14)), visits)
    source = MemorySource({"h1": known}, name="pantry", title="A food bank")
    desk.hub.sources["pantry"] = source  # type: ignore[index]  # the hub's own is a dictionary
    return source


async def test_what_a_partner_knows_has_its_source_and_its_day(desk: Desk, food_bank: MemorySource) -> None:
    ruth = await a_life(desk)
    await desk.world.grant("c1", "6")
    answer = await read(desk, ruth, "6")
    for words in (
        "A food bank",
        "Jun 1, 2026",
        "3 visits recorded",
        "as of Jan 1, 2026",
        "Emergency food (TEFAP)",
    ):
        assert words in answer.text, words
    assert answer.text.count("The partners know of nothing.") == 3


async def test_a_partner_that_fails_is_not_one_that_is_closed(desk: Desk, food_bank: MemorySource) -> None:
    ruth = await a_life(desk)
    await desk.world.grant("c1", "6", categories=EVERYTHING & ~Category.RENT)
    food_bank.fault = SourceFailed("pantry", FailureCode.UNAVAILABLE, retryable=True)
    answer = await read(desk, ruth, "6")
    assert "The partner could not be asked just now." in answer.text
    assert "Not every partner answered just now" in answer.text
    assert answer.text.count("Not shared with you.") == 1


async def test_a_hundred_stays_are_a_page_below_100_kilobytes_and_more_are_on_the_next(desk: Desk) -> None:
    await desk.world.organization("6")
    person = await desk.world.client("c1", first_name="Ruth", last_name="Stone", name_data_quality=1)
    async with desk.world.engine.begin() as connection:
        source = desk.world.sources["demo"]
        common = {"source_id": source, "import_id": 0, "personal_id": "c1"}
        nights = [TODAY - timedelta(days=number) for number in range(0, 990, 9)]
        await connection.execute(
            insert(HMIS["Enrollment"]),
            [
                {**common, "enrollment_id": f"s{number}", "project_id": "6-p", "entry_date": day,
                 "household_id": f"h{number}", "relationship_to_hoh": 1, "living_situation": 116}
                for number, day in enumerate(nights)
            ],
        )  # fmt: skip
        await connection.execute(
            insert(HMIS["Exit"]),
            [
                {**common, "exit_id": f"x{number}", "enrollment_id": f"s{number}",
                 "exit_date": day + timedelta(days=8), "destination": 116}
                for number, day in enumerate(nights) if number
            ],
        )  # fmt: skip
        await connection.execute(
            insert(HMIS["Services"]),
            [
                {**common, "services_id": f"v{number}-{night}", "enrollment_id": f"s{number}",
                 "date_provided": day + timedelta(days=night), "record_type": 200, "type_provided": 200}
                for number, day in enumerate(nights) for night in range(8)
            ],
        )  # fmt: skip
    await desk.world.renew_labels()
    async with desk.http(await desk.session("6")) as client:
        first = await client.get(f"/people/{person}?years=10")
        assert "There are more" in first.text
        after = first.text.split("&amp;after=")[1].split('"')[0]
        client.timeout = httpx.Timeout(60)
        second = await client.get(f"/people/{person}?years=10&after={after}")
        loaded = [await client.get(address(name)) for name in ("hub.css", "live.js")]
    assert "There are more" not in second.text
    assert second.text.count('<tr><th scope="row">') < first.text.count('<tr><th scope="row">') == 100
    assert len(first.content) + sum(len(one.content) for one in loaded) < 100_000


async def test_somebody_who_needs_no_names_is_shown_none(desk: Desk) -> None:
    ruth = await a_life(desk)
    answer = await read(desk, ruth, await desk.session("6", Role.DASHBOARD))
    assert "Stone" not in answer.text
    assert "/referrals" not in answer.text.split("h-referrals")[0]


async def test_a_profile_is_read_in_spanish_as_well(desk: Desk) -> None:
    ruth = await a_life(desk)
    session = await desk.session("6")
    await desk.hub.sessions.put(session, language="es")
    async with desk.http(session) as client:
        answer = await client.get(f"/people/{ruth}")
    assert '<html lang="es">' in answer.text
    assert "14 mar 1988" in answer.text
