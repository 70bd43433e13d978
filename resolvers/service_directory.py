"""The service directory: services near a place, in a town or anywhere, open at a moment, for every viewer.

It tells of nobody. What a directory wants withheld is not in the tables (`connectors/hsds/mapping.py`), so no
question finds it: services whose place is not told are listed behind all others, without a distance and in an
order of their own, the same ones wherever one asks from. Leaving them out would hide the shelters' telephones
from those who need them; putting them anywhere nearer would tell where they are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from connectors.base import Found, Row, Source
from hmis.errors import InputRefused
from hmis.opening import Opening, from_json, is_open
from resolvers import pages
from resolvers.listed_services import Where, around, statement
from resolvers.request import Request
from resolvers.rows import EMPTY_PAGE, Edge, Page

NOUN = "ServiceListing"
MOST_KM = 500.0
_ATONCE = 200
_FIRST = UUID(int=0)
_ZIP = re.compile(r"(\d{5})(-\d{4})?")


@dataclass(frozen=True, slots=True)
class Sought:
    """What services are wanted. near: latitude and longitude in degrees. place: a ZIP code or a town."""

    near: tuple[float, float] | None = None
    within_km: float = 25.0
    place: str | None = None
    text: str | None = None
    category: str | None = None
    open_at: datetime | None = None

    @property
    def where(self) -> Where:
        if self.near is not None:
            return Where.NEAR
        return Where.ANYWHERE if self.place is None else Where.TOWN

    def check(self) -> None:
        """Refuse what makes no sense, in the words of the schema."""
        if self.near is not None:
            if self.place is not None:
                raise InputRefused("give near or place, not both")
            if not (abs(self.near[0]) <= 90 and abs(self.near[1]) <= 180):
                raise InputRefused("near: latitude is from -90 to 90, longitude from -180 to 180")
            if not 0 < self.within_km <= MOST_KM:
                raise InputRefused(f"withinKm must be above 0 and at most {MOST_KM:g}")
        if self.place is not None and not self.place.strip():
            raise InputRefused("place must be a ZIP code or a town")
        if self.text is not None and not self.text.strip():
            raise InputRefused("text must have a word in it")


@dataclass(frozen=True, slots=True)
class ListingRow:
    """One service at one place, or at none. distance_km None = not asked for, or its place is not told."""

    values: Mapping[str, Any]
    source: Source
    found: Found
    distance_km: float | None
    address: Mapping[str, Any] | None
    phones: Sequence[Mapping[str, Any]]
    openings: tuple[Opening, ...]

    @property
    def row(self) -> Row:
        return self.found.row

    @property
    def as_of(self) -> datetime | None:
        moment = self.row.as_of
        return moment if isinstance(moment, datetime) else None


async def services(request: Request, sought: Sought, first: int, after: str | None) -> Page[ListingRow]:
    """Active services of the directories that are switched on.

    Near a point by distance, else by id; then those whose place is not told, by id.
    """
    sought.check()
    size, key = pages.page_size(first), pages.after_part_place_and_id(after)
    sources = {name: source for name, source in request.partners.items() if NOUN in source.offers}
    if request.viewer is None or not sources:
        return EMPTY_PAGE
    listed = statement(
        sought.where, sought.text is not None, sought.category is not None, sought.open_at is not None
    )
    at = None if sought.open_at is None else moment_of(request, sought.open_at)
    values = {"connectors": list(sources), **_asked(sought)}
    if at is not None:
        values |= {"at": at, "local": at.astimezone(request.zone).replace(tzinfo=None)}
    # Where the moment is asked for, PostgreSQL leaves in a few that only the rule itself can tell.
    limit = size + 1 if at is None else max(size + 1, _ATONCE)
    found: list[Edge[ListingRow]] = []
    while len(found) <= size:
        rows = await request.fetch(listed, {**values, **_behind(key), "limit": limit})
        for row in rows:
            listing = _listing(request, sources[row["connector"]], row)
            if at is None or is_open(listing.openings, at, request.zone):
                found.append(Edge(listing, pages.encode(*_key(row))))
        if len(rows) < limit:
            break
        key = _key(rows[-1])
    return Page(tuple(found[:size]), has_next=len(found) > size, has_previous=after is not None)


def moment_of(request: Request, given: datetime | None) -> datetime:
    """A moment as it was given; by the community's clock where it names no zone, now where none was given."""
    if given is None:
        return request.now
    return given if given.tzinfo else given.replace(tzinfo=request.zone)


def open_then(request: Request, listing: ListingRow, at: datetime | None) -> bool | None:
    """Whether it is open at a moment; None = the directory does not say."""
    return is_open(listing.openings, moment_of(request, at), request.zone)


def _listing(request: Request, source: Source, row: RowMapping) -> ListingRow:
    offer = source.offers[NOUN]
    stale = offer.freshness is not None and request.now - row["pulled_at"] > offer.freshness
    given = {
        "name": row["name"],
        "organization": row["organization"],
        "description": row["description"],
        "url": row["url"],
        "email": row["email"],
        "eligibility": row["eligibility"],
        "minimumAge": row["minimum_age"],
        "maximumAge": row["maximum_age"],
        "languages": row["languages"],
        "fees": row["fees"],
        "application": row["application"],
        "documents": row["documents"],
        "categories": row["categories"],
        "addressWithheld": row["withheld"],
        "assuredOn": row["assured_on"],
    }
    told = Row(given, row["service_id"], row["modified_at"])
    has_place = row["address_1"] or row["city"] or row["place_name"] or row["latitude"] is not None
    return ListingRow(
        values={"id": row["id"], **given},
        source=source,
        found=Found((told,), "landing", stale, row["pulled_at"]),
        distance_km=None if row["distance"] is None else round(row["distance"] / 1000, 2),
        address=dict(row) if has_place else None,
        phones=row["phones"] or row["service_phones"],
        openings=tuple(from_json(one) for one in row["schedules"]),
    )


def _key(row: RowMapping) -> tuple[int, int, UUID]:
    return row["part"], row["distance"] or 0, row["id"]


def _behind(key: tuple[int, int, UUID] | None) -> dict[str, object]:
    """Where the two parts of the list begin: behind a key, or at their beginning."""
    part, distance, identifier = key or (0, -1, _FIRST)
    located = (distance, identifier) if part == 0 else (2**31 - 1, UUID(int=2**128 - 1))
    return {
        "behind_distance": located[0],
        "behind_id": located[1],
        "behind_nowhere": _FIRST if part == 0 else identifier,
    }


def _asked(sought: Sought) -> dict[str, object]:
    values: dict[str, object] = {"text": sought.text, "category": [sought.category]}
    if sought.near is not None:
        values |= around(*sought.near, sought.within_km)
    if sought.place is not None:
        code = _ZIP.fullmatch(sought.place.strip())
        town, _, state = sought.place.partition(",")
        values |= {
            "zip": code[1] if code else None,
            "town": None if code else town.strip().lower(),
            "state": state.strip().upper() or None,
        }
    return values
