"""EmploymentEducation and YouthEducationStatus."""

from __future__ import annotations

from datetime import date

from hmis.community.chance import answer, chance, pick, unknown
from hmis.community.records.book import AT_ENTRY, AT_EXIT, Book, Enrolled, Row
from hmis.community.stays import DECEASED


def write(book: Book, one: Enrolled) -> None:
    if not (one.is_rhy or one.is_ssvf or one.is_yhdp):
        return
    moments = [(one.entry, AT_ENTRY)]
    if one.presence.exit and one.presence.destination[0] != DECEASED:
        moments.append((one.presence.exit, AT_EXIT))
    for day, stage in moments:
        facts: Row = {"InformationDate": day, "DataCollectionStage": stage}
        if one.is_yhdp:
            book.write_about("YouthEducationStatus", one, day, facts | _school_today(one))
        if one.is_rhy or one.is_ssvf:
            book.write_about("EmploymentEducation", one, day, facts | _work_and_school(one, day))


def _work_and_school(one: Enrolled, day: date) -> Row:
    """R4 to R6."""
    rng, age = one.rng, one.person.age(day)
    grade = pick(
        rng, ((3, 4), (4, 22), (5, 38), (7, 10), (10, 12), (11, 5), (12, 3), (14, 3), (8, 1), (99, 2))
    )
    employed = answer(rng, int(chance(rng, 36)))
    row: Row = {"LastGradeCompleted": 4 if age < 18 else grade, "Employed": employed}
    if one.is_rhy:
        minor = ((1, 50), (2, 30), (5, 14), (6, 4), (7, 2))
        grown = ((1, 10), (2, 8), (3, 40), (4, 12), (5, 28), (99, 2))
        row["SchoolStatus"] = pick(rng, minor if age < 18 else grown)
    if employed == 1:
        row["EmploymentType"] = pick(rng, ((1, 28), (2, 50), (3, 22)))
    elif employed == 0:
        row["NotEmployedReason"] = pick(rng, ((1, 56), (2, 24), (3, 18), (99, 2)))
    return row


def _school_today(one: Enrolled) -> Row:
    """C3."""
    rng = one.rng
    attends = pick(rng, ((0, 60), (1, 10), (2, 26), (99, 4)))
    row: Row = {"CurrentSchoolAttend": attends if attends != 99 else unknown(rng)}
    if attends == 0:
        row["MostRecentEdStatus"] = pick(rng, ((0, 44), (1, 14), (2, 30), (3, 2), (6, 10)))
    elif attends in (1, 2):
        row["CurrentEdStatus"] = pick(rng, ((0, 36), (1, 34), (2, 14), (4, 16)))
    return row
