"""A browser without its eyes: it keeps cookies as one does, and goes one step at a time."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http.cookies import SimpleCookie
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import httpx

from gateway.pages.page import COOKIE
from tests.gateway.pages.conftest import Desk

FORM = {"content-type": "application/x-www-form-urlencoded"}


class Visitor:
    """Somebody at a browser. Cookies are of this machine, whichever port sent them (RFC 6265, 8.5)."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.cookies: dict[str, str] = {}
        self._client = httpx.AsyncClient(trust_env=False, timeout=30)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def get(self, url: str, **headers: str) -> httpx.Response:
        return await self._sent("GET", url, headers)

    async def post(self, url: str, fields: dict[str, str], **headers: str) -> httpx.Response:
        return await self._sent("POST", url, {**FORM, **headers}, urlencode(fields))

    async def follow(self, answer: httpx.Response) -> httpx.Response:
        """Where an answer leads."""
        assert answer.is_redirect, (answer.status_code, answer.text[:500])
        return await self.get(urljoin(str(answer.url), answer.headers["location"]))

    async def _sent(
        self, method: str, url: str, headers: dict[str, str], body: str | None = None
    ) -> httpx.Response:
        said = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = await self._client.request(
            method,
            urljoin(self.address, url),
            content=body,
            headers={"accept": "text/html", **({"cookie": said} if said else {}), **headers},
        )
        for line in answer.headers.get_list("set-cookie"):
            for name, morsel in SimpleCookie(line).items():
                if morsel["max-age"] == "0":
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value
        return answer

    @property
    def word(self) -> str | None:
        """What the session's cookie holds."""
        return self.cookies.get(COOKIE)

    async def begin(self, to: str = "/") -> httpx.Response:
        """Press the button; gives the redirect to the provider."""
        page = await self.get(f"/sign-in?{urlencode({'to': to})}")
        [link] = re.findall(r'href="(/sign-in/begin\?[^"]*)"', page.text)
        return await self.get(link.replace("&amp;", "&"))

    async def picked(self, away: httpx.Response, subject: str, **more: str) -> httpx.Response:
        """Be somebody at the demo's provider; gives the redirect to the callback."""
        return await self.post(away.headers["location"], {"subject": subject, **more})

    async def signed_in(self, subject: str, to: str = "/") -> httpx.Response:
        """Sign in as somebody. Gives the redirect to the page that was wanted."""
        return await self.follow(await self.picked(await self.begin(to), subject))


@asynccontextmanager
async def visitor(desk: Desk) -> AsyncIterator[Visitor]:
    """Somebody at a browser of their own before this hub."""
    async with Visitor(desk.address) as found:
        yield found


def asked(answer: httpx.Response) -> dict[str, str]:
    """The parameters that a redirect carries."""
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    return {name: values[0] for name, values in query.items()}
