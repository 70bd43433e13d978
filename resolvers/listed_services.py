"""The list of services as one statement: near a point, in a town or anywhere, and what may be open then.

Two parts, each cut by an index of its own: what is somewhere that is told, then what is nowhere.
"""

from __future__ import annotations

import math
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

from hmis.tables.directory import directory_location, directory_pull, directory_schedule, directory_service
from resolvers.fixed import fixed

_EARTH_KM = 6371.0088
_LOCATION, _SERVICE = directory_location.c, directory_service.c


class Where(Enum):
    """What a list of services begins with."""

    NEAR = "what is near a point, nearest first"
    TOWN = "what is in a town"
    ANYWHERE = "everything"


def around(latitude: float, longitude: float, km: float) -> dict[str, float]:
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
def statement(where: Where, by_text: bool, by_category: bool, by_moment: bool) -> Select[Any]:
    """The list as one statement: its two parts, each cut by its own index, joined in order."""
    distance: ColumnElement[Any] = _distance() if where is Where.NEAR else null()
    conditions = [
        _SERVICE.connector == any_(bindparam("connectors", type_=ARRAY(Text))),
        _SERVICE.status == "active",
    ]
    if by_text:
        conditions.append(_speaks_of())
    if by_category:
        conditions.append(_SERVICE.categories.contains(bindparam("category", type_=ARRAY(Text))))
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


def _speaks_of() -> ColumnElement[bool]:
    """Looked up by the words first: PostgreSQL would sooner walk through all places until enough fit."""
    wanted = func.websearch_to_tsquery(
        literal_column("'english'::regconfig"), bindparam("text", type_=Text())
    )
    found = directory_service.alias()
    speaking = select(found.c.id).where(found.c.search.op("@@", is_comparison=True)(wanted))
    return _LOCATION.service == any_(func.array(speaking.scalar_subquery(), type_=ARRAY(SqlUuid)))


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
