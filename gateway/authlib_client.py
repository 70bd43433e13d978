"""Authlib's Starlette client, as the hub uses it: each tab its own sign-in, and nothing taken on trust."""

from __future__ import annotations

import base64
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import quote_plus

import httpx
from authlib.deprecate import AuthlibDeprecationWarning  # type: ignore[import-untyped]
from starlette.requests import Request

from auth.discovery import MAX_BODY
from auth.sessions import SignedIn

# It works with httpx, would rather have httpx2, and says so to everybody who starts a hub.
warnings.filterwarnings("ignore", "The httpx module is deprecated", AuthlibDeprecationWarning)
from authlib.integrations.starlette_client import (  # type: ignore[import-untyped]  # noqa: E402
    StarletteIntegration,
    StarletteOAuth2App,
)


class Small(httpx.AsyncHTTPTransport):
    """Answers of a token endpoint: short, and as sent, so that nothing swells after it was counted."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        request.headers["Accept-Encoding"] = "identity"
        answer = await super().handle_async_request(request)
        if answer.headers.get("Content-Encoding", "identity") != "identity":
            raise httpx.DecodingError("compressed, which was not asked for", request=request)
        assert isinstance(answer.stream, httpx.AsyncByteStream)
        answer.stream = _Capped(answer.stream)
        return answer


class _Capped(httpx.AsyncByteStream):
    def __init__(self, stream: httpx.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for chunk in self._stream:
            size += len(chunk)
            if size > MAX_BODY:
                raise httpx.ReadError(f"larger than {MAX_BODY} bytes")
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


def basic(
    client: Any, method: str, uri: str, headers: dict[str, str], body: str
) -> tuple[str, dict[str, str], str]:
    """`client_secret_basic` as RFC 6749, 2.3.1, has it: both parts form-encoded, which Authlib leaves out."""
    said = f"{quote_plus(client.client_id)}:{quote_plus(client.client_secret)}"
    headers["Authorization"] = f"Basic {base64.b64encode(said.encode()).decode()}"
    return uri, headers, body


class Waiting(StarletteIntegration):  # type: ignore[misc]  # it has no types
    """What waits in the session. Authlib would keep one sign-in; here each tab has its own."""

    async def set_state_data(self, session: dict[str, Any] | None, state: str, data: Any) -> None:
        assert session is not None
        data.pop("url", None)
        await super().set_state_data(session, state, data)


class Client(StarletteOAuth2App):  # type: ignore[misc]  # it has no types
    """Authlib's client, with our own word on ID tokens."""

    kept: Mapping[str, Any]
    """What to keep along until they are back."""
    believed: Callable[[Mapping[str, Any]], Awaitable[SignedIn]] | None
    """Who signed in, by the answer to the code."""

    async def save_authorize_data(self, request: Request, **kwargs: Any) -> None:
        await super().save_authorize_data(request, **kwargs, **self.kept)

    async def parse_id_token(self, token: Mapping[str, Any], nonce: str, **_: Any) -> SignedIn:
        assert self.believed is not None
        return await self.believed(token)
