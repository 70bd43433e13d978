"""A provider that others made and certified: npm's `oidc-provider`, in its own process, over HTTP.

Needs node and npm, which fetches what `foreign_provider/package-lock.json` names (`tests/gateway/npm.py`).
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.sessions import Session
from gateway.settings import Settings
from hmis.tables import member
from tests.gateway.hostile import free_port
from tests.gateway.npm import installed
from tests.gateway.pages.conftest import Clock, Desk, desk_of
from tests.gateway.pages.visiting import Visitor, asked, visitor

HERE = Path(__file__).parents[1] / "foreign_provider"
SECRET = "a secret of 42 characters, which + has signs"
PERSON = "mia"


class Ticking(Clock):
    """The provider has the time of this machine."""

    def __call__(self) -> datetime:
        return datetime.now(UTC)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return installed(HERE, tmp_path_factory.mktemp("foreign"))


@dataclass
class Foreign:
    desk: Desk
    url: str

    async def walked(self, somebody: Visitor, path: str) -> httpx.Response:
        """From a page of ours through the provider and its questions, up to the page that was wanted."""
        answer = await somebody.get(path)
        while str(answer.url).startswith(self.url) or "/sign-in" in str(answer.url):
            answer = await somebody.follow(answer)
        return answer

    async def session(self, somebody: Visitor) -> Session | None:
        return await self.desk.hub.sessions.find(somebody.word or "", self.desk.clock())

    async def agreed_to_leave(self, somebody: Visitor, url: str) -> httpx.Response:
        """What the provider asks before it ends its session, answered with yes."""
        page = await somebody.get(url)
        [action] = re.findall(r'action="([^"]+)"', page.text)
        [xsrf] = re.findall(r'name="xsrf" value="([^"]+)"', page.text)
        return await somebody.post(urljoin(self.url, action), {"xsrf": xsrf, "logout": "yes"})


@asynccontextmanager
async def foreign(
    folder: Path, database: AsyncEngine, database_url: str, home: Path, algorithm: str, **more: Any
) -> AsyncIterator[Foreign]:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    environ = {"HUB_URL": address, "HUB_SECRET": SECRET, "HUB_PERSON": PERSON, "HUB_ALG": algorithm}
    process = await asyncio.create_subprocess_exec(
        "node",
        "run.mjs",
        cwd=folder,
        env={"PATH": os.environ["PATH"], **environ},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdin is not None
    try:
        url = (await process.stdout.readline()).decode().strip()
        assert url.startswith("http://127.0.0.1:")
        settings = Settings(
            home=home,
            database_url=database_url,
            port=port,
            sign_in_issuer=url,
            sign_in_client_id="hub",
            sign_in_client_secret=SecretStr(SECRET),
            public_url=address,
            **more,
        )
        async with desk_of(database, settings, Ticking()) as desk:
            await desk.world.organization("6")
            async with database.begin() as connection:
                await connection.execute(
                    insert(member).values(
                        issuer=url,
                        subject=PERSON,
                        agency_id=desk.world.agencies["6"].id,
                        role="CASE_MANAGER",
                        valid_from=date(2020, 1, 1),
                    )
                )
            yield Foreign(desk, url)
    finally:
        process.stdin.close()
        await process.wait()


@pytest.mark.parametrize("algorithm", ["ES256", "RS256"])
async def test_people_sign_in_prove_it_and_sign_out_at_a_certified_provider(
    folder: Path, database: AsyncEngine, database_url: str, tmp_path: Path, algorithm: str
) -> None:
    more = {"sign_in_acr": ("aal1",), "step_up_acr": ("aal2",)}
    async with (
        foreign(folder, database, database_url, tmp_path, algorithm, **more) as here,
        visitor(here.desk) as somebody,
    ):
        page = await here.walked(somebody, "/sign-in/begin?to=/people")
        assert (page.status_code, page.url.path) == (200, "/people")
        first = await here.session(somebody)
        assert first is not None
        assert first.who is not None
        assert (first.who.issuer, first.who.subject, first.who.acr) == (here.url, PERSON, "aal1")
        assert first.who.sid

        page = await here.walked(somebody, "/sign-in/step-up?to=/people")
        assert (page.status_code, page.url.path) == (200, "/people")
        second = await here.session(somebody)
        assert second is not None
        assert second.who is not None
        assert second.word != first.word
        assert second.who.acr == "aal2"
        assert second.who.auth_time is not None
        assert first.who.auth_time is not None
        assert second.who.auth_time >= first.who.auth_time

        out = await somebody.post("/sign-out", {"csrf": second.csrf})
        to = out.headers["refresh"].removeprefix("0;url=")
        assert to.startswith(f"{here.url}/session/end?")
        back = await here.agreed_to_leave(somebody, to)
        assert back.headers["location"].startswith(f"{here.desk.address}/sign-in/logged-out?state=")
        assert "with the account of your agency. You" in (await somebody.follow(back)).text
        assert await here.session(somebody) is None


async def test_a_certified_provider_ends_a_session_by_itself(
    folder: Path, database: AsyncEngine, database_url: str, tmp_path: Path
) -> None:
    async with (
        foreign(folder, database, database_url, tmp_path, "ES256") as here,
        visitor(here.desk) as somebody,
        visitor(here.desk) as elsewhere,
    ):
        for browser in (somebody, elsewhere):
            await here.walked(browser, "/sign-in/begin?to=/people")
            assert await here.session(browser)
        # Not from a page of ours: the hub learns of it from the provider alone.
        done = await here.agreed_to_leave(somebody, f"{here.url}/session/end")
        assert done.status_code in (200, 303)
        assert await here.session(somebody) is None
        assert await here.session(elsewhere)


async def test_a_certified_provider_takes_no_code_without_its_proof(
    folder: Path, database: AsyncEngine, database_url: str, tmp_path: Path
) -> None:
    async with (
        foreign(folder, database, database_url, tmp_path, "ES256") as here,
        visitor(here.desk) as somebody,
        visitor(here.desk) as thief,
    ):
        answer = await somebody.get("/sign-in/begin?to=/people")
        while "/sign-in/callback" not in answer.headers.get("location", ""):
            answer = await somebody.follow(answer)
        stolen = asked(answer)
        away = await thief.get("/sign-in/begin?to=/people")
        # The thief has a sign-in of their own, and only the code of somebody else.
        theirs = httpx.QueryParams({**stolen, "state": asked(away)["state"]})
        assert (await thief.get(f"/sign-in/callback?{theirs}")).status_code == 400
        session = await here.session(thief)
        assert session is not None
        assert session.who is None
        assert (await somebody.follow(answer)).status_code == 303
