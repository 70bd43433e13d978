"""What can go wrong on the wire, each with its code. Every answer is bytes from a real socket."""

from __future__ import annotations

import asyncio
import gzip
import logging
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from connectors.base import Limits
from connectors.config import Config, Secret
from connectors.http import BODY_CAP, Http, backoff, retry_after, signer
from connectors.manifest import Auth
from connectors.wire import Act, Wire, answer
from hmis.errors import FailureCode, SourceFailed
from tests.connectors.partners import soon

CANARY = "Zyxwvutsrq"


async def _send(wire: Wire, *, idempotent: bool = True, seconds: float = 5.0, **limits: float) -> object:
    async with wire.serving() as address:
        http = Http("pantry", address, Limits(rate=1_000, **limits), lambda *_: {})  # type: ignore[arg-type]  # numbers
        try:
            return await http.send(
                "POST", "/clients/find", {"lastName": CANARY}, deadline=soon(seconds), idempotent=idempotent
            )
        finally:
            await http.aclose()


HTML = "<!doctype html><title>Sign in</title>"
DEEP = "[" * 100_000 + "]" * 100_000
ZEROS = gzip.compress(b" " * (BODY_CAP + 1) + b"{}")


@pytest.mark.parametrize(
    ("says", "code", "calls"),
    [
        pytest.param(answer("{}", "401 Unauthorized"), "AUTH", 1, id="401"),
        pytest.param(answer("{}", "403 Forbidden"), "AUTH", 1, id="403"),
        pytest.param(answer("{}", "404 Not Found"), "CONFIG", 1, id="404"),
        pytest.param(answer("{}", "400 Bad Request"), "CONFIG", 1, id="400"),
        pytest.param(answer("", "302 Found", "Location: http://127.0.0.1:9/"), "CONFIG", 1, id="redirect"),
        pytest.param(answer("{}", "409 Conflict"), "CONFLICT", 1, id="409"),
        pytest.param(answer("{}", "408 Request Timeout"), "TIMEOUT", 1, id="408"),
        pytest.param(answer("{}", "501 Not Implemented"), "NOT_SUPPORTED", 1, id="501"),
        pytest.param(answer("{}", "429 Too Many Requests"), "RATE_LIMITED", 3, id="429"),
        pytest.param(answer("{}", "429 Slow", "Retry-After: 0"), "RATE_LIMITED", 3, id="429 no hint"),
        pytest.param(answer("{}", "500 Oops"), "UNAVAILABLE", 3, id="500"),
        pytest.param(answer("{}", "503 Later"), "UNAVAILABLE", 3, id="503"),
        pytest.param(answer(HTML, "502 Bad Gateway"), "UNAVAILABLE", 3, id="502 html"),
        pytest.param(Act.RESET, "UNAVAILABLE", 3, id="reset"),
        pytest.param(Act.CLOSE, "UNAVAILABLE", 3, id="closed"),
        pytest.param(answer('{"items": [', length=4_000) + b"", "TIMEOUT", 1, id="drips"),
        pytest.param(b"SSH-2.0-OpenSSH\r\n\r\n", "UNAVAILABLE", 3, id="another protocol"),
        pytest.param(answer(HTML), "BAD_DATA", 1, id="html"),
        pytest.param(answer('{"items": [{"id": "H-'), "BAD_DATA", 1, id="truncated json"),
        pytest.param(answer(""), "BAD_DATA", 1, id="empty"),
        pytest.param(answer(b'{"a": "\xff\xfe"}'), "BAD_DATA", 1, id="not utf-8"),
        pytest.param(answer('{"a": NaN}'), "BAD_DATA", 1, id="not a number"),
        pytest.param(answer('{"error": {"code": 7}, "items": []}'), "BAD_DATA", 1, id="200 but no"),
        pytest.param(answer('{"errors": ["no"], "items": []}'), "BAD_DATA", 1, id="200 with errors"),
        pytest.param(answer(DEEP), "BAD_DATA", 1, id="deep"),
        pytest.param(answer(b" " * (BODY_CAP + 1) + b"{}"), "BAD_DATA", 1, id="huge"),
        pytest.param(answer(ZEROS, "200 OK", "Content-Encoding: gzip"), "BAD_DATA", 1, id="zip bomb"),
        pytest.param(Act.HANG, "TIMEOUT", 1, id="silence"),
    ],
)
async def test_each_fault_has_its_code(says: bytes | Act, code: str, calls: int) -> None:
    wire = Wire(says)

    with pytest.raises(SourceFailed) as failed:
        await _send(wire, seconds=0.3 if code == "TIMEOUT" else 30)

    assert failed.value.code is FailureCode(code)
    assert failed.value.retryable is (code in {"TIMEOUT", "UNAVAILABLE", "RATE_LIMITED"})
    assert len(wire.requests) == calls


async def test_nobody_listening_is_unavailable() -> None:
    wire = Wire(answer("{}"))
    async with wire.serving() as address:
        pass
    http = Http("pantry", address, Limits(), lambda *_: {})

    with pytest.raises(SourceFailed) as failed:
        await http.send("POST", "/x", {}, deadline=soon(), idempotent=True)

    assert failed.value.code is FailureCode.UNAVAILABLE


async def test_a_second_try_may_succeed() -> None:
    wire = Wire(answer("{}", "503 Later"), Act.RESET, answer('{"matches": []}'))

    assert await _send(wire) == {"matches": []}
    assert len(wire.requests) == 3


async def test_what_may_not_be_repeated_is_sent_once() -> None:
    wire = Wire(answer("{}", "503 Later"), answer("{}"))

    with pytest.raises(SourceFailed):
        await _send(wire, idempotent=False)

    assert len(wire.requests) == 1


async def test_a_wait_longer_than_the_deadline_is_not_begun() -> None:
    wire = Wire(answer("{}", "429 Slow", "Retry-After: 3600"), answer("{}"))

    with pytest.raises(SourceFailed) as failed:
        await _send(wire, seconds=2)

    assert failed.value.code is FailureCode.RATE_LIMITED
    assert len(wire.requests) == 1


async def test_the_partner_gets_its_own_time_limit_within_the_deadline() -> None:
    with pytest.raises(SourceFailed) as failed:
        await _send(Wire(Act.HANG), seconds=60, timeout_s=0.1)

    assert failed.value.code is FailureCode.TIMEOUT


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("0", None), ("", None), (None, None), ("soon", None), ("-1", None), ("7", 7.0)],
)
def test_retry_after_is_seconds_or_no_hint(header: str | None, seconds: float | None) -> None:
    assert retry_after(header) == seconds


def test_retry_after_may_be_a_date() -> None:
    now = datetime.now(UTC)

    assert retry_after(format_datetime(now - timedelta(hours=1), usegmt=True)) is None
    later = retry_after(format_datetime(now + timedelta(hours=1), usegmt=True))
    assert later is not None
    assert backoff(1, later) == 5.0


def test_hints_are_kept_within_reason_and_without_one_the_wait_is_jittered() -> None:
    assert backoff(1, 0.01) == 0.5
    assert backoff(1, 3.0) == 3.0
    assert backoff(1, retry_after("9" * 400)) == 5.0
    assert all(0 <= backoff(failures, None) <= 0.2 * 2**failures for failures in (1, 2) for _ in range(50))


async def test_nothing_about_a_person_or_of_the_partners_words_is_logged_or_raised(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    wire = Wire(answer(f'{{"error": "{CANARY} is barred"}}', f"503 {CANARY}"), answer(f"<p>{CANARY}"))

    with pytest.raises(SourceFailed) as failed:
        await _send(wire)

    assert CANARY.encode() in wire.requests[0].split(b"\r\n\r\n", 1)[1]
    assert wire.request_lines == ["POST /clients/find HTTP/1.1"] * 2
    shown = "".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
    assert CANARY not in shown
    assert CANARY not in f"{failed.value!r} {failed.value} {failed.value.__cause__}"


async def test_the_key_goes_into_its_header_and_nowhere_else(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    config = Config({"api_key": Secret(CANARY)})
    sign = signer(Auth("header", "X-API-Key", "Key {config.api_key}"), config)
    wire = Wire(answer("{}"))

    async with wire.serving() as address:
        http = Http("pantry", address, Limits(), sign)
        await http.send("POST", "/x", {"a": 1}, deadline=soon(), idempotent=True)
        await http.aclose()

    assert b"X-API-Key: Key " + CANARY.encode() in wire.requests[0]
    assert CANARY not in caplog.text + repr(config) + repr(http)


async def test_nothing_of_the_environment_and_no_cookie_reaches_the_partner(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    wire = Wire(answer("{}", "200 OK", "Set-Cookie: last=person"))

    async with wire.serving() as address:
        http = Http("pantry", address, Limits(), lambda *_: {})
        for _ in range(2):
            await http.send("POST", "/x", {}, deadline=soon(), idempotent=True)
        await http.aclose()

    assert len(wire.requests) == 2
    assert b"cookie" not in b"".join(wire.requests).lower()


async def test_calling_off_leaves_no_connection() -> None:
    wire = Wire(Act.HANG)
    async with wire.serving() as address:
        http = Http("pantry", address, Limits(), lambda *_: {})
        sending = asyncio.create_task(http.send("POST", "/x", {}, deadline=soon(60), idempotent=True))
        await wire.asked.wait()

        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending

        async with asyncio.timeout(5):
            await wire.quiet.wait()
        await http.aclose()
    assert wire.open == 0
