"""The one place where the hub speaks HTTP to partners.

What can go wrong on the wire leaves here as `SourceFailed` with a code, and with nothing of what the partner
wrote. Persons travel in request bodies only: a path comes from a manifest or names a record, never a person.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import httpx
import orjson
import stamina
from aiolimiter import AsyncLimiter

from connectors.base import Limits
from connectors.breaker import Clock
from connectors.pool import Retryable, body_of, fail, json_of, on_the_wire, pool, retry_after
from connectors.restraint import HeldBack, RetryBudget
from connectors.signing import Sign
from hmis.errors import FailureCode, SourceFailed

log = logging.getLogger(__name__)

ATTEMPTS = 3
_BACKOFF_S = 0.2
_RETRY_AFTER_S = (0.5, 5.0)

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


@dataclass(frozen=True, slots=True)
class Answer:
    """A 2xx, or the "not there" that was asked for. json None = no body.

    etag: what the partner wants to read in If-Match. location: where it put what was sent; it may hold an id.
    """

    status: int
    json: object = field(default=None, repr=False)
    etag: str | None = field(default=None, repr=False)
    location: str | None = field(default=None, repr=False)

    @property
    def missing(self) -> bool:
        return self.status in _MISSING


@dataclass(slots=True)
class _Call:
    """One question, over all its tries."""

    method: Method
    path: str
    content: bytes
    headers: Mapping[str, str]
    missing_ok: bool
    errors_ok: bool
    logged_as: str
    failures: int = 0
    fault: Retryable | None = None
    held: bool = False
    """Waiting for our own rate, not for the partner."""


class _Unproven(SourceFailed):
    """401: what proves who we are was not taken."""


class Http:
    """A partner's HTTP client: its own pool, its own rate, its own limits.

    media: what bodies are, both ways: `application/json`, `application/fhir+json`. clock: monotonic seconds.
    """

    def __init__(
        self,
        source: str,
        base_url: str,
        limits: Limits,
        sign: Sign,
        *,
        media: str = "application/json",
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Clock = time.monotonic,
    ) -> None:
        self._source = source
        self._limits = limits
        self._sign = sign
        self._media = media
        self._rate = AsyncLimiter(limits.rate, limits.period_s)
        self._budget = RetryBudget(clock)
        self._client = pool(
            base_url, connections=limits.concurrency, timeout_s=limits.timeout_s, transport=transport
        )

    @property
    def retries(self) -> int:
        """Second tries since the start."""
        return self._budget.spent

    async def send(
        self,
        method: Method,
        path: str,
        body: object = None,
        *,
        deadline: float,
        idempotent: bool,
        headers: Mapping[str, str] | None = None,
    ) -> object:
        """Send and return the answer's JSON: `exchange` for whoever wants nothing else of it."""
        answer = await self.exchange(
            method, path, body, deadline=deadline, idempotent=idempotent, headers=headers
        )
        if answer.json is None:
            fail(self._source, FailureCode.BAD_DATA)
        return answer.json

    async def exchange(
        self,
        method: Method,
        path: str,
        body: object = None,
        *,
        deadline: float,
        idempotent: bool,
        headers: Mapping[str, str] | None = None,
        missing_ok: bool = False,
        errors_ok: bool = False,
        logged_as: str | None = None,
    ) -> Answer:
        """Send and return the answer with what HTTP says about it.

        deadline: in the running loop's time. idempotent: asking twice does no harm, so it may be retried: a
        read, or a write with an Idempotency-Key that the partner heeds. (With If-Match alone the second try
        may be told 412 because the first one succeeded.) headers: If-Match, If-None-Match, Idempotency-Key,
        Prefer … of this request. missing_ok: 404 and 410 are answers, not a fault of the manifest.
        errors_ok: the caller reads `errors` in a 2xx itself, as GraphQL wants it.
        logged_as: the path for the log, where the path itself holds the id of a record: `/Task/{id}`.

        Raises:
            SourceFailed: in every case but a 2xx that is well formed and does not speak of an error.
        """
        loop = asyncio.get_running_loop()
        deadline = min(deadline, loop.time() + self._limits.timeout_s)
        content = b"" if body is None else orjson.dumps(body)
        call = _Call(method, path, content, headers or {}, missing_ok, errors_ok, logged_as or path)
        self._budget.called()

        def wait(fault: Exception) -> bool | float:
            call.failures += 1
            if not idempotent or not isinstance(fault, Retryable) or call.failures >= ATTEMPTS:
                return False
            call.fault = fault
            seconds = backoff(call.failures, fault.hint_s)
            # Out of time anyway: the fault itself tells more than "time-out" would.
            return seconds if loop.time() + seconds < deadline and self._budget.spend() else False

        try:
            async with asyncio.timeout_at(deadline):
                async for attempt in stamina.retry_context(on=wait, attempts=ATTEMPTS, timeout=None):
                    with attempt:
                        return await self._attempt(call)
        except TimeoutError:
            if call.held:
                raise (call.fault or HeldBack(self._source)) from None
            fail(self._source, FailureCode.TIMEOUT, retryable=True)
        raise AssertionError("stamina ends with an answer or with the last fault")

    async def _attempt(self, call: _Call) -> Answer:
        """One try. A proof that has worn out meanwhile is renewed once; the partner has done nothing then, so
        this is safe even for what may not be repeated."""
        try:
            return await self._once(call)
        except _Unproven as refused:
            if not self._sign.renew():
                raise refused from None
        return await self._once(call)

    async def _once(self, call: _Call) -> Answer:
        call.held = True
        await self._rate.acquire()
        call.held = False
        request = self._request(call)
        request.headers.update(await self._sign.proof(request, self._source))
        with on_the_wire(self._source):
            response = await self._client.send(request, stream=True)
            try:
                log.info("%s %s %s: %d", self._source, call.method, call.logged_as, response.status_code)
                if not (call.missing_ok and response.status_code in _MISSING):
                    self._check_status(response)
                    body = await body_of(response, self._source)
                else:
                    body = b""
            finally:
                await response.aclose()
        return Answer(
            response.status_code,
            self._json(response, body, call) if body else None,
            response.headers.get("ETag"),
            response.headers.get("Location"),
        )

    def _request(self, call: _Call) -> httpx.Request:
        kind = {"Content-Type": self._media} if call.content else {}
        headers = {"Accept": self._media, **kind, **call.headers}
        with on_the_wire(self._source):
            return self._client.build_request(call.method, call.path, content=call.content, headers=headers)

    def _check_status(self, response: httpx.Response) -> None:
        status = response.status_code
        if 200 <= status < 300:
            return
        if status == 429 or (status >= 500 and status != 501):
            code = FailureCode.RATE_LIMITED if status == 429 else FailureCode.UNAVAILABLE
            raise Retryable(self._source, code, retry_after(response.headers.get("Retry-After")))
        if status == 408:
            fail(self._source, FailureCode.TIMEOUT, retryable=True)
        if status == 401:
            raise _Unproven(self._source, FailureCode.AUTH)
        fail(self._source, _CODES.get(status, FailureCode.CONFIG))

    def _json(self, response: httpx.Response, body: bytes, call: _Call) -> object:
        answer = json_of(response, body, self._source)
        # "200, but no": taken as an answer it would read as "we know nobody of that name".
        if call.errors_ok:
            return answer
        if isinstance(answer, dict) and any(answer.get(word) for word in ("error", "errors")):
            fail(self._source, FailureCode.BAD_DATA)
        return answer

    async def aclose(self) -> None:
        await self._sign.aclose()
        await self._client.aclose()


# Gone is 404 that stays (RFC 9110 15.5.11): FHIR servers say it of what was deleted.
_MISSING = (404, 410)

# What else a partner may say. Anything not listed (a redirect, 404 for an operation, 400, 422) means that the
# manifest and the partner disagree, which only an operator can mend: CONFIG.
_CODES = {
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
