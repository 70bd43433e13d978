"""Sources: how the partners are doing, for those who run the hub."""

from __future__ import annotations

import datetime
from enum import Enum

import strawberry

from schema.fields import public


@strawberry.enum(description="Whether a partner is asked at the moment")
class BreakerPosition(Enum):
    CLOSED = strawberry.enum_value("CLOSED", description="It is asked")
    OPEN = strawberry.enum_value("OPEN", description="It failed too often and is left alone for a while")
    HALF_OPEN = strawberry.enum_value("HALF_OPEN", description="One question tries whether it is well again")


@strawberry.enum(description="Why a partner gave no answer")
class FailureCode(Enum):
    AUTH = strawberry.enum_value("AUTH", description="It did not let us in, or may be an impostor")
    CONFIG = strawberry.enum_value("CONFIG", description="Manifest or settings do not fit the partner")
    RATE_LIMITED = strawberry.enum_value("RATE_LIMITED", description="It was asked too often")
    TIMEOUT = strawberry.enum_value("TIMEOUT", description="No answer in time")
    UNAVAILABLE = strawberry.enum_value("UNAVAILABLE", description="Not reached, cut off, or left alone")
    BAD_DATA = strawberry.enum_value("BAD_DATA", description="Not shaped as its manifest says")
    NOT_SUPPORTED = strawberry.enum_value("NOT_SUPPORTED", description="It does not do that")
    CONFLICT = strawberry.enum_value("CONFLICT", description="It has a newer version")


@strawberry.type(description="Calls that gave no answer, by why")
class SourceFailures:
    code: FailureCode = public("Why", lambda root: FailureCode(root[0]))
    count: int = public("How many since the hub began", lambda root: root[1])


@strawberry.type(description="A partner that is on, and how it is doing")
class SourceStatus:
    id: strawberry.ID = public("Short name of the connector", lambda root: strawberry.ID(root.source.name))
    name: str = public("What a case worker calls it", lambda root: root.source.title)
    version: str = public("Contract and manifest it works by", lambda root: root.source.version)
    supplies: list[str] = public("Nouns of the schema it fills", lambda root: sorted(root.source.offers))
    capabilities: list[str] = public(
        "What it can do beside answering", lambda root: sorted(root.source.capabilities)
    )
    level: str | None = public(
        "Quality level that its connector claims and that is checked: bronze, silver, gold or platinum",
        lambda root: root.level,
    )
    breaker: BreakerPosition = public(
        "Whether it is asked at the moment", lambda root: BreakerPosition(root.state.breaker)
    )
    calls: int = public("Calls since the hub began", lambda root: root.state.calls)
    retries: int = public("Second tries among them", lambda root: root.state.retries)
    waiting: int = public("Calls that wait for a place", lambda root: root.state.waiting)
    dropped: int = public("Answers and fields that nobody had asked for", lambda root: root.state.dropped)
    failures: list[SourceFailures] = public(
        "Calls that gave no answer, by why",
        lambda root: sorted(root.state.failures.items()),
        size=10,
    )
    last_success: datetime.datetime | None = public(
        "When it last answered or was last fetched from", lambda root: root.last_success
    )
    last_failure_at: datetime.datetime | None = public(
        "When a call last gave no answer",
        lambda root: root.state.last_failure and root.state.last_failure.at,
    )
    last_failure: FailureCode | None = public(
        "Why that was", lambda root: root.state.last_failure and FailureCode(root.state.last_failure.code)
    )
    latency_p50_ms: float | None = public(
        "Milliseconds in which half of its last calls ended",
        lambda root: root.state.latency and round(root.state.latency.p50 * 1_000, 1),
    )
    latency_p95_ms: float | None = public(
        "Milliseconds in which 19 of 20 of its last calls ended",
        lambda root: root.state.latency and round(root.state.latency.p95 * 1_000, 1),
    )
    synced_at: datetime.datetime | None = public(
        "When something was last fetched in advance; null = never, or nothing is",
        lambda root: root.synced and root.synced["last_success"],
    )
    sync_failure: FailureCode | None = public(
        "Why the last look in advance failed; null = it did not",
        lambda root: (
            FailureCode(root.synced["last_code"]) if root.synced and root.synced["last_code"] else None
        ),
    )
    lag_s: float | None = public(
        "Seconds since something was last fetched in advance",
        lambda root: None if root.lag is None else root.lag.total_seconds(),
    )
    freshness_s: float | None = public(
        "Seconds that an answer may be old; null = nothing is promised",
        lambda root: None if root.freshness is None else root.freshness.total_seconds(),
    )
    stale: bool = public(
        "Whether what is fetched in advance is older than that: it is shown, and marked",
        lambda root: root.is_stale,
    )
