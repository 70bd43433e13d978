"""Which labels a resource carries: by its category of the guide, its codes, and its own security tags.

Closed in doubt: a resource that does not say in codes what it is about is labelled DV, for a shelter's
address given away cannot be taken back, and a row that is hidden can be asked for. The two cases of doubt:

* no category of the guide, or "unspecified", and no ICD-10-CM code. ICD-10-CM keeps maltreatment in a few
  families that are known whole; SNOMED CT does not, so a SNOMED CT code that is not listed proves nothing.
* restricted by its confidentiality tag, without a tag that says why.

A category that the guide adds later is in code and is no doubt: it is OTHER, and has no label.

Sources: SDOHCC-CodeSystemTemporaryCodes of the guide; ICD-10-CM 2026 chapters 15, 19-21; LOINC panels HITS
(95614-4) and HARK (76499-3); HL7 v3-ActCode, information sensitivity; v3-Confidentiality.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from connectors.gravity_fhir.terms import (
    ACT_CODE,
    CONFIDENTIALITY,
    ICD10CM,
    LOINC,
    SDOHCC,
    SNOMED,
    Resource,
    codings,
    concepts,
    guide_categories,
    table,
)

DV = frozenset({"DV"})
NONE: frozenset[str] = frozenset()
UNSPECIFIED = "sdoh-category-unspecified"

_ICD10CM_FAMILIES = (
    "O9A.3",  # physical, sexual and psychological abuse complicating pregnancy
    "O9A.4",
    "O9A.5",
    "T74",  # maltreatment, confirmed
    "T76",  # maltreatment, suspected
    "Y07",  # perpetrator of maltreatment
    "Z62.81",  # personal history of abuse in childhood
    "Z69",  # encounter of a victim or a perpetrator of abuse
    "Z91.41",  # personal history of adult abuse
    "Z04.4",  # examination after alleged rape
    "Z04.7",  # examination after alleged physical abuse
)
_CODES = {
    SNOMED: frozenset({"706893006"}),  # victim of intimate partner abuse
    LOINC: frozenset(
        {
            *("76499-3", "76500-8", "76501-6", "76502-4", "76503-2", "76504-0"),  # HARK
            *("95614-4", "95615-1", "95616-9", "95617-7", "95618-5"),  # HITS
            "93026-3",  # PRAPARE: safe where you live
        }
    ),
    SDOHCC: frozenset({"intimate-partner-violence", "elder-abuse"}),
}
_SECURITY = {
    "SDV": "DV",
    "VIO": "DV",
    "HIV": "HIV",
    "ETH": "SUD",
    "ETHUD": "SUD",
    "OPIOIDUD": "SUD",
    "SUD": "SUD",
    "BH": "MENTAL_HEALTH",
    "MH": "MENTAL_HEALTH",
    "PSY": "MENTAL_HEALTH",
    "PSYTHPN": "MENTAL_HEALTH",
}


def labels_of(resource: Resource, known: Mapping[str, str]) -> frozenset[str]:
    """The labels that a resource carries by itself. known: the guide's category -> label, or NONE."""
    categories = guide_categories(resource)
    found = {known.get(code, known.get("*", "DV")) for code in categories} - {"NONE"}
    in_doubt = all(code == UNSPECIFIED for code in categories) and not any(
        system == ICD10CM for system, _ in codings(resource.get("code"))
    )
    return told_by(resource) | found | (DV if in_doubt else NONE)


def told_by(resource: Resource) -> frozenset[str]:
    """The labels that its codes and its security tags say, for resources that have no category: a Task."""
    told = any(_tells(system, code) for concept in _about(resource) for system, code in codings(concept))
    return _secured(resource) | (DV if told else NONE)


def _about(resource: Resource) -> Iterator[object]:
    yield resource.get("code")
    yield resource.get("valueCodeableConcept")
    yield from concepts(resource.get("reasonCode"))
    if resource.get("resourceType") == "Goal":
        yield resource.get("description")


def _tells(system: str, code: str) -> bool:
    if system == ICD10CM:
        return code.upper().startswith(_ICD10CM_FAMILIES)
    return code in _CODES.get(system, ())


def _secured(resource: Resource) -> frozenset[str]:
    tags = list(codings({"coding": table(resource.get("meta")).get("security")}))
    named = frozenset(_SECURITY[code] for system, code in tags if system == ACT_CODE and code in _SECURITY)
    restricted = any(system == CONFIDENTIALITY and code in ("R", "V") for system, code in tags)
    return DV if restricted and not named else named
