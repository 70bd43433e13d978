"""Pages that want to know that it is still them."""

from __future__ import annotations

from datetime import timedelta

from starlette.responses import PlainTextResponse, Response

from gateway.pages.page import page
from gateway.pages.proof import EMERGENCY
from gateway.pages.visit import Visit
from tests.gateway.pages.conftest import Desk


async def _done(visit: Visit) -> Response:
    return PlainTextResponse(f"{visit.http.method} was done")


async def test_a_form_is_opened_with_time_left_to_fill_it_in(desk: Desk) -> None:
    desk.add(page("/matters", _done, methods=["GET", "POST"], fresh=EMERGENCY))
    await desk.world.organization("6")
    session = await desk.session("6")
    async with desk.http(session) as client:
        assert (await client.get("/matters")).text == "GET was done"
        desk.clock.now += timedelta(minutes=3)
        again = await client.get("/matters?of=1")
        assert again.headers["location"] == "/sign-in/step-up?to=%2Fmatters%3Fof%3D1"
        sent = await client.post("/matters", data={"csrf": session.csrf})
        assert sent.text == "POST was done"
