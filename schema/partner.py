"""Partners: which system says something, and how and when the hub came to know it."""

from __future__ import annotations

import datetime
from enum import Enum

import strawberry

from schema.fields import public


class Words(Enum):
    """A partner's codes in words; a code that is not listed arrives as OTHER."""


@strawberry.type(description="A partner system")
class PartnerSource:
    id: strawberry.ID = public("Short name of the connector", lambda root: strawberry.ID(root.name))
    name: str = public("What a case worker calls it", lambda root: root.title)


@strawberry.enum(description="Where the hub read it")
class Via(Enum):
    LIVE = strawberry.enum_value("live", description="From the partner, for this question")
    CACHE = strawberry.enum_value("cache", description="From what the partner answered a while ago")
    LANDING = strawberry.enum_value("landing", description="From files that the partner lays out")


@strawberry.type(description="Where a partner's record comes from")
class Provenance:
    source: PartnerSource = public("The partner that says so", lambda root: root.source)
    connector_version: str = public(
        "Contract and manifest by which it was read; changes with every edit of the manifest",
        lambda root: root.source.version,
    )
    reference: strawberry.ID = public(
        "What the partner calls the record", lambda root: strawberry.ID(root.row.reference)
    )
    via: Via = public("Where the hub read it", lambda root: Via(root.found.live))
    retrieved_at: datetime.datetime | None = public(
        "When the partner answered; null = for this question", lambda root: root.found.retrieved_at
    )
    as_of: datetime.datetime | None = public(
        "The moment the record speaks of; null = the partner does not say", lambda root: root.as_of
    )
    stale: bool = public("Older than the partner promises to be", lambda root: root.found.stale)
