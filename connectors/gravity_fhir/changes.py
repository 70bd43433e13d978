"""Whose facts changed since a moment, by `_lastUpdated`.

Resources that were entered in error are changes like others: read again, they are no rows any more. A patient
whose chart is out of use is removed. What a server deletes for good does not show in a search, and is noticed
when the facts are read the next time.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import urlencode

from connectors.base import Changes
from connectors.gravity_fhir.client import Walked
from connectors.gravity_fhir.referral import token
from connectors.gravity_fhir.terms import FULFIL, SDOH, SDOHCC, Resource, name_of, table, target, text
from connectors.mapping import Unreadable

_COUNT = 500
_BEGINNING = "1970-01-01T00:00:00+00:00"
_SEARCHED = {
    "Condition": {"category": f"{token(*SDOH)},{SDOHCC}|", "_elements": "subject"},
    "Goal": {"category": f"{SDOHCC}|", "_elements": "subject"},
    "ServiceRequest": {"category": f"{SDOHCC}|", "_elements": "subject"},
    "Task": {"code": token(*FULFIL), "_elements": "for"},
    "Observation": {"category": token(*SDOH), "_elements": "subject"},
    "Patient": {"active": "false", "_elements": "active"},
}
"""Only whose, not what: the rest is fetched when somebody may see it."""


def questions(cursor: str | None) -> list[str]:
    since = {"_lastUpdated": f"gt{cursor}"} if cursor else {}
    return [
        f"{kind}?{urlencode({**terms, **since, '_sort': '_lastUpdated', '_count': str(_COUNT)})}"
        for kind, terms in _SEARCHED.items()
    ]


def read(cursor: str | None, answers: Sequence[Walked]) -> Changes:
    """Who is named in the answers, and the moment up to which they name everybody.

    Raises:
        Unreadable: a resource does not say when it was last updated, or the oldest do not come first.
    """
    changed: dict[str, None] = {}
    removed: dict[str, None] = {}
    for resource in (one for answer in answers for one in answer.resources):
        if resource.get("resourceType") == "Patient":
            removed[name_of(resource).partition("/")[2]] = None
            continue
        owner = target(resource.get("for") or resource.get("subject"))
        if owner is not None and owner.startswith("Patient/"):  # a Task may be of nobody
            changed[owner.partition("/")[2]] = None
    moments = [[_moment(one) for one in answer.resources] for answer in answers]
    short = [_reached(each) for each, answer in zip(moments, answers, strict=True) if not answer.whole]
    latest = max((moment for each in moments for moment in each), default=None)
    reached = min(short) if short else latest
    return Changes(
        tuple(one for one in changed if one not in removed),
        tuple(removed),
        reached.isoformat() if reached else cursor or _BEGINNING,
        more=bool(short),
    )


def _reached(moments: list[datetime]) -> datetime:
    """The last moment that is certainly over: what was updated in the same one may be on the next page."""
    before = [moment for moment in moments if moment < moments[-1]]
    if not before or moments != sorted(moments):
        raise Unreadable("the pages are not in the order asked for")
    return before[-1]


def _moment(resource: Resource) -> datetime:
    try:
        moment = datetime.fromisoformat(text(table(resource.get("meta")).get("lastUpdated")) or "")
    except ValueError:
        raise Unreadable("a resource does not say when it was last updated") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
