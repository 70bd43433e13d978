"""Enrollment: who came, from where, since when without a home, and what the programs ask on arrival."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import date, timedelta

from hmis.community.agencies import COC, GARDEN_HOUSE, NIGHTS, OUTREACH, SUPPORTIVE
from hmis.community.chance import answer, chance, pick, stream, unknown
from hmis.community.people import Person
from hmis.community.records.arrival import program_questions
from hmis.community.records.book import Book, Enrolled, Row
from hmis.community.stays import Presence, Stay

# HUD list 3.917.2, length of stay in the place of the night before
_LENGTHS = ((10, 10), (11, 14), (2, 20), (3, 20), (4, 18), (5, 12), (8, 3), (9, 1), (99, 2))
_UNDER_90_DAYS = (10, 11, 2, 3)
_UNDER_7_NIGHTS = (10, 11)


def write(book: Book, stays: Iterable[Stay]) -> list[Enrolled]:
    """One row a person and stay, in the order of arrival."""
    enrolled: list[Enrolled] = []
    # A household's number belongs to one stay: the next stay is another household to HUD (5.09).
    for number, stay in enumerate(sorted(stays, key=lambda stay: (stay.entry, stay.key)), start=1):
        for presence in stay.presences:
            enrolled.append(_write_one(book, stay, presence, f"H{number:05d}"))
    return enrolled


def _write_one(book: Book, stay: Stay, presence: Presence, household: str) -> Enrolled:
    rng = stream(book.seed, f"enrollment/{stay.key}/{presence.person.personal_id}")
    number = str(len(book.rows["Enrollment"]) + 1)
    one = Enrolled(number, stay, presence, rng, _disabling_condition(rng, stay, presence.person))
    relation = presence.relationship
    row: Row = {
        "PersonalID": presence.personal_id,
        "ProjectID": stay.project.id,
        "EntryDate": presence.entry,
        "HouseholdID": household,
        "RelationshipToHoH": 99 if relation > 2 and chance(rng, 3) else relation,
        "EnrollmentCoC": COC,
        **_prior_living(one),
        "DisablingCondition": one.disabling,
        "DateOfEngagement": _engagement(one),
        "MoveInDate": stay.move_in if one.is_head else None,
        **program_questions(one),
    }
    book.write("Enrollment", stay.project.organization_id, presence.entry, row)
    return one


def _disabling_condition(rng: random.Random, stay: Stay, person: Person) -> int:
    """HUD 3.08. Where a home depends on it, everybody has told."""
    told = stay.project in (SUPPORTIVE, GARDEN_HOUSE) or person.told_by_hand
    return answer(rng, int(person.is_disabled), 0 if told else 4)


def _engagement(one: Enrolled) -> date | None:
    """HUD 4.13: the day somebody outreach knows agrees to a plan. Not everybody does."""
    if one.project not in (OUTREACH, NIGHTS) or not one.adult_or_head:
        return None
    if one.person.told_by_hand:
        return one.entry + timedelta(days=3)
    if not chance(one.rng, 78):
        return None
    day = one.entry + timedelta(days=one.rng.randint(0, 45))
    return day if day <= one.last_day else None


def _prior_living(one: Enrolled) -> Row:
    """HUD 3.917, asked of adults and heads: 3.917A in shelter and outreach, 3.917B elsewhere."""
    if not one.adult_or_head:
        return {}
    rng, situation = one.rng, one.stay.prior
    if chance(rng, 3) and not one.person.told_by_hand:
        situation = unknown(rng)
    length = pick(rng, _LENGTHS[:5] if one.person.told_by_hand else _LENGTHS) if situation > 99 else situation
    row: Row = {"LivingSituation": situation, "LengthOfStay": length}
    if situation == 435:
        row["RentalSubsidyType"] = pick(rng, ((433, 50), (434, 25), (420, 15), (431, 10)))
    if one.project.type in (0, 1, 4) or 100 <= situation < 200:
        return {**row, **_homeless_history(one, one.stay.homeless_since)}
    short = length in (_UNDER_90_DAYS if 200 <= situation < 300 else _UNDER_7_NIGHTS)
    row["LOSUnderThreshold"] = int(short) if situation > 99 else 99
    if not short:
        return row
    row["PreviousStreetESSH"] = came_from_street = int(chance(rng, 45))
    if came_from_street:
        since = one.entry - timedelta(days=rng.randint(7, 500))
        row |= _homeless_history(one, since)
    return row


def _homeless_history(one: Enrolled, since: date) -> Row:
    rng = one.rng
    if chance(rng, 5) and not one.person.told_by_hand:
        missing = unknown(rng)
        times, months = missing, missing
    else:
        times = 2 if one.person.told_by_hand else pick(rng, ((1, 44), (2, 24), (3, 14), (4, 18)))
        months = 101 + min(12, (one.entry - since).days // 30 + (times - 1) * rng.randint(0, 3))
    return {
        "DateToStreetESSH": since,
        "TimesHomelessPastThreeYears": times,
        "MonthsHomelessPastThreeYears": months,
    }
