"""The service directory: what organizations offer to everybody, where and when. It tells of nobody."""

from __future__ import annotations

import datetime
from enum import Enum
from typing import Annotated, Any

import strawberry

from hmis.opening import in_words
from resolvers import service_directory
from resolvers.service_directory import Sought
from schema.fields import Info, argument, public, supplied
from schema.partner import Provenance


@strawberry.enum(description="What a service is for; by it a need leads to services")
class ServiceCategory(Enum):
    FOOD = strawberry.enum_value("FOOD", description="Food: pantries, meals, help with SNAP")
    HOUSING = strawberry.enum_value("HOUSING", description="Shelter, housing, help with rent")
    UTILITIES = strawberry.enum_value("UTILITIES", description="Help with energy, water and telephone")
    HEALTH = strawberry.enum_value("HEALTH", description="Health care, mental health, substance use")
    TRANSPORT = strawberry.enum_value("TRANSPORT", description="Getting somewhere")
    EMPLOYMENT = strawberry.enum_value("EMPLOYMENT", description="Finding and keeping work")
    LEGAL = strawberry.enum_value("LEGAL", description="Legal help")
    DV = strawberry.enum_value("DV", description="Help for survivors of domestic violence")
    OTHER = strawberry.enum_value("OTHER", description="Anything else")


@strawberry.input(description="A point on the map")
class PointInput:
    latitude: float = strawberry.field(description="Degrees north, -90 to 90")
    longitude: float = strawberry.field(description="Degrees east, -180 to 180")


@strawberry.type(description="Where a service is offered")
class ServiceAddress:
    place: str | None = public("Name of the building or site", lambda root: root["place_name"])
    line1: str | None = public("Street and number", lambda root: root["address_1"])
    line2: str | None = public("Rest of the street address", lambda root: root["address_2"])
    city: str | None = public("City", lambda root: root["city"])
    state: str | None = public("State", lambda root: root["state"])
    postal_code: str | None = public("ZIP code", lambda root: root["postal_code"])
    latitude: float | None = public("Degrees north", lambda root: root["latitude"])
    longitude: float | None = public("Degrees east", lambda root: root["longitude"])
    directions: str | None = public("How to get there", lambda root: root["directions"])


@strawberry.type(description="A telephone number of a service")
class ServicePhone:
    number: str = public("The number as the directory has it", lambda root: root["number"])
    extension: str | None = public("Extension", lambda root: root["extension"])
    kind: str | None = public("voice, text, fax, tty and such", lambda root: root["kind"])
    note: str | None = public("When and what for", lambda root: root["note"])


@strawberry.type(description="A rule of when a service is open; times are of the place")
class ServiceSchedule:
    words: str = public("The rule in words: `Mon–Fri 09:00–17:00`", lambda root: in_words(root))
    frequency: str | None = public(
        "DAILY, WEEKLY, MONTHLY or YEARLY (RFC 5545); null = once", lambda root: root.freq
    )
    days: list[str] = public("`MO`, or `1MO` for the first Monday", lambda root: list(root.byday))
    opens: datetime.time | None = public("When it opens; null = not said", lambda root: root.opens)
    closes: datetime.time | None = public(
        "When it closes; not after `opens` = on the next day", lambda root: root.closes
    )
    valid_from: datetime.date | None = public("First day of the rule", lambda root: root.first)
    valid_to: datetime.date | None = public("Last day of the rule", lambda root: root.last)
    time_zone: str | None = public(
        "Time zone of the place; null = the community's, or an offset the directory gives",
        lambda root: root.zone,
    )
    note: str | None = public("What the directory says about it", lambda root: root.note)


async def _is_open(
    root: strawberry.Parent[Any],
    info: Info,
    at: Annotated[
        datetime.datetime | None, argument("A moment; without a zone by the community's clock. Null = now")
    ] = None,
) -> bool | None:
    return service_directory.open_then(info.context, root, at)


@strawberry.type(
    description="A service as a directory (211) lists it, at one of the places where it is offered."
    " Directories name no clients, so every viewer may see it"
)
class ServiceListing:
    id: strawberry.ID = public("Hub id of the service at this place", lambda root: root.values["id"])
    name: str | None = supplied(None, "Name of the service")
    organization: str | None = supplied(None, "Who offers it")
    description: str | None = supplied(None, "What it is")
    url: str | None = supplied(None, "Its page on the web")
    email: str | None = supplied(None, "Where to write to")
    eligibility: str | None = supplied(None, "For whom it is")
    minimum_age: int | None = supplied(None, "Youngest age; null = not said")
    maximum_age: int | None = supplied(None, "Oldest age; null = not said")
    languages: list[str] | None = supplied(None, "Languages it is offered in")
    fees: str | None = supplied(None, "What it costs")
    application: str | None = supplied(None, "How to apply")
    documents: list[str] | None = supplied(None, "What has to be brought")
    categories: list[ServiceCategory] | None = supplied(None, "What it is for")
    address_withheld: bool | None = supplied(
        None, "Where it is, is told to nobody; a telephone number may lead there"
    )
    assured_on: datetime.date | None = supplied(None, "Day somebody last made sure that this is right")
    distance_km: float | None = public(
        "Kilometres from `near` in a straight line; null = not asked, or its place is not told",
        lambda root: root.distance_km,
    )
    address: ServiceAddress | None = public(
        "Where it is; null = at no place that is told", lambda root: root.address
    )
    phones: list[ServicePhone] = public(
        "Numbers of the place, else of the service", lambda root: root.phones, size=5
    )
    schedules: list[ServiceSchedule] = public("When it is open", lambda root: root.openings, size=10)
    is_open: bool | None = public("Whether it is open; null = the directory does not say", _is_open)
    provenance: Provenance = public("Which directory says so, and how fresh it is", lambda root: root)


async def of_directory(
    info: Info,
    near: Annotated[PointInput | None, argument("Nearest to this point first; not with `place`")] = None,
    within_km: Annotated[float, argument("How far from `near`, at most 500 km")] = 25.0,
    place: Annotated[
        str | None, argument("Only in this ZIP code or town: `62701`, `Springfield`, `Springfield, IL`")
    ] = None,
    text: Annotated[str | None, argument("Words in name, organization, description or subjects")] = None,
    category: Annotated[ServiceCategory | None, argument("Only for this")] = None,
    open_at: Annotated[
        datetime.datetime | None,
        argument("Only what is open at this moment; without a zone by the community's clock"),
    ] = None,
    first: Annotated[int, argument("How many, 1 to 100")] = 25,
    after: Annotated[str | None, argument("`endCursor` of the page before")] = None,
) -> Any:
    sought = Sought(
        near=(near.latitude, near.longitude) if near else None,
        within_km=within_km,
        place=place,
        text=text,
        category=str(category.value) if category else None,
        open_at=open_at,
    )
    return await service_directory.services(info.context, sought, first, after)
