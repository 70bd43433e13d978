"""An HSDS 3.0 service with everything nested in it, as rows of the hub's directory. Also takes 2.x names.

A place that is to be withheld loses everything that says where it is here, before anything is kept.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid5

import orjson

from connectors.hsds.schedules import openings
from connectors.hsds.values import LONG, day, degrees, listed, moment, text, whole
from connectors.manifest import Manifest
from hmis.opening import Opening

Json = Mapping[str, object]
_IDS = UUID("5f0f3e0c-3a5e-5d0b-9e57-6d2a2c0f7a11")
_CODE = re.compile(r"[A-Z]{1,2}(-[\d.-]+)?")
_AGE = 150
_DV = "DV"
_EMPTY: Json = {}

UNREADABLE = "UNREADABLE"
ACTIVE = "active"


class Unreadable(Exception):
    """A record that cannot be taken. Says nothing of what stands in it."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a service is offered. location_id None = at no place. Withheld: nothing here says where it is."""

    id: UUID
    location_id: str | None
    withheld: bool = False
    facts: Mapping[str, object] = field(default_factory=dict)
    phones: tuple[Json, ...] = ()
    openings: tuple[Opening, ...] = ()


@dataclass(frozen=True, slots=True)
class Service:
    """One service. facts: the columns of `directory_service` that are told. Inactive ones have no places."""

    id: UUID
    service_id: str
    content_sha256: str
    modified_at: datetime | None
    status: str
    facts: Mapping[str, object] = field(default_factory=dict)
    places: tuple[Place, ...] = ()


class Reader:
    """Reads records as the manifest's maps say: which terms are which category, which withhold a place."""

    def __init__(self, manifest: Manifest) -> None:
        fields = manifest.supplies["ServiceListing"].fields
        self._connector = manifest.id
        self._version = manifest.version
        self._categories = fields["categories"].map or {}
        self._withheld = fields["addressWithheld"].map or {}

    def service(self, record: Json) -> Service:
        """One record with all that is nested in it.

        Raises:
            Unreadable: it has no name, or is not built as HSDS says where it matters who may know a place.
        """
        service_id = identifier(record)
        if service_id is None:
            raise Unreadable
        status = (text(record.get("status")) or ACTIVE).lower()
        name = text(record.get("name"))
        if name is None:
            raise Unreadable
        organization = _one(record.get("organization"))
        terms = list(_terms(record))
        places: tuple[Place, ...] = ()
        categories = self._category(terms)
        if status == ACTIVE:
            closed = self._closed([*terms, *_terms(organization)])
            places = self._places(record, service_id, closed, _DV in categories)
        return Service(
            id=self._id(service_id),
            service_id=service_id,
            content_sha256=self.fingerprint(record),
            modified_at=modified(record),
            status=status,
            facts={"name": name, "categories": categories, **_facts(record, organization, terms)},
            places=places,
        )

    def left_out(self, record: Json, service_id: str) -> Service:
        """In place of a record that cannot be read: it is known and counted, and nobody is shown it."""
        return Service(
            self._id(service_id),
            service_id,
            self.fingerprint(record),
            modified(record),
            UNREADABLE,
            {"name": ""},
        )

    def fingerprint(self, record: Json) -> str:
        """Changes with the record and with the manifest it is read by."""
        content = orjson.dumps(record, option=orjson.OPT_SORT_KEYS)
        return hashlib.sha256(self._version.encode() + content).hexdigest()

    def _id(self, *key: str) -> UUID:
        return uuid5(_IDS, orjson.dumps([self._connector, *key]).decode())

    def _category(self, terms: Iterable[_Term]) -> list[str]:
        found = {self._categories[key] for term in terms if (key := _fitting(term, self._categories))}
        rest = self._categories.get("*")
        return sorted(found) if found or rest is None else [rest]

    def _closed(self, terms: Iterable[_Term]) -> bool:
        keys = (_fitting(term, self._withheld) or "*" for term in terms)
        return any(self._withheld.get(key) == "true" for key in keys)

    def _places(self, record: Json, service_id: str, closed: bool, violence: bool) -> tuple[Place, ...]:
        given = record.get("service_at_locations")
        if given is None:
            given = []
        if not isinstance(given, list) or not all(isinstance(one, Mapping) for one in given):
            raise Unreadable
        own = openings(record.get("schedules") or record.get("regular_schedules"))
        places: dict[UUID, Place] = {}
        for at in given:
            place = self._place(at, service_id, own, closed, violence)
            places.setdefault(place.id, place)
        if not places:
            nowhere = Place(self._id(service_id, ""), None, closed, openings=tuple(own))
            places[nowhere.id] = nowhere
        return tuple(places.values())

    def _place(self, at: Json, service_id: str, own: list[Opening], closed: bool, violence: bool) -> Place:
        location = _one(at.get("location"))
        location_id = text(location.get("id")) or text(at.get("location_id"))
        closed = closed or self._closed([*_terms(at), *_terms(location)])
        # HSDS 2.x knows no types: there every location is a place. An unknown word may mean anything.
        physical = (text(location.get("location_type")) or "physical").lower() == "physical"
        withheld = closed or (violence and not physical)
        schedules = openings(at.get("schedules") or at.get("regular_schedules"))
        return Place(
            id=self._id(service_id, text(at.get("id")) or location_id or ""),
            location_id=location_id,
            withheld=withheld,
            facts={} if withheld else _whereabouts(location, physical),
            # A telephone in a house has the house's area code.
            phones=() if withheld else tuple(_phones(at.get("phones")) or _phones(location.get("phones"))),
            openings=tuple(schedules or own or openings(location.get("schedules"))),
        )


def identifier(record: Json) -> str | None:
    """The partner's id of a record; None = it has none that could be kept."""
    given = text(record.get("id"), LONG)
    return given if given and len(given) <= 200 else None


def modified(record: Json) -> datetime | None:
    """When a record was last changed, by the names that HSDS has given it."""
    for name in ("last_modified", "modified_date", "modified_at"):
        if (when := moment(record.get(name))) is not None:
            return when
    return None


@dataclass(frozen=True, slots=True)
class _Term:
    """A term of a taxonomy that is said of something, and the value with which it is said."""

    code: str | None
    name: str | None
    value: str | None


def _terms(record: Json) -> Iterator[_Term]:
    """What a record is indexed by: attributes (3.0) or taxonomies (2.x)."""
    for name in ("attributes", "service_taxonomies", "service_taxonomys"):
        given = record.get(name)
        if given is None:
            continue
        if not isinstance(given, list) or not all(isinstance(one, Mapping) for one in given):
            raise Unreadable  # it might have said that the place is not to be told
        for one in given:
            term = _one(one.get("taxonomy_term") or one.get("taxonomy"))
            yield _Term(
                text(term.get("code")) or text(term.get("id")),
                text(term.get("name")) or text(one.get("label")),
                text(one.get("value")),
            )


def _fitting(term: _Term, known: Mapping[str, str]) -> str | None:
    """The longest key of a map that a term fits."""
    return max((key for key in known if key != "*" and _fits(term, key)), key=len, default=None)


def _fits(term: _Term, key: str) -> bool:
    if _CODE.fullmatch(key) and term.code and _CODE.fullmatch(term.code):
        rest = term.code.removeprefix(key)
        return term.code.startswith(key) and (len(key) <= 2 or not rest[:1].isalnum())
    return key.casefold() in {said.casefold() for said in (term.code, term.name, term.value) if said}


def _facts(record: Json, organization: Json, terms: Iterable[_Term]) -> dict[str, object]:
    old = next(iter(listed(record.get("eligibilitys") or record.get("eligibility"))), _EMPTY)
    costs = (_cost(one) for one in listed(record.get("cost_options")))
    return {
        "organization": text(organization.get("name")),
        "description": text(record.get("description"), LONG),
        "url": _web(record.get("url")) or _web(organization.get("website") or organization.get("url")),
        "email": text(record.get("email")) or text(organization.get("email")),
        "eligibility": text(record.get("eligibility_description"), LONG)
        or text(record.get("eligibility"), LONG)
        or text(old.get("eligibility"), LONG),
        "minimum_age": _age(record.get("minimum_age"), old.get("minimum_age")),
        "maximum_age": _age(record.get("maximum_age"), old.get("maximum_age")),
        "languages": _names(record.get("languages"), "name", "language", "code"),
        "fees": text(record.get("fees_description"), LONG)
        or text(record.get("fees"), LONG)
        or ("; ".join(cost for cost in costs if cost) or None),
        "application": text(record.get("application_process"), LONG),
        "documents": _names(record.get("required_documents"), "document"),
        "terms": "\n".join(dict.fromkeys(term.name for term in terms if term.name)),
        "phones": _phones(record.get("phones")) or _phones(organization.get("phones")),
        "assured_on": day(record.get("assured_date")),
    }


def _whereabouts(location: Json, physical: bool) -> dict[str, object]:
    """What says where a place is. Virtual and postal ones are no places to go to, whatever else they say."""
    if not physical:
        return {"name": text(location.get("name"))}
    addresses = listed(location.get("addresses")) or listed(location.get("physical_addresses"))
    there = [one for one in addresses if (text(one.get("address_type")) or "physical").lower() == "physical"]
    address = there[0] if there else _EMPTY
    latitude, longitude = degrees(location.get("latitude"), 90), degrees(location.get("longitude"), 180)
    if latitude is None or longitude is None or (latitude, longitude) == (0, 0):
        latitude = longitude = None  # 0, 0 is in the sea, where programs put what they do not know
    return {
        "name": text(location.get("name")),
        "address_1": text(address.get("address_1")),
        "address_2": text(address.get("address_2")),
        "city": text(address.get("city")),
        "state": text(address.get("state_province")),
        "postal_code": text(address.get("postal_code"), 20),
        "latitude": latitude,
        "longitude": longitude,
        "directions": text(location.get("transportation"), LONG),
    }


def _one(value: object) -> Json:
    """A nested record; nothing = an empty one."""
    if value is None:
        return _EMPTY
    if not isinstance(value, Mapping):
        raise Unreadable
    return value


def _phones(value: object) -> list[Json]:
    phones: list[Json] = []
    for one in listed(value):
        if number := text(one.get("number")):
            phones.append(
                {
                    "number": number.strip('"'),
                    "extension": text(one.get("extension")),
                    "kind": text(one.get("type")),
                    "note": text(one.get("description"), LONG),
                }
            )
    return phones


def _names(value: object, *keys: str) -> list[str]:
    said = (next(filter(None, (text(one.get(key)) for key in keys)), None) for one in listed(value))
    return list(dict.fromkeys(name for name in said if name))


def _cost(one: Json) -> str:
    amount, currency = degrees(one.get("amount"), 1e9), (text(one.get("currency")) or "").upper()
    price = f"{amount:.2f} {currency}".strip() if amount is not None else None
    parts = (text(one.get("option")), price, text(one.get("amount_description")))
    return " ".join(part for part in parts if part)


def _web(value: object) -> str | None:
    """An address of the web. Anything else (`javascript:`) is no link to hand to a browser."""
    address = text(value, 2_000)
    return address if address and re.match(r"https?://", address, re.IGNORECASE) else None


def _age(*said: object) -> int | None:
    return next((age for one in said if (age := whole(one, 0, _AGE)) is not None), None)
