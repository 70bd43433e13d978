"""What the demo's clinic holds of Port Ellery's people: needs, goals and referrals, as FHIR R4 resources.

Seven in ten patients have a need. One need in eight is violence at home, and the referral that follows from
it has a category that tells nothing: what it is for tells.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from connectors.base import Person
from connectors.gravity_fhir.standin import as_resource
from connectors.gravity_fhir.terms import FULFIL, SDOH, SDOHCC, SNOMED
from hmis.community import AS_OF, PartnerClient
from hmis.community.chance import chance, day_between, pick, stream

Resource = dict[str, Any]

_VIOLENCE = "intimate-partner-violence"
_NEEDS = (
    ("food-insecurity", 30),
    ("housing-instability", 20),
    ("homelessness", 15),
    ("transportation-insecurity", 12),
    ("employment-status", 10),
    (_VIOLENCE, 12),
)
_CODES = {
    "food-insecurity": ("733423003", "Food insecurity"),
    "homelessness": ("32911000", "Homeless"),
    "employment-status": ("73438004", "Unemployed"),
    _VIOLENCE: ("706893006", "Victim of intimate partner abuse"),
}
_HELP = {
    "food-insecurity": ("food-insecurity", "Application for a food pantry", "Port Ellery Food Pantry"),
    "homelessness": ("homelessness", "Bed in a shelter", "Harbor Shelter"),
    _VIOLENCE: ("housing-instability", "Emergency shelter", "A house that is not named"),
}
_OUTCOMES = (("requested", 20), ("accepted", 25), ("in-progress", 20), ("completed", 30), ("rejected", 5))
_SHOWCASE = ("food-insecurity", _VIOLENCE)


def clinic_bundle(patients: Sequence[PartnerClient], seed: int = 2026) -> Resource:
    """One Bundle for the stand-in. The first patient, the showcase, has hunger and violence to show."""
    resources = [
        resource
        for number, client in enumerate(patients)
        for resource in _chart(client, stream(seed, f"clinic/{client.key}"), _SHOWCASE if number == 0 else ())
    ]
    entries = [{"resource": resource} for resource in resources]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def _chart(client: PartnerClient, rng: random.Random, needs: Sequence[str]) -> Iterator[Resource]:
    member = client.member
    yield as_resource(client.key, Person(member.first_name, member.last_name, member.dob))
    if not needs and chance(rng, 70):
        needs = sorted({pick(rng, _NEEDS) for _ in range(1 + chance(rng, 30))})
    for need in needs:
        number = f"{client.key}-{need[:24]}"
        since = day_between(rng, AS_OF - timedelta(days=700), AS_OF - timedelta(days=30))
        yield _condition(client.key, number, need, since)
        if chance(rng, 40):
            yield _goal(client.key, number, need, since)
        if need in _HELP and (need == _VIOLENCE or chance(rng, 60)):
            yield from _referral(client.key, number, need, since, pick(rng, _OUTCOMES))


def _condition(patient: str, number: str, need: str, since: date) -> Resource:
    code = _CODES.get(need)
    said = {"coding": [_coding(SNOMED, *code)]} if code else {"text": need.replace("-", " ").capitalize()}
    return {
        "resourceType": "Condition",
        "id": f"c-{number}",
        "clinicalStatus": _concept("http://terminology.hl7.org/CodeSystem/condition-clinical", "active"),
        "verificationStatus": _concept(
            "http://terminology.hl7.org/CodeSystem/condition-ver-status", "confirmed"
        ),
        "category": _social(need),
        "code": said,
        "subject": {"reference": f"Patient/{patient}"},
        "onsetDateTime": since.isoformat(),
        "recordedDate": since.isoformat(),
        "asserter": {"reference": f"Patient/{patient}"},
    }


def _goal(patient: str, number: str, need: str, since: date) -> Resource:
    return {
        "resourceType": "Goal",
        "id": f"g-{number}",
        "lifecycleStatus": "active",
        "achievementStatus": _concept("http://terminology.hl7.org/CodeSystem/goal-achievement", "improving"),
        "category": [_concept(SDOHCC, need)],
        "description": {"text": "To be safe and well"},
        "subject": {"reference": f"Patient/{patient}"},
        "target": [{"dueDate": (since + timedelta(days=180)).isoformat()}],
        "addresses": [{"reference": f"Condition/c-{number}"}],
    }


def _referral(patient: str, number: str, need: str, since: date, status: str) -> Iterator[Resource]:
    category, service, house = _HELP[need]
    moment = datetime.combine(since + timedelta(days=2), time(9)).isoformat() + "Z"
    yield {
        "resourceType": "ServiceRequest",
        "id": f"r-{number}",
        "status": "completed" if status == "completed" else "active",
        "intent": "order",
        "category": _social(category),
        "code": {"text": service},
        "subject": {"reference": f"Patient/{patient}"},
        "authoredOn": moment,
        "reasonReference": [{"reference": f"Condition/c-{number}"}],
    }
    yield {
        "resourceType": "Task",
        "id": f"t-{number}",
        "status": status,
        "intent": "order",
        "code": _concept(*FULFIL),
        "focus": {"reference": f"ServiceRequest/r-{number}"},
        "for": {"reference": f"Patient/{patient}"},
        "authoredOn": moment,
        "lastModified": moment,
        "owner": {"reference": "Organization/helper", "display": house},
    }


def _social(category: str) -> list[Resource]:
    return [_concept(*SDOH), _concept(SDOHCC, category)]


def _concept(system: str, code: str) -> Resource:
    return {"coding": [_coding(system, code)]}


def _coding(system: str, code: str, display: str | None = None) -> Mapping[str, str]:
    return {"system": system, "code": code} | ({"display": display} if display else {})
