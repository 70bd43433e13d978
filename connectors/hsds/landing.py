"""The directory's tables: what is known of it, and putting what was read in force in one transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from itertools import islice
from typing import Any

from sqlalchemy import Row, Table, Text, any_, cast, column, delete, func, insert, select, table, update
from sqlalchemy.dialects.postgresql import ARRAY, UUID
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from connectors.hsds.mapping import UNREADABLE, Place, Service
from hmis.opening import EVERY_DAY, Opening, as_json
from hmis.tables.directory import (
    directory_location,
    directory_pull,
    directory_schedule,
    directory_service,
)

_CHUNK = 1_000
_WHEREABOUTS = (
    "name",
    "address_1",
    "address_2",
    "city",
    "state",
    "postal_code",
    "latitude",
    "longitude",
    "directions",
)
_ZONES = table("pg_timezone_names", column("name", Text))


@dataclass(frozen=True, slots=True)
class Known:
    """One service as it is kept. content None = it has to be read again, changed or not."""

    content: str | None
    modified_at: datetime | None
    unreadable: bool


@dataclass(frozen=True, slots=True)
class Pull:
    """How far a directory has been read. cursor None = all of it has to be read again."""

    pulled_at: datetime
    full_at: datetime
    cursor: datetime | None
    services: int
    unreadable: int


async def lock(connection: AsyncConnection, connector: str) -> None:
    """Until the transaction ends, nobody else writes this directory."""
    await connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"directory:{connector}"))))


async def last_pull(connection: AsyncConnection, connector: str) -> Pull | None:
    row = (
        await connection.execute(select(directory_pull).where(directory_pull.c.connector == connector))
    ).one_or_none()
    if row is None:
        return None
    return Pull(row.pulled_at, row.full_at, row.cursor, row.services, row.unreadable)


async def known(connection: AsyncConnection, connector: str, *, full: bool) -> dict[str, Known]:
    """What is kept of a directory, by the partner's ids.

    full: all of it is read again. Then services with a withheld place are, too: another service may have been
    the reason, and what was left out comes back only with the record.
    """
    kept = directory_service.c
    withheld = (
        select(directory_location.c.id)
        .where(directory_location.c.service == kept.id, directory_location.c.withheld)
        .exists()
    )
    statement = select(
        kept.service_id, kept.content_sha256, kept.modified_at, kept.status, withheld.label("withheld")
    )
    rows: Iterable[Row[Any]] = await connection.execute(statement.where(kept.connector == connector))
    return {
        row.service_id: Known(
            None if full and row.withheld else row.content_sha256, row.modified_at, row.status == UNREADABLE
        )
        for row in rows
    }


async def write(
    connection: AsyncConnection, connector: str, services: Sequence[Service], gone: Collection[str]
) -> None:
    """Put services in force in place of what was kept of them, and forget those that are gone."""
    kept = directory_service.c
    ids = [service.id for service in services]
    await connection.execute(
        delete(directory_service).where(
            kept.connector == connector,
            (kept.id == any_(cast(ids, ARRAY(UUID))))
            | (kept.service_id == any_(cast(list(gone), ARRAY(Text)))),
        )
    )
    zones = await _zones(connection, services)
    placed = [(service, place) for service in services for place in service.places]
    await _insert(connection, directory_service, (_service_row(connector, one) for one in services))
    await _insert(connection, directory_location, (_place_row(connector, *one) for one in placed))
    schedules = (
        _schedule_row(place, opening, zones)
        for _, place in placed
        for opening in place.openings
        if opening.is_told
    )
    await _insert(connection, directory_schedule, schedules)
    await _withhold(connection, connector)


async def _withhold(connection: AsyncConnection, connector: str) -> None:
    """A place that one service withholds is told by no other service there either."""
    places, others = directory_location, directory_location.alias()
    named = select(others.c.location_id).where(
        others.c.connector == connector, others.c.withheld, others.c.location_id.is_not(None)
    )
    await connection.execute(
        update(places)
        .where(places.c.connector == connector, ~places.c.withheld, places.c.location_id.in_(named))
        .values(withheld=True, phones=[], **dict.fromkeys(_WHEREABOUTS))
    )


async def remember(connection: AsyncConnection, connector: str, pull: Pull) -> None:
    values = {
        "pulled_at": pull.pulled_at,
        "full_at": pull.full_at,
        "cursor": pull.cursor,
        "services": pull.services,
        "unreadable": pull.unreadable,
    }
    statement = upsert(directory_pull).values(connector=connector, **values)
    await connection.execute(statement.on_conflict_do_update(index_elements=["connector"], set_=values))


async def _zones(connection: AsyncConnection, services: Iterable[Service]) -> frozenset[str]:
    """Those of the schedules' zones that PostgreSQL knows, too: asking it by another would be an error."""
    named = {
        opening.zone
        for service in services
        for place in service.places
        for opening in place.openings
        if opening.zone
    }
    if not named:
        return frozenset()
    found = select(_ZONES.c.name).where(_ZONES.c.name == any_(cast(sorted(named), ARRAY(Text))))
    return frozenset(await connection.scalars(found))


async def _insert(connection: AsyncConnection, into: Table, rows: Iterable[dict[str, object]]) -> None:
    remaining = iter(rows)
    while chunk := list(islice(remaining, _CHUNK)):
        await connection.execute(insert(into), chunk)


_NOT_TOLD: Mapping[str, object] = {
    "languages": [],
    "documents": [],
    "categories": [],
    "terms": "",
    "phones": [],
}


def _service_row(connector: str, service: Service) -> dict[str, object]:
    columns = {
        one.name: None
        for one in directory_service.c
        if one.nullable and one.name != directory_service.c.search.name
    }
    return {
        **columns,
        **_NOT_TOLD,
        **service.facts,
        "id": service.id,
        "connector": connector,
        "service_id": service.service_id,
        "content_sha256": service.content_sha256,
        "modified_at": service.modified_at,
        "status": service.status,
    }


def _place_row(connector: str, service: Service, place: Place) -> dict[str, object]:
    return {
        **dict.fromkeys(_WHEREABOUTS),
        **place.facts,
        "id": place.id,
        "service": service.id,
        "connector": connector,
        "location_id": place.location_id,
        "withheld": place.withheld,
        "phones": list(place.phones),
        "schedules": [as_json(opening) for opening in place.openings],
    }


def _schedule_row(place: Place, opening: Opening, zones: frozenset[str]) -> dict[str, object]:
    # Where PostgreSQL cannot tell the time there, it may always be open: the rule itself is asked afterwards.
    unsure = opening.zone is not None and opening.zone not in zones and opening.utc_offset is None
    return {
        "location": place.id,
        "days": EVERY_DAY if unsure else opening.days,
        "opens": time() if unsure else opening.opens,
        "closes": time() if unsure else opening.closes,
        "valid_from": None if unsure else opening.first,
        "valid_to": None if unsure else opening.last,
        "zone": None if unsure else opening.zone,
        "utc_offset": opening.utc_offset,
    }
