"""Looking a person up on a FHIR server: what is asked, and how well the patients found fit."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlencode

from connectors.base import Match, Person
from connectors.gravity_fhir.terms import Resource, listed, name_of, table, text
from connectors.mapping import Unreadable
from hmis.identity.names import normalised_name

_OTHER_NAME = 20
_OTHER_DAY = 50


def question(person: Person) -> str:
    """The search where there is no $match. Names are prefixes there (R4 3.1.1.5.2), so it finds too many."""
    told = {
        "family": _escaped(person.last_name or ""),
        "given": _escaped(person.first_name or ""),
        "birthdate": person.dob.isoformat() if person.dob else "",
    }
    return f"Patient?{urlencode(told)}"


def _escaped(name: str) -> str:
    """A comma would ask for either of two names."""
    return name.translate({ord(mark): f"\\{mark}" for mark in "\\,$|"})


def matched(person: Person, patients: Iterable[tuple[Resource, float | None]]) -> list[Match]:
    """The patients that stand for somebody, with the server's score, or ours where it gives none.

    Raises:
        Unreadable: a patient without id, or a score that is not between 0 and 1.
    """
    return [
        Match(name_of(patient).partition("/")[2], _points(person, patient, score))
        for patient, score in patients
        if not _superseded(patient)
    ]


def _superseded(patient: Resource) -> bool:
    """A chart that was merged into another one, or is not in use."""
    replaced = any(table(link).get("type") == "replaced-by" for link in listed(patient.get("link")))
    return replaced or patient.get("active") is False


def _points(person: Person, patient: Resource, score: float | None) -> int:
    if score is None:
        return score_of(person, patient)
    if not 0 <= score <= 1:
        raise Unreadable("a score is not between 0 and 1")
    return int(score * 100)  # rounding down never lifts a match over the threshold


def score_of(person: Person, patient: Resource) -> int:
    """100 = names and birth date are the same; a prefix that was taken for the name costs 20."""
    told_first, told_last = normalised_name(person.first_name or ""), normalised_name(person.last_name or "")
    names = [table(name) for name in listed(patient.get("name"))]
    costs = [
        _OTHER_NAME * (normalised_name(text(name.get("family")) or "") != told_last)
        + _OTHER_NAME
        * (told_first not in [normalised_name(text(given) or "") for given in listed(name.get("given"))])
        for name in names
    ]
    day = person.dob.isoformat() if person.dob else None
    other_day = _OTHER_DAY if text(patient.get("birthDate")) != day else 0
    return 100 - min(costs, default=2 * _OTHER_NAME) - other_day
