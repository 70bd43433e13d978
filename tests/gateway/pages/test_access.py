"""Why somebody sees what they see, and orders of courts: for privacy officers."""

from __future__ import annotations

from auth.categories import Category
from auth.viewer import Role
from tests.gateway.pages.conftest import Desk, barriers
from tests.gateway.pages.looking import by_keyboard, sideways
from tests.worlds import World


async def somebody_shared(world: World) -> str:
    """Ada, of A, who shares her name with B."""
    for name in "AB":
        await world.organization(name)
    ada = str(await world.client("ada", first_name="Ada", last_name="Quill"))
    await world.stay("s1", "ada", "A-p")
    await world.grant("ada", "B", categories=Category.EXISTENCE | Category.NAME)
    return ada


async def test_why_somebody_sees_what_they_see_is_told_in_words(browser: Desk) -> None:
    ada = await somebody_shared(browser.world)
    await browser.session("B")
    page = await browser.signed_in("A", Role.PRIVACY_OFFICER)
    await page.goto(f"/people/{ada}/access")
    assert not await barriers(page)
    await page.get_by_label("Who").fill("case_manager@B")
    await page.get_by_role("button", name="Explain").click()
    assert page.url.endswith(f"/people/{ada}/access")
    name = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="Names"))
    assert await name.inner_text() == "Names\tYes\tThe person agreed (agreement 1)"
    assert await page.get_by_text("You let Agency B see: your name.").count() == 1
    birth = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="Birth date"))
    assert await birth.inner_text() == "Birth date\tNo\tThe person has not agreed"
    assert not await barriers(page)
    assert not await sideways(page)
    await page.emulate_media(color_scheme="dark")
    assert not await barriers(page)


async def test_whom_nobody_knows_is_said_and_others_than_privacy_officers_are_not_answered(
    desk: Desk,
) -> None:
    ada = await somebody_shared(desk.world)
    officer, manager = await desk.session("A", Role.PRIVACY_OFFICER), await desk.session("A")
    async with desk.http(officer) as client:
        nobody = await client.post(f"/people/{ada}/access", data={"csrf": officer.csrf, "subject": "nobody"})
        empty = await client.post(f"/people/{ada}/access", data={"csrf": officer.csrf})
    async with desk.http(manager) as client:
        form = {"csrf": manager.csrf, "subject": "case_manager@A"}
        other = await client.post(f"/people/{ada}/access", data=form)
    assert "Nobody of that subject" in nobody.text
    assert "Enter the name that they sign in with" in empty.text
    assert "Privacy officers ask this" in other.text
    assert "<table" not in other.text


async def test_an_order_is_written_down_approved_by_two_and_withdrawn(browser: Desk) -> None:
    ada = await somebody_shared(browser.world)
    page = await browser.signed_in("A", Role.PRIVACY_OFFICER)
    for subject in ("reader", "first", "second"):
        await browser.world.member(subject, "A", Role.PRIVACY_OFFICER)
    await page.goto(f"/people/{ada}/order")
    assert not await barriers(page)
    there, reached, unmarked = await by_keyboard(page)
    assert (reached, unmarked) == (there, [])
    assert not await sideways(page)
    await page.get_by_label("Which one").fill("Circuit court, 26-1207")
    await page.get_by_label("Who looks under it").fill("somebody")
    await page.get_by_label("First day", exact=True).fill("2026-06-30")
    await page.get_by_label("First day no longer").fill("2026-07-07")
    await page.get_by_label("Names").check()
    await page.get_by_role("button", name="Write down").click()
    assert "this subject is none" in await page.get_by_role("alert").inner_text()
    assert await page.get_by_label("Names").is_checked()
    assert not await barriers(page)
    await page.get_by_label("Who looks under it").fill("reader")
    await page.get_by_role("button", name="Write down").click()
    assert "It opens nothing until two other" in await page.get_by_role("status").inner_text()
    assert await page.get_by_text("Waits for 2 approvals").is_visible()
    assert await page.get_by_role("button", name="Approve").count() == 0
    assert not await barriers(page)
    await page.get_by_text("Withdraw it").click()
    await page.get_by_label("Why").fill("handed over")
    await page.get_by_role("button", name="Withdraw").click()
    assert await page.get_by_text("Withdrawn", exact=True).is_visible()
    await page.emulate_media(color_scheme="dark")
    assert not await barriers(page)


async def test_who_approves_has_read_it_and_two_approvals_put_it_in_force(desk: Desk) -> None:
    await somebody_shared(desk.world)
    reader = desk.world.viewer("A", Role.PRIVACY_OFFICER)
    order = await desk.world.legal_order("ada", reader, "first")
    session = await desk.session("A", Role.PRIVACY_OFFICER)
    async with desk.http(session) as client:
        unread = await client.post(f"/orders/{order.id}/approve", data={"csrf": session.csrf})
        form = {"csrf": session.csrf, "read": "yes"}
        done = await client.post(f"/orders/{order.id}/approve", data=form)
        after = await client.get("/orders")
        why = await client.post(f"/orders/{order.id}/withdraw", data={"csrf": session.csrf})
    assert "Tick that you have read the order itself" in unread.text
    assert done.headers["location"] == "/orders?done=order-approved"
    assert "In force" in after.text
    assert "You have approved it." in after.text
    assert "Say why it is withdrawn" in why.text


async def test_orders_are_nobody_elses(desk: Desk) -> None:
    ada = await somebody_shared(desk.world)
    await desk.world.legal_order("ada", desk.world.viewer("A", Role.PRIVACY_OFFICER), "first")
    manager, elsewhere = await desk.session("A"), await desk.session("B", Role.PRIVACY_OFFICER)
    async with desk.http(manager) as client:
        assert "Privacy officers keep the orders" in (await client.get("/orders")).text
        assert "Which one" not in (await client.get(f"/people/{ada}/order")).text
    async with desk.http(elsewhere) as client:
        page = await client.get("/orders")
    assert "of a test" not in page.text
    assert "No order waits" in page.text
