"""HealthAndDV and Disabilities."""

from __future__ import annotations

from datetime import date, timedelta

from hmis.community.chance import answer, chance, pick
from hmis.community.people import DEVELOPMENTAL, DISABILITY_TYPES, FEMALE, HIV
from hmis.community.records.book import AT_ENTRY, AT_EXIT, UPDATE, Book, Enrolled, Row
from hmis.community.stays import DECEASED

_LASTING_ASKED = tuple(kind for kind in DISABILITY_TYPES if kind not in (DEVELOPMENTAL, HIV))


def write(book: Book, one: Enrolled) -> None:
    if one.adult_or_head:
        _violence(book, one, one.entry, AT_ENTRY)
        told = one.entry + timedelta(days=one.rng.randint(15, 60))
        if told < one.last_day and chance(one.rng, 3):
            # Trust takes time: what nobody says at the door is said weeks later.
            _violence(book, one, told, UPDATE)
    if one.is_entry:
        return
    _disabilities(book, one, one.entry, AT_ENTRY)
    if one.presence.exit and one.presence.destination[0] != DECEASED:
        _disabilities(book, one, one.presence.exit, AT_EXIT)
        if one.is_rhy:
            _violence(book, one, one.presence.exit, AT_EXIT)


def _violence(book: Book, one: Enrolled, day: date, stage: int) -> None:
    """HUD 4.11; how people feel (R7 to R10) in youth projects only."""
    rng, violence = one.rng, one.person.violence
    survivor = answer(rng, int(violence is not None), 0 if one.person.told_by_hand else 5)
    row: Row = {"InformationDate": day, "DataCollectionStage": stage, "DomesticViolenceSurvivor": survivor}
    if violence and survivor == 1:
        row["WhenOccurred"] = answer(rng, violence.when, 0 if one.person.told_by_hand else 5)
        row["CurrentlyFleeing"] = answer(rng, int(violence.fleeing), 0 if one.person.told_by_hand else 5)
    if one.is_rhy:
        row |= _youth(one, day)
    book.write_about("HealthAndDV", one, day, row)


def _youth(one: Enrolled, day: date) -> Row:
    rng = one.rng
    scale = ((1, 12), (2, 20), (3, 34), (4, 22), (5, 8), (9, 2), (99, 2))
    row: Row = {
        "GeneralHealthStatus": pick(rng, scale),
        "DentalHealthStatus": pick(rng, scale),
        "MentalHealthStatus": pick(rng, scale),
    }
    if one.person.sex == FEMALE:
        row["PregnancyStatus"] = pregnant = answer(rng, int(chance(rng, 16)))
        if pregnant == 1:
            row["DueDate"] = day + timedelta(days=rng.randint(30, 220))
    return row


def _disabilities(book: Book, one: Enrolled, day: date, stage: int) -> None:
    """HUD 4.05 to 4.10: one row a type. Who does not answer 3.08 does not answer these."""
    missing = one.disabling if one.disabling in (8, 9, 99) else None
    for kind in DISABILITY_TYPES:
        response = one.person.disabilities.get(kind, 0) if missing is None else missing
        row: Row = {
            "InformationDate": day,
            "DataCollectionStage": stage,
            "DisabilityType": kind,
            "DisabilityResponse": response,
        }
        if kind in _LASTING_ASKED and response in (1, 2, 3):
            row["IndefiniteAndImpairs"] = int(kind in one.person.lasting)
        if kind == HIV and response == 1 and one.is_hopwa:
            row |= _hiv_care(one)
        book.write_about("Disabilities", one, day, row)


def _hiv_care(one: Enrolled) -> Row:
    """HUD W4 and W6, asked in HOPWA projects."""
    rng = one.rng
    counted, load = answer(rng, int(chance(rng, 84))), pick(rng, ((0, 14), (1, 30), (2, 52), (99, 4)))
    row: Row = {
        "TCellCountAvailable": counted,
        "ViralLoadAvailable": load,
        "AntiRetroviral": answer(rng, int(chance(rng, 86))),
    }
    if counted == 1:
        row |= {"TCellCount": rng.randint(160, 1150), "TCellSource": pick(rng, ((1, 70), (2, 26), (3, 4)))}
    if load == 1:
        row |= {
            "ViralLoad": rng.randint(40, 90_000),
            "ViralLoadSource": pick(rng, ((1, 70), (2, 26), (3, 4))),
        }
    return row
