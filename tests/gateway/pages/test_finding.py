"""Finding a person at a desk: while one types, ranked, and with nothing told of who is hidden."""

from __future__ import annotations

from datetime import date
from typing import Any

from playwright.async_api import expect

from auth.categories import Category
from auth.viewer import Role
from gateway.pages.finding import PART
from tests.gateway.pages.conftest import Desk, barriers
from tests.gateway.pages.looking import HEAVIEST, by_keyboard, sideways, weight

BORN = date(1985, 3, 14)


async def town(desk: Desk) -> None:
    """People of agency 6, and one whom agency 7 alone knows."""
    await desk.world.organization("6")
    await desk.world.organization("7")
    for key, first, last, born, ssn in (
        ("k1", "Marisol", "Vantreight", BORN, "900456789"),
        ("k2", "Maricela", "Vantrite", date(1985, 3, 17), "900450000"),
        ("k3", "William", "García", date(1970, 1, 2), None),
        ("k4", "Walter", "Stone", BORN, None),
    ):
        await desk.world.client(key, first_name=first, last_name=last, dob=born, ssn=ssn, name_data_quality=1)
        await desk.world.stay(f"s-{key}", key, "6-p")
    await desk.world.client(
        "k9", first_name="Hester", last_name="Hidden", dob=date(1966, 6, 6), ssn="900451111"
    )
    await desk.world.stay("s-k9", "k9", "7-p")


async def part(desk: Desk, session: Any, **form: str) -> str:
    """The list alone, as the module asks for it."""
    async with desk.http(session) as client:
        answer = await client.post("/people", data={"csrf": session.csrf, **form}, headers={PART: "found"})
    assert answer.status_code == 200
    return answer.text


async def test_people_are_found_while_one_types_and_their_number_is_announced(browser: Desk) -> None:
    await town(browser)
    page = await browser.signed_in("6")
    await page.goto("/people")
    assert not await barriers(page)
    await page.get_by_label("Name, birth date").press_sequentially("vantr")
    await expect(page.locator("#fits a")).to_have_text(["Vantreight, Marisol", "Vantrite, Maricela"])
    await expect(page.get_by_role("status")).to_have_text("2 people fit.")
    assert page.url.endswith("/people")
    await page.get_by_label("Name, birth date").fill("Marisol Vantrieght 3/17/1985")
    await page.keyboard.press("Enter")
    await expect(page.locator("#close a").first).to_have_text("Vantreight, Marisol")
    found = page.locator("#close li.found").first
    assert "Last name differs in one letter" in await found.inner_text()
    assert "Same first name" in await found.inner_text()
    assert f"/people/{browser.world.people['k1']}" == await found.get_by_role("link").get_attribute("href")
    await page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    assert not await barriers(page)
    assert not await sideways(page)
    there, reached, unmarked = await by_keyboard(page)
    assert (reached, unmarked) == (there, [])


async def test_without_javascript_the_form_finds_the_same(browser: Desk) -> None:
    await town(browser)
    page = await browser.signed_in("6", Role.CASE_MANAGER, java_script_enabled=False)
    await page.goto("/people")
    await page.get_by_label("Name, birth date").fill("bill garcia")
    await page.get_by_role("button", name="Find").first.click()
    await expect(page.locator("#close a")).to_have_text(["García, William"])
    await page.get_by_label("Name, birth date").fill("")
    await page.locator("summary").click()
    await page.get_by_label("Last name").fill("sto")
    await page.get_by_label("Birth date", exact=False).last.fill("3/14/1985")
    await page.keyboard.press("Enter")
    await expect(page.locator("#fits a")).to_have_text(["Stone, Walter"])


async def test_the_page_is_light(browser: Desk) -> None:
    await town(browser)
    assert await weight(await browser.signed_in("6"), "/people") < HEAVIEST


async def test_who_is_hidden_is_as_unknown_as_nobody_however_they_are_looked_for(desk: Desk) -> None:
    await town(desk)
    session = await desk.session("6")
    nobody = await part(desk, session, q="zzyzx")
    assert "Nobody was found" in nobody
    for q in ("hidden", "Hester Hiddn", "hester", "k9", "demo:k9", "6/6/1966", "hidden 1111", "1111"):
        assert await part(desk, session, q=q) == nobody
    own = await desk.session("7")
    for q in ("hidden", "Hester Hiddn", "hester", "k9", "demo:k9", "6/6/1966", "hidden 1111", "1111"):
        assert "Hidden, Hester" in await part(desk, own, q=q)


async def test_a_hidden_name_never_fits_not_even_nearly(desk: Desk) -> None:
    await town(desk)
    await desk.world.grant("k9", "6", categories=Category.EXISTENCE | Category.DOB)
    session = await desk.session("6")
    nobody = await part(desk, session, q="zzyzx")
    for q in ("hidden", "Hiddin", "Hester"):
        assert await part(desk, session, q=q) == nobody
    by_date = await part(desk, session, q="6/6/1966")
    assert "Name not shown" in by_date
    # The name beside it makes no difference: of what is hidden nothing is compared.
    right, wrong = [await part(desk, session, q=f"{name} 6/6/1966") for name in ("Hidden", "Zzyzx")]
    assert right == wrong
    assert "Last name not shown" in right


async def test_the_best_fit_stands_first(desk: Desk) -> None:
    await town(desk)
    shown = await part(desk, await desk.session("6"), q="Marisol Vantreight 3/20/1985")
    order = [shown.index(name) for name in ("Vantreight, Marisol", "Vantrite, Maricela")]
    assert order == sorted(order)
    assert "Born 6 days apart" in shown


async def test_only_who_meets_all_of_it_fits(desk: Desk) -> None:
    await town(desk)
    await desk.world.client("k5", last_name="Day", dob=date(1980, 5, 4), ssn="900450001")
    await desk.world.stay("s-k5", "k5", "6-p")
    session = await desk.session("6")
    shown = await part(desk, session, q="4/5/1980 6789")
    assert 'id="fits"' not in shown
    assert "Other last four digits" in shown
    assert "Day and month the other way round" in shown
    assert 'id="fits"' in await part(desk, session, q="4/5/1980 0001")


async def test_another_record_of_theirs_may_meet_it(desk: Desk) -> None:
    await town(desk)
    await desk.world.client("k6", person_of="k4", first_name="Walter", last_name="Rivers", dob=BORN)
    await desk.world.stay("s-k6", "k6", "6-p")
    session = await desk.session("6")
    shown = [await part(desk, session, q=name) for name in ("Stone", "Rivers")]
    assert [one.count('class="found"') for one in shown] == [1, 1]
    assert sum("All of it, by another record of theirs" in one for one in shown) == 1


async def test_what_cannot_be_read_is_said_where_it_stands(browser: Desk) -> None:
    await town(browser)
    page = await browser.signed_in("6")
    await page.goto("/people")
    await page.locator("summary").click()
    await page.get_by_label("Last four").last.fill("67")
    await page.get_by_label("Last four").last.press("Enter")
    await expect(page.locator("#found")).to_contain_text("The last four take four digits.")
    await page.get_by_label("Last four").last.fill("")
    await page.locator("#f-birth").fill("soon")
    await page.locator("#f-birth").press("Enter")
    await expect(page.locator("#found")).to_contain_text("month/day/year")
    assert not await barriers(page)


async def test_a_form_of_another_page_is_not_taken(desk: Desk) -> None:
    await town(desk)
    session = await desk.session("6")
    async with desk.http(session) as client:
        answer = await client.post("/people", data={"q": "vantr", "csrf": "guessed"})
    assert answer.status_code == 403
    assert "Vantreight" not in answer.text
