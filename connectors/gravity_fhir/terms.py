"""FHIR's words: systems of codes, and reading codings and references out of a resource.

Whatever is not shaped as FHIR R4 says is `Unreadable`; what is absent is None or empty.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from connectors.mapping import Unreadable

GUIDE = "http://hl7.org/fhir/us/sdoh-clinicalcare"
SDOHCC = f"{GUIDE}/CodeSystem/SDOHCC-CodeSystemTemporaryCodes"
SDOH = ("http://hl7.org/fhir/us/core/CodeSystem/us-core-category", "sdoh")
"""The category of everything social, as US Core has it."""
FULFIL = ("http://hl7.org/fhir/CodeSystem/task-code", "fulfill")
"""What a task of referral management asks for."""
SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"

_ID = r"[A-Za-z0-9\-.]{1,64}"
_REFERENCE = re.compile(rf"(?:.*/)?([A-Z][A-Za-z]+)/({_ID})(?:/_history/{_ID})?")

Resource = Mapping[str, Any]


def is_id(value: str) -> bool:
    """Whether it can be a logical id (R4 2.24.0.1); anything else would be more than an id in a query."""
    return re.fullmatch(_ID, value) is not None


def listed(value: object) -> list[Any]:
    """A repeating element; absent is empty."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise Unreadable("an element that repeats is no list")
    return value


def table(value: object) -> Resource:
    """A structured element; absent is empty."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Unreadable("a structured element is no object")
    return value


def text(value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise Unreadable("an element that is a text holds something else")
    return value or None


def codings(concept: object) -> Iterator[tuple[str, str]]:
    """(system, code) of every coding of a CodeableConcept. A coding without a code says nothing."""
    for coding in listed(table(concept).get("coding")):
        code = text(table(coding).get("code"))
        if code is not None:
            yield text(coding.get("system")) or "", code


def first_coding(concept: object) -> tuple[str | None, str | None]:
    """(system, code) of the first coding, which R4 calls no better than the others."""
    system, code = next(codings(concept), (None, None))
    return system or None, code


def first_code(concept: object) -> str | None:
    return first_coding(concept)[1]


def wording(concept: object) -> str | None:
    """What a CodeableConcept says to a reader: its own text, or how the first coding is displayed."""
    whole = table(concept)
    displays = (text(table(coding).get("display")) for coding in listed(whole.get("coding")))
    return text(whole.get("text")) or next(filter(None, displays), None)


def concepts(value: object) -> list[object]:
    """What repeats in some resources and stands alone in others: the reason of a request, of a Task."""
    return value if isinstance(value, list) else [] if value is None else [value]


def guide_categories(resource: Resource) -> list[str]:
    """The codes of the guide among the resource's categories, each once."""
    return list(
        dict.fromkeys(
            code
            for concept in concepts(resource.get("category"))
            for system, code in codings(concept)
            if system == SDOHCC
        )
    )


def day(value: object) -> str | None:
    """The day of a date or a moment, as its place had it. None = only the year or the month is known."""
    written = text(value)
    return written[:10] if written and len(written) >= len("2026-03-01") else None


def target(reference: object) -> str | None:
    """`Condition/123` of a Reference, whatever server and version it names. None = it names no resource."""
    literal = text(table(reference).get("reference"))
    parts = _REFERENCE.fullmatch(literal) if literal else None
    return f"{parts[1]}/{parts[2]}" if parts else None


def name_of(resource: Resource) -> str:
    """`Condition/123`: what a resource is called on its server."""
    kind, identifier = resource.get("resourceType"), resource.get("id")
    if not isinstance(kind, str) or not isinstance(identifier, str) or not is_id(identifier):
        raise Unreadable("a resource has no type or no id")
    return f"{kind}/{identifier}"
