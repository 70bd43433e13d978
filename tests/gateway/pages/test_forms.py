"""Forms: only those of one's own pages are taken, and errors are told as people can use them."""

from __future__ import annotations

from urllib.parse import urlencode

import httpx
import pytest

from auth.sessions import Session
from tests.gateway.pages.conftest import Desk

FORM = "application/x-www-form-urlencoded"


@pytest.fixture
async def session(desk: Desk) -> Session:
    await desk.world.organization("6")
    return await desk.session("6")


async def sent(desk: Desk, session: Session, csrf: str | None = None, **headers: str) -> httpx.Response:
    """The language form, as a browser would send it, with some headers said otherwise."""
    body = urlencode({"csrf": session.csrf if csrf is None else csrf, "language": "es", "to": "/"})
    async with desk.http(session) as client:
        said = {"content-type": FORM, "accept": "text/html", **headers}
        return await client.post("/language", content=body, headers=said)


async def language(desk: Desk, session: Session) -> str | None:
    found = await desk.hub.sessions.find(session.word, desk.clock())
    assert found is not None
    return found.data.get("language")


async def test_a_form_of_ones_own_page_is_taken(desk: Desk, session: Session) -> None:
    own = {"origin": desk.address, "sec-fetch-site": "same-origin"}
    assert (await sent(desk, session, **own)).status_code == 303
    assert await language(desk, session) == "es"


@pytest.mark.parametrize(
    "said",
    [
        {"csrf": ""},
        {"csrf": "0" * 64},
        {"origin": "https://elsewhere.test"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
    ],
)
async def test_any_other_form_changes_nothing_and_says_what_to_do(
    desk: Desk, session: Session, said: dict[str, str]
) -> None:
    answer = await sent(desk, session, **said)
    assert answer.status_code == 403
    assert "nothing was changed" in answer.text
    assert await language(desk, session) is None


async def test_the_word_of_another_session_opens_no_form(desk: Desk, session: Session) -> None:
    other = await desk.hub.sessions.begin(desk.clock(), session.who)
    assert (await sent(desk, session, csrf=other.csrf)).status_code == 403


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"csrf=x", "application/json", 415),
        (b"csrf=x", "multipart/form-data; boundary=b", 415),
        (b"\xff", FORM, 400),
        (b"a=%ff", FORM, 400),
        (b"&".join([b"a=1"] * 401), FORM, 400),
        (b"a=" + b"x" * 100_001, FORM, 413),
    ],
)
async def test_what_is_no_form_or_too_much_of_one_is_refused(
    desk: Desk, session: Session, body: bytes, kind: str, status: int
) -> None:
    async with desk.http(session) as client:
        answer = await client.post("/language", content=body, headers={"content-type": kind})
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")


async def test_a_form_leads_to_no_other_host(desk: Desk, session: Session) -> None:
    for to in ("//elsewhere.test", "https://elsewhere.test", "/\\elsewhere.test", "/a\r\nb"):
        body = urlencode({"csrf": session.csrf, "language": "es", "to": to})
        async with desk.http(session) as client:
            answer = await client.post("/language", content=body, headers={"content-type": FORM})
        assert answer.headers["location"] == "/"


async def test_a_browser_is_told_of_a_page_that_is_not_there(desk: Desk, session: Session) -> None:
    async with desk.http(session) as client:
        for_people = await client.get("/nowhere", headers={"accept": "text/html,*/*"})
        for_programs = await client.get("/nowhere", headers={"accept": "application/json"})
    assert (for_people.status_code, for_programs.status_code) == (404, 404)
    assert "There is no such page" in for_people.text
    assert for_programs.json()["errors"][0]["extensions"]["code"] == "NOT_FOUND"


async def test_every_page_says_how_browsers_must_treat_it(desk: Desk, session: Session) -> None:
    async with desk.http(session) as client:
        for path in ("/", "/people", "/nowhere"):
            headers = (await client.get(path, headers={"accept": "text/html"})).headers
            policy = headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "script-src 'self';" in policy
            assert "unsafe" not in policy
            assert headers["cache-control"] == "no-store"
            assert headers["x-content-type-options"] == "nosniff"
        style = await client.get(
            (await client.get("/")).text.split('rel="stylesheet" href="')[1].split('"')[0]
        )
    assert "immutable" in style.headers["cache-control"]
    assert style.headers["content-type"].startswith("text/css")


@pytest.mark.parametrize("more_settings", [{"cost_per_minute": 10}])
async def test_who_asks_for_too_much_is_told_to_wait(desk: Desk, session: Session) -> None:
    async with desk.http(session) as client:
        answers = [await client.get("/") for _ in range(12)]
    assert {answer.status_code for answer in answers} == {200, 429}
    assert "Wait a minute" in answers[-1].text
