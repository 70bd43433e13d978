"""Signing in at the demo's provider: the whole way, and what must not be a way."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from auth.sessions import ABSOLUTE, IDLE
from auth.viewer import Role
from gateway.pages.page import COOKIE
from hmis.tables import web_session
from tests.gateway.pages.conftest import Desk, barriers
from tests.gateway.pages.looking import by_keyboard, sideways
from tests.gateway.pages.visiting import asked, visitor

ELSEWHERE = [
    "//elsewhere.test",
    "https://elsewhere.test/",
    "/\\elsewhere.test",
    "javascript:alert(1)",
    "/a\r\nb",
]


async def how_many(desk: Desk) -> int:
    async with desk.world.engine.connect() as connection:
        return await connection.scalar(select(func.count()).select_from(web_session)) or 0


async def test_somebody_signs_in_by_keyboard_and_comes_back_to_where_they_were(browser: Desk) -> None:
    await browser.world.organization("6")
    await browser.member("6")
    page = await browser.page(None)
    await page.goto("/people")
    assert await page.get_by_role("heading", level=1).inner_text() == "Sign in to hmis-hub"
    assert not await barriers(page)
    await page.get_by_role("link", name="Sign in").press("Enter")
    assert await page.get_by_role("heading", level=1).inner_text() == "Who would you like to be?"
    assert await page.get_by_text("Demo", exact=True).is_visible()
    there, reached, unmarked = await by_keyboard(page)
    assert (there, unmarked) == (reached, [])
    assert not await barriers(page)
    await page.get_by_role("button", name="Case manager").press("Enter")
    await page.wait_for_url("**/people")
    assert await page.get_by_role("button", name="Sign out").is_visible()
    await page.get_by_role("button", name="Sign out").press("Enter")
    await page.wait_for_url("**/sign-in/logged-out?*")
    assert await page.get_by_role("heading", level=1).inner_text() == "You are signed out"
    assert "with the account of your agency" in await page.get_by_role("main").inner_text()
    assert not await barriers(page)
    assert await page.context.cookies() == []
    await page.goto("/people")
    assert await page.get_by_role("heading", level=1).inner_text() == "Sign in to hmis-hub"


async def test_the_pages_of_signing_in_are_for_everybody(browser: Desk) -> None:
    await browser.world.organization("6")
    await browser.member("6")
    await browser.member("6", Role.PRIVACY_OFFICER)
    page = await browser.page(None, color_scheme="dark")
    for path in ("/sign-in", "/sign-in/logged-out", "/sign-in/begin?to=/"):
        await page.goto(path)
        assert not await barriers(page)
        assert not await sideways(page)
    await page.get_by_role("button", name="Privacy officer").click()
    await page.goto("/sign-in/step-up?to=/sign-in/proven")
    assert await page.get_by_role("heading", level=1).inner_text() == "Is it still you?"
    assert not await barriers(page)
    assert not await sideways(page)
    await page.get_by_role("button", name="Yes, it is me").click()
    assert await page.get_by_role("heading", level=1).inner_text() == "Thank you, it is still you"
    assert not await barriers(page)


async def test_a_refusal_can_be_read_by_everybody(browser: Desk) -> None:
    page = await browser.page(None)
    answer = await page.goto("/sign-in/callback?code=1&state=2")
    assert answer is not None
    assert answer.status == 400
    assert not await barriers(page)
    assert not await sideways(page)
    browser.complaints.clear()  # the browser notes the 400


async def test_the_provider_is_asked_with_proof_state_and_nonce(desk: Desk) -> None:
    async with visitor(desk) as somebody:
        away = await somebody.begin("/people")
        said = asked(away)
        assert said["response_type"] == "code"
        assert said["scope"] == "openid"
        assert said["redirect_uri"] == f"{desk.address}/sign-in/callback"
        assert said["code_challenge_method"] == "S256"
        assert len(said["code_challenge"]) == 43
        assert min(len(said["state"]), len(said["nonce"])) >= 20
        assert said["max_age"] == "900"
        assert asked(await somebody.begin("/people"))["nonce"] != said["nonce"]


async def test_the_word_changes_at_sign_in_and_at_every_proof(desk: Desk) -> None:
    await desk.world.organization("6")
    subject = await desk.member("6")
    async with visitor(desk) as somebody:
        away = await somebody.begin()
        planted = somebody.word
        await somebody.follow(await somebody.picked(away, subject))
        first = somebody.word
        again = await somebody.get("/sign-in/step-up?to=/people")
        assert asked(again)["prompt"] == "login"
        assert asked(again)["max_age"] == "0"
        home = await somebody.follow(await somebody.picked(again, subject, confirmed="yes"))
        assert home.headers["location"] == "/people"
        second = somebody.word
    assert len({planted, first, second}) == 3
    for word in (planted, first):
        assert word is not None
        assert await desk.hub.sessions.find(word, desk.clock()) is None
    assert second is not None
    session = await desk.hub.sessions.find(second, desk.clock())
    assert session is not None
    assert session.who is not None
    assert (session.who.subject, session.who.acr) == (subject, "urn:hmis-hub:demo:confirmed")


async def test_the_cookie_is_for_this_host_over_tls_and_for_no_script(desk: Desk) -> None:
    async with visitor(desk) as somebody:
        line = (await somebody.begin()).headers["set-cookie"]
    assert COOKIE.startswith("__Host-")
    name, *attributes = [part.strip().lower() for part in line.split(";")]
    assert name.startswith(f"{COOKIE.lower()}=")
    assert sorted(attributes) == ["httponly", "path=/", "samesite=lax", "secure"]


async def test_every_page_of_signing_in_says_how_browsers_must_treat_it(desk: Desk) -> None:
    await desk.world.organization("6")
    subject = await desk.member("6")
    async with visitor(desk) as somebody:
        away = await somebody.begin()
        answers = [
            *(away, await somebody.get("/sign-in"), await somebody.get("/sign-in/logged-out")),
            *(await somebody.get(away.headers["location"]), await somebody.get("/sign-in/callback?code=1")),
            await somebody.signed_in(subject),
            *(await somebody.get("/sign-in/step-up"), await somebody.get("/sign-in/proven")),
            await somebody.get("/demo/end-session"),
        ]
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        for part in ("default-src 'none'", "script-src 'self'", "form-action 'self'", "base-uri 'none'"):
            assert part in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["x-content-type-options"] == "nosniff"


async def test_an_answer_is_taken_once(desk: Desk) -> None:
    await desk.world.organization("6")
    subject = await desk.member("6")
    async with visitor(desk) as somebody:
        back = await somebody.picked(await somebody.begin(), subject)
        before = dict(somebody.cookies)
        assert (await somebody.follow(back)).status_code == 303
        word = somebody.word
        for cookies in (dict(somebody.cookies), before):
            somebody.cookies = cookies
            again = await somebody.follow(back)
            assert again.status_code == 400
            assert "set-cookie" not in again.headers
        assert word is not None
        assert await desk.hub.sessions.find(word, desk.clock())


async def test_an_answer_is_taken_only_where_it_was_asked_for(desk: Desk) -> None:
    await desk.world.organization("6")
    subject = await desk.member("6")
    async with visitor(desk) as attacker, visitor(desk) as victim, visitor(desk) as nobody:
        back = await attacker.picked(await attacker.begin(), subject)
        await victim.begin()
        for other in (victim, nobody):
            word = other.word
            answer = await other.follow(back)
            assert answer.status_code == 400
            assert "Signing in did not work" in answer.text
            assert other.word == word


async def test_two_tabs_may_sign_in_one_after_the_other(desk: Desk) -> None:
    await desk.world.organization("6")
    subject = await desk.member("6")
    async with visitor(desk) as somebody:
        first, second = await somebody.begin("/people"), await somebody.begin("/sign-in/proven")
        for away, to in ((second, "/sign-in/proven"), (first, "/people")):
            home = await somebody.follow(await somebody.picked(away, subject))
            assert home.headers["location"] == to
        assert await how_many(desk) == 1


async def test_whoever_begins_again_and_again_fills_no_table(desk: Desk) -> None:
    await desk.world.organization("6")
    subject = await desk.member("6")
    async with visitor(desk) as somebody:
        away = []
        for _ in range(8):
            desk.clock.now += timedelta(seconds=1)
            away.append(await somebody.begin())
        assert await how_many(desk) == 1
        assert (await somebody.follow(await somebody.picked(away[0], subject))).status_code == 400
        assert (await somebody.follow(await somebody.picked(away[-1], subject))).status_code == 303


async def test_an_answer_that_comes_too_late_is_none(desk: Desk) -> None:
    await desk.world.organization("6")
    subject = await desk.member("6")
    async with visitor(desk) as somebody:
        away = await somebody.begin()
        desk.clock.now += IDLE
        assert (await somebody.follow(await somebody.picked(away, subject))).status_code == 400


@pytest.mark.parametrize("to", ELSEWHERE)
async def test_signing_in_leads_to_no_other_host(desk: Desk, to: str) -> None:
    await desk.world.organization("6")
    subject = await desk.member("6")
    async with visitor(desk) as somebody:
        assert (await somebody.signed_in(subject, to)).headers["location"] == "/"
        again = await somebody.get("/sign-in")
        assert again.headers["location"] == "/"


async def test_a_session_that_ended_says_so_and_leads_back(desk: Desk) -> None:
    await desk.world.organization("6")
    subject = await desk.member("6")
    async with visitor(desk) as somebody:
        await somebody.signed_in(subject)
        for _ in range(3):
            desk.clock.now += IDLE - timedelta(seconds=1)
            assert (await somebody.get("/people")).status_code == 200
        desk.clock.now += IDLE
        out = await somebody.get("/people?page=2")
        assert out.headers["location"] == "/sign-in?to=%2Fpeople%3Fpage%3D2"
        assert "You were signed out" in (await somebody.follow(out)).text
        back = await somebody.signed_in(subject, "/people?page=2")
        assert back.headers["location"] == "/people?page=2"
        assert "You were signed out" not in (await somebody.get("/people")).text


async def test_a_session_ends_after_half_a_day_however_busy(desk: Desk) -> None:
    await desk.world.organization("6")
    subject = await desk.member("6")
    async with visitor(desk) as somebody:
        await somebody.signed_in(subject)
        began = desk.clock.now
        while desk.clock.now - began < ABSOLUTE - IDLE:
            desk.clock.now += IDLE - timedelta(seconds=30)
            assert (await somebody.get("/people")).status_code == 200
        desk.clock.now = began + ABSOLUTE
        assert (await somebody.get("/people")).status_code == 303


async def test_who_is_a_member_nowhere_is_told_what_to_do(desk: Desk) -> None:
    await desk.world.organization("6")
    subject = await desk.member("6")
    async with visitor(desk) as somebody:
        home = await somebody.signed_in(subject)
        async with desk.world.engine.begin() as connection:
            await connection.exec_driver_sql("update member set valid_to = '2020-02-01'")
        assert "not yet a member" in (await somebody.follow(home)).text


async def test_who_is_a_member_of_several_agencies_chooses_one(browser: Desk) -> None:
    await browser.world.organization("6")
    await browser.world.organization("7")
    await browser.member("6", subject="mia")
    await browser.member("7", Role.PRIVACY_OFFICER, subject="mia")
    page = await browser.page(None)
    await page.goto("/")
    await page.get_by_role("link", name="Sign in").click()
    await page.get_by_role("button", name="mia").click()
    assert await page.get_by_role("heading", level=1).inner_text() == "For which agency are you here?"
    assert not await barriers(page)
    await page.get_by_role("radio", name="Agency 7").check()
    await page.get_by_role("button", name="Go on").click()
    assert await page.get_by_role("heading", level=1).inner_text() == "Agency 7"
    # Another proof keeps the choice; and it can be made anew.
    await page.goto("/sign-in/step-up?to=/")
    await page.get_by_role("button", name="Yes, it is me").click()
    assert await page.get_by_role("heading", level=1).inner_text() == "Agency 7"
    await page.get_by_role("link", name="Change agency").click()
    assert await page.get_by_role("radio", name="Agency 7").is_checked()
    await page.get_by_role("radio", name="Agency 6").check()
    await page.get_by_role("button", name="Go on").click()
    assert await page.get_by_role("heading", level=1).inner_text() == "Agency 6"


async def test_nobody_acts_for_an_agency_they_are_no_member_of(desk: Desk) -> None:
    for organization in ("6", "7", "8"):
        await desk.world.organization(organization)
    for organization in ("6", "7"):
        await desk.member(organization, subject="mia")
    async with visitor(desk) as somebody:
        home = await somebody.signed_in("mia")
        assert home.headers["location"] == "/sign-in/agency?to=%2F"
        assert (await somebody.get("/")).headers["location"] == "/sign-in/agency"
        word = somebody.word
        assert word is not None
        session = await desk.hub.sessions.find(word, desk.clock())
        assert session is not None
        foreign = {"csrf": session.csrf, "agency": str(desk.world.agencies["8"].id)}
        answer = await somebody.post("/sign-in/agency", foreign)
        assert "Choose one of your agencies" in answer.text
        assert (await somebody.post("/sign-in/agency", {**foreign, "csrf": "0"})).status_code == 403
        session = await desk.hub.sessions.find(word, desk.clock())
        assert session is not None
        assert session.agency is None


async def test_somebody_else_at_the_same_browser_begins_afresh(desk: Desk) -> None:
    await desk.world.organization("6")
    mia, noa = await desk.member("6", subject="mia"), await desk.member("6", subject="noa")
    async with visitor(desk) as somebody:
        await somebody.signed_in(mia)
        first = await desk.hub.sessions.find(somebody.word or "", desk.clock())
        assert first is not None
        away = await somebody.get("/sign-in/begin?to=/")
        await somebody.follow(await somebody.picked(away, noa))
        second = await desk.hub.sessions.find(somebody.word or "", desk.clock())
    assert second is not None
    assert second.who is not None
    assert second.who.subject == noa
    assert second.csrf != first.csrf
    assert await how_many(desk) == 1
