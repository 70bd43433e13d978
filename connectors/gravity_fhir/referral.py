"""The closed loop of the guide: a request and its task go out, the task's status comes back.

A referral is a ServiceRequest (what is asked) and a Task (who is to do it, and how far it is), created in one
transaction and only if nothing with our identifier is there. Its status is the Task's.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from connectors.base import Person, Receipt, Submission
from connectors.gravity_fhir.terms import FULFIL, GUIDE, SDOHCC, SNOMED, Resource, target, text
from connectors.mapping import Unreadable

KEYS = "urn:x-hmis-hub:referral"
"""The system of the identifier by which the partner knows a referral of ours when it comes twice."""

SOCIAL_SERVICE = (SNOMED, "410606002", "Social service procedure")
"""ServiceRequest.category that the guide asks for beside its own."""

TO_TASK = {
    "SENT": "requested",
    "RECEIVED": "received",
    "ACCEPTED": "accepted",
    "REJECTED": "rejected",
    "IN_PROGRESS": "in-progress",
    "COMPLETED": "completed",
    "CANCELLED": "cancelled",
    "FAILED": "failed",
    "ENTERED_IN_ERROR": "entered-in-error",
}
"""Where a referral stands, in the hub's words, and FHIR's Task.status."""

FROM_TASK = {fhir: hub for hub, fhir in TO_TASK.items()} | {
    "draft": "SENT",
    "ready": "ACCEPTED",
    "on-hold": "IN_PROGRESS",
}


def token(system: str, code: str) -> str:
    """A token for a search (R4 3.1.1.5.3): what separates tokens is escaped in it."""
    escaped = (part.translate({ord(mark): f"\\{mark}" for mark in "\\,$|"}) for part in (system, code))
    return "|".join(escaped)


def entries(
    submission: Submission, requester: str, category: str, now: datetime, patient: str | None
) -> list[Resource]:
    """The transaction for a new referral, the Task last.

    requester: what the partner calls the hub, `Organization/123`. category: code of the guide. patient: the
    partner's id of the client; None = the client is introduced by what `submission.person` tells.
    """
    moment = now.isoformat(timespec="milliseconds")
    subject = f"Patient/{patient}" if patient else _address("patient", submission.key)
    request_at = _address("request", submission.key)
    identifier = [{"system": KEYS, "value": submission.key}]
    request = {
        "resourceType": "ServiceRequest",
        "meta": {"profile": [f"{GUIDE}/StructureDefinition/SDOHCC-ServiceRequest"]},
        "identifier": identifier,
        "status": "active",
        "intent": "order",
        "category": [_concept(*SOCIAL_SERVICE), _concept(SDOHCC, category)],
        "code": {"text": str(submission.values.get("service") or "Help with a social need")},
        "subject": {"reference": subject},
        "authoredOn": moment,
        "requester": {"reference": requester},
    }
    task = {
        "resourceType": "Task",
        "meta": {"profile": [f"{GUIDE}/StructureDefinition/SDOHCC-TaskForReferralManagement"]},
        "identifier": identifier,
        "status": TO_TASK[submission.status],
        "intent": "order",
        "code": _concept(*FULFIL),
        "focus": {"reference": request_at},
        "for": {"reference": subject},
        "authoredOn": moment,
        "lastModified": moment,
        "requester": {"reference": requester},
    }
    made = [
        _create(request_at, request, submission.key),
        _create(_address("task", submission.key), task, submission.key),
    ]
    if patient is None:
        introduced = {"identifier": identifier, **as_patient(submission.person or Person())}
        made.insert(0, _create(subject, introduced, submission.key))
    return made


def as_patient(person: Person) -> dict[str, Any]:
    """A Patient that says no more than is to be told."""
    name = {"family": person.last_name, "given": [person.first_name] if person.first_name else None}
    told = {"name": [_without_none(name)], "birthDate": person.dob.isoformat() if person.dob else None}
    return {"resourceType": "Patient", **_without_none(told)}


def _without_none(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}


def _concept(system: str, code: str, display: str | None = None) -> Resource:
    return {"coding": [_without_none({"system": system, "code": code, "display": display})]}


def _address(part: str, key: str) -> str:
    """The same for the same referral, so that a second try is the same transaction."""
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{KEYS}:{key}:{part}')}"


def _create(address: str, resource: Resource, key: str) -> Resource:
    condition = urlencode({"identifier": token(KEYS, key)})
    kind = resource["resourceType"]
    return {
        "fullUrl": address,
        "resource": resource,
        "request": {"method": "POST", "url": kind, "ifNoneExist": condition},
    }


def created(response: Resource) -> tuple[str, str | None, bool]:
    """Of the answer to the Task's entry: its name, its version, and whether it was made just now.

    Raises:
        Unreadable: the server does not say where the Task is.
    """
    name = target({"reference": response.get("location")})
    if name is None or not name.startswith("Task/"):
        raise Unreadable("the answer does not say where the task is")
    return name, text(response.get("etag")), (text(response.get("status")) or "").startswith("201")


def receipt(name: str, task: Resource, version: str | None) -> Receipt:
    """Raises Unreadable for a status that FHIR R4 does not have."""
    status = FROM_TASK.get(text(task.get("status")) or "")
    if status is None:
        raise Unreadable("a task has a status that FHIR does not know")
    return Receipt(name, status, version)
