"""The service directory: services near a place, in a town or anywhere, open at a moment, for every viewer.

It tells of nobody. What a directory wants withheld is not in the tables (`connectors/hsds/mapping.py`), so no
question finds it: services whose place is not told are listed behind all others, without a distance and in an
order of their own, the same ones wherever one asks from. Leaving them out would hide the shelters' telephones
from those who need them; putting them anywhere nearer would tell where they are.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Date,
    DateTime,
    Double,
    FromClause,
    Integer,
    RowMapping,
    Select,
    String,
    Text,
    Time,
    and_,
    any_,
    bindparam,
    case,
    cast,
    extract,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as SqlUuid

from connectors.base import Found, Row, Source
from hmis.errors import InputRefused
from hmis.opening import Opening, from_json, is_open
from hmis.tables.directory import directory_location, directory_pull, directory_schedule, directory_service
from resolvers import pages
from resolvers.fixed import fixed
from resolvers.request import Request
from resolvers.rows import EMPTY_PAGE, Edge, Page

NOUN = "ServiceListing"
MOST_KM = 500.0
_EARTH_KM = 6371.0088
_ATONCE = 200
_FIRST = UUID(int=0)
_LOCATION, _SERVICE = directory_location.c, directory_service.c
_ZIP = re.compile(r"(\d{5})(-\d{4})?")


class Where(Enum):
    """What a list of services begins with."""

    NEAR = "what is near a point, nearest first"
    TOWN = "what is in a town"
    ANYWHERE = "everything"


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
    statement = _statement(
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
        rows = await request.fetch(statement, {**values, **_behind(key), "limit": limit})
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
    values: dict[str, object] = {"text": sought.text, "category": sought.category}
    if sought.near is not None:
        values |= _around(*sought.near, sought.within_km)
    if sought.place is not None:
        code = _ZIP.fullmatch(sought.place.strip())
        town, _, state = sought.place.partition(",")
        values |= {
            "zip": code[1] if code else None,
            "town": None if code else town.strip().lower(),
            "state": state.strip().upper() or None,
        }
    return values


def _around(latitude: float, longitude: float, km: float) -> dict[str, float]:
    """The point, and a box around it that holds the circle: two where it lies across the date line."""
    reach = km / _EARTH_KM
    south, north = latitude - math.degrees(reach), latitude + math.degrees(reach)
    span = 180.0
    if south > -90 and north < 90:
        span = math.degrees(math.asin(min(1.0, math.sin(reach) / math.cos(math.radians(latitude)))))
    west, east = longitude - span, longitude + span
    boxes = (west, east, west, east)
    if span >= 180:
        boxes = (-180.0, 180.0, -180.0, 180.0)
    elif west < -180:
        boxes = (-180.0, east, west + 360, 180.0)
    elif east > 180:
        boxes = (west, 180.0, -180.0, east - 360)
    edges = dict(zip(("west_1", "east_1", "west_2", "east_2"), boxes, strict=True))
    point = {"latitude": latitude, "longitude": longitude, "within_m": km * 1000}
    return {**point, "south": max(south, -90.0), "north": min(north, 90.0), **edges}


@cache
def _statement(where: Where, by_text: bool, by_category: bool, by_moment: bool) -> Select[Any]:
    """The list as one statement: its two parts, each cut by its own index, joined in order."""
    distance: ColumnElement[Any] = _distance() if where is Where.NEAR else null()
    conditions = [
        _SERVICE.connector == any_(bindparam("connectors", type_=ARRAY(Text))),
        _SERVICE.status == "active",
    ]
    if by_text:
        words = func.websearch_to_tsquery(
            literal_column("'english'::regconfig"), bindparam("text", type_=Text())
        )
        conditions.append(_SERVICE.search.op("@@")(words))
    if by_category:
        conditions.append(_SERVICE.categories.contains([bindparam("category", type_=Text())]))
    if by_moment:
        conditions.append(_may_be_open())
    parts = []
    if where is Where.ANYWHERE:
        everything = _LOCATION.id > _bound("behind_id")
        parts.append(_part(0, distance, *conditions, everything).order_by(_LOCATION.id))
    else:
        located = _part(0, distance, *conditions, _in_town() if where is Where.TOWN else _in_box()).subquery()
        near = (
            literal(True)
            if where is Where.TOWN
            else located.c.distance <= bindparam("within_m", type_=Double())
        )
        key = tuple_(func.coalesce(located.c.distance, 0), located.c.id)
        behind = tuple_(bindparam("behind_distance", type_=Integer()), _bound("behind_id"))
        parts.append(select(located).where(near, key > behind).order_by(*key))
        nowhere = [_LOCATION.latitude.is_(None), _LOCATION.id > _bound("behind_nowhere")]
        if where is Where.TOWN:
            nowhere += [_LOCATION.city.is_(None), _LOCATION.postal_code.is_(None)]
        parts.append(_part(1, null(), *conditions, *nowhere).order_by(_LOCATION.id))
    cut = [part.limit(bindparam("limit", type_=Integer())).subquery() for part in parts]
    listed = union_all(*(select(one) for one in cut)).subquery()
    order = listed.c.part, func.coalesce(listed.c.distance, 0), listed.c.id
    return fixed(select(listed).order_by(*order).limit(bindparam("limit", type_=Integer())))


def _bound(name: str) -> ColumnElement[UUID]:
    return bindparam(name, type_=SqlUuid())


def _part(part: int, distance: ColumnElement[Any], *conditions: ColumnElement[bool]) -> Select[Any]:
    service = [_SERVICE[name] for name in _OF_SERVICE]
    location = [_LOCATION[name] for name in _OF_LOCATION]
    joined: FromClause = directory_location.join(directory_service, _SERVICE.id == _LOCATION.service).join(
        directory_pull, directory_pull.c.connector == _SERVICE.connector
    )
    return (
        select(
            literal(part).label("part"),
            cast(distance, Integer).label("distance"),
            _LOCATION.name.label("place_name"),
            _SERVICE.phones.label("service_phones"),
            directory_pull.c.pulled_at,
            *location,
            *service,
        )
        .select_from(joined)
        .where(*conditions)
    )


_OF_SERVICE = (
    *("connector", "service_id", "modified_at", "name", "organization", "description", "url", "email"),
    *("eligibility", "minimum_age", "maximum_age", "languages", "fees", "application", "documents"),
    *("categories", "assured_on"),
)
_OF_LOCATION = (
    *("id", "withheld", "address_1", "address_2", "city", "state", "postal_code", "latitude", "longitude"),
    *("directions", "phones", "schedules"),
)


def _distance() -> ColumnElement[Any]:
    """Metres along the great circle, by the haversine formula; within half a percent of the true ones."""
    here: ColumnElement[Any] = bindparam("latitude", type_=Double())
    there = _LOCATION.latitude
    north = func.power(func.sin(func.radians(there - here) / 2), 2)
    across = func.radians(_LOCATION.longitude - bindparam("longitude", type_=Double())) / 2
    east = func.cos(func.radians(here)) * func.cos(func.radians(there)) * func.power(func.sin(across), 2)
    return func.round(literal(2 * _EARTH_KM * 1000) * func.asin(func.sqrt(func.least(1.0, north + east))))


def _in_box() -> ColumnElement[bool]:
    point = func.point(_LOCATION.longitude, _LOCATION.latitude)

    def corner(east: str, north: str) -> ColumnElement[Any]:
        return func.point(bindparam(east, type_=Double()), bindparam(north, type_=Double()))

    boxes = (func.box(corner(f"west_{one}", "south"), corner(f"east_{one}", "north")) for one in (1, 2))
    return or_(*(point.op("<@", is_comparison=True)(box) for box in boxes))


def _in_town() -> ColumnElement[bool]:
    state = bindparam("state", type_=String())
    return or_(
        func.left(_LOCATION.postal_code, 5) == bindparam("zip", type_=Text()),
        and_(
            func.lower(_LOCATION.city) == bindparam("town", type_=Text()),
            or_(state.is_(None), func.upper(_LOCATION.state) == state),
        ),
    )


def _may_be_open() -> ColumnElement[bool]:
    """As `hmis.opening.is_open`, without what recurs otherwise than by the week: never fewer than those."""
    schedule = directory_schedule.c
    at = bindparam("at", type_=DateTime(timezone=True))
    offset = func.make_interval(0, 0, 0, 0, 0, schedule.utc_offset)
    local = case(
        (schedule.utc_offset.is_not(None), func.timezone("UTC", at) + offset),
        (schedule.zone.is_not(None), func.timezone(schedule.zone, at)),
        else_=bindparam("local", type_=DateTime()),
    )
    clock, today = cast(local, Time), cast(local, Date)

    def begins(day: ColumnElement[Any]) -> ColumnElement[bool]:
        bit = schedule.days.op(">>")(cast(extract("isodow", day), Integer) - 1).op("&")(1)
        return and_(
            bit == 1,
            func.coalesce(schedule.valid_from, day) <= day,
            func.coalesce(schedule.valid_to, day) >= day,
        )

    by_day = and_(clock >= schedule.opens, clock < schedule.closes, begins(today))
    overnight = or_(
        and_(clock >= schedule.opens, begins(today)), and_(clock < schedule.closes, begins(today - 1))
    )
    held = case((schedule.opens < schedule.closes, by_day), else_=overnight)
    return (
        select(literal(1))
        .where(schedule.location == _LOCATION.id, held)
        .correlate(directory_location)
        .exists()
    )
