"""From the FHIR resources of one patient to rows of the hub's nouns.

Resources that are no row of the noun are passed over: what was entered in error, tasks for the patient, the
head of a questionnaire. A resource that is not shaped as FHIR says makes the whole patient `Unreadable`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.base import Row
from connectors.gravity_fhir.sensitivity import DV, NONE, labels_of, told_by
from connectors.gravity_fhir.terms import (
    FULFIL,
    GUIDE,
    SDOH,
    Resource,
    codings,
    concepts,
    day,
    first_code,
    first_coding,
    guide_categories,
    listed,
    name_of,
    table,
    target,
    text,
    wording,
)
from connectors.mapping import Unreadable, convert, moment
from connectors.supply import Supply

Known = Mapping[str, Resource]
"""`Condition/123` -> the resource."""


@dataclass(frozen=True, slots=True)
class Record:
    """What was read of one patient. own: what rows are made of. reasons: what those give as their reason."""

    own: Known
    reasons: Known = field(default_factory=dict)

    def get(self, name: str) -> Resource | None:
        return self.own.get(name) or self.reasons.get(name)


IN_ERROR = "entered-in-error"
ASSERTER = f"{GUIDE}/StructureDefinition/SDOHCC-ExtensionConditionAsserter"
Reads = Mapping[str, Callable[[Resource], Any]]
Rows = Callable[[Supply, frozenset[str], Record], Iterator[Row]]
# Where a person may be named instead of a house, the name stays with the partner.
_HOUSES = ("Organization", "HealthcareService", "CareTeam", "Location")


def gather(patient: str, resources: list[Resource]) -> dict[str, Resource]:
    """The resources by their names.

    Raises:
        Unreadable: one of them is of another patient, or of nobody.
    """
    known = {}
    for resource in map(table, resources):
        owner = resource.get("for") if resource.get("resourceType") == "Task" else resource.get("subject")
        if target(owner) != f"Patient/{patient}":
            raise Unreadable("a resource is not of the patient it was asked of")
        known[name_of(resource)] = resource
    return known


def reasons(known: Known) -> set[str]:
    """What the resources give as their reason and is not among them: a row is as sensitive as that."""
    named = {name for resource in known.values() for name in _because(resource) if name is not None}
    return named - known.keys()


def _because(resource: Resource) -> Iterator[str | None]:
    """None = a reason that names no resource, so that nobody can look what it is."""
    for element in ("reasonReference", "addresses", "basedOn"):
        if resource.get("resourceType") in ("Goal", "ServiceRequest", "Task"):
            for reference in concepts(resource.get(element)):
                yield target(reference)


def rows(supply: Supply, fields: frozenset[str], record: Record) -> tuple[Row, ...]:
    """The rows of the noun, in order of their references.

    Raises:
        Unreadable: a resource is not shaped as FHIR R4 says, or has a code that no map of the manifest knows.
    """
    return tuple(_ROWS[supply.noun](supply, fields, record))


def _one_each(kind: str, wanted: Callable[[Resource], bool], read: Reads) -> Rows:
    """Rows of a noun that is one resource each."""

    def each(supply: Supply, fields: frozenset[str], record: Record) -> Iterator[Row]:
        for name, resource in sorted(record.own.items()):
            if resource["resourceType"] == kind and wanted(resource):
                labels = _labels(resource, record, _map(supply))
                yield _row(supply, fields, name, resource, labels, read)

    return each


def _referrals(supply: Supply, fields: frozenset[str], record: Record) -> Iterator[Row]:
    """A referral is a request and the task to fulfil it; a request that nobody was given is one by itself."""
    requests = {name: one for name, one in sorted(record.own.items()) if _is_request(one)}
    labels = {name: _labels(one, record, _map(supply)) for name, one in requests.items()}
    given = set()
    for name, task in sorted(record.own.items()):
        focus = target(task.get("focus")) if _fulfils(task) else None
        if focus in requests:
            given.add(focus)
            both = {"request": requests[focus], "task": task, "meta": task.get("meta")}
            told = labels[focus] | told_by(task) | _of_reasons(task, record, _map(supply), NONE)
            yield _row(supply, fields, name, both, told, _REFERRAL)
    for name in sorted(requests.keys() - given):
        alone = {"request": requests[name], "task": {}, "meta": requests[name].get("meta")}
        yield _row(supply, fields, name, alone, labels[name], _REFERRAL)


def _map(supply: Supply) -> Mapping[str, str]:
    return (supply.labels.map if supply.labels else None) or {}


def _labels(
    resource: Resource, record: Record, known: Mapping[str, str], seen: frozenset[str] = NONE
) -> frozenset[str]:
    """Its own labels and those of its reasons. seen: what is followed already, for they may go round."""
    following = seen | {name_of(resource)}
    return labels_of(resource, known) | _of_reasons(resource, record, known, following)


def _of_reasons(
    resource: Resource, record: Record, known: Mapping[str, str], seen: frozenset[str]
) -> frozenset[str]:
    """A reason that cannot be read may be the one that matters: DV."""
    found = NONE
    for name in _because(resource):
        reason = record.get(name) if name else None
        if reason is None:
            found |= DV
        elif name not in seen:
            found |= _labels(reason, record, known, seen)
    return found


def _row(
    supply: Supply, fields: frozenset[str], name: str, said: Resource, labels: frozenset[str], read: Reads
) -> Row:
    return Row(
        values={key: convert(supply.fields[key], read[key](said)) for key in fields & supply.fields.keys()},
        reference=name,
        as_of=moment(table(said.get("meta")).get("lastUpdated")),
        labels=labels,
    )


def _asserter(condition: Resource) -> str | None:
    """The kind of whoever says so; a program stands in the guide's extension, for R4 has no place for it."""
    said = [condition.get("asserter")] + [
        table(one).get("valueReference")
        for one in listed(condition.get("extension"))
        if table(one).get("url") == ASSERTER
    ]
    named = next(filter(None, map(target, said)), None)
    return named.partition("/")[0] if named else None


def _starts(resource: Resource, stem: str) -> str | None:
    """The day of onset[x] or abatement[x]; None where it is an age, a range or words."""
    return day(resource.get(f"{stem}DateTime")) or day(table(resource.get(f"{stem}Period")).get("start"))


def _answer(observation: Resource) -> str | None:
    quantity = table(observation.get("valueQuantity"))
    if "value" in quantity:
        unit = text(quantity.get("unit")) or ""
        # UCUM writes what is no unit in braces: 4 {Number}.
        return f"{quantity['value']} {'' if unit.startswith('{') else unit}".strip()
    for element in ("valueBoolean", "valueInteger"):
        value = observation.get(element)
        if value is not None:
            return {True: "Yes", False: "No"}[value] if isinstance(value, bool) else str(value)
    return text(observation.get("valueString")) or wording(observation.get("valueCodeableConcept"))


def _performer(both: Resource) -> str | None:
    """The name of the house that does it, as its reference displays it."""
    for reference in [both["task"].get("owner"), *listed(both["request"].get("performer"))]:
        named = target(reference)
        if named and named.startswith(_HOUSES):
            return text(table(reference).get("display"))
    return None


_CODED: Reads = {
    "categories": guide_categories,
    "code": lambda one: first_code(one.get("code")),
    "system": lambda one: first_coding(one.get("code"))[0],
}
_CONDITION: Reads = {
    **_CODED,
    "display": lambda one: wording(one.get("code")),
    "clinicalStatus": lambda one: first_code(one.get("clinicalStatus")),
    "verificationStatus": lambda one: first_code(one.get("verificationStatus")),
    "onset": lambda one: _starts(one, "onset"),
    "abatement": lambda one: _starts(one, "abatement"),
    "recordedOn": lambda one: day(one.get("recordedDate")),
    "assertedBy": _asserter,
}
_GOAL: Reads = {
    "categories": guide_categories,
    "description": lambda one: wording(one.get("description")),
    "lifecycleStatus": lambda one: one.get("lifecycleStatus"),
    "achievementStatus": lambda one: first_code(one.get("achievementStatus")),
    "targetDate": lambda one: min(
        filter(None, (day(table(aim).get("dueDate")) for aim in listed(one.get("target")))), default=None
    ),
}
_SCREENING: Reads = {
    **_CODED,
    "question": lambda one: wording(one.get("code")),
    "answer": _answer,
    "answeredOn": lambda one: (
        day(one.get("effectiveDateTime")) or day(table(one.get("effectivePeriod")).get("start"))
    ),
}
_REFERRAL: Reads = {
    "categories": lambda both: guide_categories(both["request"]),
    "code": lambda both: first_code(both["request"].get("code")),
    "system": lambda both: first_coding(both["request"].get("code"))[0],
    "service": lambda both: wording(both["request"].get("code")),
    "status": lambda both: both["task"].get("status"),
    "requestStatus": lambda both: both["request"].get("status"),
    "businessStatus": lambda both: wording(both["task"].get("businessStatus")),
    "performer": _performer,
    "requestedAt": lambda both: both["task"].get("authoredOn") or both["request"].get("authoredOn"),
    "lastModified": lambda both: both["task"].get("lastModified"),
}


def _is_request(one: Resource) -> bool:
    return (
        one["resourceType"] == "ServiceRequest"
        and bool(guide_categories(one))
        and one.get("status") != IN_ERROR
    )


def _fulfils(one: Resource) -> bool:
    """A task of referral management, not one for the patient to do."""
    return (
        one["resourceType"] == "Task" and FULFIL in codings(one.get("code")) and one.get("status") != IN_ERROR
    )


def _is_condition(one: Resource) -> bool:
    return _of_the_guide(one) and first_code(one.get("verificationStatus")) != IN_ERROR


def _is_goal(one: Resource) -> bool:
    return bool(guide_categories(one)) and one.get("lifecycleStatus") != IN_ERROR


def _is_screening(one: Resource) -> bool:
    """An answer. The head of a questionnaire has members and no answer of its own."""
    heads = bool(one.get("hasMember")) and not any(key.startswith("value") for key in one)
    return _of_the_guide(one) and not heads and one.get("status") not in (IN_ERROR, "cancelled")


def _of_the_guide(one: Resource) -> bool:
    """Tagged as a social matter; a personal characteristic (race, gender identity) is none."""
    tagged = any(SDOH in codings(concept) for concept in concepts(one.get("category")))
    return tagged or bool(set(guide_categories(one)) - {"personal-characteristic"})


_ROWS: Mapping[str, Rows] = {
    "SdohCondition": _one_each("Condition", _is_condition, _CONDITION),
    "SdohGoal": _one_each("Goal", _is_goal, _GOAL),
    "SdohReferral": _referrals,
    "SdohScreening": _one_each("Observation", _is_screening, _SCREENING),
}
