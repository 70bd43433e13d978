"""Connections to one partner over HTTP, and what comes back through them, before anybody reads it.

What goes wrong here leaves as `SourceFailed` with a code, and with nothing of what the partner wrote.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import NoReturn

import httpx
import orjson

from hmis.errors import FailureCode, SourceFailed

# httpx logs the partner's reason phrase and httpcore its headers: a partner's words, which may name a person.
logging.getLogger("httpx").setLevel(logging.WARNING)
logging.getLogger("httpcore").setLevel(logging.WARNING)

BODY_CAP = 10 * 1024 * 1024


class Retryable(SourceFailed):
    """Worth another try. hint_s: how long the partner asked us to stay away, None = it did not say."""

    def __init__(self, source: str, code: FailureCode, hint_s: float | None = None) -> None:
        super().__init__(source, code, retryable=True)
        self.hint_s = hint_s


def fail(source: str, code: FailureCode, *, retryable: bool = False) -> NoReturn:
    raise SourceFailed(source, code, retryable=retryable) from None


def pool(
    base_url: str, *, connections: int, timeout_s: float, transport: httpx.AsyncBaseTransport | None = None
) -> httpx.AsyncClient:
    """A partner's own connections, at most so many."""
    return httpx.AsyncClient(
        base_url=base_url,
        transport=transport,
        timeout=timeout_s,
        limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
        verify=_trusted(),
        follow_redirects=False,
        # No proxy, no certificates and no .netrc from the environment: what is spoken to is what is set.
        trust_env=False,
        # A cookie would carry something from one person's request into the next.
        cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])),
        # Compressed bodies are not asked for: ten megabytes of zeros fit into ten kilobytes.
        headers={"Accept-Encoding": "identity", "User-Agent": "hmis-hub"},
    )


@functools.cache
def _trusted() -> ssl.SSLContext:
    """The authorities trusted for TLS: read once, for it takes longer than many a call."""
    return httpx.create_ssl_context(trust_env=False)


@contextlib.contextmanager
def on_the_wire(source: str) -> Iterator[None]:
    """Turns what httpx raises into `SourceFailed`. Its exceptions quote the partner, so they end here."""
    try:
        yield
    except httpx.TimeoutException:
        fail(source, FailureCode.TIMEOUT, retryable=True)
    except (httpx.UnsupportedProtocol, httpx.InvalidURL, httpx.LocalProtocolError):
        fail(source, FailureCode.CONFIG)
    except (httpx.HTTPError, httpx.StreamError) as fault:
        if _is_a_stranger(fault):
            fail(source, FailureCode.AUTH)
        # Refused, reset, cut off, not speaking HTTP.
        raise Retryable(source, FailureCode.UNAVAILABLE) from None


def _is_a_stranger(fault: BaseException | None) -> bool:
    """The certificate is not one for this name that we trust: like a host key that is not the pinned one,
    waiting does not mend it."""
    while fault is not None:
        if isinstance(fault, ssl.SSLCertVerificationError):
            return True
        fault = fault.__cause__ or fault.__context__
    return False


async def body_of(response: httpx.Response, source: str) -> bytes:
    """The body as it is sent, up to the cap; what is compressed or longer is BAD_DATA."""
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        fail(source, FailureCode.BAD_DATA)
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > BODY_CAP:
            fail(source, FailureCode.BAD_DATA)
    return bytes(body)


def json_of(response: httpx.Response, body: bytes, source: str) -> object:
    """The JSON in a body. A content type that speaks of something else is believed: BAD_DATA."""
    kind = response.headers.get("Content-Type", "application/json").partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        fail(source, FailureCode.BAD_DATA)
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:  # HTML, half a document, nesting beyond reason
        fail(source, FailureCode.BAD_DATA)


def retry_after(value: str | None) -> float | None:
    """RFC 9110 10.2.3: seconds or a date. None = no hint, which 0 and dates gone by are, too."""
    if not value:
        return None
    try:
        seconds = float(value) if value.isdigit() else _until(value)
    except (ValueError, OverflowError):
        return None
    return seconds if seconds > 0 else None


def _until(http_date: str) -> float:
    moment = parsedate_to_datetime(http_date)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - datetime.now(
        UTC
    ).timestamp()
