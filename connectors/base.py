"""The contract between the hub and a partner system. The docstrings are the contract.

Consent is decided before any of this is called: a source only ever sees subjects it may be asked about and
fields that may be shown. Whoever writes a source answers honestly and may raise `SourceFailed`;
`connectors.runtime` turns everything else that can go wrong into an outcome.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal, Protocol

from hmis.errors import FailureCode, SourceFailed

Capability = Literal["find", "check", "sync", "changes", "submit"]
Live = Literal["live", "landing", "cache"]


@dataclass(frozen=True, slots=True)
class Person:
    """What may be disclosed about a person to look them up. None = unknown, or not to be disclosed."""

    first_name: str | None = field(default=None, repr=False)
    last_name: str | None = field(default=None, repr=False)
    dob: date | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Subject:
    """Somebody a source is asked about.

    key: what the caller calls them; the outcome comes back under it. Never sent to the partner.
    partner_ids: the partner's own ids of them, from links in force; empty = not linked.
    person: what may be disclosed, or None when nothing may.
    """

    key: str
    partner_ids: tuple[str, ...] = ()
    person: Person | None = None


@dataclass(frozen=True, slots=True)
class FetchRequest:
    """One question about many.

    noun: which of the source's nouns, `FoodAssistance`.
    fields: already cut to what consent permits; to ask the partner for more is a breach.
    purpose: why the caller asks, for the partner's accounting where its protocol has a place for it.
    deadline: in the running loop's time; the answer is worthless after it.
    """

    subjects: tuple[Subject, ...]
    noun: str
    fields: frozenset[str]
    purpose: str
    deadline: float


@dataclass(frozen=True, slots=True)
class Row:
    """One record of a partner.

    values: field -> value; a field that the partner did not speak of is absent, None means it said "nothing".
    reference: the partner's id of the record, for provenance.
    as_of: the moment (or day) the record speaks of; None = the partner does not say.
    labels: why it is more sensitive than its category says: names of `hmis.labels.Label`.
    """

    values: Mapping[str, object] = field(repr=False)
    reference: str
    as_of: datetime | date | None = None
    labels: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Found:
    """The partner holds records about the subject.

    stale: older than the manifest's freshness allows; shown, never hidden.
    retrieved_at: when the partner (or its file) was read; None = in this very moment.
    """

    rows: tuple[Row, ...]
    live: Live
    stale: bool = False
    retrieved_at: datetime | None = None

    @property
    def row(self) -> Row:
        """The only record, where a partner holds one of a subject."""
        (only,) = self.rows
        return only


@dataclass(frozen=True, slots=True)
class NotFound:
    """The partner was able to answer, and holds nothing about this subject."""


@dataclass(frozen=True, slots=True)
class Failed:
    """No answer. Callers see the code and whether to try again; never the partner's own words."""

    code: FailureCode
    retryable: bool = False


Outcome = Found | NotFound | Failed


@dataclass(frozen=True, slots=True)
class Match:
    """A record the partner thinks is about the person. score: 0 to 100, 100 = everything agrees."""

    value: str
    score: int


@dataclass(frozen=True, slots=True)
class Offer:
    """What a source can supply of one noun.

    category: the consent category of every field, in lower case as the manifest has it: `food`.
    freshness: how old an answer may be; None = nothing is promised.
    """

    category: str
    fields: frozenset[str]
    freshness: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Acceptance:
    """When a match becomes a link without anybody looking at it."""

    min_score: int = 90
    margin: int = 10


@dataclass(frozen=True, slots=True)
class Limits:
    """What a partner can bear: calls per period, calls at a time, seconds for a call, subjects in a call."""

    rate: float = 5.0
    period_s: float = 1.0
    concurrency: int = 4
    timeout_s: float = 4.0
    batch_max: int = 100


@dataclass(frozen=True, slots=True)
class Synced:
    """What a sync did.

    NOTHING: no drop is ready. TAKEN: it is in force now. UNCHANGED: it was taken before. SUPERSEDED: a newer
    one is in force. REFUSED: nothing of it was taken; the errors file tells the partner why.
    rules: rule -> how many rows (or files) broke it.
    """

    state: Literal["NOTHING", "TAKEN", "UNCHANGED", "SUPERSEDED", "REFUSED"]
    batch: str | None = None
    as_of: date | None = None
    rows: int = 0
    rules: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Changes:
    """A page of what changed at the partner since a cursor.

    changed, removed: the partner's ids. cursor: where to go on; None on the last page of a partner that keeps
    no cursor, which then has named everything it holds. more: there is another page now.
    """

    changed: tuple[str, ...]
    removed: tuple[str, ...]
    cursor: str | None
    more: bool


@dataclass(frozen=True, slots=True)
class Submission:
    """What is sent to a partner: a referral, or that it is called off.

    key: idempotency key, the same however often it is sent. status: what it is to become there, in the words
    of `hmis.referral_states.Status`. partner_id: the partner's record of the person, where one is linked.
    person, values: cut to what the client agreed to tell. reference, version: what the partner calls it and
    the version we know (If-Match); None = it does not know of it yet.
    """

    kind: Literal["REFERRAL"]
    key: str
    status: str
    partner_id: str | None = None
    person: Person | None = field(default=None, repr=False)
    values: Mapping[str, object] = field(default_factory=dict, repr=False)
    reference: str | None = None
    version: str | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """How a referral stands at the partner. status: in the words of `hmis.referral_states.Status`."""

    reference: str
    status: str
    version: str | None = None


class Source(Protocol):
    """A partner system as the hub sees it. Inherit from it and override what `capabilities` declares.

    name: short and stable, `pantry`; it stands in links, audit rows and `extensions.sources`.
    title: what a case worker calls it.
    offers: noun of the schema -> what it can supply of it.
    version: changes whenever the manifest does; part of every value's provenance and of cache keys.
    capabilities: what it can do beside `fetch`; anything else answers NOT_SUPPORTED.
    discloses: what `find` tells the partner about a person, exactly.
    acceptance: when a match of `find` is good enough to link.
    """

    name: str
    title: str
    offers: Mapping[str, Offer]
    version: str
    capabilities: frozenset[Capability]
    discloses: frozenset[str]
    acceptance: Acceptance
    limits: Limits

    async def fetch(self, request: FetchRequest) -> Mapping[str, Outcome]:
        """Exactly one outcome for every subject, by its key, in any order.

        Asked for at most `limits.batch_max` subjects at a time. A subject without partner ids is NotFound,
        and the partner hears nothing of it. Raising SourceFailed means: no answer for any of them.
        """
        ...

    async def find(self, subject: Subject, deadline: float) -> list[Match]:
        """Ask the partner which of its records are about `subject.person`. Asking is itself a disclosure."""
        raise SourceFailed(self.name, FailureCode.NOT_SUPPORTED)

    async def check(self, deadline: float) -> None:
        """Return when the partner is there and lets us in; raise SourceFailed when not. Discloses nobody."""
        raise SourceFailed(self.name, FailureCode.NOT_SUPPORTED)

    async def sync(self) -> Synced:
        """Pull what the partner has laid out for us. Safe to repeat and to kill at any point."""
        raise SourceFailed(self.name, FailureCode.NOT_SUPPORTED)

    async def changes(self, cursor: str | None, deadline: float) -> Changes:
        """What changed since `cursor`; None = from the beginning. A cursor may be used again."""
        raise SourceFailed(self.name, FailureCode.NOT_SUPPORTED)

    async def submit(self, submission: Submission, deadline: float) -> Receipt:
        """Hand a referral over, or call one off. CONFLICT = the partner has a newer version of it."""
        raise SourceFailed(self.name, FailureCode.NOT_SUPPORTED)

    async def aclose(self) -> None:
        """Let go of connections. The source is not used afterwards."""
        return
