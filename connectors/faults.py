"""Everything a partner may do wrong on the wire, and what the hub makes of it: one table.

The conformance kit, the tests and the documentation (docs/connectors.md, "What can go wrong") go by it.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass, field

from connectors.http import ATTEMPTS, BODY_CAP
from connectors.runtime import UNWELL
from connectors.wire import Act, answer
from hmis.errors import FailureCode

WORDS = "Zyxwvutsrq"
"""What a partner might say of somebody. It stands in every answer here, and may not come out anywhere."""


@dataclass(frozen=True, slots=True)
class WireFault:
    """says: what `Wire` is to answer. code: what callers are told. too_long: it asks us to stay away for
    longer than a call may take by default (4 s)."""

    name: str
    says: bytes | Act = field(repr=False)
    code: FailureCode
    too_long: bool = False

    @property
    def retryable(self) -> bool:
        """Whether the caller may try again later, and whether the breaker counts it: both are about a
        partner that is unwell, not about one that answers wrongly."""
        return self.code in UNWELL

    @property
    def tries(self) -> int:
        """How often a read is asked while deadline and retry budget allow. A time-out leaves no time."""
        again = self.retryable and self.code is not FailureCode.TIMEOUT and not self.too_long
        return ATTEMPTS if again else 1


def _status(status: int, *headers: str, body: bytes | str = f'{{"message": "{WORDS}"}}') -> bytes:
    return answer(body, f"{status} {WORDS}", "Content-Type: application/json", f"X-Note: {WORDS}", *headers)


def _ok(body: bytes | str, *headers: str, kind: str = "application/json", length: int | None = None) -> bytes:
    return answer(body, f"200 {WORDS}", f"Content-Type: {kind}", f"X-Note: {WORDS}", *headers, length=length)


_HTML = f"<!doctype html><title>Sign in, {WORDS}</title>"
_AUTH, _CONFIG, _CONFLICT = FailureCode.AUTH, FailureCode.CONFIG, FailureCode.CONFLICT
_SLOW_DOWN, _TIMEOUT, _DOWN = FailureCode.RATE_LIMITED, FailureCode.TIMEOUT, FailureCode.UNAVAILABLE
_BAD = FailureCode.BAD_DATA

FAULTS: tuple[WireFault, ...] = (
    WireFault("400", _status(400), _CONFIG),
    WireFault("401", _status(401), _AUTH),
    WireFault("403", _status(403), _AUTH),
    WireFault("404", _status(404), _CONFIG),
    WireFault("408", _status(408), _TIMEOUT),
    WireFault("409", _status(409), _CONFLICT),
    WireFault("412", _status(412), _CONFLICT),
    WireFault("422", _status(422), _CONFIG),
    WireFault("429", _status(429), _SLOW_DOWN),
    WireFault("429-retry-after-0", _status(429, "Retry-After: 0"), _SLOW_DOWN),
    WireFault("429-retry-after-5", _status(429, "Retry-After: 5"), _SLOW_DOWN, True),
    WireFault(
        "429-retry-after-date", _status(429, "Retry-After: Wed, 21 Oct 2099 07:28:00 GMT"), _SLOW_DOWN, True
    ),
    WireFault("429-retry-after-garbage", _status(429, f"Retry-After: {WORDS}"), _SLOW_DOWN),
    WireFault("500", _status(500), _DOWN),
    WireFault("501", _status(501), FailureCode.NOT_SUPPORTED),
    WireFault("502-html", _status(502, body=_HTML), _DOWN),
    WireFault("503", _status(503), _DOWN),
    WireFault("redirect", _status(302, f"Location: /{WORDS}"), _CONFIG),
    WireFault("refused", Act.REFUSE, _DOWN),
    WireFault("reset", Act.RESET, _DOWN),
    WireFault("closed", Act.CLOSE, _DOWN),
    WireFault("timeout", Act.HANG, _TIMEOUT),
    WireFault("drip", Act.DRIP, _TIMEOUT),
    WireFault("stalled", _ok('{"items": [', length=4_000), _TIMEOUT),
    WireFault("another-protocol", f"SSH-2.0-{WORDS}\r\n\r\n".encode(), _DOWN),
    WireFault("huge-header", _ok("{}", f"X-Long: {WORDS * 20_000}"), _DOWN),
    WireFault("html", _ok(_HTML, kind="text/html"), _BAD),
    WireFault("html-called-json", _ok(_HTML), _BAD),
    WireFault("truncated-json", _ok(f'{{"items": [{{"id": "{WORDS}'), _BAD),
    WireFault("empty", _ok(""), _BAD),
    WireFault("not-utf-8", _ok(b'{"a": "\xff\xfe"}'), _BAD),
    WireFault("not-a-number", _ok('{"a": NaN}'), _BAD),
    WireFault("200-with-error", _ok(f'{{"error": {{"code": "{WORDS}"}}, "items": []}}'), _BAD),
    WireFault("200-with-errors", _ok(f'{{"errors": ["{WORDS}"], "items": []}}'), _BAD),
    WireFault("deep", _ok("[" * 100_000 + "]" * 100_000), _BAD),
    WireFault("huge-body", _ok(b" " * (BODY_CAP + 1) + b"{}"), _BAD),
    WireFault("gzip-bomb", _ok(gzip.compress(b" " * (BODY_CAP + 1) + b"{}"), "Content-Encoding: gzip"), _BAD),
)
