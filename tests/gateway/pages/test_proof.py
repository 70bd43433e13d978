"""Pages that want to know that it is still them, and forms that come too late."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.responses import PlainTextResponse, Response

from gateway.pages.page import page
from gateway.pages.proof import EMERGENCY, EXPORT
from gateway.pages.visit import Visit
from gateway.settings import Settings
from tests.gateway.pages.conftest import Desk, barriers, desk_of
from tests.gateway.pages.looking import sideways
from tests.gateway.pages.visiting import FORM, visitor

STEP_UP = "/sign-in/step-up?to="


async def _done(visit: Visit) -> Response:
    return PlainTextResponse(f"{visit.http.method} was done: {visit.form.get('why', '')}")


ROUTES = [
    page("/matters", _done, methods=["GET", "POST"], fresh=EMERGENCY),
    page("/matters.csv", _done, fresh=EXPORT),
]


def with_matters(desk: Desk) -> Desk:
    desk.app.router.routes[0:0] = ROUTES
    return desk


@pytest.fixture
async def matters(desk: Desk) -> Desk:
    """A desk with a form and a file that matter."""
    await desk.world.organization("6")
    return with_matters(desk)


async def test_a_form_is_opened_with_time_left_to_fill_it_in(matters: Desk) -> None:
    session = await matters.session("6")
    async with matters.http(session) as client:
        assert (await client.get("/matters")).text == "GET was done: "
        matters.clock.now += timedelta(minutes=3)
        again = await client.get("/matters?of=1")
        assert again.headers["location"] == f"{STEP_UP}%2Fmatters%3Fof%3D1"
        assert (await client.get("/matters.csv")).status_code == 200
        body = f"csrf={session.csrf}&why=x"
        assert (await client.post("/matters", content=body, headers=FORM)).text == "POST was done: x"
        matters.clock.now += timedelta(minutes=2, seconds=1)
        late = await client.post("/matters", content=body, headers=FORM)
        assert late.status_code == 403
        assert "Nothing was changed" in late.text
        matters.clock.now += timedelta(minutes=10)
        assert (await client.get("/matters.csv")).headers["location"] == f"{STEP_UP}%2Fmatters.csv"


async def test_a_session_of_which_nobody_knows_when_it_was_proved_is_never_fresh(matters: Desk) -> None:
    session = await matters.session("6", auth_time=None)
    async with matters.http(session) as client:
        assert (await client.get("/matters")).headers["location"] == f"{STEP_UP}%2Fmatters"


async def test_a_form_of_somebody_else_is_refused_before_anybody_is_asked(matters: Desk) -> None:
    session = await matters.session("6", auth_time=None)
    async with matters.http(session) as client:
        answer = await client.post("/matters", content="csrf=0&why=x", headers=FORM)
    assert "not sent from a page of yours" in answer.text


async def test_some_ways_to_sign_in_are_not_strong_enough(
    database: AsyncEngine, database_url: str, tmp_path: Path
) -> None:
    settings = Settings(
        home=tmp_path,
        database_url=database_url,
        port=0,
        demo_issuer=True,
        step_up_acr=("urn:hmis-hub:demo:confirmed",),
    )
    async with desk_of(database, settings) as desk, visitor(with_matters(desk)) as somebody:
        await desk.world.organization("6")
        subject = await desk.member("6")
        await somebody.signed_in(subject)
        away = await somebody.follow(await somebody.get("/matters"))
        again = await somebody.picked(away, subject)
        assert "Is it still you?" in again.text
        back = await somebody.follow(await somebody.picked(away, subject, confirmed="yes"))
        assert (await somebody.follow(back)).text == "GET was done: "


async def test_nobody_else_proves_it_for_them(matters: Desk) -> None:
    mia, noa = await matters.member("6", subject="mia"), await matters.member("6", subject="noa")
    async with visitor(matters) as somebody:
        await somebody.signed_in(mia)
        word = somebody.word
        away = await somebody.get(f"{STEP_UP}/matters")
        answer = await somebody.follow(await somebody.picked(away, noa, confirmed="yes"))
        assert answer.status_code == 400
        assert somebody.word == word
        assert (await somebody.get("/people")).status_code == 200


async def test_whoever_has_not_signed_in_proves_nothing(matters: Desk) -> None:
    async with visitor(matters) as somebody:
        answer = await somebody.get(f"{STEP_UP}/matters")
        assert answer.headers["location"] == "/sign-in?to=%2Fmatters"
        assert (await somebody.get("/matters")).headers["location"] == "/sign-in?to=%2Fmatters"


async def test_what_was_typed_is_sent_once_they_have_proved_it_in_another_tab(
    browser: Desk, matters: Desk
) -> None:
    page = await browser.page(None)
    await browser.member("6")
    await page.goto("/sign-in/begin?to=/people")
    await page.get_by_role("button", name="Case manager").click()
    await page.wait_for_url("**/people")
    # A form of that page, as it stood there, is sent when it is too late.
    await page.evaluate(
        """() => {
          const form = document.querySelector("form[action='/sign-out']")
          form.action = "/matters"
          form.insertAdjacentHTML("beforeend", '<input name="why" value="&quot;she&quot; & <he>">')
        }"""
    )
    browser.clock.now += timedelta(minutes=6)
    await page.get_by_role("button", name="Sign out").first.click()
    heading = await page.get_by_role("heading", level=1).inner_text()
    assert heading == "Not sent yet: please show that it is still you"
    assert not await barriers(page)
    assert not await sideways(page)
    async with page.context.expect_page() as opened:
        await page.get_by_role("link", name="Confirm that it is you").click()
    other = await opened.value
    await other.get_by_role("button", name="Yes, it is me").click()
    assert "still you" in await other.get_by_role("heading", level=1).inner_text()
    await page.get_by_role("button", name="Send again").click()
    assert await page.locator("body").inner_text() == 'POST was done: "she" & <he>'
    browser.complaints.clear()  # the browser notes the 403
