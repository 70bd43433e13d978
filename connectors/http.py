"""The one place where the hub speaks HTTP to partners.

What can go wrong on the wire leaves here as `SourceFailed` with a code, and with nothing of what the partner
wrote. Persons travel in request bodies only: paths come from manifests and hold no placeholders.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import random
import ssl
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Literal, NoReturn

import httpx
import orjson
import stamina
from aiolimiter import AsyncLimiter

from connectors.base import Limits
from connectors.config import Config
from connectors.manifest import Auth
from connectors.query import PLACEHOLDER
from hmis.errors import FailureCode, SourceFailed

log = logging.getLogger(__name__)
# httpx logs the partner's reason phrase and httpcore its headers: a partner's words, which may name a person.
logging.getLogger("httpx").setLevel(logging.WARNING)
logging.getLogger("httpcore").setLevel(logging.WARNING)

BODY_CAP = 10 * 1024 * 1024
ATTEMPTS = 3
_BACKOFF_S = 0.2
_RETRY_AFTER_S = (0.5, 5.0)

Method = Literal["GET", "POST"]
Sign = Callable[[Method, str, bytes], Mapping[str, str]]
"""The headers that prove who we are, for one request: (method, path, body) -> headers."""


def signer(auth: Auth, config: Config) -> Sign:
    """How requests to this partner are signed, by the manifest's scheme."""
    if auth.scheme == "none":
        return lambda _method, _path, _body: {}
    value = PLACEHOLDER.sub(lambda name: config.secret(name[1].removeprefix("config.")) or "", auth.value)
    return lambda _method, _path, _body: {auth.header: value}


class _Retryable(SourceFailed):
    """Worth another try. hint_s: how long the partner asked us to stay away, None = it did not say."""

    def __init__(self, source: str, code: FailureCode, hint_s: float | None = None) -> None:
        super().__init__(source, code, retryable=True)
        self.hint_s = hint_s


class Http:
    """A partner's HTTP client: its own pool, its own rate, its own limits."""

    def __init__(
        self,
        source: str,
        base_url: str,
        limits: Limits,
        sign: Sign,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._source = source
        self._limits = limits
        self._sign = sign
        self._rate = AsyncLimiter(limits.rate, limits.period_s)
        self._client = httpx.AsyncClient(
            base_url=base_url,
            transport=transport,
            timeout=limits.timeout_s,
            limits=httpx.Limits(
                max_connections=limits.concurrency, max_keepalive_connections=limits.concurrency
            ),
            verify=_trusted(),
            follow_redirects=False,
            # No proxy, no certificates and no .netrc from the environment: what is spoken to is what is set.
            trust_env=False,
            # A cookie would carry something from one person's request into the next.
            cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])),
            # Compressed bodies are not asked for: ten megabytes of zeros fit into ten kilobytes.
            headers={"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "hmis-hub"},
        )

    async def send(
        self, method: Method, path: str, body: object = None, *, deadline: float, idempotent: bool
    ) -> object:
        """Send and return the answer's JSON.

        deadline: in the running loop's time. idempotent: asking twice does no harm, so it may be retried.

        Raises:
            SourceFailed: in every case but a 2xx with a well-formed body that does not speak of an error.
        """
        loop = asyncio.get_running_loop()
        deadline = min(deadline, loop.time() + self._limits.timeout_s)
        content = b"" if body is None else orjson.dumps(body)
        failures = 0

        def wait(fault: Exception) -> bool | float:
            nonlocal failures
            failures += 1
            if not idempotent or not isinstance(fault, _Retryable):
                return False
            seconds = backoff(failures, fault.hint_s)
            # Out of time anyway: the fault itself tells more than "time-out" would.
            return seconds if loop.time() + seconds < deadline else False

        try:
            async with asyncio.timeout_at(deadline):
                async for attempt in stamina.retry_context(on=wait, attempts=ATTEMPTS, timeout=None):
                    with attempt:
                        async with self._rate:
                            return await self._attempt(method, path, content)
        except TimeoutError:
            self._fail(FailureCode.TIMEOUT, retryable=True)
        raise AssertionError("stamina ends with an answer or with the last fault")

    async def _attempt(self, method: Method, path: str, content: bytes) -> object:
        headers = {"Content-Type": "application/json", **self._sign(method, path, content)}
        try:
            async with self._client.stream(method, path, content=content, headers=headers) as response:
                log.info("%s %s %s: %d", self._source, method, path, response.status_code)
                self._check_status(response)
                body = await self._read(response)
        except httpx.TimeoutException:
            self._fail(FailureCode.TIMEOUT, retryable=True)
        except (httpx.UnsupportedProtocol, httpx.InvalidURL, httpx.LocalProtocolError):
            self._fail(FailureCode.CONFIG)
        except (httpx.HTTPError, httpx.StreamError):
            # Refused, reset, cut off, not speaking HTTP. The exception quotes the partner, so it ends here.
            raise _Retryable(self._source, FailureCode.UNAVAILABLE) from None
        return self._parse(body)

    def _check_status(self, response: httpx.Response) -> None:
        status = response.status_code
        if 200 <= status < 300:
            return
        if status == 429 or (status >= 500 and status != 501):
            code = FailureCode.RATE_LIMITED if status == 429 else FailureCode.UNAVAILABLE
            raise _Retryable(self._source, code, retry_after(response.headers.get("Retry-After")))
        if status == 408:
            self._fail(FailureCode.TIMEOUT, retryable=True)
        self._fail(_CODES.get(status, FailureCode.CONFIG))

    async def _read(self, response: httpx.Response) -> bytes:
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            self._fail(FailureCode.BAD_DATA)
        body = bytearray()
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > BODY_CAP:
                self._fail(FailureCode.BAD_DATA)
        return bytes(body)

    def _parse(self, body: bytes) -> object:
        try:
            answer = orjson.loads(body)
        except orjson.JSONDecodeError:  # HTML, half a document, nesting beyond reason
            self._fail(FailureCode.BAD_DATA)
        # "200, but no": taken as an answer it would read as "we know nobody of that name".
        if isinstance(answer, dict) and any(answer.get(word) for word in ("error", "errors")):
            self._fail(FailureCode.BAD_DATA)
        return answer

    def _fail(self, code: FailureCode, *, retryable: bool = False) -> NoReturn:
        raise SourceFailed(self._source, code, retryable=retryable) from None

    async def aclose(self) -> None:
        await self._client.aclose()


@functools.cache
def _trusted() -> ssl.SSLContext:
    """The authorities trusted for TLS: read once, for it takes longer than many a call."""
    return httpx.create_ssl_context(trust_env=False)


# What else a partner may say. Anything not listed (a redirect, 404 for an operation, 400, 422) means that the
# manifest and the partner disagree, which only an operator can mend: CONFIG.
_CODES = {
    401: FailureCode.AUTH,
    403: FailureCode.AUTH,
    407: FailureCode.AUTH,
    409: FailureCode.CONFLICT,
    412: FailureCode.CONFLICT,
    501: FailureCode.NOT_SUPPORTED,
}


def backoff(failures: int, hint_s: float | None) -> float:
    """Seconds before the next try: what the partner asks, within reason; else full jitter, doubling."""
    if hint_s is not None:
        return min(max(hint_s, _RETRY_AFTER_S[0]), _RETRY_AFTER_S[1])
    # Spreads callers out; nothing is guarded by it.
    return random.uniform(0, _BACKOFF_S * 2**failures)  # noqa: S311


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
