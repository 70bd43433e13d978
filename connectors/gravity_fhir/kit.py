"""For the conformance kit and for tests: a clinic, as its server holds it, and the hub's way in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.base import FetchRequest, Person, Subject
from connectors.config import Config, Secret
from connectors.gravity_fhir.client import FhirClient
from connectors.gravity_fhir.source import MEDIA, GravityFhir
from connectors.gravity_fhir.standin import Server, as_resource
from connectors.gravity_fhir.store import Store
from connectors.gravity_fhir.terms import FULFIL, ICD10CM, SDOH, SDOHCC, SNOMED
from connectors.http import Http
from connectors.kit.bench import soon
from connectors.kit.offered import ADA, SECRET, Offered
from connectors.kit.offered import BEN as SOMEBODY_ELSE
from connectors.kit.recording import Heard, Recorded, running
from connectors.manifest import read_manifest
from connectors.signing import Fixed, Sign, signer
from connectors.supply import Supply

CLIENT = ("hub", SECRET)
HUB = "Organization/hub"
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
BEN = Person("Ben", "Muster", ADA.dob)
MANIFEST = read_manifest(Path(__file__).parent / "connector.toml")


def supply(noun: str) -> Supply:
    return MANIFEST.supplies[noun]


def concept(*codings: tuple[str, str], text: str | None = None) -> dict[str, Any]:
    said = {"coding": [{"system": system, "code": code, "display": code} for system, code in codings]}
    return said | ({"text": text} if text else {})


def guide(*codes: str) -> list[dict[str, Any]]:
    """The categories of a resource: social, and those of the guide."""
    return [concept(SDOH), *(concept((SDOHCC, code)) for code in codes)]


def condition(number: str, patient: str = "p1", *categories: str, **more: Any) -> dict[str, Any]:
    """A condition; of food insecurity unless said otherwise."""
    return {
        "resourceType": "Condition",
        "id": number,
        "category": guide(*(categories or ("food-insecurity",))),
        "code": concept((SNOMED, "733423003")),
        "clinicalStatus": concept(("http://terminology.hl7.org/CodeSystem/condition-clinical", "active")),
        "verificationStatus": concept(
            ("http://terminology.hl7.org/CodeSystem/condition-ver-status", "confirmed")
        ),
        "subject": {"reference": f"Patient/{patient}"},
        **more,
    }


def request(number: str, patient: str = "p1", *categories: str, **more: Any) -> dict[str, Any]:
    """A request for help; with food unless said otherwise."""
    return {
        "resourceType": "ServiceRequest",
        "id": number,
        "status": "active",
        "intent": "order",
        "category": guide(*(categories or ("food-insecurity",))),
        "code": {"text": "Food parcel"},
        "subject": {"reference": f"Patient/{patient}"},
        **more,
    }


def task(number: str, focus: str, patient: str = "p1", **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Task",
        "id": number,
        "status": "accepted",
        "intent": "order",
        "code": concept(FULFIL),
        "focus": {"reference": f"ServiceRequest/{focus}"},
        "for": {"reference": f"Patient/{patient}"},
        **more,
    }


def goal(number: str, patient: str = "p1", *categories: str, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Goal",
        "id": number,
        "lifecycleStatus": "active",
        "category": [concept((SDOHCC, code)) for code in categories or ("food-insecurity",)],
        "description": concept((SNOMED, "1078229009"), text="Food security"),
        "subject": {"reference": f"Patient/{patient}"},
        **more,
    }


def observation(number: str, patient: str = "p1", *categories: str, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": number,
        "status": "final",
        "category": guide(*(categories or ("food-insecurity",))),
        "code": concept(("http://loinc.org", "88124-3")),
        "valueCodeableConcept": concept(("http://loinc.org", "LA19952-3"), text="At risk"),
        "subject": {"reference": f"Patient/{patient}"},
        **more,
    }


def icd(code: str) -> dict[str, Any]:
    return concept((ICD10CM, code))


def refers(*names: str) -> list[dict[str, str]]:
    return [{"reference": name} for name in names]


def patient(number: str = "p1", person: Person = ADA, **more: Any) -> dict[str, Any]:
    return as_resource(number, person) | more


def asks(noun: str, *patients: str, fields: frozenset[str] | None = None) -> FetchRequest:
    """A question about patients, each under its own id as key."""
    subjects = tuple(Subject(one, (one,)) for one in patients)
    offered = frozenset(supply(noun).fields)
    return FetchRequest(subjects, noun, offered if fields is None else fields, "CARE_COORDINATION", soon())


def source_at(address: str, sign: Sign | None = None) -> GravityFhir:
    """The hub's source for a clinic. sign: how it proves itself; None = as the manifest says."""
    config = Config(
        {
            "base_url": address,
            "token_url": f"{address}/token",
            "client_id": CLIENT[0],
            "client_secret": Secret(CLIENT[1]),
            "requester": HUB,
        }
    )
    proof = sign or signer(MANIFEST.auth, config)
    http = Http("gravity-fhir", address, MANIFEST.limits, proof, media=MEDIA)
    return GravityFhir(MANIFEST, FhirClient("gravity-fhir", http, address), HUB, now=lambda: NOON)


def unproven(address: str) -> GravityFhir:
    """The same without a proof, for a wire that knows no tokens."""
    return source_at(address, Fixed({}))


class Clinic:
    """A running clinic: its store, and the hub's source for it."""

    def __init__(self, store: Store, address: str) -> None:
        self.store = store
        self.address = address
        self.source = source_at(address)

    def held(self, kind: str) -> list[Mapping[str, Any]]:
        return list(self.store.search(kind, {}).resources)


@asynccontextmanager
async def clinic(*resources: Mapping[str, Any], matches: bool = True) -> AsyncIterator[Clinic]:
    store = Store(resources)
    async with running(Server(store, CLIENT, matches=matches).application()) as address:
        one = Clinic(store, address)
        yield one
        await one.source.aclose()


async def offered(stack: AsyncExitStack, _home: Path, _engine: AsyncEngine) -> Offered:
    people = {"H-1": ADA, "H-2": SOMEBODY_ELSE}
    store = Store(
        resource
        for number, person in people.items()
        for resource in (
            patient(number, person),
            condition(f"c-{number}", number),
            goal(f"g-{number}", number),
            request(f"r-{number}", number),
            task(f"t-{number}", f"r-{number}", number),
            observation(f"o-{number}", number),
        )
    )
    heard: list[Heard] = []
    app = Recorded(Server(store, CLIENT).application(), heard, but=("/token",))
    address = await stack.enter_async_context(running(app))
    return Offered(
        source_at(address),
        ("H-1", "H-2"),
        people=(ADA, SOMEBODY_ELSE),
        at=unproven,
        heard=heard,
    )
