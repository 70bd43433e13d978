"""HTTP to partners, against bytes from a real socket. What goes wrong on the wire: test_faults.py."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from connectors.base import Limits
from connectors.config import Config, Secret
from connectors.http import Answer, Http, backoff
from connectors.pool import retry_after
from connectors.restraint import HeldBack, RetryBudget
from connectors.signing import Auth, Fixed, signer
from connectors.wire import Act, Wire, answer
from hmis.errors import FailureCode, SourceFailed
from tests.connectors.partners import Clock, asking, soon

CANARY = "Zyxwvutsrq"


async def _send(wire: Wire, *, idempotent: bool = True, seconds: float = 5.0, **limits: float) -> object:
    async with wire.serving() as address, asking(address, **limits) as http:
        return await http.send(
            "POST", "/clients/find", {"lastName": CANARY}, deadline=soon(seconds), idempotent=idempotent
        )


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
    sign = signer(Auth("header", {"header": "X-API-Key", "value": "Key {config.api_key}"}), config)
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
        http = Http("pantry", address, Limits(), Fixed({}))
        for _ in range(2):
            await http.send("POST", "/x", {}, deadline=soon(), idempotent=True)
        await http.aclose()

    assert len(wire.requests) == 2
    assert b"cookie" not in b"".join(wire.requests).lower()


async def test_a_quiet_partner_has_its_second_tries_and_a_busy_one_a_tenth_of_its_calls() -> None:
    clock = Clock()
    budget = RetryBudget(clock)

    assert [budget.spend() for _ in range(4)] == [True, True, True, False]
    for _ in range(50):
        budget.called()
    assert [budget.spend() for _ in range(3)] == [True, True, False]
    clock.now += 30
    assert [budget.spend() for _ in range(4)] == [True, True, True, False]
    assert budget.spent == 8


async def test_with_the_budget_spent_the_first_failure_is_the_answer() -> None:
    wire = Wire(answer("{}", "503 Later"))
    async with wire.serving() as address, asking(address) as http:
        for _ in range(4):
            with pytest.raises(SourceFailed) as failed:
                await http.send("POST", "/x", {}, deadline=soon(), idempotent=True)
            assert failed.value.code is FailureCode.UNAVAILABLE
        assert http.retries == 3

    assert len(wire.requests) == 4 + 3


async def test_who_waits_for_our_own_rate_in_vain_is_not_a_failure_of_the_partner() -> None:
    wire = Wire(answer("{}"))
    async with wire.serving() as address, asking(address, rate=1, period_s=3_600) as http:
        await http.send("POST", "/x", {}, deadline=soon(), idempotent=True)
        with pytest.raises(HeldBack) as held:
            await http.send("POST", "/x", {}, deadline=soon(0.05), idempotent=True)

        waiting = asyncio.create_task(http.send("POST", "/x", {}, deadline=soon(3), idempotent=True))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting

    assert (held.value.code, held.value.retryable) == (FailureCode.RATE_LIMITED, True)
    assert len(wire.requests) == 1


async def test_a_write_names_the_version_it_changes_and_learns_the_new_one(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    wire = Wire(answer('{"id": "1"}', "200 OK", 'ETag: W/"2"', "Location: /Task/1"))
    async with wire.serving() as address:
        http = Http("fhir", address, Limits(), Fixed({}), media="application/fhir+json")
        got = await http.exchange(
            "PUT",
            "/Task/1",
            {"id": "1"},
            logged_as="/Task/{id}",
            headers={"If-Match": 'W/"1"', "Idempotency-Key": "k"},
            deadline=soon(),
            idempotent=True,
        )
        await http.aclose()

    assert got == Answer(200, {"id": "1"}, 'W/"2"', "/Task/1")
    assert "Task/1" not in repr(got)
    head = wire.requests[0].split(b"\r\n\r\n")[0].decode().split("\r\n")
    assert head[0] == "PUT /Task/1 HTTP/1.1"
    assert "fhir PUT /Task/{id}: 200" in caplog.text
    assert "Task/1" not in caplog.text
    assert {'If-Match: W/"1"', "Idempotency-Key: k"} <= set(head)
    assert {"Accept: application/fhir+json", "Content-Type: application/fhir+json"} <= set(head)


@pytest.mark.parametrize("status", ["404 Not Found", "410 Gone"])
async def test_not_there_is_an_answer_where_it_was_asked_for(status: str) -> None:
    wire = Wire(answer(f"<p>{CANARY}", status))
    async with wire.serving() as address, asking(address) as http:
        got = await http.exchange("GET", "/x", deadline=soon(), idempotent=True, missing_ok=True)
        assert got.missing
        assert got.json is None
        with pytest.raises(SourceFailed) as failed:
            await http.exchange("GET", "/x", deadline=soon(), idempotent=True)

    assert failed.value.code is FailureCode.CONFIG
    assert b"content-type" not in wire.requests[0].lower()


async def test_nothing_in_an_answer_is_an_answer_to_a_write_and_none_to_a_question() -> None:
    wire = Wire(answer("", "201 Created", "Location: /x/1"))
    async with wire.serving() as address, asking(address) as http:
        written = await http.exchange("POST", "/x", {}, deadline=soon(), idempotent=False)
        assert (written.status, written.json) == (201, None)
        with pytest.raises(SourceFailed) as failed:
            await http.send("POST", "/x", {}, deadline=soon(), idempotent=True)

    assert failed.value.code is FailureCode.BAD_DATA
